"""Answers and tables that real routers wrote: `recorded/README.md` tells how they were made."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj

RECORDED = Path(__file__).parent / "recorded"
ORIGINS = pd.DataFrame(
    {"people": [5400, 5900, 2600, 2000, 3]}, index=["Vaduz", "Schaan", "Triesenberg", "Ruggell", "hut"]
)
PLACES = pd.DataFrame(
    {"name": ["Landesbibliothek", "Landesspital", "Postplatz"], "kind": ["library", "hospital", "square"]},
    index=["l", "h", "p"],
)
VALHALLA = ("valhalla_long", "valhalla_short", "valhalla_as_osrm", "valhalla_miles")


def taken(name, unit):
    return sj.access.costs(RECORDED / f"{name}.json", unit=unit, origins=ORIGINS, destinations=PLACES)


def numbers(costs):
    """Return costs as rows and columns, infinite where there is no way."""
    table = costs.to_frame().pivot(index="from_id", columns="to_id", values="travel_cost")
    return table.reindex(index=ORIGINS.index, columns=PLACES.index).to_numpy(dtype=float, na_value=np.inf)


def test_osrm_writes_seconds_and_metres():
    written = json.loads((RECORDED / "osrm.json").read_text(encoding="utf-8"))
    minutes, metres = taken("osrm", "minutes"), taken("osrm", "metres")
    assert (minutes.unit, metres.unit) == ("minutes", "metres")
    assert numbers(minutes) == pytest.approx(np.array(written["durations"]) / 60, rel=1e-12)
    assert numbers(metres).tolist() == written["distances"]
    assert minutes.sources[0].file == "osrm.json"
    # 5 km/h on foot, which the profile assumes, in the units that were made of it.
    assert (numbers(metres) / numbers(minutes) * 60 / 1000).round(1).min() >= 4


@pytest.mark.parametrize("name", VALHALLA)
def test_every_answer_of_valhalla_says_the_same(name):
    whole, first = taken(name, "minutes"), taken(VALHALLA[0], "minutes")
    assert numbers(whole).tolist() == numbers(first).tolist()
    # Miles are rounded to a thousandth, 1.6 metres.
    assert numbers(taken(name, "metres"))[:4] == pytest.approx(numbers(taken(VALHALLA[0], "metres"))[:4], abs=1.7)


@pytest.mark.parametrize("name", VALHALLA)
def test_no_way_is_no_place_next_door(name):
    """Valhalla's shorter answers write a distance of 0 where there is no way."""
    metres = taken(name, "metres")
    assert np.isinf(numbers(metres)[4]).all()
    assert sj.access.cost_to_closest(metres).isna().to_dict()["hut"]
    assert {finding.code: finding.count for finding in metres.findings} == {"pairs_without_way": 3}
    covered = sj.access.coverage(metres, people="people", cutoff=1000)["people"]
    assert (covered["ok"], covered["unreachable"]) == (5400 + 5900, 3)


def test_two_routers_walk_alike():
    """Two programs, one map: on foot they differ by few per cent where both find a way."""
    one, other = numbers(taken("osrm", "metres"))[:4], numbers(taken("valhalla_long", "metres"))[:4]
    assert one == pytest.approx(other, rel=0.06)


def test_the_nearest_places_have_names():
    named = taken("valhalla_short", "minutes").nearest(2, columns=["name", "kind"])
    assert named.columns.to_list() == ["from_id", "rank", "to_id", "travel_cost", "name", "kind"]
    assert named.loc[named["from_id"] == "Schaan", "name"].to_list() == ["Postplatz", "Landesbibliothek"]
    assert set(named["from_id"]) == set(ORIGINS.index) - {"hut"}
    assert taken("osrm", "minutes").nearest().columns[-1] == "name"


def test_cafein_writes_minutes_or_seconds_in_the_same_columns():
    text = {"from_id": str, "to_id": str}
    minutes, seconds = (pd.read_csv(RECORDED / f"cafein_{name}.csv", dtype=text) for name in ("minutes", "seconds"))
    assert minutes.columns.to_list() == seconds.columns.to_list()
    with pytest.raises(sj.InputError, match="nobody says what the costs are in"):
        sj.access.costs(seconds)
    one = sj.access.cost_to_closest(sj.access.costs(minutes, unit="minutes"))
    other = sj.access.cost_to_closest(sj.access.costs(seconds, unit="seconds"))
    assert (one - other).abs().max() <= 0.5


def test_one_of_several_percentiles_is_chosen():
    table = pd.read_csv(RECORDED / "cafein_percentiles.csv", dtype={"from_id": str, "to_id": str})
    with pytest.raises(sj.InputError, match="several columns may hold the costs: travel_time_p25, travel_time_p50"):
        sj.access.costs(table, unit="minutes")
    every = sj.access.costs_by_column(table, unit="minutes")
    assert list(every) == ["travel_time_p25", "travel_time_p50", "travel_time_p75"]
    slow = sj.access.costs(table, unit="minutes", columns={"travel_cost": "travel_time_p75"})
    assert slow.to_frame()["travel_cost"].sum() == table["travel_time_p75"].sum()
    pd.testing.assert_frame_equal(slow.to_frame(), every["travel_time_p75"].to_frame())


def test_the_matrix_of_r5r_of_belo_horizonte(shared_data):
    """As r5r wrote it: median minutes by public transport, with pairs beyond its limit left out."""
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    costs = sj.access.costs(matrix, unit="minutes")
    assert {finding.code: finding.count for finding in costs.findings} == {"pairs_not_listed": 898**2 - 748_437}
    renamed = matrix.rename(columns={"travel_time": "travel_cost"}).astype({"from_id": str, "to_id": str})
    near = sj.access.cumulative_cutoff(costs, cutoff=30)
    assert (
        near.to_dict() == renamed[renamed["travel_cost"] <= 30].groupby("from_id").size().reindex(near.index).to_dict()
    )
