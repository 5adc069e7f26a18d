"""The US Census Bureau, replayed from this machine in the documented shapes: rows of text, codes, refusals."""

from __future__ import annotations

import io
import json
import traceback
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality import margin_of_share, margin_of_sum
from spatialjustice.sources import CensusProvider, USCensus, census, census_table, census_themes, census_zones
from tests.sources.replay import Said

KEY = "0123456789abcdefsecret"
TRACTS = ["17031010100", "17031010201", "17043840000"]
KEY_PAGE = b"<html><head><title>Missing Key</title></head><body>A valid <em>key</em> must be included</body></html>"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)


@pytest.fixture
def office(replay):
    """A small Census Bureau: a number for each variable and zone, codes where ``codes`` says so, and shapes."""
    replay.codes = {}
    replay.zones = TRACTS

    def answer(path, query):
        if path.endswith(".zip"):
            return Said(zipped(path.rsplit("/", 1)[1].removesuffix(".zip"), replay.zones))
        asked = dict(query)["get"].split(",")
        rows = [[*asked, "state", "county", "tract"]]
        for place, code in enumerate(replay.zones):
            cells = [replay.codes.get((code, name), value_of(name, place)) for name in asked[2:]]
            rows.append([f"1400000US{code}", f"Census Tract {place}", *cells, code[:2], code[2:5], code[5:]])
        return Said(json.dumps(rows).encode(), headers={"Content-Type": "application/json"})

    replay.answer = answer
    replay.provider = USCensus(api=replay.address, shapes=replay.address)
    return replay


def value_of(variable, place):
    """B28002_013E of the second zone: 13 thousand and 1; its margin a tenth of the line."""
    line = int(variable.split("_")[1][:3])
    return str(line * 1000 + place) if variable.endswith("E") else str(line)


def zipped(stem, codes):
    frame = gpd.GeoDataFrame(
        {"GEOID": codes, "NAME": codes}, geometry=[box(i, 40, i + 1, 41) for i in range(len(codes))], crs=4269
    )
    data = io.BytesIO()
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(data, "w") as archive:
        frame.to_file(Path(folder) / f"{stem}.shp")
        for file in sorted(Path(folder).iterdir()):
            archive.write(file, file.name)
    return data.getvalue()


def ask(office, themes="internet", places="17", level="tract", year=2019):
    return census_table(themes, year=year, places=places, level=level, provider=office.provider)


def codes(frame):
    return [finding.code for finding in findings_of(frame)]


def test_one_theme_comes_with_names_units_margins_and_its_source(office):
    frame = ask(office)
    assert frame.index.tolist() == TRACTS
    assert frame["no_internet"].tolist() == [13000, 13001, 13002]
    assert frame["no_internet_margin"].tolist() == [13, 13, 13]
    assert frame.attrs["columns"]["no_internet"] == {
        "unit": "households", "of": "households_internet", "table": "B28002", "lines": [13],
    }  # fmt: skip
    assert frame.attrs["columns"]["no_internet_margin"]["margin_of"] == "no_internet"
    assert codes(frame) == []
    (record,) = sources_of(frame)
    assert record.attribution == "US Census Bureau, American Community Survey 2015–2019"
    assert record.data_date == "2019"
    assert "not endorsed" in record.note
    path, query = office.asked[0]
    assert path == "/2019/acs/acs5"
    assert query[1:] == [("for", "tract:*"), ("in", "state:17"), ("in", "county:*")]


@pytest.mark.parametrize(
    ("places", "level", "asked"),
    [
        ("17", "county", [[("for", "county:*"), ("in", "state:17")]]),
        (["17031", "17043"], "county", [[("for", "county:031,043"), ("in", "state:17")]]),
        (["17031"], "tract", [[("for", "tract:*"), ("in", "state:17"), ("in", "county:031")]]),
        (
            ["17031", "36"],
            "block group",
            [
                [("for", "block group:*"), ("in", "state:17"), ("in", "county:031"), ("in", "tract:*")],
                [("for", "block group:*"), ("in", "state:36"), ("in", "county:*"), ("in", "tract:*")],
            ],
        ),
    ],
)
def test_what_is_asked_for(replay, places, level, asked):
    digits = {"county": 5, "tract": 11, "block group": 12}[level]

    def answer(_, query):
        state = dict(query[1:])
        state = next(value for name, value in query if name == "in" and value.startswith("state"))[-2:]
        names = dict(query)["get"].split(",")
        return json.dumps([names, [f"x00US{state.ljust(digits, '0')}", "n", *["1"] * (len(names) - 2)]]).encode()

    replay.answer = answer
    frame = census_table("vehicles", year=2019, places=places, level=level, provider=USCensus(api=replay.address))
    assert len(frame) == len(asked)
    assert [query[1:] for _, query in replay.asked] == asked


