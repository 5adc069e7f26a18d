"""The planner's page in a browser: everything it promises is there, in two languages, and the numbers are ours."""

from __future__ import annotations

import io
import re
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from spatialjustice import report
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord
from tests.browsing import Opened

SVG = "{http://www.w3.org/2000/svg}"

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
KEYS = re.compile(r"\b(?:page|legend|unit|report|index|finding)\.[a-z_]+(?:\.[a-z_]+)*\b")


@pytest.fixture(scope="module")
def file(place, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    place.made.save(path)
    return path


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1440, "height": 900}).ready()
    yield one
    assert (one.errors, one.dialogs, one.remote) == ([], [], [])
    one.context.close()


def report_of(opened):
    return opened.page.evaluate("JSON.parse(document.getElementById('report-data').textContent)")


def text(opened, selector):
    return " ".join(opened.page.locator(selector).inner_text().split())


def test_every_part_is_there(opened):
    """U17: title, finding, map, legend with histogram, areas, curve with Gini, groups, method, sources, versions."""
    page = opened.page
    assert text(opened, "h1") == "A synthetic town"
    assert "have more than 20 min to go to the nearest" in text(opened, "#finding")
    for selector in (".folium-map", "#legend .histogram svg", "#areas table", "#charts .curves polyline", "#method"):
        assert page.locator(selector).first.is_visible(), selector
    assert page.locator("#areas tbody tr").count() == 10
    assert "Gini coefficient 0." in text(opened, "#charts")
    assert "interval 0.300 to 0.500" in text(opened, "#charts")
    assert "35.0% to 47.0%" in text(opened, "#charts")
    page.click("#sources summary")
    sources = text(opened, "#sources")
    for wanted in ("squares.gpkg", "Open Database License", "21 February 2023", "abababababab", "spatialjustice 0.0.0"):
        assert wanted in sources
    assert page.locator(f"code[title='{'ab' * 32}']").count() == 1


def test_numbers_in_the_page_are_those_of_the_tables(opened, place):
    """U18: embedded data and the table that is shown, against the frames of Python."""
    told = report_of(opened)["indicators"]["walk"]
    found = report.standing(place.walk, people=place.people)
    assert told["mean"] == pytest.approx(found.mean, abs=5e-3)
    assert [np.inf if one is None else one for one in told["centiles"]] == list(found.centiles)
    worst = report.worst_served(place.walk, people=place.people)
    ids = list(place.grid.index)
    assert [ids[zone] for zone in told["worst"]] == list(worst.index)
    rows = opened.page.locator("#areas tbody tr").all()
    for row, (zone, one) in zip(rows, worst.iterrows(), strict=True):
        cells = [" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()]
        value = "Cannot reach" if zone == "z27" else "No street nearby" if zone == "z29" else f"{one['value']:.0f} min"
        assert cells == [f"{one['place']:.0f}", place.grid["name"][zone], value, f"{one['people']:.0f}"]
    drawn = told["curves"][0]
    corners = place.curve.corners
    np.testing.assert_allclose(
        np.interp(corners["population_share"], drawn["x"], drawn["y"]), corners["value_share"], atol=1e-3
    )
    assert drawn["index"]["value"] == place.curve.index
    assert [row["value"] for row in told["bars"][0]["rows"]] == [0.41, 0.39]


def test_the_finding_counts_those_beyond_the_limit(opened, place):
    beyond = place.people[place.status.isin(["beyond_cutoff", "unreachable", "off_network"])].sum()
    share = f"{beyond / place.people.sum():.0%} of people"
    assert f"{share}, {beyond:,.0f} of {place.people.sum():,.0f}," in text(opened, "#finding")


def test_a_profile_tells_value_rank_mean_and_people(opened, place):
    opened.page.click("#areas tbody tr:nth-child(3) .area")
    profile = text(opened, "#profile")
    zone = report.worst_served(place.walk, people=place.people).index[2]
    found = report.standing(place.walk, people=place.people)
    # Far more people are better off than worse: that is what is said.
    rank = sum(centile < place.minutes[zone] for centile in found.centiles)
    assert rank > report.percentile_rank(found, place.minutes[zone], direction="lower is better")
    for wanted in (
        place.grid["name"][zone],
        f"{place.minutes[zone]:.0f} min",
        f"worse than {rank}% of people",
        f"{place.people[zone]:.0f} people",
    ):
        assert wanted in profile, wanted
    assert re.search(rf"Mean of those who have a way {found.mean:.0f}", profile)


def test_every_area_has_a_rank_that_python_agrees_with(opened, place):
    found = report.standing(place.walk, people=place.people)
    shown = opened.page.evaluate(
        "spatialjustice.made.zones.shapes.map((_, zone) => "
        "spatialjustice.standing(spatialjustice.made.zones.data.indicators[0], zone))"
    )
    for zone, rank in zip(place.grid.index, shown, strict=True):
        if place.status[zone] == "no_population":
            assert rank is None
            continue
        value = np.inf if place.status[zone] in {"unreachable", "off_network"} else place.minutes[zone]
        assert rank == report.percentile_rank(found, value, direction="lower is better"), zone


def test_language_changes_everything_without_another_page(opened):
    """U24: texts, digits, direction; and back again to the very same page."""
    page = opened.page
    page.evaluate("window.stays = true")
    before = page.locator("body").inner_text()
    page.evaluate("spatialjustice.select(4, { zoom: false })")
    page.click("[data-language=fa]")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir, window.stays]") == [
        "fa", "rtl", True,
    ]  # fmt: skip
    assert page.title() == "شهری ساختگی"
    for selector in ("#finding", "#legend", "#areas", "#charts", "#profile", ".subtitle", "#method", ".chooser"):
        said = page.locator(selector).inner_text()
        assert not re.search("[0-9A-Za-z%]", re.sub("=Sum|Area \\d+|ناحیهٔ \\d+", "", said)), (selector, said)
    assert "۲۱ فوریه" not in text(opened, ".credit")
    assert "۲ اسفند ۱۴۰۱" in text(opened, ".credit")
    labels = page.evaluate("Array.from(document.querySelectorAll('[aria-label]'), (one) => one.ariaLabel).join(' ')")
    assert not re.search("[A-Za-z]", labels.replace("z29", "")), labels
    page.click("[data-language=en]")
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('said').textContent = ''")
    assert page.locator("body").inner_text() == before
    assert not KEYS.search(before)


