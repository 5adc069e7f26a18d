// The overview before the maps: it stands beside the first map until a reader chooses one, and comes back on request.
"use strict";
(function (sj) {
  const root = document.documentElement;
  const PARTS = ["mode", "show", "right", "filter", "area", "view"];

  function asked(name) {
    return new RegExp("(^#|&)" + name + "=").test(location.hash);
  }

  // A page within another page shows the map, its key and its sentence, and the way to all of it.
  function embedded() {
    const alone = /(^#|&)embed(=|&|$)/.test(location.hash);
    if (alone) root.dataset.embed = "";
    else delete root.dataset.embed;
    const whole = document.getElementById("whole-page");
    if (whole) {
      const rest = location.hash.slice(1).split("&").filter((part) => part && !/^embed(=|$)/.test(part));
      whole.href = location.href.split("#")[0] + (rest.length ? "#" + rest.join("&") : "");
    }
    return alone;
  }

  sj.overview = function () {
    const alone = embedded();
    const holder = document.getElementById("overview");
    addEventListener("hashchange", embedded);
    if (!holder) return;
    const button = document.getElementById("show-overview");
    const narrow = matchMedia("(max-width: 760px)");

    function show(on) {
      if (on) root.dataset.view = "overview";
      else delete root.dataset.view;
      button.setAttribute("aria-pressed", String(on));
    }

    function choose(key) {
      if (!sj.made.zones) return;
      const place = sj.made.zones.data.indicators.findIndex((one) => one.key === key);
      if (place >= 0 && place !== sj.made.zones.chosen) sj.choose(place, true);
    }

    button.addEventListener("click", function () {
      const on = root.dataset.view !== "overview" || narrow.matches;
      show(on);
      if (narrow.matches) holder.scrollIntoView();
    });
    holder.addEventListener("click", function (event) {
      const link = event.target.closest("a[href]");
      if (!link || !link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      show(false);
      const hash = link.getAttribute("href");
      if (location.hash !== hash) location.hash = hash;
      document.querySelector(".headline").scrollIntoView({ block: "nearest" });
      const chooser = document.getElementById("indicator");
      if (chooser && !narrow.matches) chooser.focus({ preventScroll: true });
    });
    const first = !alone && !PARTS.some(asked);
    show(first);
    if (first) choose(holder.dataset.start);
    // Below each other the overview stands above the map: whoever was sent to a map sees that.
    if (!first && !alone && narrow.matches) document.querySelector(".headline").scrollIntoView();
    addEventListener("hashchange", () => PARTS.some(asked) && show(false));
  };
})(window.spatialjustice);
