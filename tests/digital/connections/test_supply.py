"""Who is near a cell, a cabinet or an open place: against circles worked out by hand, and never a person lost."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError, PopulationError, WrongPlaceError
from spatialjustice.digital import (
    cabinet_distance,
    mobile_coverage,
    open_reach,
    people_by_class,
    people_covered,
    share_within,
)
from spatialjustice.network import straight_lines


def squares(count=1, side=1000.0):
    shapes = [shapely.box(side * place, 0, side * (place + 1), side) for place in range(count)]
    return gpd.GeoDataFrame(index=[f"z{place}" for place in range(count)], geometry=shapes, crs=32631)


def dots(spots, **columns):
    index = [f"p{place}" for place in range(len(spots))]
    return gpd.GeoDataFrame(columns, index=index, geometry=gpd.points_from_xy(*zip(*spots, strict=True)), crs=32631)


class TestShareWithin:
    def test_a_disc_and_a_quarter_of_one(self):
        """400 m around the middle of a square of 1,000 m: pi 0.16 of it. Around its corner: a quarter of that."""
        assert share_within(squares(), dots([(500, 500)]), cutoff=400)["z0"] == pytest.approx(0.16 * np.pi, rel=1e-3)
        assert share_within(squares(), dots([(0, 0)]), cutoff=400)["z0"] == pytest.approx(0.04 * np.pi, rel=1e-3)

    def test_discs_that_overlap_count_once_and_a_zone_inside_is_whole(self):
        one = share_within(squares(), dots([(500, 500)]), cutoff=400)["z0"]
        assert share_within(squares(), dots([(500, 500), (500, 500)]), cutoff=400)["z0"] == pytest.approx(one)
        found = share_within(squares(2), dots([(500, 500)]), cutoff=800)
        assert found["z0"] == 1.0
        assert 0 < found["z1"] < 1
        assert found.attrs["measured"] == "straight line"
        assert "straight_lines" in [item["code"] for item in found.attrs["findings"]]

    def test_farther_is_never_less(self):
        rng = np.random.default_rng(5)
        places = dots(rng.uniform(0, 4000, (6, 2)))
        shares = [share_within(squares(4), places, cutoff=meters) for meters in (50, 200, 900, 4000)]
        for near, far in pairwise(shares):
            assert (far >= near - 1e-12).all()

    def test_no_place_and_wrong_settings(self):
        assert share_within(squares(), dots([(0, 0)]).iloc[:0], cutoff=10)["z0"] == 0
        for distance in (0, -1, float("nan"), True):
            with pytest.raises(InputError, match="cutoff"):
                share_within(squares(), dots([(0, 0)]), cutoff=distance)
        with pytest.raises(WrongPlaceError):
            share_within(squares(), dots([(500_000, 5_000_000)]), cutoff=10)


class TestMobileCoverage:
    def test_by_technology(self):
        """LTE reaches the whole first square; a GSM cell of unknown range nobody, unless one is assumed."""
        cells = dots([(500, 500), (1500, 500)], radio=["LTE", "GSM"], range=[750.0, np.nan])
        found = mobile_coverage(cells, squares(2))
        assert found.loc["z0", "LTE"] == pytest.approx(1.0)
        assert (found["GSM"] == 0).all()
        codes = [item["code"] for item in found.attrs["findings"]]
        assert codes == ["cells_without_range", "slope_blind", "straight_lines"]
        assumed = mobile_coverage(cells, squares(2), default_range={"GSM": 400})
        assert assumed.loc["z1", "GSM"] == pytest.approx(0.16 * np.pi, rel=1e-3)
        assert (assumed["any"] >= assumed[["GSM", "LTE"]].max(axis=1) - 1e-12).all()
        cut = mobile_coverage(cells, squares(2), longest_range=400)
        assert cut.loc["z0", "LTE"] == pytest.approx(0.16 * np.pi, rel=1e-3)

    def test_people(self):
        cells = dots([(500, 500)], radio=["LTE"], range=[800.0])
        shares = mobile_coverage(cells, squares(2))
        found = people_covered(shares, pd.Series({"z1": 100, "z0": 50}))
        row = found.loc["LTE"]
        assert row["people_covered"] == pytest.approx(50 + 100 * shares.loc["z1", "LTE"])
        assert row[["people_covered", "people_not_covered", "people_unknown"]].sum() == pytest.approx(150)
        assert found.attrs["assumption"] == "people live evenly over the area of a zone"

    def test_faults(self):
        cells = dots([(500, 500)], radio=["LTE"], range=[800.0])
        with pytest.raises(InputError, match="no column range"):
            mobile_coverage(cells.drop(columns="range"), squares())
        with pytest.raises(InputError, match="not above 0"):
            mobile_coverage(cells.assign(range=0.0), squares())
        with pytest.raises(InputError, match="NR"):
            mobile_coverage(cells, squares(), default_range={"NR": -1})


def test_the_nearest_cabinet_by_hand():
    """A triangle of 300, 400 and 500 metres; the cutoff is closed."""
    homes, cabinets = dots([(0, 0), (9000, 0)]), dots([(300, 400), (0, 900)])
    found = cabinet_distance(homes, cabinets, cutoff=500)
    assert found.iloc[0] == 500
    assert np.isnan(found.iloc[1])
    assert found.attrs["unit"] == "metres"
    assert found.attrs["measured"] == "straight line"


class TestOpenReach:
    places = dots([(100, 0), (900, 0), (2000, 0)], opening_hours=["Mo-Fr 09:00-17:00", None, "24/7"])
    homes = dots([(0, 0), (1000, 0), (2100, 0), (9000, 0)])

    def asked(self, moment, costs=None):
        costs = (
            straight_lines(self.homes).travel_costs(self.homes, self.places, unit="metres") if costs is None else costs
        )
        return open_reach(costs, self.places, moment=moment, cutoff=200, origins=self.homes.index)

    def test_by_hour(self):
        """21 February 2023 was a Tuesday. Each home has one place within 200 m; the last has none."""
        assert self.asked("2023-02-21 10:00").tolist() == [
            "reached", "reached if hours unknown are open", "reached", "not reached",
        ]  # fmt: skip
        night = self.asked("2023-02-21 22:00")
        assert night.tolist() == ["not reached", "reached if hours unknown are open", "reached", "not reached"]
        assert night.attrs["measured"] == "straight line"
        found = people_by_class(night, pd.Series([10, 20, 30, 40], index=self.homes.index))
        assert found["people"].tolist() == [30, 20, 50]

    def test_a_frame_gives_the_same(self):
        costs = straight_lines(self.homes).travel_costs(self.homes, self.places, unit="metres", cutoff=200)
        pd.testing.assert_series_equal(
            self.asked("2023-02-21 10:00", costs), self.asked("2023-02-21 10:00", costs.to_frame())
        )

    def test_along_streets(self, network_of, points_at):
        """Two streets of 150 times the root of 2, together 424.3 m, where a straight line is 300 m."""
        streets = network_of([(0, 0), (150, 150), (300, 0)], [(0, 1), (1, 2)])
        home, place = points_at((0, 0), ids=["h"]), points_at((300, 0), ids=["p"])
        place["opening_hours"] = "24/7"
        costs = streets.travel_costs(home, place, unit="metres")
        reached = [open_reach(costs, place, moment="2023-02-21 10:00", cutoff=cutoff).tolist() for cutoff in (424, 425)]
        assert reached == [["not reached"], ["reached"]]
        assert "measured" not in open_reach(costs, place, moment="2023-02-21 10:00", cutoff=424).attrs

    def test_a_cutoff_above_that_of_the_costs(self):
        costs = straight_lines(self.homes).travel_costs(self.homes, self.places, unit="metres", cutoff=100)
        with pytest.raises(InputError, match="above that of the costs"):
            self.asked("2023-02-21 10:00", costs)


class TestPeople:
    def test_a_missing_class_is_unknown(self):
        labels = pd.Series(pd.Categorical(["b", None, "a"], categories=["b", "a", "c"]), index=list("xyz"))
        found = people_by_class(labels, pd.Series({"z": 1, "y": 2, "x": 4}))
        assert found["people"].to_dict() == {"b": 4, "a": 1, "c": 0, "unknown": 2}
        assert found["share"].sum() == pytest.approx(1)

    def test_faults(self):
        labels = pd.Series(["a", "b"])
        with pytest.raises(PopulationError, match="missing"):
            people_by_class(labels, [1, np.nan])
        with pytest.raises(PopulationError, match="all are 0"):
            people_by_class(labels, [0, 0])
        with pytest.raises(InputError, match="below 0 or above 1"):
            people_covered(pd.Series([25.0, 50.0]), [1, 1])
