"""Bivariate Moran's I and Lee's L against sums by hand, full enumeration, published numbers of R's spdep, and esda."""

import itertools
import warnings
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

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.inequality.space.bivariate import lee, local_lee, local_moran_bivariate, moran_bivariate
from spatialjustice.inequality.space.moran import CLASSES, local_moran, moran
from spatialjustice.inequality.space.neighbours.by_location import contiguity, nearest
from spatialjustice.inequality.space.shuffling import pairs as _pairs

EXAMPLES = Path(libpysal.examples.__file__).parent
NUMBERS = ["statistic", "expected", "p_value", "p_adjusted"]


def row_of(ids, *, alone=()):
    pairs = list(itertools.pairwise(ids))
    links = sorted([*pairs, *((b, a) for a, b in pairs)], key=lambda pair: ids.index(pair[0]))
    one, two = [a for a, _ in links] + list(alone), [b for _, b in links] + list(alone)
    return Graph.from_arrays(one, two, [1.0] * len(links) + [0.0] * len(alone))


def lattice(size):
    row, column = np.divmod(np.arange(size * size), size)
    squares = shapely.box(column, row, column + 1, row + 1)
    return contiguity(gpd.GeoDataFrame(geometry=squares, crs=32639), rook=True)


def standardised(values):
    return (values - values.mean()) / values.std()


def weights_of(graph, count):
    """The row-standardised weights as a table, zones being 0, 1, ..."""
    table = np.zeros((count, count))
    for (one, two), weight in graph.adjacency.items():
        table[one, two] = weight
    sums = table.sum(axis=1, keepdims=True)
    return np.divide(table, sums, out=np.zeros_like(table), where=sums > 0)


def exact(sums, observed):
    return min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))


@pytest.fixture(scope="module")
def columbus():
    zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_index("POLYID").set_crs(32617)
    return zones, contiguity(zones)


