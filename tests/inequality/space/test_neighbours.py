"""Neighbours against what can be counted on a grid of squares, and against libpysal's own builders."""

from pathlib import Path

import geopandas as gpd
import libpysal.examples
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from spatialjustice._core.errors import DuplicateIdError, GeometryError, InputError, MissingCRSError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.inequality.space.moran import moran
from spatialjustice.inequality.space.neighbours.by_location import contiguity, distance_band, nearest
from spatialjustice.inequality.space.neighbours.by_travel_time import travel_time_band

EXAMPLES = Path(libpysal.examples.__file__).parent


def squares(size, *, gap=0.0, crs=32639, side=100.0):
    """A square grid of squares with a gap between them, numbered along x first."""
    row, column = np.divmod(np.arange(size * size), size)
    x, y = 500_000 + column * (side + gap), 3_900_000 + row * (side + gap)
    shapes = shapely.box(x, y, x + side, y + side)
    return gpd.GeoDataFrame(
        index=pd.Index([f"z{i}" for i in range(size * size)], name="zone_id"), geometry=shapes, crs=crs
    )


def neighbours_of(graph, zone):
    return sorted(graph[zone][graph[zone] > 0].index)


class TestContiguity:
    def test_queen_and_rook_on_a_grid(self):
        """3 by 3: the middle has 8 neighbours at a corner or side, 4 at a side; a corner zone 3 and 2."""
        queen, rook = contiguity(squares(3)), contiguity(squares(3), rook=True)
        assert neighbours_of(queen, "z4") == ["z0", "z1", "z2", "z3", "z5", "z6", "z7", "z8"]
        assert neighbours_of(rook, "z4") == ["z1", "z3", "z5", "z7"]
        assert neighbours_of(queen, "z0") == ["z1", "z3", "z4"]
        assert neighbours_of(rook, "z0") == ["z1", "z3"]
        assert queen.unique_ids.tolist() == squares(3).index.tolist()
        assert findings_of(queen) == []

    def test_slivers_make_islands_until_a_tolerance_is_given(self):
        apart = squares(3, gap=5.0)
        graph = contiguity(apart)
        assert graph.isolates.tolist() == apart.index.tolist()
        (finding,) = findings_of(graph)
        assert (finding.code, finding.count) == ("zones_without_neighbours", 9)
        assert "z0, z1, z2, z3, z4 and 4 more" in finding.message
        # Corners are 5 * sqrt(2) = 7.07 m apart, sides exactly 5 m.
        assert contiguity(apart, tolerance=4.99).n_edges == 0
        assert contiguity(apart, tolerance=5).adjacency.equals(contiguity(squares(3), rook=True).adjacency)
        assert contiguity(apart, tolerance=7.1).adjacency.equals(contiguity(squares(3)).adjacency)

    def test_rook_with_a_tolerance_leaves_out_corners(self):
        for gap in (0.0, 2.0):
            found = contiguity(squares(4, gap=gap), tolerance=3.0, rook=True)
            assert found.adjacency.equals(contiguity(squares(4), rook=True).adjacency)

    def test_overlapping_zones_are_neighbours(self):
        assert contiguity(squares(2, gap=-10.0), rook=True).n_edges == 12

    def test_one_island_among_others_is_named(self):
        zones = squares(3).drop(index=["z1", "z3", "z4"])
        graph = contiguity(zones)
        assert graph.isolates.tolist() == ["z0"]
        assert findings_of(graph)[0].count == 1

    @pytest.mark.parametrize("rook", [True, False])
    @pytest.mark.parametrize("layer", ["columbus/columbus.shp", "sids2/sids2.shp", "mexico/mexicojoin.shp"])
    def test_another_library_on_real_zones(self, layer, rook):
        zones = gpd.read_file(EXAMPLES / layer)
        zones = zones.set_crs(32617) if zones.crs is None else zones
        expected = Graph.build_contiguity(zones, rook=rook, strict=True)
        # Whether two shapes share a side is a matter of geometry here, and of equal corners there.
        ours = set(contiguity(zones, rook=rook).adjacency.index)
        assert ours == set(expected.adjacency.index)

    def test_real_tracts_of_chicago(self, shared_data):
        """872 census tracts in degrees: the links another library finds, and no island."""
        zones = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg")).set_index("geoid")
        graph = contiguity(zones)
        theirs = Graph.build_contiguity(zones, rook=False, strict=True)
        pd.testing.assert_series_equal(graph.adjacency, theirs.adjacency, check_dtype=False)
        assert len(graph.isolates) == 0

    def test_real_neighbourhoods_of_madrid_overlap_a_little(self, shared_data):
        """Another library misses neighbours whose borders cross; the links found beyond its own all share an area."""
        zones = gpd.read_file(shared_data("madrid/madrid_nbhds.gpkg")).set_index("COD_BAR")
        theirs = set(Graph.build_contiguity(zones, rook=False, strict=True).adjacency.index)
        ours = set(contiguity(zones).adjacency.index)
        assert theirs < ours
        shapes = zones.geometry
        assert all(shapes[one].intersection(shapes[two]).area > 0 for one, two in ours - theirs)

    def test_degrees_are_projected_before_metres_are_measured(self):
        degrees = squares(3, gap=5.0).to_crs(4326)
        assert contiguity(degrees, tolerance=5.01).adjacency.equals(contiguity(squares(3), rook=True).adjacency)

    def test_no_tolerance_takes_borders_as_drawn_in_degrees(self):
        """One long zone above two short ones whose common corner is no corner of the long one's border."""
        shapes = [shapely.box(50, 35.5, 53, 36), shapely.box(50, 35, 51, 35.5), shapely.box(51, 35, 53, 35.5)]
        zones = gpd.GeoDataFrame(index=["long", "left", "right"], geometry=shapes, crs=4326)
        assert contiguity(zones, rook=True).n_edges == 6

    def test_order_of_rows_only_changes_the_order(self):
        zones = squares(4)
        shuffled = zones.sample(frac=1, random_state=3)
        assert set(contiguity(shuffled).adjacency.index) == set(contiguity(zones).adjacency.index)
        assert contiguity(shuffled).unique_ids.tolist() == shuffled.index.tolist()


