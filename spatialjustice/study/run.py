"""A study from its file to its folder: sections computed in order, then tables, maps and the record of all of it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice import sources
from spatialjustice._core.disk import files
from spatialjustice._core.errors import OutputError
from spatialjustice._core.findings import announce
from spatialjustice._core.machine.memory import give_back
from spatialjustice._core.provenance import folder_of
from spatialjustice.inequality._inputs import seed_of
from spatialjustice.study.engine.kept import resume
from spatialjustice.study.engine.progress import Progress
from spatialjustice.study.engine.results import Results
from spatialjustice.study.engine.work import Work
from spatialjustice.study.outputs import takeaway, write
from spatialjustice.study.outputs.credits import credited
from spatialjustice.study.outputs.tables import tables_of
from spatialjustice.study.scale.starting import Tiling, answering
from spatialjustice.study.scale.tasks import TilesMissingError
from spatialjustice.study.settings import Study, study_given

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.study.scale.answers import TiledAnswers


def locate(study: Study, beside: Path, data_dir: Path | None) -> dict[str, Path]:
    """Return where the files of a study are: in its folder, in the folder of the data, or in the cache."""
    folders = [folder for folder in (beside, data_dir) if folder]
    return {name: sources.locate(name, folders=folders) for name in study.files}


def demo_file() -> Path:
    """Return the study file of the demo, which the package carries."""
    return Path(str(resources.files("spatialjustice.study") / "demo.yaml"))


def demo(
    *, out: str | Path | None = None, rng: int | np.random.Generator | None = None, fresh: bool = False
) -> Results[Any]:
    """Run the study of central Helsinki on the extract that the package carries; needs no network.

    Arguments are as those of :func:`run`.
    """
    return run(demo_file(), out=out, rng=rng, fresh=fresh)


def run(  # noqa: PLR0913
    study_file: str | Path | Mapping[str, Any],
    *,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    rng: int | np.random.Generator | None = None,
    fresh: bool = False,
    executor: str | None = None,
    workers: int | None = None,
    memory: int | None = None,
    tile_size: float = 10_000.0,
) -> Results[Any]:
    """Run a study and write its tables, its maps and their record.

    Parameters
    ----------
    study_file
        The YAML file of the study, or its settings as a mapping with the keys of such a file. Files that a mapping
        names are looked for in the working folder first; what is in memory has to be saved before.
    data_dir
        Folder of the data files; the study file's own folder and ``SPATIALJUSTICE_DATA`` are searched too.
    out
        Folder for the results; ``maps/NAME`` where None.
    rng
        What everything random follows from, instead of the ``seed`` of the study file: a whole number, or a Generator
        that gives one.
    fresh
        Do every step anew. Without it a run that is killed or stopped leaves its finished steps in a hidden folder
        inside ``out``, and the next run there of the very same study (settings, bytes of all inputs, seed, versions)
        goes on after them; the results are the same to the byte.
    executor
        Who measures the ways of the zones, tile by tile: ``here`` (this process), ``processes`` (of this machine),
        ``dask`` (a cluster that is started on this machine), or the address of a Dask scheduler, ``tcp://…``, all of
        whose workers see the folder of the results under the same path. None measures them all at once. The tables are
        the same to the byte. Tiles that are done stay in a hidden folder of the results until the run is complete.
    workers
        How many processes work, of ``processes`` and ``dask``; as many as there are processors where None.
    memory
        Bytes that each of them may take: tiles that would take more are cut into smaller ones. None takes what Dask
        allows them, or an equal part of what is free.
    tile_size
        Metres: the side of a tile.

    Returns
    -------
    Results
        What each section found, by its name; ``folder`` tells where the files are, and ``skipped`` which steps an
        unfinished run had done.

    Raises
    ------
    SpatialJusticeError
        When an input or a setting cannot be used, or the results cannot be written; nothing is half-written.

    Examples
    --------
    Settings that cannot be used are named all at once, before any work:

    >>> run({"title": "Libraries", "place": "city.geojson", "services": ["libary"], "cutoffs": ["10 min"]})
    Traceback (most recent call last):
    ...
    spatialjustice._core.errors.StudyError: ...
    """
    tiling = None if executor is None else Tiling(executor, workers=workers, memory=memory, tile_size=tile_size)
    folder = folder_of(out, "out")
    with study_given(study_file) as (path, beside, study):
        found = locate(study, beside, folder_of(data_dir, "data_dir"))
        folder = folder or Path("maps") / study.name
        return _run(path, study, found, folder, _seed_of(rng), fresh=fresh, tiling=tiling)


def _seed_of(rng: int | np.random.Generator | None) -> int | None:
    return None if rng is None else seed_of(rng)


def _run(
    study_file: Path,
    study: Study,
    found: dict[str, Path],
    out: Path,
    seed: int | None,
    *,
    fresh: bool,
    tiling: Tiling | None = None,
) -> Results[Any]:
    started = datetime.now(UTC)
    with files.OutputFolder(out) as folder, answering(tiling, out) as answers:
        kept = resume.open_kept_steps(study, found, out, seed=seed if seed is not None else study.seed, fresh=fresh)
        try:
            with Progress(Work(study, found).plan, study, writing=write.steps(study)) as bar:
                results = _analyse(study, found, folder=out, seed=seed, kept=kept, answers=answers, bar=bar)
                bar.write()
                _write(results, folder, started, study_file, kept, bar)
        except TilesMissingError:
            # The others are kept, and so are the steps before them.
            raise
        except Exception:
            # It would stop there again. A kill and Ctrl-C are no such thing: they leave what is finished.
            kept.remove()
            raise
    # Only now are the results in their places: what stops before leaves what is finished.
    kept.remove()
    if answers is not None:
        answers.remove()
    announce(*results.findings)
    notes = (*kept.notes, *(answers.notes if answers else ()))
    return replace(results, skipped=tuple(kept.skipped), notes=notes)


def _write(
    results: Results[Any],
    folder: files.OutputFolder,
    started: datetime,
    study_file: Path,
    kept: KeptSteps,
    bar: Progress,
) -> None:
    try:
        write.write(results, folder, started, study_file, kept, now=bar.now)
    except OutputError as error:
        if kept.folder is None:
            raise
        # The kept steps may take the very room that the results need.
        kept.give_up(str(error))
        write.write(results, folder, started, study_file, kept, now=bar.now)


def _analyse(
    study: Study,
    found: dict[str, Path],
    *,
    folder: Path,
    seed: int | None,
    kept: KeptSteps,
    answers: TiledAnswers | None = None,
    bar: Progress,
) -> Results[Any]:
    """Compute every section that the study asks for, but the steps that an unfinished run has kept."""
    drawn = seed if seed is not None else study.seed
    seed = resume.seed_of_run(kept, lambda: secrets.randbelow(2**32) if drawn is None else drawn)
    work = Work(study, found, kept=kept, seed=seed, now=bar.now, expect=bar.expect, answers=answers)
    for section in work.plan:
        bar.begin(section)
        work.compute(section)
        give_back()
    results = Results(
        study=study,
        folder=folder,
        made=work.made,
        ledger=work.ledger,
        findings=[*work.findings(), *takeaway.findings(study)],
        sources=credited(study, work.sources()),
        seed=seed,
        files=found,
        in_tiles=answers.record() if answers else {},
    )
    results = replace(results, tables=tables_of(results))
    for section in work.plan:
        section.rest(work)
    return results
