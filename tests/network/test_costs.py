"""Travel costs: hand cases first, then networkx and scipy on random and on real streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatialjustice._core.errors import InputError, TooLargeError, WrongPlaceError
from spatialjustice.network import costs as costs_module
from spatialjustice.network.search import pairs as all_pairs
from spatialjustice.network.snap import outline_access
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.sources import demo_extract

CENTRE = (500_000, 6_600_000)
INF = np.inf
METRES_A_MINUTE = 80  # on foot


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def matrix(costs):
    """All pairs of a TravelCosts, infinite where there is none."""
    frame = costs.to_frame()
    result = np.full((len(costs.from_ids), len(costs.to_ids)), INF)
    rows = costs.from_ids.get_indexer(frame["from_id"])
    result[rows, costs.to_ids.get_indexer(frame["to_id"])] = frame["travel_cost"]
    return result


@pytest.fixture
def line(network_of):
    """Two streets in a row: 1,000 m and 1,000 m."""
    return network_of([at(0, 0), at(1000, 0), at(2000, 0)], [(0, 1), (1, 2)])


def test_a_place_in_the_middle_of_a_street(line, points_at):
    """N2: a place at 450 m costs 450 m from one end, 550 m from the other and 1,550 m from the next street's end."""
    costs = line.travel_costs(points_at(at(0, 0), at(1000, 0), at(2000, 0)), points_at(at(450, 0)), unit="metres")
    assert matrix(costs)[:, 0].tolist() == [450, 550, 1550]


def test_the_way_off_the_street_is_added(line, points_at):
    """30 m to the street, 250 m along it from 200 to 450, 40 m to the place: 320 m, 4 minutes."""
    args = points_at(at(200, 30)), points_at(at(450, -40))
    assert matrix(line.travel_costs(*args, unit="metres")).tolist() == [[320]]
    assert matrix(line.travel_costs(*args)).tolist() == [[4]]


def test_two_points_on_one_street(network_of, points_at):
    """N3: 100 to 400 on an edge of 900 m is 300 m, not 100 + 400 over its end; a node is no detour either way."""
    network = network_of([at(0, 0), at(900, 0)], [(0, 1)])
    there = network.travel_costs(points_at(at(100, 0)), points_at(at(400, 0)), unit="metres")
    back = network.travel_costs(points_at(at(400, 0)), points_at(at(100, 0)), unit="metres")
    assert matrix(there).tolist() == matrix(back).tolist() == [[300]]


def test_leaving_the_street_may_be_cheaper(network_of, points_at):
    """The street takes as long as 900 m, the way round over a third node as 20 + 20: 5 + 40 + 5 = 50 < 890.

    Fifty metres at 80 metres a minute are 0.625 minutes. The shortest way is another question: 890 m along the street.
    """
    nodes = [at(0, 0), at(900, 0), at(450, 300)]
    network = network_of(nodes, [(0, 1, 900.0, 900.0), (0, 2, 20.0, 20.0), (2, 1, 20.0, 20.0)])
    sides = points_at(at(5, 0)), points_at(at(895, 0))
    assert matrix(network.travel_costs(*sides)).tolist() == [[0.625]]
    assert matrix(network.travel_costs(*sides, unit="metres")).tolist() == [[890]]


def test_the_shortest_way_keeps_to_one_way_streets(network_of, points_at):
    """A one-way street of 1,000 m, taken at half the speed: 25 minutes there, 1,000 m; no way back."""
    network = network_of([at(0, 0), at(1000, 0)], [(0, 1, 2000.0, INF)])
    one, other = points_at(at(0, 0)), points_at(at(1000, 0))
    assert matrix(network.travel_costs(one, other)).tolist() == [[25]]
    assert matrix(network.travel_costs(one, other, unit="metres")).tolist() == [[1000]]
    assert matrix(network.travel_costs(other, one, unit="metres")).tolist() == [[INF]]


def test_far_off_places_are_off_the_network(line, points_at):
    """N2: 8.5 km off is neither 0 nor moved; the finding counts it."""
    costs = line.travel_costs(points_at(at(0, 0)), points_at(at(450, 8500), at(450, 0)), unit="metres")
    assert costs.to_frame()["to_id"].to_list() == [1]
    assert costs.destinations["status"].to_list() == ["off_network", "ok"]
    finding = {item.code: item for item in costs.findings}["destinations_off_network"]
    assert finding.count == 1
    assert "8,500 metres" in finding.message


