"""Words, numbers and dates in the reader's language."""
# ruff: noqa: RUF002 (Persian digits and letters are meant)

from __future__ import annotations

import datetime as dt
import math
import re
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk.plain_yaml import own_yaml
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.agreement import Agreeing, Agreement

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE_LANGUAGE = "en"
_FOLDER = resources.files("spatialjustice.catalogue") / "words"
_NOTHING = "∅"
_ADDED_WORDS: dict[str, dict[str, str]] = {}
_ADDED_FINDINGS: dict[str, Mapping[str, str]] = {}
_ANCHOR_YEAR, _ANCHOR_DAY = 1400, dt.date(2021, 3, 21)  # 1 Farvardin 1400
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_FIRST_YEAR, _LAST_YEAR = 1300, 1472  # the span in which the 33-year rule is the official calendar's
_UNITS = "km/h|km|m|min|minutes?|metres?|kilometres?|seconds?|MB|kB|متر|متری|کیلومتر|دقیقه|ثانیه|نفر|پهنه|مکان|مگابایت"
_BEFORE_UNIT = re.compile(rf"\}} (?=(?:{_UNITS})(?!\w))")
"""A space between a number and its unit, at which no line may break."""
ISOLATE, END_ISOLATE, END_EMBEDDING = "\u2066", "\u2069", "\u202c"
_ENDED_BY = dict.fromkeys("\u2066\u2067\u2068", END_ISOLATE) | dict.fromkeys("\u202a\u202b\u202d\u202e", END_EMBEDDING)
_DIRECTION_SIGNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _languages() -> tuple[str, ...]:
    """Return the languages there are words in, English first: each is one file."""
    found = sorted(file.name.removesuffix(".po") for file in _FOLDER.iterdir() if file.name.endswith(".po"))
    return (SOURCE_LANGUAGE, *(name for name in found if name != SOURCE_LANGUAGE))


LANGUAGES = _languages()


def _read(name: str) -> dict[str, Any]:
    text = resources.files("spatialjustice.catalogue").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = own_yaml(text)
    return found


def _require_language(lang: str) -> None:
    if lang not in LANGUAGES:
        raise InputError("lang", f"“{lang}” is not a language of this package", f"Choose {' or '.join(LANGUAGES)}.")


@cache
def words(lang: str) -> Mapping[str, str]:
    """Return every word of the pages in a language, by its key.

    The words are gettext catalogues, one file for each language (``catalogue/words/fa.po``), which translators open
    with the tools they know: the key is the context of a message, its English text the message.

    Parameters
    ----------
    lang
        One of ``LANGUAGES``, for example ``"en"`` or ``"fa"``.

    Raises
    ------
    InputError
        For any other language.

    Examples
    --------
    >>> words("en")["status.no_data"]
    'No data'
    >>> words("fa")["status.no_data"]
    'بدون داده'
    """
    from babel.messages.pofile import read_po

    _require_language(lang)
    with (_FOLDER / f"{lang}.po").open("rb") as stream:
        messages = read_po(stream, locale=lang, abort_invalid=True)
    texts = {str(message.context): str(message.string or message.id) for message in messages if message.context}
    own = {key: "" if text == _NOTHING else _BEFORE_UNIT.sub("}\u00a0", text) for key, text in texts.items()}
    after = Agreement(own.get("language.one", ""))
    every = _ADDED_WORDS.get(lang, {}) | own
    return MappingProxyType(
        {key: Agreeing.of(text, after) if after.concerns(text) else text for key, text in every.items()}
    )


def agreed(text: str, lang: str) -> str:
    """Return a sentence whose words agree with the numbers before them.

    Examples
    --------
    >>> agreed("1 zones have no neighbour.", "en"), agreed("21 zones have no neighbour.", "en")
    ('1 zone has no neighbour.', '21 zones have no neighbour.')
    """
    return Agreement(words(lang)["language.one"]).agreed(text)


