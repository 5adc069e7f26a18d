// What the panel of what-if questions is made of: its frame, its fields and buttons, and the numbers before and after.
"use strict";
(function (sj) {
  const element = sj.element;
  const word = (key, parts) => sj.word("page.whatif." + key, parts);

  function button(key, text, act, name) {
    const one = element("button", name || "plain-button", text);
    one.type = "button";
    one.dataset.key = key;
    one.addEventListener("click", act);
    return one;
  }

  // The button upon the map, the panel beside it and the bar above it.
  sj.whatIfFrame = function (map, toggle) {
    const corner = L.control({ position: "topleft" });
    const opener = button("open", "", toggle, "whatif-open");
    opener.id = "whatif-open";
    opener.setAttribute("aria-expanded", "false");
    opener.setAttribute("aria-controls", "whatif");
    corner.onAdd = function () {
      const holder = element("div", "whatif-corner");
      holder.append(opener);
      L.DomEvent.disableClickPropagation(holder);
      return holder;
    };
    corner.addTo(map);
    const root = element("section", "whatif");
    root.id = "whatif";
    root.hidden = true;
    document.querySelector(".frame").append(root);
    const bar = element("p", "shown whatif-bar");
    bar.id = "whatif-bar";
    bar.hidden = true;
    document.querySelector(".headline").append(bar);
    function name() {
      opener.textContent = word("open");
      root.setAttribute("aria-label", word("open"));
    }
    sj.onLanguage(name);
    name();
    return root;
  };

  function cell(tag, name, text) {
    const one = element(tag, name);
    if (tag === "th") one.scope = name === "" ? "row" : "col";
    one.append(sj.isolated(text));
    return one;
  }

  function head(table, caption, names) {
    table.append(element("caption", "", caption), element("thead"), element("tbody"));
    const line = element("tr");
    names.forEach(function (name, place) {
      const one = element(place && name ? "th" : "td", place ? "count" : "");
      if (one.tagName === "TH") one.scope = "col";
      one.textContent = name;
      line.append(one);
    });
    table.tHead.append(line);
  }

  const signed = (value, decimals) => (Number(value.toFixed(decimals)) === 0 ? sj.write(0, 0) : (value > 0 ? "+" : "") + sj.write(value, decimals));

  // Of the numbers as they are written: whoever subtracts finds the same.
  const difference = (before, after, decimals) => Number((Number(after.toFixed(decimals)) - Number(before.toFixed(decimals))).toFixed(decimals));

  function row(body, name, before, after, change, good) {
    const line = element("tr");
    line.append(cell("th", "", name), cell("td", "count", before), cell("td", "count then", after));
    const changed = cell("td", "count " + (good > 0 ? "gain" : good < 0 ? "lose" : ""), change);
    line.append(changed);
    body.append(line);
  }

  // Sentences and tables of what follows; `how`: {sentences, limit, unit, way}.
  sj.whatIfTables = function (found, how) {
    const { before, after } = found;
    const parts = how.sentences.map((text) => element("p", "whatif-said", text));
    const table = element("table", "whatif-table");
    head(table, word("table", { limit: how.limit }), ["", word("now"), word("then"), word("change")]);
    const body = table.tBodies[0];
    const decimals = how.unit === "metres" ? 0 : 1;
    const share = (one) => (one.people > 0 ? one.within / one.people : NaN);
    const percent = (value) => (Number.isNaN(value) ? "–" : sj.percent(value, 1));
    const gain = Math.round(after.within) - Math.round(before.within);
    row(body, word("row.within", { limit: how.limit }), sj.write(before.within, 0), sj.write(after.within, 0), signed(gain, 0), gain);
    const points = difference(100 * share(before), 100 * share(after), 1);
    row(body, word("row.share"), percent(share(before)), percent(share(after)), Number.isNaN(points) ? "–" : word("points", { value: signed(points, 1) }), points || 0);
    for (const name of ["mean", "worstTenth"]) {
      const less = difference(before[name], after[name], decimals);
      row(body, word("row." + name), how.way(before[name], how.unit), how.way(after[name], how.unit), Number.isFinite(less) ? signed(less, decimals) : "–", Number.isFinite(less) ? -less : 0);
    }
    const even = difference(before.gini, after.gini, 3);
    const gini = (value) => (Number.isNaN(value) ? "–" : sj.write(value, 3));
    row(body, word("row.gini"), gini(before.gini), gini(after.gini), Number.isNaN(even) ? "–" : signed(even, 3), -even || 0);
    if (before.unreached >= 0.5 || after.unreached >= 0.5) {
      const fewer = Math.round(after.unreached) - Math.round(before.unreached);
      row(body, word("row.unreached"), sj.write(before.unreached, 0), sj.write(after.unreached, 0), signed(fewer, 0), -fewer);
    }
    parts.push(table);
    if (found.groups.length) parts.push(groups(found, how));
    for (const one of found.shared || []) parts.push(shared(one));
    if (how.unknown) parts.push(element("p", "legend-note", word("unknown", { count: sj.write(how.unknown, 0) })));
    if (after.leftOut >= 0.5) parts.push(element("p", "legend-note", word("left_out", { people: sj.peopleText(after.leftOut) })));
    if (found.nowhere) parts.push(element("p", "legend-note strong", word("nowhere", { count: sj.write(found.nowhere, 0) })));
    return parts;
  };

  function shared(one) {
    const table = element("table", "whatif-table");
    head(table, sj.pick(one.title), ["", word("now"), word("then"), word("change")]);
    const more = difference(one.before.mean, one.after.mean, 2);
    const fewer = Math.round(one.after.none) - Math.round(one.before.none);
    row(table.tBodies[0], word("row.shared", { count: sj.write(10000, 0) }), sj.write(one.before.mean, 2), sj.write(one.after.mean, 2), signed(more, 2), more || 0);
    row(table.tBodies[0], word("row.none"), sj.write(one.before.none, 0), sj.write(one.after.none, 0), signed(fewer, 0), -fewer);
    return table;
  }

  function groups(found, how) {
    const table = element("table", "whatif-table");
    head(table, word("groups", { limit: how.limit }), ["", word("now"), word("then"), word("row.gained")]);
    for (const group of found.groups) {
      const share = (one) => (one && one.people > 0 ? sj.percent(one.within / one.people, 1) : "–");
      const gain = Math.round(group.gained) - Math.round(group.lost);
      row(table.tBodies[0], sj.pick(group.title), share(group.before), share(group.after), signed(gain, 0), gain);
    }
    return table;
  }

  function field(text, control) {
    const label = element("label", "field", text);
    label.append(control);
    return label;
  }

  function choices(context) {
    const { state } = context;
    const service = element("select");
    service.dataset.key = "service";
    for (const one of state.here.engine.services) service.append(new Option(context.titleOf(one.key), one.key));
    service.value = state.service;
    service.addEventListener("change", function () {
      context.follow(service.value);
      context.changed(true);
    });
    const limit = element("select");
    limit.dataset.key = "limit";
    state.here.engine.cutoffs.forEach(function (one, place) {
      limit.append(new Option(sj.write(one.value, Number.isInteger(one.value) ? 0 : 1) + "\u00a0" + sj.word("unit." + one.unit + ".short"), String(place)));
    });
    limit.value = String(state.limit);
    limit.addEventListener("change", function () {
      state.limit = Number(limit.value);
      context.changed(true);
    });
    const holder = element("div", "whatif-choices");
    holder.append(field(word("service"), service), field(word("limit"), limit));
    return holder;
  }

  const pointed = () => matchMedia("(hover: hover)").matches;
  const howToAdd = () => word(pointed() ? "add.how" : "add.touch");

  function tools(context) {
    const { state } = context;
    const holder = element("div", "whatif-tools");
    const add = button("add", word("add"), function () {
      state.adding = !state.adding;
      context.seen();
      context.lay();
      if (!state.adding) return;
      context.say(howToAdd());
      if (pointed()) context.map.getContainer().focus({ preventScroll: true });
    }, "whatif-main");
    add.setAttribute("aria-pressed", String(state.adding));
    const best = button("best", word("best"), context.best);
    best.disabled = state.busy;
    holder.append(add, best);
    return holder;
  }

  // While a place is to be put: where it could stand, for those who do not point.
  function where(context) {
    const { state, map } = context;
    const holder = element("div", "whatif-where");
    holder.append(button("middle", word("add.middle"), () => context.add(map.getCenter())));
    if (sj.chosenZone() >= 0) holder.append(button("zone", word("add.zone", { name: sj.zoneName(sj.chosenZone()) }), () => atZone(context, sj.chosenZone())));
    const search = element("input", "search");
    search.type = "search";
    search.dataset.key = "search";
    search.autocomplete = "off";
    search.placeholder = word("add.search");
    search.setAttribute("aria-label", word("add.search"));
    const list = element("ul", "found");
    list.hidden = true;
    search.addEventListener("input", function () {
      const found = sj.searched(search.value).slice(0, 6);
      list.hidden = !found.length;
      list.replaceChildren(
        ...found.map(function (one) {
          const line = element("li");
          const kind = element("span", "found-kind");
          kind.append(sj.isolated(one.kind));
          const press = button("found", "", () => (one.zones ? atZone(context, fullest(context, one.zones)) : put(context, one.at)), "area");
          press.append(sj.isolated(one.name));
          line.append(press, kind);
          return line;
        }),
      );
      if (search.value.trim().length > 1) sj.say(sj.word("page.search.found", { count: sj.write(found.length, 0) }));
    });
    holder.append(search, list);
    return holder;
  }

  const fullest = (context, zones) => zones.reduce((best, zone) => (context.state.here.engine.people[zone] > context.state.here.engine.people[best] ? zone : best), zones[0]);

  function put(context, at) {
    if (context.add(at)) context.map.panInside(at, { padding: [60, 60], animate: !sj.still() });
  }

  function atZone(context, zone) {
    const at = context.state.here.engine.atZone(zone);
    if (at) put(context, L.latLng(at.lat, at.lon));
    else context.say(word("no_street", { limit: sj.write(context.state.here.engine.limit, 0) + "\u00a0" + sj.word("unit.metres.short") }));
  }

  // The place that is chosen: what can be done with it.
  function chosen(context) {
    const { state, plan } = context;
    if (!state.chosen) return null;
    const one = state.chosen;
    const holder = element("div", "whatif-chosen");
    const name = element("p", "whatif-name");
    name.append(sj.isolated(context.nameOf(one)));
    holder.append(name);
    const keys = element("div", "whatif-tools");
    if (one.added !== undefined) {
      keys.append(button("away", word("drop"), () => (state.chosen = null) || (plan.drop(state.service, one.added) && context.changed(true))));
    } else if (plan.of(state.service).removed.includes(one.place)) {
      keys.append(button("restore", word("restore"), () => plan.restore(state.service, one.place) && context.changed(true)));
    } else {
      keys.append(
        button("remove", word("remove"), () => plan.remove(state.service, one.place) && context.changed(true)),
        button("shift", word("shift"), function () {
          if (plan.full(state.service)) return context.say(word("full"));
          const at = context.layerOf(state.service).points[one.place].latlng;
          plan.shift(state.service, one.place, at.lat, at.lng);
          state.chosen = { added: plan.of(state.service).added.length - 1 };
          context.changed(true);
          return context.say(word("shift.how"));
        }),
      );
    }
    const reach = button("reach", word("reach", { limit: context.limitText() }), function () {
      state.reach = !state.reach;
      context.seen();
      context.lay();
    });
    reach.setAttribute("aria-pressed", String(state.reach));
    keys.append(reach);
    holder.append(keys);
    if (one.added !== undefined) holder.append(element("p", "legend-note", word("hold.how")));
    return holder;
  }

  function list(context) {
    const { state, plan } = context;
    const { added, removed } = plan.of(state.service);
    const moved = new Set(added.map((one) => one.from));
    const items = element("ul", "whatif-list");
    const line = function (mark, one, act, label) {
      const item = element("li");
      const name = button("item" + mark, "", () => context.choosePlace(one), "area");
      name.append(sj.isolated(context.nameOf(one)));
      const away = button("undo" + mark, label, act, "place-show");
      away.setAttribute("aria-label", label + ": " + context.nameOf(one));
      item.append(element("span", "whatif-mark " + (one.added === undefined ? "gone" : "new"), one.added === undefined ? "×" : sj.write(one.added + 1, 0)), name, away);
      items.append(item);
    };
    added.forEach((one, number) => line("a" + number, { added: number }, () => plan.drop(state.service, number) && context.changed(true), word("drop")));
    for (const place of removed) if (!moved.has(place)) line("r" + place, { place: place }, () => plan.restore(state.service, place) && context.changed(true), word("restore"));
    return items.children.length ? items : null;
  }

  function history(context) {
    const { plan } = context;
    const holder = element("div", "whatif-tools");
    for (const [key, can, act] of [["undo", plan.canUndo(), plan.undo], ["redo", plan.canRedo(), plan.redo], ["again", !plan.empty(), plan.clear]]) {
      const one = button(key, word(key), () => act() && context.changed(true));
      one.disabled = !can;
      holder.append(one);
    }
    return holder;
  }

  function plans(context) {
    const { state, plan } = context;
    const own = state.here.plans.filter((one) => state.here.engine.services.some((each) => each.key === one.service));
    if (!own.length) return null;
    const fold = element("details", "whatif-fold");
    fold.open = Boolean(state.folds && state.folds.plans);
    fold.addEventListener("toggle", () => (state.folds = Object.assign({}, state.folds, { plans: fold.open })));
    fold.append(element("summary", "", word("plans")));
    const items = element("ul", "whatif-list");
    own.forEach(function (one, number) {
      const item = element("li");
      const name = element("span", "whatif-plan");
      name.append(sj.isolated(sj.pick(one.title)));
      const take = button("plan" + number, word("plan.take"), function () {
        const made = plan.whole();
        made[one.service] = { added: one.added.map(([lat, lon]) => ({ lat: lat, lon: lon })), removed: one.removed };
        plan.replace(made);
        state.chosen = null;
        context.follow(one.service);
        context.changed(true);
      }, "place-show");
      take.setAttribute("aria-label", word("plan.take") + ": " + sj.pick(one.title));
      item.append(name, take);
      items.append(item);
    });
    fold.append(items);
    return fold;
  }

  // The whole panel; without a context only that it is being made ready.
  sj.whatIfLay = function (root, context) {
    const title = element("h2", "", word("title"));
    title.tabIndex = -1;
    const top = element("div", "profile-head");
    const shut = button("close", "×", () => context && context.close(), "close");
    shut.setAttribute("aria-label", sj.word("page.close"));
    top.append(title, shut);
    if (!context) return root.replaceChildren(top, element("p", "legend-note", word("loading")));
    const { state } = context;
    const note = element("p", "whatif-note", state.adding ? howToAdd() : word("how"));
    const told = element("div", "whatif-told");
    const home = context.homeText();
    const parts = [top, choices(context), tools(context), state.adding ? where(context) : null, note, told];
    if (home) parts.push(element("p", "whatif-way", home));
    parts.push(chosen(context), list(context), history(context), plans(context), sj.whatIfProposal(context), element("p", "legend-note", word("licence")));
    const scroll = root.scrollTop;
    root.replaceChildren(...parts.filter(Boolean));
    root.scrollTop = scroll;
    return undefined;
  };

  sj.whatIfButton = button;
  sj.whatIfField = field;
})((window.spatialjustice = window.spatialjustice || {}));
