"""Going on after a run that was killed: which steps are kept, and what a run must share with it to use them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from glob import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from pyproj import CRS

from spatialjustice import __version__
from spatialjustice._core.findings import Finding
from spatialjustice._core.keep import Kept, Packed, pack_frames, unpack_frames
from spatialjustice._core.provenance import SourceRecord, checksum, versions
from spatialjustice.network import Network
from spatialjustice.network.streets.modes import mode_named
from spatialjustice.study.justice import Justice
from spatialjustice.study.settings import OVERPASS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from spatialjustice.study.moving import Streets
    from spatialjustice.study.parts import Travel
    from spatialjustice.study.settings import Study
    from spatialjustice.study.space import Local

NUMBERS = (
    "node_id", "x", "y", "edge_u", "edge_v", "length", "forward", "backward", "way_id", "component",
)  # fmt: skip


def kept(study: Study, found: Mapping[str, Path], folder: Path, *, seed: int | None, fresh: bool) -> Kept:
    """Open the finished steps of a run of the very same study that did not come to its end.

    The same are: every file of this package, the versions of its parts, all settings, the bytes of all inputs, and the
    seed. All settings count for all steps: a step used in the wrong place would be a wrong map in silence, and a run
    that was killed is mostly run again as it was. Streets asked of a server are not known before they come, so that
    such a study keeps nothing.
    """
    if fresh or study.streets == OVERPASS:
        nothing = Kept(folder, "")
        if not fresh:
            nothing.notes.append("Streets come from a server: no steps are kept for a rerun.")
        return nothing
    made_of = {
        "package": _package(),
        "version": __version__,
        "parts": versions(),
        "settings": study.model_dump(mode="json"),
        "inputs": {name: _bytes_of(path) for name, path in sorted(found.items())},
        "seed": seed,
    }
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Kept(folder, key)


@cache
def _package() -> str:
    """Return one checksum of all files of this package: between two versions its code may change, too."""
    root = Path(str(resources.files("spatialjustice")))
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"})
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root).as_posix()} {checksum(path)}\n".encode())
    return digest.hexdigest()


def _bytes_of(path: Path) -> dict[str, str]:
    """Return the checksums of an input: of the files that go with it, too, as a shapefile's do."""
    parts = path.rglob("*") if path.is_dir() else [path, *path.parent.glob(f"{escape(path.stem)}.*")]
    return {part.name: checksum(part) for part in sorted(set(parts)) if part.is_file()}


def seed(kept: Kept, draw: Callable[[], int]) -> int:
    """Return the seed: that of the unfinished run where the study leaves it to chance, so that its steps count."""
    drawn: int = kept.step("seed", draw, lambda number: Packed(number, {}), lambda packed: int(packed.facts))
    kept.skipped = [name for name in kept.skipped if name != "seed"]
    kept.bind(drawn)
    return drawn


def streets(kept: Kept, mode: Travel, build: Callable[[], Streets]) -> Streets:
    """Return the network of a mode, kept or built."""
    made: Streets = kept.step(f"streets: {mode.key}", build, _pack_network, lambda packed: _network(packed, mode))
    return made


def _pack_network(made: Streets) -> Packed:
    if not isinstance(made, Network):
        message = "straight lines are made faster than read"
        raise TypeError(message)
    facts = {
        "crs": made.crs.to_wkt(),
        "area": None if made.area is None else shapely.to_wkb(made.area, hex=True),
        "sources": [asdict(source) for source in made.sources],
        "findings": [asdict(finding) for finding in made.findings],
    }
    return Packed(facts, {name: getattr(made, name) for name in NUMBERS})


def _network(packed: Packed, mode: Travel) -> Network:
    facts = packed.facts
    return Network(
        **{name: packed.arrays[name] for name in NUMBERS},
        crs=CRS.from_wkt(facts["crs"]),
        mode=mode_named(mode.name, speed=mode.speed),
        sources=tuple(SourceRecord(**source) for source in facts["sources"]),
        findings=tuple(Finding(**finding) for finding in facts["findings"]),
        area=None if facts["area"] is None else shapely.from_wkb(facts["area"]),
    )


def unequal(kept: Kept, work: Callable[[], Justice]) -> Justice:
    """Return the tables on inequality, kept or computed."""
    made: Justice = kept.step("how unequally", work, _pack_justice, _justice)
    return made


def _pack_justice(done: Justice) -> Packed:
    if not done.tables:
        message = "nobody asked for them"
        raise TypeError(message)
    return pack_frames(vars(done))


def _justice(packed: Packed) -> Justice:
    return Justice(**unpack_frames(packed))


def together(kept: Kept, work: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return the statistics of the whole place, kept or computed."""
    made: pd.DataFrame = kept.step(
        "clusters", work, lambda done: pack_frames({"whole": done}), lambda packed: unpack_frames(packed)["whole"]
    )
    return made


def local(kept: Kept, work: Callable[[], Local]) -> Local:
    """Return the statistics of every zone, kept or computed."""
    made: Local = kept.step("clusters zone by zone", work, _pack_local, _local)
    return made


def _pack_local(done: Local) -> Packed:
    return pack_frames({json.dumps(key): table for key, table in done.items()})


def _local(packed: Packed) -> Local:
    def key(text: str) -> tuple[str, str, str]:
        mode, service, statistic = json.loads(text)
        return mode, service, statistic

    return {key(text): table for text, table in unpack_frames(packed).items()}
