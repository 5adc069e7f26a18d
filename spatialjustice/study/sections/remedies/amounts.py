"""Amounts as sentences write them: ways with their unit, people, shares, and what a goal is called."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import cutoff_text, sentence
from spatialjustice.study.sections.groups.page import group_title
from spatialjustice.study.sections.remedies.question import FIFTHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import Goal

    Said = Callable[[str], str]


def way_in(one: RemedyResult, value: Any) -> Said:
    """Return a function that writes a way with its unit; long ways in kilometres."""
    if math.isnan(value):
        return lambda _language: "–"
    unit = one.settings.unit
    if unit == "metres" and abs(value) >= 10_000:
        return lambda language: (
            f"{catalogue.number(value / 1000, language, digits=1)}\u00a0{_short('kilometres', language)}"
        )
    digits = 0 if unit == "metres" and abs(value) >= 10 else 1
    return lambda language: f"{catalogue.number(value, language, digits=digits)}\u00a0{_short(unit, language)}"


def _short(unit: str, language: str) -> str:
    return catalogue.words(language)[f"unit.{unit}.short"]


def people_in(value: Any) -> Said:
    """Return a function that writes a number of people."""
    return lambda language: catalogue.number(value, language, digits=0)


def share_in(value: Any, digits: int = 1) -> Said:
    """Return a function that writes a share in percent."""
    return lambda language: catalogue.number(value, language, digits=digits, percent=True)


def group_called(study: Any, name: str) -> Texts:
    """Return what a group is called; the fifths by income in words."""
    number, _, count = name.partition(" of ")
    return sentence(f"remedy.fifth.{number}") if count == str(FIFTHS) else group_title(study, name)


def goal_in(goal: Goal) -> Said:
    """Return a function that says what a plan is for."""
    if goal.cutoff is None:
        key = f"remedy.goal.{goal.key}"
        return lambda language: catalogue.words(language)[key]
    return sentence("remedy.goal.within", limit=cutoff_text(goal.cutoff).__getitem__).__getitem__


def value_in(one: RemedyResult, amount: float) -> Said:
    """Return a function that writes an amount of the goal: a way for each person, or people."""
    if one.shown.goal.name == "within cutoff":
        return sentence("remedy.people", amount=people_in(amount)).__getitem__
    return sentence("remedy.a_person", amount=way_in(one, amount)).__getitem__


def metres_in(value: float) -> Said:
    """Return a function that writes metres."""
    return lambda language: f"{catalogue.number(value, language, digits=0)}\u00a0{_short('metres', language)}"
