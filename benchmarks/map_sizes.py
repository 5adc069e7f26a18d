"""Measure size and speed of exported maps beside plain Folium, in one run.

    python benchmarks/map_sizes.py [--tracts tracts.gpkg] [--counts 20000 100000] [--out benchmarks/results/maps]

Synthetic zones are Voronoi cells whose shared edges are wiggly, about 25 vertices each. Plain Folium is a GeoJson layer
on canvas with the same values; its page asks for scripts from the network, so they are put in from the package.
Each page is opened in Chromium by itself: *ready* is from opening the file to the first whole picture.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from _common import SEED, described, machine, memory, table, write

CHROMIUM = "/usr/bin/chromium"
NEEDED = {2195: (0.6, 1.5), 20_000: (2.5, 2.0), 100_000: (9.0, 4.0)}


def cells(count: int) -> gpd.GeoDataFrame:
    """Make synthetic zones: Voronoi cells, each edge wiggly and the same for both its neighbours."""
    from scipy.spatial import Voronoi

    rng = np.random.default_rng(SEED)
    points = rng.random((count, 2))
    mirrored = [points]
    for axis in (0, 1):
        for wall in (0.0, 1.0):
            near = points[np.abs(points[:, axis] - wall) < 4 / np.sqrt(count)].copy()
            near[:, axis] = 2 * wall - near[:, axis]
            mirrored.append(near)
    found = Voronoi(np.vstack(mirrored))
    part = np.array([0.25, 0.5, 0.75])
    lines: dict[tuple[int, int], Any] = {}
    shapes = []
    for place in range(count):
        corners = found.regions[found.point_region[place]]
        ring = []
        for one, two in zip(corners, [*corners[1:], corners[0]], strict=True):
            key = (min(one, two), max(one, two))
            if key not in lines:
                start, end = found.vertices[key[0]], found.vertices[key[1]]
                inner = start + (end - start) * part[:, None]
                inner += np.clip(rng.normal(0, 0.03, (3, 2)), -0.06, 0.06) * np.hypot(*(end - start))
                lines[key] = np.vstack([start, inner, end])
            line = lines[key]
            ring.append(line[:-1] if one == key[0] else line[:0:-1])
        shapes.append(np.vstack(ring))
    rings = np.repeat(np.arange(count), [len(shape) for shape in shapes])
    # A city of 0.8 by 0.6 degrees.
    made = shapely.polygons(shapely.linearrings(np.vstack(shapes) * [0.8, 0.6] + [-74.3, 40.5], indices=rings))
    # A wiggle may cross another one in a sharp corner.
    return gpd.GeoDataFrame(geometry=shapely.make_valid(made, method="structure", keep_collapsed=False), crs=4326)


def values(zones: gpd.GeoDataFrame) -> list[pd.Series[Any]]:
    """Make two synthetic indicators that change slowly over the ground."""
    rng = np.random.default_rng(SEED)
    x, y = shapely.get_coordinates(shapely.centroid(zones.geometry.array.to_numpy())).T
    slow = np.hypot(x - x.mean(), y - y.mean())
    return [
        pd.Series(np.round(slow * 200 + rng.gamma(2, 5, len(zones)), 1), index=zones.index),
        pd.Series(rng.poisson(4 + slow * 10).astype(float), index=zones.index),
    ]


def ours(zones: gpd.GeoDataFrame, path: Path) -> None:
    """Save our page with both indicators."""
    from spatialjustice.maps import Indicator, atlas

    walk, places = values(zones)
    indicators = [
        Indicator("walk", "Synthetic minutes", walk, unit="minutes"),
        Indicator("places", "Synthetic places", places, unit="opportunities", kind="count"),
    ]
    atlas(zones, indicators, title="Synthetic").save(path)


def folium_page(zones: gpd.GeoDataFrame, path: Path) -> None:
    """Save what Folium saves, with one indicator; its Leaflet is put in so that it runs without a network."""
    import folium

    from spatialjustice.maps.pages import document

    walk = values(zones)[0]
    limits, colours = np.quantile(walk, [0.2, 0.4, 0.6, 0.8]), ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"]
    frame = zones.assign(colour=[colours[place] for place in np.searchsorted(limits, walk)], value=walk)
    west, south, east, north = zones.total_bounds
    made = folium.Map([(south + north) / 2, (west + east) / 2], tiles=None, prefer_canvas=True, zoom_start=10)
    folium.GeoJson(
        frame,
        style_function=lambda each: {"fillColor": each["properties"]["colour"], "fillOpacity": 1, "weight": 0.5},
        tooltip=folium.GeoJsonTooltip(["name", "value"]),
    ).add_to(made)
    made.fit_bounds([[south, west], [north, east]])
    made.save(path)
    text = path.read_text(encoding="utf-8")
    asked = next(address for name, address in made.default_js if name == "leaflet")
    text = text.replace(f'<script src="{asked}"></script>', f"<script>{document.script(document.SCRIPTS[0])}</script>")
    path.write_text(text + "<script>document.documentElement.dataset.ready = 'true'</script>", encoding="utf-8")


FRAMES = """() => { window.frames_ = []; let last = performance.now();
  const next = (now) => { window.frames_.push(now - last); last = now; window.watch_ = requestAnimationFrame(next); };
  window.watch_ = requestAnimationFrame(next); }"""
DRAWN = """() => { if (!window.spatialjustice) return true;
  const sheet = spatialjustice.made.zones.sheet; return !(sheet.busy && sheet.busy()); }"""
HOVER = """() => { const zones = spatialjustice.made.zones; const map = zones.sheet._map; const size = map.getSize();
  let most = 0; for (let n = 0; n < 300; n += 1) {
    const where = map.containerPointToLatLng([(n * 37) % size.x, (n * 53) % size.y]);
    const start = performance.now(); zones.find(where); most = Math.max(most, performance.now() - start); }
  return most; }"""


def opened(path: Path, *, own: bool) -> dict[str, float]:
    """Open a page, pan it with the mouse, point at zones and switch the indicator."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.route("http*://**", lambda route: route.abort())
        page.set_default_timeout(300_000)
        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector("html[data-ready]", state="attached")
        page.wait_for_function(DRAWN, polling=20)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found = {"ready": time.perf_counter() - start}
        box = page.locator(".folium-map").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.evaluate(FRAMES)
        for turn in range(4):
            across = 1 if turn % 2 else -1
            page.mouse.move(x, y)
            page.mouse.down()
            for step in range(30):
                page.mouse.move(x + across * step * 7, y + across * step * 3)
                page.wait_for_timeout(12)
            page.mouse.up()
            page.wait_for_timeout(500)
        frames = page.evaluate("() => { cancelAnimationFrame(window.watch_); return window.frames_; }")
        found["frame"] = float(np.quantile(frames, 0.95))
        found["longest"] = float(np.max(frames))
        if own:
            page.wait_for_function(DRAWN, polling=20)
            found["hover"] = page.evaluate(HOVER)
            start = time.perf_counter()
            page.select_option("#indicator", "1")
            page.wait_for_function(DRAWN, polling=10)
            found["switch"] = time.perf_counter() - start
        page.evaluate("() => window.gc && window.gc()")
        found["heap"] = page.evaluate("() => performance.memory.usedJSHeapSize") / 1e6
        browser.close()
    return found


