"""Folders of finished runs: their zones as rows, and which of their measures were made by the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import cities, sources
from spatialjustice._core.disk.files import MANIFEST
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import file_record
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.comparing import rules
from spatialjustice.study.comparing.compared import BLOCK, CITY, ZONE, Compared, Material
from spatialjustice.study.comparing.paired import shared_zones
from spatialjustice.study.comparing.whole_city import numbers_of
from spatialjustice.study.outputs.record.verify import read_record, verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord

BAD, GOOD = "lower is better", "higher is better"
SMALL = 1e-6


@dataclass(frozen=True)
class Run:
    """A finished run: its record, its zones, and what it is called here.

    Attributes
    ----------
    key
        The name of its folder, which stands for the city.
    record
        What ``provenance.json`` holds.
    zones
        Zones with every measure as a column, and where they lie.
    source
        The record of its record.
    """

    key: str
    record: Mapping[str, Any]
    zones: pd.DataFrame
    source: SourceRecord


def material_of_runs(
    folders: Sequence[Path], *, cutoff: float | None, size: float, titles: Mapping[str, Any]
) -> Material:
    """Read finished runs, and keep of their measures those that were made by the same rules.

    Raises
    ------
    InputError
        When two folders have one name, or nothing was made by the same rules in all of them.
    """
    keys = [_key(folder) for folder in folders]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError("compared", f"several folders are called {listed(twice)}", "Give each a name of its own.")
    found: list[Finding] = []
    runs = [_read(folder, key, found) for folder, key in zip(folders, keys, strict=True)]
    numbers = [numbers_of(folder, run.record["settings"]) for folder, run in zip(folders, runs, strict=True)]
    labels = _labels(runs, titles)
    comparable = rules.comparable(
        [run.record for run in runs], [run.zones for run in runs], [labels[key] for key in keys], numbers
    )
    for key, of_run in zip(keys, numbers, strict=True):
        kept = comparable["comparable"] & comparable["column"].eq("")
        values = [of_run.get(name, {}).get("value") for name in comparable["measure"]]
        comparable[key] = pd.Series(values, index=comparable.index, dtype=float).where(kept)
    same = comparable[comparable["comparable"] & comparable["column"].ne("")]
    if same.empty:
        reasons = "; ".join(dict.fromkeys(comparable["reason"]))
        raise InputError(
            "compared", f"nothing was made by the same rules in all of {listed(keys)} ({reasons})",
            "Run the studies with the same services, modes, limits and version.",
        )  # fmt: skip
    left = comparable[~comparable["comparable"]]
    if len(left):
        message = f"{len(left):,} of {len(comparable):,} measures were made by other rules and are not compared."
        found.append(Finding("measures_not_comparable", "warning", message, len(left)))
    told = sorted({part for text in comparable["note"] if text for part in text.split("; ")})
    if told:
        message = f"The runs differ in what may move every number: {'; '.join(told)}."
        found.append(Finding("runs_differ", "warning", message, len(told)))
    frame, columns = _rows(runs, same, cutoff, size)
    shared = shared_zones(frame)
    people = frame.groupby(CITY)["people"].sum().reindex(keys)
    return Material(
        kind="runs",
        frame=frame,
        columns=columns,
        labels=labels,
        people=people,
        comparable=comparable,
        sources=[run.source for run in runs],
        findings=found,
        settings={"runs": {run.key: run.record["study"] for run in runs}, "blocks": size},
        shared=shared,
    )


def _key(folder: Path) -> str:
    return folder.resolve().name


def _read(folder: Path, key: str, found: list[Finding]) -> Run:
    path = folder / MANIFEST
    if not path.is_file():
        advice = "Name the folder of a finished run, or one table of cells or cities."
        raise MissingFileError(str(folder), f"there is no {MANIFEST}", advice)
    changed = [one for one in verify(folder) if one.severity == "warning"]
    if changed:
        message = f"{key}: {len(changed):,} files are not what the run made: {changed[0].message}"
        found.append(Finding("compared_run_changed", "warning", message, len(changed), advice="Run the study again."))
    record = read_record(folder)
    if "settings" not in record or "study" not in record:
        raise DamagedFileError(str(path), "it is not the record of a study", "Name the folder of a finished study.")
    zones = _zones_of(folder / "tables")
    return Run(key, record, zones, file_record(path, f"run {key}"))


def _zones_of(tables: Path) -> gpd.GeoDataFrame:
    """Read the zones of a run: from one file, or from one for each square, whose rows are put back into their order."""
    whole = tables / "zones.gpkg"
    if whole.is_file() or not (tables / "zones").is_dir():
        return sources.read_vector(whole, name="zones", layer="zones")
    read = sources.read_vector(tables / "zones", name="zones")
    return read.sort_values("row_number", ignore_index=True).drop(columns="row_number")


def _rows(
    runs: Sequence[Run], same: pd.DataFrame, cutoff: float | None, size: float
) -> tuple[pd.DataFrame, list[Compared]]:
    """Return the zones of all runs under one another, and what is compared of them."""
    names = list(same["column"])
    parts = []
    for run in runs:
        zones = run.zones
        part = pd.DataFrame({CITY: run.key, "people": rules.people_of(zones)})
        part["households"] = zones["households"].astype(float) if "households" in zones.columns else part["people"]
        for name in names:
            status = zones.get(f"{name.rsplit('_', 1)[0]}_status")
            values = zones[name].astype(float)
            # Where nobody knows the way (outside the data) there is none; beyond the widest limit there is one.
            part[name] = values if status is None else values.where(~status.isin(["outside_data", "unreachable"]))
        points = zones.geometry.to_crs(4326).representative_point()
        if "zone_id" in zones.columns:
            part[ZONE] = zones["zone_id"].astype(str)
        parts.append(part.assign(lng=points.x.to_numpy(), lat=points.y.to_numpy()))
    frame = pd.concat(parts, ignore_index=True)
    frame[BLOCK] = cities.square_blocks(frame, city=CITY, size=size)
    columns = [
        Compared(
            name=row["column"],
            title=row["title"],
            unit=row["unit"],
            direction=row["direction"],
            people=row["counts"],
            group=row["group"],
            cutoff=(cutoff if cutoff is not None else row["limit"]) if row["unit"] == "metres" else None,
        )
        for row in same.to_dict("records")
    ]
    return frame, columns


def _labels(runs: Sequence[Run], titles: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what each run is called: as the user says, else by its folder, of which there is one."""
    made = {}
    for run in runs:
        plain = run.key.replace("_", " ").strip()
        given = titles.get(run.key, plain.title() if plain.islower() else plain)
        made[run.key] = {lang: given if isinstance(given, str) else str(given.get(lang) or plain) for lang in LANGUAGES}
    return made
