"""Statistics of several outcomes that are shuffled together: each is the one that it is alone, to the bit."""

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import local_moran, moran
from spatialjustice.inequality.space.moran import local_morans, morans
from spatialjustice.inequality.space.neighbours.links import Links


def lattice(side, *, gap=None):
    """Link the squares of a lattice with those that they touch; all links of one square may be left out."""
    squares = [(row, column) for row in range(side) for column in range(side)]
    pairs = [
        (one, two)
        for one, (row, column) in enumerate(squares)
        for two, (other_row, other_column) in enumerate(squares)
        if one != two and max(abs(row - other_row), abs(column - other_column)) == 1 and gap not in (one, two)
    ]
    one, two = (np.array(ends, dtype=np.int64) for ends in zip(*pairs, strict=True))
    return Links(pd.Index([f"square {n}" for n in range(side**2)]), one, two, np.ones(len(one)))


def outcomes(links, count, *, seed=7):
    generator, ids = np.random.default_rng(seed), links.unique_ids
    return [pd.Series(generator.gamma(1 + number, 3, len(ids)), index=ids) for number in range(count)]


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
@pytest.mark.parametrize("style", ["W", "S"])
def test_each_has_what_it_has_alone(count, style):
    links = lattice(7, gap=24)
    columns = outcomes(links, count)
    options = {"rng": 5, "permutations": 199, "style": style, "missing": "own class"}
    for values, found in zip(columns, morans(columns, links, **options), strict=True):
        pd.testing.assert_series_equal(found, moran(values, links, **options), check_exact=True)
    for values, found in zip(columns, local_morans(columns, links, **options), strict=True):
        pd.testing.assert_frame_equal(found, local_moran(values, links, **options), check_exact=True)


def test_where_a_zone_has_most_others_as_neighbours():
    links = lattice(3)
    columns = outcomes(links, 4)
    for values, found in zip(columns, local_morans(columns, links, rng=5, permutations=99), strict=True):
        pd.testing.assert_frame_equal(found, local_moran(values, links, rng=5, permutations=99), check_exact=True)


def test_those_of_other_zones_or_in_another_order_are_told_apart_and_an_error_stands_in_its_place():
    links = lattice(6)
    one, two, three, four, five = outcomes(links, 5)
    two = two.mask(two.index.isin(["square 3", "square 20"]))
    three[:] = 4.0
    four = four.iloc[::-1]
    columns = [one, two, three, four, five]
    options = {"rng": 2, "permutations": 99, "missing": "own class"}
    for together, alone, same in (
        (morans, moran, pd.testing.assert_series_equal),
        (local_morans, local_moran, pd.testing.assert_frame_equal),
    ):
        found = together(columns, links, **options)
        assert isinstance(found[2], InputError)
        assert "same value" in found[2].found
        for values, made in zip(columns, found, strict=True):
            if values is not three:
                same(made, alone(values, links, **options), check_exact=True)
