// Finding neighbourhoods, streets, labels of the ground and places of services by their names.
"use strict";
(function (sj) {
  const element = sj.element;
  const MOST = 8;
  const SHORTEST = 2;
  let known = null;
  let language = "";

  function steps(packed, act) {
    let [x, y] = [0, 0];
    for (let place = 0; place < packed.length; place += 2) {
      x += packed[place];
      y += packed[place + 1];
      act(place / 2, L.latLng(y * 1e-5, x * 1e-5));
    }
  }

  // Everything that has a name, folded once for each language.
  function everything() {
    if (known && language === sj.language.lang) return known;
    language = sj.language.lang;
    known = [];
    const add = (rank, kind, name, go, at) => name && known.push({ rank: rank, kind: kind, name: name, folded: sj.fold(name), go: go, at: at.lat === undefined ? null : at, zones: at.lat === undefined ? at : null });
    const data = sj.made.zones.data;
    const parts = new Map();
    (data.part_of || []).forEach((part, zone) => part >= 0 && (parts.has(part) ? parts.get(part).push(zone) : parts.set(part, [zone])));
    const kind = sj.report.districts && Object.keys(sj.report.districts).length ? "page.districts.name" : "page.worst.name";
    for (const [part, zones] of parts) add(0, sj.word(kind), data.parts[part], () => sj.lookAt(zones), zones);
    const labels = sj.made.labels;
    if (labels) {
      const names = labels.names[language] || labels.names.en;
      steps(labels.points, (place, at) => add(1, sj.word("page.search.label"), names[place], () => visit(at, names[place]), at));
    }
    if (data.streets) steps(data.streets.points, (place, at) => add(2, sj.word("page.search.street"), data.streets.names[place], () => visit(at, data.streets.names[place]), at));
    for (const layer of sj.made.services) {
      layer.points.forEach((point, place) => add(3, layer.data.title, layer.data.names[place], () => visit(point.latlng, layer.data.names[place], layer), point.latlng));
    }
    return known;
  }

  function visit(at, name, layer) {
    const map = sj.map;
    if (layer && !map.hasLayer(layer.sheet)) map.addLayer(layer.sheet);
    const frame = map.getContainer().getBoundingClientRect();
    if (frame.top < -frame.height / 3 || frame.top > innerHeight / 2) map.getContainer().scrollIntoView({ block: "start" });
    const closest = map.getBoundsZoom(L.latLngBounds(sj.bounds)) + 2.5;
    map.setView(at, Math.max(map.getZoom(), closest), { animate: !sj.still() });
    const holder = element("div", "card-body");
    holder.dir = sj.language.dir;
    for (const [style, text] of [["card-title", name], ["card-label", layer ? layer.data.title : ""]]) {
      if (!text) continue;
      const line = element("div", style);
      line.append(sj.isolated(text));
      holder.append(line);
    }
    L.popup({ className: "card", maxWidth: 280, autoPan: false }).setLatLng(at).setContent(holder).openOn(map);
  }

  // Those that begin with what is looked for come first, then neighbourhoods, labels, streets and places.
  function find(text) {
    const wanted = sj.fold(text);
    if (wanted.length < SHORTEST) return [];
    const found = everything().filter((one) => one.folded.includes(wanted));
    found.sort((a, b) => b.folded.startsWith(wanted) - a.folded.startsWith(wanted) || a.rank - b.rank || a.folded.length - b.folded.length);
    // A label that names a neighbourhood is found once.
    const seen = new Set();
    return found.filter(function (one) {
      const key = (one.rank < 2 ? "" : one.kind) + "\n" + one.folded;
      if (one.rank < 2 && seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  // What is found, each with the point or the zones it stands for.
  sj.searched = find;

  // Lists what is found; returns how much that is, to be said aloud.
  sj.search = function (text) {
    const holder = document.querySelector("#areas .found");
    if (!holder) return "";
    const found = find(text);
    const shown = found.slice(0, MOST);
    holder.hidden = !shown.length;
    holder.replaceChildren(
      ...shown.map(function (one) {
        const line = element("li");
        const button = element("button", "area");
        button.type = "button";
        button.append(sj.isolated(one.name));
        button.addEventListener("click", one.go);
        const kind = element("span", "found-kind");
        kind.append(sj.isolated(one.kind));
        line.append(button, kind);
        return line;
      }),
    );
    return found.length ? sj.word("page.search.found", { count: sj.write(found.length, 0) }) : "";
  };
})(window.spatialjustice);
