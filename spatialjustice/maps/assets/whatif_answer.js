// What follows from a plan, as the rest of the page understands it: numbers before and after, and the map of ways as it
// would be, with a legend, an order and a sentence of its own, so that table, picture and print show no other state.
"use strict";
(function (sj) {
  const FIXED = new Set(["no_population", "no_data", "outside_data", "no_supply"]);
  const HAIR = 1 - 1e-12; // as the package looks up centiles
  const CENTILES = 99;
  const KNOWN = 1000; // placements that are kept, far more than one plan has
  const NO_WAY = ["#3c1650", "cross", "#f4dccb"];

  const opened = new Map();

  // Whether there are streets of a mode in this page; "" for the only one.
  const has = (mode) => Boolean(sj.streetsOf.block(mode || undefined));

  // What is known of a mode: its streets, whose study they are of, and plans that can be tried.
  async function open(mode) {
    const block = sj.streetsOf.block(mode || undefined);
    if (!block) return null;
    if (!opened.has(mode)) {
      const ready = sj.streetsOf(mode || undefined).then(function (engine) {
        const plans = (block.plans || []).filter((one) => one.mode === engine.mode);
        return { engine: engine, about: block.about || {}, plans: plans, known: new Map(), before: new Map() };
      });
      opened.set(mode, ready);
    }
    return opened.get(mode);
  }

  // A placement for each new place; those too far from any street have none.
  function changesOf(here, plan, unit) {
    const added = plan.added.map(function (one) {
      const key = one.lat + "," + one.lon;
      if (!here.known.has(key)) {
        // A place that is dragged leaves one behind with every frame: the oldest goes.
        if (here.known.size >= KNOWN) here.known.delete(here.known.keys().next().value);
        here.known.set(key, here.engine.snap(one.lat, one.lon));
      }
      return here.known.get(key);
    });
    return { added: added.filter(Boolean), removed: new Set(plan.removed), unit: unit };
  }

  function costsOf(here, service, plan, unit) {
    return here.engine.costs(service, changesOf(here, plan, unit));
  }

  // Of today, kept: nothing about it changes while the page is open.
  function today(here, service, unit) {
    const key = service + "/" + unit;
    if (!here.before.has(key)) here.before.set(key, costsOf(here, service, { added: [], removed: [] }, unit));
    return here.before.get(key);
  }

  function moved(here, before, after, cutoff, people) {
    let [gained, lost] = [0, 0];
    for (let zone = 0; zone < before.length; zone += 1) {
      if (!here.engine.known[zone] || !(people[zone] > 0)) continue;
      const [was, is] = [before[zone] <= cutoff, after[zone] <= cutoff];
      if (is && !was) gained += people[zone];
      if (was && !is) lost += people[zone];
    }
    return { gained: gained, lost: lost };
  }

  // Everything that is told of a plan; `limit` is {value, unit}. Ways and their mean are told in the unit of the map.
  function told(here, service, plan, limit) {
    const { engine } = here;
    const unit = engine.unit;
    const after = costsOf(here, service, plan, unit);
    const before = today(here, service, unit);
    const same = limit.unit === unit;
    const [was, is] = same ? [before, after] : [today(here, service, limit.unit), costsOf(here, service, plan, limit.unit)];
    const both = [before, after].map((costs) => engine.summary(costs, limit.value));
    if (!same) [was, is].forEach((costs, place) => Object.assign(both[place], withinOnly(engine.summary(costs, limit.value), both[place])));
    const groups = engine.groups.map((group) =>
      Object.assign({ key: group.key, title: group.title, before: both[0].byGroup[group.key], after: both[1].byGroup[group.key] }, moved(here, was, is, limit.value, group.people)),
    );
    return Object.assign({ costs: after, before: both[0], after: both[1], groups: groups, nowhere: plan.added.length - changesOf(here, plan, unit).added.length }, moved(here, was, is, limit.value, engine.people));
  }

  // What everybody has of what is shared out, before and after: for so many people, and how many have nothing of it.
  const SHARED = 10000;
  function shared(here, service, whole) {
    const { engine } = here;
    const changes = {};
    for (const [key, plan] of Object.entries(whole)) changes[key] = changesOf(here, plan, undefined);
    return engine.supplies
      .filter((one) => one.services.includes(service))
      .map(function (one) {
        const both = [engine.supply(one.key, {}), engine.supply(one.key, changes)].map(function (found) {
          let [all, sum, none] = [0, 0, 0];
          for (let zone = 0; zone < found.length; zone += 1) {
            const people = engine.people[zone];
            if (!(people > 0) || Number.isNaN(found[zone])) continue;
            all += people;
            sum += people * found[zone];
            if (!(found[zone] > 0)) none += people;
          }
          return { mean: all > 0 ? (SHARED * sum) / all : NaN, none: none };
        });
        return { title: one.title, before: both[0], after: both[1] };
      });
  }

  function withinOnly(found, into) {
    const byGroup = {};
    for (const [key, one] of Object.entries(found.byGroup)) byGroup[key] = Object.assign({}, into.byGroup[key], { within: one.within, beyond: one.beyond });
    return { within: found.within, beyond: found.beyond, byGroup: byGroup };
  }

  // The classes of the map, those too in which nobody is today.
  const scaleOf = (indicator) => indicator.legend.scale || [];

  function classOf(scale, cost) {
    let place = 0;
    while (place < scale.length - 1 && scale[place][0] !== null && cost > scale[place][0]) place += 1;
    return place;
  }

  const stays = (indicator, zone) => FIXED.has(sj.rowOf(indicator, zone).key);

  function keyOf(original, scale, zone, cost) {
    const now = sj.rowOf(original, zone).key;
    if (FIXED.has(now) || (cost === Infinity && now === "off_network")) return now;
    return cost === Infinity ? "unreachable" : "class_" + classOf(scale, cost);
  }

  // The map of ways as it would be; null where the page does not know its classes.
  function derived(original, here, costs, told) {
    const scale = scaleOf(original);
    if (!scale.length) return null;
    const count = costs.length;
    const kinds = new Array(count);
    const sums = new Map();
    for (let zone = 0; zone < count; zone += 1) {
      const key = keyOf(original, scale, zone, costs[zone]);
      kinds[zone] = key;
      const sum = sums.get(key) || { zones: 0, people: 0 };
      sum.zones += 1;
      sum.people += here.engine.people[zone] > 0 ? here.engine.people[zone] : 0;
      sums.set(key, sum);
    }
    const rows = rowsOf(original, scale, sums);
    const at = new Map(rows.map((row, place) => [row.key, place]));
    const limits = original.legend.limits.map((one) => Object.assign({}, one, { after: at.get(original.legend.rows[one.after].key) }));
    return Object.assign({}, original, {
      texts: undefined,
      title: sj.word("page.whatif.mark", { title: original.title }),
      values: Array.from(costs, (cost, zone) => valueOf(original, scale, cost, zone)),
      classes: kinds.map((key) => at.get(key).toString(36)).join(""),
      legend: Object.assign({}, original.legend, { rows: rows, limits: limits, histogram: null }),
      told: Object.assign({ caveats: sj.told(original).caveats, worst: [] }, told, standing(here, costs, original)),
      whatIf: true,
    });
  }

  function valueOf(original, scale, cost, zone) {
    if (cost === Infinity || (stays(original, zone) && original.values[zone] === null)) return null;
    const step = Math.pow(10, -original.decimals);
    let value = Number(cost.toFixed(original.decimals));
    // A rounded value stays on its side of a limit: 750.3 m is not within 750 m.
    for (const [upper] of scale) if (upper !== null && value <= upper && cost > upper) value = Number((value + step).toFixed(original.decimals));
    return value;
  }

  function rowsOf(original, scale, sums) {
    const before = new Map(original.legend.rows.map((row) => [row.key, row]));
    const rows = [];
    scale.forEach(function ([, label, swatch], place) {
      const key = "class_" + place;
      if (before.has(key) || sums.has(key)) rows.push(Object.assign({}, before.get(key) || { key: key, label: label, swatch: swatch, reason: false }));
    });
    for (const row of original.legend.rows) if (!row.key.startsWith("class_")) rows.push(Object.assign({}, row));
    if (sums.has("unreachable") && !before.has("unreachable")) rows.push({ key: "unreachable", label: sj.word("page.whatif.no_way"), swatch: NO_WAY, reason: true });
    const whole = wholePeople(rows.map((row) => (sums.get(row.key) || { people: 0 }).people));
    const most = Math.max(...rows.map((row) => (sums.get(row.key) || { people: 0 }).people)) || 1;
    rows.forEach(function (row, place) {
      const sum = sums.get(row.key) || { zones: 0, people: 0 };
      row.zones = sj.write(sum.zones, 0);
      // Of zones about which nothing is known nothing new is known either.
      if (!FIXED.has(row.key) && original.legend.people !== null) row.people = sj.write(whole[place], 0);
      row.bar = sum.people / most;
    });
    return rows;
  }

  // Whole people that add up to all of them: what was cut off most is given back first.
  function wholePeople(parts) {
    const whole = parts.map(Math.floor);
    let rest = Math.round(parts.reduce((sum, one) => sum + one, 0)) - whole.reduce((sum, one) => sum + one, 0);
    const order = parts.map((one, place) => place).sort((a, b) => parts[b] - whole[b] - (parts[a] - whole[a]) || a - b);
    for (const place of order) {
      if (rest <= 0) break;
      whole[place] += 1;
      rest -= 1;
    }
    return whole;
  }

  function standing(here, costs, original) {
    const { people, known } = here.engine;
    const order = [];
    let all = 0;
    for (let zone = 0; zone < costs.length; zone += 1) {
      if (!known[zone] || !(people[zone] > 0)) continue;
      order.push(zone);
      all += people[zone];
    }
    order.sort((a, b) => (costs[a] === costs[b] ? a - b : costs[a] < costs[b] ? -1 : 1));
    const centiles = [];
    let [place, sum] = [-1, 0];
    for (let part = 1; part <= CENTILES && order.length; part += 1) {
      while (place < order.length - 1 && (place < 0 || sum < ((all * part) / 100) * HAIR)) {
        place += 1;
        sum += people[order[place]];
      }
      const cost = costs[order[place]];
      centiles.push(cost === Infinity ? null : Number(cost.toFixed(original.decimals)));
    }
    return { centiles: centiles };
  }

  // Zones that are in another class than the map shows: what a drag must paint.
  function shifted(shown, original, costs) {
    const scale = scaleOf(original);
    const shapes = sj.made.zones.shapes;
    const found = new Map();
    const looks = new Map(original.legend.rows.map((row) => [row.key, row.swatch]));
    scale.forEach(([, , swatch], place) => looks.set("class_" + place, swatch));
    for (let zone = 0; zone < costs.length; zone += 1) {
      const key = keyOf(original, scale, zone, costs[zone]);
      if (sj.rowOf(shown, zone).key === key) continue;
      if (!found.has(key)) found.set(key, [looks.get(key) || NO_WAY, []]);
      found.get(key)[1].push(shapes[zone]);
    }
    return Array.from(found.values());
  }

  sj.whatIfAnswer = { has: has, open: open, changesOf: changesOf, today: today, costsOf: costsOf, told: told, shared: shared, derived: derived, shifted: shifted, scaleOf: scaleOf };
})((window.spatialjustice = window.spatialjustice || {}));
