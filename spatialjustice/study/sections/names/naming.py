"""Names of zones as people say them, made of districts, labels, streets and places around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.frames import metric_crs
from spatialjustice._core.ground.inside import points_inside
from spatialjustice.catalogue import LANGUAGES, number, words
from spatialjustice.sources.places.ground_names import PARTS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Objects = NDArray[np.object_]

LABEL_WITHIN = 1500.0
"""Metres within which a zone belongs to the nearest label of a neighbourhood or village."""
MAIN_WITHIN = 400.0
"""Metres within which a zone without a label is called by a main street."""
STREET_WITHIN = 250.0
"""Metres within which the nearest named street is a zone's."""
NEAR = 1000.0
"""Metres within which a zone that has none of these is called by the nearest named place of a service."""
COMPASS = ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west")
_ARABIC = re.compile("[\u0600-\u06ff]")
_NOTHING = np.array([None], dtype=object)


@dataclass(frozen=True)
class Named:
    """Texts in every language of the catalogue, one for each zone; None where there is none."""

    texts: dict[str, Objects]

    @classmethod
    def nothing(cls, count: int) -> Named:
        """Return no name for all of them."""
        return cls({lang: np.full(count, None, dtype=object) for lang in LANGUAGES})

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which have a name."""
        return np.array([text is not None for text in self.texts["en"]], dtype=bool)

    def take(self, places: NDArray[np.int64]) -> Named:
        """Return the names at these places; none where the place is -1."""
        made = {}
        for lang, texts in self.texts.items():
            made[lang] = np.full(len(places), None, dtype=object)
            made[lang][places >= 0] = texts[places[places >= 0]]
        return Named(made)

    def or_else(self, other: Named) -> Named:
        """Return these names, and another's where there is none."""
        there = self.there
        return Named({lang: np.where(there, texts, other.texts[lang]) for lang, texts in self.texts.items()})

    def said(self, key: str, **parts: Objects) -> Named:
        """Return a sentence of the catalogue with each name in its gap; other gaps take texts by language and zone."""
        made = {}
        for lang, texts in self.texts.items():
            pattern = words(lang)[key]
            rows = range(len(texts))
            made[lang] = np.array(
                [
                    None
                    if texts[row] is None
                    else pattern.format(name=texts[row], **{gap: part[row][lang] for gap, part in parts.items()})
                    for row in rows
                ],
                dtype=object,
            )
        return Named(made)


