"""Cities side by side: the door of the study room, from folders or a table to tables and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice._core.findings import announce
from spatialjustice._core.provenance import path_of
from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.distribution.intervals import confidence
from spatialjustice.study.comparing.results import Comparison, results_of
from spatialjustice.study.comparing.runs import material_of_runs
from spatialjustice.study.comparing.tables import BAD, material_of_table
from spatialjustice.study.comparing.write import write

if TYPE_CHECKING:
    import numpy as np

SEED = 2019
"""What draws follow from where nobody says it, so that the same call gives the same page."""


def compare(  # noqa: PLR0913 - what a table leaves open
    compared: str | Path | Sequence[str | Path],
    *,
    city: str | None = None,
    values: str | Sequence[str] = (),
    people: str | None = None,
    about: str | Path | None = None,
    whole: str | None = None,
    classes: str | Sequence[float] | Mapping[str, float] = "oecd",
    direction: str | Mapping[str, str] = BAD,
    cutoff: float | Mapping[str, float] | None = None,
    cut_at: float | Mapping[str, float] | None = None,
    unit: str = "",
    titles: Mapping[str, Any] | None = None,
    columns: Sequence[str] = ("lng", "lat"),
    size: float = 1000.0,
    replications: int = 299,
    level: float = 0.95,
    rng: int | np.random.Generator | None = SEED,
    out: str | Path | None = None,
) -> Comparison:
    """Put cities side by side: the same measures by the same rules, with ranges, classes by size and a page.

    Parameters
    ----------
    compared
        Folders of finished runs, two or more; or one table (CSV, XLSX, Parquet, GeoPackage) with a row for each cell of
        many cities, or for each city.
    city
        Of a table: the column with the id of the city.
    values
        Of a table: the columns that are compared.
    people
        Of a table: the column with the people of each row; None counts every row once.
    about
        A table with a row for each city, joined by the same id; its columns ``name``, ``country`` and ``name_fa`` are
        used where it has them.
    whole
        The column of that table with the people of the whole city: classes go by it, and cells are compared with it.
    classes
        The rule that puts cities into classes by size, as for :func:`spatialjustice.cities.size_classes`.
    direction
        ``"lower is better"`` or ``"higher is better"``, or column → one of them.
    cutoff
        The limit beyond which people are counted; of runs the widest that all have where None.
    cut_at
        The value at which measurements were cut.
    unit
        Unit of the values: ``metres``, ``minutes``, ``share``, or any text.
    titles
        Column, or folder of a run → what it is called, one text or one per language.
    columns
        The columns with longitude and latitude; neighbours are drawn together where the table has them.
    size
        Side of the squares in which neighbours are drawn together, in metres.
    replications
        Draws behind each range, at least 99.
    level
        Confidence of the ranges.
    rng
        Seed of all draws, or a generator to draw one from.
    out
        Folder for the tables, the page and their record; nothing is written where None.

    Returns
    -------
    Comparison
        With ``tables``, ``findings`` and ``folder``.

    Raises
    ------
    SpatialJusticeError
        When there is nothing to compare, an input cannot be used, runs were made by other rules throughout, or the
        folder cannot be written to; nothing is half-written.
    """
    paths = [path_of(one, "compared") for one in (compared if isinstance(compared, list | tuple) else [compared])]
    seed, asked = seed_of(rng), confidence(level)
    draws = checked_whole_number(replications, "replications", least=99)
    if not paths:
        raise InputError("compared", "there is nothing", "Name folders of finished runs, or one table.")
    for path in paths:
        if not path.exists():
            raise MissingFileError(str(path), "it is not there", "Name folders of finished runs, or one table.")
    if all(path.is_dir() for path in paths):
        if len(paths) < 2:
            raise InputError("compared", "there is one run", "Name two or more.")
        if isinstance(cutoff, Mapping):
            raise InputError("cutoff", "it is given by column", "Of runs, give one limit in metres.")
        material = material_of_runs(paths, cutoff=cutoff, size=size, titles=titles or {})
    elif len(paths) == 1:
        material = material_of_table(
            paths[0],
            city=city,
            values=[values] if isinstance(values, str) else list(values),
            people=people,
            about=None if about is None else path_of(about, "about"),
            whole=whole,
            direction=direction,
            cutoff=cutoff,
            cut_at=cut_at,
            unit=unit,
            titles=titles or {},
            columns=columns,
            size=size,
        )
    else:
        files = ", ".join(str(path) for path in paths if not path.is_dir())
        raise InputError("compared", f"{files} is no folder of a run", "Name folders only, or one table alone.")
    found = results_of(material, classes=classes, replications=draws, level=asked, seed=seed)
    if out is not None:
        found = replace(found, folder=Path(out))
        write(found, Path(out))
    announce(*found.findings)
    return found
