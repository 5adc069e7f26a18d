r"""Isochrones on foot, 5, 10 and 15 minutes: exact, in squares, an earlier commit's, and Valhalla's contours.

    python benchmarks/isochrone_peers.py streets.osm.pbf people.tif \
        --valhalla PYTHON --tiles valhalla.json --before OTHER

PYTHON has pyvalhalla 3.9.1, whose ``valhalla_build_tiles`` made the tiles from the same extract; OTHER is a folder with
another commit of this repository, which draws the first ``--few`` origins only. Every way is a process of its own that
takes its turn in every round; what counts is the least processor time (user and system) of each. Areas are compared
with the exact ones by origin and cutoff: they are different shapes, so that this says how far they are from each other,
and not which is right.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CUTOFFS = [5, 10, 15]
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SPATIALJUSTICE_THREADS"), "1")


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


class Product:
    """The product of some commit, one way of drawing."""

    def __init__(self, given: dict[str, Any]) -> None:
        import geopandas as gpd

        from spatialjustice import access, network

        self.streets = network.from_osm(given["streets"])
        where = [one["lon"] for one in given["origins"]], [one["lat"] for one in given["origins"]]
        self.origins = gpd.GeoSeries.from_xy(*where, crs=4326)
        self.draw = getattr(access, given["way"])

    def ask(self, first: int, end: int) -> list[str]:
        """Draw the areas of some origins in one question."""
        areas = self.draw(self.streets, self.origins[first:end], cutoff=CUTOFFS)
        return areas.geometry.to_wkt(rounding_precision=3).tolist()


class Valhalla:
    """Contours around one origin after another, as polygons."""

    def __init__(self, given: dict[str, Any]) -> None:
        import valhalla

        self.actor = valhalla.Actor(given["tiles"])
        on_foot = {"walking_speed": given["speed"], "step_penalty": 0, "use_ferry": 0}
        self.questions = [
            json.dumps(
                {
                    "locations": [one],
                    "costing": "pedestrian",
                    "costing_options": {"pedestrian": on_foot},
                    "contours": [{"time": cutoff} for cutoff in CUTOFFS],
                    "polygons": True,
                }
            )
            for one in given["origins"]
        ]

    def ask(self, first: int, end: int) -> list[str]:
        """Return one text for each origin, cutoffs falling."""
        return [self.actor.isochrone(question) for question in self.questions[first:end]]


def serve(who: str) -> None:
    """Answer the questions that come line by line: a way of its own in a process of its own."""
    given = json.loads(sys.stdin.readline())
    way: Any = {"valhalla": Valhalla, "product": Product}[who](given)
    for line in sys.stdin:
        first, end, alone, tell = json.loads(line)
        parts = [(one, one + 1) for one in range(first, end)] if alone else [(first, end)]
        answers: list[str] = []
        start = time.process_time()
        for part in parts:
            answers += way.ask(*part)
        spent = time.process_time() - start
        print("ANSWER", json.dumps([spent, peak(), answers if tell else []]), flush=True)


class Way:
    """A process that draws."""

    def __init__(self, python: str, folder: Path | None, who: str, given: dict[str, Any]) -> None:
        paths = {} if folder is None else {"PYTHONPATH": str(folder)}
        environment = {**os.environ, **THREADS, **paths, "TQDM_DISABLE": "1"}
        command = [python, str(Path(__file__).resolve()), "--serve", who]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
        )
        self.peak = 0
        self._say(given)

    def _say(self, what: Any) -> None:
        assert self.process.stdin is not None
        print(json.dumps(what), file=self.process.stdin, flush=True)

    def ask(self, first: int, end: int, *, alone: bool = False, tell: bool = False) -> tuple[float, list[str]]:
        """Return the processor seconds that some origins took, and their areas if they are to be told."""
        self._say([first, end, alone, tell])
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("ANSWER"):
                spent, self.peak, answers = json.loads(line[7:])
                return spent, answers
        raise SystemExit(f"{self.process.args} ended without an answer")


def compare(name: str, exact: Any, others: Any, xy: Any, people: Any) -> None:
    """Tell how the areas of a way differ from the exact ones, cutoff by cutoff."""
    import numpy as np
    import shapely

    for number, cutoff in enumerate(CUTOFFS):
        one, other = exact[number :: len(CUTOFFS)], others[number :: len(CUTOFFS)]
        ratio = shapely.area(other) / shapely.area(one)
        apart = shapely.area(shapely.symmetric_difference(one, other)) / shapely.area(one)
        shares = []
        for pair in zip(one, other, strict=True):
            inside = [shapely.contains_xy(shape, *xy) for shape in pair]
            either = people[inside[0] | inside[1]].sum()
            shares.append(people[inside[0] & inside[1]].sum() / either if either else np.nan)
        figures = [np.median(ratio), np.median(apart), apart.max(), np.nanmedian(shares), np.nanmin(shares)]
        print(
            f"  {name}, {cutoff} min: area × {figures[0]:.3f}; differing {figures[1]:.3f} (most {figures[2]:.3f}); ",
            end="",
        )
        print(f"people of either in both {figures[3]:.3f} (least {figures[4]:.3f})")


def cells_with_people(raster: str, crs: Any) -> tuple[Any, Any]:
    """Return where the middles of a raster's cells lie, and their people."""
    import numpy as np
    import rasterio
    from pyproj import Transformer

    with rasterio.open(raster) as opened:
        values = opened.read(1)
        row, column = np.nonzero(values > 0)
        x, y = rasterio.transform.xy(opened.transform, row, column)
        return Transformer.from_crs(opened.crs, crs, always_xy=True).transform(x, y), values[row, column]


