"""The widget of a what-if: what is done on the map comes back to Python, and what Python sets is on the map."""

from __future__ import annotations

import base64
import json
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some

import spatialjustice as sj
from spatialjustice._core.errors import InputError, MissingPackageError
from spatialjustice.network import from_frames
from tests.browsing import PATIENCE

# What JupyterLab gives a widget, and no more of it: a model with traits, and an element.
LAB = """<!DOCTYPE html><meta charset="utf-8"><body><div id="cell"></div><script type="module">
const data = DATA;
const heard = {};
window.model = {
  data, saved: 0,
  get: (name) => data[name],
  set(name, value) { data[name] = value; (heard["change:" + name] || []).forEach((act) => act()); },
  save_changes() { this.saved += 1; },
  on: (name, act) => (heard[name] = heard[name] || []).push(act),
  off() {},
};
const module = await import("data:text/javascript;base64,ESM");
module.default.render({ model: window.model, el: document.getElementById("cell") });
</script>"""
TOLD = """() => {
  const { data } = window.model;
  const bytes = new Uint8Array(data._costs.buffer);
  return { changes: data.changes, _told: data._told, costs: Array.from(bytes) };
}"""


@pytest.fixture(scope="module")
def town():
    """A synthetic town: seven by seven streets of footway, a zone around each corner, three kiosks."""
    east, north = (values.ravel() for values in np.meshgrid(24.94 + 0.002 * np.arange(7), 60.17 + 0.001 * np.arange(7)))
    nodes = pd.DataFrame({"x": east, "y": north}, index=range(49))
    rows = [list(range(row * 7, row * 7 + 7)) for row in range(7)] + [list(range(row, 49, 7)) for row in range(7)]
    ways = pd.DataFrame({"nodes": rows, "tags": [{"highway": "footway"}] * 14}, index=range(14))
    homes = [shapely.box(x - 0.0006, y - 0.0003, x + 0.0005, y + 0.0004) for x, y in zip(east, north, strict=True)]
    zones = gpd.GeoDataFrame(geometry=homes, crs=4326, index=[f"z{number}" for number in range(49)])
    people = pd.Series(np.arange(49) % 5 * 7.0, index=zones.index)
    spots = [shapely.Point(24.9401, 60.1702), shapely.Point(24.9462, 60.1732), shapely.Point(24.9521, 60.1741)]
    kiosks = gpd.GeoDataFrame({"name": ["One", "Two", "Three"]}, geometry=spots, crs=4326, index=[11, 12, 13])
    return from_frames(nodes, ways), zones, people, kiosks.to_crs(32635)


@pytest.fixture
def widget(town):
    network, zones, people, kiosks = town
    return sj.maps.what_if(zones, kiosks, network=network, people=people, cutoff=4, title="Synthetic kiosks")


def places_in(widget):
    spots = widget.places.to_crs(4326).geometry
    return {one: (round(spots[one].x, 6), round(spots[one].y, 6)) for one in spots.index}


def test_nothing_is_told_before_the_map_is_shown(widget, town):
    assert repr(widget) == "<WhatIf: 3 places today; 0 new, 0 moved, 0 gone>"
    assert widget.places.index.tolist() == [11, 12, 13]
    assert widget.result.isna().all(axis=None)
    assert widget.costs.index.equals(town[1].index)
    assert widget.costs.isna().all()
    assert (widget.result.attrs["cutoff"], widget.result.attrs["unit"], widget.costs.attrs["unit"]) == (
        4.0, "minutes", "minutes",
    )  # fmt: skip


