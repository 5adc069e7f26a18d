// Small drawings beside the map, all of them SVG: the histogram, curves of inequality, bars of groups.
"use strict";
(function (sj) {
  const element = sj.element;
  const SPACE = "http://www.w3.org/2000/svg";
  const BINS = 28;

  function shape(tag, facts, text) {
    const made = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function drawing(width, height, label) {
    const made = shape("svg", { viewBox: "0 0 " + width + " " + height, role: "img", class: "chart", "aria-label": label });
    made.style.direction = "ltr";
    return made;
  }

  // How many people (or zones) there are at each value, in the colours of the classes.
  sj.histogram = function (holder, indicator) {
    if (!indicator.values || sj.labelled(indicator)) return;
    const data = sj.made.zones.data;
    const known = [];
    indicator.values.forEach(function (value, zone) {
      const row = parseInt(indicator.classes[zone], 36);
      if (value !== null && indicator.legend.rows[row].key.startsWith("class_")) known.push([value, data.people ? data.people[zone] : 1, row]);
    });
    const different = new Set(known.map((one) => one[0]));
    if (different.size < 3) return;
    let low = Infinity;
    let high = -Infinity;
    for (const [value] of known) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const whole = indicator.decimals === 0 && high - low < BINS;
    const count = whole ? high - low + 1 : BINS;
    const bins = Array.from({ length: count }, () => new Map());
    for (const [value, people, row] of known) {
      const place = whole ? value - low : Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS));
      bins[place].set(row, (bins[place].get(row) || 0) + people);
    }
    const totals = bins.map((bin) => Array.from(bin.values()).reduce((sum, one) => sum + one, 0));
    const most = Math.max(...totals) || 1;
    const width = 332;
    const tall = 58;
    const label = sj.word(data.people ? "page.histogram.people" : "page.histogram.zones");
    const made = drawing(width, tall + 16, label);
    const step = Math.min(width / count, 40);
    bins.forEach(function (bin, place) {
      let top = tall;
      for (const row of Array.from(bin.keys()).sort((a, b) => a - b)) {
        const height = (bin.get(row) / most) * (tall - 2);
        top -= height;
        made.append(shape("rect", { x: (place * step + 0.5).toFixed(2), y: top.toFixed(2), width: Math.max(1, step - 1).toFixed(2), height: height.toFixed(2), fill: indicator.legend.rows[row].swatch[0], stroke: "#8b9499", "stroke-width": 0.4 }));
      }
    });
    made.append(shape("line", { x1: 0, y1: tall + 0.5, x2: width, y2: tall + 0.5, stroke: "#59656c", "stroke-width": 1 }));
    for (const [value, x, anchor] of [[low, 0, "start"], [high, step * count, "end"]]) {
      made.append(shape("text", { x: x, y: tall + 13, "text-anchor": anchor, class: "tick" }, sj.write(value, indicator.decimals)));
    }
    const mean = sj.told(indicator).mean;
    if (typeof mean === "number" && !whole && mean > low && mean < high) {
      const x = ((mean - low) / (high - low)) * width;
      made.append(shape("line", { x1: x, y1: 2, x2: x, y2: tall + 3, stroke: "#11181c", "stroke-width": 1.2, "stroke-dasharray": "3 2" }));
      if (x > 60 && x < width - 60) made.append(shape("text", { x: x, y: tall + 13, "text-anchor": "middle", class: "tick" }, sj.word("page.mean") + " " + sj.write(mean, indicator.decimals)));
    }
    const figure = element("figure", "histogram");
    figure.append(made);
    holder.append(figure);
  };

  function indexText(curve) {
    const parts = { name: sj.pick(curve.index.name), value: sj.write(curve.index.value, 3) };
    if (curve.index.low === null) return sj.word("page.curve.index", parts);
    parts.low = sj.write(curve.index.low, 3);
    parts.high = sj.write(curve.index.high, 3);
    return sj.word("page.curve.interval", parts);
  }

  const CURVES = { lorenz: ["#0b5d6b", ""], concentration: ["#a23b00", "6 3"] };

  function curves(told) {
    const side = 168;
    const left = 34;
    const below = 20;
    const figure = element("figure", "curves");
    const label = told.map((curve) => sj.word("page.curve." + curve.kind) + ", " + indexText(curve)).join("; ");
    const made = drawing(left + side + 8, side + below + 10, label);
    const x = (share) => left + share * side;
    const y = (share) => 6 + (1 - share) * side;
    made.append(shape("rect", { x: left, y: 6, width: side, height: side, fill: "#fbfbfa", stroke: "#c3cacd" }));
    for (const share of [0, 0.5, 1]) {
      made.append(shape("text", { x: left - 5, y: y(share) + 4, "text-anchor": "end", class: "tick" }, sj.percent(share)));
      made.append(shape("text", { x: x(share), y: side + 20, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle", class: "tick" }, sj.percent(share)));
    }
    made.append(shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), stroke: "#59656c", "stroke-width": 1, "stroke-dasharray": "3 3" }));
    for (const curve of told) {
      const [colour, dash] = CURVES[curve.kind];
      const points = curve.x.map((share, place) => x(share).toFixed(2) + "," + y(curve.y[place]).toFixed(2)).join(" ");
      made.append(shape("polyline", { points: points, fill: "none", stroke: colour, "stroke-width": 2.2, "stroke-dasharray": dash }));
    }
    const words = element("figcaption");
    for (const curve of told) {
      const key = element("p", "curve-key " + curve.kind);
      key.append(element("strong", "", sj.word("page.curve." + curve.kind)), element("span", "", indexText(curve)));
      words.append(key);
    }
    figure.append(made, words);
    return [figure, ...told.map((curve) => element("p", "chart-note", sj.word("page.curve." + curve.kind + ".note")))];
  }

  function bars(told) {
    const figure = element("figure", "bars");
    const highest = Math.max(...told.rows.flatMap((row) => [row.value || 0, row.high || 0])) || 1;
    const list = element("table", "bar-table");
    list.append(element("caption", "", sj.pick(told.title)));
    const body = element("tbody");
    for (const row of told.rows) {
      const line = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(sj.isolated(sj.pick(row.label)));
      const text = row.value === null ? "–" : told.percent ? sj.percent(row.value, 1) : sj.write(row.value, 1);
      const value = element("td", "count");
      value.append(sj.isolated(text));
      const cell = element("td", "bar-wide");
      if (row.value !== null) {
        const made = drawing(120, 16, "");
        made.setAttribute("aria-hidden", "true");
        made.removeAttribute("role");
        made.removeAttribute("aria-label");
        const scale = (one) => (one / highest) * 116;
        made.append(shape("rect", { x: 0, y: 3, width: scale(row.value).toFixed(2), height: 10, fill: row.same ? "#b9c6ca" : "#0b5d6b" }));
        if (row.low !== null && row.high !== null) {
          const ends = [scale(row.low), scale(row.high)];
          made.append(shape("path", { d: "M" + ends[0] + " 8H" + ends[1] + "M" + ends[0] + " 4V12M" + ends[1] + " 4V12", stroke: "#11181c", "stroke-width": 1.3, fill: "none" }));
        }
        cell.append(made);
      }
      const notes = [];
      if (row.low !== null && row.value !== null) {
        const write = (one) => (told.percent ? sj.percent(one, 1) : sj.write(one, 1));
        notes.push(sj.word("page.bars.interval", { low: write(row.low), high: write(row.high) }));
      }
      if (row.same) notes.push(sj.word("page.bars.same"));
      if (sj.pick(row.note)) notes.push(sj.pick(row.note));
      line.append(name, cell, value);
      body.append(line);
      if (notes.length) {
        const below = element("tr", "bar-note");
        const told = element("td", "", notes.join(" · "));
        told.colSpan = 3;
        below.append(told);
        body.append(below);
      }
    }
    list.append(body);
    figure.append(list);
    return figure;
  }

  sj.charts = function (indicator) {
    const holder = document.getElementById("charts");
    const told = sj.told(indicator);
    const parts = [];
    const between = sj.report.decision && sj.report.decision.frontier;
    if (between) parts.push(...sj.frontier(between));
    if (told.curves && told.curves.length) {
      parts.push(element("h2", "", sj.word("page.charts")), element("p", "chart-of", sj.pick(told.curves[0].title)), ...curves(told.curves));
    }
    if (told.bars && told.bars.length) parts.push(element("h2", "", sj.word(sj.report.decision ? "page.bars.plans" : "page.bars")), ...told.bars.map(bars));
    holder.replaceChildren(...parts);
    holder.hidden = !parts.length;
  };
})(window.spatialjustice);
