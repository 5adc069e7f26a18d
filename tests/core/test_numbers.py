"""What is a number and what is a cost: the same answer in every room."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.checks import as_floats, checked_travel_costs, marks_of_no_way
from spatialjustice._core.numbers.positions import each_once, positions_of

IDS = ["a", "b", "c"]
NO_NUMBERS = {
    "truth values": [True, False, True],
    "bytes": [b"1", b"2", b"3"],
    "complex numbers": [1j, 2j, 3j],
    "durations": [pd.Timedelta(minutes=each) for each in (1, 2, 3)],
    "moments": [pd.Timestamp("2020-01-01")] * 3,
    "text": ["1", "2", "3"],
}
PAIRS = pd.DataFrame({"from_id": IDS, "to_id": ["x"] * 3, "travel_cost": [5.0, 10.0, 20.0]})
PEOPLE = pd.Series([10.0, 20.0, 30.0], index=IDS)
ASKED = {
    "people of coverage": lambda column: sj.access.coverage(PAIRS, people=column, cutoff=15),
    "people of catchments": lambda column: sj.access.floating_catchment_area(
        PAIRS, demand=column, supply=pd.Series({"x": 1.0}), decay=sj.access.decay.binary(15)
    ),
    "opportunities": lambda column: sj.access.cumulative_cutoff(
        PAIRS.assign(from_id="o", to_id=IDS), column, cutoff=15
    ),
    "values": sj.inequality.gini,
    "weights": lambda column: sj.inequality.gini(PEOPLE, weights=column),
    "ranks": lambda column: sj.inequality.concentration_index(PEOPLE, rank_by=column),
    "people of connections": lambda column: sj.digital.provider_choice(PEOPLE, column),
    "people of worst served": lambda column: sj.access.worst_served_stability(
        pd.DataFrame({"one": PEOPLE, "two": PEOPLE}), people=column, direction="higher is better"
    ),
    "people of zones": lambda column: sj.sources.population_from_column(pd.DataFrame({"people": column}), "people"),
}


@pytest.mark.parametrize("kind", NO_NUMBERS)
@pytest.mark.parametrize("asked", ASKED)
def test_what_is_no_number_is_refused_by_its_type(asked: str, kind: str) -> None:
    with pytest.raises(InputError, match=f"not numbers|{kind}"):
        ASKED[asked](pd.Series(NO_NUMBERS[kind], index=IDS))


@pytest.mark.parametrize("asked", ASKED)
def test_objects_are_looked_at_one_by_one(asked: str) -> None:
    with pytest.raises(InputError, match="not numbers"):
        ASKED[asked](pd.Series([1, True, 3], index=IDS, dtype=object))


@pytest.mark.parametrize("asked", ASKED)
def test_a_gap_in_a_masked_column_is_a_missing_value_and_no_crash(asked: str) -> None:
    with pytest.raises(InputError, match="missing|no rank"):
        ASKED[asked](pd.Series([1, None, 3], index=IDS, dtype="Int64"))


@pytest.mark.parametrize("asked", [name for name in ASKED if name != "opportunities"])
def test_an_index_of_several_levels_is_refused_by_name(asked: str) -> None:
    index = pd.MultiIndex.from_tuples([(each, 2020) for each in IDS], names=["zone", "year"])
    with pytest.raises(InputError, match=r"2 levels \(zone, year\)|not the same|not in both|no number of people"):
        ASKED[asked](pd.Series([1.0, 2.0, 3.0], index=index))


@pytest.mark.parametrize("verb", [sj.inequality.gini, sj.inequality.theil_t])
def test_values_with_an_index_of_several_levels_name_it(verb: object) -> None:
    index = pd.MultiIndex.from_product([["a", "b"], [2020, 2021]], names=["zone", "year"])
    with pytest.raises(InputError, match=r"2 levels \(zone, year\)"):
        verb(pd.Series([1.0, 2.0, 3.0, 4.0], index=index))  # type: ignore[operator]


def test_numbers_of_other_kinds_are_read() -> None:
    assert as_floats([Decimal("1.5"), None, 2**70], "x").tolist()[::2] == [1.5, 2.0**70]
    assert as_floats(pd.Series([1, 2], dtype="UInt8"), "x").tolist() == [1.0, 2.0]
    hidden = as_floats(np.ma.array([1, 2], mask=[False, True]), "x")  # type: ignore[no-untyped-call]
    assert hidden[0] == 1.0
    assert np.isnan(hidden[1])


def test_durations_are_minutes_whatever_their_resolution() -> None:
    for column in (
        pd.to_timedelta(pd.Series(["0:05:00", "0:07:30"])),
        pd.Series(np.array([300, 450], dtype="timedelta64[s]")),
        pd.Series([dt.timedelta(minutes=5), dt.timedelta(minutes=7.5)], dtype=object),
        pd.Series(pd.array(pd.to_timedelta(["0:05:00", "0:07:30"]), dtype="duration[us][pyarrow]")),
    ):
        assert checked_travel_costs(column).tolist() == [5.0, 7.5]
        closest = sj.access.cost_to_closest(PAIRS.iloc[:2].assign(travel_cost=column.to_numpy()))
        assert closest.tolist() == [5.0, 7.5]


def test_durations_are_no_metres() -> None:
    pairs = PAIRS.assign(travel_cost=pd.to_timedelta([1, 2, 3], unit="min"))
    pairs.attrs["unit"] = "metres"
    with pytest.raises(InputError, match="durations, and the unit is metres"):
        sj.access.cost_to_closest(pairs)


@pytest.mark.parametrize(
    "mark",
    [
        2**31 - 1,
        2**32 - 1,
        2**63 - 1,
        2**64 - 1,
        4294967.295,
        (2**31 - 1) / 10,
        (2**31 - 1) / 60,
        float(np.float32(2**31 - 1)),
        float(np.float32(4294967.295)),
        1.7976931348623157e308,
        float(np.finfo(np.float32).max),
    ],
)
def test_marks_of_routers_are_no_way(mark: float) -> None:
    """a 5 and b 12 minutes away, c without a way: 30 of its people are unreachable, none beyond the cutoff."""
    pairs = PAIRS.assign(travel_cost=[5, 12, mark])
    found = sj.access.coverage(pairs, people=PEOPLE, cutoff=10)
    assert found["people"].loc[["ok", "beyond_cutoff", "unreachable"]].tolist() == [10.0, 20.0, 30.0]
    assert [each["code"] for each in found.attrs["findings"]] == ["costs_marked_unreachable"]
    assert np.isnan(sj.access.cost_to_closest(pairs)["c"])


def test_long_but_honest_costs_stay() -> None:
    """Three days on foot, and 4,294,967.295 metres below a longer way, are costs."""
    costs = np.array([4320.0, 4294967.295, 5_000_000.0])
    assert not marks_of_no_way(costs).any()
    assert sj.access.cost_to_closest(PAIRS.assign(travel_cost=costs)).tolist() == costs.tolist()


def test_nines_are_pointed_out_and_kept() -> None:
    found = sj.access.cost_to_closest(PAIRS.assign(travel_cost=[5.0, 12.0, 99999.0]))
    assert found["c"] == 99999.0
    assert [each["code"] for each in found.attrs["findings"]] == ["costs_may_be_marks"]


def test_neighbours_and_visits_read_costs_alike() -> None:
    """a and b are 5 minutes apart, c has no way: it has no neighbour, and its people meet nobody."""
    zones = pd.Index(["a", "b", "c"])
    costs = pd.DataFrame({"from_id": ["a", "b", "c"], "to_id": ["b", "a", "a"], "travel_cost": [5.0, 5.0, 4294967.295]})
    graph = sj.inequality.travel_time_band(costs, zones=zones, cutoff=1e9, direction="either")
    assert graph.cardinalities.to_dict() == {"a": 1, "b": 1, "c": 0}
    assert "costs_marked_unreachable" in [each.code for each in graph.findings]
    assert "findings" not in costs.attrs
    for column in (pd.to_datetime(["2020-01-01"] * 3), [True] * 3):
        with pytest.raises(InputError, match="not numbers"):
            sj.inequality.travel_time_band(costs.assign(travel_cost=column), zones=zones, cutoff=10)


def test_decays_take_durations_as_minutes_and_no_moments() -> None:
    assert sj.access.decay.binary(15)(pd.to_timedelta([5, 20], unit="min").to_numpy()).tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match="moments"):
        sj.access.decay.binary(15)(np.array(["2020-01-01"], dtype="datetime64[s]"))


@pytest.mark.parametrize("cutoff", [dt.timedelta(minutes=15), np.timedelta64(15, "m"), True, "15"])
def test_a_cutoff_is_a_number(cutoff: object) -> None:
    with pytest.raises(InputError, match="cutoff"):
        sj.access.coverage(PAIRS, people=PEOPLE, cutoff=cutoff)  # type: ignore[arg-type]


@pytest.mark.parametrize("codes", [[1001, 1003, 12001], ["1001", "1003", "12001"], [1001.0, 1003.0, 12001.0]])
def test_codes_that_lost_a_zero_are_named_where_series_meet(codes: list[object]) -> None:
    counties = ["01001", "01003", "12001"]
    values = pd.Series([1.0, 2.0, 3.0], index=counties)
    with pytest.raises(InputError, match="lost their zeros at the front"):
        sj.inequality.gini(values, weights=pd.Series([1.0, 2.0, 3.0], index=codes))
    pairs = PAIRS.assign(from_id=counties)
    with pytest.raises(InputError, match="lost their zeros at the front"):
        sj.access.coverage(pairs, people=pd.Series([1.0, 2.0, 3.0], index=codes), cutoff=15)


@pytest.mark.parametrize("rising", [True, False])
def test_positions_are_those_of_a_dictionary(rising):
    rng = np.random.default_rng(5)
    ids = rng.choice(np.arange(-50, 2**40, 2**31), 300, replace=False)
    ids = np.sort(ids) if rising else ids
    asked = rng.permutation(np.concatenate([ids[:200], ids[:50], ids[:20] + 1, [-(2**62), 2**62]]))
    place = {number: row for row, number in enumerate(ids.tolist())}
    assert positions_of(ids, asked).tolist() == [place.get(number, -1) for number in asked.tolist()]
    assert positions_of(ids[:0], asked).tolist() == [-1] * asked.size
    assert positions_of(ids, asked[:0]).tolist() == []


@pytest.mark.parametrize("ids", [[], [3], [3, 3], [5, -1, 5, 2**60, -1]])
def test_each_once_is_the_sorted_set(ids):
    assert each_once(np.array(ids, dtype=np.int64)).tolist() == sorted(set(ids))
