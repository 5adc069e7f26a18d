"""Several cities side by side: what each knows, what it lacks, and where it stands above or below the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice.catalogue import indicators as catalogue
from spatialjustice.digital._city_indicators import GROUPINGS, ORDER, SHOWN, require_known, require_profile, with_attrs
from spatialjustice.inequality._inputs import checked_choice

if TYPE_CHECKING:
    from spatialjustice.digital.profile import By

Shown = Literal["value", "worst_tenth", "gini"]

TOLD = ("group", "name", "unit", "direction")

FEWEST = 3
"""Cities from which a distance from their mean says anything."""

SAME = 1e-12


def compare_profiles(profiles: Mapping[str, pd.DataFrame], *, show: Shown = "value") -> pd.DataFrame:
    """Put the profiles of several cities side by side, with what each of them lacks.

    Definition: the means of :func:`smart_city_profile`, one column for each city.

    Parameters
    ----------
    profiles
        City → its profile, of :func:`smart_city_profile`.
    show
        ``"value"``: the mean; ``"worst_tenth"``: that of the worst-served tenth; ``"gini"``: how unequal it is.

    Returns
    -------
    DataFrame
        One row for each indicator, in the order of the first profile: ``group``, ``name``, ``unit``, ``direction``;
        a column for each city, missing where it does not know; ``cities``: how many of them do. No ranks: two cities
        that know different things have no order.

    Raises
    ------
    InputError
        When there is no profile, or a frame is none.

    References
    ----------
    As of :func:`smart_city_profile`; the table itself is an own definition.

    Examples
    --------
    >>> from spatialjustice.digital import smart_city_profile
    >>> cities = {"one": smart_city_profile({"library_access": 0.5}), "two": smart_city_profile({"open_data": 0.2})}
    >>> compare_profiles(cities).loc[["library_access", "open_data"], ["one", "two", "cities"]].values.tolist()
    [[0.5, nan, 1.0], [nan, 0.2, 1.0]]
    """
    checked_choice(show, SHOWN, "show")
    wide = _wide(profiles, show)
    taken = sorted({*TOLD, "cities"} & set(profiles))
    if taken:
        raise InputError(
            "profiles", f"a city is called “{taken[0]}”", "The table has a column of this name: rename it."
        )
    first = next(iter(profiles.values()))
    table = first[list(TOLD)].join(wide.reindex(first.index))
    table["cities"] = wide.reindex(first.index).notna().sum(axis=1)
    return with_attrs(table, profiles.values(), measure="compare_profiles", unit="label", direction="none", show=show)


def profile_scores(
    profiles: Mapping[str, pd.DataFrame],
    *,
    by: By = "characteristic",
    reference: pd.DataFrame | None = None,
    show: Shown = "value",
) -> pd.DataFrame:
    r"""Tell in what a city stands above or below others: distances from their mean, averaged as Giffinger does.

    Of each indicator :math:`z = (x - \bar x) / s` over the reference cities, turned so that more is better; the mean of
    a factor's indicators, then of a group's factors, so that a factor with many indicators does not outweigh the
    others. Only indicators that **all** compared cities have take part: a city cannot gain by not knowing. What was
    left out is counted.

    Parameters
    ----------
    profiles
        City → its profile, of :func:`smart_city_profile`.
    by
        What the scores are of: ``"characteristic"``, ``"component"`` or ``"dimension"``.
    reference
        Cities to measure against: one row for each, a column for each indicator, by its key; at least three. None
        measures the compared cities against each other.
    show
        Which figure is compared; see :func:`compare_profiles`. A lower Gini index is better whatever the indicator.

    Returns
    -------
    DataFrame
        One row for each group and city: ``group`` (key), ``city``, ``score`` in standard deviations (missing where the
        cities share no indicator of the group), ``factors`` and ``indicators`` that it is made of; ``measured``: how
        many the city itself has; ``of``: how many the catalogue has.

    Raises
    ------
    InputError
        When fewer than three cities are there to measure against, a key is not known, or the cities share no indicator
        that differs.

    References
    ----------
    Giffinger, R., et al. (2007). Smart cities: ranking of European medium-sized cities. Vienna University of Technology
    (z-scores, factors, characteristics).

    Examples
    --------
    >>> from spatialjustice.digital import smart_city_profile
    >>> cities = {name: smart_city_profile({"library_access": share}) for name, share in zip("abc", (0.1, 0.4, 0.4))}
    >>> found = profile_scores(cities).dropna()
    >>> found[["group", "city", "score", "indicators", "of"]].round(2).values.tolist()
    [['people', 'a', -1.41, 1, 5], ['people', 'b', 0.71, 1, 5], ['people', 'c', 0.71, 1, 5]]
    """
    checked_choice(by, GROUPINGS, "by")
    checked_choice(show, SHOWN, "show")
    wide = _wide(profiles, show)
    against = _reference(reference, wide)
    shared = wide.index[wide.notna().all(axis=1) & (against.notna().sum(axis=1) >= FEWEST).reindex(wide.index)]
    lowest, highest = (getattr(against.loc[shared], end)(axis=1) for end in ("min", "max"))
    differ = (highest - lowest) > SAME * np.maximum(lowest.abs(), highest.abs())
    told = shared[differ.to_numpy()]
    if not len(told):
        raise InputError(
            "profiles",
            "the cities share no indicator that differs between them",
            "Add layers that all of them have, or look at them with compare_profiles.",
        )
    base = against.loc[told]
    z = wide.loc[told].sub(base.mean(axis=1), axis=0).div(base.std(axis=1, ddof=0), axis=0)
    better = [show != "gini" and catalogue()[key]["direction"] == "higher is better" for key in told]
    z = z.mul(np.where(better, 1.0, -1.0), axis=0)
    rows = [row for group in ORDER[by] for row in _scores(group, by, z, wide)]
    table = pd.DataFrame(rows)
    partly = int(wide.notna().any(axis=1).sum()) - len(told)
    finding = Finding(
        "indicators_not_shared",
        "warning",
        f"{partly:,} indicators that some city has take no part: not all compared cities have them, fewer than "
        f"{FEWEST} reference cities do, or they are the same everywhere.",
        count=partly,
        advice="Scores are of what all cities know; compare_profiles shows the rest.",
    )
    facts = {"measure": "profile_scores", "unit": "index", "direction": "higher is better", "by": by, "show": show}
    return with_attrs(table, profiles.values(), *([finding] if partly else []), indicators=list(told), **facts)


def _scores(group: str, by: str, z: pd.DataFrame, wide: pd.DataFrame) -> list[dict[str, Any]]:
    keys = [key for key, one in catalogue().items() if one[by] == group]
    there = z.loc[[key for key in keys if key in z.index]]
    factors = there.groupby([catalogue()[key]["factor"] for key in there.index]).mean()
    return [
        {
            "group": group,
            "city": city,
            "score": float(factors[city].mean()) if len(factors) else np.nan,
            "factors": len(factors),
            "indicators": len(there),
            "measured": int(wide[city].reindex(keys).notna().sum()),
            "of": len(keys),
        }
        for city in wide.columns
    ]


def _reference(reference: pd.DataFrame | None, wide: pd.DataFrame) -> pd.DataFrame:
    """Return indicator × city of those that the mean and the deviation are of."""
    if reference is None:
        against = wide
    elif isinstance(reference, pd.DataFrame):
        require_known(reference.columns, "reference")
        against = reference.astype(float).T.reindex(wide.index)
    else:
        raise InputError("reference", f"it is {a_kind(reference)}", "Give a frame: cities × indicators.")
    if against.shape[1] < FEWEST:
        raise InputError(
            "profiles" if reference is None else "reference",
            f"there are {against.shape[1]:,} cities",
            f"A distance from their mean needs at least {FEWEST}. Fewer can be looked at with compare_profiles.",
        )
    return against


def _wide(profiles: Mapping[str, pd.DataFrame], show: str) -> pd.DataFrame:
    if not isinstance(profiles, Mapping) or not profiles:
        raise InputError("profiles", "there is none", "Give a mapping: city → its profile.")
    for city, profile in profiles.items():
        require_profile(profile, f"profile of {city}")
    return pd.DataFrame({city: profile[show].reindex(list(catalogue())) for city, profile in profiles.items()})
