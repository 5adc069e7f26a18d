"""An indicator: the values of one map, with all that its legend must say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours import palette
from spatialjustice.maps.placed import STATUSES, different, once, placed_on, remembering

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatialjustice.maps.colours.classify import Scheme

Kind = Literal["cost", "count", "share", "people", "lisa", "change", "pairs"]
UNITS = (
    "minutes", "metres", "kilometres", "opportunities", "services", "lacks", "share", "people", "amount", "index",
    "ratio", "label", "days", "reports per 1,000 people", "ballots per 1,000 people", "money per person",
    "kilometres per hour", "calls",
)  # fmt: skip
KINDS: tuple[Kind, ...] = ("cost", "count", "share", "people", "lisa", "change", "pairs")
BESIDE = ("island", "no data")
"""Labels that go with every set of them."""


@dataclass(frozen=True)
class Indicator:
    """Values of one measure on the zones of a map.

    Parameters
    ----------
    key
        Short unique name, for example ``school_minutes``.
    title
        Title in the legend and the chooser: one text, or one per language.
    values
        Numbers on zone ids; NaN where there is none. Shares lie between 0 and 1. For ``lisa`` the statistic, or None.
    unit
        What a value counts: ``minutes``, ``metres``, ``kilometres``, ``opportunities``, ``services``, ``lacks``,
        ``share``, ``people``, ``amount`` (of anything), ``index``, ``ratio``, ``label``, ``days``,
        ``reports per 1,000 people``, ``ballots per 1,000 people``, ``money per person``, ``kilometres per hour`` or
        ``calls`` (of vehicles at a stop).
    kind
        ``cost``, ``count``, ``share``, ``people``, ``lisa``, ``change`` (blue gain, red loss) or ``pairs`` (classes of
        two variables, see :func:`bivariate`): chooses the colours.
    group
        Heading in the chooser, for example the service's title: one text, or one per language.
    status
        Why a value is as it is, on zone ids: ``ok``, ``beyond_cutoff``, ``unreachable``, ``off_network``,
        ``outside_data``, ``no_population``, ``no_supply``, ``not_significant``, ``suppressed`` or
        ``unknown_service`` (a stop is near, of whose service nothing is known).
    labels
        For ``lisa``, on zone ids, of one of these sets: high-high, low-low, low-high, high-low, not significant; hot
        spot, cold spot, not significant; worse served than need predicts, as need predicts, better served than need
        predicts; silent, not silent, need not known; always, sometimes, never; neither, only physical, only digital,
        both. Island and no data go with each.
    breaks
        Upper limits of the classes. None: around the cutoffs, or quantiles.
    cutoffs
        The limits that the study set, in the unit of the values, rising; beyond the last one the status is
        ``beyond_cutoff``. Classes go on beyond it to the worst, and legend, histogram and map mark it.
    none
        What the legend calls a value of 0, for example ``none within 1,000 m``: one text, or one per language.
    note
        A sentence under the legend, for example how significance was tested: one text, or one per language.
    direction
        ``lower is better``, ``higher is better`` or ``none``; None takes what the kind implies.
    service
        Key of the services layer to show together with this indicator.
    mode
        How people travel there, for the verb of its sentence: ``walk``, ``bicycle``, … or ``straight lines``;
        None where it is no way.
    classification
        How values are divided where there are no breaks: ``quantiles``, ``equal_intervals``, ``natural_breaks``,
        ``head_tail`` or ``standard_deviations``. The legend says which.
    centre
        For ``change``, the value that means no change.
    interval
        Lower and upper end of each value's confidence interval, on zone ids. Zones whose interval includes
        ``reference`` are hatched as not significant.
    reference
        What values are held against; ``centre`` where None.
    pairs
        For ``pairs``, title and swatch of each label, in the order of the legend.
    line
        What is enough: the worst value that still is; neighbourhoods beyond it are listed as badly served. None takes
        the status that says so, else the worst-served tenth of people.
    served
        Whether values say how well people are served; where not, as of the air that they breathe, nobody is called
        worst served: the list is of those who live with the highest values, or with the lowest of what is good.
    sides
        For ``pairs``, the title of each variable and the upper limits of its lower classes.

    Examples
    --------
    >>> import pandas as pd
    >>> Indicator("school", "Walk to school", pd.Series([4.0, 9.5]), unit="minutes", kind="cost").better
    'lower is better'
    """

    key: str
    title: str | Mapping[str, str]
    values: pd.Series[Any] | None
    unit: str = ""
    kind: Kind = "cost"
    group: str | Mapping[str, str] = ""
    status: pd.Series[Any] | None = None
    labels: pd.Series[Any] | None = None
    breaks: Sequence[float] | None = None
    cutoffs: Sequence[float] = ()
    none: str | Mapping[str, str] = ""
    note: str | Mapping[str, str] = ""
    direction: str | None = None
    service: str | None = None
    mode: str | None = None
    classification: Scheme = "quantiles"
    centre: float = 0.0
    interval: tuple[pd.Series[Any], pd.Series[Any]] | None = None
    reference: float | None = None
    pairs: Mapping[str, tuple[str | Mapping[str, str], palette.Swatch]] | None = None
    line: float | None = None
    served: bool = True
    sides: Sequence[tuple[str | Mapping[str, str], Sequence[float]]] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"indicator {self.key}", f"kind “{self.kind}” is not known", "See Indicator's docstring.")
        if self.kind == "pairs" and not self.pairs:
            raise InputError(f"indicator {self.key}", "pairs= is missing", "Make it with maps.bivariate.")
        if self.labelled:
            if self.labels is None:
                raise InputError(f"indicator {self.key}", "labels are missing", "Give labels= with a label per zone.")
            return
        if self.values is None:
            raise InputError(f"indicator {self.key}", "values are missing", "Give values= with a number per zone.")
        if self.unit not in UNITS:
            raise InputError(
                f"indicator {self.key}",
                f"unit “{self.unit}” is not known" if self.unit else "the unit is not known",
                f"Give unit=, one of {', '.join(UNITS)}.",
            )

    @property
    def labelled(self) -> bool:
        """Whether zones are classed by label and not by value."""
        return self.kind in {"lisa", "pairs"}

    @property
    def scheme(self) -> str:
        """The set of labels that the labels are from."""
        labels = self.labels
        return "clusters" if labels is None else once(self, "scheme", None, lambda: self._scheme(labels))

    @staticmethod
    def _scheme(labels: pd.Series[Any]) -> str:
        """Return the first set that holds all labels, or the one that holds most of them."""
        there = different(labels).difference(BESIDE)
        return max(palette.LABELS, key=lambda name: len(there & set(palette.LABELS[name])))

    @property
    def better(self) -> str:
        """Which way is better."""
        implied = {"cost": "lower is better", "count": "higher is better", "share": "higher is better"}
        implied["change"] = "higher is better"
        return self.direction or implied.get(self.kind, "none")

    @property
    def palette(self) -> str:
        """Name of the ramp: from light to dark the worse it is, slate where it is neither good nor bad."""
        return "people" if self.better == "none" else "cost"

    @property
    def decimals(self) -> int:
        """Decimals to write in legends and tooltips."""
        return once(self, "decimals", None, self._decimals)

    def _decimals(self) -> int:
        if self.values is None:
            return 3
        if self.unit in {"metres", "people"}:
            return 0
        if self.unit == "share":
            return 1
        known = self.values.to_numpy(dtype=float)
        known = known[np.isfinite(known)]
        if len(known) == 0 or bool((known == np.round(known)).all()):
            return 0
        highest = float(np.abs(known).max())
        if self.far_from_nothing:  # what tells zones apart: temperatures from 82 to 92 degrees
            highest = float(known.max() - known.min()) / 5
        if self.unit == "amount":  # two digits that say something: 0.0016 doctors for each person
            return min(6, max(0, 1 - int(np.floor(np.log10(highest))))) if highest > 0 else 0
        return 3 if self.unit in {"index", "ratio"} else 1 if highest >= 1 else 2

    @property
    def far_from_nothing(self) -> bool:
        """Whether amounts all lie so far from 0, as temperatures do, that it says nothing of them."""
        known = np.empty(0) if self.values is None else self.values.to_numpy(dtype=float)
        known = known[np.isfinite(known)]
        return (
            self.unit == "amount"
            and len(known) > 0
            and bool(known.min() > known.max() / 2 > 0)
            and bool(np.ptp(known) > 0)
        )

    def on(self, index: pd.Index[Any]) -> Indicator:
        """Return the indicator on the zones' own index and order: itself where it is placed there already.

        Raises
        ------
        InputError
            When it has values for ids that are no zones, ids twice, or a status or label that is not known.
        """
        if placed_on(self, index):
            return self
        placed = {}
        for name in ("values", "status", "labels"):
            series = getattr(self, name)
            if series is None:
                continue
            where = f"indicator {self.key}, {name}"
            if not series.index.is_unique:
                raise InputError(where, "some zone ids occur more than once", "Keep one row for each zone.")
            strange = series.index.difference(index)
            if len(strange):
                raise InputError(
                    where, f"{len(strange):,} ids are not in the zones", "Use the ids of the zones.", rows=strange
                )
            placed[name] = series.reindex(index)
        self._require(placed.get("status"), STATUSES, "status")
        if "labels" in placed:
            known = self.pairs or palette.LABELS[self._scheme(placed["labels"])]
            self._require(placed["labels"], (*known, *BESIDE), "labels")
            placed["labels"] = placed["labels"].astype(pd.CategoricalDtype([*known, *BESIDE]))
        if "values" in placed:
            placed["values"] = self._numbers(placed["values"])
            placed["status"] = self._uncertain(placed, index)
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return remembering(Indicator(**{**fields, **placed}), index)

    def _uncertain(self, placed: Mapping[str, pd.Series[Any]], index: pd.Index[Any]) -> pd.Series[Any] | None:
        """Return the status with zones whose interval includes the reference marked as not significant."""
        status = placed.get("status")
        if self.interval is None:
            return status
        low, high = (end.reindex(index).to_numpy(dtype=float) for end in self.interval)
        reference = self.centre if self.reference is None else self.reference
        if (low > high).any():
            where = index[low > high]
            raise InputError(
                f"indicator {self.key}", "some intervals end before they begin", "Give low, high.", rows=where
            )
        found = pd.Series("ok", index=index) if status is None else status.fillna("ok")
        inside = (low <= reference) & (reference <= high) & (found == "ok").to_numpy()
        return found.where(~inside, "not_significant")

    def _numbers(self, values: pd.Series[Any]) -> pd.Series[Any]:
        try:
            numbers = values.astype(float)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"indicator {self.key}", "some values are not numbers", "Give a number per zone."
            ) from error
        infinite = np.isinf(numbers.to_numpy())
        if infinite.any():
            raise InputError(
                f"indicator {self.key}",
                f"{int(infinite.sum()):,} values are infinite",
                "Use NaN where a place cannot be reached, and say why in status=.",
                rows=numbers.index[infinite],
            )
        if self.unit == "share" and self.kind != "change" and bool(((numbers < 0) | (numbers > 1)).any()):
            raise InputError(
                f"indicator {self.key}",
                "some shares are below 0 or above 1",
                "Shares lie between 0 and 1, not 0 and 100.",
            )
        return numbers

    def _require(self, series: pd.Series[Any] | None, allowed: Sequence[str], name: str) -> None:
        if series is None:
            return
        if not different(series).difference(allowed):
            return
        strange = series.dropna()[~series.dropna().isin(list(allowed))]
        if len(strange):
            raise InputError(
                f"indicator {self.key}",
                f"{name} “{strange.iloc[0]}” is not known",
                f"Use {', '.join(allowed)}.",
                rows=strange.index,
            )
