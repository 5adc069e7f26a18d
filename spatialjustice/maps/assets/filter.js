// The filter: which areas are shown, by value, by class, or the worst-served part of people; and what is said of it.
"use strict";
(function (sj) {
  const element = sj.element;
  const UNREACHED = new Set(["unreachable", "off_network"]);
  const UNKNOWN = new Set(["no_population", "no_data", "no_supply", "outside_data", "unknown_service"]);
  const KINDS = ["", "above", "upto", "between", "worst"];
  const state = { indicator: null, kind: "", low: null, high: null, share: 10, hidden: new Set(), group: "" };
  let changed = () => {};

  const zones = () => sj.made.zones;
  const living = (zone) => (zones().data.people ? zones().data.people[zone] : 1);
  const chosenGroup = () => sj.report.groups.find((group) => group.key === state.group);
  const lower = () => state.indicator.better === "lower is better";
  const ranks = () => state.indicator.better !== "none" && (sj.told(state.indicator).centiles || []).length === 99;

  // The value from which on people belong to the worst-served part: infinite where these have no way at all.
  function edge() {
    const centiles = sj.told(state.indicator).centiles;
    const one = centiles[lower() ? 99 - state.share : state.share - 1];
    return one === null ? Infinity : one;
  }

  function byValue(zone, row) {
    if (!state.kind) return true;
    const indicator = state.indicator;
    const value = indicator.values ? indicator.values[zone] : null;
    const without = UNREACHED.has(row.key);
    if (state.kind === "worst") {
      if (UNKNOWN.has(row.key) || !living(zone)) return false;
      if (lower()) return (without || value === null ? Infinity : value) >= edge();
      return value !== null && value <= edge();
    }
    if (state.kind === "above") {
      if (value === null || without) return without && lower();
      return value > state.low;
    }
    if (value === null || without || UNKNOWN.has(row.key)) return false;
    if (state.kind === "upto") return value <= state.low;
    return value >= Math.min(state.low, state.high) && value <= Math.max(state.low, state.high);
  }

  function passes(zone) {
    const row = sj.rowOf(state.indicator, zone);
    return !state.hidden.has(row.key) && byValue(zone, row);
  }

  const on = () => state.hidden.size > 0 || state.kind !== "";

  function counted(zone) {
    return state.group ? chosenGroup().people[zone] || 0 : living(zone);
  }

  // How many people of the chosen group live where the filter leaves the map plain.
  sj.tally = function () {
    let inside = 0;
    let all = 0;
    for (let zone = 0; zone < zones().shapes.length; zone += 1) {
      const people = counted(zone);
      all += people;
      if (passes(zone)) inside += people;
    }
    return [inside, all];
  };

  // A limit of whole numbers is written as one: 10 min, not 10.0 min.
  const written = (value) => sj.valueText(Number.isInteger(value) ? Object.assign({}, state.indicator, { decimals: 0 }) : state.indicator, value);

  // What is asked for, in words: “more than 12 min, without “up to 5 min””.
  function condition() {
    const parts = [];
    if (state.kind === "above" || state.kind === "upto") parts.push(sj.word("page.filter.is." + state.kind, { value: written(state.low) }));
    if (state.kind === "between") {
      const [low, high] = [Math.min(state.low, state.high), Math.max(state.low, state.high)];
      parts.push(sj.word("page.filter.is.between", { low: written(low), high: written(high) }));
    }
    if (state.kind === "worst") parts.push(sj.word("page.filter.is.worst", { share: sj.percent(state.share / 100) }));
    const names = state.indicator.legend.rows.filter((row) => state.hidden.has(row.key)).map((row) => "\u2068" + row.label + "\u2069");
    if (names.length) parts.push(sj.word("page.filter.without", { classes: names.join(sj.word("language.comma")) }));
    return parts.join(sj.word("language.comma"));
  }

  function line() {
    if (!on()) return "";
    let shown = 0;
    const all = zones().shapes.length;
    for (let zone = 0; zone < all; zone += 1) if (passes(zone)) shown += 1;
    return sj.word("page.filter.line", { shown: sj.write(shown, 0), all: sj.write(all, 0), what: condition() });
  }

  function sentence() {
    const [inside, all] = sj.tally();
    const parts = { people: sj.write(inside, 0), all: sj.write(all, 0), share: sj.percent(all ? inside / all : 0, 1) };
    const whom = state.group ? sj.pick(chosenGroup().title) + ": " : "";
    const counts = zones().data.people ? "people" : "zones";
    if (state.kind !== "above") {
      const asked = state.kind ? " " + sj.word("page.filter.asked", { what: condition() }) : "";
      const edged = state.kind === "worst" ? " " + (edge() === Infinity ? sj.word("page.filter.edge.none") : sj.word("page.filter.edge." + (lower() ? "from" : "to"), { value: written(edge()) })) : "";
      return whom + sj.word("page.filter.shown." + counts, parts) + asked + edged;
    }
    parts.value = written(state.low);
    const bads = lower() && state.indicator.kind === "cost" ? ".bads" : "";
    return whom + sj.word("page.filter.more." + counts + bads, parts);
  }

  // The filter as it stands in an address: above:12;hide:class_0;group:old.
  function code() {
    const parts = [];
    if (state.kind === "above" || state.kind === "upto") parts.push(state.kind + ":" + state.low);
    if (state.kind === "between") parts.push("between:" + state.low + ":" + state.high);
    if (state.kind === "worst") parts.push("worst:" + state.share);
    if (state.hidden.size) parts.push("hide:" + Array.from(state.hidden).join(","));
    if (state.group) parts.push("group:" + state.group);
    return parts.join(";") || null;
  }

  function decode(text) {
    clear();
    for (const part of String(text || "").split(";")) {
      const [name, ...given] = part.split(":");
      const numbers = given.map((one) => (one.trim() === "" ? NaN : Number(one)));
      const limits = span();
      if ((name === "above" || name === "upto") && limits && Number.isFinite(numbers[0])) [state.kind, state.low] = [name, numbers[0]];
      if (name === "between" && limits && Number.isFinite(numbers[0]) && Number.isFinite(numbers[1])) {
        [state.kind, state.low, state.high] = [name, numbers[0], numbers[1]];
      }
      if (name === "worst" && ranks() && numbers[0] >= 1 && numbers[0] <= 99) [state.kind, state.share] = [name, Math.round(numbers[0])];
      if (name === "hide") {
        const known = new Set(state.indicator.legend.rows.map((row) => row.key));
        state.hidden = new Set((given[0] || "").split(",").filter((key) => known.has(key)));
      }
      if (name === "group" && (sj.report.groups || []).some((group) => group.key === given[0])) state.group = given[0];
    }
  }

  function clear() {
    Object.assign(state, { kind: "", low: null, high: null, hidden: new Set(), group: "" });
  }

  // Lowest and highest value and the step between marks; null where there are no amounts.
  function span() {
    const indicator = state.indicator;
    const known = indicator.values ? indicator.values.filter((value) => value !== null) : [];
    if (known.length === 0 || sj.labelled(indicator)) return null;
    let low = Infinity;
    let high = -Infinity;
    for (const value of known) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const step = Math.max(Math.pow(10, -indicator.decimals), Math.pow(10, Math.floor(Math.log10((high - low) / 40 || 1))));
    return { low: Math.min(0, Math.floor(low / step) * step), high: Math.ceil(high / step) * step, step: step };
  }

  function apply() {
    const said = sentence();
    document.getElementById("filter-told").textContent = said;
    document.getElementById("filter-tally").textContent = on() ? sj.word("page.filter.on") : "";
    document.getElementById("filter-clear").hidden = !on() && !state.group;
    const bar = document.getElementById("shown");
    bar.hidden = !on();
    bar.querySelector("span").textContent = line();
    bar.querySelector("button").textContent = sj.word("page.filter.clear");
    changed();
    return said;
  }

  function act() {
    sj.state.set({ filter: code() });
    return apply();
  }

  function field(word, control) {
    const label = element("label", "field", sj.word(word));
    label.append(control);
    return label;
  }

  function slider(id, name, limits) {
    const slide = element("input");
    slide.type = "range";
    slide.id = id;
    slide.min = limits.low;
    slide.max = limits.high;
    slide.step = limits.step;
    slide.value = state[name] === null ? (name === "high" ? limits.high : limits.low) : state[name];
    const mark = element("output", "limit");
    const tell = function () {
      mark.textContent = state.kind ? written(Number(slide.value)) : "–";
      slide.setAttribute("aria-valuetext", state.kind ? mark.textContent : sj.word("page.filter.no_limit"));
    };
    slide.addEventListener("input", function () {
      state[name] = Number(Number(slide.value).toFixed(state.indicator.decimals));
      // Whoever moves the mark wants a limit.
      if (!state.kind) {
        state.kind = "above";
        document.getElementById("filter-kind").value = "above";
      }
      tell();
      act();
    });
    tell();
    return [mark, slide];
  }

  function kinds(limits) {
    const list = element("select");
    list.id = "filter-kind";
    for (const kind of KINDS) {
      if (kind === "worst" ? !ranks() : kind && !limits) continue;
      list.append(new Option(sj.word("page.filter.kind." + (kind || "all")), kind));
    }
    list.value = state.kind;
    list.addEventListener("change", function () {
      state.kind = list.value;
      if (limits && state.low === null) state.low = limits.low;
      if (limits && state.high === null) state.high = limits.high;
      lay();
      act();
      document.getElementById("filter-kind").focus();
    });
    return field("page.filter.by", list);
  }

  function limitFields(limits) {
    const parts = [];
    if (state.kind === "worst") {
      const share = element("input");
      share.type = "number";
      share.id = "filter-share";
      share.min = 1;
      share.max = 99;
      share.value = state.share;
      share.addEventListener("input", function () {
        const asked = Math.round(Number(share.value));
        if (!(asked >= 1 && asked <= 99)) return;
        state.share = asked;
        act();
      });
      return [field("page.filter.share", share)];
    }
    if (!limits) return parts;
    const first = element("label", "field", sj.word(state.kind === "between" ? "page.filter.from" : "page.filter.value"));
    first.append(...slider("filter-limit", "low", limits));
    parts.push(first);
    if (state.kind === "between") {
      const second = element("label", "field", sj.word("page.filter.to"));
      second.append(...slider("filter-high", "high", limits));
      parts.push(second);
    }
    return parts;
  }

  function lay() {
    const holder = document.getElementById("filter-body");
    const told = element("p", "filter-told");
    told.id = "filter-told";
    told.setAttribute("aria-live", "polite");
    const parts = [];
    if (sj.report.groups && sj.report.groups.length) {
      const list = element("select");
      list.id = "filter-group";
      list.append(new Option(sj.word("page.filter.everybody"), ""));
      for (const group of sj.report.groups) list.append(new Option(sj.pick(group.title), group.key));
      list.value = state.group;
      list.addEventListener("change", function () {
        state.group = list.value;
        act();
      });
      parts.push(field("page.filter.group", list));
    }
    const limits = span();
    if (limits) parts.push(kinds(limits), ...limitFields(limits));
    const classes = element("fieldset", "classes");
    classes.append(element("legend", "", sj.word("page.filter.classes")));
    for (const row of state.indicator.legend.rows) {
      const label = element("label", "class-choice");
      const box = element("input");
      box.type = "checkbox";
      box.checked = !state.hidden.has(row.key);
      box.dataset.key = row.key;
      box.addEventListener("change", function () {
        if (box.checked) state.hidden.delete(row.key);
        else state.hidden.add(row.key);
        act();
      });
      label.append(box, sj.classSwatch(row.swatch), sj.isolated(row.label));
      classes.append(label);
    }
    parts.push(classes, told);
    const away = element("button", "plain-button", sj.word("page.filter.clear"));
    away.type = "button";
    away.id = "filter-clear";
    away.addEventListener("click", () => remove(document.querySelector("#filter summary")));
    parts.push(away);
    holder.replaceChildren(...parts);
  }

  function remove(focused) {
    clear();
    lay();
    sj.say(act());
    focused.focus();
  }

  sj.filter = {
    passes: passes,
    on: on,
    line: line,
    code: code,
    // `follow` is called whenever other areas are shown than before.
    start: function (follow) {
      changed = follow;
      const bar = document.getElementById("shown");
      bar.querySelector("button").addEventListener("click", () => remove(sj.map.getContainer()));
      sj.state.own("filter", {
        tell: code,
        take: function (asked) {
          decode(asked);
          lay();
          apply();
        },
      });
    },
    // Another map: the worst-served part of people, the group and classes of the same name stay; limits stay where the
    // map is of the same unit, for elsewhere they mean nothing.
    show: function (indicator) {
      const before = state.indicator;
      if (before === indicator) return;
      const kept = Object.assign({}, state);
      clear();
      Object.assign(state, { indicator: indicator, group: kept.group });
      if (!before) return;
      const same = before.unit === indicator.unit && before.better === indicator.better;
      if (kept.kind === "worst" ? ranks() : kept.kind && same && span()) {
        Object.assign(state, { kind: kept.kind, low: kept.low, high: kept.high, share: kept.share });
      }
      const named = new Map(before.legend.rows.map((row) => [row.key, row.label]));
      for (const row of indicator.legend.rows) {
        if (kept.hidden.has(row.key) && named.get(row.key) === row.label) state.hidden.add(row.key);
      }
      if (kept.kind || kept.hidden.size) sj.state.set({ filter: code() });
    },
    lay: lay,
    apply: apply,
  };
})(window.spatialjustice);
