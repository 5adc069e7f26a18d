"""Missing links against networks that were built with each of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.access import cost_to_closest
from spatialjustice.remedies import add_links
from tests.synthetic_networks import CRS, _network, _points


def u_turn():
    """A street of two long arms, 60 m apart and joined only at their far end, in pieces of 100 m."""
    up = [(0.0, 100.0 * y) for y in range(11)]
    down = [(60.0, 100.0 * y) for y in range(10, -1, -1)]
    nodes = [*up, *down]
    return _network(nodes, [(one, one + 1) for one in range(len(nodes) - 1)])


def test_the_missing_piece_between_two_arms():
    """The place is at the end of one arm, all people at the end of the other: 2,060 m round, 60 m across."""
    found = add_links(
        u_turn(), _points((0, 0), ids=["zone"]), _points((60, 0)), people=pd.Series({"zone": 10.0}), count=3
    )
    assert len(found) == 1  # nothing is left to shorten
    link = found.loc[1]
    assert (link["u"], link["v"], link["metres"]) == (100, 121, 60)
    assert (link["mean_before"], link["mean_after"], link["gain"]) == (2060, 60, 2000)
    assert (link["people_gaining"], link["largest_gain"], link["people_connected"]) == (10, 2000, 0)
    assert link["crosses"] == ""
    assert link["geometry"].equals(shapely.LineString([(0, 0), (60, 0)]))


def with_link(network, one, other):
    """The network with one more street, which nobody gets onto from beside: the links looked for join nodes only."""
    metres = float(np.hypot(network.x[one] - network.x[other], network.y[one] - network.y[other]))
    add = {"edge_u": one, "edge_v": other, "length": metres, "forward": metres, "backward": metres, "way_id": 9999}
    columns = {name: np.append(getattr(network, name), value) for name, value in add.items()}
    return replace(network, **columns, apart=np.append(network.apart, True))


NODES = 13


def random_town(seed):
    """A thin random network, some of its streets one-way, with zones and places beside the streets."""
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 600, (NODES, 2)).round(1)
    edges = []
    for one in range(1, NODES):
        near = np.argsort(np.hypot(*(nodes[:one] - nodes[one]).T))[0]
        metres = float(np.hypot(*(nodes[near] - nodes[one])))
        # A slow street, and a street that may be used in one direction only beside another that leads back.
        edges.append((int(near), one, metres, metres * (1 if one % 5 else 1.75)))
    town = _network([tuple(node) for node in nodes], edges)
    zones = _points(*rng.uniform(0, 600, (14, 2)), ids=[f"z{number:02d}" for number in range(14)])
    return (
        town,
        zones,
        _points(*rng.uniform(0, 600, (2, 2))),
        pd.Series(rng.integers(0, 50, 14) * 1.0, index=zones.index),
    )


@pytest.mark.parametrize(("seed", "unit"), [(0, "metres"), (1, "minutes"), (2, "minutes")])
def test_brute_force_finds_the_same_links(seed, unit):
    """Build every possible link into the network, ask the way anew, and take the best; twice, one after the other."""
    town, zones, places, people = random_town(seed)
    found = add_links(town, zones, places, people=people, count=2, limit=250, least=0, unit=unit, snap_limit=1e4)

    def mean(network):
        way = cost_to_closest(network.travel_costs(zones, places, unit=unit, snap_limit=1e4))
        return float((way * people).sum() / people.sum())

    here = town
    for order in found.index:
        gains = {}
        for one in range(NODES):
            for other in range(one):
                if np.hypot(town.x[one] - town.x[other], town.y[one] - town.y[other]) <= 250:
                    gains[one, other] = mean(here) - mean(with_link(here, one, other))
        ends = tuple(sorted((int(found.loc[order, "u"]) - 100, int(found.loc[order, "v"]) - 100), reverse=True))
        assert found.loc[order, "gain"] == pytest.approx(max(gains.values()), abs=1e-6)
        assert gains[ends] == pytest.approx(max(gains.values()), abs=1e-6)
        assert found.loc[order, "mean_before"] == pytest.approx(mean(here), abs=1e-6)
        here = with_link(here, *ends)
        assert found.loc[order, "mean_after"] == pytest.approx(mean(here), abs=1e-6)


def test_the_order_of_rows_changes_no_bit():
    town, zones, places, people = random_town(3)
    first = add_links(town, zones, places, people=people, limit=250, snap_limit=1e4)
    mixed = zones.sample(frac=1, random_state=1)
    other = add_links(
        town, mixed, places[::-1], people=people.sample(frac=1, random_state=2), limit=250, snap_limit=1e4
    )
    pd.testing.assert_frame_equal(first.drop(columns="geometry"), other.drop(columns="geometry"), check_exact=True)


def test_a_cut_off_piece_is_joined_and_counted_apart():
    """Two streets 50 m apart: who lives on the one without the place has no way at all."""
    town = _network([(0, 0), (300, 0), (0, 50), (300, 50)], [(0, 1), (2, 3)])
    zones = _points((300, 0), (300, 50), ids=["a", "b"])
    found = add_links(town, zones, _points((0, 0)), people=pd.Series({"a": 5.0, "b": 7.0}), count=2, limit=60)
    assert found["people_connected"].to_list() == [7]
    assert found["gain"].to_list() == [0]
    assert found.attrs["left_out"]["people_unreachable"] == 7


def test_what_lies_in_between_forbids_or_is_named():
    people, where = pd.Series({"zone": 10.0}), (_points((0, 0), ids=["zone"]), _points((60, 0)))
    river = gpd.GeoSeries([shapely.box(20, -50, 40, 150)], crs=CRS)
    free = add_links(u_turn(), *where, people=people, count=1, limit=61, forbidden=river)
    # The river ends at 150 m: the first crossing beyond it is at 200 m.
    assert (free["u"].iloc[0], free["v"].iloc[0]) == (102, 119)
    assert free.attrs["left_out"]["links_forbidden"] == 2
    named = add_links(u_turn(), *where, people=people, count=1, limit=61, barriers={"railway": river})
    assert named["crosses"].to_list() == ["railway"]
    heights = pd.Series(0.0, index=u_turn().node_id)
    heights[100] = 30.0
    flat = add_links(u_turn(), *where, people=people, count=1, limit=61, elevation=heights, grade=0.1)
    assert (flat["u"].iloc[0], flat["grade"].iloc[0]) == (101, 0.0)
    assert flat.attrs["left_out"]["links_too_steep"] == 1


def write_ground(path, column, tall=200):
    """A raster of 10 m cells around the two arms: ``column`` gives the height of each of its twenty columns."""
    import rasterio

    shape = {"driver": "GTiff", "height": tall, "width": 20, "count": 1, "dtype": "float32", "crs": CRS}
    corner = rasterio.transform.from_origin(-75, 1500, 10, 10)
    with rasterio.open(path, "w", transform=corner, **shape) as target:
        target.write(np.tile(np.asarray(column, dtype="float32"), (tall, 1)), 1)
    return path


def test_heights_may_be_a_raster(tmp_path):
    """A ground of one in four from one arm to the other is too steep for any link at 0.2, and for none at 0.3."""
    people, where = pd.Series({"zone": 10.0}), (_points((0, 0), ids=["zone"]), _points((60, 0)))
    slope = write_ground(tmp_path / "slope.tif", np.arange(20) * 2.5)
    asked = {"people": people, "count": 1, "limit": 61}
    steep = add_links(u_turn(), *where, elevation=slope, grade=0.2, **asked)
    # The two ends at the far end of both arms are joined anyway.
    assert len(steep) == 0
    assert steep.attrs["left_out"]["links_too_steep"] == 11
    gentle = add_links(u_turn(), *where, elevation=str(slope), grade=0.3, **asked)
    assert gentle["grade"].iloc[0] == pytest.approx(0.25, abs=1e-6)
    assert (gentle["u"].iloc[0], gentle["v"].iloc[0]) == (100, 121)
    assert "slope.tif" in {source["file"] for source in gentle.attrs["sources"]}


@pytest.mark.filterwarnings("ignore::spatialjustice._core.errors.SpatialJusticeWarning")
def test_where_no_height_is_known_no_link_is_called_too_steep(tmp_path):
    """The raster ends in the north, so that only the upper half of both arms has heights."""
    people, where = pd.Series({"zone": 10.0}), (_points((0, 0), ids=["zone"]), _points((60, 0)))
    half = write_ground(tmp_path / "half.tif", np.arange(20) * 2.5, tall=100)
    found = add_links(u_turn(), *where, people=people, count=1, limit=61, elevation=half, grade=0.2)
    assert (found["u"].iloc[0], found["v"].iloc[0]) == (100, 121)
    assert np.isnan(found["grade"].iloc[0])
    told = {finding["code"]: finding for finding in found.attrs["findings"]}
    assert told["elevation_unknown"]["count"] == 10


def test_buildings_and_slopes_leave_the_next_best_link():
    """Best first by hand: a house over the first crossing, too steep at the second, a railway named at the third."""
    town, people = u_turn(), pd.Series({"zone": 10.0})
    house = gpd.GeoSeries([shapely.box(25, -5, 35, 5)], crs=CRS)
    railway = gpd.GeoSeries([shapely.LineString([(30, 150), (30, 250)])], crs=CRS)
    heights = pd.Series(0.0, index=town.node_id)
    heights[101] = 12.0
    found = add_links(
        town,
        _points((0, 0), ids=["zone"]),
        _points((60, 0)),
        people=people,
        count=1,
        limit=61,
        forbidden=house,
        barriers={"railway": railway},
        elevation=heights,
        grade=0.12,
    )
    # 2,060 m round; up 200 m, across 60 m, and down 200 m.
    assert (found["u"].iloc[0], found["v"].iloc[0], found["crosses"].iloc[0]) == (102, 119, "railway")
    assert found["mean_after"].iloc[0] == 460
    assert found.attrs["left_out"]["links_forbidden"] == 1
    assert found.attrs["left_out"]["links_too_steep"] == 1


def test_a_motorway_in_between_is_named_without_being_given():
    town = u_turn()
    across = _network(
        [*zip(town.x, town.y, strict=True), (30.0, -50.0), (30.0, 150.0)],
        [*zip(town.edge_u.tolist(), town.edge_v.tolist(), strict=True), (22, 23)],
    )
    apart = np.zeros(across.edge_u.size, dtype=bool)
    apart[-1] = True
    found = add_links(
        replace(across, apart=apart),
        _points((0, 0), ids=["z"]),
        _points((60, 0)),
        people=pd.Series({"z": 1.0}),
        limit=61,
    )
    assert found["crosses"].to_list() == ["streets on another level"]
    assert not {122, 123} & {*found["u"], *found["v"]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"count": 0}, "count: it is 0"),
        ({"limit": 0}, "limit: it is 0"),
        ({"unit": "hours"}, "unit"),
        ({"people": pd.Series({"other": 1.0})}, "1 zones have no number"),
        ({"people": pd.Series({"zone": -1.0})}, "1 are negative or missing"),
        ({"elevation": pd.Series({100: 1.0})}, "21 nodes have no height"),
        ({"snap_limit": 0.5}, "none lies at a street"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(words, message):
    asked = {"people": pd.Series({"zone": 1.0}), **words}
    with pytest.raises(InputError, match=message):
        add_links(u_turn(), _points((0, 0), ids=["zone"]), _points((61, -1)), **asked)
