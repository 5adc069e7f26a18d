"""Studies that compare ways of travelling, and share supply out among those who come near it."""

from __future__ import annotations

import json

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import yaml
from shapely import Point

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.catalogue import words
from spatialjustice.network.streets.modes import MODES
from spatialjustice.study import run
from spatialjustice.study.settings import Study

ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}
SLOW = {"name": "walk", "key": "slow", "speed": 2.4, "title": {"en": "slowly", "fa": "آهسته"}}
COUNTED = {"name": "medicine", "services": ["pharmacy"], "decay": {"binary": "15 min"}}

# Sixteen zones of ten people. The pharmacy is at the south-west corner of a grid of streets 200 m apart, and a zone's
# centre lies 50 m off two of them. From (150, 150), zone z00, it is 50 + 150 + 200 = 400 m on the map, from z01 and
# z04 600 or 700, from z05 900, from z02 and z08 50 + 750 + 200 = 1,000, from all others 1,200 or more; on the ground
# 1 / 0.9996 as much. In 15 minutes 1,200 m are walked at 4.8 km/h and 600 m at 2.4 km/h.
FAST_ZONES, SLOW_ZONES = {"z00", "z01", "z02", "z04", "z05", "z08"}, {"z00"}


@pytest.fixture
def compared(city, tmp_path):
    study = city.study(
        modes=["walk", SLOW],
        cutoffs={"walk": ["15 min", "500 m"], "slow": ["15 min"]},
        catchments=[COUNTED],
        languages=["en", "fa"],
        **ZONES,
    )
    return run(study, out=tmp_path / "out")


def table(results, name, **options):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv", **options)


def test_every_mode_has_its_own_rows_and_columns(compared):
    zones = table(compared, "zones", index_col="zone_id")
    for mode, within in (("walk", FAST_ZONES), ("slow", SLOW_ZONES)):
        column = zones[f"pharmacy_{mode}_within_15_min"]
        assert set(column.index[column > 0]) == within
    np.testing.assert_allclose(zones["pharmacy_slow_minutes"], 2 * zones["pharmacy_walk_minutes"], atol=0.011)
    # Metres are asked only where a cutoff is in metres.
    assert "pharmacy_walk_metres" in zones
    assert "pharmacy_slow_metres" not in zones
    shares = table(compared, "shares").set_index(["service", "mode", "cutoff"])
    assert shares.loc[("pharmacy", "walk", "15 min"), "share_within"] == pytest.approx(60 / 160)
    assert shares.loc[("pharmacy", "slow", "15 min"), "share_within"] == pytest.approx(10 / 160)
    assert ("pharmacy", "slow", "500 m") not in shares.index
    for name in ("distribution", "lorenz_curves", "spatial_autocorrelation", "modes", "catchments"):
        assert {"walk", "slow"} <= set(table(compared, name)["mode"]), name
    assert "slowly" in compared.overview()


def test_who_loses_by_a_mode(compared):
    modes = table(compared, "modes").set_index(["service", "cutoff", "mode"])
    slow = modes.loc[("pharmacy", "15 min", "slow")]
    assert (slow["people_within"], slow["people_who_lose"], slow["people_who_gain"]) == (10, 50, 0)
    assert slow["compared_with"] == "walk"
    assert slow["difference_in_share"] == pytest.approx(-50 / 160)
    assert modes.loc[("pharmacy", "15 min", "walk"), "difference_in_people"] == 0


def test_a_cutoff_the_first_mode_does_not_have_is_compared_with_nothing(city, tmp_path):
    study = city.study(modes=["walk", SLOW], cutoffs={"walk": ["15 min"], "slow": ["20 min"]}, **ZONES)
    modes = run(study, out=tmp_path / "out").table("modes").set_index(["service", "mode"])
    assert modes.loc[("pharmacy", "slow"), "compared_with"] == ""
    assert np.isnan(modes.loc[("pharmacy", "slow"), "people_who_lose"])


def test_supply_is_shared_by_those_who_come_near(compared):
    """One pharmacy for the 60 people of six zones, or for the ten of one: 1/60 or 1/10 each, and nothing for others.

    Where a share p of people have the same and the others nothing, the Gini coefficient is 1 - p.
    """
    zones = table(compared, "zones", index_col="zone_id")
    expected = pd.Series(0.0, index=zones.index)
    expected[list(FAST_ZONES)] = 10_000 / 60
    np.testing.assert_allclose(zones["medicine_walk_per_10000_people"], expected, atol=1e-6)
    found = table(compared, "catchments").set_index("mode")
    np.testing.assert_allclose(found["supply_handed_out"], 1)
    np.testing.assert_allclose(found["supply_nobody_reaches"], 0, atol=1e-12)
    assert found["people_who_reach_none"].to_dict() == {"walk": 100, "slow": 150}
    assert found["gini"].to_dict() == pytest.approx({"walk": 1 - 60 / 160, "slow": 1 - 10 / 160})
    np.testing.assert_allclose(found["per_10000_people_mean"], 10_000 / 160)
    np.testing.assert_allclose(found["per_10000_people_worst_served_tenth"], 0, atol=1e-9)
    ledger = table(compared, "ledger").set_index("step")
    assert ledger.loc["catchment: medicine, slow", "before"] == 1
    np.testing.assert_allclose(ledger["before"], ledger["after"] + ledger["elsewhere"], rtol=1e-9)


