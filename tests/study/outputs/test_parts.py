"""A place in parts: the table square by square and a page for each district say what one table and one page say."""

import json
import re
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice import study
from spatialjustice._core.errors import MissingFileError, StudyError
from spatialjustice.study import reproduce, run, verify
from spatialjustice.study.outputs import index_page
from spatialjustice.study.outputs.record import archive as packing
from spatialjustice.study.outputs.tables import zone_table

UTM, WEST, SOUTH = 32632, 500_000.0, 5_540_000.0
SIDE, COUNT = 150.0, 8


def zones_of_city():
    """Return 64 squares in four districts, one of them with a name in Persian alone, some without a district."""
    column, row = np.divmod(np.arange(COUNT * COUNT), COUNT)
    shapes = [
        box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + 1), SOUTH + SIDE * (y + 1))
        for x, y in zip(column, row, strict=True)
    ]
    names = np.array(["North shore", "شرق", "Old town", None], dtype=object)
    district = names[2 * (column // 4) + row // 4]
    return gpd.GeoDataFrame(
        {
            "zone": [f"z{number:02d}" for number in range(COUNT * COUNT)],
            "people": np.arange(COUNT * COUNT) % 7 * 1.25,
            "district": district,
            "district_fa": [{"Old town": "شهر کهنه"}.get(name) for name in district],
        },
        geometry=shapes,
        crs=UTM,
    ).to_crs(4326)


@pytest.fixture(scope="module")
def studies(tmp_path_factory, city_once):
    """Return the study of one table and one page, the same in parts, and the folder of their data."""
    folder = tmp_path_factory.mktemp("parts")
    shutil.copytree(city_once.folder, folder / "data")
    zones = zones_of_city()
    (folder / "data" / "zones").mkdir()
    # Parts that are no tiles and no districts: rows of squares.
    for number, rows in enumerate(np.array_split(np.arange(len(zones)), 5)):
        path = folder / "data" / "zones" / f"part{number}.parquet"
        zones.iloc[rows].to_parquet(path, index=False, write_covering_bbox=True, row_group_size=5)
    common = {
        "title": "Synthetic city",
        "zones": {"kind": "polygons", "file": "zones", "id": "zone"},
        "population": {"column": "people"},
        "districts": {"name": "district", "name_fa": "district_fa"},
        "measures": ["cost_to_closest", "cumulative_cutoff"],
        "inequality": {},
        "takeaway": [],
        "languages": ["en", "fa"],
        "seed": 3,
    }
    whole = folder / "data" / "whole.yaml"
    parts = folder / "data" / "parts.yaml"
    settings = {key: city_once.settings[key] for key in ("place", "streets", "services", "cutoffs")} | common
    whole.write_text(json.dumps(settings), encoding="utf-8")
    changed = {
        "zones": {**common["zones"], "in_parts": True},
        "districts": {**common["districts"], "pages": True},
        "partition": {"tile_size": 400},
    }
    parts.write_text(json.dumps(settings | changed), encoding="utf-8")
    return whole, parts, folder


def stop(*_, **__):
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def results(studies):
    """Return the results of both; the run in parts was stopped when all parts were written, and went on."""
    whole, parts, folder = studies
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(index_page, "index", stop)
        with pytest.raises(KeyboardInterrupt):
            run(parts, out=folder / "parts")
    assert not (folder / "parts" / "map.html").exists()
    return run(whole, out=folder / "whole"), run(parts, out=folder / "parts")


def in_parts(folder):
    """Read all files of the table of zones as one, as a reader would."""
    files = sorted((folder / "tables" / "zones").glob("*.parquet"))
    return len(files), pd.concat([gpd.read_parquet(path) for path in files]).sort_values("row_number")


def test_the_rows_of_all_files_are_those_of_the_whole_table(results):
    one, many = results
    count, read = in_parts(many.folder)
    assert count == 9
    expected = zone_table(one).reset_index()
    read = read.reset_index(drop=True)
    assert read["row_number"].tolist() == list(range(COUNT * COUNT))
    assert set(read.columns) - {"row_number"} == set(expected.columns)
    for name in expected.columns:
        if name == "geometry":
            assert read.geometry.geom_equals_exact(expected.geometry, 0.0).all()
            assert read.crs == expected.crs
        elif pd.api.types.is_numeric_dtype(expected[name]):
            np.testing.assert_array_equal(read[name].to_numpy(dtype=float), expected[name].to_numpy(dtype=float))
        else:
            assert read[name].fillna("–").tolist() == expected[name].fillna("–").tolist(), name
    assert not (many.folder / "tables" / "zones.csv").exists()
    assert not (many.folder / "tables" / "zones.gpkg").exists()


def test_all_other_tables_are_the_same_bytes(results):
    one, many = (each.folder / "tables" for each in results)
    names = {path.name for path in one.glob("*.csv")} - {"zones.csv", "ledger.csv", "findings.csv"}
    assert len(names) > 6
    for name in names:
        assert (one / name).read_bytes() == (many / name).read_bytes(), name


def test_a_run_in_parts_is_compared_packed_and_done_again(results, studies, tmp_path, monkeypatch):
    """Its zones are a folder: known by one checksum, packed file by file, and found again in the archive."""
    _, many = results
    data = tmp_path / "data"
    shutil.copytree(studies[2] / "data", data)
    assert [one for one in verify(many.folder, data_dir=data) if one.severity == "warning"] == []
    assert [one.code for one in verify(many.folder, data_dir=data) if "zones" in one.message] == []
    monkeypatch.setattr(packing, "HANDED_ON", re.compile(""))  # the files of this city are anybody's
    made = packing.archive(many.folder, tmp_path / "study.zip", data_dir=data)
    assert "zones" in made.packed
    with zipfile.ZipFile(made.path) as packed:
        packed.extractall(tmp_path / "unpacked")
    held = tmp_path / "unpacked" / "inputs" / "zones"
    assert {path.name: path.read_bytes() for path in held.iterdir()} == {
        path.name: path.read_bytes() for path in (data / "zones").iterdir()
    }
    again = reproduce(tmp_path / "unpacked", here=True)
    assert again.same, str(again)
    assert again.files > len(list((many.folder / "tables" / "zones").iterdir()))
    (held / "part0.parquet").rename(held / "part9.parquet")
    with pytest.raises(MissingFileError, match="zones"):
        reproduce(tmp_path / "unpacked", here=True)
    (data / "zones" / "part0.parquet").unlink()
    (told,) = (one for one in verify(many.folder, data_dir=data) if one.severity == "warning")
    assert told.message == "zones is not the folder that the run read."


def test_a_file_of_a_square_holds_only_its_zones(results):
    _, many = results
    for path in (many.folder / "tables" / "zones").glob("*.parquet"):
        column, row = map(int, re.fullmatch(r"tile=0_(-?\d+)_(-?\d+)\.parquet", path.name).groups())
        read = gpd.read_parquet(path)
        x, y = read.geometry.centroid.x, read.geometry.centroid.y
        assert (np.floor(x / 400) == column).all()
        assert (np.floor(y / 400) == row).all()
        covered = pd.DataFrame(pd.read_parquet(path)["bbox"].tolist())[["xmin", "ymin", "xmax", "ymax"]]
        np.testing.assert_array_equal(covered.to_numpy(), read.bounds.to_numpy())


def data_of(path, name):
    """Return the data of that name in a page."""
    found = re.search(
        rf'<script type="application/json" id="{name}">(.*?)</script>', path.read_text("utf-8"), re.DOTALL
    )
    return json.loads(found[1])


def test_the_map_of_all_districts(results):
    """It has an area for each, the share of all its people, and the way to its page; and stays light."""
    one, many = results
    page = many.folder / "map.html"
    text = page.read_text("utf-8")
    linked = re.findall(r'href="(districts/[^"]+)"', text)
    names = ["1_north_shore", "2_old_town", "3", "4_outside_all_districts"]
    assert linked == [f"districts/{name}.html" for name in names]
    assert all((many.folder / name).is_file() for name in linked)
    assert json.dumps("شهر کهنه").strip(chr(34)) in text
    assert page.stat().st_size < 800_000
    said = data_of(page, "report-data")["indicators"]["library_metres"]
    shares = one.table("shares")
    row = shares[(shares["service"] == "library") & (shares["cutoff"] == "1000 m")].iloc[0]
    assert said["mean"] == pytest.approx(100 * row["share_within"], abs=0.06)
    assert said["people"] == pytest.approx(row["people"], abs=0.051)


def test_the_page_of_a_district(results):
    """Its people are those of its row in the table of districts, and those of all pages are everybody."""
    _, many = results
    districts = many.table("districts")
    rows = districts[(districts["service"] == "library")].set_index("district")
    seen = 0.0
    for path, name in zip(
        sorted((many.folder / "districts").glob("*.html")),
        ["North shore", "Old town", "شرق", "outside all districts"],
        strict=True,
    ):
        said = data_of(path, "report-data")["indicators"]["library_metres"]
        assert said["people"] == pytest.approx(rows["people"][name], abs=0.051)
        assert f"{rows['people_beyond'][name]:,.0f}" in path.read_text("utf-8")
        assert 'href="../map.html"' in path.read_text("utf-8")
        seen += said["people"]
    assert seen == pytest.approx(float(many.people.sum()), abs=0.21)


def test_every_part_is_verified(results, tmp_path):
    _, many = results
    copy = shutil.copytree(many.folder, tmp_path / "copy")
    assert verify(copy) == []
    path = sorted((copy / "tables" / "zones").iterdir())[3]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (copy / "districts" / "3.html").unlink()
    said = [one.message for one in verify(copy) if one.severity == "warning"]
    assert any(path.name in one for one in said)
    assert any("3.html is missing" in one for one in said)


def test_a_stopped_run_goes_on_with_the_parts_it_has(results):
    _, many = results
    count, _ = in_parts(many.folder)
    assert f"tables/zones ({count} files)" in many.skipped
    assert "districts (4 pages)" in many.skipped


def test_two_runs_are_compared_whichever_way_they_are_written(results, tmp_path):
    one, many = (each.folder for each in results)
    found = study.compare([one, many], out=tmp_path / "compared")
    table = found.tables["cities"]
    assert len(table) > 0
    sides = [rows["value"].to_numpy() for _, rows in table.groupby("city", sort=False)]
    np.testing.assert_array_equal(*sides)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"partition": None}, "part by part: set partition"),
        ({"measures": ["local_moran"]}, "does not go with “space”"),
        ({"place": None}, "in_parts do not know their place"),
        ({"population": {"raster": "people.tif"}}, "take their people from a column"),
        ({"what_if": True}, "the pages of districts"),
    ],
    ids=["partition", "space", "place", "people", "what_if"],
)
def test_what_does_not_go_with_parts_is_told(studies, changes, said):
    settings = json.loads(studies[1].read_text(encoding="utf-8")) | changes
    with pytest.raises(StudyError, match=said):
        study.Study.parse(json.dumps({key: value for key, value in settings.items() if value is not None}))
