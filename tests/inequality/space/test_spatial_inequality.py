"""Spatial Gini and Theil between regions against sums by hand, full enumeration and the package ``inequality``."""

import itertools
from pathlib import Path

import geopandas as gpd
import libpysal.examples
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.space.neighbours.by_location import contiguity
from spatialjustice.inequality.space.spatial_inequality import spatial_gini, theil_between_regions

EXAMPLES = Path(libpysal.examples.__file__).parent


def graph_of(pairs, ids, *, one_way=()):
    """A graph with these pairs in both directions, some in one only, and islands."""
    links = [*pairs, *((b, a) for a, b in pairs), *one_way]
    alone = [i for i in ids if i not in {a for a, _ in links}]
    links = sorted([*links, *((i, i) for i in alone)], key=lambda pair: ids.index(pair[0]))
    weights = [0.0 if a == b else 1.0 for a, b in links]
    return Graph.from_arrays([a for a, _ in links], [b for _, b in links], weights)


def row_of(ids, *, alone=()):
    return graph_of(list(itertools.pairwise(ids)), [*ids, *alone])


def exact(sums, observed):
    return min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))


@pytest.fixture(scope="module")
def mexico():
    return pd.read_csv(EXAMPLES / "mexico" / "mexico.csv")


class TestSpatialGini:
    def test_four_zones_in_a_row_by_hand(self):
        """0, 0, 6, 6: four of six pairs differ, by 6, one of them neighbours.

        G = 2 * 24 / (2 * 3 * 16) = 0.5; neighbours 2 * 6 / 96 = 0.125; share of others 3 / 4. Three of six pairs are
        neighbours: expected 0.5. Mean difference of others 6 (3 pairs), of neighbours 2 (3 pairs): 3 times.
        """
        found = spatial_gini(pd.Series([0, 0, 6, 6], index=list("abcd")), row_of("abcd"), rng=1)
        assert found["statistic"] == pytest.approx(0.75, abs=1e-14)
        assert found["expected"] == pytest.approx(0.5, abs=1e-14)
        assert found["gini"] == pytest.approx(0.5, abs=1e-14)
        assert found["gini_neighbours"] == pytest.approx(0.125, abs=1e-14)
        assert found["gini_others"] == pytest.approx(0.375, abs=1e-14)
        assert found["difference_ratio"] == pytest.approx(3, abs=1e-14)
        assert (found["n"], found["islands"], found["no_data"]) == (4, 0, 0)

    def test_people_by_hand(self):
        """0, 0, 6, 6 with 1, 2, 3, 4 people: P = 10, mean 4.2.

        Pairs: ac 3 * 6, ad 4 * 6, bc 6 * 6, bd 8 * 6: 126, twice 252; G = 252 / (2 * 4.2 * 100) = 0.3. Neighbours that
        differ: bc 36 of 126. People in pairs: neighbours ab 2, bc 6, cd 12: 20, mean difference 36 / 20; others ac 3,
        ad 4, bd 8: 15, mean difference 90 / 15.
        """
        people = pd.Series([4, 3, 2, 1], index=list("dcba"))
        found = spatial_gini(pd.Series([0, 0, 6, 6], index=list("abcd")), row_of("abcd"), weights=people, rng=1)
        assert found["gini"] == pytest.approx(0.3, abs=1e-14)
        assert found["statistic"] == pytest.approx(90 / 126, abs=1e-14)
        assert found["difference_ratio"] == pytest.approx(6 / 1.8, abs=1e-12)
        assert found.attrs["people"] == 10

    @pytest.mark.parametrize("people", [None, [3.0, 1.0, 10.0, 2.0, 4.0, 2.0]])
    def test_all_720_maps_of_six_zones(self, people):
        """Links, one of them in one direction, an island and people: mean, spread and p-value of every shuffle."""
        ids = list("abcdef")
        links = [(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0), (3, 4), (4, 3), (2, 3)]
        graph = graph_of([("a", "b"), ("b", "c"), ("a", "c"), ("d", "e")], ids, one_way=[("c", "d")])
        x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
        p = np.ones(6) if people is None else np.array(people)

        def part(order):
            y, q = x[list(order)], p[list(order)]
            return sum(q[i] * q[j] * abs(y[i] - y[j]) for i, j in links)

        sums = np.array([part(order) for order in itertools.permutations(range(6))])
        total = sum(p[i] * p[j] * abs(x[i] - x[j]) for i in range(6) for j in range(6))
        found = spatial_gini(pd.Series(x, index=ids), graph, weights=people, rng=3, permutations=49_999)
        assert found["statistic"] == pytest.approx(1 - sums[0] / total, abs=1e-12)
        assert found["expected"] == pytest.approx(1 - sums.mean() / total, abs=1e-12)
        assert found["z_score"] == pytest.approx((sums.mean() - sums[0]) / sums.std(), abs=1e-9)
        assert found["p_value"] == pytest.approx(exact(sums, sums[0]), abs=5 * 2 * np.sqrt(0.25 / 49_999))
        assert found["islands"] == 1

    def test_published_mexico(self, mexico):
        """Incomes of 32 Mexican states in 1940, states of a region as neighbours.

        Documentation of the package inequality (Gini_Spatial): differences of no neighbours sum to 4353856, their mean
        over permutations is about 4170357, and the one-tailed p-value about 0.04 (99 permutations).
        """
        inequality_gini = pytest.importorskip("inequality.gini")
        values, region = mexico["pcgdp1940"].astype(float), mexico["hanson98"]
        pairs = [(i, j) for i, j in itertools.combinations(range(32), 2) if region[i] == region[j]]
        graph = graph_of(pairs, list(range(32)))
        found = spatial_gini(values, graph, rng=1, permutations=9_999)
        scale = 2 * 32**2 * values.mean()
        assert found["gini_others"] * scale == pytest.approx(4353856, abs=1e-3)
        assert found["expected"] * found["gini"] * scale == pytest.approx(4170356.7, rel=0.01)
        assert found["p_value"] / 2 == pytest.approx(0.04, abs=5 * np.sqrt(0.04 * 0.96 / 99))
        np.random.seed(1)  # noqa: NPY002 - the only way to seed the other package
        theirs = inequality_gini.Gini_Spatial(values.to_numpy(), graph.to_W(), permutations=999)
        assert found["gini"] == pytest.approx(theirs.g, abs=1e-12)
        assert found["difference_ratio"] == pytest.approx(theirs.polarization, abs=1e-12)
        assert found["p_value"] / 2 == pytest.approx(theirs.p_sim, abs=5 * np.sqrt(0.04 * 0.96 / 999) + 0.001)
        assert found["z_score"] == pytest.approx(theirs.z_wcg, abs=0.3)

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=5, max_size=12))
    @settings(max_examples=30, deadline=None)
    def test_the_whole_is_the_gini_of_the_people(self, rows):
        values, people = pd.Series([float(x) for x, _ in rows]), pd.Series([p for _, p in rows])
        graph = graph_of(list(itertools.pairwise(range(len(rows)))), list(range(len(rows))))
        try:
            found = spatial_gini(values, graph, weights=people, rng=1, permutations=9)
        except InputError:
            return
        assert found["gini"] == pytest.approx(gini(values, weights=people), abs=1e-12)
        assert found["gini_neighbours"] + found["gini_others"] == pytest.approx(found["gini"], abs=1e-12)
        assert 0 <= found["statistic"] <= 1
        assert 2 / 10 <= found["p_value"] <= 1

    def test_an_island_has_pairs_too(self):
        """0, 0, 6, 6 and an island of 6: pairs that differ: 2 * 3, one of neighbours."""
        values = pd.Series([0, 6, 0, 6, 6], index=list("aibcd"))
        found = spatial_gini(values, row_of("abcd", alone="i"), rng=1)
        assert found["statistic"] == pytest.approx(5 / 6, abs=1e-14)
        assert found["expected"] == pytest.approx(7 / 10, abs=1e-14)
        assert (found["n"], found["islands"]) == (5, 1)
        assert [(finding.code, finding.count) for finding in findings_of(found)] == [("zones_without_neighbours", 1)]

    def test_zones_without_a_value_or_people(self):
        values = pd.Series([0, 0, 6, 6, np.nan, 7], index=list("abcdxy"))
        people = pd.Series([1, 2, 3, 4, 5, 0], index=list("abcdxy"))
        graph = row_of("abcdxy")
        with pytest.raises(InputError, match=r"1 values are missing \(x\)"):
            spatial_gini(values, graph, weights=people)
        found = spatial_gini(values, graph, weights=people, missing="own class", rng=1)
        alone = spatial_gini(values["a":"d"], row_of("abcd"), weights=people["a":"d"], rng=1)
        assert found.drop("no_data").equals(alone.drop("no_data"))
        assert (found["no_data"], found.attrs["people"], found.attrs["people_left_out"]) == (1, 10, 5)
        facts = {finding.code: (finding.count, finding.people) for finding in findings_of(found)}
        assert facts == {"zones_without_value": (1, 5.0), "zones_without_people": (1, 0)}

    def test_many_zones(self):
        """100,000 zones on a ring, the first half poor: two of their links are unlike, of 2.5 thousand million pairs.

        Links are 1e5 of n (n - 1) / 2 pairs. A shuffle makes half of them unlike, about 50,000 with a standard
        deviation of sqrt(1e5) / 2 = 158 (runs of two kinds): 316 such deviations too few.
        """
        n = 100_000
        here = np.arange(n)
        one, two = np.repeat(here, 2), np.column_stack([(here - 1) % n, (here + 1) % n]).ravel()
        graph = Graph.from_arrays(one, two, np.ones(2 * n))
        found = spatial_gini(pd.Series(1.0 + (here >= n / 2)), graph, rng=1, permutations=19)
        assert found["statistic"] == pytest.approx(1 - 2 / (n / 2) ** 2, abs=1e-12)
        assert found["expected"] == pytest.approx(1 - 2 / (n - 1), abs=1e-12)
        assert found["z_score"] == pytest.approx(316.2, abs=0.1)
        assert found["p_value"] == pytest.approx(0.1)

    def test_order_of_rows_changes_no_bit(self):
        rng = np.random.default_rng(4)
        ids = [f"z{i}" for i in range(30)]
        values, people = pd.Series(rng.exponential(size=30), ids), pd.Series(rng.integers(1, 99, 30), ids)
        graph = row_of(ids[:28], alone=ids[28:])
        found = spatial_gini(values, graph, weights=people, rng=1)
        mixed = values.sample(frac=1, random_state=2)
        other = row_of(ids[27::-1], alone=[ids[29], ids[28]])
        for again in (
            spatial_gini(mixed, graph, weights=people, rng=1),
            spatial_gini(mixed, other, weights=people, rng=1),
        ):
            assert again.equals(found)
        assert spatial_gini(values, graph, weights=people, rng=found["seed"]).equals(found)

    def test_real_hexagons_of_belo_horizonte(self, shared_data):
        """Jobs of 898 hexagons among the people there, against one table of all pairs; nobody lives in some of them."""
        zones = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg")).set_index("id")
        graph = contiguity(zones)
        jobs, people = zones["jobs"], zones["population"]
        found = spatial_gini(jobs, graph, weights=people, rng=1, permutations=199)
        lived_in = people > 0
        x, p = jobs[lived_in].to_numpy(dtype=float), people[lived_in].to_numpy(dtype=float)
        links = graph.subgraph(zones.index[lived_in]).sparse.toarray()
        pairs = np.outer(p, p) * np.abs(x[:, None] - x)
        assert found["statistic"] == pytest.approx(1 - pairs[links > 0].sum() / pairs.sum(), abs=1e-12)
        assert found["gini"] == pytest.approx(pairs.sum() / (2 * p.sum() * (p @ x)), abs=1e-12)
        assert (found["n"], found.attrs["people"]) == (lived_in.sum(), people.sum())
        assert found.attrs["zones_without_people"] == (~lived_in).sum() > 0

    def test_what_cannot_be_split(self):
        ids, row = list("abcd"), row_of("abcd")
        values = pd.Series([1.0, 2, 3, 4], index=ids)
        for wrong, match in (
            ([5.0] * 4, "all zones that take part have the same value"),
            ([0.0] * 4, "their mean is 0"),
            ([1.0, 2, -3, 4], r"1 values are negative \(c\)"),
            ([1.0, 2, np.inf, 4], r"1 values are infinite \(c\)"),
            ([1.0, 2, np.nan, 4], r"1 values are missing \(c\)"),
        ):
            with pytest.raises(InputError, match=match):
                spatial_gini(pd.Series(wrong, index=ids), row)
        for people, match in (
            ([1, 1, 1, np.nan], r"numbers are missing or infinite \(d\)"),
            ([1, 1, 1, -1], r"numbers are negative \(d\)"),
            ([1, 1, 1, 0], "3 zones have a value and a neighbour"),
        ):
            with pytest.raises(InputError, match=match):
                spatial_gini(values, row, weights=people)
        with pytest.raises(InputError, match="every shuffle of the zones gives the same split"):
            spatial_gini(values, graph_of(list(itertools.combinations(ids, 2)), ids))
        with pytest.raises(InputError, match="3 zones have a value and a neighbour"):
            spatial_gini(values[:3], row_of("abc"))
        with pytest.raises(InputError, match="values: they are a list"):
            spatial_gini([1, 2, 3, 4], row)
        with pytest.raises(InputError, match="neighbours: they are a"):
            spatial_gini(values, row.to_W())
        with pytest.raises(InputError, match="ids are not the same as those of the values"):
            spatial_gini(values, row_of("abce"))
        with pytest.raises(DuplicateIdError):
            spatial_gini(values.set_axis(list("abcc")), row)

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """400 rows of 40 zones: 20 expected at 5 %, 4 to 38 within four standard errors."""
        row = row_of(list(range(40)))
        rng = np.random.default_rng(11)
        found = [spatial_gini(pd.Series(rng.exponential(size=40)), row, rng=rng, permutations=199) for _ in range(400)]
        assert 4 <= sum(one["p_value"] <= 0.05 for one in found) <= 38


