"""Joining by key: zeros, digits and letters part nothing that belongs together, and nobody is lost or doubled."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import SourceRecord, add_sources, sources_of
from spatialjustice.sources import join_table, table, unique_rows
from spatialjustice.sources.places.vector import read_vector


def zones(keys, **columns):
    shapes = [box(i, 0, i + 1, 1) for i in range(len(keys))]
    return gpd.GeoDataFrame({"code": keys, **columns}, geometry=shapes, crs=32616)


def codes(frame):
    return [finding.code for finding in findings_of(frame)]


# --- zeros ------------------------------------------------------------------------------------------------------------


def test_lost_zeros_are_put_back_and_said():
    places, rows = zones(["01001", "01003", "48001"]), pd.DataFrame({"id": [1001, 48001, 1003], "people": [1, 3, 2]})
    # What a plain join makes of it: nobody.
    assert places.merge(rows.astype({"id": str}), left_on="code", right_on="id", how="left")["people"].isna().sum() == 2
    joined = join_table(places, rows, key="id", polygon_key="code")
    assert joined["people"].tolist() == [1, 2, 3]
    (finding,) = findings_of(joined)
    assert (finding.code, finding.count) == ("leading_zeros_restored", 2)
    assert "1001 is 01001" in finding.message


def test_zeros_lost_by_the_polygons_are_put_back_too():
    joined = join_table(
        zones([1001, 48001]), pd.DataFrame({"people": [1, 3]}, index=["01001", "48001"]), polygon_key="code"
    )
    assert joined["people"].tolist() == [1, 3]
    assert codes(joined) == ["leading_zeros_restored"]


def test_zeros_are_not_put_back_where_that_would_make_two_keys_one():
    with pytest.raises(DuplicateIdError, match="1 keys would become the same .*01001"):
        join_table(
            zones(["01001", "48001"]),
            pd.DataFrame({"id": ["1001", "01001"], "p": [1, 2]}),
            key="id",
            polygon_key="code",
        )


def test_zeros_are_not_put_back_where_keys_have_several_lengths():
    joined = join_table(
        zones(["001", "17"]), pd.DataFrame({"id": ["1", "17"], "p": [1, 2]}), key="id", polygon_key="code"
    )
    assert joined["p"].isna().tolist() == [True, False]
    assert codes(joined) == ["keys_differ_by_zeros", "rows_without_polygon", "polygons_without_row"]


def joined(places, keys):
    polygons = gpd.GeoDataFrame({"code": places}, geometry=[box(x, 0, x + 1, 1) for x in range(len(places))], crs=32616)
    return join_table(
        polygons, pd.DataFrame({"code": keys, "n": range(1, len(keys) + 1)}), key="code", polygon_key="code"
    )


def test_letters_in_other_codes_do_not_keep_zeros_away():
    """Departments of France: 01 and 02 became 1 and 2 beside 2A of Corsica; a row of totals is no code."""
    found = joined(["01", "02", "2A", "75"], ["1", "2", "2A", "75", "France"])
    assert found["n"].tolist() == [1, 2, 3, 4]
    assert [item["code"] for item in found.attrs["findings"]] == ["leading_zeros_restored", "rows_without_polygon"]
    assert "1 is 01" in found.attrs["findings"][0]["message"]


@pytest.mark.parametrize(
    "keys", [["1001.0", "1003.0", "12001.0"], [1001.0, 1003.0, 12001.0], ["1001", "1003", "12001"]]
)
def test_codes_that_were_numbers_on_the_way(keys):
    assert joined(["01001", "01003", "12001"], keys)["n"].tolist() == [1, 2, 3]


def test_codes_of_several_lengths_are_not_joined_and_the_zeros_are_named():
    """Nobody can tell how long 1 was where codes have 2 or 3 digits."""
    found = joined(["01", "010", "75"], ["1", "10", "75"])
    assert found["n"].isna().tolist() == [True, True, False]
    told = next(item for item in found.attrs["findings"] if item["code"] == "keys_differ_by_zeros")
    assert told["count"] == 2
    assert "1 and 01" in told["message"]
    with pytest.raises(InputError, match="but for zeros at the front"):
        joined(["01", "010"], ["1", "10"])


def test_codes_that_a_spreadsheet_rounded_are_refused():
    with pytest.raises(InputError, match="rounded numbers"):
        joined(["010010201001000"], ["1.00102E+13"])


def test_numbers_with_a_decimal_point_are_keys():
    joined = join_table(
        zones(["14", "48"]), pd.DataFrame({"id": [48.0, 14.0], "p": [1, 2]}), key="id", polygon_key="code"
    )
    assert joined["p"].tolist() == [2, 1]


# --- letters and digits -----------------------------------------------------------------------------------------------

SPELLINGS = {
    "Arabic kaf and yeh": ("کرج فردیس", "كرج فرديس"),
    "joiner": ("می\u200cبد", "میبد"),
    "short vowels": ("مُلارد", "ملارد"),
    "stretched": ("تهران", "تهـــران"),
    "Persian digits": ("منطقه 6", "منطقه ۶"),
    "Arabic digits": ("منطقه 6", "منطقه ٦"),
    "padding": ("Rey", "  Rey "),
    "two spaces": ("Shahr e Rey", "Shahr e  Rey"),
    "no-break space": ("Shahr e Rey", "Shahr\u00a0e Rey"),
    "composed": ("Álava", "A\u0301lava"),
}


@pytest.mark.parametrize("way", SPELLINGS)
def test_two_spellings_of_a_name_meet_and_keep_their_looks(way):
    one, other = SPELLINGS[way]
    places, rows = zones([one, "x"]), pd.DataFrame({"name": [other, "x"], "people": [5, 6]})
    assert len(places.merge(rows, left_on="code", right_on="name")) == 1
    joined = join_table(places, rows, key="name", polygon_key="code", columns=["people"])
    assert joined["people"].tolist() == [5, 6]
    assert joined["code"].tolist() == [one, "x"]


def test_rows_that_differ_by_spelling_only_are_refused():
    with pytest.raises(DuplicateIdError, match="1 keys are the same but for their spelling .کرج and كرج."):
        join_table(zones(["کرج"]), pd.DataFrame({"name": ["کرج", "كرج"], "p": [1, 2]}), key="name", polygon_key="code")


# --- who is left over -------------------------------------------------------------------------------------------------


def test_both_sides_left_over_are_listed_with_their_people():
    rows = pd.DataFrame({"id": list("ACDE"), "people": [10, 30, 40, 50], "name": list("wxyz")})
    joined = join_table(zones(list("ABC")), rows, key="id", polygon_key="code", people="people")
    assert joined["people"].tolist()[::2] == [10, 30]
    assert np.isnan(joined["people"].iloc[1])
    assert joined["name"].isna().tolist() == [False, True, False]
    left, empty = findings_of(joined)
    assert (left.code, left.count, left.people) == ("rows_without_polygon", 2, 90)
    assert "with 90 in people: D, E" in left.message
    assert (empty.code, empty.count) == ("polygons_without_row", 1)
    facts = joined.attrs["join"]
    assert (facts["polygons"], facts["rows"], facts["matched"]) == (3, 4, 2)
    assert (facts["rows_without_polygon"], facts["polygons_without_row"]) == (["D", "E"], ["B"])
    assert facts["totals"] == {"people": {"total": 130, "joined": 40, "without polygon": 90}}


def test_the_people_of_polygons_that_are_left_over():
    places = zones(["A", "B", "C"], residents=[100, 20, 3])
    joined = join_table(places, pd.DataFrame({"use": [0.5]}, index=["A"]), polygon_key="code", people="residents")
    (empty,) = findings_of(joined)
    assert (empty.code, empty.count, empty.people) == ("polygons_without_row", 2, 23)


def test_nothing_in_common_is_refused_with_examples():
    with pytest.raises(InputError, match="the polygons have “A”, “B”, the table has “x”"):
        join_table(zones(["A", "B"]), pd.DataFrame({"p": [1]}, index=["x"]), polygon_key="code")


@given(st.permutations(range(6)), st.lists(st.integers(0, 1000), min_size=6, max_size=6))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_rows_does_not_matter_and_totals_are_conserved(order, people):
    rows = pd.DataFrame({"people": people}, index=[f"{i:03}" for i in range(1, 7)])
    places = zones(["003", "001", "009", "006"])
    one, two = (join_table(places, each, polygon_key="code") for each in (rows, rows.iloc[order]))
    pd.testing.assert_series_equal(one["people"], two["people"])
    total = one.attrs["join"]["totals"]["people"]
    assert total["total"] == sum(people) == total["joined"] + total["without polygon"]
    assert total["joined"] == one["people"].sum() == people[2] + people[0] + people[5]


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_index_order_crs_sources_and_facts_are_kept():
    places = zones(["B", "A"]).set_index(pd.Index([7, 3], name="zone"))
    rows = pd.DataFrame({"people": [1, 2]}, index=["A", "B"])
    rows.attrs["columns"] = {"people": {"unit": "people"}}
    add_sources(places, SourceRecord("zones", "z", "1", 1))
    add_sources(rows, SourceRecord("table", "t", "2", 1))
    joined = join_table(places, rows, polygon_key="code")
    assert (joined.index.tolist(), joined.index.name, joined.crs.to_epsg()) == ([7, 3], "zone", 32616)
    assert joined["people"].to_dict() == {7: 2, 3: 1}
    assert [record.name for record in sources_of(joined)] == ["zones", "table"]
    assert joined.attrs["columns"] == {"people": {"unit": "people"}}
    assert "people" not in places


def test_faults_of_the_call():
    places, rows = zones(["A"]), pd.DataFrame({"code": ["A"], "p": [1]})
    with pytest.raises(InputError, match="code are in the polygons and in the table"):
        join_table(places, rows.set_index(pd.Index(["A"])), polygon_key="code")
    with pytest.raises(InputError, match="no column q"):
        join_table(places, rows, key="q", polygon_key="code")
    with pytest.raises(InputError, match="no column q"):
        join_table(places, rows, key="code", polygon_key="code", columns=["q"])
    with pytest.raises(InputError, match="people: the table has no column q"):
        join_table(places, rows, key="code", polygon_key="code", people="q")
    with pytest.raises(DuplicateIdError, match="polygons: 1 rows have no key"):
        join_table(zones(["A", None]), rows, key="code", polygon_key="code")
    with pytest.raises(DuplicateIdError, match="polygons: 2 rows share a key"):
        join_table(zones(["A", "A"]), rows, key="code", polygon_key="code")


# --- repeated rows ----------------------------------------------------------------------------------------------------


def test_repeated_rows():
    """10 + 5 people; with A twice, 25 would be counted."""
    twice = pd.DataFrame({"id": ["A", "B", "A"], "people": [10, 5, 10], "share": [0.5, np.nan, 0.5]})
    with pytest.raises(DuplicateIdError, match="with the same values .A.*unique_rows"):
        join_table(zones(["A", "B"]), twice, key="id", polygon_key="code")
    kept = unique_rows(twice, key="id")
    assert kept.index.tolist() == [0, 1]
    assert [(finding.code, finding.count) for finding in findings_of(kept)] == [("repeated_rows_left_out", 1)]
    assert kept.attrs["ledger"]["people"] == {"before": 25, "after": 15, "left out": 10}
    assert join_table(zones(["A", "B"]), kept, key="id", polygon_key="code")["people"].tolist() == [10, 5]
    assert unique_rows(kept, key="id").equals(kept)


def test_rows_that_contradict_each_other_are_never_chosen_between():
    contrary = pd.DataFrame({"id": ["A", "A"], "people": [10, 12]})
    with pytest.raises(DuplicateIdError, match="contradict each other .A"):
        unique_rows(contrary, key="id")
    with pytest.raises(DuplicateIdError, match="contradict each other .A"):
        join_table(zones(["A"]), contrary, key="id", polygon_key="code")


def test_shapes_are_compared_too():
    twice = pd.concat([zones(["A"]), zones(["B", "A"])], ignore_index=True)
    with pytest.raises(DuplicateIdError, match="contradict"):
        unique_rows(twice, key="code")
    assert len(unique_rows(pd.concat([zones(["A"])] * 2, ignore_index=True), key="code")) == 1


# --- the real files, against plain reading ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counties(request):
    shared_data = request.getfixturevalue("shared_data")
    return read_vector(shared_data("us_counties/cb_2018_us_county_20m.geojson"), name="counties", id="GEOID")


def test_counties_of_2019_and_their_renamed_three(shared_data, counties):
    """316 codes have lost their zero. Three counties have another code or none since 2015, 2015 and 2013."""
    path = shared_data("us_counties/broadband_data_2019November.csv")
    joined = join_table(counties, table(path, id="COUNTY ID"), columns=["BROADBAND USAGE"])
    zeros, left, empty = findings_of(joined)[-3:]
    assert (zeros.code, zeros.count) == ("leading_zeros_restored", 316)
    assert (left.code, left.count) == ("rows_without_polygon", 3)
    assert joined.attrs["join"]["rows_without_polygon"] == ["2270", "46113", "51515"]
    assert (empty.code, empty.count) == ("polygons_without_row", 80)
    assert len(joined) == 3220
    assert joined.crs.to_epsg() == 4269
    plain = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
    plain.columns = plain.columns.str.strip()
    use = pd.to_numeric(plain["BROADBAND USAGE"].str.strip(), errors="coerce")
    use.index = plain["COUNTY ID"].str.zfill(5)
    assert joined["BROADBAND USAGE"].sum() == pytest.approx(use.drop(["02270", "46113", "51515"]).sum(), abs=1e-9)
    assert joined["BROADBAND USAGE"].loc[["01001", "48201"]].tolist() == use.loc[["01001", "48201"]].tolist()


def test_counties_of_2020_are_all_there(shared_data, counties):
    joined = join_table(counties, table(shared_data("us_counties/broadband_data_2020October.csv"), id="COUNTY ID"))
    assert codes(joined)[-2:] == ["leading_zeros_restored", "polygons_without_row"]
    assert joined.attrs["join"]["matched"] == 3142
    # All that have no row are in Puerto Rico.
    empty = joined.index[joined["ST"].isna()]
    assert len(empty) == 78
    assert set(empty.str[:2]) == {"72"}


def test_counties_of_iran_by_name_in_arabic_letters(shared_data):
    """The census writes Persian letters; a table typed on an Arabic keyboard still finds all 429 counties."""
    path = shared_data("iran/iran_counties_2016.gpkg")
    places = read_vector(path, name="counties", id="county_code", columns=["county_name"], repair=True)
    plain = gpd.read_file(path, ignore_geometry=True)
    typed = pd.DataFrame(
        {
            "name": plain["county_name"].str.translate(str.maketrans("یک", "يك")) + " ",
            "people": plain["population"].map("{:,}".format).str.translate(str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")),
        }
    ).sample(frac=1, random_state=1)
    assert len(places.merge(typed, left_on="county_name", right_on="name")) < 429
    text = typed.to_csv(index=False, sep=";")
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "typed.csv"
        file.write_text(text, encoding="utf-8")
        joined = join_table(places, table(file), key="name", polygon_key="county_name", people="people")
    assert joined["people"].sum() == plain["population"].sum() == 79_926_270
    assert joined["people"].to_dict() == plain.set_index("county_code")["population"].to_dict()
    assert joined.attrs["join"]["matched"] == 429


def test_a_tract_of_new_york_that_is_there_twice(shared_data):
    tracts = gpd.read_file(shared_data("new_york/new-york-city_tracts_acs2019_fcc.gpkg"))
    twice = pd.concat([tracts, tracts.head(3)], ignore_index=True)
    kept = unique_rows(twice, key="geoid", name="tracts")
    ledger = kept.attrs["ledger"]["population"]
    assert len(kept) == tracts["geoid"].nunique()
    assert ledger["after"] == tracts["population"].sum()
    assert ledger["left out"] == tracts["population"].head(3).sum() > 0
    twice.loc[len(tracts), "households"] += 1
    with pytest.raises(DuplicateIdError, match=f"contradict each other .{tracts['geoid'].iloc[0]}"):
        unique_rows(twice, key="geoid", name="tracts")
