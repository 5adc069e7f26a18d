"""What a study file says of tables that are joined to its zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.zones.settings import ZonesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICES = {"us_census": "us", "eurostat": "eurostat"}
"""Statistical offices by the names of study files, and by those of ``spatialjustice.sources``."""


class CensusTable(Settings):
    """A table with a row for each zone: a file, or an answer of a statistical office."""

    file: str | None = Field(None, description="CSV, XLSX, Parquet, or a layer of a vector file.")
    key: str | None = Field(None, description="Column of the table with the ids of the zones.")
    zones_key: str | None = Field(None, description="Column of the zones that the key is of; their ids where missing.")
    columns: tuple[str, ...] | dict[str, str] | None = Field(
        None,
        description="Columns to take, or name in this study → column of the table; all where missing.",
    )
    people: str | None = Field(
        None, description="Column of the table that counts people, to say how many have no zone; by its new name."
    )
    layer: str | None = Field(None, description="Sheet of a workbook or layer of a vector file.")
    text: tuple[str, ...] = Field((), description="Columns to keep as text, such as codes.")
    missing: tuple[str | float, ...] = Field((), description="What stands for a missing value besides empty cells.")
    zero: tuple[str, ...] = Field((), description="What stands for an exact zero, as the table's legend says: [-].")
    decimal: Literal[".", ","] | None = Field(None, description="The sign before decimals; told from the file.")
    separator: str | None = Field(None, description="The sign between cells; told from the file where missing.")
    encoding: str | None = Field(None, description="What the bytes stand for; UTF-8 where missing.")
    provider: Literal["us_census", "eurostat"] | None = Field(None, description="Office to ask instead of a file.")
    themes: tuple[str, ...] = Field((), description="What the office is asked for, for example [internet, income].")
    places: tuple[str, ...] = Field((), description="The office's codes of places, in quotation marks.")
    level: str | None = Field(None, description="tract, block group or county; nuts0 to nuts3.")
    year: int | None = Field(None, description="Year of the office's release.", ge=1900, le=2100)

    @model_validator(mode="after")
    def _one_kind(self) -> CensusTable:
        if (self.file is None) == (self.provider is None):
            message = "give either file (a table) or provider (an office to ask), not both and not neither"
            raise ValueError(message)
        asked = {"themes": self.themes, "places": self.places, "level": self.level, "year": self.year}
        if self.provider is not None:
            lacking = [name for name, value in asked.items() if not value]
            if lacking:
                message = f"{self.provider} must be told {', '.join(lacking)}"
                raise ValueError(message)
        elif any(asked.values()):
            message = f"{', '.join(name for name, value in asked.items() if value)}: only a provider is asked these"
            raise ValueError(message)
        elif self.key is None:
            message = "key: this setting is missing; it names the column of the table with the ids of the zones"
            raise ValueError(message)
        return self

    @property
    def called(self) -> str:
        """What the table is called in messages."""
        return self.file or f"{self.provider} ({', '.join(self.themes)})"


class CensusKeys(ZonesKeys):
    """Census tables."""

    census: Annotated[tuple[CensusTable, ...], KeyOrder(120)] = Field(
        (), description="Tables joined to the zones before everything else; their columns are then those of the zones."
    )


def faults(study: CensusKeys) -> Iterator[str]:
    """Say what does not go together."""
    if study.census and not study.zones_have_columns:
        yield "census: tables are joined to zones of kind polygons or table, which have ids of their own"


def files(study: CensusKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of the tables."""
    return (("census", item.file) for item in study.census)
