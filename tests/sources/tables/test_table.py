"""Tables as they come: each trap first shown on the naked library where that is cheap, then refused or mended."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DamagedFileError, DuplicateIdError, InputError, MissingFileError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources import table
from spatialjustice.sources.tables._numbers import number_meant


@pytest.fixture
def put(tmp_path):
    """Write bytes or text, and give the file."""

    def write(content, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def codes(frame):
    return [finding.code for finding in findings_of(frame)]


# --- the bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marks", [0, 1, 2, 3])
def test_byte_order_marks_do_not_become_part_of_a_name(put, marks):
    path = put(b"\xef\xbb\xbf" * marks + b"code,people\n01001,5\n")
    if marks == 3:  # what the library makes of it: it takes away two
        assert list(pd.read_csv(path, encoding="utf-8-sig").columns) == ["\ufeffcode", "people"]
    frame = table(path, id="code")
    assert frame["people"].to_dict() == {"01001": 5}
    assert codes(frame) == (["byte_order_marks_left_out"] if marks > 1 else [])


def test_utf16_says_so_itself(put):
    assert table(put("code,people\nA,5\n", encoding="utf-16"), id="code")["people"].tolist() == [5]


def test_persian_in_windows_letters_is_guessed_and_told(put):
    path = put("شهر,people\nکرج,5\n", encoding="cp1256")
    assert "کرج" not in pd.read_csv(path, encoding="latin-1").iloc[0, 0]  # garbled without a word
    for encoding, said in ((None, ["encoding_guessed"]), ("cp1256", [])):
        frame = table(path, encoding=encoding)
        assert (list(frame.columns), frame["شهر"].tolist()) == (["شهر", "people"], ["کرج"])
        assert codes(frame) == said


def test_letters_that_several_encodings_have_are_not_guessed(put):
    with pytest.raises(InputError, match=r"not UTF-8: line 2.*“León,5” as cp125.*encoding='cp1256'"):
        table(put("name,people\nLeón,5\n", encoding="cp1252"))


@pytest.mark.parametrize(
    ("encoding", "found"), [("ascii", "is not ascii"), ("latin-1", "would be garbled"), ("x", "no enc")]
)
def test_a_wrong_encoding_is_refused(put, encoding, found):
    with pytest.raises(InputError, match=found):
        table(put("شهر,people\nکرج,5\n"), encoding=encoding)


def test_windows_letters_read_as_latin_1_are_refused(put):
    """The byte 0x98 is ک in cp1256 and a control sign in latin-1."""
    with pytest.raises(InputError, match="control signs.*“کرج,5” as cp1256"):
        table(put("name,people\nکرج,5\n", encoding="cp1256"), encoding="latin-1")


def test_letters_garbled_before_are_pointed_out(put):
    twice = "Álava".encode().decode("latin-1")
    frame = table(put(f"name,people\n{twice},5\nAlmería,6\n{'España'.encode().decode('cp1252')},7\n"))
    assert codes(frame) == ["letters_garbled"]
    assert "for “Álava”" in findings_of(frame)[0].message
    assert codes(table(put("name,people\nÁrea,5\nکرج,6\n"))) == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("iran/iran_counties_2016.gpkg", "county_name"),
        ("madrid/madrid_nbhds.gpkg", "NOMBRE"),
        ("barcelona/08019_punts_wifi.geojson", "NOM_BARRI"),
    ],
)
def test_real_names_are_not_taken_for_garbled_and_are_found_when_they_are(shared_data, put, name, column):
    names = table(shared_data(name))
    assert "letters_garbled" not in codes(names)
    harmed = "\n".join(f'"{each}"'.encode().decode("latin-1") for each in names[column].unique())
    assert "letters_garbled" in codes(table(put(f"name\n{harmed}\n")))


def test_bytes_of_nothing_are_no_table(put):
    with pytest.raises(DamagedFileError, match="bytes of 0"):
        table(put(b"a,b\n1,\x00\n"))


# --- rows and columns -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_file(put, sign):
    frame = table(put(f"code{sign}people\n01{sign}5\n02{sign}6\n"), id="code")
    assert frame["people"].to_dict() == {"01": 5, "02": 6}


def test_two_separators_that_fit_are_refused(put):
    path = put("a,b;c\n1,2;3\n")
    with pytest.raises(InputError, match="every comma and semicolon"):
        table(path)
    assert list(table(path, separator=";").columns) == ["a,b", "c"]


def test_a_decimal_comma_between_commas_moves_no_cell(put):
    path = put("code,share,people\nA,0,5,100\nB,0,7,200\n")
    assert pd.read_csv(path)["people"].tolist() == [100, 200]  # with the codes lost: A is an index now
    with pytest.raises(DamagedFileError, match=r"2 lines .* have not the 3 cells.*first has 4.*export with semicolons"):
        table(path)


def test_a_cut_row_is_named(put):
    with pytest.raises(DamagedFileError, match="line 3"):
        table(put("a,b,c\n1,2,3\n4,5\n"))


def test_an_open_quotation_mark_is_named(put):
    with pytest.raises(DamagedFileError, match="line 3.*quotation mark"):
        table(put('a,b\n1,2\n"3,4\n5,6\n'))


def test_names_of_columns(put):
    frame = table(put(" code ,BROADBAND  USAGE ,,\nA,5,7,\n"))
    assert list(frame.columns) == ["code", "BROADBAND USAGE", "column 3"]
    assert codes(frame) == ["column_names_trimmed", "columns_without_name"]
    with pytest.raises(InputError, match="several columns called people"):
        table(put("people, people\n1,2\n"))


@pytest.mark.parametrize("content", ["", "a,b\n", "\n\n"])
def test_nothing_is_no_table(put, content):
    with pytest.raises(InputError, match="no rows"):
        table(put(content))


def test_a_column_that_is_not_there(put):
    with pytest.raises(InputError, match="no column cod. Did you mean code"):
        table(put("code,people\nA,5\n"), id="cod")


def test_no_file(tmp_path):
    with pytest.raises(MissingFileError):
        table(tmp_path / "no.csv")


# --- numbers ----------------------------------------------------------------------------------------------------------

NUMBERS = {
    "decimal comma": (["12,5", "7,25", "-3"], [12.5, 7.25, -3.0]),
    "thousands and decimal comma": (["1.234,5", "950", "1.000.000"], [1234.5, 950.0, 1e6]),
    "thousands and decimal point": (["1,234.5", "950", "1,000,000"], [1234.5, 950.0, 1e6]),
    "Persian": (["۲٬۳۴۶٫۸", "۴۲", "−۳"], [2346.8, 42.0, -3.0]),
    "Arabic": (["١٢٣", "٤٥"], [123, 45]),
    "spaces between thousands": (["1\u00a0234", "12\u202f345\u202f678"], [1234, 12345678]),
    "three decimals below one": (["0.391", "0.452"], [0.391, 0.452]),
    "exponent": (["1e3", "2.5E-1"], [1000.0, 0.25]),
    "padded": ([" 0.81 ", " 0.28 "], [0.81, 0.28]),
}


@pytest.mark.parametrize("way", NUMBERS)
def test_numbers_as_people_write_them(put, way):
    cells, values = NUMBERS[way]
    frame = table(put("n;x\n" + "".join(f"{cell};a\n" for cell in cells)))
    assert frame["n"].tolist() == values


def test_the_harm_of_decimal_commas_and_thousands(put):
    path = put("n;m\n12,5;1.234\n7,25;2.500\n")
    naked = pd.read_csv(path, sep=";")
    assert naked["n"].sum() == "12,57,25"
    assert naked["m"].sum() == pytest.approx(3.734)
    # The commas of the first column make it likely that the points of the second part thousands.
    frame = table(path)
    assert frame["n"].sum() == 19.75
    assert frame["m"].sum() == 3734
    assert codes(frame) == ["numbers_rewritten", "decimal_sign_guessed"]


@pytest.mark.parametrize(
    ("cells", "point", "comma"), [(["1.234", "950"], 1.234, 1234), (["1,234", "950"], 1234, 1.234)]
)
def test_two_readings_are_refused_until_one_is_told(put, cells, point, comma):
    path = put("n;x\n" + "".join(f"{cell};a\n" for cell in cells))
    with pytest.raises(
        InputError, match=r"with decimals or with thousands.*line 2.*decimal='\.' or decimal=','"
    ) as caught:
        table(path)
    assert caught.value.rows == ("line 2",)
    assert table(path, decimal=".")["n"].iloc[0] == point
    assert table(path, decimal=",")["n"].iloc[0] == comma


def test_points_and_commas_before_decimals_in_one_column_are_refused(put):
    with pytest.raises(InputError, match="after a point and after a comma"):
        table(put("n;x\n1.5;a\n2,5;a\n"))


def test_a_column_with_a_word_in_it_stays_text_and_says_so(put):
    path = put("n\n" + "1\n" * 9 + "few\n")
    frame = table(path)
    assert frame["n"].tolist() == ["1"] * 9 + ["few"]
    assert "1 of its 10 filled cells are no numbers, for example few" in findings_of(frame)[0].message
    assert table(path, missing=["few"])["n"].isna().sum() == 1


@pytest.mark.parametrize("mark", ["-", "–", "..", ":", "n/a", "(X)", "NULL"])
def test_marks_among_numbers_are_missing_and_counted(put, mark):
    frame = table(put(f"n,name\n1.5,-\n{mark},x\n"))
    assert frame["n"].isna().tolist() == [False, True]
    assert frame["name"].tolist() == ["-", "x"]
    assert [(finding.code, finding.count) for finding in findings_of(frame)] == [("marks_made_missing", 1)]


def test_codes_keep_their_zeros(put):
    frame = table(put("code,post,people\n01001,00501,5\n01003,10001,7\n"))
    assert frame["code"].tolist() == ["01001", "01003"]
    assert frame["post"].tolist() == ["00501", "10001"]
    assert table(put("code,people\n1001,5\n"), text=["code"])["code"].tolist() == ["1001"]


def test_codes_of_many_digits_keep_them_all(put):
    """The last digit of 17 is lost in a number of double precision."""
    path = put("tile,people\n13320330130312321,5\n13320330130312323,6\n")
    assert float("13320330130312321") == 13320330130312320
    assert table(path)["tile"].tolist() == ["13320330130312321", "13320330130312323"]


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 2)), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_way_of_writing_gives_the_number_back(values):
    persian = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")
    for value in values:
        point = f"{value:,.2f}"
        comma = point.translate(str.maketrans(".,", ",."))
        assert number_meant(point, ".") == number_meant(comma, ",") == value
        from spatialjustice.sources.tables._numbers import WRITTEN

        assert number_meant(point.translate(persian).translate(WRITTEN), ".") == value


@given(st.binary(max_size=300) | st.text(alphabet='0129.,;|"\n\t-٫٬۱٣ بx', max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_table_or_an_error_that_says_why(fuzzed, content):
    fuzzed.write_bytes(content)
    rows, advice = 0, ""
    try:
        rows = len(table(fuzzed))
    except InputError as error:
        advice = error.advice
    assert bool(advice) != bool(rows)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "table.csv"


# --- codes for missing values -----------------------------------------------------------------------------------------


def test_codes_of_estimates_are_missing(put):
    path = put("t,income\nA,50000\nB,-666666666\nC,\n")
    assert pd.read_csv(path)["income"].sum() < 0
    frame = table(path, id="t")
    assert frame["income"].dropna().to_dict() == {"A": 50000.0}
    (finding,) = findings_of(frame)
    assert (finding.code, finding.count) == ("codes_made_missing", 1)
    assert "income (-666666666, 1 rows)" in finding.message


def test_nines_are_missing_where_nothing_else_is_negative(put):
    frame = table(put("people,change\n5,-9999\n-9999,-3\n"))
    assert frame["people"].isna().tolist() == [False, True]
    # Among other negative numbers it is left, and pointed out.
    assert frame["change"].tolist() == [-9999, -3]
    assert codes(frame) == ["codes_made_missing", "codes_suspected"]
    assert "change (-9999)" in findings_of(frame)[1].message


def test_short_codes_are_pointed_out_and_taken_on_request(put):
    path = put("people\n5\n-1\n-1\n")
    frame = table(path)
    assert frame["people"].tolist() == [5, -1, -1]
    assert [(finding.code, finding.count) for finding in findings_of(frame)] == [("codes_suspected", 2)]
    assert table(path, missing=[-1])["people"].isna().sum() == 2


# --- ids --------------------------------------------------------------------------------------------------------------


def test_repeated_ids_are_refused_and_told_apart(put):
    """Twice the same row, or two rows that contradict each other: 15 people would become 25."""
    with pytest.raises(DuplicateIdError, match="1 ids occur more than once with the same values.*unique_rows"):
        table(put("t,people\nA,10\nB,5\nA,10\n"), id="t")
    with pytest.raises(DuplicateIdError, match="values that contradict each other .A.*cannot be told"):
        table(put("t,people\nA,10\nB,5\nA,12\n"), id="t")
    with pytest.raises(DuplicateIdError, match=r"1 rows have no t .line 3"):
        table(put("t,people\nA,10\n,5\n"), id="t")


# --- other formats ----------------------------------------------------------------------------------------------------


def test_formats_agree(tmp_path, put):
    rows = pd.DataFrame({"code": ["01001", "01003"], "people": [5, -666666666], "name": ["کرج", "Área"]})
    rows.to_parquet(tmp_path / "t.parquet")
    rows.to_excel(tmp_path / "t.xlsx", index=False)
    import geopandas as gpd
    from shapely import Point

    gpd.GeoDataFrame(rows, geometry=[Point(0, 0)] * 2, crs=4326).to_file(tmp_path / "t.gpkg")
    read = [table(tmp_path / f"t.{ending}", id="code") for ending in ("parquet", "xlsx", "gpkg")]
    read.append(table(put(rows.to_csv(index=False)), id="code"))
    for frame in read:
        assert frame.index.tolist() == ["01001", "01003"]
        assert list(frame.columns) == ["people", "name"]
        assert frame["people"].tolist()[0] == 5
        assert frame["people"].isna().tolist() == [False, True]
        assert frame["name"].tolist() == ["کرج", "Área"]
        assert codes(frame) == ["codes_made_missing"]
        assert len(sources_of(frame)) == 1


def test_numbers_of_a_workbook_kept_as_ids_have_no_decimals(tmp_path):
    pd.DataFrame({"code": [1001.0, 1003.0], "people": ["1,5", "2,5"]}).to_excel(tmp_path / "t.xlsx", index=False)
    frame = table(tmp_path / "t.xlsx", id="code")
    assert frame["people"].to_dict() == {"1001": 1.5, "1003": 2.5}


def test_sheets_and_layers_must_be_named(tmp_path):
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="one", index=False)
        pd.DataFrame({"b": [2]}).to_excel(book, sheet_name="two", index=False)
    with pytest.raises(InputError, match="2 sheets: one, two"):
        table(tmp_path / "t.xlsx")
    assert table(tmp_path / "t.xlsx", layer="two")["b"].tolist() == [2]
    with pytest.raises(InputError, match="no sheet three"):
        table(tmp_path / "t.xlsx", layer="three")


@pytest.mark.parametrize("name", ["t.parquet", "t.gpkg", "t.xlsx"])
def test_what_is_cut_off_is_damaged(put, name):
    with pytest.raises(DamagedFileError):
        table(put(b"PK\x03\x04 half a file", name))


# --- the real files, against plain reading ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "gaps"),
    [("broadband_data_2019November.csv", 3143, (32, 9)), ("broadband_data_2020October.csv", 3142, (9, 11))],
)
def test_counties_of_the_united_states(shared_data, name, rows, gaps):
    """Byte-order mark, padded names and cells, dashes for gaps; the numbers against Python's own csv module."""
    path = shared_data(f"us_counties/{name}")
    frame = table(path, id="COUNTY ID")
    measures = ["BROADBAND AVAILABILITY PER FCC", "BROADBAND USAGE"]
    assert list(frame.columns) == ["ST", "COUNTY NAME", *measures]
    assert codes(frame) == ["column_names_trimmed", "marks_made_missing"]
    assert findings_of(frame)[1].count == sum(gaps)
    plain = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))[1:]
    assert len(frame) == len(plain) == rows
    assert frame.index.tolist() == [row[1] for row in plain]
    for column, place, gap in zip(measures, (3, 4), gaps, strict=True):
        cells = [row[place].strip() for row in plain]
        numbers = [float(cell) for cell in cells if cell != "-"]
        assert len(numbers) == rows - gap
        assert frame[column].dropna().tolist() == numbers


def test_kiosks_of_new_york(shared_data):
    path = shared_data("new_york/LinkNYC_Locations.csv")
    frame = table(path)
    with path.open(encoding="utf-8", newline="") as stream:
        plain = list(csv.DictReader(stream))
    assert len(frame) == len(plain) == 1868
    assert frame["Latitude"].tolist() == [float(row["Latitude"]) for row in plain]
    assert (frame["Project Status"] == "Live").sum() == sum(row["Project Status"] == "Live" for row in plain)


def test_hotspots_of_new_york(shared_data):
    path = shared_data("new_york/NYC_Wi-Fi_Hotspot_Locations.csv")
    frame = table(path, id="OBJECTID")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        plain = list(csv.DictReader(stream))
    assert len(frame) == len(plain) == 3319
    assert frame.index.tolist() == [row["OBJECTID"] for row in plain]
