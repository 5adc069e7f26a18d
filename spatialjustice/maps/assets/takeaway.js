// What a reader takes away: a picture, a table, a print.
"use strict";
(function (sj) {
  const FONT = '"Vazirmatn Variable", system-ui, "Segoe UI", sans-serif';
  // Spreadsheets run what follows these signs as a formula, when a cell begins with them.
  const FORMULA = /^[=+\-@\t\r]/;

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function fileName(ending) {
    const key = sj.made.zones.data.indicators[sj.made.zones.chosen].key;
    // Files of different modes, filters, areas and plans do not take each other's place.
    const area = sj.chosenZone && sj.chosenZone() >= 0 ? sj.zoneName(sj.chosenZone()) : "";
    const plan = sj.whatIf && sj.whatIf.line() ? "what_if" : "";
    const parts = [key, sj.modes.chosen, plan, sj.filter.code(), area].filter(Boolean);
    return (parts.map((one) => one.replace(/[^\p{L}\p{N}_-]+/gu, "_")).join(".") || "map") + "." + ending;
  }

  sj.csvCell = function (value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const guarded = FORMULA.test(value) ? "'" + value : value;
    return /[",\n\r;]/.test(guarded) ? '"' + guarded.replace(/"/g, '""') + '"' : guarded;
  };

  const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

  // The rows the filter leaves, in the order of the table; numbers as numbers, whatever the language of the page.
  sj.csv = function () {
    const data = sj.made.zones.data;
    const indicator = data.indicators[sj.made.zones.chosen];
    const title = (indicator.group ? indicator.group + ": " : "") + indicator.title + " (" + indicator.legend.unit + ")";
    const lines = [["id", sj.word("page.areas.name"), title, sj.word("legend.class"), sj.word("page.profile.rank")]];
    if (data.people) lines[0].push(sj.word("page.people"));
    // Every row says what it was chosen by: whoever opens the file later did not see the page.
    const said = { "page.modes": sj.modes.chosen && sj.modes.title(sj.modes.chosen), "page.whatif.open": plain(sj.whatIf ? sj.whatIf.line() : ""), "page.filter": plain(sj.filter.line()) };
    const beside = Object.entries(said).filter((one) => one[1]);
    lines[0].push(...beside.map(([key]) => sj.word(key)));
    for (const zone of sj.visibleRows()) {
      const line = [data.ids[zone], sj.zoneName(zone), indicator.values ? indicator.values[zone] : null];
      line.push(plain(sj.rowOf(indicator, zone).label), sj.standing(indicator, zone));
      if (data.people) line.push(data.people[zone]);
      lines.push(line.concat(beside.map((one) => one[1])));
    }
    return "\ufeff" + lines.map((line) => line.map(sj.csvCell).join(",")).join("\r\n") + "\r\n";
  };

  // The map as it is on the screen: all its canvases in their order, on one.
  function drawMap(context, map, x, y, width, height, scale, shift) {
    const [right, down] = shift || [0, 0];
    const frame = map.getContainer().getBoundingClientRect();
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.fillStyle = "#f6f5f1";
    context.fillRect(x, y, width, height);
    const depth = (canvas) => Number(getComputedStyle(canvas.closest(".leaflet-pane")).zIndex) || 400;
    const sheets = Array.from(map.getContainer().querySelectorAll(".leaflet-pane canvas"));
    sheets.sort((a, b) => depth(a) - depth(b));
    for (const canvas of sheets) {
      const box = canvas.getBoundingClientRect();
      if (!box.width || getComputedStyle(canvas).visibility === "hidden") continue;
      const pane = canvas.closest(".leaflet-pane");
      context.save();
      if (getComputedStyle(pane).mixBlendMode === "multiply") context.globalCompositeOperation = "multiply";
      const cut = pane.dataset.from;
      if (cut !== undefined) {
        context.beginPath();
        context.rect(x + right + Number(cut) * scale, y, width, height);
        context.clip();
      }
      const [across, along] = [x + right + (box.left - frame.left) * scale, y + down + (box.top - frame.top) * scale];
      // Sheets are drawn as shapes where the context takes these, and else as they are on the screen.
      const drawn = context.sheet && canvas.sheet && canvas.sheet.drawOn && context.sheet(canvas.sheet, across, along, (box.width * scale) / canvas.offsetWidth);
      if (!drawn) context.drawImage(canvas, across, along, box.width * scale, box.height * scale);
      context.restore();
    }
    context.restore();
  }

  function wrapped(context, text, width) {
    const lines = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? line + " " + word : word;
      if (line && context.measureText(longer).width > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    if (line) lines.push(line);
    return lines;
  }

  // Writes lines from the side where the language begins; returns where the next one goes.
  function pen(context, rightToLeft, left, width) {
    context.direction = rightToLeft ? "rtl" : "ltr";
    context.textAlign = "start";
    context.textBaseline = "alphabetic";
    const start = rightToLeft ? left + width : left;
    return function (text, y, size, weight, colour, indent) {
      context.font = weight + " " + size + "px " + FONT;
      context.fillStyle = colour || "#1c2428";
      const shift = indent || 0;
      for (const line of wrapped(context, text, width - shift)) {
        context.fillText(line, rightToLeft ? start - shift : start + shift, y);
        y += size * 1.45;
      }
      return y;
    };
  }

  function drawScale(context, map, x, y, scale) {
    const line = map.getContainer().querySelector(".leaflet-control-scale-line");
    const length = line.offsetWidth * (scale || 1);
    context.save();
    // On a ground of its own, so that no name of a place runs through it.
    context.fillStyle = "rgba(255, 255, 255, 0.86)";
    context.fillRect(x - 6, y - 24, length + 12, 30);
    context.strokeStyle = "#11181c";
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(x, y - 6);
    context.lineTo(x, y);
    context.lineTo(x + length, y);
    context.lineTo(x + length, y - 6);
    context.stroke();
    context.direction = sj.language.dir;
    context.textAlign = "center";
    context.font = "560 12px " + FONT;
    context.fillStyle = "#11181c";
    context.lineWidth = 3;
    context.strokeStyle = "#ffffff";
    context.strokeText(line.textContent, x + length / 2, y - 8);
    context.fillText(line.textContent, x + length / 2, y - 8);
    context.restore();
  }

  function drawNorth(context, x, y) {
    context.save();
    context.fillStyle = "#11181c";
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + 8, y + 24);
    context.lineTo(x, y + 18);
    context.lineTo(x - 8, y + 24);
    context.fill();
    context.textAlign = "center";
    context.font = "650 13px " + FONT;
    context.fillText(sj.word("page.north"), x, y + 39);
    context.restore();
  }

  // The limit between two classes: strong where nobody beyond it is within reach.
  function drawLimit(context, limit, x, y, width, rightToLeft, write) {
    const line = y - 7;
    context.save();
    context.strokeStyle = "#11181c";
    context.lineWidth = limit.widest ? 2.2 : 1;
    context.setLineDash(limit.widest ? [] : [3, 3]);
    context.font = "600 11px " + FONT;
    const gap = 34 + context.measureText(limit.text).width + 8;
    context.beginPath();
    for (const [from, to] of [[0, 24], [gap, width]]) {
      context.moveTo(rightToLeft ? x + width - from : x + from, line);
      context.lineTo(rightToLeft ? x + width - to : x + to, line);
    }
    context.stroke();
    context.restore();
    write(limit.text, y - 3, 11, 600, "#1c2428", 34);
    return y + 14;
  }

  // The key of two variables, in which each cell stands for a class of both.
  function drawSquare(context, legend, x, y, width, rightToLeft, write) {
    const { first, second } = legend.square;
    const [wide, tall, room] = [62, 30, 92];
    y = write(second.title + " ↑", y, 12, 600) + 2;
    const left = (one) => (rightToLeft ? x + width - room - (one + 1) * (wide + 3) : x + room + one * (wide + 3));
    for (let two = second.classes.length - 1; two >= 0; two -= 1) {
      context.font = "400 11px " + FONT;
      context.fillStyle = "#1c2428";
      context.textAlign = rightToLeft ? "right" : "left";
      context.fillText(second.classes[two], rightToLeft ? x + width : x, y + 6);
      first.classes.forEach(function (_, one) {
        const row = legend.rows.find((each) => each.key === "ABC"[one] + (two + 1));
        context.save();
        sj.squareCell(context, row, 1, left(one), y - 12, wide, tall);
        context.restore();
      });
      y += tall + 3;
    }
    context.font = "400 11px " + FONT;
    context.textAlign = "center";
    context.fillStyle = "#1c2428";
    first.classes.forEach((text, one) => context.fillText(text, left(one) + wide / 2, y));
    context.textAlign = "start";
    return write(first.title + (rightToLeft ? " ←" : " →"), y + 18, 12, 600) + 6;
  }

  function drawLegend(context, x, y, width, rightToLeft) {
    const indicator = sj.made.zones.data.indicators[sj.made.zones.chosen];
    const legend = indicator.legend;
    const write = pen(context, rightToLeft, x, width);
    if (indicator.group) y = write(indicator.group, y, 13, 600, "#0b5d6b");
    y = write(indicator.title, y + 2, 15, 650);
    y = write([legend.unit, legend.direction].filter(Boolean).join(" · "), y, 12, 400, "#59656c") + 4;
    if (legend.square) y = drawSquare(context, legend, x, y, width, rightToLeft, write);
    legend.rows.forEach(function (row, place) {
      if (legend.square && /^[A-C][1-3]$/.test(row.key)) return;
      context.save();
      context.translate(rightToLeft ? x + width - 24 : x, y - 12);
      context.beginPath();
      context.rect(0, 0, 24, 16);
      sj.fillSwatch(context, row.swatch, 1, 0, 0);
      context.strokeStyle = "rgba(20,30,35,0.35)";
      context.lineWidth = 1;
      context.stroke();
      context.restore();
      const count = row.people === null ? row.zones : row.people;
      const next = write(row.label, y, 13, 400, "#1c2428", 34);
      context.textAlign = "end";
      context.fillText(count, rightToLeft ? x : x + width, y);
      context.textAlign = "start";
      y = next + 3;
      for (const limit of legend.limits.filter((one) => one.after === place)) y = drawLimit(context, limit, x, y, width, rightToLeft, write);
    });
    for (const layer of sj.shownServices()) {
      sj.serviceSymbol(context, layer.data, rightToLeft ? x + width - 12 : x + 12, y - 4);
      y = write(layer.data.title, y, 13, 400, "#1c2428", 34) + 3;
    }
    for (const [text, draw] of sj.whatIf ? sj.whatIf.symbols() : []) {
      draw(context, rightToLeft ? x + width - 12 : x + 12, y - 4);
      y = write(text, y, 13, 400, "#1c2428", 34) + 3;
    }
    y = write(sj.word(legend.people === null ? "page.counts.zones" : "page.counts.people"), y + 4, 11, 400, "#59656c");
    if (legend.note) y = write(legend.note, y + 4, 11.5, 400, "#1c2428");
    return drawWorst(context, write, x, y, width, rightToLeft);
  }

  // The neighbourhoods whose numbers stand on the map.
  function drawWorst(context, write, x, y, width, rightToLeft) {
    const worst = sj.worstLines();
    if (!worst.rows) return y;
    y = write(worst.title, y + 14, 14, 650);
    y = write(worst.note, y, 11.5, 400, "#59656c") + 3;
    for (const [number, name, people] of worst.rows) {
      context.textAlign = "start";
      context.font = "650 12.5px " + FONT;
      context.fillStyle = "#1c2428";
      context.fillText(number, rightToLeft ? x + width : x, y);
      context.font = "400 12.5px " + FONT;
      context.textAlign = "end";
      context.fillText(people, rightToLeft ? x : x + width, y);
      context.textAlign = "start";
      const space = context.measureText(people).width + 10;
      const inner = pen(context, rightToLeft, rightToLeft ? x + space : x, width - space);
      y = inner(name, y, 12.5, 400, "#1c2428", 24) + 2;
    }
    return y;
  }

  // A picture of the map with title, finding, legend, scale, north and credit: nothing that a map must say is left out.
  sj.picture = function (asDrawing) {
    const map = sj.map;
    const size = map.getSize();
    const ratio = 2;
    const edge = 20;
    const side = 300;
    const width = Math.max(size.x, 480) + side + edge * 3;
    const rightToLeft = sj.language.dir === "rtl";
    const canvas = document.createElement("canvas");
    let context = null;
    const isolate = (node) => (node.nodeName === "BDI" ? "\u2068" + node.textContent + "\u2069" : node.textContent);
    const parts = Array.from(document.querySelectorAll(".credit-part"), (part) => Array.from(part.childNodes, isolate).join(""));
    const credit = parts.map((part) => part.trim()).join("  |  ");
    const title = document.querySelector("h1").textContent;
    const subtitle = document.querySelector(".subtitle") ? document.querySelector(".subtitle").textContent : "";
    const finding = document.getElementById("finding") ? document.getElementById("finding").textContent : "";
    const caveats = Array.from(document.querySelectorAll("#caveats p"), (one) => one.textContent);
    // Once without a canvas of the right size, to learn how tall it must be; then for good.
    let height = 4000;
    let legendEnd = 0;
    let top = 0;
    for (const last of [false, true]) {
      canvas.width = width * ratio;
      canvas.height = (last ? height : 10) * ratio;
      context = last && asDrawing ? new sj.Drawing(width, height) : canvas.getContext("2d");
      if (context.canvas) context.scale(ratio, ratio);
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, width, height);
      const write = pen(context, rightToLeft, edge, width - 2 * edge);
      let y = write(title, edge + 18, 20, 680);
      if (subtitle) y = write(subtitle, y, 13.5, 400, "#59656c");
      if (finding) y = write(finding, y + 6, 15, 560);
      if (sj.whatIf && sj.whatIf.line()) y = write(sj.word("page.whatif.not_today") + " " + sj.whatIf.line(), y + 4, 13.5, 620, "#7a3b00");
      if (sj.filter.line()) y = write(sj.filter.line(), y + 4, 13.5, 620, "#7a3b00");
      for (const caveat of caveats) y = write(caveat, y + 2, 12.5, 500, "#7a4a00");
      top = y + 4;
      const mapX = rightToLeft ? edge : edge * 2 + side;
      const mapWidth = width - side - edge * 3;
      const mapHeight = Math.max(size.y, legendEnd - top);
      if (last) {
        drawMap(context, map, mapX, top, mapWidth, size.y, mapWidth / size.x);
        context.strokeStyle = "#d8dcdd";
        context.strokeRect(mapX, top, mapWidth, size.y);
        drawScale(context, map, mapX + 16, top + size.y - 16);
        drawNorth(context, mapX + mapWidth - 26, top + 14);
      }
      legendEnd = drawLegend(context, rightToLeft ? width - edge - side : edge, top + 16, side, rightToLeft);
      const below = pen(context, rightToLeft, edge, width - 2 * edge)(credit, top + mapHeight + 24, 11.5, 400, "#59656c");
      if (!last) {
        legendEnd += 6;
        height = Math.ceil(Math.max(top + Math.max(size.y, legendEnd - top) + 24 + (below - top - mapHeight - 24), 200)) + 8;
      }
    }
    return asDrawing ? context.text([title, subtitle].filter(Boolean).join(" \u00b7 "), finding) : canvas;
  };

  // Paper is not as wide as a screen: the map is drawn anew for it, where the browser asks to print.
  function forPaper(map) {
    const canvas = document.getElementById("print-map");
    const size = map.getSize();
    if (!size.x || !size.y) return;
    // The frame on paper has its own shape: the map fills it, with more of its surroundings where it is wider.
    const [wide, tall] = [1000, document.querySelector(".has-overview") ? 590 : 775];
    canvas.width = wide * 2;
    canvas.height = tall * 2;
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    const scale = Math.min(wide / size.x, tall / size.y);
    drawMap(context, map, 0, 0, wide, tall, scale, [(wide - size.x * scale) / 2, (tall - size.y * scale) / 2]);
    drawScale(context, map, 18, tall - 18, scale);
    drawNorth(context, wide - 26, 14);
    // The frame is part of the picture: browsers print a canvas a little smaller than its box.
    context.strokeStyle = "#b9c2c5";
    context.strokeRect(0.5, 0.5, wide - 1, tall - 1);
  }

  const quoted = (text) => '"' + text.replace(/[\\"<]/g, "\\$&").replace(/[\n\r\f]/g, " ") + '"';

  // Every sheet says of what, of which day and which of how many it is: two for the meeting, then an annex.
  function numberSheets() {
    const style = document.getElementById("sheets") || document.head.appendChild(sj.element("style"));
    style.id = "sheets";
    const today = new Intl.DateTimeFormat(sj.language.lang === "en" ? "en-GB" : sj.language.lang, { dateStyle: "long" }).format(new Date());
    const about = [document.querySelector("h1").textContent, today].join(" \u00b7 ");
    const [start, end] = sj.language.dir === "rtl" ? ["right", "left"] : ["left", "right"];
    const page = sj.language.lang === "fa" ? "counter(page, persian)" : "counter(page)";
    const all = page.replace("page", "pages");
    const look = 'font: 7.5pt "Vazirmatn Variable", sans-serif; direction: ' + sj.language.dir + ";";
    const corner = (side, content) => "@bottom-" + side + " { " + look + " content: " + content + "; white-space: nowrap; }";
    const meeting = document.querySelector(".meeting:has(> :not([hidden]))");
    const sheets = corner(end, page + ' " / ' + sj.digits(meeting ? "2" : "1") + '"');
    const annex = corner(end, quoted(sj.word("page.annex") + " \u00b7 ") + " " + page + ' " / " ' + all);
    style.textContent = "@media print { @page { " + corner(start, quoted(about)) + sheets + " } @page annex { " + annex + " } }";
  }

  // Where a browser does not let a page copy, the link stands there to be copied by hand.
  async function copyLink() {
    const link = sj.state.link();
    const before = document.getElementById("link-by-hand");
    if (before) before.remove();
    try {
      await navigator.clipboard.writeText(link);
      sj.say(sj.word("page.take.link.done"));
      tellBriefly(sj.word("page.take.link.done"));
    } catch (_) {
      const field = document.createElement("input");
      field.id = "link-by-hand";
      field.readOnly = true;
      field.dir = "ltr";
      field.value = link;
      field.setAttribute("aria-label", sj.word("page.take.link.by_hand"));
      document.querySelector(".takeaway").after(field);
      field.focus();
      field.select();
      field.addEventListener("blur", () => field.remove());
    }
  }

  // A line that goes again: what happened is seen by those who do not hear it.
  function tellBriefly(text) {
    const note = document.createElement("p");
    note.className = "briefly";
    note.textContent = text;
    note.setAttribute("aria-hidden", "true");
    document.body.append(note);
    setTimeout(() => note.remove(), 4000);
  }

  sj.takeaway = function (map) {
    const folds = [];
    addEventListener("beforeprint", function () {
      forPaper(map);
      numberSheets();
      for (const fold of document.querySelectorAll("details:not([open]):not(#filter):not(#provenance):not(#region)")) {
        folds.push(fold);
        fold.open = true;
      }
    });
    addEventListener("afterprint", function () {
      for (const fold of folds.splice(0)) fold.open = false;
    });
    // Printing by other ways than the button may not wait for an event: the picture is there from the start.
    numberSheets();
    sj.onLanguage(numberSheets);
    map.whenReady(() => (window.requestIdleCallback ? requestIdleCallback(() => forPaper(map), { timeout: 4000 }) : setTimeout(() => forPaper(map), 300)));
    const table = document.getElementById("take-table");
    const picture = document.getElementById("take-picture");
    const drawing = document.getElementById("take-drawing");
    document.getElementById("take-print").addEventListener("click", () => window.print());
    document.getElementById("take-link").addEventListener("click", copyLink);
    if (!sj.made.zones) {
      table.hidden = picture.hidden = drawing.hidden = true;
      return;
    }
    table.addEventListener("click", () => save(new Blob([sj.csv()], { type: "text/csv;charset=utf-8" }), fileName("csv")));
    drawing.addEventListener("click", function () {
      document.fonts.ready.then(() => save(new Blob([sj.picture(true)], { type: "image/svg+xml" }), fileName("svg")));
    });
    picture.addEventListener("click", function () {
      document.fonts.ready.then(() => sj.picture().toBlob((blob) => save(blob, fileName("png")), "image/png"));
    });
  };
})(window.spatialjustice);
