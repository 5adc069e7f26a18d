// What if a place stood here? The panel beside the map in which a reader changes places and sees at once what follows.
"use strict";
(function (sj) {
  const element = sj.element;
  const answer = sj.whatIfAnswer;
  const state = { open: false, here: null, mode: "", service: "", limit: -1, adding: false, chosen: null, home: -1, reach: false, told: null, busy: false };
  let map = null;
  let plan = null;
  let drawn = null;
  let root = null;
  let swapped = []; // maps that stand in for those of today: [list, place, original]

  const zones = () => sj.made.zones;
  const word = (key, parts) => sj.word("page.whatif." + key, parts);
  const layerOf = (service) => sj.made.services.find((one) => one.data.key === service);
  const limitNow = () => state.here.engine.cutoffs[state.limit] || { value: 0, unit: state.here.engine.unit };
  const short = (unit) => "\u00a0" + sj.word("unit." + unit + ".short");
  const way = (cost, unit) => (cost === Infinity ? word("no_way") : Number.isNaN(cost) ? "–" : sj.write(cost, unit === "metres" ? 0 : 1) + short(unit));
  const limitText = () => sj.write(limitNow().value, Number.isInteger(limitNow().value) ? 0 : 1) + short(limitNow().unit);
  const isWay = (one) => one.kind === "cost" && one.service && answer.scaleOf(one).length;
  const original = (list, place) => (swapped.find((one) => one[0] === list && one[1] === place) || [0, 0, list[place]])[2];

  // Where the map of ways to the service stands among those of the mode; -1 where there is none.
  function placeOf(service) {
    const list = zones().data.indicators;
    return list.findIndex((one) => isWay(one) && one.service === service && one.unit === state.here.engine.unit);
  }

  // Today's maps in their places again.
  function restore() {
    for (const [list, place, was] of swapped) list[place] = was;
    swapped = [];
  }

  function finding(found) {
    const parts = { limit: limitText(), after: sj.percent(share(found.after), 1), before: sj.percent(share(found.before), 1), what: changesText(state.service) };
    return word("finding", parts);
  }

  const share = (one) => (one.people > 0 ? one.within / one.people : 0);

  // “2 new places, 1 of today's gone”, in the reader's language.
  function changesText(service) {
    const { added, removed } = plan.of(service);
    const moved = added.filter((one) => one.from !== undefined).length;
    const parts = [];
    const count = (key, many) => many && parts.push(word(many === 1 ? key + ".one" : key, { count: sj.write(many, 0) }));
    count("new", added.length - moved);
    count("gone", removed.length - moved);
    count("moved", moved);
    return parts.join(sj.word("language.comma"));
  }

  function titleOf(service) {
    const layer = layerOf(service);
    const found = state.here.engine.services.find((one) => one.key === service);
    return layer ? layer.data.title : found ? sj.pick(found.title) : service;
  }

  // Every service that was changed gets its map as it would be; the one shown is shown anew.
  function remap() {
    restore();
    const list = zones().data.indicators;
    if (state.here) {
      for (const service of plan.services()) {
        const place = placeOf(service);
        if (place < 0) continue;
        const own = service === state.service && state.told;
        const found = own ? state.told : answer.told(state.here, service, plan.of(service), limitNow());
        const made = answer.derived(list[place], state.here, found.costs, { finding: findingOf(service, found), mean: found.after.mean, people: found.after.people, unreached: found.after.unreached, left_out: found.after.leftOut });
        if (!made) continue;
        swapped.push([list, place, list[place]]);
        list[place] = made;
      }
    }
    choose(zones().chosen);
  }

  function findingOf(service, found) {
    const kept = state.service;
    state.service = service;
    const said = finding(found);
    state.service = kept;
    return said;
  }

  let choose = () => {};

  // The bar above the map: nobody shall take for today what is not.
  function bar() {
    const holder = document.getElementById("whatif-bar");
    const said = line();
    holder.hidden = !said;
    if (!said) return;
    const back = element("button", "", word("back"));
    back.type = "button";
    back.addEventListener("click", () => plan.clear() && changed(true));
    holder.replaceChildren(element("strong", "", word("not_today")), " ", sj.isolated(said), " ", back);
  }

  // What is said of the map that is shown; nothing where it is as today.
  function line() {
    const shown = zones() && zones().data.indicators[zones().chosen];
    if (!shown || !shown.whatIf) return "";
    return word("line", { service: "\u2068" + titleOf(shown.service) + "\u2069", what: changesText(shown.service) });
  }

  function compute() {
    state.told = state.here && state.service ? answer.told(state.here, state.service, plan.of(state.service), limitNow()) : null;
    // Shared supply takes longer than a frame: it is told when a change is finished.
    if (state.told) state.told.shared = answer.shared(state.here, state.service, plan.whole());
    return state.told;
  }

  // After every change that is finished; `loud` says it aloud.
  function changed(loud) {
    if (!state.here) return;
    state.adding = false;
    compute();
    drawn.recolour(null);
    remap();
    seen();
    lay();
    bar();
    sj.showSymbols();
    sj.state.set({ whatif: plan.text() });
    const layer = layerOf(state.service);
    if (layer && sj.places.mark) sj.places.mark(state.service, plan.of(state.service).removed);
    if (loud) sj.say(spoken());
    document.dispatchEvent(new CustomEvent("sj:whatif"));
  }

  const spoken = () => (state.told ? plain(sentences(state.told).join(" ")) : "");
  const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

  function seen() {
    const { added, removed } = plan.of(state.service);
    if (state.chosen && state.chosen.added >= added.length) state.chosen = null;
    const on = state.open || !plan.empty();
    drawn.show({ added: on ? added : [], removed: on ? removed : [], layer: layerOf(state.service), chosen: state.open ? state.chosen : null });
    const point = state.open && state.reach && state.chosen ? spotOf(state.chosen) : null;
    state.reached = Boolean(point);
    drawn.reach(point ? state.here.engine.within(point, limitNow().value, limitNow().unit) : []);
    const home = state.open && state.home >= 0 ? state.here.engine.route(state.home, state.service, answer.changesOf(state.here, plan.of(state.service), state.here.engine.unit)) : null;
    state.way = home;
    drawn.way(home);
    drawn.aim(state.adding);
    sj.showSymbols();
  }

  function spotOf(chosen) {
    const one = chosen.added === undefined ? layerOf(state.service).points[chosen.place].latlng : plan.of(state.service).added[chosen.added];
    return one ? state.here.engine.snap(plan.rounded(one.lat), plan.rounded(one.lon === undefined ? one.lng : one.lon)) : null;
  }

  // A new place at a point; false where no street is near enough.
  function add(latlng) {
    const [lat, lon] = [plan.rounded(latlng.lat), plan.rounded(latlng.lng)];
    const far = sj.write(state.here.engine.limit, 0) + short("metres");
    if (!state.here.engine.snap(lat, lon)) return say(word("no_street", { limit: far })) && false;
    if (plan.full(state.service)) return say(word("full")) && false;
    plan.add(state.service, lat, lon);
    Object.assign(state, { adding: false, chosen: { added: plan.of(state.service).added.length - 1 } });
    changed(true);
    return true;
  }

  function say(text) {
    sj.say(text);
    const note = root.querySelector(".whatif-note");
    if (note) note.textContent = text;
    return true;
  }

  // While a place is dragged: numbers and colours follow the hand, one frame at a time.
  let frame = 0;
  const took = { computing: [], painting: [] };
  function dragging(number, latlng) {
    state.dragged = { number: number, latlng: latlng };
    if (!frame) frame = requestAnimationFrame(step);
  }

  function step() {
    frame = 0;
    if (!state.dragged) return;
    const { number, latlng } = state.dragged;
    const one = plan.of(state.service);
    const added = one.added.map((each, place) => (place === number ? { lat: plan.rounded(latlng.lat), lon: plan.rounded(latlng.lng), from: each.from } : each));
    const begun = performance.now();
    const found = answer.told(state.here, state.service, { added: added, removed: one.removed }, limitNow());
    const computed = performance.now();
    const place = placeOf(state.service);
    if (place >= 0) {
      const list = zones().data.indicators;
      if (zones().chosen === place) drawn.recolour(answer.shifted(list[place], original(list, place), found.costs));
    }
    drawn.dragged(added);
    numbers(found);
    took.computing.push(computed - begun);
    took.painting.push(performance.now() - computed);
  }

  function drop(number, latlng) {
    state.dragged = null;
    if (frame) cancelAnimationFrame(frame);
    frame = 0;
    const [lat, lon] = [plan.rounded(latlng.lat), plan.rounded(latlng.lng)];
    if (state.here.engine.snap(lat, lon)) plan.move(state.service, number, lat, lon);
    else say(word("no_street", { limit: sj.write(state.here.engine.limit, 0) + short("metres") }));
    state.chosen = { added: number };
    changed(true);
  }

  function click(event) {
    if (!state.open || !state.here) return false;
    if (state.adding) return add(event.latlng) || true;
    const layer = layerOf(state.service);
    const place = layer ? drawn.placeAt(layer, event.containerPoint) : -1;
    if (place >= 0) {
      choosePlace({ place: place });
      return true;
    }
    const zone = zones().find(event.latlng);
    if (zone < 0) return true;
    state.home = zone === state.home ? -1 : zone;
    seen();
    lay();
    sj.say(plain(homeText()));
    return true;
  }

  function choosePlace(chosen) {
    state.chosen = chosen;
    seen();
    lay();
    const box = root.querySelector(".whatif-chosen");
    if (box) box.scrollIntoView({ block: "nearest" });
    sj.say(plain(nameOf(chosen)));
  }

  function nameOf(chosen) {
    if (chosen.added === undefined) return layerOf(state.service).data.names[chosen.place] || sj.word("page.unnamed");
    const one = plan.of(state.service).added[chosen.added];
    const zone = one ? zones().find(L.latLng(one.lat, one.lon)) : -1;
    const near = zone >= 0 ? sj.zoneName(zone) : "";
    const number = sj.write(chosen.added + 1, 0);
    return near ? word("place.near", { number: number, name: "\u2068" + near + "\u2069" }) : word("place", { number: number });
  }

  function homeText() {
    if (state.home < 0) return "";
    const name = "\u2068" + sj.zoneName(state.home) + "\u2069";
    if (!state.way) return word("way.none", { name: name });
    const to = state.way.added >= 0 ? nameOf({ added: state.way.added }) : nameOf({ place: state.way.place });
    return word("way", { name: name, to: "\u2068" + to + "\u2069", cost: way(state.way.cost, state.here.engine.unit) });
  }

  const people = (count) => sj.peopleText(count);

  function sentences(found) {
    const said = [];
    // Whole people, so that the sentences say what the table shows.
    const lost = Math.round(found.lost);
    const gained = Math.round(found.after.within) - Math.round(found.before.within) + lost;
    const parts = { limit: limitText() };
    if (plan.of(state.service).added.length + plan.of(state.service).removed.length === 0) said.push(word("today", { limit: parts.limit, share: sj.percent(share(found.before), 1) }));
    else if (!gained && !lost) said.push(word("nobody", parts));
    if (gained) said.push(word("gained", Object.assign({ people: people(gained) }, parts)));
    if (lost) said.push(word("lost", Object.assign({ people: people(lost) }, parts)));
    if (gained || lost) said.push(word("share", { limit: parts.limit, before: sj.percent(share(found.before), 1), after: sj.percent(share(found.after), 1) }));
    return said;
  }

  // Zones of which nobody knows how many people live there.
  const unknown = () => (zones().data.people || []).filter((one) => one === null).length;

  // Only the numbers, while a place is dragged: the rest of the panel stays as it is, and nothing is said aloud.
  function numbers(found) {
    const holder = root.querySelector(".whatif-told");
    if (holder) holder.replaceChildren(...sj.whatIfTables(found, { sentences: sentences(found), limit: limitText(), unit: state.here.engine.unit, way: way, unknown: unknown() }));
  }

  function lay() {
    if (!state.open || !root) return;
    const focused = document.activeElement && root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    sj.whatIfLay(root, context);
    numbers(state.told);
    const again = focused && root.querySelector('[data-key="' + focused + '"]:not([disabled])');
    if (again) again.focus();
    else if (focused) root.querySelector("h2").focus();
  }

  async function best() {
    if (state.busy) return undefined;
    if (plan.full(state.service)) return say(word("full"));
    state.busy = true;
    lay();
    say(word("searching"));
    const { engine } = state.here;
    const question = () => [state.service, plan.text(), limitNow().value, limitNow().unit].join();
    const asked = question();
    const found = await engine.bestSoon(state.service, answer.changesOf(state.here, plan.of(state.service), limitNow().unit), limitNow().value);
    state.busy = false;
    lay();
    // Who has changed something meanwhile has another question.
    if (!found || !state.open || engine !== state.here.engine || asked !== question()) return undefined;
    const at = found.zone >= 0 && found.gained > 0 ? engine.atZone(found.zone) : null;
    if (!at) return say(word("best.none", { limit: limitText() }));
    // Whole people before and after, so that this is the difference that the table shows.
    const within = state.told.after.within;
    const gained = Math.round(within + found.gained) - Math.round(within);
    if (!add(L.latLng(at.lat, at.lon))) return undefined; // which has said why
    map.panInside([at.lat, at.lon], { padding: [60, 60], animate: !sj.still() });
    return say(word("best.found", { people: people(gained), limit: limitText() }));
  }

  async function open(service) {
    const overview = document.getElementById("show-overview");
    if (overview && document.documentElement.dataset.view === "overview") overview.click();
    delete document.documentElement.dataset.view;
    state.open = true;
    root.hidden = false;
    document.querySelector(".frame").classList.add("asking");
    document.getElementById("whatif-open").setAttribute("aria-expanded", "true");
    sj.whatIfLay(root, null);
    await ready();
    follow(service);
    changed(false);
    if (matchMedia("(max-width: 760px)").matches) document.querySelector(".frame").scrollIntoView({ block: "start" });
    root.querySelector("h2").focus({ preventScroll: true });
  }

  function close() {
    Object.assign(state, { open: false, adding: false, home: -1, reach: false });
    root.hidden = true;
    document.querySelector(".frame").classList.remove("asking");
    const opener = document.getElementById("whatif-open");
    opener.setAttribute("aria-expanded", "false");
    if (state.here) seen();
    opener.focus({ preventScroll: true });
  }

  // The limit that was chosen, where the mode has as many; otherwise its widest, which comes last.
  function limitOf(engine) {
    const last = engine.cutoffs.length - 1;
    return state.limit >= 0 && state.limit <= last ? state.limit : Math.max(0, last);
  }

  async function ready() {
    const mode = sj.modes.chosen || "";
    const here = await answer.open(mode);
    if (mode !== (sj.modes.chosen || "")) return ready();
    Object.assign(state, { here: here, mode: mode });
    if (here) state.limit = limitOf(here.engine);
    return here;
  }

  // The service of the map that is shown, where it can be asked about; its way is then on the map.
  function follow(service) {
    if (!state.here) return;
    const shown = zones().data.indicators[zones().chosen];
    const has = (key) => state.here.engine.services.some((one) => one.key === key);
    const wanted = [service, shown.service, state.service, state.here.engine.services[0].key].find(has);
    if (wanted !== state.service) Object.assign(state, { service: wanted, chosen: null, home: -1, reach: false });
    const place = placeOf(wanted);
    if (place >= 0 && place !== zones().chosen) choose(place);
  }

  const context = {
    get state() {
      return state;
    },
    get plan() {
      return plan;
    },
    get map() {
      return map;
    },
    word: word, way: way, nameOf: nameOf, titleOf: titleOf, layerOf: layerOf, limitText: limitText, homeText: homeText, people: people, sentences: sentences,
    changed: changed, add: add, best: best, close: close, say: say, seen: seen, lay: lay, choosePlace: choosePlace, follow: follow, share: share,
  };

  sj.whatIf = {
    line: line,
    took: took,
    state: state,
    open: open,
    context: context,
    // What is drawn upon the map besides its layers: pairs of a text and a drawing.
    symbols: function () {
      if (!state.here) return [];
      const { added, removed } = line() ? plan.of(state.service) : { added: [], removed: [] };
      const found = [];
      if (added.length) found.push([word("key.new"), drawn.fresh]);
      if (removed.length) found.push([word("key.gone"), drawn.gone]);
      if (state.way) found.push([plain(homeText()), drawn.stroke("#11181c")]);
      if (state.reached) found.push([word("reach", { limit: limitText() }) + ": " + plain(nameOf(state.chosen)), drawn.stroke("#1a5a96")]);
      return found;
    },
    start: function (where) {
      map = where;
      if (!zones() || !document.querySelector('script[id^="streets-"]')) return;
      plan = sj.whatIfPlan((service) => (layerOf(service) ? layerOf(service).points.length : 0));
      drawn = sj.whatIfMap(map, {
        hold: () => (state.dragged = null),
        drag: dragging,
        drop: drop,
        choose: choosePlace,
        nudge: (number, latlng) => drop(number, latlng),
        away: (number) => plan.drop(state.service, number) && changed(true),
      });
      root = sj.whatIfFrame(map, () => (state.open ? close() : open()));
      const click_ = sj.regionClick;
      sj.regionClick = (event) => click_(event) || click(event);
      choose = sj.choose;
      sj.choose = function (place, first) {
        choose(place, first);
        const shown = zones().data.indicators[place];
        if (state.open && state.here && isWay(shown) && shown.service !== state.service) {
          follow(shown.service);
          compute();
          seen();
          lay();
        }
        bar();
      };
      keys();
      document.addEventListener("sj:mode", async function () {
        restore();
        const there = answer.has(sj.modes.chosen || "");
        document.getElementById("whatif-open").hidden = !there;
        if (!there || (!state.open && plan.empty())) {
          Object.assign(state, { here: null, told: null });
          drawn.show({ added: [], removed: [], chosen: null });
          drawn.reach([]);
          drawn.way(null);
          if (state.open) close();
          return bar();
        }
        state.home = -1;
        await ready();
        follow(state.service);
        return changed(false);
      });
      document.addEventListener("sj:places", async function (event) {
        const removed = event.detail.removed;
        await ready();
        if (!state.here) return;
        for (const service of state.here.engine.services) plan.onlyRemoved(service.key, removed[service.key] || []);
        if (!state.service) follow();
        changed(true);
      });
      sj.onLanguage(function () {
        if (!state.here) return;
        remap();
        drawn.name();
        lay();
        bar();
      });
      sj.state.own("whatif", {
        tell: () => plan.text(),
        take: async function (asked) {
          if (!plan.take(asked) || (asked && plan.empty())) return;
          await ready();
          if (!state.here) return;
          if (asked) await open(plan.services()[0]);
          else changed(false);
        },
      });
    },
  };
  // Today's maps are in their places before any script changes their language.
  sj.onLanguage(restore);

  // Enter puts a place where the cross is; Escape lets go of what is being done, then closes the panel.
  function keys() {
    map.getContainer().addEventListener(
      "keydown",
      function (event) {
        if (event.key !== "Enter" || !state.adding || event.target !== map.getContainer()) return;
        event.stopImmediatePropagation();
        event.preventDefault();
        if (add(map.getCenter())) drawn.focus(plan.of(state.service).added.length - 1);
      },
      true,
    );
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !state.open) return;
      if (state.adding) {
        state.adding = false;
        seen();
        lay();
      } else if (root.contains(document.activeElement)) close();
    });
  }
})((window.spatialjustice = window.spatialjustice || {}));
