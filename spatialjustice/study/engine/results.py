"""What a study found: by section, with its findings, its sources, its ledger and its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic

from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice.catalogue import text_in
from spatialjustice.study.engine.section import S_co, Table

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord


@dataclass(frozen=True, eq=False, repr=False)
class Results(Shown, Mapping[str, Any], Generic[S_co]):
    """What a study found: ``results["reach"]`` is what the section ``reach`` made.

    Place, zones and their names, people and services, on which everything else stands, have attributes of their own.

    Parameters
    ----------
    study
        The settings.
    folder
        Where the files are.
    made
        What each section made, by its name; a section that the study does not ask for is not in it.
    tables
        Every table of the results but those of zones, findings and ledger, by its name.
    findings, sources, ledger, seed
        What a reader must know, what it was made of, what was counted before and after each step, and the seed of
        everything random.
    files
        Where the inputs were.
    skipped
        Steps that an unfinished run had done.
    notes
        What else is to be said of keeping steps and of tiles.
    in_tiles
        Who measured the ways of the zones, in which tiles, and the plan for memory; empty where it was done at once.
    """

    study: S_co
    folder: Path
    made: dict[str, Any] = field(repr=False)
    ledger: Ledger = field(repr=False)
    findings: list[Finding] = field(repr=False)
    sources: list[SourceRecord] = field(repr=False)
    seed: int
    files: Mapping[str, Path] = field(default_factory=dict, repr=False)
    tables: dict[str, Table] = field(default_factory=dict, repr=False)
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), repr=False)
    in_tiles: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __repr__(self) -> str:
        """Tell what there is; ``results.overview()`` tells what was found."""
        return f"<Results of {self.study.name}: {', '.join(self.made)}; seed {self.seed}; in {self.folder}>"

    def _card(self) -> Card:
        known = [("zones", f"{len(self.zones):,}")] if "zones" in self.made else []
        known += [("people", f"{self.people.sum():,.0f}")] if "people" in self.made else []
        rows = [
            *known,
            ("sections", ", ".join(self.made)),
            ("tables", ", ".join(self.tables)),
            ("seed", str(self.seed)),
            ("folder", str(self.folder)),
            ("made of", data_of(self.sources)),
        ]
        return Card(f"Results: {self.title}", rows)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name, for example ``shares``."""
        return self.tables[name].frame

    @property
    def title(self) -> str:
        """The study's title in its first language."""
        return text_in(self.study.title, self.study.languages[0])

    @property
    def place(self) -> gpd.GeoDataFrame:
        """The place, as one polygon or several."""
        return self.made["place"]

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """The zones of the place, with the columns that they came with."""
        return self.made["zones"]

    @cached_property
    def named_zones(self) -> gpd.GeoDataFrame:
        """The zones with the names that people know them by: ``name``, ``neighbourhood``, ``street``, ``district``."""
        if "names" not in self.made:
            return self.zones
        names = self.made["names"].zones
        zones = self.zones.drop(columns=[column for column in names if column in self.zones])
        return zones.assign(**{column: names[column] for column in names})

    def shapes(self, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return some of the zones with their shapes: they are read anew where only points of zones are held."""
        for section in self.study.sections:
            if section.shapes is not None and section.name in self.made:
                zones = section.shapes(self, zones)
        return zones

    @property
    def people(self) -> pd.Series[Any]:
        """The people of each zone."""
        people: pd.Series[Any] = self.made["people"]
        return people

    @property
    def services(self) -> gpd.GeoDataFrame:
        """Every place of a service that was used."""
        return self.made["services"].places

    @property
    def titles(self) -> dict[str, dict[str, str]]:
        """What each service is called, by language."""
        titles: dict[str, dict[str, str]] = self.made["services"].titles
        return titles

    @cached_property
    def unknown(self) -> pd.Series[bool]:
        """Which zones the population source says nothing about: nobody is counted there, but somebody may be there."""
        import pandas as pd

        ids = self.people.attrs.get("zones_without_data", [])
        index = self.zones.index
        return pd.Series(index.astype(str).isin(ids), index=index)

    @property
    def estimated(self) -> bool:
        """Whether the people are an estimate, which every output then says."""
        return bool(self.people.attrs.get("estimated", False))

    def overview(self) -> str:
        """Return what was found as a small text: tables of every section first, then sentences."""
        sections = [section for section in self.study.sections if section.name in self.made]
        return "\n".join(
            [
                *(line for section in sections for line in section.overview(self)),
                *(line for section in sections for line in section.paragraphs(self)),
            ]
        )
