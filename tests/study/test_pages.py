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
@pytest.mark.parametrize("name", ["map.en.html", "map.fa.html", "index.html"])
def test_the_demo_opens_without_asking_anybody(demo, open_file, name, context):
    opened = open_file(demo.folder / name, **context)
    if name != "index.html":
        opened.ready()
    assert opened.remote == []
    assert opened.errors == []
    width = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]


def test_the_index_leads_to_the_map(demo, open_file):
    opened = open_file(demo.folder / "index.html")
    opened.page.click("a[href='map.fa.html']")
    opened.ready()
    assert opened.page.evaluate("document.documentElement.dir") == "rtl"
    assert opened.remote == []


def test_the_legend_counts_every_zone_and_person(demo, open_file):
    """The numbers a planner reads are those of the table: all zones, all people, whatever is shown."""
    opened = open_file(demo.folder / "map.en.html").ready()
    options = opened.page.locator("#indicator option")
    assert options.count() == len(demo.reached) * (1 + len(demo.study.cutoffs) + 1) + 1
    for place in range(0, options.count(), 3):
        opened.page.select_option("#indicator", index=place)
        total = opened.page.locator("tfoot").first.inner_text().replace(",", "").split()
        assert total == ["Total", str(len(demo.zones)), f"{demo.people.sum():.0f}"]


def test_the_record_is_in_the_map(demo, open_file):
    opened = open_file(demo.folder / "map.en.html").ready()
    text = opened.page.locator("#provenance-data").text_content()
    manifest = json.loads((demo.folder / "provenance.json").read_text(encoding="utf-8"))
    assert json.loads(text)["inputs"] == manifest["inputs"]
    assert json.loads(text)["seed"] == demo.seed


def test_a_name_from_the_data_does_not_run(city, tmp_path, open_file):
    study.run(city.study(), out=tmp_path / "out")
    opened = open_file(tmp_path / "out" / "map.en.html").ready()
    for place in range(opened.page.locator("#indicator option").count()):
        opened.page.select_option("#indicator", index=place)
    assert opened.dialogs == []
    assert opened.errors == []
