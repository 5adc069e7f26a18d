"""What would change it, in the synthetic city: the best of all places, told on a page of its own."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

import json
import warnings
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import linprog

from spatialjustice._core.errors import InputError, SpatialJusticeWarning, StudyError
from spatialjustice.access import cost_to_closest
from spatialjustice.study import run
from spatialjustice.study.outputs import index_page
from spatialjustice.study.sections.remedies import compute
from spatialjustice.study.sections.remedies.settings import goal_named
from spatialjustice.study.settings import Study
from tests.browsing import text_of_page
from tests.study.conftest import SOUTH, UTM, WEST, _build, make_zones
from tests.study.engine.test_resume import contents

HERE = [(100, 100), (300, 100), (1100, 1100), (900, 300)]
OPEN = {
    "name": "one_more",
    "service": "clinic",
    "open": 1,
    "candidates": {"kind": "junctions", "every": "1 m"},
    "goals": ["mean", "farthest", "within 500 m"],
    "trade_off": ["mean", "within 500 m"],
    "stability": {"noise": "40 %", "draws": 3, "goals": ["worst tenth"]},
    "gap": "0 %",
}
CLOSE = {"name": "two_fewer", "service": "clinic", "close": 2, "gap": 0}


def made(folder):
    """The synthetic city with four clinics, women in the west, and incomes that rise from south to north."""
    city = _build(folder)
    make_zones(city.folder / "zones.gpkg", women=[8.0, 8.0, 2.0, 2.0] * 4, income=range(16))
    points = gpd.GeoDataFrame(
        {"name": ["South", "Side by side", "North", None]},
        geometry=[shapely.Point(WEST + x, SOUTH + y) for x, y in HERE],
        crs=UTM,
    )
    points.to_file(city.folder / "clinics.gpkg", driver="GPKG")
    city.settings |= {
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "services": [{"name": "clinic", "file": "clinics.gpkg", "title": {"en": "Clinics", "fa": "درمانگاه"}}],
        "groups": {"women": {"en": "Women", "fa": "زنان"}},
        "rank_by": "income",
        "inequality": {"replications": 0},
        "space": {"statistics": ["moran"]},
        "permutations": 99,
        "languages": ["en", "fa"],
        "remedies": [OPEN, CLOSE],
    }
    return city


@pytest.fixture
def town(tmp_path):
    return made(tmp_path / "town")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The study, run once."""
    folder = tmp_path_factory.mktemp("remedies")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpatialJusticeWarning)
        return run(made(folder / "town").study(), out=folder / "out")


def ways(results, places):
    """Metres from every zone to the nearest of some places."""
    return cost_to_closest(results["streets"]["walk"].travel_costs(results.zones, places, unit="metres"))


def test_it_is_the_best_of_all_places_and_told_everywhere(done):
    folder = done.folder
    streets = done["streets"]["walk"]
    now = ways(done, done.services)
    # Every junction is tried: the ends of three or more streets.
    degree = np.bincount(np.concatenate([streets.edge_u, streets.edge_v]))
    nodes = streets.nodes[degree >= 3]
    tried = pd.DataFrame({node: np.fmin(now, ways(done, nodes.loc[[node]])) for node in nodes.index})
    assert len(nodes) == 45
    table = pd.read_csv(folder / "tables" / "remedies.csv")
    mine = table[(table["remedy"] == "one_more") & (table["group"] == "all people")].set_index("plan")
    assert mine.loc["as it is now", "mean"] == pytest.approx(now.mean(), abs=1e-3)
    assert mine.loc["mean", "mean"] == pytest.approx(tried.mean().min(), abs=1e-3)
    assert mine.loc["farthest", "farthest"] == pytest.approx(tried.max().min(), abs=1e-3)
    assert mine.loc["within 500 m", "within"] == pytest.approx((tried <= 500).mean().max(), abs=1e-3)
    assert mine["goal_proven"].iloc[1:].all()
    # Ten people in each zone: gains of 50 metres or more count.
    best = done["remedies"][0].shown
    gain = now - best.after
    assert mine.loc["mean", "people_gaining"] == 10 * (gain >= 50).sum()
    assert mine.loc["mean", "people_losing"] == 0
    women = table[(table["remedy"] == "one_more") & (table["group"] == "women") & (table["plan"] == "mean")].iloc[0]
    part = pd.Series([8.0, 8.0, 2.0, 2.0] * 4, index=now.index)
    assert women["mean"] == pytest.approx((best.after * part).sum() / part.sum(), abs=1e-3)
    zones = pd.read_csv(folder / "tables" / "zones.csv", index_col="zone_id")
    assert zones["one_more_metres_after"].to_numpy() == pytest.approx(best.after.to_numpy(), abs=0.06)


