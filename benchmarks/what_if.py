"""What a page answers and what the package answers: compared as bits, with the bytes and the milliseconds it takes.

    python benchmarks/what_if.py studies/las_palmas.yaml --data-dir FOLDER [--modes walk,drive] [--service clinic]
        [--changes 200] [--browser chromium|firefox] [--executable PATH] [--out FILE]

Places are added, moved and removed as ``tests/street_blocks.py`` draws them. For the block of all modes: characters in
the page, in all and for each piece of street. For every mode: distances compared and how many of them differ by a bit;
milliseconds until the streets are ready and for answers, as they are and slowed sixfold (Chromium only).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright

from spatialjustice.maps.pages import document
from spatialjustice.network import Network
from spatialjustice.study.engine.work import Work
from spatialjustice.study.settings import Study
from tests.street_blocks import ASKED, block_of, changes, differing

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = ("place", "zones", "census", "people", "services", "transit", "streets")
SLOWER = 6
PHASES = {
    "unpacked": """async ([mode]) => {
      const text = document.getElementById("streets-0-data").textContent;
      window.at = await window.spatialjustice.openStreets(JSON.parse(text), mode);
      window.limit = at.unit === "metres" ? 800 : 10;
    }""",
    "first place": "([, service, lat, lon]) => { window.placed = at.snap(lat, lon); }",
    "first answer": "([, service]) => { at.costs(service, { added: [placed] }); }",
    "100 steps": """([, service, lat, lon]) => {
      for (let turn = 0; turn < 100; turn += 1) {
        const next = at.snap(lat + turn * 1e-4, lon) || placed;
        at.summary(at.costs(service, { added: [next] }), limit);
      }
    }""",
    "best place": "([, service]) => { at.best(service, {}, limit); }",
    "shared supply": "([, service]) => { at.catchments(service, {}, { cutoff: limit }); }",
}
"""A step is a place taken elsewhere: the street it joins, the ways of all zones, and all sums."""


def page_of(block: Any, folder: Path) -> Path:
    """Write a page that holds nothing but the block and the scripts that read it."""
    scripts = "".join(f"<script>{document.script(name)}</script>" for name in document.WHAT_IF)
    data = json.dumps(block).replace("<", "\\u003c")
    path = folder / "streets.html"
    path.write_text(
        "<!doctype html><meta charset=utf-8><title>streets</title><script>window.spatialjustice = {};</script>"
        f'{scripts}<script type="application/json" id="streets-0-data">{data}</script>',
        encoding="utf-8",
    )
    return path


def timed(page: Any, asked: list[Any], slower: int = 1) -> dict[str, float]:
    """Measure milliseconds: of the page's own thread in Chromium, where other processes do not count; else by clock."""
    session = None
    if page.context.browser.browser_type.name == "chromium":
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})

    def now() -> float:
        if session is None:
            return float(page.evaluate("performance.now()"))
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    found = {}
    for name, script in PHASES.items():
        begun = now()
        page.evaluate(script, asked)
        found[name] = round(now() - begun, 1)
    return found


def check(browser: Any, made: dict[str, Any], keys: list[str], service: str, given: Any) -> Iterator[dict[str, Any]]:
    """Ask page and package the same questions by every mode; one block holds the streets of all."""
    networks, zones, people = {key: made["streets"][key] for key in keys}, made["zones"], made["people"]
    places = made["services"].places_of(service)
    pieces = sum(streets.edge_u.size for streets in networks.values())
    size = len(json.dumps(block_of(networks, zones, people, places.iloc[:0])))
    yield {
        "modes": keys,
        "pieces": pieces,
        "zones": len(zones),
        "bytes": size,
        "bytes_a_piece": round(size / pieces, 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = page_of(block_of(networks, zones, people, places), Path(folder))
        for key, streets in networks.items():
            page = browser.new_page()
            page.set_default_timeout(0)
            page.goto(path.as_uri())
            row: dict[str, Any] = {"mode": key, "service": service, "pieces": int(streets.edge_u.size)}
            if given.changes:
                asked = changes(zones, len(places), given.changes)
                told = page.evaluate(ASKED, [key, "places", asked])
                row |= {"changes": given.changes, "distances": given.changes * len(zones), "nowhere": told["nowhere"]}
                row["differing"] = differing(streets, zones, places, asked, told)
            if given.timed:
                lat, lon = next(change["added"][0] for change in changes(zones, 2, 20) if change["added"])
                for name, slower in (("plain", 1), ("slowed", SLOWER)):
                    if slower == 1 or browser.browser_type.name == "chromium":
                        page.goto(path.as_uri())
                        row[name] = timed(page, [key, "places", lat, lon], slower)
            page.close()
            yield row


def computed(study_file: Path, data_dir: Path | None) -> dict[str, Any]:
    """Compute of a study what the comparison needs."""
    study = Study.read(study_file)
    run = importlib.import_module("spatialjustice.study.run")
    work = Work(study, run.locate(study, study_file, data_dir))
    for section in work.plan:
        if section.name in NEEDED:
            work.compute(section)
    return work.made


def rows(given: argparse.Namespace, made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Compare every mode along streets."""
    keys = [key for key, streets in made["streets"].networks.items() if isinstance(streets, Network)]
    keys = [key for key in keys if not given.modes or key in given.modes.split(",")]
    with sync_playwright() as playwright:
        browser = getattr(playwright, given.browser).launch(executable_path=given.executable)
        yield from check(browser, made, keys, given.service or next(iter(made["services"].titles)), given)
        browser.close()


def main() -> None:
    """Read what is asked for, and print a line of JSON for the block and for every mode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--modes", default="")
    parser.add_argument("--service", default="")
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--timed", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    parser.add_argument("--executable")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    for row in rows(given, computed(given.study, given.data_dir)):
        print(json.dumps(row), flush=True)
        if row.get("differing"):
            sys.exit(f"{row['differing']:,} distances differ")


if __name__ == "__main__":
    main()
