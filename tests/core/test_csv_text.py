"""Tables as comma-separated text: the bytes that pandas writes of the guarded table, and what Python's reader finds."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.disk.spreadsheets import ROWS, csv_text, safe_for_spreadsheets

# Whether a carriage return alone is put in quotes hangs on the version of Python; here it always is (last test).
SIGNS = ['"', ",", "\n", "=", ";", "\t", " ", "'", "a", "ب", "\u200f", "+", "-", "\x85"]


def by_pandas(frame: pd.DataFrame, *, index: bool) -> str:
    return safe_for_spreadsheets(frame).to_csv(index=index, lineterminator="\n")


def random_texts(count: int) -> list[str | None]:
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(SIGNS, rng.integers(0, 6))) for _ in range(count)]
    return [None if place % 11 == 0 else text for place, text in enumerate(texts)]


def many_kinds(count: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    numbers = rng.normal(0, 10.0 ** rng.integers(-12, 20, count))
    numbers[::7] = np.nan
    numbers[1::50], numbers[2::50], numbers[3::50] = np.inf, -0.0, 3.0
    each = [1, True, 1.0, "1", None, np.nan, np.float64(0.1), "=1", ["a", 2], 2**70]
    mixed = [each[place % len(each)] for place in range(count)]
    return pd.DataFrame(
        {
            "=numbers": numbers,
            'a "head", too': pd.array(random_texts(count), dtype="str"),
            "whole": rng.integers(-5, 2**40, count),
            "small": rng.integers(0, 200, count).astype(np.uint8),
            "told": rng.random(count) < 0.5,
            "mixed": pd.Series(mixed, dtype=object),
            7: numbers.round(1),
        },
        index=pd.Index([f"-{place}" if place % 3 else f"z{place}" for place in range(count)], name="zone,id"),
    )


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, ROWS + 1])
@pytest.mark.parametrize("index", [True, False])
def test_bytes_are_those_of_pandas(count: int, index: bool) -> None:
    frame = many_kinds(count)
    assert csv_text(frame, index=index) == by_pandas(frame, index=index)


def test_other_kinds_are_written_as_pandas_does() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
            "kind": pd.Categorical(["=a", "b", None]),
            "perhaps": pd.array([1, None, 3], dtype="Int64"),
            "short": np.array([0.1, np.nan, 3], dtype=np.float32),
        }
    )
    for one in (frame, frame[["day", "kind"]], frame[["short"]], pd.DataFrame({"only": [None, "", "=a"]})):
        assert csv_text(one, index=False) == by_pandas(one, index=False)
        assert csv_text(one, index=True) == by_pandas(one, index=True)
    levels = frame.set_index(["kind", "perhaps"])
    assert csv_text(levels, index=True) == by_pandas(levels, index=True)


def test_every_field_is_read_as_it_was_written() -> None:
    texts = ["plain", 'quo"te', "com,ma", "two\nlines", "carriage\rreturn", "'=1", ""]
    frame = pd.DataFrame({"text": texts, "value": [0.1, 1e300, 5e-324, -0.0, np.inf, 1 / 3, 2.0**60]})
    rows = list(csv.reader(io.StringIO(csv_text(frame, index=False), newline="")))
    assert rows[0] == ["text", "value"]
    assert [row[0] for row in rows[1:]] == texts
    assert [float(row[1]) for row in rows[1:]] == frame["value"].tolist()
