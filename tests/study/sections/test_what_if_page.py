"""What a reader asks of the page of a study, and what comes of the proposals that readers save there.

Synthetic: sixteen zones of ten people on a lattice of streets, the same turned by half a turn, and one pharmacy at a
corner. What a place at the opposite corner does is therefore known: it serves as many as the one of today.
"""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace

import pytest

from spatialjustice import study
from spatialjustice._core.errors import InputError
from spatialjustice.cli import main
from spatialjustice.report.proposals import LARGEST, MOST
from tests.browsing import Opened, plain_text
from tests.study.conftest import SOUTH, STEP, WEST, degrees, make_zones

RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
FAR = 6 * STEP
TOLD = "JSON.parse(JSON.stringify(spatialjustice.whatIf.state.told, (k, v) => k === 'costs' ? undefined : v))"
SAVED = "([name, reason]) => JSON.stringify(spatialjustice.whatIfSaved(spatialjustice.whatIf.context, name, reason))"
CORNER = """([lat, lon]) => { const at = spatialjustice.map.latLngToContainerPoint([lat, lon]);
  const box = spatialjustice.map.getContainer().getBoundingClientRect(); return [box.x + at.x, box.y + at.y]; }"""
ADDRESS = "spatialjustice.state.get('whatif') || ''"
FRAMES = "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))"


@pytest.fixture(scope="module")
def made(city_once):
    """A study whose page can be asked, run once."""
    make_zones(city_once.folder / "zones.gpkg", women=[6.0] * 8 + [4.0] * 8)
    city_once.settings |= {
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "services": ["pharmacy", "library"],
        "groups": {"women": {"en": "Women", "fa": "زنان"}},
        "cutoffs": ["300 m", "500 m"],
        "modes": ["walk", "bicycle"],
        "measures": ["cost_to_closest"],
        "catchments": [{"name": "medicine", "services": ["pharmacy"], "decay": {"linear": "900 m"}, "modes": ["walk"]}],
        "what_if": {"contact": "plans@city.example"},
        "remedies": [{"name": "one", "title": {"en": "One more", "fa": "یکی دیگر"}, "service": "library", "open": 1}],
        "languages": ["en", "fa"],
    }
    file = city_once.study()
    run = importlib.import_module("spatialjustice.study.run").run
    results = run(file, data_dir=city_once.folder, out=city_once.folder / "out")
    return SimpleNamespace(file=file, folder=city_once.folder, page=results.folder / "map.html", results=results)


@pytest.fixture(scope="module")
def asked(browser, made):
    """The page, opened once; the tests of this file follow each other on it."""
    opened = Opened(browser, made.page, viewport={"width": 1300, "height": 1000}, bypass_csp=True).ready()
    yield opened
    assert (opened.errors, opened.remote) == ([], [])
    opened.context.close()


def settled(opened):
    opened.until("!document.querySelector('.whatif-tools') === false && spatialjustice.whatIf.state.told !== null")


def fresh(opened):
    """Begin with the map of today, the panel open."""
    if opened.page.evaluate("document.documentElement.dataset.view") == "overview":
        opened.page.click("#show-overview")
    if opened.page.evaluate("document.getElementById('whatif').hidden"):
        opened.page.evaluate("spatialjustice.choose(0, true)")
        opened.page.focus("#whatif-open")
        opened.page.keyboard.press("Enter")
        settled(opened)
    if opened.page.evaluate("location.hash.includes('whatif=')"):
        opened.page.click("[data-key=again]")
    opened.page.select_option(".whatif [data-key=service]", "pharmacy")
    opened.page.evaluate("spatialjustice.showAll({ animate: false })")
    return opened.page


def put(page, east, north):
    page.click("[data-key=add]")
    press(page, east, north)


def press(page, east, north):
    """Click the map where it lies after the page has found its new shape."""
    lon, lat = degrees(WEST + east, SOUTH + north)
    page.evaluate(FRAMES)
    page.mouse.click(*page.evaluate(CORNER, [lat, lon]))