def test_no_call_asks_for_more_than_50_variables_and_all_calls_fit_together(office):
    """Ten themes are over 150 variables; the zones of the second call come in another order."""
    themes = [theme for theme in USCensus().themes if theme != "income"]
    usual = office.answer

    def shuffled(path, query):
        rows = json.loads(usual(path, query).body)
        return json.dumps([rows[0], *rows[:0:-1]]).encode() if len(office.asked) % 2 else json.dumps(rows).encode()

    office.answer = shuffled
    frame = ask(office, themes)
    sizes = [len(dict(query)["get"].split(",")) for _, query in office.asked]
    assert max(sizes) == 50
    assert len(sizes) == len(sources_of(frame)) > 3
    for row in census_themes().itertuples():
        if row.theme == "income":
            continue
        lines = frame.attrs["columns"][row.column]["lines"]
        expected = [sum(lines) * 1000 + len(lines) * place for place in range(3)]
        assert frame[row.column].tolist() == expected, row.column
        # No estimate is 0, so that the margin of a sum is the root of the squares.
        assert frame[f"{row.column}_margin"].tolist() == pytest.approx([np.sqrt(sum(line**2 for line in lines))] * 3)


def test_the_margin_of_a_sum_is_that_of_the_room_of_inequality(office):
    """Of several estimates of 0 the largest margin counts once, in both places."""
    lines = [20, 21, 22, 23, 24, 25, 44, 45, 46, 47, 48, 49]
    for line in lines[:5]:
        office.codes[TRACTS[0], f"B01001_{line:03}E"] = "0"
        office.codes[TRACTS[0], f"B01001_{line:03}M"] = "12"
    frame = ask(office, "age")
    margins = [[12.0] * 5 + [float(line) for line in lines[5:]], [float(line) for line in lines]]
    estimates = [[0.0] * 5 + [line * 1000.0 for line in lines[5:]], [line * 1000.0 + 1 for line in lines]]
    told = margin_of_sum(pd.DataFrame(margins), estimates=pd.DataFrame(estimates))
    assert frame["aged_65_or_more_margin"].tolist()[:2] == pytest.approx(told.tolist())
    assert told[0] == pytest.approx(np.sqrt(144 + sum(line**2 for line in lines[5:])))


def test_shares_and_their_margins_follow(office):
    frame = ask(office)
    share = margin_of_share(
        frame["with_cellular_only"],
        frame["with_broadband"] * 2,
        part_margin=frame["with_cellular_only_margin"],
        whole_margin=frame["with_broadband_margin"],
    )
    assert share.attrs["sources"][0]["attribution"].startswith("US Census Bureau")
    assert share.iloc[0] == pytest.approx(np.sqrt(6**2 - (0.75 * 4) ** 2) / 8000)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("-666666666", "too few sample cases to compute"),
        ("-999999999", "too few sample cases to show"),
        ("-888888888", "not applicable"),
        ("-222222222", "for its margin"),
        ("-333333333", "lowest or highest class"),
        ("-7", "a negative number"),
    ],
)
def test_codes_become_missing_and_are_counted(office, code, why):
    office.codes = {
        (TRACTS[0], "B28002_013E"): code,
        (TRACTS[1], "B28002_013E"): code,
        (TRACTS[2], "B28002_013M"): code,
    }
    frame = ask(office)
    assert frame["no_internet"].isna().tolist() == [True, True, False]
    assert frame["no_internet_margin"].isna().tolist() == [False, False, True]
    (finding,) = findings_of(frame)
    assert (finding.code, finding.count) == ("codes_made_missing", 3)
    assert code in finding.message
    assert why in finding.message
    assert frame.drop(columns="name").min().min() > 0


def test_a_controlled_estimate_has_a_margin_of_0_and_a_missing_part_makes_a_sum_missing(office):
    office.codes = {
        (TRACTS[0], "B01001_001M"): "-555555555",
        (TRACTS[1], "B01001_020E"): "-666666666",
        (TRACTS[1], "B01001_001E"): "-555555555",
        (TRACTS[2], "B01001_003E"): None,
    }
    frame = ask(office, "age")
    assert frame["people_age_margin"].tolist() == [0, 1, 1]
    assert frame["aged_65_or_more"].isna().tolist() == [False, True, False]
    assert frame["aged_65_or_more_margin"].isna().tolist() == [False, True, False]
    assert frame["aged_under_18"].isna().tolist() == [False, False, True]
    counted = {(finding.code, finding.count) for finding in findings_of(frame)}
    assert counted == {("controlled_estimates", 1), ("codes_made_missing", 1), ("cells_not_published", 1)}
    assert sum("-555555555" in finding.message for finding in findings_of(frame)) == 1


