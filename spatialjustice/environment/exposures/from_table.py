"""Exposures from a table: joined to zones by their ids, with what each number holds said and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind, listed
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.environment._columns import BETTER
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.sources.tables.join import join_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

HOLDS = ("amount", "share", "percent")
FEW = 0.1
"""Share of zones up to which zeros are looked at: more of them are no slip."""


def exposure_from_table(  # noqa: PLR0913 (each parameter answers one question that a column leaves open)
    zones: gpd.GeoDataFrame,
    table: pd.DataFrame | None = None,
    *,
    column: str,
    key: str | None = None,
    holds: Literal["amount", "share", "percent"] = "amount",
    unit: str | None = None,
    direction: str = "lower is better",
    missing: Sequence[float] = (),
    complement: bool = False,
    averaging: str | None = None,
) -> pd.Series[Any]:
    """Take what zones are exposed to from a table, or from a column of theirs.

    Percentages become shares, so that 20 and 0.2 cannot be mixed up. A zero that stands far below all other numbers in
    a few zones looks like a value that is not known (nobody breathes air without any particles); it is kept, and the
    finding ``zeros_look_missing`` names the zones, until ``missing`` says what it is.

    In signs: :math:`x_i` as given; percentages as :math:`x_i / 100`.

    Parameters
    ----------
    zones
        The zones.
    table
        Table with at most one row for each zone; None takes a column of the zones.
    column
        Column with the exposure.
    key
        Column of the table with the ids of the zones; None takes its index.
    holds
        ``"amount"``: numbers in ``unit``; ``"share"``: from 0 to 1; ``"percent"``: from 0 to 100, made shares.
    unit
        Unit of amounts, for example ``"µg/m³"``.
    direction
        ``"lower is better"`` of a burden, ``"higher is better"`` of what is good, such as trees.
    missing
        Numbers that mean that it is not known, such as 0 or -999.
    complement
        Take what is left of the whole, 1 less the share: of tree canopy the land without it. The direction is that of
        the complement.
    averaging
        Period that the numbers are means of, as in :func:`guidelines`: ``"annual"``, ``"summer"`` …

    Returns
    -------
    Series
        On the zones' index and order; missing where the table has no row or no number. ``attrs`` tell ``unit``,
        ``direction``, ``averaging``, and ``left_out``, the zones whose exposure is not known.

    Raises
    ------
    InputError
        When there is no such column, it holds text, a share or percentage is out of range, ``complement`` is asked of
        an amount, or no key is on both sides.

    References
    ----------
    Own definition: the values as given, with no source in the literature.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> zones = gpd.GeoDataFrame(index=["a", "b"], geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=32616)
    >>> trees = pd.DataFrame({"tract": ["b", "a"], "canopy": [30.0, 10.0]})
    >>> exposure_from_table(zones, trees, column="canopy", key="tract", holds="percent", complement=True).tolist()
    [0.9, 0.7]
    """
    checked_choice(holds, HOLDS, "holds")
    checked_choice(direction, BETTER, "direction")
    if complement and holds == "amount":
        advice = "Say with holds that the column has shares or percentages, or leave it out."
        raise InputError("complement", "an amount has no whole that something is left of", advice)
    if not hasattr(zones, "geometry"):
        found = f"it is {a_kind(zones)} without shapes"
        raise InputError("zones", found, "Give the zones as a GeoDataFrame with an id for each.")
    require_ids(zones, "zones")
    frame = zones
    if table is not None:
        if column not in table.columns:
            there = ", ".join(map(str, table.columns))
            raise InputError("column", f"the table has no column {column}", f"It has: {there}.")
        bare = zones[[zones.geometry.name]]
        bare.attrs = dict(zones.attrs)
        frame = join_table(bare, table, key=key, columns=[column])
    elif column not in zones.columns:
        there = ", ".join(str(name) for name in zones.columns if name != zones.geometry.name)
        raise InputError("column", f"the zones have no column {column}", f"They have: {there}.")
    numbers = _numbers(frame[column], column)
    for code in missing:
        numbers = numbers.mask(numbers == code)
    if holds != "amount":
        most = {"share": 1.0, "percent": 100.0}[holds]
        wrong = (numbers < 0) | (numbers > most * (1 + 1e-9))
        if wrong.any():
            found = f"{int(wrong.sum()):,} values are no {holds}, the first is {numbers[wrong].iloc[0]:g}"
            advice = "Shares lie between 0 and 1, percentages between 0 and 100; of other numbers write holds='amount'."
            raise InputError(column, found, advice, rows=frame.index[wrong])
        numbers = (numbers / most).clip(0.0, 1.0)
        numbers = 1.0 - numbers if complement else numbers
    made: pd.Series[Any] = numbers.astype(float)
    made.name = column
    made.attrs = {
        "measure": "exposure",
        "unit": "share" if holds != "amount" else (unit or "amount"),
        "direction": direction,
        "averaging": averaging,
        "complement": complement,
        "left_out": int(made.isna().sum()),
        "sources": [record.as_dict() for record in sources_of(frame)],
        "findings": [item.as_dict() for item in findings_of(frame)],
    }
    return add_findings(made, *(() if holds != "amount" else _lone_zeros(made)))


def _numbers(given: pd.Series[Any], column: str) -> pd.Series[Any]:
    """Return a column as numbers; text is refused and not made missing.

    Raises
    ------
    InputError
        When a value is text or endless.
    """
    numbers = pd.to_numeric(given, errors="coerce")
    texts = numbers.isna() & given.notna()
    if texts.any():
        found = f"{int(texts.sum()):,} values are no numbers, the first is “{given[texts].iloc[0]}”"
        raise InputError(column, found, "An exposure is a number; make grades into groups.", rows=given.index[texts])
    endless = np.isinf(numbers.astype(float))
    if endless.any():
        raise InputError(column, f"{int(endless.sum()):,} values are endless", "Make them missing.",
                         rows=given.index[endless])  # fmt: skip
    return numbers.astype(float)


def _lone_zeros(values: pd.Series[Any]) -> list[Finding]:
    """Return the finding on zeros in few zones that stand far below all other values."""
    known = values.dropna()
    zeros, others = known.index[known == 0], known[known != 0]
    if not len(zeros) or not len(others) or len(zeros) > FEW * len(known) or not (others > 0).all():
        return []
    if others.min() < others.median() / 2:
        return []
    rows = listed([str(zone) for zone in zeros])
    message = (
        f"{values.name} is 0 in {len(zeros):,} zones ({rows}), and nowhere else below {others.min():g}: these zeros "
        "look like values that are not known."
    )
    advice = "Say so with missing=[0] (in a study: missing: [0]) where it is so; until then they count as 0."
    return [Finding("zeros_look_missing", "warning", message, len(zeros), advice=advice)]
