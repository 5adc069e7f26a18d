// A page without a map: tables that can be sorted and searched, and parts of which one is chosen.
"use strict";
(function (sj) {
  const cells = (row, place) => row.children[place];
  const sorting = (cell) => (cell.dataset.sort === "" ? NaN : Number(cell.dataset.sort));

  function compare(place, numeric) {
    return function (one, other) {
      const [first, second] = [cells(one, place), cells(other, place)];
      if (!numeric) return first.textContent.localeCompare(second.textContent, document.documentElement.lang);
      const [a, b] = [sorting(first), sorting(second)];
      return Number.isNaN(a) - Number.isNaN(b) || a - b;
    };
  }

  // What has no value stays last in both directions.
  function sort(holder, place, heading) {
    const numeric = heading.classList.contains("count");
    const falling = heading.getAttribute("aria-sort") === "ascending" || (numeric && !heading.hasAttribute("aria-sort"));
    const bodies = Array.from(holder.querySelectorAll("tbody"));
    const rows = bodies.flatMap((body) => Array.from(body.rows));
    const order = compare(place, numeric);
    rows.sort(function (one, other) {
      const none = numeric ? Number.isNaN(sorting(cells(one, place))) - Number.isNaN(sorting(cells(other, place))) : 0;
      return none || (falling ? -order(one, other) : order(one, other));
    });
    for (const one of holder.querySelectorAll("thead th")) one.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const first = bodies[0].rows.length;
    rows.forEach((row, number) => (bodies.length === 1 || number < first ? bodies[0] : bodies[1]).append(row));
  }

  // Paper shows what is folded on the screen; afterwards the screen is as it was.
  const undone = [];
  function onPaper(change) {
    window.addEventListener("beforeprint", () => undone.push(change()));
  }
  window.addEventListener("afterprint", function () {
    for (const undo of undone.splice(0)) if (undo) undo();
  });
  for (const one of document.querySelectorAll("details:not(.sheet-record, .more-unknown)")) {
    onPaper(() => (one.open ? null : ((one.open = true), () => (one.open = false))));
  }

  for (const holder of document.querySelectorAll("[data-table]")) {
    const heads = Array.from(holder.querySelectorAll("thead th"));
    if (holder.querySelectorAll("tbody tr").length > 3) {
      heads.forEach(function (heading, place) {
        const button = sj.element("button", "sort-column");
        button.type = "button";
        button.append(...heading.childNodes);
        heading.append(button);
        button.addEventListener("click", () => sort(holder, place, heading));
      });
    }
    const more = holder.querySelector(".show-rows");
    const rest = holder.querySelector(".rest-rows");
    function fold(folded) {
      if (more) more.hidden = !folded;
      if (rest) rest.hidden = folded;
    }
    if (more) {
      fold(true);
      more.addEventListener("click", () => fold(false));
      onPaper(() => (more.hidden ? null : (fold(false), () => fold(true))));
    }
    const search = holder.querySelector(".table-search");
    if (search) {
      search.hidden = false;
      search.addEventListener("input", function () {
        const asked = sj.fold(search.value);
        if (asked) fold(false);
        for (const row of holder.querySelectorAll("tbody tr")) row.hidden = asked !== "" && !sj.fold(row.textContent).includes(asked);
      });
    }
  }

  // Of all choices one is seen; the address keeps it.
  const choices = Array.from(document.querySelectorAll("[data-choice]"));
  choices.forEach(function (holder, number) {
    const select = holder.querySelector("select");
    const options = Array.from(holder.querySelectorAll(":scope > .option"));
    function show(place) {
      options.forEach((one, at) => (one.hidden = at !== place));
      select.selectedIndex = place;
    }
    holder.dataset.ready = "";
    show(0);
    if (number > 0) return select.addEventListener("change", () => show(select.selectedIndex));
    const wanted = Number(sj.state.get("show"));
    if (Number.isInteger(wanted) && wanted > 0 && wanted < options.length) show(wanted);
    sj.state.own("show", {
      take: (asked) => show(Number.isInteger(Number(asked)) && options[Number(asked)] ? Number(asked) : 0),
      tell: () => (select.selectedIndex ? String(select.selectedIndex) : null),
    });
    select.addEventListener("change", function () {
      show(select.selectedIndex);
      sj.state.set({ show: String(select.selectedIndex) });
    });
  });
})((window.spatialjustice = window.spatialjustice || {}));
