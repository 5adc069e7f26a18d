// What is on the map, in two lists: first the service, then what is measured of it.
"use strict";
(function (sj) {
  const element = sj.element;
  // So many services are looked through; of more, one is looked for by its name.
  const MANY = 15;
  let [list, search, names] = [null, null, null];

  const all = () => sj.made.zones.data.indicators;
  const here = () => all()[sj.made.zones.chosen];

  // The same measure of another service, else one of the same kind, else its first.
  function alike(group) {
    const before = here();
    const tests = [
      (one) => one.title === before.title && one.unit === before.unit,
      (one) => one.kind === before.kind && one.unit === before.unit,
      (one) => one.kind === before.kind,
      () => true,
    ];
    for (const test of tests) {
      const place = all().findIndex((one) => (one.group || "") === group && test(one));
      if (place >= 0) return place;
    }
    return 0;
  }

  const called = (group) => group || sj.word("page.service.none");
  const groups = () => Array.from(new Set(all().map((one) => one.group || "")));

  // The service of this name, else the first whose name begins with what is written, or holds it.
  function named(text) {
    const wanted = sj.fold(text);
    if (!wanted) return undefined;
    const tests = [(name) => name === wanted, (name) => name.startsWith(wanted), (name) => name.includes(wanted)];
    return tests.map((test) => groups().find((group) => test(sj.fold(called(group))))).find((group) => group !== undefined);
  }

  function pick(group) {
    if (group === undefined) return;
    search.value = "";
    list.value = group;
    list.dispatchEvent(new Event("change"));
  }

  function buildSearch() {
    [search, names] = [element("input", "search"), element("datalist")];
    [search.type, search.id, search.autocomplete, names.id] = ["search", "service-search", "off", "service-names"];
    search.setAttribute("list", names.id);
    // What is taken from the list of names is a whole name; what is typed becomes one with Enter.
    search.addEventListener("input", (event) => {
      if (event.inputType && event.inputType !== "insertReplacementText") return;
      pick(groups().find((group) => called(group) === search.value));
    });
    search.addEventListener("keydown", (event) => event.key === "Enter" && pick(named(search.value)));
    search.addEventListener("change", () => pick(groups().find((group) => called(group) === search.value)));
  }

  function build(chooser) {
    list = element("select");
    list.id = "service";
    list.autocomplete = "off";
    const title = element("label", "", "");
    title.htmlFor = "service";
    const [first, second, both] = [element("div", "pick-part"), element("div", "pick-part"), element("div", "pick")];
    const label = document.querySelector("label[for=indicator]");
    both.append(first, second);
    label.before(both);
    buildSearch();
    const choice = element("div", "pick-choice");
    choice.append(search, names, list);
    first.append(title, choice);
    second.append(label, chooser);
    list.addEventListener("change", function () {
      chooser.value = String(alike(list.value));
      chooser.dispatchEvent(new Event("change"));
    });
  }

  // After another map, another mode or another language.
  sj.chooser = function () {
    const chooser = document.getElementById("indicator");
    if (!chooser) return;
    const services = groups();
    const several = services.length > 2 && services.length < all().length;
    if (!list && !several) return;
    if (!list) build(chooser);
    list.closest(".pick-part").hidden = !several;
    list.labels[0].textContent = sj.word("page.service");
    if (several) chooser.labels[0].textContent = sj.word("page.measure");
    search.hidden = services.length <= MANY;
    search.placeholder = sj.word("page.service.search");
    search.setAttribute("aria-label", sj.word("page.service.search"));
    names.replaceChildren(...(search.hidden ? [] : services).map((name) => new Option("", called(name))));
    list.replaceChildren(...services.map((name) => new Option(called(name), name)));
    list.value = here().group || "";
    for (const option of chooser.options) {
      const one = all()[Number(option.value)];
      option.label = several ? one.title : option.text;
      const part = option.parentElement.tagName === "OPTGROUP" ? option.parentElement : option;
      part.hidden = several && (one.group || "") !== list.value;
    }
  };
})(window.spatialjustice);
