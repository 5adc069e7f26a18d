// The layers a folium map is made of: base map, zones, streets, boundary and services.
"use strict";
(function (sj) {
  const made = (sj.made = { zones: null, services: [], overlays: [] });

  const BASE = {
    sea: { fill: "#d6e4ec" },
    water: { fill: "#d6e4ec" },
    beach: { fill: "#f1ead6" },
    green: { fill: "#e1ebd8" },
    urban: { fill: "#eceae4" },
    building: { fill: "#e3e0d9" },
    waterway: { line: "#c3d7e2", width: 1.2 },
    minor: { line: "#dfdbd3", width: 0.7, from: 12.5 },
    middle: { line: "#d2cdc3", width: 1.1, from: 11 },
    major: { line: "#c4bdb0", width: 1.9 },
    rail: { line: "#b9b6b1", width: 1, dash: [6, 4] },
    coast: { line: "#a9bfcb", width: 1 },
  };

  function pane(map, name, order) {
    if (!map.getPane(name)) {
      const made = map.createPane(name);
      made.style.zIndex = order;
      made.style.pointerEvents = "none";
    }
  }

  function layered(sheet, name, order) {
    const add = sheet.beforeAdd;
    sheet.options.pane = name;
    sheet.beforeAdd = function (map) {
      pane(map, name, order);
      if (add) add.call(this, map);
    };
    return sheet;
  }

  // What is not needed for the first picture of the zones waits until it is shown: on a slow device it comes first.
  const waiting = [];
  let shown = !document.querySelector('script[id^="zone_layer"]') || !document.getElementById("panel");
  sj.afterPicture = (act) => (shown ? act() : waiting.push(act));
  sj.afterPicture.waits = () => !shown;
  sj.pictured = function () {
    shown = true;
    for (const act of waiting.splice(0)) act();
  };

  // The map that is seen first: that of the overview, unless the address asks for another view.
  function firstMap(indicators) {
    const overview = document.documentElement.dataset.view && document.getElementById("overview");
    return overview ? Math.max(0, indicators.findIndex((one) => one.key === overview.dataset.start)) : 0;
  }

  function overlay(sheet, data) {
    made.overlays.push({ sheet: sheet, data: data });
    return sheet;
  }

  // The ground fades out where its data end, instead of ending in a hard edge that looks like a coast.
  function fadeOut(context, box, view) {
    if (!Number.isFinite(box[0])) return; // nothing but names is drawn
    const [left, top, right, bottom] = box.map((value, place) => value * view.scale + (place % 2 ? view.y : view.x));
    const depth = Math.min(70, (right - left) / 8, (bottom - top) / 8);
    context.globalCompositeOperation = "destination-out";
    for (const [x1, y1, x2, y2] of [
      [left, 0, left + depth, 0],
      [right, 0, right - depth, 0],
      [0, top, 0, top + depth],
      [0, bottom, 0, bottom - depth],
    ]) {
      const fade = context.createLinearGradient(x1, y1, x2, y2);
      fade.addColorStop(0, "#000");
      fade.addColorStop(1, "rgba(0,0,0,0)");
      context.fillStyle = fade;
      context.fillRect(0, 0, view.width, view.height);
    }
    context.globalCompositeOperation = "source-over";
  }

  // Where the data cut a coast nobody knows how it runs: the sea fades there, instead of ending in a straight line.
  function softened(context, lines, view) {
    context.globalCompositeOperation = "destination-out";
    context.strokeStyle = "rgba(0,0,0,0.16)";
    for (let width = 12; width <= 132; width += 12) {
      context.lineWidth = width;
      sj.inBatches(context, lines, view, false, () => context.stroke());
    }
    context.globalCompositeOperation = "source-over";
  }

  function around(shapes) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const shape of shapes) {
      for (const place of [0, 1]) box[place] = Math.min(box[place], shape.box[place]);
      for (const place of [2, 3]) box[place] = Math.max(box[place], shape.box[place]);
    }
    return box;
  }

  // The sheets of a ground: areas, lines, and the names of places above all data.
  sj.ground = function (packed, language) {
    let parts = [];
    let box = [Infinity];
    // Areas lie beneath the zones and are hidden by them; lines darken them, so that class colours stay as they are.
    const areas = new sj.Sheet(function (context, view) {
      for (const part of parts.filter((one) => one.area || one.kind === "guessed_coast")) {
        if (part.kind === "guessed_coast") {
          softened(context, part.shapes, view);
          continue;
        }
        const style = BASE[part.kind] || BASE.urban;
        context.fillStyle = style.fill || style.line;
        sj.inBatches(context, part.shapes, view, true, () => context.fill());
      }
      fadeOut(context, box, view);
    });
    const lines = new sj.Sheet(function (context, view) {
      for (const part of parts.filter((one) => !one.area && one.kind !== "guessed_coast")) {
        const style = BASE[part.kind] || BASE.minor;
        if (style.from && view.zoom < style.from) continue;
        context.strokeStyle = style.line || style.fill;
        context.lineWidth = (style.width || 1) * Math.max(0.8, Math.min(3, Math.pow(1.35, view.zoom - 13)));
        context.setLineDash(style.dash || []);
        sj.inBatches(context, part.shapes, view, false, () => context.stroke());
        context.setLineDash([]);
      }
      fadeOut(context, box, view);
    });
    // On a map without zones at once, so that both sheets must be there.
    sj.afterPicture(function () {
      parts = packed
        .filter((part) => part.kind !== "label")
        .map((part) => ({ kind: part.kind, area: part.area, shapes: sj.unpack(part.shapes) }));
      box = around(parts.flatMap((part) => part.shapes));
      for (const sheet of [areas, lines]) if (sheet._map) sheet.redraw();
    });
    const sheets = [layered(areas, "ground", 300), layered(lines, "lines", 410)];
    const labels = packed.find((part) => part.kind === "label");
    if (labels) {
      const written = labelSheet(labels, language);
      sheets.push(layered(written, "labels", 436));
      // A canvas does not draw anew by itself when its font has come.
      const sample = Object.values(labels.names).flat().join("").slice(0, 400);
      document.fonts.load('12px "Vazirmatn Variable"', sample).then(() => written.redraw());
    }
    return sheets;
  };

  // Names, the greater places first, each only where it covers none written before.
  function labelSheet(labels, language) {
    const points = [];
    let [x, y] = [0, 0];
    for (let place = 0; place < labels.points.length; place += 2) {
      x += labels.points[place];
      y += labels.points[place + 1];
      points.push(sj.toWorld(x * 1e-5, y * 1e-5));
    }
    return new sj.Sheet(function (context, view) {
      const names = labels.names[language()] || labels.names.en;
      const written = [];
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      points.forEach(function (point, place) {
        const rank = labels.rank[place];
        const px = point[0] * view.scale + view.x;
        const py = point[1] * view.scale + view.y;
        if (!names[place] || view.zoom < 6.5 + rank * 0.85 || px < 0 || py < 0 || px > view.width || py > view.height) return;
        const size = Math.max(11, 15 - rank);
        context.font = (rank < 2 ? "650 " : "500 ") + size + 'px "Vazirmatn Variable", system-ui, sans-serif';
        const half = context.measureText(names[place]).width / 2 + 4;
        const box = [px - half, py - size, px + half, py + size];
        if (written.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) return;
        written.push(box);
        context.strokeStyle = "rgba(255,255,255,0.9)";
        context.lineWidth = 3;
        context.strokeText(names[place], px, py);
        context.fillStyle = "#39434a";
        context.fillText(names[place], px, py);
      });
    });
  }

  sj.base = function (id) {
    const data = sj.read(id);
    made.labels = data.parts.find((part) => part.kind === "label");
    made.base = L.layerGroup(sj.ground(data.parts, () => document.documentElement.lang));
    return overlay(made.base, data);
  };

  sj.lines = function (id) {
    const data = sj.read(id);
    const place = data.role === "place";
    // Unpacked when they are first drawn; the streets of another mode take their place.
    let shapes = null;
    const sheet = new sj.Sheet(function (context, view) {
      if (place) {
        context.strokeStyle = "rgba(255,255,255,0.85)";
        context.lineWidth = 4;
        sj.inBatches(context, sheet.lines, view, false, () => context.stroke());
      }
      context.strokeStyle = place ? "#3d4450" : "#5a6472";
      context.lineWidth = place ? 1.3 : Math.max(0.5, Math.min(2, (view.zoom - 10) * 0.25));
      sj.inBatches(context, sheet.lines, view, false, () => context.stroke());
    });
    Object.defineProperty(sheet, "lines", {
      get: () => (shapes = shapes || sj.unpack(data.shapes)),
      set: (others) => (shapes = others),
    });
    return overlay(layered(sheet, data.role, place ? 430 : 420), data);
  };

  // The edges of zones: for each its ends and the zones on both sides (-1: none). Made once, when first asked for.
  const MOST_CORNERS = 600000;
  const GRID = 140625; // one unit of the packed coordinates, in units of the world

  function edgesOf(shapes) {
    let corners = 0;
    for (const shape of shapes) for (const ring of shape.rings) corners += ring.length / 2;
    const none = { count: 0 };
    // Of a very fine map the line would take longer than the map; the colours tell the limit there.
    if (corners > MOST_CORNERS) return none;
    const names = new Map();
    const known = new Map();
    const first = new Int32Array(corners);
    const second = new Int32Array(corners).fill(-1);
    const ends = new Float64Array(corners * 4);
    let count = 0;
    let common = 0;
    function name(x, y) {
      const key = Math.round(x * GRID) * 67108864 + Math.round(y * GRID);
      let found = names.get(key);
      if (found === undefined) names.set(key, (found = names.size));
      return found;
    }
    for (let zone = 0; zone < shapes.length; zone += 1) {
      for (const ring of shapes[zone].rings) {
        let x = ring[ring.length - 2];
        let y = ring[ring.length - 1];
        let before = name(x, y);
        for (let place = 0; place < ring.length; place += 2) {
          const here = name(ring[place], ring[place + 1]);
          const key = before < here ? before * 4194304 + here : here * 4194304 + before;
          const edge = known.get(key);
          if (edge === undefined) {
            known.set(key, count);
            first[count] = zone;
            ends[count * 4] = x;
            ends[count * 4 + 1] = y;
            ends[count * 4 + 2] = ring[place];
            ends[count * 4 + 3] = ring[place + 1];
            count += 1;
          } else if (second[edge] < 0) {
            second[edge] = zone;
            common += 1;
          }
          before = here;
          x = ring[place];
          y = ring[place + 1];
        }
      }
    }
    // Zones that do not share their corners have few common edges: only those that are common say where one ends.
    return { count: count, first: first, second: second, ends: ends, all: common > count * 0.4 };
  }

  const BADLY_OFF = new Set(["beyond_cutoff", "unreachable", "off_network"]);

  // Which side of the widest limit each class of an indicator lies on: within, beyond, or none.
  function sides(indicator) {
    const widest = (indicator.legend.limits || []).find((one) => one.widest);
    if (!widest) return null;
    return indicator.legend.rows.map(function (row, place) {
      if (BADLY_OFF.has(row.key)) return 1;
      return row.key.startsWith("class_") ? (place > widest.after ? 1 : -1) : 0;
    });
  }

  const whenIdle = (act) => (window.requestIdleCallback ? requestIdleCallback(act, { timeout: 1500 }) : setTimeout(act, 60));

  // The limit on the map: a line around the zones beyond it.
  function limitSheet(state) {
    let edges = null;
    const lines = new Map();
    function linesOf(indicator) {
      const side = sides(indicator);
      if (!side) return [];
      edges = edges || edgesOf(state.shapes);
      const beyond = new Uint8Array(state.shapes.length);
      for (let zone = 0; zone < beyond.length; zone += 1) beyond[zone] = side[parseInt(indicator.classes[zone], 36)] > 0 ? 1 : 0;
      const found = [];
      for (let edge = 0; edge < edges.count; edge += 1) {
        const other = edges.second[edge];
        if (other < 0 && !edges.all) continue;
        if (beyond[edges.first[edge]] !== (other < 0 ? 0 : beyond[other])) for (let at = 0; at < 4; at += 1) found.push(edges.ends[edge * 4 + at]);
      }
      return found;
    }
    const sheet = new sj.Sheet(function (context, view) {
      const indicator = state.data.indicators[state.chosen];
      const ready = lines.get(indicator);
      if (!ready) {
        // The colours come first; the line follows when there is time.
        whenIdle(function () {
          if (!lines.has(indicator)) lines.set(indicator, linesOf(indicator));
          if (state.data.indicators[state.chosen] === indicator) sheet.redraw();
        });
        return;
      }
      if (!ready.length) return;
      context.beginPath();
      for (let place = 0; place < ready.length; place += 4) {
        const a = ready[place] * view.scale + view.x;
        const b = ready[place + 1] * view.scale + view.y;
        const c = ready[place + 2] * view.scale + view.x;
        const d = ready[place + 3] * view.scale + view.y;
        if (Math.max(a, c) < 0 || Math.max(b, d) < 0 || Math.min(a, c) > view.width || Math.min(b, d) > view.height) continue;
        context.moveTo(a, b);
        context.lineTo(c, d);
      }
      // Around small zones a fine line is enough: a strong one would hide their colours.
      const fine = state.median * view.scale < 14;
      for (const [colour, width] of fine ? [["rgba(17,24,28,0.75)", Math.max(0.35, (state.median * view.scale) / 16)]] : LIMIT_LINE) {
        context.strokeStyle = colour;
        context.lineWidth = width * Math.max(0.7, Math.min(1.3, (view.zoom - 8) / 4));
        context.stroke();
      }
    });
    return sheet;
  }

  const MANY_PLACES = 600;
  const LIMIT_LINE = [["rgba(255,255,255,0.9)", 3], ["#11181c", 1.3]];

  sj.zones = function (id) {
    const data = sj.read(id);
    const shapes = sj.unpack(data.shapes);
    const sizes = shapes.map((shape) => shape.box[2] - shape.box[0]).sort((a, b) => a - b);
    const median = sizes[sizes.length >> 1] || 0;
    const state = (made.zones = { data: data, shapes: shapes, find: sj.Finder(shapes), chosen: firstMap(data.indicators), over: -1 });
    const sorted = new WeakMap();
    // The shapes of each class, sorted when a map is first shown.
    state.groups = function (indicator) {
      if (!sorted.has(indicator)) {
        const lists = indicator.legend.rows.map(() => []);
        for (let zone = 0; zone < shapes.length; zone += 1) {
          lists[parseInt(indicator.classes[zone], 36)].push(shapes[zone]);
        }
        sorted.set(indicator, lists);
      }
      return sorted.get(indicator);
    };
    state.sheet = sj.sheetFor(shapes.length, function* (context, view) {
      const indicator = data.indicators[state.chosen];
      const rows = indicator.legend.rows;
      const lined = median * view.scale > 7;
      for (let place = 0; place < rows.length; place += 1) {
        const row = rows[place];
        // Where nobody lives there is nothing to hide: the ground shows.
        if (row.key === "no_population" && made.base && state.sheet._map.hasLayer(made.base)) continue;
        yield* sj.batches(context, state.groups(indicator)[place], view, true, function () {
          sj.fillSwatch(context, row.swatch, view.ratio, view.x % 6, view.y % 6);
          // A hairline of its own colour closes the gaps that smoothing leaves between neighbours.
          context.strokeStyle = row.swatch[0];
          context.lineWidth = 0.6;
          context.stroke();
        });
      }
      if (lined) {
        context.strokeStyle = "rgba(255,255,255,0.75)";
        context.lineWidth = median * view.scale > 24 ? 0.8 : 0.5;
        yield* sj.batches(context, shapes, view, true, () => context.stroke());
      }
    });
    state.sheet.options.first = true;
    state.mark = layered(
      new sj.Sheet(function (context, view) {
        if (state.over < 0) return;
        const shape = [shapes[state.over]];
        context.strokeStyle = "#ffffff";
        context.lineWidth = 4.5;
        sj.inBatches(context, shape, view, true, () => context.stroke());
        context.strokeStyle = "#11181c";
        context.lineWidth = 2;
        sj.inBatches(context, shape, view, true, () => context.stroke());
      }),
      "mark",
      435,
    );
    state.median = median;
    state.limit = layered(limitSheet(state), "limit", 425);
    return layered(state.sheet, "zones", 400);
  };

  sj.services = function (id) {
    const data = sj.read(id);
    const areas = sj.unpack(data.areas);
    const points = [];
    let x = 0;
    let y = 0;
    for (let place = 0; place < data.points.length; place += 2) {
      x += data.points[place];
      y += data.points[place + 1];
      points.push({ world: sj.toWorld(x * 1e-5, y * 1e-5), latlng: L.latLng(y * 1e-5, x * 1e-5) });
    }
    const radius = (zoom) => Math.max(3.2, Math.min(7.5, 4.4 + (zoom - 12.5) * 0.8));
    const sheet = new sj.Sheet(function (context, view) {
      context.strokeStyle = context.fillStyle = data.colour;
      context.globalAlpha = 0.28;
      sj.inBatches(context, areas, view, true, () => context.fill());
      context.globalAlpha = 1;
      context.lineWidth = 1.2;
      if (view.zoom > 12) sj.inBatches(context, areas, view, true, () => context.stroke());
      const seen = [];
      for (const point of points) {
        const px = point.world[0] * view.scale + view.x;
        const py = point.world[1] * view.scale + view.y;
        if (px < -10 || py < -10 || px > view.width + 10 || py > view.height + 10) continue;
        seen.push([point, px, py]);
      }
      // Very many become dots: symbols beside each other would hide the colours under them.
      const share = Math.min(1, Math.sqrt(MANY_PLACES / seen.length));
      const size = Math.max(1.2, radius(view.zoom) * share);
      for (const [point, px, py] of seen) {
        // Places that were ticked off are still there, but pale.
        context.globalAlpha = point.off ? 0.25 : 1;
        sj.drawSymbol(context, data, px, py, size, 3 * share);
      }
      context.globalAlpha = 1;
    });
    made.services.push({ sheet: sheet, data: data, points: points, radius: radius });
    return overlay(layered(sheet, "services", 440), data);
  };
})(window.spatialjustice);