def test_where_no_kernel_runs_the_map_of_today_is_seen(widget):
    """What an exported notebook shows: a picture, which asks nothing of any server."""
    data = widget._repr_mimebundle_()[0]
    assert data["text/html"].startswith('<img src="data:image/png;base64,')
    assert data["text/plain"] == repr(widget)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_places_that_python_sets_are_changes_of_the_map(widget):
    places = widget.places.to_crs(4326)
    heard = []
    widget.observe(heard.append, "places")
    places = places.drop(index=11)
    places.loc[12, "geometry"] = shapely.Point(24.95, 60.175)
    fresh = gpd.GeoDataFrame(geometry=[shapely.Point(24.941, 60.174)], crs=4326, index=["here"])
    widget.places = pd.concat([places, fresh])
    told = {(one["properties"]["action"], one["properties"].get("place")) for one in widget.changes["features"]}
    assert told == {("remove", 0), ("move", 1), ("add", None)}
    assert places_in(widget) == {12: (24.95, 60.175), 13: (24.9521, 60.1741), 14: (24.941, 60.174)}
    assert widget.places["change"].tolist() == ["moved", "as today", "new"]
    assert widget.places["name"].tolist()[:2] == ["Two", "Three"]
    assert heard
    assert repr(widget) == "<WhatIf: 3 places today; 1 new, 1 moved, 1 gone>"


