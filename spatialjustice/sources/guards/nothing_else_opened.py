"""Reading libraries kept to the files they are given: no input may make them open another file or an address.

What a file names inside itself is refused before a library could follow it. Should something be missed, the libraries'
own way to the network is shut while they read.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.frames import require_own_crs, shut_proj_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RASTERS = ("GTiff", "AAIGrid", "HFA", "EHdr", "ENVI", "SRTMHGT", "SAGA")
"""Kinds of raster files that hold their cells themselves; GDAL is allowed no others."""

# A proxy that cannot be: what GDAL asks goes nowhere. It asks for the schemas of GML files before anybody can say no.
SHUT = {
    "GDAL_HTTP_PROXY": "off://",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_DOWNLOAD_WFS_SCHEMA": "NO",
}
NO_PROXIES = ("no_proxy", "NO_PROXY")
# Small files of XML that hold no data but say where to fetch them: from other files, or from any server.
POINTERS = (b"<ogrvrt", b"<ogrwfs", b"<vrtdataset", b"<gdal_", b"<wcs_", b"<wms_", b"<mrf_meta", b"<gdaltileindex")
PIPELINE = b"gdal_streamed_alg"
HEAD = 8192
# The word crs as a name in JSON, in all the ways it can be written, and what may follow it.
CRS_KEY = re.compile(rb'"(?:[cC]|\\u00[46]3)(?:[rR]|\\u00[57]2)(?:[sS]|\\u00[57]3)"\s*:\s*')
NAMED_CRS = re.compile(
    rb'null|true|false|"|[-\d]|\{\s*"type"\s*:\s*"(?:name|EPSG)"\s*,\s*"properties"\s*:\s*\{[^{}]*\}\s*\}'
)
VECTORS = {
    b"SQLite format 3\x00": "GeoPackage",
    b"fgb": "FlatGeobuf",
    b"\x00\x00\x27\x0a": "Shapefile",
    b"{": "GeoJSON",
    b"[": "GeoJSON",
    b"<": "GML",
}
SIDE_CARS = (".msk", ".ovr")
TIFF_OR_HFA = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"EHFA_HEADER_TAG")
ELSEWHERE = "Export what it points to into a GeoPackage or a GeoTIFF, and name that."


@contextmanager
def network_shut() -> Iterator[None]:
    """Shut the network for GDAL within the block, for as long as it reads."""
    import pyogrio
    from rasterio import Env

    shut_proj_network()
    before = {name: pyogrio.get_gdal_config_option(name) for name in SHUT}
    hosts = {name: os.environ.pop(name) for name in NO_PROXIES if name in os.environ}
    pyogrio.set_gdal_config_options(SHUT)
    try:
        with Env(**SHUT):
            yield
    finally:
        pyogrio.set_gdal_config_options(before)
        os.environ.update(hosts)


def require_own_data(path: Path, name: str) -> None:
    """Refuse files that point to data elsewhere: what a study reads must be in the files that it names.

    Raises
    ------
    InputError
        For a virtual layer, the description of a web service, a recipe, a reference system by link, or such a file
        beside the file, where a library would look for it.
    """
    with path.open("rb") as stream:
        beginning = stream.read(HEAD)
        require_own_rows(beginning, path.name, name)
        if _is_json(beginning):
            require_own_json(beginning + stream.read(), path.name, name)
    projection = path.with_suffix(".prj")
    if projection.is_file():
        with projection.open("rb") as stream:
            require_own_crs(stream.read(1 << 20).decode("utf-8", "replace"), name)
    for ending in SIDE_CARS:
        beside = path.with_name(path.name + ending)
        if beside.is_file():
            with beside.open("rb") as stream:
                if not stream.read(16).startswith(TIFF_OR_HFA):
                    found = f"{beside.name}, which belongs to {path.name}, is no raster of its own"
                    raise InputError(name, found, f"Delete {beside.name}, or make it again in a GIS.")
    for notes in (path.with_name(f"{path.name}.aux.xml"), path.with_suffix(".aux.xml")):
        if notes.is_file():
            _require_own_notes(notes, name)


def require_own_rows(beginning: bytes, file: str, name: str) -> None:
    """Refuse a file by its first bytes, as :func:`require_own_data` does."""
    # In UTF-16 every other byte is 0.
    plain = beginning.lower().replace(b"\x00", b"")
    pointing = any(mark in plain for mark in POINTERS) or PIPELINE in plain
    if not pointing and plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        pointing = _xml_root(beginning, file, name).lower().startswith(tuple(mark[1:].decode() for mark in POINTERS))
    if pointing:
        found = f"{file} holds no data, only where to fetch them"
        raise InputError(name, found, ELSEWHERE)


def _xml_root(beginning: bytes, file: str, name: str) -> str:
    """Return the name of the outermost element of XML, empty where it does not begin soon."""
    found: list[str] = []

    def declared(*_: Any) -> None:
        found = f"{file} cannot be read: it declares a document type, as pages of the web do and files of shapes do not"
        raise DamagedFileError(name, found, "Look at it in a text editor, or get it again.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, _: found.append(tag)
    parser.EntityDeclHandler = declared
    parser.StartDoctypeDeclHandler = declared
    with suppress(expat.ExpatError):
        parser.Parse(beginning, False)
    return found[0] if found else ""


def _is_json(beginning: bytes) -> bool:
    return beginning.lstrip(b"\xef\xbb\xbf\x1e \t\r\n").startswith((b"{", b"["))


def require_own_json(data: bytes, file: str, name: str) -> None:
    """Refuse JSON that is a recipe to fetch data, or takes its reference system from an address.

    Raises
    ------
    InputError, DamagedFileError
        Saying so.
    """
    found = f"{file} holds no data, only where to fetch them" if PIPELINE in data else ""
    odd = (NAMED_CRS.match(data, key.end()) is None for key in CRS_KEY.finditer(data))
    if not found and any(odd):
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DamagedFileError(name, f"{file} is no whole JSON ({error})", "Export it anew.") from error
        if _crs_by_link(content):
            found = f"{file} takes its coordinate reference system from an address or another file"
    if found:
        raise InputError(name, found, "Export it anew in longitude and latitude, or into a GeoPackage.")


def _crs_by_link(content: Any) -> bool:
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for key, value in each.items():
                if key.lower() == "crs" and isinstance(value, dict):
                    kind = str(value.get("type", "name")).lower()
                    if kind not in {"name", "epsg"}:
                        return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False


def _require_own_notes(notes: Path, name: str) -> None:
    """Refuse the notes that GDAL keeps beside a raster, where they lead to another file."""
    text = notes.read_bytes()[: 1 << 20].lower().replace(b"\x00", b"")
    if b"overview_file" in text or b"/vsi" in text or re.search(rb"<srs[^>]*>\s*(?:https?|ftp|file):", text):
        found = f"{notes.name} points to another file or an address"
        raise InputError(name, found, f"Delete {notes.name}, or make it again in a GIS.")


def require_kind(beginning: bytes, file: str, name: str) -> None:
    """Refuse a file of shapes whose kind is not among those that are read, told by its first bytes and not its name.

    Raises
    ------
    DamagedFileError
        Naming the kinds.
    """
    plain = beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n") if beginning[:1] != b"\x00" else beginning
    dbase = file.lower().endswith(".dbf") and beginning[:1] in {b"\x03", b"\x83", b"\x8b", b"\xf5", b"\x30", b"\x31"}
    xml = plain.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))
    known = plain.startswith(tuple(VECTORS)) or dbase or xml
    if xml:
        text = beginning.replace(b"\x00", b"").lower()
        known = _xml_root(beginning, file, name).lower().endswith(("kml", "gpx")) or any(
            space in text for space in (b"opengis.net/gml", b"opengis.net/wfs")
        )
    if not known:
        kinds = ", ".join(dict.fromkeys(VECTORS.values()))
        found = f"{file} cannot be read: it is none of the kinds of files of shapes that are ({kinds}, KML, GeoParquet)"
        raise DamagedFileError(name, found, "If it should be one, get it again. Otherwise export it into a GeoPackage.")


def require_plain_table(path: Path, layer: str, name: str) -> None:
    """Refuse a layer of a GeoPackage whose rows are worked out by a command, or taken from another file.

    Raises
    ------
    InputError
        Naming the layer.
    """
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        asked = "SELECT type, sql FROM sqlite_master WHERE lower(name) = lower(?)"
        kind = database.execute(asked, [layer]).fetchone()
        systems = database.execute("SELECT name FROM sqlite_master WHERE name = 'gpkg_spatial_ref_sys'").fetchone()
        rows = database.execute("SELECT definition FROM gpkg_spatial_ref_sys") if systems else ()
        for (definition,) in rows:
            require_own_crs(str(definition), name)
    if kind is None:
        return
    if kind[0] == "view":
        found = f"the layer {layer} of {path.name} is a view, whose rows a command inside the file works out"
        raise InputError(name, found, "Export the layer into a GeoPackage of its own.")
    if "virtual" in str(kind[1]).lower().split("(")[0].split():
        found = f"the layer {layer} of {path.name} holds no rows of its own, but takes them from elsewhere"
        raise InputError(name, found, "Export the layer into a GeoPackage of its own.")
