"""Proposals that readers of a page have saved: reading what anybody may have written, joining and ranking them."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import path_of
from spatialjustice._core.screen.console import control_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from spatialjustice._core.numbers.checks import Floats

ENDINGS = (".geojson", ".json")
LARGEST = 1_000_000
"""Bytes of a file that is still read, here and on the page; most have some thousands."""
MOST = 500
"""Changed places of a file that is still read, here and on the page."""
NORTHMOST = 85
"""Degrees of latitude up to which the page puts a place."""
SHOWN = 60
"""Signs of a value or a file's name that a finding repeats."""
NEAR = 100.0
"""Metres within which two sites are one."""
METRES = 111_195.0
"""Metres of a degree of latitude."""
ASK = "Open the page of the study, load the file there, and save it again."


class _Part(BaseModel):
    """What is read as it is written, and nothing else: no text becomes a number."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)


Degrees = Annotated[float, Field(ge=-180, le=180)]
Number = Annotated[int, Field(ge=0, le=10_000_000)]
Word = Annotated[str, Field(max_length=80)]
Claimed = Annotated[float, Field(ge=0, le=1e11)] | None
"""People or a way, as the page computed it: no more than there are on the earth, nor farther."""


class _Point(_Part):
    type: Literal["Point"]
    coordinates: Annotated[list[Degrees], Field(min_length=2, max_length=3)]

    @field_validator("coordinates")
    @classmethod
    def _on_streets(cls, point: list[float]) -> list[float]:
        return _with_latitude(point)


class _Facts(_Part):
    service: Word
    action: Literal["add", "remove", "move"]
    place: Number | None = None
    stood: Annotated[list[Degrees] | None, Field(min_length=2, max_length=2, alias="from")] = None

    @field_validator("stood")
    @classmethod
    def _on_streets(cls, point: list[float] | None) -> list[float] | None:
        return None if point is None else _with_latitude(point)


def _with_latitude(point: list[float]) -> list[float]:
    if abs(point[1]) > NORTHMOST:
        message = f"a latitude is at most {NORTHMOST}, and comes after the longitude"
        raise ValueError(message)
    return point


class _Site(_Part):
    geometry: _Point
    properties: _Facts


class _Of(_Part):
    name: Word
    date: Word = ""
    checksum: Word = ""


class _Limit(_Part):
    value: Annotated[float, Field(gt=0, le=1_000_000)]
    unit: Literal["metres", "minutes"]


class _State(_Part):
    within: Claimed = None
    mean: Claimed = None
    worst_tenth: Claimed = None
    gini: Claimed = None


class _Effect(_Part):
    service: Word
    gained: Claimed = None
    lost: Claimed = None
    before: _State = _State()
    after: _State = _State()


class _Saved(_Part):
    """A file as the page writes it."""

    spatialjustice_proposal: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=2000)]
    reason: Annotated[str, Field(max_length=2000)] = ""
    study: _Of
    mode: Word
    limit: _Limit
    effects: Annotated[list[_Effect], Field(max_length=100)] = []
    features: Annotated[list[_Site], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True)
class Proposal:
    """What somebody would change about one service, by one mode, and what their page said would come of it.

    Attributes
    ----------
    file, name, reason
        The file it is of, and what its author wrote.
    study, checksum
        The study for whose page it was made, and which streets, people and places that page held.
    service, mode
        What is changed, and how people travel.
    limit, unit
        Up to where the page counted people, in metres or minutes.
    added
        Latitude, longitude and, of a place of today that moves there, its number.
    removed
        Numbers of places of today that would be gone or elsewhere, with the latitude and longitude where the file says
        that they stand (NaN where it says nothing).
    claimed
        What the page computed, by name.
    """

    file: str
    name: str
    reason: str
    study: str
    checksum: str
    service: str
    mode: str
    limit: float
    unit: Literal["metres", "minutes"]
    added: tuple[tuple[float, float, int | None], ...]
    removed: tuple[tuple[int, float, float], ...]
    claimed: dict[str, float]


def read_proposals(folder: str | Path) -> tuple[list[Proposal], list[Finding]]:
    """Read all proposals of a folder; what cannot be used is left out and named in a finding.

    Of files that are the same to the last byte only the first one is read: copies of a file are no further askers.

    Parameters
    ----------
    folder
        Files that pages have saved (``.geojson``, ``.json``); others are passed over, and no folder inside is entered.

    Returns
    -------
    list of Proposal, list of Finding
        One for each service that a file changes, in the order of the names of files; and what was wrong with others.

    Raises
    ------
    InputError
        When there is no such folder, or no such file in it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "mine.geojson").write_text('{"spatialjustice_proposal": 1}')
    ...     made, found = read_proposals(folder)
    >>> len(made), found[0].code
    (0, 'proposal_field_wrong')
    """
    folder = path_of(folder, "folder")
    if not folder.is_dir():
        raise InputError("folder", f"{folder} is no folder", "Give the folder into which the proposals were saved.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    if not files:
        advice = "Save proposals there from the page of a study (“What if…?”, “Save it as a proposal”)."
        raise InputError("folder", f"{folder} holds no file that ends in {' or '.join(ENDINGS)}", advice)
    made: list[Proposal] = []
    found: list[Finding] = []
    firsts: dict[bytes, str] = {}
    copies: list[str] = []
    for path in files:
        try:
            data = _content(path)
            first = firsts.setdefault(hashlib.sha256(data).digest(), path.name)
            if first == path.name:
                made += _parts(path.name, _saved(path.name, data))
            else:
                copies.append(f"{shown(path.name)} of {shown(first)}")
        except _NotUsableError as error:
            found.append(error.finding)
    return made, [*found, *_copied(copies)]


def _copied(copies: list[str]) -> Iterable[Finding]:
    if copies:
        few = "; ".join(copies[:5]) + ("; …" if len(copies) > 5 else "")
        kind = "1 file is a copy" if len(copies) == 1 else f"{len(copies):,} files are copies"
        advice = "A file and its copies count as one that asks for it."
        yield Finding("proposals_copied", "information", f"{kind} to the last byte: {few}.", len(copies), advice=advice)


class _NotUsableError(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)


def shown(text: object) -> str:
    r"""Return a text of a stranger as one short line without signs that move a cursor.

    Examples
    --------
    >>> shown("a\nb" + 100 * "c")[:8]
    'a bccccc'
    """
    line = " ".join(str(text).split())
    for sign in set(control_signs(line)):
        line = line.replace(sign, "\N{REPLACEMENT CHARACTER}")
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _unreadable(name: str, why: str) -> _NotUsableError:
    message = f"{shown(name)}: {why}. The proposal was left out."
    return _NotUsableError(Finding("proposal_unreadable", "warning", message, 1, advice=ASK))


def _content(path: Path) -> bytes:
    try:
        path.name.encode()
        if path.stat().st_size > LARGEST:
            why = f"it has {path.stat().st_size:,} bytes, more than the {LARGEST:,} of any proposal"
            raise _unreadable(path.name, why)
        return path.read_bytes()
    except UnicodeEncodeError as error:
        raise _unreadable(path.name, "its name is no text in UTF-8") from error
    except OSError as error:
        raise _unreadable(path.name, f"it cannot be read ({error.strerror or error})") from error


def _saved(file: str, content: bytes) -> _Saved:
    name = shown(file)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable(file, "it is no text in UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, f"it is no JSON ({shown(error)})") from error
    try:
        return _Saved.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        given = "nothing" if first["type"] == "missing" else f"“{shown(first['input'])}”"
        others = error.error_count() - 1
        more = "" if not others else ", and 1 more fault" if others == 1 else f", and {others:,} more faults"
        message = f"{name}: {shown(where)}: {first['msg'].lower()}; found {given}{more}. The proposal was left out."
        raise _NotUsableError(Finding("proposal_field_wrong", "warning", message, 1, advice=ASK)) from error


def _parts(file: str, saved: _Saved) -> list[Proposal]:
    made = []
    for service in dict.fromkeys(site.properties.service for site in saved.features):
        own = [site for site in saved.features if site.properties.service == service]
        gone: dict[int, tuple[float, float]] = {}
        for site in own:
            if site.properties.action == "add":
                continue
            number = site.properties.place
            if number is None or number in gone:
                wrong = "a place that moves or goes needs its number"
                if number is not None:
                    wrong = f"{number} moves or goes twice ({shown(service)})"
                message = f"{shown(file)}: features.properties.place: {wrong}. The proposal was left out."
                raise _NotUsableError(Finding("proposal_field_wrong", "warning", message, 1, advice=ASK))
            gone[number] = _stood(site)
        effect = next((one for one in saved.effects if one.service == service), None)
        made.append(
            Proposal(
                file=file,
                name=saved.name,
                reason=saved.reason,
                study=saved.study.name,
                checksum=saved.study.checksum,
                service=service,
                mode=saved.mode,
                limit=saved.limit.value,
                unit=saved.limit.unit,
                added=tuple(
                    (*_place(one), one.properties.place if one.properties.action == "move" else None)
                    for one in own
                    if one.properties.action != "remove"
                ),
                removed=tuple((number, *gone[number]) for number in sorted(gone)),
                claimed={} if effect is None else _claimed(effect),
            )
        )
    return made


def _place(site: _Site) -> tuple[float, float]:
    lon, lat = site.geometry.coordinates[:2]
    return lat, lon


def _stood(site: _Site) -> tuple[float, float]:
    """Return where a place that moves or goes stands today; what moves has a point where it would come to."""
    if site.properties.action == "remove":
        return _place(site)
    lon, lat = site.properties.stood or (math.nan, math.nan)
    return lat, lon


def _claimed(effect: _Effect) -> dict[str, float]:
    told = {"gained": effect.gained, "lost": effect.lost}
    for time in ("before", "after"):
        told |= {f"{name}_{time}": value for name, value in getattr(effect, time).model_dump().items()}
    return {name: value for name, value in told.items() if value is not None}


def near_equal(one: Proposal, other: Proposal, *, cutoff: float = NEAR) -> bool:
    """Tell whether two proposals ask for the same: the same places gone, and each new one near one of the other's.

    Parameters
    ----------
    one, other
        Two proposals.
    cutoff
        Metres between sites up to which they are the same, as the crow flies.

    Returns
    -------
    bool
        Whether one plan stands for both.
    """
    from scipy.optimize import linear_sum_assignment

    alike = (one.service, one.mode, len(one.added)) == (other.service, other.mode, len(other.added))
    if not alike or {number for number, *_ in one.removed} != {number for number, *_ in other.removed}:
        return False
    if not one.added:
        return True
    far = _apart(one, other) > cutoff
    return not far[linear_sum_assignment(far)].any()


def _apart(one: Proposal, other: Proposal) -> Floats:
    """Return the metres between each new site of one and each of the other."""
    lat, lon = np.array([site[:2] for site in one.added]).T[:, :, None]
    other_lat, other_lon = np.array([site[:2] for site in other.added]).T[:, None, :]
    east = ((other_lon - lon + 180) % 360 - 180) * np.cos(np.radians((lat + other_lat) / 2))
    metres: Floats = METRES * np.hypot(other_lat - lat, east)
    return metres


def ranked(proposals: Sequence[Proposal], effects: pd.DataFrame, *, cutoff: float = NEAR) -> pd.DataFrame:
    """Join near-equal proposals, and put those first that bring most people within the limit.

    Parameters
    ----------
    proposals
        The proposals, in the order of the rows of ``effects``.
    effects
        What each would do: ``gained``, ``lost``, ``worst_tenth_gained`` and whatever else is to be told of it.
    cutoff
        Metres between sites up to which two proposals are the same.

    Returns
    -------
    pandas.DataFrame
        A row for each plan: its rank among those of its service and mode (people gained less people lost, then people
        of the worst-off tenth among them), how many files ask for it (``asked_by``; who sent them nobody knows), and
        their names.
    """
    told = effects.to_dict(orient="records")
    order = sorted(range(len(proposals)), key=lambda row: (*_best_first(told[row]), proposals[row].file))
    groups: list[list[int]] = []
    for row in order:
        same = next((group for group in groups if near_equal(proposals[group[0]], proposals[row], cutoff=cutoff)), None)
        if same is None:
            groups.append([row])
        else:
            same.append(row)
    rows = []
    ranks: dict[tuple[str, str], int] = {}
    for group in groups:
        best = proposals[group[0]]
        kind = (best.service, best.mode)
        ranks[kind] = ranks.get(kind, 0) + 1
        moved = sum(number is not None for *_, number in best.added)
        rows.append(
            {
                "service": best.service,
                "mode": best.mode,
                "rank": ranks[kind],
                "name": best.name,
                "asked_by": len(group),
                "new": len(best.added) - moved,
                "moved": moved,
                "gone": len(best.removed) - moved,
                **told[group[0]],
                "reason": best.reason,
                "files": "; ".join(proposals[row].file for row in group),
                "first": group[0],
            }
        )
    table = pd.DataFrame(rows)
    return table if table.empty else table.sort_values(["service", "mode", "rank"], kind="stable", ignore_index=True)


def _best_first(effect: Mapping[Any, Any]) -> tuple[float, float]:
    return -(effect["gained"] - effect["lost"]), -effect["worst_tenth_gained"]


def joined(table: pd.DataFrame) -> Iterable[Finding]:
    """Yield what is to be said of proposals that stand in one row."""
    several = table[table["asked_by"] > 1] if len(table) else table
    if len(several):
        told = listed([shown(name) for name in several["name"]])
        rows = "1 row" if len(several) == 1 else f"{len(several):,} rows"
        message = f"{int(several['asked_by'].sum()):,} proposals stand in {rows} ({told})."
        advice = f"They change the same places, and their new sites lie within {NEAR:.0f} m of each other."
        yield Finding("proposals_joined", "information", message, len(several), advice=advice)
