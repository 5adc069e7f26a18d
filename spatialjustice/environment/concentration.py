"""Whether burdens are concentrated where people are poor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.environment._columns import exposure_columns, said
from spatialjustice.inequality._inputs import aligned_by_id, refuse_rows, seed_of
from spatialjustice.inequality.distribution.concentration import concentration_index
from spatialjustice.inequality.distribution.intervals import interval
from spatialjustice.inequality.distribution.zone_rows import FEWEST

if TYPE_CHECKING:
    from spatialjustice.environment._columns import Exposures
    from spatialjustice.inequality._inputs import Values

NONE, FEW, NO_DIFFERENCE = "nobody has a value and a rank", "in fewer than 4 zones", "all zones have the same"


def burden_concentration(
    exposures: Exposures,
    *,
    rank_by: Values,
    people: Values,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell of each burden whether the poor bear more of it than the rich, in the order of income or any other rank.

    The corrected concentration index of Erreygers, :math:`E = 4 \mu C / (b - a)`, with a and b the least and the most
    that anybody has here, so that exposures in any unit compare and a zero far away (as of temperatures) does not
    matter. Below 0 a burden is concentrated among the poor, above 0 among the rich; for what is good, such as trees, it
    is the other way round, and ``borne_by_poor`` says it for both.

    Parameters
    ----------
    exposures
        What zones are exposed to: Series by name, one Series, or a frame with a column for each; missing where it is
        not known. ``attrs["direction"]`` says which are good.
    rank_by
        Income of each zone, or anything that rises with it; people whose rank is missing take no part and are counted.
    people
        People of each zone.
    rng, replications, level
        As :func:`exposure_by_group`; zones are drawn with all their people.

    Returns
    -------
    DataFrame
        A row for each exposure: ``index`` with ``low`` and ``high``, from -1 to 1; ``borne_by_poor``: ``"yes"``,
        ``"no"``, or ``"not sure"`` where the interval holds 0; ``n``, ``people``, ``people_left_out``, ``note``.

    Raises
    ------
    InputError
        When ids differ, people are missing or negative, or a setting cannot be used.

    References
    ----------
    Erreygers, G. (2009). Correcting the concentration index. Journal of Health Economics, 28(2), 504-515. Su, J. G. et
    al. (2009). An index for assessing demographic inequalities in cumulative environmental hazards. Environmental
    Science & Technology, 43(20), 7626-7634 (concentration of cumulative burdens by rank).

    Examples
    --------
    The poorer of two zones of equal size has all of it: 4 (1/2) (-1/2) / (1 - 0) = -1.

    >>> found = burden_concentration(
    ...     {"noise": pd.Series([1.0, 0.0])}, rank_by=[900, 2000], people=[10, 10], replications=0
    ... )
    >>> found.loc["noise", ["index", "people"]].astype(float).tolist()
    [-1.0, 20.0]
    """
    columns = exposure_columns(exposures)
    first = next(iter(columns.values()))
    counts = aligned_by_id(people, "people", first, "the first exposure")
    refuse_rows(
        ~np.isfinite(counts) | (counts < 0), first.index, "people", "numbers are missing, infinite or negative",
        "Give 0 where nobody lives.",
    )  # fmt: skip
    rank = aligned_by_id(rank_by, "rank_by", first, "the first exposure")
    refuse_rows(np.isinf(rank), first.index, "rank_by", "values are infinite", "Make them missing.")
    seed = seed_of(rng)
    rows = {}
    for name, values in columns.items():
        there = values.notna().to_numpy() & np.isfinite(rank) & (counts > 0)
        rows[name] = _row(values, there, rank, counts, (seed, replications, level))
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("exposure")
    unranked = float(counts[np.isnan(rank)].sum())
    findings = []
    if unranked:
        message = (
            f"{unranked:,.0f} people live in zones without a rank and take no part in the concentration of burdens."
        )
        findings.append(Finding("burden_without_rank", "warning", message, int(np.isnan(rank).sum()), unranked))
    said(
        frame, "burden_concentration", [*columns.values(), rank_by, people], findings, unit="index", direction="none",
        seed=seed, replications=replications, level=level, type="corrected",
    )  # fmt: skip
    return frame


def _row(values: pd.Series[Any], there: Any, rank: Any, counts: Any, how: tuple[int, int, float]) -> dict[str, Any]:
    seed, replications, level = how
    amounts = values.to_numpy(dtype=np.float64)[there]
    row: dict[str, Any] = {
        "index": np.nan, "low": np.nan, "high": np.nan, "borne_by_poor": "not sure", "n": int(there.sum()),
        "people": float(counts[there].sum()), "people_left_out": float(counts[~there].sum()), "note": "",
    }  # fmt: skip
    if not there.any():
        return row | {"note": NONE}
    least, most = float(amounts.min()), float(amounts.max())
    if least == most:
        return row | {"note": NO_DIFFERENCE}
    # From 0 to 1, so that what is measured from a zero far away (temperatures, or below 0) is told alike.
    scaled = (amounts - least) / (most - least)
    if replications and there.sum() < FEWEST:
        row["note"] = FEW
    if replications and there.sum() >= FEWEST:
        found = interval(
            _corrected,
            scaled,
            weights=counts[there],
            rank_by=rank[there],
            rng=seed,
            replications=replications,
            level=level,
        )
        row |= {"index": found.value, "low": found.low, "high": found.high}
    else:
        row["index"] = _corrected(scaled, weights=counts[there], rank_by=rank[there])
    if np.isfinite(row["low"]) and not row["low"] <= 0 <= row["high"]:
        bad = values.attrs.get("direction", "lower is better") == "lower is better"
        row["borne_by_poor"] = "yes" if (row["index"] < 0) == bad else "no"
    return row


def _corrected(values: Values, *, weights: Values, rank_by: Values) -> float:
    """Return Erreygers' index of values from 0 to 1."""
    try:
        return concentration_index(values, rank_by=rank_by, weights=weights, type="corrected", bounds=(0.0, 1.0))
    except InputError:
        # Nobody drawn has anything of it: nothing leans to anybody.
        return 0.0 if not np.asarray(values)[np.asarray(weights) > 0].any() else np.nan