def names_of_zones(
    zones: gpd.GeoDataFrame,
    ground: gpd.GeoDataFrame | None,
    *,
    districts: gpd.GeoDataFrame | pd.DataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Call every zone by a name that people know; codes are in none of them.

    A zone belongs to the district that holds most of it, else to the smallest mapped neighbourhood or village around
    it, else to the nearest label of one within 1,500 m, else to the nearest main street within 400 m; the nearest named
    street within 250 m tells it from others. Where there is nothing of all this, it is near a named place within
    1,000 m, or some kilometres off the nearest label, or has a number. Zones of the same name are numbered from north
    to south.

    Parameters
    ----------
    zones
        The zones; where they have a column ``name``, and perhaps ``name_fa``, they keep these names.
    ground
        What :func:`spatialjustice.sources.places.ground_names.ground_names` read; None where there is no such file.
    districts
        Boundaries with ``name`` and perhaps ``name_fa``; or, on the index of the zones, the district of each.
    places
        Places of services with ``name`` and perhaps ``name_fa``.

    Returns
    -------
    DataFrame
        On the index of the zones: ``name`` and ``name_fa``, ``neighbourhood`` and ``neighbourhood_fa`` (missing where
        none is known), ``street`` and ``street_fa``, ``district`` and ``district_fa`` where districts are given; and
        ``named_by``: own name, district, neighbourhood, label, main street, street, place, direction or number. Persian
        names are missing where they are the same.
    """
    crs = metric_crs(zones)
    at = points_inside(np.asarray(zones.geometry.to_crs(crs).array, dtype=object))
    known = _Ground(ground, crs)
    district = _districts(districts, zones, crs)
    steps = [("district", district), ("neighbourhood", known.around(at)), ("label", known.labelled(at))]
    steps.append(("main street", known.main_street(at)))
    part, by = _first(steps, len(zones))
    street = known.street(at)
    away = Named.nothing(len(zones))
    if not (part.there | street.there).all():
        bare = ~(part.there | street.there)
        away, how = _first([("place", _near(places, at, crs)), ("direction", known.direction(at))], len(zones))
        away = Named({lang: np.where(bare, texts, _NOTHING) for lang, texts in away.texts.items()})
        by = np.where(bare, how, by)
    by = np.where((by == "") & street.there, "street", by)
    own = _own(zones)
    made = own.or_else(_joined(part, street).or_else(away))
    by = np.where(own.there, "own name", np.where(made.there, by, "number"))
    made = _told_apart(made, at, keep=own.there)
    frame: dict[str, Any] = {}
    for column, named in (("name", made), ("neighbourhood", part.or_else(away)), ("street", street)):
        frame |= _columns(column, named)
    if districts is not None:
        frame |= _columns("district", district)
    frame["named_by"] = by
    return pd.DataFrame(frame, index=zones.index)


def _columns(column: str, named: Named) -> dict[str, Objects]:
    """Return a name as columns; those of other languages only where they are different."""
    english = named.texts["en"]
    columns = {column: english}
    for lang, texts in named.texts.items():
        if lang != "en":
            columns[f"{column}_{lang}"] = np.where(texts == english, _NOTHING, texts)
    return columns


def _first(steps: list[tuple[str, Named]], count: int) -> tuple[Named, Objects]:
    """Return the first name that there is for each zone, and which step gave it."""
    found = Named.nothing(count)
    by = np.full(count, "", dtype=object)
    for how, named in steps:
        by[~found.there & named.there] = how
        found = found.or_else(named)
    return found, by


def _texts(frame: pd.DataFrame) -> Named:
    """Return the names of a frame by language: a language's own, else the local one."""
    local = frame["name"].astype(object)
    made = {}
    for lang in LANGUAGES:
        column = f"name_{lang}"
        own = frame[column].astype(object) if column in frame else local
        texts = own.where(own.notna() & (own != ""), local)
        made[lang] = np.array(
            [None if pd.isna(text) or not str(text).strip() else str(text).strip() for text in texts], dtype=object
        )
    return Named(made)


def _own(zones: gpd.GeoDataFrame) -> Named:
    return _texts(zones) if "name" in zones else Named.nothing(len(zones))


def _districts(districts: gpd.GeoDataFrame | pd.DataFrame | None, zones: gpd.GeoDataFrame, crs: Any) -> Named:
    """Return the district of each zone: that which holds most of its area, or the one that a table names."""
    if districts is None:
        return Named.nothing(len(zones))
    if "geometry" not in districts:
        return _texts(districts.reindex(zones.index))
    shapes = np.asarray(districts.geometry.to_crs(crs).array, dtype=object)
    areas = np.asarray(zones.geometry.to_crs(crs).array, dtype=object)
    return _texts(districts).take(_most_shared(shapes, areas))


def _most_shared(shapes: Objects, areas: Objects) -> NDArray[np.int64]:
    """Return which shape holds most of each area, the first of equal ones; -1 where none holds any of it."""
    found = np.full(len(areas), -1, dtype=np.int64)
    rows, hits = shapely.STRtree(shapes).query(areas, predicate="intersects")
    shared = np.full(len(rows), np.inf)
    several = np.bincount(rows, minlength=len(areas))[rows] > 1
    shared[several] = shapely.area(shapely.intersection(areas[rows[several]], shapes[hits[several]]))
    alone = ~several
    shared[alone] = np.where(shapely.touches(areas[rows[alone]], shapes[hits[alone]]), 0.0, np.inf)
    rows, hits, shared = rows[shared > 0], hits[shared > 0], shared[shared > 0]
    order = np.lexsort((hits, -shared, rows))[::-1]
    found[rows[order]] = hits[order]  # the largest share of an area is written last
    return found


def _smallest_around(shapes: Objects, at: Objects) -> NDArray[np.int64]:
    """Return which area lies around each point, the smallest of several; -1 for none."""
    found = np.full(len(at), -1, dtype=np.int64)
    if not len(shapes):
        return found
    points, areas = shapely.STRtree(shapes).query(at, predicate="intersects")
    size = shapely.area(shapes)
    order = np.lexsort((areas, size[areas], points))[::-1]
    found[points[order]] = areas[order]  # the smallest of a point is written last
    return found


def _nearest(shapes: Objects, at: Objects, limit: float) -> NDArray[np.int64]:
    """Return which shape is nearest to each point within a limit, the first of equal ones; -1 for none."""
    found = np.full(len(at), -1, dtype=np.int64)
    if not len(shapes):
        return found
    points, near = shapely.STRtree(shapes).query_nearest(at, max_distance=limit, all_matches=True)
    order = np.lexsort((near, points))[::-1]
    found[points[order]] = near[order]
    return found


class _Ground:
    """What is mapped around the zones, in metres."""

    def __init__(self, ground: gpd.GeoDataFrame | None, crs: Any) -> None:
        self.frame = ground
        if ground is None:
            return
        self.shapes = np.asarray(ground.geometry.to_crs(crs).array, dtype=object)
        kind = ground["kind"]
        flat = shapely.get_dimensions(self.shapes)
        part = kind.isin([*PARTS, "part"]).to_numpy()
        self.areas = np.flatnonzero(part & (flat == 2))
        self.labels = np.flatnonzero(part & (flat == 0))
        self.main = np.flatnonzero((kind == "main_street").to_numpy())
        self.streets = np.flatnonzero(kind.isin(["street", "main_street"]).to_numpy())
        self.names = _texts(ground)

    def _called(self, rows: NDArray[np.int64], found: NDArray[np.int64]) -> Named:
        return self.names.take(np.where(found >= 0, rows[found] if len(rows) else -1, -1))

    def around(self, at: Objects) -> Named:
        """Return the smallest mapped neighbourhood or village around each point."""
        if self.frame is None:
            return Named.nothing(len(at))
        return self._called(self.areas, _smallest_around(self.shapes[self.areas], at))

    def labelled(self, at: Objects) -> Named:
        """Return the nearest label."""
        return self._near(at, "labels", LABEL_WITHIN)

    def main_street(self, at: Objects) -> Named:
        """Return the nearest main street."""
        return self._near(at, "main", MAIN_WITHIN)

    def street(self, at: Objects) -> Named:
        """Return the nearest street of any kind."""
        return self._near(at, "streets", STREET_WITHIN)

    def _near(self, at: Objects, what: str, limit: float) -> Named:
        if self.frame is None:
            return Named.nothing(len(at))
        rows: NDArray[np.int64] = getattr(self, what)
        return self._called(rows, _nearest(self.shapes[rows], at, limit))

    def direction(self, at: Objects) -> Named:
        """Say how far each point lies from the nearest label, and on which side of it."""
        if self.frame is None or not len(self.labels):
            return Named.nothing(len(at))
        labels = self.shapes[self.labels]
        found = _nearest(labels, at, np.inf)
        step = shapely.get_coordinates(at) - shapely.get_coordinates(labels[found])
        turn = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360
        side = np.rint(turn / 45).astype(int) % 8
        kilometres = np.hypot(step[:, 0], step[:, 1]) / 1000
        far = np.array([_kilometres(one) for one in kilometres], dtype=object)
        sides = [{lang: words(lang)[f"study.names.{one}"] for lang in LANGUAGES} for one in COMPASS]
        called = self._called(self.labels, found)
        return called.said("study.names.away", distance=far, side=np.array(sides, dtype=object)[side])


def _kilometres(distance: float) -> dict[str, str]:
    """Write a distance in kilometres, no finer than anybody would say it."""
    return {lang: number(distance, lang, digits=0 if distance >= 2 else 1) for lang in LANGUAGES}


def _near(places: gpd.GeoDataFrame | None, at: Objects, crs: Any) -> Named:
    """Say which named place is nearest."""
    if places is None or "name" not in places:
        return Named.nothing(len(at))
    named = places[places["name"].notna() & (places["name"] != "")]
    shapes = shapely.point_on_surface(np.asarray(named.geometry.to_crs(crs).array, dtype=object))
    return _texts(named).take(_nearest(shapes, at, NEAR)).said("study.names.near")


def _joined(part: Named, street: Named) -> Named:
    """Return neighbourhood and street, one of them where the other is missing or the same."""
    made = {}
    for lang, parts in part.texts.items():
        both = []
        for one, other in zip(parts, street.texts[lang], strict=True):
            if one is None or other is None or one == other:
                both.append(one or other)
                continue
            # A comma of the script that the names are written in.
            comma = words("fa" if _ARABIC.search(one + other) else "en")["language.comma"]
            both.append(f"{one}{comma}{other}")
        made[lang] = np.array(both, dtype=object)
    return Named(made)


def _told_apart(named: Named, at: Objects, *, keep: NDArray[np.bool_]) -> Named:
    """Give numbers, from north to south, to zones of one name and to those without any; own names stay as they are."""
    xy = shapely.get_coordinates(at)
    order = np.lexsort((xy[:, 0], -xy[:, 1]))
    rank = np.empty(len(at), dtype=np.int64)
    rank[order] = np.arange(len(at))
    english = pd.Series(named.texts["en"])
    alike = pd.Series(rank).groupby(english.fillna("").to_numpy()).rank(method="first").astype(int).to_numpy()
    several = english.groupby(english).transform("size").fillna(0).to_numpy() > 1
    made: dict[str, Objects] = {}
    for lang, texts in named.texts.items():
        said = words(lang)
        made[lang] = np.array(
            [
                said["study.names.number"].format(number=number(int(place), lang))
                if text is None
                else text
                if own or not more
                else said["study.names.alike"].format(name=text, number=number(int(place), lang))
                for text, own, more, place in zip(texts, keep, several, alike, strict=True)
            ],
            dtype=object,
        )
    return Named(made)
