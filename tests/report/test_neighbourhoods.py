"""The badly served by neighbourhood, on squares whose numbers are added up by hand."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import report
from spatialjustice.maps import Indicator
from spatialjustice.report.neighbourhoods import Layout, adjoining, badly_served, districts_ranked, gaps_of_streets
from spatialjustice.report.takeaway.without_scripts import title_of_worst

# Five by two squares of 100 m:
#     Hill Hill Lake Lake Hill
#     Hill Hill Lake Lake Hill
PARTS = ["Hill", "Hill", "Lake", "Lake", "Hill"] * 2
PEOPLE = pd.Series([10.0, 20, 30, 0, 50, 60, 70, 80, 90, 100], index=list("abcdefghij"))
FAR = [9.0, 1, 9, 9, 9, 9, 1, 1, 9, 9]
STATUS = ["beyond_cutoff" if value > 5 else "ok" for value in FAR]


@pytest.fixture(scope="module")
def zones():
    shapes = [shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for y in range(2) for x in range(5)]
    return gpd.GeoDataFrame({"neighbourhood": PARTS}, geometry=shapes, index=PEOPLE.index, crs=32632)


def way(status=STATUS, values=FAR, **more):
    made = {"unit": "minutes", "status": pd.Series(status, index=PEOPLE.index)} | more
    return Indicator("way", "Way", pd.Series(values, index=PEOPLE.index), **made)


def by_hand(zones, bad, parts):
    """Neighbouring squares of one name, found by walking from square to square."""
    left, groups = set(bad), []
    while left:
        group, open_ = set(), [left.pop()]
        while open_:
            one = open_.pop()
            group.add(one)
            near = {
                o for o in left if parts[o] == parts[one] and zones.geometry.iloc[o].touches(zones.geometry.iloc[one])
            }
            left -= near
            open_ += near
        groups.append(frozenset(group))
    return set(groups)


def test_adjoining_zones_of_one_name_are_one(zones):
    """a and f are Hill, e and j are Hill far away, c and i meet at a corner and through d, where nobody lives."""
    found = badly_served(way(), Layout.of(zones), people=PEOPLE)
    assert [(one.people, one.zones) for one in found.first] == [(150.0, (4, 9)), (120.0, (2, 8)), (70.0, (0, 5))]
    assert (found.rule, found.people, found.count) == ("beyond", 340.0, 3)
    assert [one.named for one in found.first] == [9, 8, 5]
    assert {one.value for one in found.first} == {9.0}


def test_where_nobody_lives_does_not_part_neighbours(zones):
    status = ["ok"] * 10
    for place in (0, 1, 4):
        status[place] = "beyond_cutoff"
    parts = zones.assign(neighbourhood="Hill")
    apart = badly_served(way(status), Layout.of(parts), people=PEOPLE)
    assert [one.zones for one in apart.first] == [(4,), (0, 1)]
    empty = PEOPLE.copy()
    empty[["c", "d"]] = 0.0
    joined = badly_served(way(status), Layout.of(parts), people=empty)
    assert [(one.zones, one.people) for one in joined.first] == [((0, 1, 4), 80.0)]


@pytest.mark.parametrize("seed", range(20))
def test_against_walking_from_square_to_square(seed):
    random = np.random.default_rng(seed)
    shapes = [shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for y in range(8) for x in range(9)]
    zones = gpd.GeoDataFrame({"neighbourhood": random.choice(["A", "B", "C"], 72)}, geometry=shapes, crs=32632)
    bad = random.random(72) < 0.6
    people = pd.Series(random.integers(1, 9, 72).astype(float))
    status = pd.Series(np.where(bad, "beyond_cutoff", "ok"))
    indicator = Indicator("way", "Way", pd.Series(np.where(bad, 9.0, 1.0)), unit="minutes", status=status)
    found = badly_served(indicator, Layout.of(zones), people=people, count=72)
    groups = by_hand(zones, np.flatnonzero(bad).tolist(), zones["neighbourhood"].tolist())
    assert {frozenset(one.zones) for one in found.first} == groups
    assert found.count == len(groups)
    assert found.people == people[bad].sum() == sum(one.people for one in found.first)
    assert [one.people for one in found.first] == sorted((one.people for one in found.first), reverse=True)


def test_a_main_street_is_no_border(zones):
    """Where no neighbourhood is known, zones are called by streets: those that adjoin are one part all the same."""
    named = zones.assign(named_by=["label"] * 2 + ["main street"] * 3 + ["label"] * 2 + ["main street"] * 3)
    found = badly_served(way(), Layout.of(named), people=PEOPLE)
    assert [(one.people, one.zones) for one in found.first] == [(270.0, (2, 4, 8, 9)), (70.0, (0, 5))]
    assert found.first[0].named == 9


def test_a_part_is_called_by_a_zone_with_a_name_and_a_place_nearby_is_a_border(zones):
    """Most of those along streets live where there is only a number: the part is called by those who come next."""
    numbered = zones.assign(named_by=["place"] * 9 + ["number"])
    by_place = badly_served(way(), Layout.of(numbered), people=PEOPLE)
    # Hill (a, f), Lake (c, i) and Hill (e); j has no name, and d, where nobody lives, parts nobody.
    told = [(one.people, set(one.zones), one.named) for one in by_place.first]
    assert told == [(120.0, {2, 8}, 8), (100.0, {9}, 9), (70.0, {0, 5}, 5), (50.0, {4}, 4)]
    streets = zones.assign(named_by=["street"] * 9 + ["number"])
    found = badly_served(way(), Layout.of(streets), people=PEOPLE).first[0]
    assert (set(found.zones), found.people, found.named) == ({2, 4, 8, 9}, 270.0, 8)


def test_gaps_of_the_street_map_have_a_list_of_their_own(zones):
    """Whoever is cut off is in no neighbourhood of the other list, and both together are all beyond the limit."""
    status = ["unreachable", *STATUS[1:5], "off_network", *STATUS[6:]]
    values = [math.nan, *FAR[1:5], math.nan, *FAR[6:]]
    layout = Layout.of(zones)
    gaps = gaps_of_streets(way(status, values), layout, people=PEOPLE)
    rest = badly_served(way(status, values), layout, people=PEOPLE)
    assert [(one.zones, one.people) for one in gaps.first] == [((0, 5), 70.0)]
    assert math.isnan(gaps.first[0].value)
    assert gaps.people + rest.people == 340.0
    assert gaps_of_streets(way(), layout, people=PEOPLE) is None


def test_without_a_limit_it_is_the_worst_tenth_and_with_a_line_who_lacks_too_much(zones):
    """Of 510 people, those of j (100) have least: the worst tenth. Above the line of 6 are g to j."""
    values = [10.0, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    supply = Indicator("supply", "Supply", pd.Series(values, index=PEOPLE.index), unit="amount", kind="count")
    tenth = badly_served(supply, Layout.of(zones), people=PEOPLE)
    assert (tenth.rule, tenth.people, [one.zones for one in tenth.first]) == ("tenth", 100.0, [(9,)])
    lacking = Indicator(
        "lacking", "Lacking", pd.Series(values[::-1], index=PEOPLE.index), unit="services", kind="count",
        direction="lower is better", line=6.0,
    )  # fmt: skip
    few = badly_served(lacking, Layout.of(zones), people=PEOPLE)
    assert (few.rule, few.people) == ("few", 70.0 + 80 + 90 + 100)


@pytest.mark.parametrize(("direction", "rule"), [("lower is better", "highest"), ("higher is better", "lowest")])
def test_of_what_is_no_service_nobody_is_worst_served(zones, direction, rule):
    """The tenth with the dirtiest air, or with the fewest trees, are the same people as the worst served would be."""
    values = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], index=PEOPLE.index)
    if rule == "lowest":
        values = 11 - values
    air = Indicator("air", "Air", values, unit="amount", kind="share", direction=direction, served=False)
    found = badly_served(air, Layout.of(zones), people=PEOPLE)
    assert (found.rule, found.people, [one.zones for one in found.first]) == (rule, 100.0, [(9,)])
    assert title_of_worst({"rule": found.rule}) == f"page.worst.{rule}"
    assert title_of_worst({"rule": "tenth"}) == title_of_worst(None) == "page.worst"


def test_clusters_are_called_by_their_neighbourhood(zones):
    labels = pd.Series(["high-high"] * 2 + ["not significant"] * 6 + ["low-low", "high-high"], index=PEOPLE.index)
    indicator = Indicator("clusters", "Clusters", None, kind="lisa", labels=labels)
    found = badly_served(indicator, Layout.of(zones), people=PEOPLE)
    assert (found.rule, [(one.zones, one.people) for one in found.first]) == ("label", [((9,), 100.0), ((0, 1), 30.0)])


def test_where_all_are_within_the_limit_nobody_is_listed(zones):
    assert badly_served(way(["ok"] * 10), Layout.of(zones), people=PEOPLE) is None
    people = Indicator("people", "People", PEOPLE, unit="people", kind="people")
    assert badly_served(people, Layout.of(zones), people=PEOPLE) is None


def test_borders_drawn_twice_adjoin():
    """A gap of a millimetre between two maps of one border is none; a street's width is one."""
    row = gpd.GeoDataFrame(geometry=[shapely.box(x, 0, x + 100, 100) for x in (0, 100.001, 215)], crs=32632)
    assert [pair.tolist() for pair in adjoining(row)] == [[0], [1]]