def test_a_place_at_the_other_corner_serves_as_many_as_the_one_of_today(asked):
    page = fresh(asked)
    today = page.evaluate(TOLD)
    assert today["before"]["within"] > 0
    put(page, FAR, FAR)
    told = page.evaluate(TOLD)
    assert told["gained"] == pytest.approx(today["before"]["within"], abs=1e-9)
    assert told["lost"] == 0
    assert told["after"]["within"] == pytest.approx(2 * today["before"]["within"], abs=1e-9)
    # Women live more in the south-west than in the north-east, so that fewer of them gain.
    women = told["groups"][0]
    assert 0 < women["gained"] < women["before"]["within"]
    gained, people = round(told["gained"]), round(told["after"]["people"])
    share = f"{told['after']['within'] / people:.1%}"
    panel = plain_text(page.inner_text(".whatif-told"))
    assert f"{gained} people more would have a place within 500 m." in panel
    # One pharmacy shared among 160 people, and then two: nothing of a supply is lost.
    assert [told["shared"][0][time]["mean"] for time in ("before", "after")] == pytest.approx([62.5, 125.0])
    assert "62.50\t125.00\t+62.50" in panel
    finding = plain_text(page.inner_text("#finding"))
    assert finding.startswith(f"What if: with 1 new place, {share} of people would live within 500 m")
    assert "What if, not today." in page.inner_text("#whatif-bar")
    # Legend, table of zones and file tell the same state, and say which it is.
    assert page.evaluate("spatialjustice.csv()").count("1 new place") == 16
    assert "What if" in page.inner_text("#legend h2")
    rows = page.evaluate("spatialjustice.made.zones.data.indicators[spatialjustice.made.zones.chosen].legend.rows")
    assert sum(int(row["people"] or 0) for row in rows) == people
    page.click("#whatif-bar button")
    assert page.evaluate("[location.hash.includes('whatif'), spatialjustice.whatIf.line()]") == [False, ""]
    assert "What if" not in page.inner_text("#legend h2")


def test_a_plan_from_anywhere_is_one_that_can_be(asked):
    """What moves is gone from where it stood, to one point; what was asked of one limit is not told of another."""
    page = fresh(asked)
    moved = "pharmacy:60,25,3:60.5,25.5,3:61,26:62,27,9:x4:x4:x1"
    told = page.evaluate(
        "(asked) => { const plan = spatialjustice.whatIfPlan(() => 5); plan.take(asked); return plan.of('pharmacy'); }",
        moved,
    )
    assert told == {
        "added": [{"lat": 60, "lon": 25, "from": 3}, {"lat": 61, "lon": 26}, {"lat": 62, "lon": 27}],
        "removed": [1, 3, 4],
    }
    # The answer to a limit that was left meanwhile puts no place, and that to the present one does.
    for switch, places in ((True, 0), (True, 0), (False, 1)):
        page.evaluate(
            """async (switched) => {
              const asked = spatialjustice.whatIf.context.best();
              const limit = document.querySelector('.whatif [data-key=limit]');
              if (switched) limit.selectedIndex = 1 - limit.selectedIndex;
              if (switched) limit.dispatchEvent(new Event('change'));
              await asked;
            }""",
            switch,
        )
        assert page.evaluate("spatialjustice.whatIf.context.plan.of('pharmacy').added.length") == places
        assert not page.is_disabled("[data-key=best]")
    # The sixty-first place is refused aloud, whoever asks, and a file of more places than are read is not saved.
    page.evaluate(
        """() => { const { plan, changed } = spatialjustice.whatIf.context;
          const one = plan.of('pharmacy').added[0];
          plan.replace({ pharmacy: { added: Array(70).fill(one), removed: [] } });
          changed(false); }"""
    )
    for act in ("best()", "add({ lat: 1, lng: 1 })"):
        page.evaluate(f"spatialjustice.whatIf.context.{act}")
        assert page.evaluate("spatialjustice.whatIf.context.plan.of('pharmacy').added.length") == 60
    page.click("[data-key=best]")
    assert page.inner_text(".whatif-note") == "No more places can be added."
    about = page.evaluate("spatialjustice.whatIf.state.here.about.most")
    assert about == {"places": MOST, "bytes": LARGEST}
    page.evaluate("document.querySelectorAll('.whatif details').forEach((one) => (one.open = true))")
    page.fill("#whatif-name", "Many")
    page.evaluate("spatialjustice.whatIf.state.here.about.most.places = 59")
    page.click("[data-key=save]")
    said = "A proposal holds at most 59 changed places, and this one has 60."
    assert plain_text(page.inner_text(".whatif-note")) == said
    wrong = "spatialjustice.whatIfRead(JSON.stringify({ spatialjustice_proposal: 1, features: Array(60).fill({}) }), "
    assert page.evaluate(wrong + "spatialjustice.whatIf.state.here).wrong") == said
    page.evaluate("(places) => { spatialjustice.whatIf.state.here.about.most.places = places; }", MOST)
    page.fill("#whatif-name", "")
    # However long a place is dragged, few of the points on its way are kept.
    kept = """() => { const { here } = spatialjustice.whatIf.state; const { lat, lon } = here.engine.atZone(0);
      for (let place = 0; place < 1500; place += 1)
        spatialjustice.whatIfAnswer.changesOf(here, { added: [{ lat: lat + place * 1e-7, lon }], removed: [] });
      return here.known.size; }"""
    assert page.evaluate(kept) <= 1000


