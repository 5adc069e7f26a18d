"""Every number of the pages against the tables: sentences, legends, means, worst tenths, people, and the console."""

import base64
import gzip
import json
import math
import re

import numpy as np
import pandas as pd
import pytest

from spatialjustice import study

BEYOND = ("beyond_cutoff", "unreachable", "off_network")


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


def reached(opened):
    for item in opened.results["reach"]:
        limit = opened.results.study.widest(item.mode)
        row = opened.shares[
            (opened.shares["service"] == item.service)
            & (opened.shares["mode"] == item.mode.key)
            & (opened.shares["cutoff"] == limit.label)
            & (opened.shares["group"] == "everybody")
        ].iloc[0]
        yield item, limit, row


def test_sentences_tell_the_table_of_shares(opened):
    """How many live beyond the limit, of how many, and which share that is, in whole percent."""
    for item, _, row in reached(opened):
        said = plain(opened.page[f"{item.service}_{item.unit}"]["finding"]["en"])
        every = float(row["people"]) - float(row.get("people_outside_data", 0.0))
        within = float(row["people_within"])
        beyond = every - within
        if round(beyond) in (0, round(every)):
            assert re.match(rf"(None of|All) {every:,.0f} people", said), said
            continue
        assert f"{beyond:,.0f} of {every:,.0f}," in said, (said, beyond)
        share = beyond / every
        if 0.01 <= share <= 0.99:
            assert said.startswith(f"{share:.0%} of people"), said
        cut_off = float(row.get("people_unreachable", 0.0)) + float(row.get("people_off_network", 0.0))
        assert ("no way there at all" in said) == (cut_off > 0)


def test_legends_add_up_to_sentences_and_to_everybody(opened):
    for indicator in opened.indicators.values():
        rows = indicator["legend"]["rows"]
        counts = [0 if row["people"] == "unknown" else number(row["people"]) for row in rows]
        assert sum(counts) == number(indicator["legend"]["people"]) == round(opened.people.sum())
        assert sum(number(row["zones"]) for row in rows) == len(opened.zones)
    for item, _, row in reached(opened):
        legend = opened.indicators[f"{item.service}_{item.unit}"]["legend"]
        every = float(row["people"]) - float(row.get("people_outside_data", 0.0))
        last = max(one["after"] for one in legend["limits"])
        beyond = sum(
            number(one["people"])
            for place, one in enumerate(legend["rows"])
            if one["people"] != "unknown"
            and (one["key"] in BEYOND or (one["key"].startswith("class_") and place > last))
        )
        assert beyond == round(every - float(row["people_within"]))


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


def test_people_of_zones_are_those_of_the_table_and_unknown_is_not_zero(opened):
    people = dict(zip(opened.data["ids"], opened.data["people"], strict=True))
    for zone, count in opened.people.items():
        if np.isnan(count):
            assert people[zone] is None
        else:
            assert people[zone] == pytest.approx(count, abs=0.0006)
    assert sum(count or 0 for count in people.values()) == pytest.approx(opened.people.sum(), abs=0.05)


def test_where_nobody_knows_how_many_live_there_the_legend_says_so(opened):
    unknown = opened.people.isna()
    assert unknown.any() == (opened.results.title == "Synthetic city")
    for indicator in opened.indicators.values():
        row = next(row for row in indicator["legend"]["rows"] if row["key"] == "no_data")
        if unknown.any() and number(row["zones"]) == unknown.sum():
            assert row["people"] == "unknown"
