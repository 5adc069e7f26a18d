"""How certain a rank is: against the normal distribution, at the limits, and whatever the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from spatialjustice._core.errors import InputError
from spatialjustice.digital import divide_index, rank_interval

WORSE = "higher is worse"


@pytest.fixture
def homes() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame(rng.random((12, 3)) * 0.4 + 0.2, columns=list("abc"), index=[f"z{n}" for n in range(12)])


def margins_of(frame, size):
    return pd.DataFrame(size, index=frame.index, columns=frame.columns)


def test_how_often_the_worst_is_the_worst():
    """0.50 against 0.45, both with a standard error of 0.04: 0.50 is higher with Phi(0.05 / (0.04 * 2 ** 0.5))."""
    frame = pd.DataFrame({"offline": [0.50, 0.45, 0.1]}, index=list("xyz"))
    margins = pd.DataFrame({"offline": [0.04 * 1.645, 0.04 * 1.645, 0.0]}, index=list("xyz"))
    found = rank_interval(frame, ["offline"], margins=margins, direction=WORSE, replications=600, rng=3)
    expected = norm.cdf(0.05 / (0.04 * 2**0.5))
    allowed = 4 * (expected * (1 - expected) / 600) ** 0.5  # four standard deviations of a share of 600 draws
    assert found.loc["x", "share_among_worst"] == pytest.approx(expected, abs=allowed)
    assert found["share_among_worst"].sum() == pytest.approx(1)
    assert found.loc["z", ["rank", "low", "high"]].tolist() == [3, 3, 3]
    assert found.loc["x", ["low", "high"]].tolist() == [1, 2]


@pytest.mark.parametrize("method", ["percentile_rank", "geometric", "principal_component", "cdc_svi"])
def test_exact_indicators_have_exact_ranks(homes, method):
    indicators = {"all": list("abc")} if method == "cdc_svi" else list("abc")
    options = {"method": method, "direction": WORSE}
    found = rank_interval(homes, indicators, margins=margins_of(homes, 0.0), replications=99, rng=1, **options)
    rank = divide_index(homes, indicators, **options)["rank"]
    for name in ("rank", "low", "high"):
        np.testing.assert_array_equal(found[name], rank)


def test_wider_margins_never_make_it_more_certain(homes):
    widths = [
        (found["high"] - found["low"]).mean()
        for size in (0.01, 0.1)
        for found in [
            rank_interval(homes, list("abc"), margins=margins_of(homes, size), direction=WORSE, replications=99, rng=1)
        ]
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_the_order_of_rows_means_nothing_and_the_seed_is_kept(homes):
    options = {"margins": margins_of(homes, 0.05), "direction": WORSE, "replications": 99}
    found = rank_interval(homes, list("abc"), rng=7, **options)
    again = rank_interval(homes.iloc[::-1], list("abc"), rng=found.attrs["seed"], **options)
    pd.testing.assert_frame_equal(again.reindex(homes.index), found)


def test_missing_zones_stay_missing_and_their_margins_are_not_asked_for(homes):
    homes.loc["z3", "a"] = np.nan
    margins = margins_of(homes, 0.02)
    margins.loc["z3", "a"] = np.nan
    found = rank_interval(
        homes, list("abc"), margins=margins, direction=WORSE, missing="own class", replications=99, rng=1
    )
    assert found.loc["z3"].isna().all()
    assert found.attrs["left_out"] == 1
    assert found["rank"].max() == 11


def test_places_that_nobody_knows_are_a_finding(homes):
    found = rank_interval(homes, list("abc"), margins=margins_of(homes, 0.5), direction=WORSE, replications=99, rng=1)
    assert "ranks_not_known" in {item["code"] for item in found.attrs["findings"]}


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        (lambda frame: margins_of(frame, -1.0), "negative"),
        (lambda frame: margins_of(frame, np.nan), "missing"),
        (lambda frame: margins_of(frame, 0.1).iloc[1:], "not in both"),
        (lambda frame: margins_of(frame, 0.1).rename(columns={"a": "d"}), "d is no indicator"),
        (lambda frame: frame[[]], "no columns"),
        (lambda _: 0.1, "float"),
    ],
)
def test_margins_that_cannot_be(homes, margins, message):
    with pytest.raises(InputError, match=message):
        rank_interval(homes, list("abc"), margins=margins(homes), direction=WORSE)


def test_too_few_draws(homes):
    with pytest.raises(InputError, match="at least 99"):
        rank_interval(homes, list("abc"), margins=margins_of(homes, 0.1), direction=WORSE, replications=10)
