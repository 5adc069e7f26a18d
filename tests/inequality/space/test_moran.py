"""Moran's I against sums done by hand, full enumeration, published values and esda; and what must be refused."""

import itertools
import warnings
from pathlib import Path

import geopandas as gpd
import libpysal.examples
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from scipy.stats import false_discovery_control

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.inequality.space.moran import CLASSES, false_discovery_rate, local_moran, moran
from spatialjustice.inequality.space.neighbours.by_location import contiguity, distance_band, nearest
from spatialjustice.inequality.space.shuffling import draws as _draws
from spatialjustice.inequality.space.shuffling import permutation as _permutation
from spatialjustice.inequality.space.shuffling import streams as _streams

EXAMPLES = Path(libpysal.examples.__file__).parent
NUMBERS = ["statistic", "expected", "p_value", "p_adjusted"]


def row_of(ids, *, alone=()):
    """A graph in which each id is the neighbour of the next, and some have none."""
    pairs = [(a, b) for a, b in itertools.pairwise(ids)]
    links = sorted([*pairs, *((b, a) for a, b in pairs)], key=lambda pair: ids.index(pair[0]))
    one, two = [a for a, _ in links] + list(alone), [b for _, b in links] + list(alone)
    return Graph.from_arrays(one, two, [1.0] * len(links) + [0.0] * len(alone))


def lattice(size):
    row, column = np.divmod(np.arange(size * size), size)
    squares = shapely.box(column, row, column + 1, row + 1)
    return contiguity(gpd.GeoDataFrame(geometry=squares, crs=32639), rook=True)


@pytest.fixture(scope="module")
def columbus():
    zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_index("POLYID").set_crs(32617)
    return zones, contiguity(zones)