def add_words(texts: Mapping[str, Mapping[str, str]]) -> None:
    """Add words that are in none of the catalogues, such as those of a section of a study that is no part of these.

    Words of the catalogues stay as they are.

    Parameters
    ----------
    texts
        Language → key → text.

    Raises
    ------
    InputError
        When a language is unknown, or one of all languages lacks a key that another has.

    Examples
    --------
    >>> add_words({"en": {"toy.title": "Toys"}})
    Traceback (most recent call last):
        ...
    spatialjustice._core.errors.InputError: words: toy.title is not there in “fa”. Give every word in all of them.
    """
    for lang in texts:
        _require_language(lang)
    keys = {key for one in texts.values() for key in one}
    for lang in LANGUAGES:
        missing = sorted(keys - set(texts.get(lang, {})))
        if missing:
            raise InputError(
                "words", f"{', '.join(missing)} is not there in “{lang}”", "Give every word in all of them."
            )
        _ADDED_WORDS.setdefault(lang, {}).update(texts.get(lang, {}))
    words.cache_clear()


def add_findings(records: Mapping[str, Mapping[str, str]]) -> None:
    """Add findings that are not in the list of this package, by their code, each with the same parts as there.

    Raises
    ------
    InputError
        When a part is missing.

    Examples
    --------
    >>> add_findings({"toys": {"severity": "information", "en": "Toys"}})
    Traceback (most recent call last):
        ...
    spatialjustice._core.errors.InputError: toys: the finding lacks fa, meaning, advice. See catalogue/findings.yml.
    """
    for code, record in records.items():
        missing = [part for part in ("severity", *LANGUAGES, "meaning", "advice") if part not in record]
        if missing:
            raise InputError(code, f"the finding lacks {', '.join(missing)}", "See catalogue/findings.yml.")
        _ADDED_FINDINGS[code] = MappingProxyType(dict(record))
    findings.cache_clear()


def forget(texts: Mapping[str, Mapping[str, str]], records: Mapping[str, Mapping[str, str]]) -> None:
    """Take words and findings back that were added."""
    for lang, one in texts.items():
        for key in one:
            _ADDED_WORDS.get(lang, {}).pop(key, None)
    for code in records:
        _ADDED_FINDINGS.pop(code, None)
    words.cache_clear()
    findings.cache_clear()


def direction(lang: str) -> str:
    """Return the direction a language is written in: ``ltr`` or ``rtl``.

    Examples
    --------
    >>> direction("fa")
    'rtl'
    """
    return words(lang)["language.direction"]


def own_name(lang: str) -> str:
    """Return what a language calls itself.

    Examples
    --------
    >>> own_name("fa")
    'فارسی'
    """
    return words(lang)["language.name"]


@cache
def _signs(lang: str) -> dict[int, str]:
    """Return how the signs of a plain number are written in a language."""
    said = words(lang)
    signs = {str(place): digit for place, digit in enumerate(said["language.digits"])}
    return str.maketrans(
        signs
        | {".": said["language.decimal"], ",": said["language.thousands"], "%": said["language.percent"], "-": "−"}
    )


@cache
def measures() -> Mapping[str, Mapping[str, str]]:
    """Return the record of every public measure: its unit, its direction and how it is drawn.

    Examples
    --------
    >>> measures()["gini"]["direction"]
    'lower is better'
    """
    return MappingProxyType({key: MappingProxyType(record) for key, record in _read("measures.yml").items()})


@cache
def symbols() -> Mapping[str, Mapping[str, str]]:
    """Return the shape and the colour of the symbol of every service, by its key.

    Examples
    --------
    >>> symbols()["hospital"]["shape"]
    'cross'
    """
    return MappingProxyType({key: MappingProxyType(record) for key, record in _read("symbols.yml").items()})


