"""A row in which nobody lives needs no value, no rank and no group: with it or without it a measure is the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from spatialjustice import inequality as iq
from spatialjustice._core.errors import InputError

ZONES = list("abcdefgh")
VALUES = pd.Series([3.0, 5, 8, 1, 9, 2, 7, 4], index=ZONES)
PEOPLE = pd.Series([10.0, 20, 5, 30, 8, 12, 40, 25], index=ZONES)
INCOME = pd.Series([9.0, 4, 7, 1, 8, 2, 6, 3], index=ZONES)
GROUPS = pd.Series(["x", "y", "x", "y", "x", "y", "x", "y"], index=ZONES)
EMPTY = ["empty", "park", "river"]


class Table(NamedTuple):
    """Values, people, incomes and groups of zones."""

    v: Any
    p: Any
    i: Any
    g: Any


VERBS: dict[str, Any] = {
    "gini": lambda t: iq.gini(t.v, weights=t.p),
    "hoover": lambda t: iq.hoover(t.v, weights=t.p),
    "theil_t": lambda t: iq.theil_t(t.v, weights=t.p),
    "theil_l": lambda t: iq.theil_l(t.v, weights=t.p),
    "atkinson": lambda t: iq.atkinson(t.v, epsilon=1, weights=t.p),
    "kolm_pollak_ede": lambda t: iq.kolm_pollak_ede(t.v, kappa=0.1, weights=t.p),
    "fgt": lambda t: iq.fgt(t.v, line=5, weights=t.p),
    "quantile_ratio": lambda t: iq.quantile_ratio(t.v, weights=t.p),
    "palma_ratio": lambda t: iq.palma_ratio(t.v, rank_by=t.i, weights=t.p),
    "share_ratio": lambda t: iq.share_ratio(t.v, rank_by=t.i, weights=t.p),
    "concentration_index": lambda t: iq.concentration_index(t.v, rank_by=t.i, weights=t.p),
    "suits": lambda t: iq.suits(t.v, rank_by=t.i, weights=t.p),
    "decompose": lambda t: iq.decompose(t.v, t.g, weights=t.p).attrs["parts"]["between"],
    "summary": lambda t: iq.summary(
        pd.DataFrame({"v": t.v}), weights=t.p, rank_by=t.i, replications=0, measures=["gini", "palma_ratio"]
    )["value"].sum(),
    "interval": lambda t: iq.interval(iq.palma_ratio, t.v, weights=t.p, rank_by=t.i, rng=1, replications=99).high,
    "interval_from_margins": lambda t: (
        iq.interval_from_margins(
            iq.gini, t.v, weights=t.p, margins=pd.Series(0.1, index=t.v.index), rng=1, replications=99
        ).high
    ),
    "group_means": lambda t: iq.group_means(t.v, iq.groups_from_labels(t.g, people=t.p))["mean"].sum(),
}


def padded(column: pd.Series, fill: Any) -> pd.Series:
    return pd.concat([column, pd.Series([fill] * len(EMPTY), index=EMPTY)]).reindex(
        ["empty", *ZONES[:4], "park", *ZONES[4:], "river"]
    )


# Infinite values have a meaning of their own in group_means, and are refused.
CASES = [
    (verb, value)
    for verb in VERBS
    for value in (np.nan, np.inf, -666666666.0, 0.5, 1e9)
    if (verb, value) != ("group_means", np.inf)
]


@pytest.mark.parametrize(("verb", "value"), CASES)
def test_rows_without_people_change_nothing(verb: str, value: float) -> None:
    alone = VERBS[verb](Table(VALUES, PEOPLE, INCOME, GROUPS))
    given = Table(padded(VALUES, value), padded(PEOPLE, 0.0), padded(INCOME, np.nan), padded(GROUPS, None))
    assert VERBS[verb](given) == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in {"summary", "group_means"}])
def test_rows_with_people_still_need_a_value(verb: str) -> None:
    with pytest.raises(InputError, match="missing"):
        VERBS[verb](Table(VALUES.where(VALUES != 9), PEOPLE, INCOME, GROUPS))


def test_rows_with_people_still_need_a_rank() -> None:
    with pytest.raises(InputError, match="1 rows have no rank"):
        iq.palma_ratio(VALUES, rank_by=INCOME.where(INCOME != 9), weights=PEOPLE)
