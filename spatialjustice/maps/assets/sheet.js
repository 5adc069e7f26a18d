// Canvas layers over packed geometry. One sheet draws thousands of zones, so no zone is an object of its own.
"use strict";
window.spatialjustice = (function () {
  const STEP = 1e-5; // degrees in one unit of the packed coordinates
  const BATCH = 64; // shapes in one path: longer paths are slow to fill
  const TILE = 6; // side of a hatch in pixels

  function read(id) {
    return JSON.parse(document.getElementById(id + "-data").textContent);
  }

  function toWorld(longitude, latitude) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return [256 * (longitude / 360 + 0.5), 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI))];
  }

  // Shapes are lists of parts; a part is x, y of its first point (as steps from the part before) and then the steps.
  function unpack(shapes) {
    let startX = 0;
    let startY = 0;
    return shapes.map(function (parts) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const rings = parts.map(function (steps) {
        const ring = new Float64Array(steps.length);
        let x = startX;
        let y = startY;
        for (let place = 0; place < steps.length; place += 2) {
          x += steps[place];
          y += steps[place + 1];
          if (place === 0) {
            startX = x;
            startY = y;
          }
          const world = toWorld(x * STEP, y * STEP);
          ring[place] = world[0];
          ring[place + 1] = world[1];
          box[0] = Math.min(box[0], world[0]);
          box[1] = Math.min(box[1], world[1]);
          box[2] = Math.max(box[2], world[0]);
          box[3] = Math.max(box[3], world[1]);
        }
        return ring;
      });
      return { rings: rings, box: box };
    });
  }

  function trace(context, ring, view, closed) {
    let lastX = ring[0] * view.scale + view.x;
    let lastY = ring[1] * view.scale + view.y;
    context.moveTo(lastX, lastY);
    const end = ring.length - 2;
    for (let place = 2; place <= end; place += 2) {
      const x = ring[place] * view.scale + view.x;
      const y = ring[place + 1] * view.scale + view.y;
      if (place < end && Math.abs(x - lastX) < 0.7 && Math.abs(y - lastY) < 0.7) continue;
      context.lineTo(x, y);
      lastX = x;
      lastY = y;
    }
    if (closed) context.closePath();
  }

  function visible(shape, view) {
    const box = shape.box;
    return (
      box[2] * view.scale + view.x >= -2 &&
      box[3] * view.scale + view.y >= -2 &&
      box[0] * view.scale + view.x <= view.width + 2 &&
      box[1] * view.scale + view.y <= view.height + 2
    );
  }

  function inBatches(context, shapes, view, closed, finish) {
    let open = 0;
    context.beginPath();
    for (const shape of shapes) {
      if (!visible(shape, view)) continue;
      for (const ring of shape.rings) trace(context, ring, view, closed);
      open += 1;
      if (open === BATCH) {
        finish();
        context.beginPath();
        open = 0;
      }
    }
    if (open) finish();
  }

  const hatches = new Map();

  // A tile of a hatch, on its ground where one is given.
  function hatchTile(name, ink, ratio, ground) {
    const key = name + ink + ratio + (ground || "");
    if (!hatches.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = TILE * ratio;
      const pen = tile.getContext("2d");
      pen.scale(ratio, ratio);
      if (ground) {
        pen.fillStyle = ground;
        pen.fillRect(0, 0, TILE, TILE);
      }
      pen.strokeStyle = pen.fillStyle = ink;
      pen.lineWidth = 1.1;
      pen.beginPath();
      if (name === "diagonal" || name === "cross") {
        for (const shift of [-TILE, 0, TILE]) {
          pen.moveTo(shift, TILE);
          pen.lineTo(shift + TILE, 0);
        }
      }
      if (name === "cross") {
        for (const shift of [-TILE, 0, TILE]) {
          pen.moveTo(shift, 0);
          pen.lineTo(shift + TILE, TILE);
        }
      }
      if (name === "horizontal" || name === "grid") {
        pen.moveTo(0, TILE / 2);
        pen.lineTo(TILE, TILE / 2);
      }
      if (name === "vertical" || name === "grid") {
        pen.moveTo(TILE / 2, 0);
        pen.lineTo(TILE / 2, TILE);
      }
      if (name === "dense") {
        for (const shift of [1.5, 4.5]) {
          pen.moveTo(0, shift);
          pen.lineTo(TILE, shift);
        }
      }
      pen.stroke();
      if (name === "sparse") {
        pen.beginPath();
        pen.arc(3, 3, 1, 0, 7);
        pen.fill();
      }
      if (name === "dots") {
        pen.beginPath();
        pen.arc(1.5, 1.5, 0.9, 0, 7);
        pen.arc(4.5, 4.5, 0.9, 0, 7);
        pen.fill();
      }
      hatches.set(key, tile);
    }
    return hatches.get(key);
  }

  function hatch(context, name, ink, ratio) {
    return context.createPattern(hatchTile(name, ink, ratio), "repeat");
  }

  // A whole swatch as a pattern, for canvases that are not ours.
  function tile(swatch) {
    const context = document.createElement("canvas").getContext("2d");
    return context.createPattern(hatchTile(swatch[1], swatch[2], 1, swatch[0]), "repeat");
  }

  // Fill the current path with a class's swatch: [fill, hatch, ink].
  function fillSwatch(context, swatch, ratio, shiftX, shiftY) {
    context.fillStyle = swatch[0];
    context.fill();
    if (!swatch[1]) return;
    const pattern = hatch(context, swatch[1], swatch[2], ratio);
    // The hatch is tied to the ground, so that it does not swim while the map is moved.
    pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, shiftX, shiftY]));
    context.fillStyle = pattern;
    context.fill();
  }

  const Sheet = L.Renderer.extend({
    options: { padding: 0.25 },
    initialize: function (paint, options) {
      this._draw = paint;
      L.Renderer.prototype.initialize.call(this, options);
    },
    _initContainer: function () {
      this._container = L.DomUtil.create("canvas", "sheet");
      this._container.setAttribute("aria-hidden", "true");
      this._container.sheet = this;
      this._context = this._container.getContext("2d");
    },
    _destroyContainer: function () {
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._context;
    },
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      if (this._waits()) return;
      const size = this._bounds.getSize();
      const ratio = (this._ratio = Math.min(window.devicePixelRatio || 1, 2));
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = Math.round(size.x * ratio);
      this._container.height = Math.round(size.y * ratio);
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      this._blank = true;
      this.redraw();
    },
    // Whether the sheet waits for the first picture of the zones.
    _waits: function () {
      const { afterPicture } = window.spatialjustice;
      if (this.options.first || !afterPicture || !afterPicture.waits()) return false;
      if (!this._waiting) afterPicture(() => this._map && this._update());
      return (this._waiting = true);
    },
    redraw: function () {
      if (!this._context || this._waits()) return;
      const view = this.view();
      this._context.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      if (!this._blank) this._context.clearRect(0, 0, view.width, view.height);
      this._blank = false;
      this._context.lineJoin = this._context.lineCap = "round";
      this._draw(this._context, view);
    },
    // Draws the sheet once more on another context, such as a drawing of lines and texts.
    drawOn: function (context, ratio) {
      context.lineJoin = context.lineCap = "round";
      this._draw(context, Object.assign(this.view(), { ratio: ratio }));
    },
    view: function () {
      const origin = this._map.getPixelOrigin();
      const size = this._bounds.getSize();
      return {
        scale: Math.pow(2, this._map.getZoom()),
        zoom: this._map.getZoom(),
        x: -origin.x - this._bounds.min.x,
        y: -origin.y - this._bounds.min.y,
        width: size.x,
        height: size.y,
        ratio: this._ratio,
      };
    },
  });

  // Finds the shape at a point through a grid of cells, so that hovering costs the same for ten or 100,000 zones.
  function Finder(shapes) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const shape of shapes) {
      box[0] = Math.min(box[0], shape.box[0]);
      box[1] = Math.min(box[1], shape.box[1]);
      box[2] = Math.max(box[2], shape.box[2]);
      box[3] = Math.max(box[3], shape.box[3]);
    }
    const side = Math.max(1, Math.min(128, Math.ceil(Math.sqrt(shapes.length))));
    const width = (box[2] - box[0]) / side || 1;
    const height = (box[3] - box[1]) / side || 1;
    const cells = Array.from({ length: side * side }, () => []);
    const column = (x) => Math.max(0, Math.min(side - 1, Math.floor((x - box[0]) / width)));
    const row = (y) => Math.max(0, Math.min(side - 1, Math.floor((y - box[1]) / height)));
    shapes.forEach(function (shape, place) {
      for (let r = row(shape.box[1]); r <= row(shape.box[3]); r += 1) {
        for (let c = column(shape.box[0]); c <= column(shape.box[2]); c += 1) cells[r * side + c].push(place);
      }
    });
    function holds(shape, x, y) {
      let inside = false;
      for (const ring of shape.rings) {
        for (let here = 0, before = ring.length - 2; here < ring.length; before = here, here += 2) {
          const y1 = ring[here + 1];
          const y2 = ring[before + 1];
          if (y1 > y !== y2 > y && x < ((ring[before] - ring[here]) * (y - y1)) / (y2 - y1) + ring[here]) {
            inside = !inside;
          }
        }
      }
      return inside;
    }
    function find(latlng) {
      const point = toWorld(latlng.lng, latlng.lat);
      if (point[0] < box[0] || point[0] > box[2] || point[1] < box[1] || point[1] > box[3]) return -1;
      for (const place of cells[row(point[1]) * side + column(point[0])]) {
        if (holds(shapes[place], point[0], point[1])) return place;
      }
      return -1;
    }
    // The line nearest to a point, within a distance.
    find.near = function (latlng, reach) {
      const [x, y] = toWorld(latlng.lng, latlng.lat);
      let best = -1;
      let nearest = reach;
      for (let r = row(y - reach); r <= row(y + reach); r += 1) {
        for (let c = column(x - reach); c <= column(x + reach); c += 1) {
          for (const place of cells[r * side + c]) {
            for (const line of shapes[place].rings) {
              const distance = lineDistance(line, x, y);
              if (distance <= nearest) [nearest, best] = [distance, place];
            }
          }
        }
      }
      return best;
    };
    return find;
  }

  function lineDistance(line, x, y) {
    let nearest = Infinity;
    for (let place = 2; place < line.length; place += 2) {
      const [x1, y1] = [line[place - 2], line[place - 1]];
      const [dx, dy] = [line[place] - x1, line[place + 1] - y1];
      const part = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
      nearest = Math.min(nearest, Math.hypot(x1 + part * dx - x, y1 + part * dy - y));
    }
    return nearest;
  }

  const corners = {
    triangle: [3, 0, 1.2],
    diamond: [4, 0, 1.15],
    square: [4, 0.125, 1.2],
    pentagon: [5, 0, 1.1],
  };

  function symbol(context, shape, x, y, radius) {
    context.beginPath();
    if (corners[shape]) {
      const [count, turn, size] = corners[shape];
      for (let corner = 0; corner < count; corner += 1) {
        const angle = (corner / count + turn) * 2 * Math.PI - Math.PI / 2;
        context.lineTo(x + Math.cos(angle) * radius * size, y + Math.sin(angle) * radius * size);
      }
      context.closePath();
    } else if (shape === "star") {
      for (let corner = 0; corner < 10; corner += 1) {
        const reach = radius * (corner % 2 ? 0.55 : 1.3);
        const angle = (corner / 10) * 2 * Math.PI - Math.PI / 2;
        context.lineTo(x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
      }
      context.closePath();
    } else if (shape === "cross") {
      const arm = radius * 0.4;
      context.rect(x - arm, y - radius, arm * 2, radius * 2);
      context.rect(x - radius, y - arm, radius - arm, arm * 2);
      context.rect(x + arm, y - arm, radius - arm, arm * 2);
    } else if (shape === "bar") {
      context.rect(x - radius, y - radius * 0.6, radius * 2, radius * 1.2);
    } else {
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }

  function drawSymbol(context, layer, x, y, radius, halo = 3) {
    symbol(context, layer.shape, x, y, radius);
    context.lineWidth = halo;
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.fillStyle = layer.colour;
    context.fill();
  }

  return {
    read: read,
    unpack: unpack,
    trace: trace,
    visible: visible,
    BATCH: BATCH,
    inBatches: inBatches,
    fillSwatch: fillSwatch,
    tile: tile,
    drawSymbol: drawSymbol,
    toWorld: toWorld,
    Sheet: Sheet,
    Finder: Finder,
  };
})();
