"""The ledger: people, services and area are counted before and after every step, and the difference has a name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import ConservationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: a quantity before and after a step, and where the rest went."""

    step: str
    quantity: str
    unit: str
    before: float
    after: float
    elsewhere: tuple[tuple[str, float], ...]

    @property
    def unexplained(self) -> float:
        """What is neither in ``after`` nor in a named place elsewhere."""
        return self.before - self.after - math.fsum(value for _, value in self.elsewhere)


class Ledger:
    """Counts what goes into and comes out of every step; refuses a difference nobody named.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.record("zones", "people", before=100.0, after=92.0, elsewhere={"outside the zones": 8.0})
    >>> ledger.record("snap", "people", before=92.0, after=90.0)
    Traceback (most recent call last):
        ...
    spatialjustice._core.errors.ConservationError: snap: 92 people went in, 90 came out and 2 are unaccounted for...
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def record(
        self,
        step: str,
        quantity: str,
        *,
        before: float,
        after: float,
        elsewhere: Mapping[str, float] | None = None,
        unit: str = "",
        tolerance: float = 1e-6,
    ) -> None:
        """Write one line; raise where more than ``tolerance`` (a share of ``before``) is unaccounted for.

        Raises
        ------
        ConservationError
            When ``before`` differs from ``after`` plus everything named in ``elsewhere``.
        """
        entry = Entry(step, quantity, unit, float(before), float(after), tuple((elsewhere or {}).items()))
        if not abs(entry.unexplained) <= tolerance * max(1.0, abs(entry.before)):
            raise ConservationError(
                step,
                f"{entry.before:,.6g} {quantity} went in, {entry.after:,.6g} came out and "
                f"{entry.unexplained:,.6g} are unaccounted for",
                "Look for overlapping or duplicated zones, missing values, or a raster read twice.",
            )
        self._entries.append(entry)

    def add(self, entry: Entry) -> None:
        """Write a line down again that another ledger has accepted, such as that of a run that was stopped."""
        self._entries.append(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines, in the order in which they were written."""
        return tuple(self._entries)

    def to_frame(self) -> pd.DataFrame:
        """Return the ledger as a table: one row per line and per place where something went."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for entry in self._entries:
            named = "; ".join(f"{value:,.6g} {place}" for place, value in entry.elsewhere if value)
            rows.append(
                {
                    "step": entry.step,
                    "quantity": entry.quantity,
                    "unit": entry.unit,
                    "before": entry.before,
                    "after": entry.after,
                    "elsewhere": math.fsum(value for _, value in entry.elsewhere),
                    "where": named,
                }
            )
        return pd.DataFrame(rows, columns=["step", "quantity", "unit", "before", "after", "elsewhere", "where"])