def test_keys_do_all_that_a_hand_does(asked):
    page = fresh(asked)
    page.focus("[data-key=add]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement === spatialjustice.map.getContainer()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.added") == "0"
    before = page.evaluate(ADDRESS)
    page.keyboard.press("ArrowUp")
    assert page.evaluate(ADDRESS) not in ("", before)
    assert "New place 1" in page.inner_text(".whatif-chosen")
    page.keyboard.press("Delete")
    assert page.evaluate(ADDRESS) == ""
    for key, there in (("undo", True), ("undo", True), ("undo", False), ("redo", True)):
        page.focus(f"[data-key={key}]")
        page.keyboard.press("Enter")
        assert bool(page.evaluate(ADDRESS)) is there, key
    assert page.evaluate(ADDRESS) == before
    # A place is also found by its name.
    page.click("[data-key=again]")
    page.click("[data-key=add]")
    page.fill(".whatif-where input", "corner")
    page.focus(".whatif-where li button")
    page.keyboard.press("Enter")
    assert page.evaluate(TOLD)["gained"] == 0
    page.focus(".whatif h2")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "whatif-open"


def test_a_drag_is_one_step_and_says_one_thing(asked):
    page = fresh(asked)
    put(page, FAR / 2, FAR)
    page.evaluate(
        "() => { window.heard = []; new MutationObserver(() => heard.push(document.getElementById('said').textContent))"
        ".observe(document.getElementById('said'), { childList: true }); }"
    )
    (x, y), (to_x, to_y) = (
        page.evaluate(CORNER, list(reversed(degrees(WEST + east, SOUTH + FAR)))) for east in (FAR / 2, FAR)
    )
    page.mouse.move(x, y)
    page.mouse.down()
    for part in range(1, 9):
        page.mouse.move(x + (to_x - x) * part / 8, y + (to_y - y) * part / 8)
        page.evaluate(FRAMES)
    assert page.evaluate("heard") == []
    while_dragged = page.inner_text(".whatif-table td.then")
    page.mouse.up()
    assert len(page.evaluate("heard")) == 1
    assert page.inner_text(".whatif-table td.then") == while_dragged
    steps = page.evaluate("spatialjustice.whatIf.took")
    assert len(steps["computing"]) == len(steps["painting"]) > 2
    page.click("[data-key=undo]")
    assert page.evaluate("spatialjustice.whatIf.context.plan.of('pharmacy').added.length") == 1
    page.click("[data-key=undo]")
    assert page.evaluate("spatialjustice.whatIf.context.plan.empty()")


