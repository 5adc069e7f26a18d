"""Groups of people on the pages: what they are called, and whose people the filter can count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import sentence

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.groups.settings import GroupsKeys

OTHERS = "everybody else"
"""What the people outside a group are called in tables."""


def filters(results: Results[GroupsKeys], _mode: Travel) -> dict[str, tuple[Texts, pd.Series[Any]]]:
    """Return the people of each of the study's groups, for the filter."""
    return {name: (group_title(results.study, name), people) for name, people in results["groups"].parts.items()}


def group_title(study: GroupsKeys, name: str) -> Texts:
    """Return what a group is called: one of the study, everybody else, all people, or a part by income."""
    group = study.groups.get(name)
    if group is not None:
        return {language: catalogue.text_in(group.title, language) for language in catalogue.LANGUAGES}
    if name == OTHERS:
        return sentence("study.everybody_else")
    if name == "all people":
        return sentence("page.filter.everybody")
    if name == "unknown":
        return sentence("group.unknown")
    number, _, count = name.partition(" of ")
    if number.isdigit() and count.isdigit():
        return sentence(
            "study.income_part",
            number=lambda language: catalogue.number(float(number), language),
            count=lambda language: catalogue.number(float(count), language),
        )
    return dict.fromkeys(catalogue.LANGUAGES, name)