@given(
    some.sets(some.integers(0, 2), max_size=2),
    some.dictionaries(some.integers(0, 2), some.tuples(some.floats(24.93, 24.96), some.floats(60.16, 60.18))),
    some.lists(some.tuples(some.floats(24.93, 24.96), some.floats(60.16, 60.18)), max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_changes_are_the_way_from_the_places_of_today_to_those_that_stand(gone, moved, new):
    from spatialjustice.maps.streets.widget import changes_to, places_after, rounded_points

    spots = [shapely.Point(24.9401, 60.1702), shapely.Point(24.9462, 60.1732), shapely.Point(24.9521, 60.1741)]
    today = gpd.GeoDataFrame(geometry=spots, crs=4326, index=["a", "b", "c"])
    then = today.copy()
    for place, spot in moved.items():
        then.iloc[place, 0] = shapely.Point(*np.round(spot, 7))
    then = then[~np.isin(np.arange(3), list(gone))]
    points = [shapely.Point(*np.round(spot, 7)) for spot in new]
    then = pd.concat([then, gpd.GeoDataFrame(geometry=points, index=[f"n{one}" for one in range(len(new))], crs=4326)])
    found = places_after(today, changes_to(today, rounded_points(today), then))
    assert found.index.tolist()[: 3 - len(gone)] == then.index.tolist()[: 3 - len(gone)]
    for one, other in zip(found.geometry, then.geometry, strict=True):
        assert one.distance(other) < 1e-9


def test_areas_with_entrances_are_entered_where_they_are_moved_to(town):
    network, zones, people, _ = town
    park = shapely.box(24.9402, 60.1702, 24.9416, 60.1708)
    parks = gpd.GeoDataFrame(geometry=[park], crs=4326, index=["park"])
    parks["access"] = gpd.GeoSeries([shapely.MultiPoint([(24.94, 60.1705)])], index=parks.index, crs=4326)
    parks.index.name, parks.attrs = "park_id", {"unit": "none"}
    made = sj.maps.what_if(zones, parks, network=network, people=people, cutoff=4)
    made.places = made.places.set_geometry([shapely.Point(24.95, 60.175)], crs=4326)
    assert (made.places.index.name, made.places.attrs) == ("park_id", {"unit": "none"}), "what the frame carries stays"
    assert made.places["access"].iloc[0].geoms[0].distance(shapely.Point(24.95, 60.175)) < 1e-6
    costs = network.travel_costs(zones, made.places)
    assert sj.access.cost_to_closest(costs)["z40"] < 2


@pytest.fixture(scope="module")
def shown(browser, town, tmp_path_factory):
    network, zones, people, kiosks = town
    made = sj.maps.what_if(zones, kiosks, network=network, people=people, cutoff=4, title="Synthetic kiosks")
    page = tmp_path_factory.mktemp("lab") / "lab.html"
    data = json.dumps({"_page": made._page, "_title": made._title, "changes": {}}).replace("</", "<\\/")
    code = base64.b64encode(str(made._esm).encode()).decode()
    page.write_text(LAB.replace("DATA", data).replace("ESM", code), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1100, "height": 800})
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(page.as_uri())
    opened.wait_for_function("window.model.saved > 0", timeout=PATIENCE * 1000)
    yield opened, made
    assert errors == []
    opened.close()


class TestInTheBrowser:
    def take(self, shown):
        """Do what the kernel does with what the page saves: numbers in bytes come as a view of memory."""
        page, made = shown
        told = page.evaluate(TOLD)
        state = {"_told": told["_told"], "_costs": memoryview(bytes(told["costs"])), "changes": told["changes"]}
        made.set_state(state)
        return made

    def as_the_package_says(self, made, town):
        network, zones, people, _ = town
        costs = network.travel_costs(zones, made.places)
        minutes = sj.access.cost_to_closest(costs)
        assert (minutes.to_numpy().view("<u8") == made.costs.to_numpy().view("<u8")).all(), "to the last bit"
        within = sj.access.coverage(costs, people=people, cutoff=4).loc["ok", "people"]
        assert made.result.loc["within", "after"] == pytest.approx(within, abs=1e-9)
        return made.result

    def test_it_begins_with_the_places_of_today(self, shown, town):
        result = self.as_the_package_says(self.take(shown), town)
        assert (result["before"].iloc[:6] == result["after"].iloc[:6]).all()
        assert result.loc["people", "before"] == town[2].sum()

    def test_what_is_done_on_the_map_comes_to_python(self, shown, town):
        page, made = shown
        inside = page.frames[1]
        inside.evaluate("spatialjustice.whatIf.context.add({ lat: 60.1755, lng: 24.9421 })")
        self.take(shown)
        assert made.places["change"].tolist() == ["as today"] * 3 + ["new"]
        assert places_in(made)[14] == (24.9421, 60.1755)
        result = self.as_the_package_says(made, town)
        assert result.loc["gained", "after"] == result.loc["within", "after"] - result.loc["within", "before"] > 0
        inside.evaluate("spatialjustice.whatIf.context.plan.remove('places', 1)")
        inside.evaluate("spatialjustice.whatIf.context.changed(true)")
        assert self.take(shown).places.index.tolist() == [11, 13, 14]
        self.as_the_package_says(made, town)

    def test_what_python_sets_is_on_the_map(self, shown, town):
        page, made = shown
        moved = made.places.to_crs(4326)[["name", "geometry"]]
        moved.loc[13, "geometry"] = shapely.Point(24.9405, 60.1752)
        made.places = moved
        page.evaluate("(changes) => window.model.set('changes', changes)", made.changes)
        assert "1 place moved" in page.frames[1].locator("#whatif-bar").inner_text()
        self.take(shown)
        assert places_in(made)[13] == (24.9405, 60.1752)
        self.as_the_package_says(made, town)
        made.places = town[3]
        page.evaluate("(changes) => window.model.set('changes', changes)", made.changes)
        assert page.frames[1].locator("#whatif-bar").is_hidden()
        self.as_the_package_says(self.take(shown), town)


def test_what_it_cannot_be_made_of_is_refused(town, monkeypatch):
    network, zones, people, kiosks = town
    with pytest.raises(InputError, match="no streets to send"):
        sj.maps.what_if(zones, kiosks, network=sj.network.straight_lines(zones), people=people, cutoff=4)
    with pytest.raises(InputError, match="there is none"):
        sj.maps.what_if(zones, kiosks.iloc[:0], network=network, people=people, cutoff=4)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.setattr("spatialjustice._core.machine.extras.installed", lambda _: False)
    with pytest.raises(MissingPackageError, match=r"spatialjustice\[notebook\]"):
        sj.maps.what_if(zones, kiosks, network=network, people=people, cutoff=4)
