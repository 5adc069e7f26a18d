"""How an exposure changed between two years, worked out from the two and not taken from a column that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.environment._columns import said
from spatialjustice.inequality._inputs import aligned_by_id, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

MOST_DECIMALS = 10


def exposure_change(
    earlier: pd.Series[Any], later: pd.Series[Any], *, stated: pd.Series[Any] | None = None
) -> pd.DataFrame:
    r"""Tell how an exposure changed between two dates, and whether a ready-made column of changes agrees.

    The change is :math:`x_{i,2} - x_{i,1}`. A column that claims to hold it is compared and never used: where it
    differs from the difference of the two it is *no* difference of them, however small, and a finding names the zones.
    How much of it rounding explains is told, too: a number written with d decimals may be off by half a unit of the
    last one, and what is left of the three columns together is the most that rounding can do.

    Parameters
    ----------
    earlier, later
        The exposure of each zone at the two dates, in the same unit; missing where it is not known.
    stated
        Changes as somebody states them, matched by id; None where there are none.

    Returns
    -------
    DataFrame
        On the index of ``earlier``: ``earlier``, ``later``, ``change``, in the unit given, missing where one of the two
        is; with ``stated``, also that and ``stated_less_change``, how far off it is. ``attrs`` tell how many zones
        differ (``differing``), in how many it is more than rounding explains (``beyond_rounding``), and in how many the
        signs are opposite.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, or no zone has both.

    References
    ----------
    Own definition: a difference, with no source in the literature.

    Examples
    --------
    >>> earlier, later = pd.Series([10.0, 20.0], index=["a", "b"]), pd.Series([12.5, 19.0], index=["a", "b"])
    >>> found = exposure_change(earlier, later, stated=pd.Series([2.5, 1.0], index=["a", "b"]))
    >>> found["change"].tolist(), found["stated_less_change"].tolist(), found.attrs["opposite"]
    ([2.5, -1.0], [0.0, 2.0], 1)
    """
    given: dict[str, Any] = {"earlier": earlier, "later": later, "stated": stated}
    for name, values in given.items():
        if not isinstance(values, pd.Series) and not (name == "stated" and values is None):
            found = f"they are {a_kind(values)}"
            raise InputError(name, found, "Give a Series with an id for each zone.")
    require_ids(earlier, "earlier")
    before, after = flat_numbers(earlier, "earlier"), aligned_by_id(later, "later", earlier, "earlier")
    for name, numbers in (("earlier", before), ("later", after)):
        refuse_rows(np.isinf(numbers), earlier.index, name, "values are infinite", "Make them missing.")
    change = after - before
    if np.isnan(change).all():
        raise InputError("later", "no zone has a value of both dates", "Check that they are of the same zones.")
    frame = pd.DataFrame({"earlier": before, "later": after, "change": change}, index=earlier.index)
    findings: list[Finding] = []
    facts: dict[str, Any] = {}
    if stated is not None:
        told = aligned_by_id(stated, "stated", earlier, "earlier")
        refuse_rows(np.isinf(told), earlier.index, "stated", "values are infinite", "Make them missing.")
        frame["stated"], frame["stated_less_change"] = told, told - change
        facts, findings = _compared(frame, str(stated.name or "stated"))
    better = earlier.attrs.get("direction", "none")
    said(
        frame,
        "exposure_change",
        [earlier, later, stated],
        findings,
        unit=earlier.attrs.get("unit", "amount"),
        direction=better,
        n=int(np.isfinite(change).sum()),
        left_out=int(np.isnan(change).sum()),
        **facts,
    )
    return frame


def _compared(frame: pd.DataFrame, name: str) -> tuple[dict[str, Any], list[Finding]]:
    """Return how a stated change differs from the difference, and the finding that says so."""
    before, after, told = (frame[column].to_numpy() for column in ("earlier", "later", "stated"))
    apart = np.abs(frame["stated_less_change"].to_numpy())
    there = np.isfinite(apart)
    size = np.maximum.reduce([np.abs(np.nan_to_num(one)) for one in (before, after, told)])
    # What subtracting two floating-point numbers leaves is no difference of the columns.
    differs = there & (np.nan_to_num(apart) > 1e-9 * np.maximum(size, 1.0))
    rounding = sum(0.5 * 10.0 ** -_decimals(one) for one in (before, after, told))
    beyond = differs & (np.nan_to_num(apart) > rounding * (1 + 1e-9))
    opposite = there & (np.nan_to_num(told) * np.nan_to_num(after - before) < 0)
    facts = {
        "differing": int(differs.sum()),
        "beyond_rounding": int(beyond.sum()),
        "opposite": int(opposite.sum()),
        "farthest": float(apart[there].max()) if there.any() else 0.0,
        "rounding": float(rounding),
    }
    if not differs.any():
        return facts, []
    order = np.argsort(-np.nan_to_num(apart), kind="stable")
    rows = listed([str(frame.index[place]) for place in order[: int(differs.sum())]])
    signs = listed([str(zone) for zone in frame.index[opposite]]) if opposite.any() else "none"
    message = (
        f"{name} is no difference of the two columns: it is off in {facts['differing']:,} of {int(there.sum()):,} "
        f"zones, by {_plain(facts['farthest'])} at most; in {facts['beyond_rounding']:,} that is more than the "
        f"{_plain(rounding)} that rounding explains; its sign is the opposite in {facts['opposite']:,} ({signs}); the "
        f"farthest off are {rows}."
    )
    advice = "It is not used; the change is worked out from the two columns."
    count = int(differs.sum())
    return facts, [
        Finding(
            "change_column_is_no_difference",
            "warning" if beyond.any() or opposite.any() else "information",
            message,
            count,
            advice=advice,
        )
    ]


def _decimals(numbers: Floats) -> int:
    """Return with how many decimals all numbers of a column are written."""
    there = numbers[np.isfinite(numbers)]
    for decimals in range(MOST_DECIMALS):
        if np.allclose(np.round(there, decimals), there, rtol=1e-12, atol=1e-12):
            return decimals
    return MOST_DECIMALS


def _plain(number: float) -> str:
    """Write a small number without an exponent, which no page could write in its own digits."""
    return f"{number:.6f}".rstrip("0").rstrip(".")