def test_a_one_way_street_is_a_trap(network_of, points_at):
    """Item 45: one can get in (0 → 1) but not out; on the edge itself one moves forward only."""
    network = network_of([at(0, 0), at(100, 0)], [(0, 1, 100.0, INF)])
    ends = points_at(at(0, 0), at(100, 0))
    assert matrix(network.travel_costs(ends, ends, unit="metres")).tolist() == [[0, 100], [INF, 0]]
    inside = points_at(at(20, 0), at(70, 0))
    assert matrix(network.travel_costs(inside, inside, unit="metres")).tolist() == [[0, 50], [INF, 0]]
    assert matrix(network.travel_costs(ends, inside, unit="metres")).tolist() == [[20, 70], [INF, INF]]
    assert matrix(network.travel_costs(inside, ends, unit="metres")).tolist() == [[INF, 80], [INF, 30]]


def test_round_a_one_way_block(network_of, points_at):
    """A one-way square of four sides of 100 m: back by 50 m means round by 350 m."""
    network = network_of(
        [at(0, 0), at(100, 0), at(100, 100), at(0, 100)],
        [(0, 1, 100.0, INF), (2, 1, INF, 100.0), (2, 3, 100.0, INF), (0, 3, INF, 100.0)],
    )
    points = points_at(at(20, 0), at(70, 0))
    assert matrix(network.travel_costs(points, points, unit="metres")).tolist() == [[0, 50], [350, 0]]


def test_islands_do_not_reach_each_other(network_of, points_at):
    network = network_of([at(0, 0), at(100, 0), at(0, 900), at(100, 900)], [(0, 1), (2, 3)])
    points = points_at(at(0, 0), at(100, 900))
    assert matrix(network.travel_costs(points, points, unit="metres")).tolist() == [[0, INF], [INF, 0]]


def test_joins_of_no_length_cost_nothing(network_of, points_at):
    network = network_of([at(0, 0), at(50, 0), at(50, 0), at(120, 0)], [(0, 1), (1, 2), (2, 3)])
    costs = network.travel_costs(points_at(at(0, 0)), points_at(at(120, 0)), unit="metres")
    assert matrix(costs).tolist() == [[120]]


@pytest.mark.parametrize(("cutoff", "pairs"), [(10, 1), (9.999999, 0), (10.000001, 1), (0, 0)])
def test_the_cutoff_is_closed(line, points_at, cutoff, pairs):
    """800 m at 4.8 km/h are exactly ten minutes."""
    costs = line.travel_costs(points_at(at(100, 0)), points_at(at(900, 0)), cutoff=cutoff)
    assert len(costs.to_frame()) == pairs


@pytest.mark.parametrize("speed", [4.8, 3.6, 5.0, 4.2, 3.1])
def test_a_tie_at_the_cutoff_at_other_speeds(network_of, points_at, speed):
    """A cost equal to the cutoff is within it, whatever the speed: the cutoff is the pair's own cost."""
    from spatialjustice.network.streets.modes import mode_named

    nodes = [at(x, 0) for x in (0, 333.3, 1033.7)]
    network = network_of(nodes, [(0, 1), (1, 2)], mode=mode_named("walk", speed=speed))
    points = points_at(at(0.1, 0)), points_at(at(1000.3, 7.7))
    cost = matrix(network.travel_costs(*points))[0, 0]
    assert len(network.travel_costs(*points, cutoff=cost).to_frame()) == 1
    assert len(network.travel_costs(*points, cutoff=np.nextafter(cost, 0)).to_frame()) == 0


def test_several_entrances(line):
    """A park of 200 m by 400 m north of the street at 600..800: entered at the known gate, or along its outline.

    From 0: the outline begins at (600, 100): 600 + 100 = 700 m. Its only gate is at (800, 100): 900 m. Where nothing is
    known its middle counts, as of a zone: (700, 300), 1,000 m.
    """
    park = shapely.box(*at(600, 100), *at(800, 500))
    home = gpd.GeoDataFrame(geometry=[shapely.Point(at(0, 0))], crs=line.crs)
    open_park = gpd.GeoDataFrame(geometry=[park], crs=line.crs, index=["park"])
    assert matrix(line.travel_costs(home, open_park, unit="metres")).tolist() == [[1000]]
    assert matrix(line.travel_costs(home, outline_access(open_park), unit="metres")).tolist() == [[700]]
    gates = gpd.GeoSeries([shapely.MultiPoint([at(800, 100), at(700, 500)])], crs=line.crs, index=["park"])
    gated = line.travel_costs(home, open_park.assign(access=gates), unit="metres")
    assert matrix(gated).tolist() == [[900]]
    assert gated.destinations.loc["park", ["offset", "entrances", "status"]].to_list() == [100, 2, "ok"]
    text = line.travel_costs(home, open_park.assign(access="yes"), unit="metres")
    assert matrix(text).tolist() == [[1000]]