class TestTheil:
    def test_by_hand(self):
        """1, 3 and 2, 6: mean 3, region means 2 and 4.

        Between: (2/3 ln 2/3 + 4/3 ln 4/3) / 2; each region's own: (0.5 ln 0.5 + 1.5 ln 1.5) / 2.
        """
        found = theil_between_regions([1, 3, 2, 6], ["n", "n", "s", "s"], rng=1)
        between = (2 / 3 * np.log(2 / 3) + 4 / 3 * np.log(4 / 3)) / 2
        own = (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2
        assert found["theil_between"] == pytest.approx(between, abs=1e-14)
        assert found["theil_within"] == pytest.approx(own, abs=1e-14)
        assert found["theil"] == pytest.approx(between + own, abs=1e-14)
        assert found["statistic"] == pytest.approx(between / (between + own), abs=1e-14)
        assert (found["n"], found["regions"], found["no_data"]) == (4, 2, 0)
        assert found.attrs["zones"] == {"n": 2, "s": 2}

    def test_counting_people_is_repeating_zones(self):
        """Zones of 2, 1, 3, 1 people against seven zones of one; 0 * ln 0 counts as 0."""
        found = theil_between_regions([0.0, 3, 2, 6], ["n", "n", "s", "s"], weights=[2, 1, 3, 1], rng=1)
        apart = theil_between_regions([0.0, 0, 3, 2, 2, 2, 6], list("nnnssss"), rng=1)
        parts = ["theil", "theil_between", "theil_within", "statistic"]
        assert found[parts].tolist() == pytest.approx(apart[parts].tolist(), abs=1e-14)

    @pytest.mark.parametrize("people", [None, [3.0, 1.0, 10.0, 2.0, 4.0, 2.0]])
    def test_all_720_maps_of_six_zones(self, people):
        x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
        p = np.ones(6) if people is None else np.array(people)
        regions = np.array([0, 0, 1, 1, 1, 2])

        def between(order):
            y, q = x[list(order)], p[list(order)]
            mean, everyone = q @ y / q.sum(), q.sum()
            total = 0.0
            for region in range(3):
                here = regions == region
                level = (q[here] @ y[here]) / q[here].sum() / mean
                total += q[here].sum() / everyone * level * np.log(level)
            return total

        sums = np.array([between(order) for order in itertools.permutations(range(6))])
        found = theil_between_regions(pd.Series(x), pd.Series(regions), weights=people, rng=3, permutations=49_999)
        assert found["theil_between"] == pytest.approx(sums[0], abs=1e-14)
        error = sums.std() / np.sqrt(49_999)
        assert found["expected"] * found["theil"] == pytest.approx(sums.mean(), abs=5 * error)
        assert found["z_score"] == pytest.approx((sums[0] - sums.mean()) / sums.std(), abs=0.05)
        assert found["p_value"] == pytest.approx(exact(sums, sums[0]), abs=5 * 2 * np.sqrt(0.25 / 49_999))

    @pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # the peer, under NumPy 2.5
    def test_published_mexico(self, mexico):
        """Documentation of the package inequality (TheilDSim, 999 permutations): one-tailed p-values by decade."""
        theil = pytest.importorskip("inequality.theil")
        regions = mexico["hanson98"]
        published = [0.4, 0.344, 0.001, 0.001, 0.034, 0.072, 0.032]
        for decade, tail in zip(range(1940, 2010, 10), published, strict=True):
            values = mexico[f"pcgdp{decade}"].astype(float)
            found = theil_between_regions(values, regions, rng=1, permutations=4_999)
            theirs = theil.TheilD(values.to_numpy(), regions.to_numpy())
            assert found["theil"] == pytest.approx(theirs.T, abs=1e-12)
            assert found["theil_between"] == pytest.approx(theirs.bg[0], abs=1e-12)
            assert found["theil_within"] == pytest.approx(theirs.wg[0], abs=1e-12)
            error = np.sqrt(tail * (1 - tail) * (1 / 999 + 1 / 4_999)) + 0.001
            assert found["p_value"] / 2 == pytest.approx(tail, abs=5 * error)

    def test_ids_order_and_positions(self):
        rng = np.random.default_rng(4)
        ids = [f"z{i:02}" for i in range(30)]
        values = pd.Series(rng.exponential(size=30), ids)
        regions, people = pd.Series(rng.choice(list("abc"), 30), ids), pd.Series(rng.integers(1, 99, 30), ids)
        found = theil_between_regions(values, regions, weights=people, rng=1)
        mixed = values.sample(frac=1, random_state=2)
        assert theil_between_regions(mixed, regions, weights=people, rng=1).equals(found)
        lists = theil_between_regions(values.to_numpy(), [*regions], weights=people.to_numpy(), rng=1)
        assert lists.equals(found)
        named = regions.astype(pd.CategoricalDtype(["c", "b", "a"]))
        assert theil_between_regions(values, named, weights=people, rng=1)["statistic"] == pytest.approx(
            found["statistic"], abs=1e-14
        )

    def test_who_is_left_out(self):
        values = pd.Series([1.0, 3, 2, 6, np.nan, 4, 9], index=list("abcdefg"))
        regions = pd.Series(["n", "n", "s", "s", "s", None, "s"], index=list("abcdefg"))
        people = pd.Series([1.0, 1, 1, 1, 5, 7, 0], index=list("abcdefg"))
        with pytest.raises(InputError, match=r"values: 1 values are missing \(e\)"):
            theil_between_regions(values, regions, weights=people)
        with pytest.raises(InputError, match=r"regions: 1 regions are missing \(f\)"):
            theil_between_regions(values.fillna(0), regions, weights=people)
        found = theil_between_regions(values, regions, weights=people, missing="own class", rng=1)
        alone = theil_between_regions(values["a":"d"], regions["a":"d"], rng=1)
        assert found.drop("no_data").equals(alone.drop("no_data"))
        assert (found["no_data"], found.attrs["people"], found.attrs["people_left_out"]) == (2, 4, 12)
        facts = {finding.code: (finding.count, finding.people) for finding in findings_of(found)}
        assert facts == {"zones_without_value": (2, 12.0), "zones_without_people": (1, 0)}

    def test_what_cannot_be_split(self):
        values = [1.0, 2, 3, 4]
        for wrong, match in (
            ([5.0] * 4, "all zones that take part have the same value"),
            ([0.0] * 4, "their mean is 0"),
            ([1.0, 2, -3, 4], r"1 values are negative"),
            ([1.0, 2, np.inf, 4], r"1 values are infinite"),
            ([1.0, 2, 3], "there are 4 rows, but 3 in values"),
        ):
            with pytest.raises(InputError, match=match):
                theil_between_regions(wrong, list("nnss"))
        for regions, match in (
            (["n"] * 4, "there is only one"),
            (list("abcd"), "every zone is a region of its own"),
            (["n", "n", "s", None], "1 regions are missing"),
        ):
            with pytest.raises(InputError, match=f"regions: {match}"):
                theil_between_regions(values, regions)
        with pytest.raises(InputError, match="regions: they are None"):
            theil_between_regions(values, None)
        with pytest.raises(InputError, match="3 zones take part"):
            theil_between_regions(values[:3], list("nns"))
        with pytest.raises(InputError, match="missing: it is"):
            theil_between_regions(values, list("nnss"), missing="drop")
        with pytest.raises(InputError, match="permutations: it is"):
            theil_between_regions(values, list("nnss"), permutations=0)

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """400 times 40 zones in four regions: 20 expected at 5 %, 4 to 38 within four standard errors."""
        rng = np.random.default_rng(12)
        regions = pd.Series(np.repeat(list("abcd"), 10))
        found = [
            theil_between_regions(pd.Series(rng.exponential(size=40)), regions, rng=rng, permutations=199)
            for _ in range(400)
        ]
        assert 4 <= sum(one["p_value"] <= 0.05 for one in found) <= 38


def test_what_went_in_is_told():
    values = add_sources(pd.Series([1.0, 3, 2, 6], name="minutes"), SourceRecord("streets", "a.pbf", "0", 1))
    people = add_sources(pd.Series([1, 2, 3, 4]), SourceRecord("census", "b.csv", "1", 1))
    values.attrs["measure"] = "cost_to_closest"
    graph = graph_of([(0, 1), (1, 2), (2, 3)], [0, 1, 2, 3])
    for found, name in (
        (spatial_gini(values, graph, weights=people, rng=5), "spatial_gini"),
        (theil_between_regions(values, list("nnss"), weights=people, rng=5), "theil_between_regions"),
    ):
        facts = found.attrs
        assert (facts["measure"], facts["of"], facts["seed"], facts["people"]) == (name, "cost_to_closest", 5, 10)
        assert (facts["unit"], facts["direction"], facts["alternative"]) == ("share", "none", "two-sided")
        assert [source["name"] for source in facts["sources"]] == ["streets", "census"]
