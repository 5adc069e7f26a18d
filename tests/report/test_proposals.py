"""Proposals from hand: which are the same, which come first, and what a stranger's text may do to a terminal."""

from dataclasses import replace

import pandas as pd
import pytest

from spatialjustice.report.proposals import Proposal, joined, near_equal, ranked, shown

STREET = 60.0, 25.0
HUNDRED = 100 / 111_195  # degrees of latitude in a hundred metres


def proposal(name, *added, removed=(), **facts):
    one = Proposal(
        file=f"{name}.json", name=name, reason="", study="city", checksum="", service="clinic", mode="walk", limit=500,
        unit="metres", added=tuple((lat, lon, None) for lat, lon in added),
        removed=tuple((number, *STREET) for number in removed), claimed={},
    )  # fmt: skip
    return replace(one, **facts)


def north(share, lon=25.0):
    return STREET[0] + share * HUNDRED, lon


def test_what_asks_for_the_same_is_one():
    a = proposal("a", north(0), north(9))
    assert near_equal(a, proposal("b", north(9.9), north(0.9)))  # in another order
    assert not near_equal(a, proposal("c", north(0), north(10.1)))
    assert not near_equal(a, proposal("d", north(0)))
    assert not near_equal(a, proposal("e", north(0), north(9), removed=[1]))
    assert not near_equal(a, proposal("f", north(0), north(9), service="library"))
    # Two sites at one place are not served by one.
    assert not near_equal(proposal("g", north(0), north(0)), a)
    # At 60° a degree of longitude is half as long as one of latitude.
    assert near_equal(proposal("h", north(0)), proposal("i", (STREET[0], 25 + 1.9 * HUNDRED)))
    assert not near_equal(proposal("h", north(0)), proposal("i", (STREET[0], 25 + 2.1 * HUNDRED)))


def test_first_comes_what_helps_most_and_then_what_helps_the_worst_off():
    made = [
        proposal("loses", north(0)), proposal("few", north(20)), proposal("worst", north(40)),
        proposal("many", north(60)), proposal("again", north(60.5)), proposal("books", north(0), service="library"),
    ]  # fmt: skip
    effects = pd.DataFrame(
        {"gained": [90.0, 30, 50, 50, 49, 7], "lost": [60.0, 0, 0, 0, 0, 0], "worst_tenth_gained": [9.0, 1, 5, 4, 4, 0]}
    )
    table = ranked(made, effects)
    told = table[["service", "rank", "name", "asked_by"]].to_numpy().tolist()
    assert told == [
        ["clinic", 1, "worst", 1], ["clinic", 2, "many", 2], ["clinic", 3, "loses", 1], ["clinic", 4, "few", 1],
        ["library", 1, "books", 1],
    ]  # fmt: skip
    assert table.loc[1, "files"] == "many.json; again.json"
    assert [finding.count for finding in joined(table)] == [1]
    assert ranked([], pd.DataFrame()).empty
    assert list(joined(ranked([], pd.DataFrame()))) == []


@pytest.mark.parametrize("sign", ["\x1b[2J", "\u202e", "\x00", "\ud800"], ids=["escape", "turn", "zero", "half"])
def test_a_strangers_text_is_one_harmless_line(sign):
    said = shown(f"good\n\t{sign}name " + "x" * 500)
    assert said.startswith("good ")
    assert len(said) == 60
    assert not {"\x1b", "\u202e", "\x00", "\ud800", "\n"} & set(said)
