"""Where data come from: a path or a query in, a frame with its record out. Nothing is computed here."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.sources.census.census import census, census_table, census_themes, census_zones
    from spatialjustice.sources.census.eurostat import Eurostat, census_grid
    from spatialjustice.sources.census.offices import CensusProvider, Column, Theme
    from spatialjustice.sources.census.us import USCensus
    from spatialjustice.sources.connections._quadkeys import tile_polygon
    from spatialjustice.sources.connections.broadband import availability, speed_tiles
    from spatialjustice.sources.connections.towers import towers
    from spatialjustice.sources.known_files import demo_extract, fetch_known, locate, record_of, registry
    from spatialjustice.sources.osm.basemap import basemap
    from spatialjustice.sources.osm.buildings import buildings, estimated_population
    from spatialjustice.sources.osm.hours.opening_hours import open_at, open_supply
    from spatialjustice.sources.osm.osmnx_graph import street_graph
    from spatialjustice.sources.osm.places.classing import class_contradictions
    from spatialjustice.sources.osm.places.own_services import services_from_file
    from spatialjustice.sources.osm.places.price import price
    from spatialjustice.sources.osm.places.services import services, services_from_overpass
    from spatialjustice.sources.osm.places.services_catalogue import Catalogue, Service, read_catalogue
    from spatialjustice.sources.osm.places.supply import capacity, eligible, wheelchair_access
    from spatialjustice.sources.osm.streets import (
        Streets,
        extent,
        streets,
        streets_from_overpass,
        streets_from_overpass_json,
    )
    from spatialjustice.sources.participation.budget import ParticipatoryBudget, participatory_budget
    from spatialjustice.sources.participation.budget_tables import (
        ballots_counted,
        budget_elections,
        budget_projects,
        budget_tables,
        with_elections,
    )
    from spatialjustice.sources.participation.reports import reports
    from spatialjustice.sources.places.boundary import boundary, box
    from spatialjustice.sources.places.outlines import geoboundaries, place_by_name
    from spatialjustice.sources.places.vector import folded, read_vector
    from spatialjustice.sources.places.zones import grid, hexagons, zones
    from spatialjustice.sources.places.zones_of_cells import zones_from_table
    from spatialjustice.sources.rasters.elevation import elevation
    from spatialjustice.sources.rasters.population import (
        areal_weighting,
        check_raster,
        population,
        population_from_column,
    )
    from spatialjustice.sources.tables.join import join_table, unique_rows
    from spatialjustice.sources.tables.points import distinct_places, points
    from spatialjustice.sources.tables.table import table
    from spatialjustice.sources.timetables.days.usual_days import usual_day
    from spatialjustice.sources.timetables.fares.fare_rules import Fare, Fares
    from spatialjustice.sources.timetables.fares.fares import fares
    from spatialjustice.sources.timetables.gtfs import Timetable, timetable
    from spatialjustice.sources.web.cache import cache_folder
    from spatialjustice.sources.web.databases import from_database
    from spatialjustice.sources.web.fetchers import geofabrik, ghs_pop, ghs_pop_tiles, worldpop
    from spatialjustice.sources.web.timetables import gtfs, gtfs_feeds
    from spatialjustice.sources.web.web import fetching

__all__ = [
    "Catalogue",
    "CensusProvider",
    "Column",
    "Eurostat",
    "Fare",
    "Fares",
    "ParticipatoryBudget",
    "Service",
    "Streets",
    "Theme",
    "Timetable",
    "USCensus",
    "areal_weighting",
    "availability",
    "ballots_counted",
    "basemap",
    "boundary",
    "box",
    "budget_elections",
    "budget_projects",
    "budget_tables",
    "buildings",
    "cache_folder",
    "capacity",
    "census",
    "census_grid",
    "census_table",
    "census_themes",
    "census_zones",
    "check_raster",
    "class_contradictions",
    "demo_extract",
    "distinct_places",
    "elevation",
    "eligible",
    "estimated_population",
    "extent",
    "fares",
    "fetch_known",
    "fetching",
    "folded",
    "from_database",
    "geoboundaries",
    "geofabrik",
    "ghs_pop",
    "ghs_pop_tiles",
    "grid",
    "gtfs",
    "gtfs_feeds",
    "hexagons",
    "join_table",
    "locate",
    "open_at",
    "open_supply",
    "participatory_budget",
    "place_by_name",
    "points",
    "population",
    "population_from_column",
    "price",
    "read_catalogue",
    "read_vector",
    "record_of",
    "registry",
    "reports",
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
    "timetable",
    "towers",
    "unique_rows",
    "usual_day",
    "wheelchair_access",
    "with_elections",
    "worldpop",
    "zones",
    "zones_from_table",
]

lazy_room(
    __name__,
    {
        "basemap": ".osm.basemap",
        "cache_folder": ".web.cache",
        "fetching": ".web.web",
        "from_database": ".web.databases",
        **dict.fromkeys(["geofabrik", "ghs_pop", "ghs_pop_tiles", "worldpop"], ".web.fetchers"),
        **dict.fromkeys(["gtfs", "gtfs_feeds"], ".web.timetables"),
        **dict.fromkeys(["geoboundaries", "place_by_name"], ".places.outlines"),
        "elevation": ".rasters.elevation",
        **dict.fromkeys(
            ["CensusProvider", "Column", "Theme", "census", "census_table", "census_themes", "census_zones"],
            ".census.census",
        ),
        **dict.fromkeys(["CensusProvider", "Column", "Theme"], ".census.offices"),
        **dict.fromkeys(["Eurostat", "census_grid"], ".census.eurostat"),
        "USCensus": ".census.us",
        "table": ".tables.table",
        **dict.fromkeys(["join_table", "unique_rows"], ".tables.join"),
        **dict.fromkeys(["boundary", "box"], ".places.boundary"),
        **dict.fromkeys(["availability", "speed_tiles"], ".connections.broadband"),
        "tile_polygon": ".connections._quadkeys",
        **dict.fromkeys(["buildings", "estimated_population"], ".osm.buildings"),
        **dict.fromkeys(
            ["areal_weighting", "check_raster", "population", "population_from_column"], ".rasters.population"
        ),
        **dict.fromkeys(["distinct_places", "points"], ".tables.points"),
        **dict.fromkeys(["services", "services_from_overpass"], ".osm.places.services"),
        "services_from_file": ".osm.places.own_services",
        "class_contradictions": ".osm.places.classing",
        **dict.fromkeys(["Catalogue", "Service", "read_catalogue"], ".osm.places.services_catalogue"),
        **dict.fromkeys(["demo_extract", "fetch_known", "locate", "record_of", "registry"], ".known_files"),
        **dict.fromkeys(
            ["Streets", "extent", "streets", "streets_from_overpass", "streets_from_overpass_json"],
            ".osm.streets",
        ),
        "street_graph": ".osm.osmnx_graph",
        **dict.fromkeys(["capacity", "eligible", "wheelchair_access"], ".osm.places.supply"),
        **dict.fromkeys(["open_at", "open_supply"], ".osm.hours.opening_hours"),
        "reports": ".participation.reports",
        **dict.fromkeys(["ParticipatoryBudget", "participatory_budget"], ".participation.budget"),
        **dict.fromkeys(
            ["ballots_counted", "budget_elections", "budget_projects", "budget_tables", "with_elections"],
            ".participation.budget_tables",
        ),
        "price": ".osm.places.price",
        **dict.fromkeys(["Timetable", "timetable"], ".timetables.gtfs"),
        "usual_day": ".timetables.days.usual_days",
        **dict.fromkeys(["Fare", "Fares"], ".timetables.fares.fare_rules"),
        "fares": ".timetables.fares.fares",
        "towers": ".connections.towers",
        **dict.fromkeys(["folded", "read_vector"], ".places.vector"),
        **dict.fromkeys(["grid", "hexagons", "zones"], ".places.zones"),
        "zones_from_table": ".places.zones_of_cells",
    },
)
