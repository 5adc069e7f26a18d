"""One matrix, spelled and laid out in every way that routers and people do, is one; what is not clear is asked."""

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spatialjustice as sj

FROM = ["a", "b", "c"]
TO = ["x", "y"]
ZONES = pd.DataFrame({"people": [10.0, 20.0, 30.0]}, index=FROM)
CLINICS = pd.DataFrame({"name": ["North", "South"], "doctors": [2.0, 5.0]}, index=TO)
IDS = {"origins": ZONES, "destinations": CLINICS}


def long(minutes, names=("from_id", "to_id", "travel_cost")):
    """Return rows of minutes as a table of pairs, missing where there is no way."""
    rows = [(FROM[i], TO[j], minutes[i][j]) for i, j in itertools.product(range(3), range(2))]
    return pd.DataFrame(rows, columns=list(names)).astype({names[2]: float})


def wide(minutes):
    return pd.DataFrame(minutes, FROM, TO, dtype=float)


def seconds(minutes):
    return [[None if one is None else one * 60 for one in row] for row in minutes]


def entries(minutes):
    return [
        [{"from_index": i, "to_index": j, "time": one, "distance": one} for j, one in reversed(list(enumerate(row)))]
        for i, row in enumerate(seconds(minutes))
    ]


SPELLINGS = {
    "own": lambda m: (long(m), {"unit": "minutes"}),
    "r5r of old": lambda m: (long(m, ("fromId", "toId", "travel_time_p050")), {"unit": "min"}),
    "PySAL access": lambda m: (long(m, ("origin", "dest", "cost")), {"unit": "minutes"}),
    "QGIS": lambda m: (long(m, ("FROM_ID", "TO_ID", "DURATION_H")).assign(DURATION_H=lambda t: t.DURATION_H / 60), {}),
    "ArcGIS": lambda m: (long(m, ("OriginID", "DestinationID", "Total_Minutes")), {}),
    "told": lambda m: (
        long(m, ("home", "clinic", "how_long")),
        {"unit": "minutes", "columns": {"from_id": "home", "to_id": "clinic", "travel_cost": "how_long"}},
    ),
    "durations": lambda m: (long(m).assign(travel_cost=lambda t: pd.to_timedelta(t.travel_cost, unit="min")), {}),
    "text": lambda m: (
        long(m).assign(travel_cost=lambda t: t.travel_cost.map(str).replace("nan", "no route")),
        {"unit": "minutes", "unreachable": "no route"},
    ),
    "marks": lambda m: (long(m).fillna(-1), {"unit": "minutes", "unreachable": [-1, 99999]}),
    "infinite": lambda m: (long(m).fillna(np.inf), {"unit": "minutes"}),
    "absent": lambda m: (long(m).dropna(), {"unit": "minutes"}),
    "shuffled": lambda m: (long(m).iloc[::-1], {"unit": "minutes"}),
    "PyArrow": lambda m: (pa.Table.from_pandas(long(m)), {"unit": "minutes"}),
    "Polars": lambda m: (pl.from_pandas(long(m)), {"unit": "minutes"}),
    "MultiIndex": lambda m: (long(m).set_index(["from_id", "to_id"])["travel_cost"], {"unit": "minutes"}),
    "MultiIndex turned": lambda m: (long(m).set_index(["to_id", "from_id"])["travel_cost"], {"unit": "minutes"}),
    "MultiIndex unnamed": lambda m: (
        long(m).set_index(["from_id", "to_id"]).rename_axis([None, None]),
        {"unit": "minutes"},
    ),
    "wide": lambda m: (wide(m), {"unit": "minutes"}),
    "wide with a column of ids": lambda m: (wide(m).rename_axis("from_id").reset_index(), {"unit": "minutes"}),
    "wide without ids of rows": lambda m: (wide(m).reset_index(drop=True), {"unit": "minutes"}),
    "wide in seconds": lambda m: (wide(m) * 60, {"unit": "seconds"}),
    "array": lambda m: (np.array(wide(m)), {"unit": "minutes"}),
    "rows": lambda m: (m, {"unit": "minutes"}),
    "dicts": lambda m: (wide(m).to_dict("index"), {"unit": "minutes"}),
    "OSRM": lambda m: ({"code": "Ok", "durations": seconds(m)}, {}),
    "openrouteservice": lambda m: ({"durations": seconds(m), "metadata": {"query": {}}, "distances": m}, {"unit": "s"}),
    "Valhalla short": lambda m: ({"sources_to_targets": {"durations": seconds(m)}, "units": "miles"}, {}),
    "Valhalla long": lambda m: ({"sources_to_targets": entries(m)}, {"unit": "minutes"}),
}
"""By name: what makes a table of rows of minutes, and what is said of it."""

