// Thousands of shapes: their data come compressed, and they are drawn a little at a time, so that the page never stops.
"use strict";
(function (sj) {
  const STEP = 1e-5; // degrees in one unit of the packed coordinates
  const FRAME = 16; // milliseconds that a frame should take

  // Without tiles a map of Leaflet has no deepest scale, which clusters of markers ask for.
  L.Map.mergeOptions({ maxZoom: 20 });

  function bytes(text) {
    const raw = atob(text);
    const found = new Uint8Array(raw.length);
    for (let place = 0; place < raw.length; place += 1) found[place] = raw.charCodeAt(place);
    return found;
  }

  async function inflate(text) {
    const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // Whole numbers from planes of bytes, lowest first; 0, 1, 2, 3 stand for 0, -1, 1, -2.
  function numbers(raw, start, count, planes) {
    const found = new Int32Array(count);
    for (let plane = 0; plane < planes; plane += 1) {
      const from = start + plane * count;
      for (let place = 0; place < count; place += 1) found[place] |= raw[from + place] << (8 * plane);
    }
    for (let place = 0; place < count; place += 1) found[place] = (found[place] >>> 1) ^ -(found[place] & 1);
    return found;
  }

  function shapesFrom(packed, raw) {
    const counts = [packed.shapes, packed.rings, packed.points, packed.points];
    let start = 0;
    const [ringsOf, pointsOf, stepX, stepY] = counts.map(function (count, place) {
      const part = numbers(raw, start, count, packed.planes[place]);
      start += count * packed.planes[place];
      return part;
    });
    const flat = new Float64Array(packed.points * 2);
    const made = new Array(packed.shapes);
    let [ring, point, startX, startY] = [0, 0, 0, 0];
    for (let shape = 0; shape < packed.shapes; shape += 1) {
      const rings = new Array(ringsOf[shape]);
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let part = 0; part < rings.length; part += 1) {
        const end = point + pointsOf[ring];
        const begin = point;
        let x = startX;
        let y = startY;
        for (; point < end; point += 1) {
          x += stepX[point];
          y += stepY[point];
          if (point === begin) {
            startX = x;
            startY = y;
          }
          const sine = Math.sin((y * STEP * Math.PI) / 180);
          const worldX = 256 * ((x * STEP) / 360 + 0.5);
          const worldY = 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
          flat[2 * point] = worldX;
          flat[2 * point + 1] = worldY;
          if (worldX < left) left = worldX;
          if (worldX > right) right = worldX;
          if (worldY < top) top = worldY;
          if (worldY > bottom) bottom = worldY;
        }
        rings[part] = flat.subarray(2 * begin, 2 * end);
        ring += 1;
      }
      made[shape] = { rings: rings, box: [left, top, right, bottom] };
    }
    return made;
  }

  const ready = new Map();
  const readPlain = sj.read;
  const unpackPlain = sj.unpack;

  sj.read = (id) => ready.get(id) || readPlain(id);
  sj.unpack = (shapes) => (shapes.length && shapes[0].rings ? shapes : unpackPlain(shapes));

  // The data of a layer, unpacked where they came packed.
  sj.unpacked = async function (id) {
    const data = readPlain(id);
    if (!data.packed) return data;
    const heavy = JSON.parse(new TextDecoder().decode(await inflate(data.packed.data)));
    const packed = data.packed.shapes;
    if (packed) heavy.shapes = shapesFrom(packed, await inflate(packed.gz));
    return Object.assign({}, data, heavy, { packed: null });
  };

  // Unpack the data of these layers, then start the map.
  sj.prepared = async function (ids, start) {
    for (const id of ids) {
      if (typeof DecompressionStream === "undefined") {
        const note = document.createElement("p");
        note.className = "remote";
        note.setAttribute("role", "alert");
        note.textContent = readPlain(id).packed.old;
        document.body.prepend(note);
        return;
      }
      ready.set(id, await sj.unpacked(id));
    }
    start();
  };

  // A sheet that draws over many frames on a canvas nobody sees, and shows the picture when it is whole. Until then the
  // picture before stays, moved and scaled with the map; what was drawn already is used again when the map is moved.
  sj.PatientSheet = sj.Sheet.extend({
    options: { padding: 0.35 },
    onRemove: function () {
      this._stop();
      this._picture = null;
      return sj.Sheet.prototype.onRemove.apply(this, arguments);
    },
    _stop: function () {
      if (this._frame) cancelAnimationFrame(this._frame);
      this._frame = 0;
      this._job = null;
      this._next = false;
    },
    busy: function () {
      return Boolean(this._job);
    },
    _goal: function () {
      const size = this._map.getSize();
      // The first picture is of what is seen, without the margin into which a reader may drag it.
      const padding = this._seen ? this.options.padding : 0;
      const min = this._map.containerPointToLayerPoint(size.multiplyBy(-padding)).round();
      return {
        bounds: L.bounds(min, min.add(size.multiplyBy(1 + padding * 2)).round()),
        center: this._map.getCenter(),
        zoom: this._map.getZoom(),
        origin: this._map.getPixelOrigin(),
        ratio: Math.min(window.devicePixelRatio || 1, 2),
      };
    },
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      const goal = this._goal();
      if (!this._picture) this._place(goal);
      const shown = this._picture;
      const moved = shown && shown.zoom === goal.zoom && shown.origin.equals(goal.origin);
      // A picture under way for the same scale is finished first: whoever drags on and on shall see something.
      if (this._job && this._job.goal.zoom === goal.zoom && this._job.goal.origin.equals(goal.origin)) {
        this._next = true;
        return;
      }
      if (shown && !moved) this._updateTransform(goal.center, goal.zoom);
      this._begin(goal, moved ? shown : null);
    },
    redraw: function () {
      if (!this._context || !this._map) return;
      this._picture = null;
      this._begin(this._goal(), null);
    },
    _place: function (goal) {
      this._bounds = goal.bounds;
      this._center = goal.center;
      this._zoom = goal.zoom;
      this._ratio = goal.ratio;
      const size = goal.bounds.getSize();
      L.DomUtil.setTransform(this._container, goal.bounds.min, 1);
      this._container._leaflet_pos = goal.bounds.min;
      this._container.width = Math.round(size.x * goal.ratio);
      this._container.height = Math.round(size.y * goal.ratio);
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
    },
    _begin: function (goal, shown) {
      this._stop();
      const size = goal.bounds.getSize();
      const whole = { x: 0, y: 0, width: size.x, height: size.y };
      const canvas = (this._back = this._back || document.createElement("canvas"));
      canvas.width = Math.round(size.x * goal.ratio);
      canvas.height = Math.round(size.y * goal.ratio);
      const context = canvas.getContext("2d");
      context.lineJoin = context.lineCap = "round";
      let regions = [whole];
      if (shown && shown.ratio === goal.ratio && Number.isInteger(goal.ratio)) {
        const shift = shown.bounds.min.subtract(goal.bounds.min);
        context.drawImage(this._container, shift.x * goal.ratio, shift.y * goal.ratio);
        regions = uncovered(whole, { x: shift.x, y: shift.y, width: shown.size.x, height: shown.size.y });
      }
      // Whoever moves the map wants it to move; whoever asked for another picture waits for that one.
      const frame = shown ? FRAME : 3 * FRAME;
      this._job = { goal: goal, steps: this._steps(context, goal, regions), pace: this._pace || 24, at: 0, frame: frame };
      this._frame = requestAnimationFrame((now) => this._work(now));
    },
    _steps: function* (context, goal, regions) {
      for (const region of regions) {
        const view = {
          scale: Math.pow(2, goal.zoom),
          zoom: goal.zoom,
          x: -goal.origin.x - goal.bounds.min.x - region.x,
          y: -goal.origin.y - goal.bounds.min.y - region.y,
          width: region.width,
          height: region.height,
          ratio: goal.ratio,
        };
        context.save();
        context.setTransform(goal.ratio, 0, 0, goal.ratio, region.x * goal.ratio, region.y * goal.ratio);
        context.beginPath();
        context.rect(0, 0, region.width, region.height);
        context.clip();
        yield* this._draw(context, view);
        context.restore();
      }
    },
    _work: function (now) {
      const job = this._job;
      // As many steps as the last frame had time for: browsers may put the drawing off until the frame is shown.
      if (job.at) job.pace = now - job.at > job.frame * 1.6 ? Math.max(8, job.pace * 0.7) : Math.min(600, job.pace * 1.3);
      job.at = now;
      const until = performance.now() + job.frame * 0.7;
      for (let step = 0; step < job.pace && performance.now() < until; step += 1) {
        if (job.steps.next().done) return this._finish(job);
      }
      this._frame = requestAnimationFrame((next) => this._work(next));
    },
    _finish: function (job) {
      const again = this._next;
      this._pace = job.pace;
      this._stop();
      this._place(job.goal);
      this._context.drawImage(this._back, 0, 0);
      this._picture = Object.assign({ size: job.goal.bounds.getSize() }, job.goal);
      if (again) return this._update();
      this.fire("drawn");
      if (this._seen) return;
      this._seen = true;
      setTimeout(() => this._map && this._update(), 0);
    },
  });

  // The parts of a frame that a rectangle leaves open: at most four.
  function uncovered(frame, by) {
    const left = Math.max(0, Math.min(frame.width, by.x));
    const right = Math.max(left, Math.min(frame.width, by.x + by.width));
    const top = Math.max(0, Math.min(frame.height, by.y));
    const bottom = Math.max(top, Math.min(frame.height, by.y + by.height));
    if (left === right || top === bottom) return [frame];
    return [
      { x: 0, y: 0, width: frame.width, height: top },
      { x: 0, y: bottom, width: frame.width, height: frame.height - bottom },
      { x: 0, y: top, width: left, height: bottom - top },
      { x: right, y: top, width: frame.width - right, height: bottom - top },
    ].filter((part) => part.width > 0 && part.height > 0);
  }

  // Like inBatches, but stops after each batch until it is asked to go on.
  sj.batches = function* (context, shapes, view, closed, finish) {
    let open = 0;
    let looked = 0;
    context.beginPath();
    for (const shape of shapes) {
      looked += 1;
      if (!sj.visible(shape, view)) {
        if (looked % 20000 === 0) yield;
        continue;
      }
      for (const ring of shape.rings) sj.trace(context, ring, view, closed);
      open += 1;
      if (open === sj.BATCH) {
        finish();
        yield;
        context.beginPath();
        open = 0;
      }
    }
    if (open) finish();
  };

  // A sheet for so many shapes: one that draws at once, or one that takes its time; both draw by the same steps.
  sj.sheetFor = function (count, steps) {
    if (count >= sj.MANY) return new sj.PatientSheet(steps);
    return new sj.Sheet(function (context, view) {
      for (const _ of steps.call(this, context, view)) continue;
    });
  };
  sj.MANY = 3000;
})(window.spatialjustice);
