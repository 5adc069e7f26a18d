// What if a place stood here, or there no longer? Answers from the streets in the page, as the package would give them.
//
//   const whatif = await sj.openStreets(block);
//   whatif.services, .modes, .cutoffs, .unit ("metres" or "minutes"), .people, .groups
//   whatif.snap(lat, lon)                    a placement, or null where no street is near enough
//   whatif.atZone(zone)                      a placement at the point from which a zone's people start, or null
//   whatif.costs(service, changes)           Float64Array: one cost a zone in the unit; Infinity: no way
//   whatif.summary(costs, cutoff, people)    {people, within, beyond, unreached, leftOut, mean, worstTenth, gini, byGroup}
//   whatif.route(zone, service, changes)     {points, cost, place, added}: the way from a zone to its nearest place; null: none
//   whatif.best(service, changes, cutoff)    {zone, gained}: where one more place would bring most people within
//   whatif.within(placement, cutoff)         lines of [lat, lon]: streets from which the placement is within reach
//   whatif.catchments(service, changes, how) Float64Array: what each zone has of the supply shared out (floating catchments)
//
// A service is its key or its number; changes are {added: [placement], removed: Set of place numbers, unit}, all optional.
"use strict";
(function (sj) {
  const { STEP, GROUND, rint } = sj.streets;
  const TENTH = 0.9;
  const HAIR = 1 - 1e-12; // as report.standing looks up centiles
  const SLACK = 1 + 1e-9; // searches go this much further than a limit; each cost is then compared in its unit

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

  // A search over junctions with a ring of buckets, as search/shortest_paths.py has it; `limit` may be Infinity.
  function searcher(streets, graph) {
    const { junctions, a, b } = streets;
    const { rows, head, cost: arcCost, width } = graph;
    const distance = new Float64Array(junctions).fill(Infinity);
    const touched = new Int32Array(junctions);
    const following = new Int32Array(junctions);
    const previous = new Int32Array(junctions);
    const queued = new Uint8Array(junctions);
    const owner = new Int32Array(junctions); // the source from which a junction was reached
    const via = new Int32Array(junctions); // the arc by which it was, -1 at a source
    const perMetre = 1 / width;
    let first = new Int32Array(4).fill(-1);
    let count = 0;

    function clean() {
      for (let place = 0; place < count; place += 1) distance[touched[place]] = Infinity;
      count = 0;
    }

    function run(sources, limit) {
      clean();
      let highest = graph.longest;
      for (let row = 0; row < sources.count; row += 1) {
        if (sources.a[row] < Infinity && sources.a[row] > highest) highest = sources.a[row];
        if (sources.b[row] < Infinity && sources.b[row] > highest) highest = sources.b[row];
      }
      let size = 4;
      while (size < highest * perMetre + 3) size *= 2;
      if (size > first.length) first = new Int32Array(size).fill(-1);
      const mask = first.length - 1;
      let waiting = 0;
      function lower(node, metres, source, arc) {
        const old = distance[node];
        if (queued[node]) {
          const [before, after] = [previous[node], following[node]];
          if (before >= 0) following[before] = after;
          else first[Math.floor(old * perMetre) & mask] = after;
          if (after >= 0) previous[after] = before;
        } else {
          queued[node] = 1;
          waiting += 1;
          if (old === Infinity) {
            touched[count] = node;
            count += 1;
          }
        }
        distance[node] = metres;
        owner[node] = source;
        via[node] = arc;
        const slot = Math.floor(metres * perMetre) & mask;
        const after = first[slot];
        following[node] = after;
        previous[node] = -1;
        if (after >= 0) previous[after] = node;
        first[slot] = node;
      }
      for (let row = 0; row < sources.count; row += 1) {
        const [at, to] = [a[sources.chain[row]], b[sources.chain[row]]];
        if (sources.a[row] <= limit && sources.a[row] < distance[at]) lower(at, sources.a[row], row, -1);
        if (sources.b[row] <= limit && sources.b[row] < distance[to]) lower(to, sources.b[row], row, -1);
      }
      for (let bucket = 0; waiting > 0; ) {
        const slot = bucket & mask;
        const node = first[slot];
        if (node < 0) {
          bucket += 1;
          continue;
        }
        const after = following[node];
        first[slot] = after;
        if (after >= 0) previous[after] = -1;
        queued[node] = 0;
        waiting -= 1;
        const base = distance[node];
        const source = owner[node];
        for (let arc = rows[node]; arc < rows[node + 1]; arc += 1) {
          const metres = base + arcCost[arc];
          if (metres <= limit && metres < distance[head[arc]]) lower(head[arc], metres, source, arc);
        }
      }
      return count;
    }
    return { run, distance, touched, owner, via };
  }

  // What a way along one chain costs, without leaving it; the search goes against the direction of travel.
  function alongChain(sources, row, targets, zone, sameSpot) {
    if (sameSpot) return 0;
    const ahead = targets.down[zone] - sources.down[row];
    const back = sources.up[row] - targets.up[zone];
    let best = ahead >= 0 ? ahead : Infinity;
    if (back >= 0 && back < best) best = back;
    return best + (sources.leg[row] + targets.leg[zone]);
  }

  sj.openStreets = async function (block) {
    const streets = sj.streets.unpacked(block, await sj.streets.inflate(block.gz));
    const { mode, plane } = block;
    const zoneCount = streets.zones.edge.length;
    const known = Uint8Array.from(streets.outside, (one) => (one ? 0 : 1));
    const slow = 1000 * mode.speed;
    const inUnit = (metres, unit) => (unit === "metres" ? metres : (metres * 60) / slow);
    const inMetres = (cutoff, unit) => (unit === "metres" ? cutoff : (cutoff * slow) / 60);
    let cells = null;
    const asked = new Map(); // by unit: graph, zones joined to it, places joined to it

    function question(unit) {
      if (asked.has(unit)) return asked.get(unit);
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
      const graph = sj.streets.searched(streets, ahead, back);
      const leg = unit === "metres" ? 1 : mode.leg;
      const zones = sj.streets.attached(streets, graph, streets.zones, leg, false);
      const order = Int32Array.from({ length: zoneCount }, (_, zone) => zone)
        .filter((zone) => zones.chain[zone] >= 0)
        .sort((one, other) => zones.chain[one] - zones.chain[other] || one - other);
      const rows = new Int32Array(streets.chains + 1);
      for (const zone of order) rows[zones.chain[zone] + 1] += 1;
      for (let chain = 0; chain < streets.chains; chain += 1) rows[chain + 1] += rows[chain];
      const made = { unit, graph, leg, zones, order, rows, search: searcher(streets, graph), doors: new Map() };
      made.onChain = new Int32Array(streets.chains).fill(-1);
      made.chainsAt = null;
      asked.set(unit, made);
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
    const onOneSpot = (sources, row, zone) =>
      spot(sources.x[row]) === spot(streets.zones.x[zone]) && spot(sources.y[row]) === spot(streets.zones.y[zone]);

    function metresOf(ask, sources) {
      const { search, zones, order, onChain } = ask;
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
        let cost = Math.min(distance[streets.a[chain]] + zones.a[zone], distance[streets.b[chain]] + zones.b[zone]);
        for (let row = onChain[chain]; row >= 0; row = next[row]) {
          cost = Math.min(cost, alongChain(sources, row, zones, zone, onOneSpot(sources, row, zone)));
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
      const share = streets.turned[edge] ? 1 - on.fraction : on.fraction;
      const [chain, up, down, leg] = [joined.chain[0], joined.up[0], joined.down[0], joined.leg[0]];
      return { chain, up, down, leg, lat, lon, x, y, edge, share, offset: on.offset, street: latLon(edge, share) };
    }

    function snap(lat, lon) {
      cells = cells || sj.streets.cellsOf(streets);
      const { x, y } = pointOf(lat, lon);
      let edge = sj.streets.nearestEdge(streets, cells, x, y, mode.limit, false);
      let away = edge < 0 ? Infinity : sj.streets.foot(streets, edge, x, y).offset;
      // Nobody joins a motorway or a tunnel from beside it, but who is on it is on it.
      const on = sj.streets.nearestEdge(streets, cells, x, y, GROUND, true);
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

    // What is true of all people together: as report.standing and inequality.gini of the package have it.
    function summary(found, cutoff, people) {
      const counted = people || streets.people;
      const order = [];
      for (let zone = 0; zone < zoneCount; zone += 1) if (known[zone] && counted[zone] > 0) order.push(zone);
      order.sort((one, other) => (found[one] === found[other] ? one - other : found[one] < found[other] ? -1 : 1));
      let reached = 0;
      while (reached < order.length && found[order[reached]] < Infinity) reached += 1;
      let limit = 0;
      while (limit < reached && found[order[limit]] <= cutoff) limit += 1;
      const part = (begin, end) => sumOf(end - begin, (place) => counted[order[begin + place]]);
      const byWay = (begin, end, value) => sumOf(end - begin, (place) => value(order[begin + place], begin + place));
      const everyone = part(0, order.length);
      const withWay = part(0, reached);
      const total = byWay(0, reached, (zone) => counted[zone] * found[zone]);
      const rising = new Float64Array(order.length);
      for (let place = 0, sum = 0; place < order.length; place += 1) {
        sum += counted[order[place]];
        rising[place] = sum;
      }
      const sought = order.length ? rising[order.length - 1] * TENTH * HAIR : 0;
      let tenth = 0;
      while (tenth < order.length - 1 && rising[tenth] < sought) tenth += 1;
      const reachedPeople = reached ? rising[reached - 1] : 0;
      const standing = byWay(0, reached, (zone, place) => counted[zone] * (2 * rising[place] - counted[zone] - reachedPeople) * found[zone]);
      const every = sumOf(zoneCount, (zone) => (counted[zone] > 0 ? counted[zone] : 0));
      const made = {
        people: everyone,
        within: part(0, limit),
        beyond: part(limit, reached),
        unreached: part(reached, order.length),
        leftOut: every - everyone,
        mean: withWay > 0 ? total / withWay : NaN,
        worstTenth: order.length ? found[order[tenth]] : NaN,
        gini: total > 0 ? Math.max(0, standing / (reachedPeople * total)) : NaN,
        byGroup: {},
      };
      if (!people) for (const group of streets.groups) made.byGroup[group.key] = summary(found, cutoff, group.people);
      return made;
    }

    // Whom each of many single points brings within a limit: bounded searches, a zone at a time.
    function reachedBy(ask, sources, limit, visit) {
      const { search, zones, order, rows } = ask;
      const count = search.run(sources, limit);
      const { distance, touched } = search;
      ask.stamp = ask.stamp || new Int32Array(streets.chains);
      ask.turn = (ask.turn || 0) + 1;
      chainsAt(ask);
      function look(chain) {
        if (ask.stamp[chain] === ask.turn) return;
        ask.stamp[chain] = ask.turn;
        const [atA, atB] = [distance[streets.a[chain]], distance[streets.b[chain]]];
        for (let place = rows[chain]; place < rows[chain + 1]; place += 1) {
          const zone = order[place];
          let cost = Math.min(atA + zones.a[zone], atB + zones.b[zone]);
          for (let row = 0; row < sources.count; row += 1) {
            if (sources.chain[row] === chain) cost = Math.min(cost, alongChain(sources, row, zones, zone, onOneSpot(sources, row, zone)));
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
      const { junctions, chains, a, b } = streets;
      const begin = new Int32Array(junctions + 1);
      for (let chain = 0; chain < chains; chain += 1) {
        if (ask.rows[chain] === ask.rows[chain + 1]) continue;
        begin[a[chain] + 1] += 1;
        if (a[chain] !== b[chain]) begin[b[chain] + 1] += 1;
      }
      for (let node = 0; node < junctions; node += 1) begin[node + 1] += begin[node];
      const chain = new Int32Array(begin[junctions]);
      const next = begin.slice(0, junctions);
      for (let one = 0; one < chains; one += 1) {
        if (ask.rows[one] === ask.rows[one + 1]) continue;
        for (const node of a[one] === b[one] ? [a[one]] : [a[one], b[one]]) {
          chain[next[node]] = one;
          next[node] += 1;
        }
      }
      ask.chainsAt = { begin, chain };
    }

    function best(service, changes, cutoff) {
      const given = changes || {};
      const ask = question(given.unit || mode.unit);
      const now = costs(service, given);
      const { zones } = streets;
      const limit = inMetres(cutoff, ask.unit) * SLACK;
      const without = new Float64Array(zoneCount);
      for (let zone = 0; zone < zoneCount; zone += 1) {
        if (known[zone] && !(now[zone] <= cutoff)) without[zone] = streets.people[zone];
      }
      const joined = sj.streets.attached(streets, ask.graph, zones, ask.leg, true);
      let answer = { zone: -1, gained: 0 };
      for (let zone = 0; zone < zoneCount; zone += 1) {
        if (joined.chain[zone] < 0) continue;
        const sources = { count: 1, x: [zones.x[zone]], y: [zones.y[zone]] };
        for (const name of ["chain", "a", "b", "up", "down", "leg"]) sources[name] = [joined[name][zone]];
        let gained = 0;
        reachedBy(ask, sources, limit, function (home, metres) {
          if (without[home] && inUnit(metres, ask.unit) <= cutoff) gained += without[home];
        });
        if (gained > answer.gained) answer = { zone, gained };
      }
      return answer;
    }

    // how: {cutoff, supply (one number a place; 1 where missing), weight(cost)}; what was added has a supply of its own or 1.
    function catchments(service, changes, how) {
      const given = changes || {};
      const ask = question(given.unit || mode.unit);
      const all = sourcesOf(ask, service, given);
      const limit = inMetres(how.cutoff, ask.unit) * SLACK;
      const weight = how.weight || (() => 1);
      const found = new Float64Array(zoneCount);
      for (let begin = 0; begin < all.count; ) {
        let end = begin + 1;
        while (end < all.count && all.place[end] === all.place[begin]) end += 1;
        const sources = { count: end - begin };
        for (const name of ["chain", "a", "b", "up", "down", "leg", "x", "y"]) sources[name] = all[name].subarray(begin, end);
        const place = all.place[begin];
        const supply = place < 0 ? given.added[-1 - place].supply : how.supply && how.supply[place];
        const reached = [];
        let asking = 0;
        reachedBy(ask, sources, limit, function (zone, metres) {
          const cost = inUnit(metres, ask.unit);
          if (cost > how.cutoff) return;
          const share = weight(cost);
          if (!share) return;
          reached.push([zone, share]);
          asking += share * streets.people[zone];
        });
        const each = asking > 0 ? (supply === undefined ? 1 : supply) / asking : 0;
        for (const [zone, share] of reached) found[zone] += each * share;
        begin = end;
      }
      for (let zone = 0; zone < zoneCount; zone += 1) if (!known[zone]) found[zone] = NaN;
      return found;
    }

    const drawn = sj.streetLines(streets);

    function route(zone, service, changes) {
      const given = changes || {};
      const ask = question(given.unit || mode.unit);
      if (streets.zones.edge[zone] < 0) return null;
      const sources = sourcesOf(ask, service, given);
      const found = drawn.route(ask, sources, zone, (row) => alongChain(sources, row, ask.zones, zone, onOneSpot(sources, row, zone)));
      if (!found) return null;
      const place = found.place;
      const end = place < 0 ? [given.added[-1 - place].lat, given.added[-1 - place].lon] : null;
      const home = atZone(zone);
      const points = [[home.lat, home.lon], ...(onOneSpot(sources, found.row, zone) ? [] : found.points)];
      if (end) points.push(end);
      else points.push(drawn.latLonOf(plane, found.edge, found.x, found.y));
      return { points, cost: inUnit(found.metres, ask.unit), place: place < 0 ? -1 : place, added: place < 0 ? -1 - place : -1 };
    }

    function within(placement, cutoff, unit) {
      const ask = question(unit || mode.unit);
      const points = { edge: [placement.edge], x: [placement.x], y: [placement.y] };
      const source = sj.streets.attached(streets, ask.graph, points, ask.leg, true);
      return drawn.within(ask, Object.assign(source, { count: 1, edge: [placement.edge] }), placement, inMetres(cutoff, ask.unit));
    }

    const services = streets.services.map((one) => ({ key: one.key, title: one.title, places: one.places }));
    return {
      mode: mode.key, modes: [mode.key], unit: mode.unit, cutoffs: mode.cutoffs, limit: mode.limit, services,
      people: streets.people, groups: streets.groups, known, snap, atZone, costs, summary, route, best, within, catchments,
    };
  };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
