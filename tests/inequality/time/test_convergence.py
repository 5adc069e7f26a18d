"""Whether differences shrink and those with less catch up: by hand, on made processes, and on incomes of US states."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError


@pytest.fixture(scope="module")
def incomes():
    from libpysal.examples import get_path

    table = pd.read_csv(get_path("usjoin.csv"), index_col="Name").drop(columns="STATE_FIPS")
    return table.rename(columns=int).astype(float)


def test_sigma_by_hand():
    """2 and 6 with 3 people and 1: mean 3, variance (3 · 1 + 1 · 9) / 4 = 3; then 4 and 4: no difference."""
    panel = pd.DataFrame({2000: [2.0, 6, 2, 2], 2010: [4.0, 4, 4, 4]}, index=list("abcd"))
    people = pd.Series([1.0, 1, 1, 1], index=list("abcd"))
    found = sj.inequality.sigma_convergence(panel, weights=people, replications=0)
    assert found["mean"].tolist() == pytest.approx([3, 4])
    assert found["coefficient_of_variation"].tolist() == pytest.approx([np.sqrt(3) / 3, 0])
    assert found["relative_to_first"].tolist() == pytest.approx([1, 0])
    # logarithms: ln 2 three times and ln 6: their standard deviation is ln 3 · sqrt(3) / 4
    assert found["deviation_of_logarithms"][2000] == pytest.approx(np.log(3) * np.sqrt(3) / 4)


def test_people_weigh_as_copies_do():
    panel = pd.DataFrame({2000: [2.0, 6, 3, 9], 2010: [4.0, 4, 5, 6]}, index=list("abcd"))
    people = pd.Series([3, 1, 2, 1], index=list("abcd"))
    copies = panel.loc[np.repeat(list("abcd"), people)].reset_index(drop=True)
    for of in (sj.inequality.sigma_convergence, sj.inequality.beta_convergence):
        one, other = of(panel, weights=people, replications=0), of(copies, replications=0)
        compared = "slope" if of is sj.inequality.beta_convergence else "relative_to_first"
        assert np.asarray(one[compared]) == pytest.approx(np.asarray(other[compared]), abs=1e-12)


@pytest.mark.parametrize("speed", [0.02, 0.07])
def test_the_speed_of_a_process_that_closes_gaps_at_that_speed(speed):
    """ln y falls to 1 by exp(-speed) each year: found whatever the span; half is closed in ln 2 / it."""
    start = np.linspace(0, 4, 30)
    panel = pd.DataFrame({year: np.exp(1 + (start - 1) * np.exp(-speed * year)) for year in (0, 7, 40)})
    found = sj.inequality.beta_convergence(panel, rng=1, replications=99)
    assert found["speed"] == pytest.approx(speed)
    assert found["half_life"] == pytest.approx(np.log(2) / speed)
    assert found["explained"] == pytest.approx(1)
    assert (found["speed_low"], found["speed_high"]) == pytest.approx((speed, speed))


def test_all_growing_alike_do_not_converge():
    start = pd.Series(np.linspace(1, 9, 30))
    found = sj.inequality.beta_convergence(pd.DataFrame({2000: start, 2010: start * 2}), replications=0)
    assert found["slope"] == pytest.approx(0, abs=1e-15)
    relative = sj.inequality.sigma_convergence(pd.DataFrame({2000: start, 2010: start * 2}), replications=0)
    assert relative["relative_to_first"].tolist() == pytest.approx([1, 1])


def test_order_turned_round_has_no_speed():
    start = pd.Series(np.linspace(1, 9, 30))
    found = sj.inequality.beta_convergence(pd.DataFrame({2000: start, 2010: 1 / start}), replications=0)
    assert np.isnan(found["speed"])
    assert "speed_undefined" in {item["code"] for item in found.attrs["findings"]}


def test_us_states_converge_at_about_two_percent_a_year(incomes):
    """Barro & Sala-i-Martin (1992): gaps of US states closed by roughly 2 % a year over long spans."""
    found = sj.inequality.beta_convergence(incomes, rng=1, replications=199)
    assert 0.015 < found["speed"] < 0.025
    assert found["speed_low"] < found["speed"] < found["speed_high"]
    assert found["speed_low"] > 0
    shrunk = sj.inequality.sigma_convergence(incomes, rng=1, replications=199)
    assert shrunk.loc[2009, "relative_high"] < 1


def test_the_slope_is_that_of_another_library(incomes):
    from scipy.stats import linregress

    span = 2009 - 1929
    peer = linregress(np.log(incomes[1929]), np.log(incomes[2009] / incomes[1929]) / span)
    found = sj.inequality.beta_convergence(incomes, replications=0)
    assert found["slope"] == pytest.approx(peer.slope)
    assert found["explained"] == pytest.approx(peer.rvalue**2)


def test_order_of_rows_changes_nothing(incomes):
    mixed = incomes.sample(frac=1, random_state=3)
    one, other = (sj.inequality.sigma_convergence(panel, rng=1, replications=99) for panel in (incomes, mixed))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    one, other = (sj.inequality.beta_convergence(panel, rng=1, replications=99) for panel in (incomes, mixed))
    pd.testing.assert_series_equal(one, other, check_exact=True)


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (pd.DataFrame({1: [1.0, 2, 0, 4], 2: [1.0, 2, 3, 4]}), "0 or negative"),
        (pd.DataFrame({1: [1.0, 1, 1, 1], 2: [1.0, 2, 3, 4]}), "same value in 1"),
        (pd.DataFrame({1: [1.0, np.nan, 1, 1], 2: [1.0, 2, 3, 4]}), "missing"),
    ],
)
@pytest.mark.parametrize("measure", ["sigma_convergence", "beta_convergence"])
def test_bad_panels_are_refused(panel, message, measure):
    with pytest.raises(InputError, match=message):
        getattr(sj.inequality, measure)(panel, replications=0)


def test_years_without_numbers_have_no_speed():
    panel = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 3, 4, 5]})
    assert sj.inequality.sigma_convergence(panel, replications=0).index.tolist() == ["a", "b"]
    with pytest.raises(InputError, match="Name the columns by numbers"):
        sj.inequality.beta_convergence(panel, replications=0)
