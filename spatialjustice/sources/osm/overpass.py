"""Overpass answers, asked for or recorded earlier: believed, and kept, only after they were checked.

OSMnx builds a network from half an answer, keeps empty answers for ever, and asks a busy server again without end. The
servers are therefore asked directly, in their own language: one question for each place, whose answer is kept. The
tests replay recorded answers; ``make live-check`` asks a real server.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, MissingFileError, TooLargeError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord
from spatialjustice.sources.web._question import Manners, Question, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spatialjustice.sources.osm._ways import Area

SERVER = "https://overpass-api.de/api"
SERVER_VARIABLE = "SPATIALJUSTICE_OVERPASS"
FIRST_PAUSE = 5.0
SPACING = 1.0
LARGEST_AREA = 2500.0
MOST_CORNERS = 2000
SHOWN_OF_BODY = 200
USE_EXTRACT = (
    "An extract file of the region (https://download.geofabrik.de; sources.geofabrik fetches one) does not depend on "
    "such a server and gives the same answer every time."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One checked answer of an Overpass server: its elements and where they came from."""

    elements: tuple[dict[str, Any], ...]
    record: SourceRecord


@dataclass(frozen=True, slots=True)
class Server:
    """An Overpass server and how long it may take.

    Parameters
    ----------
    address
        Up to ``/interpreter``; None takes ``SPATIALJUSTICE_OVERPASS`` from the environment, else the public one.
    timeout
        Seconds the server may work on one answer.
    deadline
        Seconds after which nothing more is tried.
    largest_area
        Square kilometres of the largest place that it is asked for.
    """

    address: str | None = None
    timeout: float = 180
    deadline: float = 900
    largest_area: float = LARGEST_AREA

    @property
    def interpreter(self) -> str:
        """The address that questions go to."""
        base = self.address or os.environ.get(SERVER_VARIABLE, "").strip() or SERVER
        return f"{base.rstrip('/')}/interpreter"


def ask_overpass(
    statements: Iterable[str],
    area: Area,
    *,
    name: str,
    server: Server,
    more: str = "",
    check: Callable[[Answer], object] = lambda _: None,
) -> Answer:
    """Ask an Overpass server for the objects of a place, with all that they are drawn with.

    Parameters
    ----------
    statements
        What to ask for, such as ``way["highway"]``; the place is added to each.
    area
        The place.
    name
        What is asked for; errors and source records call it so.
    server
        Whom to ask.
    more
        Statements that follow, with ``{place}`` where the place belongs.
    check
        Looks at the answer before it is kept, and raises where it cannot be used.

    Returns
    -------
    Answer
        From the cache where the same question was answered before.

    Raises
    ------
    InputError
        When the server cannot be reached, refuses, or is busy until the deadline.
    DamagedFileError
        When the answer is cut off or only a part of what was asked for.
    TooLargeError
        When the place is larger than a public server should be asked for.
    """
    # The web is loaded only where it is needed.
    from spatialjustice.sources.web import web

    size = area.shape.area / 1e6
    if size > server.largest_area:
        raise TooLargeError(
            name,
            f"the place with its surroundings has {size:,.0f} km², more than the {server.largest_area:,.0f} km² that a "
            "public server is asked for",
            f"Use an extract file. {USE_EXTRACT}",
        )
    places = _places(area)
    wanted = "".join(f"{statement}{place};" for statement in statements for place in places)
    also = "".join(more.replace("{place}", place) for place in places)
    seconds = max(1, round(server.timeout))
    query = f"[out:json][timeout:{seconds}];({wanted});(._;>;);out;{also}"
    question = Question.of(server.interpreter, name=name, form=[("data", query)])
    manners = Manners(
        deadline=server.deadline,
        pause=FIRST_PAUSE,
        spacing=SPACING,
        patient=True,
        advice=f"Nothing of it is used. Try again later, allow more time, or ask another server. {USE_EXTRACT}",
    )

    def read(said: web.Answer) -> Answer:
        where = f"the server {said.address}"
        content = _parsed_json(said.data, name, where)
        return _checked_answer(content, said.data, name=name, file=said.address, where=where, address=said.address)

    def inspect(said: web.Answer) -> Mapping[str, Any]:
        answer = read(said)
        check(answer)
        record = answer.record
        known = ("licence", "attribution", "data_date", "data_date_from")
        return {field: getattr(record, field) for field in known}

    return read(web.ask(question, manners, inspect))


def quoted_word(text: str) -> str:
    r"""Return a word as the servers read it, whatever is in it.

    Examples
    --------
    >>> print(quoted_word('a "clinic"'))
    "a \"clinic\""
    """
    return json.dumps(text, ensure_ascii=False)