def asked() -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--valhalla")
    parser.add_argument("--tiles")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--few", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve")
    return parser.parse_args()


def turns(ways: dict[str, Way], given: argparse.Namespace) -> dict[str, Any]:
    """Ask all ways in turns, tell the least time of each, and return their areas as text."""
    least: dict[tuple[str, str], float] = {}
    answers: dict[str, Any] = {}

    def note(name: str, what: str, spent: float) -> None:
        least[name, what] = min(spent, least.get((name, what), spent))

    for name, way in ways.items():
        note(name, "the very first origin", way.ask(0, 1)[0])
        note(name, f"{given.few} origins, first on their ground", way.ask(0, given.few)[0])
    for number in range(given.rounds):
        for name, way in ways.items():
            note(name, f"{given.few} origins in one question", way.ask(0, given.few)[0])
            note(name, f"{given.few} origins one by one", way.ask(0, given.few, alone=True)[0])
            if name != "before":
                spent, found = way.ask(0, given.count, tell=number == 0)
                how = "first on their ground" if number == 0 else "in one question"
                note(name, f"{given.count} origins, {how}", spent)
                answers[name] = found or answers[name]
    for (name, what), spent in least.items():
        print(f"{name}: {what}: {spent:.3f} s")
    for name, way in ways.items():
        print(f"{name}: at most {way.peak / 2**20:,.0f} MiB")
    return answers


def main() -> None:
    """Let all ways take turns, then compare their areas."""
    given = asked()
    if given.serve:
        serve(given.serve)
        return
    import numpy as np
    import shapely
    from pyproj import Transformer

    from spatialjustice import network

    streets, raster = given.files
    walk = network.from_osm(streets)
    where = np.random.default_rng(1).choice(walk.x.size, given.count, replace=False)
    degrees = Transformer.from_crs(walk.crs, 4326, always_xy=True).transform(walk.x[where], walk.y[where])
    told: dict[str, Any] = {
        "streets": str(Path(streets).resolve()),
        "tiles": given.tiles and str(Path(given.tiles).resolve()),
        "origins": [{"lon": lon, "lat": lat} for lon, lat in zip(*degrees, strict=True)],
        "speed": walk.mode.speed,
    }
    here = Path(__file__).resolve().parents[1]
    ways = {
        "exact": Way(sys.executable, here, "product", {**told, "way": "isochrones"}),
        "in squares": Way(sys.executable, here, "product", {**told, "way": "isochrones_in_squares"}),
    }
    if given.valhalla:
        ways["Valhalla"] = Way(given.valhalla, None, "valhalla", told)
    if given.before:
        ways["before"] = Way(sys.executable, given.before.resolve(), "product", {**told, "way": "isochrones"})
    answers = turns(ways, given)
    exact = shapely.from_wkt(answers["exact"])
    xy, people = cells_with_people(raster, walk.crs)
    compare("in squares", exact, shapely.from_wkt(answers["in squares"]), xy, people)
    if "Valhalla" in ways:
        project = Transformer.from_crs(4326, walk.crs, always_xy=True).transform
        contours = []
        for answer in answers["Valhalla"]:
            features = sorted(json.loads(answer)["features"], key=lambda one: one["properties"]["contour"])
            contours += [shapely.geometry.shape(one["geometry"]) for one in features]
        shapes = shapely.make_valid(shapely.transform(np.array(contours), project, interleaved=False))
        compare("Valhalla", exact, shapes, xy, people)
        corners = {
            name: shapely.get_num_coordinates(one).mean() for name, one in (("exact", exact), ("Valhalla", shapes))
        }
        print({name: round(number) for name, number in corners.items()}, "corners on average")


if __name__ == "__main__":
    main()
