"""Tiles against the whole: on random networks, for any size of tile, every measure has the same bits."""

import math
import tempfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError, MissingFileError
from spatialjustice._core.numbers.sums import exact_parts, joined_parts
from spatialjustice.access import (
    cost_to_closest,
    cumulative_cutoff,
    floating_catchment_area,
    gravity,
    passive_access,
    status,
    supply_ratio,
)
from spatialjustice.access.competition.in_two_steps import access_by_ratios
from spatialjustice.access.decay import gaussian
from spatialjustice.network.search import pairs
from spatialjustice.network.streets.modes import WALK, Permission
from spatialjustice.network.streets.osm_file import networks_from_osm
from spatialjustice.network.tiles import costs as tile_costs_module
from spatialjustice.network.tiles.costs import tile_costs
from spatialjustice.network.tiles.index import estimated_bytes, halo_of, open_tiles
from spatialjustice.network.tiles.places import open_places, places_of_tile, write_places
from spatialjustice.network.tiles.reading import read_tile
from spatialjustice.network.tiles.squares import Box, split, square_of
from spatialjustice.network.tiles.writing import write_tiles
from spatialjustice.sources.known_files import demo_extract

INF = math.inf
CRS = "EPSG:32635"
SNAP = 130.0


@st.composite
def towns(draw, network_of):
    """Streets between points of a lattice around the corner where four tiles meet, and places near them.

    One-way streets, fast and slow ones, long ones, parallel ones, loops, two nodes in one place, islands, ties.
    """
    side = draw(st.integers(2, 6))
    shift = draw(st.tuples(st.integers(-900, 100), st.integers(-900, 100)))
    nodes = [(shift[0] + 100 * (at % side), shift[1] + 100 * (at // side)) for at in range(side * side)]
    twins = draw(st.lists(st.sampled_from(range(len(nodes))), max_size=2))
    edges = [(twin, len(nodes) + number, 0.0, 0.0) for number, twin in enumerate(twins)]
    nodes += [nodes[twin] for twin in twins]
    near = [(at, at + step) for at in range(side * side) for step in (1, side) if step == side or (at + 1) % side]
    ends = draw(st.lists(st.sampled_from([pair for pair in near if pair[1] < side * side]), min_size=3, max_size=30))
    ends += draw(st.lists(st.tuples(*[st.sampled_from(range(len(nodes)))] * 2), max_size=3))
    for u, v in ends:
        straight = math.hypot(nodes[u][0] - nodes[v][0], nodes[u][1] - nodes[v][1])
        ahead, back = (straight * draw(st.sampled_from([0.5, 1.0, 1.0, 1.3])) for _ in range(2))
        way = draw(st.sampled_from(["both", "both", "both", "ahead", "back"]))
        edges.append((u, v, INF if way == "back" else ahead, INF if way == "ahead" else back))
    network = network_of(nodes, edges)
    place = st.tuples(st.integers(-150, 100 * side + 50), st.integers(-150, 100 * side + 50))
    zones, shops = draw(st.lists(place, min_size=1, max_size=12)), draw(st.lists(place, min_size=1, max_size=8))
    return network, layer(zones, shift, "z"), layer(shops, shift, "s")


def layer(places, shift, prefix):
    xy = np.array(places, dtype=float) + shift
    frame = gpd.GeoDataFrame(geometry=shapely.points(xy), index=[f"{prefix}{at}" for at in range(len(xy))], crs=CRS)
    frame.index.name = prefix
    amounts = np.random.default_rng(len(xy)).uniform(0, 1000, len(xy))
    return frame.assign(amount=amounts)


class Tiled:
    """A town in tiles: every tile is asked once, and what is told is joined on the ids of its places."""

    def __init__(self, town, size, folder, *, halve=False):
        network, *self.layers = town
        self.index = write_tiles(network, folder, tile_size=size)
        self.sides = [
            write_places(self.index, frame, name=side, side=side, columns=["amount"])
            for side, frame in zip(("origins", "destinations"), self.layers, strict=True)
        ]
        self.halve = halve

    def ask(self, asked, *, of="origins", **how):
        own, frame = next((side, frame) for side, frame in zip(self.sides, self.layers, strict=True) if side.side == of)
        tiles = [name for tile in own.tiles for name in (split(tile) if self.halve else [tile])]
        seen = [name for tile in tiles for name in places_of_tile(self.index, own, tile).index]
        assert sorted(seen) == sorted(frame.index)
        told = {name: [] for name in asked}
        for tile in tiles:
            costs = tile_costs(self.index, tile, *self.sides, mode="walk", unit="metres", snap_limit=SNAP, of=of, **how)
            for name, measure in asked.items() if costs is not None else ():
                told[name].append(measure(costs))
        return {name: pd.concat(parts) if parts else None for name, parts in told.items()}


def same(found, whole, missing):
    """Compare to the bit; of tiles without a street within reach there is no answer but ``missing``."""
    if found is None:
        found = whole.iloc[:0]
    assert found.index.is_unique
    rest = whole[~whole.index.isin(found.index)]
    assert ((rest == missing) | (rest.isna() if missing is None else False)).all()
    expected = whole.loc[found.index]
    assert found.tolist() == expected.tolist() or found.to_numpy(float).tobytes() == expected.to_numpy(float).tobytes()


def same_rows(found, expected):
    """Compare tables of pairs or of named places to the bit, whatever the order of tiles."""
    keys = [name for name in ("from_id", "rank", "to_id") if name in expected]
    frame = expected.iloc[:0] if found is None else found
    one, other = (each.sort_values(keys, ignore_index=True) for each in (frame, expected))
    pd.testing.assert_frame_equal(one, other, rtol=0, atol=0)


STEADY = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SIZES = st.sampled_from([90.0, 210.0, 333.0, 1000.0])


@pytest.mark.filterwarnings("ignore::spatialjustice._core.findings.SpatialJusticeWarning")
@given(data=st.data(), size=SIZES, halve=st.booleans(), cutoff=st.sampled_from([90.0, 250.0, 400.0]))
@STEADY
def test_every_measure_within_a_cutoff(network_of, data, size, halve, cutoff):
    town = network, zones, shops = data.draw(towns(network_of))
    whole = network.travel_costs(zones, shops, unit="metres", cutoff=cutoff, snap_limit=SNAP)
    offers, people, decay = shops["amount"], zones["amount"], gaussian(150)
    first = {"supply": offers, "people": people, "decay": decay}
    asked = {
        "closest": (cost_to_closest, None),
        "cumulative": (lambda costs: cumulative_cutoff(costs, offers, cutoff=cutoff), 0.0),
        "gravity": (lambda costs: gravity(costs, offers, decay=decay), 0.0),
        "status": (lambda costs: status(costs, cutoff=cutoff).astype(str), "off_network"),
    }
    tables = {"nearest": lambda costs: costs.nearest(3), "pairs": lambda costs: costs.to_frame()}
    come = {
        "people": (lambda costs: passive_access(costs, people.loc[costs.from_ids], decay=decay), 0.0),
        "ratios": (lambda costs: supply_ratio(costs, **first), None),
    }
    with tempfile.TemporaryDirectory() as folder:
        tiled = Tiled(town, size, folder, halve=halve)
        # Catchments: who comes to the places of a tile, then what its people reach.
        told = tiled.ask({name: measure for name, (measure, _) in come.items()}, of="destinations", cutoff=cutoff)
        for name, (measure, missing) in come.items():
            same(told[name], measure(whole), missing)
        ratios = pd.Series(np.nan, shops.index) if told["ratios"] is None else told["ratios"].reindex(shops.index)
        for way in ("e2sfca", "m2sfca"):
            asked[way] = (lambda costs, way=way: access_by_ratios(costs, ratios=ratios, decay=decay, method=way), 0.0)
        told = tiled.ask({name: measure for name, (measure, _) in asked.items()} | tables, cutoff=cutoff)
    for name, (measure, missing) in asked.items():
        catchment = name in {"e2sfca", "m2sfca"}
        expected = floating_catchment_area(whole, **first, method=name) if catchment else measure(whole)
        same(told[name], expected, missing)
    for name, table in tables.items():
        same_rows(told[name], table(whole))


@pytest.mark.filterwarnings("ignore::spatialjustice._core.findings.SpatialJusticeWarning")
@given(data=st.data(), size=SIZES, halve=st.booleans())
@STEADY
def test_the_nearest_of_all(network_of, data, size, halve):
    """Without a cutoff: the ground is widened until nothing nearer can lie beyond, or no way leads out."""
    town = network, zones, shops = data.draw(towns(network_of))
    whole = network.travel_costs(zones, shops, unit="metres", snap_limit=SNAP)
    asked = {
        "closest": (cost_to_closest, None),
        "status": (lambda costs: status(costs, cutoff=200.0).astype(str), "off_network"),
    }
    with tempfile.TemporaryDirectory() as folder:
        tiled = Tiled(town, size, folder, halve=halve)
        told = tiled.ask({name: one for name, (one, _) in asked.items()} | {"nearest": lambda costs: costs.nearest(2)})
    for name, (measure, missing) in asked.items():
        same(told[name], measure(whole), missing)
    same_rows(told["nearest"], whole.nearest(2))


@pytest.fixture
def street(network_of):
    """A street of 20 pieces of 100 m, on which one goes twice as fast as the mode does."""
    nodes = [(100.0 * at, 50.0) for at in range(21)]
    return network_of(nodes, [(at, at + 1, 50.0, 50.0) for at in range(20)])


@pytest.mark.filterwarnings("ignore::spatialjustice._core.findings.SpatialJusticeWarning")
def test_a_halo_one_step_too_small_is_wrong(street, monkeypatch, tmp_path):
    """300 m at twice the speed lead 600 m far; with a halo of one piece less the farthest place is not found."""
    zones, shops = layer([(5, 50)], (0, 0), "z"), layer([(605, 50)], (0, 0), "s")

    def minutes(costs):
        return tile_costs(*costs, mode="walk", cutoff=300.0 / 80)

    index = write_tiles(street, tmp_path, tile_size=10.0)
    sides = [
        write_places(index, each, name=side, side=side) for side, each in (("origins", zones), ("destinations", shops))
    ]
    assert halo_of(index, mode="walk", cutoff=300.0 / 80) == pytest.approx(601.0)
    costs = (index, "0_0_5", *sides)
    assert minutes(costs).to_frame()["travel_cost"].tolist() == [300.0 / 80]
    exact = halo_of
    monkeypatch.setattr(tile_costs_module, "halo_of", lambda *words, **more: exact(*words, **more) - 100.0)
    assert minutes(costs).to_frame().empty


def test_what_is_known_before_reading(street, tmp_path):
    """Fast streets need wide halos; a street that costs nothing an infinite one; memory grows with the halo."""
    index = write_tiles(street, tmp_path, tile_size=500.0)
    assert open_tiles(tmp_path) == index
    assert index.tiles("walk") == tuple(f"0_{column}_0" for column in range(4))
    assert index.of("walk").least == {"minutes": 0.5, "metres": 1.0}
    assert halo_of(index, mode="walk", cutoff=500.0, unit="metres") == pytest.approx(501.0)
    small, large = (estimated_bytes(index, "0_0_0", mode="walk", halo=halo) for halo in (0.0, 1000.0))
    assert small < large == estimated_bytes(index, "1_0_0", mode="walk", halo=1250.0)
    assert read_tile(tmp_path, "0_1_0", mode="walk", halo=0.0).node_id.tolist() == [
        104,
        105,
        106,
        107,
        108,
        109,
        110,
        111,
    ]
    assert read_tile(index, "1_2_0", mode="walk", halo=0.0).edge_u.size == 4
    with pytest.raises(EmptyNetworkError):
        read_tile(index, "0_9_9", mode="walk", halo=10.0)


def test_a_network_comes_back_whole(street, tmp_path):
    index = write_tiles(street, tmp_path, tile_size=300.0)
    back = read_tile(index, "0_0_0", mode="walk", halo=INF)
    for name in (
        "node_id",
        "x",
        "y",
        "edge_u",
        "edge_v",
        "length",
        "forward",
        "backward",
        "way_id",
        "component",
        "apart",
    ):
        assert np.array_equal(getattr(back, name), getattr(street, name))


@pytest.mark.filterwarnings("ignore::spatialjustice._core.findings.SpatialJusticeWarning")
def test_real_streets_with_tiles_of_three_sizes(tmp_path):
    """On one-way streets and footpaths of a real place the tables are those of the whole, whatever the tiles."""
    networks = networks_from_osm(demo_extract(), modes=["walk", "drive"])
    box = networks["walk"].nodes.total_bounds
    rng = np.random.default_rng(3)
    places = [
        np.column_stack([rng.uniform(*box[[0, 2]], count), rng.uniform(*box[[1, 3]], count)]) for count in (40, 9)
    ]
    zones, shops = (
        gpd.GeoDataFrame(geometry=shapely.points(xy), index=np.arange(len(xy)) + 7, crs=networks["walk"].crs)
        for xy in places
    )
    for mode, sizes in (("walk", (400.0, 5000.0)), ("drive", (900.0,))):
        network = networks[mode]
        whole = network.travel_costs(zones, shops, cutoff=4.0)
        named = network.travel_costs(zones, shops).nearest()
        for size in sizes:
            index = write_tiles(network, tmp_path, tile_size=size)
            sides = [
                write_places(index, frame, name=side, side=side)
                for side, frame in (("origins", zones), ("destinations", shops))
            ]
            asked = [tile_costs(index, tile, *sides, mode=mode, cutoff=4.0) for tile in sides[0].tiles]
            same_rows(pd.concat([costs.to_frame() for costs in asked if costs is not None]), whole.to_frame())
            asked = [tile_costs(index, tile, *sides, mode=mode) for tile in sides[0].tiles]
            same_rows(pd.concat([costs.nearest() for costs in asked if costs is not None]), named)


def test_an_extract_is_written_for_every_mode(tmp_path):
    """What is read back without an end to the halo is the network of the same file, bit for bit."""
    index = write_tiles(demo_extract(), tmp_path, tile_size=700.0, modes=["walk", "drive"])
    for mode, network in networks_from_osm(demo_extract(), modes=["walk", "drive"]).items():
        back = read_tile(index, index.tiles(mode)[0], mode=mode, halo=INF)
        for name in ("node_id", "x", "y", "edge_u", "edge_v", "forward", "backward", "component", "apart"):
            assert np.array_equal(getattr(back, name), getattr(network, name))
        assert (back.area, back.mode, back.sources) == (network.area, network.mode, network.sources)


@pytest.mark.filterwarnings("ignore::spatialjustice._core.findings.SpatialJusticeWarning")
def test_ground_is_widened_no_farther_than_a_nearer_place_can_lie(network_of, monkeypatch, tmp_path):
    """A piece of 9 km leads out of the tile: all of it that is known counts, so that a place at hand is sure at once.

    Zones lie at its end and on it. Where the place at hand is taken away, the one at its far end is found.
    """
    network = network_of([(50, 50), (250, 50), (9250, 50)], [(0, 1), (1, 2)])
    zones = layer([(50, 50), (240, 50), (260, 50)], (0, 0), "z")
    widened = []
    around = tile_costs_module.costs_around

    def counted(*words, **more):
        widened.append(more["halo"])
        return around(*words, **more)

    for shops, metres in (([(150, 50), (9250, 50)], [100, 90, 110]), ([(9250, 50)], [9200, 9010, 8990])):
        index = write_tiles(network, tmp_path, tile_size=1000.0)
        sides = [
            write_places(index, each, name=side, side=side)
            for side, each in (("origins", zones), ("destinations", layer(shops, (0, 0), "s")))
        ]
        with monkeypatch.context() as patch:
            widened.clear()
            patch.setattr(tile_costs_module, "costs_around", counted)
            costs = tile_costs(index, "0_0_0", *sides, mode="walk", unit="metres", snap_limit=SNAP)
            assert cost_to_closest(costs).tolist() == metres
        assert (len(widened) == 1) == (len(shops) == 2)


def test_squares():
    """A tile is the four tiles of the next level, below 0 as above it."""
    whole = square_of("0_-1_2", 100.0)
    parts = [square_of(name, 100.0) for name in split("0_-1_2")]
    assert {part.left for part in parts} == {-100.0, -50.0}
    assert max(part.right for part in parts) == whole.right == 0.0
    assert {part.bottom for part in parts} == {200.0, 250.0}
    box, ends = Box(0.0, 0.0, 10.0, 20.0), (np.array([30.0, 5.0, -15.0]), np.array([10.0, 25.0, 50.0]))
    assert box.depth(np.array([5.0, 1.0, -2.0]), np.array([10.0, 19.5, 10.0])).tolist() == [5.0, 0.5, -2.0]
    assert box.share_within((np.full(3, 5.0), np.full(3, 10.0)), ends) == pytest.approx([0.2, 10 / 15, 0.25])


def test_what_cannot_be_used(street, tmp_path, monkeypatch):
    with pytest.raises(MissingFileError, match="is not there"):
        open_tiles(tmp_path)
    index = write_tiles(street, tmp_path, tile_size=500.0)
    with pytest.raises(InputError, match="bicycle"):
        index.tiles("bicycle")
    with pytest.raises(InputError, match="0_12_-3"):
        read_tile(index, "here", mode="walk", halo=0.0)
    with pytest.raises(MissingFileError):
        open_places(index, "zones")
    zones = write_places(index, layer([(5, 50)], (0, 0), "z"), name="zones", side="origins")
    shops = write_places(index, layer([(5, 50)], (0, 0), "s"), name="shops", side="destinations")
    assert open_places(index, "zones") == zones
    for swept in (False, True):
        monkeypatch.setattr(pairs, "sweeps_are_less_work", lambda *_, swept=swept: swept)
        with pytest.raises(InputError, match="only the nearest places"):
            tile_costs(index, "0_0_0", zones, shops, mode="walk").to_frame()
    (tmp_path / "streets" / "walk" / "tile=0_0_0.parquet").write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match="cannot be read"):
        read_tile(index, "0_0_0", mode="walk", halo=0.0)


def test_a_mode_of_ones_own_is_given_again(network_of, tmp_path):
    own = type(WALK)(name="own", speed=5.0, rule=lambda _: Permission(True, True))
    write_tiles(network_of([(0, 0), (50, 0)], [(0, 1)], mode=own), tmp_path, tile_size=100.0)
    with pytest.raises(InputError, match="own"):
        open_tiles(tmp_path)
    assert open_tiles(tmp_path, modes=(own,)).of(own).mode is own


def test_places_come_in_several_frames(street, tmp_path):
    """As many frames as there are, one after the other: the order of all of them is kept."""
    index = write_tiles(street, tmp_path, tile_size=500.0)
    zones = layer([(5, 50), (705, 50), (15, 50)], (0, 0), "z")
    made = write_places(index, (zones.iloc[:2], zones.iloc[2:]), name="zones", side="origins", columns=["amount"])
    assert made.rows == 3
    back = places_of_tile(index, made, "0_0_0")
    assert back.index.tolist() == ["z0", "z2"]
    assert back["amount"].tolist() == zones["amount"].loc[["z0", "z2"]].tolist()


@given(st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=60), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_sums_of_parts_are_those_of_exact_numbers(values, shuffle):
    """In whatever order the parts are added up, the sum is the exact one, rounded once (math.fsum)."""
    parts = exact_parts(np.array(values))
    order = list(range(len(values)))
    shuffle.shuffle(order)
    sums = []
    for part in parts:
        total = 0.0
        for at in order:
            total += part[at]
        sums.append(np.array([total]))
    assert joined_parts(sums)[0] == math.fsum(values)
