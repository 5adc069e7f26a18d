"""Every number of the pages against the tables: sentences, legends, means, worst tenths, people, and the console."""

import base64
import gzip
import importlib.util
import json
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spatialjustice import study


def tool():
    path = Path(__file__).parents[3] / "tools" / "numbers_agree.py"
    spec = importlib.util.spec_from_file_location("numbers_agree", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = tool()


def blocks(html):
    found = re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', html, re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def zones_of(html):
    """What the page holds of its zones, unpacked as a browser would."""
    for data in blocks(html).values():
        whole = data
        if isinstance(data, dict) and isinstance(data.get("packed"), dict):
            text = data["packed"]["data"]
            whole = json.loads(gzip.decompress(base64.b64decode(text))) if isinstance(text, str) else text
        if isinstance(whole, dict) and "indicators" in whole and "ids" in whole:
            return whole
    raise AssertionError("no zones in the page")


def number(text):
    return float(re.sub(r"[^\d.]", "", text))


def plain(text):
    return re.sub("[\u2066-\u2069]", "", text.replace("\u00a0", " "))


class Opened:
    """One study's outputs: its page as data, and its tables."""

    def __init__(self, results):
        html = (results.folder / "map.html").read_text(encoding="utf-8")
        self.results = results
        self.page = blocks(html)["report-data"]["indicators"]
        self.data = zones_of(html)
        self.indicators = {one["key"]: one for one in self.data["indicators"]}
        tables = results.folder / "tables"
        self.zones = pd.read_csv(tables / "zones.csv", dtype={"zone_id": str}).set_index("zone_id")
        self.shares = pd.read_csv(tables / "shares.csv")
        self.distribution = pd.read_csv(tables / "distribution.csv")
        name = "people_estimated" if "people_estimated" in self.zones else "people"
        self.people = self.zones[name]


@pytest.fixture(scope="module", params=["demo", "gaps"])
def opened(request, tmp_path_factory):
    if request.param == "demo":
        return Opened(study.demo(out=tmp_path_factory.mktemp("numbers") / "out"))
    city = request.getfixturevalue("city_once")
    # Of the westernmost zones the raster says nothing: who lives there is not known.
    people = np.ones((12, 12), dtype="float32")
    people[:, :3] = -200.0
    request.getfixturevalue("write_raster")(city.folder / "people.tif", people=people)
    return Opened(study.run(city.study(), out=tmp_path_factory.mktemp("numbers") / "out", data_dir=city.folder))


def test_every_number_of_the_pages_is_that_of_the_tables(opened):
    """Overview, sentences in both languages, legends, means, values of zones, neighbourhoods, gaps and districts."""
    assert TOOL.check(opened.results.folder) == []


@pytest.mark.parametrize("wrong", ["total", "row"])
def test_a_legend_whose_total_or_row_differs_is_named(opened, monkeypatch, wrong):
    """Each alone is enough: the total over right rows, and a row under a right total."""
    run = TOOL.Run(opened.results.folder)
    assert list(TOOL.whole(run)) == []
    ((mode, indicators, told), *_) = run.modes()
    legend = indicators[0]["legend"]
    rows = [dict(row) for row in legend["rows"]]
    part = next(row for row in rows if not math.isnan(TOOL.number(row["people"])))
    part["people"] = f"{TOOL.number(part['people']) + (wrong == 'row'):,.0f}"
    total = f"{TOOL.number(legend['people']) + (wrong == 'total'):,.0f}"
    changed = {**indicators[0], "legend": {**legend, "rows": rows, "people": total}}
    monkeypatch.setattr(run, "modes", lambda: iter([(mode, [changed], told)]))
    (line,) = TOOL.whole(run)
    assert line.startswith(f"{mode} {changed['key']}: the legend counts")


def test_a_number_that_differs_is_named(opened, tmp_path):
    """One person more within the limit, one zone with another value: each is found."""
    copy = shutil.copytree(opened.results.folder, tmp_path / "out")
    overview, zones = copy / "tables" / "overview.csv", copy / "tables" / "zones.csv"
    table = pd.read_csv(overview)
    table["people_beyond"] += 1
    table.to_csv(overview, index=False)
    table = pd.read_csv(zones)
    column = next(name for name in table if name.endswith("_metres"))
    known = table[column.replace("_metres", "_status")] == "ok"
    table.loc[table[column].where(known).idxmin(), column] += 5
    table.to_csv(zones, index=False)
    found = TOOL.check(copy)
    assert any("the sentence lacks" in line for line in found)
    assert any("1 zones have another value" in line for line in found)


def limits_of(label):
    """Lower and upper limit that the label of a class names."""
    found = [float(part.replace(",", "")) for part in re.findall(r"[\d,]+(?:\.\d+)?", plain(label))]
    if "up to" in label:
        return -math.inf, found[0]
    if "more than" in label or "over" in label:
        return found[0], math.inf
    return (found[0], found[1]) if len(found) == 2 else (found[0] - 1, found[0])


def test_classes_of_the_map_are_those_of_the_written_values(opened):
    """Who classes the column of the table by the limits of the legend finds the zones of the legend."""
    for item in opened.results["reach"]:
        legend = opened.indicators[f"{item.service}_{item.unit}"]["legend"]
        column = opened.zones[f"{item.service}_{item.mode.key}_{item.unit}"]
        status = opened.zones[f"{item.service}_{item.mode.key}_status"]
        there = column[
            ~status.isin(["no_population", "unreachable", "off_network", "outside_data"]) & opened.people.notna()
        ]
        for row in legend["rows"]:
            if not row["key"].startswith("class_"):
                continue
            low, high = limits_of(row["label"])
            assert ((there > low) & (there <= high)).sum() == number(row["zones"]), (item.service, row["label"])


def test_means_and_worst_tenths_are_those_of_the_tables(opened):
    """Mean and worst tenth from the columns of zones, by hand; everybody counts, those without a way first."""
    for item in opened.results["reach"]:
        told = opened.page[f"{item.service}_{item.unit}"]
        column = opened.zones[f"{item.service}_{item.mode.key}_{item.unit}"]
        status = opened.zones[f"{item.service}_{item.mode.key}_status"]
        counted = opened.people.fillna(0.0).where(status != "outside_data", 0.0)
        known = column.notna() & (counted > 0)
        assert told["mean"] == pytest.approx(np.average(column[known], weights=counted[known]), abs=0.06)
        rising = column.fillna(math.inf)[counted > 0].sort_values()
        place = (counted[rising.index].cumsum() >= counted.sum() * (0.9 - 1e-9)).argmax()
        worst = rising.iloc[place]
        assert told["centiles"][89] == (None if math.isinf(worst) else pytest.approx(worst, abs=1.0))
        minutes = opened.zones[f"{item.service}_{item.mode.key}_minutes"].fillna(math.inf)
        by_time = minutes[counted > 0].sort_values()
        tenth = by_time.iloc[(counted[by_time.index].cumsum() >= counted.sum() * (0.9 - 1e-9)).argmax()]
        row = opened.distribution.set_index(["service", "mode"]).loc[(item.service, item.mode.key)]
        written = row["minutes_of_the_worst_served_tenth"]
        assert np.isnan(written) if math.isinf(tenth) else written == pytest.approx(tenth, abs=0.02)
        line = next(
            one
            for one in opened.results.overview().splitlines()
            if one.startswith(item.service.replace("_", " ") + "  ")
        )
        assert line.rstrip().endswith("no way" if math.isinf(tenth) else f"{written:.1f} min"), line


def test_where_nobody_knows_how_many_live_there_the_legend_says_so(opened):
    unknown = opened.people.isna()
    assert unknown.any() == (opened.results.title == "Synthetic city")
    for indicator in opened.indicators.values():
        row = next(row for row in indicator["legend"]["rows"] if row["key"] == "no_data")
        if unknown.any() and number(row["zones"]) == unknown.sum():
            assert row["people"] == "unknown"