def test_districts_are_ranked_by_people_beyond():
    """East: e and j, 150 of 150 beyond. West: a and f, 70 of 160. Nobody's: c, d, h, i, 120 of 200, h unknown."""
    status = [*STATUS[:7], "outside_data", *STATUS[8:]]
    district = pd.Series(["West", "West", None, None, "East"] * 2, index=PEOPLE.index)
    table = districts_ranked(way(status), district, people=PEOPLE)
    assert [name if isinstance(name, str) else "" for name in table.index] == ["East", "", "West"]
    assert table["beyond"].tolist() == [150.0, 120.0, 70.0]
    assert table["people"].tolist() == [150.0, 120.0, 160.0]
    assert table["unknown"].tolist() == [0.0, 80.0, 0.0]
    assert table["share_beyond"].tolist() == [1.0, 1.0, 70 / 160]
    assert table["mean"].tolist()[2] == pytest.approx((10 * 9 + 60 * 9 + 20 + 70) / 160)
    assert table["people"].sum() + table["unknown"].sum() == PEOPLE.sum()


def test_the_page_carries_neighbourhoods_and_districts(zones):
    named = zones.assign(
        district=["West", "West", None, None, "East"] * 2, district_fa=["غرب", "غرب", None, None, None] * 2
    )
    made = report.planner_page(named, [way()], title="Synthetic", people=PEOPLE)
    told = made.page.report["indicators"]["way"]
    assert [one["people"] for one in told["neighbourhoods"]["first"]] == [150.0, 120.0, 70.0]
    assert made.page.report["districts"] == {"en": ["East", "West"], "fa": ["East", "غرب"]}
    assert [row[:3] for row in told["districts"]] == [[0, 150.0, 150.0], [-1, 200.0, 120.0], [1, 160.0, 70.0]]


