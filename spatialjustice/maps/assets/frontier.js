// Plans between two goals: a curve with a marker for each plan, and below it what each step costs.
"use strict";
(function (sj) {
  const element = sj.element;
  const SPACE = "http://www.w3.org/2000/svg";
  const WIDE = 332;
  const TALL = 190;
  const EDGE = { left: 50, right: 14, top: 12, bottom: 26 };

  function shape(holder, tag, facts, text) {
    const made = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    holder.append(made);
    return made;
  }

  // From the lowest to the highest value, with a little room at both ends.
  function scale(values, from, to) {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const room = (high - low) * 0.06 || 1;
    return (value) => from + ((value - low + room) / (high - low + 2 * room)) * (to - from);
  }

  function curve(told) {
    const made = document.createElementNS(SPACE, "svg");
    const drawn = { viewBox: "0 0 " + WIDE + " " + TALL, role: "img", class: "chart", "aria-label": sj.pick(told.title) };
    for (const [name, value] of Object.entries(drawn)) made.setAttribute(name, value);
    made.style.direction = "ltr";
    const firsts = told.plans.map((plan) => plan.first);
    const seconds = told.plans.map((plan) => plan.second);
    const floor = TALL - EDGE.bottom;
    const x = scale(firsts, EDGE.left, WIDE - EDGE.right);
    const y = scale(seconds, floor, EDGE.top);
    const line = "currentColor";
    shape(made, "path", { d: "M" + EDGE.left + " " + EDGE.top + "V" + floor + "H" + (WIDE - EDGE.right), fill: "none", stroke: line, "stroke-opacity": 0.35 });
    for (const value of [Math.min(...seconds), Math.max(...seconds)]) {
      shape(made, "text", { x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end", class: "tick" }, sj.write(value, told.decimals[1]));
    }
    const ends = [Math.min(...firsts), Math.max(...firsts)];
    ends.forEach(function (value, place) {
      shape(made, "text", { x: x(value), y: floor + 17, "text-anchor": place ? "end" : "start", class: "tick" }, sj.write(value, told.decimals[0]));
    });
    const points = told.plans.map((plan) => x(plan.first).toFixed(1) + "," + y(plan.second).toFixed(1));
    shape(made, "polyline", { points: points.join(" "), class: "plan-line" });
    for (const plan of told.plans) {
      const spot = shape(made, "g", { class: plan.shown ? "plan this-plan" : "plan" });
      shape(spot, "circle", { cx: x(plan.first).toFixed(1), cy: y(plan.second).toFixed(1), r: 8 });
      shape(spot, "text", { x: x(plan.first).toFixed(1), y: (y(plan.second) + 3.6).toFixed(1), "text-anchor": "middle", class: "plan-number" }, sj.write(plan.number, 0));
    }
    return made;
  }

  function prices(told) {
    const made = element("table", "plan-table");
    const head = element("tr");
    for (const name of [told.plan, ...told.axes, told.price]) {
      const cell = element("th", name === told.plan ? "" : "count", sj.pick(name));
      cell.scope = "col";
      head.append(cell);
    }
    made.append(element("thead"), element("tbody"));
    made.tHead.append(head);
    for (const plan of told.plans) {
      const line = element("tr", plan.shown ? "this-plan" : "");
      const name = element("th", "", sj.write(plan.number, 0) + (plan.shown ? " · " + sj.pick(told.shown) : ""));
      name.scope = "row";
      line.append(name);
      const step = plan.price === null ? "–" : sj.write(plan.price, Number.isInteger(plan.price) ? 0 : 1);
      for (const text of [sj.write(plan.first, told.decimals[0]), sj.write(plan.second, told.decimals[1]), step]) {
        const cell = element("td", "count");
        cell.append(sj.isolated(text));
        line.append(cell);
      }
      made.tBodies[0].append(line);
    }
    return made;
  }

  sj.frontier = function (told) {
    const figure = element("figure", "frontier");
    figure.append(
      element("p", "axis", "↑ " + sj.pick(told.axes[1])),
      curve(told),
      // The curve runs from left to right in every language.
      element("p", "axis end", document.documentElement.dir === "rtl" ? "→ " + sj.pick(told.axes[0]) : sj.pick(told.axes[0]) + " →"),
      prices(told),
    );
    return [figure];
  };
})(window.spatialjustice);