def test_each_site_has_its_reasons(done):
    sites = pd.read_csv(done.folder / "tables" / "remedy_sites.csv")
    mine = sites[(sites["remedy"] == "one_more") & (sites["goal"] == "mean")].iloc[0]
    one = done["remedies"][0]
    now, there = one.before, ways(done, one.points.loc[[mine["site"]]])
    served = there < now
    assert mine["people_served"] == 10 * served.sum()
    assert mine["people_far"] == 10 * (served & (now > 500)).sum()
    assert mine["mean_before"] == pytest.approx(now[served].mean(), abs=1e-3)
    assert mine["mean_after"] == pytest.approx(there[served].mean(), abs=1e-3)
    assert mine["group: women"] == pytest.approx(pd.Series([8.0, 8.0, 2.0, 2.0] * 4, now.index)[served].sum())
    assert 0 <= mine["share_of_settings"] <= mine["share_near"] <= 1
    assert mine["price_of_doing_without"] >= 0
    settings = pd.read_csv(done.folder / "tables" / "remedy_settings.csv")
    assert settings["name"].to_list() == ["goal: worst tenth", "draw 1", "draw 2", "draw 3"]
    assert (settings["regret"] >= 0).all()
    steps = pd.read_csv(done.folder / "tables" / "remedy_steps.csv")
    assert steps["gain"].iloc[0] == pytest.approx(now.mean() - one.shown.after.mean(), abs=1e-3)


def test_the_two_whose_closing_costs_least_close_with_a_warning(done):
    one = done["remedies"][1]
    kept = {
        pair: ways(done, done.services.drop(index=list(pair))).mean() for pair in combinations(done.services.index, 2)
    }
    assert one.shown.after.mean() == pytest.approx(min(kept.values()))
    assert set(one.shown.names) in [set(pair) for pair, value in kept.items() if value == min(kept.values())]
    found = pd.read_csv(done.folder / "tables" / "findings.csv").set_index("code")
    assert found.loc["closure_without_capacity", "severity"] == "warning"
    assert found.loc["closure_without_capacity", "count"] == 2
    page = text_of_page(done.folder / "remedy.two_fewer.html")
    assert "Take care: only distance counts here" in page
    assert "هشدار: در اینجا تنها فاصله به شمار می‌آید" in page


def test_the_page_tells_the_decision_in_both_languages(done):
    page = text_of_page(done.folder / "remedy.one_more.html")
    for text in (
        "What this plan does",
        "No other of these sites would be better for that: it is proven.",
        "Who loses",
        "How sure it is",
        "What each goal would do (m)",
        "Nobody has a longer way.",
        "The tenth of people with the longest ways",
        "If the places were chosen for",
        "In 4 other settings",
        "The sites, the most useful first",
        "این طرح چه می‌کند",
        "راه هیچ‌کس درازتر نمی‌شود",
        "در ۴ حالت دیگر",
    ):
        assert text in page, text
    index = text_of_page(done.folder / "index.html")
    assert 'href="remedy.one_more.html"' in index
    assert "What each plan does to all people and to each group" in index
    manifest = json.loads((done.folder / "provenance.json").read_text(encoding="utf-8"))
    assert {"remedy.one_more.html", "tables/remedies.csv", "tables/remedy_sites.csv"} <= set(manifest["outputs"])
    assert "One more place would cut the way" in done.overview()


