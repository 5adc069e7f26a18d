"""The checksum of an input as its record has it: of a file's bytes, or of all files of a folder that is one source."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from spatialjustice._core.errors import SpatialJusticeError
from spatialjustice._core.provenance import checksum
from spatialjustice.sources.places.parts import folder_record, is_parts
from spatialjustice.sources.timetables._tables import Feed
from spatialjustice.sources.timetables.fares import fares_of_r5r

if TYPE_CHECKING:
    from pathlib import Path


def checksums_of(path: Path) -> set[str]:
    """Return what a record may say of a file or a folder; of a folder each reader takes the files that it reads.

    Parameters
    ----------
    path
        The file, or a folder of shapes in parts, of a timetable or of fares. Of another folder nothing is known.
    """
    if path.is_file():
        return {checksum(path)}
    found = set()
    if is_parts(path):
        found.add(folder_record(path, path.name).sha256)
    with suppress(SpatialJusticeError, OSError):
        found.add(Feed(path).record.sha256)
    with suppress(SpatialJusticeError, OSError):
        found.add(fares_of_r5r.record(path).sha256)
    return found