class TestDistances:
    def points(self):
        xy = gpd.points_from_xy([0, 10, 30, 60, 1000], [0.0] * 5)
        return gpd.GeoDataFrame(index=list("abcde"), geometry=xy, crs=32639)

    def test_nearest_on_a_line(self):
        """0, 10, 30, 60, 1000: the nearest two of 30 are 10 (20 away) and, at 30 each, 0 before 60."""
        graph = nearest(self.points(), k=2)
        assert {zone: neighbours_of(graph, zone) for zone in "abcde"} == {
            "a": ["b", "c"], "b": ["a", "c"], "c": ["a", "b"], "d": ["b", "c"], "e": ["c", "d"],
        }  # fmt: skip
        (finding,) = findings_of(graph)
        assert (finding.code, finding.count) == ("equally_near_zones", 1)

    def test_nearest_without_ties_is_what_another_library_finds(self):
        rng = np.random.default_rng(5)
        xy = gpd.points_from_xy(*rng.uniform(0, 1e4, (2, 200)))
        points = gpd.GeoDataFrame(geometry=xy, crs=32639)
        assert nearest(points, k=6).adjacency.equals(Graph.build_knn(points, k=6).adjacency.astype(float))
        assert findings_of(nearest(points, k=6)) == []

    def test_places_on_one_spot_are_each_others_neighbours_and_not_their_own(self):
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0, 0, 9], [0.0] * 4), crs=32639)
        graph = nearest(points, k=1)
        assert [neighbours_of(graph, zone) for zone in range(4)] == [[1], [0], [0], [0]]

    def test_distance_band_is_closed(self):
        graph = distance_band(self.points(), cutoff=30)
        assert {zone: neighbours_of(graph, zone) for zone in "abcde"} == {
            "a": ["b", "c"], "b": ["a", "c"], "c": ["a", "b", "d"], "d": ["c"], "e": [],
        }  # fmt: skip
        assert findings_of(graph)[0].code == "zones_without_neighbours"
        assert distance_band(self.points(), cutoff=29.99).isolates.tolist() == ["d", "e"]

    def test_distances_are_metres_whatever_the_layer_is_in(self):
        graph = distance_band(squares(4).to_crs(4326), cutoff=100.5)
        assert graph.adjacency.equals(contiguity(squares(4), rook=True).adjacency)
        assert nearest(squares(4).to_crs(3857), k=15).n_edges == 240

    def test_nobody_within_reach(self):
        graph = distance_band(self.points(), cutoff=1)
        assert graph.n == 5
        assert graph.n_edges == 0


