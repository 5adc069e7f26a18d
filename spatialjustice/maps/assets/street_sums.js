// Sums over people for whatif.js: how they stand, and who wins and loses, as report.standing and inequality.gini have it.
"use strict";
(function (sj) {
  const TENTH = 0.9;
  const HAIR = 1 - 1e-12; // as report.standing looks up centiles

  // Sums in which nothing gets lost on the way (Kahan).
  function sumOf(count, value) {
    let [sum, lost] = [0, 0];
    for (let place = 0; place < count; place += 1) {
      const next = value(place) - lost;
      const more = sum + next;
      lost = more - sum - next;
      sum = more;
    }
    return sum;
  }

  // Zones from the lowest cost to the highest, of the same cost by their number: with numbers alone, for sorts of pairs are slow.
  function rising(found, chosen) {
    const costs = new Float64Array(chosen.length);
    for (let place = 0; place < chosen.length; place += 1) costs[place] = found[chosen[place]];
    const sorted = costs.slice().sort();
    const first = new Map();
    for (let place = sorted.length - 1; place >= 0; place -= 1) first.set(sorted[place], place);
    const order = new Int32Array(chosen.length);
    for (let place = 0; place < chosen.length; place += 1) {
      const at = first.get(costs[place]);
      order[at] = chosen[place];
      first.set(costs[place], at + 1);
    }
    return order;
  }

  sj.streetSums = function (streets, known) {
    const every = streets.people.length;

    // What is true of all people together.
    function standing(found, cutoff, counted) {
      const chosen = [];
      for (let zone = 0; zone < every; zone += 1) if (known[zone] && counted[zone] > 0) chosen.push(zone);
      const order = rising(found, chosen);
      let reached = 0;
      while (reached < order.length && found[order[reached]] < Infinity) reached += 1;
      let limit = 0;
      while (limit < reached && found[order[limit]] <= cutoff) limit += 1;
      const part = (begin, end) => sumOf(end - begin, (place) => counted[order[begin + place]]);
      const everyone = part(0, order.length);
      const withWay = part(0, reached);
      const total = sumOf(reached, (place) => counted[order[place]] * found[order[place]]);
      const below = new Float64Array(order.length);
      for (let place = 0, sum = 0; place < order.length; place += 1) {
        sum += counted[order[place]];
        below[place] = sum;
      }
      const sought = order.length ? below[order.length - 1] * TENTH * HAIR : 0;
      let tenth = 0;
      while (tenth < order.length - 1 && below[tenth] < sought) tenth += 1;
      const people = reached ? below[reached - 1] : 0;
      const apart = sumOf(reached, (place) => counted[order[place]] * (2 * below[place] - counted[order[place]] - people) * found[order[place]]);
      return {
        people: everyone,
        within: part(0, limit),
        beyond: part(limit, reached),
        unreached: part(reached, order.length),
        leftOut: sumOf(every, (zone) => (counted[zone] > 0 ? counted[zone] : 0)) - everyone,
        mean: withWay > 0 ? total / withWay : NaN,
        worstTenth: order.length ? found[order[tenth]] : NaN,
        gini: total > 0 ? Math.max(0, apart / (people * total)) : NaN,
        byGroup: {},
      };
    }

    function summary(found, cutoff, people) {
      const made = standing(found, cutoff, people || streets.people);
      if (!people) for (const group of streets.groups) made.byGroup[group.key] = standing(found, cutoff, group.people);
      return made;
    }

    // Who comes within the limit and who is no longer, whose way becomes shorter and whose longer.
    function compare(before, after, cutoff) {
      const zones = { gained: [], lost: [], nearer: [], farther: [] };
      for (let zone = 0; zone < every; zone += 1) {
        if (!known[zone]) continue;
        if (after[zone] <= cutoff && !(before[zone] <= cutoff)) zones.gained.push(zone);
        if (before[zone] <= cutoff && !(after[zone] <= cutoff)) zones.lost.push(zone);
        if (after[zone] < before[zone]) zones.nearer.push(zone);
        if (after[zone] > before[zone]) zones.farther.push(zone);
      }
      const told = (people) =>
        Object.fromEntries(
          Object.entries(zones).map(([name, list]) => [name, sumOf(list.length, (place) => (people[list[place]] > 0 ? people[list[place]] : 0))]),
        );
      const byGroup = {};
      for (const group of streets.groups) byGroup[group.key] = told(group.people);
      return { zones, people: told(streets.people), byGroup };
    }

    return { summary, compare };
  };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