@pytest.fixture(scope="module")
def one_way():
    """Six points whose two nearest are not mutual, and their weights."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 1, 3, 7, 15, 16], [0.0] * 6), crs=32639)
    graph = nearest(points, k=2)
    x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
    y = np.array([2.0, 7.0, 1.0, 8.0, 2.5, 1.8])
    return graph, weights_of(graph, 6), x, y


class TestMoran:
    def test_four_zones_in_a_row(self):
        """x = 1, 2, 3, 4: deviations -1.5, -0.5, 0.5, 1.5, variance 1.25. y = 0, 0, 0, 4: -1, -1, -1, 3, variance 3.

        Neighbours' y: -1, -1, 1, -1. Sum of x times these: 1.5 + 0.5 + 0.5 - 1.5 = 1; I = 1 / 4 / sqrt(1.25 * 3).
        """
        x, y = pd.Series([1, 2, 3, 4], index=list("abcd")), pd.Series([4, 0, 0, 0], index=list("dcba"))
        found = moran_bivariate(x, y, row_of("abcd"), rng=1)
        assert found["statistic"] == pytest.approx(0.25 / np.sqrt(3.75), abs=1e-14)
        assert found["expected"] == 0
        assert (found["n"], found["islands"], found["no_data"]) == (4, 0, 0)
        # The other way round: neighbours' x are -0.5, -0.5, 0.5, 0.5: sum 0.5 + 0.5 - 0.5 + 1.5 = 2.
        assert moran_bivariate(y, x, row_of("abcd"), rng=1)["statistic"] == pytest.approx(
            0.5 / np.sqrt(3.75), abs=1e-14
        )

    def test_all_720_maps_of_the_other_value(self, one_way):
        graph, weights, x, y = one_way
        z, v = standardised(x), standardised(y)
        sums = np.array([z @ weights @ np.array(order) for order in itertools.permutations(v)])
        found = moran_bivariate(pd.Series(x), pd.Series(y), graph, rng=3, permutations=49_999)
        assert found["statistic"] == pytest.approx(sums[0] / 6, abs=1e-12)
        assert found["expected"] == pytest.approx(sums.mean() / 6, abs=1e-12)
        assert found["z_score"] == pytest.approx((sums[0] - sums.mean()) / sums.std(), abs=1e-9)
        assert found["p_value"] == pytest.approx(exact(sums, sums[0]), abs=5 * 2 * np.sqrt(0.25 / 49_999))

    def test_esda_agrees(self, columbus):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import esda

            zones, graph = columbus
            np.random.seed(1)  # noqa: NPY002 - the only way to seed the other package
            theirs = esda.Moran_BV(zones["INC"], zones["HOVAL"], graph, permutations=999)
        found = moran_bivariate(zones["INC"], zones["HOVAL"], graph, rng=1, permutations=9_999)
        assert found["statistic"] == pytest.approx(theirs.I, abs=1e-10)
        assert found["z_score"] == pytest.approx(theirs.z_sim, rel=0.1)
        tail = theirs.p_sim
        error = np.sqrt(max(tail, 0.002) * (1 / 999 + 1 / 9_999)) + 0.001
        assert found["p_value"] / 2 == pytest.approx(tail, abs=5 * error)

    def test_with_itself_it_is_morans_i(self, columbus):
        zones, graph = columbus
        found = moran_bivariate(zones["CRIME"], zones["CRIME"], graph, rng=1)
        assert found["statistic"] == pytest.approx(moran(zones["CRIME"], graph, rng=1)["statistic"], abs=1e-12)

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """400 pairs of maps of 100 cells: 20 expected at 5 %, 4 to 38 within four standard errors."""
        graph, rng = lattice(10), np.random.default_rng(11)
        found = [
            moran_bivariate(*(pd.Series(rng.normal(size=100)) for _ in "xy"), graph, rng=rng, permutations=199)
            for _ in range(400)
        ]
        assert 4 <= sum(one["p_value"] <= 0.05 for one in found) <= 38


class TestLocal:
    def test_mean_of_the_local_statistics_is_the_global_one(self, columbus):
        zones, graph = columbus
        local = local_moran_bivariate(zones["INC"], zones["CRIME"], graph, rng=1)
        whole = moran_bivariate(zones["INC"], zones["CRIME"], graph, rng=1)
        assert local["statistic"].sum() == pytest.approx(48 * whole["statistic"], abs=1e-10)

    def test_with_itself_it_is_the_local_moran(self, columbus):
        zones, graph = columbus
        found = local_moran_bivariate(zones["CRIME"], zones["CRIME"], graph, rng=1)
        expected = local_moran(zones["CRIME"], graph, rng=1)
        pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-12)

    def test_p_values_against_all_choices_of_neighbours(self):
        """Seven zones in a row: all 6 or 15 sets of neighbours' other values are tried for each zone."""
        x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3])
        y = np.array([2.0, 7.0, 1.0, 8.0, 2.5, 1.8, 2.2])
        z, v = standardised(x), standardised(y)
        ids = list("abcdefg")
        found = local_moran_bivariate(
            pd.Series(x, ids), pd.Series(y, ids), row_of("abcdefg"), rng=11, permutations=49_999, adjust="none"
        )
        for i, zone in enumerate(ids):
            near = [j for j in (i - 1, i + 1) if 0 <= j < 7]
            drawn = np.array([z[i] * np.mean(chosen) for chosen in itertools.combinations(np.delete(v, i), len(near))])
            observed = z[i] * v[near].mean()
            assert found.loc[zone, "statistic"] == pytest.approx(6 / 7 * observed, abs=1e-12)
            assert found.loc[zone, "expected"] == pytest.approx(6 / 7 * drawn.mean(), abs=1e-12)
            error = 5 * 2 * np.sqrt(0.25 / 49_999)
            assert found.loc[zone, "p_value"] == pytest.approx(exact(drawn, observed), abs=error)

    def test_esda_agrees(self, columbus):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import esda

            zones, graph = columbus
            theirs = esda.Moran_Local_BV(zones["INC"], zones["CRIME"], graph, permutations=0)
        ours = local_moran_bivariate(zones["INC"], zones["CRIME"], graph, rng=3, adjust="none", significance=1.0)
        assert ours["statistic"].to_numpy() == pytest.approx(theirs.Is, abs=1e-10)
        quadrants = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
        assert ours["label"].tolist() == [quadrants[q] for q in theirs.q]

    def test_high_need_among_low_access(self):
        """Need is high and access low in the left half, the other way round in the right one."""
        size = 12
        left = pd.Series(np.arange(size * size) % size < size / 2)
        need, access = left * 8.0 + 1, 9 - left * 8.0
        found = local_moran_bivariate(need, access, lattice(size), rng=1, adjust="none", significance=0.3)["label"]
        assert found[7 * size + 2] == "high-low"
        assert found[7 * size + 9] == "low-high"

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """Five pairs of maps of 400 cells: 100 of 2,000 expected at 5 %, 61 to 139 within four standard errors."""
        graph, rng = lattice(20), np.random.default_rng(2024)
        tables = [
            local_moran_bivariate(*(pd.Series(rng.normal(size=400)) for _ in "xy"), graph, rng=rng) for _ in range(5)
        ]
        assert 61 <= sum((table["p_value"] <= 0.05).sum() for table in tables) <= 139
        assert sum((table["label"] != "not significant").sum() for table in tables) <= 3

    def test_too_few_permutations_are_told(self):
        size = 12
        left = pd.Series(np.arange(size * size) % size < size / 2)
        noise = np.random.default_rng(1).normal(size=size * size)
        found = local_moran_bivariate(left + noise, left * 9 - noise, lattice(size), rng=1, permutations=9)
        assert [finding.code for finding in findings_of(found)] == ["too_few_permutations"]