def require_mapped(answer: Answer) -> None:
    """Tell an answer without the places asked for from a server that holds nothing of the region.

    Raises
    ------
    EmptyNetworkError
        When there is no street either, which the question has the server count.
    """
    counted = [item for item in answer.elements if item["type"] == "count"]
    if len(answer.elements) > len(counted):
        return
    totals = [str(item.get("tags", {}).get("total", "0")) for item in counted]
    if not any(total.isdigit() and int(total) for total in totals):
        raise EmptyNetworkError(
            answer.record.name,
            f"the answer of {answer.record.file} is empty, and no street is mapped there either",
            "The server holds another region, or the place is wrong. Check both.",
        )


def _places(area: Area) -> list[str]:
    """Write the parts of a place as the servers read them: latitude before longitude."""
    shape = area.in_degrees()
    written = []
    for part in shapely.get_parts(shape):
        ring = part.exterior if len(part.exterior.coords) <= MOST_CORNERS else part.convex_hull.exterior
        corners = np.round(np.asarray(ring.coords)[:-1, ::-1], 6)
        written.append('(poly:"' + " ".join(f"{lat:.6f} {lon:.6f}" for lat, lon in corners) + '")')
    return written


def recorded_answer(source: str | Path | dict[str, Any], name: str) -> Answer | None:
    """Read one recorded answer, from a file as OSMnx keeps them or as plain data.

    Returns
    -------
    Answer or None
        None where the file holds an answer of another service, for example of a place search.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the answer is cut off or only a part of what was asked for.
    """
    if isinstance(source, dict):
        data = json.dumps(source, sort_keys=True).encode()
        return _checked_answer(source, data, name=name, file="recorded answer", where="the recorded answer")
    path = Path(source)
    if not path.is_file():
        raise MissingFileError(name, f"there is no file {path}", "Check the folder and the spelling.")
    data = path.read_bytes()
    content = _parsed_json(data, name, path.name)
    if not isinstance(content, dict):
        return None
    return _checked_answer(content, data, name=name, file=path.name, where=path.name)


def _parsed_json(data: bytes, name: str, where: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        beginning = readable(data[: 4 * SHOWN_OF_BODY], SHOWN_OF_BODY) or "nothing"
        raise DamagedFileError(
            name,
            f"the answer of {where} is no whole JSON ({error}; it begins with {beginning})",
            "It was cut off, or an error page came in its place. Ask for it again.",
        ) from error


def _checked_answer(content: Any, data: bytes, *, name: str, file: str, where: str, address: str = "") -> Answer:
    """Refuse an answer that is a part or misshapen; make its record otherwise."""
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        raise DamagedFileError(
            name, f"the answer of {where} holds no list of elements", "Give the answer of an Overpass server as JSON."
        )
    if "remark" in content:
        remark = readable(str(content["remark"]), SHOWN_OF_BODY)
        raise DamagedFileError(
            name,
            f"the answer of {where} is only a part: the server remarks “{remark}”",
            f"Ask for a smaller place, allow a longer timeout, or try again later. {USE_EXTRACT}",
        )
    elements = content["elements"]
    for position, element in enumerate(elements):
        if not _well_formed(element):
            raise DamagedFileError(
                name,
                f"element {position:,} in the answer of {where} is not a whole node, way or relation",
                "Ask with “out body” (or plain “out”), which gives nodes their place and ways their nodes.",
            )
    about = content.get("osm3s")
    base = about.get("timestamp_osm_base") if isinstance(about, dict) else None
    date = base if isinstance(base, str) and base else None
    record = SourceRecord(
        name=name,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        licence=OSM_LICENCE,
        attribution=OSM_ATTRIBUTION,
        data_date=date,
        data_date_from="overpass answer" if date else "",
        address=address,
    )
    return Answer(_newest_versions(elements), record)


def _newest_versions(elements: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Keep of every object its newest version, the last of equal ones, and nothing that is marked as deleted."""
    newest: dict[tuple[str, Any], dict[str, Any]] = {}
    for position, element in enumerate(elements):
        # Counts and areas have no versions; several may bear one id.
        mapped = element["type"] in {"node", "way", "relation"}
        key = (element["type"], element["id"] if mapped else -position)
        if key not in newest or element.get("version", 0) >= newest[key].get("version", 0):
            newest[key] = element
    return tuple(
        element
        for element in newest.values()
        if element.get("visible") is not False and element.get("action") != "delete"
    )


def _well_formed(element: Any) -> bool:
    if not isinstance(element, dict) or not isinstance(element.get("id"), int):
        return False
    if not isinstance(element.get("tags", {}), dict):
        return False
    kind = element.get("type")
    if kind == "node":
        # JSON of Python knows NaN and Infinity; neither lies within these limits.
        limits = {"lat": 90, "lon": 180}
        return all(
            isinstance(element.get(axis), int | float) and abs(element[axis]) <= limit for axis, limit in limits.items()
        )
    if kind == "way":
        nodes = element.get("nodes")
        return isinstance(nodes, list) and all(isinstance(node, int) for node in nodes)
    return kind in {"relation", "area", "count"}
