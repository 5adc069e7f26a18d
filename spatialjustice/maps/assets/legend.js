// The legend beside the map and the key upon it: what each colour, hatch and symbol means, and where the limit lies.
"use strict";
(function (sj) {
  const element = sj.element;

  function swatchCanvas(draw, width, height) {
    const canvas = element("canvas", "swatch");
    const ratio = 2;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    draw(context, ratio);
    return canvas;
  }

  sj.classSwatch = function (swatch) {
    return swatchCanvas(
      function (context, ratio) {
        context.beginPath();
        context.rect(0, 0, 24, 16);
        sj.fillSwatch(context, swatch, ratio, 0, 0);
      },
      24,
      16,
    );
  };

  sj.showLegend = function (indicator) {
    const legend = indicator.legend;
    const holder = document.getElementById("legend");
    holder.replaceChildren();
    const people = legend.people !== null;
    const facts = [legend.unit, legend.direction].filter(Boolean).join(" · ");
    if (indicator.group) holder.append(element("p", "legend-group", indicator.group));
    holder.append(element("h2", "legend-title", indicator.title));
    if (facts) holder.append(element("p", "legend-facts", facts));
    if (sj.histogram) sj.histogram(holder, indicator);
    if (legend.square) holder.append(square(legend));
    const table = element("table", "legend-table");
    table.append(element("caption", "hidden", sj.word("legend.heading") + ": " + indicator.title));
    const head = element("tr");
    for (const [key, name] of [["legend.class", ""], ["legend.zones", "count"]].concat(
      people ? [["legend.people", "count"]] : [],
    )) {
      const cell = element("th", name, sj.word(key));
      cell.scope = "col";
      head.append(cell);
    }
    const bars = element("td", "bar-head");
    bars.setAttribute("aria-hidden", "true");
    head.append(bars);
    table.append(element("thead"));
    table.tHead.append(head);
    const body = element("tbody");
    let values = true;
    legend.rows.forEach(function (row, place) {
      if (legend.square && row.swatch && /^[A-C][1-3]$/.test(row.key)) return;
      const line = element("tr", (row.bar ? "" : "empty") + (row.drawn === false ? " undrawn" : ""));
      line.dataset.key = row.key;
      const isValue = row.key.startsWith("class_") || row.key.includes("-") || row.key === "not significant";
      if (!isValue && values) line.classList.add("first-reason");
      values = isValue;
      const label = element("th");
      label.scope = "row";
      const text = element("span", "class-label");
      text.append(sj.classSwatch(row.swatch), element("bdi", "", row.label));
      label.append(text);
      line.append(label, element("td", "count", row.zones));
      if (people) line.append(element("td", "count", row.people));
      const cell = element("td", "bar-cell");
      cell.setAttribute("aria-hidden", "true");
      const bar = element("span", "bar");
      bar.style.width = Math.max(row.bar > 0 ? 2 : 0, row.bar * 100) + "%";
      cell.append(bar);
      line.append(cell);
      body.append(line);
      for (const limit of legend.limits.filter((one) => one.after === place)) {
        const mark = element("tr", limit.widest ? "limit-mark widest" : "limit-mark");
        const text = element("td", "", "");
        text.colSpan = people ? 4 : 3;
        text.append(sj.isolated(limit.text));
        mark.append(text);
        body.append(mark);
      }
    });
    table.append(body);
    const foot = element("tfoot");
    const total = element("tr");
    const label = element("th", "", sj.word("legend.total"));
    label.scope = "row";
    total.append(label, element("td", "count", legend.zones));
    if (people) total.append(element("td", "count", legend.people));
    const rest = element("td");
    rest.setAttribute("aria-hidden", "true");
    total.append(rest);
    foot.append(total);
    table.append(foot);
    holder.append(table);
    const symbols = element("ul", "legend-symbols");
    holder.append(symbols);
    sj.showSymbols();
    if (legend.note) holder.append(element("p", "legend-note strong", legend.note));
    if (indicator.explanation) holder.append(element("p", "legend-note", indicator.explanation));
    if (legend.method) holder.append(element("p", "legend-note", legend.method));
    showKey(indicator);
  };

  // The services whose places are on the map.
  sj.shownServices = () => sj.made.services.filter((layer) => sj.map.hasLayer(layer.sheet));

  sj.showSymbols = function () {
    const holder = document.querySelector("#legend .legend-symbols");
    if (!holder) return;
    const lines = sj.shownServices().map(function (layer) {
      const line = element("li");
      line.append(sj.layerSymbol(layer.data), sj.isolated(layer.data.title));
      return line;
    });
    for (const [text, draw] of sj.whatIf ? sj.whatIf.symbols() : []) {
      const line = element("li");
      line.append(swatchCanvas((context) => draw(context, 12, 8), 24, 16), sj.isolated(text));
      lines.push(line);
    }
    holder.replaceChildren(...lines);
    holder.hidden = !lines.length;
  };

  // Two variables: the classes of the first from left to right, those of the second from below upwards.
  function square(legend) {
    const { first, second } = legend.square;
    const made = element("table", "square");
    made.append(element("caption", "", second.title + " ↑"));
    const body = element("tbody");
    second.classes.forEach(function (_, turned) {
      const two = second.classes.length - 1 - turned;
      const line = element("tr");
      const side = element("th", "square-side");
      side.scope = "row";
      side.append(sj.isolated(second.classes[two]));
      line.append(side);
      first.classes.forEach(function (_, one) {
        const label = "ABC"[one] + (two + 1);
        const row = legend.rows.find((each) => each.key === label);
        const cell = element("td");
        const colour = swatchCanvas((context, ratio) => square.cell(context, row, ratio, 0, 0, 76, 30), 76, 30);
        cell.append(colour, element("span", "square-count", row.people === null ? row.zones : row.people));
        line.append(cell);
      });
      body.append(line);
    });
    const foot = element("tr");
    foot.append(element("td"));
    for (const text of first.classes) {
      const cell = element("th", "square-foot");
      cell.scope = "col";
      cell.append(sj.isolated(text));
      foot.append(cell);
    }
    const last = element("tr");
    const name = element("td", "square-name", first.title + (sj.language.dir === "rtl" ? " ←" : " →"));
    name.colSpan = first.classes.length + 1;
    last.append(name);
    body.append(foot, last);
    made.append(body);
    return made;
  }

  // A cell of the square: its look, and its letter and figure on a quiet ground.
  square.cell = function (context, row, ratio, x, y, width, height) {
    context.beginPath();
    context.rect(x, y, width, height);
    sj.fillSwatch(context, row.swatch, ratio, x, y);
    context.font = '600 12px "Vazirmatn Variable", system-ui, sans-serif';
    context.direction = "ltr";
    context.textAlign = "center";
    context.fillStyle = "rgba(255,255,255,0.88)";
    context.fillRect(x + width / 2 - 12, y + height / 2 - 8, 24, 16);
    context.fillStyle = "#1c2428";
    context.fillText(row.key, x + width / 2, y + height / 2 + 4.5);
  };
  sj.squareCell = square.cell;

  // The key on the map itself, for screens where the legend lies below it: colours from well to badly off, and the limit.
  function showKey(indicator) {
    const holder = sj.key;
    const legend = indicator.legend;
    const strip = element("ol", "key-strip");
    legend.rows.forEach(function (row, place) {
      if (row.reason && row.zones === sj.write(0, 0)) return;
      if (row.reason && (row.key === "no_population" || row.key === "no_data") && !sj.labelled(indicator)) return;
      const step = element("li", "key-step");
      if (legend.limits.some((one) => one.widest && one.after === place)) step.classList.add("at-limit");
      const colour = sj.classSwatch(row.swatch);
      step.append(colour, sj.isolated(row.label));
      strip.append(step);
    });
    const name = [legend.unit, legend.limits.length ? legend.limits[legend.limits.length - 1].text : ""].filter(Boolean).join(" · ");
    const facts = element("p", "key-facts");
    if (name) facts.append(sj.isolated(name));
    holder.dir = sj.language.dir;
    holder.setAttribute("aria-label", sj.word("legend.heading"));
    holder.replaceChildren(facts, strip);
  }

  // Places whose numbers stand on the map.
  sj.numberedSymbol = function (context, colour, x, y) {
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.fillStyle = "#ffffff";
    context.font = '700 10px "Vazirmatn Variable", system-ui, sans-serif';
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(sj.write(1, 0), x, y + 3.5);
    context.textAlign = "start";
  };

  sj.serviceSymbol = function (context, data, x, y) {
    if (data.shape === "numbered") sj.numberedSymbol(context, data.colour, x, y);
    else sj.drawSymbol(context, data, x, y, 5.5);
  };

  sj.layerSymbol = function (data) {
    return swatchCanvas(
      function (context) {
        context.lineCap = "round";
        if (data.role === "services") return sj.serviceSymbol(context, data, 12, 8);
        if (data.role === "base") {
          context.fillStyle = "#d6e4ec";
          context.fillRect(1, 1, 22, 14);
          context.fillStyle = "#e1ebd8";
          context.fillRect(1, 1, 11, 14);
          context.strokeStyle = "#b5ad9e";
        } else {
          context.strokeStyle = data.role === "place" ? "#3d4450" : "#5a6472";
        }
        context.lineWidth = data.role === "place" ? 2 : 1.4;
        context.beginPath();
        context.moveTo(2, 12);
        context.bezierCurveTo(9, 13, 12, 3, 22, 4);
        context.stroke();
      },
      24,
      16,
    );
  };
})(window.spatialjustice);
