"""One text of opening hours at one moment: what the library for them reads, and what it leaves open or passes over.

The library (opening-hours-py) reads the text and evaluates each rule. Three things it does in another way than the
specification (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification), so that rules are rewritten for the
day asked for before it sees them: holidays with weekdays (``PH Mo-Fr``: holidays that are one of these weekdays),
fallback rules (``||``: where nothing before says open), and a comment alone, which is unknown.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.sources.osm.hours.public_holidays import PublicHolidays

    Holiday = Callable[[date], bool]

WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WD = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
OFFSET = r"(?:\s*([+-]\s*\d+)\s*days?)?"
ITEM = rf"(?:\b(PH|SH)|\b({WD})(?:\s*-\s*({WD}))?(?:\s*\[([^\]]*)\])?){OFFSET}"
UNNAMED = ITEM.replace("(PH", "(?:PH").replace("((?:Mo", "(?:(?:Mo").replace("([^", "(?:[^").replace("([+", "(?:[+")
DAYS = re.compile(rf"{UNNAMED}(?:(?:\s*,\s*|\s+){UNNAMED})*\s*:?\s*$", re.IGNORECASE)
ONE = re.compile(ITEM, re.IGNORECASE)
TIME = r"\(?\s*(?:sunrise|sunset|dawn|dusk)|\b\d{1,2}:\d{2}"
REST = re.compile(rf'{TIME}|24/7|\b(?:off|closed|open|unknown)\b|"', re.IGNORECASE)
COMMENT = re.compile(r'"[^"]*"')
HOLIDAY = re.compile(r"\b(?:PH|SH)\b")
SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
SPOTS = ((60.2, 24.9), (0.3, 32.6), (-54.8, -68.3))
"""Where the sun is asked, in the north, the middle and the south, when nobody says where a place is."""


class UnclearError(Exception):
    """Hours that cannot be read with certainty."""


class Rule(NamedTuple):
    """One rule: how it is joined to those before it, and its text."""

    joint: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Open, closed or unknown, and what is not known about it; the state is None where the hours cannot be read."""

    state: str | None
    notes: frozenset[str] = frozenset()


def whether_open(text: str, when: datetime, spot: tuple[float, float] | None, holidays: PublicHolidays) -> Answer:
    """Say whether a place with these hours is open.

    Parameters
    ----------
    text
        As OpenStreetMap writes it.
    when
        Local time.
    spot
        Latitude and longitude, for hours that go by the sun.
    holidays
        Those of the place's country or region.
    """
    if SUN.search(text) and spot is None:
        found = [whether_open(text, when, where, holidays) for where in SPOTS]
        same = len({one.state for one in found}) == 1
        return found[0] if same else Answer("unknown", found[0].notes | {"sun"})
    if _hours_reader(text, spot) is None:
        return Answer(None)
    spot = spot if SUN.search(text) else None
    try:
        return _answer(text, when, spot, holidays)
    except UnclearError:
        return Answer(None)


def _answer(text: str, when: datetime, spot: tuple[float, float] | None, holidays: PublicHolidays) -> Answer:
    days = (when.date() - timedelta(days=1), when.date())
    bare = COMMENT.sub("", text)

    def at(public: Holiday, school: Holiday = no_holiday, judged: tuple[date, ...] = ()) -> str:
        return _state(text, when, spot, public, school, judged=judged)

    def known(day: date) -> bool:
        return holidays.on(day) is True

    state, notes = at(known), set()
    if re.search(r"\bPH\b", bare):
        notes = {why for why, other in _other_calendars(days, holidays, known) if at(other) != state}
        notes -= {"local"} if len(notes) > 1 else set()
    if re.search(r"\bSH\b", bare) and any(at(known, calendar_of(some)) != state for some in _choices_of_days(days)):
        state = "unknown"
        notes.add("school")
    if len(_rules(text)) > 1 and state != "unknown":
        from_yesterday, of_today = (at(known, judged=(day,)) for day in days)
        over = from_yesterday != "closed"
        # A rule of yesterday reaches over midnight into a day on which another rule says closed, or the reader lets
        # one reach there that another rule of yesterday has replaced.
        if over if state == "closed" else not over and of_today == "closed":
            state = "unknown"
            notes.add("night")
    return Answer(state, frozenset(notes))


