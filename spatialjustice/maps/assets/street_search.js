// Searches along the streets of a page, and where points join them: as the package has it, to the last bit.
"use strict";
(function (sj) {
  const { toGrid, foot } = sj.streets;

  // One cost of every edge: what it comes to along chains, and the arcs over which a search goes backwards.
  function searched(streets, up, down) {
    const { junctions, chains, edges, a, b, start } = streets;
    const beforeUp = new Float64Array(edges);
    const beforeDown = new Float64Array(edges);
    const whole = [new Float64Array(chains), new Float64Array(chains)];
    const many = new Int32Array(junctions);
    for (let chain = 0; chain < chains; chain += 1) {
      let sumUp = 0;
      let sumDown = 0;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1) {
        beforeUp[edge] = up[edge] < Infinity ? sumUp : NaN;
        beforeDown[edge] = down[edge] < Infinity ? sumDown : NaN;
        sumUp += up[edge];
        sumDown += down[edge];
      }
      whole[0][chain] = sumUp;
      whole[1][chain] = sumDown;
      if (!streets.ways[chain]) continue;
      many[a[chain]] += 1;
      many[b[chain]] += 1;
    }
    const dead = Uint8Array.from(many, (count) => (count === 1 ? 1 : 0));
    // Against the direction of travel: from b to a at the cost from a to b.
    const rows = new Int32Array(junctions + 1);
    const leads = (chain, cost) => cost < Infinity && a[chain] !== b[chain] && !dead[a[chain]] && !dead[b[chain]];
    for (let chain = 0; chain < chains; chain += 1) {
      if (leads(chain, whole[0][chain])) rows[b[chain] + 1] += 1;
      if (leads(chain, whole[1][chain])) rows[a[chain] + 1] += 1;
    }
    for (let node = 0; node < junctions; node += 1) rows[node + 1] += rows[node];
    const head = new Int32Array(rows[junctions]);
    const cost = new Float64Array(rows[junctions]);
    const by = new Int32Array(rows[junctions]);
    const place = rows.slice(0, junctions);
    let [sum, longest] = [0, 0];
    function arc(tail, to, chain, metres) {
      head[place[tail]] = to;
      by[place[tail]] = chain;
      cost[place[tail]] = metres;
      place[tail] += 1;
      sum += metres;
      if (metres > longest) longest = metres;
    }
    for (let chain = 0; chain < chains; chain += 1) {
      if (leads(chain, whole[0][chain])) arc(b[chain], a[chain], chain, whole[0][chain]);
      if (leads(chain, whole[1][chain])) arc(a[chain], b[chain], chain, whole[1][chain]);
    }
    const width = head.length ? Math.max(sum / head.length, longest / 1e6, 1) : 1;
    return { up, down, beforeUp, beforeDown, forward: whole[0], backward: whole[1], dead, rows, head, cost, by, width, longest };
  }

  // The place of points along their chains: snap.costs_to_junctions of the package, line by line.
  function attached(streets, graph, points, leg, towards) {
    const count = points.edge.length;
    const made = { chain: new Int32Array(count) };
    for (const name of ["a", "b", "up", "down", "leg"]) made[name] = new Float64Array(count);
    for (let row = 0; row < count; row += 1) {
      const edge = points.edge[row];
      if (edge < 0) {
        made.chain[row] = -1;
        continue;
      }
      const chain = streets.chainOf[edge];
      const on = foot(streets, edge, points.x[row], points.y[row]);
      const turned = streets.turned(edge);
      const ahead = turned ? graph.down[edge] : graph.up[edge];
      const back = turned ? graph.up[edge] : graph.down[edge];
      const partAhead = toGrid(ahead * on.fraction);
      const partBack = toGrid(back * on.fraction);
      const up = graph.beforeUp[edge] + (turned ? back - partBack : partAhead);
      const down = graph.beforeDown[edge] + (turned ? ahead - partAhead : partBack);
      const at = turned ? 1 - on.fraction : on.fraction;
      const atA = edge === streets.start[chain] && at === 0;
      const atB = edge === streets.start[chain + 1] - 1 && at === 1;
      let costA = towards ? up : down;
      let costB = towards ? graph.backward[chain] - down : graph.forward[chain] - up;
      if (atA) costA = 0;
      else if ((atB && !graph.dead[streets.b[chain]]) || Number.isNaN(costA)) costA = Infinity;
      if (atB) costB = 0;
      else if ((atA && !graph.dead[streets.a[chain]]) || Number.isNaN(costB)) costB = Infinity;
      const legs = toGrid(on.offset * leg);
      made.chain[row] = chain;
      made.a[row] = costA + legs;
      made.b[row] = costB + legs;
      made.up[row] = up;
      made.down[row] = down;
      made.leg[row] = legs;
    }
    return made;
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
          const before = previous[node];
          const after = following[node];
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
        const at = a[sources.chain[row]];
        const to = b[sources.chain[row]];
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

  // Positions by the chain that they are on, each chain's in their order; those on none are left out.
  function sortedBy(chain, chains) {
    const rows = new Int32Array(chains + 1);
    for (let place = 0; place < chain.length; place += 1) if (chain[place] >= 0) rows[chain[place] + 1] += 1;
    for (let one = 0; one < chains; one += 1) rows[one + 1] += rows[one];
    const order = new Int32Array(rows[chains]);
    const next = rows.slice(0, chains);
    for (let place = 0; place < chain.length; place += 1) {
      if (chain[place] < 0) continue;
      order[next[chain[place]]] = place;
      next[chain[place]] += 1;
    }
    return { rows, order };
  }

  Object.assign(sj.streets, { searched, sortedBy, attached, searcher, alongChain });
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