class TestLee:
    def test_four_zones_in_a_row(self):
        """x = 1, 2, 3, 4: neighbours' means of deviations -0.5, -0.5, 0.5, 0.5; y = 0, 0, 0, 4: -1, -1, 1, -1.

        Sum of products 0.5 + 0.5 + 0.5 - 0.5 = 1; L = 1 / 4 / sqrt(1.25 * 3). Correlation 6 / 4 / sqrt(3.75).
        """
        x, y = pd.Series([1, 2, 3, 4], index=list("abcd")), pd.Series([4, 0, 0, 0], index=list("dcba"))
        found = lee(x, y, row_of("abcd"), rng=1)
        assert found["statistic"] == pytest.approx(0.25 / np.sqrt(3.75), abs=1e-14)
        assert found["correlation"] == pytest.approx(1.5 / np.sqrt(3.75), abs=1e-14)

    def test_published_columbus(self):
        """Crime with itself in 49 neighbourhoods, weights of Anselin (1988): spdep's documentation of lee.test."""
        zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.dbf", ignore_geometry=True)
        crime = zones["CRIME"].set_axis(zones["NEIG"].astype(int))
        one, two, weight = np.loadtxt(EXAMPLES / "wmat" / "wmat.dat").T
        graph = Graph.from_arrays(one.astype(int), two.astype(int), weight)
        self.check(lee(crime, crime, graph, rng=1), 0.547064219, 0.239417989, 0.003454459, 5.2343)
        # There, the first five lack one value and the third to the seventh the other; all seven are left out.
        x, y = crime.where(crime.index > 5), crime.where(~crime.index.isin(range(3, 8)))
        found = lee(x, y, graph, rng=1, missing="own class")
        self.check(found, 0.706469726, 0.260143244, 0.004454563, 6.6873)
        assert (found["n"], found["no_data"]) == (42, 7)

    def check(self, found, statistic, expected, variance, z_score):
        assert found["statistic"] == pytest.approx(statistic, abs=6e-10)
        assert found["expected"] == pytest.approx(expected, abs=6e-10)
        implied = ((found["statistic"] - found["expected"]) / found["z_score"]) ** 2
        assert implied == pytest.approx(variance, abs=6e-10)
        assert found["z_score"] == pytest.approx(z_score, abs=6e-5)

    def test_all_720_maps(self, one_way):
        """Links that go one way, both values moving together: mean, spread and p-value of every shuffle."""
        graph, weights, x, y = one_way
        z, v = standardised(x), standardised(y)
        orders = [list(order) for order in itertools.permutations(range(6))]
        sums = np.array([(weights @ z[order]) @ (weights @ v[order]) for order in orders])
        found = lee(pd.Series(x), pd.Series(y), graph, rng=3, permutations=49_999)
        assert found["statistic"] == pytest.approx(sums[0] / 6, abs=1e-12)
        assert found["expected"] == pytest.approx(sums.mean() / 6, abs=1e-12)
        assert found["z_score"] == pytest.approx((sums[0] - sums.mean()) / sums.std(), abs=1e-9)
        assert found["p_value"] == pytest.approx(exact(sums, sums[0]), abs=5 * 2 * np.sqrt(0.25 / 49_999))

    def test_every_map_where_some_zones_look_at_nobody(self):
        """c is looked at only, d looks at a with another weight: sums of weights differ from row to row."""
        graph = Graph.from_arrays(list("aabcdde"), list("bcacabd"), [1.0, 3, 1, 0, 2, 2, 1])
        weights = np.array([[0, 0.25, 0.75, 0, 0], [1, 0, 0, 0, 0], [0] * 5, [0.5, 0.5, 0, 0, 0], [0, 0, 0, 1, 0]])
        z, v = standardised(np.array([3.0, 1, 4, 1.5, 9])), standardised(np.array([2.0, 7, 1, 8, 2.5]))
        orders = [list(order) for order in itertools.permutations(range(5))]
        sums = np.array([(weights @ z[order]) @ (weights @ v[order]) for order in orders])
        found = lee(pd.Series(z, list("abcde")), pd.Series(v, list("abcde")), graph, rng=3)
        # Four zones have neighbours: n / 4 * sum / n.
        assert found["statistic"] == pytest.approx(sums[0] / 4, abs=1e-12)
        assert found["expected"] == pytest.approx(sums.mean() / 4, abs=1e-12)
        assert found["z_score"] == pytest.approx((sums[0] - sums.mean()) / sums.std(), abs=1e-9)

    def test_esda_agrees(self, columbus):
        from esda.lee import Spatial_Pearson

        zones, graph = columbus
        theirs = Spatial_Pearson(connectivity=graph.transform("r").sparse, permutations=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.fit(zones[["INC"]].to_numpy(), zones[["CRIME"]].to_numpy())
        found = lee(zones["INC"], zones["CRIME"], graph, rng=1)
        assert found["statistic"] == pytest.approx(theirs.association_[0, 1], abs=1e-10)
        assert found["correlation"] == pytest.approx(np.corrcoef(zones["INC"], zones["CRIME"])[0, 1], abs=1e-12)

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=12))
    @settings(max_examples=30, deadline=None)
    def test_what_does_not_matter(self, rows):
        """Which of the two comes first; scale, origin; a sign turns it over."""
        x, y = (pd.Series([float(row[k]) for row in rows]) for k in (0, 1))
        if x.nunique() < 2 or y.nunique() < 2:
            return
        graph = row_of(list(range(len(rows))))
        try:
            found = lee(x, y, graph, rng=1, permutations=9)
        except InputError:
            return
        parts = ["statistic", "expected", "z_score", "correlation"]
        for one, two, sign in ((y, x, 1), (x * 1e6 + 1e7, y, 1), (-x, y, -1)):
            again = lee(one, two, graph, rng=1, permutations=9)
            expected = [sign * value for value in found[parts]]
            assert again[parts].tolist() == pytest.approx(expected, abs=1e-7)
            assert again["p_value"] == found["p_value"]
        assert -1 - 1e-12 <= found["correlation"] <= 1 + 1e-12

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """400 pairs of maps, correlated cell by cell but without a pattern: 20 expected at 5 %, 4 to 38."""
        graph, rng = lattice(10), np.random.default_rng(12)
        found = []
        for _ in range(400):
            common = rng.normal(size=100)
            x, y = (pd.Series(common + rng.normal(size=100)) for _ in "xy")
            found.append(lee(x, y, graph, rng=rng, permutations=199))
        assert 4 <= sum(one["p_value"] <= 0.05 for one in found) <= 38
        assert np.mean([one["correlation"] for one in found]) == pytest.approx(0.5, abs=0.05)