def test_medians_at_the_limit_are_kept_and_said(office):
    office.codes = {(TRACTS[0], "B19013_001E"): "250001", (TRACTS[0], "B19013_001M"): "-333333333"}
    office.codes[TRACTS[1], "B19013_001E"] = "2499"
    frame = ask(office, "income")
    assert frame["median_household_income"].tolist() == [250001, 2499, 1002]
    assert codes(frame) == ["codes_made_missing", "medians_at_the_limit"]
    assert "median_household_income (2 zones)" in findings_of(frame)[1].message


def test_the_richest_tracts_of_new_york_carry_the_same_limit(shared_data):
    """The real table of 2019 has the value that is no income but a limit."""
    real = gpd.read_file(shared_data("new_york/new-york-city_tracts_acs2019_fcc.gpkg"), ignore_geometry=True)["mhi"]
    limits = next(c for c in USCensus().themes["income"].columns if c.name == "median_household_income").facts["limits"]
    assert real.max() == max(limits) == 250001


def test_a_table_that_a_level_does_not_have_is_said(office):
    for code in TRACTS:
        for line in (1, 2):
            office.codes[code, f"B08201_{line:03}E"] = office.codes[code, f"B08201_{line:03}M"] = None
    frame = ask(office, "vehicles")
    assert codes(frame) == ["cells_not_published", "columns_without_values"]


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_zones_and_values_meet(office):
    frame = census("internet", year=2019, places=["17031"], level="tract", provider=office.provider)
    assert frame.index.tolist() == TRACTS[:2]
    assert frame["no_internet"].tolist() == [13000, 13001]
    assert frame.crs.to_epsg() == 4269
    assert codes(frame) == ["rows_without_polygon"]  # the replayed office does not heed which county is asked for
    assert frame.attrs["columns"]["no_internet"]["unit"] == "households"
    table, shapes = sources_of(frame)[::-1]
    assert shapes.file == "cb_2019_17_tract_500k.zip"
    assert (shapes.data_date, shapes.licence) == ("2019", "public domain (US Government work)")
    assert shapes.address == f"{office.address}/GENZ2019/shp/cb_2019_17_tract_500k.zip"
    assert table.address.startswith(f"{office.address}/2019/acs/acs5?get=GEO_ID")


@pytest.mark.parametrize(
    ("level", "detailed", "path"),
    [
        ("county", False, "/GENZ2019/shp/cb_2019_us_county_500k.zip"),
        ("block group", False, "/GENZ2019/shp/cb_2019_17_bg_500k.zip"),
        ("tract", True, "/TIGER2019/TRACT/tl_2019_17_tract.zip"),
        ("block group", True, "/TIGER2019/BG/tl_2019_17_bg.zip"),
        ("county", True, "/TIGER2019/COUNTY/tl_2019_us_county.zip"),
    ],
)
def test_where_shapes_come_from(office, level, detailed, path):
    provider = USCensus(shapes=office.address, detailed=detailed)
    census_zones(year=2019, places="17031", level=level, provider=provider)
    assert [asked for asked, _ in office.asked] == [path]


def test_shapes_that_are_no_archive_are_damaged(office):
    office.answer = lambda *_: b"<html>gone</html>"
    with pytest.raises(DamagedFileError, match="not a whole zip"):
        census_zones(year=2019, places="17", level="tract", provider=office.provider)


# --- the key ----------------------------------------------------------------------------------------------------------


def test_the_key_goes_to_the_server_and_nowhere_else(office, monkeypatch, tmp_path):
    monkeypatch.setenv("CENSUS_API_KEY", KEY)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    frame = census("internet", year=2019, places="17", level="tract", provider=office.provider)
    assert ("key", KEY) in office.asked[0][1]
    assert all(("key", KEY) not in query for path, query in office.asked if path.endswith("zip"))
    assert KEY not in repr(frame.attrs) + repr(office.provider)
    assert KEY not in "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "said",
    [
        Said(f"error: unknown variable 'B1'; {KEY}".encode(), status=400),
        Said(KEY_PAGE),
        Said(b"", status=204),
        Said(b"{", status=200),
        Said(b"", status=503),
        Said(b"[[", promised=10),
    ],
)
def test_no_error_names_the_key(office, monkeypatch, said):
    monkeypatch.setattr("spatialjustice.sources.web.web.FIRST_PAUSE", 0.01)
    monkeypatch.setenv("CENSUS_API_KEY", KEY)
    office.answer = lambda *_: said
    with pytest.raises(InputError) as caught:
        ask(office)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in str(caught.value.args) + caught.value.found + caught.value.advice


