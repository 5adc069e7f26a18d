"""Cells shared among rectangles, against quarters of cells that are counted; zones joined, against shapely's union."""

import numpy as np
import pytest
import shapely

from spatialjustice.sources.rasters import _cell_shares
from spatialjustice.sources.rasters._cell_shares import joined_zones, sums_and_known


def quarters(rng, count):
    """Rectangles with corners at quarters of cells, some beyond the raster, and their corners in quarters."""
    west, south = rng.integers(-6, 30, (2, count))
    east, north = west + rng.integers(1, 18, count), south + rng.integers(1, 18, count)
    return shapely.box(west / 4, south / 4, east / 4, north / 4), (west, south, east, north)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("at_a_time", [4, 20_000])
def test_sums_and_known_cells_of_rectangles(monkeypatch, seed, at_a_time):
    monkeypatch.setattr(_cell_shares, "MANY_ZONES", at_a_time)
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 50, (7, 6)).astype(float)
    cells[rng.random((7, 6)) < 0.4] = np.nan
    shapes, corners = quarters(rng, 23)
    people, known = sums_and_known(cells, shapes, quiet=True)
    # Sixteen quarters make a cell; the first row of cells is the upper one.
    fine = np.repeat(np.repeat(cells[::-1], 4, axis=0), 4, axis=1)
    for place, (west, south, east, north) in enumerate(zip(*corners, strict=True)):
        covered = fine[max(0, south) : max(0, north), max(0, west) : max(0, east)]
        assert people[place] == pytest.approx(np.nansum(covered) / 16)
        assert known[place] == pytest.approx(np.isfinite(covered).sum() / 16)


@pytest.mark.parametrize("turn", [0.0, 0.5])
def test_zones_are_joined_rightly_whether_they_overlap_or_not(turn):
    """Boxes on a grid meet edge to edge, overlap, lie inside each other or are the same."""
    rng = np.random.default_rng(4)
    apart = 0
    for number in range(200):
        west, south, wide, high = rng.integers(0, 4, (4, rng.integers(2, 6)))
        zones = shapely.box(west, south, west + 1 + wide % 3, south + 1 + high % 3)
        if number % 2:
            zones = shapely.segmentize(zones, 1.0)
        zones = shapely.transform(zones, lambda xy: xy @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        joined, right = joined_zones(zones), shapely.union_all(zones)
        assert joined.is_valid
        assert joined.symmetric_difference(right).area < 1e-9
        apart += shapely.area(zones).sum() - right.area < 1e-9
    assert 20 < apart < 180
