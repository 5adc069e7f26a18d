"""The command line as its users meet it: exit status, and a message for every bad input."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from spatialjustice._core.disk.plain_yaml import plain_yaml
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import findings
from spatialjustice.cli import main
from spatialjustice.study import run, verify
from spatialjustice.study.outputs import index_page
from spatialjustice.study.settings import schema


def spatialjustice(*words: object, **options: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "spatialjustice", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_version_help_and_usage():
    assert spatialjustice("--version").stdout == "spatialjustice 0.1.0\n"
    assert spatialjustice("--help").returncode == 0
    assert spatialjustice().returncode == 2
    assert spatialjustice("fly").returncode == 2
    assert spatialjustice("run").returncode == 2
    assert spatialjustice("demo", "--seed", "-1").returncode == 2


def test_a_good_study_runs_and_says_where_the_map_is(city, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", str(city.study()), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "pharmacy" in said.out
    assert f"Open {out / 'index.html'}" in said.out
    assert (out / "map.html").exists()


def test_settings_come_from_a_mapping_or_a_pipe_as_from_a_file(city, tmp_path, capsys, monkeypatch):
    """The same tables to the byte; paths may be texts; files are named from the working folder."""
    file = city.study()
    run(file, out=str(tmp_path / "file"))
    monkeypatch.chdir(city.folder)
    settings = {**plain_yaml(file.read_text(encoding="utf-8")), "name": "mapped"}
    run({**settings, "place": Path(settings["place"])}, out=str(tmp_path / "mapping"), data_dir=str(city.folder))
    monkeypatch.setattr(sys, "stdin", io.StringIO(file.read_text(encoding="utf-8")))
    assert main(["run", "-", "--out", str(tmp_path / "pipe"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["format"], said["command"], said["status"]) == (1, "run", "done")
    tables = {path.name: path.read_bytes() for path in (tmp_path / "file" / "tables").glob("*.csv")}
    assert {"zones.csv", "shares.csv"} <= set(tables)
    for folder in ("mapping", "pipe"):
        assert {path.name: path.read_bytes() for path in (tmp_path / folder / "tables").glob("*.csv")} == tables
        assert not [one for one in verify(str(tmp_path / folder)) if one.severity == "warning"]


def test_a_frame_among_the_settings_is_refused_by_its_name():
    frame = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=4326)
    with pytest.raises(InputError, match=r"services\[0\]\.file: it is a GeoDataFrame") as caught:
        run({"title": "A", "services": [{"name": "wifi", "file": frame}]})
    assert "to_parquet" in caught.value.advice
    with pytest.raises(InputError, match=r"^settings: 3 settings cannot be used"):
        run({"title": "A"})


@pytest.mark.parametrize("words", [["run", "nowhere.yaml"], ["check", "nowhere.yaml"], ["verify", "nowhere"]])
def test_what_stops_a_command_is_json_too(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["command"]) == ("stopped", words[0])
    assert {"kind", "input", "found", "advice", "message"} == set(said["error"])
    assert "nowhere" in said["error"]["message"]
    assert said["error"]["advice"]


def test_verify_tells_programs_what_it_found(city, tmp_path, capsys):
    out = tmp_path / "out"
    run(city.study(), out=out)
    assert main(["verify", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True
    (out / "tables" / "zones.csv").write_text("spoiled")
    assert main(["verify", str(out), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["same"], said["status"]) == (False, "done")
    assert any("zones.csv" in one["message"] for one in said["findings"])


def test_check_computes_nothing_and_writes_nothing(city, capsys, monkeypatch):
    monkeypatch.chdir(city.folder)
    before = set(city.folder.rglob("*"))
    assert main(["check", str(city.study())]) == 0
    said = capsys.readouterr().out
    assert "the settings can be used" in said
    assert "streets.osm.pbf" in said
    assert set(city.folder.rglob("*")) - before == {city.folder / "study.yaml"}


def test_check_tells_findings_with_severity_and_code_and_as_json(city, capsys):
    """The synthetic extract holds no relation, so that nobody can tell whether it was cut off."""
    assert main(["check", str(city.study())]) == 0
    assert "warning file_has_no_end_mark: streets.osm.pbf was read to its end" in capsys.readouterr().out
    assert main(["check", str(city.study()), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"streets.osm.pbf", "people.tif", "boundary.geojson"} <= {record["file"] for record in said["inputs"]}
    (finding,) = [one for one in said["findings"] if one["code"] == "file_has_no_end_mark"]
    assert finding["severity"] == "warning"
    assert "Compare its size" in finding["advice"]
    assert {one["code"] for one in said["findings"]} <= set(findings())


def refused(city, tmp_path, capsys, **changes) -> str:
    """Run a changed study; it must end with status 1, one message without a traceback, and nothing written."""
    out = tmp_path / "out"
    assert main(["run", str(city.study(**changes)), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.count("spatialjustice: ") == 1
    assert not out.exists()
    return said.split("spatialjustice: ", 1)[1]


POLYGONS = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}


def rewritten(city, **changes):
    """Write the zones anew with another CRS, geometry or column."""
    path = city.folder / "zones.gpkg"
    frame = gpd.read_file(path)
    path.unlink()
    crs = changes.pop("crs", frame.crs)
    geometry = changes.pop("geometry", None)
    if geometry is not None:
        frame.loc[frame.index[2], "geometry"] = geometry
    frame = (
        frame.set_crs(crs, allow_override=True)
        if crs
        else gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=frame.geometry.array, crs=None)
    )
    for name, value in changes.items():
        frame.loc[frame.index[2], name] = value
    frame.to_file(path, driver="GPKG")


def test_missing_crs(city, tmp_path, capsys):
    shapes = gpd.read_file(city.folder / "zones.gpkg")
    shapes.to_file(city.folder / "zones.shp")
    (city.folder / "zones.prj").unlink()
    zones = {"kind": "polygons", "file": "zones.shp", "id": "zone"}
    said = refused(city, tmp_path, capsys, zones=zones, population={"column": "people"})
    assert "zones.shp comes without its .prj file" in said


def test_wrong_crs(city, tmp_path, capsys):
    rewritten(city, crs=32639)
    assert "outside the place" in refused(city, tmp_path, capsys, **POLYGONS)


def test_latitude_and_longitude_swapped(city, tmp_path, capsys):
    points = gpd.GeoDataFrame(geometry=[Point(50.015, 9.003), Point(50.02, 9.01)], crs=4326)
    points.to_file(city.folder / "wifi.geojson")
    said = refused(city, tmp_path, capsys, services=[{"name": "wifi", "file": "wifi.geojson"}])
    assert "Latitude and longitude are swapped" in said


BOWTIE = Polygon([(500_000, 5_540_000), (500_300, 5_540_300), (500_300, 5_540_000), (500_000, 5_540_300)])


@pytest.mark.parametrize(
    ("geometry", "message"),
    [(BOWTIE, "invalid shape"), (Polygon(), "empty geometry|no geometry"), (None, "no geometry")],
)
def test_bad_geometry(city, tmp_path, capsys, geometry, message):
    frame = gpd.read_file(city.folder / "zones.gpkg")
    (city.folder / "zones.gpkg").unlink()
    shapes = list(frame.geometry)
    shapes[2] = geometry
    frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)).to_file(city.folder / "zones.gpkg", driver="GPKG")
    said = refused(city, tmp_path, capsys, **POLYGONS)
    assert any(part in said for part in message.split("|"))
    assert "z02" in said


@pytest.mark.parametrize(("people", "message"), [(-5.0, "negative"), (np.nan, "missing")])
def test_negative_or_missing_people(city, tmp_path, capsys, people, message):
    rewritten(city, people=people)
    said = refused(city, tmp_path, capsys, **POLYGONS)
    assert message in said
    assert "z02" in said


def test_zero_people_only(city, tmp_path, capsys, write_zones):
    write_zones(city.folder / "zones.gpkg", people=0.0)
    assert "people: all values are zero" in refused(city, tmp_path, capsys, **POLYGONS)


def test_two_zones_with_one_id(city, tmp_path, capsys):
    rewritten(city, zone="z01")
    said = refused(city, tmp_path, capsys, **POLYGONS)
    assert "occur more than once (z01)" in said


def test_raster_without_declared_nodata(city, tmp_path, capsys, write_raster):
    write_raster(city.folder / "people.tif", nodata=None)
    said = refused(city, tmp_path, capsys)
    assert "-200" in said
    assert "nodata" in said


def test_nodata_can_be_given(city, tmp_path, write_raster):
    write_raster(city.folder / "people.tif", nodata=None)
    study = city.study(population={"raster": "people.tif", "nodata": -200})
    assert main(["run", str(study), "--out", str(tmp_path / "out")]) == 0


def test_raster_of_another_place(city, tmp_path, capsys, write_raster):
    write_raster(city.folder / "people.tif", crs=32633)
    assert "people.tif covers none of the zones" in refused(city, tmp_path, capsys)


def test_raster_in_another_crs_keeps_everybody(city, tmp_path):
    import rasterio
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    from spatialjustice.study.run import run

    with rasterio.open(city.folder / "people.tif") as source:
        transform, width, height = calculate_default_transform(
            source.crs, "ESRI:54009", source.width, source.height, *source.bounds
        )
        people = np.zeros((height, width), dtype="float32")
        reproject(
            source.read(1), people, src_transform=source.transform, src_crs=source.crs, src_nodata=-200,
            dst_transform=transform, dst_crs="ESRI:54009", dst_nodata=-200, resampling=Resampling.sum,
        )  # fmt: skip
    profile = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "float32", "nodata": -200}
    with rasterio.open(city.folder / "people.tif", "w", crs="ESRI:54009", transform=transform, **profile) as raster:
        raster.write(people, 1)
    results = run(city.study(), out=tmp_path / "out")
    before = float(people[people != -200].sum())
    entry = next(entry for entry in results.ledger.entries if entry.step == "population")
    assert entry.before == pytest.approx(before, rel=1e-6)


def test_truncated_pbf(city, tmp_path, capsys):
    path = city.folder / "streets.osm.pbf"
    path.write_bytes(path.read_bytes()[:-200])
    said = refused(city, tmp_path, capsys)
    assert "streets.osm.pbf" in said
    assert "cannot be read to its end" in said


def test_a_file_cut_between_blocks_is_a_warning(city, tmp_path, capsys):
    """PBF has no end mark: the file of another source may be cut there, and the run says that it cannot know."""
    assert main(["run", str(city.study()), "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    findings = (tmp_path / "out" / "tables" / "findings.csv").read_text(encoding="utf-8")
    assert "file_has_no_end_mark" in findings


def test_a_registered_file_that_was_cut_is_refused(shared_data, tmp_path, capsys):
    """Cut exactly at a block's border the file reads without an error; the registry knows its size and checksum."""
    data = tmp_path / "data" / "las_palmas"
    data.mkdir(parents=True)
    for name in ("municipality.geojson", "ghs_pop_2015_100m.tif", "las_palmas_20230221.osm.pbf"):
        whole = shared_data(f"las_palmas/{name}").read_bytes()
        # The last block begins where its header, "OSMData" behind four bytes of length, is found for the last time.
        border = whole.rfind(b"\x07OSMData") - 5
        (data / name).write_bytes(whole[:border] if border > 0 else whole)
    study = Path(__file__).parents[2] / "studies" / "las_palmas.yaml"
    assert main(["run", str(study), "--data-dir", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "las_palmas_20230221.osm.pbf" in said
    assert "sha256" in said
    assert not (tmp_path / "out").exists()


def test_a_group_larger_than_the_people(city, tmp_path, capsys, write_zones):
    write_zones(city.folder / "zones.gpkg", women=[20.0] * 2 + [5.0] * 14)
    said = refused(city, tmp_path, capsys, groups={"women": "Women"}, **POLYGONS)
    assert "in 2 zones the group has more people than live there (z00, z01)" in said


def test_a_rank_that_is_no_number(city, tmp_path, capsys, write_zones):
    write_zones(city.folder / "zones.gpkg", income=["low"] * 16)
    assert "does not hold numbers, but 'low'" in refused(city, tmp_path, capsys, rank_by="income", **POLYGONS)


def test_zones_whose_columns_are_called_like_results(city, tmp_path, write_zones):
    write_zones(city.folder / "zones.gpkg", zone_id=range(16), Pharmacy_Walk_Metres=1.0, note="kept")
    study = city.study(zones={"kind": "polygons", "file": "zones.gpkg"}, population={"column": "people"})
    assert main(["run", str(study), "--out", str(tmp_path / "out")]) == 0
    saved = gpd.read_file(tmp_path / "out" / "tables" / "zones.gpkg", layer="zones")
    assert saved["pharmacy_walk_metres"].gt(1).all()
    assert (saved["note"] == "kept").all()


def test_no_street_in_the_place(city, tmp_path, capsys, write_raster):
    """The place is a field beside the town, with people in a raster but without a street."""
    west = gpd.GeoSeries([box(490_000, 5_540_000, 491_200, 5_541_200)], crs=32632)
    west.to_crs(4326).to_file(city.folder / "boundary.geojson", driver="GeoJSON")
    write_raster(city.folder / "people.tif", west=490_000)
    point = gpd.GeoSeries([Point(490_600, 5_540_600)], crs=32632)
    point.to_crs(4326).to_file(city.folder / "wifi.geojson", driver="GeoJSON")
    said = refused(city, tmp_path, capsys, services=[{"name": "wifi", "file": "wifi.geojson"}])
    assert "none of the 14 streets of streets.osm.pbf lies in the place" in said


def test_a_service_nobody_has_mapped_is_a_finding(city, tmp_path, capsys):
    study = city.study(services=["pharmacy", "hospital"])
    assert main(["run", str(study), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "hospital" in said.err
    findings = (tmp_path / "out" / "tables" / "findings.csv").read_text(encoding="utf-8")
    assert "service_not_mapped" in findings
    assert "not mapped" in said.out
    shares = pd.read_csv(tmp_path / "out" / "tables" / "shares.csv").set_index("service")
    assert (shares.loc["hospital", "people_no_supply"] == 132).all()
    assert shares.loc["hospital", "share_within"].isna().all()
    spread = pd.read_csv(tmp_path / "out" / "tables" / "distribution.csv").set_index("service")
    assert np.isnan(spread.loc["hospital", "mean_within_500_m"])


def test_a_service_with_an_unknown_name(city, tmp_path, capsys):
    said = refused(city, tmp_path, capsys, services=["libary"])
    assert "libary" in said
    assert "library" in said


def test_facilities_outside_the_place_are_a_finding(city, tmp_path):
    inside, outside = gpd.GeoSeries.from_xy([500_400, 507_000], [5_540_400, 5_540_400], crs=32632).to_crs(4326)
    gpd.GeoDataFrame(geometry=[inside, outside], crs=4326).to_file(city.folder / "wifi.geojson")
    study = city.study(services=[{"name": "wifi", "file": "wifi.geojson"}])
    assert main(["run", str(study), "--out", str(tmp_path / "out")]) == 0
    assert "services_outside_place" in (tmp_path / "out" / "tables" / "findings.csv").read_text(encoding="utf-8")


def test_a_typo_in_the_study(city, tmp_path, capsys):
    assert "did you mean “services”?" in refused(city, tmp_path, capsys, servces=["library"])


def test_a_missing_file_is_told_with_the_places_looked_in(city, tmp_path, capsys):
    said = refused(city, tmp_path, capsys, place="nowhere.geojson")
    assert "nowhere.geojson" in said
    assert str(city.folder) in said


def test_an_output_folder_that_is_a_file(city, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert main(["run", str(city.study()), "--out", str(tmp_path / "out")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_full_disk(city, tmp_path, capsys):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        assert main(["run", str(city.study()), "--out", str(disk / "out")]) == 1
        said = capsys.readouterr().err
        assert "disk is full" in said or "Is the disk full?" in said
        assert not (disk / "out").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_control_c_changes_nothing(city, tmp_path, capsys, monkeypatch):
    """The signal comes when tables and maps are written and only the index is missing, however fast the machine is."""
    out, page = tmp_path / "out", index_page.index
    assert main(["run", str(city.study()), "--out", str(out)]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()

    def stopped(*arguments, **words):
        os.kill(os.getpid(), signal.SIGINT)
        return page(*arguments, **words)

    monkeypatch.setattr(index_page, "index", stopped)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(["run", str(city.study()), "--out", str(out), "--fresh"]) == 130
    finally:
        signal.signal(signal.SIGINT, usual)
    said = capsys.readouterr().err
    assert "stopped; nothing was changed" in said
    assert "Traceback" not in said
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert not list(out.glob(".unfinished-*"))


def test_debug_shows_the_traceback(city, tmp_path):
    done = spatialjustice("run", city.study(servces=[]), "--out", tmp_path / "out", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_terminal_that_lacks_letters_still_shows_all(encoding):
    """Arrows in the schema, as on Windows or in a pipe without UTF-8; test_console does the same to a whole run."""
    done = spatialjustice("schema", env=os.environ | {"PYTHONIOENCODING": encoding}, encoding=encoding)
    assert json.loads(done.stdout) == schema()


def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m spatialjustice schema | head -n 1"
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr
