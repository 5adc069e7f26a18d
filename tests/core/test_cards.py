"""What notebooks show: numbers with their names, and what was found; nothing that runs, nothing that is fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import geopandas as gpd
import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

import spatialjustice as sj
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.screen import card, notebook
from spatialjustice.network import WALK, from_frames, from_gtfs
from tests.made_timetables import CRS, made_timetable, points_at, run

pytestmark = pytest.mark.filterwarnings("ignore")


class Told(HTMLParser):
    """The names and values of a card, its tags, and the rest of what it says."""

    def __init__(self, made: str) -> None:
        super().__init__()
        self.tags, self.rows, self.text, self._at = set(), {}, "", []
        self.feed(made)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags |= {tag, *(name for name, _ in attrs)}
        self._at.append(tag)

    def handle_endtag(self, tag):
        assert self._at.pop() == tag, "every tag is closed"

    def handle_data(self, data):
        self.text += data
        if self._at and self._at[-1] == "th":
            self._name = data
        elif self._at and self._at[-1] == "td":
            self.rows[self._name] = data


def told(thing):
    found = Told(thing._repr_html_())
    assert found.tags <= {"div", "strong", "table", "tbody", "tr", "th", "td", "style", "scope", "details", "summary",
                          "ul", "li", "b", "code"}  # fmt: skip
    return found


@pytest.fixture(scope="module")
def walk():
    """A synthetic street of 300 m with a side street that nobody may enter."""
    nodes = pd.DataFrame({"x": [24.94, 24.943, 24.945, 24.943], "y": [60.17, 60.17, 60.17, 60.172]}, index=[1, 2, 3, 4])
    tags = [{"highway": "footway"}, {"highway": "footway", "access": "private"}]
    return from_frames(nodes, pd.DataFrame({"nodes": [[1, 2, 3], [2, 4]], "tags": tags}, index=[10, 11]))


@pytest.fixture(scope="module")
def costs(walk):
    homes = gpd.GeoSeries.from_xy([24.9401, 24.99], [60.17, 60.17], index=["near", "far <b>"], crs=4326)
    shop = gpd.GeoDataFrame(geometry=[shapely.Point(24.945, 60.17)], crs=4326, index=["shop"])
    return walk.travel_costs(homes, shop, cutoff=10)


def test_a_network_tells_its_numbers_and_what_was_left_out(walk):
    found = told(walk)
    assert found.rows["mode"] == "walk at 4.8 km/h"
    assert found.rows["streets"] == "0.3 km, 2 edges between 3 nodes"
    assert found.rows["data of"] == "unknown date"
    assert "1 of 2 ways cannot be used" in found.text


def test_travel_costs_tell_who_is_not_on_the_network(costs):
    found = told(costs)
    assert found.rows["origins"] == "2 (1 off network)"
    assert found.rows["destinations"] == "1"
    assert found.rows["cutoff"] == "up to 10 minutes, itself included"
    assert found.rows["unit"] == "minutes"
    assert "origins_off_network" in found.text
    assert "Ids: far <b>" in found.text, "the row is named, and its id is no markup"
    table = sj.findings(costs).set_index("code")
    assert table.loc["origins_off_network", "rows"] == ["far <b>"]


def test_warnings_are_open_and_the_rest_is_folded():
    one = Finding("streets_odd", "warning", "Odd.", 12, people=1234.5, rows=["a", "b"])
    two = Finding("streets_known", "information", "Known.")
    made = card.findings_as_html([one.as_dict(), two.as_dict()])
    assert made.index("Odd.") < made.index("<details>") < made.index("Known.")
    assert "1 further finding<" in made
    assert "People: 1,234." in made or "People: 1,235." in made
    assert "Ids: a, b, …" in made
    assert card.findings_as_html([]) == ""
    assert " open" not in card.findings_as_html([two.as_dict()])


def test_what_is_random_shows_its_seed():
    found = told(sj.inequality.interval(sj.inequality.gini, np.arange(1, 31), rng=7, replications=99))
    assert found.rows["seed"] == "7"
    assert found.rows["method"] == "percentile bootstrap by zone, 99 replications"
    line = Graph.from_adjacency(
        pd.DataFrame({"focal": [0, 1, 1, 2, 2, 3], "neighbor": [1, 0, 2, 1, 3, 2], "weight": 1})
    )
    clusters = sj.inequality.local_moran(pd.Series([1.0, 2.0, 3.0, 5.0]), line, rng=11, permutations=99)
    assert "seed: 11" in card.facts_as_html(clusters.attrs)
    assert "permutations: 99" in card.facts_as_html(clusters.attrs)
    assert repr(WALK) == "<Mode: walk at 4.8 km/h>"
    assert told(sj.network.MODES["wheelchair"]).rows["slopes"] == "as walking, up to 8%, where heights are known"


def test_public_transport_and_models_tell_theirs():
    timetable = replace(made_timetable([(0, 0), (900, 0)], [run((0, "7:05"), (1, "7:09"))]), seed=3)
    streets = sj.network.straight_lines(points_at([(0, 0), (900, 0)]))
    town = from_gtfs(timetable, streets)
    assert told(timetable).rows["stops"] == "2, called at 2 times"
    assert told(town).rows["seed"] == "3"
    assert told(town).rows["runs"] == "1 trips of 1 routes"
    assert told(streets).rows["mode"].startswith("walk at")
    asked = town.travel_costs(
        points_at([(0, 50)]), points_at([(900, 50)], "q"), departures=("07:00", "07:10"), cutoff=30
    )
    assert told(asked).rows["window"].startswith("10 departures")
    model = sj.inequality.ordinary_least_squares(
        pd.Series([1.0, 2.1, 2.9, 4.2, 5.1, 5.8], name="minutes"), pd.Series([1.0, 2, 3, 4, 5, 6], name="distance")
    )
    assert told(model).rows["zones"] == "6"
    assert "distance" in told(model).rows


def test_frames_tell_unit_and_what_was_left_out_below_them(costs, monkeypatch):
    from IPython.core.formatters import DisplayFormatter

    class Shell:
        display_formatter = DisplayFormatter()

    shell = Shell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(notebook, "_SHELLS", set())
    minutes = sj.access.cost_to_closest(costs)
    add_findings(minutes, Finding("a_last_one", "information", "Told."))
    drawn = shell.display_formatter.format(minutes)[0]["text/html"]
    assert re.search(r"unit: minutes · cutoff: 10 · .*origins without: 1", drawn)
    assert "a_last_one" in drawn
    figure = matplotlib.figure.Figure()
    assert shell.display_formatter.format(figure)[0]["image/png"].startswith(b"\x89PNG"), "no pyplot knows of it"
    kept = sj.keep(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)] * 2, crs=CRS, index=costs.from_ids), minutes=minutes)
    assert "minutes: minutes" in shell.display_formatter.format(kept)[0]["text/html"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1500.0, "1,500"), (0.05, "0.05"), (1234567.8, "1,234,568"), (42, "42"), (True, "True"), ("text", "text")],
    ids=["thousands", "small", "millions", "whole", "truth", "text"],
)
def test_numbers_are_written_as_they_are_read(value, text):
    assert card.written(value) == text
