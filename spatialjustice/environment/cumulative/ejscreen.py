"""The index of environmental justice as EJScreen makes it: a burden's percentile times who lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.environment._columns import exposure_columns, said, worse
from spatialjustice.environment.cumulative.percentiles import checked_people, percentiles_of
from spatialjustice.inequality._inputs import aligned_by_id, refuse_rows

if TYPE_CHECKING:
    from spatialjustice.environment._columns import Exposures
    from spatialjustice.inequality._inputs import Values


def ejscreen_index(exposures: Exposures, *, demographic: Exposures, people: Values) -> pd.DataFrame:
    r"""Tell where a burden meets people whom burdens fall upon, by the rule of EJScreen 2.1.

    The demographic index of zone i is the mean of shares of people, :math:`D_i = \frac{1}{m} \sum_k s_{ik}` (in
    EJScreen: people of low income and people of colour); the index of burden b is :math:`J_{ib} = P_{ib} D_i`, with
    :math:`P_{ib}` the percentile of the burden among people; and :math:`J_{ib}` is told as its own percentile. There is
    one index for each burden: EJScreen adds none up. Percentiles are among the people of the zones given, where
    EJScreen takes those of the country or of a state.

    A zone that lacks a burden has no index of it, and one that lacks a share has none at all: EJScreen shows such block
    groups without data, and so they are here; the finding ``burden_index_missing`` counts their people.

    Parameters
    ----------
    exposures
        What zones are exposed to: Series by name, one Series, or a frame with a column for each; missing where it is
        not known. ``attrs["direction"]`` says which are good; those are turned round.
    demographic
        Shares of people in each zone, from 0 to 1: Series by name, or a frame with a column for each.
    people
        People of each zone.

    Returns
    -------
    DataFrame
        On the index of the exposures: ``demographic_index``, from 0 to 1; for each burden ``NAME: percentile``,
        ``NAME: index`` (0 to 100) and ``NAME: index percentile``; ``burdens_80``, at how many burdens the zone's index
        is at or above the 80th percentile, the line at which EPA looks closer; missing where no index is known.

    Raises
    ------
    InputError
        When ids differ, a share is below 0 or above 1, people are missing or negative, or a value is infinite.

    References
    ----------
    U.S. Environmental Protection Agency (2022). EJScreen technical documentation. Washington, D.C., chapters 3
    (indexes), 4 (percentiles) and 5 (thresholds).

    Examples
    --------
    Both have 100 people. The worse air (100th percentile) is where half are poor, the better (50th) where one in five
    is: 100 × 0.5 and 50 × 0.2.

    >>> found = ejscreen_index(
    ...     {"pm25": pd.Series([9.0, 8.0])}, demographic={"poor": pd.Series([0.5, 0.2])}, people=[100, 100]
    ... )
    >>> found["pm25: index"].tolist(), found["pm25: index percentile"].tolist()
    ([50.0, 10.0], [100.0, 50.0])
    """
    columns = exposure_columns(exposures)
    first = next(iter(columns.values()))
    counts = checked_people(people, first)
    shares = []
    for name, values in exposure_columns(demographic, "demographic").items():
        share = aligned_by_id(values, name, first, "the first exposure")
        refuse_rows(
            (share < 0) | (share > 1), first.index, name, "shares are below 0 or above 1", "Write 0.25, not 25."
        )
        shares.append(share)
    # A mean with a missing part is missing: NaN stays NaN.
    index = np.mean(shares, axis=0)
    made: dict[str, Any] = {"demographic_index": index}
    own: list[Any] = []
    for name, values in columns.items():
        percentile = percentiles_of(worse(values, name), counts)
        own.append(percentiles_of(percentile * index, counts))
        made |= {f"{name}: percentile": percentile, f"{name}: index": percentile * index}
        made[f"{name}: index percentile"] = own[-1]
    every = np.array(own)
    known = np.isfinite(every).any(axis=0)
    made["burdens_80"] = np.where(known, (np.nan_to_num(every) >= 80).sum(axis=0), np.nan)
    frame = pd.DataFrame(made, index=first.index)
    lacking = ~np.isfinite(every).all(axis=0)
    findings = []
    if lacking.any():
        lost = float(counts[lacking].sum())
        message = (
            f"{int(lacking.sum()):,} zones with {lost:,.0f} people lack a burden or a share of people: they have no "
            "index of it."
        )
        findings.append(Finding("burden_index_missing", "warning" if lost else "information", message,
                                int(lacking.sum()), lost))  # fmt: skip
    said(
        frame, "ejscreen_index", [*columns.values(), people], findings, unit="index", direction="lower is better",
        method="EJScreen 2.1: percentile of the burden times demographic index", left_out=float(counts[~known].sum()),
    )  # fmt: skip
    return frame
