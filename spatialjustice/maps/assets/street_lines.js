// Lines along streets, for drawing: the way from a home to its nearest place, and streets within reach of a place.
"use strict";
(function (sj) {
  const { STEP } = sj.streets;

  sj.streetLines = function (streets) {
    const { chains, first, last, lat, lon } = streets;
    const nodeAt = (node) => [lat[node] * STEP, lon[node] * STEP];

    function onEdge(edge, share) {
      const [one, other] = [first[edge], last[edge]];
      return [(lat[one] + share * (lat[other] - lat[one])) * STEP, (lon[one] + share * (lon[other] - lon[one])) * STEP];
    }

    function shareOf(edge, x, y) {
      const on = sj.streets.foot(streets, edge, x, y);
      return streets.turned(edge) ? 1 - on.fraction : on.fraction;
    }

    // From one place of a chain to another; places are {edge, share}.
    function piece(from, to) {
      const ahead = from.edge < to.edge || (from.edge === to.edge && from.share <= to.share);
      const [low, high] = ahead ? [from, to] : [to, from];
      const points = [onEdge(low.edge, low.share)];
      for (let edge = low.edge; edge < high.edge; edge += 1) points.push(nodeAt(last[edge]));
      points.push(onEdge(high.edge, high.share));
      return ahead ? points : points.reverse();
    }

    const beginning = (chain) => ({ edge: streets.start[chain], share: 0 });
    const ending = (chain) => ({ edge: streets.start[chain + 1] - 1, share: 1 });

    // start: one point, its edge and where that joins the streets.
    function route(ask, sources, start, alongOf) {
      const { search, graph } = ask;
      search.run(sources, Infinity);
      const { distance, owner, via } = search;
      const { toA, toB, fromA, fromB } = graph;
      const [chain, edge] = [start.chain[0], start.edge[0]];
      const home = { edge, share: shareOf(edge, start.x[0], start.y[0]) };
      const placeOf = (row) => ({ edge: sources.edge[row], share: shareOf(sources.edge[row], sources.x[row], sources.y[row]) });
      let best = { metres: Infinity, row: -1, node: -1 };
      const byA = distance[toA[chain]] + start.a[0];
      const byB = distance[toB[chain]] + start.b[0];
      const end = (of, made) => (of < chains ? made(of) : home); // who is at a junction is there already
      if (byA < best.metres) best = { metres: byA, row: owner[toA[chain]], node: toA[chain], end: end(chain, beginning) };
      if (byB < best.metres) best = { metres: byB, row: owner[toB[chain]], node: toB[chain], end: end(chain, ending) };
      for (let row = 0; row < sources.count; row += 1) {
        if (sources.chain[row] !== chain) continue;
        const metres = alongOf(row);
        if (metres <= best.metres) best = { metres, row, node: -1 };
      }
      if (best.row < 0) return null;
      const points = [];
      if (best.node < 0) points.push(...piece(home, placeOf(best.row)));
      else {
        points.push(...piece(home, best.end));
        let node = best.node;
        while (via[node] >= 0) {
          // The arc leads from the node nearer to the place; the way home goes the other way round, over up to two chains.
          const arc = via[node];
          for (const way of [graph.by[arc], graph.round[arc]]) {
            const by = way % chains;
            if (way >= 0) points.push(...(way < chains ? piece(beginning(by), ending(by)) : piece(ending(by), beginning(by))));
          }
          node = graph.from[arc];
        }
        const to = sources.chain[best.row];
        const same = fromA[to] === fromB[to] ? sources.a[best.row] <= sources.b[best.row] : fromA[to] === node;
        const there = placeOf(best.row);
        points.push(...piece(to < chains ? (same ? beginning(to) : ending(to)) : there, there));
      }
      return {
        points: points.filter((point, place) => !place || point[0] !== points[place - 1][0] || point[1] !== points[place - 1][1]),
        metres: best.metres, row: best.row, place: sources.place[best.row], edge: sources.edge[best.row], x: sources.x[best.row], y: sources.y[best.row],
      };
    }

    const latLonOf = (plane, edge, x, y) => sj.streets.unprojected(plane, x, y, lon[first[edge]], lat[first[edge]]);

    // Streets from which a place is within a limit, cut where the limit falls; neighbours are joined to one line.
    function within(ask, source, placement, limit) {
      const { search, graph } = ask;
      const count = search.run(source, limit);
      const { distance, touched } = search;
      const near = new Uint8Array(graph.nodes);
      for (let place = 0; place < count; place += 1) near[touched[place]] = 1;
      const lines = [];
      for (let chain = 0; chain < streets.chains; chain += 1) {
        if (!streets.ways[chain]) continue;
        const own = chain === source.chain[0];
        if (!own && !near[graph.toA[chain]] && !near[graph.toB[chain]]) continue;
        let open = null;
        function add(from, to) {
          if (to.share - from.share <= 0 && from.edge === to.edge) return;
          const joined = open && open.edge + 1 === from.edge && open.share === 1 && from.share === 0;
          const again = open && open.edge === from.edge && open.share === from.share;
          if (joined || again) lines[lines.length - 1].push(onEdge(to.edge, to.share));
          else lines.push([onEdge(from.edge, from.share), onEdge(to.edge, to.share)]);
          open = to;
        }
        const [fromA, fromB] = [distance[graph.toA[chain]], distance[graph.toB[chain]]];
        // What a node of the chain costs: by either end, and along the chain itself where the place stands on it.
        function costAt(upTo, downTo) {
          let cost = downTo + fromA;
          if (graph.forward[chain] < Infinity) cost = Math.min(cost, graph.forward[chain] - upTo + fromB);
          if (own) {
            const ahead = downTo - source.down[0];
            const back = source.up[0] - upTo;
            if (ahead >= 0) cost = Math.min(cost, ahead + source.leg[0]);
            if (back >= 0) cost = Math.min(cost, back + source.leg[0]);
          }
          return cost;
        }
        function stretch(edge, begin, end, atBegin, atEnd) {
          // From the beginning one comes back down the edge, from the end up.
          const share = end - begin;
          const out = atBegin <= limit && graph.down[edge] < Infinity ? (limit - atBegin) / (graph.down[edge] * share) : 0;
          const back = atEnd <= limit && graph.up[edge] < Infinity ? (limit - atEnd) / (graph.up[edge] * share) : 0;
          if (out + back >= 1 || out >= 1 || back >= 1) return add({ edge, share: begin }, { edge, share: end });
          if (out > 0) add({ edge, share: begin }, { edge, share: begin + out * share });
          if (back > 0) add({ edge, share: end - back * share }, { edge, share: end });
          return undefined;
        }
        let [upTo, downTo] = [0, 0];
        for (let edge = streets.start[chain]; edge < streets.start[chain + 1]; edge += 1) {
          const atBegin = costAt(upTo, downTo);
          upTo += graph.up[edge];
          downTo += graph.down[edge];
          const atEnd = costAt(upTo, downTo);
          if (edge === placement.edge) {
            stretch(edge, 0, placement.share, atBegin, source.leg[0]);
            stretch(edge, placement.share, 1, source.leg[0], atEnd);
          } else stretch(edge, 0, 1, atBegin, atEnd);
        }
      }
      return lines;
    }

    return { route, within, latLonOf };
  };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