class TestLocalLee:
    def test_mean_of_the_local_statistics_is_the_global_one(self, columbus):
        zones, graph = columbus
        local = local_lee(zones["INC"], zones["CRIME"], graph, rng=1)
        whole = lee(zones["INC"], zones["CRIME"], graph, rng=1)
        assert local["statistic"].mean() == pytest.approx(whole["statistic"], abs=1e-12)

    def test_esda_agrees(self, columbus):
        from esda.lee import Spatial_Pearson_Local

        zones, graph = columbus
        theirs = Spatial_Pearson_Local(connectivity=graph.transform("r").sparse, permutations=999)
        np.random.seed(1)  # noqa: NPY002 - the only way to seed the other package
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.fit(zones[["INC"]].to_numpy(), zones[["CRIME"]].to_numpy())
        ours = local_lee(zones["INC"], zones["CRIME"], graph, rng=1, permutations=9_999)
        assert ours["statistic"].to_numpy() == pytest.approx(theirs.associations_.ravel(), abs=1e-10)
        tail = np.minimum(2 * theirs.significance_.ravel(), 1) / 2
        error = 2 * np.sqrt(tail * (1 - tail) * (1 / 999 + 1 / 9_999)) + 2 / 1000
        assert (np.abs(ours["p_value"] - 2 * tail) < 5 * error).all()

    def test_p_values_against_all_choices_of_neighbours(self):
        """Six zones, links of unlike weight, one zone looking at all others: every choice in every order is tried."""
        ids = list("abcdef")
        links = {("a", "b"): 1, ("a", "c"): 3, ("b", "a"): 1, ("c", "b"): 2, ("c", "d"): 1, ("c", "e"): 1}
        links |= {("d", other): 1 for other in "abcef"} | {("e", "f"): 1, ("f", "e"): 2, ("f", "a"): 1}
        graph = Graph.from_arrays(*zip(*links, strict=True), list(links.values()))
        x, y = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6]), np.array([2.0, 7.0, 1.0, 8.0, 2.5, 1.8])
        z, v = standardised(x), standardised(y)
        found = local_lee(pd.Series(x, ids), pd.Series(y, ids), graph, rng=11, permutations=49_999, adjust="none")
        for i, zone in enumerate(ids):
            near = [ids.index(two) for one, two in links if one == zone]
            weight = np.array([float(size) for (one, _), size in links.items() if one == zone])
            weight /= weight.sum()
            choices = [list(choice) for choice in itertools.permutations([j for j in range(6) if j != i], len(near))]
            drawn = np.array([(weight @ z[choice]) * (weight @ v[choice]) for choice in choices])
            observed = (weight @ z[near]) * (weight @ v[near])
            assert found.loc[zone, "statistic"] == pytest.approx(observed, abs=1e-12)
            assert found.loc[zone, "expected"] == pytest.approx(drawn.mean(), abs=1e-12)
            error = 5 * 2 * np.sqrt(0.25 / 49_999)
            assert found.loc[zone, "p_value"] == pytest.approx(exact(drawn, observed), abs=error)
        assert found.loc["d", "p_value"] == 1

    def test_high_need_and_low_access_around(self):
        """A block of high need and low access in a corner, the other way round in the opposite one, noise elsewhere."""
        size = 12
        row, column = np.divmod(np.arange(size * size), size)
        rng = np.random.default_rng(5)
        need, access = (pd.Series(rng.normal(size=size * size)) for _ in "xy")
        corner, opposite = (row < 4) & (column < 4), (row > 7) & (column > 7)
        need += 4.0 * corner - 4.0 * opposite
        access += 4.0 * opposite - 4.0 * corner
        found = local_lee(need, access, lattice(size), rng=1)
        inside = (np.minimum(row, 11 - row) > 0) & (np.minimum(column, 11 - column) > 0)
        assert (found["label"][inside & (row < 3) & (column < 3)] == "high-low").all()
        assert (found["label"][inside & (row > 8) & (column > 8)] == "low-high").all()
        assert (found["label"][(row > 8) & (column < 3)] == "not significant").all()

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """Five pairs of maps of 400 cells, correlated cell by cell: 100 of 2,000 expected at 5 %, 61 to 139."""
        graph, rng = lattice(20), np.random.default_rng(2024)
        tables = []
        for _ in range(5):
            common = rng.normal(size=400)
            x, y = (pd.Series(common + rng.normal(size=400)) for _ in "xy")
            tables.append(local_lee(x, y, graph, rng=rng))
        assert 61 <= sum((table["p_value"] <= 0.05).sum() for table in tables) <= 139
        assert sum((table["label"] != "not significant").sum() for table in tables) <= 3


