"""Which share of the ballots is on paper, by age, year or place, with intervals; what is not known is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.participation.ballots._checks import UNKNOWN, several, with_counts
from spatialjustice.participation.ballots.intervals import checked_level, share_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.participation.ballots.intervals import Interval

METHOD = "voting_method"


def paper_share(
    ballots: pd.DataFrame,
    *,
    by: str | Sequence[str],
    category: str = "paper",
    level: float = 0.95,
    method: Interval = "wilson",
) -> pd.DataFrame:
    """Tell which share of the ballots of each age, year or place was on paper, and how sure that is.

    Shares are of ballots of which it is known how they were cast; the others stand in a column of their own, and where
    it is known of none, the share is missing: that nobody wrote it down does not mean that nobody voted on paper.

    In signs: :math:`p / (p + o)`, paper and other ballots, with Wilson’s interval.

    Parameters
    ----------
    ballots
        A table with ``ballots`` (how many), ``voting_method`` (``paper``, ``internet``, ``unknown``) and the columns
        that are named in ``by``.
    by
        What the answer is broken down by, for example ``["vote_year", "age_class"]``.
    category
        The way of voting that is looked at.
    level
        How sure the interval is.
    method
        ``"wilson"``, or ``"clopper_pearson"``, which is wider and never too short.

    Returns
    -------
    DataFrame
        A row for each combination that occurs, in order: the columns named, ``ballots``, ``paper``, ``other``,
        ``method_unknown`` (which add up), ``paper_share``, ``low`` and ``high``. They are shares of ballots, not of
        people. The interval tells what chance would do to so few; ballots of one household are not independent, which
        makes it too short.

    Raises
    ------
    InputError
        When a column is not there, or no ballot is known to be of this way.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association, 22(158), 209-212. Clopper, C. J., & Pearson, E. S. (1934). The use of confidence or
    fiducial
    limits illustrated in the case of the binomial. Biometrika, 26(4), 404-413.

    Examples
    --------
    >>> votes = pd.DataFrame(
    ...     {"age_class": ["18–64", "18–64", "65+", "65+", "65+"],
    ...      "voting_method": ["internet", "paper", "internet", "paper", "unknown"], "ballots": [98, 2, 15, 5, 7]}
    ... )
    >>> found = paper_share(votes, by="age_class")
    >>> found[["paper", "other", "method_unknown"]].to_numpy().tolist()
    [[2.0, 98.0, 0.0], [5.0, 15.0, 7.0]]
    >>> found["paper_share"].tolist(), found["low"].round(3).tolist()
    ([0.02, 0.25], [0.006, 0.112])
    """
    columns = several(by, "by")
    counts = with_counts(ballots, [METHOD, *columns])
    sure = checked_level(level)
    ways = ballots[METHOD].astype(object).where(ballots[METHOD].notna(), UNKNOWN).replace("", UNKNOWN)
    if not (ways == category).any():
        found = f"no ballot was cast by {category!r}"
        raise InputError("category", found, f"The ways to vote are {listed(sorted(set(ways)))}.")
    keys: list[Any] = []
    for column in columns:
        key = ballots[column]
        if not isinstance(key.dtype, pd.CategoricalDtype):
            key = key.astype(object).where(key.notna(), UNKNOWN)
        keys.append(key)
    kind = np.where(ways == category, "paper", np.where(ways == UNKNOWN, "method_unknown", "other"))
    parts = pd.DataFrame({name: counts.where(kind == name, 0.0) for name in ("paper", "other", "method_unknown")})
    found_ = parts.groupby(keys, observed=True, sort=True).sum()
    found_.index.names = columns
    found_ = found_.reset_index()
    found_.insert(len(columns), "ballots", found_[["paper", "other", "method_unknown"]].sum(axis=1))
    known = (found_["paper"] + found_["other"]).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        found_["paper_share"] = np.where(known > 0, found_["paper"].to_numpy() / known, np.nan)
    found_["low"], found_["high"] = share_interval(found_["paper"].to_numpy(), known, level=sure, method=method)
    found_.attrs = {
        "measure": "paper_share",
        "unit": "share",
        "of": "ballots",
        "direction": "none",
        "level": sure,
        "method": method,
        "left_out": {"way of voting not known": float(found_["method_unknown"].sum())},
    }
    return add_sources(found_, *sources_of(ballots))
