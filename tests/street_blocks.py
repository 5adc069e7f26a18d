"""Questions that a page and the package are both asked: places that come, move and go, and the bits of both answers."""

from __future__ import annotations

import base64
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from spatialjustice import access, maps, network

# A page's answers, one after another, as the bytes of doubles in base64; null where nothing could be put.
ASKED = """async ([mode, service, list]) => {
  const sj = window.spatialjustice;
  const begun = performance.now();
  const whatif = await sj.streetsOf(mode);
  const ready = performance.now() - begun;
  const answers = [];
  const times = [];
  let nowhere = 0;
  for (const one of list) {
    const added = one.added.map(([lat, lon]) => whatif.snap(lat, lon)).filter((placed) => placed);
    nowhere += one.added.length - added.length;
    const start = performance.now();
    answers.push(whatif.costs(service, { added, removed: new Set(one.removed), unit: one.unit }));
    times.push(performance.now() - start);
  }
  const all = new Float64Array(answers.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of answers) { all.set(one, at); at += one.length; }
  const bytes = new Uint8Array(all.buffer);
  let written = "";
  for (let place = 0; place < bytes.length; place += 8192) {
    written += String.fromCharCode.apply(null, bytes.subarray(place, place + 8192));
  }
  times.sort((one, other) => one - other);
  return { bits: btoa(written), nowhere, ready, step: times[times.length >> 1] };
}"""


def block_of(
    networks: network.Network | dict[str, network.Network],
    zones: gpd.GeoDataFrame,
    people: Any,
    places: gpd.GeoDataFrame,
    supplies: Any = (),
    groups: Any = (),
) -> Any:
    """Pack the streets of one or more modes, by their keys, zones and one service, ``places``."""
    keyed = networks if isinstance(networks, dict) else {networks.mode.name: networks}
    every = list(keyed.values())
    into = Transformer.from_crs(4326, every[0].crs, always_xy=True)
    middles = places.geometry.representative_point().to_crs(4326)
    return maps.street_block(
        network.contracted_streets(*every),
        zones=[network.joined_points(streets, zones, towards=False) for streets in every],
        people=np.asarray(people, dtype=float),
        project=into.transform,
        modes=[
            {
                "key": key,
                "speed": streets.mode.speed,
                "leg": streets.mode.speed / (streets.mode.leg_speed or streets.mode.speed),
                "limit": 500.0,
                "unit": "metres",
                "cutoffs": [],
                "supplies": list(supplies),
            }
            for key, streets in keyed.items()
        ],
        groups=groups,
        services=[
            {
                "key": "places",
                "title": {"en": "Places"},
                "names": {},
                "lon": middles.x.to_numpy(),
                "lat": middles.y.to_numpy(),
                "joined": [network.joined_points(streets, places, towards=True) for streets in every],
            }
        ],
    )


def changes(zones: gpd.GeoDataFrame, places: int, count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Draw changes: places added in or around the zones, moved, removed; every twentieth time all is as it was."""
    rng = np.random.default_rng(seed)
    ground = zones.to_crs(4326).union_all().buffer(0.002)
    west, south, east, north = ground.bounds
    shapely.prepare(ground)

    def anywhere() -> list[float]:
        while True:
            lon, lat = round(float(rng.uniform(west, east)), 6), round(float(rng.uniform(south, north)), 6)
            if shapely.contains_xy(ground, lon, lat):
                return [lat, lon]

    made: list[dict[str, Any]] = []
    added: list[list[float]] = []
    removed: set[int] = set()
    for number in range(count):
        kind = int(rng.integers(3))
        if number % 20 == 0:
            added, removed = [], set()
        if kind == 1 and added:
            added = [*added[:-1], anywhere()]
        elif kind == 2 and len(removed) < places - 1:
            removed = removed | {int(rng.choice([place for place in range(places) if place not in removed]))}
        else:
            added = [*added, anywhere()]
        made.append({"added": added, "removed": sorted(removed), "unit": ("metres", "minutes")[number % 2]})
    return made


def changed(places: gpd.GeoDataFrame, change: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return the places after a change, as a user of the package would put them together."""
    kept = places[~np.isin(np.arange(len(places)), change["removed"])].to_crs(4326)
    points = [shapely.Point(lon, lat) for lat, lon in change["added"]]
    geometry = [*kept.geometry, *points]
    frame = gpd.GeoDataFrame(geometry=geometry, index=pd.RangeIndex(len(geometry)), crs=4326)
    if "access" in places.columns:
        doors = gpd.GeoSeries(places.loc[kept.index, "access"], crs=places["access"].crs or places.crs).to_crs(4326)
        frame["access"] = gpd.GeoSeries([*doors, *map(shapely.MultiPoint, ([point] for point in points))], crs=4326)
    return frame


def answer(streets: network.Network, zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, unit: Any) -> Any:
    """Ask the package: the cost of every zone to its nearest place, infinite without a way."""
    found = access.cost_to_closest(streets.travel_costs(zones, places, unit=unit))
    return found.fillna(np.inf).to_numpy(dtype=float)


def answers(streets: network.Network, zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, asked: Any) -> Any:
    """Ask the package once for all places that are ever there, and take of each change those that stand then."""
    spots = list(dict.fromkeys(tuple(spot) for change in asked for spot in change["added"]))
    every = changed(places, {"added": spots, "removed": []})
    number = {spot: len(places) + place for place, spot in enumerate(spots)}
    costs: dict[str, Any] = {}
    for unit in sorted({change["unit"] for change in asked}):
        frame = streets.travel_costs(zones, every, unit=unit).to_frame()
        costs[unit] = np.full((len(every), len(zones)), np.inf)
        rows = every.index.get_indexer(frame["to_id"]), zones.index.get_indexer(frame["from_id"])
        costs[unit][rows] = frame["travel_cost"].fillna(np.inf)
    found = []
    for change in asked:
        standing = [place for place in range(len(places)) if place not in set(change["removed"])]
        there = [*standing, *(number[tuple(spot)] for spot in change["added"])]
        found.append(costs[change["unit"]][there].min(axis=0))
    # The same as asking for these places alone, which is slow; of some changes both are asked.
    for place in range(0, len(asked), max(len(asked) // 3, 1)):
        alone = answer(streets, zones, changed(places, asked[place]), asked[place]["unit"])
        assert (alone.view("<u8") == found[place].view("<u8")).all()
    return np.array(found)


def differing(
    streets: network.Network, zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, asked: Any, told: Any
) -> int:
    """Count the distances of which the page's bits are others than the package's."""
    bits = np.frombuffer(base64.b64decode(told["bits"]), dtype="<u8").reshape(len(asked), len(zones))
    return int((answers(streets, zones, places, asked).view("<u8") != bits).sum())
