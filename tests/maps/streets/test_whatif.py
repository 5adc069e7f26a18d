"""What the page answers is what the package answers, to the last bit; everything here is asked in the browser."""

from __future__ import annotations

import base64
import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import CRS

from spatialjustice import access, inequality, maps, network
from spatialjustice.access import decay
from spatialjustice.network import from_osm
from spatialjustice.report.standing import standing
from spatialjustice.sources.known_files import demo_extract
from tests.browsing import Opened
from tests.network.turns.by_hand import random_turns
from tests.street_blocks import ASKED, answer, block_of, changed, changes, differing

BOUNDS = (24.9352, 60.1642, 24.9534, 60.1791)
SHUFFLED = "bicycle in another order"
MODES = ["walk", "wheelchair", "bicycle", "drive", "walk on slopes", "bicycle on slopes", SHUFFLED]
STEPS = {"kind": "stepped", "limits": [100, 250, 400], "weights": [1, 0.68, 0.22]}
AMOUNTS = {"places": [1, 2, 0, 4, 1.5, 3, 1, 1, 2]}
SUPPLIES = [
    {
        "key": f"{method} {shape['kind']}", "title": "Supply", "services": ["places"], "method": method, "unit": unit,
        "cutoff": 400 if unit == "metres" else 2, "decay": shape, "amounts": AMOUNTS,
    }
    for method, shape, unit in [
        ("2sfca", {"kind": "binary"}, "minutes"), ("e2sfca", STEPS, "metres"), ("m2sfca", STEPS, "metres"),
        ("3sfca", STEPS, "metres"), ("mh3sfca", {"kind": "linear"}, "minutes"), ("bfca", STEPS, "metres"),
        ("e2sfca", {"kind": "gaussian"}, "metres"),
    ]
]  # fmt: skip


@pytest.fixture(scope="module")
def extract():
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