def no_holiday(_: date) -> bool:
    """Say that no day is a holiday."""
    return False


def calendar_of(days: tuple[date, ...]) -> Holiday:
    """Return a calendar of these days."""
    return lambda day: day in days


def _choices_of_days(days: tuple[date, date]) -> Iterator[tuple[date, ...]]:
    """Give every choice among days but none."""
    for chosen in product((True, False), repeat=2):
        if any(chosen):
            yield tuple(day for day, taken in zip(days, chosen, strict=True) if taken)


def _other_calendars(
    days: tuple[date, date], holidays: PublicHolidays, known: Holiday
) -> Iterator[tuple[str, Holiday]]:
    """Give other calendars that may be the true one, and why."""
    for some in _choices_of_days(days):
        if all(holidays.on(day) is None for day in some):
            yield "left out", lambda day, some=some: day in some or known(day)  # type: ignore[misc]
        elif all(holidays.estimated(day) for day in some):
            yield "estimated", lambda day, some=some: known(day) != (day in some)  # type: ignore[misc]
        elif all(holidays.elsewhere(day) for day in some):
            yield "regions", lambda day, some=some: day in some or known(day)  # type: ignore[misc]
        elif not any(known(day) for day in some):
            yield "local", lambda day, some=some: day in some or known(day)  # type: ignore[misc]


def _state(
    text: str,
    when: datetime,
    spot: tuple[float, float] | None,
    public: Holiday,
    school: Holiday,
    *,
    judged: tuple[date, ...],
) -> str:
    """Return the state of the first alternative that is not closed, by the rules of the days judged; () for all."""
    days = (when.date() - timedelta(days=1), when.date())
    rules = _rules(text)
    plain = len(rules) == 1 and not judged and not HOLIDAY.search(COMMENT.sub("", text)) and '"' not in text
    state = "closed"
    for alternative in [[Rule("", text)]] if plain else _alternatives(rules):
        parts: list[str] = []
        for rule in _rules_still_valid(alternative, days, public, school) if judged == days[:1] else alternative:
            written = rule.text if plain else _rule_for_days(rule.text, days, judged, public, school)
            parts.append(f"{rule.joint} {written}" if parts else written)
        hours = _hours_reader("".join(parts), spot)
        if hours is None:
            raise UnclearError
        state = str(hours.state(when)[0]).lower()
        if state != "closed":
            break
    return state


@lru_cache(maxsize=4096)
def _hours_reader(text: str, spot: tuple[float, float] | None) -> Any:
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stubs lack it

    try:
        return OpeningHours(text, coords=spot, auto_country=False, auto_timezone=spot is not None)
    except ParserError:
        return None


@lru_cache(maxsize=4096)
def _rules(text: str) -> tuple[Rule, ...]:
    """Divide hours into rules at semicolons, double bars, and commas after which no time follows."""
    found, begin, joint = [], 0, ""
    masked = COMMENT.sub(lambda comment: '"' + "x" * (len(comment.group()) - 2) + '"', text)
    for mark in re.finditer(r";|\|\||,", masked):
        if mark.group() == ",":
            whole = REST.search(masked, begin, mark.start())
            if not whole or re.match(rf"\s*(?:{TIME})", masked[mark.end() :], re.IGNORECASE):
                continue
        found.append(Rule(joint, text[begin : mark.start()].strip()))
        begin, joint = mark.end(), mark.group()
    found.append(Rule(joint, text[begin:].strip()))
    return tuple(rule for rule in found if rule.text)


