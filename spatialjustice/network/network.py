"""The network: streets of one mode, from which travel costs between places are asked.

What answers is loaded when it is first asked: to build a network takes arrays, and no frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pyproj import Transformer

from spatialjustice.network.arrays import StreetArrays

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.network.costs import TravelCosts


@dataclass(frozen=True, eq=False, repr=False)
class Network(StreetArrays):
    """Streets of one mode in one place: immutable, expensive to build, cheap to ask.

    Build it with :func:`from_osm` or :func:`from_frames`. Every edge is one straight piece of street between two
    nodes; ``forward`` and ``backward`` are its costs in the two directions in metres at the mode's speed: its length
    where the street is as fast as the mode, more where it is slower, and ``inf`` where the mode may not use it so. All
    costs are rounded to 2⁻²⁴ metres (far below a micrometre), which makes every sum of them exact: the
    same question has the same answer to the last bit, however it is searched.

    Parameters
    ----------
    node_id, x, y
        Ids of the nodes and their coordinates in ``crs``, in metres; these are rounded to millimetres.
    edge_u, edge_v
        Positions of each edge's two nodes.
    length
        Metres along the ground.
    forward, backward
        Cost from u to v and from v to u, in metres at the mode's speed; ``inf`` where that is not allowed.
    way_id
        The way each edge is a part of.
    component
        For every node the connected part of the network it lies in; 0 is the longest.
    crs
        A projected coordinate reference system in metres.
    mode
        How people travel, and how fast.
    sources, findings
        Where the streets came from, and what was found in them.
    area
        What the data of the streets cover, in ``crs``; None where that is not known.
    apart
        For every edge whether nobody gets onto it from beside it: motorways and their ramps, tunnels, and what lies
        over or under the ground by its ``layer`` or ``level``. None where all can be joined.
    forbidden_turns
        What may not be passed one after another, two or more edges each: twice the position of the edge, and 1 more
        where it is passed from v to u. Who may not turn may drive on to the next junction or dead end, turn round
        there and come back; nobody turns round between junctions.

    Raises
    ------
    EmptyNetworkError
        When there is no edge.
    InputError
        When an edge has a cost that is negative or not a number, or names a node that is not there.
    """

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """One row per node, on its id: ``component`` and a point."""
        from spatialjustice.network.as_frames import nodes_of

        return nodes_of(self)

    @property
    def edges(self) -> gpd.GeoDataFrame:
        """One row per edge: node ids ``u``, ``v``, ``way_id``, ``length``, ``forward``, ``backward``, ``apart``."""
        from spatialjustice.network.as_frames import edges_of

        return edges_of(self)

    @property
    def lines(self) -> gpd.GeoSeries:
        """The streets from one junction or dead end to the next, each as one line, to be drawn."""
        from spatialjustice.network.as_frames import lines_of

        return lines_of(self)

    def _to_draw(self) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
        """Return the streets, and how fast each is in its faster direction."""
        from spatialjustice.network.as_frames import speeds_to_draw

        return speeds_to_draw(self)

    def save(self, folder: str | Path) -> None:
        """Keep the network in a folder, to be read again with :func:`spatialjustice.network.load`.

        Parameters
        ----------
        folder
            Where to keep it: two GeoParquet files and a record of what they are.

        Raises
        ------
        OutputError, InputError
            As :func:`spatialjustice.network.save` does.
        """
        from spatialjustice.network.saving import save

        save(self, folder)

    def snap(self, points: gpd.GeoDataFrame | gpd.GeoSeries, *, snap_limit: float = 500.0) -> pd.DataFrame:
        """Find the nearest place on a street for every point.

        Parameters
        ----------
        points
            Points, in any CRS; of other shapes a point inside is taken.
        snap_limit
            How far off the nearest street a point may lie, in metres, the limit itself included. A point farther off
            is not moved: it is ``off_network``, or ``outside_data`` where it lies outside ``area``.

        Returns
        -------
        pandas.DataFrame
            On the index of ``points``: ``edge`` (position; -1 off the network), ``fraction`` of the edge from its
            first node (0 to 1), ``offset`` to the nearest street in metres (also where that is beyond the limit),
            ``x`` and ``y`` of the place on the street in the network's CRS (NaN off the network), ``refused`` (whether
            a nearer street was passed over because nobody joins it from beside: a motorway or its ramp, a tunnel, what
            lies on another level) and ``status`` (``ok``, ``off_network`` or ``outside_data``). Where two streets are
            equally near, the one with the lower position is taken. A point on such a street itself, to a centimetre, is
            there.

        Raises
        ------
        MissingCRSError, GeometryError, DuplicateIdError
            When the points cannot be used.
        WrongPlaceError
            When all of them lie more than 100 km off.
        """
        from spatialjustice.network.snap import snap_frame

        return snap_frame(self, points, limit=snap_limit)

    def travel_costs(
        self,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        cutoff: float | None = None,
        unit: Literal["minutes", "metres"] = "minutes",
        snap_limit: float = 500.0,
    ) -> TravelCosts:
        """Ask what it costs to get from every origin to every destination.

        The cost of a trip is the straight way to the nearest street, the cheapest way along the streets, and the
        straight way to the destination; from a place to itself it is 0. Nothing is searched yet: the object returned
        knows the question, and each measure asks of it only what it needs.

        Parameters
        ----------
        origins
            Where people are: points, or polygons (their centroid where it lies inside, else a point inside). Origins
            outside the network's ``area`` are ``outside_data``: what they reach is not known, and no trip is measured.
        destinations
            Where they want to go. A geometry column ``access`` says where each can be entered; the cheapest entrance
            counts. The places of :func:`spatialjustice.sources.services` have it: mapped entrances, else the outline
            of a park or a school. Without it a point is itself, a line can be entered every 20 metres along it, and an
            area, such as a zone with its jobs, at the point from which it starts as an origin. For areas of your own
            that are open along their outline see :func:`spatialjustice.network.outline_access`.
        cutoff
            The highest cost of interest, itself included; None for all.
        unit
            ``minutes`` at the mode's speed, or ``metres``.
        snap_limit
            How far off the nearest street a point may lie, in metres.

        Returns
        -------
        TravelCosts
            With ``.to_frame()``, audits of both sides, findings and sources.

        Raises
        ------
        InputError
            When a layer cannot be used (no CRS, repeated ids, empty shapes, another place) or a number is wrong.
        """
        from spatialjustice.network.costs import TravelCosts

        return TravelCosts(self, origins, destinations, cutoff=cutoff, unit=unit, snap_limit=snap_limit)

    def _for_page(
        self,
        zones: gpd.GeoDataFrame,
        places: gpd.GeoDataFrame,
        *,
        unit: Literal["minutes", "metres"],
        cutoff: float,
        snap_limit: float,
    ) -> dict[str, Any]:
        """Return what a page needs to compute what would follow if places stood elsewhere, and how it is today."""
        import pandas as pd

        from spatialjustice.network.routes.contracted import contracted_streets, joined_points

        costs = self.travel_costs(zones, places, unit=unit, snap_limit=snap_limit)
        _, closest = costs._to_draw()  # noqa: SLF001
        closest.attrs["findings"] = [one.as_dict() for one in costs.findings]
        return {
            "streets": contracted_streets(self),
            "zones": [joined_points(self, zones, towards=False, snap_limit=snap_limit)],
            "joined": [joined_points(self, places, towards=True, snap_limit=snap_limit)],
            "project": Transformer.from_crs(4326, self.crs, always_xy=True).transform,
            "mode": {
                "key": self.mode.name,
                "speed": self.mode.speed,
                "leg": self.mode.speed / (self.mode.leg_speed or self.mode.speed),
                "limit": snap_limit,
                "unit": unit,
                "cutoffs": [{"value": cutoff, "unit": unit}],
                "supplies": [],
            },
            "closest": closest,
            "status": pd.Series(costs._status(cutoff), index=zones.index),  # noqa: SLF001
        }
