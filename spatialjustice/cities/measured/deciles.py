"""What the nearest tenth of a city's people have, what the next have, and so on to the farthest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.cities.labels import require_cities
from spatialjustice.cities.measured.draws import ordered, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

TENTHS = tuple(round(part / 10, 1) for part in range(1, 10))


def city_deciles(
    frame: pd.DataFrame, *, city: str, values: str, people: str | None = None, q: Sequence[float] = TENTHS
) -> pd.DataFrame:
    r"""Tell how a value is spread over the people of each city, or of each class of cities.

    In signs: :math:`Q_c(p) = \min \{x : \sum_{i \in c, x_i \le x} P_i \ge p \sum_{i \in c} P_i\}`.

    Parameters
    ----------
    frame
        A row for each cell, zone or city; rows without a value or people take no part.
    city
        The column that says which city (or class) a row is in.
    values
        The column that is measured.
    people
        The column with the people of each row; None counts every row once.
    q
        Shares of people, above 0 and below 1.

    Returns
    -------
    DataFrame
        A row for each city in which anybody has a value, a column for each share: the smallest value that this share
        of its people do not exceed, as :func:`spatialjustice.inequality.weighted_quantile`.

    Raises
    ------
    InputError
        When a column is not there, a row says no city, a share is not between 0 and 1, or nobody has a value.

    References
    ----------
    As of :func:`spatialjustice.inequality.weighted_quantile`.

    Examples
    --------
    >>> cells = pd.DataFrame({"city": ["a", "a", "b"], "metres": [100, 900, 400], "people": [3, 1, 5]})
    >>> city_deciles(cells, city="city", values="metres", people="people", q=[0.5, 0.9]).loc["a"].tolist()
    [100.0, 900.0]
    """
    missing = [name for name in (city, values, *([] if people is None else [people])) if name not in frame.columns]
    if missing:
        raise InputError("frame", f"there is no column {missing[0]!r}", "Check the names of the columns.")
    shares = as_floats(list(q), "q")
    if not len(shares) or not ((shares > 0) & (shares < 1)).all():
        raise InputError("q", f"it is {list(q)!r}", "Give shares above 0 and below 1.")
    amounts = as_floats(frame[values], values)
    counted = np.ones(len(frame)) if people is None else as_floats(frame[people], people)
    where = require_cities(frame[city], city)
    takes = np.isfinite(amounts) & (counted > 0)
    if not takes.any():
        raise InputError(values, "nobody has a value", "Check that the column is the right one.")
    rows: dict[Any, list[float]] = {}
    for one, place in pd.Series(np.flatnonzero(takes)).groupby(where[takes], sort=True):
        cells = ordered(amounts[place], counted[place], None)
        upto = np.cumsum(cells.people)
        rows[one] = [quantile(cells.amounts, upto, float(share)) for share in shares]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=pd.Index(shares))
    table.attrs.update({"measure": "city_deciles", "unit": "", "direction": "none"})
    table.attrs["sources"] = [record.as_dict() for record in sources_of(frame)]
    return table
