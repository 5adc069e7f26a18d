"""The order in which sections are computed."""

from __future__ import annotations

import pytest

from spatialjustice.study import registry
from spatialjustice.study.engine.plan import ordered
from spatialjustice.study.engine.section import Section, returns_nothing


def names(*sections: Section) -> list[str]:
    return [section.name for section in ordered(sections)]


def made(name: str, **words: object) -> Section:
    return Section(name, returns_nothing, **words)


def test_each_comes_as_early_as_what_it_needs_allows():
    """c and d need a alone, b needs c: first a, then c and d in their own order, then b."""
    assert names(made("b", needs=("c",)), made("c", needs=("a",)), made("d", needs=("a",)), made("a")) == [
        "a",
        "c",
        "d",
        "b",
    ]


def test_who_changes_a_result_comes_before_all_who_use_it():
    sections = made("people", needs=("zones",)), made("zones"), made("census", changes="zones")
    assert names(*sections) == ["zones", "census", "people"]


def test_who_gathers_comes_after_all_who_offer():
    offers = {"outcomes": returns_nothing}
    sections = made("spread", gathers=("outcomes",)), made("far", offers=offers, needs=("late",)), made("late")
    assert names(*sections) == ["late", "far", "spread"]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ([made("a", needs=("b",))], "a needs b, which is no section"),
        ([made("a", needs=("b",)), made("b", needs=("a",))], "need each other in a circle: a, b"),
        ([made("a"), made("a")], "two sections are called a"),
    ],
)
def test_what_cannot_be_ordered_is_refused(sections, message):
    with pytest.raises(ValueError, match=message):
        ordered(sections)


def test_the_sections_of_the_package_can_be_ordered():
    plan = [section.name for section in ordered(registry.sections())]
    assert plan.index("place") < plan.index("zones") < plan.index("census") < plan.index("people")
    assert plan.index("transit") < plan.index("streets")
    assert plan.index("digital") < plan.index("inequality")
