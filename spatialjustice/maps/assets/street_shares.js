// What each zone has of a supply that all who live near share: access.floating_catchment_area, method by method.
"use strict";
(function (sj) {
  const NEGLIGIBLE = 1e-100; // a weight below this counts as none

  // How much a place counts at a cost: the formulas of access.decay, 0 beyond the cutoff.
  function weighing(decay) {
    const { kind, cutoff } = decay;
    if (kind === "linear") return (cost) => Math.max(0, 1 - cost / cutoff);
    if (kind === "gaussian") return (cost) => Math.max(0, Math.expm1(0.5 * (1 - Math.pow(cost / cutoff, 2))) / Math.expm1(0.5));
    if (kind !== "stepped") return () => 1;
    return function (cost) {
      const step = decay.limits.findIndex((limit) => cost <= limit);
      return step < 0 ? 0 : decay.weights[step];
    };
  }

  // Zones within the cutoff of one place and their weights, in the order of zones.
  function pairsOf(zones, costs, decay) {
    const weigh = weighing(decay);
    const order = Int32Array.from(zones.keys()).sort((one, other) => zones[one] - zones[other]);
    const kept = { zones: [], weights: [] };
    for (const row of order) {
      const weight = costs[row] <= decay.cutoff ? weigh(costs[row]) : 0;
      if (weight < NEGLIGIBLE) continue;
      kept.zones.push(zones[row]);
      kept.weights.push(weight);
    }
    return kept;
  }

  // pairs[j]: {zones, weights} of place j; supply[j]; people of every zone.
  function shared(method, pairs, supply, people) {
    const zoneCount = people.length;
    const over = (value, by) => (by > 0 ? value / by : 0);
    function toZones(values, power) {
      const total = new Float64Array(zoneCount);
      pairs.forEach(function (pair, place) {
        if (values[place] === 0) return;
        for (let row = 0; row < pair.zones.length; row += 1) {
          const weight = pair.weights[row];
          total[pair.zones[row]] += values[place] * (power === 1 ? weight : weight * weight);
        }
      });
      return total;
    }
    function toPlaces(values, power) {
      return Float64Array.from(pairs, function (pair) {
        let total = 0;
        for (let row = 0; row < pair.zones.length; row += 1) {
          const value = values[pair.zones[row]];
          const weight = pair.weights[row];
          if (value !== 0) total += value * (power === 1 ? weight : weight * weight);
        }
        return total;
      });
    }
    const ratios = (values, by) => Float64Array.from(values, (value, place) => over(value, by[place]));
    const offers = supply.map((value) => (value > 0 ? 1 : 0));
    if (method === "3sfca") {
      const near = toZones(offers, 1);
      const come = toPlaces(ratios(people, near), 2);
      return ratios(toZones(ratios(supply, come), 2), near);
    }
    if (method === "mh3sfca") {
      const near = toZones(supply, 1);
      const come = toPlaces(ratios(people, near), 1);
      return ratios(toZones(ratios(offers, come).map((ratio, place) => supply[place] * ratio), 2), near);
    }
    if (method === "bfca") {
      const near = toZones(offers, 1);
      const others = toPlaces(new Float64Array(zoneCount).fill(1), 1);
      const come = toPlaces(ratios(people, near), 1);
      return toZones(ratios(ratios(supply, come), others), 1);
    }
    const come = toPlaces(people, 1);
    return toZones(ratios(supply, come), method === "m2sfca" ? 2 : 1);
  }

  sj.streetShares = { pairsOf, shared };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
