"""Proposals that readers of a page have saved: reading what anybody may have written, joining and ranking them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import path_of
from spatialjustice._core.screen.console import control_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

ENDINGS = (".geojson", ".json")
LARGEST = 1_000_000
"""Bytes of a file that is still read; the page writes some thousands."""
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


class _Point(_Part):
    type: Literal["Point"]
    coordinates: Annotated[list[Degrees], Field(min_length=2, max_length=3)]


class _Facts(_Part):
    service: Word
    action: Literal["add", "remove", "move"]
    place: Number | None = None


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
    within: float | None = None
    mean: float | None = None
    worst_tenth: float | None = None
    gini: float | None = None


class _Effect(_Part):
    service: Word
    gained: float | None = None
    lost: float | None = None
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
    features: Annotated[list[_Site], Field(min_length=1, max_length=500)]


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
        Numbers of places of today that would be gone or elsewhere, with their latitude and longitude.
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
    for path in files:
        try:
            made += _parts(path.name, _saved(path))
        except _NotUsableError as error:
            found.append(error.finding)
    return made, found


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


def _saved(path: Path) -> _Saved:
    name = shown(path.name)

    def unreadable(why: str) -> _NotUsableError:
        message = f"{name}: {why}. The proposal was left out."
        return _NotUsableError(Finding("proposal_unreadable", "warning", message, 1, advice=ASK))

    try:
        if path.stat().st_size > LARGEST:
            raise unreadable(f"it has {path.stat().st_size:,} bytes, more than the {LARGEST:,} of any proposal")
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise unreadable(f"it cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise unreadable("it is no text in UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise unreadable(f"it is no JSON ({shown(error)})") from error
    try:
        return _Saved.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        given = "nothing" if first["type"] == "missing" else f"“{shown(first['input'])}”"
        more = error.error_count() - 1
        message = (
            f"{name}: {shown(where)}: {first['msg'].lower()}; found {given}"
            f"{f', and {more:,} more faults' if more else ''}. The proposal was left out."
        )
        raise _NotUsableError(Finding("proposal_field_wrong", "warning", message, 1, advice=ASK)) from error


def _parts(file: str, saved: _Saved) -> list[Proposal]:
    made = []
    for service in dict.fromkeys(site.properties.service for site in saved.features):
        own = [site for site in saved.features if site.properties.service == service]
        for site in own:
            if site.properties.action != "add" and site.properties.place is None:
                message = f"{shown(file)}: features.properties.place: a place that moves or goes needs its number."
                raise _NotUsableError(Finding("proposal_field_wrong", "warning", message, 1, advice=ASK))
        added = [site for site in own if site.properties.action != "remove"]
        gone = [site for site in own if site.properties.action != "add"]
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
                added=tuple((*_place(one), one.properties.place) for one in added),
                removed=tuple(sorted({(one.properties.place or 0, *_place(one)) for one in gone})),
                claimed={} if effect is None else _claimed(effect),
            )
        )
    return made


def _place(site: _Site) -> tuple[float, float]:
    lon, lat = site.geometry.coordinates[:2]
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
    alike = (one.service, one.mode, len(one.added)) == (other.service, other.mode, len(other.added))
    if not alike or {number for number, *_ in one.removed} != {number for number, *_ in other.removed}:
        return False
    left = list(other.added)
    for lat, lon, _ in one.added:
        nearest = min(left, key=lambda site: _apart(lat, lon, site[0], site[1]))
        if _apart(lat, lon, nearest[0], nearest[1]) > cutoff:
            return False
        left.remove(nearest)
    return True


def _apart(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    east = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return METRES * math.hypot(other_lat - lat, east)


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
        of the worst-off tenth among them), how many ask for it (``asked_by``), and their files.
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