def shuffled(made):
    """The same streets in another order, some of them turned."""
    rng = np.random.default_rng(2)
    nodes, edges, turned = (
        rng.permutation(made.x.size), rng.permutation(made.edge_u.size), rng.random(made.edge_u.size) < 0.5,
    )  # fmt: skip
    place, at = np.argsort(nodes), np.argsort(edges)
    turns = [
        [2 * int(at[way // 2]) + (way % 2 ^ int(turned[at[way // 2]])) for way in turn] for turn in made.forbidden_turns
    ]
    u, v, ahead, back = (getattr(made, name)[edges] for name in ("edge_u", "edge_v", "forward", "backward"))
    return dataclasses.replace(
        made,
        **{name: getattr(made, name)[nodes] for name in ("node_id", "x", "y", "component")},
        **{name: getattr(made, name)[edges] for name in ("length", "way_id", "apart")},
        edge_u=place[np.where(turned, v, u)],
        edge_v=place[np.where(turned, u, v)],
        forward=np.where(turned, back, ahead),
        backward=np.where(turned, ahead, back),
        forbidden_turns=tuple(map(tuple, turns)),
    )


@pytest.fixture(scope="module")
def streets(extract, hills):
    """Make the streets of every mode."""
    place = gpd.GeoSeries([shapely.box(*BOUNDS)], crs=4326)
    made = {}
    for name in MODES[:-1]:
        mode, _, slopes = name.partition(" on ")
        made[name] = from_osm(extract, mode=mode, within=place, buffer=300, elevation=hills if slopes else None)
    return made | {SHUFFLED: shuffled(made["bicycle"])}


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


@pytest.fixture(scope="module")
def groups(people):
    """Half of the people of every other zone."""
    return [{"key": "some", "title": {"en": "Some"}, "people": np.where(people.index % 2, people / 2, 0)}]


@pytest.fixture(scope="module")
def block(streets, zones, people, places, groups):
    return block_of(streets, zones, people, places, supplies=SUPPLIES, groups=groups)


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory, zones, people, block):
    """A whole page that holds the block; its scripts are asked."""
    shown = maps.Indicator("walk", "Walk", pd.Series(1.0, index=zones.index), unit="metres")
    path = tmp_path_factory.mktemp("page") / "page.html"
    page = maps.atlas(zones, [shown], title="Synthetic", people=people, what_if=[block])
    path.write_text(page.to_html(), encoding="utf-8", newline="\n")
    made = Opened(browser, path).ready()
    yield made
    made.context.close()
    assert made.errors == []
    assert made.remote == []


def asked_of(opened, mode, script, given=None):
    """Ask the streets of a mode; the script is a function of them and of what is given."""
    return opened.page.evaluate(
        f"async ([mode, given]) => ({script})(await spatialjustice.streetsOf(mode), given)", [mode, given]
    )


def test_nothing_is_unpacked_before_it_is_asked_for(opened, block):
    """A page with streets opens as one without: the block is a text until somebody opens it."""
    kept = opened.page.evaluate("document.getElementById('streets-0-data').textContent")
    assert json.loads(kept)["gz"] == block["gz"]
    assert base64.b64decode(block["gz"])[:2] == b"\x1f\x8b"
    assert [one["key"] for one in opened.page.evaluate("spatialjustice.streetsOf.modes()")] == MODES


def test_the_block_is_small(block, streets):
    """All modes together: less than 10 characters for each piece of street of a mode, and each mode adds little."""
    pieces = sum(made.edge_u.size for made in streets.values())
    assert len(json.dumps(block)) <= 5 * pieces
    for mode, made in zip(block["modes"], streets.values(), strict=True):
        assert len(json.dumps(mode)) <= 10 * made.edge_u.size


@pytest.mark.parametrize("name", MODES)
def test_two_hundred_changes_give_the_same_bits(opened, streets, zones, places, name):
    """Distances after places were added, moved and removed: not one of them a bit off."""
    asked = changes(zones.iloc[:-1], len(places), 200)
    told = opened.page.evaluate(ASKED, [name, "places", asked])
    assert told["nowhere"] == 0
    assert differing(streets[name], zones, places, asked, told) == 0


def lattice(*, in_order=False, tangled=False):
    """Synthetic: streets every 100 metres, each with a cost of its own; in no order some are there twice.

    At four crossings there are two nodes, and streets of the one cannot be entered from those of the other. Tangled
    streets lead from anywhere to anywhere, over many crossings that they do not join.
    """
    rng = np.random.default_rng(11)
    number = np.arange(64).reshape(8, 8)
    x, y = (np.concatenate([values.ravel(), values.ravel()[9:40:9]]) * 100.0 for values in np.mgrid[0:8, 0:8])
    x, y = 385_000 + x, 6_672_000 + y
    pairs = np.concatenate([
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([np.arange(64, 68), [18, 27, 36, 45]]),
    ])  # fmt: skip
    ids = rng.permutation(68)
    if in_order:
        nodes = np.lexsort((ids, y, x, np.floor(y / 250)))
        pairs = np.sort(np.argsort(nodes)[pairs], axis=1)
        pairs = pairs[np.lexsort(pairs.T[::-1])]
    else:
        nodes = rng.permutation(68)
        pairs = rng.permuted(rng.permutation(np.concatenate([pairs, pairs[::9]])), axis=1)
        pairs = pairs if tangled else np.argsort(nodes)[pairs]
    ahead, back = 100 * rng.uniform(1, 5, (2, len(pairs)))
    return network.Network(
        node_id=ids[nodes], x=x[nodes], y=y[nodes], edge_u=pairs[:, 0], edge_v=pairs[:, 1],
        length=np.full(len(pairs), 100.0), forward=ahead, backward=np.where(rng.random(len(pairs)) < 0.2, np.inf, back),
        way_id=np.arange(len(pairs)), component=np.zeros(68), crs=CRS(3067),
    )  # fmt: skip


def test_of_equally_near_streets_page_and_package_take_the_same(open_page):
    """Places in the middle of squares are as near to four streets, and those on corners as well."""
    made = {"in order": lattice(in_order=True), "in no order": lattice(), "tangled": lattice(tangled=True)}
    crs = CRS(3067)
    east, north = (values.ravel() for values in np.mgrid[0:15, 0:15] * 50.0)
    spots = gpd.GeoSeries.from_xy(east + 385_000, north + 6_672_000, crs=crs)
    zones = gpd.GeoDataFrame(geometry=spots[::7].buffer(10).reset_index(drop=True))
    places = gpd.GeoDataFrame(geometry=spots[[3]].reset_index(drop=True))
    shown = maps.Indicator("walk", "Walk", pd.Series(1.0, index=zones.index), unit="metres")
    block = block_of(made, zones, np.ones(len(zones)), places)
    page = open_page(maps.atlas(zones, [shown], title="Lattice", what_if=[block])).ready()
    degrees = spots.to_crs(4326)
    asked = [
        {"added": [[point.y, point.x]], "removed": [0], "unit": ("metres", "minutes")[number % 2]}
        for number, point in enumerate(degrees)
    ]
    assert [one["ordered"] for one in block["modes"]] == [True, False, False]
    for name, streets in made.items():
        told = page.page.evaluate(ASKED, [name, "places", asked])
        assert differing(streets, zones, places, asked, told) == 0
        near = streets.snap(spots)
        assert (near["offset"] == 50).any() or name == "tangled"
        assert (near["offset"] == 0).any()


def test_where_turns_are_forbidden_page_and_package_go_the_same_ways(open_page):
    """Two modes with turns of their own, so that each has junctions where the other has none; places at junctions."""
    rng = np.random.default_rng(11)
    made = {}
    for name, seed in (("one", 1), ("other", 2)):
        free = lattice(in_order=True)
        made[name] = dataclasses.replace(free, forbidden_turns=random_turns(free, np.random.default_rng(seed), 60))
    crs = CRS(3067)
    east, north = (values.ravel() for values in np.mgrid[0:15, 0:15] * 50.0)
    spots = gpd.GeoSeries.from_xy(east + 385_000, north + 6_672_000, crs=crs)
    zones = gpd.GeoDataFrame(geometry=spots[::3].buffer(10).reset_index(drop=True))
    places = gpd.GeoDataFrame(geometry=spots[[3, 64]].reset_index(drop=True))
    shown = maps.Indicator("walk", "Walk", pd.Series(1.0, index=zones.index), unit="metres")
    block = block_of(made, zones, np.ones(len(zones)), places)
    page = open_page(maps.atlas(zones, [shown], title="Lattice", what_if=[block])).ready()
    degrees = spots.to_crs(4326)[rng.permutation(len(spots))[:60]]
    asked = [
        {
            "added": [[point.y, point.x]],
            "removed": [[], [0], [0, 1]][number % 3],
            "unit": ("metres", "minutes")[number % 2],
        }
        for number, point in enumerate(degrees)
    ]
    for name, streets in made.items():
        told = page.page.evaluate(ASKED, [name, "places", asked])
        assert differing(streets, zones, places, asked, told) == 0
        free = dataclasses.replace(streets, forbidden_turns=())
        assert differing(free, zones, places, asked, told) > 0  # they do bite
        ways = page.page.evaluate(
            """async ([mode]) => {
              const whatif = await window.spatialjustice.streetsOf(mode);
              const costs = whatif.costs("places", { unit: "metres" });
              return Array.from(costs, (cost, zone) => [cost, whatif.route(zone, "places", { unit: "metres" })]);
            }""",
            [name],
        )
        assert all(np.isinf(cost or np.inf) if way is None else way["cost"] == cost for cost, way in ways)


def test_a_point_too_far_from_any_street_is_put_nowhere(opened, streets):
    made = streets["walk"]
    x, y = made.x.min() - 400, made.y.min() - 400
    # Around the corner of the network: some of these lie within 500 metres of a street, some do not.
    corner = [shapely.Point(x + east, y + north) for east in range(-300, 900, 90) for north in range(-300, 900, 90)]
    points = gpd.GeoSeries(corner, crs=made.crs).to_crs(4326)
    points = shapely.set_precision(points.array.to_numpy(), 1e-7)
    series = gpd.GeoSeries(points, crs=4326)
    told = asked_of(
        opened, "walk", "(at, list) => list.map(([lat, lon]) => at.snap(lat, lon)).map((one) => one && one.offset)",
        [[point.y, point.x] for point in points],
    )  # fmt: skip
    snapped = made.snap(series)
    assert 0 < sum(one is None for one in told) < len(told)
    for one, edge, offset in zip(told, snapped["edge"], snapped["offset"], strict=True):
        assert one == (None if edge < 0 else offset)


def test_sums_are_those_of_the_package(opened, streets, zones, people, places, groups):
    made = streets["walk"]
    told = asked_of(opened, "walk", "(at) => at.summary(at.costs('places'), 400)")
    costs = answer(made, zones, places, "metres")
    shown = maps.Indicator(
        "way", "Way", pd.Series(costs, index=zones.index).replace(np.inf, np.nan), unit="metres",
        direction="lower is better",
        status=pd.Series(np.where(np.isinf(costs), "unreachable", "ok"), index=zones.index),
    )  # fmt: skip
    outside = np.asarray(made.travel_costs(zones, places).origins["status"] == "outside_data")
    some = pd.Series(groups[0]["people"], index=people.index)
    for found, counted in ((told, people), (told["byGroup"]["some"], some)):
        living = counted.where(~outside, 0)
        stand = standing(shown, people=living)
        assert found["people"] == pytest.approx(living.sum(), rel=1e-14)
        assert found["within"] == pytest.approx(living[costs <= 400].sum(), rel=1e-14)
        assert found["beyond"] == pytest.approx(living[(costs > 400) & np.isfinite(costs)].sum(), rel=1e-14)
        assert found["unreached"] == pytest.approx(stand.unreached, abs=1e-9)
        assert found["leftOut"] == pytest.approx(counted[outside].sum(), abs=1e-9)
        assert found["mean"] == pytest.approx(stand.mean, rel=1e-13)
        assert found["worstTenth"] == stand.centiles[89]
        there = np.isfinite(costs) & (living > 0)
        assert found["gini"] == pytest.approx(inequality.gini(costs[there], people=living[there].to_numpy()), rel=1e-12)


def test_who_comes_within_the_limit_and_who_no_longer(opened, streets, zones, people, places, groups):
    """One place moves right across the town: people at its new place win, those at the old one lose."""
    made = streets["walk"]
    change = {"added": [[60.1652, 24.9521]], "removed": [5, 8]}
    told = asked_of(
        opened, "walk",
        """(at, {added, removed}) => {
          const placed = added.map(([lat, lon]) => at.snap(lat, lon));
          const after = at.costs('places', {added: placed, removed: new Set(removed)});
          return at.compare(at.costs('places'), after, 400);
        }""",
        change,
    )  # fmt: skip
    before, after = (answer(made, zones, standing_, "metres") for standing_ in (places, changed(places, change)))
    outside = np.asarray(made.travel_costs(zones, places).origins["status"] == "outside_data")
    wanted = {
        "gained": (after <= 400) & (before > 400), "lost": (before <= 400) & (after > 400),
        "nearer": after < before, "farther": after > before,
    }  # fmt: skip
    for name, chosen in wanted.items():
        there = np.flatnonzero(chosen & ~outside)
        assert there.size
        assert told["zones"][name] == there.tolist()
        assert told["people"][name] == pytest.approx(people.iloc[there].sum(), rel=1e-13)
        assert told["byGroup"]["some"][name] == pytest.approx(groups[0]["people"][there].sum(), rel=1e-13)


def test_the_best_place_is_the_best_of_all_zones(opened, streets, zones, people, places):
    """The whole matrix says the same: put a place into every zone, and count who comes within the limit."""
    made = streets["bicycle"]
    few = places.iloc[:2]
    once, told, stopped, shares = asked_of(
        opened, "bicycle",
        """async (at) => {
          const changes = {removed: new Set([2, 3, 4, 5, 6, 7, 8]), unit: 'minutes'};
          const [stop, shares] = [new AbortController(), []];
          const soon = (how) => at.bestSoon('places', changes, 3, Object.assign({turn: 0}, how));
          const told = await soon({tell: (share) => shares.push(share)});
          stop.abort();
          return [at.best('places', changes, 3), told, await soon({signal: stop.signal}), shares];
        }""",
    )  # fmt: skip
    now = answer(made, zones, few, "minutes")
    frame = made.travel_costs(zones, zones, cutoff=3).to_frame()
    outside = np.asarray(made.travel_costs(zones, few).origins["status"] == "outside_data")
    without = people.where((now > 3) & ~outside, 0)
    gained = frame["from_id"].map(without).groupby(frame["to_id"]).sum()
    assert told == once
    assert stopped is None
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert told["gained"] == pytest.approx(gained.max(), rel=1e-12)
    assert gained[told["zone"]] == pytest.approx(gained.max(), rel=1e-12)
    assert told["gained"] > 0


@pytest.mark.parametrize("supply", SUPPLIES, ids=[one["key"] for one in SUPPLIES])
def test_catchments_share_the_supply_as_the_package_does(opened, streets, zones, people, places, supply):
    """After one place was removed and one was added, with a supply of its own."""
    mode = "drive" if supply["unit"] == "minutes" else "walk"
    made = streets[mode]
    change = {"added": [[60.1702, 24.9403]], "removed": [3]}
    told = asked_of(
        opened, mode,
        """(at, [key, {added, removed}]) => {
          const placed = added.map(([lat, lon]) => Object.assign(at.snap(lat, lon), {supply: 2.5}));
          at.supply(key, {places: {removed: new Set([1])}});
          return Array.from(at.supply(key, {places: {added: placed, removed: new Set(removed)}}));
        }""",
        [supply["key"], change],
    )  # fmt: skip
    kept = changed(places, change)
    costs = made.travel_costs(zones, kept, unit=supply["unit"], cutoff=supply["cutoff"])
    amounts = [*np.delete(supply["amounts"]["places"], 3), 2.5]
    decays = {
        "binary": lambda: decay.binary(supply["cutoff"]), "linear": lambda: decay.linear(supply["cutoff"]),
        "gaussian": lambda: decay.truncated_gaussian(supply["cutoff"]),
        "stepped": lambda: decay.stepped(dict(zip(supply["decay"]["limits"], supply["decay"]["weights"], strict=True))),
    }  # fmt: skip
    found = access.floating_catchment_area(
        costs, people=people, supply=pd.Series(amounts, index=kept.index), method=supply["method"],
        decay=decays[supply["decay"]["kind"]](),
    )  # fmt: skip
    assert (found > 0).sum() > 50
    # Sums of weighted people have their last bits from the order of adding, which here is that of the zones.
    np.testing.assert_allclose(np.array(told, dtype=float), found.to_numpy(), rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", ["walk", "drive", "bicycle on slopes"])
def test_ways_are_as_long_as_they_cost(opened, streets, zones, places, name):
    """The way drawn from a zone costs what the table says, and where streets cost their length it is as long."""
    made = streets[name]
    told, again = asked_of(
        opened, name,
        """(at) => {
          const zones = Array.from(at.people, (_, zone) => zone);
          const far = (zone) => at.route(zone, 'places', {unit: 'metres'});
          const from = (zone) => at.atZone(zone) && at.route(at.atZone(zone), 'places', {unit: 'metres'});
          return [zones.map(far), zones.map(from).map((way) => way && way.cost)];
        }""",
    )  # fmt: skip
    costs = answer(made, zones, places, "metres")
    assert again == [way and way["cost"] for way in told]
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


@pytest.mark.parametrize(
    ("name", "cutoff", "unit"), [("walk", 250, "metres"), ("drive", 1, "minutes")], ids=["walk", "drive"]
)
def test_streets_within_reach_are_those_of_the_package(opened, streets, name, cutoff, unit):
    """From a place outward; and towards it, which on foot is the same."""
    made = streets[name]
    lat, lon = 60.1712, 24.9441
    outward, towards = asked_of(
        opened, name,
        "(at, [lat, lon, ...by]) => [at.reached(at.snap(lat, lon), ...by), at.within(at.snap(lat, lon), ...by)]",
        [lat, lon, cutoff, unit],
    )  # fmt: skip
    home = gpd.GeoSeries.from_xy([lon], [lat], crs=4326)
    found = network.reached_streets(made, home, cutoff=cutoff, unit=unit)
    here, there = (
        gpd.GeoSeries([shapely.MultiLineString([[(x, y) for y, x in line] for line in lines])], crs=4326)
        .to_crs(made.crs)
        .iloc[0]
        for lines in (outward, towards)
    )
    assert here.length > 300
    assert here.length == pytest.approx(found.geometry.length.sum(), rel=1e-5)
    assert found.union_all().buffer(0.05).contains(here)
    assert here.buffer(0.05).contains(there) == (name == "walk")
