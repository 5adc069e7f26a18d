// What is on the map, in two lists: first the service, then what is measured of it.
"use strict";
(function (sj) {
  const element = sj.element;
  let list = null;

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

  function build(chooser) {
    list = element("select");
    list.id = "service";
    list.autocomplete = "off";
    const named = element("label", "", "");
    named.htmlFor = "service";
    const [first, second, both] = [element("div", "pick-part"), element("div", "pick-part"), element("div", "pick")];
    const label = document.querySelector("label[for=indicator]");
    both.append(first, second);
    label.before(both);
    first.append(named, list);
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
    const groups = Array.from(new Set(all().map((one) => one.group || "")));
    const several = groups.length > 2 && groups.length < all().length;
    if (!list && !several) return;
    if (!list) build(chooser);
    list.closest(".pick-part").hidden = !several;
    list.labels[0].textContent = sj.word("page.service");
    if (several) chooser.labels[0].textContent = sj.word("page.measure");
    list.replaceChildren(...groups.map((name) => new Option(name || sj.word("page.service.none"), name)));
    list.value = here().group || "";
    for (const option of chooser.options) {
      const one = all()[Number(option.value)];
      option.label = several ? one.title : option.text;
      const part = option.parentElement.tagName === "OPTGROUP" ? option.parentElement : option;
      part.hidden = several && (one.group || "") !== list.value;
    }
  };
})(window.spatialjustice);
