"""Every indicator is whole: named and explained in both languages, placed in the frame, with known units and words."""

import re

import pytest

from spatialjustice.catalogue import indicators, measures, words

REQUIRED = {
    "name", "definition", "unit", "direction", "component", "dimension", "characteristic", "factor", "role",
    "computable", "data", "challenges",
}  # fmt: skip
OPTIONAL = {"standards", "beside", "made_by", "range"}
GROUPS = {
    "component": {"technology", "people", "institutions"},
    "dimension": {"environmental", "social", "economic"},
    "characteristic": {"economy", "people", "governance", "mobility", "environment", "living"},
    "role": {"supply", "use", "outcome"},
}
PATTERNS = {
    "SDG": r"\d{1,2}\.[\da-d]\.\d",
    "ISO 37120:2014": r"\d{1,2}\.\d{1,2}",
    "ISO 37120:2018": r"",
    "ISO 37122:2019": r"",
    "DESI 2021": r"\d[a-c]\d",
    "U4SSC": r"EC: (ICT|I): (ICT|PS|T): \d[AC]",
    "ITU-T FG-SSC 2015": r"[AI]\d\.\d\.\d",
}
"""What a code looks like; the number of the newer ISO standards could not be looked up, so that none is given."""


@pytest.mark.parametrize("key", sorted(indicators()))
def test_an_indicator_is_whole(key):
    one = indicators()[key]
    assert REQUIRED <= set(one) <= REQUIRED | OPTIONAL
    assert re.fullmatch("[a-z0-9_]+", key)
    for text in ("name", "definition"):
        assert set(one[text]) == {"en", "fa"}
        assert all(one[text].values())
    assert one["definition"]["en"].endswith(".")
    assert one["definition"]["fa"].endswith(".")
    assert one["direction"] in {"higher is better", "lower is better"}
    for group, there in GROUPS.items():
        assert one[group] in there
    assert isinstance(one["computable"], bool)
    assert one["data"]
    assert one["made_by"] is None or one["made_by"] in measures()
    assert one["range"] is None or one["range"][0] < one["range"][1]
    if one["beside"] is not None:
        assert one["role"] == "supply"
        assert indicators()[one["beside"]]["role"] == "use"


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("key", sorted(indicators()))
def test_its_words_are_there(key, lang):
    one, said = indicators()[key], words(lang)
    assert said[f"unit.{one['unit']}"]
    assert said[f"unit.{one['unit']}.short"] or one["unit"] == "ratio"
    for group in (*GROUPS, "factor"):
        assert said[f"indicator.{group}.{one[group]}"]
    for name in one["challenges"]:
        assert said[f"indicator.challenge.{name}"]
    for name in one["data"]:
        assert said[f"indicator.data.{name}"]


@pytest.mark.parametrize("key", sorted(indicators()))
def test_its_standards_are_codes(key):
    for standard in indicators()[key]["standards"]:
        assert set(standard) == {"standard", "code", "match"}
        assert re.fullmatch(PATTERNS[standard["standard"]], standard["code"])
        assert standard["match"] in {"same", "near"}


def test_persian_is_written_with_persian_letters_and_digits():
    for key, one in indicators().items():
        for text in (one["name"]["fa"], one["definition"]["fa"]):
            assert not re.search("[\u064a\u0643\u06c0]", text), key
            assert not re.search("[0-9%A-Za-z]", text), key
            assert re.search("[\u0600-\u06ff]", text), key


def test_no_word_is_left_over():
    """Every word of the frame in the languages belongs to some indicator."""
    used = {f"indicator.{group}.{one[group]}" for one in indicators().values() for group in (*GROUPS, "factor")}
    used |= {f"indicator.data.{name}" for one in indicators().values() for name in one["data"]}
    used |= {f"indicator.challenge.{name}" for one in indicators().values() for name in one["challenges"]}
    left = {key for key in words("en") if key.startswith("indicator.") and not key.startswith("indicator.standard.")}
    assert left == used


def test_names_are_all_different():
    for lang in ("en", "fa"):
        names = [one["name"][lang] for one in indicators().values()]
        assert len(set(names)) == len(names)


def test_the_frame_is_filled():
    """Each component has indicators of each dimension it can have; each characteristic and challenge has several."""
    records = list(indicators().values())
    assert len(records) >= 50
    assert 35 <= sum(one["computable"] for one in records) <= 50
    for group, there in GROUPS.items():
        for name in there:
            assert sum(one[group] == name for one in records) >= 3, (group, name)
    for challenge in ("digital_inequality", "weak_infrastructure", "data_governance", "lack_of_skills"):
        assert sum(challenge in one["challenges"] for one in records) >= 3, challenge
