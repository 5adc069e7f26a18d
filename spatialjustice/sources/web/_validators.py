"""Whether what came from a server is whole, and what was asked for: looked at before anything of it is kept."""

from __future__ import annotations

import json
import os
import re
import zipfile
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice.sources.guards.nothing_else_opened import network_shut
from spatialjustice.sources.web._question import readable

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice.sources.web.web import Answer

CC_BY = "Creative Commons Attribution 4.0"
COUNTRY = re.compile(r"[A-Z]{3}")
LARGEST_MEMBER = 20_000_000_000
MOST_TIMES_LARGER = 1000
MOST_CELLS = 40_000_000_000
SHOWN_OF_BODY = 200
AGAIN = "Nothing of it is kept. Ask for it again later."


def server_of(given: str | None, variable: str, usual: str) -> str:
    """Return the address of a server: the one given, that of the environment, or the usual one."""
    return (given or os.environ.get(f"SPATIALJUSTICE_{variable}", "").strip() or usual).rstrip("/")


def require_country(country: str) -> None:
    """Refuse what is no code of three letters."""
    if not COUNTRY.fullmatch(country):
        raise InputError("country", f"{country} is no code of a country", 'Write three letters: "KEN" for Kenya.')


def json_of(answer: Answer, name: str) -> Any:
    """Return the JSON in an answer."""
    return parsed(answer.data, name, answer.address)


def parsed(data: bytes, name: str, where: str) -> Any:
    """Return the JSON in bytes; a page about an error is none."""
    try:
        return json.loads(data)
    except ValueError:
        begins = readable(data[:800], SHOWN_OF_BODY) or "nothing"
        found = f"the answer of {where} is no whole JSON (it begins with {begins})"
        raise DamagedFileError(name, found, AGAIN) from None


def archive_names(path: Path, where: str, *, name: str = "population") -> list[str]:
    """Refuse an archive that is not whole, or would fill the disk; return the names in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            huge = [
                member.filename
                for member in members
                if member.file_size > max(1_000_000, MOST_TIMES_LARGER * member.compress_size)
                or member.file_size > LARGEST_MEMBER
            ]
            if huge:
                found = f"{where} holds files that would be far larger than the archive"
                raise DamagedFileError(name, found, "It is made to fill a disk.", rows=huge)
            broken = archive.testzip()
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError, RuntimeError) as error:
        if isinstance(error, DamagedFileError):
            raise
        raise DamagedFileError(name, f"{where} is no whole archive ({error})", AGAIN) from None
    if broken:
        raise DamagedFileError(name, f"{where} is damaged at {broken}", AGAIN)
    return [member.filename for member in members]


def whole_raster(path: Path, where: str, *, attribution: str, year: int) -> dict[str, Any]:
    """Refuse a file that is no grid, or cannot be read to its end."""
    import rasterio

    try:
        with network_shut(), rasterio.open(path.absolute(), driver="GTiff") as raster:
            if raster.crs is None:
                raise DamagedFileError("population", f"{where} does not say its CRS", AGAIN)
            if raster.width * raster.height > MOST_CELLS:
                found = f"{where} promises {raster.width:,} by {raster.height:,} cells"
                raise DamagedFileError("population", found, "No population grid of a country has so many.")
            for _, window in raster.block_windows(1):
                raster.read(1, window=window)
    except rasterio.errors.RasterioError as error:
        raise DamagedFileError("population", f"{where} is no whole GeoTIFF ({error})", AGAIN) from None
    return {"licence": CC_BY, "attribution": attribution, "data_date": str(year), "data_date_from": "publisher"}