one_cost = st.one_of(st.none(), st.integers(0, 400).map(lambda steps: steps / 4))


@settings(max_examples=20)
@given(st.lists(st.lists(one_cost, min_size=2, max_size=2), min_size=3, max_size=3))
def test_every_spelling_of_a_matrix_gives_the_same_measures(minutes):
    expected = wide(minutes)
    for name, spelled in SPELLINGS.items():
        table, said = spelled(minutes)
        costs = sj.access.costs(table, **said, **IDS)
        assert costs.unit == "minutes", name
        near = sj.access.cost_to_closest(costs)
        pd.testing.assert_series_equal(near, expected.min(axis=1), check_names=False, rtol=1e-12, obj=name)
        doctors = sj.access.cumulative_cutoff(costs, "doctors", cutoff=30 + 1e-9)
        assert doctors.to_list() == ((expected <= 30) @ CLINICS["doctors"]).to_list(), name
        assert costs.to_frame()["to_id"].size == expected.count().sum(), name


WAYS = [[4.0, 9.0], [12.0, 30.0], [7.0, None]]


def test_distances_of_openrouteservice_are_in_the_unit_that_was_asked_for():
    answer = {"distances": [[1.5, 2.0]] * 3, "metadata": {"query": {"units": "km"}}}
    assert sj.access.costs(answer, **IDS).to_frame()["travel_cost"].to_list() == [1500.0, 2000.0] * 3


def test_a_network_graphs_metres_and_a_unit_of_ones_own():
    assert sj.access.costs({"a": {"x": 2}, "b": {"x": 0.5}}, unit="km").to_frame()["travel_cost"].to_list() == [
        2000,
        500,
    ]
    money = sj.access.costs(wide(WAYS), unit="BRL")
    assert (money.unit, sj.access.cost_to_closest(money).attrs["unit"]) == ("BRL", "BRL")


def test_frames_of_r5py_say_their_unit_themselves():
    """A made-up (synthetic) frame of a class of that package, which writes minutes, missing where there is no way."""
    made = type("TravelTimeMatrix", (pd.DataFrame,), {"__module__": "r5py.r5.travel_time_matrix"})
    costs = sj.access.costs(made(long(WAYS, ("from_id", "to_id", "travel_time"))), **IDS)
    assert (costs.unit, sj.access.cost_to_closest(costs).to_list()) == ("minutes", [4, 12, 7])


def test_the_quickest_of_the_itineraries_of_r5r():
    """The columns of r5r's detailed_itineraries: one row for each segment, the total of the option in each."""
    rows = [("a", "x", 1, 1, 30.0), ("a", "x", 1, 2, 30.0), ("a", "x", 2, 1, 25.5), ("b", "x", 1, 1, 8.0)]
    table = pd.DataFrame(rows, columns=["from_id", "to_id", "option", "segment", "total_duration"])
    costs = sj.access.costs(table.assign(mode="WALK", segment_duration=1.0, wait=0.0, distance=5))
    assert costs.to_frame()["travel_cost"].to_list() == [25.5, 8.0]
    assert [finding.code for finding in costs.findings] == ["quickest_of_options"]
    with pytest.raises(sj.InputError, match="without the total of each"):
        sj.access.costs(table.drop(columns="total_duration"), unit="minutes")


