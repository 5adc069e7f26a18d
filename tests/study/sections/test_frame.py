"""The frame of a study: what is known cell by cell, what goes with what, and the page that tells it."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import check, run
from spatialjustice.study.engine.kept.packing import pack, unpack
from spatialjustice.study.sections.frame import compute
from tests.browsing import text_of_page
from tests.study.conftest import make_zones

# Sixteen synthetic zones of 300 m, four to a row; a pharmacy at the south-western corner, a library in the middle.
PEOPLE = [10.0] * 15 + [0.0]
HOMES = [4.0] * 14 + [8.0, 0.0]
COMPUTER = [50.0, 25.0, 75.0, 100.0] * 3 + [50.0, 25.0, np.nan, np.nan]
ONLINE = [round(0.2 + 0.05 * at, 2) for at in range(16)]
INCOME = [1000.0 + 150 * at + 90 * (-1) ** at for at in range(16)]
FRAME = {
    "indicators": {
        "household_computer": {"column": "computer", "holds": "percent", "households": "homes"},
        "pharmacy_access": {"service": "pharmacy", "within": "500 m"},
        "fine_particles": 11.5,
    },
    "effects": {
        "explanations": {"household_internet": {}},
        "outcomes": {
            "income": {"dimension": "economic", "better": "higher is better", "title": {"en": "Income", "fa": "درآمد"}}
        },
    },
}


def prepare(city):
    make_zones(city.folder / "zones.gpkg", people=PEOPLE, homes=HOMES, computer=COMPUTER, online=ONLINE, income=INCOME)
    return {
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "services": ["pharmacy"],
        "space": {"neighbours": {"nearest": 3}},
        "digital": {"connected": "online", "profile": {"household_internet": "online"}},
        "languages": ["en", "fa"],
        "frame": FRAME,
    }


@pytest.fixture(scope="module")
def found(city_once, tmp_path_factory):
    study = city_once.study(**prepare(city_once))
    out = tmp_path_factory.mktemp("frame") / "out"
    results = run(study, out=out)
    return SimpleNamespace(
        results=results,
        profile=pd.read_csv(out / "tables" / "frame_profile.csv").set_index("indicator"),
        effects=pd.read_csv(out / "tables" / "frame_effects.csv"),
        matrix=pd.read_csv(out / "tables" / "frame_matrix.csv"),
        page=text_of_page(out / "profile.html"),
        index=text_of_page(out / "index.html"),
    )


def test_indicators_come_from_everywhere_and_count_what_they_are_of(found):
    """Of households: 4 each in 14 zones with a value (mean of 50, 25, 75, 100 three times, 50, 25 = 825 / 14 %)."""
    known = found.profile[found.profile["status"] == "measured"]
    assert set(known.index) == {"household_internet", "household_computer", "pharmacy_access", "fine_particles"}
    computer = known.loc["household_computer"]
    assert computer["value"] == pytest.approx(8.25 / 14)
    assert (computer["counts"], computer["people"], computer["people_left_out"]) == ("households", 56, 8)
    internet = known.loc["household_internet"]
    assert internet["value"] == pytest.approx(sum(ONLINE[:15]) / 15)
    assert (internet["counts"], internet["people"]) == ("people", 150)
    within = found.results["reach"]
    item = next(one for one in within if one.service == "pharmacy")
    cutoff = found.results.study.cutoffs_of(found.results.study.modes[0])[0]
    share = np.average(item.within(cutoff).astype(float), weights=PEOPLE)
    assert known.loc["pharmacy_access", "value"] == pytest.approx(share)
    assert 0 < share < 1
    assert known.loc["fine_particles", "note"] == "spread not known"


def test_relations_are_of_zones_where_somebody_lives(found):
    row = found.effects.iloc[0]
    assert (row["indicator"], row["outcome"], row["n"], row["people"]) == ("household_internet", "income", 15, 150)
    assert (row["component"], row["dimension"], row["goes_with"]) == ("people", "economic", "better")
    assert len(found.matrix) == 9
    cell = found.matrix.set_index(["component", "dimension"]).loc[("people", "economic")]
    assert cell["grade"] == "C"  # clear, but of 15 zones only
    assert (found.matrix["grade"] == "–").sum() == 8


def test_the_page_tells_the_cells_the_relation_and_the_six_suggestions(found):
    for said in (
        "Of the 59 indicators of a smart and just city, 4 are known here; 3 of nine cells have at least one.",
        "از ۵۹ شاخص شهر هوشمند و عادلانه، ۴ شاخص در اینجا معلوم است؛ ۳ خانه از نُه خانه دست‌کم یک شاخص دارد.",
        "clearly go together once chance among so many is allowed for: 1 of 1.",
        "Households with a computer",
        "59%",
        "eight of ten households: 25% to 100%",
        "not counted: 8 households",
        "needs a map of noise",
        "SDG 11.6.2",
        "These are relations between zones at one time.",
        "میان پهنه‌ها در یک زمان",
        *(f"{number}. " for number in range(1, 7)),
        "Neither reports nor ballots are part of this study.",
        "of the 4 indicators that are known carry the code of a standard",
    ):
        assert said in found.page, said
    assert "profile.html" in found.index
    assert "The city in nine cells" in found.index


def test_no_sentence_of_the_page_says_cause(found):
    said = re.sub(r"<(script|style)\b.*?</\1>", " ", found.page, flags=re.DOTALL)
    told = [one for one in re.findall(r'"((?:[^"\\]|\\.)*)"', found.page) if "goes with" in one or "همراه" in one]
    assert told
    for one in told:
        assert not re.search(r"\b(?:causes?|caused|leads? to|due to|because of|results? in)\b", one), one
        assert not re.search("علت|باعث|موجب|منجر|تأثیر", one), one
    assert "leads to" not in said


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        pytest.param({"indicators": {"pharmacy": "online"}}, "no indicator of the catalogue", id="unknown indicator"),
        pytest.param({"indicators": {"open_data": {"column": "online", "number": 1}}}, "exactly one of", id="two ways"),
        pytest.param({"indicators": {"open_data": {"number": 1, "holds": "share"}}}, "said of a column", id="holds"),
        pytest.param(
            {"indicators": {"pharmacy_access": {"service": "farmacy"}}}, "is no service of this study", id="no service"
        ),
        pytest.param(
            {"indicators": {"pharmacy_access": {"service": "pharmacy", "within": "700 m"}}},
            "none of the cutoffs",
            id="no cutoff",
        ),
        pytest.param(
            {"effects": {"explanations": {"income": "people"}, "outcomes": {"income": "economic"}}},
            "nothing is explained by itself",
            id="explained by itself",
        ),
    ],
)
def test_what_a_frame_cannot_say_is_told_before_anything_is_computed(city_once, frame, said):
    study = city_once.study(**(prepare(city_once) | {"frame": frame}))
    with pytest.raises(StudyError, match=said):
        check(study)


def test_percentages_that_are_called_shares_are_refused_by_zone(city_once):
    frame = {"indicators": {"household_computer": {"column": "computer", "holds": "share"}}}
    study = city_once.study(**(prepare(city_once) | {"frame": frame}))
    with pytest.raises((InputError, StudyError), match="divide by 100"):
        check(study)


def test_relations_outlive_a_run_that_was_stopped(found):
    effects = found.results["frame"].effects
    again = compute._again(unpack(pack(compute._kept(effects))))
    pd.testing.assert_frame_equal(again, effects)
    assert again.attrs == effects.attrs


def test_what_other_parts_measure_has_their_names_and_ways_are_those_of_the_first_mode():
    """What is offered under the name of a way stays what it is."""
    noise, near, far = (pd.Series([at, at + 1.0], index=["a", "b"]) for at in (1.0, 5.0, 9.0))
    offered = {
        "values": [("noise", noise)],
        "outcomes": [
            SimpleNamespace(what="way", mode="walk", service="school", amounts=near),
            SimpleNamespace(what="way", mode="car", service="school", amounts=far),
            SimpleNamespace(what="within", mode="walk", service="park", amounts=far),
        ],
    }
    modes = [SimpleNamespace(key="walk"), SimpleNamespace(key="car")]
    work = SimpleNamespace(gathered=offered.__getitem__, study=SimpleNamespace(modes=modes))
    found = compute._measured(work)
    assert set(found) == {"noise", "way_to_school"}
    assert found["way_to_school"] is near
    with pytest.raises(InputError, match="noise, way_to_school"):
        compute._one_of("quiet", found)