class TestGlobal:
    def test_four_zones_in_a_row(self):
        """1, 2, 3, 4: z = -1.5, -0.5, 0.5, 1.5, sum of squares 5; means of neighbours -0.5, -0.5, 0.5, 0.5.

        Sum of z times neighbours: 0.75 + 0.25 + 0.25 + 0.75 = 2. S0 = 4 = n. I = 2 / 5 = 0.4. Expected -1 / 3.
        """
        found = moran(pd.Series([1, 2, 3, 4], index=list("abcd")), row_of("abcd"), rng=1)
        assert found["statistic"] == pytest.approx(0.4, abs=1e-14)
        assert found["expected"] == pytest.approx(-1 / 3, abs=1e-14)
        assert (found["n"], found["islands"], found["no_data"]) == (4, 0, 0)

    def test_alternating_values_are_as_negative_as_can_be(self):
        """0, 1, 0, 1: each zone's neighbours have the opposite deviation: I = -1."""
        found = moran(pd.Series([0, 1, 0, 1], index=list("abcd")), row_of("abcd"), rng=1)
        assert found["statistic"] == pytest.approx(-1, abs=1e-14)

    def test_island_takes_no_part(self):
        """The row of four, and an island of value 100 that would change the mean: I stays 0.4 and n stays 4."""
        values = pd.Series([1, 2, 3, 4, 100], index=list("abcdi"))
        found = moran(values, row_of("abcd", alone="i"), rng=1)
        assert found["statistic"] == pytest.approx(0.4, abs=1e-14)
        assert (found["n"], found["islands"]) == (4, 1)
        assert found["p_value"] == moran(values[:4], row_of("abcd"), rng=1)["p_value"]
        (finding,) = findings_of(found)
        assert (finding.code, finding.count) == ("zones_without_neighbours", 1)

    @pytest.mark.parametrize(
        ("column", "change", "statistic", "z_score"),
        [
            ("CRIME", np.asarray, 0.500188557, 5.5894),
            ("INC", np.asarray, 0.415628778, 4.7645),
            ("DISCBD", np.asarray, 0.800562617, 8.7904),
            ("HOVAL", np.log, 0.252777699, 2.9453),
            ("PLUMB", np.log, 0.681818585, 7.5613),
        ],
    )
    def test_published_columbus(self, columbus, column, change, statistic, z_score):
        """49 neighbourhoods of Columbus, Ohio, queen contiguity, row-standardised: printed output of R's spdep.

        (moran.test with randomisation; two of the variables were printed as logarithms.)
        """
        zones, graph = columbus
        found = moran(pd.Series(change(zones[column]), index=zones.index), graph, rng=1)
        assert found["statistic"] == pytest.approx(statistic, abs=6e-10)
        assert found["z_score"] == pytest.approx(z_score, abs=6e-5)
        assert found["expected"] == pytest.approx(-0.020833333, abs=6e-10)

    @pytest.mark.parametrize(
        ("table", "weights", "column", "statistic"),
        [
            ("stl/stl_hom.dbf", "stl/stl.gal", "HR8893", 0.24365582621771659),
            ("sids2/sids2.dbf", "sids2/sids2.gal", "SIDR74", 0.24772519320480135),
        ],
    )
    def test_published_homicides_and_infant_deaths(self, table, weights, column, statistic):
        """St. Louis homicides and North Carolina infant deaths with the neighbours that come with them (PySAL esda)."""
        values = gpd.read_file(EXAMPLES / table)[column]
        file = libpysal.io.open(str(EXAMPLES / weights))
        graph = Graph.from_W(file.read())
        file.close()
        values.index = graph.unique_ids
        assert moran(values, graph, rng=1)["statistic"] == pytest.approx(statistic, abs=1e-8)

    def test_p_value_against_all_720_orders_of_six_values(self):
        """Every order of six values on a row of six is tried; 99,999 draws must come within five standard errors."""
        values = pd.Series([3.0, 1.0, 4.0, 1.5, 9.0, 2.6], index=list("abcdef"))
        z = values.to_numpy() - values.mean()
        around = np.array([[1], [0, 2], [1, 3], [2, 4], [3, 5], [4]], dtype=object)

        def total(x):
            return sum(x[i] * np.mean([x[j] for j in near]) for i, near in enumerate(around))

        sums = np.array([total(order) for order in itertools.permutations(z)])
        low, high = (sums <= total(z) + 1e-9).mean(), (sums >= total(z) - 1e-9).mean()
        exact = min(1.0, 2 * min(low, high))
        found = moran(values, row_of("abcdef"), rng=7, permutations=99_999)["p_value"]
        assert found == pytest.approx(exact, abs=5 * 2 * np.sqrt(0.25 / 99_999))
        # The mean and spread of all orders are what the formulas say.
        found = moran(values, row_of("abcdef"), rng=7)
        scale = (z**2).sum()
        assert found["expected"] == pytest.approx(sums.mean() / scale, abs=1e-12)
        assert found["z_score"] == pytest.approx((total(z) - sums.mean()) / sums.std(), abs=1e-9)

    def test_links_in_one_direction_only(self):
        """Nearest neighbours are not mutual: the spread over all orders of five values is still the formula's."""
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 1, 3, 7, 15], [0.0] * 5), crs=32639)
        values = pd.Series([2.0, 7.0, 1.0, 8.0, 2.5])
        z = (values - values.mean()).to_numpy()
        nearer = [1, 0, 1, 2, 3]
        sums = np.array([sum(x[i] * x[nearer[i]] for i in range(5)) for x in map(np.array, itertools.permutations(z))])
        found = moran(values, nearest(points, k=1), rng=1)
        observed = (z * z[nearer]).sum()
        assert found["statistic"] == pytest.approx(observed / (z**2).sum(), abs=1e-12)
        assert found["z_score"] == pytest.approx((observed - sums.mean()) / sums.std(), abs=1e-9)


