"""A measure over all combinations of settings is the measure at each of them, in one long table."""

import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice.access import cumulative_cutoff, gravity, sweep
from spatialjustice.access.decay import exponential, linear

PAIRS = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [4.0, 10.0, 12.0]})
PLACES = pd.DataFrame({"name": ["Kiosk", "Mall"], "jobs": [5.0, 3.0], "schools": [0.0, 1.0]}, index=[1, 2])
COSTS = sj.access.costs(PAIRS, unit="minutes", destinations=PLACES)


def test_every_row_is_the_measure_with_its_settings():
    decays = [linear(20), exponential(0.1)]
    slow = sj.access.costs(PAIRS.assign(travel_cost=PAIRS["travel_cost"] * 2), unit="minutes", destinations=PLACES)
    by_name = {"p50": COSTS, "p90": slow}
    found = sweep(gravity, by_name, over={"opportunities": ["jobs", "schools"], "decay": decays, "cutoff": [10, 30]})
    assert found.columns.to_list() == ["id", "costs", "opportunities", "decay", "cutoff", "value", "unit"]
    assert len(found) == 2 * 2 * 2 * 2 * 2
    for (costs, what, decay, cutoff), part in found.groupby(["costs", "opportunities", "decay", "cutoff"]):
        meant = next(one for one in decays if str(one) == decay)
        expected = gravity(by_name[costs], PLACES[what], decay=meant, cutoff=cutoff)
        assert part["id"].to_list() == expected.index.to_list()
        assert part["value"].to_list() == expected.to_list()
        assert set(part["unit"]) == {what}
    assert found.attrs["measure"] == "gravity"
    assert found.attrs["over"] == ["costs", "opportunities", "decay", "cutoff"]


def test_opportunities_may_be_a_frame_or_named_series_and_one_search_serves_all_cutoffs(monkeypatch):
    asked = []
    whole = type(COSTS)._cumulative
    monkeypatch.setattr(type(COSTS), "_cumulative", lambda *given: asked.append(given) or whole(*given))
    frame = sweep(cumulative_cutoff, COSTS, over={"opportunities": PLACES[["jobs", "schools"]], "cutoff": [5, 10, 15]})
    assert len(asked) == 2
    names = {"jobs": PLACES["jobs"], "schools": PLACES["schools"]}
    named = sweep(cumulative_cutoff, COSTS, over={"opportunities": names, "cutoff": [5, 10, 15]})
    pd.testing.assert_frame_equal(frame, named)
    wide = sj.access.profile(cumulative_cutoff, COSTS, "jobs", over={"cutoff": [5, 10, 15]})
    jobs = frame[frame["opportunities"] == "jobs"].pivot(index="id", columns="cutoff", values="value")
    assert jobs.to_numpy().tolist() == wide.to_numpy().tolist()


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({}, "over: it is"),
        ({"cutoff": 5}, "cutoff has no list of values"),
        ({"cutoff": []}, "cutoff has no values"),
        ({"cutoff": [5, 5]}, "the same value more than once"),
        ({"costs": [1]}, "costs is no setting"),
    ],
    ids=["nothing", "one", "empty", "twice", "costs"],
)
def test_settings_that_are_none(over, said):
    with pytest.raises(sj.InputError, match=said):
        sweep(cumulative_cutoff, COSTS, over=over)


def test_a_list_of_cutoffs_is_told_the_verb_that_takes_it():
    for call in (sj.access.status, cumulative_cutoff, gravity):
        with pytest.raises(sj.InputError, match=r'sj\.access\.sweep\(measure, costs, over={"cutoff": \[10, 20, 30\]}'):
            call(COSTS, cutoff=[5, 10])
    with pytest.raises(sj.InputError, match=r"sj\.access\.sweep"):
        gravity(COSTS, decay=[linear(5), linear(9)])
    with pytest.raises(sj.InputError, match="those of fast are an int"):
        sweep(cumulative_cutoff, {"fast": 3}, over={"cutoff": [1]})