def test_steps_of_a_catchment_are_those_of_the_study(city, tmp_path):
    """Zone z00 is 5 minutes away and counts fully, z01 and z04 in 7.5 to 9 minutes count half: 1 / (10 + 10) each.

    The enhanced method (Luo and Qi 2009) gives R = 1 / (10 · 1 + 20 · 0.5) = 1/20, so 1/20 in z00 and 1/40 in the two.
    """
    catchments = [COUNTED | {"decay": {"stepped": {"6 min": 1, "10 min": 0.5}}}]
    results = run(city.study(catchments=catchments, **ZONES), out=tmp_path / "out")
    (found,) = results["catchments"]
    values = found.per_person
    assert values["z00"] == pytest.approx(1 / 20)
    assert values[["z01", "z04"]].tolist() == pytest.approx([1 / 40, 1 / 40])
    assert (values.drop(["z00", "z01", "z04"]) == 0).all()
    assert results.table("catchments")["decay"].item() == "1 up to 6 min, 0.5 up to 10 min"


def test_supply_from_a_column_of_the_users_own_file(city, tmp_path):
    """Two clinics at the corner with 3 and 5 beds, for the 60 people within 15 minutes: 8/60 each."""
    corner = gpd.GeoSeries.from_xy([500_000.0] * 3, [5_540_000.0] * 3, crs=32632).to_crs(4326)
    frame = gpd.GeoDataFrame({"beds": [3, 5, 0], "rooms": [1, 1, 1]}, geometry=corner)
    frame.to_file(city.folder / "clinics.geojson")
    own = {"name": "clinics", "file": "clinics.geojson"}
    beds = {"name": "beds", "services": ["clinics"], "supply": "beds", "decay": {"binary": "15 min"}}
    results = run(city.study(services=[own], catchments=[beds], **ZONES), out=tmp_path / "out")
    (found,) = results["catchments"]
    assert found.supply == 8
    assert found.per_person["z05"] == pytest.approx(8 / 60)
    # As the count of the service itself the same column says how much can be reached, and a place with 0 is none.
    counted = run(city.study(services=[own | {"count": "beds"}], **ZONES), out=tmp_path / "counted")
    assert counted.table("distribution")["places"].item() == 2
    assert counted["reach"][0].counts["1000_m"]["z05"] == 8
    assert "places_that_offer_nothing" in {finding.code for finding in counted.findings}
    with pytest.raises(InputError, match="clinics.geojson has no column doctors"):
        run(city.study(services=[own | {"count": "doctors"}], **ZONES), out=tmp_path / "out")


def test_supply_outside_the_place_is_a_warning(city, tmp_path):
    points = gpd.GeoSeries.from_xy([500_400, 501_210], [5_540_400, 5_540_400], crs=32632).to_crs(4326)
    gpd.GeoDataFrame(geometry=points).to_file(city.folder / "wifi.geojson")
    settings = {"services": [{"name": "wifi", "file": "wifi.geojson"}]}
    results = run(city.study(catchments=[COUNTED | {"services": ["wifi"]}], **settings, **ZONES), out=tmp_path / "out")
    (finding,) = [finding for finding in results.findings if finding.code == "supply_shared_with_others"]
    assert finding.count == 1


def cells_of_the_city(path, jobs):
    """The H3 cells of the city's middle and around it, with ten people each."""
    middle = h3.latlng_to_cell(50.0175, 9.0085, 9)
    cells = h3.grid_disk(middle, 1)
    frame = pd.DataFrame({"cell": cells, "people": 10, "jobs": jobs})
    frame.to_csv(path, index=False)
    return frame.set_index("cell")


def test_a_study_of_a_table_of_cells(city, tmp_path):
    """Seven cells with 70 people; jobs in three of them, in one nobody knows how many; no file has any shape."""
    cells = cells_of_the_city(city.folder / "cells.csv", [5, 7, 0, 0, None, 8, 0])
    path = city.study(
        zones={"kind": "table", "file": "cells.csv", "h3": "cell"},
        population={"column": "people"},
        services=[{"name": "jobs", "file": "cells.csv", "h3": "cell", "count": "jobs"}],
        cutoffs=["250 m", "5 km"],
        rank_by="people",
    )
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    del settings["place"]
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    results = run(path, out=tmp_path / "out")
    assert results.people.to_dict() == dict.fromkeys(cells.index, 10)
    (jobs,) = results["reach"]
    assert jobs.places == 3
    on = jobs.status != "off_network"
    assert on.sum() >= 4
    assert (jobs.counts["5000_m"][on] == 20).all()
    # To its own jobs a cell needs the way to the street and back, at most 200 m; other cells are 300 m away.
    assert jobs.counts["250_m"][cells.index[0]] == 5
    codes = {finding.code: finding for finding in results.findings}
    assert codes["amounts_unknown"].count == 1
    assert codes["places_that_offer_nothing"].count == 4
    areas = results.ledger.to_frame().set_index("step").loc["zones"]
    assert areas["before"] == pytest.approx(areas["after"])


