"""Everything a study finds out about what people have: one outcome for each service, limit, mode and catchment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from spatialjustice.study.catchments import PER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from spatialjustice.study.catchments import Caught
    from spatialjustice.study.moving import Reach
    from spatialjustice.study.parts import Cutoff, Travel
    from spatialjustice.study.settings import Study

Direction = Literal["lower is better", "higher is better"]


@dataclass(frozen=True)
class Outcome:
    """What the people of each zone have of one thing by one mode.

    ``what`` is ``way`` (to the nearest place, in minutes or metres; NaN where no way leads there), ``within`` (how much
    is within ``limit``), ``supply`` (what there is for each person where many share it, for 10,000 people) or
    ``connection`` (what is known of connections, for which nobody travels: ``said`` and ``better`` tell it).
    ``enough`` is the line between enough and too little, where there is one. ``counts`` is what is counted of zones.
    ``outside`` are zones that the data of the streets do not cover.
    """

    of: str
    mode: Travel | None
    what: Literal["way", "within", "supply", "connection"]
    unit: str
    amounts: pd.Series[Any]
    limit: Cutoff | None = None
    enough: float | None = None
    said: str = ""
    better: Direction | None = None
    counts: str = "people"
    outside: pd.Series[bool] | None = None

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        return self.better or ("lower is better" if self.what == "way" else "higher is better")

    @property
    def named(self) -> dict[str, Any]:
        """What tells the outcome from others, as the first columns of every table of outcomes."""
        said = {"way": "way to the nearest", "supply": f"for {PER:,} people", "connection": self.said}
        return {
            "service": self.of,
            "mode": self.mode.key if self.mode else "",
            "outcome": f"within {self.limit.label}" if self.limit else said[self.what],
            "unit": self.unit,
            "direction": self.direction,
        }

    def why_left_out(self, people: pd.Series[Any], ranked: pd.Series[Any] | None = None, by: str | None = None) -> str:
        """Say why people take no part: no way leads there, or they have no value, or no rank where one is needed."""
        unknown = self.amounts.isna()
        beyond = unknown & False if self.outside is None else unknown & self.outside
        why = {
            "no way leads there" if self.what == "way" else "no value": unknown & ~beyond,
            "outside the street data": beyond,
        }
        if ranked is not None:
            why[f"{by} is not known"] = ~unknown & ranked.isna()
        counts = {reason: float(people[rows].sum()) for reason, rows in why.items()}
        return "; ".join(f"{count:,.0f} {self.counts}: {reason}" for reason, count in counts.items() if count)


def all_of(study: Study, reached: Sequence[Reach], caught: Sequence[Caught]) -> list[Outcome]:
    """Return every outcome of a study, service by service as it was measured, then the catchments.

    A service that is mapped nowhere has none: what nobody has mapped is unknown, not zero.
    """
    found: list[Outcome] = []
    for item in reached:
        if not item.places:
            continue
        line = study.inequality.sufficiency.get(item.service) if study.inequality else None
        widest = study.widest(item.mode)
        asked: Cutoff = widest if line is None or isinstance(line, float) else line
        way = item.closest[asked.measure]
        beyond = item.status == "outside_data"
        found.append(Outcome(item.service, item.mode, "way", asked.measure, way, enough=asked.value, outside=beyond))
        for cutoff in study.cutoffs_of(item.mode):
            # Without a line of its own, one place within the largest limit is enough.
            least = line if isinstance(line, float) else 1.0 if line is None else None
            found.append(
                Outcome(
                    item.service,
                    item.mode,
                    "within",
                    "opportunities",
                    item.counts[cutoff.key],
                    limit=cutoff,
                    enough=least if cutoff.key == widest.key else None,
                    outside=beyond,
                )
            )
    found += [
        Outcome(
            one.settings.name,
            one.mode,
            "supply",
            f"supply for {PER:,} people",
            one.per_ten_thousand,
            outside=one.status == "outside_data",
        )
        for one in caught
        if one.places
    ]
    return found
