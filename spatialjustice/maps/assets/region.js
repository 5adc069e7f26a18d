// Several areas together: those in a drawn circle or polygon, or picked one by one; who lives there and what they reach.
"use strict";
(function (sj) {
  const element = sj.element;
  const UNKNOWN = new Set(["no_population", "no_data", "no_supply", "outside_data", "unknown_service"]);
  const EARTH = 6371008.8;
  const state = { zones: new Set(), drawing: "", corners: [], radius: 500, shape: null };
  let map = null;
  let sheet = null;
  let middles = null;

  const made = () => sj.made.zones;
  const living = (zone) => (made().data.people ? made().data.people[zone] || 0 : 1);

  // The middle of an area, as the mean of the corners of its first ring.
  function middle(zone) {
    if (!middles) middles = new Map();
    if (!middles.has(zone)) {
      const ring = made().shapes[zone].rings[0];
      let [x, y] = [0, 0];
      for (let place = 0; place < ring.length; place += 2) {
        x += ring[place];
        y += ring[place + 1];
      }
      middles.set(zone, [(2 * x) / ring.length, (2 * y) / ring.length]);
    }
    return middles.get(zone);
  }

  const latlng = (zone) => map.unproject(L.point(middle(zone)), 0);

  function metres(one, other) {
    const turn = Math.PI / 180;
    const part = Math.sin(((other.lat - one.lat) * turn) / 2) ** 2 + Math.cos(one.lat * turn) * Math.cos(other.lat * turn) * Math.sin(((other.lng - one.lng) * turn) / 2) ** 2;
    return 2 * EARTH * Math.asin(Math.sqrt(part));
  }

  function within(corners, [x, y]) {
    let inside = false;
    for (let here = 0, before = corners.length - 1; here < corners.length; before = here, here += 1) {
      const [x1, y1] = corners[here];
      const [x2, y2] = corners[before];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    }
    return inside;
  }

  function circle(centre, radius) {
    state.shape = { centre: centre, radius: radius };
    state.zones = new Set(made().shapes.map((_, zone) => zone).filter((zone) => metres(centre, latlng(zone)) <= radius));
    told();
  }

  function polygon() {
    const corners = state.corners.map((one) => sj.toWorld(one.lng, one.lat));
    state.shape = { corners: state.corners };
    state.zones = new Set(made().shapes.map((_, zone) => zone).filter((zone) => within(corners, middle(zone))));
    told();
  }

  // Mean over people whose value is known, and the share of people within the limit; null where nothing is known.
  sj.regionOf = function (indicator, zones) {
    let [sum, known, ranked, inside, people] = [0, 0, 0, 0, 0];
    const limits = (indicator.legend.limits || []).filter((one) => one.widest);
    const last = limits.length ? limits[limits.length - 1].after : -1;
    for (const zone of zones) {
      const count = living(zone);
      people += count;
      const place = parseInt(indicator.classes[zone], 36);
      const row = indicator.legend.rows[place];
      const value = indicator.values[zone];
      if (UNKNOWN.has(row.key) || !count) continue;
      ranked += count;
      if (indicator.kind === "count" ? value >= 1 : last >= 0 && row.key.startsWith("class_") && place <= last) inside += count;
      if (value === null || !(row.key.startsWith("class_") || row.key === "beyond_cutoff")) continue;
      sum += value * count;
      known += count;
    }
    const limited = indicator.kind === "count" || last >= 0;
    return { people: people, mean: known ? sum / known : null, within: limited && ranked ? inside / ranked : null };
  };

  // “worse than 96 % of people”, whichever of better and worse says more.
  sj.standingOf = function (indicator, value) {
    const centiles = sj.told(indicator).centiles;
    if (!centiles || indicator.better === "none") return "";
    const turn = indicator.better === "lower is better" ? 1 : -1;
    const at = value === null ? Infinity : value;
    const numbers = centiles.map((one) => turn * (one === null ? Infinity : one));
    const worse = numbers.filter((one) => one > turn * at).length;
    const better = numbers.filter((one) => one < turn * at).length;
    if (!worse && !better) return sj.word("page.profile.alike");
    if (worse >= better) return sj.word("page.profile.better", { share: sj.write(worse, 0) + sj.digits("%") });
    return sj.word("page.profile.worse", { share: sj.write(better, 0) + sj.digits("%") });
  };

  function cell(tag, name, text) {
    const one = element(tag, name);
    if (tag === "th") one.scope = "row";
    one.append(sj.isolated(text));
    return one;
  }

  function measures() {
    const table = element("table", "areas region-table");
    table.append(element("caption", "hidden", sj.word("page.region.measures")));
    const head = element("tr");
    for (const [word, name] of [["page.region.measure", ""], ["page.region.mean", "count"], ["page.region.within", "count"]]) {
      const one = element("th", name, sj.word(word));
      one.scope = "col";
      head.append(one);
    }
    table.append(element("thead"), element("tbody"));
    table.tHead.append(head);
    for (const indicator of made().data.indicators) {
      if (!indicator.values || sj.labelled(indicator) || !["cost", "count", "share"].includes(indicator.kind)) continue;
      const found = sj.regionOf(indicator, state.zones);
      const line = element("tr");
      const name = cell("th", "", (indicator.group ? indicator.group + ": " : "") + indicator.title);
      const standing = found.mean === null ? "" : sj.standingOf(indicator, found.mean);
      if (standing) name.append(element("span", "region-standing", standing));
      const decimals = indicator.decimals === 0 && indicator.kind === "count" ? 1 : indicator.decimals;
      const mean = found.mean === null ? "–" : indicator.percent ? sj.write(found.mean, 1) + sj.digits("%") : sj.write(found.mean, decimals) + (indicator.short ? "\u00a0" + indicator.short : "");
      line.append(name, cell("td", "count", mean), cell("td", "count", found.within === null ? "–" : sj.percent(found.within, 1)));
      table.tBodies[0].append(line);
    }
    return table;
  }

  function groups() {
    const list = element("ul", "region-groups");
    let all = 0;
    for (const zone of state.zones) all += living(zone);
    for (const group of sj.report.groups || []) {
      let inside = 0;
      for (const zone of state.zones) inside += group.people[zone] || 0;
      const line = element("li");
      line.append(sj.isolated(sj.pick(group.title)), ": ", sj.isolated(sj.peopleText(inside)), " ", sj.isolated("(" + sj.percent(all ? inside / all : 0, 1) + ")"));
      list.append(line);
    }
    return list;
  }

  function told() {
    const holder = document.getElementById("region-told");
    if (sheet) sheet.redraw();
    if (!holder) return;
    document.getElementById("region-clear").hidden = document.getElementById("region-print").hidden = !state.zones.size;
    if (!state.zones.size) return holder.replaceChildren(element("p", "legend-note", sj.word(state.shape ? "page.region.none" : "page.region.how")));
    let people = 0;
    for (const zone of state.zones) people += living(zone);
    const counted = made().data.people ? sj.peopleText(people) : "";
    const head = element("p", "region-head", sj.word("page.region.areas", { count: sj.write(state.zones.size, 0) }) + (counted ? sj.word("language.comma") + counted : ""));
    const mode = sj.modes.chosen ? sj.modes.title(sj.modes.chosen) : "";
    const notes = [mode, state.shape && state.shape.radius ? sj.word("page.region.radius.is", { radius: sj.write(state.shape.radius, 0) + "\u00a0" + sj.word("unit.metres.short") }) : "", sj.word("page.region.note")];
    holder.replaceChildren(head, groups(), measures(), element("p", "legend-note", notes.filter(Boolean).join(" · ")));
    sj.say(head.textContent);
  }

  function draw(kind) {
    state.drawing = state.drawing === kind ? "" : kind;
    state.corners = [];
    map.getContainer().classList.toggle("drawing", Boolean(state.drawing));
    if (state.drawing === "circle" || state.drawing === "polygon") map.dragging.disable();
    else map.dragging.enable();
    if (state.drawing === "polygon") map.doubleClickZoom.disable();
    else map.doubleClickZoom.enable();
    for (const button of document.querySelectorAll("[data-draw]")) button.setAttribute("aria-pressed", String(button.dataset.draw === state.drawing));
    if (state.drawing) sj.say(sj.word("page.region.how." + state.drawing));
  }

  // The map asks first whether a click is a corner or a pick.
  sj.regionClick = function (event) {
    if (!state.drawing) return false;
    if (state.drawing === "polygon") {
      state.corners.push(event.latlng);
      sheet.redraw();
    }
    if (state.drawing === "pick") pick(made().find(event.latlng));
    return true;
  };

  function pick(zone) {
    if (zone < 0) return;
    state.shape = null;
    if (!state.zones.delete(zone)) state.zones.add(zone);
    told();
  }

  function button(id, word, act) {
    const one = element("button", "plain-button", sj.word(word));
    one.type = "button";
    one.id = id;
    one.addEventListener("click", act);
    return one;
  }

  function clear() {
    Object.assign(state, { zones: new Set(), shape: null, corners: [] });
    told();
  }

  function lay() {
    const holder = document.getElementById("region-body");
    if (!holder) return;
    const tools = element("div", "region-tools");
    for (const kind of ["circle", "polygon", "pick"]) {
      const one = button("", "page.region." + kind, () => draw(kind));
      one.removeAttribute("id");
      one.dataset.draw = kind;
      one.setAttribute("aria-pressed", String(state.drawing === kind));
      tools.append(one);
    }
    const radius = element("input");
    radius.type = "number";
    radius.id = "region-radius";
    radius.min = 50;
    radius.max = 100000;
    radius.step = 50;
    radius.value = state.radius;
    radius.addEventListener("input", () => Number(radius.value) > 0 && (state.radius = Number(radius.value)));
    const label = element("label", "field", sj.word("page.region.radius"));
    label.append(radius);
    const from = () => (sj.chosenZone() >= 0 ? latlng(sj.chosenZone()) : map.getCenter());
    const keys = element("div", "region-tools");
    keys.append(
      button("region-around", "page.region.around", () => circle(from(), state.radius)),
      button("region-add", "page.region.add", () => (sj.chosenZone() >= 0 ? pick(sj.chosenZone()) : sj.say(sj.word("page.region.choose")))),
    );
    const ends = element("div", "region-tools");
    ends.append(button("region-print", "page.region.print", print), button("region-clear", "page.region.clear", clear));
    const told_ = element("div");
    told_.id = "region-told";
    holder.replaceChildren(tools, label, keys, told_, ends);
    told();
  }

  // One sheet with the map, what was asked and what was found.
  function print() {
    document.documentElement.dataset.paper = "region";
    addEventListener("afterprint", () => delete document.documentElement.dataset.paper, { once: true });
    window.print();
  }

  sj.region = {
    start: function (where) {
      map = where;
      if (!document.getElementById("region-body")) return;
      const pane = map.createPane("region");
      pane.style.zIndex = 434;
      pane.style.pointerEvents = "none";
      sheet = new sj.Sheet(function (context, view) {
        context.strokeStyle = "#0b3d91";
        context.fillStyle = "rgba(11, 61, 145, 0.13)";
        context.lineWidth = 1.6;
        const shapes = Array.from(state.zones, (zone) => made().shapes[zone]);
        sj.inBatches(context, shapes, view, true, function () {
          context.fill();
          context.stroke();
        });
        const outline = outlineOf();
        if (outline.length < 2) return;
        context.lineWidth = 2.4;
        context.setLineDash([7, 4]);
        context.beginPath();
        for (const [x, y] of outline) context.lineTo(x * view.scale + view.x, y * view.scale + view.y);
        if (!state.drawing || state.shape) context.closePath();
        context.stroke();
        context.setLineDash([]);
      }, { pane: "region" });
      sheet.addTo(map);
      let centre = null;
      map.on("mousedown", (event) => state.drawing === "circle" && (centre = event.latlng));
      map.on("mousemove", function (event) {
        if (!centre) return;
        state.shape = { centre: centre, radius: metres(centre, event.latlng) };
        sheet.redraw();
      });
      map.on("mouseup", function (event) {
        if (!centre) return;
        const radius = metres(centre, event.latlng);
        const at = centre;
        centre = null;
        state.radius = Math.max(50, Math.round(radius > 20 ? radius : state.radius));
        document.getElementById("region-radius").value = state.radius;
        circle(at, state.radius);
        draw("");
      });
      const close = function () {
        if (state.drawing !== "polygon" || state.corners.length < 3) return;
        polygon();
        const kept = state.shape;
        draw("");
        state.shape = kept;
        sheet.redraw();
      };
      map.on("dblclick", close);
      document.addEventListener("keydown", function (event) {
        if (event.key === "Enter" && state.drawing === "polygon") close();
        if (event.key === "Escape" && state.drawing) draw("");
      });
      document.addEventListener("sj:mode", told);
      sj.onLanguage(lay);
      lay();
    },
  };

  function outlineOf() {
    if (state.shape && state.shape.centre) {
      const { centre, radius } = state.shape;
      const turn = 180 / Math.PI;
      const [up, along] = [(radius / EARTH) * turn, ((radius / EARTH) * turn) / Math.cos(centre.lat / turn)];
      return Array.from({ length: 73 }, (_, step) => (step * Math.PI) / 36).map((angle) => sj.toWorld(centre.lng + along * Math.cos(angle), centre.lat + up * Math.sin(angle)));
    }
    return (state.shape && state.shape.corners ? state.shape.corners : state.corners).map((one) => sj.toWorld(one.lng, one.lat));
  }
})(window.spatialjustice);
