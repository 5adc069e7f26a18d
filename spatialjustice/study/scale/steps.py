"""The steps that tasks name: what the zones of one tile are told of the ways to places, from files to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice.network.tiles.costs import Asked, TileCosts
from spatialjustice.network.tiles.index import halo_of, open_tiles
from spatialjustice.network.tiles.places import open_places, places_in_box, places_of_tile
from spatialjustice.network.tiles.reading import ground
from spatialjustice.network.tiles.squares import box_of_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.network.tiles.index import TileIndex

POSITION = "position"
"""The value that travels with zones and places: their row among all of them."""

AUDIT = ("edge", "fraction", "offset", "x", "y", "refused", "status")
"""What is known of every zone's place on the streets."""


def columns_of_tile(inputs: Mapping[str, Path], parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each zone of a tile: where it lies on the streets, the nearest place and what is within limits.

    Columns are ``zone``, those of :data:`AUDIT`, and for each question, by its number, ``0 nearest`` (metres) and
    ``0 within 0``, ``0 within 1`` and so on for its limits. A tile without any street has no way anywhere.
    """
    index = open_tiles(inputs["streets"])
    zones = places_of_tile(index, open_places(index, parameters["zones"]), parameters["tile"])
    columns: dict[str, Any] = {"zone": zones[POSITION].to_numpy(dtype=np.int64)}
    for number, (one, costs) in enumerate(_costs(index, parameters)):
        if number == 0 and costs is not None:
            columns |= {name: costs.origins[name].to_numpy() for name in AUDIT}
        nothing = np.zeros((len(zones), len(one["within"])))
        nowhere = np.full(len(zones), np.inf)
        columns[f"{number} nearest"] = nowhere if costs is None else costs._nearest_of_all  # noqa: SLF001
        within = nothing
        if costs is not None and one["within"]:
            within = costs._cumulative(_offers(one, costs), one["within"])  # noqa: SLF001
        columns |= {f"{number} within {which}": within[:, which] for which in range(len(one["within"]))}
    if "status" not in columns:
        columns |= _off_the_streets(len(zones))
    return pd.DataFrame(columns)


def pairs_of_tile(inputs: Mapping[str, Path], parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return every pair of a zone of a tile and a place up to the cutoff: ``zone``, ``place`` and ``metres``."""
    index = open_tiles(inputs["streets"])
    found = []
    for _, costs in _costs(index, parameters):
        if costs is None:
            continue
        froms, tos = (
            side[POSITION].to_numpy(dtype=np.int32) for side in (costs.origin_places, costs.destination_places)
        )
        limit = costs._metres(costs.cutoff)  # noqa: SLF001
        found += [(froms[zone], tos[place], metres) for zone, place, metres in costs._pairs(limit)]  # noqa: SLF001
    empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    zone, place, metres = (np.concatenate(part) for part in zip(empty, *found, strict=True))
    order = np.lexsort((place, zone))
    return pd.DataFrame({"zone": zone[order], "place": place[order], "metres": metres[order]})


class _Costs(TileCosts):
    """The costs of a tile with the places that they are of."""

    def __init__(self, asked: Asked, known: Any, **places: Any) -> None:
        self.origin_places, self.destination_places = places["origins"], places["destinations"]
        super().__init__(asked, known, **places)


def _costs(index: TileIndex, parameters: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], _Costs | None]]:
    """Yield each question with the costs that answer it, all on the same streets, which are read once."""
    mode = index.of(parameters["mode"]).mode
    zones = open_places(index, parameters["zones"])
    own = places_of_tile(index, zones, parameters["tile"])
    halo = max(halo_asked(index, mode, one) for one in parameters["asked"])
    widest = max(one["snap_limit"] for one in parameters["asked"])
    reach = box_of_points(own.geometry.x.to_numpy(), own.geometry.y.to_numpy()).wider(halo)
    known = ground(index, reach.wider(widest), mode=mode)
    for one in parameters["asked"]:
        if known is None:
            yield one, None
            continue
        places = open_places(index, one["places"])
        asked = Asked(index, zones, places, mode, _limit(one), one["unit"], one["snap_limit"])
        yield one, _Costs(asked, known, origins=own, destinations=places_in_box(index, places, reach), reach=reach)


def _limit(one: Mapping[str, Any]) -> float | None:
    """Return the highest cost of interest of a question: its cutoff, else the largest limit to count within."""
    limit = one["cutoff"] if one["cutoff"] is not None else max(one["within"], default=None)
    return None if limit is None else float(limit)


def halo_asked(index: TileIndex, mode: Mode, one: Mapping[str, Any]) -> float:
    """Return how many metres around a tile must be known for a question; the nearest place is then sought farther."""
    limit = _limit(one)
    least = 2 * float(one["snap_limit"])
    return least if limit is None else max(least, halo_of(index, mode=mode, cutoff=limit, unit=one["unit"]))


def _offers(one: Mapping[str, Any], costs: _Costs) -> Any:
    return costs.destination_places["offers"].to_numpy(dtype=float) if one["offers"] else None


def _off_the_streets(count: int) -> dict[str, Any]:
    """Return the audit of zones that no street lies near; how far the nearest is, is for whoever knows all streets."""
    unknown = {name: np.full(count, np.nan) for name in ("fraction", "offset", "x", "y")}
    return {
        "edge": np.full(count, -1),
        **unknown,
        "refused": np.zeros(count, dtype=bool),
        "status": np.full(count, "off_network", dtype=object),
    }
