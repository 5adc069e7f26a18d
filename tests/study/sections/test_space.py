# ruff: noqa: RUF001 - Persian digits are what is looked for
"""Studies that say who is whose neighbour, and which statistics they want of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.space.neighbours.links import Links
from spatialjustice.study import run
from spatialjustice.study.engine.outcome import Outcome
from spatialjustice.study.outputs import map_pages
from spatialjustice.study.sections.space import compute as space

ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}

# Sixteen squares of 300 m, four to a row, on a grid of streets 200 m apart. Middles lie 300 m apart in a row, so a
# middle zone has four others within 300 m and eight within 425 m.


def table(results, name, **options):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv", **options)


@pytest.mark.parametrize(
    ("rule", "of_the_middle", "of_the_corner"),
    [
        ({"contiguity": 1.0}, 8, 3),
        ({"nearest": 3}, 3, 3),
        ({"distance": "310 m"}, 4, 2),
    ],
)
def test_the_rule_decides_who_is_a_neighbour(city, write_zones, tmp_path, rule, of_the_middle, of_the_corner):
    write_zones(city.folder / "zones.gpkg")
    results = run(city.study(space={"neighbours": rule}, services=["pharmacy"], **ZONES), out=tmp_path / "out")
    links = space.neighbours(results.study, results.zones, results["streets"], results.people).graph()
    assert len(links["z05"]) == of_the_middle
    assert len(links["z00"]) == of_the_corner
    said = set(table(results, "spatial_autocorrelation")["neighbours"])
    assert said == {results.study.space.neighbours.label}


def test_neighbours_along_the_streets(city, tmp_path):
    study = city.study(space={"neighbours": {"travel_time": "6 min"}}, services=["pharmacy"], **ZONES)
    results = run(study, out=tmp_path / "out")
    links = space.neighbours(results.study, results.zones, results["streets"], results.people).graph()
    # In 6 minutes 480 m are walked. From the middle of z00, 50 m off its street, to that of z01, as far off its own, it
    # is 400 m; to z05, in the next row too, it is 600 m.
    assert "z01" in links["z00"].index
    assert "z05" not in links["z00"].index
    assert set(table(results, "spatial_autocorrelation")["neighbours"]) == {"zones within 6 min along the streets"}


def test_statistics_of_every_outcome_and_of_every_zone(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", poor=[float(number) for number in range(16)])
    study = city.study(
        space={
            "statistics": ["moran", "geary", "getis_ord", "spatial_gini"],
            "local": ["local_getis_ord", "local_moran", "local_geary"],
            "need": "poor",
            "adjust": "none",
            "significance": 0.1,
        },
        catchments=[{"name": "medicine", "services": ["pharmacy"], "decay": {"binary": "15 min"}}],
        services=["pharmacy"],
        languages=["en", "fa"],
        **ZONES,
    )
    results = run(study, out=tmp_path / "out")
    found = table(results, "spatial_autocorrelation")
    assert set(found["outcome"]) == {"way to the nearest", "within 500 m", "within 1000 m", "for 10,000 people"}
    assert set(found["measure"]) == {"moran", "geary", "getis_ord", "spatial_gini", "lee"}
    told = found.set_index(["outcome", "measure"])
    way = told.loc["way to the nearest"]
    assert (way["n"] == 16).all()
    assert way.loc["moran", "statistic"] > way.loc["moran", "expected"]
    assert way.loc["geary", "statistic"] < way.loc["geary", "expected"]
    assert (way["p_value"].dropna() <= 1).all()
    # The pharmacy is at one corner and the column rises to the opposite one: far and poor go together.
    assert way.loc["lee", "statistic"] > 0
    zones = table(results, "zones", index_col="zone_id")
    for name in ("cluster", "local_getis_ord", "local_geary"):
        assert {f"pharmacy_walk_{name}", f"pharmacy_walk_{name}_p_value"} <= set(zones)
    assert set(zones["pharmacy_walk_local_getis_ord"]) <= {"hot spot", "cold spot", "not significant"}
    mapped = {item.key: item for item in map_pages.indicators(results, results.study.modes[0])}["pharmacy_clusters"]
    assert set(mapped.labels) <= {"hot spot", "cold spot", "not significant"}
    assert "Getis and Ord" in mapped.note["en"]
    assert "10%" in mapped.note["en"]
    assert "۱۰" in mapped.note["fa"]


def test_a_statistic_that_cannot_be_says_why(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg")
    # Nobody reaches a library within ten metres: a constant, of which no statistic is told.
    study = city.study(
        space={"statistics": ["moran", "geary"]}, services=["library"], cutoffs=["10 m", "900 m"], **ZONES
    )
    found = table(run(study, out=tmp_path / "out"), "spatial_autocorrelation").set_index(["outcome", "measure"])
    constant = found.loc["within 10 m"]
    assert constant["note"].str.startswith("no statistic").all()
    assert constant["p_value"].isna().all()


def asked(outcomes, links, people, together):
    """Return the statistics of outcomes of the whole place, and zone by zone."""
    clusters = SimpleNamespace(
        statistics=("moran", "spatial_gini"),
        local=("local_moran",),
        need=None,
        neighbours=SimpleNamespace(label="in a row"),
        adjust="fdr",
        significance=0.05,
    )
    study = SimpleNamespace(clusters=clusters, permutations=99)
    options = {"counted": people, "seed": 1, "part": lambda _, doing: doing()}
    surfaces = [("", str(place), one.amounts) for place, one in enumerate(outcomes)]
    whole = space.whole_place(study, outcomes, together, links, pd.DataFrame(), **options)
    return whole.set_index("measure"), space.zone_by_zone(study, surfaces, together, links, **options)


def test_people_without_a_way_or_a_neighbour_are_counted_and_told():
    """Zones in a row, the fifth without a way, so that the sixth has no neighbour left; nobody lives in the seventh."""
    one = np.arange(5)
    row = Links(pd.Index(list("abcdef")), np.r_[one, one + 1], np.r_[one + 1, one], np.ones(10))
    amounts = pd.Series([1.0, 2.0, 2.0, 5.0, np.nan, 4.0, 5.0], index=list("abcdefg"))
    outcome = Outcome("pharmacy", mode="", what="way", unit="minutes", amounts=amounts)
    people = pd.Series([1.0, 2.0, 10.0, 20.0, 40.0, 80.0, 0.0], index=list("abcdefg"))
    told, _ = asked([outcome], lambda: row, people, [[0]])
    assert told.loc["moran", ["people", "people_left_out"]].tolist() == [33, 120]
    why = "40 people: no way leads there; 80 people: no neighbouring zone takes part"
    assert told.loc["moran", "left_out_because"] == why
    # All pairs count in a spatial Gini, those of a zone without neighbours among those that are none.
    assert told.loc["spatial_gini", ["people", "people_left_out"]].tolist() == [113, 40]
    assert told.loc["spatial_gini", "left_out_because"] == "40 people: no way leads there"


def test_where_there_are_no_neighbours_each_outcome_says_why():
    def links():
        raise InputError("zones", "none touches another", "Give a tolerance.")

    ids = list("abcd")
    amounts = pd.Series([1.0, 2.0, 4.0, 3.0], index=ids)
    outcomes = [Outcome(name, mode="", what="way", unit="minutes", amounts=amounts) for name in ("bank", "school")]
    told, local = asked(outcomes, links, pd.Series(1.0, index=ids), [[0, 1]])
    assert told["note"].tolist() == ["no statistic: none touches another"] * 4
    assert local == {}
