// What if a place stood here, or there no longer? Answers from the streets in the page, as the package would give them.
//
//   sj.streetsOf.modes()                     [{key, unit, cutoffs, services: [{key, title}]}]: modes whose streets are here;
//                                            unpacks nothing, [] without streets
//   sj.streetsOf.block(mode)                 the block that holds a mode, as it was packed; undefined where there is none
//   const whatif = await sj.streetsOf(mode)  opened once and kept (the first mode where none is named); after that:
//
//   .mode, .unit ("metres" or "minutes"), .cutoffs, .limit (metres that a place may lie off a street), .people, .known,
//   .groups, .services [{key, title, places: [{id, name, names, lat, lon}]}], .supplies [{key, title, services, unit, cutoff, method}]
//   .snap(lat, lon)                          a placement {lat, lon, street: [lat, lon], offset, …}, or null: no street is near
//   .atZone(zone)                            a placement where a zone's people start, or null
//   .costs(service, changes)                 Float64Array: one cost a zone in the unit; Infinity: no way. Below 5 ms
//   .summary(costs, cutoff, people)          {people, within, beyond, unreached, leftOut, mean, worstTenth, gini,
//                                            byGroup: {key: the same}}; of the given people or of all and each group
//   .compare(before, after, cutoff)          two arrays of costs: {zones: {gained, lost, nearer, farther}: lists of zones,
//                                            people: {the same}: sums, byGroup: {key: {the same}}}; gained: newly within
//   .route(from, service, changes)           from a zone or a placement to its nearest place, or null: {points: [[lat, lon]],
//                                            cost, place (its number or -1), added (position in changes.added or -1)}
//   .within(placement, cutoff, unit)         lines of [lat, lon]: streets from which the placement is within reach
//   .reached(placement, cutoff, unit)        the same the other way: streets that one reaches from the placement
//   .best(service, changes, cutoff)          {zone, gained}: where one more place would bring most people within; at once
//   await .bestSoon(service, changes, cutoff, {tell, signal})   the same in short turns, so that the page stays alive:
//                                            tell(share done), signal: an AbortSignal; null where it was stopped; turn: milliseconds
//   .supply(key, changes)                    Float64Array of .supplies: what each zone has of it for a person, NaN: unknown.
//                                            changes here: {service: changes}; an added placement may have its own `supply`
//   .catchments(service, changes, how)       the same of one service as one likes: how = {cutoff, method, decay, supply}
//
// A service is its key or its number. changes: {added: [placement], removed: Set of place numbers, unit}, all optional; a
// number of a place is its position in .services[].places, the one that the event `sj:places` tells. To move a place is to
// remove it and to add another. Placements belong to one mode: for another one, snap(lat, lon) anew. Costs are compared
// with a cutoff in their own unit: give `unit` where a cutoff of .cutoffs ({value, unit}) has another one than .unit.
"use strict";
(function (sj) {
  const { STEP, GROUND, rint, searcher, alongChain } = sj.streets;
  const TURN = 12; // milliseconds of work before the page may do something else
  const SLACK = 1 + 1e-9; // searches go this much further than a limit; each cost is then compared in its unit

  const shared = new WeakMap(); // by block: what its modes share, once unpacked

  // One of the modes of a block; the first one where none is named.
  sj.openStreets = async function (block, key) {
    const mode = block.modes.find((one) => key === undefined || one.key === key);
    if (!mode) throw new Error("what if: there are no streets of the mode " + key);
    if (!shared.has(block)) shared.set(block, sj.streets.inflate(block.gz).then((raw) => sj.streets.unpacked(block, raw)));
    const [common, raw] = await Promise.all([shared.get(block), sj.streets.inflate(mode.gz)]);
    const streets = sj.streets.ofMode(common, mode, raw);
    const { plane } = common;
    const zoneCount = streets.zones.edge.length;
    const known = Uint8Array.from(streets.outside, (one) => (one ? 0 : 1));
    const slow = 1000 * mode.speed;
    const inUnit = (metres, unit) => (unit === "metres" ? metres : (metres * 60) / slow);
    const inMetres = (cutoff, unit) => (unit === "metres" ? cutoff : (cutoff * slow) / 60);
    const asked = new Map(); // by unit: graph, zones joined to it, places joined to it
    const sums = sj.streetSums(streets, known);

    // outward: from a place rather than to it, for which the streets are turned round.
    function question(unit, outward) {
      const name = unit + (outward ? " outward" : "");
      if (asked.has(name)) return asked.get(name);
      const { edges, length, up, down } = streets;
      let [ahead, back] = [up, down];
      if (unit === "metres") {
        ahead = new Float64Array(edges);
        back = new Float64Array(edges);
        for (let edge = 0; edge < edges; edge += 1) {
          ahead[edge] = up[edge] < Infinity ? length[edge] : Infinity;
          back[edge] = down[edge] < Infinity ? length[edge] : Infinity;
        }
      }
      if (outward) [ahead, back] = [back, ahead];
      const graph = sj.streets.searched(streets, ahead, back, Boolean(outward));
      const leg = unit === "metres" ? 1 : mode.leg;
      const zones = sj.streets.attached(streets, graph, streets.zones, leg, false);
      const { rows, order } = sj.streets.sortedBy(zones.chain, graph.chains);
      const made = { unit, graph, leg, zones, order, rows, search: searcher(graph), doors: new Map(), pairs: new Map() };
      made.onChain = new Int32Array(graph.chains).fill(-1);
      made.chainsAt = null;
      asked.set(name, made);
      return made;
    }

    function serviceOf(service) {
      const found = typeof service === "number" ? streets.services[service] : streets.services.find((one) => one.key === service);
      if (!found) throw new Error("what if: there is no service " + service);
      return found;
    }

    // Entrances of the places that stand, and what was added, as sources of a search.
    function sourcesOf(ask, service, changes) {
      const one = serviceOf(service);
      if (!ask.doors.has(one.key)) ask.doors.set(one.key, sj.streets.attached(streets, ask.graph, one.doors, ask.leg, true));
      const doors = ask.doors.get(one.key);
      const removed = changes.removed || new Set();
      const added = changes.added || [];
      const most = one.doors.edge.length + added.length;
      const made = { count: 0, chain: new Int32Array(most), place: new Int32Array(most), x: new Float64Array(most), y: new Float64Array(most) };
      made.edge = new Int32Array(most);
      for (const name of ["a", "b", "up", "down", "leg"]) made[name] = new Float64Array(most);
      function take(from, row, points, place) {
        const to = made.count;
        for (const name of ["chain", "a", "b", "up", "down", "leg"]) made[name][to] = from[name][row];
        for (const name of ["x", "y", "edge"]) made[name][to] = points[name][row];
        made.place[to] = place;
        made.count += 1;
      }
      for (let row = 0; row < one.doors.edge.length; row += 1) {
        if (doors.chain[row] >= 0 && !removed.has(one.doorPlace[row])) take(doors, row, one.doors, one.doorPlace[row]);
      }
      added.forEach(function (placement, number) {
        const points = { edge: [placement.edge], x: [placement.x], y: [placement.y] };
        take(sj.streets.attached(streets, ask.graph, points, ask.leg, true), 0, points, -1 - number);
      });
      return made;
    }

    const spot = (metres) => rint(metres / GROUND);
    const onOneSpot = (sources, row, points, at) =>
      spot(sources.x[row]) === spot(points.x[at]) && spot(sources.y[row]) === spot(points.y[at]);

    function metresOf(ask, sources) {
      const { search, zones, order, onChain, graph } = ask;
      search.run(sources, Infinity);
      const { distance } = search;
      const found = new Float64Array(zoneCount).fill(Infinity);
      const next = new Int32Array(sources.count);
      for (let row = 0; row < sources.count; row += 1) {
        next[row] = onChain[sources.chain[row]];
        onChain[sources.chain[row]] = row;
      }
      for (let place = 0; place < order.length; place += 1) {
        const zone = order[place];
        const chain = zones.chain[zone];
        let cost = Math.min(distance[graph.toA[chain]] + zones.a[zone], distance[graph.toB[chain]] + zones.b[zone]);
        for (let row = onChain[chain]; row >= 0; row = next[row]) {
          cost = Math.min(cost, alongChain(sources, row, zones, zone, onOneSpot(sources, row, streets.zones, zone)));
        }
        found[zone] = cost;
      }
      for (let row = 0; row < sources.count; row += 1) onChain[sources.chain[row]] = -1;
      return found;
    }

    function costs(service, changes) {
      const given = changes || {};
      const unit = given.unit || mode.unit;
      const ask = question(unit);
      const found = metresOf(ask, sourcesOf(ask, service, given));
      if (unit !== "metres") for (let zone = 0; zone < zoneCount; zone += 1) found[zone] = inUnit(found[zone], unit);
      return found;
    }

    function pointOf(lat, lon) {
      const t = (lon / STEP - plane.lon) * plane.per_lon;
      const u = (lat / STEP - plane.lat) * plane.per_lat;
      return {
        x: (plane.x + rint(sj.streets.projected(plane.of_x, t, u))) / 1000,
        y: (plane.y + rint(sj.streets.projected(plane.of_y, t, u))) / 1000,
      };
    }

    function latLon(edge, share) {
      const [one, other] = [streets.first[edge], streets.last[edge]];
      const at = (values) => (values[one] + share * (values[other] - values[one])) * STEP;
      return [at(streets.lat), at(streets.lon)];
    }

    function placed(x, y, edge, lat, lon) {
      const on = sj.streets.foot(streets, edge, x, y);
      const ask = question(mode.unit);
      const joined = sj.streets.attached(streets, ask.graph, { edge: [edge], x: [x], y: [y] }, ask.leg, true);
      const share = streets.turned(edge) ? 1 - on.fraction : on.fraction;
      const [chain, up, down, leg] = [joined.chain[0], joined.up[0], joined.down[0], joined.leg[0]];
      return { chain, up, down, leg, lat, lon, x, y, edge, share, offset: on.offset, street: latLon(edge, share) };
    }

    function snap(lat, lon) {
      common.boxes = common.boxes || sj.streets.boxesOf(common);
      const at = Object.assign(pointOf(lat, lon), { lon: lon / STEP, lat: lat / STEP });
      const { x, y } = at;
      let edge = sj.streets.nearestEdge(streets, common.boxes, at, mode.limit, false);
      let away = edge < 0 ? Infinity : sj.streets.foot(streets, edge, x, y).offset;
      // Nobody joins a motorway or a tunnel from beside it, but who is on it is on it.
      const on = sj.streets.nearestEdge(streets, common.boxes, at, GROUND, true);
      if (on >= 0) {
        const offset = sj.streets.foot(streets, on, x, y).offset;
        if (offset < away && offset <= GROUND) [edge, away] = [on, offset];
      }
      return edge >= 0 && away <= mode.limit ? placed(x, y, edge, lat, lon) : null;
    }

    function atZone(zone) {
      const edge = streets.zones.edge[zone];
      if (edge < 0) return null;
      const [x, y] = [streets.zones.x[zone], streets.zones.y[zone]];
      const [lat, lon] = drawn.latLonOf(plane, edge, x, y);
      return placed(x, y, edge, lat, lon);
    }

    // Whom each of many single points brings within a limit: bounded searches, a zone at a time.
    function reachedBy(ask, sources, limit, visit) {
      const { search, zones, order, rows, graph } = ask;
      const count = search.run(sources, limit);
      const { distance, touched } = search;
      ask.stamp = ask.stamp || new Int32Array(graph.chains);
      ask.turn = (ask.turn || 0) + 1;
      chainsAt(ask);
      function look(chain) {
        if (ask.stamp[chain] === ask.turn) return;
        ask.stamp[chain] = ask.turn;
        const atA = distance[graph.toA[chain]];
        const atB = distance[graph.toB[chain]];
        for (let place = rows[chain]; place < rows[chain + 1]; place += 1) {
          const zone = order[place];
          let cost = Math.min(atA + zones.a[zone], atB + zones.b[zone]);
          for (let row = 0; row < sources.count; row += 1) {
            if (sources.chain[row] === chain) cost = Math.min(cost, alongChain(sources, row, zones, zone, onOneSpot(sources, row, streets.zones, zone)));
          }
          if (cost <= limit) visit(zone, cost);
        }
      }
      for (let row = 0; row < sources.count; row += 1) look(sources.chain[row]);
      for (let place = 0; place < count; place += 1) {
        const node = touched[place];
        for (let at = ask.chainsAt.begin[node]; at < ask.chainsAt.begin[node + 1]; at += 1) look(ask.chainsAt.chain[at]);
      }
    }

    function chainsAt(ask) {
      if (ask.chainsAt) return;
      const { nodes, chains, toA: a, toB: b } = ask.graph;
      const begin = new Int32Array(nodes + 1);
      for (let chain = 0; chain < chains; chain += 1) {
        if (ask.rows[chain] === ask.rows[chain + 1]) continue;
        begin[a[chain] + 1] += 1;
        if (a[chain] !== b[chain]) begin[b[chain] + 1] += 1;
      }
      for (let node = 0; node < nodes; node += 1) begin[node + 1] += begin[node];
      const chain = new Int32Array(begin[nodes]);
      const next = begin.slice(0, nodes);
      for (let one = 0; one < chains; one += 1) {
        if (ask.rows[one] === ask.rows[one + 1]) continue;
        for (const node of a[one] === b[one] ? [a[one]] : [a[one], b[one]]) {
          chain[next[node]] = one;
          next[node] += 1;
        }
      }
      ask.chainsAt = { begin, chain };
    }

    // Looks from every zone without a place within the limit where one might stand; yields how far it is, returns the best.
    function* trying(service, changes, cutoff) {
      const given = changes || {};
      const ask = question(given.unit || mode.unit, true);
      const now = costs(service, given);
      const limit = inMetres(cutoff, ask.unit) * SLACK;
      const homes = sj.streets.attached(streets, ask.graph, streets.zones, ask.leg, true);
      const gained = new Float64Array(zoneCount);
      for (let zone = 0; zone < zoneCount; zone += 1) {
        const people = streets.people[zone];
        if (!known[zone] || !(people > 0) || now[zone] <= cutoff || homes.chain[zone] < 0) continue;
        const sources = { count: 1, x: [streets.zones.x[zone]], y: [streets.zones.y[zone]] };
        for (const name of ["chain", "a", "b", "up", "down", "leg"]) sources[name] = [homes[name][zone]];
        reachedBy(ask, sources, limit, function (place, metres) {
          if (inUnit(metres, ask.unit) <= cutoff) gained[place] += people;
        });
        yield (zone + 1) / zoneCount;
      }
      let zone = -1;
      for (let place = 0; place < zoneCount; place += 1) if (gained[place] > (zone < 0 ? 0 : gained[zone])) zone = place;
      return { zone, gained: zone < 0 ? 0 : gained[zone] };
    }

    function best(service, changes, cutoff) {
      const tries = trying(service, changes, cutoff);
      for (;;) {
        const { done, value } = tries.next();
        if (done) return value;
      }
    }

    async function bestSoon(service, changes, cutoff, how) {
      const { tell, signal, turn = TURN } = how || {};
      const tries = trying(service, changes, cutoff);
      for (let began = performance.now(); ; ) {
        const { done, value } = tries.next();
        if (done) return value;
        if (performance.now() - began < turn) continue;
        if (tell) tell(value);
        await new Promise((resolve) => setTimeout(resolve));
        if (signal && signal.aborted) return null;
        began = performance.now();
      }
    }

    // Zones within the cutoff of each place that stands or was added; those of places that stand are kept.
    function pairsOfPlaces(service, changes, decay) {
      const ask = question(changes.unit || mode.unit);
      const all = sourcesOf(ask, service, changes);
      const limit = inMetres(decay.cutoff, ask.unit) * SLACK;
      const name = JSON.stringify([serviceOf(service).key, decay]);
      if (!ask.pairs.has(name)) ask.pairs.set(name, new Map());
      const kept = ask.pairs.get(name);
      const made = [];
      for (let begin = 0, end = 0; begin < all.count; begin = end) {
        const place = all.place[begin];
        for (end = begin + 1; end < all.count && all.place[end] === place; ) end += 1;
        let pairs = kept.get(place);
        if (!pairs) {
          const sources = { count: end - begin };
          for (const part of ["chain", "a", "b", "up", "down", "leg", "x", "y"]) sources[part] = all[part].subarray(begin, end);
          const [homes, ways] = [[], []];
          reachedBy(ask, sources, limit, function (zone, metres) {
            homes.push(zone);
            ways.push(inUnit(metres, ask.unit));
          });
          pairs = sj.streetShares.pairsOf(homes, ways, decay);
          if (place >= 0) kept.set(place, pairs);
        }
        made.push({ place, pairs });
      }
      return made;
    }

    // parts: of each service {service, changes, supply (one number a place, or one for all)}.
    function sharedOut(parts, decay, method) {
      const [pairs, supply] = [[], []];
      for (const part of parts) {
        const own = (place) => (typeof part.supply === "number" ? part.supply : part.supply && part.supply[place]);
        for (const { place, pairs: found } of pairsOfPlaces(part.service, part.changes, decay)) {
          const given = place < 0 ? part.changes.added[-1 - place].supply : own(place);
          pairs.push(found);
          supply.push(given === undefined ? 1 : given);
        }
      }
      const found = sj.streetShares.shared(method, pairs, supply, streets.people);
      for (let zone = 0; zone < zoneCount; zone += 1) if (!known[zone]) found[zone] = NaN;
      return found;
    }

    function catchments(service, changes, how) {
      const decay = Object.assign({ kind: "binary" }, how.decay, { cutoff: how.cutoff });
      return sharedOut([{ service, changes: changes || {}, supply: how.supply }], decay, how.method || "e2sfca");
    }

    function supply(key, changes) {
      const one = (mode.supplies || []).find((each) => each.key === key);
      if (!one) throw new Error("what if: there is no supply " + key);
      const parts = one.services.map((service) => ({
        service, supply: one.amounts[service], changes: Object.assign({}, (changes || {})[service], { unit: one.unit }),
      }));
      return sharedOut(parts, Object.assign({ cutoff: one.cutoff }, one.decay), one.method);
    }

    const drawn = sj.streetLines(streets);

    const onePoint = (placement) => ({ edge: [placement.edge], x: [placement.x], y: [placement.y] });

    function route(from, service, changes) {
      const given = changes || {};
      const ask = question(given.unit || mode.unit);
      const home = typeof from === "number" ? atZone(from) : from;
      if (!home) return null;
      const point = onePoint(home);
      const start = Object.assign(point, sj.streets.attached(streets, ask.graph, point, ask.leg, false));
      const sources = sourcesOf(ask, service, given);
      const found = drawn.route(ask, sources, start, (row) => alongChain(sources, row, start, 0, onOneSpot(sources, row, start, 0)));
      if (!found) return null;
      const { place } = found;
      const end = place < 0 ? [given.added[-1 - place].lat, given.added[-1 - place].lon] : null;
      const points = [[home.lat, home.lon], ...(onOneSpot(sources, found.row, start, 0) ? [] : found.points)];
      if (end) points.push(end);
      else points.push(drawn.latLonOf(plane, found.edge, found.x, found.y));
      return { points, cost: inUnit(found.metres, ask.unit), place: place < 0 ? -1 : place, added: place < 0 ? -1 - place : -1 };
    }

    function around(placement, cutoff, unit, outward) {
      const ask = question(unit || mode.unit, outward);
      const source = sj.streets.attached(streets, ask.graph, onePoint(placement), ask.leg, true);
      return drawn.within(ask, Object.assign(source, { count: 1, edge: [placement.edge] }), placement, inMetres(cutoff, ask.unit));
    }

    const within = (placement, cutoff, unit) => around(placement, cutoff, unit, false);
    const reached = (placement, cutoff, unit) => around(placement, cutoff, unit, true);

    const services = streets.services.map((one) => ({ key: one.key, title: one.title, places: one.places }));
    return {
      mode: mode.key, modes: [mode.key], unit: mode.unit, cutoffs: mode.cutoffs, limit: mode.limit, services,
      supplies: mode.supplies || [], people: streets.people, groups: streets.groups, known,
      snap, atZone, costs, summary: sums.summary, compare: sums.compare, route, within, reached, best, bestSoon, supply, catchments,
    };
  };

  const parsed = new Map();
  const opened = new Map();

  // Blocks of the page, each with its modes.
  function blocks() {
    const listed = typeof document === "undefined" ? [] : Array.from(document.querySelectorAll('script[id^="streets-"][id$="-data"]'));
    for (const one of listed) if (!parsed.has(one.id)) parsed.set(one.id, JSON.parse(one.textContent));
    return listed.map((one) => parsed.get(one.id));
  }

  const blockOf = (mode) => (mode === undefined ? blocks()[0] : blocks().find((block) => block.modes.some((one) => one.key === mode)));

  sj.streetsOf = function (mode) {
    const block = blockOf(mode);
    if (!block) return Promise.reject(new Error("what if: the page has no streets of the mode " + mode));
    const key = mode === undefined ? block.modes[0].key : mode;
    if (!opened.has(key)) opened.set(key, sj.openStreets(block, key));
    return opened.get(key);
  };

  sj.streetsOf.block = blockOf;

  sj.streetsOf.modes = () =>
    blocks().flatMap((block) =>
      block.modes.map(function ({ key, unit, cutoffs }) {
        return { key, unit, cutoffs, services: block.services.map((one) => ({ key: one.key, title: one.title })) };
      }),
    );
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