def test_amounts_must_be_numbers(city, tmp_path):
    corner = gpd.GeoDataFrame({"beds": [-3]}, geometry=[Point(9.001, 50.015)], crs=4326)
    corner.to_file(city.folder / "clinics.geojson")
    own = {"name": "clinics", "file": "clinics.geojson", "count": "beds"}
    with pytest.raises(InputError, match="1 values of the column beds are no numbers of 0 or more"):
        run(city.study(services=[own]), out=tmp_path / "out")


def test_pages_of_every_mode(compared, open_file):
    names = {path.name for path in compared.folder.glob("*.html")}
    assert names == {"index.html", "map.html"}
    opened = open_file(compared.folder / "index.html")
    opened.page.click(".entry-text a[href*='mode=slow']")
    opened.ready()
    assert opened.page.evaluate("spatialjustice.modes.chosen") == "slow"
    opened.page.click("[data-language=fa]")
    assert "آهسته" in opened.page.locator("body").inner_text()
    opened.page.click("[data-language=en]")
    texts = opened.page.locator("#indicator option").all_inner_texts()
    assert "Pharmacy: Time to the nearest, slowly" in texts
    assert "Medicine: Places for 10,000 people, slowly" in texts
    for place in range(len(texts)):
        opened.page.select_option("#indicator", index=place)
    assert opened.errors == []
    index = open_file(compared.folder / "index.html")
    links = {link.get_attribute("href").split("#")[0] for link in index.page.locator("a").all()}
    manifest = json.loads((compared.folder / "provenance.json").read_text(encoding="utf-8"))
    # The script leads to what lies beside it.
    named = {name for name in manifest["outputs"] if not name.startswith("reproduce/")} | {"reproduce/reproduce.sh"}
    assert {*named, "provenance.json"} - {"index.html"} <= links


def test_every_mode_has_a_name_in_both_languages():
    for lang in ("en", "fa"):
        assert {f"mode.{name}" for name in MODES} <= set(words(lang))


def parsed(**lines):
    settings = {
        "title": "Reach",
        "place": "boundary.geojson",
        "streets": "streets.osm.pbf",
        "zones": {"kind": "hexagons"},
        "population": {"raster": "people.tif"},
        "services": ["pharmacy", {"name": "wifi", "file": "wifi.geojson"}],
    }
    return Study.parse(yaml.safe_dump(settings | lines, allow_unicode=True))


def test_how_far_a_mode_goes_is_how_much_is_read():
    """Ten minutes at 2.4 km/h are 400 m; the catchment's half an hour at 4.8 km/h is 2,400 m."""
    study = parsed(
        modes=["walk", SLOW],
        cutoffs=["10 min", "500 m"],
        catchments=[COUNTED | {"decay": {"linear": "30 min"}, "modes": ["walk"]}],
        elevation="heights.tif",
    )
    walk, slow = study.modes
    assert (study.reach_of(walk), study.reach_of(slow), study.margin) == (2400, 500, 2400)
    assert study.widest(walk).label == "10 min"
    assert study.catchments_of(slow) == ()
    assert "heights.tif" in study.files


@pytest.mark.parametrize(
    ("catchment", "message"),
    [
        ({"services": ["hospital"]}, "medicine names the services hospital, but the study has pharmacy, wifi"),
        ({"modes": ["drive"]}, "medicine names the modes drive, but the study has walk"),
        ({"supply": "beds"}, "pharmacy comes from OpenStreetMap: write supply: count"),
        ({"decay": {}}, "catchments.0.decay: give exactly one of binary, stepped, linear, gaussian"),
        ({"decay": {"binary": "5 min", "linear": "5 min"}}, "give exactly one of"),
        ({"decay": {"binry": "5 min"}}, "catchments.0.decay.binry: unknown key; did you mean “binary”?"),
        ({"decay": {"stepped": {"10 min": 1, "500 m": 0.5}}}, "all in minutes or all in metres"),
        ({"decay": {"stepped": {"10 min": 1, "10.0 min": 0.5}}}, "one of the limits stands here twice"),
        ({"decay": {"stepped": {"5 min": 0.5, "10 min": 1}}}, "between 0 and 1 and never grow"),
        ({"decay": {"stepped": {"soon": 1}}}, "“soon” is not a cutoff"),
        ({"method": "2sfca", "decay": {"linear": "5 min"}}, "2sfca knows only within reach or not"),
        ({"method": "4sfca"}, "catchments.0.method: .*'2sfca'.*'4sfca'"),
    ],
)
def test_a_wrong_catchment_is_named_with_what_to_do(catchment, message):
    with pytest.raises(StudyError, match=message):
        parsed(catchments=[COUNTED | catchment])


def test_a_table_has_neither_layer_nor_id():
    with pytest.raises(StudyError, match="neither id nor layer"):
        parsed(services=[{"name": "jobs", "file": "cells.csv", "h3": "cell", "id": "cell"}])
