# ruff: noqa: RUF001 (Persian letters and digits are meant)
"""Cities side by side at the command line: one table of cells, one of cities, finished runs; files, page, refusals."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import study
from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice.cli import main
from spatialjustice.study.comparing import rules
from tests.browsing import plain_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Synthetic: 12 cities of 36 cells on a grid of 500 m, four of them large and far; one name lost its letters."""
    folder = tmp_path_factory.mktemp("compare")
    generator = np.random.default_rng(1)
    rows, cities = [], []
    for number in range(12):
        large = number < 4
        across, up = np.meshgrid(np.arange(6), np.arange(6))
        metres = generator.normal(1500 if large else 700, 120, size=36).clip(100, 1600).round()
        people = generator.integers(10, 60, size=36)
        rows.append(
            pd.DataFrame(
                {
                    "city": number + 100, "lng": 50 + number + across.ravel() * 0.0055,
                    "lat": 35 + up.ravel() * 0.0045, "metres": metres, "people": people,
                }
            )
        )  # fmt: skip
        name = "????" if number == 11 else f"Town {number}"
        cities.append({"city": number + 100, "name": name, "country": "Nowhere", "all": 600_000 if large else 90_000})
    pd.concat(rows).to_parquet(folder / "cells.parquet", index=False)
    pd.DataFrame(cities).to_csv(folder / "cities.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def made(folder):
    return [
        *("compare", str(folder / "cells.parquet"), "--city", "city", "--values", "metres", "--people", "people"),
        *("--about", str(folder / "cities.csv"), "--whole", "all", "--cutoff", "1000", "--cut-at", "1600"),
        *("--unit", "metres", "--title", "metres=Way to school|راه تا مدرسه", "--out", str(folder / "out"), "--json"),
    ]


@pytest.fixture(scope="module")
def told(made):
    from contextlib import redirect_stdout
    from io import StringIO

    said = StringIO()
    with redirect_stdout(said):
        assert main(made) == 0
    return json.loads(said.getvalue())


def table(folder, name):
    return pd.read_csv(folder / "out" / "tables" / f"{name}.csv")


def test_classes_are_those_of_the_whole_city_and_their_means_those_of_pandas(told, folder):
    cells, cities = pd.read_parquet(folder / "cells.parquet"), pd.read_csv(folder / "cities.csv").set_index("city")
    rows = table(folder, "classes").set_index(["class", "measure"])
    large = cells["city"].map(cities["all"]) > 500_000
    for name, mine in {"metropolitan": large, "small": ~large}.items():
        mean = np.average(cells.loc[mine, "metres"], weights=cells.loc[mine, "people"])
        assert rows.loc[(name, "mean"), "mean"] == pytest.approx(mean, abs=1e-4)
        beyond = cells["people"][mine & (cells["metres"] > 1000)].sum() / cells["people"][mine].sum()
        assert rows.loc[(name, "share_beyond"), "mean"] == pytest.approx(beyond, abs=1e-6)
    assert rows.loc[("metropolitan", "mean"), "bound"] == "at least"
    assert rows.loc[("small", "mean"), "bound"] == "exact"
    assert rows.loc[("metropolitan", "mean"), "difference_low"] > 0
    assert {row["class"] for row in told["classes"]} == {"small", "metropolitan", "all cities"}


def test_levels_add_up_and_no_person_is_lost(told, folder):
    levels = table(folder, "levels").set_index("part")["value"]
    assert levels.drop("total").sum() == pytest.approx(levels["total"], abs=1e-5)
    cities = table(folder, "cities")
    cities = cities[cities["measure"] == "mean"]
    cells = pd.read_parquet(folder / "cells.parquet")
    assert cities["people"].sum() + cities["people_left_out"].sum() == cells["people"].sum()
    assert told["cities"][11]["label"] == "city 111 (Nowhere)"
    # Nine squares of 1,000 m in each city: too few for a place.
    assert cities["blocks"].unique().tolist() == [9]
    assert cities["rank"].isna().all()
    codes = {one["code"] for one in told["findings"]}
    assert {"city_names_lost_letters", "values_cut", "cells_hold_fewer_people", "cities_with_few_cells"} <= codes


@pytest.mark.usefixtures("told")
def test_the_page_says_first_who_is_worse_off_in_both_languages(folder):
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert page.isascii()
    text = plain_text(page)
    for said in (
        "Way to school: at least 1,4", "more than in all other cities", "Town 3",
        "راه تا مدرسه: در شهرهای بزرگ به‌طور میانگین دست‌کم ۱٬۴",
        "metropolitan (500,000 to 1,500,000 people)", "کوچک (۵۰٬۰۰۰ تا ۲۰۰٬۰۰۰ نفر)", "city 111 (Nowhere)",
        "values were cut at 1,600 m", "It rests on too few cells for a place among the others.",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.usefixtures("told")
def test_the_record_is_whole_and_the_same_call_gives_the_same_bytes(folder):
    assert study.verify(folder / "out") == []
    record = json.loads((folder / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert record["settings"]["classes"]["metropolitan"] == 500_000
    assert record["settings"]["rules"]["metres"]["cut_at"] == 1600
    assert {one["file"] for one in record["inputs"]} == {"cells.parquet", "cities.csv"}
    again = study.compare(
        folder / "cells.parquet", city="city", values="metres", people="people", about=folder / "cities.csv",
        whole="all", cutoff=1000, cut_at=1600, unit="metres",
    )  # fmt: skip
    assert again.folder is None
    assert again.tables["measures"].round(6)["high"].tolist() == table(folder, "measures")["high"].tolist()
    assert "warning values_cut" in str(again)


def test_a_table_of_cities_has_ranks_without_ranges_and_says_nothing_of_what_lies_within(folder):
    frame = pd.read_csv(folder / "cities.csv").assign(metres=np.arange(12) * 100 + 100)
    frame.to_csv(folder / "each.csv", index=False)
    found = study.compare(folder / "each.csv", city="city", values=["metres"], people="all", unit="metres")
    cities = found.tables["cities"].set_index("city")
    assert cities.loc["111", "rank"] == 1
    assert cities["rank_low"].isna().all()
    levels = found.tables["levels"].set_index("part")
    assert np.isnan(levels.loc["within cities", "value"])
    # Four cities of 600,000 with 100 to 400 m, eight of 90,000 with 500 to 1,200 m.
    assert found.tables["classes"].set_index("class")["mean"].to_dict() == pytest.approx(
        {"small": 850, "metropolitan": 250, "all cities": (250 * 4 * 6 + 850 * 8 * 0.9) / (4 * 6 + 8 * 0.9)}
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cells.parquet"], "city: a table says not by itself which column it is"),
        (["cells.parquet", "--city", "town", "--values", "metres"], "has no column 'town'"),
        (["cells.parquet", "cities.csv"], "is no folder of a run"),
        (["."], "compared: there is one run"),
        (["nowhere"], "nowhere: it is not there. Name folders of finished runs, or one table."),
        (["cities.csv", "--city", "city", "--values", "all", "--people", "name"], "name: the values are not numbers"),
        (["cells.parquet", "--city", "city", "--values", "metres", "--title", "metres"], "title: it is 'metres'"),
        (["cells.parquet", "--city", "city", "--values", "metres", "--title", "way=Way"], "titles: 'way' is no column"),
    ],
    ids=["city", "column", "tables", "one", "nowhere", "text", "untitled", "stranger"],
)
def test_what_cannot_be_compared_is_refused_and_nothing_is_written(folder, words, said, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["compare", *words, "--out", "none"]) == 1
    assert said in capsys.readouterr().err
    assert not (folder / "none").exists()


def settings(**changes):
    """Settings of a study as its record has them."""
    return {
        "streets": "Town.osm.pbf", "zones": {"kind": "hexagons", "resolution": 10}, "population": {"raster": "a.tif"},
        "services": ["school"], "modes": [{"name": "walk", "key": "walk", "slopes": True}],
        "cutoffs": [{"value": 500.0, "unit": "m"}, {"value": 1000.0, "unit": "m"}], "snap_limit": 500.0, **changes,
    }  # fmt: skip


def record(version="0.1.0", **changes):
    return {"settings": settings(**changes), "versions": {"spatialjustice": version}, "inputs": []}


ZONES = pd.DataFrame({"school_walk_metres": [1.0], "digital_divide_index": [0.5]})
DIGITAL = {"digital": {"index": {"method": "percentile_rank"}}}


@pytest.mark.parametrize(
    ("other", "same", "said"),
    [
        (record(), True, ""),
        (record(cutoffs=[{"value": 250.0, "unit": "m"}]), True, ""),
        (record(modes=[{"name": "walk", "key": "walk", "slopes": False}]), False, "other mode"),
        (record(streets="straight lines"), False, "other streets"),
        (record(snap_limit=100.0), False, "other snap limit"),
        (record(services=["park"]), False, "only some have it: not b"),
        (record(version="0.2.0"), False, "other versions: a 0.1, b 0.2"),
    ],
    ids=["same", "limits", "mode", "streets", "snap", "service", "version"],
)
def test_only_what_was_made_by_the_same_rules_is_compared(other, same, said):
    found = rules.comparable([record(), other], [ZONES, ZONES], ["a", "b"]).set_index("measure")
    row = found.loc["way to the nearest school, walk"]
    assert (row["comparable"], row["reason"]) == (same, said)
    index = rules.comparable([record(**DIGITAL), record(**DIGITAL)], [ZONES, ZONES], ["a", "b"]).set_index("measure")
    assert index.loc["digital_divide_index", "reason"] == "it ranks the zones of a city against one another"


def whole_city(folder, neighbours, limits):
    """Write the tables of a run that are of the whole city: shares within each limit, and Moran's I."""
    way = {"service": "school", "mode": "walk"}
    shares = [{**way, "cutoff": limit, "group": "everybody", "share_within": share} for limit, share in limits.items()]
    pd.DataFrame(shares).to_csv(folder / "tables" / "shares.csv", index=False)
    moran = {**way, "outcome": "way to the nearest", "measure": "moran", "neighbours": neighbours, "statistic": 0.4}
    pd.DataFrame([moran]).to_csv(folder / "tables" / "spatial_autocorrelation.csv", index=False)


def test_numbers_of_the_whole_city_are_compared_where_limits_and_neighbours_are_the_same(tmp_path):
    touch, five = "zones that touch, tolerance 1 m", "the 5 nearest zones"
    for name, neighbours, limits in (
        ("a", touch, {"500 m": 0.5, "1000 m": 0.75}), ("b", touch, {"500 m": 0.25}), ("c", five, {"500 m": 0.5}),
    ):  # fmt: skip
        a_run(tmp_path / name, name, 500.0)
        whole_city(tmp_path / name, neighbours, limits)
    moran = "Moran's I of the way to the nearest school, walk"
    found = study.compare([tmp_path / "a", tmp_path / "b"]).tables["comparable"].set_index("measure")
    assert found.loc["people within 500 m of school, walk", ["a", "b"]].tolist() == [0.5, 0.25]
    assert found.loc["people within 1000 m of school, walk", "reason"] == "only some have it: not B"
    assert found.loc[moran, "comparable"]
    assert found.loc[moran, ["a", "b"]].tolist() == [0.4, 0.4]
    other = study.compare([tmp_path / "a", tmp_path / "c"]).tables["comparable"].set_index("measure").loc[moran]
    assert (other["comparable"], other["reason"]) == (False, "other neighbours")
    assert np.isnan(other["a"])


def a_run(folder, title, way, **changes):
    """Write the folder of a run by hand: its record and its zones, nine squares of 1,500 m."""
    (folder / "tables").mkdir(parents=True)
    across, up = np.meshgrid(np.arange(3), np.arange(3))
    shapes = [
        shapely.box(1500 * x, 1500 * y, 1500 * x + 1500, 1500 * y + 1500)
        for x, y in zip(across.flat, up.flat, strict=True)
    ]
    zones = gpd.GeoDataFrame(
        {
            "zone_id": [f"z{place}" for place in range(9)], "people": 100.0, "school_walk_metres": way,
            "school_walk_status": "ok",
        },
        geometry=shapes, crs=32639,
    )  # fmt: skip
    zones.to_file(folder / "tables" / "zones.gpkg", layer="zones", engine="pyogrio")
    made = {**record(**changes), "title": title, "study": {"file": "s.yaml", "sha256": "0"}, "outputs": {}}
    (folder / "provenance.json").write_text(json.dumps(made), encoding="utf-8")


def test_two_runs_are_compared_pair_by_pair_and_refused_where_nothing_is_the_same(tmp_path):
    a_run(tmp_path / "first", {"en": "First", "fa": "نخست"}, np.arange(9) * 10.0 + 300)
    a_run(tmp_path / "second", {"en": "Second", "fa": "دوم"}, np.arange(9) * 10.0 + 900)
    found = study.compare([tmp_path / "first", tmp_path / "second"], out=tmp_path / "out")
    row = found.tables["differences"].query("measure == 'mean'").iloc[0]
    assert (row["higher"], row["lower"], row["difference"], row["apart"]) == ("second", "first", 600, True)
    beyond = found.tables["cities"].query("measure == 'share_beyond'")["value"].tolist()
    assert beyond == [0, 0]  # the widest limit of both is 1,000 m, and nobody is farther
    text = plain_text((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    assert "940 m in Second, 600 m more than in First" in text
    # They have no list of their files, and zones of the same names.
    assert {"compared_run_changed", "runs_paired"} <= {one.code for one in found.findings}
    assert "from 9 zones where 900 people live" in text, "zones of both runs are counted once"
    a_run(tmp_path / "third", "Third", 5.0, services=["park"])
    with pytest.raises(InputError, match="nothing was made by the same rules"):
        study.compare([tmp_path / "first", tmp_path / "third"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match=r"there is no provenance\.json"):
        study.compare([tmp_path / "first", tmp_path / "empty"])


def test_runs_of_one_place_are_drawn_together_and_their_difference_is_known_the_better(tmp_path):
    """Each zone is 50 m farther, give or take 3 m, while zones lie 100 m apart: the error of the difference is that of
    the mean of nine changes, and not that of two independent means of nine ways."""
    change = np.array([53, 47, 50, 52, 48, 50, 51, 49, 50.0])
    ways = np.arange(9) * 100.0 + 300
    a_run(tmp_path / "before", "Before", ways)
    a_run(tmp_path / "after", "After", ways + change)
    found = study.compare([tmp_path / "before", tmp_path / "after"], replications=4000)
    rows = found.tables["differences"].set_index("measure")
    mean = rows.loc["mean"]
    assert (mean["difference"], mean["apart"], mean["zones_shared"]) == (pytest.approx(50), True, 9)
    assert (mean["zones_higher"], mean["zones_lower"]) == (9, 0)
    # Two measures, so that each range holds at 97.5 %: 2.2414 standard errors, that of a mean of nine without repair.
    assert (mean["high"] - 50) / 2.2414 == pytest.approx(change.std() / 3, rel=0.05)
    # The same ids elsewhere are other zones: their errors are those of strangers.
    a_run(tmp_path / "elsewhere", "Elsewhere", ways + change)
    zones = gpd.read_file(tmp_path / "elsewhere" / "tables" / "zones.gpkg")
    zones.geometry = zones.translate(50_000, 0)
    zones.to_file(tmp_path / "elsewhere" / "tables" / "zones.gpkg", layer="zones", engine="pyogrio")
    other = study.compare([tmp_path / "before", tmp_path / "elsewhere"]).tables["differences"].set_index("measure")
    assert not other.loc["mean", "apart"]
    assert other.loc["mean", "zones_shared"] == 0


def test_much_that_is_compared_is_shown_by_mode_and_the_first_sentence_counts(tmp_path):
    services = [f"s{place}" for place in range(7)]
    settled = {
        "services": [{"name": name, "title": name.upper(), "tags": {"amenity": name}} for name in services],
        "modes": [{"name": "walk", "key": "walk"}, {"name": "bicycle", "key": "bicycle"}],
    }
    for name, far in (("one", 0.0), ("two", 400.0)):
        a_run(tmp_path / name, name, 1.0, **settled)
        path = tmp_path / name / "tables" / "zones.gpkg"
        zones = gpd.read_file(path)
        for place, service in enumerate(services):
            for mode in ("walk", "bicycle"):
                zones[f"{service}_{mode}_metres"] = 500.0 + np.arange(9) + far * (place < 2 and mode == "walk")
        zones.to_file(path, layer="zones", engine="pyogrio")
    study.compare([tmp_path / "one", tmp_path / "two"], out=tmp_path / "out")
    text = plain_text((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    for said in (
        "Of 14 measures, One is surely worse off in 0 and Two in 2", "از ۱۴ سنجه", "S0: way on foot: 904 m in Two",
        "Ways on foot: average over people, m", "Ways by bicycle: average over people, m",
    ):  # fmt: skip
        assert said in text, said
    assert "All cities" not in text
