"""Finished steps of a run, kept on disk so that a run that was killed goes on instead of starting anew."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from glob import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import numpy as np
import pandas as pd

from spatialjustice._core.disk import files
from spatialjustice._core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

KEPT = ".steps-"
"""Begins the name of the hidden folder inside the results that holds the finished steps."""

PART = ", part "
"""Stands between the name of a step and that of a part of it."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, EOFError, zipfile.BadZipFile)


class PackedResult(NamedTuple):
    """A result as plain data and arrays of numbers: what can be kept without a pickle."""

    facts: Any
    arrays: Mapping[str, NDArray[Any]]


class KeptSteps:
    """The finished steps of one run, each in a file of its own with its checksum.

    A file that is not what was written, or is of another run, is ignored and the step done again; ``notes`` then says
    so. What cannot be kept (the disk is full) is not: the run goes on without.

    Parameters
    ----------
    folder
        The folder of the results.
    key
        What the run is made of, in one checksum; empty to keep nothing. Steps of another key are deleted: no more than
        those of one run stay.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder / f"{KEPT}{key[:16]}" if key else None
        self.skipped: list[str] = []
        self.notes: list[str] = []
        self._key = key
        for other in folder.glob(f"{KEPT}*"):
            if other != self.folder:
                files.remove_folder(other)

    def bind(self, seed: int) -> None:
        """Make all further steps those of a seed: kept ones of another seed do not count."""
        self._key = f"{self._key} {seed}"

    def read(self, name: str) -> bytes | None:
        """Return what was kept of a step; None where nothing was, or it is not whole."""
        if self.folder is None:
            return None
        try:
            digest, _, body = self._path(name).read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != self._digest(name, body):
            self._spoilt(name)
            return None
        return body

    def write(self, name: str, body: bytes) -> None:
        """Keep a step."""
        if self.folder is None:
            return
        try:
            files.write_bytes(self._path(name), self._digest(name, body) + b"\n" + body)
        except OutputError as error:
            self.give_up(str(error))

    def step(
        self,
        name: str,
        work: Callable[[], Any],
        pack: Callable[[Any], PackedResult],
        unpack: Callable[[PackedResult], Any],
        part: str = "",
    ) -> Any:
        """Return the result of a step: the one that was kept, else that of the work, which then is kept.

        A ``part`` of a step is kept until the whole step is, and not told of.
        """
        whole, name = name, f"{name}{PART}{part}" if part else name
        body = self.read(name)
        if body is not None:
            try:
                result = unpack(_unpacked(body))
            except UNREADABLE:
                self._spoilt(name)
            else:
                if not part:
                    self.skipped.append(name)
                return result
        result = work()
        if self.folder is not None:
            try:
                packed = pack(result)
            except TypeError:
                return result  # not plain data: nothing to keep
            self.write(name, _packed(packed))
            if not part and self.folder is not None:
                for path in self.folder.glob(f"{escape(quote(whole + PART, safe=' '))}*"):
                    files.remove_file(path)
        return result

    def remove(self) -> None:
        """Delete what was kept."""
        if self.folder is not None:
            files.remove_folder(self.folder)

    def give_up(self, why: str) -> None:
        """Delete what was kept, keep nothing more, and say why."""
        self.remove()
        self.folder = None
        self.notes.append(f"No steps are kept for a rerun: {why}")

    def _path(self, name: str) -> Path:
        assert self.folder is not None  # noqa: S101 - all callers have asked
        whole, between, part = name.partition(PART)
        # What a part is of may be longer than a file's name may be.
        short = hashlib.sha256(part.encode()).hexdigest()[:24] if between else ""
        return self.folder / f"{quote(whole + between, safe=' ')}{short}"

    def _digest(self, name: str, body: bytes) -> bytes:
        digest = hashlib.sha256(json.dumps([self._key, name]).encode())
        digest.update(body)
        return digest.hexdigest().encode()

    def _spoilt(self, name: str) -> None:
        self.notes.append(f"What an unfinished run kept of “{name}” is damaged or of another seed; it was done again.")


def _packed(packed: PackedResult) -> bytes:
    stream = io.BytesIO()
    facts = np.frombuffer(json.dumps(packed.facts, ensure_ascii=False).encode(), dtype=np.uint8)
    np.savez(stream, allow_pickle=False, facts=facts, **packed.arrays)
    return stream.getvalue()


def _unpacked(body: bytes) -> PackedResult:
    with np.load(io.BytesIO(body), allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    return PackedResult(json.loads(arrays.pop("facts").tobytes()), arrays)


def pack_frames(frames: Mapping[str, pd.DataFrame]) -> PackedResult:
    """Turn tables of numbers and texts into plain data, to the last bit.

    Raises
    ------
    TypeError
        When a table holds something else, so that it could not be had back as it was.
    """
    facts: dict[str, Any] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for place, (name, frame) in enumerate(frames.items()):
        columns = [_plain(frame.index, f"{place}_index", arrays)]
        columns += [_plain(frame.iloc[:, at], f"{place}_{at}", arrays) for at in range(frame.shape[1])]
        facts[name] = {"columns": columns, "attrs": dict(frame.attrs)}
    again = unpack_frames(PackedResult(json.loads(json.dumps(facts)), arrays))
    for name, frame in frames.items():
        same = frame.attrs == again[name].attrs
        try:
            pd.testing.assert_frame_equal(frame, again[name], check_exact=True)
        except AssertionError:
            same = False
        if not same:
            message = f"{name} would not come back as it was"
            raise TypeError(message)
    return PackedResult(facts, arrays)


def _plain(values: pd.Series[Any] | pd.Index[Any], key: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Describe a column or an index; its numbers go to the arrays, its texts are given as they are."""
    told: dict[str, Any] = {"name": values.name, "dtype": str(values.dtype)}
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf":
        arrays[key] = values.to_numpy()
        return told | {"array": key}
    texts = values.tolist()
    if str(values.dtype) not in {"object", "str"} or any(
        type(text) not in {str, int, float, bool, type(None)} for text in texts
    ):
        message = f"{values.name} is of {values.dtype}"
        raise TypeError(message)
    return told | {"texts": texts}


def unpack_frames(packed: PackedResult) -> dict[str, pd.DataFrame]:
    """Return the tables that were packed."""
    found = {}
    for name, told in packed.facts.items():
        index, *columns = (
            pd.Index(
                packed.arrays[one["array"]] if "array" in one else one["texts"], dtype=one["dtype"], name=one["name"]
            )
            for one in told["columns"]
        )
        frame = pd.concat([pd.Series(column, index=index) for column in columns], axis=1) if columns else None
        frame = pd.DataFrame(index=index) if frame is None else frame
        frame.columns = pd.Index([column.name for column in columns]) if columns else frame.columns
        frame.attrs = told["attrs"]
        found[name] = frame
    return found