def test_frame_and_record(line, points_at):
    """Rows come in the order given, with ids; unit, cutoff and findings ride along."""
    origins = points_at(at(1000, 0), at(0, 0), at(0, 7000), ids=["b", "a", "far"])
    costs = line.travel_costs(origins, points_at(at(500, 0), at(0, 0), ids=[9, 3]), cutoff=1000, unit="metres")
    frame = costs.to_frame()
    assert frame.to_numpy().tolist() == [["b", 9, 500], ["b", 3, 1000], ["a", 9, 500], ["a", 3, 0]]
    assert frame.attrs["unit"] == "metres"
    assert frame.attrs["cutoff"] == 1000
    assert [item["code"] for item in frame.attrs["findings"]] == ["origins_off_network"]
    assert costs.origins["status"].to_list() == ["ok", "ok", "off_network"]
    assert repr(costs) == "<TravelCosts: 3 origins to 2 destinations, up to 1000 metres, metres by walk>"


def test_nothing_to_reach_and_nobody_there(line, points_at):
    costs = line.travel_costs(points_at(at(0, 0)), points_at())
    assert costs.to_frame().empty
    assert "no_destinations" in [finding.code for finding in costs.findings]
    assert line.travel_costs(points_at(), points_at(at(0, 0))).to_frame().empty
    assert line.travel_costs(points_at(at(0, 9000)), points_at(at(0, 0))).to_frame().empty


def test_wrong_questions_are_refused(line, points_at):
    points = points_at(at(0, 0))
    for words in ({"cutoff": -1}, {"cutoff": np.nan}, {"cutoff": "ten"}, {"unit": "hours"}):
        with pytest.raises(InputError):
            line.travel_costs(points, points, **words)
    with pytest.raises(WrongPlaceError):
        line.travel_costs(points, gpd.GeoSeries([shapely.Point(13.4, 52.5)], crs=4326))


