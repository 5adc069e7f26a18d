"""Before and after: sums by hand, one scale, and what cannot be compared is refused."""

import numpy as np
import pandas as pd
import pytest

from spatialjustice import report
from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator
from tests.browsing import Opened


def walk(values, status=None, **attrs):
    series = pd.Series(values)
    series.attrs = attrs
    return Indicator("walk", "Walk", series, unit="minutes", status=None if status is None else pd.Series(status))


BEFORE = walk([10.0, 10.0, 10.0, np.nan, 10.0, 10.0], ["ok", "ok", "ok", "unreachable", "ok", "ok"])
AFTER = walk([5.0, 9.5, 12.0, 9.0, np.nan, np.nan], ["ok", "ok", "ok", "ok", "unreachable", "ok"])
PEOPLE = pd.Series([100.0, 50.0, 30.0, 8.0, 7.0, 5.0])


def test_who_gains_by_hand():
    """100 are 5 minutes faster and 8 get a way; 30 are 2 slower and 7 lose theirs; 50 are within 1; 5 not known."""
    found = report.who_gains(BEFORE, AFTER, least=1, people=PEOPLE, groups={"old": PEOPLE / 2})
    assert found.loc["all people"].to_dict() == {
        "people": 200, "gain": 108, "lose": 37, "unchanged": 50, "unknown": 5,
    }  # fmt: skip
    np.testing.assert_allclose(found.loc["old"], found.loc["all people"] / 2)
    assert (found[["gain", "lose", "unchanged", "unknown"]].sum(axis=1) == found["people"]).all()


def test_turning_time_round_swaps_gain_and_loss():
    there = report.who_gains(BEFORE, AFTER, least=1, people=PEOPLE).loc["all people"]
    back = report.who_gains(AFTER, BEFORE, least=1, people=PEOPLE).loc["all people"]
    assert (there["gain"], there["lose"]) == (back["lose"], back["gain"])


def test_more_is_better_where_it_is():
    one = Indicator("n", "N", pd.Series([1.0, 5.0]), unit="opportunities", kind="count")
    two = Indicator("n", "N", pd.Series([4.0, 5.0]), unit="opportunities", kind="count")
    found = report.who_gains(one, two, least=3, people=pd.Series([10.0, 20.0])).loc["all people"]
    assert (found["gain"], found["unchanged"]) == (10, 20)  # a change equal to the least one counts


@pytest.mark.parametrize(
    ("after", "match"),
    [
        (walk([5.0, 9.5]), "in only one of the two"),
        (walk([1.0] * 6, cutoff=30), "cutoff"),
        (Indicator("walk", "W", pd.Series([1.0] * 6), unit="metres"), "unit"),
        (Indicator("walk", "W", pd.Series([1.0] * 6), unit="minutes", kind="count"), "kind"),
    ],
)
def test_what_cannot_be_compared_is_refused(after, match):
    with pytest.raises(InputError, match=match):
        report.who_gains(walk([1.0] * 6, cutoff=20) if match == "cutoff" else BEFORE, after, least=1, people=PEOPLE)


def test_parameters_must_be_equal_but_for_what_was_changed(place):
    grid = place.grid.iloc[:6].reset_index(drop=True)
    given = {"title": "T", "people": PEOPLE, "least": 1}
    unlike = ({"speed": 4.8, "services": "a"}, {"speed": 5.4, "services": "b"})
    with pytest.raises(InputError, match="services"):
        report.before_after(grid, BEFORE, AFTER, parameters=unlike, **given)
    with pytest.raises(InputError, match="speed"):
        report.before_after(grid, BEFORE, AFTER, parameters=unlike, changed=["services"], **given)
    assert report.before_after(grid, BEFORE, AFTER, parameters=unlike, changed=["services", "speed"], **given)
    with pytest.raises(InputError, match="above 0"):
        report.before_after(grid, BEFORE, AFTER, title="T", people=PEOPLE, least=0)


@pytest.fixture(scope="module")
def file(place, tmp_path_factory):
    after = place.minutes.where(place.minutes <= 15, place.minutes - 6)
    made = report.before_after(
        place.grid,
        Indicator("w", {"en": "Walk", "fa": "پیاده"}, place.minutes, unit="minutes", status=place.status),
        Indicator("w", {"en": "Walk", "fa": "پیاده"}, after, unit="minutes", status=place.status),
        title="Synthetic plan",
        people=place.people,
        least=2,
        groups={"old": ({"en": "Older people", "fa": "سالمندان"}, place.old)},
    )
    path = tmp_path_factory.mktemp("compare") / "page.html"
    made.save(path)
    return path


def test_both_maps_share_one_scale_and_the_border_moves(browser, file, place):
    opened = Opened(browser, file).ready()
    page = opened.page
    legends = page.evaluate(
        "spatialjustice.made.zones.data.indicators.slice(0, 2).map((one) => one.legend.rows"
        ".filter((row) => row.key.startsWith('class_')).map((row) => [row.label, row.swatch[0]]))"
    )
    assert legends[0] == legends[1]
    gain = place.people[(place.minutes > 15) & (place.minutes <= 27)].sum()
    assert f"{gain:,.0f} of {place.people.sum():,.0f} people" in page.locator("#finding").inner_text()
    rows = [" ".join(row.split()) for row in page.locator(".gains tbody tr").all_inner_texts()]
    assert rows[0].startswith(f"Everybody {gain:,.0f} ")
    assert rows[1].startswith(f"Older people {gain / 4:,.0f} ")
    clip = "getComputedStyle(spatialjustice.map.getPane('after')).clipPath"
    before = page.evaluate(clip)
    page.locator("#divider").focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(clip) != before
    x = page.locator(".divider").bounding_box()["x"]
    page.mouse.move(x + 14, 400)
    page.mouse.down()
    page.mouse.move(x - 100, 400)
    page.mouse.up()
    assert page.locator(".divider").bounding_box()["x"] < x - 80
    page.select_option("#indicator", "2")
    assert not page.locator(".divider").is_visible()
    assert page.locator("#legend .legend-title").inner_text() == "Walk"
    page.click("[data-language=fa]")
    assert "سالمندان" in page.locator(".gains").inner_text()
    assert (opened.errors, opened.remote) == ([], [])
    opened.context.close()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_barrier_is_found(browser, file, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = Opened(browser, file).ready()
    opened.page.click(f"[data-language={language}]")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    found = axe.run(opened.page, options=rules).response
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found["violations"]] == []
    opened.context.close()
