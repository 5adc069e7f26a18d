"""Data files: where they are looked for, whose data they hold, and whether they are the right ones."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import DamagedFileError, MissingFileError
from spatialjustice._core.provenance import SourceRecord, file_record, require_regular
from spatialjustice.sources.web.cache import Cache, cache_folder, record_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DATA_VARIABLE = "SPATIALJUSTICE_DATA"
DEMO_FILE = "helsinki/Helsinki.osm.pbf"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the registry knows of a file.

    Parameters
    ----------
    name
        Its name below a data folder, with forward slashes.
    sha256
        Checksum of its bytes.
    size
        Number of its bytes.
    licence
        Licence of the data.
    attribution
        Credit line that every map drawing the data must show.
    data_date
        ISO date the data describe; None where unknown, or where the file itself says it.
    address
        Public address of the very file; empty where none is known.
    description
        One sentence on what is in it.
    shipped
        Whether the package carries it.
    ask
        Who publishes the data, where no public address gives these very bytes.
    """

    name: str
    sha256: str
    size: int
    licence: str
    attribution: str
    data_date: str | None
    address: str
    description: str
    shipped: bool = False
    ask: str = ""

    def how_to_get(self) -> str:
        """Say in words where the file can be had and how to recognise it."""
        where = (
            f"Get it from {self.address} and save it under this name"
            if self.address
            else "It has no public address" + (f"; the data come from {self.ask}" if self.ask else "")
        )
        return (
            f"{self.description} {where}. Licence: {self.licence}; credit: {self.attribution}. "
            f"The right file has {self.size:,} bytes and sha256 {self.sha256}."
        )


@cache
def registry() -> Mapping[str, KnownFile]:
    """Return the files the project knows, by their names below a data folder.

    Returns
    -------
    mapping of str to KnownFile
        Read from ``registry.yml``, which the package carries.

    Examples
    --------
    >>> registry()["las_palmas/ghs_pop_2015_100m.tif"].data_date
    '2015'
    """
    from spatialjustice._core.disk.plain_yaml import own_yaml

    text = (resources.files("spatialjustice.sources") / "registry.yml").read_text(encoding="utf-8")
    return {name: KnownFile(name=name, **facts) for name, facts in own_yaml(text).items()}


def locate(name: str, *, folders: Sequence[str | Path] = ()) -> Path:
    """Find a file that a study names.

    Parameters
    ----------
    name
        Name with forward slashes, relative to a data folder, or a whole path.
    folders
        Where to look, in this order: the study file's own folder, then the folder given with ``--data-dir``, then the
        folder in the environment variable ``SPATIALJUSTICE_DATA``. A file that the registry knows is looked for
        among those that the package carries next, and in the cache last, by its checksum.

    Returns
    -------
    Path
        The first that is there. A file that the registry knows by this name has been compared with its checksum.

    Raises
    ------
    MissingFileError
        Telling every place looked in and, for a known file, where to get it. Nothing is downloaded.
    DamagedFileError
        When a known file is not the one the study was written for.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     size = (Path(folder) / "tracts.geojson").write_text("{}")
    ...     locate("tracts.geojson", folders=[folder]).name
    'tracts.geojson'
    """
    plain = PurePosixPath(name.replace("\\", "/")).as_posix()
    extra = os.environ.get(DATA_VARIABLE, "").strip()
    places = [Path(folder) / plain for folder in [*folders, *([extra] if extra else [])]]
    if Path(name).is_absolute():
        places = [Path(name)]
    places = list(dict.fromkeys(places))
    known = registry().get(plain)
    carried = [_shipped(known)] if known is not None and known.shipped else []
    for path in [*places, *carried]:
        if path.exists():
            if known is not None:
                _compare(file_record(path, plain), known)
            return path
    kept = Cache(cache_folder()).content(known.sha256, PurePosixPath(plain).name) if known else None
    if kept is not None:
        return kept
    looked = "; ".join(str(path) for path in places) or "nowhere, because no folder was given"
    fetch = " Or let spatialjustice fetch STUDY.yaml get it into the cache." if known and known.address else ""
    advice = (
        f"{known.how_to_get()} Put it in one of these places, or set {DATA_VARIABLE} to the folder of your data.{fetch}"
        if known
        else f"Put the file there, name its folder with --data-dir, or set {DATA_VARIABLE} to the folder of your data."
    )
    raise MissingFileError(name, f"the file was not found. Looked for: {looked}", advice)


