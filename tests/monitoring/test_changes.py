"""Change, its uncertainty and its parts, against sums by hand, brute force, and cities whose change is known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from spatialjustice import monitoring
from spatialjustice._core.errors import InputError
from spatialjustice.monitoring._snapshot import summarised


def made(*dates: pd.DataFrame, known: list[dict] | None = None, bridges: list[pd.DataFrame] | None = None):
    """A synthetic history without a folder: 2001, 2002 … with what is known of each."""
    frames = []
    for place, table in enumerate([*dates, *(bridges or [])]):
        bridge = place >= len(dates)
        full = {"unit": "share", "direction": "higher is better", "status": "measured", "outline": "", "people": np.nan}
        full |= {"low": np.nan, "high": np.nan, "indicator": "use"}
        year = 2001 if bridge else 2001 + place
        frames.append(table.assign(**{name: one for name, one in full.items() if name not in table}, date=str(year)))
        frames[-1]["bridge"] = bridge
    history = pd.concat(frames, ignore_index=True)
    abouts = [{"date": str(2001 + place), "status": "measured"} for place in range(len(dates))]
    both = zip(abouts, known or [{}] * len(dates), strict=True)
    history.attrs = {"dates": [about | more for about, more in both], "bridges": []}
    return history


def zones(values, **columns):
    return pd.DataFrame({"zone": [f"z{place:03d}" for place in range(len(values))], "value": values} | columns)


def test_parts_by_hand():
    """Zones a, b: 0.2 and 0.4 of 100 people each; then 0.3 and 0.4 of 300 and 100; c is new: 0.9 of 100.

    Before 0.3. After (0.3·300 + 0.4·100 + 0.9·100) / 500 = 0.44. Of a and b: old 0.3, new 0.325, new values with old
    people 0.35, old values with new people 0.25. Values: ((0.35 − 0.3) + (0.325 − 0.25)) / 2 = 0.0625; people:
    ((0.25 − 0.3) + (0.325 − 0.35)) / 2 = −0.0375; zones: 0.14 − 0.025 = 0.115.
    """
    one = pd.DataFrame({"zone": ["a", "b"], "value": [0.2, 0.4], "people": [100, 100]})
    two = pd.DataFrame({"zone": ["a", "b", "c"], "value": [0.3, 0.4, 0.9], "people": [300, 100, 100]})
    found = monitoring.change(made(one, two), rng=1).iloc[0]
    assert [found["before"], found["after"], found["change"]] == pytest.approx([0.3, 0.44, 0.14])
    assert [found["city"], found["people_part"], found["zones_part"]] == pytest.approx([0.0625, -0.0375, 0.115])
    assert [found["zones"], found["zones_came"], found["people_not_compared"]] == [2, 1, 100]
    assert found["verdict"] == "no clear change", "two zones give no interval"
    table = monitoring.change_by_source(made(one, two), rng=1)
    assert table["part"].tolist() == ["city", "people", "zones"]
    assert table["change"].sum() == pytest.approx(0.14)
    assert table["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("statistic", ["mean", "worst_tenth", "gap"])
def test_parts_add_up_whatever_changed(statistic):
    draw = np.random.default_rng(3)
    one = zones(draw.random(40), people=draw.integers(0, 90, 40), outline=[f"o{place % 7}" for place in range(40)])
    two = zones(draw.random(40), people=draw.integers(1, 90, 40), outline=[f"o{place % 5}" for place in range(40)])
    found = monitoring.change(made(one.iloc[5:], two.iloc[:35]), statistic=statistic, rng=1, replications=0).iloc[0]
    assert found[["city", "people_part", "zones_part"]].sum() == pytest.approx(found["change"])
    # Zones in both, with people in both, and the same outline by the rule of their names.
    both = [place for place in range(5, 35) if place % 7 == place % 5 and one["people"][place] > 0]
    assert found["zones"] == len(both)


def test_statistics_against_every_person_in_a_row():
    """The worst-off tenth has at best what the person at the end of it has, when all stand in a row from the worst."""
    draw = np.random.default_rng(4)
    for direction in ("lower is better", "higher is better"):
        values, people = draw.integers(0, 30, 25).astype(float), draw.integers(0, 20, 25)
        row = np.sort(np.repeat(values, people))
        row = row[::-1] if direction == "lower is better" else row
        last = row[int(np.ceil(len(row) / 10)) - 1]
        found = {name: summarised(values, people, name, direction)[0] for name in ("mean", "worst_tenth", "gap")}
        assert found == pytest.approx({"mean": row.mean(), "worst_tenth": last, "gap": abs(row.mean() - last)})
        # Many draws at once are those one by one.
        times = draw.integers(0, 4, (5, 25)).astype(float)
        apart = [summarised(values, people * one, "worst_tenth", direction)[0] for one in times]
        assert summarised(values, people * times, "worst_tenth", direction).tolist() == apart
        shaken = values + draw.normal(size=(5, 25))
        apart = [summarised(one, people, "worst_tenth", direction)[0] for one in shaken]
        assert summarised(shaken, people, "worst_tenth", direction).tolist() == apart


def test_the_interval_holds_a_known_change_and_no_change_is_rarely_told():
    """Zones that change by 0.02 on average with noise of 0.05: of 100 synthetic cities, about 95 ± 2 · 2.2 hold it.

    Where nothing changes, about 5 % are told as better or worse.
    """
    draw = np.random.default_rng(5)
    held = told = 0
    for _ in range(100):
        first, people = draw.uniform(0.2, 0.8, 60), draw.integers(50, 500, 60)
        noise = draw.normal(0, 0.05, 60)
        for moved in (0.02, 0.0):
            history = made(zones(first, people=people), zones(first + moved + noise, people=people))
            one = monitoring.change(history, rng=int(draw.integers(1000)), replications=199).iloc[0]
            held += moved > 0 and one["city_low"] <= moved <= one["city_high"]
            told += moved == 0 and one["verdict"] != "no clear change"
    assert 90 <= held <= 99
    assert told <= 10


def test_ranges_of_values_give_the_interval_of_their_errors():
    """Ranges of ± 1.96 · 0.03, 100 zones of one person: the mean has an error of 0.003, the change one of 0.003·√2."""
    ends = {"low": 0.5 - 1.96 * 0.03, "high": 0.5 + 1.96 * 0.03}
    history = made(zones([0.5] * 100, **ends), zones([0.5] * 100, **ends))
    one = monitoring.change(history, rng=1, replications=4000).iloc[0]
    assert one["interval"] == "ranges of the values"
    assert one["city_high"] - one["city_low"] == pytest.approx(2 * 1.96 * 0.003 * 2**0.5, rel=0.08)
    level = monitoring.key_indicators(history, rng=1, replications=4000).iloc[0]
    assert level["high"] - level["low"] == pytest.approx(2 * 1.96 * 0.003, rel=0.08)


def test_many_indicators_are_told_with_the_rate_of_false_discoveries():
    """One of forty synthetic indicators gets worse; the p-values are adjusted over all forty.

    99 draws alone could tell no probability below 2 %, and with it nothing of one among forty.
    """
    draw = np.random.default_rng(6)
    one, two = [], []
    for place in range(40):
        first = draw.random(50)
        one.append(zones(first, indicator=f"i{place}"))
        two.append(zones(first + draw.normal(-0.1 if place == 3 else 0, 0.1, 50), indicator=f"i{place}"))
    found = monitoring.change(made(pd.concat(one), pd.concat(two)), rng=2, replications=99).set_index("indicator")
    assert (found["comparisons"] == 40).all()
    assert (found["p_adjusted"] >= found["p_value"]).all()
    assert found.loc["i3", "verdict"] == "worse"
    assert (found.drop("i3")["verdict"] == "no clear change").all()


OLD, NEW = {"settings_sha256": "1"}, {"settings_sha256": "2"}


def test_new_settings_hide_the_city_until_a_bridge_is_there():
    """The city gained 0.05; new settings make everything 0.1 higher: 0.15 in all, of which nobody knows the parts.

    Measured again with the new settings, 2001 has 0.1 more: that is the data's, and the rest, 0.05, the city's.
    """
    first = np.linspace(0.2, 0.6, 30)
    one, two = zones(first), zones(first + 0.15)
    history = made(one, two, known=[OLD, NEW])
    row = monitoring.change(history, rng=1).iloc[0]
    assert (row["verdict"], row["data_changed"]) == ("data changed", "settings")
    assert row["change"] == pytest.approx(0.15)
    assert np.isnan(row["city"])
    table = monitoring.change_by_source(history, rng=1)
    assert table[["part", "what"]].to_numpy().tolist() == [["cannot be separated", "settings"]]
    assert monitoring.change(history, rng=1).attrs["findings"][0]["code"] == "changes_not_told"

    bridged = made(one, two, known=[OLD, NEW], bridges=[zones(first + 0.1)])
    bridged.attrs["bridges"] = [{"date": "2001", "bridge": True, **NEW}]
    row = monitoring.change(bridged, rng=1).iloc[0]
    assert (row["verdict"], row["city"], row["data_part"]) == ("better", pytest.approx(0.05), pytest.approx(0.1))
    table = monitoring.change_by_source(bridged, rng=1).set_index("part")["change"]
    assert table.to_dict() == pytest.approx({"city": 0.05, "people": 0, "zones": 0, "data": 0.1}, abs=1e-12)
    # A bridge to yet other settings is none.
    bridged.attrs["bridges"] = [{"date": "2001", "bridge": True, "settings_sha256": "3"}]
    assert monitoring.change(bridged, rng=1).iloc[0]["verdict"] == "data changed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"versions": {"spatialjustice": "2"}}, "version"),
        ({"inputs": [{"name": "census", "sha256": "b"}]}, "input: census"),
        ({"inputs": [{"name": "ballots", "sha256": "b"}, {"name": "census", "sha256": "a"}]}, ""),
        ({}, ""),
    ],
    ids=["version", "input", "its own series", "nothing known"],
)
def test_what_counts_as_a_change_of_data(changed, said):
    base = {"versions": {"spatialjustice": "1"}, "inputs": [{"name": "census", "sha256": "a"}], "city": ["ballots"]}
    first = np.linspace(0.2, 0.6, 30)
    history = made(zones(first), zones(first + 0.1), known=[base, changed and {**base, **changed}])
    row = monitoring.change(history, rng=1).iloc[0]
    assert row["data_changed"] == said
    assert row["verdict"] == ("data changed" if said else "better")


def test_another_unit_cannot_be_compared():
    row = monitoring.change(made(zones([0.1, 0.2]), zones([1.0, 2.0], unit="minutes")), rng=1).iloc[0]
    assert (row["verdict"], row["data_changed"]) == ("data changed", "unit")
    assert np.isnan(row["change"])


def test_missing_zones_are_counted_and_no_zeros():
    """b has no value in 2002: the mean of 2002 is that of a, and b takes no part in what the city did."""
    two = pd.DataFrame(
        {"zone": ["a", "b"], "value": [0.3, np.nan], "people": [100, 300], "status": ["measured", "missing"]}
    )
    one = pd.DataFrame({"zone": ["a", "b"], "value": [0.2, 0.4], "people": [100, 300]})
    row = monitoring.change(made(one, two), rng=1).iloc[0]
    assert [row["before"], row["after"], row["city"]] == pytest.approx([0.35, 0.3, 0.1])
    assert [row["zones"], row["zones_missing"], row["people_not_compared"]] == [1, 1, 300]
    level = monitoring.key_indicators(made(one, two), rng=1).iloc[1]
    assert [level["zones"], level["people"], level["zones_missing"], level["people_left_out"]] == [1, 100, 1, 300]


def test_inputs_swapped_one_at_a_time_in_every_order():
    """Against the mean of what each input moves over the 24 orders of four inputs."""
    old, new = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, {"a": 2.0, "b": 5.0, "c": 1.0, "d": 4.5}

    def measure(a, b, c, d):
        return pd.Series({"x": a * b + c / d, "y": a - b * c * d})

    moved = {name: np.zeros(2) for name in old}
    for order in permutations(old):
        now = dict(old)
        for name in order:
            before = measure(**now).to_numpy()
            now[name] = new[name]
            moved[name] += (measure(**now).to_numpy() - before) / 24
    found = monitoring.change_by_input(measure, {name: (old[name], new[name]) for name in old})
    for name, both in moved.items():
        assert found.loc[found["input"] == name, "change"].tolist() == pytest.approx(both.tolist())
    # An old file that is lost is held as it is now; its part is not told.
    lost = monitoring.change_by_input(measure, {name: (None if name == "c" else old[name], new[name]) for name in old})
    assert lost.loc[lost["input"] == "c", "change"].isna().all()
    assert lost.attrs["before"] == measure(**old | {"c": new["c"]}).to_dict()
    with pytest.raises(InputError, match=r"some are no pair \(a\)"):
        monitoring.change_by_input(measure, {"a": 3})


def test_dates_that_are_not_there():
    history = made(zones([0.1, 0.2]), zones([0.2, 0.3]))
    with pytest.raises(InputError, match=r"2009 is not in the history\. It has: 2001, 2002"):
        monitoring.change(history, until=2009)
    with pytest.raises(InputError, match="it is 2002, not before 2001"):
        monitoring.change(history, since=2002, until=2001)
    with pytest.raises(InputError, match="it is 'median'"):
        monitoring.change(history, statistic="median")
    with pytest.raises(InputError, match="history: it has no column"):
        monitoring.change(pd.DataFrame({"zone": []}))
