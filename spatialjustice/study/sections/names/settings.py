"""What a study file says of the districts of a city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.services.settings import ServicesKeys
from spatialjustice.study.sections.zones.settings import ZonesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


class Districts(Settings):
    """The districts of a city, from a file of their boundaries or from a column of the zones."""

    file: str | None = Field(
        None, description="Vector file of the districts' boundaries; without it, the zones' own column says the names."
    )
    name: str = Field(description="Column with the name of each district.")
    name_fa: str | None = Field(None, description="Column with its name in Persian.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    repair: bool = Field(
        default=False, description="Mend districts whose edges cross themselves instead of refusing them."
    )
    pages: bool = Field(
        default=False,
        description="Make a page for each district, and a map of all districts instead of one of all zones: for places "
        "of so many zones that no page holds them.",
    )


class NamesKeys(ZonesKeys, ServicesKeys):
    """The districts that zones are named after."""

    districts: Annotated[Districts | None, KeyOrder(35)] = Field(
        None,
        description="Districts of the city: zones are called by them, and they are ranked. Zones are called by the "
        "neighbourhoods and streets of OpenStreetMap where missing.",
    )

    @property
    def pages_in_parts(self) -> bool:
        """Whether there is a page for each district."""
        return self.districts is not None and self.districts.pages


def faults(study: NamesKeys) -> Iterator[str]:
    """Say what does not go together."""
    chosen = study.districts
    if chosen is None or chosen.file is not None:
        return
    if not study.zones_have_columns:
        yield "districts: only zones from a file have columns; name the file of the districts"
    elif chosen.layer is not None:
        yield "districts: layer is that of a file; name the file, or leave it out"


def files(study: NamesKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the file of the districts."""
    if study.districts is not None:
        yield "districts", study.districts.file


def columns(study: NamesKeys) -> Iterator[str | None]:
    """Yield the columns of the zones that hold the districts."""
    if study.districts is not None and study.districts.file is None:
        yield study.districts.name
        yield study.districts.name_fa
