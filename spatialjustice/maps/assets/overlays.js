// Layers for any folium map: zones, lines, points and areas, each with its legend, tooltip and credit. Text goes in as text.
"use strict";
(function (sj) {
  const maps = new Map();
  sj.overlays = [];

  function element(tag, name, text) {
    const found = document.createElement(tag);
    if (name) found.className = name;
    if (text !== undefined && text !== null) found.textContent = text;
    return found;
  }

  function canvas(width, height, draw) {
    const found = element("canvas");
    found.width = width * 2;
    found.height = height * 2;
    found.style.width = width + "px";
    found.style.height = height + "px";
    found.setAttribute("aria-hidden", "true");
    const context = found.getContext("2d");
    context.scale(2, 2);
    draw(context);
    return found;
  }

  function paned(map, name, order) {
    if (map.getPane(name)) return;
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    pane.style.pointerEvents = "none";
  }

  // A folium layer that is there at once and is filled when its data are unpacked.
  sj.overlay = function (id) {
    const group = L.layerGroup();
    const state = { group: group, data: null, chosen: 0, ready: false, find: null, map: null };
    group.state = state;
    sj.overlays.push(state);
    group.on("add", function () {
      state.map = group._map;
      home(state.map).states.add(state);
      refresh(state.map);
    });
    group.on("remove", function () {
      const map = state.map;
      home(map).states.delete(state);
      refresh(map);
    });
    sj.unpacked(id).then(function (data) {
      state.data = data;
      state.indicator = () => data.indicators[state.chosen];
      makers[data.kind](state);
      state.ready = true;
      if (state.map) refresh(state.map);
    });
    return group;
  };

  const makers = {
    zones: function (state) {
      const data = state.data;
      const shapes = data.features ? data.features.features.map(shapeOf) : data.shapes;
      const sizes = shapes.map((shape) => shape.box[2] - shape.box[0]).sort((a, b) => a - b);
      state.wide = sizes[sizes.length >> 1] || 0;
      state.find = sj.Finder(shapes);
      state.shapes = shapes;
      if (data.features) plain(state);
      else
        filled(state, function* (context, view) {
          yield* classes(state, context, view, shapes);
          const line = outline(state, view.scale);
          if (!line) return;
          context.strokeStyle = line[0];
          context.lineWidth = line[1];
          yield* sj.batches(context, shapes, view, true, () => context.stroke());
        });
      marked(state);
    },
    areas: function (state) {
      const shapes = state.data.shapes;
      const places = shapes.map((_, place) => place).reverse();
      const finders = places.map((place) => sj.Finder([shapes[place]]));
      state.shapes = shapes;
      state.find = (where) => {
        const found = finders.findIndex((finder) => finder(where) === 0);
        return found < 0 ? -1 : places[found];
      };
      filled(state, function* (context, view) {
        const indicator = state.indicator();
        for (let place = 0; place < shapes.length; place += 1) {
          const swatch = rowOf(indicator, place).swatch;
          yield* sj.batches(context, [shapes[place]], view, true, function () {
            sj.fillSwatch(context, swatch, view.ratio, view.x % 6, view.y % 6);
            context.strokeStyle = "rgba(255,255,255,0.8)";
            context.lineWidth = 0.8;
            context.stroke();
          });
        }
      });
    },
    lines: function (state) {
      const shapes = state.data.shapes;
      const lists = byClass(state.indicator(), shapes);
      const sheet = sj.sheetFor(shapes.length, function* (context, view) {
        const size = state.data.width * Math.max(0.4, Math.min(2.5, Math.pow(1.3, view.zoom - 13)));
        const rows = state.indicator().legend.rows;
        for (let place = 0; place < rows.length; place += 1) {
          context.strokeStyle = rows[place].swatch[2] || rows[place].swatch[0];
          context.lineWidth = size;
          context.setLineDash(rows[place].swatch[1] ? [3, 4] : []);
          yield* sj.batches(context, lists[place], view, false, () => context.stroke());
        }
        context.setLineDash([]);
      });
      put(state, sheet, "sj-lines", 420);
      const size = 6;
      const near = sj.Finder(shapes.map((shape) => ({ rings: shape.rings, box: shape.box })));
      state.find = (where, map) => near.near(where, size / Math.pow(2, map.getZoom()));
    },
    points: function (state) {
      const data = state.data;
      const found = [];
      let [x, y] = [0, 0];
      for (let place = 0; place < data.points.length; place += 2) {
        x += data.points[place];
        y += data.points[place + 1];
        found.push(sj.toWorld(x * 1e-5, y * 1e-5));
      }
      const radius = (zoom) => Math.max(3.2, Math.min(8, 4.6 + (zoom - 12.5) * 0.8));
      const sheet = new sj.Sheet(function (context, view) {
        const indicator = data.indicators.length ? state.indicator() : null;
        found.forEach(function (point, place) {
          const px = point[0] * view.scale + view.x;
          const py = point[1] * view.scale + view.y;
          if (px < -10 || py < -10 || px > view.width + 10 || py > view.height + 10) return;
          const colour = indicator ? rowOf(indicator, place).swatch[0] : data.colour;
          sj.drawSymbol(context, { shape: data.shape, colour: colour }, px, py, radius(view.zoom));
        });
      });
      put(state, sheet, "sj-points", 440);
      state.find = function (where, map) {
        const at = sj.toWorld(where.lng, where.lat);
        const scale = Math.pow(2, map.getZoom());
        let best = -1;
        let nearest = radius(map.getZoom()) + 4;
        found.forEach(function (point, place) {
          const distance = Math.hypot(point[0] - at[0], point[1] - at[1]) * scale;
          if (distance <= nearest) [nearest, best] = [distance, place];
        });
        return best;
      };
    },
    ground: function (state) {
      for (const sheet of sj.ground(state.data.parts, () => state.data.lang)) state.group.addLayer(sheet);
    },
  };

  function shapeOf(feature) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const geometry = feature.geometry;
    const polygons = !geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const rings = polygons.flat().map(function (ring) {
      const flat = new Float64Array(ring.length * 2);
      ring.forEach(function (point, place) {
        const world = sj.toWorld(point[0], point[1]);
        flat.set(world, 2 * place);
        for (const side of [0, 1]) {
          box[side] = Math.min(box[side], world[side]);
          box[side + 2] = Math.max(box[side + 2], world[side]);
        }
      });
      return flat;
    });
    return { rings: rings, box: box };
  }

  function rowOf(indicator, place) {
    return indicator.legend.rows[parseInt(indicator.classes[place], 36)];
  }

  function byClass(indicator, shapes) {
    const lists = indicator.legend.rows.map(() => []);
    shapes.forEach((shape, place) => lists[parseInt(indicator.classes[place], 36)].push(shape));
    return lists;
  }

  function* classes(state, context, view, shapes) {
    const indicator = state.indicator();
    state.lists = state.lists || new Map();
    if (!state.lists.has(state.chosen)) state.lists.set(state.chosen, byClass(indicator, shapes));
    const lists = state.lists.get(state.chosen);
    for (let place = 0; place < lists.length; place += 1) {
      const swatch = indicator.legend.rows[place].swatch;
      yield* sj.batches(context, lists[place], view, true, function () {
        sj.fillSwatch(context, swatch, view.ratio, view.x % 6, view.y % 6);
        context.strokeStyle = swatch[0];
        context.lineWidth = 0.6;
        context.stroke();
      });
    }
  }

  // White lines between zones, where these are large enough on the screen to bear them.
  function outline(state, scale) {
    const wide = state.wide * scale;
    return wide > 7 ? ["rgba(255,255,255,0.75)", wide > 24 ? 0.8 : 0.5] : null;
  }

  function put(state, sheet, pane, order) {
    const add = sheet.beforeAdd;
    sheet.options.pane = pane;
    sheet.beforeAdd = function (map) {
      paned(map, pane, order);
      if (add) add.call(this, map);
    };
    state.sheet = sheet;
    state.group.addLayer(sheet);
  }

  function filled(state, steps) {
    put(state, sj.sheetFor(state.shapes.length, steps), "sj-zones", 390);
  }

  // Plain GeoJSON on Leaflet's own canvas.
  function plain(state) {
    const patterns = new Map();
    function fill(swatch) {
      if (!swatch[1]) return swatch[0];
      const key = swatch.join();
      if (!patterns.has(key)) patterns.set(key, sj.tile(swatch));
      return patterns.get(key);
    }
    function style(feature) {
      const swatch = rowOf(state.indicator(), feature.id).swatch;
      const line = state.map ? outline(state, Math.pow(2, state.map.getZoom())) : null;
      return {
        fillColor: fill(swatch),
        fillOpacity: 1,
        color: line ? line[0] : swatch[0],
        weight: line ? line[1] : 0.6,
      };
    }
    const layer = L.geoJSON(null, { interactive: false, smoothFactor: 0.3, style: style, pane: "sj-zones" });
    state.redraw = () => layer.setStyle(style);
    state.geojson = layer;
    function fillIn(map) {
      paned(map, "sj-zones", 390);
      layer.options.renderer = L.canvas({ pane: "sj-zones", padding: 0.35 });
      layer.addData(state.data.features);
      layer.eachLayer((each) => (each.options.renderer = layer.options.renderer));
      state.group.addLayer(layer);
      map.on("zoomend", state.redraw);
    }
    if (state.map) fillIn(state.map);
    else state.group.once("add", () => fillIn(state.map));
  }

  function marked(state) {
    state.over = -1;
    const sheet = new sj.Sheet(function (context, view) {
      if (state.over < 0) return;
      for (const [colour, width] of [["#ffffff", 4.5], ["#11181c", 2]]) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        sj.inBatches(context, [state.shapes[state.over]], view, true, () => context.stroke());
      }
    });
    const before = state.sheet;
    put(state, sheet, "sj-mark", 435);
    state.mark = sheet;
    state.sheet = before;
  }

  // What a map has once, however many overlays it has: legends, tooltip, credit, scale and north.
  function home(map) {
    if (maps.has(map)) return maps.get(map);
    const found = { states: new Set(), tooltip: L.tooltip({ className: "card", opacity: 1, offset: [14, 0] }), key: "" };
    maps.set(map, found);
    // Added first, it stays beneath the legends, which would cover it on a phone.
    found.credit = corner(map, "bottomright", "sj-credit");
    found.legends = corner(map, "bottomright", "sj-legends");
    if (!document.documentElement.dataset.ready) {
      if (map.attributionControl) map.attributionControl.setPrefix(false);
      found.scale = new Scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
      found.north = corner(map, "topright", "north");
    }
    map.on("mousemove", (event) => point(map, event));
    map.on("mouseout movestart zoomstart", () => clear(map));
    map.on("click", (event) => open(map, event));
    return found;
  }

  // A scale in the language of the layers.
  const Scale = L.Control.Scale.extend({
    _updateScale: function (line, text, ratio) {
      line.style.width = Math.round(this.options.maxWidth * ratio) + "px";
      const [number, unit] = text.split(" ");
      const data = this.spoken;
      const digits = (sign) => "۰۱۲۳۴۵۶۷۸۹٫"["0123456789.".indexOf(sign)];
      line.dir = data ? data.dir : "ltr";
      line.textContent = !data
        ? text
        : (data.lang === "fa" ? number.replace(/[0-9.]/g, digits) : number) +
          "\u00a0" +
          data.words[unit === "km" ? "unit.kilometres.short" : "unit.metres.short"];
    },
  });

  function corner(map, position, name) {
    const made = L.control({ position: position });
    const holder = element("div", name);
    made.onAdd = () => holder;
    made.addTo(map);
    L.DomEvent.disableClickPropagation(holder);
    L.DomEvent.disableScrollPropagation(holder);
    return holder;
  }

  function refresh(map) {
    const here = home(map);
    const states = Array.from(here.states).filter((state) => state.ready);
    const lines = states.flatMap((state) => state.data.credits);
    here.credit.replaceChildren(...Array.from(new Set(lines), (line) => element("div", "", line)));
    here.credit.hidden = !lines.length;
    if (here.north && states.length && !here.north.firstChild) {
      const words = states[0].data.words;
      here.north.setAttribute("role", "img");
      here.north.setAttribute("aria-label", words["page.north.title"]);
      here.north.append(element("span", "", "▲"), element("span", "", words["page.north"]));
    }
    if (here.scale && states.length) {
      here.scale.spoken = states[0].data;
      here.scale._update();
    }
    here.legends.replaceChildren(...states.map(legend).filter(Boolean));
  }

  function legend(state) {
    const data = state.data;
    if (!data.indicators.length && data.kind !== "points") return null;
    const box = element("details", "sj-legend");
    box.open = state.folded === undefined ? window.innerWidth > 600 : !state.folded;
    box.addEventListener("toggle", () => (state.folded = !box.open));
    box.dir = data.dir;
    box.append(element("summary", "", data.indicators.length ? state.indicator().title : data.title));
    if (!data.indicators.length) {
      const line = element("div", "sj-row");
      line.append(
        canvas(24, 16, (context) => sj.drawSymbol(context, data, 12, 8, 5.5)),
        element("bdi", "", data.title),
        element("span", "sj-count", data.count),
      );
      box.append(line);
      return box;
    }
    if (data.indicators.length > 1) box.append(chooser(state));
    const record = state.indicator().legend;
    const facts = [record.unit, record.direction].filter(Boolean).join(" · ");
    if (facts) box.append(element("div", "sj-facts", facts));
    if (record.histogram) box.append(histogram(record, data.words));
    const table = element("table");
    const head = element("tr");
    head.append(element("td"), element("th", "sj-count", data.kind === "zones" ? data.words["legend.zones"] : "n"));
    table.append(head);
    for (const row of record.rows) {
      const line = element("tr", row.zones === "0" || row.zones === "۰" ? "sj-none" : "");
      const label = element("th", "sj-row");
      label.scope = "row";
      const swatch = canvas(24, 16, function (context) {
        context.beginPath();
        if (data.kind === "lines") {
          context.strokeStyle = row.swatch[2] || row.swatch[0];
          context.lineWidth = 3;
          context.setLineDash(row.swatch[1] ? [3, 4] : []);
          context.moveTo(0, 8);
          context.lineTo(24, 8);
          context.stroke();
        } else if (data.kind === "points") {
          sj.drawSymbol(context, { shape: data.shape, colour: row.swatch[0] }, 12, 8, 5.5);
        } else {
          context.rect(0, 0, 24, 16);
          sj.fillSwatch(context, row.swatch, 2, 0, 0);
        }
      });
      label.append(swatch, element("bdi", "", row.label));
      line.append(label, element("td", "sj-count", row.zones));
      if (record.limits.some((one) => one.after === record.rows.indexOf(row) && one.widest)) line.classList.add("sj-limit");
      table.append(line);
    }
    box.append(table);
    for (const text of [record.note, record.method]) if (text) box.append(element("p", "", text));
    return box;
  }

  function chooser(state) {
    const select = element("select");
    select.setAttribute("aria-label", state.data.words["page.choose"]);
    state.data.indicators.forEach(function (indicator, place) {
      const option = element("option", "", indicator.title);
      option.value = place;
      select.append(option);
    });
    select.value = state.chosen;
    select.addEventListener("change", function () {
      state.chosen = Number(select.value);
      if (state.redraw) state.redraw();
      else state.sheet.redraw();
      refresh(state.map);
    });
    return select;
  }

  function histogram(record, words) {
    const [width, height] = [196, 34];
    const all = record.histogram.bars.concat(record.histogram.others.map((one) => [one]));
    const most = Math.max(...all.map((parts) => parts.reduce((sum, [, n]) => sum + n, 0))) || 1;
    const step = width / all.length;
    const figure = element("div", "sj-histogram");
    const drawn = canvas(width, height, function (context) {
      all.forEach(function (parts, place) {
        let top = height;
        for (const [row, count] of parts) {
          const tall = (count / most) * (height - 1);
          context.fillStyle = record.rows[row].swatch[0];
          context.fillRect(place * step, top - tall, step - 0.6, tall);
          top -= tall;
        }
      });
      context.fillStyle = "#8b9499";
      context.fillRect(0, height - 0.6, width, 0.6);
    });
    drawn.removeAttribute("aria-hidden");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", words["legend.histogram"]);
    const ends = element("div", "sj-ends");
    ends.dir = "ltr";
    const ticks = record.histogram.ticks;
    ends.append(element("span", "", ticks[0][1]), element("span", "", ticks[ticks.length - 1][1] + (record.histogram.open ? "+" : "")));
    figure.append(drawn, ends);
    return figure;
  }

  function card(state, place) {
    const data = state.data;
    const holder = element("div", "card-body");
    holder.dir = data.dir;
    const name = (data.names && data.names[place]) || (data.kind === "zones" ? data.words["page.zone"] + " " + data.ids[place] : data.title || "");
    const lines = [["card-title", name]];
    if (data.indicators.length) {
      const indicator = state.indicator();
      const row = rowOf(indicator, place);
      const value = indicator.values ? indicator.values[place] : null;
      const text = value === null ? row.label : [value, indicator.short].filter(Boolean).join(" ");
      lines.push(["card-value", text], ["card-note", value !== null && row.reason ? row.label : ""], ["card-label", indicator.title]);
    } else lines.push(["card-label", data.title]);
    for (const [kind, text] of lines) {
      if (!text) continue;
      const line = element("div", kind);
      line.append(element("bdi", "", text));
      holder.append(line);
    }
    return holder;
  }

  function hit(map, where) {
    const states = Array.from(home(map).states).filter((state) => state.ready && state.find);
    const order = ["points", "lines", "areas", "zones"];
    states.sort((a, b) => order.indexOf(a.data.kind) - order.indexOf(b.data.kind));
    for (const state of states) {
      const place = state.find(where, map);
      if (place >= 0) return [state, place];
    }
    return null;
  }

  function clear(map) {
    const here = home(map);
    if (here.key) map.closeTooltip(here.tooltip);
    here.key = "";
    mark(map, null, -1);
  }

  function mark(map, state, place) {
    for (const each of home(map).states) {
      const wanted = each === state ? place : -1;
      if (!each.mark || each.over === wanted) continue;
      each.over = wanted;
      each.mark.redraw();
    }
  }

  const foreign = ".leaflet-control, .leaflet-popup, .leaflet-interactive";

  function point(map, event) {
    if ((map.dragging && map.dragging.moving()) || event.originalEvent.target.closest(foreign)) return clear(map);
    const found = hit(map, event.latlng);
    if (!found) return clear(map);
    const here = home(map);
    const key = sj.overlays.indexOf(found[0]) + "/" + found[1] + "/" + found[0].chosen;
    if (key !== here.key) here.tooltip.setContent(card(found[0], found[1]));
    here.key = key;
    mark(map, found[0], found[1]);
    here.tooltip.setLatLng(event.latlng);
    if (!map.hasLayer(here.tooltip)) map.openTooltip(here.tooltip);
  }

  function open(map, event) {
    if (event.originalEvent.target.closest(foreign)) return;
    const found = hit(map, event.latlng);
    clear(map);
    if (!found) return;
    const popup = L.popup({ className: "card", maxWidth: 280 }).setLatLng(event.latlng).setContent(card(found[0], found[1]));
    popup.openOn(map);
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", found[0].data.words["page.close"]);
  }
})(window.spatialjustice);
