// What a reader would change: for each service the places that would be new and those that would be gone, with undo and
// redo. A plan can be written into an address and read back from whatever somebody wrote there.
"use strict";
(function (sj) {
  const MOST = 60;
  const STEPS = 200;
  const DEGREE = 1e7; // the streets know places to a ten-millionth of a degree

  const rounded = (degrees) => Math.round(degrees * DEGREE) / DEGREE;
  const onEarth = (lat, lon) => Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  const sorted = (numbers) => Array.from(new Set(numbers)).sort((a, b) => a - b);
  const nothing = () => ({ added: [], removed: [] });

  // `places` tells how many places of a service there are, 0 for an unknown one.
  sj.whatIfPlan = function (places) {
    let now = {};
    let past = [];
    let ahead = [];

    const of = (service) => now[service] || nothing();
    const copy = (plan) => JSON.parse(JSON.stringify(plan));
    const empty = (one) => !one.added.length && !one.removed.length;

    function tidy(plan) {
      for (const service of Object.keys(plan)) if (empty(plan[service])) delete plan[service];
      return plan;
    }

    // Changes made while a place is dragged are one step.
    function change(service, act) {
      const before = copy(now);
      const one = of(service);
      now[service] = one;
      act(one);
      one.removed = sorted(one.removed);
      tidy(now);
      if (JSON.stringify(before) === JSON.stringify(now)) return false;
      past.push(before);
      if (past.length > STEPS) past.shift();
      ahead = [];
      return true;
    }

    function step(from, to) {
      if (!from.length) return false;
      to.push(now);
      now = from.pop();
      return true;
    }

    function replace(plan) {
      if (JSON.stringify(plan) === JSON.stringify(now)) return false;
      past.push(now);
      now = tidy(copy(plan));
      ahead = [];
      return true;
    }

    // Only what can be: known services, numbers of their places, points on the earth.
    function checked(plan) {
      const made = {};
      for (const [service, one] of Object.entries(plan)) {
        const count = places(service);
        if (!count && !(one.added || []).length) continue;
        const is = (number) => Number.isInteger(number) && number >= 0 && number < count;
        // What moves is gone from where it stands, and comes to one point.
        const moved = new Set();
        const added = (one.added || [])
          .filter((each) => each && onEarth(each.lat, each.lon))
          .filter((each) => !is(each.from) || (!moved.has(each.from) && moved.add(each.from)))
          .slice(0, MOST)
          .map((each) => Object.assign({ lat: rounded(each.lat), lon: rounded(each.lon) }, is(each.from) ? { from: each.from } : {}));
        const removed = (one.removed || []).filter(is).concat(added.map((each) => each.from).filter(is));
        made[service] = { added: added, removed: sorted(removed) };
      }
      return tidy(made);
    }

    // library:60.1712,24.9412:60.17,24.95,3:x5/clinic:x1 – a third number is the place that would move there.
    function text() {
      const parts = Object.keys(now).map(function (service) {
        const { added, removed } = now[service];
        const points = added.map((one) => [one.lat, one.lon].concat(one.from === undefined ? [] : [one.from]).join(","));
        return [service].concat(points, removed.map((number) => "x" + number)).join(":");
      });
      return parts.join("/") || null;
    }

    function read(written) {
      const plan = {};
      for (const part of String(written || "").split("/")) {
        const [service, ...pieces] = part.split(":");
        if (!/^[a-z0-9_]{1,60}$/i.test(service)) continue;
        const one = nothing();
        for (const piece of pieces) {
          if (/^x\d{1,6}$/.test(piece)) one.removed.push(Number(piece.slice(1)));
          else if (/^-?\d{1,3}(\.\d{1,9})?,-?\d{1,3}(\.\d{1,9})?(,\d{1,6})?$/.test(piece)) {
            const [lat, lon, from] = piece.split(",").map(Number);
            one.added.push({ lat: lat, lon: lon, from: from });
          }
        }
        plan[service] = one;
      }
      return checked(plan);
    }

    return {
      of: of,
      services: () => Object.keys(now),
      whole: () => copy(now),
      empty: () => !Object.keys(now).length,
      canUndo: () => past.length > 0,
      canRedo: () => ahead.length > 0,
      undo: () => step(past, ahead),
      redo: () => step(ahead, past),
      clear: () => replace({}),
      replace: (plan) => replace(checked(plan)),
      text: text,
      take: (written) => replace(read(written)),
      full: (service) => of(service).added.length >= MOST,
      add: (service, lat, lon) => change(service, (one) => one.added.push({ lat: rounded(lat), lon: rounded(lon) })),
      move: (service, number, lat, lon) => change(service, (one) => Object.assign(one.added[number], { lat: rounded(lat), lon: rounded(lon) })),
      drop: (service, number) =>
        change(service, function (one) {
          // A place of today that was to be moved stays where it is.
          const [gone] = one.added.splice(number, 1);
          if (gone.from !== undefined) one.removed = one.removed.filter((each) => each !== gone.from);
        }),
      remove: (service, place) => change(service, (one) => one.removed.push(place)),
      restore: (service, place) =>
        change(service, function (one) {
          one.removed = one.removed.filter((each) => each !== place);
          one.added = one.added.filter((each) => each.from !== place);
        }),
      shift: (service, place, lat, lon) =>
        change(service, function (one) {
          one.removed.push(place);
          one.added.push({ lat: rounded(lat), lon: rounded(lon), from: place });
        }),
      onlyRemoved: (service, numbers) => change(service, (one) => (one.removed = one.added.map((each) => each.from).filter((each) => each !== undefined).concat(numbers))),
      rounded: rounded,
    };
  };
})((window.spatialjustice = window.spatialjustice || {}));
