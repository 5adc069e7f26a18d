"""What a study says of zones and places that do not join the nearest street."""

from __future__ import annotations

import geopandas as gpd
import osmium
from shapely import box

from spatialjustice import study
from tests.study.conftest import SOUTH, UTM, WEST

SECOND_STREET_NORTHWARDS = 108
ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}
SLOW = {"name": "walk", "key": "slow", "speed": 2.4, "title": {"en": "slowly", "fa": "آهسته"}}


def with_tunnel(city):
    """Put the street 200 m from the western edge into a tunnel."""
    with osmium.SimpleWriter(str(city.folder / "tunnel.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(city.folder / "streets.osm.pbf")):
            if item.is_way() and item.id == SECOND_STREET_NORTHWARDS:
                writer.add(item.replace(tags={"highway": "footway", "tunnel": "yes"}))
            else:
                writer.add(item)
    return "tunnel.osm.pbf"


def test_refused_joins_are_one_finding_that_names_the_modes(city, tmp_path):
    """One zone's middle lies 20 m off the tunnel and 50 m off a street, the other's 20 m off a street."""
    middles = {"a": (180, 150), "b": (420, 450)}
    squares = [box(WEST + x - 10, SOUTH + y - 10, WEST + x + 10, SOUTH + y + 10) for x, y in middles.values()]
    gpd.GeoDataFrame({"zone": list(middles), "people": [10.0, 10.0]}, geometry=squares, crs=UTM).to_file(
        city.folder / "zones.gpkg", driver="GPKG"
    )
    asked = {"streets": with_tunnel(city), "services": ["pharmacy", "library"], "modes": ["walk", SLOW]}
    found = study.run(city.study(**asked, cutoffs=["15 min"], **ZONES), out=tmp_path / "out")
    (told,) = [item for item in found.findings if item.code == "joins_refused"]
    assert told.count == 1
    assert "1 of 2 zones and 0 of 2 places" in told.message
    assert "nobody on foot or slowly joins" in told.message
