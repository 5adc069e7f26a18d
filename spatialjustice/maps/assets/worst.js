// Where the badly served live: neighbourhoods with numbers that stand on the map, gaps of the street map, districts.
"use strict";
(function (sj) {
  const element = sj.element;
  const FIRST_DISTRICTS = 10;
  const state = { told: {}, indicator: null, active: null, all: false };
  let map = null;
  let sheet = null;

  const zones = () => sj.made.zones;
  const groups = () => (state.told.neighbourhoods ? state.told.neighbourhoods.first : []);

  // What a neighbourhood is called: by its own name, else by that of its zone with most people.
  function called(group) {
    const data = zones().data;
    const part = data.part_of ? data.part_of[group.named] : -1;
    return part >= 0 ? data.parts[part] : sj.zoneName(group.named);
  }

  const once = (all, name) => all.indexOf(name) === all.lastIndexOf(name);

  // Several neighbourhoods of one name are told apart by the street of most people, and at last by its zone.
  function names(list) {
    const short = list.map(called);
    const zone = list.map((group) => sj.zoneName(group.named));
    const street = zone.map((name) => name.replace(/ \([\d۰-۹]+\)$/, ""));
    return short.map((name, place) => (once(short, name) ? name : once(street, street[place]) ? street[place] : zone[place]));
  }

  const centre = (zone) => {
    const box = zones().shapes[zone].box;
    return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  };

  function boxOf(places) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const zone of places) {
      const one = zones().shapes[zone].box;
      for (const side of [0, 1]) box[side] = Math.min(box[side], one[side]);
      for (const side of [2, 3]) box[side] = Math.max(box[side], one[side]);
    }
    return L.latLngBounds(map.unproject(L.point(box[0], box[3]), 0), map.unproject(L.point(box[2], box[1]), 0));
  }

  // Bring zones into view and draw a line around them.
  sj.lookAt = function (places) {
    state.active = places;
    sheet.redraw();
    const frame = map.getContainer().getBoundingClientRect();
    if (frame.top < -frame.height / 3 || frame.top > innerHeight / 2) map.getContainer().scrollIntoView({ block: "start" });
    const closest = map.getBoundsZoom(L.latLngBounds(sj.bounds)) + 2.5;
    map.fitBounds(boxOf(places), { maxZoom: closest, padding: [50, 50], animate: !sj.still() });
  };

  function outline(context, view) {
    if (!state.active) return;
    const shapes = state.active.map((zone) => zones().shapes[zone]);
    for (const [colour, width] of [["#ffffff", 9], ["#11181c", 5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      sj.inBatches(context, shapes, view, true, () => context.stroke());
    }
    // Only the line around all of them is left.
    context.globalCompositeOperation = "destination-out";
    context.lineWidth = 1;
    sj.inBatches(context, shapes, view, true, () => {
      context.fill();
      context.stroke();
    });
    context.globalCompositeOperation = "source-over";
  }

  function numbers(context, view) {
    // On the page of a remedy the numbers are those of its sites.
    const sites = sj.report.decision ? sj.report.decision.sites.map((site) => map.project(L.latLng(site.at), 0)) : null;
    const layer = sites && sj.made.services.find((one) => one.data.shape === "numbered");
    const colour = layer ? layer.data.colour : "#11181c";
    const list = sites ? sites.map((spot) => [spot.x, spot.y]) : groups().map((group) => centre(group.middle));
    context.textAlign = "center";
    context.textBaseline = "middle";
    // The first stands above the others.
    for (let place = list.length - 1; place >= 0; place -= 1) {
      const [x, y] = list[place].map((one, side) => one * view.scale + (side ? view.y : view.x));
      context.beginPath();
      context.arc(x, y, 11, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = "#ffffff";
      context.stroke();
      context.fillStyle = "#ffffff";
      context.font = '700 13px "Vazirmatn Variable", system-ui, sans-serif';
      context.fillText(sj.write(place + 1, 0), x, y + 0.5);
    }
  }

  function cell(tag, name, text) {
    const made = element(tag, name);
    if (text !== undefined) made.append(sj.isolated(text));
    return made;
  }

  function head(words) {
    const line = element("tr");
    words.forEach(function (word, place) {
      const made = element("th", place === 0 ? "rank" : place > 1 ? "count" : "", sj.word(word));
      made.scope = "col";
      line.append(made);
    });
    const made = element("thead");
    made.append(line);
    return made;
  }

  function row(rank, name, cells, press) {
    const line = element("tr");
    const holder = element("th");
    holder.scope = "row";
    const button = element("button", "area");
    button.type = "button";
    button.append(sj.isolated(name));
    button.addEventListener("click", press);
    holder.append(button);
    line.append(cell("td", "rank", rank), holder, ...cells.map((text) => cell("td", "count", text)));
    line.addEventListener("click", (event) => event.target.closest("button") || press());
    return line;
  }

  function table(caption, words, rows) {
    const made = element("table", "areas");
    made.append(element("caption", "hidden", caption), head(words), element("tbody"));
    made.tBodies[0].append(...rows);
    return made;
  }

  const counted = () => (zones().data.people ? "page.people" : "legend.zones");
  const suffix = () => (zones().data.people ? "" : ".zones");

  function said(key, found) {
    return sj.word(key + suffix(), { people: sj.write(found.people, 0), count: sj.write(found.count, 0) });
  }

  // Of what is no service, as of the air, nobody is worst served: the list is of the highest or lowest values.
  const titled = (found) => sj.word(["highest", "lowest"].includes(found.rule) ? "page.worst." + found.rule : "page.worst");

  function lay(id, key, found) {
    const holder = document.getElementById(id);
    holder.hidden = !found;
    if (!found) return holder.replaceChildren();
    const title = id === "worst" ? titled(found) : sj.word("page." + key);
    const list = found.first;
    const withValue = list.some((group) => group.value !== null) && id === "worst";
    const called_ = names(list);
    const rows = list.map(function (group, place) {
      const cells = withValue ? [sj.valueText(state.indicator, group.value)] : [];
      cells.push(sj.write(group.people, 0));
      const number = id === "worst" ? sj.write(place + 1, 0) : "–";
      return row(number, called_[place], cells, () => {
        sj.lookAt(group.zones);
        sj.say(called_[place] + ", " + cells.join(", "));
      });
    });
    const words = ["page.areas.rank", id === "worst" ? "page.worst.name" : "page.areas.name"];
    if (withValue) words.push("page.worst.mean");
    words.push(counted());
    holder.replaceChildren(
      element("h2", "", title),
      element("p", "worst-told", said("page." + key + ".told." + found.rule, found)),
      table(title + ": " + state.indicator.title, words, rows),
    );
    if (found.count > list.length) {
      holder.append(element("p", "worst-rest", sj.word("page.worst.rest", { count: sj.write(found.count - list.length, 0) })));
    }
  }

  // Zones of a district: districts are the parts of the city where a study has them.
  function zonesOf(name) {
    const data = zones().data;
    const part = data.parts ? data.parts.indexOf(name) : -1;
    return part < 0 ? [] : data.part_of.flatMap((one, zone) => (one === part ? [zone] : []));
  }

  function layDistricts() {
    const holder = document.getElementById("districts");
    const ranked = state.told.districts;
    holder.hidden = !ranked;
    if (!ranked) return holder.replaceChildren();
    const called_ = sj.pick(sj.report.districts);
    const limited = ranked.some((one) => one[2] !== null);
    const indicator = state.indicator;
    const shown = state.all ? ranked : ranked.slice(0, FIRST_DISTRICTS);
    const words = ["page.areas.rank", "page.districts.name"].concat(
      limited ? ["page.districts.beyond", "page.districts.share"] : [counted(), "page.worst.mean"],
    );
    if (limited || indicator.better !== "none") words.push("page.districts.tenth" + (!limited && sj.extreme(indicator) ? "." + sj.extreme(indicator) : ""));
    const rows = shown.map(function (one, place) {
      const [district, people, beyond, , mean, tenth, endless] = one;
      const name = district < 0 ? sj.word("page.districts.outside") : called_[district];
      const cells = limited
        ? [sj.write(beyond || 0, 0), people ? sj.percent((beyond || 0) / people, 0) : "–"]
        : [sj.write(people, 0), sj.valueText(indicator, mean) || "–"];
      if (limited || indicator.better !== "none") cells.push(endless ? sj.word("page.districts.no_way") : sj.valueText(indicator, tenth) || "–");
      const press = () => district >= 0 && zonesOf(name).length && sj.lookAt(zonesOf(name));
      return row(sj.write(place + 1, 0), name, cells, press);
    });
    const title = sj.word("page.districts");
    const key = limited ? "page.districts.told.beyond" : "page.districts.told." + ({ highest: "most", lowest: "least" }[sj.extreme(indicator)] || "mean");
    holder.replaceChildren(
      element("h2", "", title),
      element("p", "worst-told", sj.word(key + suffix())),
      table(title + ": " + indicator.title, words, rows),
    );
    if (ranked.length > FIRST_DISTRICTS) {
      const more = element("button", "plain-button more", sj.word(state.all ? "page.districts.fewer" : "page.districts.all", { count: sj.write(ranked.length, 0) }));
      more.type = "button";
      more.setAttribute("aria-expanded", String(state.all));
      more.addEventListener("click", function () {
        state.all = !state.all;
        layDistricts();
        holder.querySelector(".more").focus();
      });
      holder.append(more);
    }
  }

  // The list as lines of text, for the picture.
  sj.worstLines = function () {
    const list = groups();
    if (!list.length) return {};
    const said_ = names(list).map((name, place) => [sj.write(place + 1, 0), "\u2068" + name + "\u2069", sj.write(list[place].people, 0)]);
    return { title: titled(state.told.neighbourhoods), note: said("page.worst.told." + state.told.neighbourhoods.rule, state.told.neighbourhoods), rows: said_ };
  };

  sj.worst = {
    start: function (where) {
      map = where;
      const pane = map.createPane("worst");
      pane.style.zIndex = 445;
      pane.style.pointerEvents = "none";
      const lines = map.createPane("worst-lines");
      lines.style.zIndex = 434;
      lines.style.pointerEvents = "none";
      const around = new sj.Sheet(outline, { pane: "worst-lines" });
      const above = new sj.Sheet(numbers, { pane: "worst" });
      around.addTo(map);
      above.addTo(map);
      sheet = {
        redraw: function () {
          around.redraw();
          above.redraw();
        },
      };
      document.fonts.load('700 13px "Vazirmatn Variable"', "0123456789").then(() => above.redraw());
      sj.onLanguage((from, to) => zones().data.streets && sj.translate(zones().data.streets, from, to));
      document.addEventListener("keydown", function (event) {
        if (event.key !== "Escape" || !state.active) return;
        state.active = null;
        around.redraw();
      });
    },
    show: function (indicator) {
      if (indicator !== state.indicator) state.active = null;
      state.indicator = indicator;
      state.told = sj.told(indicator);
      lay("worst", "worst", state.told.neighbourhoods);
      lay("gaps", "gaps", state.told.gaps);
      layDistricts();
      sheet.redraw();
    },
  };
})(window.spatialjustice);
