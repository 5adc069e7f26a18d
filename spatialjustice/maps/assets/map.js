// The page around the map: chooser, legend, layer list, tooltips and controls. All text goes in as text, never as HTML.
"use strict";
(function (sj) {
  const element = sj.element;

  // Folium's own layer control, too, must show names as text.
  L.Control.Layers.include({
    _addItem: (function (build) {
      return function (item) {
        const name = item.name;
        item.name = "";
        const label = build.call(this, item);
        item.name = name;
        const place = label.querySelector("span span") || label;
        if (item.layer.describe) item.layer.describe(place);
        else place.textContent = " " + name;
        return label;
      };
    })(L.Control.Layers.prototype._addItem),
  });

  sj.valueText = function (indicator, value) {
    if (value === null || value === undefined) return "";
    const number = sj.write(value, indicator.decimals);
    return indicator.percent ? number + sj.digits("%") : number + unitText(value, indicator);
  };

  function unitText(value, indicator) {
    const short = value === 1 && indicator.one ? indicator.one : indicator.short;
    return short ? "\u00a0" + short : "";
  }

  sj.zoneName = function (zone) {
    const data = sj.made.zones.data;
    return (data.names && data.names[zone]) || sj.word("page.zone") + " " + data.ids[zone];
  };

  sj.peopleText = function (count) {
    if (count === null) return sj.word("page.people.unknown");
    return sj.write(count, 0) + "\u00a0" + sj.word(Math.round(count) === 1 ? "unit.people.one" : "unit.people");
  };

  // The row of the legend that a zone belongs to, and whether that is a value or a reason for having none.
  sj.rowOf = (indicator, zone) => indicator.legend.rows[parseInt(indicator.classes[zone], 36)];
  // Clusters and pairs of two variables have names instead of amounts.
  sj.labelled = (indicator) => indicator.kind === "lisa" || indicator.kind === "pairs";
  sj.isReason = (indicator, row) => !sj.labelled(indicator) && !row.key.startsWith("class_");

  function card(page, lines) {
    const holder = element("div", "card-body");
    holder.dir = page.dir;
    for (const [name, text] of lines) {
      if (!text) continue;
      const line = element("div", name);
      line.append(element("bdi", "", text));
      holder.append(line);
    }
    return holder;
  }

  function zoneCard(page, zone) {
    const data = sj.made.zones.data;
    const indicator = data.indicators[sj.made.zones.chosen];
    const row = sj.rowOf(indicator, zone);
    const value = sj.valueText(indicator, indicator.values && indicator.values[zone]);
    const reason = !row.key.startsWith("class_");
    return card(page, [
      ["card-title", sj.zoneName(zone)],
      ["card-value", reason ? row.label : value],
      ["card-note", reason && value && indicator.unit !== "people" ? value : ""],
      ["card-label", (indicator.group ? indicator.group + " · " : "") + indicator.title],
      ["card-people", data.people && indicator.unit !== "people" ? sj.peopleText(data.people[zone]) : ""],
    ]);
  }

  function serviceCard(page, layer, place) {
    return card(page, [
      ["card-title", layer.data.names[place] || page.words["page.unnamed"]],
      ["card-label", layer.data.title],
    ]);
  }

  function serviceAt(map, point) {
    let best = null;
    let nearest = Infinity;
    for (const layer of sj.made.services) {
      if (!map.hasLayer(layer.sheet)) continue;
      const reach = layer.radius(map.getZoom()) + 4;
      layer.points.forEach(function (candidate, place) {
        const distance = map.latLngToContainerPoint(candidate.latlng).distanceTo(point);
        if (distance <= reach && distance < nearest) {
          nearest = distance;
          best = [layer, place];
        }
      });
    }
    return best;
  }

  function followPointer(map, page) {
    const zones = sj.made.zones;
    const tooltip = L.tooltip({ className: "card", opacity: 1, offset: [14, 0] });
    let shown = "";
    function clear() {
      if (shown) map.closeTooltip(tooltip);
      shown = "";
      mark(-1);
    }
    function mark(zone) {
      if (!zones || zones.over === zone) return;
      zones.over = zone;
      zones.mark.redraw();
    }
    function show(latlng, point) {
      const service = serviceAt(map, point);
      const zone = service || !zones ? -1 : zones.find(latlng);
      map.getContainer().classList.toggle("pointing", Boolean(service));
      mark(zone);
      if (!service && zone < 0) return clear();
      const key = service ? "s" + sj.made.services.indexOf(service[0]) + "/" + service[1] : "z" + zone + "/" + zones.chosen;
      if (key !== shown) {
        tooltip.setContent(service ? serviceCard(page, service[0], service[1]) : zoneCard(page, zone));
        shown = key;
      }
      tooltip.setLatLng(service ? service[0].points[service[1]].latlng : latlng);
      if (!map.hasLayer(tooltip)) map.openTooltip(tooltip);
    }
    map.on("mousemove", function (event) {
      if (map.dragging.moving() || event.originalEvent.target.closest(".leaflet-control, .leaflet-popup")) return clear();
      show(event.latlng, event.containerPoint);
    });
    map.on("mouseout movestart zoomstart", clear);
    map.on("click", function (event) {
      if (sj.regionClick(event)) return;
      const service = serviceAt(map, event.containerPoint);
      const zone = service || !zones ? -1 : zones.find(event.latlng);
      clear();
      if (zone >= 0) {
        map.closePopup();
        return sj.select(zone, { zoom: false });
      }
      if (!service) return;
      L.popup({ className: "card", maxWidth: 280, autoPanPadding: [24, 24], closeButton: true })
        .setLatLng(service[0].points[service[1]].latlng)
        .setContent(serviceCard(page, service[0], service[1]))
        .openOn(map);
    });
    map.on("popupopen", function (event) {
      const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (close) close.setAttribute("aria-label", page.words["page.close"]);
    });
    // With the keyboard, the zone in the middle of the map is read out after each step.
    let stepping = false;
    map.getContainer().addEventListener("keydown", (event) => (stepping = /^Arrow|^[+=-]$/.test(event.key)));
    map.getContainer().addEventListener("pointerdown", () => (stepping = false));
    map.on("moveend", function () {
      if (!stepping || document.activeElement !== map.getContainer()) return;
      const centre = map.getCenter();
      show(centre, map.latLngToContainerPoint(centre));
      const zone = zones ? zones.find(centre) : -1;
      if (zone >= 0) sj.say(Array.from(zoneCard(page, zone).children, (line) => line.textContent).join(", "));
    });
    // Enter opens the profile of the zone in the middle.
    map.getContainer().addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || event.target !== map.getContainer() || !zones) return;
      const zone = zones.find(map.getCenter());
      if (zone >= 0) sj.select(zone, { zoom: false, from: map.getContainer() });
    });
    sj.onLanguage(function () {
      clear();
      map.closePopup();
    });
  }

  sj.say = function (text) {
    document.getElementById("said").textContent = text;
  };

  function control(position, build) {
    const made = L.control({ position: position });
    made.onAdd = function () {
      const holder = build();
      L.DomEvent.disableClickPropagation(holder);
      return holder;
    };
    return made;
  }

  const namespace = "http://www.w3.org/2000/svg";

  function drawing(size, paths) {
    const svg = document.createElementNS(namespace, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("width", size);
    svg.setAttribute("height", size);
    svg.setAttribute("aria-hidden", "true");
    for (const [shape, fill, stroke] of paths) {
      const path = document.createElementNS(namespace, "path");
      path.setAttribute("d", shape);
      path.setAttribute("fill", fill);
      path.setAttribute("stroke", stroke);
      path.setAttribute("stroke-width", "1.8");
      path.setAttribute("stroke-linejoin", "round");
      path.setAttribute("stroke-linecap", "round");
      svg.append(path);
    }
    return svg;
  }

  function addControls(map, page, bounds) {
    const zoom = L.control.zoom().addTo(map).getContainer();
    const home = element("a", "home");
    const north = element("div", "north");
    const letter = element("span");
    control("topleft", function () {
      const holder = element("div", "leaflet-bar");
      home.href = "#";
      home.setAttribute("role", "button");
      home.append(drawing(16, [["M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", "none", "currentColor"]]));
      home.addEventListener("click", function (event) {
        event.preventDefault();
        sj.showAll();
        sj.state.set({ view: null });
      });
      holder.append(home);
      return holder;
    }).addTo(map);
    control("topright", function () {
      north.setAttribute("role", "img");
      north.append(drawing(18, [["M12 2l6 19-6-4.5L6 21z", "currentColor", "none"]]), letter);
      return north;
    }).addTo(map);
    control("bottomleft", function () {
      sj.key = element("div", "map-key");
      sj.key.setAttribute("role", "group");
      return sj.key;
    }).addTo(map);
    const Scale = L.Control.Scale.extend({
      _updateScale: function (line, text, ratio) {
        line.style.width = Math.round(this.options.maxWidth * ratio) + "px";
        const unit = / km$/.test(text) ? "unit.kilometres.short" : "unit.metres.short";
        line.dir = page.dir;
        line.textContent = sj.digits(text.split(" ")[0]) + "\u00a0" + sj.word(unit);
      },
    });
    const scale = new Scale({ imperial: false, maxWidth: 130 }).addTo(map);
    function name() {
      const named = [
        [zoom.querySelector(".leaflet-control-zoom-in"), "page.zoom_in"],
        [zoom.querySelector(".leaflet-control-zoom-out"), "page.zoom_out"],
        [home, "page.home"],
      ];
      for (const [button, key] of named) {
        button.title = sj.word(key);
        button.setAttribute("aria-label", sj.word(key));
      }
      north.setAttribute("aria-label", sj.word("page.north.title"));
      letter.textContent = sj.word("page.north");
      map.getContainer().setAttribute("aria-label", sj.word("page.map"));
      scale._update();
    }
    name();
    sj.onLanguage(name);
  }

  function addLayerList(map, page) {
    const order = sj.made.overlays.slice().reverse();
    const list = L.control.layers(null, null, { collapsed: false, sortLayers: false });
    const byHand = new Set();
    let switching = false;
    for (const { sheet, data } of order) {
      sheet.describe = function (holder) {
        holder.replaceChildren(sj.layerSymbol(data), element("bdi", "", data.title));
        if (data.count) holder.append(element("span", "layer-count", data.count));
      };
      list.addOverlay(sheet, data.title);
    }
    sj.onLanguage(function (from, to) {
      for (const { data } of sj.made.overlays) sj.translate(data, from, to);
      if (order.length) list._update();
    });
    if (!order.length) {
      document.getElementById("layers").hidden = true;
      return function () {};
    }
    list.addTo(map);
    const box = list.getContainer();
    document.getElementById("layer-list").append(box);
    map.on("overlayadd overlayremove", function (event) {
      if (!switching) byHand.add(event.layer);
      sj.showSymbols();
      if (event.layer === sj.made.base && sj.made.zones) sj.made.zones.sheet.redraw();
    });
    // The places of the chosen service come and go with it, until the reader decides otherwise.
    return function (service) {
      switching = true;
      for (const layer of sj.made.services) {
        if (byHand.has(layer.sheet) || !service) continue;
        const wanted = layer.data.key === service;
        if (wanted && !map.hasLayer(layer.sheet)) map.addLayer(layer.sheet);
        if (!wanted && map.hasLayer(layer.sheet)) map.removeLayer(layer.sheet);
      }
      switching = false;
    };
  }

  // Who asked their device for less motion gets none.
  sj.still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function choosing(map, page, follow) {
    const zones = sj.made.zones;
    const chooser = document.getElementById("indicator");
    sj.choose = function (place, first) {
      zones.chosen = place;
      zones.over = -1;
      map.closePopup();
      if (chooser) chooser.value = String(place);
      sj.chooser();
      zones.sheet.redraw();
      zones.mark.redraw();
      zones.limit.redraw();
      const indicator = zones.data.indicators[place];
      sj.showLegend(indicator, page);
      follow(indicator.service);
      sj.places.follow(indicator.service);
      sj.panes.follow();
      sj.areas.show(indicator);
      sj.charts(indicator);
      if (!first) sj.say(indicator.title);
    };
    if (chooser) {
      chooser.addEventListener("change", function () {
        sj.choose(Number(chooser.value), false);
        sj.state.set({ show: zones.data.indicators[zones.chosen].key });
      });
    }
    sj.onLanguage(function (from, to) {
      sj.translate(zones.data, from, to);
      for (const indicator of sj.modes.all()) sj.translate(indicator, from, to);
      sj.modes.spoken();
      sj.showLegend(zones.data.indicators[zones.chosen], page);
      sj.areas.retell();
      sj.charts(zones.data.indicators[zones.chosen]);
    });
    sj.areas.start(map);
    sj.compare(map);
    sj.modes.start(page.data, map);
    sj.region.start(map);
    sj.panes.start(map);
    sj.places.start();
    sj.choose(zones.chosen, true);
  }

  // On a narrow screen the credits follow the list, on a wide one and on paper they stand under the map.
  function creditsLast() {
    const credit = document.querySelector(".frame > .credit");
    if (!credit || !document.getElementById("panel")) return;
    const [frame, stage] = [credit.parentElement, document.querySelector(".stage")];
    const next = credit.nextElementSibling;
    const narrow = matchMedia("(max-width: 760px)");
    const place = (last) => (last ? stage.append(credit) : frame.insertBefore(credit, next));
    const now = () => place(narrow.matches);
    narrow.addEventListener("change", now);
    addEventListener("beforeprint", () => place(false));
    addEventListener("afterprint", now);
    now();
  }

  sj.page = function (map, id) {
    const data = sj.read(id);
    const page = {
      data: data,
      get dir() {
        return sj.language.dir;
      },
      words: new Proxy({}, { get: (_, key) => sj.word(key) }),
    };
    const bounds = L.latLngBounds(data.bounds);
    sj.know(data);
    sj.map = map;
    sj.place = bounds;
    if (sj.still()) {
      map.options.inertia = map.options.fadeAnimation = false;
      map._zoomAnimated = false;
    }
    // The key lies over the lower edge of a narrow map: the place is shown above it.
    sj.showAll = function (how) {
      const key = sj.key && getComputedStyle(sj.key).display !== "none" ? Math.max(64, sj.key.offsetHeight) : 0;
      // A legend upon the map hides nothing of the place, as long as the place stays large enough beside it.
      const legend = document.getElementById("legend");
      const upon = legend && getComputedStyle(legend).position === "absolute" ? legend.offsetWidth + 60 : 0;
      const zoom = (beside) => map.getBoundsZoom(bounds, false, L.point(36 + beside, 36 + key));
      const beside = upon && zoom(0) - zoom(upon) <= 0.8 ? upon : 0;
      const [left, right] = sj.language.dir === "rtl" ? [18 + beside, 18] : [18, 18 + beside];
      map.fitBounds(bounds, Object.assign({ paddingTopLeft: [left, 18], paddingBottomRight: [right, 18 + key] }, how));
    };
    map.getContainer().setAttribute("role", "application");
    addControls(map, page, bounds);
    sj.showAll({ animate: false });
    map.setMinZoom(Math.max(1, Math.floor(map.getZoom()) - 3));
    firstPicture(() => around(map, page, bounds));
  };

  // The colours of the map come first; what stands beside them is made when they are seen.
  function firstPicture(then) {
    const sheet = sj.made.zones && sj.made.zones.sheet;
    let gone = false;
    function go() {
      if (gone) return;
      gone = true;
      sj.pictured();
      // What else the page holds is read while the map is drawn.
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", then);
      else then();
    }
    if (!sheet) return go();
    const seen = () => requestAnimationFrame(() => setTimeout(go, 0));
    if (sheet.busy && sheet.busy()) sheet.once("drawn", seen);
    else seen();
    // A page that nobody looks at draws nothing.
    setTimeout(go, document.hidden ? 0 : 4000);
  }

  function around(map, page, bounds) {
    const follow = addLayerList(map, page);
    followPointer(map, page);
    if (sj.made.zones) {
      sj.made.zones.limit.addTo(map);
      sj.made.zones.mark.addTo(map);
      choosing(map, page, follow);
    }
    sj.overview();
    creditsLast();
    sj.takeaway(map);
    if (sj.whatIf) sj.whatIf.start(map);
    const fitted = keepView(map, bounds);
    new ResizeObserver(() => fitted(() => map.invalidateSize({ pan: false }))).observe(map.getContainer());
    sj.startLanguages();
    if (sj.made.zones) keepChoice();
    sj.state.start().then(() => (document.documentElement.dataset.ready = "true"));
  }

  // Where the reader looks, as latitude, longitude and scale; nothing while all of the place is seen.
  function keepView(map, bounds) {
    const written = () => [map.getCenter().lat.toFixed(5), map.getCenter().lng.toFixed(5), Number(map.getZoom().toFixed(2))].join(",");
    let whole = written();
    let quiet = false;
    let later = 0;
    map.on("moveend", function () {
      clearTimeout(later);
      // Browsers count how often an address changes.
      if (!quiet) later = setTimeout(() => sj.state.set({ view: written() === whole ? null : written() }), 250);
    });
    sj.state.own("view", {
      tell: () => (written() === whole ? null : written()),
      take: function (asked) {
        const parts = String(asked).split(",").map(Number);
        const seen = parts.length === 3 && parts.every(Number.isFinite) && Math.abs(parts[0]) <= 85;
        if (!seen || !bounds.pad(1).contains([parts[0], parts[1]])) {
          if (asked === undefined) map.fitBounds(bounds, { padding: [18, 18], animate: false });
          return;
        }
        const zoom = Math.max(map.getMinZoom(), Math.min(map.getMaxZoom(), parts[2]));
        map.setView([parts[0], parts[1]], zoom, { animate: false });
      },
    });
    return function (change) {
      const before = written() === whole;
      quiet = true;
      change();
      // Who saw all of the place sees all of it in the new size, too.
      if (before) sj.showAll({ animate: false });
      quiet = false;
      if (before) whole = written();
    };
  }

  // The chosen map and the chosen area, by their own names.
  function keepChoice() {
    const zones = sj.made.zones;
    const data = zones.data;
    sj.state.own("show", {
      tell: () => data.indicators[zones.chosen].key,
      take: function (asked) {
        const place = data.indicators.findIndex((one) => one.key === asked);
        const wanted = place < 0 ? 0 : place;
        if (wanted !== zones.chosen) sj.choose(wanted, true);
      },
    });
    sj.state.own("area", {
      tell: () => (sj.chosenZone() < 0 ? null : data.ids[sj.chosenZone()]),
      take: (asked) => sj.select(data.ids.indexOf(asked), { zoom: false }),
    });
  }
})(window.spatialjustice);
