"""Percentiles of burdens: which share of zones, or of people, has no more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.environment._columns import exposure_columns, said, worse
from spatialjustice.inequality._inputs import aligned_by_id, refuse_rows

if TYPE_CHECKING:
    from spatialjustice.environment._columns import Exposures
    from spatialjustice.inequality._inputs import Floats, Values


def burden_percentiles(exposures: Exposures, *, people: Values | None = None) -> pd.DataFrame:
    r"""Tell for each zone and burden which percentage of zones, or of people, is burdened no more.

    :math:`P_i = 100 \sum_j w_j [x_j \le x_i] / \sum_j w_j` over the zones that have a value: at the 80th percentile a
    fifth has more. Equal values share a percentile. What is good, such as trees, is turned round first.

    Parameters
    ----------
    exposures
        What zones are exposed to: Series by name, one Series, or a frame with a column for each; missing where it is
        not known. ``attrs["direction"]`` says which are good.
    people
        People of each zone, who then are what is counted, as in EJScreen; None counts zones, as in CalEnviroScreen.

    Returns
    -------
    DataFrame
        On the index of the exposures, a column for each, from 0 to 100; missing where the exposure is. With ``people``
        0 where nobody has as little (only a zone without people has it).

    Raises
    ------
    InputError
        When ids differ, a value is infinite, people are missing or negative, or an exposure says no direction.

    References
    ----------
    August, L. et al. (2021). CalEnviroScreen 4.0. Sacramento: Office of Environmental Health Hazard Assessment, chapter
    “Method” (percentiles over zones).

    Examples
    --------
    >>> burden_percentiles({"noise": pd.Series([40.0, 60.0, 60.0, None, 70.0])})["noise"].tolist()
    [25.0, 75.0, 75.0, nan, 100.0]
    """
    columns = exposure_columns(exposures)
    first = next(iter(columns.values()))
    weights = np.ones(len(first)) if people is None else checked_people(people, first)
    made = {name: percentiles_of(worse(values, name), weights) for name, values in columns.items()}
    frame = pd.DataFrame(made, index=first.index)
    said(frame, "burden_percentiles", [*columns.values(), people], unit="index", direction="lower is better",
         counts="zones" if people is None else "people")  # fmt: skip
    return frame


def checked_people(people: Values, like: pd.Series[Any]) -> Floats:
    """Return people in the order of exposures, refusing numbers nobody can live with.

    Raises
    ------
    InputError
        When a number is missing, infinite or negative, all are 0, or ids differ.
    """
    counts = aligned_by_id(people, "people", like, "the first exposure")
    wrong = ~np.isfinite(counts) | (counts < 0)
    refuse_rows(wrong, like.index, "people", "numbers are missing, infinite or negative", "Give 0 where nobody lives.")
    if not counts.any():
        raise InputError("people", "all are 0", "Nobody would be counted. Check the column of people.")
    return counts


def percentiles_of(numbers: Floats, weights: Floats) -> Floats:
    """Return the percentage of the weights with a number no higher, among those that have one."""
    there = np.isfinite(numbers)
    found = np.full(len(numbers), np.nan)
    total = weights[there].sum()
    if total > 0:
        steps, place = np.unique(numbers[there], return_inverse=True)
        upto = np.cumsum(np.bincount(place, weights[there], minlength=len(steps)))
        found[there] = 100 * upto[place] / total
    return found
