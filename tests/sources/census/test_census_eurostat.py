"""Eurostat, replayed from this machine as JSON-stat 2.0, and its census grid of Madrid against plain reading."""

from __future__ import annotations

import itertools
import json
import warnings

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from spatialjustice._core.errors import DamagedFileError, GeometryError, InputError, WrongPlaceError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources import (
    CensusProvider,
    Eurostat,
    census,
    census_grid,
    census_table,
    census_zones,
    read_vector,
)
from spatialjustice.sources.census.eurostat import FLAGS, json_stat
from tests.sources.replay import Said

REGIONS = {"ES30": 0, "ES51": 1, "PT17": 2}


def dataset(values, *, status=None, geo=REGIONS, extra=None, **filters):
    """One dataset as Eurostat answers it: every dimension with one category but the regions."""
    dimensions = {"freq": {"A": 0}, **{name: {code: 0} for name, code in filters.items()}, **(extra or {})}
    dimensions |= {"geo": geo, "time": {"2021": 0}}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "Example",
        "source": "ESTAT",
        "updated": "2024-05-01T23:00:00+0200",
        "value": values,
        **({"status": status} if status else {}),
        "id": list(dimensions),
        "size": [len(codes) for codes in dimensions.values()],
        "dimension": {
            name: {"label": name, "category": {"index": codes, "label": {code: code for code in codes}}}
            for name, codes in dimensions.items()
        },
    }


@pytest.fixture
def office(replay):
    """Eurostat with answers by dataset, and the regions of GISCO."""
    replay.datasets = {
        "isoc_r_iacc_h": dataset({"0": 97.5, "2": 88}, status={"2": "bu", "1": "c"}, unit="PC_HH"),
        "isoc_r_broad_h": dataset([96.0, 95.0, 80.5], unit="PC_HH"),
    }
    shapes = gpd.GeoDataFrame(
        {"NUTS_ID": ["PT17", "ES30", "ES51", "FR10"], "NAME_LATN": list("abcd")},
        geometry=[box(i, 40, i + 1, 41) for i in range(4)],
        crs=4326,
    )

    def answer(path, query):
        name = path.rsplit("/", 1)[1]
        if name.endswith(".geojson"):
            return shapes.to_json().encode()
        content = replay.datasets[name]
        if callable(content):
            content = content(dict(query))
        return content if isinstance(content, Said) else Said(json.dumps(content).encode())

    replay.answer = answer
    replay.provider = Eurostat(api=replay.address, gisco=replay.address)
    return replay


def ask(office, themes="internet", places=("ES", "PT"), level="nuts2", year=2021):
    return census_table(themes, year=year, places=places, level=level, provider=office.provider)


def test_figures_are_shares_with_flags_and_gaps_said(office):
    frame = ask(office, ["internet", "broadband"])
    assert frame.index.tolist() == ["ES30", "ES51", "PT17"]
    assert frame["share_with_internet"].tolist()[::2] == pytest.approx([0.975, 0.88])
    assert np.isnan(frame["share_with_internet"].iloc[1])
    assert frame["share_with_broadband"].tolist() == pytest.approx([0.96, 0.95, 0.805])
    flagged, gaps = findings_of(frame)
    assert (flagged.code, flagged.count) == ("values_flagged", 2)
    assert "break in the series (1 regions), confidential (1 regions), low reliability (1 regions)" in flagged.message
    assert (gaps.code, gaps.count) == ("values_not_published", 1)
    assert frame.attrs["columns"]["share_with_internet"]["unit"] == "share of households"
    assert [path for path, _ in office.asked] == ["/isoc_r_iacc_h", "/isoc_r_broad_h"]
    query = dict(office.asked[0][1])
    assert query == {"format": "JSON", "lang": "EN", "unit": "PC_HH", "geoLevel": "nuts2", "time": "2021"}
    record = sources_of(frame)[0]
    assert (record.licence, record.attribution) == ("Creative Commons Attribution 4.0", "Eurostat")
    assert "updated 2024-05-01" in record.note


def test_places_are_the_beginning_of_codes(office):
    assert ask(office, places="ES").index.tolist() == ["ES30", "ES51"]
    assert ask(office, places=["PT17"]).index.tolist() == ["PT17"]
    with pytest.raises(InputError, match="no nuts2 region in FR for 2021"):
        ask(office, places="FR")


def test_two_columns_of_one_dataset(office):
    totals = {"TOTAL": [10, 20, 30], "Y_GE65": [1, 2, 3]}
    office.datasets["demo_r_pjanaggr3"] = lambda query: dataset(
        totals[query["age"]], sex="T", age=query["age"], unit="NR"
    )
    frame = ask(office, "age")
    assert frame["people_age"].tolist() == [10, 20, 30]
    assert frame["aged_65_or_more"].tolist() == [1, 2, 3]
    assert frame.attrs["columns"]["aged_65_or_more"]["of"] == "people_age"


