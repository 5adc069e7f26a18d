// The profile of one area: its value, where it stands, and what else is known of it.
"use strict";
(function (sj) {
  const element = sj.element;

  function fact(list, name, text) {
    if (text === "" || text === null) return;
    const line = element("div", "fact");
    line.append(element("dt", "", name));
    const value = element("dd");
    value.append(sj.isolated(text));
    line.append(value);
    list.append(line);
  }

  // The other indicators that tell the same of other services, this area's value beside its standing.
  function others(indicator, zone) {
    const data = sj.made.zones.data;
    const alike = data.indicators.filter((one) => one.kind === indicator.kind && one.unit === indicator.unit && one.values && one.group !== undefined);
    if (alike.length < 2 || sj.labelled(indicator) || indicator.kind === "people") return null;
    // Of a service the same measure of other services, otherwise other measures of the same kind and heading.
    const shown = alike.filter((one) => (indicator.service ? one.title === indicator.title : one.group === indicator.group));
    if (shown.length < 2) return null;
    const made = element("table", "others");
    made.append(element("caption", "", indicator.service ? indicator.title : indicator.group));
    const body = element("tbody");
    for (const one of shown) {
      const line = element("tr", one === indicator ? "chosen" : "");
      const name = element("th");
      name.scope = "row";
      name.append(sj.isolated(indicator.service ? one.group || one.title : one.title));
      const row = sj.rowOf(one, zone);
      const value = element("td", "count");
      value.append(sj.isolated(sj.valueText(one, one.values[zone]) || row.label));
      const place = sj.standing(one, zone);
      const bar = element("td", "standing");
      const track = element("span", "track");
      if (place !== null) {
        const dot = element("span", "dot");
        dot.style.insetInlineStart = place + "%";
        track.append(dot);
      }
      track.setAttribute("aria-hidden", "true");
      bar.append(track, element("span", "hidden", place === null ? "" : sj.word("page.profile.centile", { place: sj.write(place, 0) })));
      line.append(name, value, bar);
      body.append(line);
    }
    made.append(body);
    return made;
  }

  // What is known of the chosen area (none: -1), and a button that calls `away`.
  sj.showProfile = function (zone, indicator, away) {
    const holder = document.getElementById("profile");
    holder.hidden = zone < 0;
    if (zone < 0) return holder.replaceChildren();
    const data = sj.made.zones.data;
    const row = sj.rowOf(indicator, zone);
    const value = sj.valueText(indicator, indicator.values && indicator.values[zone]);
    const head = element("div", "profile-head");
    const title = element("h2");
    title.append(sj.isolated(sj.zoneName(zone)));
    const close = element("button", "close", "×");
    close.type = "button";
    close.addEventListener("click", away);
    close.setAttribute("aria-label", sj.word("page.close"));
    head.append(title, close);
    const what = element("p", "profile-what");
    what.append(sj.isolated((indicator.group ? indicator.group + " · " : "") + indicator.title));
    const big = element("p", "profile-value");
    big.append(sj.classSwatch(row.swatch), sj.isolated(sj.labelled(indicator) || (sj.isReason(indicator, row) && !value) ? row.label : value));
    const parts = [head, what, big];
    if (sj.isReason(indicator, row) && value) parts.push(element("p", "profile-reason", row.label));
    const list = element("dl", "facts");
    const place = sj.standing(indicator, zone);
    if (place !== null) {
      const higher = sj.word("page.profile.higher", { share: sj.write(place, 0) + sj.digits("%") });
      fact(list, sj.word("page.profile.rank"), indicator.better === "none" ? higher : sj.standingOf(indicator, indicator.values[zone]));
    }
    const told = sj.told(indicator);
    if (told.mean !== undefined && told.mean !== null) {
      const whose = told.of ? sj.word("page.profile.mean.of", { of: sj.pick(told.of) }) : sj.word(told.unreached > 0 ? "page.profile.mean.way" : "page.profile.mean");
      fact(list, whose, sj.valueText(indicator, told.mean));
    }
    if (data.people && indicator.unit !== "people") fact(list, sj.word("page.people"), sj.peopleText(data.people[zone]));
    parts.push(list);
    const beside = others(indicator, zone);
    if (beside) parts.push(beside);
    holder.replaceChildren(...parts);
  };
})(window.spatialjustice);
