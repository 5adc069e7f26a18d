"""Which data sets there are, and where their files are: in the package, on this machine, on the web, with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, SpatialJusticeError
from spatialjustice.sources.known_files import DATA_VARIABLE, KnownFile, fetch_known, locate, registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

FOLDERS = ("data/raw", "../data/raw")
SHIPPED, FOUND, ON_THE_WEB, TO_ASK_FOR = "in the package", "on this machine", "on the web", "to ask for"
NEAREST_FIRST = (SHIPPED, FOUND, ON_THE_WEB, TO_ASK_FOR)


class _Entry(NamedTuple):
    """What the list says of a data set."""

    title: str
    description: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dataset(Mapping[str, Path]):
    """Files of a data set, all of them here: ``data["streets"]`` is a path.

    In a notebook it shows what each file is, its licence, its credit line and the date it describes.

    Parameters
    ----------
    name
        Its name in :func:`available`.
    title
        What it is called.
    description
        What is in it.
    paths
        Where its files are, by what they hold.

    Examples
    --------
    >>> data = get("las_palmas_quarter")
    >>> list(data)
    ['streets', 'boundary', 'people']
    >>> data["people"].name
    'ghs_pop_2015_100m.tif'
    """

    name: str
    title: str
    description: str
    paths: Mapping[str, Path] = field(hash=False)

    def __getitem__(self, file: str) -> Path:
        if file not in self.paths:
            raise KeyError(f"{self.name} has no file {file!r}; it has {', '.join(self.paths)}")
        return self.paths[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        lines = [f"{self.title}. {self.description}"]
        for file, known in _known(self.name).items():
            date = known.data_date or "date: see the file"
            lines.append(f"  {file}: {self.paths[file].name}, {date}; {known.licence}; {known.attribution}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        table = files_of(self.name)[["data_date", "licence", "attribution", "description"]]
        head = f"<p><strong>{escape(self.title)}</strong>. {escape(self.description)}</p>"
        return head + table.fillna("see the file").to_html(escape=True)


@cache
def _listed() -> Mapping[str, _Entry]:
    from spatialjustice._core.disk.plain_yaml import own_yaml

    text = (resources.files("spatialjustice.datasets") / "datasets.yml").read_text(encoding="utf-8")
    return {name: _Entry(**facts) for name, facts in own_yaml(text).items()}


def _entry(name: str) -> _Entry:
    if name not in _listed():
        from difflib import get_close_matches

        near = get_close_matches(str(name), _listed(), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise InputError(
            "name",
            f"there is no data set {name!r}",
            f"{meant}sj.datasets.available() lists them: {', '.join(_listed())}.",
        )
    return _listed()[name]


def _known(name: str) -> dict[str, KnownFile]:
    return {file: registry()[path] for file, path in _entry(name).files.items()}


def _here(known: KnownFile, folders: Sequence[str | Path]) -> Path | None:
    try:
        return locate(known.name, folders=folders)
    except MissingFileError:
        return None


def _where(known: KnownFile, folders: Sequence[str | Path]) -> str:
    if known.shipped:
        return SHIPPED
    try:
        found = _here(known, folders)
    except DamagedFileError:
        found = None
    if found is not None:
        return FOUND
    return ON_THE_WEB if known.address else TO_ASK_FOR


def available(*, folders: Sequence[str | Path] = FOLDERS) -> pd.DataFrame:
    """List the data sets: what each is, and whether it is here.

    Parameters
    ----------
    folders
        Folders in which files are looked for, as in :func:`get`.

    Returns
    -------
    DataFrame
        A row for each data set, by its name: ``title``; ``where`` the farthest of its files is (``in the package``,
        ``on this machine``, ``on the web``: :func:`get` fetches it; ``to ask for``: :func:`files_of` says of whom);
        ``files``; ``megabytes`` of all its files; ``licence`` of its data; ``description``.

    Examples
    --------
    >>> available().loc["belo_horizonte", ["where", "licence"]].to_list()
    ['in the package', 'MIT']
    """
    import pandas as pd

    rows = {}
    for name, entry in _listed().items():
        known = _known(name).values()
        rows[name] = {
            "title": entry.title,
            "where": max((_where(file, folders) for file in known), key=NEAREST_FIRST.index),
            "files": len(entry.files),
            "megabytes": round(sum(file.size for file in known) / 1e6, 2),
            "licence": "; ".join(dict.fromkeys(file.licence for file in known)),
            "description": entry.description,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")


def files_of(name: str, *, folders: Sequence[str | Path] = FOLDERS) -> pd.DataFrame:
    """Tell all that is known of the files of a data set.

    Parameters
    ----------
    name
        Its name in :func:`available`.
    folders
        Folders in which files are looked for, as in :func:`get`.

    Returns
    -------
    DataFrame
        A row for each file, by what it holds: ``file`` (its name below a data folder), ``where`` (as in
        :func:`available`), ``bytes``, ``sha256``, ``licence``, ``attribution``, ``data_date`` (missing where the file
        itself tells it, or nobody), ``address`` and ``ask`` (empty where unknown or not needed), ``description``.

    Raises
    ------
    InputError
        When there is no data set of that name.

    Examples
    --------
    >>> files_of("iran_counties").loc["counties", "ask"]
    'the R package iran2016census (github.com/jalilian/iran2016census)'
    """
    import pandas as pd

    rows = {
        file: {
            "file": known.name,
            "where": _where(known, folders),
            "bytes": known.size,
            "sha256": known.sha256,
            "licence": known.licence,
            "attribution": known.attribution,
            "data_date": known.data_date,
            "address": known.address,
            "ask": known.ask,
            "description": known.description,
        }
        for file, known in _known(name).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("holds")


def get(name: str, *, folders: Sequence[str | Path] = FOLDERS) -> Dataset:
    """Give the files of a data set; what is on the web is fetched once and kept.

    Each file is looked for in ``folders``, in the folder that the environment variable ``SPATIALJUSTICE_DATA`` names,
    in the package and in the cache, and compared with its checksum. What is in none of them and has a public address
    is fetched into the cache, unless ``SPATIALJUSTICE_OFFLINE`` is set; a transfer that broke off goes on later.

    Parameters
    ----------
    name
        Its name in :func:`available`.
    folders
        Folders in which files are looked for, by their names in :func:`files_of`.

    Returns
    -------
    Dataset
        Paths by what the files hold, for the functions of :mod:`spatialjustice.sources`, which write licence, credit
        and date of each into what they make of it.

    Raises
    ------
    InputError
        When there is no data set of that name.
    MissingFileError
        When files are neither here nor can be fetched: all of them, with checksum, licence, and whom to ask.
    DamagedFileError
        When a file with a known name holds other bytes.

    Examples
    --------
    >>> import spatialjustice as sj
    >>> tracts = sj.sources.zones(sj.datasets.get("chicago")["tracts"], id="geoid")
    >>> len(tracts), tracts.attrs["sources"][0]["licence"]
    (872, 'US Government work (public domain)')
    """
    entry = _entry(name)
    paths: dict[str, Path] = {}
    missing: list[str] = []
    failed = False
    for file, known in _known(name).items():
        found, why = _here(known, folders), ""
        if found is None and known.address and not failed:
            try:
                found = fetch_known(known.name)
            except SpatialJusticeError as fault:
                failed = True  # the next file would only wait for the same server
                why = f" It could not be fetched: {fault}"
        if found is None:
            missing.append(f"{known.name}: {known.how_to_get()}{why}")
        else:
            paths[file] = found
    if missing:
        raise _missing(name, entry, missing, folders)
    return Dataset(name, entry.title, entry.description, paths)


def _missing(name: str, entry: _Entry, missing: list[str], folders: Sequence[str | Path]) -> MissingFileError:
    first = missing[0].split(":", 1)[0]
    looked = ", ".join(str(Path(folder) / first) for folder in folders)
    are = "is" if len(missing) == 1 else "are"
    return MissingFileError(
        name,
        f"{len(missing)} of {len(entry.files)} files of this data set {are} not in the package nor on this machine:\n"
        + "\n".join(missing)
        + "\n",
        f"Looked for {looked} and in the cache. Put each file there under its name, or set {DATA_VARIABLE} to the "
        "folder that holds them; sj.datasets.available() lists what needs no file.",
    )
