"""What sections ask of the ways of all zones, answered tile by tile and joined to the bytes of one process."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from tqdm.auto import tqdm

from spatialjustice._core.provenance import checksum
from spatialjustice.network import Network
from spatialjustice.network.tiles.places import write_places
from spatialjustice.network.tiles.writing import PLACES, write_tiles
from spatialjustice.study.scale.joined import JoinedCosts
from spatialjustice.study.scale.plan import Plan, planned
from spatialjustice.study.scale.steps import AUDIT, POSITION, halo_asked
from spatialjustice.study.scale.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice.network import TravelCosts
    from spatialjustice.network.search.pairs import Pairs
    from spatialjustice.network.tiles.index import TileIndex
    from spatialjustice.study.engine.ways import WaysAsked
    from spatialjustice.study.scale.executors import Executor
    from spatialjustice.study.scale.run_folder import RunFolder


AT_ONCE = 100_000
"""Zones whose pairs are held in memory at a time."""


class TiledAnswers:
    """Answers the questions of every section by tasks of tiles.

    Parameters
    ----------
    run
        The folder of the run.
    executor
        Who does the tasks.
    tile_size
        Metres: the side of a tile.
    memory
        Bytes that one task may take; what the executor says where None.
    """

    def __init__(self, run: RunFolder, executor: Executor, *, tile_size: float, memory: int | None = None) -> None:
        self._run, self._executor, self._tile_size = run, executor, tile_size
        self._memory = executor.memory() if memory is None else memory
        self._streets: dict[int, _Written] = {}
        self.plans: list[Plan] = []
        self.notes: list[str] = []

    def __call__(self, section: str, asked: Sequence[WaysAsked]) -> Mapping[str, TravelCosts]:
        """Answer all questions about streets; what goes along no streets alone is left to whom it is asked of."""
        left = sorted({one.name.split()[0] for one in asked if not isinstance(one.streets, Network)})
        if left:
            self.notes.append(
                f"Not in tiles but in one process, since it is no network of streets: {section}, {', '.join(left)}."
            )
        by_streets: dict[int, list[WaysAsked]] = {}
        for one in asked:
            if isinstance(one.streets, Network):
                by_streets.setdefault(id(one.streets), []).append(one)
        answers: dict[str, TravelCosts] = {}
        for those in by_streets.values():
            answers |= self._of_streets(section, those)
        return answers

    def remove(self) -> None:
        """Delete what was kept of tiles: the run is complete."""
        self._run.remove()

    def record(self) -> dict[str, Any]:
        """Return what the provenance of a run says: who worked, in which tiles, and the plan for memory."""
        return {
            "tile_size": self._tile_size,
            "done_by": self._executor.told,
            "tiles_done": self._run.done,
            "tiles_kept": self._run.kept,
            "memory_plan": [plan.as_dict() for plan in self.plans],
            "not_in_tiles": self.notes,
        }

    def columns(self, section: str, asked: Sequence[WaysAsked]) -> tuple[pd.DataFrame, dict[str, list[Task]]]:
        """Have the questions about one network answered: all of a tile in one task, so that its streets are read once.

        Returns
        -------
        tuple
            A row for each zone, in their order, as :func:`~spatialjustice.study.scale.steps.columns_of_tile` names
            them; and of each question that wants all pairs the tasks that have them.
        """
        first = asked[0]
        written = self._written(first.streets)
        zones = written.places(first.zones, "origins")
        told = [_told(one, written.places(one.places, "destinations", one.offers)) for one in asked]
        what = f"{section} {first.name.split()[0]}"
        plan = planned(
            written.index,
            written.mode,
            what=what,
            zones=first.zones,
            places=[one.places for one in asked],
            halo=max(halo_asked(written.index, written.mode, one) for one in told),
            memory=self._memory,
        )
        self.plans.append(plan)
        tqdm.write(str(plan), file=sys.stderr)
        columns = self._tasks("columns", what, told, (written, zones, plan))
        self._run.do(what, columns, self._executor)
        shares: dict[str, list[Task]] = {}
        for one, plain in zip(asked, told, strict=True):
            if one.pairs:
                shares[one.name] = self._tasks("pairs", f"{section} {one.name} pairs", [plain], (written, zones, plan))
                self._run.do(f"{section} {one.name} pairs", shares[one.name], self._executor)
        return _in_order(list(self._run.join(columns)), len(first.zones)), shares

    def _of_streets(self, section: str, asked: list[WaysAsked]) -> dict[str, TravelCosts]:
        found, shares = self.columns(section, asked)
        audit = _audit(found, asked[0])
        return {
            one.name: JoinedCosts(
                one,
                audit,
                found[f"{number} nearest"].to_numpy(),
                found[[f"{number} within {which}" for which in range(len(one.within))]].to_numpy(),
                _pairs(self._run, shares[one.name], len(one.zones)) if one.name in shares else None,
            )
            for number, one in enumerate(asked)
        }

    def _tasks(self, step: str, what: str, told: list[dict[str, Any]], where: tuple[_Written, str, Plan]) -> list[Task]:
        written, zones, plan = where
        names = {"streets": written.digest, **{name: name for name in (zones, *(one["places"] for one in told))}}
        return [
            Task(
                step=step,
                tile=tile,
                parameters={"mode": written.mode.name, "tile": tile, "zones": zones, "asked": told},
                inputs={"streets": str(written.index.folder.resolve())},
                # Places are called by their checksums.
                checksums=names,
                output=self._run.output(what, tile),
            )
            for tile in plan.tiles
        ]

    def _written(self, streets: Network | TileIndex) -> _Written:
        """Return streets in tiles: a network is written, with all that lies in it, once."""
        if id(streets) not in self._streets:
            index = streets
            if isinstance(index, Network):
                folder = self._run.path(f"streets/{len(self._streets)}")
                index = write_tiles(index, folder, tile_size=self._tile_size)
            self._streets[id(streets)] = _Written(streets, index)
        return self._streets[id(streets)]


class _Written:
    """Streets of one mode in tiles, and the places written beside them, each once."""

    def __init__(self, streets: Network | TileIndex, index: TileIndex) -> None:
        self.streets = streets  # kept, so that no other gets its number
        self.index = index
        (self.mode,) = (tiles.mode for tiles in index.modes.values())
        self.digest = _of_files(index.folder)
        self._names: set[str] = set()

    def places(self, frame: gpd.GeoDataFrame, side: Any, offers: pd.Series[Any] | None = None) -> str:
        """Write places where they are not written yet, with their rows and what they offer; return their name."""
        plain = frame[[name for name in ("geometry", "access") if name in frame.columns]].copy()
        plain = plain.set_geometry(frame.geometry.name) if "geometry" not in plain else plain
        plain.attrs = {}
        plain[POSITION] = np.arange(len(plain))
        plain["offers"] = 1.0 if offers is None else offers.to_numpy(dtype=float)
        digest = hashlib.sha256(f"{side} {frame.crs}".encode())
        for column in plain.columns:
            values = plain[column].array
            shapes = column in {"geometry", "access"}
            digest.update(
                b"".join(one or b"-" for one in shapely.to_wkb(values.to_numpy()))
                if shapes
                else values.to_numpy().tobytes()
            )
        name = f"{side}-{digest.hexdigest()[:32]}"
        if name not in self._names:
            write_places(self.index, plain, name=name, side=side, columns=[POSITION, "offers"])
            self._names.add(name)
        return name


def _of_files(folder: Path) -> str:
    """Return one checksum of all files of streets in tiles; places beside them are called by their own."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if name.parts[0] != PLACES:
            digest.update(f"{name.as_posix()} {checksum(path)}\n".encode())
    return digest.hexdigest()


