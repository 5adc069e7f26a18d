// The places that are counted, by service, with their names: to look through, to find on the map, and to tick off.
//
// Whoever computes with them listens to the event `sj:places`, whose detail is {removed: {service: [numbers of places]}}.
"use strict";
(function (sj) {
  const element = sj.element;
  const MOST = 150;
  const off = new Map();
  const state = { service: "", search: "", byHand: false };

  const layerOf = (key) => sj.made.services.find((one) => one.data.key === key);
  const nameOf = (layer, place) => layer.data.names[place] || sj.word("page.unnamed");
  const offOf = (key) => off.get(key) || new Set();

  function announce() {
    const removed = {};
    for (const [key, numbers] of off) if (numbers.size) removed[key] = Array.from(numbers).sort((a, b) => a - b);
    document.dispatchEvent(new CustomEvent("sj:places", { detail: { removed: removed } }));
  }

  function tick(layer, place, counted) {
    const numbers = offOf(layer.data.key);
    if (counted) numbers.delete(place);
    else numbers.add(place);
    off.set(layer.data.key, numbers);
    layer.points[place].off = !counted;
    layer.sheet.redraw();
    tally();
    announce();
  }

  function tally() {
    const layer = layerOf(state.service);
    const count = offOf(state.service).size;
    const said = sj.word(count ? "page.places.off" : "page.places.all", { off: sj.write(count, 0), all: sj.write(layer.points.length, 0) });
    document.getElementById("places-tally").textContent = said;
    document.getElementById("places-back").hidden = !count;
  }

  function item(layer, place) {
    const line = element("li");
    const label = element("label", "class-choice");
    const box = element("input");
    box.type = "checkbox";
    box.checked = !offOf(layer.data.key).has(place);
    box.addEventListener("change", () => tick(layer, place, box.checked));
    label.append(box, sj.isolated(nameOf(layer, place)));
    const show = element("button", "place-show", sj.word("page.places.show"));
    show.type = "button";
    show.setAttribute("aria-label", sj.word("page.places.show") + ": " + nameOf(layer, place));
    show.addEventListener("click", function () {
      if (!sj.map.hasLayer(layer.sheet)) sj.map.addLayer(layer.sheet);
      sj.map.setView(layer.points[place].latlng, Math.max(sj.map.getZoom(), 15), { animate: !sj.still() });
    });
    line.append(label, show);
    return line;
  }

  function list() {
    const layer = layerOf(state.service);
    const wanted = sj.fold(state.search);
    const found = layer.points.map((_, place) => place).filter((place) => !wanted || sj.fold(nameOf(layer, place)).includes(wanted));
    found.sort((a, b) => !layer.data.names[a] - !layer.data.names[b] || nameOf(layer, a).localeCompare(nameOf(layer, b), sj.language.lang, { numeric: true }));
    const holder = element("ul", "places-list");
    holder.append(...found.slice(0, MOST).map((place) => item(layer, place)));
    const rest = found.length - Math.min(found.length, MOST);
    const parts = [holder];
    if (rest) parts.push(element("p", "legend-note", sj.word("page.places.more", { count: sj.write(rest, 0) })));
    document.getElementById("places-found").replaceChildren(...parts);
  }

  function lay() {
    const holder = document.getElementById("places-body");
    const service = element("select");
    service.id = "places-service";
    for (const layer of sj.made.services) service.append(new Option(layer.data.title, layer.data.key));
    service.value = state.service;
    service.addEventListener("change", function () {
      state.byHand = true;
      state.service = service.value;
      list();
      tally();
    });
    const label = element("label", "field", sj.word("page.places.service"));
    label.append(service);
    const search = element("input", "search");
    search.type = "search";
    search.id = "places-search";
    search.autocomplete = "off";
    search.value = state.search;
    search.placeholder = sj.word("page.places.search");
    search.setAttribute("aria-label", sj.word("page.places.search"));
    search.addEventListener("input", function () {
      state.search = search.value;
      list();
    });
    const said = element("p", "filter-told");
    said.id = "places-tally";
    said.setAttribute("aria-live", "polite");
    const back = element("button", "plain-button", sj.word("page.places.back"));
    back.type = "button";
    back.id = "places-back";
    back.addEventListener("click", function () {
      const layer = layerOf(state.service);
      off.delete(state.service);
      for (const point of layer.points) point.off = false;
      layer.sheet.redraw();
      list();
      tally();
      announce();
      service.focus();
    });
    const found = element("div");
    found.id = "places-found";
    holder.replaceChildren(label, search, said, back, found);
    list();
    tally();
  }

  sj.places = {
    // What somebody else has taken out of a service or put back: shown here, and not announced anew.
    mark: function (service, numbers) {
      const layer = layerOf(service);
      if (!layer) return;
      off.set(service, new Set(numbers));
      layer.points.forEach((point, place) => (point.off = off.get(service).has(place)));
      layer.sheet.redraw();
      const holder = document.getElementById("places");
      if (!holder || !holder.open || state.service !== service || !document.getElementById("places-found")) return;
      list();
      tally();
    },
    start: function () {
      const holder = document.getElementById("places");
      if (!holder) return;
      holder.hidden = !sj.made.services.length;
      if (holder.hidden) return;
      state.service = sj.made.services[sj.made.services.length - 1].data.key;
      // Long lists are made when somebody wants to see them.
      holder.addEventListener("toggle", () => holder.open && lay());
      sj.onLanguage(() => holder.open && lay());
    },
    // The places of the map that is shown, until a reader chooses others.
    follow: function (service) {
      const holder = document.getElementById("places");
      if (!holder || state.byHand || !service || !layerOf(service) || state.service === service) return;
      state.service = service;
      if (holder.open) lay();
    },
  };
})(window.spatialjustice);
