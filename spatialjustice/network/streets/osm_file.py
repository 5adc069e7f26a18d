"""From a file of OpenStreetMap to networks: of one mode, or of several for which it is read once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import metric_crs
from spatialjustice.network.streets.build import network_of
from spatialjustice.network.streets.drawn import DrawnStreets
from spatialjustice.network.streets.modes import Mode, mode_named

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely import MultiPolygon, Polygon

    from spatialjustice.network.network import Network
    from spatialjustice.sources.osm._ways import ChosenStreets
    from spatialjustice.sources.osm.street_file import StreetFile

SIDE = 0.1
"""Degrees: the sides of a file's extent are projected in pieces of this length."""


def from_osm(
    path: str | Path,
    *,
    mode: str | Mode = "walk",
    speed: float | None = None,
    within: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    buffer: float = 3000.0,
    smallest_component: float = 1000.0,
    elevation: str | Path | None = None,
    congestion: pd.Series[Any] | pd.DataFrame | None = None,
) -> Network:
    """Build the network of the streets of an OpenStreetMap file that people can use.

    Streets are joined where they share a point of the map, and only there: a bridge and the street below it are not.
    Squares mapped as relations are walked along their outer edge, as those mapped as closed ways are. Places join
    streets from beside them, but no motorway, ramp or tunnel, and nothing that lies over or under the ground
    (``layer``, ``level``). Drivers and cyclists obey turn restrictions (relations), as :func:`from_frames` tells; rules
    that hold at certain hours only are not obeyed, and nothing waits at signals.

    Parameters
    ----------
    path
        OpenStreetMap file: .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    mode
        The name of one of :data:`MODES` (``walk``, ``walk_older_person``, ``walk_child``, ``wheelchair``, ``stroller``,
        ``bicycle``, ``drive``), or a :class:`Mode`.
    speed
        Kilometres an hour; None for the mode's own (4.8 for walking). ``drive`` takes none.
    within
        The place; None for the whole file. Its CRS is used where it is a metric one, else the UTM zone.
    buffer
        Metres around the place from which streets are taken too, so that trips may leave the place and come back.
        Should be no less than the longest trip of interest.
    smallest_component, elevation, congestion
        See :func:`spatialjustice.network.from_frames`.

    Returns
    -------
    Network
        Its ``area`` is the place with the buffer, as far as the file's header says that the file reaches.

    Raises
    ------
    InputError
        When the file is missing, damaged, or of another place.
    EmptyNetworkError
        When no street of the mode lies there.
    """
    return OsmStreets(path).network(
        mode_named(mode, speed=speed),
        within=within,
        buffer=buffer,
        smallest_component=smallest_component,
        elevation=elevation,
        congestion=congestion,
    )


def networks_from_osm(
    path: str | Path,
    *,
    modes: Collection[str | Mode],
    within: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    buffer: float = 3000.0,
    smallest_component: float = 1000.0,
    elevation: str | Path | None = None,
) -> dict[str, Network]:
    """Build the networks of several modes from an OpenStreetMap file, which is read once.

    Each is the network that :func:`from_osm` builds for its mode, to the bit.

    Parameters
    ----------
    path
        OpenStreetMap file: .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    modes
        Names of :data:`MODES`, or :class:`Mode` objects, of which no two have the same name.
    within, buffer, smallest_component, elevation
        See :func:`from_osm`; the same for all modes. Modes that slopes do not slow leave heights out of account, which
        their finding ``elevation_not_used`` says.

    Returns
    -------
    dict
        The network of every mode by its name, in the order in which the modes are given.

    Raises
    ------
    InputError
        When there is no mode, two have the same name, or the file is missing, damaged, or of another place.
    EmptyNetworkError
        When no street of one of the modes lies there.

    Examples
    --------
    >>> from spatialjustice.sources.known_files import demo_extract
    >>> found = networks_from_osm(demo_extract(), modes=["walk", "drive"])
    >>> [(name, network.mode.speed) for name, network in found.items()]
    [('walk', 4.8), ('drive', 50.0)]
    """
    if isinstance(modes, str | Mode):
        raise InputError("modes", "it is a single one", f"Give a list, or use from_osm(…, mode={modes!r}).")
    named = [mode_named(mode) for mode in modes]
    names = [mode.name for mode in named]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not named or twice:
        found = f"{', '.join(twice)} stands there more than once" if twice else "there is none"
        raise InputError("modes", found, "Give each mode once; a Mode of your own needs a name of its own.")
    streets = OsmStreets(path)
    return {
        mode.name: streets.network(
            mode, within=within, buffer=buffer, smallest_component=smallest_component, elevation=elevation
        )
        for mode in named
    }


class OsmStreets:
    """The streets of an OpenStreetMap file, read when the first network is asked for, and only then."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._drawn: dict[tuple[int, float], tuple[Any, ChosenStreets, DrawnStreets]] = {}

    @cached_property
    def _file(self) -> StreetFile:
        from spatialjustice.sources.osm.street_file import StreetFile

        return StreetFile(self._path)

    def network(
        self,
        mode: Mode,
        *,
        within: gpd.GeoDataFrame | gpd.GeoSeries | None,
        buffer: float,
        smallest_component: float = 1000.0,
        elevation: str | Path | None = None,
        congestion: pd.Series[Any] | pd.DataFrame | None = None,
    ) -> Network:
        """Build the network of one mode as :func:`spatialjustice.network.from_osm` does."""
        with tqdm(total=2, desc="streets", unit="step", delay=1, leave=False) as bar:
            found, drawn = self._streets(within, buffer)
            bar.update()
            network = network_of(
                drawn,
                mode,
                crs=None if within is None else metric_crs(within),
                smallest_component=smallest_component,
                elevation=elevation,
                congestion=congestion,
                sources=found.sources,
                findings=found.findings,
                area_in=lambda crs: _area(crs, within, buffer, found.extent),
            )
            bar.update()
        return network

    def _streets(self, within: Any, buffer: float) -> tuple[ChosenStreets, DrawnStreets]:
        from spatialjustice.sources.osm._ways import area_of

        # The place is kept beside its streets, so that no other one ever has its number.
        one = (id(within), buffer)
        if one not in self._drawn:
            area = None if within is None else area_of(within, buffer)
            found = self._file.chosen(area)
            self._drawn[one] = (within, found, DrawnStreets.of_file(found))
        return self._drawn[one][1:]


def _area(
    crs: CRS,
    within: gpd.GeoDataFrame | gpd.GeoSeries | None,
    buffer: float,
    extent: tuple[float, float, float, float] | None,
) -> Polygon | MultiPolygon | None:
    """Return what the streets cover, in the network's CRS: the widened place, as far as the file reaches."""
    file = None
    if extent is not None:
        # The sides are lines of equal latitude and longitude, which are curves in a projection.
        sides = shapely.segmentize(shapely.box(*extent), SIDE)
        to_metres = Transformer.from_crs(4326, crs, always_xy=True)

        def in_metres(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1]))

        file = shapely.transform(sides, in_metres)
    if within is None:
        return file
    place = within.to_crs(crs).union_all().buffer(buffer)
    area = place if file is None else place.intersection(file)
    return area if isinstance(area, shapely.Polygon | shapely.MultiPolygon) and not area.is_empty else None