def _told(one: WaysAsked, places: str) -> dict[str, Any]:
    """Return a question as plain data."""
    return {
        "places": places,
        "unit": one.unit,
        "snap_limit": one.snap_limit,
        "cutoff": one.cutoff,
        "within": list(one.within),
        "offers": one.offers is not None,
    }


def _in_order(parts: list[pd.DataFrame], count: int) -> pd.DataFrame:
    """Put the rows of all tiles into the order of the zones, and see that each is there once."""
    found = pd.concat(parts, ignore_index=True).sort_values("zone", kind="stable", ignore_index=True)
    if not np.array_equal(found["zone"].to_numpy(), np.arange(count)):
        message = f"the tiles have {found['zone'].nunique():,} of {count:,} zones"
        raise AssertionError(message)
    return found


def _audit(found: pd.DataFrame, asked: WaysAsked) -> pd.DataFrame:
    """Return where zones lie on the streets; how far off them some are may be more than their tiles know."""
    audit = found[list(AUDIT)].set_index(asked.zones.index)
    off = (audit["status"] != "ok").to_numpy()
    if off.any():
        snapped = asked.streets.snap(asked.zones.geometry[off], snap_limit=asked.snap_limit)
        for name in AUDIT:
            audit.loc[off, name] = snapped[name]
    return audit.astype({"edge": np.int32})


def _pairs(run: RunFolder, tasks: list[Task], count: int) -> Callable[[], Iterator[Pairs]]:
    """Return what gives all pairs of some zones at a time, by zone and then by place, as one search gives them."""

    def read() -> Iterator[Pairs]:
        for begin in range(0, count, AT_ONCE):
            parts = list(run.join(tasks, "zone", (begin, begin + AT_ONCE)))
            found = pd.concat(parts, ignore_index=True).sort_values(["zone", "place"], ignore_index=True)
            zone, place, metres = (found[name].to_numpy() for name in ("zone", "place", "metres"))
            yield zone, place, metres

    return read
