"""The overview of a study: its numbers are those of the tables, counted again here, on every page and console."""

from __future__ import annotations

import html
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spatialjustice import study
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.catalogue import text_in
from spatialjustice.study.outputs.caveats import MOST, caveats
from spatialjustice.study.sections.coverage import next_place
from spatialjustice.study.sections.coverage.at_a_glance import at_a_glance
from spatialjustice.study.sections.coverage.overview import sentences

LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬٫٪", "0123456789,.%")


@pytest.fixture(scope="module")
def found(everything_once, tmp_path_factory):
    """The synthetic city on foot and by bicycle, with groups: more women live in the south."""
    path = everything_once.study(modes=["walk", "bicycle"], services=["pharmacy", "library", "hospital"])
    return study.run(path, out=tmp_path_factory.mktemp("overview") / "out")


def cells(page, section):
    """The table of services and modes as a reader sees it: share, people beyond, worst tenth, and where it leads."""
    shown = section.search(page)[0]
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', shown, re.DOTALL)
    text = [
        [re.sub(r"<[^>]+>", " ", html.unescape(one)).split() for one in re.findall(r"<td class=\"cell.*?</td>", row)]
        for row in rows
    ]
    return text, re.findall(r'<td class="cell[^>]*><a href="([^"]+)"', shown)


INDEX = re.compile(r'<section class="overview">.*?</section>', re.DOTALL)
MAP = re.compile(r'<section id="overview".*?</section>', re.DOTALL)


def test_the_table_counts_everybody_once(found):
    table = pd.read_csv(found.folder / "tables" / "overview.csv")
    assert list(table["service"].unique()) == ["pharmacy", "library", "hospital"]
    mapped = table[table["places"] > 0]
    assert (mapped["people_within"] + mapped["people_beyond"]).tolist() == pytest.approx(mapped["people"].tolist())
    assert mapped["share_within"].tolist() == pytest.approx((mapped["people_within"] / mapped["people"]).tolist())
    # Nobody has mapped a hospital: that is not known, and no zero.
    unknown = table[table["places"] == 0]
    assert len(unknown) == 2
    assert unknown[["people_within", "people_beyond", "share_within", "worst_tenth"]].isna().all(axis=None)


def test_its_numbers_are_those_of_the_zones(found):
    """Counted again from what each zone has: the way, the limit, the people."""
    zones = pd.read_csv(found.folder / "tables" / "zones.csv")
    for row in at_a_glance(found).to_dict("records"):
        if not row["places"]:
            continue
        way = zones[f"{row['service']}_{row['mode']}_{row['unit']}"]
        limit = float(row["limit"].split()[0])
        assert row["people_within"] == pytest.approx(zones.loc[way <= limit, "people"].sum())
        order = np.argsort(way.fillna(np.inf).to_numpy(), kind="stable")
        reached = zones["people"].to_numpy()[order].cumsum() / zones["people"].sum()
        worst = way.fillna(np.inf).to_numpy()[order][np.searchsorted(reached, 0.9 - 1e-9)]
        assert row["worst_tenth"] == pytest.approx(worst, abs=0.06)


@pytest.mark.parametrize(("name", "section"), [("index.html", INDEX), ("map.html", MAP)])
def test_every_page_shows_the_numbers_of_the_table(found, name, section):
    page = (found.folder / name).read_text(encoding="ascii")
    text, addresses = cells(page, section)
    table = pd.read_csv(found.folder / "tables" / "overview.csv")
    shown = [one for row in text for one in row]
    assert len(shown) == len(table) == len(addresses)
    order = table.set_index(["service", "mode"])
    expected = [(service, mode) for service in ("pharmacy", "library", "hospital") for mode in ("walk", "bicycle")]
    for one, address, key in zip(shown, addresses, expected, strict=True):
        row = order.loc[key]
        assert f"mode={key[1]}&amp;show={key[0]}_{row['unit']}" in address
        if not row["places"]:
            assert one == ["not", "mapped"]
            continue
        assert one[-4:-2] + one[-2:] == [
            f"{row['share_within'] * 100:.0f}%",
            f"{row['people_beyond']:,.0f}",
            f"{row['worst_tenth']:,.0f}",
            "m" if row["unit"] == "metres" else "min",
        ]


def test_sentences_tell_the_largest_gap_and_the_worst_group(found):
    table = at_a_glance(found)
    said = [one["en"].replace("\u00a0", " ") for one in sentences(found, table)]
    assert len(said) == 4
    walk = table[(table["mode"] == "walk") & (table["places"] > 0)].set_index("service")
    service = walk["people_beyond"].idxmax()
    row = walk.loc[service]
    title = text_in(found.titles[service], "en")
    assert said[1].startswith(f"Largest gap on foot – {title}: {row['people_beyond'] / row['people']:.0%} of people, ")
    assert f"{row['people_beyond']:,.0f} of {row['people']:,.0f}" in said[1]
    assert f"at least {row['worst_tenth']:,.0f} m" in said[1]
    lack = pd.read_csv(found.folder / "tables" / "zones.csv")
    beyond = sum((~(lack[f"{name}_walk_metres"] <= 500)).astype(int) for name in ("pharmacy", "library"))
    most = max(count for count in (1, 2) if lack.loc[beyond >= count, "people"].sum() >= 16)
    worst = lack[beyond >= most].groupby("neighbourhood")["people"].sum().sort_values(ascending=False)
    assert said[0].startswith(f"Worst served: {worst.sum():,.0f} people")
    assert said[0].endswith(f"; together {worst.head(3).sum() / worst.sum():.0%} of them.")


