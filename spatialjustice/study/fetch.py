"""Fetching every input of a study beforehand, so that it can run without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import sources
from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice._core.provenance import folder_of, path_of
from spatialjustice.sources.web.cache import Cache
from spatialjustice.study.engine.work import Work
from spatialjustice.study.settings import Study

if TYPE_CHECKING:
    from pathlib import Path


def fetch(study_file: str | Path, *, data_dir: str | Path | None = None) -> str:
    """Get what a study reads: files of the registry into the cache, and the answers of Overpass servers.

    Parameters
    ----------
    study_file
        The YAML file of the study.
    data_dir
        Folder of the data files; the study file's own folder and ``SPATIALJUSTICE_DATA`` are searched too. A file that
        is there is not fetched.

    Returns
    -------
    str
        What was found, what was fetched, and where it is. ``run`` finds it there.

    Raises
    ------
    MissingFileError
        Naming every file that is not there and has no public address.
    SpatialJusticeError
        When a server cannot be reached, or gives what cannot be used.
    """
    study_file = path_of(study_file, "study_file")
    study = Study.read(study_file)
    folders = [folder for folder in (study_file.resolve().parent, folder_of(data_dir, "data_dir")) if folder]
    found: dict[str, Path] = {}
    missing: list[InputError] = []
    lines = [f"{study_file}: the inputs of this study"]
    for name in study.files:
        try:
            found[name] = sources.locate(name, folders=folders)
            lines.append(f"  {name}: is there, {found[name]}")
        except MissingFileError as error:
            try:
                found[name] = sources.fetch_known(name)
                lines.append(f"  {name}: fetched, {found[name].stat().st_size:,} bytes, {found[name]}")
            except MissingFileError:
                missing.append(error)
    if missing:
        faults = "".join(f"\n  - {error}" for error in missing)
        found_out = f"these files have no public address and must be put in their places by hand{faults}\n"
        raise MissingFileError(str(study_file), found_out, "\n".join(lines))
    lines += _answers(study, found)
    damaged = Cache(sources.cache_folder()).quarantined()
    if damaged:
        lines.append(f"note: {len(damaged):,} damaged files of the cache were put aside in {damaged[0].parent.parent}")
    return "\n".join(lines)


def _answers(study: Study, found: dict[str, Path]) -> list[str]:
    """Ask servers what the run of a study will ask them, so that their answers are kept; a line on each."""
    if not any(section.fleeting(study) for section in study.sections):
        return []
    work = Work(study, found)
    keys = list(type(study).model_fields)
    answers = [answer for section in work.plan for answer in section.fetch(work)]
    return [line for _, line in sorted(answers, key=lambda answer: keys.index(answer[0]))]
