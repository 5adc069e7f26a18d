"""Whole studies: what comes out, that nothing is lost, and that the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml

from spatialjustice import study
from spatialjustice.study.run import demo_file, run
from spatialjustice.study.settings import Study
from tests.browsing import text_of_page

STUDIES = Path(__file__).parents[2] / "studies"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run, with the time stamp taken out of the two records."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found["provenance.json"])
    made, digest = manifest.pop("made"), hashlib.sha256(found["provenance.json"]).hexdigest()
    found["provenance.json"] = json.dumps(manifest).encode()
    crate = found["ro-crate-metadata.json"].decode()
    assert (crate.count(made), crate.count(digest)) == (2, 1)
    found["ro-crate-metadata.json"] = crate.replace(made, "").replace(digest, "").encode()
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return study.demo(out=tmp_path_factory.mktemp("demo") / "out")


def test_the_demo_leaves_everything_it_promises(demo):
    names = set(contents(demo.folder))
    assert {"index.html", "map.html", "provenance.json", "tables/zones.gpkg"} <= names
    manifest = json.loads((demo.folder / "provenance.json").read_text(encoding="utf-8"))
    assert set(manifest["outputs"]) == names - {"provenance.json", "ro-crate-metadata.json"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((demo.folder / name).read_bytes()).hexdigest() == digest
    streets = next(source for source in manifest["inputs"] if source["name"] == "streets")
    assert streets["data_date"] == "2019-04-21T09:50:14Z"
    assert streets["licence"].startswith("Open Database License")
    assert manifest["seed"] == Study.read(demo_file()).seed


def test_every_row_of_the_shares_sums_to_everybody(demo):
    parts = [column for column in demo.table("shares") if column.startswith("people_")]
    assert len(parts) == 7
    np.testing.assert_allclose(demo.table("shares")[parts].sum(axis=1), demo.people.sum(), rtol=1e-12)
    assert demo.table("shares")["share_within"].between(0, 1).all()
    # A larger cutoff never serves fewer people.
    wide = demo.table("shares").set_index(["service", "cutoff"])["share_within"].unstack()
    assert (wide["500 m"] >= wide["250 m"]).all()


def test_every_zone_has_a_status_and_a_value_that_agree(demo):
    for item in demo["reach"]:
        status, metres = item.status, item.metres
        assert status.notna().all()
        assert list(status.index) == list(demo.zones.index)
        assert metres[status == "ok"].le(500).all()
        assert metres[status == "beyond_cutoff"].gt(500).all()
        assert metres[status.isin(["unreachable", "off_network", "no_supply"])].isna().all()
        assert (demo.people[status == "no_population"] == 0).all()
        assert (item.counts["500_m"] >= item.counts["250_m"]).all()


def test_estimated_people_are_called_so_wherever_they_show(demo):
    assert "(estimated)" in demo.overview()
    assert "people_estimated" in pd.read_csv(demo.folder / "tables" / "zones.csv").columns
    for name in ("shares", "distribution"):
        assert set(pd.read_csv(demo.folder / "tables" / f"{name}.csv")["population"]) == {"estimated"}
    for name in ("map.html", "index.html"):
        assert "estimated" in (demo.folder / name).read_text(encoding="utf-8").lower()
    assert "برآورد" in text_of_page(demo.folder / "map.html")


def test_pages_ask_for_nothing_from_the_network(demo):
    for name in ("index.html", "map.html"):
        text = (demo.folder / name).read_text(encoding="utf-8")
        assert "<script src" not in text
        assert 'rel="stylesheet"' not in text


RUN = """
import sys
from pathlib import Path
from spatialjustice.study import run
run(sys.argv[1], out=Path(sys.argv[2]))
"""


def test_two_runs_in_two_processes_are_equal_to_the_byte(city, tmp_path):
    """This one, whatever its hash seed, and another."""
    run(city.study(), out=tmp_path / "here")
    command = [sys.executable, "-c", RUN, str(city.study()), str(tmp_path / "there")]
    subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "1"}, check=True)
    found = [contents(tmp_path / name) for name in ("here", "there")]
    assert found[0].keys() == found[1].keys()
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []


def test_a_seed_given_wins_and_is_recorded(city, tmp_path):
    results = run(city.study(), out=tmp_path / "out", rng=77)
    assert results.seed == json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))["seed"] == 77
    drawn = run(city.study(seed=None), out=tmp_path / "out")
    assert drawn.seed == json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))["seed"]


def test_the_synthetic_city_by_hand(city, tmp_path):
    """Streets form a 200 m grid; the pharmacy is at the south-west corner, so a walk is |dx| + |dy| along the grid.

    Zone z00 has its centre at (150, 150), 50 m from the streets x = 200 and y = 200. From (200, 150) it is 150 m south
    and 200 m west to the corner, with the 50 m to the street 400 m; the way over (150, 200) is as long.
    People: 144 cells with one person each, of which the 12 westernmost hold no data: 132. A zone has 9 cells; the four
    western zones lose 3 each and keep 6.
    """
    study_file = city.study(zones={"kind": "polygons", "file": "zones.gpkg", "id": "zone"})
    results = run(study_file, out=tmp_path / "out")
    west = [f"z{row * 4:02d}" for row in range(4)]
    np.testing.assert_allclose(results.people[west], 6)
    np.testing.assert_allclose(results.people.drop(west), 9)
    pharmacy = next(item for item in results["reach"] if item.service == "pharmacy")
    # Lengths are those on the ellipsoid; on the central meridian of UTM a metre of the map is 1 / 0.9996 m.
    assert pharmacy.metres["z00"] == pytest.approx(400 / 0.9996, abs=0.5)
    zones = pd.read_csv(tmp_path / "out" / "tables" / "zones.csv", index_col="zone_id")
    # The next zones, z01 and z04, are at least 50 + 150 + 400 m away.
    assert zones["pharmacy_walk_within_500_m"].pipe(lambda column: set(column[column > 0].index)) == {"z00"}
    assert zones.loc["z05", "pharmacy_walk_metres"] == pytest.approx(900 / 0.9996, abs=1)
    saved = gpd.read_file(tmp_path / "out" / "tables" / "zones.gpkg", layer="zones")
    assert saved["people"].sum() == pytest.approx(132)
    ledger = pd.read_csv(tmp_path / "out" / "tables" / "ledger.csv")
    np.testing.assert_allclose(ledger["before"], ledger["after"] + ledger["elsewhere"], rtol=1e-9)


def test_names_cannot_run_in_a_spreadsheet(city, tmp_path):
    run(city.study(), out=tmp_path / "out")
    services = pd.read_csv(tmp_path / "out" / "tables" / "services.csv")
    assert services.loc[services["service"] == "library", "name"].item() == "'=SUM(A1)<script>alert(1)</script>"


def test_groups_and_rank_give_their_rows(city, write_zones, tmp_path):
    """Ten people in each of sixteen zones, of whom six or four are women; income grows from zone to zone.

    Within 500 m of the pharmacy lies zone z00 alone, the poorest: 10 of 160 people, 6 of 80 women. The poorest 40 % are
    64 people, of whom 10 reach one pharmacy; the richest tenth, the zones z15 and the upper part of z14, reach none:
    the Palma ratio is 0.
    """
    write_zones(city.folder / "zones.gpkg", women=[6.0] * 8 + [4.0] * 8, income=range(16))
    study_file = city.study(
        zones={"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        population={"column": "people"},
        groups={"women": {"en": "Women", "fa": "زنان"}},
        rank_by="income",
    )
    results = run(study_file, out=tmp_path / "out")
    shares = results.table("shares").set_index(["service", "cutoff", "group"])
    assert shares.loc[("pharmacy", "500 m", "everybody"), "share_within"] == pytest.approx(10 / 160)
    assert shares.loc[("pharmacy", "500 m", "women"), "share_within"] == pytest.approx(6 / 80)
    assert set(results.table("shares")["group_title"]) == {"", "Women"}
    assert results.table("distribution").set_index("service").loc["pharmacy", "palma_within_500_m"] == 0
    assert "Women" in results.overview()
    text = (tmp_path / "out" / "provenance.json").read_text(encoding="utf-8")
    assert json.loads(text)["study"]["file"] == "study.yaml"


def test_people_of_other_polygons_are_shared_out_by_area(city, write_zones, tmp_path):
    """Sixteen tracts of 300 m with ten people fill the town; squares of 400 m on the town's own lines hold 160 in all.

    A square of 400 m in the south-west corner holds the first tract and thirds of its neighbours: 10 · (4/3)² people.
    """
    write_zones(city.folder / "zones.gpkg")
    population = {"column": "people", "file": "zones.gpkg"}
    results = run(city.study(zones={"kind": "squares", "size": 400}, population=population), out=tmp_path / "out")
    assert results.people.sum() == pytest.approx(160)
    assert "zones.gpkg" in {record.file for record in results.sources}
    full = results.zones["area"] > 400**2 - 1
    np.testing.assert_allclose(results.people[full], 10 * (4 / 3) ** 2, rtol=1e-6)


def test_people_of_unknown_rank_are_told(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", income=[np.nan] * 3 + [1.0] * 13)
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}
    results = run(city.study(zones=zones, population={"column": "people"}, rank_by="income"), out=tmp_path / "out")
    (finding,) = [finding for finding in results.findings if finding.code == "rank_unknown"]
    assert (finding.count, finding.people) == (3, 30)


def test_an_own_catalogue_is_traced(city, tmp_path):
    (city.folder / "own.yml").write_text("cornershop: {en: Corner, any: [{amenity: pharmacy}]}", encoding="utf-8")
    results = run(city.study(catalogue="own.yml", services=["cornershop"]), out=tmp_path / "out")
    assert "own.yml" in {record.file for record in results.sources}
    assert results.titles["cornershop"] == {"en": "Corner"}


def test_las_palmas_keeps_everybody(shared_data, tmp_path):
    """371,312 people are in the raster, as its publishers count them; every one is in a zone or named outside."""
    data = shared_data("las_palmas/las_palmas_20230221.osm.pbf").parents[1]
    # One mode, one service and no statistics: what is asked here is where the people are.
    settings = yaml.safe_load((STUDIES / "las_palmas.yaml").read_text(encoding="utf-8"))
    for name in ("catchments", "transit", "remedies"):
        del settings[name]
    settings |= {"modes": ["walk"], "cutoffs": ["500 m"], "services": ["library"], "measures": ["cost_to_closest"]}
    (tmp_path / "las_palmas.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    results = run(tmp_path / "las_palmas.yaml", data_dir=data, out=tmp_path / "out")
    population = next(entry for entry in results.ledger.entries if entry.step == "population")
    assert population.before == pytest.approx(371_312, abs=1)
    assert population.after + sum(value for _, value in population.elsewhere) == pytest.approx(371_312, abs=1)
    # The raster is that of the urban centre, which reaches into the neighbouring municipalities.
    assert [place for place, _ in population.elsewhere] == ["outside the zones"]
    assert not any(finding.code == "file_has_no_end_mark" for finding in results.findings), "its checksum is known"
    assert next(source.data_date for source in results.sources if source.name == "streets") == "2023-02-21T03:31:14Z"


def test_people_of_zones_outside_the_place_stay_in_the_ledger(city, tmp_path):
    """The place is cut to its western half: eight zones of ten people are inside, eight are outside."""
    west = gpd.read_file(city.folder / "zones.gpkg").iloc[[0, 1, 4, 5, 8, 9, 12, 13]].dissolve()
    west.to_crs(4326)[["geometry"]].to_file(city.folder / "boundary.geojson", driver="GeoJSON")
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}
    results = run(city.study(zones=zones, population={"column": "people"}), out=tmp_path / "out")
    entries = {entry.step: entry for entry in results.ledger.entries}
    assert (entries["population"].before, entries["population"].after) == (160, 80)
    assert entries["population"].elsewhere == (("outside the zones", 80.0),)
    assert entries["zones"].before == pytest.approx(16 * 300**2)
    assert entries["zones"].elsewhere[0][1] == pytest.approx(8 * 300**2)


def test_zones_of_unknown_population_are_not_called_empty(city, tmp_path, write_raster):
    """Three columns of cells without data fill the four western zones: nobody knows who lives there."""
    people = np.ones((12, 12), dtype="float32")
    people[:, :3] = -200
    people[:, 9:] = 0
    write_raster(city.folder / "people.tif", people=people)
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}
    results = run(city.study(zones=zones), out=tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "tables" / "zones.csv", index_col="zone_id")
    west, east = [f"z{row * 4:02d}" for row in range(4)], [f"z{row * 4 + 3:02d}" for row in range(4)]
    assert table.loc[west, "people"].isna().all()
    assert (table.loc[west, "pharmacy_walk_status"] == "population_unknown").all()
    assert (table.loc[east, "people"] == 0).all()
    assert (table.loc[east, "pharmacy_walk_status"] == "no_population").all()
    assert "zones_without_population_data" in {finding.code for finding in results.findings}
    assert results.people.sum() == 72


def test_porto_alegre_counts_everybody_and_every_job(shared_data, tmp_path):
    """The sums of the columns of the table, as any spreadsheet gives them: all cells are used, none is doubled."""
    data = shared_data("porto_alegre/poa_hexgrid.csv").parents[1]
    table = pd.read_csv(data / "porto_alegre" / "poa_hexgrid.csv")
    settings = yaml.safe_load((STUDIES / "porto_alegre.yaml").read_text(encoding="utf-8"))
    for name in ("catchments", "elevation", "transit"):
        del settings[name]
    del settings["credits"]["poa_elevation.tif"]
    settings |= {"modes": ["walk"], "measures": ["cost_to_closest"], "languages": ["en"]}
    settings["cutoffs"] = settings["cutoffs"]["walk"]
    (tmp_path / "porto_alegre.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    results = run(tmp_path / "porto_alegre.yaml", data_dir=data, out=tmp_path / "out")
    assert len(results.zones) == len(table)
    assert results.people.sum() == table["population"].sum()
    offers = results.services.groupby("service")["count"].sum()
    assert offers.to_dict() == table[["healthcare", "jobs", "schools"]].sum().to_dict()


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_study_of_the_project_can_be_read(path):
    assert Study.read(path).languages == ("en", "fa")
