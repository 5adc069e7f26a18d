"""The two indicators of Sustainable Development Goal 11 on the environment of cities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.environment._columns import exposure_columns, said
from spatialjustice.environment.cumulative.percentiles import checked_people
from spatialjustice.inequality._inputs import aligned_by_id, refuse_rows
from spatialjustice.inequality.distribution.intervals import Estimate, interval
from spatialjustice.inequality.distribution.zone_rows import FEWEST

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values


def sdg_11_6_2(
    values: pd.Series[Any],
    *,
    people: Values,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> Estimate:
    r"""Tell the annual mean of fine particles in a city, weighted by its people (SDG indicator 11.6.2).

    :math:`\sum_i n_i x_i / \sum_i n_i` over the zones whose exposure is known, with the interval from drawing zones
    anew.

    Parameters
    ----------
    values
        Annual mean of PM2.5 (or PM10) of each zone in µg/m³, which ``attrs["unit"]`` must say; missing where unknown.
    people
        People of each zone.
    rng, replications, level
        As :func:`exposure_by_group`.

    Returns
    -------
    Estimate
        The mean in µg/m³ with the ends of its interval; ``n``: zones that took part.

    Raises
    ------
    InputError
        When the unit is another one or not told, nobody lives where it is known, in fewer than 4 zones people live, ids
        differ, or people are missing.

    References
    ----------
    United Nations Statistics Division (2023). SDG indicator metadata, 11.6.2: Annual mean levels of fine particulate
    matter (e.g. PM2.5 and PM10) in cities (population weighted).

    Examples
    --------
    >>> air = pd.Series([10.0, 8.0, 8.0, 8.0])
    >>> air.attrs["unit"] = "µg/m³"
    >>> sdg_11_6_2(air, people=[30, 10, 20, 40], rng=1, replications=99).value
    8.6
    """
    ((_, exposure),) = exposure_columns(values, "values").items()
    unit = exposure.attrs.get("unit")
    if unit != "µg/m³":
        found = "the unit of the values is not told" if unit is None else f"the values are in {unit}"
        raise InputError("values", found, "The indicator is in µg/m³: say so in attrs['unit'], or convert them.")
    counts = checked_people(people, exposure)
    there = exposure.notna().to_numpy() & (counts > 0)
    if there.sum() < FEWEST:
        found = f"people live in {int(there.sum())} zones whose exposure is known"
        raise InputError("values", found, f"An interval needs {FEWEST}.")
    return interval(
        _weighted_mean,
        exposure.to_numpy()[there],
        weights=counts[there],
        rng=rng,
        replications=replications,
        level=level,
    )


def _weighted_mean(values: Values, *, weights: Values) -> float:
    amounts, counts = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    return float((amounts * counts).sum() / counts.sum())


def sdg_11_7_1(
    values: pd.Series[Any], *, weights: Values, people: Values, physical: pd.Series[Any] | None = None
) -> pd.DataFrame:
    r"""Tell how much of a city is open space for everybody, and for whom (SDG indicator 11.7.1).

    The indicator is the share of the built-up area that is open space for public use, streets included,
    :math:`\sum_i a_i g_i / \sum_i a_i`. Beside it stand the share around the average person, :math:`\sum_i n_i g_i /
    \sum_i n_i`, which is lower where the open space lies away from people, and, where it is given, the share of people
    near an open space (within 400 metres on foot, as UN-Habitat asks).

    Parameters
    ----------
    values
        Share of each zone's built-up area that is open space, from 0 to 1, missing where it is not known; for example
        from :func:`exposure_from_polygons`.
    weights
        Built-up area of each zone, in any one unit.
    people
        People of each zone.
    physical
        Share of each zone's people near an open space, from 0 to 1; None leaves its row out.

    Returns
    -------
    DataFrame
        Rows ``share of area``, ``for the average person`` and, with ``physical``, ``people near open space``:
        ``share``, from 0 to 1; ``n`` zones; ``left_out``, area (first row) or people in zones where it is not known.

    Raises
    ------
    InputError
        When a share is below 0 or above 1, area or people are missing or negative, or ids differ.

    References
    ----------
    UN-Habitat (2021). SDG indicator metadata, 11.7.1: Average share of the built-up area of cities that is open space
    for public use for all, by sex, age and persons with disabilities.

    Examples
    --------
    >>> sdg_11_7_1(pd.Series([0.5, 0.1]), weights=[1, 3], people=[10, 90])["share"].round(9).to_dict()
    {'share of area': 0.2, 'for the average person': 0.14}
    """
    ((_, share),) = exposure_columns(values, "values").items()
    counts, ground = checked_people(people, share), aligned_by_id(weights, "weights", share, "values")
    wrong = ~np.isfinite(ground) | (ground < 0)
    refuse_rows(
        wrong, share.index, "weights", "numbers are missing, infinite or negative", "Give 0 where none is built up."
    )
    rows = {
        "share of area": _row(share, ground, "values"),
        "for the average person": _row(share, counts, "values"),
    }
    if physical is not None:
        close = pd.Series(aligned_by_id(physical, "physical", share, "values"), index=share.index)
        rows["people near open space"] = _row(close, counts, "physical")
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("of")
    said(frame, "sdg_11_7_1", [share, people, physical], unit="share", direction="higher is better")
    return frame


def _row(share: pd.Series[Any], weights: Floats, name: str) -> dict[str, float]:
    numbers = share.to_numpy(dtype=np.float64)
    refuse_rows(
        (numbers < 0) | (numbers > 1), share.index, name, "shares are below 0 or above 1", "Write 0.25, not 25."
    )
    there = np.isfinite(numbers) & (weights > 0)
    total = math.fsum(weights[there])
    return {
        "share": math.fsum(numbers[there] * weights[there]) / total if total else np.nan,
        "n": float(there.sum()),
        "left_out": math.fsum(weights[~np.isfinite(numbers)]),
    }
