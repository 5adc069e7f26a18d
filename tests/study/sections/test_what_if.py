"""The streets in the pages of a study: the same places, costs and supply as in its tables."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from spatialjustice.study import run
from tests.browsing import Opened
from tests.study.conftest import SOUTH, UTM, WEST, City

BEDS = [7.0, 2.5, 4.0]
STEPS = {"5 min": 1, "9 min": 0.5}
ASKED = """async (mode) => {
  const sj = spatialjustice;
  const at = await sj.streetsOf(mode);
  const place = (key) => at.services.find((one) => one.key === key).places;
  const supplies = at.supplies.map((one) => [one.key, Array.from(at.supply(one.key))]);
  return {
    modes: sj.streetsOf.modes().map((one) => [one.key, one.unit, one.services.map((service) => service.key)]),
    costs: at.services.map((one) => [one.key, Array.from(at.costs(one.key, {unit: "minutes"}))]),
    places: at.services.map((one) => [one.key, one.places.map(({name, lat, lon}) => [name, lat, lon])]),
    supplies,
  };
}"""
LISTED = """() => spatialjustice.made.services.map((layer) => [
  layer.data.key,
  layer.points.map((point, place) => [layer.data.names[place], point.latlng.lat, point.latlng.lng]),
])"""


@pytest.fixture(scope="module")
def made(city_once: City, tmp_path_factory):
    """A study of two modes; clinics with beds come from a file, in no order."""
    points = [Point(WEST + east, SOUTH + north) for east, north in [(1000, 210), (190, 820), (640, 640)]]
    clinics = gpd.GeoDataFrame(
        {"id": ["c", "a", "b"], "name": ["Third", "First", "Second"], "beds": BEDS}, geometry=points, crs=UTM
    )
    clinics.to_file(city_once.folder / "clinics.gpkg", driver="GPKG")
    study = city_once.study(
        zones={"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        population={"column": "people"},
        modes=["walk", "bicycle"],
        cutoffs={"walk": ["10 min", "500 m"], "bicycle": ["10 min"]},
        services=["pharmacy", {"name": "clinic", "file": "clinics.gpkg", "title": "Clinics"}, "library"],
        catchments=[
            {"name": "beds", "services": ["clinic"], "supply": "beds", "decay": {"stepped": STEPS}},
            {"name": "medicine", "services": ["clinic", "pharmacy"], "decay": {"linear": "1200 m"}, "modes": ["walk"]},
        ],
        what_if=True,
        permutations=99,
        measures=["cost_to_closest"],
        takeaway=[],
    )  # fmt: skip
    return run(study, out=tmp_path_factory.mktemp("study") / "out")


@pytest.fixture(scope="module")
def opened(browser, made):
    shown = Opened(browser, made.folder / "map.html").ready()
    yield shown
    shown.context.close()
    assert shown.errors == []


def test_every_mode_computes_what_the_tables_say(opened, made):
    zones = pd.read_csv(made.folder / "tables" / "zones.csv", index_col="zone_id")
    for mode in ("walk", "bicycle"):
        told = opened.page.evaluate(ASKED, mode)
        assert [key for key, _, _ in told["modes"]] == ["walk", "bicycle"]
        for service, costs in told["costs"]:
            np.testing.assert_allclose(costs, zones[f"{service}_{mode}_minutes"], rtol=0, atol=0.0101)
        found = dict(told["supplies"])
        assert list(found) == (["beds", "medicine"] if mode == "walk" else ["beds"])
        for name, shares in found.items():
            table = zones[f"{name}_{mode}_per_10000_people"]
            np.testing.assert_allclose(np.array(shares) * 10_000, table, rtol=0, atol=5.1e-7)
            assert len(set(table)) > 2


def test_the_panel_begins_with_the_widest_limit(opened):
    """On foot ten minutes are 800 m, and more than the 500 m that the study names last."""
    told = opened.page.evaluate("() => spatialjustice.streetsOf.modes().map((one) => one.cutoffs)")
    assert told == [
        [{"value": 500, "unit": "metres"}, {"value": 10, "unit": "minutes"}],
        [{"value": 10, "unit": "minutes"}],
    ]


def test_places_have_the_numbers_of_the_list_that_is_ticked_off(opened):
    told, listed = dict(opened.page.evaluate(ASKED, "walk")["places"]), dict(opened.page.evaluate(LISTED))
    assert sorted(told) == sorted(listed) == ["clinic", "library", "pharmacy"]
    for service, places in told.items():
        for (name, lat, lon), (other, *at) in zip(places, listed[service], strict=True):
            assert name == other
            assert [lat, lon] == pytest.approx(at, abs=2e-5)