class TestLocal:
    def test_four_zones_in_a_row(self):
        """1, 2, 3, 4: z = -1.5, -0.5, 0.5, 1.5; (n - 1) / sum of squares = 3 / 5.

        Ends: 0.6 * 1.5 * 0.5 = 0.45; inner: 0.6 * 0.5 * 0.5 = 0.15. Expected -z squared / 5: -0.45 and -0.05.
        """
        found = local_moran(pd.Series([1, 2, 3, 4], index=list("abcd")), row_of("abcd"), rng=1)
        assert found["statistic"].tolist() == pytest.approx([0.45, 0.15, 0.15, 0.45], abs=1e-14)
        assert found["expected"].tolist() == pytest.approx([-0.45, -0.05, -0.05, -0.45], abs=1e-14)

    def test_mean_of_the_local_statistics_is_the_global_one(self, columbus):
        """Their sum is (n - 1) times Moran's I where every zone has neighbours."""
        zones, graph = columbus
        local, whole = local_moran(zones["INC"], graph, rng=1), moran(zones["INC"], graph, rng=1)
        assert local["statistic"].sum() == pytest.approx(48 * whole["statistic"], abs=1e-10)

    def test_p_values_against_all_choices_of_neighbours(self):
        """Seven zones in a row: all 6 or 15 sets of neighbours' values are tried for each zone."""
        x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3])
        values = pd.Series(x, index=list("abcdefg"))
        found = local_moran(values, row_of("abcdefg"), rng=11, permutations=99_999, adjust="none")
        z = x - x.mean()
        for i, zone in enumerate("abcdefg"):
            near = [j for j in (i - 1, i + 1) if 0 <= j < 7]
            observed = z[i] * z[near].mean()
            others = np.delete(z, i)
            drawn = np.array([z[i] * np.mean(chosen) for chosen in itertools.combinations(others, len(near))])
            low, high = (drawn <= observed + 1e-9).mean(), (drawn >= observed - 1e-9).mean()
            exact = min(1.0, 2 * min(low, high))
            assert found.loc[zone, "p_value"] == pytest.approx(exact, abs=5 * 2 * np.sqrt(0.25 / 99_999))
            assert found.loc[zone, "expected"] == pytest.approx(drawn.mean() * 6 / (z**2).sum(), abs=1e-12)

    def test_esda_agrees(self, columbus, plain_esda):
        """The same statistics to 1e-10; p-values within five standard errors of esda's one-tailed ones, doubled."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            zones, graph = columbus
            theirs = plain_esda.Moran_Local(zones["CRIME"], graph, permutations=999, seed=3)
            whole = plain_esda.Moran(zones["CRIME"], graph, permutations=0)
        ours = local_moran(zones["CRIME"], graph, rng=3, permutations=9_999)
        assert ours["statistic"].to_numpy() == pytest.approx(theirs.Is, abs=1e-10)
        tail = np.minimum(2 * theirs.p_sim, 1) / 2
        error = 2 * np.sqrt(tail * (1 - tail) * (1 / 999 + 1 / 9_999)) + 2 / 1000
        assert (np.abs(ours["p_value"] - np.minimum(2 * theirs.p_sim, 1)) < 5 * error).all()
        found = moran(zones["CRIME"], graph, rng=3)
        assert found["statistic"] == pytest.approx(whole.I, abs=1e-10)
        assert found["z_score"] == pytest.approx(whole.z_rand, abs=1e-10)

    def test_a_high_and_a_low_half(self):
        """Left half 1, right half 9, one zone deep in each turned over: four classes, and a border that is neither."""
        size = 12
        values = pd.Series(np.where(np.arange(size * size) % size < size / 2, 1.0, 9.0))
        odd_low, odd_high = 3 * size + 9, 3 * size + 2
        values[odd_low], values[odd_high] = 1.0, 9.0
        found = local_moran(values, lattice(size), rng=1, adjust="none", significance=0.3)["label"]
        assert found[odd_low] == "low-high"
        assert found[odd_high] == "high-low"
        assert found[7 * size + 9] == "high-high"
        assert found[7 * size + 2] == "low-low"
        assert found[7 * size + 5] == "not significant"

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """Five fields of 400 cells: 100 of 2,000 expected at 5 %, 61 to 139 within four standard errors.

        One-tailed p-values taken as two-sided would give about 195.
        """
        graph = lattice(20)
        rng = np.random.default_rng(2024)
        tables = [local_moran(pd.Series(rng.normal(size=400)), graph, rng=rng) for _ in range(5)]
        assert 61 <= sum((table["p_value"] <= 0.05).sum() for table in tables) <= 139
        # After the adjustment there is at most a stray zone.
        assert sum((table["label"] != "not significant").sum() for table in tables) <= 3

    def test_neighbours_of_all_others_are_never_significant(self):
        """Every draw gives a zone all others: nothing can be more or less extreme, whatever rounding does."""
        everyone = distance_band(
            gpd.GeoDataFrame(geometry=gpd.points_from_xy(range(6), [0.0] * 6), crs=32639), cutoff=10
        )
        values = pd.Series([0.1, 0.7, 0.3, 1e6, 0.2, 0.9])
        assert (local_moran(values, everyone, rng=1)["p_value"] == 1).all()
        with pytest.raises(InputError, match="every shuffle of the values gives the same"):
            moran(values, everyone, rng=1)

    def test_a_zone_at_the_mean_is_not_significant(self):
        """0.1 .. 0.5 has the mean 0.3 only up to rounding; the zone of 0.3 has the statistic 0 in every draw."""
        found = local_moran(pd.Series([0.1, 0.2, 0.3, 0.4, 0.5], index=list("abcde")), row_of("abdec"), rng=1)
        assert found.loc["c", ["statistic", "p_value"]].tolist() == [0.0, 1.0]


class TestReproducible:
    def test_same_seed_same_bits_and_the_seed_is_told(self):
        graph, values = lattice(10), pd.Series(np.random.default_rng(5).normal(size=100))
        first = local_moran(values, graph)
        again = local_moran(values, graph, rng=first.attrs["seed"])
        pd.testing.assert_frame_equal(first, again, check_exact=True)
        assert first.attrs == again.attrs
        assert not first["p_value"].equals(local_moran(values, graph, rng=first.attrs["seed"] + 1)["p_value"])
        found = moran(values, graph)
        assert moran(values, graph, rng=found["seed"]).equals(found)
        one, two = (local_moran(values, graph, rng=np.random.default_rng(9)) for _ in range(2))
        pd.testing.assert_frame_equal(one, two, check_exact=True)

    def test_order_of_rows_and_of_the_graph_changes_no_bit(self, columbus):
        zones, graph = columbus
        shuffled = zones.sample(frac=1, random_state=4)
        expected = local_moran(zones["CRIME"], graph, rng=1)
        for values, links in ((shuffled["CRIME"], graph), (shuffled["CRIME"], contiguity(shuffled))):
            found = local_moran(values, links, rng=1)
            assert found.index.equals(shuffled.index)
            pd.testing.assert_frame_equal(found.reindex(zones.index), expected, check_exact=True)
            assert moran(values, links, rng=1).equals(moran(zones["CRIME"], graph, rng=1))

    def test_how_the_work_is_cut_changes_no_bit(self, monkeypatch):
        graph, values = lattice(10), pd.Series(np.random.default_rng(5).normal(size=100))
        whole, total = local_moran(values, graph, rng=1), moran(values, graph, rng=1)
        monkeypatch.setattr(_permutation, "PIECE", 20_000)
        pd.testing.assert_frame_equal(local_moran(values, graph, rng=1), whole, check_exact=True)
        assert moran(values, graph, rng=1).equals(total)

    def test_permutations_that_are_kept_are_those_that_would_be_drawn(self, monkeypatch):
        """However many zones, permutations and seeds were asked for before, and whether or not they fit."""
        asked = [(side, seed, draws) for side in (4, 7) for seed in (1, 2) for draws in (99, 199)]
        values = {side: pd.Series(np.random.default_rng(side).normal(size=side**2)) for side in (4, 7)}

        def found():
            return [moran(values[side], lattice(side), rng=seed, permutations=draws)["p_value"]
                    for _ in range(2) for side, seed, draws in asked]  # fmt: skip

        at_once = found()
        for most in (0, 40_000, 60_000):
            monkeypatch.setattr(_draws, "KEPT_BYTES", most)
            _draws._kept.clear()
            assert found() == at_once
            assert sum(places.nbytes for places in _draws._kept.values()) <= most
        rows = _draws.shuffles(49, permutations=199, seed=1)(20, 199)
        assert (np.sort(rows, axis=1) == np.arange(49)).all()
        assert len(np.unique(rows, axis=0)) == len(rows)

    def test_scale_and_origin_of_the_values_do_not_matter(self):
        graph, values = lattice(8), pd.Series(np.random.default_rng(5).integers(0, 50, 64).astype(float))
        found, moved = local_moran(values, graph, rng=1), local_moran(values * 1e150 + 1e151, graph, rng=1)
        assert moved["statistic"].to_numpy() == pytest.approx(found["statistic"].to_numpy(), abs=1e-9)
        assert moved["p_value"].equals(found["p_value"])

    def test_random_numbers_are_those_of_the_published_generator(self):
        """First outputs of SplitMix64 (Steele, Lea & Flood 2014) for the seeds 0 and 1234567 in its reference code."""
        for seed, expected in (
            (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]),
            (1234567, [6457827717110365317, 3203168211198807973, 9817491932198370423]),
        ):
            stream = np.array([seed], dtype=np.uint64)
            assert [int(_streams._next_bits(stream)) for _ in expected] == expected

    def test_whole_numbers_are_equally_likely(self):
        stream = np.array([1], dtype=np.uint64)
        drawn = np.bincount([_streams._random_below(stream, 7) for _ in range(70_000)], minlength=7)
        assert len(drawn) == 7
        assert (np.abs(drawn - 10_000) < 5 * np.sqrt(70_000 * 6 / 49)).all()


class TestSetApart:
    def test_island_has_no_p_value_and_its_own_class(self):
        values = pd.Series([1, 2, 3, 4, 100], index=list("abcdi"))
        found = local_moran(values, row_of("abcd", alone="i"), rng=1)
        assert found.loc["i", NUMBERS].isna().all()
        assert found.loc["i", "label"] == "island"
        expected = local_moran(values[:4], row_of("abcd"), rng=1)
        pd.testing.assert_frame_equal(found.drop(index="i"), expected, check_exact=True)
        assert (found.attrs["n"], found.attrs["islands"]) == (4, 1)
        assert "zones_without_neighbours" in [finding.code for finding in findings_of(found)]

    def test_zones_without_a_value_are_a_class_of_their_own_when_asked(self):
        """Without c, the row a b c d e falls into a b and d e; without f and h, g is alone."""
        ids = list("abcdefgh")
        values = pd.Series([1.0, 3, np.nan, 4, 9, np.nan, 5, np.nan], index=ids)
        graph = row_of(ids)
        with pytest.raises(InputError, match=r"values: 3 values are missing \(c, f, h\)"):
            local_moran(values, graph, rng=1)
        with pytest.raises(InputError, match=r"values: 3 values are missing \(c, f, h\)"):
            moran(values, graph, rng=1)
        found = local_moran(values, graph, rng=1, missing="own class")
        assert found["label"].tolist()[2::3] == ["no data", "no data"]
        assert found.loc["g", "label"] == "island"
        assert found.loc[["c", "f", "g", "h"], NUMBERS].isna().all(axis=None)
        rest = list("abde")
        alone = local_moran(values[rest], Graph.from_arrays(rest, list("baed"), [1.0] * 4), rng=1)
        pd.testing.assert_frame_equal(found.loc[rest], alone, check_exact=True)
        codes = {finding.code: finding.count for finding in findings_of(found)}
        assert codes["zones_without_value"] == 3
        assert codes["zones_without_neighbours"] == 1
        whole = moran(values, graph, rng=1, missing="own class")
        assert (whole["n"], whole["islands"], whole["no_data"]) == (4, 1, 3)

    def test_a_zone_that_only_others_look_at_counts_in_the_mean(self):
        """a and b look at each other, c at b; d is looked at by c only in this graph and looks at nobody."""
        graph = Graph.from_arrays(list("abccd"), list("babdd"), [1.0, 1, 1, 1, 0])
        values = pd.Series([1.0, 2, 3, 6], index=list("abcd"))
        found = local_moran(values, graph, rng=1)
        # z = -2, -1, 0, 3; sum of squares 14; c is at the mean.
        assert found["statistic"].tolist()[:3] == pytest.approx([3 * 2 / 14, 3 * 2 / 14, 0], abs=1e-14)
        assert found.loc["d", "label"] == "island"
        assert found.attrs["n"] == 4
        # S0 = 3: I = 4 / 3 * (2 + 2 + 0) / 14.
        assert moran(values, graph, rng=1)["statistic"] == pytest.approx(4 / 3 * 4 / 14, abs=1e-14)

    def test_weights_are_divided_by_their_sum(self):
        """b weighs a three times as much as c: (3 * z_a + z_c) / 4."""
        graph = Graph.from_arrays(list("abbccd"), list("bacbdc"), [5.0, 3, 1, 2, 2, 9])
        found = local_moran(pd.Series([1.0, 2, 3, 4], index=list("abcd")), graph, rng=1)
        assert found.loc["b", "statistic"] == pytest.approx(0.6 * -0.5 * (3 * -1.5 + 0.5) / 4, abs=1e-14)

    def test_what_went_in_is_told(self):
        values = pd.Series([1.0, 2, 3, 4], index=list("abcd"), name="minutes")
        values.attrs["measure"] = "cost_to_closest"
        found = local_moran(values, row_of("abcd"), rng=12, permutations=199, significance=0.1)
        facts = found.attrs
        assert list(found.columns) == [*NUMBERS, "label"]
        assert (facts["measure"], facts["of"], facts["seed"]) == ("local_moran", "cost_to_closest", 12)
        assert (facts["permutations"], facts["alternative"], facts["significance"]) == (199, "two-sided", 0.1)
        assert facts["classes"] == list(CLASSES)

    def test_too_few_permutations_are_told(self):
        """With 9 permutations the smallest p-value is 0.2: nothing can be significant at 0.05."""
        size = 12
        values = pd.Series(np.where(np.arange(size * size) % size < size / 2, 1.0, 9.0))
        values += np.random.default_rng(1).normal(size=size * size)
        found = local_moran(values, lattice(size), rng=1, permutations=9, adjust="none")
        (finding,) = findings_of(found)
        assert finding.code == "too_few_permutations"
        assert "39" in finding.advice
        assert (found["p_value"] >= 0.2 - 1e-12).all()


class TestFalseDiscoveryRate:
    def test_another_library(self):
        p_values = np.random.default_rng(3).uniform(0, 1, 200) ** 3
        found = false_discovery_rate(p_values)
        assert found.to_numpy() == pytest.approx(false_discovery_control(p_values), abs=1e-15)

    def test_missing_tests_do_not_count(self):
        """Two tests: 0.01 * 2 / 1 = 0.02 and 0.04 * 2 / 2 = 0.04; the one that was not made stays missing."""
        found = false_discovery_rate(pd.Series([0.04, np.nan, 0.01], index=list("abc")))
        assert found.round(12).to_dict() == pytest.approx({"a": 0.04, "b": np.nan, "c": 0.02}, nan_ok=True)
        with pytest.raises(InputError, match="p_values: 1 are not from 0 to 1"):
            false_discovery_rate([0.5, 5])

    def test_local_statistics_use_it(self, columbus):
        zones, graph = columbus
        found = local_moran(zones["CRIME"], graph, rng=1)
        assert found["p_adjusted"].to_numpy() == pytest.approx(false_discovery_control(found["p_value"]), abs=1e-15)
        significant = ~found["label"].isin(["not significant"])
        assert (significant == (found["p_adjusted"] <= 0.05)).all()
        raw = local_moran(zones["CRIME"], graph, rng=1, adjust="none")
        assert raw["p_adjusted"].equals(raw["p_value"])
        assert (raw["label"] != "not significant").sum() >= significant.sum()


class TestRefused:
    @pytest.mark.parametrize("measure", [moran, local_moran])
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ([1.0, np.nan, 2, 3], r"values: 1 values are missing \(b\)"),
            ([1.0, 2, np.inf, 3], r"values: 1 values are infinite \(c\)"),
            ([5.0, 5, 5, 5], "all zones that take part have the same value"),
            ([0.1 + 0.2, 0.3, 0.3, 0.3], "all zones that take part have the same value"),
            (["1", "2", "3", "4"], "values are not numbers"),
        ],
    )
    def test_values(self, measure, values, message):
        with pytest.raises(InputError, match=message):
            measure(pd.Series(values, index=list("abcd")), row_of("abcd"), rng=1)

    @pytest.mark.parametrize("measure", [moran, local_moran])
    def test_ids(self, measure):
        graph = row_of("abcd")
        with pytest.raises(InputError, match=r"neighbours: 2 ids are not the same") as caught:
            measure(pd.Series([1.0, 2, 3, 4], index=list("abcx")), graph)
        assert set(caught.value.rows) == {"d", "x"}
        with pytest.raises(DuplicateIdError):
            measure(pd.Series([1.0, 2, 3, 4], index=list("abcc")), graph)
        with pytest.raises(InputError, match="values: they are an ndarray"):
            measure(np.arange(4.0), graph)
        with pytest.raises(InputError, match="neighbours: they are a W"):
            measure(pd.Series([1.0, 2, 3, 4], index=list("abcd")), graph.to_W())

    @pytest.mark.parametrize("measure", [moran, local_moran])
    def test_too_small(self, measure):
        with pytest.raises(InputError, match="3 zones have a value and a neighbour"):
            measure(pd.Series([1.0, 2, 3], index=list("abc")), row_of("abc"))

    def test_weights(self):
        values = pd.Series([1.0, 2, 3, 4], index=list("abcd"))
        with pytest.raises(InputError, match="negative or infinite"):
            moran(values, Graph.from_arrays(list("abcd"), list("badc"), [1.0, -1, 1, 1]))
        with pytest.raises(InputError, match="neighbours of themselves"):
            moran(values, Graph.from_arrays(list("aabcd"), list("abadc"), [1.0] * 5))

    def test_settings(self):
        values, graph = pd.Series([1.0, 2, 3, 4], index=list("abcd")), row_of("abcd")
        for rng in (-1, 1.5, "1", True):
            with pytest.raises(InputError, match="rng: it is"):
                moran(values, graph, rng=rng)
        with pytest.raises(InputError, match="permutations: it is 0"):
            local_moran(values, graph, permutations=0)
        with pytest.raises(InputError, match="adjust: it is 'bonferroni'"):
            local_moran(values, graph, adjust="bonferroni")
        with pytest.raises(InputError, match="significance: it is 5"):
            local_moran(values, graph, significance=5)
        with pytest.raises(InputError, match="missing: it is 'drop'"):
            local_moran(values, graph, missing="drop")
