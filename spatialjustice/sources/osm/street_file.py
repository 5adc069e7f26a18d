"""The streets of an OpenStreetMap file as arrays, read once."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from osmium.osm import NODE, RELATION, WAY

from spatialjustice._core.errors import EmptyNetworkError
from spatialjustice._core.numbers.positions import each_once, positions_of
from spatialjustice.sources.osm._lines import (
    PointsRead,
    TagKinds,
    has_key,
    members_of,
    points_of_ways,
    tagged_lines,
    tags_of,
)
from spatialjustice.sources.osm._pieces import written_for_us
from spatialjustice.sources.osm._points import PlacesRead
from spatialjustice.sources.osm._ways import MAY_STOP, WaysRead, choose_streets, obstacle_tags
from spatialjustice.sources.osm.extract import open_osm
from spatialjustice.sources.osm.street_tags import (
    RESTRICTION_KEYS,
    STREET_KEYS,
    Square,
    TurnRestriction,
    Ways,
    edges_of_squares,
    restriction_of,
    square_of,
    street_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice._core.findings import Finding
    from spatialjustice.sources.osm._ways import Area, ChosenStreets
    from spatialjustice.sources.osm.extract import OsmFile


class StreetFile:
    """The streets of an OpenStreetMap file, read once, of which those of any place can then be asked for."""

    def __init__(self, path: str | Path) -> None:
        self._osm = osm = open_osm(path, "streets")
        with written_for_us(FOR_PLACES * osm.record.size) as folder:
            places = PlacesRead(folder)
            tagged = _tagged(osm, places)
            edges, missing = _edges_of_squares(osm, tagged)
            refs, lengths = tagged.points.arrays()
            if edges:
                refs = np.concatenate([refs, *(np.asarray(line, dtype=np.int64) for line, _ in edges.values())])
                lengths = np.concatenate([lengths, np.array([len(line) for line, _ in edges.values()], dtype=np.int64)])
            way_ids = np.array([*tagged.way_ids, *edges], dtype=np.int64)
            if not way_ids.size:
                raise no_street(osm)
            node_ids, xy = places.of(osm, each_once(refs))
        noted = np.fromiter(tagged.obstacles, np.int64, len(tagged.obstacles))
        drawn = noted[positions_of(node_ids, noted) >= 0].tolist()
        texts = list(tagged.texts)
        self._read = WaysRead(
            way_ids=way_ids,
            kind=np.concatenate([np.array(tagged.kinds, np.int32), len(texts) + np.arange(len(edges), dtype=np.int32)]),
            kinds=TagKinds(texts, [tags for _, tags in edges.values()]),
            refs=refs,
            lengths=lengths,
            node_ids=node_ids,
            xy=xy,
            node_tags={node: tagged.obstacles[node] for node in drawn},
            restrictions=tagged.restrictions,
        )
        self._findings = (*osm.findings, *missing)

    def chosen(self, area: Area | None) -> ChosenStreets:
        """Return the streets of an area as arrays; None for all."""
        osm = self._osm
        found = choose_streets(self._read, area, (osm.record,), self._findings, where=osm.path.name)
        return found._replace(extent=osm.bounds)


class _Tagged(NamedTuple):
    """What of a file has the tags of streets, of squares, of turn restrictions, or of what may stop people.

    ``texts`` has every text of tags that a street has, in the order of its kind; ``kinds`` the kind of every street.
    """

    way_ids: array[int]
    kinds: array[int]
    texts: dict[str, int]
    points: PointsRead
    squares: list[Square]
    restrictions: dict[int, TurnRestriction]
    obstacles: dict[int, dict[str, str]]


KEYS = {NODE: MAY_STOP, WAY: STREET_KEYS, RELATION: (*STREET_KEYS, *RESTRICTION_KEYS)}
"""Keys of what is read, of which an object has at least one."""

TYPES = ("multipolygon", "restriction")
"""Of relations; those of bus lines, which have such keys too, have thousands of members."""

FOR_PLACES = 4
"""How many times the size of a file the places of its points may take meanwhile: about twice is usual."""


def _tagged(osm: OsmFile, places: PlacesRead) -> _Tagged:
    """Read all that has such tags, and where points are, in one pass. Tags that are the same are looked at once."""
    found = _Tagged(array("q"), array("i"), {}, PointsRead(), [], {}, {})
    no_streets: set[str] = set()
    told_by: dict[str, dict[str, str] | None] = {}
    for kind, number, text, rest in tagged_lines(osm, KEYS, types=TYPES, handlers=[places.handler]):
        if kind == "w":
            if text not in found.texts:
                if text in no_streets or not (has_key(text, "highway") or street_of(tags_of(text))[0]):
                    no_streets.add(text)
                    continue
                found.texts[text] = len(found.texts)
            found.way_ids.append(number)
            found.kinds.append(found.texts[text])
            found.points.take(rest)
        elif kind == "n":
            if text not in told_by:
                told_by[text] = obstacle_tags(tags_of(text))
            if told := told_by[text]:
                found.obstacles[number] = told
        else:
            tags, members = tags_of(text), members_of(rest)
            if square := square_of(tags, members):
                found.squares.append(square)
            elif restriction := restriction_of(tags, members):
                found.restrictions[number] = restriction
    return found


def _edges_of_squares(osm: OsmFile, tagged: _Tagged) -> tuple[Ways, tuple[Finding, ...]]:
    """Read the edges of squares that are mapped as relations."""
    if not tagged.squares:
        return {}, ()
    drawn = {way for square in tagged.squares for way in square.ways}
    return edges_of_squares(tagged.squares, set(tagged.way_ids), points_of_ways(osm, drawn) if drawn else {})


def no_street(osm: OsmFile) -> EmptyNetworkError:
    """Return what is said of a file without streets."""
    return EmptyNetworkError(
        "streets", f"{osm.path.name} holds no street at all", "Give an extract that holds streets (highway=*)."
    )
