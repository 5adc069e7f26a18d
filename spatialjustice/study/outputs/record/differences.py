"""In what two runs of a study differ: every byte but times and versions; and in what their environments do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk.files import CRATE, MANIFEST
from spatialjustice.study.outputs.record.rerun_files import FOLDER
from spatialjustice.study.outputs.record.verify import read_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

MASK = b"?"
OF_A_RUN = {"made", "environment", "in_tiles"}
"""When, on what, and by how many processes a run was made: no result."""
TABLES = (".csv", ".gpkg")


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not the same in two runs.

    Parameters
    ----------
    name
        The file, relative to the folder of the run.
    what
        What differs, as a sentence.
    cells
        How many cells of a table have another value; None where they cannot be compared one by one.
    largest
        The largest relative difference of two numbers in the same cell; None where no numbers differ.
    """

    name: str
    what: str
    cells: int | None = None
    largest: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"name": self.name, "what": self.what, "cells": self.cells, "largest": self.largest}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file that a run made, without what differs from run to run."""
    manifest = read_record(folder)
    there = [name for name in [*manifest["outputs"], MANIFEST, CRATE] if (folder / name).is_file()]
    found = {name: (folder / name).read_bytes() for name in there}
    pages = {name for name in found if name.endswith(".html")}
    # What is there to do it again tells of versions, and of nothing else.
    own = {name for name in found if name.startswith(f"{FOLDER}/")}
    versions = {**manifest.pop("versions"), "software": manifest.pop("software")}
    for name in pages:
        for version in sorted(versions.values(), key=len, reverse=True):
            found[name] = found[name].replace(version.encode(), MASK)
    for key in OF_A_RUN:
        manifest.pop(key, None)
    # The checksum of a page is that of its versions, too; what it shows besides is compared above.
    manifest["outputs"] = {name: digest for name, digest in manifest["outputs"].items() if name not in pages | own}
    crate = json.loads(found[CRATE])
    crate["@graph"] = [entity for entity in crate["@graph"] if entity["@id"] not in own]
    for entity in crate["@graph"]:
        of_a_run = {"datePublished", "endTime", "version", "description" if entity["@id"] == "./" else ""}
        if entity["@id"] in {MANIFEST, *pages}:
            of_a_run |= {"sha256", "contentSize"}
        for key in of_a_run:
            entity.pop(key, None)
        for key in ("hasPart", "result"):
            if key in entity:
                entity[key] = [one for one in entity[key] if one["@id"] not in own]
    found[MANIFEST] = json.dumps(manifest, ensure_ascii=False).encode()
    found[CRATE] = json.dumps(crate, ensure_ascii=False).encode()
    return {name: data for name, data in found.items() if name not in own}


def differences(folder: Path, other: Path) -> list[Difference]:
    """Compare two runs of a study.

    Parameters
    ----------
    folder, other
        Folders of whole runs.

    Returns
    -------
    list of Difference
        Files that differ or that only one of them has, by name. Times of the runs, versions of software that pages and
        records show, and what the runs ran on are no difference; :func:`told_apart` tells those.
    """
    one, two = contents(folder), contents(other)
    found = []
    for name in sorted({*one, *two}):
        if name not in two:
            found.append(Difference(name, "is missing"))
        elif name not in one:
            found.append(Difference(name, "was not there before"))
        elif one[name] != two[name]:
            found.append(_told(name, folder, other, one[name], two[name]))
    return found


def _told(name: str, folder: Path, other: Path, before: bytes, after: bytes) -> Difference:
    if name.endswith(TABLES):
        tables, others = _tables(folder / name), _tables(other / name)
        if tables.keys() != others.keys():
            return Difference(name, f"has the layers {', '.join(others)} instead of {', '.join(tables)}")
        return _cells(name, [(tables[layer], others[layer]) for layer in tables])
    if name in {MANIFEST, CRATE}:
        return Difference(name, f"differs in {', '.join(_keys(json.loads(before), json.loads(after))[:8])}")
    if len(before) != len(after):
        return Difference(name, f"has {len(after):,} bytes instead of {len(before):,}")
    count = sum(left != right for left, right in zip(before, after, strict=True))
    return Difference(name, f"has as many bytes, of which {count:,} differ")


def _tables(path: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a file by their names, every value as it is written."""
    import geopandas as gpd
    import pandas as pd

    if path.suffix == ".csv":
        return {"": pd.read_csv(path, encoding="utf-8-sig", low_memory=False)}
    return {str(layer): pd.DataFrame(gpd.read_file(path, layer=layer)) for layer in gpd.list_layers(path)["name"]}