class TestSetApart:
    def test_islands_and_zones_without_a_value(self):
        """c lacks one value, f the other, and h both: a b k and d e remain of a row; g is alone."""
        ids = list("abkcdefgh")
        x = pd.Series([1.0, 3, 2, np.nan, 4, 9, 5, 5, np.nan], index=ids)
        y = pd.Series([2.0, 1, 6, 7, 3, 8, np.nan, 4, np.nan], index=ids)
        graph = row_of(ids)
        for measure in (moran_bivariate, lee, local_moran_bivariate, local_lee):
            with pytest.raises(InputError, match=r"^values: 2 values are missing \(c, h\)"):
                measure(x, y, graph)
            with pytest.raises(InputError, match=r"^other: 2 values are missing \(f, h\)"):
                measure(x.fillna(0), y, graph)
        rest = list("abkde")
        links = Graph.from_arrays(list("abbkde"), list("bakbed"), [1.0] * 6)
        for measure in (moran_bivariate, lee):
            found = measure(x, y, graph, rng=1, missing="own class")
            alone = measure(x[rest], y[rest], links, rng=1)
            assert found.drop(["islands", "no_data"]).equals(alone.drop(["islands", "no_data"]))
            assert (found["n"], found["islands"], found["no_data"]) == (5, 1, 3)
        for measure in (local_moran_bivariate, local_lee):
            found = measure(x, y, graph, rng=1, missing="own class")
            assert found["label"][list("cfgh")].tolist() == ["no data", "no data", "island", "no data"]
            assert found.loc[list("cfgh"), NUMBERS].isna().all(axis=None)
            pd.testing.assert_frame_equal(found.loc[rest], measure(x[rest], y[rest], links, rng=1))
            facts = {finding.code: finding.count for finding in findings_of(found)}
            assert facts["zones_without_value"] == 3
            assert facts["zones_without_neighbours"] == 1

    @pytest.mark.parametrize("measure", [moran_bivariate, lee, local_moran_bivariate, local_lee])
    def test_what_cannot_be_measured(self, measure):
        ids, row = list("abcd"), row_of("abcd")
        good = pd.Series([1.0, 2, 4, 3], index=ids)
        for wrong, match in (
            (pd.Series([5.0] * 4, index=ids), "all zones that take part have the same value"),
            (pd.Series([1.0, np.inf, 2, 3], index=ids), r"1 values are infinite \(b\)"),
            ([1.0, 2, 3, 4], "they are a list"),
            (pd.Series(list("wxyz"), index=ids), "the values are not numbers"),
        ):
            with pytest.raises(InputError, match=f"^values: {match}"):
                measure(wrong, good, row)
            with pytest.raises(InputError, match=f"^other: {match}"):
                measure(good, wrong, row)
        with pytest.raises(InputError, match="^other: 2 ids are not in both"):
            measure(good, good.set_axis(list("abcx")), row)
        with pytest.raises(DuplicateIdError, match="^other"):
            measure(good, good.set_axis(list("abcc")), row)
        with pytest.raises(InputError, match="^neighbours: 2 ids are not the same"):
            measure(good, good, row_of("abcx"))
        with pytest.raises(InputError, match="^values: 3 zones have a value and a neighbour"):
            measure(good[:3], good[:3], row_of("abc"))
        with pytest.raises(InputError, match="permutations: it is 0"):
            measure(good, good, row, permutations=0)
        with pytest.raises(InputError, match="missing: it is"):
            measure(good, good, row, missing="drop")

    def test_neighbours_of_all_others(self):
        everyone = Graph.from_arrays(*zip(*itertools.permutations(range(6), 2), strict=True), [1.0] * 30)
        x, y = pd.Series([0.1, 0.7, 0.3, 1e6, 0.2, 0.9]), pd.Series([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
        assert (local_moran_bivariate(x, y, everyone, rng=1)["p_value"] == 1).all()
        assert (local_lee(x, y, everyone, rng=1)["p_value"] == 1).all()
        with pytest.raises(InputError, match="every shuffle of the values gives the same"):
            lee(x, y, everyone, rng=1)

    def test_zones_in_pairs(self):
        """Each is the only neighbour of one other: the smoothed maps are the maps with places exchanged."""
        graph = Graph.from_arrays(list("abcdef"), list("badcfe"), [1.0] * 6)
        x, y = (pd.Series(part, index=list("abcdef")) for part in ([3.0, 1, 4, 1.5, 9, 2.6], [1.0, 2, 9, 4, 3, 3.5]))
        with pytest.raises(InputError, match="the only neighbour of one other"):
            lee(x, y, graph, rng=1)


class TestReproducible:
    def test_order_of_rows_and_cuts_change_no_bit(self, columbus, monkeypatch):
        zones, graph = columbus
        x, y = zones["INC"], zones["CRIME"]
        mixed = zones.sample(frac=1, random_state=4)
        wholes = [(measure, measure(x, y, graph, rng=1)) for measure in (moran_bivariate, lee)]
        locals_ = [(measure, measure(x, y, graph, rng=1)) for measure in (local_moran_bivariate, local_lee)]
        for measure, local in locals_:
            again = measure(mixed["INC"], y, contiguity(mixed), rng=1)
            assert again.index.equals(mixed.index)
            pd.testing.assert_frame_equal(again.reindex(zones.index), local, check_exact=True)
        for measure, found in wholes:
            assert measure(mixed["INC"], y, contiguity(mixed), rng=1).equals(found)
        monkeypatch.setattr(_pairs, "STEPS", 5_000)
        monkeypatch.setattr(_pairs, "PRODUCTS", 50)
        for measure, local in locals_:
            pd.testing.assert_frame_equal(measure(x, y, graph, rng=1), local, check_exact=True)
        for measure, found in wholes:
            again = measure(x, mixed["CRIME"], graph, rng=1)
            assert again.drop("z_score").equals(found.drop("z_score"))
            assert again["z_score"] == pytest.approx(found["z_score"], rel=1e-13)
            assert not measure(x, y, graph, rng=np.random.default_rng(1)).equals(found)

    def test_what_went_in_is_told(self):
        need = add_sources(pd.Series([1.0, 2, 4, 3], index=list("abcd")), SourceRecord("census", "a.csv", "0", 1))
        access = add_sources(pd.Series([8.0, 6, 4, 3], index=list("dbca"), name="jobs"), SourceRecord("x", "b", "1", 1))
        need.attrs["measure"] = "need_score"
        for measure in (moran_bivariate, lee, local_moran_bivariate, local_lee):
            facts = measure(need, access, row_of("abcd"), rng=12, permutations=199).attrs
            assert (facts["measure"], facts["of"], facts["with"]) == (measure.__name__, "need_score", "jobs")
            assert (facts["seed"], facts["permutations"], facts["alternative"]) == (12, 199, "two-sided")
            assert [source["name"] for source in facts["sources"]] == ["census", "x"]
        assert facts["classes"] == list(CLASSES)
