// The areas one by one: the table of all of them, worst served first, and the chosen one.
"use strict";
(function (sj) {
  const element = sj.element;
  const report = document.getElementById("report-data") ? sj.read("report") : { indicators: {} };
  const state = { indicator: null, chosen: -1, page: 0, sort: "rank", up: true, search: "" };
  let map = null;
  let veil = null;
  let ring = null;
  let order = [];
  let from = null;

  sj.told = (indicator) => indicator.told || report.indicators[indicator.key] || {};
  sj.report = report;

  const zones = () => sj.made.zones;
  const pageSize = () => report.rows || 10;
  const living = (zone) => (zones().data.people ? zones().data.people[zone] : 1);
  const valueOf = (indicator, zone) => (indicator.values ? indicator.values[zone] : null);
  const UNREACHED = new Set(["unreachable", "off_network"]);
  const UNRANKED = new Set(["no_population", "no_data", "no_supply", "outside_data", "unknown_service"]);

  // Worse is higher. Zones nobody lives in, or of which nothing is known, have no rank: they come last.
  function badness(indicator, zone) {
    const key = sj.rowOf(indicator, zone).key;
    if (sj.labelled(indicator)) {
      const place = parseInt(indicator.classes[zone], 36);
      return key === "no_data" || key === "no_population" || key === "island" ? null : -place;
    }
    if (UNRANKED.has(key) || living(zone) === 0) return null;
    const value = valueOf(indicator, zone);
    if (indicator.better === "lower is better") {
      if (UNREACHED.has(key) || value === null) return Infinity;
      return value;
    }
    if (value === null) return null;
    return indicator.better === "higher is better" ? -value : value;
  }

  function ranked(indicator) {
    const count = zones().shapes.length;
    const bad = Array.from({ length: count }, (_, zone) => badness(indicator, zone));
    const all = Array.from({ length: count }, (_, zone) => zone);
    all.sort(function (a, b) {
      if (bad[a] === null || bad[b] === null) return (bad[a] === null) - (bad[b] === null) || a - b;
      if (bad[a] !== bad[b]) return bad[a] > bad[b] ? -1 : 1;
      return living(b) - living(a) || a - b;
    });
    // The worst served are those that the report found; the others follow.
    const worst = sj.told(indicator).worst || [];
    const first = new Set(worst);
    const joined = worst.concat(all.filter((zone) => !first.has(zone)));
    return { zones: joined, places: new Map(joined.map((zone, place) => [zone, place])), bad: bad };
  }

  function rows() {
    const wanted = sj.fold(state.search);
    const kept = order.zones.filter((zone) => sj.filter.passes(zone) && (!wanted || sj.fold(sj.zoneName(zone) + zones().data.ids[zone]).includes(wanted)));
    const turn = state.up ? 1 : -1;
    if (state.sort === "rank") return state.up ? kept : kept.reverse();
    const key = {
      name: (zone) => sj.zoneName(zone),
      value: (zone) => valueOf(state.indicator, zone),
      people: (zone) => living(zone),
    }[state.sort];
    const compare =
      state.sort === "name"
        ? (a, b) => turn * key(a).localeCompare(key(b), sj.language.lang, { numeric: true })
        : (a, b) => (key(a) === null) - (key(b) === null) || turn * (key(a) - key(b)) || order.places.get(a) - order.places.get(b);
    return kept.sort(compare);
  }

  sj.visibleRows = () => rows();

  function valueCell(zone) {
    const row = sj.rowOf(state.indicator, zone);
    const value = sj.valueText(state.indicator, valueOf(state.indicator, zone));
    if (sj.labelled(state.indicator) || (sj.isReason(state.indicator, row) && !value)) return row.label;
    return value;
  }

  function button(name, text, act) {
    const made = element("button", name, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  function heading(key, word, name) {
    const cell = element("th", name);
    cell.scope = "col";
    const sorted = state.sort === key;
    if (sorted) cell.setAttribute("aria-sort", state.up ? "ascending" : "descending");
    const press = button("sort", sj.word(word), function () {
      state.up = sorted ? !state.up : key === "rank" || key === "name";
      state.sort = key;
      state.page = 0;
      table();
      document.querySelector("#areas th[data-key='" + key + "'] button").focus();
      sj.say(sj.word("page.areas.sorted", { column: sj.word(word) }));
    });
    if (sorted) {
      const arrow = element("span", "arrow", state.up ? "▲" : "▼");
      arrow.setAttribute("aria-hidden", "true");
      press.append(arrow);
    }
    cell.dataset.key = key;
    cell.append(press);
    return cell;
  }

  function line(zone) {
    const made = element("tr", zone === state.chosen ? "chosen" : "");
    const data = zones().data;
    const placed = order.bad[zone] !== null;
    made.append(element("td", "rank", placed ? sj.write(order.places.get(zone) + 1, 0) : "–"));
    const name = element("th");
    name.scope = "row";
    const press = button("area", "", (event) => sj.select(zone, { zoom: true, from: event.currentTarget }));
    press.append(sj.isolated(sj.zoneName(zone)));
    press.dataset.zone = zone;
    name.append(press);
    const value = element("td", "count");
    value.append(sj.isolated(valueCell(zone)));
    made.append(name, value);
    if (data.people) made.append(element("td", "count", data.people[zone] === null ? sj.word("legend.people.unknown") : sj.write(data.people[zone], 0)));
    made.addEventListener("click", (event) => event.target.closest("button") || sj.select(zone, { zoom: true, from: press }));
    made.addEventListener("pointerenter", () => point(zone));
    made.addEventListener("pointerleave", () => point(-1));
    return made;
  }

  function point(zone) {
    if (zones().over === zone) return;
    zones().over = zone;
    zones().mark.redraw();
  }

  // The heading says what comes first, whatever the table is sorted by.
  function caption() {
    if (state.sort !== "rank") {
      const column = { name: "page.areas.name", value: "page.value", people: "page.people" }[state.sort];
      return sj.word(state.up ? "page.areas.rising" : "page.areas.falling", { column: sj.word(column) });
    }
    return sj.word(rankedBy() + (state.up ? "" : ".last"));
  }

  // What comes first where nobody is called worst served: of what is neither good nor bad, and of what is no service.
  sj.extreme = function (indicator) {
    if (indicator.better === "none") return "highest";
    return indicator.served === false ? (indicator.better === "lower is better" ? "highest" : "lowest") : "";
  };

  function rankedBy() {
    if (sj.labelled(state.indicator)) return "page.areas.classes";
    return "page.areas." + (sj.extreme(state.indicator) || "worst");
  }

  function table() {
    const holder = document.querySelector("#areas .areas-table");
    const found = rows();
    const pages = Math.max(1, Math.ceil(found.length / pageSize()));
    state.page = Math.min(state.page, pages - 1);
    const start = state.page * pageSize();
    const shown = found.slice(start, start + pageSize());
    const made = element("table", "areas");
    made.append(element("caption", "hidden", caption() + ": " + state.indicator.title));
    const head = element("tr");
    head.append(heading("rank", "page.areas.rank", "rank"), heading("name", "page.areas.name", ""));
    head.append(heading("value", "page.value", "count"));
    if (zones().data.people) head.append(heading("people", "page.people", "count"));
    made.append(element("thead"), element("tbody"));
    made.tHead.append(head);
    made.tBodies[0].append(...shown.map(line));
    const foot = element("div", "pager");
    const back = button("step", sj.word("page.areas.back"), () => turn(-1));
    const on = button("step", sj.word("page.areas.on"), () => turn(1));
    back.disabled = state.page === 0;
    on.disabled = state.page >= pages - 1;
    const where = found.length
      ? sj.word("page.areas.range", {
          first: sj.write(start + 1, 0),
          last: sj.write(start + shown.length, 0),
          all: sj.write(found.length, 0),
        })
      : sj.word("page.areas.none");
    foot.append(back, element("span", "where", where), on);
    holder.replaceChildren(made, foot);
    document.querySelector("#areas h2").textContent = caption();
  }

  function turn(steps) {
    state.page += steps;
    table();
    const found = document.querySelectorAll("#areas .pager .step");
    const at = found[steps < 0 ? 0 : 1];
    (at.disabled ? found[steps < 0 ? 1 : 0] : at).focus();
    sj.say(document.querySelector("#areas .where").textContent);
  }

  function layTable() {
    const holder = document.getElementById("areas");
    const search = element("input", "search");
    search.type = "search";
    search.id = "area-search";
    search.autocomplete = "off";
    search.value = state.search;
    search.setAttribute("aria-label", sj.word("page.areas.search"));
    search.placeholder = sj.word("page.areas.search");
    search.addEventListener("input", function () {
      state.search = search.value;
      state.page = 0;
      table();
      sj.say([sj.search(search.value), document.querySelector("#areas .where").textContent].filter(Boolean).join(", "));
    });
    holder.replaceChildren(element("h2"), search, element("ul", "found"), element("div", "areas-table"));
    table();
    sj.search(search.value);
  }

  function shownAnew() {
    veil.redraw();
    state.page = 0;
    table();
  }

  // The profile of one area.
  function standing(indicator, value, reached) {
    const told = sj.told(indicator);
    if (!told.centiles || (value === null && reached)) return null;
    const lower = indicator.better === "lower is better";
    const at = value === null ? Infinity : value;
    const worse = told.centiles.filter(function (centile) {
      const one = centile === null ? Infinity : centile;
      return lower ? one > at : one < at;
    });
    return worse.length;
  }

  sj.standing = function (indicator, zone) {
    const row = sj.rowOf(indicator, zone);
    if (order.bad && indicator === state.indicator && order.bad[zone] === null) return null;
    if (row.key === "no_data" || row.key === "no_population" || living(zone) === 0) return null;
    return standing(indicator, valueOf(indicator, zone), !UNREACHED.has(row.key));
  };

  const profile = () => sj.showProfile(state.chosen, state.indicator, () => sj.select(-1, {}));

  function boundsOf(zone) {
    const box = zones().shapes[zone].box;
    return L.latLngBounds(map.unproject(L.point(box[0], box[3]), 0), map.unproject(L.point(box[2], box[1]), 0));
  }

  // Show an area beside its profile, which lies over the lower part of a phone's map and over a side of a wide one, and
  // no farther over the edge of the place than must be.
  function nearer(zone, frame) {
    const sheet = document.getElementById("profile").getBoundingClientRect();
    const below = sheet.width > frame.width * 0.8;
    const right = !below && sheet.left + sheet.width / 2 > frame.left + frame.width / 2;
    const cover = { x: below ? 0 : Math.min(frame.width * 0.6, sheet.width + 70), y: below ? Math.min(sheet.height, frame.height * 0.62) : 0 };
    const free = L.point(frame.width - cover.x, frame.height - cover.y);
    const closest = map.getBoundsZoom(L.latLngBounds(sj.bounds)) + 1.75;
    const zoom = Math.min(closest, map.getBoundsZoom(boundsOf(zone), false, L.point(frame.width - free.x + 80, frame.height - free.y + 80)));
    const [first, last] = [map.project(sj.place.getNorthWest(), zoom), map.project(sj.place.getSouthEast(), zoom)];
    const middle = map.project(boundsOf(zone).getCenter(), zoom);
    for (const axis of ["x", "y"]) {
      const room = free[axis] / 2;
      if (last[axis] - first[axis] < 2 * room) middle[axis] = (first[axis] + last[axis]) / 2;
      else middle[axis] = Math.max(first[axis] + room, Math.min(last[axis] - room, middle[axis]));
    }
    const shift = L.point(((right ? 1 : -1) * cover.x) / 2, cover.y / 2);
    map.setView(map.unproject(middle.add(shift), zoom), zoom, { animate: !sj.still() });
  }

  // Choose an area (or none): its outline, its profile, and on request a closer look at it.
  sj.select = function (zone, how) {
    const before = state.chosen;
    state.chosen = zone;
    sj.state.set({ area: zone < 0 ? null : zones().data.ids[zone] });
    if (how.from) from = how.from;
    point(-1);
    ring.redraw();
    profile();
    for (const one of document.querySelectorAll("#areas tbody tr")) {
      one.classList.toggle("chosen", Number(one.querySelector("[data-zone]").dataset.zone) === zone);
    }
    if (zone < 0) {
      if (before >= 0 && from && from.isConnected) from.focus();
      from = null;
      if (before >= 0) sj.say(sj.word("page.profile.closed"));
      return;
    }
    if (how.zoom) {
      // Close enough to see the area, far enough to see where it lies.
      const frame = map.getContainer().getBoundingClientRect();
      if (frame.top < -frame.height / 3 || frame.top > innerHeight / 2) map.getContainer().scrollIntoView({ block: "start" });
      nearer(zone, frame);
    }
    const holder = document.getElementById("profile");
    sj.say(Array.from(holder.querySelectorAll("h2, .profile-what, .profile-value, .fact"), (node) => node.textContent).join(", "));
  };

  sj.chosenZone = () => state.chosen;

  function finding() {
    const holder = document.getElementById("finding");
    if (!holder) return;
    holder.textContent = sj.pick(sj.told(state.indicator).finding);
    holder.hidden = !holder.textContent;
    const caveats = document.getElementById("caveats");
    caveats.replaceChildren(...(sj.told(state.indicator).caveats || []).map((one) => sj.element("p", "caveat", sj.pick(one))));
    caveats.hidden = !caveats.childElementCount;
  }

  sj.areas = {
    start: function (where) {
      map = where;
      sj.bounds = map.getBounds();
      const pane = map.createPane("veil");
      pane.style.zIndex = 432;
      pane.style.pointerEvents = "none";
      const top = map.createPane("ring");
      top.style.zIndex = 436;
      top.style.pointerEvents = "none";
      veil = new sj.Sheet(function (context, view) {
        if (!state.indicator || !sj.filter.on()) return;
        const away = zones().shapes.filter((_, zone) => !sj.filter.passes(zone));
        context.fillStyle = "rgba(250, 250, 248, 0.86)";
        sj.inBatches(context, away, view, true, () => context.fill());
      }, { pane: "veil" });
      ring = new sj.Sheet(function (context, view) {
        if (state.chosen < 0) return;
        const shape = [zones().shapes[state.chosen]];
        for (const [colour, width] of [["#ffffff", 6], ["#0b5d6b", 3]]) {
          context.strokeStyle = colour;
          context.lineWidth = width;
          sj.inBatches(context, shape, view, true, () => context.stroke());
        }
      }, { pane: "ring" });
      veil.addTo(map);
      ring.addTo(map);
      sj.filter.start(shownAnew);
      sj.worst.start(map);
      document.addEventListener("keydown", function (event) {
        if (event.key === "Escape" && state.chosen >= 0) sj.select(-1, {});
      });
    },
    show: function (indicator) {
      state.indicator = indicator;
      sj.filter.show(indicator);
      state.page = 0;
      state.sort = "rank";
      state.up = true;
      order = ranked(indicator);
      this.retell();
      veil.redraw();
    },
    retell: function () {
      finding();
      sj.worst.show(state.indicator);
      layTable();
      sj.filter.lay();
      sj.filter.apply();
      profile();
    },
  };
})(window.spatialjustice);