def test_the_way_home_and_places_of_today(asked):
    page = fresh(asked)
    press(page, 900, 900)
    way = page.evaluate("spatialjustice.whatIf.state.way")
    # Along streets from the corner, in metres of the ground: as far as it is across and up.
    assert way["cost"] == pytest.approx(1800, rel=0.12)
    assert "Corner" in page.inner_text(".whatif-way")
    press(page, 0, 0)
    assert page.inner_text(".whatif-name") == "Corner"
    page.click("[data-key=remove]")
    told = page.evaluate(TOLD)
    assert told["lost"] == pytest.approx(told["before"]["within"])
    assert told["after"]["unreached"] == pytest.approx(told["after"]["people"])
    assert "no way" in page.inner_text(".whatif-table")
    assert page.evaluate("spatialjustice.made.services.find((one) => one.data.key === 'pharmacy').points[0].off")
    page.click("[data-key=restore]")
    assert page.evaluate(TOLD)["lost"] == 0
    # What is ticked off in the list of places is gone at once.
    page.evaluate("document.getElementById('places').open = true")
    page.click("#places-body .class-choice input")
    asked.until("spatialjustice.whatIf.state.told.lost > 0")
    page.click("#places-back")
    asked.until("spatialjustice.whatIf.state.told.lost === 0")


def test_an_address_brings_the_question_back_and_nothing_else(asked, made, browser):
    page = fresh(asked)
    put(page, FAR, FAR)
    page.click("[data-mode=bicycle]")
    asked.until("document.getElementById('finding').textContent.startsWith('What if')")
    page.click("[data-language=fa]")
    said, address = page.inner_text("#finding"), page.evaluate("spatialjustice.state.link()")
    assert "اگر چنین شود" in said
    hostile = "whatif=pharmacy:99,999:x9:x-1:%3Cb%3E:1,2,3,4/__proto__:1,2/clinic:x0"
    again = Opened(browser, made.page, viewport={"width": 390, "height": 844}, has_touch=True).ready()
    again.page.goto(made.page.as_uri() + "#" + hostile)
    again.page.reload()
    again.ready()
    assert again.page.evaluate("[document.getElementById('whatif').hidden, ({}).added]") == [True, None]
    again.page.goto(made.page.as_uri() + "#" + address.split("#")[1])
    again.until("document.getElementById('finding').textContent.includes('اگر چنین شود')")
    assert again.page.inner_text("#finding") == said
    assert again.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert again.errors == []
    again.context.close()
    page.click("[data-language=en]")
    page.click("[data-mode=walk]")
    asked.until("document.getElementById('finding').textContent.startsWith('What if')")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fa", "dark")])