def test_a_page_opens_in_the_language_its_address_asks_for(browser, file):
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri() + "#fa")
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    context.close()


def test_findings_have_persian_names_and_english_sentences_say_so(opened):
    opened.page.click("[data-language=fa]")
    row = opened.page.locator(".findings li").first
    assert "برخی مردم هیچ مسیری به خدمات ندارند" in row.inner_text()
    assert row.locator(".detail").get_attribute("lang") == "en"


def test_names_are_isolated(opened):
    for language in ("en", "fa"):
        opened.page.click(f"[data-language={language}]")
        assert opened.page.locator("#areas tbody .area > bdi").count() == 10
        assert opened.page.locator("h1 bdi").count() == 1


@pytest.mark.parametrize("typed", ["کرج", "كرج", "مهیار", "مهيار", "نیم‌روز", "نیمروز", "ناحیهٔ ۱۲", "z12"])
def test_search_does_not_mind_how_a_letter_is_typed(opened, typed):
    opened.page.click("[data-language=fa]")
    opened.page.fill("#area-search", typed)
    assert opened.page.locator("#areas tbody tr").count() == 1


def test_tooltip_stays_at_the_pointer_after_the_language_changed(opened):
    """U23: within 30 pixels, from right to left."""
    opened.page.click("[data-language=fa]")
    box = opened.page.locator(".folium-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.page.mouse.move(x - 9, y)
    opened.page.mouse.move(x, y)
    tip = opened.page.locator(".leaflet-tooltip").bounding_box()
    assert min(abs(tip["x"] - x), abs(tip["x"] + tip["width"] - x)) <= 30


def test_tables_sort_and_turn_pages(opened, place):
    page = opened.page
    page.click("#areas th[data-key=people] button")
    assert page.locator("#areas th[data-key=people]").get_attribute("aria-sort") == "descending"
    assert page.locator("#areas tbody tr").first.locator("td").last.inner_text() == f"{place.people.max():.0f}"
    seen = []
    for _ in range(3):
        seen += page.locator("#areas tbody [data-zone]").evaluate_all("(all) => all.map((one) => one.dataset.zone)")
        if page.locator("#areas .step").last.is_enabled():
            page.locator("#areas .step").last.click()
    assert sorted(map(int, seen)) == list(range(30))


BESIDE_ITS_PROFILE = """(zone) => {
  const box = spatialjustice.made.zones.shapes[zone].box;
  const map = spatialjustice.map;
  const at = map.latLngToContainerPoint(map.unproject(L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), 0));
  const frame = map.getContainer().getBoundingClientRect();
  const card = document.getElementById("profile").getBoundingClientRect();
  const [x, y] = [frame.left + at.x, frame.top + at.y];
  const seen = at.x > 0 && at.y > 0 && at.x < frame.width && at.y < frame.height;
  return seen && !(x > card.left && x < card.right && y > card.top && y < card.bottom);
}"""


def test_the_keyboard_is_enough(opened):
    """U28: skip link, rows, Enter, Escape, focus that can be seen and comes back, and what happened said aloud."""
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#panel"
    page.locator("#areas .area").nth(4).focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    zoom = page.evaluate("spatialjustice.map.getZoom()")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid" or outline == "solid"
    page.keyboard.press("Enter")
    opened.until(f"spatialjustice.map.getZoom() > {zoom}")
    chosen = page.evaluate("spatialjustice.chosenZone()")
    assert page.locator("#profile").is_visible()
    assert page.locator("#profile h2").inner_text() in page.locator("#said").inner_text()
    opened.still()
    assert page.evaluate(BESIDE_ITS_PROFILE, chosen)
    page.keyboard.press("Escape")
    assert not page.locator("#profile").is_visible()
    assert page.evaluate("Number(document.activeElement.dataset.zone)") == chosen
    assert page.locator("#said").inner_text() == "The profile is closed"
    assert page.locator(".folium-map").get_attribute("role") == "application"
    assert page.locator(".folium-map").get_attribute("aria-label")


def test_the_filter_counts_people_beyond_a_limit(opened, place):
    """U17: a threshold, a group and classes; the sums are those of the frames."""
    page = opened.page
    page.click("#filter summary")
    page.locator("#filter-limit").evaluate("(one) => { one.value = 12; one.dispatchEvent(new Event('input')); }")
    beyond = (place.minutes > 12) | place.status.isin(["unreachable", "off_network"])
    said = text(opened, "#filter-told")
    assert said.startswith(f"{place.people[beyond].sum():,.0f} of {place.people.sum():,.0f} people")
    assert "12 min" in said
    page.select_option("#filter-group", "old")
    assert f"Older people: {place.old[beyond].sum():,.0f} of {place.old.sum():,.0f}" in text(opened, "#filter-told")
    assert page.locator("#areas .where").inner_text() == f"1–10 of {int(beyond.sum())}"
    page.click("#filter-clear")
    page.locator("#filter input[data-key=class_0]").uncheck()
    hidden = place.minutes <= 5
    assert text(opened, "#filter-told").startswith(f"{place.people[~hidden].sum():,.0f} of")
    pale = page.evaluate(
        """() => {
          const map = spatialjustice.map;
          const canvas = map.getPane("veil").querySelector("canvas");
          const [x1, y1, x2, y2] = spatialjustice.made.zones.shapes[2].box;
          const at = map.latLngToContainerPoint(map.unproject(L.point((x1 + x2) / 2, (y1 + y2) / 2), 0));
          const frame = map.getContainer().getBoundingClientRect();
          const box = canvas.getBoundingClientRect();
          const ratio = canvas.width / box.width;
          return canvas.getContext("2d").getImageData(
            (at.x + frame.left - box.left) * ratio, (at.y + frame.top - box.top) * ratio, 1, 1).data[3];
        }"""
    )
    assert pale > 200


def test_the_table_taken_away_holds_what_is_shown(opened, place):
    """U12 and U21: byte-order mark, formulas disarmed, only the rows the filter leaves."""
    page = opened.page
    page.click("#filter summary")
    page.locator("#filter-limit").evaluate("(one) => { one.value = 3; one.dispatchEvent(new Event('input')); }")
    with page.expect_download() as waiting:
        page.click("#take-table")
    raw = waiting.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").split("\r\n")
    beyond = (place.minutes > 3) | place.status.isin(["unreachable", "off_network"])
    assert len(lines) == int(beyond.sum()) + 2
    assert lines[0] == "id,Area,Clinics: Time to the nearest (minutes),Class,Percentile rank,People,Filter"
    assert next(line for line in lines if line.startswith("z6,")).split(",")[1] == "'=Sum"
    assert next(line for line in lines if line.startswith("z26,")).split(",")[2] == "27"
    guarded = page.evaluate("""["=1", "+1", "-1", "@a", "\\t=1", 'a"b', -5].map(spatialjustice.csvCell)""")
    assert guarded == ["'=1", "'+1", "'-1", "'@a", "'\t=1", '"a""b"', "-5"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_picture_holds_map_legend_and_credit(opened, language):
    """U21: classes of the map and swatches of the legend are in the picture, on both sides of it."""
    image = pytest.importorskip("PIL.Image")
    opened.page.click(f"[data-language={language}]")
    with opened.page.expect_download() as waiting:
        opened.page.click("#take-picture")
    made = image.open(io.BytesIO(waiting.value.path().read_bytes())).convert("RGB")
    assert made.width >= 2400
    pixels = np.asarray(made).reshape(made.height, made.width, 3)
    side = 2 * 330
    panel, ground = (pixels[:, :side], pixels[:, side:]) if language == "en" else (pixels[:, -side:], pixels[:, :-side])
    swatches = opened.page.evaluate("spatialjustice.made.zones.data.indicators[0].legend.rows.map((row) => row.swatch)")
    for fill, hatch, _ in swatches[:4]:
        colour = [int(fill[place : place + 2], 16) for place in (1, 3, 5)]
        assert not hatch
        assert (panel == colour).all(axis=2).sum() > 300, fill
        assert (ground == colour).all(axis=2).sum() > 2000, fill
    foot = pixels[-70:-8]
    assert (foot.sum(axis=2) < 500).sum() > 100  # the credit is written there
    with opened.page.expect_download() as waiting:
        opened.page.click("#take-drawing")
    assert waiting.value.suggested_filename == "walk.svg"
    drawn = ET.parse(waiting.value.path()).getroot()
    texts = [one.text for one in drawn.iter(f"{SVG}text")]
    shown = opened.page.evaluate(
        """() => {
          const one = spatialjustice.made.zones.data.indicators[0];
          const limits = one.legend.limits.map((limit) => limit.text);
          const heading = document.querySelector("h1").textContent;
          return [heading, one.title, ...one.legend.rows.map((row) => row.label), ...limits];
        }"""
    )
    assert set(shown) <= set(texts), "title, classes and limits are texts"
    assert any("ODbL" in text for text in texts)
    fills = {one.get("fill") for one in drawn.iter(f"{SVG}path")}
    assert {fill for fill, hatch, _ in swatches if not hatch} <= fills, "zones are shapes, not a picture of them"


@pytest.mark.needs("pdfinfo", "pdftotext")
@pytest.mark.parametrize("language", ["en", "fa"])
def test_printed_on_two_sheets_and_an_annex_with_nothing_cut(opened, language, tmp_path):
    """U21: A4 across; the map, the worst-served neighbourhoods, and an annex with everything of U17."""
    opened.page.click(f"[data-language={language}]")
    path = tmp_path / "page.pdf"
    opened.page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    facts = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", facts)[1]) <= 3
    assert re.search(r"Page size:\s+84[12]\S* x 59[45]", facts)
    said = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    everything = re.sub("[\\s\u202a-\u202e\u2066-\u2069]+", "", said)
    for wanted in ("squares.gpkg", "(ODbL)1.0", "ab" * 20, "spatialjustice0.0.0", "5peoplearecutoff."):
        assert wanted in everything, wanted
    if language == "en":
        for wanted in ("Waysrunalongstreets.", "Ginicoefficient", "Worstservedfirst"):
            assert wanted in everything, wanted
    drawn = opened.page.evaluate(
        "(() => { const c = document.getElementById('print-map'); return c.width * c.height; })()"
    )
    assert drawn > 1_000_000
    opened.page.emulate_media(media="print")
    on_top = opened.page.evaluate(
        """() => {
          const box = document.getElementById("print-map").getBoundingClientRect();
          return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).id;
        }"""
    )
    opened.page.emulate_media(media="screen")
    assert on_top == "print-map", "something covers the map on paper"


@pytest.mark.needs("pdftotext")
def test_many_findings_do_not_push_the_sources_off_the_annex(browser, place, tmp_path):
    """U21 for a large study: 15 warnings and 30 rules applied, with sentences as long as those of real studies."""
    long = "541 of 317,913 people live less than 2,400 m from the edge of the street data, which is within the limit."
    codes = ("near_the_edge_of_the_data", "separate_networks", "street_nodes_missing", "people_cut_off", "few_zones")
    findings = [Finding(code, "warning", f"{number}: {long}") for number in range(3) for code in codes]
    findings += [
        Finding(code, "information", f"{number}: {long}")
        for number in range(6)
        for code in ("speeds_assumed", "barriers_closed", "streets_set_aside", "shapes_mended", "too_steep")
    ]
    record = SourceRecord("zones", "squares.gpkg", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21")
    made = report.planner_page(
        place.grid, [place.walk], title="Crowded", people=place.people, findings=findings, sources=[record],
        curves={"walk": [place.curve]}, bars={"walk": [place.bars]}, method=["Ways run along streets."] * 6,
        provenance={"versions": {"spatialjustice": "0.0.0"}},
    )  # fmt: skip
    one = Opened(browser, made.save(tmp_path / "page.html")).ready()
    for language in ("en", "fa"):
        one.page.click(f"[data-language={language}]")
        one.page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True, print_background=True)
        said = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True)
        assert said.stdout.count("\f") <= 3
        assert "squares.gpkg" in said.stdout
        assert "Ways run along streets" in said.stdout
    one.context.close()


def test_a_phone_shows_the_map_first(browser, file):
    """U22: at 390 pixels the map is as wide as the screen and at least 55 % of its height; nothing scrolls sideways."""
    for width in (360, 390, 2560):
        context = PHONE | {"viewport": {"width": width, "height": 844}} if width < 760 else {
            "viewport": {"width": width, "height": 1200}
        }  # fmt: skip
        one = Opened(browser, file, **context).ready()
        for language in ("en", "fa"):
            one.page.click(f"[data-language={language}]")
            assert one.page.evaluate("document.documentElement.scrollWidth") <= width
            box = one.page.locator(".folium-map").bounding_box()
            if width < 760:
                assert box["width"] == width
                assert box["height"] >= 0.55 * 844
        one.page.locator("#areas .area").first.click()
        one.page.locator("#profile h2").wait_for()
        one.still()
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width
        assert one.errors == []
        one.context.close()


def test_targets_are_large_enough(opened):
    """U29: whatever can be pressed is at least 24 pixels high and wide, links inside sentences apart."""
    page = opened.page
    for summary in page.locator("summary:visible").all():
        summary.click()
    page.locator("#areas .area").first.click()
    small = page.evaluate(
        """Array.from(document.querySelectorAll("button, select, summary, input, [role=button], .leaflet-bar a"))
          .filter((one) => one.offsetParent && !one.closest(".takeaway[hidden]"))
          .map((one) => [one, (one.closest("label") || one).getBoundingClientRect(), one.getBoundingClientRect()])
          .filter(([one, label, own]) => Math.min(Math.max(label.width, own.width), Math.max(label.height, own.height)) < 24)
          .map(([one]) => one.outerHTML.slice(0, 90))"""  # noqa: E501
    )
    assert small == []


def test_less_motion_for_those_who_asked_for_it(browser, file):
    """U29: nothing moves by itself."""
    one = Opened(browser, file, reduced_motion="reduce").ready()
    one.page.locator("#areas .area").nth(3).click()
    zoomed = one.page.evaluate("spatialjustice.map._zoomAnimated || spatialjustice.map._animatingZoom || false")
    assert zoomed is False
    moving = one.page.evaluate("document.getAnimations().length")
    assert moving == 0
    one.context.close()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_barrier_is_found(opened, language):
    """U27 and U29: axe-core finds nothing, with profile and filter open and the table sorted; contrast is one rule."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened.page
    page.click(f"[data-language={language}]")
    for fold in page.locator("summary:visible").all():
        fold.click()
    page.click("#areas th[data-key=people] button")
    page.locator("#areas .area").first.click()
    opened.still()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    found = axe.run(page, options=rules).response
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 30
    assert "color-contrast" in {one["id"] for one in found["passes"]}
