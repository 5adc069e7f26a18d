"""Straight-line travel costs, for places without data of streets; every output says that they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, announce, findings_of
from spatialjustice._core.frames import attributes_of
from spatialjustice._core.ground.metres import lon_lat, metres_of, on_ellipsoid
from spatialjustice._core.provenance import sources_of
from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.network import snap
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.cutoffs import checked_cutoff
from spatialjustice.network.search.straight_ways import StraightWays
from spatialjustice.network.streets.modes import WALK, Mode, mode_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatialjustice.network.search.pairs import Pairs


@dataclass(frozen=True)
class StraightLines(Shown):
    """A place without streets, in which everybody goes straight to where they want: made by :func:`straight_lines`.

    It answers what a :class:`Network` answers of travel costs, so that every measure can be asked of it.

    Attributes
    ----------
    mode
        How people travel; only its speed counts.
    crs
        The projected coordinate reference system, in metres, in which distances are measured.
    on_ellipsoid
        Whether distances are measured on the ellipsoid instead, since no projection holds over the whole place.
    findings
        That ways are straight lines, for every output to say.
    """

    mode: Mode
    crs: CRS
    on_ellipsoid: bool = False
    _told: tuple[Finding, ...] = field(default=(), repr=False)

    def _card(self) -> Card:
        measured = "on the ellipsoid" if self.on_ellipsoid else self.crs.name
        rows = [("mode", f"{self.mode.name} at {self.mode.speed:g} km/h"), ("measured", measured)]
        return Card("Straight lines, without streets", rows)

    @property
    def sources(self) -> tuple[()]:
        """No data of streets."""
        return ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """That no street was used."""
        return (
            Finding(
                "straight_lines",
                "warning",
                "No streets were used: every way is a straight line. Real ways are longer, so that fewer people are "
                "within a limit than is shown here.",
                advice="Give an OpenStreetMap extract of the place as the streets.",
            ),
            *self._told,
        )

    @property
    def edges(self) -> gpd.GeoDataFrame:
        """No streets."""
        return gpd.GeoDataFrame(geometry=[], crs=self.crs)

    @property
    def lines(self) -> gpd.GeoSeries:
        """No streets."""
        return gpd.GeoSeries([], crs=self.crs)

    def travel_costs(
        self,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        cutoff: float | None = None,
        unit: Literal["minutes", "metres"] = "minutes",
        snap_limit: float = 500.0,  # noqa: ARG002 - as of a network; there is nothing to snap to
    ) -> StraightLineCosts:
        """Ask how far every destination is from every origin, as :meth:`Network.travel_costs` does along streets.

        Parameters
        ----------
        origins
            Where people are: points, or polygons (their centroid where it lies inside, else a point inside).
        destinations
            Where they want to go, entered as along streets: see :meth:`Network.travel_costs`.
        cutoff
            The highest cost of interest, itself included; None for all.
        unit
            ``minutes`` at the mode's speed, or ``metres``.
        snap_limit
            Not used: there is no street a point could be too far from.

        Raises
        ------
        InputError
            When a layer cannot be used or a number is wrong.
        """
        return StraightLineCosts(self, origins, destinations, cutoff=cutoff, unit=unit)


def straight_lines(
    place: gpd.GeoDataFrame | gpd.GeoSeries, *, mode: str | Mode = WALK, speed: float | None = None
) -> StraightLines:
    """Let people go straight to where they want, where there are no data of streets.

    Distances are measured in a CRS that fits the place, in which they differ from those on the ground by at most 0.5 %,
    within a city by 0.1 %. Where none fits, as over a large country, they are measured on the ellipsoid, with an error
    below 0.05 % up to 5,000 km and 0.4 % up to 15,000 km; the finding ``measured_on_ellipsoid`` says so.

    Parameters
    ----------
    place
        Any layer of the place, for example its zones; tells the CRS.
    mode
        How people travel, for its speed.
    speed
        Kilometres an hour, instead of the mode's own.

    Returns
    -------
    StraightLines
        With ``.travel_costs(…)`` as a network has. Its finding ``straight_lines`` goes with every result.

    Raises
    ------
    InputError
        When the mode is not known, or the place has no CRS.

    Examples
    --------
    A library 500 metres from home: the sides of a right-angled triangle are 300, 400 and 500.

    >>> import shapely
    >>> home = gpd.GeoSeries([shapely.Point(500_000, 6_600_000)], crs=32635)
    >>> library = gpd.GeoSeries([shapely.Point(500_300, 6_600_400)], crs=32635)
    >>> straight_lines(home).travel_costs(home, library, unit="metres").to_frame()["travel_cost"].tolist()
    [500.0]
    """
    metres = metres_of(place)
    return StraightLines(
        mode_named(mode, speed=speed), CRS.from_user_input(metres.crs), not metres.holds, metres.findings
    )


class StraightLineCosts(TravelCosts):
    """What it costs to get straight from every origin to every destination: see :class:`TravelCosts`.

    ``origins`` and ``destinations`` have no edge and no offset, since there are no streets; all are ``ok``.
    """

    network: StraightLines  # type: ignore[assignment]

    def __init__(
        self,
        network: StraightLines,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        cutoff: float | None = None,
        unit: Literal["minutes", "metres"] = "minutes",
    ) -> None:
        if unit not in {"minutes", "metres"}:
            raise InputError("unit", f"it is “{unit}”", "Choose minutes or metres.")
        self.network = network
        self.unit = unit
        self.cutoff = None if cutoff is None else checked_cutoff(cutoff)
        self.from_ids, self.to_ids = origins.index, destinations.index
        self._layers = {"origins": attributes_of(origins), "destinations": attributes_of(destinations)}
        asked: Any = network  # both ask for no more than the CRS
        self._here = snap.origins_of(asked, origins)
        self._there = snap.destinations_of(asked, destinations)
        self.origins, self.destinations = _audit(self._here), _audit(self._there)
        self._shapes = origins.geometry
        self.sources = tuple(sources_of(origins, destinations))
        self.findings = (*network.findings, *findings_of(origins, destinations), *self._found(0.0))
        announce(*self.findings)

    def expected_pairs(self) -> int:
        """Tell at most how many pairs lie within the cutoff: all there are."""
        return len(self.from_ids) * len(self.to_ids)

    def _pairs(self, limit: float) -> Iterator[Pairs]:
        with tqdm(total=len(self.from_ids), desc="straight lines", unit="origin", delay=2, leave=False) as bar:
            for origins, froms, tos, metres in self._ways().within(limit):
                yield froms, tos, metres
                bar.update(origins)

    def _in_any_order(self, limit: float) -> Iterator[Pairs]:
        return self._pairs(limit)

    def _nearest(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        return self._several(1, chosen)[0][:, 0]

    def _several(self, count: int, chosen: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        metres, places = self._ways(chosen).nearest(count)
        beyond = metres > self._metres(self.cutoff)
        metres[beyond], places[beyond] = np.inf, -1
        return metres, places

    def _cumulative(self, values: NDArray[np.float64] | None, cutoffs: list[float]) -> NDArray[np.float64]:
        """Return what every origin reaches within each cutoff; places that are only counted need not be named."""
        counts: list[NDArray[np.int64] | None] = [None]
        if values is None and len(self.to_ids):
            counts = [self._ways().count_within(self._metres(self.checked(cutoff))) for cutoff in cutoffs]
        known = [count for count in counts if count is not None]
        if len(known) < len(cutoffs):
            return super()._cumulative(values, cutoffs)
        return np.column_stack(known).astype(np.float64)

    def _many_on_both_sides(self) -> bool:
        return False

    def _ways(self, chosen: NDArray[np.bool_] | None = None) -> StraightWays:
        """Return the ways to the entrances of every chosen destination."""
        taken = slice(None) if chosen is None else chosen[self._there.place]
        return StraightWays(self._ground_here, self._ground_there[taken], self._there.place[taken])

    @cached_property
    def _ground_here(self) -> NDArray[np.float64]:
        return self._ground(self._here)

    @cached_property
    def _ground_there(self) -> NDArray[np.float64]:
        return self._ground(self._there)

    def _ground(self, places: snap.Places) -> NDArray[np.float64]:
        """Return points in the CRS, or on the ellipsoid."""
        xy = places.xy
        return on_ellipsoid(*lon_lat(self.network.crs, xy)) if self.network.on_ellipsoid else xy


def _audit(places: snap.Places) -> pd.DataFrame:
    """Say of every place where its first point lies, as the audit of a network does."""
    first = np.unique(places.place, return_index=True)[1]
    x, y = places.xy[first].T if len(first) else (np.empty(0), np.empty(0))
    entrances = np.bincount(places.place, minlength=len(places.ids))
    nothing = np.full(len(places.ids), np.nan)
    return pd.DataFrame(
        {"edge": nothing, "fraction": nothing, "offset": nothing, "x": x, "y": y, "refused": False, "status": "ok"},
        index=places.ids,
    ).assign(entrances=entrances)
