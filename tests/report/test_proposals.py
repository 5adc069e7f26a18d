"""Proposals from hand: which are the same, which come first, and what a stranger's text may do to a terminal."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from spatialjustice.report.proposals import LARGEST, MOST, Proposal, joined, near_equal, ranked, read_proposals, shown

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
    # The nearest site is not always the one to take: 80 and -90 metres are near 150 and 0, but not the other way.
    one, other = [proposal("one", north(0), north(1.5)), proposal("two", north(0.8), north(-0.9))]
    for mine in (one, replace(one, added=one.added[::-1])):
        for theirs in (other, replace(other, added=other.added[::-1])):
            assert near_equal(mine, theirs)
            assert near_equal(theirs, mine)
    assert near_equal(proposal("west", (60.0, -179.9999)), proposal("east", (60.0, 179.9999)))
    assert near_equal(proposal("gone", removed=[2]), proposal("too", removed=[2]))
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


def site(action, lon=25.0, lat=60.0, **facts):
    place = {"type": "Point", "coordinates": [lon, lat]}
    return {"geometry": place, "properties": {"service": "clinic", "action": action, **facts}}


def sent(*features, **facts):
    return {
        "spatialjustice_proposal": 1, "name": "a", "study": {"name": "city"}, "mode": "walk",
        "limit": {"value": 500, "unit": "metres"}, "features": list(features), **facts,
    }  # fmt: skip


def test_what_files_say_is_counted_once_and_within_bounds(tmp_path):
    good = {
        "new": sent(site("add", place=5)),  # a number that no page would write there counts for nothing
        "moved": sent(site("move", place=3, **{"from": [25.1, 60.1]}), site("remove", 25.2, place=4)),
        "older": sent(site("move", place=0)),
        "most": sent(*[site("add")] * MOST),
    }
    effect = {"service": "clinic"}
    wrong = {
        "twice": (sent(site("move", place=0), site("move", place=0)), "0 moves or goes twice (clinic)"),
        "both": (sent(site("remove", place=7), site("move", place=7)), "7 moves or goes twice (clinic)"),
        "nameless": (sent(site("remove")), "needs its number"),
        "endless": (sent(site("add"), effects=[effect | {"gained": 1e300}]), "effects.0.gained"),
        "less": (sent(site("add"), effects=[effect | {"before": {"within": -1}}]), "effects.0.before.within"),
        "pole": (sent(site("add", lat=90)), "a latitude is at most 85"),
        "many": (sent(*[site("add")] * (MOST + 1)), f"at most {MOST} items"),
        "two": (sent(site("add"), name=1, mode=2), "and 1 more fault. The"),
    }
    for name, content in (good | {name: content for name, (content, _) in wrong.items()}).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    for copy in ("zcopy", "zagain"):
        (tmp_path / f"{copy}.geojson").write_bytes((tmp_path / "new.json").read_bytes())
    made, found = read_proposals(tmp_path)
    made = {one.file.removesuffix(".json"): one for one in made}
    assert made.keys() == good.keys()
    assert made["new"].added == ((60.0, 25.0, None),)
    assert made["moved"].removed == ((3, 60.1, 25.1), (4, 60.0, 25.2))
    assert str(made["older"].removed) == "((0, nan, nan),)"
    assert len(json.dumps(good["most"], indent=1)) < LARGEST
    effects = pd.DataFrame({"gained": [4.0, 3, 2, 1], "lost": 0.0, "worst_tenth_gained": 0.0})
    table = ranked([made[name] for name in good], effects)
    assert table[["new", "moved", "gone", "asked_by"]].to_numpy().tolist() == [
        [1, 0, 0, 1], [0, 1, 1, 1], [0, 1, 0, 1], [MOST, 0, 0, 1],
    ]  # fmt: skip
    told = {finding.message.split(".json")[0]: finding for finding in found}
    for name, (_, said) in wrong.items():
        assert said in told[name].message
        assert len(told[name].message) < 300
    copied = [finding for finding in found if finding.code == "proposals_copied"]
    assert [(one.count, one.severity) for one in copied] == [(2, "information")]
    assert "zagain.geojson of new.json; zcopy.geojson of new.json" in copied[0].message


@pytest.mark.parametrize("sign", ["\x1b[2J", "\u202e", "\x00", "\ud800"], ids=["escape", "turn", "zero", "half"])
def test_a_strangers_text_is_one_harmless_line(sign):
    said = shown(f"good\n\t{sign}name " + "x" * 500)
    assert said.startswith("good ")
    assert len(said) == 60
    assert not {"\x1b", "\u202e", "\x00", "\ud800", "\n"} & set(said)