def test_without_scripts_the_same_neighbourhoods_are_listed(zones):
    """Both parts of Hill are there: they are called by their squares with most people."""
    named = zones.assign(name=[f"Square {one}" for one in zones.index])
    made = report.planner_page(named, [way()], title="Synthetic", people=PEOPLE)
    told = [[cell["en"].replace("\u00a0", " ") for cell in row] for row in made.page.still["worst"]]
    assert told == [
        ["1", "Square j", "9 min", "150 people"],
        ["2", "Lake", "9 min", "120 people"],
        ["3", "Square f", "9 min", "70 people"],
    ]


def test_both_lists_add_up_to_all_beyond_the_limit_when_they_are_rounded(zones):
    """Of 150.4 + 69.4 + 120 people, 70.4 are cut off: 340 in all, 70 and 270, not 70 and 269 or 271."""
    people = PEOPLE.copy()
    people[["a", "e"]] += 0.4
    status = ["unreachable", *STATUS[1:5], "off_network", *STATUS[6:]]
    values = [math.nan, *FAR[1:5], math.nan, *FAR[6:]]
    told = report.planner_page(zones, [way(status, values)], title="Synthetic", people=people).page.report
    lists = told["indicators"]["way"]
    both = lists["neighbourhoods"]["people"] + round(lists["gaps"]["people"])
    assert both == round(float(people[[*"acdefij"]].sum()))
