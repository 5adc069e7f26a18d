"""Tables kept as text: every fault of headers, letters and numbers is mended and named, or refused."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice.sources.tables._text_tables import numbers_in, read_text_table


def written(folder, text, name="table.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_doubled_marks_and_padding_leave_the_header_and_are_named(tmp_path):
    path = written(tmp_path, "\ufeff\ufeffST,COUNTY ID, BROADBAND  USAGE \r\nAL,01001, 0.28 \r\n")
    found = read_text_table(path, name="counties")
    assert found.columns.tolist() == ["ST", "COUNTY ID", "BROADBAND USAGE"]
    assert found.loc[1, "COUNTY ID"] == "01001", "codes keep their zeros"
    marks, trimmed = found.attrs["findings"]
    assert (marks["code"], marks["count"]) == ("byte_order_marks_left_out", 2)
    assert (trimmed["code"], trimmed["count"]) == ("column_names_trimmed", 1)
    assert found.attrs["sources"][0]["file"] == "table.csv"


def test_a_mark_read_in_the_wrong_encoding_goes_too(tmp_path):
    assert read_text_table(written(tmp_path, "ï»¿OBJECTID,b\n1,2\n"), name="t").columns[0] == "OBJECTID"


def test_semicolons_tabs_quotes_and_gzip(tmp_path):
    assert read_text_table(written(tmp_path, 'a;b\n1;"x;y"\n'), name="t").loc[1, "b"] == "x;y"
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tb\n1\t2,5\n", mtime=0))
    assert read_text_table(path, name="t").loc[1, "b"] == "2,5"


def test_persian_letters_in_the_old_encoding(tmp_path):
    town = "تهران"
    path = written(tmp_path, f"{town},b\n1,2\n", encoding="cp1256")
    with pytest.raises(InputError, match="“تهران,b” as cp1256"):
        read_text_table(path, name="towns")
    assert read_text_table(path, name="towns", encoding="cp1256").columns[0] == town


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows below its header"),
        ("a,a\n1,2\n", "several columns called a"),
        ("a,b\n1,2\n3,4,5\n", "have not the 2 cells of its header"),
        ("a,share\nx,12,5\n", "have not the 2 cells of its header"),
        ("b\n1\n", "no column a"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(InputError, match=said) as caught:
        read_text_table(written(tmp_path, text), name="table", columns=["a"])
    assert caught.value.name == "table"


def test_a_cut_archive_is_damaged(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:-9])
    with pytest.raises(DamagedFileError):
        read_text_table(path, name="t")


def test_numbers_are_read_and_never_guessed():
    assert numbers_in(pd.Series([" 0.5 ", "۱۲", "-", "NA", ""]), "x").fillna(-1).tolist() == [0.5, 12, -1, -1, -1]
    for odd in ("1,234", "0,5", "1٬234", "many", "inf"):
        with pytest.raises(InputError, match="no plain numbers"):
            numbers_in(pd.Series(["1", odd]), "x")
    with pytest.raises(InputError, match="empty"):
        numbers_in(pd.Series(["1", " - "]), "x", may_be_missing=False)


@pytest.mark.parametrize(
    ("file", "missing"), [("broadband_data_2019November.csv", (32, 9)), ("broadband_data_2020October.csv", (9, 11))]
)
def test_both_files_of_us_counties(shared_data, file, missing):
    """Dashes stand for unknown; counts taken with grep on the files."""
    found = read_text_table(shared_data(f"us_counties/{file}"), name="counties")
    assert found.columns.tolist() == [
        "ST", "COUNTY ID", "COUNTY NAME", "BROADBAND AVAILABILITY PER FCC", "BROADBAND USAGE",
    ]  # fmt: skip
    shares = [numbers_in(found[column], column) for column in found.columns[3:]]
    assert tuple(int(column.isna().sum()) for column in shares) == missing
    assert all(column.dropna().between(0, 1).all() for column in shares)
