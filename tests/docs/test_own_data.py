"""The page on data of one's own: its table names words that functions take."""

from __future__ import annotations

import re
from pathlib import Path

import spatialjustice as sj

PAGE = (Path(__file__).resolve().parents[2] / "docs/guide/own_data.md").read_text(encoding="utf-8")


def test_the_words_of_its_table_are_those_of_the_functions():
    calls = re.findall(r"`(\w+)\([^`]*\)`", PAGE.split("|---|---|")[1].split("##")[0])
    assert {"zones", "boundary", "services_from_file", "zones_from_table"} <= set(calls)
    for verb in ("zones", "boundary", "services_from_file"):
        assert {"geometry", "crs", "encoding"} <= set(getattr(sj.sources, verb).__wrapped__.__kwdefaults__)
