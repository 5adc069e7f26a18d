"""Whatever has a shape is drawn by one call, as a figure and as a map, with its unit in the legend."""

from __future__ import annotations

import geopandas as gpd
import matplotlib.collections
import matplotlib.text
import pandas as pd
import pytest
import shapely

import spatialjustice as sj
from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, SourceRecord, add_sources
from spatialjustice.network import from_frames
from tests.browsing import plain_text
from tests.made_timetables import made_timetable, run

RECORD = SourceRecord("streets", "town.osm.pbf", "0" * 64, 1, "Open Database License (ODbL) 1.0", OSM_ATTRIBUTION)


@pytest.fixture(scope="module")
def drive():
    """Synthetic: a street at 30 and one at 50 kilometres an hour."""
    nodes = pd.DataFrame({"x": [24.94, 24.943, 24.945], "y": [60.17, 60.17, 60.172]}, index=[1, 2, 3])
    tags = [{"highway": "residential", "maxspeed": "30"}, {"highway": "primary", "maxspeed": "50"}]
    ways = pd.DataFrame({"nodes": [[1, 2], [2, 3]], "tags": tags}, index=[10, 11])
    return from_frames(nodes, ways, mode="drive", sources=[RECORD])


@pytest.fixture(scope="module")
def costs(drive):
    homes = [shapely.box(24.940, 60.1695, 24.941, 60.1705), shapely.box(24.942, 60.1695, 24.943, 60.1705)]
    zones = gpd.GeoDataFrame(geometry=homes, crs=4326, index=["one", "two"])
    shop = gpd.GeoDataFrame(geometry=[shapely.Point(24.945, 60.172)], crs=4326, index=["shop"])
    return drive.travel_costs(zones, shop, unit="metres")


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def page(made):
    return plain_text(made.to_html())


def test_a_network_is_drawn_by_speed_with_its_credit(drive):
    figure = drive.plot()
    said = texts(figure)
    assert "Streets by speed" in said
    assert any("kilometres per hour" in text for text in said)
    assert {text.split(" ")[0] for text in said} >= {"30", "50"}
    assert any(OSM_ATTRIBUTION in text for text in said)
    assert len(figure.axes[0].findobj(matplotlib.collections.LineCollection)) >= 2
    assert OSM_ATTRIBUTION in page(drive.explore())
    assert texts(drive.plot(lang="fa", title={"en": "Own", "fa": "خودم"}))


def test_travel_costs_are_drawn_by_the_way_to_the_nearest_place(costs):
    known = sj.access.cost_to_closest(costs)
    said = texts(costs.plot())
    assert any("metres" in text for text in said)
    assert "Cost to the nearest place" in said
    drawn = costs.explore().drawn["indicators"][0]
    pd.testing.assert_series_equal(drawn.values, known, check_names=False)
    assert drawn.unit == "metres"


def test_zones_are_drawn_from_what_choropleth_takes(grid, minutes):
    minutes = minutes.copy()
    minutes.attrs = {"unit": "minutes"}
    said = texts(sj.maps.plot(grid, minutes, title="Synthetic walk"))
    assert "Synthetic walk" in said
    assert any("minutes" in text for text in said)
    assert texts(sj.maps.plot(grid.assign(own=minutes), "own", unit="minutes"))
    assert repr(sj.maps.explore(grid, minutes, title="Synthetic walk")) == "<Map: Synthetic walk>"


def test_the_nearest_area_lies_upon_the_farther_ones(drive):
    home = gpd.GeoSeries.from_xy([24.94, 25.9], [60.17, 60.17], index=["home", "nowhere"], crs=4326)
    areas = sj.access.isochrones(drive, home, cutoff=[100, 200], unit="metres")
    assert areas.geometry.is_empty.sum() == 2, "of one home nothing is within reach, and nothing is drawn"
    figure = sj.maps.plot(areas)
    said = texts(figure)
    assert "Area within reach" in said
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["100", "200"]
    drawn = [one for one in figure.axes[0].findobj(matplotlib.collections.PatchCollection) if one.get_paths()]
    extents = [one.get_paths()[0].get_extents().width for one in drawn]
    assert extents == sorted(extents, reverse=True)
    assert "Area within reach" in page(sj.maps.explore(areas))
    with pytest.raises(InputError, match="every area is empty"):
        sj.maps.explore(areas.loc["nowhere"] if "nowhere" in areas.index else areas[areas["from_id"] == "nowhere"])


def test_places_are_points_also_where_some_are_mapped_as_areas():
    shapes = [shapely.Point(24.94, 60.17), shapely.box(24.941, 60.17, 24.942, 60.171)]
    places = gpd.GeoDataFrame({"beds": [3, 5]}, geometry=shapes, crs=4326)
    add_sources(places, RECORD)
    figure = sj.maps.plot(places, "beds", unit="beds", title="Synthetic wards")
    assert any("The numbers count: beds." in text for text in texts(figure))
    assert OSM_ATTRIBUTION in page(sj.maps.explore(places, "beds", unit="beds", title="Synthetic wards"))


def test_a_timetable_is_drawn_by_how_often_vehicles_call():
    timetable = made_timetable([(0, 0), (900, 0)], [run((0, "7:05"), (1, "7:09")), run((0, "7:35"), (1, "7:39"))])
    assert "Stops by how often vehicles call" in texts(timetable.plot())
    calls = timetable.explore().drawn["indicators"][0].values  # noqa: PD011 - of an Indicator
    assert calls.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (sj.maps.explore, "values: they are missing"),
        (lambda grid: sj.maps.plot(grid, pd.Series(1.0, grid.index)), "unit is not known"),
        (lambda _: sj.maps.plot(3, "own"), "it is an int"),
        (lambda grid: sj.maps.explore(grid, "own", unit="minutes"), "no column “own”"),
        (
            lambda grid: sj.maps.plot(
                pd.concat([grid, grid.boundary.to_frame("geometry").add_suffix("").rename(index="line {}".format)]),
                pd.Series(1.0, grid.index), unit="minutes",
            ),
            "lines and zones",
        ),
    ],
    ids=["no values", "no unit", "no shapes", "no column", "two kinds"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_by_name(grid, make, match):
    with pytest.raises(InputError, match=match):
        make(grid)
