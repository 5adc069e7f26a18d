"""Numbers printed in the documentation of other packages, for data that come with this suite."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal import examples
from libpysal.graph import Graph

from spatialjustice.inequality import (
    atkinson,
    concentration_index,
    decompose,
    geary,
    getis_ord,
    gini,
    hoover,
    local_geary,
    local_getis_ord,
    local_moran,
    lorenz_curve,
    moran,
    quantile_ratio,
    suits,
    theil_t,
)


@pytest.fixture(scope="module")
def columbus():
    """Crime in 49 neighbourhoods of Columbus and the links of Anselin (1988), by the numbers of the book."""
    frame = gpd.read_file(examples.get_path("columbus.dbf"), ignore_geometry=True)
    values = frame["CRIME"].set_axis(frame["NEIG"].astype(int)).sort_index()
    one, two, _ = np.loadtxt(examples.get_path("wmat.dat")).T.astype(int)
    return values, Graph.from_arrays(one, two, np.ones(len(one)))


@pytest.fixture(scope="module")
def mexico():
    return pd.read_csv(examples.get_path("mexico.csv"))


def lag(links: Graph, order: int) -> Graph:
    """Return links between zones that are so many steps apart and no fewer, as nblag of spdep does."""
    near = links.sparse.toarray() > 0
    reached, last = near | np.eye(len(near), dtype=bool), near
    for _ in range(order - 1):
        last = (last.astype(int) @ near.astype(int) > 0) & ~reached
        reached |= last
    ids = links.unique_ids
    one, two = np.nonzero(last)
    return Graph.from_arrays(ids[one], ids[two], np.ones(len(one)))


class TestSpdep:
    @pytest.mark.parametrize(
        ("order", "statistic", "z_score"),
        [(1, 0.510951264, 5.6341), (2, 0.168485742, 2.6076), (3, -0.138930745, -1.7896)],
    )
    def test_moran(self, columbus, order, statistic, z_score):
        """Reference manual of spdep, examples of moran.test."""
        values, links = columbus
        found = moran(values, links if order == 1 else lag(links, order), rng=1, permutations=99)
        assert found["statistic"] == pytest.approx(statistic, abs=6e-10)
        assert found["z_score"] == pytest.approx(z_score, abs=6e-5)
        assert found["expected"] == pytest.approx(-0.020833333, abs=6e-10)

    def test_moran_with_missing_values_and_an_island(self, columbus):
        """The same page: ten values are missing, at places that are printed, which leaves one zone without neighbours.

        Here such a zone takes no part at all; there its value still counts in the mean, so that I differs a little.
        """
        values, links = columbus
        gone = values.index[np.array([7, 10, 12, 14, 18, 26, 28, 41, 42, 49]) - 1]
        found = moran(values.mask(values.index.isin(gone)), links, missing="own class", rng=1, permutations=99)
        assert (found["n"], found["islands"], found["no_data"]) == (38, 1, 10)
        assert found["expected"] == pytest.approx(-0.02702703, abs=6e-9)
        assert found["statistic"] == pytest.approx(0.47702353, abs=0.01)
        assert found["z_score"] == pytest.approx(4.327, abs=0.1)

    @pytest.mark.parametrize(
        ("order", "statistic", "z_score", "variance"),
        [
            (1, 0.52986993, 4.7605, 0.00975278),
            (2, 0.811285136, 2.2896, 0.006793327),
            (3, 1.130277918, -1.5667, 0.006914551),
        ],
    )
    def test_geary(self, columbus, order, statistic, z_score, variance):
        """Reference manual of spdep, examples of geary.test, whose standard deviate has the other sign."""
        values, links = columbus
        found = geary(values, links if order == 1 else lag(links, order), rng=1, permutations=99)
        assert found["statistic"] == pytest.approx(statistic, abs=6e-9)
        assert found["z_score"] == pytest.approx(-z_score, abs=6e-5)
        assert ((found["statistic"] - 1) / found["z_score"]) ** 2 == pytest.approx(variance, rel=1e-6)

    def test_geary_of_the_nearest_four(self, columbus):
        """The same page: links that go one way only; spdep warns that its variance is not made for them."""
        frame = gpd.read_file(examples.get_path("columbus.dbf"), ignore_geometry=True)
        places = gpd.GeoSeries(gpd.points_from_xy(frame["X"], frame["Y"]), index=frame["NEIG"].astype(int))
        links = Graph.build_knn(places, 4)
        values, _ = columbus
        found = geary(values, links, rng=1, permutations=99)
        assert found["statistic"] == pytest.approx(0.399254423, abs=6e-10)

    def test_getis_ord(self, columbus):
        """Reference manual of spdep, examples of globalG.test: ten values are missing, whose places are printed."""
        values, links = columbus
        gone = values.index[np.array([2, 3, 5, 6, 7, 10, 12, 30, 32, 42]) - 1]
        values = values.mask(values.index.isin(gone))
        found = getis_ord(values, links, missing="own class", rng=1, permutations=99)
        assert found["statistic"] == pytest.approx(1.207385e-01, abs=6e-8)
        assert found["expected"] == pytest.approx(1.038407e-01, abs=6e-8)
        assert found["z_score"] == pytest.approx(2.2378, abs=6e-5)
        assert ((found["statistic"] - found["expected"]) / found["z_score"]) ** 2 == pytest.approx(
            5.701826e-05, rel=1e-4
        )
        assert found["no_data"] == 10

    def test_the_local_ones_add_up_to_the_published_global_ones(self, columbus):
        """Of spdep's pages: mean of local Moran's I = I, half the mean of local Geary's c = C.

        I of crime with the book's links, reference manual of moran.test: 0.510951264.
        """
        values, links = columbus
        whole = moran(values, links, rng=1, permutations=99)
        assert whole["statistic"] == pytest.approx(0.510951264, abs=6e-10)
        local = local_moran(values, links, rng=1, permutations=99)
        # Divided by n - 1 here, by n there.
        assert local["statistic"].mean() * 49 / 48 == pytest.approx(0.510951264, abs=6e-10)
        local = local_geary(values, links, rng=1, permutations=99)
        assert local["statistic"].mean() / 2 == pytest.approx(0.52986993, abs=6e-9)


@pytest.mark.parametrize(
    ("star", "z_scores"),
    [
        (False, [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]),
        (True, [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]),
    ],
)
def test_local_getis_ord(star, z_scores):
    """Documentation of esda's G_Local: six points, binary links within 15, given as z-scores of Ord & Getis (1995).

    The z-scores follow from G by their formula, of which only the sums over the neighbours come from here.
    """
    places = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    values = pd.Series([2, 3, 3.2, 5, 8, 7])
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    one, two = np.nonzero((apart <= 15) & (apart > 0))
    links = Graph.from_arrays(one, two, np.ones(len(one))) if len(set(one)) == 6 else None
    if links is None:  # one point has no neighbour
        alone = sorted(set(range(6)) - set(one))
        links = Graph.from_arrays([*one, *alone], [*two, *alone], [*np.ones(len(one)), *np.zeros(len(alone))])
    found = local_getis_ord(values, links, star=star, rng=1, permutations=99)
    n, x = 6, values.to_numpy()
    for zone, z_score in enumerate(z_scores):
        count = float((one == zone).sum())
        if not count:
            assert found.loc[zone, "label"] == "island"
            continue
        if star:
            around = found.loc[zone, "statistic"] * x.sum() * (count + 1)
            mean, square, links_of, of = x.mean(), x.var(), count + 1, n
        else:
            others = np.delete(x, zone)
            around = found.loc[zone, "statistic"] * others.sum() * count
            mean, square, links_of, of = others.mean(), others.var(), count, n - 1
        z = (around - links_of * mean) / np.sqrt(square * links_of * (of - links_of) / (of - 1))
        assert z == pytest.approx(z_score, abs=6e-8)
        assert found.loc[zone, "z_score"] == pytest.approx(z_score, abs=6e-8)


class TestDistribution:
    def test_incomes_in_five_places(self):
        """Documentation of PySAL's inequality: Atkinson's index of 10, 20, 30, 40, 50."""
        incomes = [10, 20, 30, 40, 50]
        assert atkinson(incomes, epsilon=0.5) == pytest.approx(0.06315, abs=6e-6)
        assert atkinson(incomes, epsilon=1) == pytest.approx(0.13161, abs=6e-6)

    def test_hoover(self):
        """The same: Schutz's largest distance from the diagonal, which is Hoover's index, is 0.15."""
        assert hoover([1000, 2000, 1500, 3000, 2500]) == pytest.approx(0.15, abs=0.005)

    def test_lorenz_curve(self):
        """The same, example of wolfson: the poorest of ten has 0.03868472 of all income."""
        incomes = [20000, 25000, 27000, 30000, 35000, 45000, 60000, 75000, 80000, 120000]
        curve = lorenz_curve(incomes)
        assert curve.iloc[1].tolist() == pytest.approx([0.1, 0.03868472], abs=6e-9)

    @pytest.mark.parametrize(
        ("year", "whole", "between", "within"),
        [
            (1940, 0.20894344, 0.0345889, 0.17435454),
            (1950, 0.15222451, 0.02816853, 0.12405598),
            (1960, 0.10472941, 0.05260921, 0.0521202),
            (1970, 0.10194725, 0.05931219, 0.04263506),
            (1980, 0.09560113, 0.03205257, 0.06354856),
            (1990, 0.10511256, 0.02963731, 0.07547525),
            (2000, 0.10660832, 0.03635872, 0.0702496),
        ],
    )
    def test_theil_between_and_within(self, mexico, year, whole, between, within):
        """The same, examples of Theil and TheilD: 32 states of Mexico in the regions of Hanson."""
        incomes = mexico[f"pcgdp{year}"].astype(float)
        assert theil_t(incomes) == pytest.approx(whole, abs=6e-9)
        parts = decompose(incomes, mexico["hanson98"]).attrs["parts"]
        assert parts["between"] == pytest.approx(between, abs=6e-9)
        assert parts["within"] == pytest.approx(within, abs=6e-9)

    def test_a_poll_tax_has_the_suits_index_of_the_gini_index_turned_round(self, mexico):
        """Suits (1977): where everybody pays the same, the index is the Gini index of incomes with a minus sign."""
        incomes = mexico["pcgdp1940"].astype(float)
        assert suits(np.ones(len(incomes)), rank_by=incomes) == pytest.approx(-0.35372371173452849, abs=1e-9)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 90)), min_size=2, max_size=12))
    def test_suits_of_a_proportional_and_of_a_poll_tax(self, rows):
        incomes = [income for _, income in rows]
        assert suits(incomes, rank_by=incomes) == pytest.approx(0, abs=1e-9)
        assert suits([1.0] * len(incomes), rank_by=incomes) == pytest.approx(-gini(incomes), abs=1e-9)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(1, 99), min_size=10, max_size=30), st.floats(0.1, 50))
    def test_quantile_ratio(self, values, factor):
        """Against numpy's inverse of the distribution function; units and copies mean nothing; never below 1."""
        low, high = np.quantile(values, [0.1, 0.9], method="inverted_cdf")
        found = quantile_ratio(values)
        assert found == pytest.approx(high / low)
        assert quantile_ratio([value * factor for value in values]) == pytest.approx(found)
        assert quantile_ratio(values * 3) == pytest.approx(found)
        assert found >= 1

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(1, 50), st.integers(1, 90)), min_size=3, max_size=12, unique_by=lambda row: row[1]
        )
    )
    def test_giving_to_the_poor_lowers_concentration(self, rows):
        """What moves from the richest by income to the poorest lowers the index, whatever it was."""
        rows = sorted(rows, key=lambda row: row[1])
        values, incomes = np.array([row[0] for row in rows], dtype=float), [row[1] for row in rows]
        after = values + 0.0
        after[0] += 0.5
        after[-1] -= 0.5
        for kind in ("standard", "corrected", "wagstaff"):
            options = {} if kind == "standard" else {"type": kind, "bounds": (0, 100)}
            one, two = (concentration_index(one, rank_by=incomes, **options) for one in (values, after))
            assert two < one
