// Before and after on one scale: a border on the map that can be moved, and who gains and who loses.
"use strict";
(function (sj) {
  const element = sj.element;

  // A border on the map with a name on either side; `move` is told to which part of the width it is dragged.
  sj.divider = function (map, move) {
    const border = element("div", "divider");
    const handle = element("span", "divider-handle");
    handle.setAttribute("aria-hidden", "true");
    border.append(element("span", "divider-name before"), handle, element("span", "divider-name after"));
    map.getContainer().append(border);
    L.DomEvent.disableClickPropagation(border);
    border.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      border.setPointerCapture(event.pointerId);
      const frame = map.getContainer().getBoundingClientRect();
      const drag = (to) => move((to.clientX - frame.left) / frame.width);
      border.addEventListener("pointermove", drag);
      border.addEventListener("pointerup", () => border.removeEventListener("pointermove", drag), { once: true });
    });
    return border;
  };

  function table(told) {
    const made = element("table", "gains");
    made.append(element("caption", "", sj.word("page.compare.caption", { limit: sj.pick(told.least) })));
    const head = element("tr");
    const corner = element("th", "", sj.word("page.compare.group"));
    corner.scope = "col";
    head.append(corner);
    const kinds = ["gain", "lose", "unchanged", "unknown"];
    for (const kind of kinds) {
      const cell = element("th", "count " + kind, sj.word("page.compare." + kind));
      cell.scope = "col";
      head.append(cell);
    }
    made.append(element("thead"), element("tbody"));
    made.tHead.append(head);
    for (const row of told.rows) {
      const line = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(sj.isolated(sj.pick(row.label)));
      line.append(name);
      for (const kind of kinds) {
        const cell = element("td", "count");
        cell.append(element("span", "people", sj.write(row[kind], 0)));
        if (row.people > 0) cell.append(element("span", "part", sj.percent(row[kind] / row.people, 1)));
        line.append(cell);
      }
      made.tBodies[0].append(line);
    }
    return made;
  }

  sj.compare = function (map) {
    const told = sj.report.compare;
    const holder = document.getElementById("compare");
    if (!told || !holder) return;
    const zones = sj.made.zones;
    const pane = map.createPane("after");
    pane.style.zIndex = 405;
    pane.style.pointerEvents = "none";
    let part = 0.5;
    let on = true;
    const lists = zones.data.indicators[told.after].legend.rows.map(() => []);
    zones.shapes.forEach((shape, zone) => lists[parseInt(zones.data.indicators[told.after].classes[zone], 36)].push(shape));
    const after = new sj.Sheet(function (context, view) {
      context.fillStyle = "#f6f5f1";
      sj.inBatches(context, zones.shapes, view, true, () => context.fill());
      zones.data.indicators[told.after].legend.rows.forEach(function (row, place) {
        sj.inBatches(context, lists[place], view, true, function () {
          sj.fillSwatch(context, row.swatch, view.ratio, view.x % 6, view.y % 6);
          context.strokeStyle = "rgba(255,255,255,0.75)";
          context.lineWidth = 0.5;
          context.stroke();
        });
      });
    }, { pane: "after" });
    const border = sj.divider(map, move);
    const [left, right] = border.querySelectorAll(".divider-name");
    const slide = element("input");
    slide.type = "range";
    slide.id = "divider";
    slide.min = 0;
    slide.max = 100;
    slide.value = 50;

    function place() {
      const size = map.getSize();
      const x = Math.round(part * size.x);
      border.style.left = x + "px";
      pane.dataset.from = x;
      const from = map.containerPointToLayerPoint([x, 0]);
      const to = map.containerPointToLayerPoint([size.x, size.y]);
      const box = [[from.x, from.y - size.y], [to.x + size.x, from.y - size.y], [to.x + size.x, to.y + size.y], [from.x, to.y + size.y]];
      pane.style.clipPath = "polygon(" + box.map(([h, v]) => h + "px " + v + "px").join(",") + ")";
    }

    function move(to) {
      part = Math.max(0, Math.min(1, to));
      slide.value = Math.round(part * 100);
      slide.setAttribute("aria-valuetext", sj.percent(part));
      place();
    }

    function show(wanted) {
      on = wanted;
      border.hidden = slide.parentNode.hidden = !on;
      if (on) {
        after.addTo(map);
        place();
      } else after.remove();
    }

    slide.addEventListener("input", () => move(Number(slide.value) / 100));
    map.on("move zoom zoomend resize viewreset", () => on && place());

    function lay() {
      left.textContent = sj.word("page.compare.before");
      right.textContent = sj.word("page.compare.after");
      const label = element("label", "class-choice");
      const box = element("input");
      box.type = "checkbox";
      box.id = "swipe";
      box.checked = on;
      label.append(box, element("span", "", sj.word("page.compare.swipe")));
      box.addEventListener("change", function () {
        if (box.checked) sj.choose(told.before, false);
        show(box.checked);
      });
      const field = element("label", "field", sj.word("page.compare.divider"));
      field.hidden = !on;
      field.append(slide);
      holder.replaceChildren(element("h2", "", sj.word("page.compare")), label, field, table(told));
    }
    lay();
    move(part);
    show(true);
    sj.onLanguage(lay);
    const chooser = document.getElementById("indicator");
    // Whoever chooses one of the maps wants to see that one alone.
    chooser.addEventListener("change", function () {
      show(false);
      document.getElementById("swipe").checked = false;
    });
  };
})(window.spatialjustice);
