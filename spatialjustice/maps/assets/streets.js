// The streets of modes inside a page: unpacked and looked up exactly as the package does it, to the last bit.
// Costs are whole steps of 2^-24 metres, which doubles add up exactly in any order. Nothing here touches the page.
"use strict";
(function (sj) {
  const GRID = Math.pow(2, -24); // metres in a step of cost
  const STEP = 1e-7; // degrees in a step of longitude or latitude
  const STRIP = 250; // metres: height of the strips in which nodes stand in order
  const RADIUS = 6.37e6; // metres: of the globe
  const GROUND = 0.01; // metres within which two points are one place, and within which a point is on a street
  const HALF_EVEN = 6755399441055744; // 1.5 * 2^52: adding and taking it away rounds as numpy.rint does

  const rint = (value) => (Math.abs(value) < 2251799813685248 ? value + HALF_EVEN - HALF_EVEN : value);
  const toGrid = (metres) => rint(metres / GRID) * GRID;
  const toMillimetres = (metres) => rint(metres * 1000) / 1000;

  async function inflate(text) {
    const plain = atob(text);
    const found = new Uint8Array(plain.length);
    for (let place = 0; place < plain.length; place += 1) found[place] = plain.charCodeAt(place);
    const stream = new Blob([found]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // One function for each width: engines are fast where a function always sees the same kind of array.
  function oneByte(raw, at, count) {
    const found = new Int8Array(count);
    for (let place = 0; place < count; place += 1) {
      const value = raw[at + place];
      found[place] = (value >>> 1) ^ -(value & 1);
    }
    return found;
  }

  function twoBytes(raw, at, count) {
    const found = new Int16Array(count);
    for (let place = 0; place < count; place += 1) {
      const value = raw[at + place] | (raw[at + count + place] << 8);
      found[place] = (value >>> 1) ^ -(value & 1);
    }
    return found;
  }

  function threeBytes(raw, at, count) {
    const found = new Int32Array(count);
    for (let place = 0; place < count; place += 1) {
      const value = raw[at + place] | (raw[at + count + place] << 8) | (raw[at + 2 * count + place] << 16);
      found[place] = (value >>> 1) ^ -(value & 1);
    }
    return found;
  }

  function manyBytes(raw, at, count, planes) {
    const found = new Float64Array(count);
    for (let place = 0; place < count; place += 1) {
      let value = 0;
      for (let plane = planes - 1; plane > 0; plane -= 1) value = value * 256 + raw[at + plane * count + place];
      const low = raw[at + place];
      value = value * 128 + (low >>> 1);
      found[place] = low & 1 ? -value - 1 : value;
    }
    return found;
  }

  // Streams one after another: planes of bytes, lowest first; 0, 1, 2, 3 stand for 0, -1, 1, -2; no planes for doubles.
  function reader(streams, raw) {
    let [at, next] = [0, 0];
    function doubles(count) {
      const bytes = new Uint8Array(8 * count);
      for (let plane = 0; plane < 8; plane += 1) {
        for (let place = 0; place < count; place += 1) bytes[8 * place + plane] = raw[at + plane * count + place];
      }
      at += 8 * count;
      return new Float64Array(bytes.buffer);
    }
    function whole(count, planes) {
      const found = (planes === 1 ? oneByte : planes === 2 ? twoBytes : planes === 3 ? threeBytes : manyBytes)(raw, at, count, planes);
      at += planes * count;
      return found;
    }
    return function (name) {
      const [called, count, planes] = streams[next];
      if (called !== name) throw new Error("streets: " + called + " where " + name + " should be");
      next += 1;
      return planes ? whole(count, planes) : doubles(count);
    };
  }

  function addedUp(steps) {
    const found = new Float64Array(steps.length);
    for (let place = 0, sum = 0; place < steps.length; place += 1) {
      sum += steps[place];
      found[place] = sum;
    }
    return found;
  }

  // The same polynomials in the same order as in Python: no sine of a browser's own.
  function powers(numbers, at) {
    let total = numbers[numbers.length - 1];
    for (let place = numbers.length - 2; place >= 0; place -= 1) total = total * at + numbers[place];
    return total;
  }

  function projected(rows, t, u) {
    let total = powers(rows[rows.length - 1], u);
    for (let place = rows.length - 2; place >= 0; place -= 1) total = total * t + powers(rows[place], u);
    return total;
  }

  // Latitude and longitude of a place in metres, for drawing: Newton's steps from a node near by.
  function unprojected(plane, x, y, lon, lat) {
    const at = (east, north) => {
      const [t, u] = [(east - plane.lon) * plane.per_lon, (north - plane.lat) * plane.per_lat];
      return [(plane.x + projected(plane.of_x, t, u)) / 1000, (plane.y + projected(plane.of_y, t, u)) / 1000];
    };
    const aside = 1000; // steps
    for (let turn = 0; turn < 4; turn += 1) {
      const [here, east, north] = [at(lon, lat), at(lon + aside, lat), at(lon, lat + aside)];
      const [a, b, c, d] = [east[0] - here[0], north[0] - here[0], east[1] - here[1], north[1] - here[1]];
      const [dx, dy] = [x - here[0], y - here[1]];
      lon += (aside * (d * dx - b * dy)) / (a * d - b * c);
      lat += (aside * (a * dy - c * dx)) / (a * d - b * c);
    }
    return [lat * STEP, lon * STEP];
  }

  // The share of the flat speed that is left on a slope; e to a power by its series.
  function exponential(power) {
    const small = power / 8;
    let total = 1;
    for (let term = 14; term > 0; term -= 1) total = 1 + (small * total) / term;
    for (let time = 0; time < 3; time += 1) total = total * total;
    return total;
  }

  function pace(slope, rise, length) {
    const [kind, numbers] = slope;
    const steepest = numbers[numbers.length - 1];
    const grade = Math.min(Math.max(length > 0 ? rise / length : 0, -steepest), steepest);
    if (kind === "walking") return exponential(-numbers[0] * (Math.abs(grade + numbers[1]) - numbers[1]));
    const speed = 1 - 100 * (grade > 0 ? numbers[0] : numbers[1]) * grade;
    return Math.min(Math.max(speed, numbers[2]), numbers[3]);
  }

  // Ends of chains, and where their edges begin. Small functions, because engines make those fast soonest.
  function ends(perJunction, heads, inner, chains) {
    const a = new Int32Array(chains);
    const b = new Int32Array(chains);
    const start = new Int32Array(chains + 1);
    for (let junction = 0, chain = 0; junction < perJunction.length; junction += 1) {
      let head = junction;
      for (let more = perJunction[junction]; more > 0; more -= 1, chain += 1) {
        head += heads[chain];
        a[chain] = junction;
        b[chain] = head;
        start[chain + 1] = start[chain] + inner[chain] + 1;
      }
    }
    return { a, b, start };
  }

  // Nodes and chain of every edge: junctions come first, then the other nodes in the order of edges.
  function edgesOf({ a, b, start }, junctions, edges) {
    const first = new Int32Array(edges);
    const last = new Int32Array(edges);
    const chainOf = new Int32Array(edges);
    for (let chain = 0, node = junctions; chain < a.length; chain += 1) {
      const end = start[chain + 1] - 1;
      first[start[chain]] = a[chain];
      last[end] = b[chain];
      chainOf[end] = chain;
      for (let edge = start[chain]; edge < end; edge += 1, node += 1) {
        chainOf[edge] = chain;
        last[edge] = node;
        first[edge + 1] = node;
      }
    }
    return { first, last, chainOf };
  }

  // Longitudes or latitudes: each inner node as a step off the straight line from the one before to the chain's end.
  function coordinates(atJunctions, off, { a, b, start }) {
    const junctions = atJunctions.length;
    const values = new Float64Array(junctions + off.length);
    for (let node = 0, sum = 0; node < junctions; node += 1) {
      sum += atJunctions[node];
      values[node] = sum;
    }
    for (let chain = 0, row = 0; chain < a.length; chain += 1) {
      let here = values[a[chain]];
      const end = values[b[chain]];
      for (let left = start[chain + 1] - start[chain]; left > 1; left -= 1, row += 1) {
        here = here + Math.trunc((end - here) / left) + off[row];
        values[junctions + row] = here;
      }
    }
    return values;
  }

  // Lengths in steps of costs: what the formula says, and what it leaves.
  function lengths(rest, { first, last }, lon, lat, { plane, ground }) {
    const found = new Float64Array(rest.length);
    for (let edge = 0; edge < rest.length; edge += 1) {
      const one = first[edge];
      const other = last[edge];
      const u = ((lat[one] + lat[other]) * 0.5 - plane.lat) * plane.per_lat;
      const across = (lon[other] - lon[one]) * powers(ground.of_lon, u);
      const along = (lat[other] - lat[one]) * powers(ground.of_lat, u);
      found[edge] = rint(Math.sqrt(across * across + along * along)) + rest[edge];
    }
    return found;
  }

  // What all modes share, as typed arrays.
  function unpacked(block, raw) {
    const read = reader(block.streams, raw);
    const [junctions, chains, edges] = block.counts;
    const chained = ends(read("chains"), read("heads"), read("inner"), chains);
    const edged = edgesOf(chained, junctions, edges);
    const { first } = edged;
    const [lonsAt, latsAt] = [read("junction lon"), read("junction lat")];
    const lon = coordinates(lonsAt, read("inner lon"), chained);
    const lat = coordinates(latsAt, read("inner lat"), chained);
    const plane = block.plane;
    const [restX, restY] = [read("rest of x"), read("rest of y")];
    // Metres of nodes, NaN until somebody looks: few of them are ever near a point.
    const [x, y] = [new Float64Array(lon.length).fill(NaN), new Float64Array(lon.length).fill(NaN)];
    function located(node) {
      if (x[node] === x[node]) return node;
      const t = (lon[node] - plane.lon) * plane.per_lon;
      const u = (lat[node] - plane.lat) * plane.per_lat;
      x[node] = (plane.x + rint(projected(plane.of_x, t, u)) + restX[node]) / 1000;
      y[node] = (plane.y + rint(projected(plane.of_y, t, u)) + restY[node]) / 1000;
      return node;
    }
    const rank = new Map();
    addedUp(read("twins")).forEach((node, place) => rank.set(node, place));
    // Whether a node stands before another one: by strips from south to north, and in each from west to east.
    function before(one, other) {
      located(one);
      located(other);
      const strips = Math.floor(y[one] / STRIP) - Math.floor(y[other] / STRIP);
      if (strips) return strips < 0;
      if (x[one] !== x[other]) return x[one] < x[other];
      if (y[one] !== y[other]) return y[one] < y[other];
      return rank.get(one) < rank.get(other);
    }
    const length = lengths(read("length"), edged, lon, lat, block);
    const rise = read("rise");
    function points() {
      const edge = Int32Array.from(addedUp(read("edge")));
      const [east, north] = [read("east"), read("north")];
      const found = { edge, x: new Float64Array(edge.length), y: new Float64Array(edge.length) };
      for (let place = 0; place < edge.length; place += 1) {
        const node = located(edge[place] < 0 ? 0 : first[edge[place]]);
        found.x[place] = (rint(x[node] * 1000) + east[place]) / 1000;
        found.y[place] = (rint(y[node] * 1000) + north[place]) / 1000;
      }
      return found;
    }
    const zones = points();
    const people = read("people");
    const groups = block.groups.map((one) => ({ key: one.key, title: one.title, people: read("group " + one.key) }));
    const services = block.services.map(function (one) {
      const place = addedUp(read("place"));
      const doors = points();
      const [lons, lats] = [addedUp(read("lon")), addedUp(read("lat"))];
      const places = [];
      for (let row = 0; row < lons.length; row += 1) {
        const names = Object.fromEntries(Object.entries(one.names).map(([lang, texts]) => [lang, texts[row]]));
        places.push({ id: row, name: names.name || null, names, lat: lats[row] * 1e-6, lon: lons[row] * 1e-6 });
      }
      return { key: one.key, title: one.title, places: places, doors: doors, doorPlace: place };
    });
    return { junctions, chains, edges, ...chained, ...edged, lon, lat, x, y, located, before, plane, length, rise, zones, people, groups, services };
  }

  // The edges that a mode has.
  function edgesThere({ chains, start }, ways, count) {
    const found = new Int32Array(count);
    for (let chain = 0, row = 0; chain < chains; chain += 1) {
      if (!ways[chain]) continue;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1, row += 1) found[row] = edge;
    }
    return found;
  }

  // Lengths as a mode has them, and how edges are joined: 0 from beside, 1 not, 2 not there.
  function measured(every, own, there) {
    const length = new Float64Array(every.length);
    const kind = new Uint8Array(every.length).fill(2);
    for (let row = 0; row < there.length; row += 1) {
      const edge = there[row];
      length[edge] = every[edge] + own.length[row];
      kind[edge] = own.apart[row];
    }
    return { length, kind };
  }

  // Costs of all edges in both directions: what formulas say, and what they leave.
  function costs({ chains, start, rise }, mode, ways, told, length) {
    const up = new Float64Array(length.length).fill(Infinity);
    const down = new Float64Array(length.length).fill(Infinity);
    const ratios = Float64Array.from(mode.predictors, (one) => one[0]);
    const sloping = Uint8Array.from(mode.predictors, (one) => one[1]);
    function predicted(formula, edge, sign) {
      const flat = length[edge] * ratios[formula];
      return rint(sloping[formula] ? flat / pace(mode.slope, (sign * rise[edge]) / 1000, length[edge] * GRID) : flat);
    }
    for (let chain = 0, one = 0, both = 0; chain < chains; chain += 1) {
      const way = ways[chain];
      if (way < 2) continue;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1, one += 1) {
        const formula = told.formula[one];
        const cost = predicted(formula, edge, way === 3 ? -1 : 1) + told.rest[one];
        if (way === 3) down[edge] = cost * GRID;
        else up[edge] = cost * GRID;
        if (way < 4) continue;
        const more = told.backFormula[both];
        const back = !more && !sloping[formula] ? cost : predicted(formula + more, edge, -1);
        down[edge] = (back + told.backRest[both]) * GRID;
        both += 1;
      }
    }
    return { up, down };
  }

  // The streets as one mode may use them: costs in metres at its speed, Infinity where it may not.
  function ofMode(shared, mode, raw) {
    const read = reader(mode.streams, raw);
    const { first, last } = shared;
    const ways = Uint8Array.from(read("ways")); // of chains: 0 not there, 1 closed, 2 open along it, 3 against it, 4 both ways
    const told = { formula: read("formula"), rest: read("rest"), backFormula: read("back formula"), backRest: read("back rest") };
    const own = { length: read("length"), apart: read("apart") };
    const there = edgesThere(shared, ways, own.length.length);
    const { length, kind } = measured(shared.length, own, there);
    const { up, down } = costs(shared, mode, ways, told, length);
    for (let edge = 0; edge < length.length; edge += 1) length[edge] *= GRID;
    const turns = new Uint8Array(length.length).fill(2); // 2 until somebody asks
    let rank = null;
    if (!mode.ordered) {
      rank = new Float64Array(length.length);
      addedUp(read("order")).forEach((place, row) => (rank[there[row]] = place));
      read("turned").forEach((turn, row) => (turns[there[row]] = turn));
    }
    const graph = mode.turns ? turning(shared, read) : { nodes: shared.junctions, ...freely(shared), junctions: [], starts: [], ends: [], tails: [], heads: [], over: [], back: [] };
    // Whether Python has the ends of an edge the other way round.
    function turned(edge) {
      if (turns[edge] === 2) turns[edge] = shared.before(last[edge], first[edge]) ? 1 : 0;
      return turns[edge] === 1;
    }
    // Where its points join the streets of this mode, which need not be where they join those of another one.
    function joined(points) {
      const more = read("edge");
      return Object.assign({}, points, { edge: points.edge.map((edge, row) => edge + more[row]) });
    }
    const zones = joined(shared.zones);
    const outside = read("outside");
    const services = shared.services.map((service) => Object.assign({}, service, { doors: joined(service.doors) }));
    return Object.assign({}, shared, { ways, length, up, down, kind, turned, rank, zones, outside, services, turning: graph });
  }

  // Nodes of chains, first in their direction and then against it: where one leaves, arrives, and comes to places on them.
  function freely({ a, b }) {
    const both = (one, other) => {
      const nodes = new Int32Array(2 * a.length);
      nodes.set(one);
      nodes.set(other, a.length);
      return nodes;
    };
    return { leave: both(a, b), arrive: both(b, a), enter: both(a, b) };
  }

  // The graph where turns are forbidden: more nodes at junctions, and arcs that pass up to two chains or none (-1).
  function turning(shared, read) {
    const [more] = read("turn nodes");
    const found = { nodes: shared.junctions + more, ...freely(shared) };
    const ways = addedUp(read("turn ways"));
    for (const name of ["leave", "arrive", "enter"]) read(name).forEach((node, row) => (found[name][ways[row]] = node));
    for (const name of ["tails", "heads", "over", "back", "junctions", "starts", "ends"]) found[name] = Int32Array.from(read("turn " + name));
    return found;
  }

  // Where on an edge a point joins it: the fraction from the node that comes first, as Python counts it.
  function foot(streets, edge, px, py) {
    const turned = streets.turned(edge);
    const one = streets.located(turned ? streets.last[edge] : streets.first[edge]);
    const other = streets.located(turned ? streets.first[edge] : streets.last[edge]);
    const xu = streets.x[one];
    const yu = streets.y[one];
    const dx = streets.x[other] - xu;
    const dy = streets.y[other] - yu;
    const squared = dx * dx + dy * dy;
    let fraction = squared > 0 ? ((px - xu) * dx + (py - yu) * dy) / squared : 0;
    fraction = Math.min(Math.max(fraction, 0), 1);
    const x = xu + fraction * dx;
    const y = yu + fraction * dy;
    return { fraction, x, y, offset: Math.sqrt((px - x) * (px - x) + (py - y) * (py - y)) };
  }

  // The rectangle around every chain, in steps of longitude and latitude: west, south, east, north. A street may lie
  // outside by the metres of `slack`: nodes are known to centimetres there, and what is straight on the plane is not on a globe.
  function boxesOf(shared) {
    const { chains, a, start, last, lon, lat, length } = shared;
    const longest = length.reduce((most, one) => (one > most ? one : most), 0) * GRID;
    const boxes = new Float64Array(4 * chains);
    for (let chain = 0; chain < chains; chain += 1) {
      let west = lon[a[chain]];
      let south = lat[a[chain]];
      let east = west;
      let north = south;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1) {
        const here = lon[last[edge]];
        const there = lat[last[edge]];
        if (here < west) west = here;
        else if (here > east) east = here;
        if (there < south) south = there;
        else if (there > north) north = there;
      }
      boxes[4 * chain] = west;
      boxes[4 * chain + 1] = south;
      boxes[4 * chain + 2] = east;
      boxes[4 * chain + 3] = north;
    }
    return { boxes, slack: 0.1 + (10 * longest * longest) / (8 * RADIUS) };
  }

  // The distance as GEOS takes it, so that ties are the same ties.
  function distance(streets, edge, px, py) {
    const turned = streets.turned(edge);
    const one = streets.located(turned ? streets.last[edge] : streets.first[edge]);
    const other = streets.located(turned ? streets.first[edge] : streets.last[edge]);
    const ax = streets.x[one];
    const ay = streets.y[one];
    const bx = streets.x[other];
    const by = streets.y[other];
    const squared = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
    const along = squared > 0 ? ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / squared : 0;
    if (along <= 0) return Math.sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay));
    if (along >= 1) return Math.sqrt((px - bx) * (px - bx) + (py - by) * (py - by));
    return Math.abs(((ay - py) * (bx - ax) - (ax - px) * (by - ay)) / squared) * Math.sqrt(squared);
  }

  // Of equally near edges the one that comes first in Python.
  function comesFirst(streets, one, other) {
    if (streets.rank) return streets.rank[one] < streets.rank[other];
    const ends = (edge) => (streets.turned(edge) ? [streets.last[edge], streets.first[edge]] : [streets.first[edge], streets.last[edge]]);
    const [[u, v], [w, z]] = [ends(one), ends(other)];
    return u === w ? v !== z && streets.before(v, z) : streets.before(u, w);
  }

  // at: {x, y, lon, lat}, metres and steps; the nearest edge that is apart or not, within a limit, -1 where there is none.
  function nearestEdge(streets, { boxes, slack }, at, limit, apart) {
    const { plane, chains, start, ways, kind } = streets;
    const wanted = apart ? 1 : 0;
    // What a step is long here, and a tenth less: nothing that may be as near is left out.
    const t = (at.lon - plane.lon) * plane.per_lon;
    const u = (at.lat - plane.lat) * plane.per_lat;
    const aside = 1e-4;
    const change = (rows, dt, du) => (projected(rows, t + dt, u + du) - projected(rows, t, u)) / aside / 1000;
    const longOf = (dt, du) => 0.9 * Math.hypot(change(plane.of_x, dt, du), change(plane.of_y, dt, du));
    const perLon = longOf(aside, 0) * plane.per_lon;
    const perLat = longOf(0, aside) * plane.per_lat;
    let [best, found] = [Infinity, -1];
    let bound = limit + slack;
    for (let chain = 0; chain < chains; chain += 1) {
      if (!ways[chain]) continue;
      const up = Math.max(boxes[4 * chain + 1] - at.lat, at.lat - boxes[4 * chain + 3], 0) * perLat;
      if (up > bound) continue;
      const along = Math.max(boxes[4 * chain] - at.lon, at.lon - boxes[4 * chain + 2], 0) * perLon;
      if (along > bound || up * up + along * along > bound * bound) continue;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1) {
        if (kind[edge] !== wanted) continue;
        const away = distance(streets, edge, at.x, at.y);
        if (away < best || (away === best && comesFirst(streets, edge, found))) {
          best = away;
          found = edge;
        }
      }
      if (best + slack < bound) bound = best + slack;
    }
    return found;
  }

  sj.streets = { GRID, STEP, GROUND, rint, toGrid, toMillimetres, inflate, unpacked, ofMode, foot, boxesOf, nearestEdge, projected, unprojected };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