def record_of(path: str | Path, name: str, *, beside: Iterable[str | Path] | None = None, **known: Any) -> SourceRecord:
    """Make the source record of a file from its bytes and from what the registry knows of it.

    Parameters
    ----------
    path
        The file.
    name
        What it is used as, for example ``population``.
    beside
        Further files that were read with it; None takes those that go with a file of this ending.
    **known
        Fields of ``SourceRecord`` the caller knows better than the registry.

    Returns
    -------
    SourceRecord
        With licence, credit, date and address where the registry knows a file of these bytes, or of this name, or
        where the file lies in the cache and its record tells them. What is read with it, such as the other parts of
        a shapefile, is named with its checksums in ``note``.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the path ends in the name of a known file and the bytes are others.
    InputError
        When the path is a folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "own.csv"
    ...     size = file.write_bytes(b"a,b")
    ...     record_of(file, "services", licence="CC0 1.0").licence
    'CC0 1.0'
    """
    path = Path(path)
    require_file(path, name)
    record = file_record(path, name)
    parts = path.resolve().parts
    facts = next((one for one in registry().values() if one.sha256 == record.sha256), None)
    if facts is None:
        named = (one for one in registry().values() if parts[-len(PurePosixPath(one.name).parts) :] == _parts(one))
        for one in named:
            _compare(record, one)
        record = replace(record, **told_beside(path))
    else:
        record = replace(
            record,
            licence=facts.licence,
            attribution=facts.attribution,
            data_date=facts.data_date,
            data_date_from="registry" if facts.data_date else "",
            address=facts.address,
        )
    told = _told_of(_sisters(path) if beside is None else map(Path, beside), path)
    if told:
        record = replace(record, note=told)
    return replace(record, **known)


def told_beside(path: Path) -> dict[str, Any]:
    """Return what the record beside a file in the cache tells of it; empty for any other file."""
    told = record_beside(path)
    known = ("licence", "attribution", "data_date", "data_date_from", "address")
    return {field: told[field] for field in known if told.get(field)}


def require_file(path: Path, name: str) -> None:
    """Refuse a path where there is no file.

    Raises
    ------
    MissingFileError
        When nothing is there.
    InputError
        When it is a folder, a pipe or a device.
    """
    require_regular(path, name)
    if not path.exists():
        raise MissingFileError(name, f"there is no file {path}", "Check the folder and the spelling.")


def demo_extract() -> Path:
    """Find the extract of central Helsinki that the package carries.

    Returns
    -------
    Path
        An OpenStreetMap file of 685,110 bytes, compared with its checksum.

    Raises
    ------
    DamagedFileError
        When it is not what it was.
    """
    return locate(DEMO_FILE)


def _shipped(known: KnownFile) -> Path:
    """Return where a file lies that the package carries."""
    return Path(str(resources.files("spatialjustice") / "datasets" / "shipped" / known.name))


def fetch_known(name: str, *, deadline: float = 3600.0) -> Path:
    """Fetch a file of the registry into the cache, or find it there.

    Parameters
    ----------
    name
        Its name in the registry, for example ``las_palmas/municipality.geojson``.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    Path
        The file in the cache, compared with its checksum. :func:`locate` finds it there too.

    Raises
    ------
    MissingFileError
        When the registry does not know it, or knows no public address of it.
    InputError, DamagedFileError
        When it cannot be fetched, or is another file than the one known.
    """
    from spatialjustice.sources.web._question import Question
    from spatialjustice.sources.web.web import Promise, download

    plain = PurePosixPath(name.replace("\\", "/")).as_posix()
    known = registry().get(plain)
    if known is None:
        raise MissingFileError(name, "the registry knows no such file", f"It knows: {', '.join(registry())}.")
    if known.shipped:
        return locate(plain)
    kept = Cache(cache_folder()).content(known.sha256, PurePosixPath(plain).name)
    if kept is not None:
        return kept
    if not known.address:
        raise MissingFileError(name, "it has no public address to fetch it from", known.how_to_get())
    facts = {
        "licence": known.licence,
        "attribution": known.attribution,
        "data_date": known.data_date,
        "data_date_from": "registry" if known.data_date else "",
    }
    return download(
        Question.of(known.address, name=plain),
        check=lambda _: facts,
        promise=Promise(file=PurePosixPath(plain).name, sha256=known.sha256, size=known.size),
        deadline=deadline,
    )


def _parts(known: KnownFile) -> tuple[str, ...]:
    return PurePosixPath(known.name).parts


def _compare(record: SourceRecord, known: KnownFile) -> None:
    """Refuse a file that carries a known name and holds other bytes."""
    if record.sha256 == known.sha256:
        return
    again = f"Get the file again from {known.address}. " if known.address else "Get the file again. "
    raise DamagedFileError(
        record.name,
        f"{record.file} is not the file the study was written for: expected {known.size:,} bytes with sha256 "
        f"{known.sha256}, found {record.size:,} bytes with sha256 {record.sha256}",
        again + "If it is a file of your own, give it another name, so that results are not taken for those of "
        f"{known.name}.",
    )


# What belongs to a file of shapes and is read with it, by the ending of that file; GDAL itself says it of rasters.
SISTERS = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg", ".qpj"),
    ".dbf": (".cpg",),
    ".gml": (".gfs", ".xsd"),
    ".gpkg": (".gpkg-wal", ".gpkg-journal"),
}


def _sisters(path: Path) -> list[Path]:
    endings = SISTERS.get(path.suffix.lower(), ())
    beside = path.parent.iterdir() if endings else ()
    return [file for file in beside if file.stem == path.stem and file.suffix.lower() in endings]


def _told_of(others: Iterable[Path], path: Path) -> str:
    """Name the other files that were read with a file, with their checksums; :mod:`study.verify` reads it again."""
    wanted = sorted({file.absolute() for file in others if file.is_file()} - {path.absolute()})
    return "; ".join(f"with {file.name} sha256 {file_record(file, file.name).sha256}" for file in wanted)