def _alternatives(rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """Return what is tried in turn: each stretch up to a double bar, with the rules after it that hold for all."""
    made: list[list[Rule]] = [[]]
    fallback = False
    for rule in rules:
        if rule.joint == "||":
            made.append([])
            fallback = True
        elif rule.joint == ";":
            fallback = False
        for stretch in made[-1:] if fallback or len(made) == 1 else made:
            stretch.append(rule)
    return made


def _rules_still_valid(rules: list[Rule], days: tuple[date, date], public: Holiday, school: Holiday) -> list[Rule]:
    """Leave out the rules that a later one has replaced for the whole of the first day."""
    begin = 0
    for position, rule in enumerate(rules):
        if rule.joint == ";":
            at = REST.search(COMMENT.sub('""', rule.text))
            selector = rule.text[: at.start()] if at else rule.text
            hours = _hours_reader(_rule_for_days(f"{selector}00:00-24:00", days, days[:1], public, school), None)
            if hours is None:
                raise UnclearError
            if hours.is_open(datetime.combine(days[0], time(12))):
                begin = position
    return rules[begin:]


def _rule_for_days(
    text: str, days: tuple[date, date], judged: tuple[date, ...], public: Holiday, school: Holiday
) -> str:
    """Write a rule so that it holds on those of the days asked for on which it does, by plain weekdays."""
    masked = COMMENT.sub(lambda comment: '"' + "x" * (len(comment.group()) - 2) + '"', text)
    at = REST.search(masked)
    selector, rest = (text[: at.start()], text[at.start() :]) if at else (text, "")
    found = DAYS.search(selector)
    if rest.startswith('"'):
        rest = f"unknown {rest}"
    if found is None and HOLIDAY.search(selector):
        raise UnclearError
    if not judged and (found is None or not HOLIDAY.search(selector)):
        return f"{selector}{rest}"
    before, part = (selector, "") if found is None else (selector[: found.start()], found.group())
    held = [day for day in judged or days if not part or _holds_on_day(part, day, public, school)]
    # A weekday that neither day asked for has, where the rule holds on none of them.
    names = [WEEK[day.weekday()] for day in held] or [WEEK[(days[1].weekday() + 3) % 7]]
    if rest.startswith("24/7"):
        rest = f"00:00-24:00{rest[4:]}"
    return f"{before.strip()} {','.join(names)} {rest}".strip()


def _holds_on_day(part: str, day: date, public: Holiday, school: Holiday) -> bool:
    """Say whether the weekdays and holidays of a rule hold on a day."""
    feasts, weekdays = [], []
    for item in ONE.finditer(part):
        kind, first, last, which, offset = item.groups()
        base = day - timedelta(days=int(re.sub(r"\s", "", offset))) if offset else day
        if kind:
            feasts.append((public if kind.upper() == "PH" else school)(base))
        else:
            weekdays.append(_is_weekday(base, first, last, which))
    # Side by side without a comma both must hold; in a list one is enough.
    if (
        feasts
        and weekdays
        and re.search(rf"(?:PH|SH){OFFSET}\s+{WD}|(?:{WD}|\]|days?)\s+(?:PH|SH)", part, re.IGNORECASE)
    ):
        return any(feasts) and any(weekdays)
    return any(feasts) or any(weekdays)


def _is_weekday(day: date, first: str, last: str | None, which: str | None) -> bool:
    names = [name.lower() for name in WEEK]
    begin = names.index(first.lower())
    end = begin if last is None else names.index(last.lower())
    if (day.weekday() - begin) % 7 > (end - begin) % 7:
        return False
    if which is None:
        return True
    from_start = (day.day - 1) // 7 + 1
    from_end = -((calendar.monthrange(day.year, day.month)[1] - day.day) // 7 + 1)
    for one in which.split(","):
        bounds = re.fullmatch(r"\s*(-?\d)(?:\s*-\s*(\d))?\s*", one)
        if bounds is None:
            raise UnclearError
        low, high = int(bounds.group(1)), int(bounds.group(2) or bounds.group(1))
        if low <= from_start <= high or low <= from_end <= high < 0:
            return True
    return False
