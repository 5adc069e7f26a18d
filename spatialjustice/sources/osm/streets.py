"""Streets of a place as OpenStreetMap has them: all of them, with all their tags, whoever may use them.

Which streets one may walk, cycle or drive along is decided when a network is made of them, not here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.osm._street_frames import Streets, as_frames
from spatialjustice.sources.osm._ways import area_of, choose_streets, obstacle_tags, ways_read
from spatialjustice.sources.osm.extract import open_osm
from spatialjustice.sources.osm.overpass import LARGEST_AREA, Answer, Server, ask_overpass, recorded_answer
from spatialjustice.sources.osm.street_file import StreetFile
from spatialjustice.sources.osm.street_tags import (
    ELSEWHERE,
    Refs,
    Square,
    TurnRestriction,
    Ways,
    edges_of_squares,
    restriction_of,
    square_of,
    street_of,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.sources.osm._ways import Area

__all__ = ["Streets", "streets", "streets_from_overpass", "streets_from_overpass_json"]

QUERY = (
    'way["highway"]',
    *(f'way["{key}"="{value}"]' for key, value in ELSEWHERE),
    'relation["type"="multipolygon"]["highway"]',
    'relation["type"="restriction"]',
)
"""What an Overpass server is asked for."""


def streets(path: str | Path, *, within: gpd.GeoDataFrame | None = None, buffer: float = 0.0) -> Streets:
    """Read every street of a place from an OpenStreetMap file.

    A street is a way with the tag ``highway``, whatever its value, and so are platforms (``railway`` or
    ``public_transport`` = platform), piers (``man_made`` = pier) and ferries (``route`` = ferry). Squares and platforms
    mapped as relations (multipolygons) are streets along their outer edge, as those mapped as closed ways are. Turn
    restrictions (relations) are read with them.

    Parameters
    ----------
    path
        OpenStreetMap file ending in .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    within
        The place, polygons in any CRS. Streets are kept whole when at least one of their points lies in it or on its
        border. None keeps all streets of the file.
    buffer
        Metres by which the place is widened first, because the way to the nearest service may lead outside.

    Returns
    -------
    Streets
        Nodes and ways in the order of the file. Points that streets name but the file lacks are taken out of the
        streets and counted in the finding ``street_nodes_missing``; streets that are no line then are left out and
        counted in ``streets_without_line``.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the file cannot be read to its end.
    EmptyNetworkError
        When no street lies in the place.
    InputError
        When the file is of no kind that can be read, or ``buffer`` is negative or not a number.

    Examples
    --------
    >>> import tempfile
    >>> text = '''<osm version="0.6"><node id="1" lat="0" lon="0"/><node id="2" lat="0" lon="0.001"/>
    ... <way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "two_points.osm"
    ...     size = file.write_text(text)
    ...     found = streets(file)
    >>> found.ways.loc[7, "tags"]
    {'highway': 'residential'}
    >>> found.nodes.loc[2, "x"].item()
    0.001
    """
    area = area_of(within, buffer)
    return as_frames(StreetFile(path).chosen(area))


def extent(path: str | Path) -> tuple[float, float, float, float] | None:
    """Return how far an OpenStreetMap file reaches: west, south, east and north in degrees, as its header says.

    None where the header does not say it.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.

    Examples
    --------
    >>> from spatialjustice.sources.known_files import demo_extract
    >>> [round(side, 3) for side in extent(demo_extract())]
    [24.935, 60.164, 24.953, 60.179]
    """
    return open_osm(path).bounds


def streets_from_overpass(
    place: gpd.GeoDataFrame,
    *,
    buffer: float = 0.0,
    server: str | None = None,
    timeout: float = 180,
    deadline: float = 900,
    largest_area: float = LARGEST_AREA,
) -> Streets:
    """Ask an Overpass server for every street of a place.

    An extract file (:func:`streets`) is to be preferred: it gives the same answer every time and spares the public
    servers. An answer that was checked is kept in the cache, so that the same question is asked once.

    Parameters
    ----------
    place
        The place, polygons in any CRS.
    buffer
        Metres by which the place is widened first.
    server
        Address of the server up to ``/interpreter``; None takes ``SPATIALJUSTICE_OVERPASS`` from the environment,
        else the public one.
    timeout
        Seconds the server may take for one answer.
    deadline
        Seconds after which nothing more is tried.
    largest_area
        Square kilometres of the largest place that the server is asked for.

    Returns
    -------
    Streets
        As :func:`streets` returns them; the data date is the one the server states.

    Raises
    ------
    InputError
        When the server cannot be reached, refuses, or is busy until the deadline, or when the answer is not kept and
        no server may be asked.
    DamagedFileError
        When the answer is cut off, only a part, or holds points without streets.
    EmptyNetworkError
        When there is no street in the place.
    TooLargeError
        When the place is larger than ``largest_area``.
    """
    area = area_of(place, buffer, name="place")
    if area is None:
        raise InputError("place", "there is none", "Give the polygon of the place.")
    made: list[Streets] = []
    answer = ask_overpass(
        QUERY,
        area,
        name="streets",
        server=Server(server, timeout, deadline, largest_area),
        check=lambda answer: made.append(_from_answers([answer], area, ())),
    )
    # A new answer was made into streets when it was looked at.
    return made[0] if made else _from_answers([answer], area, ())


def streets_from_overpass_json(
    *answers: str | Path | dict[str, Any], within: gpd.GeoDataFrame | None = None, buffer: float = 0.0
) -> Streets:
    """Read streets from recorded answers of an Overpass server, for example from OSMnx' cache folder.

    Parameters
    ----------
    answers
        JSON files, folders of such files, or answers as plain data. Answers of other services (place searches) and
        answers without streets stand in the same folders; they are set aside and counted in the finding
        ``answers_set_aside``. Of an object that is in several answers the one from the latest answer is taken.
    within
        The place, polygons in any CRS. None keeps all streets.
    buffer
        Metres by which the place is widened first.

    Returns
    -------
    Streets
        As :func:`streets` returns them, with one source record per answer used.

    Raises
    ------
    MissingFileError
        When a file is not there.
    DamagedFileError
        When an answer is cut off, only a part, or holds points without streets.
    EmptyNetworkError
        When no street lies in the place, or an answer is empty.
    """
    area = area_of(within, buffer)
    given: list[str | Path | dict[str, Any]] = []
    for answer in answers:
        folder = not isinstance(answer, dict) and Path(answer).is_dir()
        given.extend(sorted(Path(answer).glob("*.json")) if folder and not isinstance(answer, dict) else [answer])
    if not given:
        raise InputError("streets", "there is no recorded answer", "Name the JSON files or the folder they are in.")
    read = [recorded_answer(item, "streets") for item in given]
    used = [answer for answer in read if answer is not None and (len(given) == 1 or _about_streets(answer))]
    if not used:
        raise EmptyNetworkError(
            "streets",
            f"none of the {len(given):,} recorded answers holds a street",
            "Give answers to a query for ways with the tag highway.",
        )
    aside = len(read) - len(used)
    findings = [
        Finding(
            code="answers_set_aside",
            severity="information",
            message=f"{aside:,} of {len(read):,} recorded answers are not about streets and were set aside.",
            count=aside,
        )
    ]
    return _from_answers(used, area, tuple(findings if aside else ()))


def _about_streets(answer: Answer) -> bool:
    """Whether an answer belongs to a query for streets: it holds some, or bare points that were to draw some."""
    if any(item["type"] == "way" for item in answer.elements):
        return any(item["type"] == "way" and "highway" in item.get("tags", {}) for item in answer.elements)
    return not answer.elements or any(item["type"] == "node" and not item.get("tags") for item in answer.elements)


def _from_answers(answers: list[Answer], area: Area | None, findings: tuple[Finding, ...]) -> Streets:
    """Make streets of checked answers; a later answer has the last word on what is in several."""
    ways: Ways = {}
    lines: dict[int, Refs] = {}
    squares: list[Square] = []
    points: dict[int, tuple[float, float]] = {}
    obstacles: dict[int, dict[str, str]] = {}
    restrictions: dict[int, TurnRestriction] = {}
    ordered = sorted(answers, key=lambda answer: answer.record.data_date or "")
    for answer in ordered:
        street_found = not answer.elements
        for item in answer.elements:
            if item["type"] == "node":
                points[item["id"]] = (float(item["lon"]), float(item["lat"]))
                obstacles.pop(item["id"], None)
                if known := obstacle_tags({str(key): str(value) for key, value in item.get("tags", {}).items()}):
                    obstacles[item["id"]] = known
            elif item["type"] == "way":
                lines[item["id"]] = item["nodes"]
                tags = {str(key): str(value) for key, value in item.get("tags", {}).items()}
                ways.pop(item["id"], None)
                if street_of(tags)[0]:
                    street_found = True
                    ways[item["id"]] = (item["nodes"], tags)
            elif item["type"] == "relation":
                tags = {str(key): str(value) for key, value in item.get("tags", {}).items()}
                members = [(part["type"][:1], part["ref"], part.get("role", "")) for part in item.get("members", [])]
                restrictions.pop(item["id"], None)
                if restriction := restriction_of(tags, members):
                    restrictions[item["id"]] = restriction
                if square := square_of(tags, members):
                    street_found = True
                    squares.append(square)
        if not street_found:
            raise DamagedFileError(
                "streets",
                f"the answer of {answer.record.file} holds {len(answer.elements):,} elements but not one street",
                "Ask for ways with the tag highway and for the points they are drawn with: (way[highway](…);>;);out;",
            )
    where = ", ".join(sorted({answer.record.file for answer in ordered}))
    edges, missing = edges_of_squares(squares, ways, lines)
    ways |= edges
    if not ways:
        raise EmptyNetworkError(
            "streets",
            f"the answer of {where} is empty",
            "No street is mapped there, or the server holds another region. Check the place.",
        )
    used = {ref for refs, _ in ways.values() for ref in refs}
    absent = sorted(used - points.keys())
    if absent:
        raise DamagedFileError(
            "streets",
            f"the answer of {where} lacks {len(absent):,} points that its streets are drawn with",
            "It was cut. Ask for the streets together with all their points: (way[highway](…);>;);out;",
            rows=absent,
        )
    points = {ref: place for ref, place in points.items() if ref in used}
    findings = (*findings, *missing, *_about_answers(ordered))
    read = ways_read(ways, points, obstacles, restrictions)
    found = choose_streets(read, area, tuple(item.record for item in ordered), findings, where=where)
    return as_frames(found)


def _about_answers(answers: list[Answer]) -> list[Finding]:
    found = []
    dates = {answer.record.data_date for answer in answers}
    if len(dates) > 1:
        found.append(
            Finding(
                code="answers_of_different_dates",
                severity="information",
                message=f"The {len(answers):,} answers show the map at {len(dates):,} different times.",
                count=len(dates),
                advice="Ask for all parts of the place at one time where that matters.",
            )
        )
    empty = sum(not answer.elements for answer in answers)
    if empty:
        found.append(
            Finding(
                code="answers_empty",
                severity="information",
                message=f"{empty:,} of {len(answers):,} answers hold nothing: no street is mapped in these parts.",
                count=empty,
            )
        )
    return found
