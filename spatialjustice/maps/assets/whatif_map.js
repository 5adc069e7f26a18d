// What if, upon the map: places that are new, moved or gone, the way from a home, streets within reach, and the colours of
// zones that change while a place is dragged. What is to be seen in pictures and on paper is drawn on a canvas; what a
// hand or a key takes hold of lies above it, unseen.
"use strict";
(function (sj) {
  const element = sj.element;
  const NEW = "#0b5d6b";
  const NEAR = 16; // pixels around a place within which a click means it
  const STEP = 12; // pixels that a key moves a place

  sj.whatIfMap = function (map, act) {
    const seen = { added: [], removed: [], layer: null, way: null, reach: [], chosen: null, shift: null };
    let handles = [];
    let sight = null;

    function laid(name, order, paint) {
      const pane = map.createPane(name);
      pane.style.zIndex = order;
      pane.style.pointerEvents = "none";
      return new sj.Sheet(paint, { pane: name }).addTo(map);
    }

    const world = (point) => sj.toWorld(point[1], point[0]);

    function line(context, view, points) {
      points.forEach(function (point, place) {
        const [x, y] = world(point);
        if (place) context.lineTo(x * view.scale + view.x, y * view.scale + view.y);
        else context.moveTo(x * view.scale + view.x, y * view.scale + view.y);
      });
    }

    // Zones of another class than the map below shows them in.
    const colours = laid("whatif-zones", 402, function (context, view) {
      if (!seen.shift) return;
      for (const [swatch, shapes] of seen.shift) {
        sj.inBatches(context, shapes, view, true, function () {
          sj.fillSwatch(context, swatch, view.ratio, view.x % 6, view.y % 6);
          context.strokeStyle = "rgba(255,255,255,0.75)";
          context.lineWidth = 0.6;
          context.stroke();
        });
      }
    });

    const marks = laid("whatif", 445, function (context, view) {
      if (seen.reach.length) {
        context.beginPath();
        for (const points of seen.reach) line(context, view, points);
        for (const [colour, width] of [["rgba(255,255,255,0.85)", 5.5], ["#1a5a96", 2.6]]) {
          context.strokeStyle = colour;
          context.lineWidth = width;
          context.stroke();
        }
      }
      if (seen.way) {
        context.beginPath();
        line(context, view, seen.way.points);
        for (const [colour, width] of [["#ffffff", 7], ["#11181c", 3.4]]) {
          context.strokeStyle = colour;
          context.lineWidth = width;
          context.stroke();
        }
        const [x, y] = world(seen.way.points[0]);
        context.beginPath();
        context.arc(x * view.scale + view.x, y * view.scale + view.y, 5, 0, 7);
        context.fillStyle = "#11181c";
        context.fill();
      }
      if (!seen.layer) return;
      for (const place of seen.removed) {
        const point = seen.layer.points[place];
        if (point) gone(context, point.world[0] * view.scale + view.x, point.world[1] * view.scale + view.y, 7);
      }
      seen.added.forEach(function (one, number) {
        const [x, y] = world([one.lat, one.lon]);
        fresh(context, x * view.scale + view.x, y * view.scale + view.y, number);
      });
    });

    // A cross over a place that would be gone.
    function gone(context, x, y, half) {
      context.beginPath();
      for (const way of [1, -1]) {
        context.moveTo(x - half, y - half * way);
        context.lineTo(x + half, y + half * way);
      }
      for (const [colour, width] of [["#ffffff", 5.5], ["#a3142a", 2.6]]) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.stroke();
      }
    }

    // A new place: a disc with its number, and a ring where it is chosen.
    function fresh(context, x, y, number) {
      const chosen = seen.chosen && seen.chosen.added === number;
      context.beginPath();
      context.arc(x, y, chosen ? 16 : 12.5, 0, 7);
      context.fillStyle = chosen ? "#11181c" : "#ffffff";
      context.fill();
      context.beginPath();
      context.arc(x, y, chosen ? 13 : 10.5, 0, 7);
      context.fillStyle = chosen ? "#ffffff" : NEW;
      context.fill();
      if (chosen) {
        context.beginPath();
        context.arc(x, y, 10.5, 0, 7);
        context.fillStyle = NEW;
        context.fill();
      }
      context.fillStyle = "#ffffff";
      context.font = '700 12px "Vazirmatn Variable", system-ui, sans-serif';
      context.textAlign = "center";
      context.textBaseline = "alphabetic";
      context.fillText(sj.write(number + 1, 0), x, y + 4);
    }

    // What can be dragged, and moved with the arrow keys.
    function handle(number) {
      const icon = L.divIcon({ className: "whatif-handle", iconSize: [44, 44], html: element("span") });
      const marker = L.marker([seen.added[number].lat, seen.added[number].lon], { icon: icon, draggable: true, keyboard: true, autoPan: true, zIndexOffset: 1000 });
      marker.on("dragstart", () => act.hold(number));
      marker.on("drag", () => act.drag(number, marker.getLatLng()));
      marker.on("dragend", () => act.drop(number, marker.getLatLng()));
      marker.on("click", () => act.choose({ added: number }));
      marker.addTo(map);
      const box = marker.getElement();
      box.dataset.added = String(number);
      box.addEventListener("keydown", function (event) {
        const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (!steps && !["Delete", "Backspace", "Enter", " "].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        if (!steps) return event.key === "Enter" || event.key === " " ? act.choose({ added: number }) : act.away(number);
        const far = event.shiftKey ? 5 * STEP : STEP;
        const at = map.latLngToContainerPoint(marker.getLatLng()).add([steps[0] * far, steps[1] * far]);
        act.nudge(number, map.containerPointToLatLng(at));
      });
      return marker;
    }

    function name() {
      handles.forEach(function (marker, number) {
        const box = marker.getElement();
        box.setAttribute("role", "button");
        box.setAttribute("aria-label", sj.word("page.whatif.handle", { number: sj.write(number + 1, 0) }));
      });
    }

    return {
      // All that is to be seen of a service: {added, removed, layer, chosen}.
      show: function (what) {
        Object.assign(seen, what);
        const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.added : undefined;
        if (handles.length !== seen.added.length) {
          for (const one of handles) one.remove();
          handles = seen.added.map((_, number) => handle(number));
          const again = handles[Number(focused)];
          if (focused !== undefined && again) again.getElement().focus();
        } else handles.forEach((one, number) => one.setLatLng([seen.added[number].lat, seen.added[number].lon]));
        name();
        marks.redraw();
      },
      // While a place is dragged its handle is already where the hand is.
      dragged: function (added) {
        seen.added = added;
        marks.redraw();
      },
      // `groups`: pairs of a swatch and the shapes that have come into its class; null: none.
      recolour: function (groups) {
        seen.shift = groups;
        colours.redraw();
      },
      way: function (way) {
        seen.way = way;
        marks.redraw();
      },
      reach: function (lines) {
        seen.reach = lines;
        marks.redraw();
      },
      // A cross in the middle of the map, where a key would put a place.
      aim: function (on) {
        if (on && !sight) {
          sight = element("div", "whatif-sight");
          sight.setAttribute("aria-hidden", "true");
          map.getContainer().append(sight);
        }
        if (sight) sight.hidden = !on;
        map.getContainer().classList.toggle("aiming", on);
      },
      // The place of today at a point of the screen, -1 for none.
      placeAt: function (layer, point) {
        let [best, nearest] = [-1, NEAR];
        layer.points.forEach(function (one, place) {
          const away = map.latLngToContainerPoint(one.latlng).distanceTo(point);
          if (away < nearest) [best, nearest] = [place, away];
        });
        return best;
      },
      // The same marks in a legend, around a point.
      stroke: (colour) =>
        function (context, x, y) {
          context.beginPath();
          context.moveTo(x - 10, y);
          context.lineTo(x + 10, y);
          context.strokeStyle = colour;
          context.lineWidth = 3;
          context.stroke();
        },
      gone: (context, x, y) => gone(context, x, y, 5),
      fresh: (context, x, y) => sj.numberedSymbol(context, NEW, x, y),
      focus: (number) => handles[number] && handles[number].getElement().focus(),
      name: name,
    };
  };
})((window.spatialjustice = window.spatialjustice || {}));