def test_regions_and_figures_meet(office):
    frame = census("broadband", year=2021, places=["ES", "PT"], level="nuts2", provider=office.provider)
    assert frame.index.tolist() == ["ES30", "ES51", "PT17"]
    assert frame["NAME_LATN"].tolist() == ["b", "c", "a"]
    assert office.asked[-1][0] == "/nuts/geojson/NUTS_RG_03M_2021_4326_LEVL_2.geojson"
    assert {record.attribution for record in sources_of(frame)} == {
        "Eurostat",
        "© EuroGeographics for the administrative boundaries",
    }


@pytest.mark.parametrize(("year", "version"), [(2025, 2024), (2023, 2021), (2016, 2016), (1999, 2003)])
def test_the_version_of_nuts_follows_the_year(office, year, version):
    census_zones(year=year, places="ES", level="nuts2", provider=office.provider)
    assert f"_{version}_4326" in office.asked[0][0]


ERROR = {"error": [{"status": 400, "id": 100, "label": "Invalid query: no results found"}]}
LATER = {"warning": [{"status": 413, "id": 413, "label": "ASYNCHRONOUS_RESPONSE. Your request will be treated later"}]}
FAULTS = {
    "refused": (Said(json.dumps(ERROR).encode(), status=400), InputError, "HTTP 400 .*no results found"),
    "later": (LATER, InputError, "remark instead of data: “ASYNCHRONOUS"),
    "page": (Said(b"<html>"), DamagedFileError, "no whole JSON"),
    "list": ([], DamagedFileError, "no dataset"),
    "no size": ({"value": {}, "id": ["geo"]}, DamagedFileError, "no whole dataset of JSON-stat"),
    "too few": (dataset([1, 2], unit="PC_HH"), DamagedFileError, "2 values for 3 cells"),
    "beyond": (dataset({"3": 1}, unit="PC_HH"), DamagedFileError, "value for cell 3 of 3"),
    "other unit": (dataset([1, 2, 3], unit="PC_IND"), DamagedFileError, "not of unit PC_HH alone"),
    "other sizes": ({**dataset([1, 2, 3], unit="PC_HH"), "size": [1, 1, 3, 2]}, DamagedFileError, "JSON-stat"),
    "new dimension": (
        dataset([1, 2, 3] * 2, unit="PC_HH", extra={"hhtyp": {"A": 0, "B": 1}}), DamagedFileError, "by hhtyp",
    ),
    "gaps in numbers": (
        dataset([1, 2, 3], unit="PC_HH", geo={"ES30": 0, "ES51": 2, "PT17": 3}), DamagedFileError, "not numbered",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_answers(office, fault):
    content, error, found = FAULTS[fault]
    office.datasets["isoc_r_iacc_h"] = content
    with pytest.raises(error, match=found):
        ask(office)


@pytest.mark.parametrize(
    ("change", "found"),
    [({"level": "nuts5"}, "There are: nuts0"), ({"places": "es"}, "no NUTS codes"), ({"themes": "x"}, "no theme x")],
)
def test_faulty_questions_never_reach_the_server(office, change, found):
    with pytest.raises(InputError, match=found):
        ask(office, **change)
    assert office.asked == []


def test_the_provider_and_its_addresses(office, monkeypatch):
    assert isinstance(Eurostat(), CensusProvider)
    monkeypatch.setenv("SPATIALJUSTICE_EUROSTAT_API", office.address)
    assert len(census_table("internet", year=2021, places="ES", level="nuts2", provider="eurostat")) == 2


# --- JSON-stat --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_cell_is_where_the_standard_says(sizes, random, as_list):
    """Cell (i, j, k) stands at (i · size_j + j) · size_k + k, whatever the order in which codes are written."""
    names = [f"d{place}" for place in range(len(sizes))]
    cells = list(itertools.product(*(range(size) for size in sizes)))
    values = [None if random.random() < 0.3 else random.randint(-5, 5) for _ in cells]
    orders = [random.sample(range(size), size) for size in sizes]
    content = {
        "id": names,
        "size": sizes,
        "value": values if as_list else {str(i): value for i, value in enumerate(values) if value is not None},
        "dimension": {
            name: {"category": {"index": {f"c{place}": place for place in order}}}
            for name, order in zip(names, orders, strict=True)
        },
    }
    frame = json_stat(content, "x")
    found = {tuple(row[:-2]): row[-2] for row in frame.itertuples(index=False)}
    for cell in cells:
        place = 0
        for size, part in zip(sizes, cell, strict=True):
            place = place * size + part
        told = found[tuple(f"c{part}" for part in cell)]
        assert np.isnan(told) if values[place] is None else told == values[place]


def test_a_dimension_of_one_category_may_have_a_label_only():
    content = {
        "id": ["unit"],
        "size": [1],
        "value": [4],
        "dimension": {"unit": {"category": {"label": {"NR": "Number"}}}},
    }
    assert json_stat(content, "x").values.tolist() == [["NR", 4.0, ""]]


def test_all_flags_of_eurostat_are_explained():
    assert set("bcdefnprsuz") == set(FLAGS)


# --- the grid of Madrid -----------------------------------------------------------------------------------------------

GRID = "madrid/eu_stat_clipped.gpkg"


def test_the_grid_of_madrid(shared_data):
    path = shared_data(GRID)
    frame = census_grid(path)
    plain = gpd.read_file(path).set_index("GRD_ID")
    assert len(frame) == 705
    assert frame.crs.to_epsg() == 3035
    assert frame.index.tolist() == plain.index.tolist()
    for column, code in {"population": "T", "women": "F", "employed": "EMP", "born_outside_eu": "OTH"}.items():
        assert frame[column].tolist() == plain[code].tolist()
        assert frame.attrs["columns"][column]["column"] == code
    assert frame["population"].sum() == 3_433_107
    (finding,) = findings_of(frame)
    off = plain["M"] + plain["F"] - plain["T"]
    assert finding.code == "parts_do_not_add_up"
    assert f"sex in {(off != 0).sum():,} cells, by {off.sum():+,} people" in finding.message


def test_three_layers_of_madrid_in_three_systems_are_one_place(shared_data):
    """Grid in EPSG:3035, neighbourhoods in 25830, Wi-Fi sites in 4326: a plain join of two of them finds nothing."""
    places = read_vector(shared_data("madrid/madrid_nbhds.gpkg"), name="neighbourhoods", id="COD_BAR")
    sites = read_vector(shared_data("madrid/28079_wifi_municipal.geojson"), name="sites", id="PK")
    assert [places.crs.to_epsg(), sites.crs.to_epsg()] == [25830, 4326]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(gpd.sjoin(sites, places, lsuffix="site", rsuffix="place")) == 0
    frame = census_grid(shared_data(GRID), within=places)
    whole = gpd.read_file(shared_data(GRID))
    touching = gpd.sjoin(whole, places.to_crs(3035)[["geometry"]])["GRD_ID"].unique()
    assert set(frame.index) == set(touching)
    assert len(places) == 131
    assert places.index.tolist()[0] == "011"
    inside = gpd.sjoin(sites.to_crs(3035), frame, lsuffix="site", rsuffix="cell")
    assert len(inside) >= len(sites) == 208


def synthetic_grid(**columns):
    names = ["CRS3035RES1000mN2016000E3165000", "CRS3035RES1000mN2016000E3166000"]
    shapes = [box(3165000, 2016000, 3166000, 2017000), box(3166000, 2016000, 3167000, 2017000)]
    return gpd.GeoDataFrame({"GRD_ID": names, **columns}, geometry=shapes, crs=3035)


def test_secret_cells_are_missing(tmp_path):
    synthetic_grid(T=[50, 7], EMP=[20, -9999]).to_file(tmp_path / "g.gpkg")
    frame = census_grid(tmp_path / "g.gpkg")
    assert frame["employed"].isna().tolist() == [False, True]
    assert [finding.code for finding in findings_of(frame)] == ["codes_made_missing"]


def test_cells_that_are_elsewhere_are_refused(tmp_path):
    grid = synthetic_grid(T=[1, 2])
    grid.geometry = grid.geometry.iloc[::-1].to_numpy()
    grid.to_file(tmp_path / "g.gpkg")
    with pytest.raises(GeometryError, match="2 cells do not lie where their names say"):
        census_grid(tmp_path / "g.gpkg")
    named = synthetic_grid(T=[1, 2])
    named["GRD_ID"] = ["a", "b"]
    named.to_file(tmp_path / "n.gpkg")
    with pytest.raises(InputError, match="names of another grid .a, b"):
        census_grid(tmp_path / "n.gpkg")
    synthetic_grid(P=[1, 2]).to_file(tmp_path / "p.gpkg")
    with pytest.raises(InputError, match="no column T"):
        census_grid(tmp_path / "p.gpkg")


def test_a_place_elsewhere_is_refused(shared_data):
    place = gpd.GeoDataFrame(geometry=[box(51, 35, 52, 36)], crs=4326)
    with pytest.raises(WrongPlaceError):
        census_grid(shared_data(GRID), within=place)