def test_places_without_any_pair_are_there():
    costs = sj.access.costs(long(WAYS).query("from_id == 'a'"), unit="minutes", **IDS)
    assert sj.access.status(costs, cutoff=5).to_list() == ["ok", "unreachable", "unreachable"]
    assert sj.access.coverage(costs, people="people", cutoff=5)["people"]["unreachable"] == 50


def test_the_limit_of_the_router_is_kept():
    costs = sj.access.costs(long(WAYS), unit="minutes", cutoff=15, **IDS)
    with pytest.raises(sj.InputError, match="asked for only up to 15"):
        sj.access.cumulative_cutoff(costs, cutoff=20)
    assert sj.access.cost_to_closest(costs, n=2).isna().to_list() == [False, True, True]


def test_estimates_of_osrm_are_told():
    answer = {"code": "Ok", "durations": seconds(WAYS), "fallback_speed_cells": [[2, 1], [0, 0]]}
    with pytest.warns(sj.SpatialJusticeWarning, match="costs_estimated: 2 travel costs"):
        costs = sj.access.costs(answer, **IDS)
    assert "costs_estimated" in set(sj.findings(costs)["code"])


def test_findings_count_what_has_no_way():
    table = long(WAYS).assign(travel_cost=[4, -9, 2147483647, np.inf, None, 7])
    with pytest.warns(sj.SpatialJusticeWarning, match="costs_marked_unreachable"):
        costs = sj.access.costs(table, unit="minutes", unreachable=-9, **IDS)
    told = {finding.code: finding.message for finding in costs.findings}
    assert told["pairs_without_way"] == (
        "3 of 6 pairs have no way: 1 costs are missing, 1 are infinite, 1 hold a mark that was named."
    )
    assert "2147483647" in told["costs_marked_unreachable"]
    assert sj.access.cost_to_closest(costs).isna().to_list() == [False, True, False]


def capped():
    """A made-up (synthetic) matrix whose limit of 45.5 stands where nothing was found."""
    values = np.random.default_rng(3).uniform(1, 45, (20, 20)).round(2)
    values[np.random.default_rng(4).random((20, 20)) < 0.3] = 45.5
    return pd.DataFrame(values, range(1, 21), range(100, 120))


