// A proposal: a plan with a name and a reason, saved as a small file that a city can collect and that every page of the
// same study opens again. What a file says is only ever read as numbers and shown as text.
"use strict";
(function (sj) {
  const element = sj.element;
  const word = (key, parts) => sj.word("page.whatif." + key, parts);
  const LONGEST = 2000;
  const kept = { name: "", reason: "", open: false };

  // How much a file may hold, as the package reads it; a page of no study has no bounds.
  const most = (about) => about.most || { places: Infinity, bytes: Infinity };
  const tooMany = (count, about) => word("proposal.too_many", { most: sj.write(most(about).places, 0), count: sj.write(count, 0) });

  const number = (value) => (Number.isFinite(value) ? Number(value.toPrecision(12)) : null);

  function effects(context) {
    const { state, plan } = context;
    const limit = state.here.engine.cutoffs[state.limit];
    return plan.services().map(function (service) {
      const found = sj.whatIfAnswer.told(state.here, service, plan.of(service), limit);
      const both = {};
      for (const time of ["before", "after"]) {
        const one = found[time];
        both[time] = { people: number(one.people), within: number(one.within), unreached: number(one.unreached), mean: number(one.mean), worst_tenth: number(one.worstTenth), gini: number(one.gini) };
      }
      return Object.assign({ service: service, gained: number(found.gained), lost: number(found.lost) }, both);
    });
  }

  function places(context) {
    const { plan } = context;
    const found = [];
    const point = (lat, lon) => ({ type: "Point", coordinates: [lon, lat] });
    for (const service of plan.services()) {
      const { added, removed } = plan.of(service);
      const layer = context.layerOf(service);
      const stood = (place) => [plan.rounded(layer.points[place].latlng.lng), plan.rounded(layer.points[place].latlng.lat)];
      const moved = new Set();
      for (const one of added) {
        const facts = { service: service, action: one.from === undefined ? "add" : "move" };
        if (one.from !== undefined) {
          Object.assign(facts, { place: one.from, from: stood(one.from), name: layer.data.names[one.from] || "" });
          moved.add(one.from);
        }
        found.push({ type: "Feature", geometry: point(one.lat, one.lon), properties: facts });
      }
      for (const place of removed) {
        if (moved.has(place)) continue;
        const [lon, lat] = stood(place);
        found.push({ type: "Feature", geometry: point(lat, lon), properties: { service: service, action: "remove", place: place, name: layer.data.names[place] || "" } });
      }
    }
    return found;
  }

  sj.whatIfSaved = function (context, name, reason) {
    const { state } = context;
    const { about, engine } = state.here;
    return {
      type: "FeatureCollection",
      spatialjustice_proposal: 1,
      name: name.slice(0, LONGEST),
      reason: reason.slice(0, LONGEST),
      study: { name: about.name || "", date: about.date || "", checksum: about.checksum || "" },
      mode: engine.mode,
      unit: engine.unit,
      limit: engine.cutoffs[state.limit],
      effects: effects(context),
      features: places(context),
    };
  };

  function save(context) {
    if (!kept.name.trim()) {
      document.getElementById("whatif-name").focus();
      return context.say(word("proposal.name.missing"));
    }
    const { about } = context.state.here;
    const saved = sj.whatIfSaved(context, kept.name.trim(), kept.reason.trim());
    if (saved.features.length > most(about).places) return context.say(tooMany(saved.features.length, about));
    const file = new Blob([JSON.stringify(saved, null, 1)], { type: "application/geo+json" });
    if (file.size > most(about).bytes) return context.say(word("proposal.too_large"));
    const link = element("a");
    link.href = URL.createObjectURL(file);
    const called = kept.name.trim().replace(/[^\p{L}\p{N}]+/gu, "_").slice(0, 60).replace(/^_+|_+$/g, "") || "proposal";
    link.download = "what_if." + called + ".geojson";
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return context.say(word("proposal.saved"));
  }

  // The plan of a file; a sentence where it cannot be read.
  sj.whatIfRead = function (text, here) {
    let found;
    try {
      found = JSON.parse(text);
    } catch (_) {
      return { wrong: word("proposal.not_json") };
    }
    if (!found || found.spatialjustice_proposal !== 1 || !Array.isArray(found.features)) return { wrong: word("proposal.not_one") };
    if (found.features.length > most(here.about).places) return { wrong: tooMany(found.features.length, here.about) };
    const plan = {};
    for (const one of found.features) {
      const facts = (one && one.properties) || {};
      const at = one && one.geometry && Array.isArray(one.geometry.coordinates) ? one.geometry.coordinates : [];
      const service = here.engine.services.find((each) => each.key === facts.service);
      if (!service) continue;
      const own = (plan[service.key] = plan[service.key] || { added: [], removed: [] });
      const place = Number.isInteger(facts.place) ? facts.place : undefined;
      if (facts.action === "add" || facts.action === "move") own.added.push({ lat: Number(at[1]), lon: Number(at[0]), from: facts.action === "move" ? place : undefined });
      if ((facts.action === "remove" || facts.action === "move") && place !== undefined) own.removed.push(place);
    }
    const other = !found.study || found.study.name !== here.about.name || found.study.checksum !== here.about.checksum;
    const mode = typeof found.mode === "string" && found.mode !== here.engine.mode ? found.mode : "";
    return { plan: plan, name: String(found.name || "").slice(0, LONGEST), reason: String(found.reason || "").slice(0, LONGEST), limit: found.limit || {}, other: other, mode: mode };
  };

  async function take(context, file) {
    if (file.size > most(context.state.here.about).bytes) return context.say(word("proposal.too_large"));
    const text = await file.text();
    let found = sj.whatIfRead(text, context.state.here);
    if (found.wrong) return context.say(found.wrong);
    if (found.mode && sj.modes.list.some((one) => one.key === found.mode)) {
      await sj.modes.choose(found.mode, true);
      context.state.here = (await sj.whatIfAnswer.open(found.mode)) || context.state.here;
      found = sj.whatIfRead(text, context.state.here);
    }
    const { state, plan } = context;
    plan.replace(found.plan);
    if (plan.empty()) return context.say(word("proposal.nothing"));
    Object.assign(kept, { name: found.name, reason: found.reason, open: true });
    const limit = state.here.engine.cutoffs.findIndex((one) => one.value === found.limit.value && one.unit === found.limit.unit);
    if (limit >= 0) state.limit = limit;
    context.follow(plan.services()[0]);
    context.changed(true);
    return context.say(word(found.other ? "proposal.other" : "proposal.opened", { name: "\u2068" + found.name + "\u2069" }));
  }

  sj.whatIfProposal = function (context) {
    const { state, plan } = context;
    const fold = element("details", "whatif-fold");
    fold.open = kept.open;
    fold.addEventListener("toggle", () => (kept.open = fold.open));
    const name = element("input", "search");
    name.id = "whatif-name";
    name.dataset.key = "name";
    name.maxLength = 200;
    name.value = kept.name;
    name.autocomplete = "off";
    name.addEventListener("input", () => (kept.name = name.value));
    const reason = element("textarea");
    reason.dataset.key = "reason";
    reason.rows = 3;
    reason.maxLength = LONGEST;
    reason.value = kept.reason;
    reason.addEventListener("input", () => (kept.reason = reason.value));
    const keys = element("div", "whatif-tools");
    const saving = sj.whatIfButton("save", word("proposal.save"), () => save(context), "whatif-main");
    saving.disabled = plan.empty();
    const file = element("input");
    file.type = "file";
    file.accept = ".geojson,.json,application/geo+json,application/json";
    file.hidden = true;
    file.addEventListener("change", () => file.files.length && take(context, file.files[0]));
    keys.append(saving, sj.whatIfButton("load", word("proposal.open"), () => file.click()), file);
    fold.append(element("summary", "", word("proposal")), sj.whatIfField(word("proposal.name"), name), sj.whatIfField(word("proposal.reason"), reason), keys, send(state.here.about.contact));
    return fold;
  };

  // A letter cannot carry a file by itself: the reader is told to attach it.
  function send(contact) {
    const line = element("p", "legend-note");
    if (!contact) {
      line.textContent = word("proposal.send");
      return line;
    }
    const link = element("a");
    const written = () => "mailto:" + encodeURIComponent(contact).replace("%40", "@") + "?subject=" + encodeURIComponent(word("proposal.subject", { name: kept.name })) + "&body=" + encodeURIComponent(word("proposal.body"));
    link.href = written();
    link.addEventListener("click", () => (link.href = written()));
    link.append(element("bdi", "", contact));
    const [before, after] = word("proposal.send_to", { contact: "\u0000" }).split("\u0000");
    line.append(before, link, after || "");
    return line;
  }
})((window.spatialjustice = window.spatialjustice || {}));
