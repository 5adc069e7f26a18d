// A context that canvases are drawn on, which writes down what is drawn as SVG: shapes stay shapes, and texts are texts.
"use strict";
(function (sj) {
  const PLAIN = {
    fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, lineCap: "butt", lineJoin: "miter", globalAlpha: 1,
    globalCompositeOperation: "source-over", font: "10px sans-serif", textAlign: "start", textBaseline: "alphabetic",
    direction: "ltr",
  };
  const written = (value) => String(Math.round(value * 100) / 100);
  // What no reader of XML takes, such as control signs, is left out.
  const escaped = (text) =>
    String(text)
      .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
      .replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);

  function Drawing(width, height) {
    this.width = width;
    this.height = height;
    this.parts = [];
    this.defs = [];
    this.tiles = new Map();
    this.measure = document.createElement("canvas").getContext("2d");
    this.kept = [];
    this.path = "";
    this.dash = [];
    this.move = [1, 0, 0, 1, 0, 0];
    this.groups = 0;
    // Set where something was asked for that SVG draws otherwise: a picture then stands in its place.
    this.unlike = false;
    Object.assign(this, PLAIN);
  }

  const own = Drawing.prototype;

  own.save = function () {
    const look = Object.fromEntries(Object.keys(PLAIN).map((name) => [name, this[name]]));
    this.kept.push({ look, dash: this.dash, move: this.move, groups: this.groups });
  };
  own.restore = function () {
    const last = this.kept.pop();
    if (!last) return;
    for (; this.groups > last.groups; this.groups -= 1) this.parts.push("</g>");
    Object.assign(this, last.look, { dash: last.dash, move: last.move });
  };
  own.transform = function (a, b, c, d, e, f) {
    const [a0, b0, c0, d0, e0, f0] = this.move;
    this.move = [a0 * a + c0 * b, b0 * a + d0 * b, a0 * c + c0 * d, b0 * c + d0 * d, a0 * e + c0 * f + e0, b0 * e + d0 * f + f0];
  };
  own.translate = function (x, y) { this.transform(1, 0, 0, 1, x, y); };
  own.scale = function (x, y) { this.transform(x, 0, 0, y, 0, 0); };
  own.setLineDash = function (dash) { this.dash = dash; };
  own.beginPath = function () { this.path = ""; };
  own.closePath = function () { this.path += "Z"; };
  own.moveTo = function (x, y) { this.path += "M" + written(x) + " " + written(y); };
  own.lineTo = function (x, y) { this.path += (this.path ? "L" : "M") + written(x) + " " + written(y); };
  own.bezierCurveTo = function (...points) { this.path += "C" + points.map(written).join(" "); };
  own.rect = function (x, y, width, height) {
    this.path += "M" + written(x) + " " + written(y) + "h" + written(width) + "v" + written(height) + "h" + written(-width) + "Z";
  };
  own.arc = function (x, y, radius, from, to) {
    const point = (angle) => written(x + radius * Math.cos(angle)) + " " + written(y + radius * Math.sin(angle));
    const turn = (end, large) => "A" + written(radius) + " " + written(radius) + " 0 " + large + " 1 " + point(end);
    this.path += (this.path && !/Z$/.test(this.path) ? "L" : "M") + point(from);
    if (to - from >= 2 * Math.PI) this.path += turn(from + Math.PI, 0) + turn(from + 2 * Math.PI, 0) + "Z";
    else this.path += turn(to, to - from > Math.PI ? 1 : 0);
  };
  own.placed = function () {
    const plain = this.move.every((value, place) => value === [1, 0, 0, 1, 0, 0][place]);
    return plain ? "" : ' transform="matrix(' + this.move.map((value) => String(Math.round(value * 1e4) / 1e4)).join(" ") + ')"';
  };
  own.paint = function (style) {
    if (typeof style === "string") return escaped(style);
    if (!style || !style.tile) {
      this.unlike = true;
      return "none";
    }
    const [image, matrix] = [style.tile, style.matrix];
    const size = ' width="' + image.width + '" height="' + image.height + '"';
    const turned = ' patternTransform="matrix(' + [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f].map(written).join(" ") + ')"';
    const made = size + ' patternUnits="userSpaceOnUse"' + turned + "><image" + size + ' href="' + image.toDataURL() + '"/></pattern>';
    if (!this.tiles.has(made)) {
      this.tiles.set(made, "tile" + (this.defs.length + 1));
      this.defs.push('<pattern id="' + this.tiles.get(made) + '"' + made);
    }
    return "url(#" + this.tiles.get(made) + ")";
  };
  own.look = function () {
    if (!["source-over", "multiply"].includes(this.globalCompositeOperation)) this.unlike = true;
    const blend = this.globalCompositeOperation === "multiply" ? ' style="mix-blend-mode:multiply"' : "";
    return (this.globalAlpha < 1 ? ' opacity="' + this.globalAlpha + '"' : "") + blend + this.placed();
  };
  own.line = function () {
    const dash = this.dash.length ? ' stroke-dasharray="' + this.dash.join(" ") + '"' : "";
    return ' stroke="' + this.paint(this.strokeStyle) + '" stroke-width="' + this.lineWidth + '" stroke-linejoin="' + this.lineJoin + '" stroke-linecap="' + this.lineCap + '"' + dash;
  };
  own.fill = function (rule) {
    if (!this.path) return;
    const even = rule === "evenodd" ? ' fill-rule="evenodd"' : "";
    this.parts.push('<path d="' + this.path + '" fill="' + this.paint(this.fillStyle) + '"' + even + this.look() + "/>");
  };
  own.stroke = function () {
    if (this.path) this.parts.push('<path d="' + this.path + '" fill="none"' + this.line() + this.look() + "/>");
  };
  own.clip = function () {
    const name = "clip" + (this.defs.length + 1);
    this.defs.push('<clipPath id="' + name + '"><path d="' + this.path + '"' + this.placed() + "/></clipPath>");
    this.parts.push('<g clip-path="url(#' + name + ')">');
    this.groups += 1;
  };
  own.around = function (x, y, width, height, finish) {
    const before = this.path;
    this.path = "";
    this.rect(x, y, width, height);
    finish();
    this.path = before;
  };
  own.fillRect = function (...box) { this.around(...box, () => this.fill()); };
  own.strokeRect = function (...box) { this.around(...box, () => this.stroke()); };
  own.clearRect = function () {};
  own.measureText = function (text) {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  };
  own.createPattern = (tile) => ({ tile, matrix: new DOMMatrix(), setTransform(matrix) { this.matrix = matrix; } });
  own.createLinearGradient = () => ({ addColorStop() {} });
  own.write = function (text, x, y, look) {
    const [, style, weight, size, family] = /^(italic )?(?:(\d+|bold|normal) )?([\d.]+)px (.*)$/.exec(this.font) || [null, "", "400", "12", "sans-serif"];
    const right = this.direction === "rtl";
    const side = { center: "middle", left: right ? "end" : "start", right: right ? "start" : "end", start: "start", end: "end" }[this.textAlign];
    const down = this.textBaseline === "middle" ? Number(size) * 0.35 : 0;
    this.parts.push(
      '<text x="' + written(x) + '" y="' + written(y + down) + '" font-family="' + escaped(family).replace(/&quot;/g, "'") + '" font-size="' + size + '" font-weight="' + (weight || "400") + '"' +
        (style ? ' font-style="italic"' : "") + ' text-anchor="' + side + '" direction="' + this.direction + '"' + look + this.look() + ">" + escaped(text) + "</text>"
    );
  };
  own.fillText = function (text, x, y) { this.write(text, x, y, ' fill="' + this.paint(this.fillStyle) + '"'); };
  own.strokeText = function (text, x, y) { this.write(text, x, y, ' fill="none"' + this.line()); };
  own.drawImage = function (image, x, y, width, height) {
    const at = ' x="' + written(x) + '" y="' + written(y) + '" width="' + written(width) + '" height="' + written(height) + '"';
    this.parts.push("<image" + at + ' preserveAspectRatio="none" href="' + image.toDataURL() + '"' + this.look() + "/>");
  };

  // What one sheet draws; nothing where only a picture of it would be the same.
  own.sheet = function (sheet, x, y, scale) {
    const part = new Drawing(this.width, this.height);
    part.defs = this.defs.slice();
    part.tiles = new Map(this.tiles);
    part.move = this.move;
    part.globalCompositeOperation = this.globalCompositeOperation;
    part.translate(x, y);
    part.scale(scale, scale);
    sheet.drawOn(part, 4);
    if (part.unlike) return false;
    while (part.kept.length) part.restore();
    for (; part.groups; part.groups -= 1) part.parts.push("</g>");
    [this.defs, this.tiles] = [part.defs, part.tiles];
    for (const one of part.parts) this.parts.push(one);
    return true;
  };

  // The page's own fonts travel with the drawing, so that lines are as long as they were measured.
  function fonts() {
    const rules = Array.from(document.querySelectorAll("style"), (one) => one.textContent.match(/@font-face\s*\{[^}]*\}/g) || []);
    return "<style>" + rules.flat().filter((rule) => rule.includes("Vazirmatn")).join("") + "</style>";
  }

  own.text = function (title, about) {
    const size = 'width="' + this.width + '" height="' + this.height + '" viewBox="0 0 ' + this.width + " " + this.height + '"';
    return (
      '<svg xmlns="http://www.w3.org/2000/svg" ' + size + ' role="img"><title>' + escaped(title) + "</title><desc>" + escaped(about) + "</desc><defs>" +
      fonts() +
      this.defs.join("") + "</defs>" + this.parts.join("\n") + "</svg>\n"
    );
  };

  sj.Drawing = Drawing;
})(window.spatialjustice);