def test_plans_between_two_goals_are_those_that_no_other_betters(done):
    """Every junction is tried: each plan of the table is one of those that none is better than by both goals."""
    streets = done["streets"]["walk"]
    now = ways(done, done.services)
    degree = np.bincount(np.concatenate([streets.edge_u, streets.edge_v]))
    nodes = streets.nodes[degree >= 3]
    tried = pd.DataFrame({node: np.fmin(now, ways(done, nodes.loc[[node]])) for node in nodes.index})
    points = list(zip(tried.mean().round(3), -10 * (tried <= 500).sum(), strict=True))
    best = sorted(
        {
            one
            for one in points
            if not any(other != one and other[0] <= one[0] and other[1] <= one[1] for other in points)
        }
    )
    table = pd.read_csv(done.folder / "tables" / "remedy_frontier.csv")
    assert table[["first_goal", "second_goal"]].iloc[0].to_list() == ["mean", "within 500 m"]
    # 406 m and 90 people, or 438 m and 100 people.
    assert len(best) == 2
    assert table["first"].to_list() == pytest.approx([mean for mean, _ in best], abs=0.002)
    assert (-table["second"]).to_list() == [people for _, people in best]
    (near, few), (far, many) = best
    assert table["price"].iloc[1] == pytest.approx((far - near) / (few - many), abs=1e-3)
    page = text_of_page(done.folder / "remedy.one_more.html")
    for text in (
        "From one to the other, 10 people within 500 m is gained and 31 m for the average person is given up",
        "each 100 people within 500 m costs 313 m for the average person.",
        "۱۰ نفر در فاصلهٔ ۵۰۰ متر به دست می‌آید و ۳۱ متر برای یک نفر به‌طور میانگین از دست می‌رود",
    ):
        assert text in page, text


def test_the_curve_between_two_goals_is_that_of_the_table(done, open_file):
    """A marker for each plan where its values put it, and its numbers below, also on a narrow page."""
    opened = open_file(done.folder / "remedy.one_more.html", viewport={"width": 390, "height": 844}).ready()
    table = pd.read_csv(done.folder / "tables" / "remedy_frontier.csv")
    seen = opened.page.evaluate(
        """() => {
        const all = (what) => [...document.querySelectorAll("#frontier " + what)];
        const number = (cell) => cell.textContent.replace(/[^0-9.–-]/g, "");
        return {
            places: all("circle").map((one) => [one.getAttribute("cx"), one.getAttribute("cy")].map(Number)),
            rows: all("tbody tr").map((row) => [...row.cells].map(number)),
            shown: all("tbody tr.this-plan").length,
        }}"""
    )
    (left, low), (right, high) = seen["places"]
    assert left < right
    assert low > high  # more people within the limit stand higher
    assert seen["shown"] == 1
    assert [float(row[1]) for row in seen["rows"]] == pytest.approx(table["first"], abs=0.5)
    assert [abs(float(row[2])) for row in seen["rows"]] == pytest.approx(table["second"].abs(), abs=0.5)
    assert seen["rows"][0][3] == "–"
    assert not opened.errors
    assert not opened.remote


def brute_split(costs, people, room):
    """The lowest mean way when each place takes so many, by a solver that the package does not use for it."""
    zones, places = costs.shape
    to_zone = np.kron(np.eye(zones), np.ones(places))
    at_place = np.kron(np.ones(zones), np.eye(places))
    found = linprog(costs.ravel(), A_ub=at_place, b_ub=np.full(places, room), A_eq=to_zone, b_eq=people)
    return found.fun / people.sum() if found.success else np.inf


def test_where_places_hold_only_so_many_ways_are_to_where_people_go(town, tmp_path):
    """Sixteen zones of ten people; three of four places stay, with room for sixty each, not where it is needed."""
    results = run(town.study(remedies=[{**CLOSE, "close": 1, "capacity": 60}]), out=tmp_path / "out")
    one = results["remedies"][0]
    costs = np.column_stack([ways(results, results.services.loc[[place]]) for place in results.services.index])
    people = np.full(16, 10.0)
    best = min(brute_split(np.delete(costs, gone, axis=1), people, 60.0) for gone in range(4))
    assert one.before.mean() == pytest.approx(brute_split(costs, people, 60.0))
    assert one.shown.after.mean() == pytest.approx(best)
    kept = [place not in set(one.shown.names) for place in results.services.index]
    nearest = costs[:, kept].min(axis=1)
    assert one.shown.after.mean() > nearest.mean() + 5, "not everybody finds room at the nearest"
    assert (one.shown.after >= nearest - 1e-6).all()
    assert one.without_place == (0.0, 0.0)
    page = text_of_page(results.folder / "remedy.two_fewer.html")
    for text in ("Each place serves 60 people at most.", "Distance to the place with room, on foot"):
        assert text in page, text
    assert "Take care: only distance counts here" not in page


