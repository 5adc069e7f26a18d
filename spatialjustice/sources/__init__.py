"""Where data come from: a path or a query in, a frame with its record out. Nothing is computed here."""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.sources._census_eurostat import Eurostat, census_grid
    from spatialjustice.sources._census_us import USCensus
    from spatialjustice.sources.basemap import basemap
    from spatialjustice.sources.boundary import boundary, box
    from spatialjustice.sources.broadband import availability, speed_tiles, tile_polygon
    from spatialjustice.sources.buildings import buildings, estimated_population
    from spatialjustice.sources.cache import cache_folder
    from spatialjustice.sources.census import (
        CensusProvider,
        Column,
        Theme,
        census,
        census_table,
        census_themes,
        census_zones,
    )
    from spatialjustice.sources.elevation import elevation
    from spatialjustice.sources.fetchers import geofabrik, ghs_pop, ghs_pop_tiles, gtfs, worldpop
    from spatialjustice.sources.join import join_table, unique_rows
    from spatialjustice.sources.outlines import geoboundaries, place_by_name
    from spatialjustice.sources.points import distinct_places, points
    from spatialjustice.sources.population import (
        areal_weighting,
        check_raster,
        population,
        population_from_column,
    )
    from spatialjustice.sources.services import services, services_from_file, services_from_overpass
    from spatialjustice.sources.services_catalogue import Catalogue, Service, read_catalogue
    from spatialjustice.sources.store import demo_extract, fetch_known, locate, record_of, registry
    from spatialjustice.sources.streets import (
        Streets,
        extent,
        street_graph,
        streets,
        streets_from_overpass,
        streets_from_overpass_json,
    )
    from spatialjustice.sources.supply import capacity, eligible, open_at, open_supply, price, wheelchair_access
    from spatialjustice.sources.table import table
    from spatialjustice.sources.towers import towers
    from spatialjustice.sources.vector import folded, read_vector
    from spatialjustice.sources.web import fetching
    from spatialjustice.sources.zones import grid, hexagons, zones, zones_from_table

__all__ = [
    "Catalogue",
    "CensusProvider",
    "Column",
    "Eurostat",
    "Service",
    "Streets",
    "Theme",
    "USCensus",
    "areal_weighting",
    "availability",
    "basemap",
    "boundary",
    "box",
    "buildings",
    "cache_folder",
    "capacity",
    "census",
    "census_grid",
    "census_table",
    "census_themes",
    "census_zones",
    "check_raster",
    "demo_extract",
    "distinct_places",
    "elevation",
    "eligible",
    "estimated_population",
    "extent",
    "fetch_known",
    "fetching",
    "folded",
    "geoboundaries",
    "geofabrik",
    "ghs_pop",
    "ghs_pop_tiles",
    "grid",
    "gtfs",
    "hexagons",
    "join_table",
    "locate",
    "open_at",
    "open_supply",
    "place_by_name",
    "points",
    "population",
    "population_from_column",
    "price",
    "read_catalogue",
    "read_vector",
    "record_of",
    "registry",
    "services",
    "services_from_file",
    "services_from_overpass",
    "speed_tiles",
    "street_graph",
    "streets",
    "streets_from_overpass",
    "streets_from_overpass_json",
    "table",
    "tile_polygon",
    "towers",
    "unique_rows",
    "wheelchair_access",
    "worldpop",
    "zones",
    "zones_from_table",
]

lazy_room(
    __name__,
    {
        "basemap": ".basemap",
        "cache_folder": ".cache",
        "fetching": ".web",
        **dict.fromkeys(["geofabrik", "ghs_pop", "ghs_pop_tiles", "gtfs", "worldpop"], ".fetchers"),
        **dict.fromkeys(["geoboundaries", "place_by_name"], ".outlines"),
        "elevation": ".elevation",
        **dict.fromkeys(
            ["CensusProvider", "Column", "Theme", "census", "census_table", "census_themes", "census_zones"], ".census"
        ),
        **dict.fromkeys(["Eurostat", "census_grid"], "._census_eurostat"),
        "USCensus": "._census_us",
        "table": ".table",
        **dict.fromkeys(["join_table", "unique_rows"], ".join"),
        **dict.fromkeys(["boundary", "box"], ".boundary"),
        **dict.fromkeys(["availability", "speed_tiles", "tile_polygon"], ".broadband"),
        **dict.fromkeys(["buildings", "estimated_population"], ".buildings"),
        **dict.fromkeys(["areal_weighting", "check_raster", "population", "population_from_column"], ".population"),
        **dict.fromkeys(["distinct_places", "points"], ".points"),
        **dict.fromkeys(["services", "services_from_file", "services_from_overpass"], ".services"),
        **dict.fromkeys(["Catalogue", "Service", "read_catalogue"], ".services_catalogue"),
        **dict.fromkeys(["demo_extract", "fetch_known", "locate", "record_of", "registry"], ".store"),
        **dict.fromkeys(
            ["Streets", "extent", "street_graph", "streets", "streets_from_overpass", "streets_from_overpass_json"],
            ".streets",
        ),
        **dict.fromkeys(["capacity", "eligible", "open_at", "open_supply", "price", "wheelchair_access"], ".supply"),
        "towers": ".towers",
        **dict.fromkeys(["folded", "read_vector"], ".vector"),
        **dict.fromkeys(["grid", "hexagons", "zones", "zones_from_table"], ".zones"),
    },
)
