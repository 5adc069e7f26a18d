// Searches along the streets of a page, and where points join them: as the package has it, to the last bit.
"use strict";
(function (sj) {
  const { toGrid, foot } = sj.streets;

  // One cost of every edge: what it comes to along chains, and the arcs over which a search goes backwards. Outward, for
  // which costs come turned round, it goes the way one travels. Where turns are forbidden junctions have several nodes.
  function searched(streets, up, down, outward) {
    const { junctions, chains, edges, a, b, start, turning } = streets;
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
    const { leave, arrive, enter, nodes } = turning;
    // Ways are chains with the direction of travel; against it the search goes from where one arrives to where one leaves.
    const costOf = (way) => whole[way < chains === !outward ? 0 : 1][way % chains];
    const [tails, heads] = outward ? [leave, arrive] : [arrive, leave];
    function* arcs() {
      for (let chain = 0; chain < chains; chain += 1) {
        if (dead[a[chain]] || dead[b[chain]]) continue;
        for (const way of outward ? [chain + chains, chain] : [chain, chain + chains]) {
          const metres = costOf(way);
          if (metres < Infinity && leave[way] !== arrive[way]) yield [tails[way], heads[way], way, metres, -1];
        }
      }
      for (let row = 0; row < turning.tails.length; row += 1) {
        const [over, back] = [turning.over[row], turning.back[row]];
        const metres = (over < 0 ? 0 : costOf(over)) + (back < 0 ? 0 : costOf(back));
        const [tail, to] = outward ? [turning.tails[row], turning.heads[row]] : [turning.heads[row], turning.tails[row]];
        if (metres < Infinity) yield [tail, to, over, metres, back];
      }
    }
    const rows = new Int32Array(nodes + 1);
    for (const [tail] of arcs()) rows[tail + 1] += 1;
    for (let node = 0; node < nodes; node += 1) rows[node + 1] += rows[node];
    const [head, from, by, round] = [0, 1, 2, 3].map(() => new Int32Array(rows[nodes]));
    const cost = new Float64Array(rows[nodes]);
    const place = rows.slice(0, nodes);
    let [sum, longest] = [0, 0];
    for (const [tail, to, way, metres, back] of arcs()) {
      const at = place[tail];
      [head[at], from[at], by[at], cost[at], round[at]] = [to, tail, way, metres, back];
      place[tail] += 1;
      sum += metres;
      if (metres > longest) longest = metres;
    }
    const width = head.length ? Math.max(sum / head.length, longest / 1e6, 1) : 1;
    // At which nodes points on chains are, those from which a search sets out and those that it looks for. Points at a
    // junction with forbidden turns have a chain of their own, behind all others.
    const at = (ways, side, more) => Int32Array.from([...ways.subarray(side * chains, (side + 1) * chains), ...more]);
    const { starts, ends } = turning;
    const [sources, targets] = outward ? [starts, ends] : [ends, starts];
    const [fromA, fromB] = outward ? [at(arrive, 1, sources), at(arrive, 0, sources)] : [at(enter, 0, sources), at(enter, 1, sources)];
    const [toA, toB] = outward ? [at(enter, 0, targets), at(enter, 1, targets)] : [at(arrive, 1, targets), at(arrive, 0, targets)];
    const special = new Map(Array.from(turning.junctions, (junction, row) => [junction, chains + row]));
    return {
      up, down, beforeUp, beforeDown, forward: whole[0], backward: whole[1], dead, rows, head, from, cost, by, round, width, longest,
      nodes, special, chains: toA.length, fromA, fromB, toA, toB,
    };
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
      // Who is at a junction with forbidden turns came from nowhere, and may go anywhere.
      const special = atA ? graph.special.get(streets.a[chain]) : atB ? graph.special.get(streets.b[chain]) : undefined;
      const there = special !== undefined;
      made.chain[row] = there ? special : chain;
      made.a[row] = there ? legs : costA + legs;
      made.b[row] = there ? Infinity : costB + legs;
      made.up[row] = there ? 0 : up;
      made.down[row] = there ? 0 : down;
      made.leg[row] = legs;
    }
    return made;
  }

  // A search over junctions with a ring of buckets, as search/shortest_paths.py has it; `limit` may be Infinity.
  function searcher(graph) {
    const { nodes, fromA, fromB, rows, head, cost: arcCost, width } = graph;
    const distance = new Float64Array(nodes).fill(Infinity);
    const touched = new Int32Array(nodes);
    const following = new Int32Array(nodes);
    const previous = new Int32Array(nodes);
    const queued = new Uint8Array(nodes);
    const owner = new Int32Array(nodes); // the source from which a node was reached
    const via = new Int32Array(nodes); // the arc by which it was, -1 at a source
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
        const at = fromA[sources.chain[row]];
        const to = fromB[sources.chain[row]];
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
