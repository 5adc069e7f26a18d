"""Which part of inequality lies between classes of cities, between the cities of a class, and within cities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.cities.labels import require_cities
from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.distribution.decomposition import decompose
from spatialjustice.inequality.distribution.intervals import confidence, percentiles

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

LEVELS = ("between classes", "between cities of a class", "within cities", "total")


def within_and_between(
    frame: pd.DataFrame,
    *,
    city: str,
    values: str,
    labels: pd.Series[Any],
    people: str | None = None,
    replications: int = 999,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Take the inequality of all people apart: between classes of cities, between cities of a class, within cities.

    Theil's T, exactly and with nothing left over (:func:`spatialjustice.inequality.decompose`, applied twice): with s
    the share of people, :math:`T = \sum_k s_k \frac{\mu_k}{\mu} \ln \frac{\mu_k}{\mu} + \sum_c s_c \frac{\mu_c}{\mu}
    \ln \frac{\mu_c}{\mu_k} + \sum_c s_c \frac{\mu_c}{\mu} T_c` over classes k and their cities c. A small part between
    classes says that the size of a city tells little of what a person in it has, whatever the means of classes.

    Ranges draw the cities of each class anew, whole, with all their cells.

    Parameters
    ----------
    frame
        A row for each cell, zone or block of any of the cities; rows without a value or people take no part and are
        counted in ``attrs``.
    city
        The column that says which city a row is in.
    values
        The column that is measured, 0 or more.
    labels
        The class of each city, on its id.
    people
        The column with the people of each row; None counts every row once.
    replications
        Draws of cities behind each range, at least 99.
    level
        Confidence of the ranges.
    rng
        Seed, or a generator to draw one from; None draws one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        Rows ``between classes``, ``between cities of a class``, ``within cities`` and ``total``: ``value`` with ``low``
        and ``high``, and ``share`` of the total with ``share_low`` and ``share_high``.

    Raises
    ------
    InputError
        When a column or the class of a city is missing, values are negative, or nobody has anything.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica, 48(3), 613-625.
    Akita, T. (2003). Decomposing regional income inequality in China and Indonesia using two-stage nested Theil
    decomposition method. The Annals of Regional Science, 37(1), 55-77.

    Examples
    --------
    In both cities of a class everybody has the same, so all inequality is between classes:

    >>> cells = pd.DataFrame({"city": ["a", "b", "c", "d"], "metres": [100, 100, 300, 300]})
    >>> size = pd.Series({"a": "small", "b": "small", "c": "large", "d": "large"})
    >>> within_and_between(cells, city="city", values="metres", labels=size, rng=1)["share"].round(3).tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    asked, seed = confidence(level), seed_of(rng)
    draws = checked_whole_number(replications, "replications", least=99)
    missing = [name for name in (city, values, *([] if people is None else [people])) if name not in frame.columns]
    if missing:
        raise InputError("frame", f"there is no column {missing[0]!r}", "Check the names of the columns.")
    cities = pd.Series(require_cities(frame[city], city), index=frame.index)
    counted = pd.Series(1.0, index=frame.index) if people is None else frame[people].astype(float)
    takes = frame[values].notna() & (counted > 0)
    amounts, counted, cities = frame.loc[takes, values].astype(float), counted[takes], cities[takes]
    strangers = pd.Index(cities.unique()).difference(labels.index[labels.notna()])
    if len(strangers):
        advice = "Give the class of every city; size_classes makes one for those whose people nobody knows."
        raise InputError("labels", f"{len(strangers):,} cities have no class", advice, rows=strangers)
    inside = decompose(amounts, cities, people=counted)
    means = inside["mean"]
    across = decompose(means, labels.astype(object).reindex(inside.index), people=inside["people"])
    parts = np.array(
        [across.attrs["parts"]["between"], across.attrs["parts"]["within"], inside.attrs["parts"]["within"]]
    )
    found = np.append(parts, parts.sum())
    order = np.argsort(inside.index.astype(str), kind="stable")
    place = pd.factorize(labels.astype(object).reindex(inside.index).iloc[order], sort=False)[0]
    told = inside.iloc[order]
    drawn = _drawn(
        told["people"].to_numpy(), told["mean"].to_numpy(), told["inequality"].to_numpy(), place, draws, seed
    )
    low, high = percentiles(drawn, asked)
    with np.errstate(invalid="ignore"):
        share_low, share_high = percentiles(drawn / drawn[:, [-1]], asked)
        shares = found / found[-1]
    columns = {
        "value": found, "low": low, "high": high, "share": shares, "share_low": share_low, "share_high": share_high
    }  # fmt: skip
    table = pd.DataFrame(columns, index=pd.Index(LEVELS, dtype=object))
    alone = [str(name) for name, count in pd.Series(place).value_counts().items() if count == 1]
    table.attrs.update(
        {
            "measure": "within_and_between: theil_t",
            "unit": "index",
            "direction": "lower is better",
            "cities": len(inside),
            "classes": len(across),
            "n": int(takes.sum()),
            "people": float(counted.sum()),
            "left_out": int((~takes).sum()),
            "level": asked,
            "replications": draws,
            "seed": seed,
            "sources": [record.as_dict() for record in sources_of(frame)],
            "findings": [item.as_dict() for item in findings_of(frame)],
        }
    )
    return add_findings(table, *_findings(len(alone)))


def _findings(alone: int) -> list[Finding]:
    if not alone:
        return []
    message = f"{alone:,} classes have one city, which every draw takes again: ranges are too narrow."
    return [Finding("classes_of_one_city", "warning", message, alone)]


def _drawn(people: Floats, means: Floats, inside: Floats, place: Any, draws: int, seed: int) -> Floats:
    """Return the parts and the total for cities drawn anew within their classes, from what is known of each city."""
    generator = np.random.default_rng(seed)
    classes = int(place.max()) + 1
    made = np.empty((draws, 4))
    members = [np.flatnonzero(place == one) for one in range(classes)]
    for step in range(draws):
        times = np.zeros(len(people))
        for mine in members:
            times[mine] = np.bincount(generator.integers(len(mine), size=len(mine)), minlength=len(mine))
        counted = people * times
        total = counted.sum()
        had = counted * means
        mean = had.sum() / total
        share = had / had.sum()
        of_class = np.bincount(place, weights=had, minlength=classes)
        mean_of_class = of_class / np.bincount(place, weights=counted, minlength=classes)
        between = float(of_class / of_class.sum() @ _log(mean_of_class / mean))
        cities = float(share @ _log(means / mean_of_class[place]))
        made[step, :3] = between, cities, float(share @ inside)
        made[step, 3] = made[step, :3].sum()
    return made


def _log(ratio: Floats) -> Floats:
    """Return the logarithm, 0 where there is nothing: nobody weighs anything there."""
    return np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
