"""Files from public servers, by name: small functions over the one door to the web.

Each keeps what it fetched in the cache and finds it there again. The addresses of the servers can be given. The servers
themselves were never reached from where this was tested: answers of their documented shape were replayed from
127.0.0.1. ``make live-check`` asks the real ones.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk import receiving
from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, checksum
from spatialjustice.sources.web import web
from spatialjustice.sources.web._question import Question
from spatialjustice.sources.web._validators import (
    AGAIN,
    archive_names,
    json_of,
    require_country,
    server_of,
    whole_raster,
)
from spatialjustice.sources.web.cache import Cache, cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

GEOFABRIK = "https://download.geofabrik.de"
WORLDPOP = "https://www.worldpop.org/rest/data/pop"
GHS_POP = "https://jeodpp.jrc.ec.europa.eu/ftp/jrc-opendata/GHSL/GHS_POP_GLOBE_R2023A"
REGION = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
# Tiles of the population grid are 1,000 km wide, in rows from the north and columns from the west of its projection.
TILE = 1_000_000.0
TILES_WEST, TILES_NORTH = -18_041_000.0, 9_000_000.0
CREDIT = "GHS-POP R2023A, European Commission, Joint Research Centre (JRC)"
YEARS = range(1975, 2031, 5)


def geofabrik(region: str, *, server: str | None = None, deadline: float = 7200.0) -> Path:
    """Fetch Geofabrik's latest OpenStreetMap extract of a region, compared with the checksum published beside it.

    Parameters
    ----------
    region
        As in the address of its page, such as ``"europe/malta"`` or ``"africa/canary-islands"``.
    server
        Address of the server; None takes ``SPATIALJUSTICE_GEOFABRIK``, else the public one.
    deadline
        Seconds that all attempts together may take; what has come by then is gone on with the next time.

    Returns
    -------
    Path
        The ``.osm.pbf`` file in the cache. What is fetched stays: ``fetching(refresh=True)`` gets a newer one.

    Raises
    ------
    InputError
        When there is no such region, or the server cannot be reached, refuses, or is busy to the end.
    DamagedFileError
        When the file is no extract, or not the one its checksum is of.
    """
    if not REGION.fullmatch(region):
        raise InputError("region", f"{region} is no region", 'Write it as its page is called: "europe/malta".')
    address = f"{server_of(server, 'GEOFABRIK', GEOFABRIK)}/{region}-latest.osm.pbf"

    def inspect(path: Path) -> Mapping[str, Any]:
        with path.open("rb") as stream:
            if b"OSMHeader" not in stream.read(64):
                raise DamagedFileError("extract", f"{address} is no OpenStreetMap file", AGAIN)
        return {"licence": OSM_LICENCE, "attribution": f"{OSM_ATTRIBUTION}; extract by Geofabrik GmbH"}

    return web.download(
        Question.of(address, name="extract"),
        check=inspect,
        promise=web.Promise(md5_from=f"{address}.md5"),
        deadline=deadline,
    )


def worldpop(
    country: str, *, year: int = 2020, dataset: str = "wpgp", server: str | None = None, deadline: float = 3600.0
) -> Path:
    """Fetch WorldPop's grid of people per cell of 3 arc seconds for a country.

    Parameters
    ----------
    country
        Its code of three letters (ISO 3166), such as ``"KEN"``.
    year
        The year the people are estimated for; ``wpgp`` has 2000 to 2020.
    dataset
        ``wpgp`` (cells of 100 m), ``wpgp1km``, or another alias of WorldPop's catalogue of populations.
    server
        Address of the catalogue; None takes ``SPATIALJUSTICE_WORLDPOP``, else the public one.
    deadline
        Seconds that each of the two answers may take.

    Returns
    -------
    Path
        The GeoTIFF in the cache.

    Raises
    ------
    InputError
        When the catalogue has no such country or year, or the server cannot be reached, refuses, or is busy.
    DamagedFileError
        When an answer is not whole.

    References
    ----------
    Tatem (2017), WorldPop, open data for spatial demography, Scientific Data 4: 170004.
    """
    require_country(country)
    server = server_of(server, "WORLDPOP", WORLDPOP)
    answer = web.get(
        f"{server}/{dataset}", name="population", params=[("iso3", country)], deadline=deadline, check=_grids
    )
    grids = _grids(answer)
    years = {str(item.get("popyear")): item for item in grids}
    if str(year) not in years:
        raise InputError("year", f"WorldPop has no {dataset} of {country} for {year}", f"It has: {listed(years)}.")
    file = next((str(each) for each in years[str(year)].get("files", []) if str(each).endswith(".tif")), "")
    if not file:
        raise DamagedFileError("population", f"the answer of {answer.address} names no GeoTIFF for {year}", AGAIN)
    return web.download(
        Question.of(file, name="population"),
        check=lambda path: whole_raster(path, file, attribution="WorldPop (www.worldpop.org)", year=year),
        deadline=deadline,
    )


def _grids(answer: web.Answer) -> list[dict[str, Any]]:
    content = json_of(answer, "population")
    grids = content.get("data") if isinstance(content, dict) else None
    if not isinstance(grids, list) or not all(isinstance(item, dict) for item in grids):
        raise DamagedFileError("population", f"the answer of {answer.address} is no list of grids", AGAIN)
    if not grids:
        found = f"the catalogue {answer.address} has no grid of this country"
        raise InputError("population", found, "Check the code of the country and the dataset.")
    return grids


def ghs_pop_tiles(place: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    """Return rows and columns of the tiles of the global population grid GHS-POP that a place lies on.

    Parameters
    ----------
    place
        The place, polygons in any CRS.

    Returns
    -------
    list of (int, int)
        Row and column, in order.

    Examples
    --------
    >>> from spatialjustice.sources import box
    >>> ghs_pop_tiles(box(9.1, 49.1, 9.3, 49.2))
    [(4, 19)]
    """
    west, south, east, north = place.to_crs("ESRI:54009").total_bounds
    rows = range(int((TILES_NORTH - north) // TILE) + 1, int((TILES_NORTH - south) // TILE) + 2)
    columns = range(int((west - TILES_WEST) // TILE) + 1, int((east - TILES_WEST) // TILE) + 2)
    return [(row, column) for row in rows for column in columns]


def ghs_pop(row: int, column: int, *, year: int = 2020, server: str | None = None, deadline: float = 1800.0) -> Path:
    """Fetch one tile of the global population grid GHS-POP R2023A: people per cell of 100 m, in Mollweide's projection.

    Parameters
    ----------
    row, column
        Of the tile; :func:`ghs_pop_tiles` tells those of a place.
    year
        1975 to 2030, every fifth; those after 2020 are projections.
    server
        Address of the folder of the release; None takes ``SPATIALJUSTICE_GHS_POP``, else the public one.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    Path
        The GeoTIFF in the cache, taken out of the archive it is published in.

    Raises
    ------
    InputError
        When there is no such year or tile, or the server cannot be reached, refuses, or is busy to the end.
    DamagedFileError
        When the archive is not whole or holds no grid.

    References
    ----------
    Schiavina, Freire, Carioli and MacManus (2023), GHS-POP R2023A, doi:10.2905/2FF68A52-5B5B-4A22-8F40-C41DA8332CFE.
    """
    if year not in YEARS:
        raise InputError("year", f"there is no grid for {year}", f"There are: {', '.join(map(str, YEARS))}.")
    if not (1 <= row <= 18 and 1 <= column <= 36):
        raise InputError("tile", f"there is no tile in row {row}, column {column}", "Ask ghs_pop_tiles for them.")
    folder = f"GHS_POP_E{year}_GLOBE_R2023A_54009_100"
    file = f"{folder}_V1_0_R{row}_C{column}.zip"
    question = Question.of(f"{server_of(server, 'GHS_POP', GHS_POP)}/{folder}/V1-0/tiles/{file}", name="population")
    archive = web.download(question, check=lambda path: archive_names(path, question.address), deadline=deadline)
    cache, key = Cache(cache_folder()), Question.of(f"{question.address}/grid", name="population").key
    with receiving.locked(cache.lock(key), seconds=deadline):
        kept = cache.find(key)
        if kept is None:
            part = cache.partial(key)
            part.restart({})
            part.add(_grid(archive, question.address))
            facts = whole_raster(part.path, question.address, attribution=CREDIT, year=year)
            name = PurePosixPath(file).with_suffix(".tif").name
            digest = checksum(part.path)
            about = {"address": question.address, "file": name, "sha256": digest, "size": part.size, **facts}
            kept = cache.keep(part, key, about)
    return kept.path


def _grid(path: Path, where: str) -> Iterator[bytes]:
    """Give the bytes of the one GeoTIFF in an archive, and no more than it says it has."""
    with zipfile.ZipFile(path) as archive:
        grids = [member for member in archive.infolist() if member.filename.lower().endswith(".tif")]
        if len(grids) != 1:
            raise DamagedFileError("population", f"{where} holds {len(grids)} grids", AGAIN)
        with archive.open(grids[0]) as stream:
            while piece := stream.read(1 << 20):
                yield piece
