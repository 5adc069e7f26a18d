"""The pages of whole studies as a planner opens them: from the disk, without a network."""

from __future__ import annotations

import json

import pytest

from spatialjustice import study

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return study.demo(out=tmp_path_factory.mktemp("demo") / "out")


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["map.html", "map.html#fa", "index.html"])
def test_the_demo_opens_without_asking_anybody(demo, open_file, name, context):
    name, _, language = name.partition("#")
    opened = open_file(demo.folder / name, **context)
    if language:
        opened.ready().page.click(f"[data-language={language}]")
    if name != "index.html":
        opened.ready()
    assert opened.remote == []
    assert opened.errors == []
    width = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]


def test_the_index_leads_to_the_map(demo, open_file):
    opened = open_file(demo.folder / "index.html")
    opened.page.click("[data-language=fa]")
    assert opened.page.evaluate("document.documentElement.dir") == "rtl"
    opened.page.click(".entry-text a[href^='map.html']")
    opened.ready()
    assert opened.page.evaluate("document.documentElement.dir") == "rtl"
    assert opened.remote == []


def test_the_legend_counts_every_zone_and_person(demo, open_file):
    """The numbers a planner reads are those of the table: all zones, all people, whatever is shown."""
    opened = open_file(demo.folder / "map.html").ready().maps()
    options = opened.page.locator("#indicator option")
    assert options.count() == len(demo["reach"]) * (1 + len(demo.study.cutoffs) + 1) + 2
    for place in range(0, options.count(), 3):
        opened.page.select_option("#indicator", index=place)
        total = opened.page.locator("tfoot").first.inner_text().replace(",", "").split()
        assert total == ["Total", str(len(demo.zones)), f"{demo.people.sum():.0f}"]
    # Another service, chosen in the first list, is shown by the same measure; the second list offers that service's.
    keys = "spatialjustice.made.zones.data.indicators.map((one) => one.key)"
    opened.page.select_option("#indicator", str(opened.page.evaluate(keys).index("library_metres")))
    opened.page.select_option("#service", "Pharmacy")
    assert opened.page.locator("#indicator option:checked").inner_text() == "Pharmacy: Distance to the nearest, on foot"
    offered = opened.page.locator("#indicator optgroup:not([hidden])")
    assert [one.get_attribute("label") for one in offered.all()] == ["Pharmacy"]


def test_the_record_is_in_the_map(demo, open_file):
    opened = open_file(demo.folder / "map.html").ready()
    text = opened.page.locator("#provenance-data").text_content()
    manifest = json.loads((demo.folder / "provenance.json").read_text(encoding="utf-8"))
    assert json.loads(text)["inputs"] == manifest["inputs"]
    assert json.loads(text)["seed"] == demo.seed


def test_a_name_from_the_data_does_not_run(city, tmp_path, open_file):
    study.run(city.study(), out=tmp_path / "out")
    opened = open_file(tmp_path / "out" / "map.html").ready().maps()
    for place in range(opened.page.locator("#indicator option").count()):
        opened.page.select_option("#indicator", index=place)
    assert opened.dialogs == []
    assert opened.errors == []


def test_the_page_of_a_study_says_what_its_tables_say(demo, open_file):
    """Share beyond the limit, Gini index and curve, mean and centiles: the same in the page and in the tables."""
    opened = open_file(demo.folder / "map.html").ready()
    told = json.loads(opened.page.locator("#report-data").text_content())["indicators"]
    for item in demo["reach"]:
        table = demo.table("shares")
        shares = table[(table["service"] == item.service) & (table["cutoff"] == "500 m")].iloc[0]
        beyond = shares["people"] * (1 - shares["share_within"])
        said = told[f"{item.service}_metres"]
        counted = f"{beyond:,.0f} of {shares['people']:,.0f}" if round(beyond) else f"None of {shares['people']:,.0f}"
        assert counted in said["finding"]["en"], item.service
        row = demo.table("distribution").set_index("service").loc[item.service]
        assert said["curves"][0]["index"]["value"] == row["gini_within_500_m"]
        known = item.metres.notna() & (demo.people > 0)
        mean = (item.metres[known] * demo.people[known]).sum() / demo.people[known].sum()
        assert said["mean"] == pytest.approx(mean, abs=0.01)
        ids = list(demo.zones.index)
        worst = item.metres.where(demo.people > 0).fillna(-1).sort_values(ascending=False)
        assert [item.metres[ids[zone]] for zone in said["worst"]] == list(worst.head(10))


def test_groups_and_intervals_of_a_study_stand_beside_its_map(city, write_zones, tmp_path, open_file):
    income, poor = [float(number) for number in range(16)], [10.0, 10.0, 5.0, 0.0] * 4
    write_zones(city.folder / "zones.gpkg", income=income, poor=poor)
    results = study.run(
        city.study(
            services=["pharmacy"],
            zones={"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
            population={"column": "people"},
            groups={"poor": {"title": {"en": "Poor people", "fa": "فقیران"}}},
            rank_by="income",
            languages=["en", "fa"],
            inequality={"income_groups": 4, "replications": 99},
        ),
        out=tmp_path / "out",
    )
    opened = open_file(results.folder / "map.html").ready().maps()
    report = json.loads(opened.page.locator("#report-data").text_content())
    told = report["indicators"]["pharmacy_metres"]
    assert [group["people"] for group in report["groups"]] == [poor]
    table = results["inequality"].groups
    rows = table[(table["outcome"] == "way to the nearest") & (table["by"] == "poor")]
    shown = told["bars"][0]["rows"]
    assert [row["value"] for row in shown] == pytest.approx(list(rows["share_without"]))
    assert [row["low"] for row in shown] == pytest.approx(list(rows["share_without_low"]))
    assert [row["high"] for row in shown] == pytest.approx(list(rows["share_without_high"]))
    measures = results["inequality"].measures.set_index(["outcome", "measure"])
    kinds = {curve["kind"]: curve["index"] for curve in told["curves"]}
    for kind, measure in (("lorenz", "gini"), ("concentration", "concentration_index")):
        row = measures.loc[("within 1000 m", measure)]
        assert kinds[kind]["value"] == pytest.approx(row["value"])
        assert [kinds[kind]["low"], kinds[kind]["high"]] == pytest.approx([row["low"], row["high"]])
    assert opened.page.locator("#charts polyline").count() == 2
    opened.page.click("[data-language=fa]")
    assert "فقیران" in opened.page.locator("#charts").inner_text()
    assert opened.errors == []


def test_maps_are_listed_with_a_picture_of_each(demo, open_file):
    opened = open_file(demo.folder / "index.html")
    picture = opened.page.locator(".maps .thumb img")
    assert picture.count() == 1
    assert picture.evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [336, 232]
    assert opened.errors == []