def test_addresses_from_the_environment(office, monkeypatch):
    monkeypatch.setenv("SPATIALJUSTICE_US_CENSUS_API", office.address + "/")
    monkeypatch.setenv("SPATIALJUSTICE_US_CENSUS_SHAPES", office.address)
    assert len(census("vehicles", year=2019, places="17", level="tract")) == 3


# --- what goes wrong --------------------------------------------------------------------------------------------------


def rows(*lines, header=("GEO_ID", "NAME", "B08201_001E", "B08201_001M", "B08201_002E", "B08201_002M")):
    return json.dumps([list(header), *lines]).encode()


GOOD = ["1400000US17031010100", "n", "1", "1", "1", "1"]
FAULTS = {
    "refused": (Said(b"error: unknown variable", status=400), InputError, "HTTP 400 .error: unk"),
    "nothing": (Said(status=204), InputError, "no such zones"),
    "empty": (Said(b" "), InputError, "no such zones"),
    "key page": (Said(KEY_PAGE), InputError, "CENSUS_API_KEY"),
    "other page": (Said(b"<html>Sorry</html>"), DamagedFileError, "no whole JSON"),
    "cut JSON": (Said(rows(GOOD)[:-5]), DamagedFileError, "no whole JSON"),
    "object": (Said(b'{"error": 1}'), DamagedFileError, "no table of rows"),
    "uneven": (Said(rows(GOOD[:-1])), DamagedFileError, "no table of rows"),
    "other columns": (Said(rows(GOOD, header=["GEO_ID", "NAME", "a", "b", "c", "d"])), DamagedFileError, "lacks B08"),
    "other level": (Said(rows(["0500000US17031", *GOOD[1:]])), DamagedFileError, "none of this level .17031"),
    "twice": (Said(rows(GOOD, GOOD)), DamagedFileError, "more than once .17031010100"),
    "words": (Said(rows([*GOOD[:2], "many", *GOOD[3:]])), DamagedFileError, "B08201_001E holds no numbers"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_answers(office, fault):
    office.answer, error, found = (lambda *_: FAULTS[fault][0]), *FAULTS[fault][1:]
    with pytest.raises(error, match=found):
        ask(office, "vehicles")


def test_a_second_call_of_other_zones_is_refused(office):
    usual = office.answer

    def answer(path, query):
        office.zones = TRACTS if len(office.asked) == 1 else TRACTS[:2]
        return usual(path, query)

    office.answer = answer
    with pytest.raises(DamagedFileError, match="other zones than the first .17043840000"):
        ask(office, ["disability", "age"])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"themes": "weather"}, "has no theme weather. There are: internet"),
        ({"places": "1"}, "no code of a state or county"),
        ({"places": "170"}, "no code of a state or county"),
        ({"places": []}, "there is no place"),
        ({"level": "ward"}, "no level ward. There are: county"),
        ({"year": 2015}, "no table before 2017"),
    ],
)
def test_faulty_questions_never_reach_the_server(office, change, found):
    with pytest.raises(InputError, match=found):
        ask(office, **change)
    assert office.asked == []


def test_providers():
    assert isinstance(USCensus(), CensusProvider)
    with pytest.raises(InputError, match="no census provider mars. There are: us, eurostat"):
        census_themes("mars")


def test_the_declared_themes_are_sound():
    """Shares are taken of a column of the same table, whose first line is all; no column has two themes."""
    themes = USCensus().themes
    listed = census_themes()
    assert {"internet", "computers", "income", "age", "education", "disability", "race", "vehicles"} <= set(themes)
    assert listed["column"].is_unique
    for theme in themes.values():
        assert set(theme.title) == {"en", "fa"}
        names = {column.name: column for column in theme.columns}
        for column in theme.columns:
            lines = column.facts["lines"]
            assert len(set(lines)) == len(lines)
            if column.of:
                assert names[column.of].facts["lines"] == [1]
                assert 1 not in lines
                assert column.unit == names[column.of].unit
