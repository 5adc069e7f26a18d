// The streets of modes inside a page: unpacked and looked up exactly as the package does it, to the last bit.
// Costs are whole steps of 2^-24 metres, which doubles add up exactly in any order. Nothing here touches the page.
"use strict";
(function (sj) {
  const GRID = Math.pow(2, -24); // metres in a step of cost
  const STEP = 1e-7; // degrees in a step of longitude or latitude
  const STRIP = 250; // metres: height of the strips in which nodes stand in order
  const CELL = 60; // metres: side of the cells in which streets are looked up
  const CELLS = 1e6; // at most so many of them
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
      const found = new Float64Array(count);
      if (planes === 1) {
        for (let place = 0; place < count; place += 1) {
          const value = raw[at + place];
          found[place] = (value >>> 1) ^ -(value & 1);
        }
      } else if (planes <= 3) {
        for (let place = 0; place < count; place += 1) {
          const value = raw[at + place] | (raw[at + count + place] << 8) | (planes > 2 ? raw[at + 2 * count + place] << 16 : 0);
          found[place] = (value >>> 1) ^ -(value & 1);
        }
      } else {
        for (let place = 0; place < count; place += 1) {
          let value = 0;
          for (let plane = planes - 1; plane > 0; plane -= 1) value = value * 256 + raw[at + plane * count + place];
          const low = raw[at + place];
          value = value * 128 + (low >>> 1);
          found[place] = low & 1 ? -value - 1 : value;
        }
      }
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
    let sum = 0;
    for (let place = 0; place < steps.length; place += 1) {
      sum += steps[place];
      steps[place] = sum;
    }
    return steps;
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

  // What all modes share, as typed arrays.
  function unpacked(block, raw) {
    const read = reader(block.streams, raw);
    const [junctions, chains, edges] = block.counts;
    const perJunction = read("chains");
    const heads = read("heads");
    const inner = read("inner");
    const a = new Int32Array(chains);
    const b = new Int32Array(chains);
    const start = new Int32Array(chains + 1);
    for (let junction = 0, chain = 0; junction < junctions; junction += 1) {
      let head = junction;
      for (let more = perJunction[junction]; more > 0; more -= 1, chain += 1) {
        head += heads[chain];
        a[chain] = junction;
        b[chain] = head;
        start[chain + 1] = start[chain] + inner[chain] + 1;
      }
    }
    const nodes = junctions + edges - chains;
    const lon = new Float64Array(nodes);
    const lat = new Float64Array(nodes);
    lon.set(addedUp(read("junction lon")));
    lat.set(addedUp(read("junction lat")));
    const first = new Int32Array(edges);
    const last = new Int32Array(edges);
    const chainOf = new Int32Array(edges);
    for (const [name, values] of [["lon", lon], ["lat", lat]]) {
      const off = read("inner " + name);
      for (let chain = 0, node = junctions; chain < chains; chain += 1) {
        let before = a[chain];
        const end = values[b[chain]];
        const many = start[chain + 1] - start[chain];
        for (let left = many; left > 0; left -= 1) {
          const edge = start[chain + 1] - left;
          first[edge] = before;
          chainOf[edge] = chain;
          if (left > 1) {
            const here = values[before];
            values[node] = here + Math.trunc((end - here) / left) + off[node - junctions];
            before = node;
            node += 1;
          } else before = b[chain];
          last[edge] = before;
        }
      }
    }
    const plane = block.plane;
    const [restX, restY] = [read("rest of x"), read("rest of y")];
    const x = new Float64Array(nodes);
    const y = new Float64Array(nodes);
    for (let node = 0; node < nodes; node += 1) {
      const t = (lon[node] - plane.lon) * plane.per_lon;
      const u = (lat[node] - plane.lat) * plane.per_lat;
      x[node] = (plane.x + rint(projected(plane.of_x, t, u)) + restX[node]) / 1000;
      y[node] = (plane.y + rint(projected(plane.of_y, t, u)) + restY[node]) / 1000;
    }
    const rank = new Map();
    addedUp(read("twins")).forEach((node, place) => rank.set(node, place));
    // Whether a node stands before another one: by strips from south to north, and in each from west to east.
    function before(one, other) {
      const strips = Math.floor(y[one] / STRIP) - Math.floor(y[other] / STRIP);
      if (strips) return strips < 0;
      if (x[one] !== x[other]) return x[one] < x[other];
      if (y[one] !== y[other]) return y[one] < y[other];
      return rank.get(one) < rank.get(other);
    }
    const length = read("length");
    for (let edge = 0; edge < edges; edge += 1) {
      const [one, other] = [first[edge], last[edge]];
      const u = ((lat[one] + lat[other]) * 0.5 - plane.lat) * plane.per_lat;
      const across = (lon[other] - lon[one]) * powers(block.ground.of_lon, u);
      const along = (lat[other] - lat[one]) * powers(block.ground.of_lat, u);
      length[edge] += rint(Math.sqrt(across * across + along * along));
    }
    const rise = read("rise");
    function points() {
      const edge = Int32Array.from(addedUp(read("edge")));
      const [px, py] = [read("east"), read("north")];
      for (let place = 0; place < edge.length; place += 1) {
        const node = edge[place] < 0 ? 0 : first[edge[place]];
        px[place] = (rint(x[node] * 1000) + px[place]) / 1000;
        py[place] = (rint(y[node] * 1000) + py[place]) / 1000;
      }
      return { edge, x: px, y: py };
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
    return { junctions, chains, edges, a, b, start, chainOf, first, last, lon, lat, x, y, before, plane, length, rise, zones, people, groups, services };
  }

  // The streets as one mode may use them: costs in metres at its speed, Infinity where it may not.
  function ofMode(shared, mode, raw) {
    const read = reader(mode.streams, raw);
    const { chains, edges, start, chainOf, first, last, rise } = shared;
    const ways = Uint8Array.from(read("ways")); // of chains: 0 not there, 1 closed, 2 open along it, 3 against it, 4 both ways
    const [formulas, rests, backFormulas, backRests] = ["formula", "rest", "back formula", "back rest"].map(read);
    const [lengths, aparts] = [read("length"), read("apart")];
    const order = mode.ordered ? null : addedUp(read("order"));
    const turns = mode.ordered ? null : read("turned");
    const [up, down] = [new Float64Array(edges).fill(Infinity), new Float64Array(edges).fill(Infinity)];
    const length = new Float64Array(edges);
    const kind = new Uint8Array(edges).fill(2); // 0 joined from beside, 1 not, 2 not there
    const turned = new Uint8Array(edges);
    const rank = mode.ordered ? null : new Float64Array(edges);
    let [there, one, both] = [0, 0, 0];
    function predicted(predictor, edge, sign) {
      const flat = length[edge] * predictor[0];
      return rint(predictor[1] ? flat / pace(mode.slope, (sign * rise[edge]) / 1000, length[edge] * GRID) : flat);
    }
    for (let chain = 0; chain < chains; chain += 1) {
      const way = ways[chain];
      if (!way) continue;
      for (let edge = start[chain]; edge < start[chain + 1]; edge += 1) {
        length[edge] = shared.length[edge] + lengths[there];
        kind[edge] = aparts[there];
        if (order) [rank[edge], turned[edge]] = [order[there], turns[there]];
        else turned[edge] = shared.before(last[edge], first[edge]) ? 1 : 0;
        there += 1;
        if (way === 1) continue;
        const predictor = mode.predictors[formulas[one]];
        const rest = rests[one];
        const cost = predicted(predictor, edge, way === 3 ? -1 : 1) + rest;
        if (way === 3) down[edge] = cost * GRID;
        else up[edge] = cost * GRID;
        if (way === 4) {
          const same = !backFormulas[both] && !predictor[1];
          down[edge] = (same ? cost + backRests[both] : predicted(mode.predictors[formulas[one] + backFormulas[both]], edge, -1) + backRests[both]) * GRID;
          both += 1;
        }
        one += 1;
      }
    }
    for (let edge = 0; edge < edges; edge += 1) length[edge] *= GRID;
    // Where its points join the streets of this mode, which need not be where they join those of another one.
    const joined = (points) => Object.assign({}, points, { edge: read("edge").reduce((made, more, row) => ((made[row] = points.edge[row] + more), made), new Int32Array(points.edge.length)) });
    const zones = joined(shared.zones);
    const outside = read("outside");
    const services = shared.services.map((service) => Object.assign({}, service, { doors: joined(service.doors) }));
    return Object.assign({}, shared, { ways, length, up, down, kind, turned, rank, zones, outside, services });
  }

  // Where on an edge a point joins it: the fraction from the node that comes first, as Python counts it.
  function foot(streets, edge, px, py) {
    const turned = streets.turned[edge];
    const one = turned ? streets.last[edge] : streets.first[edge];
    const other = turned ? streets.first[edge] : streets.last[edge];
    const [xu, yu] = [streets.x[one], streets.y[one]];
    const [dx, dy] = [streets.x[other] - xu, streets.y[other] - yu];
    const squared = dx * dx + dy * dy;
    let fraction = squared > 0 ? ((px - xu) * dx + (py - yu) * dy) / squared : 0;
    fraction = Math.min(Math.max(fraction, 0), 1);
    const [x, y] = [xu + fraction * dx, yu + fraction * dy];
    return { fraction, x, y, offset: Math.sqrt((px - x) * (px - x) + (py - y) * (py - y)) };
  }

  // Streets by the cells that they cross.
  function cellsOf(streets) {
    const { edges, first, last, x, y } = streets;
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let node = 0; node < x.length; node += 1) {
      if (x[node] < west) west = x[node];
      if (x[node] > east) east = x[node];
      if (y[node] < south) south = y[node];
      if (y[node] > north) north = y[node];
    }
    const side = Math.max(CELL, Math.sqrt(((east - west) * (north - south)) / CELLS));
    const columns = Math.floor((east - west) / side) + 1;
    const lines = Math.floor((north - south) / side) + 1;
    const begin = new Int32Array(columns * lines + 1);
    function each(visit) {
      for (let edge = 0; edge < edges; edge += 1) {
        const [one, other] = [first[edge], last[edge]];
        const left = Math.floor((Math.min(x[one], x[other]) - west) / side);
        const right = Math.floor((Math.max(x[one], x[other]) - west) / side);
        const below = Math.floor((Math.min(y[one], y[other]) - south) / side);
        const above = Math.floor((Math.max(y[one], y[other]) - south) / side);
        for (let line = below; line <= above; line += 1) {
          for (let column = left; column <= right; column += 1) visit(line * columns + column, edge);
        }
      }
    }
    each((cell) => (begin[cell + 1] += 1));
    for (let cell = 0; cell < columns * lines; cell += 1) begin[cell + 1] += begin[cell];
    const within = new Int32Array(begin[columns * lines]);
    const next = begin.slice(0, columns * lines);
    each(function (cell, edge) {
      within[next[cell]] = edge;
      next[cell] += 1;
    });
    return { west, south, side, columns, lines, begin, within };
  }

  // The distance as GEOS takes it, so that ties are the same ties.
  function distance(streets, edge, px, py) {
    const turned = streets.turned[edge];
    const one = turned ? streets.last[edge] : streets.first[edge];
    const other = turned ? streets.first[edge] : streets.last[edge];
    const [ax, ay, bx, by] = [streets.x[one], streets.y[one], streets.x[other], streets.y[other]];
    const squared = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
    const along = squared > 0 ? ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / squared : 0;
    if (along <= 0) return Math.sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay));
    if (along >= 1) return Math.sqrt((px - bx) * (px - bx) + (py - by) * (py - by));
    return Math.abs(((ay - py) * (bx - ax) - (ax - px) * (by - ay)) / squared) * Math.sqrt(squared);
  }

  // Of equally near edges the one that comes first in Python.
  function comesFirst(streets, one, other) {
    if (streets.rank) return streets.rank[one] < streets.rank[other];
    const ends = (edge) => (streets.turned[edge] ? [streets.last[edge], streets.first[edge]] : [streets.first[edge], streets.last[edge]]);
    const [[u, v], [w, z]] = [ends(one), ends(other)];
    return u === w ? v !== z && streets.before(v, z) : streets.before(u, w);
  }

  function nearestEdge(streets, cells, px, py, limit, apart) {
    const wanted = apart ? 1 : 0;
    const { west, south, side, columns, lines, begin, within } = cells;
    const [column, line] = [Math.floor((px - west) / side), Math.floor((py - south) / side)];
    let [best, found] = [Infinity, -1];
    function look(row, at) {
      if (row < 0 || row >= lines || at < 0 || at >= columns) return;
      const cell = row * columns + at;
      for (let place = begin[cell]; place < begin[cell + 1]; place += 1) {
        const edge = within[place];
        if (edge === found || streets.kind[edge] !== wanted) continue;
        const away = distance(streets, edge, px, py);
        if (away < best || (away === best && comesFirst(streets, edge, found))) [best, found] = [away, edge];
      }
    }
    // Rings of cells around the point, until nothing in the next one can be as near.
    for (let ring = 0; ring <= Math.ceil(limit / side) + 1; ring += 1) {
      if ((ring - 1) * side > best) break;
      if (ring === 0) look(line, column);
      for (let step = -ring; ring > 0 && step < ring; step += 1) {
        look(line - ring, column + step);
        look(line + ring, column - step);
        look(line - step, column - ring);
        look(line + step, column + ring);
      }
    }
    return found;
  }

  sj.streets = { GRID, STEP, GROUND, rint, toGrid, toMillimetres, inflate, unpacked, ofMode, foot, cellsOf, nearestEdge, projected, unprojected };
})(typeof window === "undefined" ? globalThis.spatialjustice : window.spatialjustice);