@cache
def indicators() -> Mapping[str, Mapping[str, Any]]:
    """Return the record of every indicator of a smart and just city, by its key, in the order of the file.

    ``name`` and ``definition`` in each language; ``unit``, ``direction``; where it belongs (``component``,
    ``dimension``, ``characteristic``, ``factor``, ``challenges``); its ``role`` and, where that is supply, the use that
    it is shown ``beside``; ``standards`` with their codes; whether it is ``computable``, what ``data`` it is made of,
    the measure it is ``made_by`` and the ``range`` of its values.

    Examples
    --------
    >>> indicators()["public_transport_access"]["standards"][0]
    {'standard': 'SDG', 'code': '11.2.1', 'match': 'same'}
    """
    bare: dict[str, Any] = {"challenges": [], "standards": [], "beside": None, "made_by": None, "range": None}
    return MappingProxyType({key: MappingProxyType(bare | one) for key, one in _read("indicators.yml").items()})


@cache
def guidelines() -> Mapping[str, Mapping[str, Any]]:
    """Return the record of every guideline and limit of what people are exposed to, by its key.

    ``name`` in each language; ``what`` it is of, its ``value`` and ``unit``, the ``averaging`` period, the
    ``direction`` of the exposure, its ``kind``, the ``body`` that set it, in which ``year``, from when it applies
    (``applies_from``, None where at once), and the ``source``.

    Examples
    --------
    >>> guidelines()["who_2021_pm25_annual"]["value"]
    5
    """
    bare: dict[str, Any] = {"applies_from": None}
    return MappingProxyType({key: MappingProxyType(bare | one) for key, one in _read("guidelines.yml").items()})


@cache
def findings() -> Mapping[str, Mapping[str, str]]:
    """Return what every finding means, by its code.

    ``severity`` (``information``, ``warning``, or ``either`` where it depends on how much is concerned), a title in
    each language, its ``meaning`` and ``advice``, what to do about it.

    Examples
    --------
    >>> findings()["straight_lines"]["severity"]
    'warning'
    >>> findings()["straight_lines"]["fa"]
    'خط راست به جای خیابان'
    """
    own = {code: MappingProxyType(one) for code, one in _read("findings.yml").items()}
    return MappingProxyType(_ADDED_FINDINGS | own)


def text_in(text: str | Mapping[str, str], lang: str) -> str:
    """Return a text in a language; the first one given where that language is missing.

    Examples
    --------
    >>> text_in({"en": "Schools", "fa": "مدرسه‌ها"}, "fa")
    'مدرسه‌ها'
    >>> text_in("Schools", "fa")
    'Schools'
    """
    said = text if isinstance(text, str) else text.get(lang) or next(iter(text.values()), "")
    return balanced(said)


def balanced(text: str) -> str:
    r"""Return a text whose own direction signs end within it: what stands beside it is read as it was.

    Examples
    --------
    >>> balanced("\u202eedalugniS") == "\u202eedalugniS\u202c"
    True
    >>> balanced("plain\u2069") == "plain"
    True
    """
    if not _DIRECTION_SIGNS.search(text):
        return text
    kept: list[str] = []
    ends: list[str] = []
    for sign in text:
        if sign in _ENDED_BY:
            ends.append(_ENDED_BY[sign])
        elif sign == END_ISOLATE:
            if END_ISOLATE not in ends:
                continue
            # The end of an isolate ends every embedding that began within it.
            while ends.pop() != END_ISOLATE:
                pass
        elif sign == END_EMBEDDING:
            if not ends or ends[-1] != END_EMBEDDING:
                continue
            ends.pop()
        kept.append(sign)
    return "".join([*kept, *reversed(ends)])


_OF_NUMBER = re.compile(
    r"[0-9]|(?<=[0-9])[.,](?=[0-9])|(?<=[0-9])\s?%|(?<!\w)\.(?=[0-9])|(?:(?<!\w)|(?<=[0-9]e))-(?=[0-9.∞])"
)
"""A digit, or a sign that is part of a number: between its digits, after them, or a minus before them."""