def test_the_next_place_is_the_best_of_all_when_each_is_built_and_people_are_counted_again(found):
    """Each zone in turn gets the place, and who is within the limit is counted anew along the streets."""
    streets = found["streets"]["walk"]
    zones, people = found.zones, found.people
    table = pd.read_csv(found.folder / "tables" / "next_places.csv").set_index("service")
    assert list(table.index) == ["pharmacy", "library"]
    for service, row in table.iterrows():
        today = zones_within(streets, zones, found.services[found.services["service"] == service])
        brought = {zone: people[zones_within(streets, zones, zones.loc[[zone]]) & ~today].sum() for zone in zones.index}
        most = max(brought.values())
        assert row["people_more"] == pytest.approx(most)
        assert brought[row["zone_id"]] == pytest.approx(most)
        assert row["people_beyond"] == pytest.approx(people[~today].sum())


def zones_within(streets, zones, places):
    """Which zones have one of some places within 500 m, by all ways between them."""
    costs = streets.travel_costs(zones, places, unit="metres").to_frame()
    return pd.Series(zones.index.isin(costs.loc[costs["travel_cost"] <= 500, "from_id"]), index=zones.index)


def test_both_languages_say_the_same_numbers(found):
    """Digits of the Persian sentences, made Latin, are those of the English ones, in whatever order."""
    told = [
        *sentences(found, at_a_glance(found)),
        *(one.text for mode in found.study.modes for one in caveats(found, mode)),
    ]
    for one in told:
        numbers = [
            sorted(re.findall(r"\d(?:[\d,.]*\d)?", text.translate(LATIN).replace("%", "")))
            for text in (one["en"], one["fa"])
        ]
        assert numbers[0] == numbers[1], one


def warned(found, people):
    """The results, had so many people lived near the edge of the data; streets of a year, people of eight before."""
    phrases = {lang: found.study.modes[0].phrase(lang) for lang in ("en", "fa")}
    near = Finding("near_the_edge_of_the_data", "warning", "Near it.", people=people, values={"mode": phrases})
    records = [
        SourceRecord("population", "people.tif", "", 1, "", "", "2015-01-01"),
        SourceRecord("streets", "streets.osm.pbf", "", 1, "", "", "2023-02-21"),
    ]
    return replace(found, findings=[near], sources=records)


@pytest.mark.parametrize(
    ("people", "codes"),
    [
        (150.0, ["near_the_edge_of_the_data", "people_of_another_year"]),
        (15.0, ["people_of_another_year", "near_the_edge_of_the_data"]),
        (5.0, ["people_of_another_year"]),
    ],
    ids=["nearly all", "some", "few"],
)
def test_what_can_change_a_number_most_is_told_first(found, people, codes):
    """Eight years may change an eighth of the people; 5 of 160 near the edge are told among the findings alone."""
    told = caveats(warned(found, people), found.study.modes[0])
    assert [one.code for one in told] == codes
    assert len(told) <= MOST
    if people == 150.0:
        assert told[0].text["en"].startswith("94% of people (150) live near the edge")
        assert "2015" in told[1].text["en"]
        assert "2023" in told[1].text["en"]


def test_what_is_true_of_ways_is_not_said_of_people(found):
    told = caveats(warned(found, 150.0), found.study.modes[0], about=("people",))
    assert [one.code for one in told] == ["people_of_another_year"]


def test_two_shares_of_the_grid_are_not_said_without_each_other(found):
    """Half of the zones are unknown; a grid of three quarters leaves a quarter, the other quarter is empty cells."""
    half = pd.Series(np.arange(len(found.zones)) * 2 < len(found.zones), index=found.zones.index)
    covers = [Finding("raster_covers_part_of_place", "warning", "…", values={"share": 0.75})]
    made = SimpleNamespace(zones=found.zones, unknown=half, findings=covers, study=found.study, people=found.people,
                           estimated=False, sources=[])  # fmt: skip
    [one] = [one for one in caveats(made, found.study.modes[0]) if one.code == "raster_covers_part_of_place"]
    assert re.findall(r"\d+%", one.text["en"]) == ["50%", "25%", "25%"]
    assert re.findall(r"\d+%", one.text["fa"].translate(LATIN)) == ["50%", "25%", "25%"]


def test_the_console_prints_the_same_shares(found):
    text = found.overview()
    for row in at_a_glance(found).dropna(subset="share_within").to_dict("records"):
        assert f"{row['share_within']:.1%}" in text
    assert study.summary(found)["overview"][0]["service"] == "pharmacy"


@pytest.mark.parametrize("at_a_time", [1, 7, 10**9])
def test_who_the_next_place_brings_is_the_same_to_the_bit_however_pairs_are_put_together(found, monkeypatch, at_a_time):
    """Also beside sums that are rounded once (math.fsum) over the ways within the limit."""
    study_of, parts = found.study, ("zones", "people", "reach", "streets")
    work = Asked({name: found[name] for name in parts}, study_of)
    people = pd.Series(np.random.default_rng(7).random(len(found.zones)), index=found.zones.index) * 1e3
    work["people"] = people
    monkeypatch.setattr(next_place, "AT_A_TIME", at_a_time)
    table = next_place.next_places(work).set_index("service")
    streets = found["streets"]["walk"]
    for service, row in table.iterrows():
        today = zones_within(streets, found.zones, found.services[found.services["service"] == service])
        there = zones_within(streets, found.zones, found.zones.loc[[row["zone_id"]]])
        assert row["people_more"] == math.fsum(people[there & ~today])


class Asked(dict):
    """What sections made, with the study that asks for more."""

    def __init__(self, made, study_of):
        super().__init__(made)
        self.study = study_of
