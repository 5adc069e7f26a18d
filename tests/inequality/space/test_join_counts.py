"""Join counts against counting by hand, full enumeration, published numbers of R's spdep, and esda."""

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
from spatialjustice.inequality.space.join_counts import join_counts
from spatialjustice.inequality.space.moran import false_discovery_rate
from spatialjustice.inequality.space.neighbours.by_location import contiguity, nearest
from spatialjustice.inequality.space.shuffling import pairs as _pairs

EXAMPLES = Path(libpysal.examples.__file__).parent


def row_of(ids, *, alone=()):
    pairs = list(itertools.pairwise(ids))
    links = sorted([*pairs, *((b, a) for a, b in pairs)], key=lambda pair: ids.index(pair[0]))
    one, two = [a for a, _ in links] + list(alone), [b for _, b in links] + list(alone)
    return Graph.from_arrays(one, two, [1.0] * len(links) + [0.0] * len(alone))


def lattice(size, *, rook):
    row, column = np.divmod(np.arange(size * size), size)
    squares = shapely.box(column, row, column + 1, row + 1)
    return contiguity(gpd.GeoDataFrame(geometry=squares, crs=32639), rook=rook)


def by_pair(found):
    """Numbers by unordered pair, with the variance that the standardised number implies."""
    table = found.assign(variance=((found["joins"] - found["expected"]) / found["z_score"]) ** 2)
    table.index = [frozenset(pair) for pair in zip(table["category"], table["other_category"], strict=True)]
    return table


