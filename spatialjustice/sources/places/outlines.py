"""Outlines of places from public servers: one place by its name, or all administrative areas of a country.

The tests replay answers of the documented shape from 127.0.0.1; ``make live-check`` asks the real servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, add_sources
from spatialjustice.sources.web import web
from spatialjustice.sources.web._question import Manners, Question, readable
from spatialjustice.sources.web._validators import AGAIN, SHOWN_OF_BODY, json_of, parsed, require_country, server_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

NOMINATIM = "https://nominatim.openstreetmap.org"
SPACING = 1.0
GEOBOUNDARIES = "https://www.geoboundaries.org/api/current"


def place_by_name(
    name: str, *, object_id: str | None = None, server: str | None = None, deadline: float = 60.0
) -> gpd.GeoDataFrame:
    """Ask Nominatim for the outline of a place in OpenStreetMap.

    Parameters
    ----------
    name
        What the place is called, best with its country: ``"Las Palmas de Gran Canaria, Spain"``.
    object_id
        The object meant, where several bear the name, such as ``"relation/345814"``; None takes the first that has an
        outline.
    server
        Address of the server; None takes ``SPATIALJUSTICE_NOMINATIM`` from the environment, else the public one, which
        is asked once a second at most.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    GeoDataFrame
        One row in EPSG:4326 with ``name`` and ``object_id``. Other outlines of the name are listed by the finding
        ``other_places_of_the_name``. The server does not say how old its data are.

    Raises
    ------
    InputError
        When no place of the name has an outline, or the server cannot be reached, refuses, or is busy to the end.
    DamagedFileError
        When the answer is not whole.
    """
    import geopandas as gpd
    from shapely.geometry import shape

    question = Question.of(
        f"{server_of(server, 'NOMINATIM', NOMINATIM)}/search",
        name="place",
        params=[("q", name), ("format", "jsonv2"), ("polygon_geojson", "1"), ("limit", "10")],
    )
    facts = {"licence": OSM_LICENCE, "attribution": OSM_ATTRIBUTION}

    def inspect(answer: web.Answer) -> dict[str, str]:
        _outlines(answer, name)
        return facts

    answer = web.ask(question, Manners(deadline=deadline, pause=web.FIRST_PAUSE, spacing=SPACING), inspect)
    found = _outlines(answer, name)
    ids = [f"{item['osm_type']}/{item['osm_id']}" for item in found]
    if object_id is not None and object_id not in ids:
        raise InputError("place", f"{object_id} is none of the places called {name}", f"There are: {listed(ids)}.")
    chosen = ids.index(object_id) if object_id is not None else 0
    place = gpd.GeoDataFrame(
        {"name": [str(found[chosen].get("display_name", name))], "object_id": [ids[chosen]]},
        geometry=[shape(found[chosen]["geojson"])],
        crs=4326,
    )
    add_sources(
        place, SourceRecord("place", answer.address, answer.sha256, answer.size, address=answer.address, **facts)
    )
    others = [f"{item.get('display_name')} ({each})" for item, each in zip(found, ids, strict=True)]
    del others[chosen]
    if others:
        message = f"{len(others):,} more places called {name} have an outline: {listed(others)}."
        advice = "Name the one you mean with object_id=."
        add_findings(place, Finding("other_places_of_the_name", "information", message, len(others), advice=advice))
    return place


def _outlines(answer: web.Answer, name: str) -> list[dict[str, Any]]:
    """Return the places in an answer that have an outline."""
    content = json_of(answer, "place")
    if isinstance(content, dict) and "error" in content:
        said = readable(str(content["error"]), SHOWN_OF_BODY)
        raise InputError("place", f"the server {answer.address} says {said}", "Check the name.")
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise DamagedFileError("place", f"the answer of {answer.address} is no list of places", AGAIN)
    if not content:
        found = f"the server {answer.address} knows no place called {name}"
        raise InputError("place", found, "Check the spelling, or add the country.")
    outlined = [
        item
        for item in content
        if {"osm_type", "osm_id"} <= item.keys()
        and isinstance(item.get("geojson"), dict)
        and item["geojson"].get("type") in {"Polygon", "MultiPolygon"}
    ]
    if not outlined:
        what = f"none of the {len(content):,} places called {name} has an outline"
        raise InputError("place", what, "Name an administrative area, or give a boundary file.")
    return outlined


def geoboundaries(
    country: str,
    *,
    level: int = 1,
    release: str = "gbOpen",
    server: str | None = None,
    deadline: float = 600.0,
) -> gpd.GeoDataFrame:
    """Fetch the administrative areas of a country from geoBoundaries.

    Parameters
    ----------
    country
        Its code of three letters (ISO 3166), such as ``"KEN"``.
    level
        0 for the country itself, 1 for its largest parts, up to 5.
    release
        ``gbOpen``, ``gbHumanitarian`` or ``gbAuthoritative``.
    server
        Address of the catalogue; None takes ``SPATIALJUSTICE_GEOBOUNDARIES``, else the public one.
    deadline
        Seconds that each of the two answers may take.

    Returns
    -------
    GeoDataFrame
        The areas in EPSG:4326 with their columns (``shapeName``, ``shapeISO``, ``shapeID``); licence and year as the
        catalogue says them.

    Raises
    ------
    InputError
        When there is no such country or level, or the server cannot be reached, refuses, or is busy to the end.
    DamagedFileError
        When an answer is not whole.

    References
    ----------
    Runfola et al. (2020), geoBoundaries, PLOS ONE 15(4): e0231866.
    """
    from spatialjustice.sources.places.vector import POLYGONS, read_vector

    require_country(country)
    address = f"{server_of(server, 'GEOBOUNDARIES', GEOBOUNDARIES)}/{release}/{country}/ADM{level:d}/"
    entry = _boundary_entry(web.get(address, name="boundaries", deadline=deadline, check=_boundary_entry))
    year = str(entry.get("boundaryYearRepresented") or "")
    licence = str(entry.get("boundaryLicense") or "")
    facts = {
        "licence": licence if licence not in {"", "nan"} else "not stated",
        "attribution": f"geoBoundaries; {entry.get('boundarySource') or 'source not stated'}",
        "data_date": year if year.isdigit() else None,
        "data_date_from": "publisher" if year.isdigit() else "",
    }

    def inspect(path: Path) -> Mapping[str, Any]:
        content = parsed(path.read_bytes(), "boundaries", str(entry["gjDownloadURL"]))
        if not isinstance(content, dict) or content.get("type") != "FeatureCollection" or not content.get("features"):
            found = f"{entry['gjDownloadURL']} holds no areas"
            raise DamagedFileError("boundaries", found, AGAIN)
        return facts

    path = web.download(
        Question.of(str(entry["gjDownloadURL"]), name="boundaries"),
        check=inspect,
        promise=web.Promise(file=f"geoBoundaries-{country}-ADM{level}.geojson"),
        deadline=deadline,
    )
    return read_vector(path, name="boundaries", kinds=POLYGONS, repair=True)


def _boundary_entry(answer: web.Answer) -> dict[str, Any]:
    content = json_of(answer, "boundaries")
    if not isinstance(content, dict) or not str(content.get("gjDownloadURL", "")).startswith("http"):
        raise DamagedFileError("boundaries", f"the answer of {answer.address} names no file of areas", AGAIN)
    return content