@st.composite
def towns(draw):
    """Random streets on a jittered grid, some one-way, some of no length, some missing; points near them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [at(100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30)) for i, j in cells]
    edges = []
    for one, (i, j) in enumerate(cells):
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1):
            kind = rng.random()
            if other < 0 or kind < 0.15:
                continue
            cost = float(np.hypot(*np.subtract(nodes[one], nodes[other])))
            slower = cost * rng.uniform(1, 2)
            edges.append((one, other, INF if kind < 0.25 else cost, INF if 0.25 < kind < 0.35 else slower))
    if rng.random() < 0.3:
        nodes.append(nodes[0])
        edges.append((0, len(nodes) - 1, 0.0, 0.0))
    if not edges:
        edges.append((0, 1, 100.0, 100.0))
    span = 100 * size
    points = [at(*rng.uniform(-100, span, 2)) for _ in range(draw(st.integers(1, 12)))]
    places = [at(*rng.uniform(-100, span, 2)) for _ in range(draw(st.integers(1, 12)))]
    for _ in range(draw(st.integers(0, 4))):  # points on nodes, and pairs on one street
        one, other, *_ = edges[rng.integers(len(edges))]
        share = rng.choice([0.0, 0.3, 1.0])
        # Along a street of no length this is its node to the last bit, not a spot beside it that a one-way street
        # would lead to the long way round.
        start, along = np.array(nodes[one]), np.subtract(nodes[other], nodes[one])
        points.append(tuple(start + share * along))
        places.append(tuple(start + 0.4 * along))
    return nodes, edges, points, places


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns())
def test_costs_equal_networkx_on_random_towns(network_of, points_at, truth, town):
    nodes, edges, points, places = town
    network = network_of(nodes, edges)
    costs = network.travel_costs(points_at(*points), points_at(*places), snap_limit=150)
    expected = truth(network, costs.origins, costs.destinations) / METRES_A_MINUTE
    np.testing.assert_allclose(matrix(costs), expected, rtol=0, atol=1e-6)
    nearest = costs._closest()
    np.testing.assert_allclose(nearest, expected.min(axis=1), rtol=0, atol=1e-6)
    assert np.array_equal(nearest, matrix(costs).min(axis=1))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(), seed=st.integers(0, 2**32 - 1))
def test_the_side_searched_from_and_the_order_of_rows_change_no_bit(network_of, points_at, town, seed):
    """With more destinations than origins the search runs the other way; rows and edges are shuffled as well."""
    nodes, edges, points, places = town
    origins, destinations = points_at(*points), points_at(*places)
    network = network_of(nodes, edges)
    whole = matrix(network.travel_costs(origins, destinations))
    one_by_one = np.vstack([matrix(network.travel_costs(origins.iloc[[i]], destinations)) for i in range(len(origins))])
    assert np.array_equal(whole, one_by_one)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(origins)), rng.permutation(len(destinations))
    mixed = matrix(network.travel_costs(origins.iloc[rows], destinations.iloc[columns]))
    assert np.array_equal(mixed, whole[np.ix_(rows, columns)])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(), cutoff=st.floats(0, 400))
def test_what_was_let_go_is_answered_as_before(network_of, points_at, town, cutoff):
    """The audit, the pairs, statuses and counts: of costs that were let go after a question, and of others."""
    nodes, edges, points, places = town
    network = network_of(nodes, edges)
    kept, let_go = (network.travel_costs(points_at(*points), points_at(*places), unit="metres") for _ in range(2))
    let_go._closest()
    costs_module.let_go(let_go)
    assert "_ends" not in vars(let_go)
    assert np.array_equal(let_go._status(cutoff), kept._status(cutoff))
    assert "_ends" not in vars(let_go)
    assert np.array_equal(let_go._cumulative(None, [cutoff]), kept._cumulative(None, [cutoff]))
    assert np.array_equal(matrix(let_go), matrix(kept))
    pd.testing.assert_frame_equal(let_go.origins, kept.origins)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(), seed=st.integers(0, 2**32 - 1), cutoff=st.floats(0, 400))
def test_sums_over_junctions_equal_sums_over_pairs(network_of, points_at, town, seed, cutoff):
    """Both sides dense: the searches from junctions must count the very places that lie within each cutoff.

    Every destination offers another power of two, so that each sum names its places.
    """
    nodes, edges, points, places = town
    network = network_of(nodes, edges)
    costs = network.travel_costs(points_at(*points), points_at(*places), unit="metres")
    values = 2.0 ** np.random.default_rng(seed).permutation(len(places))
    limits = np.array([costs._metres(limit) for limit in (cutoff, cutoff / 2, None)])
    total = np.zeros((len(points), 3))
    if costs._ends.froms.chain.size and costs._ends.tos.chain.size:
        costs._gather(values, limits, total)
    every = matrix(costs)
    for column, limit in zip(total.T, (cutoff, cutoff / 2, 1e9), strict=True):
        assert np.array_equal(column, (every <= limit) @ values)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(), count=st.integers(1, 6), cutoff=st.none() | st.floats(0, 400))
def test_the_nearest_few_are_those_of_all_pairs(network_of, points_at, town, count, cutoff):
    """Sorted by cost, then by the order of the destinations, the first few pairs of each origin."""
    nodes, edges, points, places = town
    network = network_of(nodes, edges)
    costs = network.travel_costs(points_at(*points), points_at(*places), unit="metres", cutoff=cutoff)
    pairs = costs.to_frame()
    pairs = pairs.sort_values(["from_id", "travel_cost", "to_id"], ignore_index=True)
    pairs.insert(1, "rank", pairs.groupby("from_id").cumcount() + 1)
    expected = pairs[pairs["rank"] <= count].reset_index(drop=True)
    assert costs.nearest(count).equals(expected)
    whole = costs._closest(needed=float(count))
    found = expected[expected["rank"] == count].set_index("from_id")["travel_cost"].reindex(costs.from_ids)
    assert np.array_equal(whole, found.fillna(INF).to_numpy())


def test_the_nearest_few_by_hand(line, points_at):
    """From 0: the places at 450 (twice, one of them first) and at 1,900; from beyond the snap limit none."""
    places = points_at(at(1900, 0), at(450, 0), at(450, 0), ids=["far", "one", "other"])
    nearest = line.travel_costs(points_at(at(0, 0), at(0, 9000)), places, unit="metres").nearest(2)
    assert nearest.to_numpy().tolist() == [[0, 1, "one", 450], [0, 2, "other", 450]]
    assert list(nearest.columns) == ["from_id", "rank", "to_id", "travel_cost"]
    for count in (0, 1.5, True, "two"):
        with pytest.raises(InputError, match="count"):
            line.travel_costs(places, places).nearest(count)


def test_a_table_too_large_for_memory_is_refused_before_it_is_made(line, points_at, monkeypatch):
    """200 × 300 pairs need more than a megabyte; a cutoff that leaves few of them makes the table again."""
    sides = points_at(*[at(5 * i, 0) for i in range(200)]), points_at(*[at(5 * i, 0) for i in range(300)])
    monkeypatch.setattr(costs_module, "free_memory", lambda: 1_000_000)
    costs = line.travel_costs(*sides, unit="metres")
    assert 0.9 * 60_000 <= costs.expected_pairs() <= 1.1 * 60_000
    with pytest.raises(TooLargeError, match="to_parquet"):
        costs.to_frame()
    assert len(line.travel_costs(*sides, unit="metres", cutoff=0).to_frame()) == 200
    monkeypatch.setattr(costs_module, "free_memory", lambda: None)
    assert len(costs.to_frame()) == 60_000


def test_pairs_go_to_a_file_piece_by_piece(helsinki, tmp_path, monkeypatch):
    """The file holds the very pairs of the table, and what they are; also where there is none."""
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(all_pairs, "ROOM", 5000)  # many pieces
    rng = np.random.default_rng(15)
    sides = scattered(helsinki, rng, 300), scattered(helsinki, rng, 40)
    costs = helsinki.travel_costs(*(side.set_index("n" + side.index.astype(str)) for side in sides), cutoff=15)
    costs.to_parquet(tmp_path / "pairs.parquet")
    read, table = pd.read_parquet(tmp_path / "pairs.parquet"), costs.to_frame()
    order = ["from_id", "to_id"]
    pd.testing.assert_frame_equal(
        read.sort_values(order, ignore_index=True), table.sort_values(order, ignore_index=True)
    )
    assert read.attrs == table.attrs
    assert [file.name for file in tmp_path.iterdir()] == ["pairs.parquet"]
    helsinki.travel_costs(sides[0].iloc[:0], sides[1]).to_parquet(tmp_path / "none.parquet")
    assert pd.read_parquet(tmp_path / "none.parquet").empty


def test_the_nearest_few_by_several_entrances(line, points_at):
    """A park from 300 to 500 m counts once, by its nearer gate: 200 m from 100 m."""
    park = gpd.GeoSeries([shapely.LineString([at(300, 0), at(500, 0)]), shapely.Point(at(1000, 0))], crs=line.crs)
    nearest = line.travel_costs(points_at(at(100, 0)), park, unit="metres").nearest(5)
    assert nearest["travel_cost"].to_list() == [200, 900]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(), cutoff=st.floats(0, 400))
def test_a_cutoff_only_leaves_pairs_out(network_of, points_at, town, cutoff):
    nodes, edges, points, places = town
    network, sides = network_of(nodes, edges), (points_at(*points), points_at(*places))
    whole = matrix(network.travel_costs(*sides, unit="metres"))
    near = matrix(network.travel_costs(*sides, unit="metres", cutoff=cutoff))
    assert np.array_equal(near, np.where(whole <= cutoff, whole, INF))


def scattered(network, rng, count):
    """Points up to some 60 m off the streets, every fifth on the same street as the one before it."""
    edges = rng.integers(network.edge_u.size, size=count)
    edges[4::5] = edges[3::5]
    share = rng.random(count)
    ends = [
        np.column_stack([network.x[side[edges]], network.y[side[edges]]]) for side in (network.edge_u, network.edge_v)
    ]
    xy = ends[0] + share[:, None] * (ends[1] - ends[0]) + rng.normal(0, 20, (count, 2))
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs)


@pytest.fixture(scope="module")
def helsinki():
    """Central Helsinki: the extract that the package carries."""
    return from_osm(demo_extract())


def test_a_thousand_pairs_in_helsinki_equal_networkx(helsinki, truth):
    rng = np.random.default_rng(11)
    origins, destinations = scattered(helsinki, rng, 40), scattered(helsinki, rng, 25)
    destinations.loc[:9, "geometry"] = origins.geometry.iloc[:10].translate(3, 4)  # neighbours on one street
    costs = helsinki.travel_costs(origins, destinations, unit="metres")
    expected = truth(helsinki, costs.origins, costs.destinations)
    assert (costs.origins["edge"].to_numpy()[:10] == costs.destinations["edge"].to_numpy()[:10]).any()
    np.testing.assert_allclose(matrix(costs), expected, rtol=0, atol=1e-6)


def test_a_thousand_pairs_in_las_palmas_equal_networkx(shared_data, truth):
    network = from_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))
    rng = np.random.default_rng(12)
    costs = network.travel_costs(scattered(network, rng, 10), scattered(network, rng, 100), unit="metres")
    expected = truth(network, costs.origins, costs.destinations)
    np.testing.assert_allclose(matrix(costs), expected, rtol=0, atol=1e-6)


def test_threads_change_no_bit(helsinki, monkeypatch):
    """Sums of thirds depend on their order; it must not depend on who adds up what."""
    rng = np.random.default_rng(14)
    few, many = scattered(helsinki, rng, 30), helsinki.nodes.iloc[::3]
    answers = []
    for number in ("1", "2", "5"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", number)
        found = []
        for sides in ((many, few), (few, many), (many, many)):
            costs = helsinki.travel_costs(*sides, unit="metres", cutoff=700)
            found += [costs._cumulative(np.arange(len(sides[1])) / 3, [350, 700]), costs.to_frame().to_numpy()]
        answers.append(found)
    for one, other in zip(answers[0] * 2, answers[1] + answers[2], strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("room", [8, 1_000, 5_000])
def test_how_many_searches_make_a_block_changes_no_pair_nor_their_order(helsinki, monkeypatch, room):
    """Three hundred places each way within 400 m: in one block, and in as many as there is room for."""
    rng = np.random.default_rng(4)
    origins, destinations = scattered(helsinki, rng, 300), scattered(helsinki, rng, 400)

    def blocks():
        # No travel costs that were measured before.
        return list(helsinki.travel_costs(origins, destinations, cutoff=400, unit="metres")._blocks())

    whole = blocks()
    monkeypatch.setattr(all_pairs, "ROOM", room)
    several = blocks()
    assert len(whole) == 1
    assert len(several) > 5
    found = sum(len(costs) for _, _, costs in whole)
    # As many searches as find what there is room for, and not as would if they found all places.
    assert len(several) <= max(75, 3 * found // room)
    for one, other in zip(zip(*whole, strict=True), zip(*several, strict=True), strict=True):
        assert np.concatenate(one).tolist() == np.concatenate(other).tolist()


def test_sums_over_junctions_in_helsinki_equal_pairs(helsinki):
    """All nodes to all nodes, each offering a whole number: no rounding, so the sums are equal to the last bit."""
    nodes = helsinki.nodes
    costs = helsinki.travel_costs(nodes, nodes, unit="metres", cutoff=800)
    assert costs._many_on_both_sides()
    values = np.arange(len(nodes), dtype=float)
    expected = np.zeros((len(nodes), 2))
    for froms, tos, metres in costs._pairs(800.0):
        for column, limit in zip(expected.T, (400, 800), strict=True):
            np.add.at(column, froms[metres <= limit], values[tos[metres <= limit]])
    assert np.array_equal(costs._cumulative(values, [400, 800]), expected)


def test_nodes_of_helsinki_equal_scipy(helsinki):
    """From every node to 20 nodes: the arcs are handed to scipy, which searches on its own.

    A few nodes lie exactly on a street of another level (a tunnel under a crossing) and snap to that one: not compared.
    """
    size = helsinki.node_id.size
    chosen = np.random.default_rng(13).choice(size, 20, replace=False)
    nodes = helsinki.nodes
    costs = helsinki.travel_costs(nodes, nodes.iloc[chosen], unit="metres")
    ends = np.concatenate([helsinki.edge_u, helsinki.edge_v]), np.concatenate([helsinki.edge_v, helsinki.edge_u])
    graph = csr_array((np.concatenate([helsinki.forward, helsinki.backward]), ends), shape=(size, size))
    expected = dijkstra(graph.T.tocsr(), indices=chosen).T
    edge, here = costs.origins["edge"].to_numpy(), np.arange(size)
    own = (helsinki.edge_u[edge] == here) | (helsinki.edge_v[edge] == here)
    assert own.mean() > 0.999
    assert own[chosen].all()
    np.testing.assert_allclose(matrix(costs)[own], expected[own], rtol=0, atol=1e-6)
    np.testing.assert_allclose(costs._closest()[own], expected.min(axis=1)[own], rtol=0, atol=1e-6)