def _cells(name: str, pairs: list[tuple[pd.DataFrame, pd.DataFrame]]) -> Difference:
    """Say how many cells of tables differ, and by how much at most."""
    import numpy as np

    cells, largest, columns = 0, None, []
    for before, after in pairs:
        if list(before.columns) != list(after.columns) or len(before) != len(after):
            shape = f"{len(after):,} rows and {after.shape[1]:,} columns instead of {len(before):,} and"
            return Difference(name, f"has {shape} {before.shape[1]:,}, or other names of columns")
        for column in before.columns:
            left, right = before[column].reset_index(drop=True), after[column].reset_index(drop=True)
            differ = ~((left == right) | (left.isna() & right.isna()))
            if not differ.any():
                continue
            cells += int(differ.sum())
            columns.append(str(column))
            if left.dtype.kind in "fiu" and right.dtype.kind in "fiu":
                one, two = left[differ].to_numpy(dtype=float), right[differ].to_numpy(dtype=float)
                with np.errstate(invalid="ignore", divide="ignore"):
                    apart = np.abs(one - two) / np.maximum(np.abs(one), np.abs(two))
                if not np.isnan(apart).all():
                    largest = max(largest or 0.0, float(np.nanmax(apart)))
    if not cells:
        return Difference(name, "has the same values in every cell, written otherwise", 0)
    said = f"differs in {cells:,} cells, in {', '.join(columns[:5])}{' …' if len(columns) > 5 else ''}"
    by = "" if largest is None else f"; numbers differ by {largest:.2g} of their size at most"
    return Difference(name, said + by, cells, largest)


def _keys(before: Any, after: Any, path: str = "") -> list[str]:
    """Return the places at which two records differ, three steps deep at most."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict) and path.count(".") < 2:
        names = dict.fromkeys([*before, *after])
        return [one for name in names for one in _keys(before.get(name), after.get(name), f"{path}.{name}".lstrip("."))]
    return [path or "everything"]


def told_apart(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say in what two environments differ, as the records of their runs tell: a sentence each.

    Parameters
    ----------
    before, after
        What :func:`~spatialjustice.study.outputs.record.installed.environment` returned for each run.
    """
    said = []
    for name, value in before.items():
        other = after.get(name)
        if name not in {"packages", "program"} and value != other:
            said.append(f"{name}: {_plain(other)} instead of {_plain(value)}")
    own, others = before["program"], after["program"]
    if own["contents"] != others["contents"]:
        same = " of the same version, with other contents" if own["version"] == others["version"] else ""
        said.append(f"spatialjustice: {others['version']} instead of {own['version']}{same}")
    one = {package["name"]: package for package in before["packages"]}
    two = {package["name"]: package for package in after["packages"]}
    same_build = all(before[key] == after[key] for key in ("system", "machine", "implementation")) and (
        before["python"].split(".")[:2] == after["python"].split(".")[:2]
    )
    for name in sorted({*one, *two}):
        left, right = one.get(name), two.get(name)
        if not any(package and package["used"] for package in (left, right)):
            continue
        if left is None or right is None:
            said.append(f"{name}: {right['version'] if right else 'not there'} instead of "
                        f"{left['version'] if left else 'nothing'}")  # fmt: skip
        elif left["version"] != right["version"]:
            said.append(f"{name}: {right['version']} instead of {left['version']}")
        elif left["contents"] != right["contents"] and same_build:
            said.append(f"{name}: {left['version']} with other contents, from another build of it")
    return said


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
