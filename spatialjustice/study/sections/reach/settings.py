"""What a study file says of limits of travel cost, and of what is mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from spatialjustice.study.engine.setting_types import Cutoff, KeyOrder, repeated_names, unknown_names
from spatialjustice.study.sections.inequality.settings import InequalityKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel

Limits = Annotated[tuple[Cutoff, ...], Field(min_length=1)]
Cutoffs = Annotated[
    Annotated[Limits, Tag("every mode")] | Annotated[dict[str, Limits], Tag("by mode")],
    Discriminator(lambda value: "by mode" if isinstance(value, dict) else "every mode"),
]


class ReachKeys(InequalityKeys):
    """What people reach: the limits, and what is mapped of it."""

    cutoffs: Annotated[Cutoffs, KeyOrder(70)] = Field(
        (Cutoff(value=500, unit="m"), Cutoff(value=1000, unit="m")),
        description="Limits of travel cost, such as 500 m or 15 min, closed at the limit: a list for every mode, or "
        "lists by mode. Minutes are those of the mode, metres those of its way along the streets.",
    )
    measures: Annotated[tuple[Literal["cost_to_closest", "cumulative_cutoff", "local_moran"], ...], KeyOrder(71)] = (
        Field(("cost_to_closest", "cumulative_cutoff", "local_moran"), description="What is mapped.", min_length=1)
    )

    def cutoffs_of(self, mode: Travel) -> tuple[Cutoff, ...]:
        """Return the limits of a mode."""
        return self.cutoffs if isinstance(self.cutoffs, tuple) else self.cutoffs[mode.key]

    def widest(self, mode: Travel) -> Cutoff:
        """Return the largest limit of a mode; minutes count at the mode's speed."""
        return max(self.cutoffs_of(mode), key=lambda cutoff: cutoff.metres(mode.kilometres_an_hour))


def faults(study: ReachKeys) -> Iterator[str]:
    """Say what does not go together."""
    keys = [mode.key for mode in study.modes]
    if isinstance(study.cutoffs, tuple):
        yield from repeated_names("cutoffs", [cutoff.key for cutoff in study.cutoffs])
        return
    unknown = unknown_names(study.cutoffs, keys)
    if unknown:
        yield f"cutoffs: {', '.join(unknown)} is no mode of this study, which has {', '.join(keys)}"
    without = [name for name in keys if name not in study.cutoffs]
    if without:
        yield f"cutoffs: {', '.join(without)} has none; give every mode a list, or one list for all"
    for name, cutoffs in study.cutoffs.items():
        yield from repeated_names(f"cutoffs of {name}", [cutoff.key for cutoff in cutoffs])


def limits(study: ReachKeys, mode: str) -> tuple[Cutoff, ...]:
    """Return the limits by a mode."""
    return study.cutoffs if isinstance(study.cutoffs, tuple) else study.cutoffs[mode]


def mend_schema(schema: dict[str, Any]) -> None:
    """Write the limits that a study has by default as somebody would write them."""
    schema["properties"]["cutoffs"]["default"] = ["500 m", "1000 m"]
