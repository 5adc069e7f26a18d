"""What a study file says of asking the page what if."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from spatialjustice.network.transit.offer import TRANSIT
from spatialjustice.study.engine.setting_types import KeyOrder, Settings, unknown_names
from spatialjustice.study.sections.catchments.settings import CatchmentsKeys
from spatialjustice.study.sections.reach.settings import ReachKeys
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel


class WhatIf(Settings):
    """Of which modes the page has the streets, and which services can be changed in it."""

    modes: tuple[str, ...] = Field((), description="Keys of modes; all that go along streets where missing.")
    services: tuple[str, ...] = Field((), description="Services whose places can be changed; all where missing.")
    contact: str = Field(
        "",
        description="Address to which readers of the page send proposals, for example planning@city.example.",
        pattern=r"^$|^[^@\s<>\"']{1,64}@[^@\s<>\"']{1,190}$",
    )


class WhatIfKeys(ReachKeys, CatchmentsKeys):
    """Whether the page can be asked what if."""

    what_if: Annotated[bool | WhatIf, KeyOrder(960)] = Field(
        default=False,
        description="Put the streets into the pages, so that a reader can add, move and remove places and see at once "
        "what follows, computed as here. About 6 bytes for each piece of street, 8 where slopes count, and 1 more for "
        "each further mode: true, or only some modes and services: {modes: [walk], services: [clinic]}.",
    )

    def asked(self, mode: Travel) -> tuple[str, ...]:
        """Return the services that can be changed on the page of a mode; none where it has no streets."""
        given = self.what_if
        if not given or mode.name == TRANSIT or self.streets == STRAIGHT:
            return ()
        if not isinstance(given, WhatIf):
            return tuple(self.service_names)
        return (given.services or tuple(self.service_names)) if mode.key in (given.modes or (mode.key,)) else ()


def faults(study: WhatIfKeys) -> Iterator[str]:
    """Say what does not go together."""
    given = study.what_if
    if not given:
        return
    if study.pages_in_parts:
        yield "what_if: it asks one page with all zones; leave it out, or the pages of districts"
    if study.streets == STRAIGHT:
        yield "what_if: straight lines know no streets; give streets, or leave it out"
    if isinstance(given, WhatIf):
        keys = [mode.key for mode in study.modes if mode.name != TRANSIT]
        if unknown := unknown_names(given.modes, keys):
            yield f"what_if: {', '.join(unknown)} is no mode along streets of this study, which has {', '.join(keys)}"
        if unknown := unknown_names(given.services, study.service_names):
            yield f"what_if: {', '.join(unknown)} is no service of this study"


def mend_schema(schema: dict[str, Any]) -> None:
    """Say that one word is enough."""
    schema["properties"]["what_if"].pop("title", None)