def one(way: str, count: int, tracts: str, folder: Path) -> dict[str, Any]:
    """Save and open one page."""
    zones = gpd.read_file(tracts).to_crs(4326) if count == 0 else cells(count)
    zones = zones[["geometry"]].assign(name=[f"Zone {n}" for n in range(len(zones))])
    save, path = (ours if way == "ours" else folium_page), folder / f"{way}{len(zones)}.html"
    save(zones.iloc[:10], path)  # imports are not what is measured
    start = time.perf_counter()
    save(zones, path)
    record = {"way": way, "zones": len(zones), "vertices": int(shapely.get_num_coordinates(zones.geometry.array).sum())}
    record["export"] = time.perf_counter() - start
    record["rss"] = memory("VmHWM") / 2**30
    record["size"] = path.stat().st_size / 1e6
    return {**record, **opened(path, own=way == "ours")}


COLUMNS = {
    "way": "way",
    "zones": "zones",
    "vertices": "vertices",
    "size": "MB",
    "export": "export s",
    "rss": "Python GiB",
    "ready": "ready s",
    "frame": "frame p95 ms",
    "longest": "longest ms",
    "hover": "hover ms",
    "switch": "switch s",
    "heap": "heap MB",
}


def main() -> None:
    """Run all sizes and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tracts", default="", help="real polygons to begin with")
    parser.add_argument("--counts", nargs="*", type=int, default=[20_000, 100_000])
    parser.add_argument("--ways", nargs="+", default=["ours", "folium"])
    parser.add_argument("--out", type=Path, help="where to write .json and .md, without the ending")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(one(given.one[0], int(given.one[1]), given.tracts, Path(folder))))
        return
    runs = []
    for count in [*([0] if given.tracts else []), *given.counts]:
        for way in given.ways:
            command = [sys.executable, __file__, "--one", way, str(count), "--tracts", given.tracts]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            runs.append(json.loads(done.stdout))
            print(runs[-1], flush=True)

    def cell(value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or "–"
        return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if value < 10 else f"{value:,.0f}"

    rows = [[cell(run.get(name)) for name in COLUMNS] for run in runs]
    facts = machine()
    print("\n" + "\n".join([table(list(COLUMNS.values()), rows, markdown=False), *described(facts)]))
    text = "\n\n".join(["# Maps", "  \n".join(described(facts)), table(list(COLUMNS.values()), rows, markdown=True)])
    write(given.out, {"runs": runs, "machine": facts}, text + "\n")


if __name__ == "__main__":
    main()