REFUSED = {
    "no unit": (lambda: long(WAYS), {}, "unit: nobody says what the costs are in"),
    "lone m": (lambda: long(WAYS), {"unit": "m"}, "Did you mean minutes or metres"),
    "nearly a unit": (lambda: long(WAYS), {"unit": "minuts"}, "Did you mean minutes"),
    "two units": (lambda: long(WAYS, ("from", "to", "travel_minutes")), {"unit": "s"}, "but the table says minutes"),
    "negative": (lambda: long(WAYS).fillna(-1), {"unit": "min"}, "1 are negative: -1 .*say so: unreachable=-1"),
    "nines": (lambda: long(WAYS).fillna(99999), {"unit": "min"}, "1 of 6 are 99999, far above.*unreachable=99999"),
    "limit": (capped, {"unit": "min"}, "are 45.5, and none is higher.*unreachable=45.5"),
    "words": (lambda: long(WAYS).astype(object).fillna("none"), {"unit": "min"}, "1 are text: none"),
    "percentiles": (
        lambda: long(WAYS).rename(columns={"travel_cost": "travel_time_p50"}).assign(travel_time_p90=1),
        {"unit": "min"},
        'travel_time_p50, travel_time_p90. .*columns={"travel_cost": "travel_time_p90"}',
    ),
    "no such column": (lambda: long(WAYS), {"columns": {"travel_cost": "zzz"}}, "there is no column zzz"),
    "unknown columns": (
        lambda: pd.DataFrame({"p": ["a"], "q": ["x"], "r": [1]}),
        {},
        "known to hold the from_id and the",
    ),
    "no costs": (lambda: pd.DataFrame({"from_id": ["a"], "to_id": ["x"], "r": [1]}), {}, "known to hold the costs"),
    "twice": (lambda: pd.concat([long(WAYS)] * 2), {"unit": "min"}, "6 pairs are listed more than once.*median"),
    "mixed ids": (
        lambda: long(WAYS).assign(from_id=["a", 1, "a", 1, 2, 2]),
        {"unit": "min"},
        "several types .int, str",
    ),
    "ids that lost zeros": (
        lambda: pd.DataFrame({"from_id": [17], "to_id": ["x"], "cost": [1]}),
        {"unit": "min", "origins": ["0017"]},
        "17 here is 0017 there",
    ),
    "ids of another kind": (
        lambda: pd.DataFrame({"from_id": [17], "to_id": ["x"], "cost": [1]}),
        {"unit": "min", "origins": ["17"]},
        "Ids are numbers here and text there",
    ),
    "turned": (lambda: wide(WAYS).T, {"unit": "min", **IDS}, "its origins are the destinations"),
    "turned array": (lambda: np.array(wide(WAYS)).T, {"unit": "min", **IDS}, "give its transpose"),
    "too few ids": (lambda: np.array(wide(WAYS)), {"unit": "min", "origins": FROM[:2]}, "3 rows and 2 columns, for 2"),
    "999": (lambda: long(WAYS).fillna(999), {"unit": "min"}, "1 of 6 are 999, far above.*unreachable=999"),
    "wide without ids": (lambda: wide(WAYS).reset_index(drop=True), {"unit": "min"}, "rows have no ids"),
    "ranks": (
        lambda: pd.DataFrame({1: [2.0, 3.0, 4.0], 2: [5.0, 6.0, 4.0]}, index=FROM),
        {"unit": "metres"},
        "costs to the nearest, the second nearest",
    ),
    "both kinds": (lambda: {"durations": [[1]], "distances": [[1]]}, {}, "Choose: unit=“minutes” or unit=“metres”"),
    "wrong kind": (lambda: {"durations": [[1]]}, {"unit": "metres"}, "the answer holds durations"),
    "error of OSRM": (lambda: {"code": "NoTable", "message": "No table"}, {}, "NoTable No table"),
    "error of Valhalla": (
        lambda: {"error_code": 171, "error": "No suitable edges", "status_code": 400},
        {},
        "171 No suit",
    ),
    "error of openrouteservice": (lambda: {"error": {"code": 6010, "message": "too far"}}, {}, "too far"),
    "ragged": (lambda: {"durations": [[1, 2], [3]]}, {}, "different lengths"),
    "words in an answer": (lambda: {"durations": [["1"]]}, {}, "the matrix holds '1'"),
    "entries without times": (lambda: {"sources_to_targets": [[{"distance": 1}]]}, {"unit": "min"}, "holds distances"),
    "entries of no kind": (lambda: {"sources_to_targets": [[5]]}, {}, "not laid out as any that is known"),
    "an entry elsewhere": (lambda: {"sources_to_targets": [[{"from_index": 3, "time": 1}]]}, {}, "names the pair 3, 0"),
    "unknown units": (lambda: {"distances": [[1]], "metadata": {"query": {"units": 7}}}, {}, "distances are in 7"),
    "one name twice": (
        lambda: long(WAYS).set_axis(["from_id", "cost", "cost"], axis=1),
        {},
        "the columns cost occur more than once",
    ),
    "lists as ids": (lambda: long(WAYS).assign(from_id=[["a"]] * 6), {"unit": "min"}, "its ids are each a list"),
    "a number as places": (lambda: long(WAYS), {"unit": "min", "destinations": 5}, "destinations: it is 5"),
    "a list as mark": (lambda: long(WAYS), {"unit": "min", "unreachable": [[1]]}, r"unreachable: it holds \[1\]"),
    "no rows": (lambda: [1, 2], {"unit": "min"}, "not one of rows"),
    "segments of r5py": (lambda: long(WAYS).assign(option=0, segment=0), {"unit": "min"}, "without the total of each"),
    "truth values": (lambda: long(WAYS).assign(travel_cost=True), {"unit": "min"}, "truth values"),
    "moments": (lambda: long(WAYS).assign(travel_cost=pd.Timestamp("2024-01-01")), {"unit": "min"}, "moments"),
    "a file of pairs": (lambda: "matrix.csv", {"unit": "min"}, r"sj.sources.table\('matrix.csv'\)"),
    "nothing": (lambda: None, {"unit": "min"}, "it is None"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_clear_is_asked(name):
    table, said, message = REFUSED[name]
    with pytest.raises(sj.InputError, match=message):
        sj.access.costs(table(), **said)


def test_places_without_ids_are_numbered_as_they_were_asked_for():
    costs = sj.access.costs({"code": "Ok", "durations": seconds(WAYS)})
    assert sj.access.cost_to_closest(costs).to_dict() == {0: 4.0, 1: 12.0, 2: 7.0}
    with pytest.raises(sj.InputError, match="1 destinations have no value"):
        sj.access.cumulative_cutoff(costs, pd.Series({1: 5, 2: 3}), cutoff=9)


def test_several_columns_at_once_are_told_the_verb_that_takes_them():
    with pytest.raises(sj.InputError, match=r"frame with 2 columns.*sj\.access\.sweep"):
        sj.access.cumulative_cutoff(sj.access.costs(long(WAYS), unit="minutes"), CLINICS, cutoff=9)


def test_honest_costs_may_be_said_to_be_so():
    long_way = sj.access.costs(long(WAYS).fillna(99999), unit="minutes", unreachable=[], **IDS)
    assert long_way.to_frame()["travel_cost"].max() == 99999
    assert not long_way.findings
    assert sj.access.costs(capped(), unit="min", unreachable=45.5).to_frame()["travel_cost"].max() < 45.5


def test_an_answer_that_is_no_json_names_the_file(tmp_path):
    (tmp_path / "answer.json").write_text('{"durations": [[1', encoding="utf-8")
    with pytest.raises(sj.InputError, match=r"answer\.json is not whole JSON"):
        sj.access.costs(tmp_path / "answer.json")
    with pytest.raises(sj.InputError, match="there is no file"):
        sj.access.costs(tmp_path / "other.json")


def test_a_raw_matrix_is_told_the_door():
    raw = long(WAYS, ("from_id", "to_id", "travel_time_p50"))
    for call in (sj.access.cost_to_closest, lambda given: sj.access.gravity(given, cutoff=5)):
        with pytest.raises(sj.InputError, match=r"sj\.access\.costs\(table, unit=…\)"):
            call(raw)
    with pytest.raises(sj.InputError, match=r"sj\.access\.costs"):
        sj.access.cost_to_closest(wide(WAYS).to_dict())


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    costs = sj.access.costs(long(WAYS), unit="minutes", **IDS)
    with pytest.raises(sj.InputError, match="have no column “doctor”. Did you mean “doctors”"):
        sj.access.cumulative_cutoff(costs, "doctor", cutoff=9)
    with pytest.raises(sj.InputError, match="know no columns of their origins"):
        sj.access.coverage(long(WAYS), people="people", cutoff=9)
    with pytest.raises(sj.InputError, match="phone cannot be added. The destinations have name, doctors"):
        costs.nearest(columns=["phone"])


def test_costs_stay_as_they_are_and_are_told():
    costs = sj.access.costs(long(WAYS), unit="minutes", **IDS)
    assert repr(costs) == "<PairCosts: 3 origins to 2 destinations, no cutoff, 6 pairs, 5 with a way, in minutes>"
    again = sj.access.costs(costs.to_frame(), **IDS)
    pd.testing.assert_frame_equal(again.to_frame(), costs.to_frame())
    with pytest.raises(sj.InputError, match="they are ready"):
        sj.access.costs(costs)
