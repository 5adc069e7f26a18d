"""How results are shown: Folium maps, each saved as one page that needs no network."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.maps.atlas import atlas
    from spatialjustice.maps.bivariate import bivariate
    from spatialjustice.maps.choropleth import choropleth, cluster_indicator, clusters
    from spatialjustice.maps.explore import explore
    from spatialjustice.maps.indicator import Indicator
    from spatialjustice.maps.layers.overlays import Ground, Isochrones, Lines, Points, Zones
    from spatialjustice.maps.modes import ModeMaps
    from spatialjustice.maps.pages.index import Entry, index_page
    from spatialjustice.maps.pages.overview import Cell, Overview
    from spatialjustice.maps.pages.saved import Map, save
    from spatialjustice.maps.pictures.printed import plot, small_multiples
    from spatialjustice.maps.pictures.saving import save_figure
    from spatialjustice.maps.pictures.still import still
    from spatialjustice.maps.pictures.thumbnail import thumbnail
    from spatialjustice.maps.streets.block import street_block
    from spatialjustice.maps.streets.what_if import what_if

__all__ = [
    "Cell",
    "Entry",
    "Ground",
    "Indicator",
    "Isochrones",
    "Lines",
    "Map",
    "ModeMaps",
    "Overview",
    "Points",
    "Zones",
    "atlas",
    "bivariate",
    "choropleth",
    "cluster_indicator",
    "clusters",
    "explore",
    "index_page",
    "plot",
    "save",
    "save_figure",
    "small_multiples",
    "still",
    "street_block",
    "thumbnail",
    "what_if",
]

lazy_room(
    __name__,
    {
        "atlas": ".atlas",
        **dict.fromkeys(["Map", "save"], ".pages.saved"),
        **dict.fromkeys(["choropleth", "cluster_indicator", "clusters"], ".choropleth"),
        **dict.fromkeys(["Entry", "index_page"], ".pages.index"),
        **dict.fromkeys(["Cell", "Overview"], ".pages.overview"),
        "explore": ".explore",
        "Indicator": ".indicator",
        "ModeMaps": ".modes",
        "bivariate": ".bivariate",
        **dict.fromkeys(["Ground", "Isochrones", "Lines", "Points", "Zones"], ".layers.overlays"),
        **dict.fromkeys(["plot", "small_multiples"], ".pictures.printed"),
        "save_figure": ".pictures.saving",
        "still": ".pictures.still",
        "street_block": ".streets.block",
        "thumbnail": ".pictures.thumbnail",
        "what_if": ".streets.what_if",
    },
)
