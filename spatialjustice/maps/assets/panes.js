// Two maps side by side on one view: another measure or another mode to the right of a border that can be moved.
"use strict";
(function (sj) {
  const element = sj.element;
  const state = { on: false, mode: "", key: "", part: 0.5, indicator: null, rows: [], lists: null, shared: false };
  let map = null;
  let pane = null;
  let sheet = null;
  let border = null;

  const zones = () => sj.made.zones;
  const modes = () => sj.modes.list;

  async function indicators(mode) {
    return mode && mode !== sj.modes.chosen ? (await sj.modes.load(mode)).indicators : zones().data.indicators;
  }

  function named(indicator, mode) {
    return [mode ? sj.modes.title(mode) : "", indicator.group, indicator.title].filter(Boolean).join(" · ");
  }

  const isClass = (row) => row.key.startsWith("class_");
  const measured = (one) => Boolean(one.values && one.legend.upper && one.legend.upper.length && one.kind !== "change");

  // Both sides have the classes of the left one where both are of the same unit: one colour is one value then.
  function classed() {
    const left = zones().data.indicators[zones().chosen];
    const right = state.indicator;
    state.shared = left !== right && measured(left) && measured(right) && left.unit === right.unit && left.better === right.better;
    if (!state.shared) {
      state.rows = right.legend.rows;
      state.lists = zones().groups(right);
      return;
    }
    const upper = left.legend.upper.map((limit) => (limit === null ? Infinity : limit));
    const own = right.legend.rows;
    state.rows = left.legend.rows.filter(isClass).concat(own.filter((row) => !isClass(row)));
    const rest = new Map(state.rows.map((row, at) => [row.key, at]));
    state.lists = state.rows.map(() => []);
    const counts = state.rows.map(() => [0, 0]);
    const people = zones().data.people;
    let farther = false;
    zones().shapes.forEach(function (shape, zone) {
      const row = own[parseInt(right.classes[zone], 36)];
      let at = rest.get(row.key);
      if (isClass(row)) {
        at = upper.findIndex((limit) => right.values[zone] <= limit);
        if (at < 0) [at, farther] = [upper.length - 1, true];
      }
      state.lists[at].push(shape);
      counts[at][0] += 1;
      counts[at][1] += people ? people[zone] || 0 : 0;
    });
    state.rows = state.rows.map(function (row, at) {
      if (!isClass(row)) return row;
      const [count, living] = counts[at];
      const last = farther && at === upper.length - 1 && at > 0;
      const label = last ? sj.word("legend.more_than", { low: sj.write(upper[at - 1], right.decimals) }) : row.label;
      return Object.assign({}, row, { label: label, zones: sj.write(count, 0), people: people ? sj.write(living, 0) : null, bar: count });
    });
  }

  function clipped(path) {
    for (const name of ["worst", "limit"]) if (map.getPane(name)) map.getPane(name).style.clipPath = path;
  }

  function place() {
    const size = map.getSize();
    const x = Math.round(state.part * size.x);
    border.style.left = x + "px";
    pane.dataset.from = x;
    const from = map.containerPointToLayerPoint([x, 0]);
    const to = map.containerPointToLayerPoint([size.x, size.y]);
    const box = [[from.x, from.y - size.y], [to.x + size.x, from.y - size.y], [to.x + size.x, to.y + size.y], [from.x, to.y + size.y]];
    pane.style.clipPath = "polygon(" + box.map(([h, v]) => h + "px " + v + "px").join(",") + ")";
    // The numbers and the line of the limit are those of the left map.
    const ends = [[from.x - 2 * size.x, from.y - size.y], [from.x, from.y - size.y], [from.x, to.y + size.y], [from.x - 2 * size.x, to.y + size.y]];
    clipped("polygon(" + ends.map(([h, v]) => h + "px " + v + "px").join(",") + ")");
  }

  function label() {
    const left = zones().data.indicators[zones().chosen];
    border.querySelector(".before").textContent = named(left, sj.modes.chosen);
    border.querySelector(".after").textContent = named(state.indicator, state.mode);
  }

  function legend() {
    const holder = document.getElementById("panes-legend");
    if (!holder) return;
    holder.replaceChildren();
    if (!state.on) return;
    const one = state.indicator;
    const table = element("table", "legend-table");
    table.append(element("caption", "", sj.word("page.panes.right") + ": " + named(one, state.mode)));
    const body = element("tbody");
    for (const row of state.rows) {
      if (!row.bar && row.zones === sj.write(0, 0)) continue;
      const line = element("tr");
      const name = element("th");
      name.scope = "row";
      const text = element("span", "class-label");
      text.append(sj.classSwatch(row.swatch), sj.isolated(row.label));
      name.append(text);
      line.append(name, element("td", "count", row.people === null ? row.zones : row.people));
      body.append(line);
    }
    table.append(body);
    const people = one.legend.people !== null;
    const facts = [one.legend.unit, sj.word(people ? "page.counts.people" : "page.counts.zones")].filter(Boolean).join(" · ");
    holder.append(table, element("p", "legend-note", facts));
    holder.append(element("p", "legend-note", sj.word(state.shared ? "page.panes.shared" : "page.panes.own")));
    if (sj.pick(sj.told(one).finding) && state.mode === sj.modes.chosen) holder.append(element("p", "legend-note", sj.pick(sj.told(one).finding)));
  }

  function draw() {
    border.hidden = !state.on;
    if (!state.on) {
      sheet.remove();
      clipped("");
      legend();
      return;
    }
    classed();
    if (map.hasLayer(sheet)) sheet.redraw();
    else sheet.addTo(map);
    label();
    legend();
    place();
  }

  async function show(mode, key) {
    const all = await indicators(mode);
    const found = all.find((one) => one.key === key) || all.find((one) => one !== zones().data.indicators[zones().chosen]) || all[0];
    Object.assign(state, { on: true, mode: mode, key: found.key, indicator: found });
    draw();
  }

  const code = () => (state.on ? (state.mode ? state.mode + ":" : "") + state.key : null);

  function hide() {
    state.on = false;
    draw();
  }

  async function lay() {
    const holder = document.getElementById("panes-body");
    if (!holder) return;
    const parts = [];
    const box = element("input");
    box.type = "checkbox";
    box.id = "panes-on";
    box.checked = state.on;
    const switched = element("label", "class-choice");
    switched.append(box, element("span", "", sj.word("page.panes.on")));
    parts.push(switched);
    const measure = element("select");
    measure.id = "panes-measure";
    const fill = async function (mode) {
      const all = await indicators(mode);
      measure.replaceChildren(...all.map((one) => new Option((one.group ? one.group + ": " : "") + one.title, one.key)));
      if (state.key) measure.value = state.key;
      if (!measure.value) measure.selectedIndex = 0;
    };
    let mode = null;
    if (modes().length > 1) {
      mode = element("select");
      mode.id = "panes-mode";
      mode.append(...modes().map((one) => new Option(sj.pick(one.title), one.key)));
      mode.value = state.mode || sj.modes.chosen;
      const field = element("label", "field", sj.word("page.panes.mode"));
      field.append(mode);
      parts.push(field);
    }
    const field = element("label", "field", sj.word("page.panes.measure"));
    field.append(measure);
    parts.push(field);
    const slide = element("input");
    slide.type = "range";
    slide.id = "panes-border";
    slide.min = 0;
    slide.max = 100;
    slide.value = Math.round(state.part * 100);
    slide.addEventListener("input", () => move(Number(slide.value) / 100));
    const moved = element("label", "field", sj.word("page.panes.border"));
    moved.append(slide);
    const told = element("div");
    told.id = "panes-legend";
    parts.push(moved, told);
    const asked = async function () {
      await show(mode ? mode.value : "", measure.value);
      box.checked = true;
      sj.state.set({ right: code() });
      sj.say(sj.word("page.panes.right") + ": " + named(state.indicator, state.mode));
    };
    box.addEventListener("change", function () {
      if (box.checked) return asked();
      hide();
      sj.state.set({ right: null });
    });
    measure.addEventListener("change", asked);
    if (mode) mode.addEventListener("change", () => fill(mode.value).then(asked));
    await fill(mode ? mode.value : "");
    holder.replaceChildren(...parts);
    legend();
  }

  function move(to) {
    state.part = Math.max(0, Math.min(1, to));
    const slide = document.getElementById("panes-border");
    if (slide) slide.value = Math.round(state.part * 100);
    place();
  }

  sj.panes = {
    start: function (where) {
      map = where;
      const holder = document.getElementById("panes");
      if (!holder) return;
      holder.hidden = Boolean(sj.report.compare) || (modes().length < 2 && zones().data.indicators.length < 2);
      if (holder.hidden) return;
      pane = map.createPane("right");
      pane.style.zIndex = 405;
      pane.style.pointerEvents = "none";
      sheet = new sj.Sheet(function (context, view) {
        context.fillStyle = "#f6f5f1";
        sj.inBatches(context, zones().shapes, view, true, () => context.fill());
        state.rows.forEach(function (row, at) {
          sj.inBatches(context, state.lists[at], view, true, function () {
            sj.fillSwatch(context, row.swatch, view.ratio, view.x % 6, view.y % 6);
            context.strokeStyle = row.swatch[0];
            context.lineWidth = 0.6;
            context.stroke();
          });
        });
      }, { pane: "right" });
      border = sj.divider(map, move);
      border.hidden = true;
      map.on("move zoom zoomend resize viewreset", () => state.on && place());
      holder.addEventListener("toggle", () => holder.open && lay());
      sj.onLanguage(function () {
        if (state.on) draw();
        if (holder.open) lay();
      });
      // The right side stays when the left one becomes another map or another mode.
      document.addEventListener("sj:mode", () => holder.open && lay());
      sj.state.own("right", {
        tell: code,
        take: async function (asked) {
          const parts = String(asked || "").split(":");
          const key = parts.pop();
          const mode = parts.length ? parts.join(":") : sj.modes.chosen;
          if (mode && !modes().some((one) => one.key === mode)) return hide();
          if (!(await indicators(mode)).some((one) => one.key === key)) return hide();
          holder.open = true;
          await show(mode, key);
          await lay();
        },
      });
    },
    follow: () => state.on && draw(),
  };
})(window.spatialjustice);
