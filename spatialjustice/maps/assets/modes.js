// One page for all modes of travel. What belongs to another mode is unpacked when a reader asks for it; all other scripts
// see the maps of one mode at a time.
"use strict";
(function (sj) {
  const held = new Map();
  const ready = new Map();
  const lines = new Map();
  let list = [];
  let chosen = "";
  let asked = "";
  let written = "en";
  let filled = false;
  let first = null;

  const there = (id) => document.getElementById(id + "-data") !== null;
  const titled = (key) => sj.pick(list.find((one) => one.key === key).title);

  async function unpacked(key) {
    const first = await held.get(list[0].key);
    const data = await sj.unpacked("mode-" + key);
    for (const one of data.indicators) if (one.same === undefined) sj.translate(one, written, sj.language.lang);
    const told = {};
    for (const [name, one] of Object.entries(data.report.indicators || {})) {
      told[name] = one.same === undefined ? one : first.report.indicators[one.same];
    }
    const made = {
      indicators: data.indicators.map((one) => (one.same === undefined ? one : first.indicators[one.same])),
      report: Object.assign({}, data.report, { indicators: told }),
    };
    ready.set(key, made);
    return made;
  }

  // The streets of a mode, to be drawn.
  function streets(key) {
    if (!lines.has(key) && first && key === list[0].key) lines.set(key, Promise.resolve(first.lines));
    if (!lines.has(key)) {
      const id = "lines-" + key;
      lines.set(key, there(id) ? sj.unpacked(id).then((data) => (data.same ? streets(data.same) : sj.unpack(data.shapes))) : Promise.resolve([]));
    }
    return lines.get(key);
  }

  function showStreets(map) {
    const layer = sj.made.overlays.find((one) => one.data.role === "streets");
    if (!layer || !map.hasLayer(layer.sheet)) return;
    const key = chosen;
    streets(key).then(function (shapes) {
      if (key !== chosen || layer.sheet.lines === shapes) return;
      layer.sheet.lines = shapes;
      layer.sheet.redraw();
    });
  }

  // The map of another mode that tells the same: of the same name, or of the same service and kind, or of the service.
  function alike(before, indicators) {
    const tests = [
      (one) => one.key === before.key,
      (one) => one.service === before.service && one.kind === before.kind && one.group === before.group,
      (one) => before.service && one.service === before.service,
    ];
    for (const test of tests) {
      const place = indicators.findIndex(test);
      if (place >= 0) return place;
    }
    return 0;
  }

  function fillChooser() {
    const chooser = document.getElementById("indicator");
    if (!chooser) return;
    filled = true;
    const parts = new Map();
    sj.made.zones.data.indicators.forEach(function (indicator, place) {
      if (!parts.has(indicator.group)) parts.set(indicator.group, []);
      parts.get(indicator.group).push(new Option((indicator.group ? indicator.group + ": " : "") + indicator.title, String(place)));
    });
    chooser.replaceChildren();
    for (const [name, options] of parts) {
      if (!name) {
        chooser.append(...options);
        continue;
      }
      const group = sj.element("optgroup");
      group.label = name;
      group.append(...options);
      chooser.append(group);
    }
    chooser.value = String(sj.made.zones.chosen);
  }

  function retell() {
    const mode = list.find((one) => one.key === chosen);
    const subtitle = document.querySelector(".subtitle bdi");
    if (subtitle) subtitle.textContent = sj.pick(mode.subtitle);
    const method = document.getElementById("method");
    if (!method) return;
    for (const old of method.querySelectorAll("p")) old.remove();
    for (const sentence of sj.report.method || []) {
      const line = sj.element("p", "", sj.pick(sentence));
      line.dir = "auto";
      method.append(line);
    }
  }

  async function choose(key, silent) {
    asked = key;
    const holder = document.querySelector(".modes");
    holder.setAttribute("aria-busy", String(key !== chosen));
    if (key === chosen) return;
    const zones = sj.made.zones;
    const before = zones.data.indicators[zones.chosen];
    if (!held.has(key)) held.set(key, unpacked(key));
    const made = await held.get(key);
    // Whoever presses twice gets the last one.
    if (asked !== key) return;
    holder.setAttribute("aria-busy", "false");
    chosen = key;
    zones.data.indicators = made.indicators;
    Object.assign(sj.report, made.report);
    for (const button of holder.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === key));
    }
    zones.chosen = alike(before, made.indicators);
    fillChooser();
    retell();
    showStreets(sj.map);
    sj.choose(zones.chosen, true);
    if (!silent) sj.say(sj.word("page.modes.chosen", { mode: titled(key) }) + ": " + made.indicators[zones.chosen].title);
    document.dispatchEvent(new CustomEvent("sj:mode", { detail: key }));
  }

  sj.modes = {
    get list() {
      return list;
    },
    get chosen() {
      return chosen;
    },
    title: titled,
    choose: choose,
    // The maps of a mode, unpacked: `indicators` and `report`.
    load: function (key) {
      if (!held.has(key)) held.set(key, unpacked(key));
      return held.get(key);
    },
    // Every indicator that has been unpacked, each once.
    all: () => new Set(ready.size ? Array.from(ready.values()).flatMap((one) => one.indicators) : sj.made.zones.data.indicators),
    start: function (page, map) {
      list = page.modes || [];
      written = page.lang;
      if (list.length < 2 || !sj.made.zones) return;
      asked = chosen = list[0].key;
      const indicators = sj.made.zones.data.indicators;
      const report = Object.assign({}, sj.report);
      ready.set(chosen, { indicators: indicators, report: report });
      held.set(chosen, Promise.resolve(ready.get(chosen)));
      const layer = sj.made.overlays.find((one) => one.data.role === "streets");
      if (layer) first = layer.sheet;
      map.on("overlayadd", () => showStreets(map));
      for (const button of document.querySelectorAll("[data-mode]")) {
        button.addEventListener("click", async function () {
          await choose(button.dataset.mode, false);
          const zones = sj.made.zones;
          sj.state.set({ mode: chosen, show: zones.data.indicators[zones.chosen].key });
        });
      }
      sj.state.own("mode", {
        tell: () => chosen,
        take: (wanted) => choose(list.some((one) => one.key === wanted) ? wanted : list[0].key, true),
      });
    },
    // After the maps have changed their language.
    spoken: function () {
      if (!chosen) return sj.chooser();
      if (filled) fillChooser();
      if (chosen !== list[0].key || filled) retell();
      sj.chooser();
    },
  };
})(window.spatialjustice);
