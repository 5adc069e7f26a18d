"""Objects of an OpenStreetMap file as lines of text, one object to a line.

The OSM library writes what passes its filters in its own format of lines (OPL) without a call into Python for every tag
and for every point of a way, which takes ten times as long and many times the memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import osmium
from osmium.osm import RELATION, WAY

from spatialjustice.sources.osm._pieces import writing, written_for_us
from spatialjustice.sources.osm.extract import LARGE, reading_osm

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from spatialjustice.sources.osm.extract import OsmFile

FORMAT = "opl,add_metadata=none"
ESCAPED = re.compile("%([0-9a-f]+)%")
"""How the format writes a character that has a meaning in it: by its number."""

HALF = re.compile("%d[89a-f][0-9a-f]{2}%")
"""Numbers of no character: of two of them other encodings make one, and no file can be written with one alone."""

MANY = 1 << 22
"""Letters of points that are read into numbers at once."""


class Line(NamedTuple):
    """One object: ``n``, ``w`` or ``r``, its id, its tags, and, as they are written, its points or members."""

    kind: str
    number: int
    tags: str
    rest: str


def tagged_lines(
    osm: OsmFile,
    keys: Mapping[Any, Collection[str]],
    *,
    types: Collection[str] = (),
    handlers: Sequence[Any] = (),
) -> Iterator[Line]:
    """Give the objects of a file that have one of these keys, in the order of the file.

    Parameters
    ----------
    osm
        The opened file.
    keys
        For each of ``osmium.osm.NODE``, ``WAY``, ``RELATION`` that is wanted, the keys of which it has one at least.
    types
        Of relations only those of one of these types; all where none is given.
    handlers
        Of the OSM library, which are shown every object, whatever its keys.

    Raises
    ------
    DamagedFileError
        When the file cannot be read to its end.
    """
    filters: list[Any] = []
    for kind, own in keys.items():
        filters.append(osmium.filter.KeyFilter(*own))
        filters[-1].enable_for(kind)
    if types:
        filters.append(osmium.filter.TagFilter(*(("type", one) for one in types)))
        filters[-1].enable_for(RELATION)
    for text in _lines(osm, tuple(keys), [*handlers, *filters]):
        name, tags, rest = text.rstrip("\n").split(" ", 2)
        yield Line(name[0], int(name[1:]), tags[1:], rest[1:])


def points_of_ways(osm: OsmFile, ids: Collection[int]) -> dict[int, NDArray[np.int64]]:
    """Return the ids of the points of the ways with these ids, of those that are in the file.

    Raises
    ------
    DamagedFileError
        When the file cannot be read to its end.
    """
    # The library's own filter takes memory for all ids there may be: more than a small file does that is read whole.
    narrowed = osm.record.size > LARGE and min(ids, default=0) >= 0
    filters = [osmium.filter.IdFilter(ids)] if narrowed else []
    wanted = {f"w{number}" for number in ids}
    found = {}
    for text in _lines(osm, (WAY,), filters):
        name = text[: text.index(" ")]
        if name in wanted:
            found[int(name[1:])] = numbers_of([text.rstrip("\n").split(" ", 2)[2][1:]])
    return found


def _lines(osm: OsmFile, kinds: tuple[Any, ...], handlers: list[Any]) -> Iterator[str]:
    with reading_osm(osm.path, osm.record.name), written_for_us() as folder:
        path = folder / "lines"
        for reader in osm.readers(*kinds):
            with writing(path, FORMAT) as writer:
                osmium.apply(reader, *handlers, writer)
            with path.open(encoding="utf-8", newline="\n") as stream:
                for line in stream:
                    if "%d" in line and HALF.search(line):
                        message = "it holds half a character, which is no text"
                        raise ValueError(message)
                    yield line


def tags_of(text: str) -> dict[str, str]:
    """Read the tags of a line.

    Examples
    --------
    >>> tags_of("highway=service,name=Calle%20%Real")
    {'highway': 'service', 'name': 'Calle Real'}
    """
    pairs = [pair.split("=") for pair in text.split(",")] if text else []
    if "%" in text:
        pairs = [[ESCAPED.sub(_character, part) for part in pair] for pair in pairs]
    return {key: value for key, value in pairs}  # noqa: C416 (these pairs are lists)


def has_key(text: str, key: str) -> bool:
    """Tell whether the tags of a line have a key of plain letters, without reading them.

    Examples
    --------
    >>> has_key("name=a,highway=service", "highway"), has_key("old:highway=service", "highway")
    (True, False)
    """
    return text.startswith(f"{key}=") or f",{key}=" in text


def _character(found: re.Match[str]) -> str:
    return chr(int(found.group(1), 16))


def members_of(text: str) -> list[tuple[str, int, str]]:
    """Read the members of a relation: kind, id and role.

    Examples
    --------
    >>> members_of("w12@from,n3@via,w14@to")
    [('w', 12, 'from'), ('n', 3, 'via'), ('w', 14, 'to')]
    """
    parts = [part.split("@") for part in text.split(",")] if text else []
    return [(name[0], int(name[1:]), ESCAPED.sub(_character, role)) for name, role in parts]


def numbers_of(points: list[str]) -> NDArray[np.int64]:
    """Read the ids of the points of several ways, one after the other.

    Examples
    --------
    >>> numbers_of(["n12,n-3", "", "n4"]).tolist()
    [12, -3, 4]
    """
    text = ",".join(filter(None, points)).replace("n", "")
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)


class PointsRead:
    """Takes the points of way after way, and keeps them as numbers."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.int64]] = []
        self._waiting: list[str] = []
        self._letters = 0
        self._lengths: list[int] = []

    def take(self, points: str) -> None:
        """Take the points of one way."""
        self._lengths.append(points.count(",") + 1 if points else 0)
        self._waiting.append(points)
        self._letters += len(points)
        if self._letters > MANY:
            self._finish()

    def _finish(self) -> None:
        self._parts.append(numbers_of(self._waiting))
        self._waiting, self._letters = [], 0

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the points of all ways, one way after the other, and how many each way has."""
        self._finish()
        return np.concatenate(self._parts), np.array(self._lengths, dtype=np.int64)


class TagKinds(Sequence[dict[str, str]]):
    """The tags of ways, those that are the same once; kept as text, which is a fraction of what dictionaries take."""

    def __init__(self, texts: list[str], others: Sequence[Mapping[str, str]] = ()) -> None:
        self._texts, self._others = texts, others
        self._words: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many different ones there are."""
        return len(self._texts) + len(self._others)

    @overload
    def __getitem__(self, position: int) -> dict[str, str]: ...

    @overload
    def __getitem__(self, position: slice) -> list[dict[str, str]]: ...

    def __getitem__(self, position: int | slice) -> dict[str, str] | list[dict[str, str]]:
        """Return a dictionary that nobody else has."""
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(len(self)))]
        if position >= len(self._texts):
            return dict(self._others[position - len(self._texts)])
        one = self._words.setdefault  # of every word one text is kept, however often it stands there
        return {one(key, key): one(value, value) for key, value in tags_of(self._texts[position]).items()}

    def pairs_without(self, position: int, left_out: Callable[[str], bool]) -> frozenset[Any]:
        """Return what is the same of tags that are the same but for some keys, without reading the tags."""
        if position >= len(self._texts):
            return frozenset(pair for pair in self[position].items() if not left_out(pair[0]))
        pairs = self._texts[position].split(",")
        return frozenset(pair for pair in pairs if not left_out(pair[: pair.find("=")]))