def digits(text: str, lang: str) -> str:
    """Return a text with its digits, and the signs of its numbers, in those of a language.

    A hyphen, point, comma or per cent that belongs to no number is left as it is, so that names keep theirs.

    Examples
    --------
    >>> digits("1,204.5", "fa"), digits("-3.5%", "en")
    ('۱٬۲۰۴٫۵', '−3.5%')
    >>> digits("St. Jean-Baptiste, ward 5-B", "fa")
    'St. Jean-Baptiste, ward ۵-B'
    """
    signs = _signs(lang)
    return _OF_NUMBER.sub(lambda found: found[0].translate(signs), text)


def number(value: float, lang: str, *, digits: int | None = None, percent: bool = False) -> str:
    """Write a number as a reader of a language expects it.

    Parameters
    ----------
    value
        Any number; NaN and None give an en dash.
    lang
        ``"en"`` or ``"fa"``.
    digits
        Decimals to write; None writes as many as the number needs, at most six.
    percent
        Write a share as a percentage (0.25 becomes 25 %).

    Examples
    --------
    >>> number(1204.5, "en")
    '1,204.5'
    >>> number(1204.5, "fa", digits=2)
    '۱٬۲۰۴٫۵۰'
    >>> number(0.256, "fa", digits=1, percent=True)
    '۲۵٫۶٪'
    """
    _require_language(lang)
    if value is None or math.isnan(value):
        return "–"
    if percent:
        value = value * 100
    if math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    elif digits is None:
        text = f"{value:,.6f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:,.{digits}f}"
    if not any(sign in text for sign in "123456789∞"):
        text = text.replace("-", "")
    if percent:
        text += "%"
    return text.translate(_signs(lang))


def solar_hijri(day: dt.date) -> tuple[int, int, int] | None:
    """Return a Gregorian day as (year, month, day) of Iran's calendar; None outside the years 1300 to 1471.

    The 33-year rule of leap years is counted from 1 Farvardin 1400, which was 21 March 2021.

    Examples
    --------
    >>> solar_hijri(dt.date(2023, 2, 21))
    (1401, 12, 2)
    """
    year, left = _ANCHOR_YEAR, (day - _ANCHOR_DAY).days
    while left < 0:
        year -= 1
        left += _year_length(year)
    while left >= _year_length(year):
        left -= _year_length(year)
        year += 1
    if not _FIRST_YEAR <= year < _LAST_YEAR:
        return None
    # Six months of 31 days come first, then months of 30.
    month, inside = divmod(left, 31) if left < 186 else divmod(left - 186, 30)
    return year, (month + 1 if left < 186 else month + 7), inside + 1


def _year_length(year: int) -> int:
    return 366 if year % 33 in _LEAP_REMAINDERS else 365


def date(value: str | dt.date | None, lang: str) -> str:
    """Write an ISO date (or the date of an ISO time) for readers of a language; text that is no date stays as it is.

    Persian dates are of Iran's calendar, with the ISO date beside them because the sources use it.

    Examples
    --------
    >>> date("2023-02-21T21:21:00Z", "en")
    '21 February 2023'
    >>> date("2016", "fa")
    '۲۰۱۶'
    """
    if value is None or value == "":
        return words(lang)["page.date.unknown"]
    said = words(lang)
    digits_only = str.maketrans("0123456789", said["language.digits"])
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return text.translate(digits_only)
    solar = solar_hijri(day) if said["calendar"] == "solar hijri" else None
    iso = ISOLATE + day.isoformat().translate(digits_only) + END_ISOLATE
    if said["calendar"] == "solar hijri" and solar is None:
        return iso
    year, month, inside = solar or (day.year, day.month, day.day)
    written = said["calendar.date"].format(day=inside, month=said[f"calendar.month.{month}"], year=year)
    written = written.translate(digits_only)
    return f"{written} ({iso})" if solar else written
