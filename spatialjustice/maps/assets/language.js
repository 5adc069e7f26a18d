// Words, numbers and texts in the reader's language, and the switch between languages without another page.
"use strict";
(function (sj) {
  const known = { lang: "en", directions: { en: "ltr" }, words: {}, changed: [] };
  sj.read = sj.read || ((id) => JSON.parse(document.getElementById(id + "-data").textContent));

  sj.element = function (tag, name, text) {
    const found = document.createElement(tag);
    if (name) found.className = name;
    if (text !== undefined && text !== null) found.textContent = text;
    return found;
  };

  // Names and values of unknown direction do not disturb the sentence around them.
  sj.isolated = (text) => sj.element("bdi", "", text);

  sj.language = {
    get lang() {
      return known.lang;
    },
    get dir() {
      return known.directions[known.lang] || "ltr";
    },
  };

  // A word of the catalogue, its gaps filled.
  sj.word = function (key, parts) {
    const said = (known.words[known.lang] || {})[key];
    if (said === undefined) return key;
    return agreed(said.replace(/\{(\w+)\}/g, (gap, name) => (parts && name in parts ? parts[name] : gap)));
  };

  // Words agree with the number before them: 1 area, 2 areas.
  const rules = new Map();
  function agreed(text) {
    if (!rules.has(known.lang)) {
      const pairs = ((known.words[known.lang] || {})["language.one"] || "").split("; ").filter(Boolean).map((pair) => pair.split("="));
      const words = pairs.map(([several]) => several).join("|");
      rules.set(known.lang, words ? [new RegExp("(^|[^\\w.,])1([ \u00a0])(" + words + ")(?!\\w)", "g"), new Map(pairs)] : null);
    }
    const rule = rules.get(known.lang);
    return rule ? text.replace(rule[0], (_, before, space, several) => before + "1" + space + rule[1].get(several)) : text;
  }

  // One text, or one for each language.
  sj.pick = function (text) {
    if (text === null || text === undefined) return "";
    if (typeof text !== "object") return String(text);
    return text[known.lang] || Object.values(text)[0] || "";
  };

  sj.digits = function (text) {
    const said = known.words[known.lang] || {};
    const signs = { ".": said["language.decimal"], ",": said["language.thousands"], "%": said["language.percent"] };
    const digits = said["language.digits"] || "0123456789";
    return text.replace(/[0-9.,%]/g, (sign) => signs[sign] || digits[sign] || sign);
  };

  sj.write = function (value, decimals) {
    const parts = Math.abs(value).toFixed(decimals).split(".");
    const whole = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
    const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "";
    return sign + sj.digits(parts.length > 1 ? whole + "." + parts[1] : whole);
  };

  sj.percent = (share, decimals) => sj.write(share * 100, decimals || 0) + sj.digits("%");

  // One letter, one spelling: Arabic and Persian forms, joiners, marks and digits are made alike before a search.
  sj.fold = function (text) {
    return text
      .normalize("NFKC")
      .replace(/[يىئ]/g, "ی")
      .replace(/ك/g, "ک")
      .replace(/[ةۀ]/g, "ه")
      .replace(/[أإآ]/g, "ا")
      .replace(/ؤ/g, "و")
      .normalize("NFD")
      .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640\u0654]/g, "")
      .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
      .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
      .replace(/[\s\u200b-\u200f\u2060-\u2069\ufeff]+/g, "")
      .toLowerCase();
  };

  // Data hold one language in place and the others under `texts`; the two change places.
  sj.translate = function (data, from, to) {
    const other = data.texts && data.texts[to];
    if (!other) return;
    const kept = {};
    for (const name of Object.keys(other)) kept[name] = data[name];
    Object.assign(data, other);
    delete data.texts[to];
    data.texts[from] = kept;
  };

  sj.onLanguage = (follow) => known.changed.push(follow);

  sj.know = function (page) {
    known.lang = page.lang;
    known.directions = page.directions;
    known.words = page.words;
  };

  function swapTexts(to) {
    const rows = sj.read("texts")[to];
    const all = ["data-t", "data-t-aria-label", "data-t-label", "data-t-title", "data-t-placeholder"];
    for (const name of all) {
      for (const node of document.querySelectorAll("[" + name + "]")) {
        const text = rows[Number(node.getAttribute(name))];
        if (name === "data-t") node.textContent = text;
        else node.setAttribute(name.slice(7), text);
      }
    }
  }

  sj.speak = function (to) {
    if (to === known.lang || !spoken(to)) return;
    const from = known.lang;
    known.lang = to;
    document.documentElement.lang = to;
    document.documentElement.dir = known.directions[to];
    swapTexts(to);
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === to));
    }
    for (const link of document.querySelectorAll("a[data-page]")) {
      link.setAttribute("href", sj.state.carried(link.getAttribute("href"), { lang: to }));
    }
    for (const follow of known.changed) follow(from, to);
  };

  const spoken = (lang) => typeof lang === "string" && Object.hasOwn(known.directions, lang);

  // The first of the reader's own languages that the page has; the page's first where it has none of them.
  function preferred(first) {
    const asked = Array.from(navigator.languages || [navigator.language || ""], (one) => one.toLowerCase().split("-")[0]);
    return asked.find(spoken) || first;
  }

  // The address may say a language (map.html#fa, map.html#lang=fa); otherwise the browser does.
  sj.startLanguages = function () {
    const first = known.lang;
    for (const button of document.querySelectorAll("[data-language]")) {
      button.addEventListener("click", function () {
        sj.speak(button.dataset.language);
        sj.state.set({ lang: button.dataset.language });
      });
    }
    sj.state.own("lang", {
      take: (asked) => sj.speak(spoken(asked) ? asked : preferred(first)),
      tell: () => (Object.keys(known.directions).length > 1 ? known.lang : null),
    });
    if (!spoken(sj.state.get("lang"))) sj.speak(preferred(first));
  };

  if (document.querySelector("[data-index]")) {
    known.lang = document.documentElement.lang;
    const named = Array.from(document.querySelectorAll("[data-language]"));
    known.directions = Object.fromEntries(named.map((button) => [button.dataset.language, button.dataset.dir]));
    sj.startLanguages();
    sj.state.start();
  }
})((window.spatialjustice = window.spatialjustice || {}));
