"""Where one boards, and how one gets there from the street: stops, stations, their doors, and the ways inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.timetables._tables import Feed, whole_numbers
from spatialjustice.sources.timetables.shapes.along_shapes import EARTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOARDED, STATION, ENTRANCE, BOARDING_AREA = 0, 1, 2, 4
"""Location types: a stop or platform, where one boards; a station; a door to it; a part of a platform."""

STAIRS, ESCALATOR, ELEVATOR = 2, 4, 5
"""Kinds of ways inside a station."""

KINDS = range(1, 8)


class Places(NamedTuple):
    """What a feed tells of places: stops that vehicles call at, entrances of stations, and ways inside stations.

    ``ways`` has a row for each direction: ``from_id``, ``to_id`` (of stops, entrances or places between them),
    ``kind`` (as GTFS counts them: 1 walkway, 2 stairs, 3 moving walkway, 4 escalator, 5 lift, 6 and 7 gates),
    ``seconds`` (missing where the feed does not say), ``metres`` (the feed's, else straight on) and ``step_free``.
    """

    stops: gpd.GeoDataFrame
    entrances: gpd.GeoDataFrame
    ways: pd.DataFrame
    findings: list[Finding]


def places_of(feed: Feed) -> Places:
    """Read the stops, entrances and ways inside stations of a feed.

    A platform or entrance that does not say whether wheelchairs may use it is as its station says. Parts of platforms
    are no stops, but ways lead over them.

    Raises
    ------
    DuplicateIdError, InputError
        When an id occurs twice, or a place has no coordinates or a kind that GTFS does not know.
    """
    table = feed.table(
        "stops.txt",
        ["stop_id", "stop_name", "stop_lat", "stop_lon", "location_type", "parent_station", "wheelchair_boarding"],
    )
    twice = table["stop_id"].duplicated()
    if twice.any():
        raise DuplicateIdError(
            "timetable",
            f"stops.txt of {feed.path.name}: ids occur more than once",
            "Every stop needs an id of its own.",
            rows=table.loc[twice, "stop_id"],
        )
    table = table.set_index("stop_id")
    kind = whole_numbers(feed, "stops.txt", table["location_type"], empty=BOARDED)
    own = whole_numbers(feed, "stops.txt", table["wheelchair_boarding"], empty=0)
    inherited = table["parent_station"].map(own).fillna(0).astype("int64")
    table["wheelchair"] = own.where(own != 0, inherited)
    layers = [_layer(feed, table[kind == which], name) for which, name in ((BOARDED, "stops"), (ENTRANCE, "entrances"))]
    ways, findings = _ways(feed, table, kind)
    return Places(layers[0], layers[1], ways, findings)


def _layer(feed: Feed, rows: pd.DataFrame, called: str) -> gpd.GeoDataFrame:
    number = {name: pd.to_numeric(rows[name], errors="coerce") for name in ("stop_lat", "stop_lon")}
    wrong = (
        ~number["stop_lat"].between(-90, 90)
        | ~number["stop_lon"].between(-180, 180)
        | ((number["stop_lat"] == 0) & (number["stop_lon"] == 0))
    )
    if wrong.any():
        found = f"{int(wrong.sum()):,} {called} have no place on the ground ({rows.index[wrong][0]})"
        raise feed.refuse("stops.txt", found, "Give latitude and longitude in degrees.")
    return gpd.GeoDataFrame(
        {
            "name": rows["stop_name"],
            "feed": feed.name,
            "station": rows["parent_station"],
            "wheelchair": rows["wheelchair"],
        },
        geometry=gpd.points_from_xy(number["stop_lon"], number["stop_lat"]),
        crs=4326,
        index=rows.index,
    )


def _ways(feed: Feed, table: pd.DataFrame, kind: pd.Series[int]) -> tuple[pd.DataFrame, list[Finding]]:
    columns = ["from_stop_id", "to_stop_id", "pathway_mode", "is_bidirectional", "length", "traversal_time"]
    paths = feed.table("pathways.txt", columns)
    modes = whole_numbers(feed, "pathways.txt", paths["pathway_mode"], empty=0, allowed=lambda one: one in KINDS)
    both = whole_numbers(feed, "pathways.txt", paths["is_bidirectional"], empty=0) == 1
    ways = pd.DataFrame(
        {
            "from_id": paths["from_stop_id"],
            "to_id": paths["to_stop_id"],
            "kind": modes,
            "seconds": _above_zero(paths["traversal_time"]),
            "metres": _above_zero(paths["length"]),
        }
    )
    known = ways["from_id"].isin(table.index) & ways["to_id"].isin(table.index)
    ways, both, findings = ways[known], both[known], []
    if not known.all():
        findings.append(
            Finding(
                "pathways_left_out",
                "warning",
                f"{feed.name}: {int((~known).sum()):,} ways inside stations lead from or to places that are not listed "
                f"({paths.loc[~known, 'from_stop_id'].iloc[0]}); they are left out.",
                count=int((~known).sum()),
                advice="Ask the publisher of the feed, or mend pathways.txt.",
            )
        )
    silent = ways["seconds"].isna() & ways["metres"].isna()
    if silent.any():
        ways["metres"] = ways["metres"].where(~silent, _straight(table, ways))
        findings.append(
            Finding(
                "pathways_without_time",
                "information",
                f"{feed.name}: {int(silent.sum()):,} of {len(ways):,} ways inside stations tell neither time nor "
                "length; they are taken to run straight.",
                count=int(silent.sum()),
            )
        )
    back = ways[both].assign(from_id=ways["to_id"], to_id=ways["from_id"])
    ways = pd.concat([ways, back[ways.columns], _parts_of_platforms(table, kind)], ignore_index=True)
    return ways.assign(step_free=~ways["kind"].isin([STAIRS, ESCALATOR])), findings


def _above_zero(column: pd.Series[str]) -> pd.Series[float]:
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    return numbers.where(numbers > 0)


def _straight(table: pd.DataFrame, ways: pd.DataFrame) -> NDArray[np.float64]:
    """Return metres straight on between the ends of ways; places without coordinates lie where their station does."""
    at = table[["stop_lat", "stop_lon"]].apply(pd.to_numeric, errors="coerce")
    stations = at.reindex(table["parent_station"]).set_index(table.index)
    at = np.radians(at.fillna(stations))
    one, other = at.loc[ways["from_id"]].to_numpy(), at.loc[ways["to_id"]].to_numpy()
    north = other[:, 0] - one[:, 0]
    east = (other[:, 1] - one[:, 1]) * np.cos((other[:, 0] + one[:, 0]) / 2)
    metres: NDArray[np.float64] = np.nan_to_num(np.hypot(north, east) * EARTH)
    return metres


def _parts_of_platforms(table: pd.DataFrame, kind: pd.Series[int]) -> pd.DataFrame:
    """Let whoever is on a part of a platform be on the platform, and the other way."""
    parts = table.index[(kind == BOARDING_AREA) & table["parent_station"].isin(table.index)]
    platforms = table.loc[parts, "parent_station"]
    ends = [(parts, platforms), (platforms, parts)]
    return pd.concat(
        [
            pd.DataFrame(
                {"from_id": np.asarray(one), "to_id": np.asarray(other), "kind": 1, "seconds": 0.0, "metres": 0.0}
            )
            for one, other in ends
        ]
    )