def test_who_finds_no_place_is_told(town, tmp_path):
    results = run(town.study(remedies=[{**CLOSE, "capacity": 60}]), out=tmp_path / "out")
    one = results["remedies"][0]
    assert one.without_place == pytest.approx((0.0, 40.0))
    page = text_of_page(results.folder / "remedy.two_fewer.html")
    assert "40 people find no place: those that stay are full. Now it is 0." in page


def stopped(*_arguments, **_words):
    raise KeyboardInterrupt


def test_a_run_that_was_stopped_makes_no_plan_anew(town, tmp_path, monkeypatch):
    study = town.study(remedies=[{**OPEN, "goals": ["mean", "equally distributed equivalent"], "aversion": 5}, CLOSE])
    run(study, out=tmp_path / "whole", fresh=True)
    with monkeypatch.context() as patch:
        patch.setattr(index_page, "index", stopped)
        with pytest.raises(KeyboardInterrupt):
            run(study, out=tmp_path / "out")
    for name in ("open_places", "close_places"):
        monkeypatch.setattr(compute, name, lambda *_: pytest.fail("a plan was made again"))
    results = run(study, out=tmp_path / "out")
    assert {"remedy: one_more", "remedy: two_fewer"} <= set(results.skipped)
    assert results.notes == ()
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_plan_for_a_group_counts_that_group_only(town, tmp_path):
    asked = {"name": "for_women", "service": "clinic", "open": 1, "people": "women", "candidates": {"kind": "zones"}}
    results = run(town.study(remedies=[asked]), out=tmp_path / "out")
    one = results["remedies"][0]
    women = pd.Series([8.0, 8.0, 2.0, 2.0] * 4, index=results.zones.index)
    assert one.people.sum() == women.sum()
    means = {}
    for zone in results.zones.index:
        way = np.fmin(one.before, ways(results, results.zones.loc[[zone]].representative_point()))
        means[zone] = float((way * women).sum() / women.sum())
    assert one.compared.loc[("mean", "all people"), "mean"] == pytest.approx(min(means.values()))
    # Of each group as many are counted as are women in their zone: never more than those whom it is for.
    part = one.groups["women"]
    assert part.to_numpy() == pytest.approx((women * women / 10).to_numpy())
    sites = pd.read_csv(results.folder / "tables" / "remedy_sites.csv")
    assert (sites["group: women"] <= sites["people_served"]).all()
    page = text_of_page(results.folder / "remedy.for_women.html")
    assert "The plan is for people of the group “Women”; only they are counted here." in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"close": 1}, "write either open or close"),
        ({"service": "libary"}, "one_more names the service libary, but the study has clinic"),
        ({"goals": ["fair"]}, "there is no goal called “fair”"),
        ({"goals": ["within 500"]}, "not a cutoff"),
        ({"goals": ["within 5 min"]}, "its ways are in metres"),
        ({"mode": "boat"}, "names the mode boat"),
        ({"people": "men"}, "names the people men"),
        ({"people": "offline"}, "write digital"),
        ({"capacity": 10}, "capacity goes with close"),
        ({"goals": ["equally distributed equivalent"]}, "aversion: “equally distributed equivalent” needs it"),
        ({"trade_off": ["mean"]}, "write two different goals"),
        ({"trade_off": ["mean", "worst group"]}, "no plans are made between"),
        ({"trade_off": ["within 500 m", "within 1 km"]}, "write two different goals"),
        ({"candidates": {"kind": "services"}}, "write kind: services and the names"),
        ({"candidates": {"kind": "junctions", "every": "5 min"}}, "is no length"),
        ({"gap": "80 %"}, "gap"),
        ({"opn": 1}, "unknown key; did you mean “open”"),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together(town, change, message):
    with pytest.raises(StudyError, match=message):
        Study.read(town.study(remedies=[{**OPEN, **change}]))


def test_more_places_than_there_are(town, tmp_path):
    with pytest.raises(InputError, match="candidates are fewer than the 50 places to open"):
        run(town.study(remedies=[{**OPEN, "open": 50}]), out=tmp_path / "out")
    with pytest.raises(InputError, match="there are 4 places of clinic, of which 4 are to close"):
        run(town.study(remedies=[{**CLOSE, "close": 4}]), out=tmp_path / "more")


def test_goals_are_read_as_they_are_written():
    assert goal_named("within 1 km").key == "within_1000_m"
    assert goal_named("worst tenth").label == "worst tenth"