def costs_of(pairs, *, unit="minutes", cutoff=None):
    """A long table of travel costs like that of the network room, from {"ab": 8.0, ...}."""
    rows = [(pair[0], pair[1], cost) for pair, cost in pairs.items()]
    table = pd.DataFrame(rows, columns=["from_id", "to_id", "travel_cost"])
    table.attrs = {"unit": unit} if cutoff is None else {"unit": unit, "cutoff": cutoff}
    return table


HILL = {"aa": 0.0, "ab": 8.0, "ba": 12.0, "bc": 5.0, "cb": 5.0, "ac": 11.0, "ca": 30.0, "cd": 4.0}


class TestTravelTimes:
    ids = pd.Index(list("abcde"))

    def links(self, **settings):
        graph = travel_time_band(costs_of(HILL), zones=self.ids, **settings)
        return {pair: weight for (one, two), weight in graph.adjacency.items() if weight for pair in [one + two]}

    def test_there_and_back_by_hand(self):
        """Up to 12 minutes: a b both ways (8, 12) and b c; back from c to a takes 30, and nobody comes back from d."""
        assert self.links(cutoff=12) == {"ab": 1, "ba": 1, "bc": 1, "cb": 1}
        assert self.links(cutoff=11.99) == {"bc": 1, "cb": 1}
        assert self.links(cutoff=11, direction="either") == dict.fromkeys(
            ["ab", "ac", "ba", "bc", "ca", "cb", "cd", "dc"], 1
        )
        assert self.links(cutoff=11, direction="as is") == dict.fromkeys(["ab", "ac", "bc", "cb", "cd"], 1)

    def test_weights_by_hand(self):
        """The slower way counts for both, the quicker one for either, each its own as is."""
        assert self.links(cutoff=12, decay="inverse") == {"ab": 1 / 12, "ba": 1 / 12, "bc": 0.2, "cb": 0.2}
        found = self.links(cutoff=12, decay="inverse", direction="either")
        assert found == {
            "ab": 1 / 8,
            "ba": 1 / 8,
            "ac": 1 / 11,
            "ca": 1 / 11,
            "bc": 0.2,
            "cb": 0.2,
            "cd": 0.25,
            "dc": 0.25,
        }
        found = self.links(cutoff=12, decay="inverse", direction="as is")
        assert (found["ab"], found["ba"]) == (1 / 8, 1 / 12)
        # A weight of 0 is no link.
        assert self.links(cutoff=12, decay=lambda cost: np.where(cost < 6, 2.0, 0.0)) == {"bc": 2, "cb": 2}

    def test_rule_and_zones_without_neighbours_are_told(self):
        graph = travel_time_band(costs_of(HILL), cutoff=12, zones=self.ids)
        assert graph.unique_ids.tolist() == list("abcde")
        assert graph.isolates.tolist() == ["d", "e"]
        facts = {finding.code: finding for finding in findings_of(graph)}
        assert "there and the way back each cost at most 12 minutes" in facts["neighbours_by_travel_cost"].message
        assert (facts["zones_without_travel_costs"].count, facts["zones_without_neighbours"].count) == (1, 2)
        assert "(e)" in facts["zones_without_travel_costs"].message
        metres = travel_time_band(costs_of(HILL, unit="metres"), cutoff=12, zones=self.ids)
        assert "at most 12 metres" in findings_of(metres)[0].message

    def test_forms_of_the_table(self):
        """Columns or index, either name of the cost, an object that makes a frame, zones as a layer or Series."""
        expected = travel_time_band(costs_of(HILL), cutoff=12, zones=self.ids).adjacency
        table = costs_of(HILL)

        class Costs:
            def to_frame(self):
                return table

        layer = gpd.GeoDataFrame(index=self.ids, geometry=gpd.points_from_xy([0] * 5, [0] * 5))
        for costs, zones in (
            (table.set_index(["from_id", "to_id"]), self.ids),
            (table.rename(columns={"travel_cost": "travel_time"}), pd.Series(0, index=self.ids)),
            (Costs(), layer),
            (table.sample(frac=1, random_state=1), self.ids),
            (pd.concat([table, costs_of({"da": np.inf, "ad": 3.0})]), self.ids),
        ):
            assert travel_time_band(costs, cutoff=12, zones=zones).adjacency.equals(expected)
        mixed = travel_time_band(table, cutoff=12, zones=self.ids[::-1])
        assert mixed.unique_ids.tolist() == list("edcba")
        assert {pair for pair, weight in mixed.adjacency.items() if weight} == {
            pair for pair, weight in expected.items() if weight
        }

    def test_sources_and_findings_go_on(self):
        table = costs_of(HILL)
        record = SourceRecord("streets", "a.pbf", "0", 1)
        table.attrs["sources"] = [record.as_dict()]
        assert travel_time_band(table, cutoff=12, zones=self.ids).sources == (record,)

    @given(
        st.dictionaries(st.sampled_from([a + b for a in "abcdef" for b in "abcdef"]), st.integers(1, 9), min_size=1),
        st.integers(1, 9),
        st.sampled_from(["both", "either", "as is"]),
    )
    @settings(max_examples=60, deadline=None)
    def test_every_rule_pair_by_pair(self, pairs, cutoff, direction):
        table = costs_of({pair: float(cost) for pair, cost in pairs.items()})
        there = {(a, b): pairs.get(a + b, np.inf) for a in "abcdef" for b in "abcdef" if a != b}
        rule = {"both": max, "either": min, "as is": lambda cost, _: cost}[direction]
        together = {(a, b): rule(cost, there[b, a]) for (a, b), cost in there.items()}
        try:
            graph = travel_time_band(table, cutoff=cutoff, zones=pd.Index(list("abcdef")), direction=direction)
        except InputError:
            assert direction == "both"
            assert not any(np.isfinite(cost) for cost in together.values())
            return
        links = {pair for pair, weight in graph.adjacency.items() if weight}
        assert links == {pair for pair, cost in together.items() if cost <= cutoff}

    def test_a_statistic_takes_them(self):
        """a to e lie 5 minutes apart on a road: the row of zones whose Moran's I is done by hand elsewhere: 0.4."""
        pairs = {one + two: 5.0 for one, two in zip("abcbcd", "bcdabc", strict=True)}
        graph = travel_time_band(costs_of(pairs), cutoff=5, zones=pd.Index(list("abcde")))
        found = moran(pd.Series([1.0, 2, 3, 4, 9], index=list("abcde")), graph, rng=1)
        assert found["statistic"] == pytest.approx(0.4, abs=1e-14)
        assert found["islands"] == 1

    def test_nobody_gets_anywhere(self):
        empty = costs_of({})
        graph = travel_time_band(empty, cutoff=5, zones=self.ids)
        assert graph.isolates.tolist() == list("abcde")
        assert {finding.code for finding in findings_of(graph)} == {
            "neighbours_by_travel_cost", "zones_without_travel_costs", "zones_without_neighbours",
        }  # fmt: skip

    def test_faults(self):
        table, ids = costs_of(HILL), self.ids
        with pytest.raises(DuplicateIdError, match="1 pairs are listed more than once"):
            travel_time_band(pd.concat([table, table.iloc[[1]]]), cutoff=5, zones=ids)
        for wrong, match in (
            (costs_of({**HILL, "de": -1.0}), r"1 costs are negative or not a number, in the rows \(8\)"),
            (costs_of({**HILL, "de": np.nan}), "1 costs are negative or not a number"),
            (costs_of({**HILL, "dx": 1.0}), r"1 ids are no zone's \(x\)"),
            (table.drop(columns="travel_cost"), "the columns are from_id, to_id"),
            (table["travel_cost"].to_numpy(), "they are an ndarray"),
            (costs_of({"ab": 1.0, "ac": 2.0}), "no pair of zones is listed in both directions"),
        ):
            with pytest.raises(InputError, match=f"^costs: {match}"):
                travel_time_band(wrong, cutoff=5, zones=ids)
        with pytest.raises(InputError, match="cutoff: it is 20, but the travel costs were searched only up to 15"):
            travel_time_band(costs_of(HILL, cutoff=15.0), cutoff=20, zones=ids)
        for cutoff in (0, -1, np.nan, np.inf, "5", True):
            with pytest.raises(InputError, match="cutoff: it is"):
                travel_time_band(table, cutoff=cutoff, zones=ids)
        with pytest.raises(InputError, match="direction: it is 'there'"):
            travel_time_band(table, cutoff=5, zones=ids, direction="there")
        with pytest.raises(InputError, match="decay: it is 'gaussian'"):
            travel_time_band(table, cutoff=5, zones=ids, decay="gaussian")
        with pytest.raises(InputError, match=r"decay: 2 weights are negative or infinite, the first from b to c"):
            travel_time_band(table, cutoff=5, zones=ids, decay=lambda cost: -cost)
        same_spot = costs_of({"ab": 0.0, "ba": 0.0})
        with pytest.raises(InputError, match="Zones on one spot have no inverse"):
            travel_time_band(same_spot, cutoff=5, zones=ids, decay="inverse")
        assert travel_time_band(same_spot, cutoff=5, zones=ids).n_edges == 2
        with pytest.raises(InputError, match="decay: it gives 1 weights for 2 costs"):
            travel_time_band(table, cutoff=5, zones=ids, decay=lambda _: np.array([1.0]))
        with pytest.raises(InputError, match="zones: they are a list"):
            travel_time_band(table, cutoff=5, zones=list("abcde"))
        with pytest.raises(DuplicateIdError, match="zones"):
            travel_time_band(table, cutoff=5, zones=pd.Index(list("abcda")))


class TestFaults:
    def test_settings(self):
        zones = squares(2)
        for k in (0, 4, 1.5, True):
            with pytest.raises(InputError, match="k: it is"):
                nearest(zones, k=k)
        for tolerance in (-1, np.nan, np.inf, "5"):
            with pytest.raises(InputError, match="tolerance: it is"):
                contiguity(zones, tolerance=tolerance)
        with pytest.raises(InputError, match="cutoff: it is 0"):
            distance_band(zones, cutoff=0)

    @pytest.mark.parametrize("build", [contiguity, lambda zones: nearest(zones, k=1)])
    def test_layers(self, build):
        zones = squares(2)
        with pytest.raises(DuplicateIdError):
            build(zones.rename(index={"z1": "z0"}))
        with pytest.raises(MissingCRSError):
            build(zones.set_crs(None, allow_override=True))
        empty = zones.copy()
        empty.loc["z2", "geometry"] = None
        with pytest.raises(GeometryError, match="z2"):
            build(empty)

    def test_lines_have_no_inside(self):
        lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])] * 2, crs=32639)
        with pytest.raises(GeometryError, match="LineString"):
            contiguity(lines)
