"""Styles of weights against esda and against sums by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal import examples
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import contiguity, geary, local_geary, local_moran, moran

ROW = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
RISING = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])


@pytest.fixture(scope="module")
def columbus():
    frame = gpd.read_file(examples.get_path("columbus.shp")).set_crs(3857).set_index("POLYID")
    return frame["CRIME"], contiguity(frame, tolerance=1e-4)


@pytest.mark.parametrize(("style", "theirs"), [("W", "r"), ("B", "b"), ("C", "d"), ("S", "v")])
def test_esda_agrees(style, theirs, columbus, plain_esda):
    """C is esda's doubly standardised times n, which no global statistic notices."""
    values, links = columbus
    made = links.transform(theirs)
    whole = moran(values, links, rng=1, permutations=99, style=style)
    peer = plain_esda.Moran(values.to_numpy(), made, transformation=theirs, permutations=0)
    assert whole["statistic"] == pytest.approx(peer.I, rel=1e-10)
    assert whole["z_score"] == pytest.approx(peer.z_rand, rel=1e-9)
    whole = geary(values, links, rng=1, permutations=99, style=style)
    peer = plain_esda.Geary(values.to_numpy(), made, transformation=theirs, permutations=0)
    assert whole["statistic"] == pytest.approx(peer.C, rel=1e-10)
    assert whole["z_score"] == pytest.approx(peer.z_rand, rel=1e-9)


@pytest.mark.parametrize("style", ["W", "B", "C", "S"])
def test_local_ones_add_up_to_the_global_one(style, columbus):
    """Sum of local I = I S0 (n - 1) / n, and of local c = 2 C S0: Anselin (1995) with a variance of n - 1."""
    values, links = columbus
    weight = links.adjacency.to_numpy()
    n, ends = len(values), links.adjacency.index.get_level_values("focal")
    own = pd.Series(weight, index=ends)
    raw = {
        "W": own / own.groupby(level=0).transform("sum"),
        "B": own,
        "C": own * n / own.sum(),
        "S": own / np.sqrt((own**2).groupby(level=0).transform("sum")),
    }[style]
    total = n if style in {"C", "S"} else raw.sum()
    local = local_moran(values, links, rng=1, permutations=99, style=style)["statistic"].sum()
    whole = moran(values, links, rng=1, permutations=99, style=style)["statistic"]
    assert local == pytest.approx(whole * total * (n - 1) / n, rel=1e-9)
    local = local_geary(values, links, rng=1, permutations=99, style=style)["statistic"].sum()
    whole = geary(values, links, rng=1, permutations=99, style=style)["statistic"]
    assert local == pytest.approx(2 * whole * total, rel=1e-9)


def test_four_zones_in_a_row_by_hand():
    """z = -1.5, -0.5, 0.5, 1.5; squares sum to 5, so that the variance with n - 1 is 5 / 3.

    Local I, B: 3/5 z_i times the sum of neighbours: -1.5 * -0.5 = 0.75, -0.5 * (-1.5 + 0.5) = 0.5, and the same again.
    Local c, B: 3/5 times 1, 2, 2, 1. C: 4/6 of these. S: one and two neighbours weigh 1 and 1/sqrt 2, together
    2 + 4 / sqrt 2 = 4.8284, scaled to 4: 0.8284 and 0.5858.
    """
    zone = np.array([1, 2, 2, 1])
    of_style = {"B": [1, 1, 1, 1], "C": [4 / 6] * 4, "S": [0.828427, 0.585786, 0.585786, 0.828427]}
    for style, factor in of_style.items():
        found = local_moran(RISING, ROW, rng=1, style=style)
        np.testing.assert_allclose(found["statistic"], 0.6 * np.array([0.75, 0.5, 0.5, 0.75]) * factor, atol=1e-6)
        apart = local_geary(RISING, ROW, rng=1, style=style)
        np.testing.assert_allclose(apart["statistic"], 0.6 * zone * factor, atol=1e-6)
        assert found.attrs["style"] == style
        plain = local_moran(RISING, ROW, rng=1)
        assert found["p_value"].tolist() == plain["p_value"].tolist()
        assert found["label"].tolist() == plain["label"].tolist()


@pytest.mark.parametrize("style", ["B", "S"])
def test_expected_is_the_mean_over_all_neighbours_there_could_be(style):
    values = pd.Series([1.0, 5.0, 2.0, 8.0], index=[1, 2, 3, 4])
    z = (values - values.mean()) / values.std(ddof=0)
    sums = local_moran(values, ROW, rng=1, style=style)["expected"] / (-(z**2) / 4)
    found = local_geary(values, ROW, rng=1, style=style)["expected"]
    for zone in values.index:
        others = z.drop(zone)
        # 3 / 4 turns the variance with n into that with n - 1.
        assert found[zone] == pytest.approx(sums[zone] * 0.75 * ((others - z[zone]) ** 2).mean())


def test_a_style_nobody_knows():
    for verb in (moran, geary, local_moran, local_geary):
        with pytest.raises(InputError, match="style"):
            verb(RISING, ROW, style="Q")
