"""The same measures in many cities: against the room of inequality, what was there before a cut, and hand cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError

ALL = ["mean", "median", "share_beyond", "worst_tenth", "gini", "theil_t", "equally_distributed"]


@pytest.fixture(scope="module")
def cells():
    """Synthetic: three cities of 40, 25 and 3 cells; neighbours in a row of ten have much in common."""
    generator = np.random.default_rng(18)
    rows = []
    for name, count in {"large": 40, "middle": 25, "three": 3}.items():
        shared = np.repeat(generator.normal(0, 300, size=count // 10 + 1), 10)[:count]
        metres = np.maximum(900 + shared + generator.normal(0, 60, size=count), 30)
        people = generator.integers(0, 90, size=count) + 1
        rows.append(
            pd.DataFrame({"city": name, "metres": metres.round(1), "people": people, "row": np.arange(count) // 10})
        )
    frame = pd.concat(rows, ignore_index=True)
    frame.loc[[3, 45], "people"] = 0
    frame.loc[[5, 50], "metres"] = np.nan
    return frame


def measured(frame, **options):
    asked = {"city": "city", "values": "metres", "people": "people", "cutoff": 1000, "replications": 0, **options}
    found = sj.cities.side_by_side(frame, **asked)
    return found.pivot_table(index="city", columns="measure", values="value", observed=False), found


def test_by_hand():
    """30 people walk 200 m, 10 walk 800 m: mean (30·200 + 10·800)/40 = 350. The worst tenth are 4 people at 800 m.

    Gini: 2·(30/40)(10/40)·600/(2·350) = 0.3214. Median 200; nobody beyond 800, since the limit is within.
    """
    frame = pd.DataFrame({"city": "a", "metres": [200, 800], "people": [30, 10]})
    table, _ = measured(frame, cutoff=800)
    row = table.loc["a"]
    assert (row["mean"], row["median"], row["worst_tenth"], row["share_beyond"]) == (350, 200, 800, 0)
    assert row["gini"] == pytest.approx(0.75 * 0.25 * 600 / 350)


def test_every_measure_is_that_of_the_room_of_inequality_and_people_are_conserved(cells):
    table, found = measured(cells)
    kappa = found.attrs["rules"]["metres"]["kappa"]
    known = cells[cells["metres"].notna() & (cells["people"] > 0)]
    # One kappa for all cities, from all of them together.
    assert kappa == pytest.approx(
        -np.average(known["metres"], weights=known["people"])
        / np.average(known["metres"] ** 2, weights=known["people"])
    )
    for name, mine in known.groupby("city"):
        values, people = mine["metres"], mine["people"]
        assert table.loc[name, "mean"] == pytest.approx(np.average(values, weights=people))
        assert table.loc[name, "gini"] == pytest.approx(sj.inequality.gini(values, people=people))
        assert table.loc[name, "theil_t"] == pytest.approx(sj.inequality.theil_t(values, people=people))
        assert table.loc[name, "median"] == sj.inequality.weighted_quantile(values, 0.5, people=people)
        assert table.loc[name, "share_beyond"] == pytest.approx(people[values > 1000].sum() / people.sum())
        ede = sj.inequality.kolm_pollak_ede(values, people=people, kappa=kappa, direction="lower is better")
        assert table.loc[name, "equally_distributed"] == pytest.approx(ede)
        # Person by person: the tenth of people with the longest ways, a part of a person where it must be.
        each = np.sort(np.repeat(values.to_numpy(), people.to_numpy() * 10))
        assert table.loc[name, "worst_tenth"] == pytest.approx(each[-people.sum() :].mean())
    one = found.drop_duplicates("city").set_index("city")
    pd.testing.assert_series_equal(
        one["people"] + one["people_left_out"], cells.groupby("city")["people"].sum().astype(float), check_names=False
    )


def test_where_higher_is_better_the_worst_tenth_is_at_the_other_end():
    frame = pd.DataFrame({"city": "a", "jobs": np.arange(1.0, 21.0)})
    found = sj.cities.side_by_side(
        frame,
        city="city",
        values="jobs",
        direction="higher is better",
        cutoff=5,
        replications=0,
        measures=["worst_tenth", "share_beyond"],
    )
    # Of 20 people the worst-off two have 1 and 2; four have less than 5.
    assert found["value"].tolist() == pytest.approx([1.5, 0.2])


def test_what_is_said_of_values_that_were_cut_is_true_of_the_values_before_the_cut(cells):
    whole, _ = measured(cells)
    cut_at = 1100.0
    assert (cells["metres"] > cut_at).any()
    short = cells.assign(metres=cells["metres"].clip(upper=cut_at))
    _, found = measured(short, cut_at=cut_at)
    found = found.set_index(["city", "measure"])
    for name in ("large", "middle"):
        for measure in ALL:
            row = found.loc[(name, measure)]
            if row["bound"] == "exact":
                assert row["value"] == pytest.approx(whole.loc[name, measure]), (name, measure)
            elif measure != "equally_distributed":  # its kappa is that of other values
                assert row["value"] <= whole.loc[name, measure] + 1e-12, (name, measure)
        assert found.loc[(name, "share_beyond"), "bound"] == "exact"
        assert found.loc[(name, "mean"), "bound"] == "at least"
    cut = short[short["metres"] >= cut_at].groupby("city")["people"].sum()
    assert found.loc[("large", "mean"), "people_at_cut"] == cut["large"]


def test_ranges_do_not_depend_on_order_or_neighbours_in_the_table_and_blocks_make_them_wider(cells):
    asked = {"values": "metres", "people": "people", "city": "city", "measures": ["mean"], "rng": 3}
    alone = sj.cities.side_by_side(cells, **asked).set_index("city")
    turned = sj.cities.side_by_side(cells.iloc[::-1], **asked).set_index("city")
    only = sj.cities.side_by_side(cells[cells["city"] == "large"], **asked).set_index("city")
    pd.testing.assert_frame_equal(alone, turned)
    assert only.loc["large", ["low", "high"]].tolist() == alone.loc["large", ["low", "high"]].tolist()
    blocks = cells["city"] + cells["row"].astype(str)
    together = sj.cities.side_by_side(cells, blocks=blocks, **asked).set_index("city")
    width = together["high"] - together["low"]
    assert width["large"] > 1.5 * (alone.loc["large", "high"] - alone.loc["large", "low"])
    assert together.loc["large", "blocks"] == 4
    # Three cells tell no range; that is said, and no number stands for it.
    assert np.isnan(alone.loc["three", "low"])
    assert "no range" in alone.loc["three", "note"]
    codes = {one["code"] for one in alone.attrs["findings"]}
    assert {"cities_with_few_cells", "cells_taken_as_independent"} <= codes
    assert "cells_taken_as_independent" not in {one["code"] for one in together.attrs["findings"]}


def test_the_standard_error_of_a_mean_is_that_of_the_textbook():
    """Cells of one person each: the standard error is the standard deviation over the root of their number."""
    generator = np.random.default_rng(2)
    frame = pd.DataFrame({"city": 1, "metres": generator.gamma(2, 300, size=400)})
    found = sj.cities.side_by_side(frame, city="city", values="metres", measures=["mean"], replications=999, rng=1)
    assert found["standard_error"].iloc[0] == pytest.approx(frame["metres"].std() / 20, rel=0.08)


def test_cells_that_hold_fewer_people_than_the_city_and_cities_without_values_are_told():
    frame = pd.DataFrame({"city": ["a", "a", "b"], "metres": [1.0, 2.0, None], "people": [10, 20, 5]})
    found = sj.cities.side_by_side(
        frame,
        city="city",
        values="metres",
        people="people",
        measures=["mean"],
        replications=0,
        whole=pd.Series({"a": 60, "b": 5}),
    ).set_index("city")
    assert found["share_counted"].to_dict() == {"a": 0.5, "b": 1.0}
    assert np.isnan(found.loc["b", "value"])
    assert found.loc["b", "people_left_out"] == 5
    told = {one["code"]: one for one in found.attrs["findings"]}
    assert told["cells_hold_fewer_people"]["people"] == 30
    assert told["cities_without_values"]["count"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"city": "town"}, "there is no column 'town'"),
        ({"cut_at": 500}, "values are above 500, at which they were cut"),
        ({"cut_at": 5000, "cutoff": 5000}, "cutoff: of metres it is 5,000, not below where values were cut"),
        ({"measures": ["median", "mode"]}, "there is no 'mode'"),
        ({"replications": 5}, "replications: it is 5"),
        ({"direction": "up"}, "direction: of metres it is 'up'"),
    ],
    ids=["city", "cut", "limit", "measure", "draws", "direction"],
)
def test_what_cannot_be_is_refused_by_name(cells, change, said):
    with pytest.raises(InputError, match=said):
        measured(cells, **change)


def test_squares_hold_cells_of_one_city_and_are_as_large_as_asked():
    """At 60° north a degree of longitude is half as long: 0.018° are 1,000 m, 0.036° are 2,001 m."""
    frame = pd.DataFrame({"city": ["a"] * 3 + ["b"], "lng": [179.99, 179.999, -179.97, 179.99], "lat": [60.0] * 4})
    found = sj.cities.square_blocks(frame, city="city", size=1001)
    assert found.tolist() == [0, 0, 1, 2]
    with pytest.raises(InputError, match="1 cells have no longitude and latitude in degrees"):
        sj.cities.square_blocks(frame.assign(lat=[60, 60, 60, 600]), city="city")


@pytest.fixture(scope="module")
def iran(shared_data):
    frame = pd.read_parquet(shared_data("cities/iran_90_cities_cells.parquet"))
    cities = pd.read_csv(shared_data("cities/cityaccessmap_3261_cities.csv")).set_index("city")
    return frame, cities


def test_ilam_and_all_cities_of_iran_against_sums_of_pandas(iran):
    frame, cities = iran
    near = cities[cities["lng"].between(46.3, 46.5) & cities["lat"].between(33.5, 33.7)]
    assert near.index.tolist() == [5488]
    found = sj.cities.side_by_side(
        frame,
        city="city",
        values=["education", "nightlife"],
        people="POP_2015",
        cutoff=1000,
        cut_at=5000,
        measures=["mean", "share_beyond"],
        replications=0,
        whole=cities["people_2015"],
    )
    mean = found[(found["measure"] == "mean") & (found["column"] == "education")].set_index("city")
    weighed = frame.assign(had=frame["education"].astype(float) * frame["POP_2015"]).groupby("city")
    expected = weighed["had"].sum() / weighed["POP_2015"].sum()
    assert mean["value"].to_numpy() == pytest.approx(expected.loc[mean.index].to_numpy(), rel=1e-5)
    assert round(mean.loc[5488, "value"], 1) == 552.9
    beyond = found[(found["measure"] == "share_beyond") & (found["column"] == "education")].set_index("city")
    far = frame[frame["education"] > 1000].groupby("city")["POP_2015"].sum() / frame.groupby("city")["POP_2015"].sum()
    assert beyond["value"].to_numpy() == pytest.approx(far.loc[beyond.index].to_numpy(), rel=1e-5)
    nothing = found[found["column"] == "nightlife"].groupby("city")["value"].first().isna()
    assert nothing[5488]
    assert nothing.sum() == frame.groupby("city")["nightlife"].apply(lambda column: column.isna().all()).sum() == 16
    assert (mean["share_counted"] < 0.95).all()
    cut = ((frame["education"] == 5000) & (frame["POP_2015"] > 0)).groupby(frame["city"]).any()
    assert mean.index[mean["bound"] == "at least"].tolist() == cut.index[cut].tolist()
