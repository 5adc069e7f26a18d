// Small drawings beside the map, all of them SVG: the histogram, curves of inequality, bars of groups.
"use strict";
(function (sj) {
  const element = sj.element;
  const SPACE = "http://www.w3.org/2000/svg";

  function shape(tag, facts, text) {
    const made = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // After an Arabic letter the sign of percent stands where it stands inside a Persian sentence; a number has none.
  const axisShare = (share) => (sj.language.dir === "rtl" ? "\u061c" : "") + sj.percent(share);

  function drawing(width, height, label) {
    const made = shape("svg", { viewBox: "0 0 " + width + " " + height, role: "img", class: "chart", "aria-label": label });
    made.style.direction = "ltr";
    return made;
  }

  // How many people (or zones) there are at each value, everybody among them, in the colours of the classes. Those
  // without a value have a bar each beside the others; the limit and the mean are marked.
  sj.histogram = function (holder, indicator) {
    const found = indicator.legend.histogram;
    if (!found || found.bars.length + found.others.length < 3) return;
    const rows = indicator.legend.rows;
    const total = (bar) => bar.reduce((sum, [, count]) => sum + count, 0);
    const beside = found.others.map((one) => [one]);
    const most = Math.max(...found.bars.map(total), ...beside.map(total)) || 1;
    const [width, top, tall, room, gap] = [332, 26, 58, 16, 8];
    const wide = width - beside.length * (room + gap);
    const step = Math.min(wide / found.bars.length, 40);
    const end = step * found.bars.length;
    const told = sj.told(indicator);
    const made = drawing(width, top + tall + 16, sj.word(found.people ? "page.histogram.people" : "page.histogram.zones"));
    function stack(bar, x, breadth) {
      let up = top + tall;
      for (const [row, count] of bar) {
        const height = (count / most) * tall;
        up -= height;
        made.append(shape("rect", { x: x.toFixed(2), y: up.toFixed(2), width: Math.max(1, breadth).toFixed(2), height: height.toFixed(2), fill: rows[row].swatch[0], class: "stack" }));
      }
    }
    found.bars.forEach((bar, place) => stack(bar, place * step + 0.5, step - 1));
    beside.forEach(function (bar, place) {
      const x = width - (beside.length - place) * (room + gap) + gap;
      stack(bar, x, room);
      const mark = bar.length ? rows[bar[0][0]] : null;
      if (mark && mark.swatch[1]) made.append(shape("text", { x: x + room / 2, y: top + tall + 12, "text-anchor": "middle", class: "tick" }, "×"));
    });
    made.append(shape("line", { x1: 0, y1: top + tall + 0.5, x2: width, y2: top + tall + 0.5, class: "axis" }));
    const taken = [];
    function tick(x, text, y, beside) {
      const half = text.length * 3.1 + 3;
      const anchor = beside || (x < half ? "start" : x > width - half ? "end" : "middle");
      const from = anchor === "start" ? x : anchor === "end" ? x - 2 * half : x - half;
      if (taken.some((one) => one[2] === y && from < one[1] && from + 2 * half > one[0])) return;
      taken.push([from, from + 2 * half, y]);
      made.append(shape("text", { x: x.toFixed(1), y: y, "text-anchor": anchor, class: "tick" }, text));
    }
    if (found.open) tick(end, "+", top + tall + 13);
    for (const [place, text] of found.ticks) tick(place * end, text, top + tall + 13);
    if (found.limit !== null) {
      const x = found.limit * end;
      made.append(shape("line", { x1: x, y1: 12, x2: x, y2: top + tall + 3, class: "limit-line" }));
      const widest = indicator.legend.limits.find((one) => one.widest);
      tick(x, widest.text, 9);
    }
    const mean = told.mean;
    if (typeof mean === "number" && found.high > found.low && mean > found.low && mean < found.high) {
      // Bars of whole numbers stand around their number.
      const shift = found.ticks[0][0] > 0 && found.bars.length === found.high - found.low ? 0.5 : 0;
      const x = ((mean - found.low + shift) / (found.high - found.low)) * end;
      made.append(shape("line", { x1: x, y1: 23, x2: x, y2: top + tall + 3, class: "mean-line" }));
      // Beside the limit, away from its line.
      const limit = found.limit === null ? -1e3 : found.limit * end;
      const away = Math.abs(x - limit) > 48 ? "" : x < limit ? "end" : "start";
      tick(x + (away === "end" ? -3 : away ? 3 : 0), sj.word("page.mean") + "\u00a0" + sj.write(mean, indicator.decimals), 20, away);
    }
    const figure = element("figure", "histogram");
    figure.append(made);
    const names = found.others.map(([row]) => rows[row].label);
    const notes = [sj.word(found.people ? "page.counts.people" : "page.counts.zones")];
    if (found.open) notes.push(sj.word("page.histogram.open"));
    if (names.length) notes.push(sj.word("page.histogram.beside", { names: names.join(sj.word("language.comma")) }));
    figure.append(element("figcaption", "chart-note", notes.join(" ")));
    holder.append(figure);
  };

  function indexText(curve) {
    const parts = { name: sj.pick(curve.index.name), value: sj.write(curve.index.value, 3) };
    if (curve.index.low === null) return sj.word("page.curve.index", parts);
    parts.low = sj.write(curve.index.low, 3);
    parts.high = sj.write(curve.index.high, 3);
    return sj.word("page.curve.interval", parts);
  }

  function curves(told) {
    const side = 168;
    const left = 34;
    const below = 20;
    const figure = element("figure", "curves");
    const label = told.map((curve) => sj.word("page.curve." + curve.kind) + ", " + indexText(curve)).join("; ");
    const made = drawing(left + side + 8, side + below + 10, label);
    const x = (share) => left + share * side;
    const y = (share) => 6 + (1 - share) * side;
    made.append(shape("rect", { x: left, y: 6, width: side, height: side, class: "plot" }));
    for (const share of [0, 0.5, 1]) {
      made.append(shape("text", { x: left - 5, y: y(share) + 4, "text-anchor": "end", class: "tick" }, axisShare(share)));
      made.append(shape("text", { x: x(share), y: side + 20, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle", class: "tick" }, axisShare(share)));
    }
    made.append(shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "even" }));
    for (const curve of told) {
      const points = curve.x.map((share, place) => x(share).toFixed(2) + "," + y(curve.y[place]).toFixed(2)).join(" ");
      made.append(shape("polyline", { points: points, class: "curve " + curve.kind }));
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
    // Bars begin at 0 and go both ways, as changes do.
    const known = told.rows.flatMap((row) => [row.value || 0, row.low || 0, row.high || 0]);
    const least = Math.min(0, ...known);
    const breadth = Math.max(0, ...known) - least || 1;
    const scale = (one) => ((one - least) / breadth) * 116 + (least < 0 ? 2 : 0);
    // A minus stands before its number in a text from right to left, too.
    const apart = (one) => (one < 0 ? "\u2066" + write(one) + "\u2069" : write(one));
    const write = (one) => (told.percent ? sj.percent(one, told.digits) : sj.write(one, told.digits));
    const list = element("table", "bar-table");
    list.append(element("caption", "", sj.pick(told.title)));
    const body = element("tbody");
    for (const row of told.rows) {
      const line = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(sj.isolated(sj.pick(row.label)));
      const text = row.value === null ? "–" : write(row.value);
      const value = element("td", "count");
      value.append(sj.isolated(text));
      const cell = element("td", "bar-wide");
      if (row.value !== null) {
        const made = drawing(120, 16, "");
        made.setAttribute("aria-hidden", "true");
        made.removeAttribute("role");
        made.removeAttribute("aria-label");
        const from = Math.min(scale(0), scale(row.value));
        const wide = Math.abs(scale(row.value) - scale(0));
        made.append(shape("rect", { x: from.toFixed(2), y: 3, width: wide.toFixed(2), height: 10, class: row.same ? "group-bar same" : "group-bar" }));
        if (least < 0) made.append(shape("line", { x1: scale(0).toFixed(2), y1: 0, x2: scale(0).toFixed(2), y2: 16, class: "even" }));
        if (row.low !== null && row.high !== null) {
          const ends = [scale(row.low), scale(row.high)];
          made.append(shape("path", { d: "M" + ends[0] + " 8H" + ends[1] + "M" + ends[0] + " 4V12M" + ends[1] + " 4V12", class: "ends" }));
        }
        cell.append(made);
      }
      const notes = [];
      if (row.low !== null && row.value !== null) {
        notes.push(sj.word("page.bars.interval", { low: apart(row.low), high: apart(row.high) }));
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
    if (between) document.getElementById("frontier").replaceChildren(...sj.frontier(between));
    if (told.curves && told.curves.length) {
      parts.push(element("h2", "", sj.word("page.charts")), element("p", "chart-of", sj.pick(told.curves[0].title)), ...curves(told.curves));
    }
    if (told.bars && told.bars.length) parts.push(element("h2", "", sj.word(sj.report.decision ? "page.bars.plans" : "page.bars")), ...told.bars.map(bars));
    holder.replaceChildren(...parts);
    holder.hidden = !parts.length;
  };
})(window.spatialjustice);
