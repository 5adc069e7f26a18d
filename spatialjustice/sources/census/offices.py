"""What statistical offices have in common: themes and their columns, and the shapes of zones in an answer."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.sources.web.web import Answer


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a theme.

    Parameters
    ----------
    name
        What it is called in a result.
    unit
        What it counts or measures.
    of
        The column that a share of it is taken of; empty where there is none.
    facts
        What its office is asked for: lines of a table, or a dataset with its filters.
    """

    name: str
    unit: str
    of: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Theme:
    """What is asked for together, such as the internet at home.

    Parameters
    ----------
    name
        Name by which it is asked for.
    title
        What a reader is shown, by language.
    columns
        What comes back.
    table
        Table it comes from; empty where each column has its own.
    first_year
        First year that has it; 0 where that is not known.
    """

    name: str
    title: Mapping[str, str]
    columns: tuple[Column, ...]
    table: str = ""
    first_year: int = 0


@runtime_checkable
class CensusProvider(Protocol):
    """A statistical office: it has themes, gives a table of them by zone, and the shapes of the zones.

    Any object with these four can be given as ``provider``.
    """

    @property
    def name(self) -> str:
        """What the office is called in errors and findings."""

    @property
    def themes(self) -> Mapping[str, Theme]:
        """What can be asked for."""

    def table(self, themes: Sequence[str], *, year: int, places: Sequence[str], level: str) -> pd.DataFrame:
        """Return the columns of the themes, one row for each zone of the level in the places, by its code as text."""

    def zones(self, *, year: int, places: Sequence[str], level: str) -> gpd.GeoDataFrame:
        """Return the shapes of these zones on the same codes."""


@cache
def declared_themes(office: str) -> Mapping[str, Theme]:
    """Return the themes that the package declares for an office, in ``census.yml``."""
    from spatialjustice._core.disk.plain_yaml import own_yaml

    text = (resources.files("spatialjustice.sources.census") / "census.yml").read_text(encoding="utf-8")
    themes = {}
    for name, entry in own_yaml(text)[office].items():
        columns = tuple(
            Column(column, facts["unit"], facts.get("of", ""), facts) for column, facts in entry["columns"].items()
        )
        themes[name] = Theme(name, entry["title"], columns, entry.get("table", ""), entry.get("first_year", 0))
    return themes


def server_at(given: str | None, variable: str, usual: str) -> str:
    """Return the address of a server: the one given, that of the environment, or the usual one."""
    return (given or os.environ.get(variable, "").strip() or usual).rstrip("/")


def shapes_from(answer: Answer, *, file: str, id: str, licence: str, attribution: str, date: str) -> gpd.GeoDataFrame:  # noqa: A002
    """Read the shapes in an answer, and record the server instead of the temporary file they were read from."""
    import tempfile
    from pathlib import Path

    from spatialjustice._core.disk import files
    from spatialjustice._core.provenance import sources_of
    from spatialjustice.sources.places.vector import POLYGONS, read_vector

    with tempfile.TemporaryDirectory(prefix="census-") as folder:
        path = Path(folder) / file
        files.write_bytes(path, answer.data)
        frame = read_vector(path, name="census zones", id=id, kinds=POLYGONS, repair=True)
    frame.attrs["sources"] = [
        replace(
            record,
            licence=licence,
            attribution=attribution,
            address=answer.address,
            data_date=date,
            data_date_from="census release",
        ).as_dict()
        for record in sources_of(frame)
    ]
    frame.index = frame.index.astype(str)
    return frame