def test_axe_finds_nothing_in_the_panel(asked, language, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = fresh(asked)
    put(page, FAR, FAR)
    page.emulate_media(color_scheme=scheme)
    page.click(f"[data-language={language}]")
    page.click("[data-key=add]")
    page.evaluate("document.querySelectorAll('.whatif details').forEach((one) => (one.open = true))")
    found = axe.run(page, options=RULES).response
    page.emulate_media(color_scheme="light")
    page.click("[data-language=en]")
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
    assert told == []


def test_proposals_go_to_the_city_and_come_back(asked, made, tmp_path, capsys):  # noqa: PLR0915 (one long way)
    """A file of the page is what Python computes; files that somebody changed are named and left out."""
    page = fresh(asked)
    page.evaluate("document.querySelectorAll('.whatif details').forEach((one) => (one.open = true))")
    page.click("[data-key=plan0]")  # a plan of the study, to be altered
    assert page.input_value(".whatif [data-key=service]") == "library"
    assert page.evaluate(TOLD)["gained"] > 0
    page.click("[data-key=again]")
    page.select_option(".whatif [data-key=service]", "pharmacy")
    put(page, FAR, FAR)
    page.click("[data-key=save]")  # without a name nothing is saved
    assert "name" in page.inner_text(".whatif-note")
    assert page.get_attribute(".whatif-fold a", "href").startswith("mailto:plans@city.example?")
    page.fill("#whatif-name", '=HYPERLINK("x")<img src=x onerror=alert(1)>')
    with page.expect_download() as saving:
        page.click("[data-key=save]")
    assert saving.value.suggested_filename == "what_if.HYPERLINK_x_img_src_x_onerror_alert_1.geojson"
    folder = tmp_path / "sent"
    folder.mkdir()
    saving.value.save_as(folder / "a.geojson")
    good = json.loads((folder / "a.geojson").read_text(encoding="utf-8"))
    page.click("[data-key=best]")
    page.set_input_files(".whatif input[type=file]", str(folder / "a.geojson"))
    asked.until("document.querySelector('.whatif-note').textContent.startsWith('Opened')")
    assert page.evaluate("spatialjustice.whatIf.context.plan.of('pharmacy').added.length") == 1
    assert page.evaluate("document.querySelectorAll('.whatif img').length") == 0

    near, lies = json.loads(json.dumps(good)), json.loads(json.dumps(good))
    near["features"][0]["geometry"]["coordinates"][1] -= 0.0002
    near["effects"] = []
    lies["effects"][0]["gained"] = 1e6
    other = good | {"study": good["study"] | {"name": "other"}}
    text = good | {"features": [{"geometry": {"type": "Point", "coordinates": ["9", 50]}, "properties": {}}]}
    sea = good | {"features": [{"geometry": {"type": "Point", "coordinates": [0, 0]},
                                "properties": {"service": "pharmacy", "action": "add"}}]}  # fmt: skip
    gone = good | {"features": [good["features"][0] | {"properties": {"service": "pharmacy", "action": "remove",
                                                                      "place": 7}}]}  # fmt: skip
    elsewhere = {"service": "pharmacy", "action": "move", "place": 0, "from": [0, 0]}  # place 0 of other data
    elsewhere = good | {"features": [good["features"][0] | {"properties": elsewhere}]}
    files = {
        "b": near,
        "l": elsewhere,
        "c": lies,
        "d": other,
        "e": text,
        "f": sea,
        "g": gone,
        "h": good | {"mode": "drive"},
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "i.json").write_text("[" * 100_000, encoding="utf-8")
    (folder / "j.json").write_bytes(b"\xff" * 9)
    (folder / "k.json").write_text(" " * 1_100_000, encoding="utf-8")

    found = study.proposals(folder, made.file, data_dir=made.folder, out=tmp_path / "ranked")
    told = {finding.message.split(":")[0]: finding for finding in found.findings}
    assert {name: told[name].code.removeprefix("proposal_") for name in told if name[1:2] == "."} == {
        "c.json": "numbers_differ", "d.json": "of_another_study", "e.json": "field_wrong", "f.json": "outside",
        "g.json": "field_wrong", "h.json": "field_wrong", "i.json": "unreadable", "j.json": "unreadable",
        "k.json": "unreadable", "l.json": "field_wrong",
    }  # fmt: skip
    assert "features.0.geometry.coordinates.0" in told["e.json"].message
    assert "0 is no place of pharmacy here at 0.00000, 0.00000" in told["l.json"].message
    assert [finding.code for finding in found.findings if finding.severity == "information"] == ["proposals_joined"]
    row = found.table.iloc[0]
    effect = good["effects"][0]
    assert (len(found.table), row["asked_by"], row["files"]) == (1, 3, "a.geojson; b.json; c.json")
    for name in ("within", "mean", "worst_tenth", "gini"):
        for time in ("before", "after"):
            assert row[f"{name}_{time}"] == pytest.approx(effect[time][name], rel=1e-9), name
    assert row["gained"] == pytest.approx(row["within_before"])
    assert 0 < row["gained_women"] < row["gained"]
    table = (tmp_path / "ranked" / "proposals.csv").read_text(encoding="utf-8")
    assert (table[0], table.count("'=HYPERLINK")) == ("\ufeff", 1)
    assert json.loads((tmp_path / "ranked" / "proposals.json").read_text())["files"].keys() == {
        "a.geojson", "b.json", "c.json",
    }  # fmt: skip
    with pytest.raises(InputError, match="is the folder of the proposals themselves"):
        study.proposals(folder, made.file, data_dir=made.folder, out=folder)
    assert main(["proposals", str(tmp_path / "none"), "--study", str(made.file)]) == 1
    assert "is no folder" in capsys.readouterr().err