class TestCounts:
    def test_by_hand(self):
        """A ring a b c d e with the classes x x y y x: joins xx ab, ea; xy bc, de; yy cd.

        Of ten pairs three are xx, six xy, one yy; five joins: expected 1.5, 3, 0.5.
        """
        ring = Graph.from_arrays(list("aabbccddee"), list("beacbdcead"), [1.0] * 10)
        found = join_counts(pd.Series(list("xxyyx"), index=list("abcde")), ring, rng=1)
        assert found[["category", "other_category"]].to_numpy().tolist() == [["x", "x"], ["x", "y"], ["y", "y"]]
        assert found["joins"].tolist() == [2, 2, 1]
        assert found["expected"].tolist() == pytest.approx([1.5, 3, 0.5], abs=1e-12)
        assert found.attrs["joins"] == 5
        assert found.attrs["zones"] == {"x": 3, "y": 2}

    def test_published_columbus(self):
        """Crime above and up to 35 in Columbus, Ohio, 236 queen links: spdep's documentation of joincount.multi."""
        zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_crs(32617)
        crime = pd.cut(zones["CRIME"], [0, 35, 80], labels=["low", "high"])
        found = by_pair(join_counts(crime, contiguity(zones), rng=1))
        self.check(
            found,
            {
                ("low", "low"): (35, 30.102, 19.247, 1.1164),
                ("high", "high"): (54, 27.694, 18.219, 6.1630),
                ("low", "high"): (29, 60.204, 26.630, -6.0468),
            },
        )

    def test_published_columbus_with_the_links_of_the_book(self):
        """The same 49 zones with the 232 links of Anselin (1988), weighted: a join counts one (spdep, oldcol)."""
        zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.dbf", ignore_geometry=True)
        crime = pd.cut(zones["CRIME"], [0, 35, 80], labels=["low", "high"]).set_axis(zones["NEIG"].astype(int))
        one, two, weight = np.loadtxt(EXAMPLES / "wmat" / "wmat.dat").T
        graph = Graph.from_arrays(one.astype(int), two.astype(int), weight)
        self.check(
            by_pair(join_counts(crime, graph, rng=1)),
            {
                ("low", "low"): (34, 29.592, 18.895, 1.0141),
                ("high", "high"): (54, 27.224, 17.888, 6.3307),
                ("low", "high"): (28, 59.184, 26.233, -6.0884),
            },
        )

    def check(self, found, published):
        for pair, (joins, expected, variance, z_score) in published.items():
            one = found.loc[[frozenset(pair)]].iloc[0]
            assert one["joins"] == joins
            assert one["expected"] == pytest.approx(expected, abs=6e-4)
            assert one["variance"] == pytest.approx(variance, abs=6e-4)
            assert one["z_score"] == pytest.approx(z_score, abs=6e-5)

    def test_published_expectations_of_five_classes(self):
        """Counts of a plant on a field of 32 by 32 (Upton & Fingleton, tables 3.4 and 3.7), printed by spdep.

        How many cells of each class there are is published, not where; expected joins and their variance need no more.
        """
        classes = np.repeat(np.arange(5), [657, 215, 98, 30, 24])
        np.random.default_rng(3).shuffle(classes)
        published = {
            True: {
                (0, 0): (816.27273, 116.05233), (1, 1): (87.14015, 55.25216), (2, 2): (18.00379, 14.81562),
                (3, 3): (1.64773, 1.55539), (4, 4): (1.04545, 0.99845), (1, 0): (535.05682, 227.76750),
                (2, 0): (243.88636, 97.21769), (2, 1): (79.81061, 59.01930), (4, 3): (2.72727, 2.58616),
            },
            False: {
                (0, 0): (1607.0369, 303.8034), (1, 1): (171.5572, 114.2057), (2, 0): (480.1513, 215.0360),
                (3, 2): (21.9247, 19.5237), (4, 4): (2.0582, 1.9674), (4, 0): (117.5881, 52.0312),
            },
        }  # fmt: skip
        for rook, rows in published.items():
            found = by_pair(join_counts(pd.Series(classes), lattice(32, rook=rook), rng=1, permutations=1))
            for pair, (expected, variance) in rows.items():
                one = found.loc[[frozenset(pair)]].iloc[0]
                assert one["expected"] == pytest.approx(expected, abs=6e-5)
                assert one["variance"] == pytest.approx(variance, abs=6e-5)
            expected, variance = (1059.89015, 273.78610) if rook else (2086.6587, 582.8326)
            unlike = found.attrs["unlike"]
            assert unlike["expected"] == pytest.approx(expected, abs=6e-5)
            implied = ((unlike["joins"] - unlike["expected"]) / unlike["z_score"]) ** 2
            assert implied == pytest.approx(variance, abs=6e-5)

    def test_every_map_of_seven_zones(self):
        """Links that go one way, three classes: mean, spread and p-value over all 210 maps."""
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 1, 3, 7, 15, 16, 20], [0.0] * 7), crs=32639)
        graph = nearest(points, k=2)
        links = [(a, b) for a, b in graph.adjacency.index]
        classes = [0, 0, 1, 1, 2, 2, 2]
        pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]

        def joins(order):
            ends = [tuple(sorted((order[a], order[b]))) for a, b in links]
            return [ends.count(pair) / 2 for pair in pairs]

        maps = np.array([joins(order) for order in set(itertools.permutations(classes))])
        assert len(maps) == 210
        found = join_counts(pd.Series(classes), graph, rng=3, permutations=49_999)
        observed = np.array(joins(classes))
        assert found["joins"].tolist() == observed.tolist()
        assert found["expected"].to_numpy() == pytest.approx(maps.mean(axis=0), abs=1e-12)
        assert found["z_score"].to_numpy() == pytest.approx((observed - maps.mean(axis=0)) / maps.std(axis=0), abs=1e-9)
        tails = np.minimum((maps <= observed).mean(axis=0), (maps >= observed).mean(axis=0))
        error = 5 * 2 * np.sqrt(0.25 / 49_999)
        assert found["p_value"].to_numpy() == pytest.approx(np.minimum(1, 2 * tails), abs=error)
        unlike, found_unlike = maps[:, [1, 2, 4]].sum(axis=1), found.attrs["unlike"]
        assert found_unlike["joins"] == observed[[1, 2, 4]].sum()
        assert found_unlike["expected"] == pytest.approx(unlike.mean(), abs=1e-12)
        z_score = (found_unlike["joins"] - unlike.mean()) / unlike.std()
        assert found_unlike["z_score"] == pytest.approx(z_score, abs=1e-9)
        tail = min((unlike <= found_unlike["joins"]).mean(), (unlike >= found_unlike["joins"]).mean())
        assert found_unlike["p_value"] == pytest.approx(min(1, 2 * tail), abs=error)
        expected = false_discovery_rate(found["p_value"].to_numpy())
        assert found["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-15)

    def test_esda_agrees(self):
        zones = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_crs(32617)
        graph, dear = contiguity(zones), zones["HOVAL"] > 35
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import esda

            theirs = esda.Join_Counts(dear.astype(int), graph, permutations=999)
        found = by_pair(join_counts(dear, graph, rng=1, permutations=9_999))
        both, mixed, neither = (frozenset(pair) for pair in ((True,), (True, False), (False,)))
        assert found["joins"].to_dict() == {both: theirs.bb, mixed: theirs.bw, neither: theirs.ww}
        # Theirs are one-tailed: of at least as many joins within the class.
        for pair, tail in ((both, theirs.p_sim_bb), (mixed, min(theirs.p_sim_bw, 1 - theirs.p_sim_bw))):
            error = 2 * np.sqrt(max(tail, 0.002) * (1 / 999 + 1 / 9_999)) + 0.002
            assert found.loc[[pair], "p_value"].iloc[0] == pytest.approx(min(1, 2 * tail), abs=5 * error)

    @given(st.lists(st.sampled_from("abcd"), min_size=6, max_size=20))
    @settings(max_examples=30, deadline=None)
    def test_nothing_gets_lost(self, classes):
        """All joins are counted once, as are all that are expected; names do not matter."""
        values = pd.Series(classes)
        if not 2 <= values.nunique() < len(values):
            return
        graph = row_of(list(range(len(classes))))
        found = join_counts(values, graph, rng=1, permutations=9)
        assert found["joins"].sum() == len(classes) - 1
        assert found["expected"].sum() == pytest.approx(len(classes) - 1, abs=1e-9)
        names = dict(zip("abcd", (4, 3, 2, 1), strict=True))
        other = join_counts(values.map(names), graph, rng=1, permutations=9)
        back = {number: letter for letter, number in names.items()}
        other[["category", "other_category"]] = other[["category", "other_category"]].map(back.get)
        same, mine = by_pair(other), by_pair(found)
        for name in ("joins", "expected", "p_value"):
            assert same[name].reindex(mine.index).to_numpy() == pytest.approx(mine[name].to_numpy(), nan_ok=True)


class TestSetApart:
    def test_islands_do_not_count_in_their_class(self):
        """x x y y in a row and an island x: expected 3 joins * 1 of 6 pairs for xx, as without the island."""
        classes = pd.Series(list("xxyyx"), index=list("abcdi"))
        found = join_counts(classes, row_of("abcd", alone="i"), rng=1)
        alone = join_counts(classes[:4], row_of("abcd"), rng=1)
        pd.testing.assert_frame_equal(found, alone, check_exact=True)
        assert found["expected"].tolist() == pytest.approx([0.5, 2, 0.5], abs=1e-12)
        assert found.attrs["zones"] == {"x": 2, "y": 2}
        assert (found.attrs["n"], found.attrs["islands"]) == (4, 1)
        assert [finding.code for finding in findings_of(found)] == ["zones_without_neighbours"]

    def test_zones_without_a_class(self):
        classes = pd.Series(["x", "x", "y", "y", None, "z"], index=list("abcduv"))
        graph = row_of("abcduv")
        with pytest.raises(InputError, match=r"categories: 1 values are missing \(u\)"):
            join_counts(classes, graph)
        found = join_counts(classes, graph, missing="own class", rng=1)
        pd.testing.assert_frame_equal(found, join_counts(classes[:4], row_of("abcd"), rng=1), check_exact=True)
        assert (found.attrs["no_data"], found.attrs["islands"]) == (1, 1)

    def test_a_class_of_one_zone_has_no_joins_and_no_p_value(self):
        found = join_counts(pd.Series(list("xxyyz"), index=list("abcde")), row_of("abcde"), rng=1)
        alone = found.iloc[-1]
        assert (alone["category"], alone["other_category"], alone["joins"], alone["expected"]) == ("z", "z", 0, 0)
        assert alone[["z_score", "p_value", "p_adjusted"]].isna().all()
        assert found["p_value"].iloc[:-1].notna().all()

    def test_what_cannot_be_counted(self):
        row, ids = row_of("abcd"), list("abcd")
        with pytest.raises(InputError, match="categories: all zones that take part have the same"):
            join_counts(pd.Series(list("xxxx"), index=ids), row)
        with pytest.raises(InputError, match="every zone has a category of its own"):
            join_counts(pd.Series([1.5, 2.5, 3.5, 4.5], index=ids), row)
        with pytest.raises(InputError, match="categories: 3 zones have"):
            join_counts(pd.Series(list("xxy"), index=ids[:3]), row_of("abc"))
        with pytest.raises(InputError, match="categories: they are a list"):
            join_counts(list("xxyy"), row)
        with pytest.raises(DuplicateIdError, match="categories"):
            join_counts(pd.Series(list("xxyy"), index=list("abcc")), row)
        with pytest.raises(InputError, match="neighbours: 2 ids are not the same"):
            join_counts(pd.Series(list("xxyy"), index=list("abce")), row)
        everyone = Graph.from_arrays(*zip(*itertools.permutations(ids, 2), strict=True), [1.0] * 12)
        with pytest.raises(InputError, match="every shuffle of the categories gives the same joins"):
            join_counts(pd.Series(list("xxyy"), index=ids), everyone)
        # Among many zones the joins are so many that their variance, 0, does not come out as 0.
        one, two = np.nonzero(~np.eye(300, dtype=bool))
        with pytest.raises(InputError, match="every shuffle of the categories gives the same joins"):
            join_counts(pd.Series(np.arange(300) % 7 % 3), Graph.from_arrays(one, two, np.ones(len(one))))
        with pytest.raises(InputError, match="permutations: it is"):
            join_counts(pd.Series(list("xxyy"), index=ids), row, permutations=0)

    def test_kinds_of_categories(self):
        ids, row = list("abcd"), row_of("abcd")
        ordered = pd.Series(pd.Categorical(list("yyxx"), categories=["y", "x", "unused"]), index=ids)
        assert join_counts(ordered, row, rng=1)["category"].tolist() == ["y", "y", "x"]
        with pytest.raises(InputError, match="categories: some are lists"):
            join_counts(pd.Series([["a"], ["b"], ["a"], ["b"]], index=ids), row)
        texts = pd.Series(["b", "b", "a", "a", pd.NA], index=list("abcdx"), dtype="string")
        found = join_counts(texts, row_of("abcdx"), rng=1, missing="own class")
        assert (found["category"].tolist(), found.attrs["no_data"]) == (["a", "a", "b"], 1)
        for values in ([True, True, False, False], [2, 2, 1, 1], ["b", "b", 1, 1], [0.5, 0.5, 0.1, 0.1]):
            found = join_counts(pd.Series(values, index=ids), row, rng=1)
            assert found["joins"].tolist() == [1, 1, 1]


class TestReproducible:
    def test_order_of_rows_and_cuts_change_no_bit(self, monkeypatch):
        rng = np.random.default_rng(5)
        classes = pd.Series(rng.choice(list("pqr"), 64))
        graph = lattice(8, rook=False)
        found = join_counts(classes, graph, rng=1)
        again = join_counts(classes.sample(frac=1, random_state=3), graph, rng=1)
        pd.testing.assert_frame_equal(found, again, check_exact=True)
        monkeypatch.setattr(_pairs, "STEPS", 10_000)
        pd.testing.assert_frame_equal(found, join_counts(classes, graph, rng=1), check_exact=True)
        assert not found["p_value"].equals(join_counts(classes, graph, rng=2)["p_value"])

    def test_blocks_and_a_chequered_field(self):
        """Halves: many joins within, few between. A chequered field under rook links: none within."""
        row, column = np.divmod(np.arange(100), 10)
        halves = join_counts(pd.Series(np.where(column < 5, "l", "r")), lattice(10, rook=True), rng=1)
        assert halves["joins"].tolist() == [85, 10, 85]
        assert (halves["p_value"] == 2 / 1000).all()
        assert (np.sign(halves["z_score"]) == [1, -1, 1]).all()
        chequered = join_counts(pd.Series((row + column) % 2), lattice(10, rook=True), rng=1)
        assert chequered["joins"].tolist() == [0, 180, 0]
        assert (chequered["p_value"] == 2 / 1000).all()

    def test_noise_is_significant_as_often_as_it_should_be(self):
        """400 fields of 100 cells: 20 expected at 5 %, fewer as counts are whole; up to 38 within four errors."""
        graph = lattice(10, rook=True)
        rng = np.random.default_rng(11)
        low = [
            join_counts(pd.Series(rng.permutation(100) < 40), graph, rng=rng, permutations=199)["p_value"].iloc[1]
            <= 0.05
            for _ in range(400)
        ]
        assert 4 <= sum(low) <= 38

    def test_what_went_in_is_told(self):
        classes = pd.Series(list("xxyy"), index=list("abcd"), name="tenure")
        facts = join_counts(classes, row_of("abcd"), rng=12, permutations=199).attrs
        assert (facts["measure"], facts["of"], facts["seed"], facts["permutations"]) == (
            "join_counts", "tenure", 12, 199,
        )  # fmt: skip
        assert (facts["alternative"], facts["weights"], facts["unit"]) == ("two-sided", "binary", "joins")
