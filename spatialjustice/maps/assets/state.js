// The state of a page in its address: language, mode, map, area, view, filter. An address is what anybody may have
// written: names and values that make no sense are passed over, and values are only ever compared or parsed, never shown.
"use strict";
(function (sj) {
  const LONGEST = 4000;
  const MOST = 32;
  const NAME = /^[a-z][a-z_]{0,23}$/;
  // What others depend on comes first.
  const ORDER = ["lang", "mode", "show", "right", "filter", "area", "view"];
  const owners = new Map();

  function parse(address) {
    const found = new Map();
    const text = String(address).replace(/^#/, "").slice(0, LONGEST);
    // map.html#fa is a language alone.
    if (/^[a-z]{2,3}$/.test(text)) return found.set("lang", text);
    for (const piece of text.split("&").slice(0, MOST)) {
      const at = piece.indexOf("=");
      const name = piece.slice(0, Math.max(0, at));
      if (!NAME.test(name) || found.has(name)) continue;
      try {
        found.set(name, decodeURIComponent(piece.slice(at + 1)));
      } catch (_) {
        continue; // half a sign, as in "%E2%"
      }
    }
    return found;
  }

  function format(found) {
    const names = Array.from(found.keys());
    const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
    names.sort((a, b) => place(a) - place(b));
    const written = [];
    for (const name of names) {
      try {
        written.push(name + "=" + encodeURIComponent(found.get(name)).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/"));
      } catch (_) {
        continue; // half a sign cannot be written
      }
    }
    return written.join("&");
  }

  let current = parse(location.hash);

  function merged(found, changes) {
    const made = new Map(found);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") made.delete(name);
      else made.set(name, String(value));
    }
    return made;
  }

  function write() {
    const text = format(current);
    try {
      history.replaceState(history.state, "", location.href.split("#")[0] + (text ? "#" + text : ""));
    } catch (_) {
      return; // a page within a page has no address of its own: the state lives as long as the page
    }
  }

  async function give(names) {
    for (const name of ORDER.concat(Array.from(owners.keys()).filter((one) => !ORDER.includes(one)))) {
      if (owners.has(name) && names.has(name)) await owners.get(name).take(current.get(name));
    }
  }

  sj.state = {
    // What the address says of a part; undefined where it says nothing.
    get: (name) => current.get(name),

    // Write parts into the address; null takes a part out.
    set: function (changes) {
      const made = merged(current, changes);
      if (format(made) === format(current)) return;
      current = made;
      write();
    },

    // Who owns a part says how it is taken from an address (`take` gets text, or undefined where a new address has no
    // such part any more) and what it is now (`tell`), null where there is nothing to say.
    own: function (name, owner) {
      owners.set(name, owner);
    },

    // Give everybody their part of the address, and follow the reader who changes it.
    start: async function () {
      addEventListener("hashchange", function () {
        const asked = parse(location.hash);
        // An anchor, as of the skip link, is no state: what was there stays.
        if (!asked.size && location.hash.length > 1) return current.size ? write() : undefined;
        const names = new Set([...current.keys(), ...asked.keys()]);
        const changed = new Set(Array.from(names).filter((name) => current.get(name) !== asked.get(name)));
        current = asked;
        give(changed);
      });
      await give(new Set(current.keys()));
    },

    // The whole state as an address that somebody else can open.
    link: function () {
      const told = {};
      for (const [name, owner] of owners) told[name] = owner.tell();
      const text = format(merged(current, told));
      return location.href.split("#")[0] + (text ? "#" + text : "");
    },

    // Another page's address with parts of a state changed.
    carried: function (address, changes) {
      const at = address.indexOf("#");
      const text = format(merged(parse(at < 0 ? "" : address.slice(at)), changes));
      return (at < 0 ? address : address.slice(0, at)) + (text ? "#" + text : "");
    },
  };
})((window.spatialjustice = window.spatialjustice || {}));
