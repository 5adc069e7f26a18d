"""What all tables of groups share: who lives where, the numbers of each group, and their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    aligned_by_id,
    checked_whole_number,
    flat_numbers,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.distribution.intervals import (
    BOOTSTRAP,
    FEW,
    FEWEST_REPLICATIONS,
    MONTE_CARLO,
    confidence,
    percentiles,
)
from spatialjustice.inequality.distribution.margins import STANDARD_ERRORS
from spatialjustice.inequality.distribution.zone_rows import FEWEST, canonical_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

UNKNOWN = "unknown"
"""The group of the people whose group is not known."""

EVERYONE = "all people"
"""The row that stands for the people of all groups together."""

DIRECTIONS = ("higher is better", "lower is better")

SUPPRESSED = "suppressed"
SUPPRESSED_TOO = "suppressed, so that no other can be worked out"
NOBODY = "nobody"
NO_VALUE = "nobody with a value"
NO_INTERVAL = "too few zones for an interval"


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """How many people of each group live in each zone.

    Made by :func:`groups_from_counts`, :func:`groups_from_shares`, :func:`groups_from_labels` or
    :func:`income_groups`.

    Parameters
    ----------
    people
        People, one row for each zone and one column for each group; nobody is in two groups. The column ``"unknown"``,
        where there is one, holds the people whose group is not known.
    how
        Where the numbers come from: ``"own counts"``, ``"shares of zone population"``, ``"labels"`` or
        ``"groups of equal size by the income of zones"``.
    margins
        Margins of error of the numbers at 90 %, of the same form; None where they are taken as exact.
    findings
        What the reader must know of them.
    sources
        Records of the files they come from.
    unit
        What is counted.
    """

    people: pd.DataFrame
    how: str
    margins: pd.DataFrame | None = None
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    unit: str = "people"

    @property
    def names(self) -> list[Any]:
        """Names of the groups, ``"unknown"`` last where it is one."""
        return [*self.people.columns]

    @property
    def total(self) -> float:
        """People of all groups in all zones."""
        return float(self.people.to_numpy().sum())


class Matched(NamedTuple):
    """Values and people of the zones in one order, which does not depend on that of the input.

    Parameters
    ----------
    amounts
        What each zone with a value and with people has.
    people
        People of each group there.
    errors
        Standard error of each of these numbers; None where they are exact.
    left_out
        People of each group in zones without a value.
    zones
        Zones with a value in which each group has people.
    place
        Position of each zone in the user's order.
    findings
        Who is left out.
    """

    amounts: Floats
    people: Floats
    errors: Floats | None
    left_out: Floats
    zones: NDArray[np.int64]
    place: NDArray[np.int64]
    findings: tuple[Finding, ...]


class Draws(NamedTuple):
    """Numbers of the data as they are and of each draw, with how the draws were made."""

    value: Floats
    drawn: Floats
    level: float
    facts: dict[str, Any]

    def ends(self) -> tuple[Floats, Floats]:
        """Return the ends of the interval of each number; NaN without draws."""
        return interval_ends(self.drawn, self.level, self.value.shape)


class Uncertainty(NamedTuple):
    """How often to draw anew, from which number, and at which confidence to report."""

    replications: int
    seed: int
    level: float

    @classmethod
    def checked(cls, rng: int | np.random.Generator | None, replications: int, level: float) -> Uncertainty:
        """Check the settings; no draws are made for 0 replications.

        Raises
        ------
        InputError
            When one of them cannot be used.
        """
        asked = checked_whole_number(replications, "replications", least=0)
        if 0 < asked < FEWEST_REPLICATIONS:
            raise InputError(
                "replications",
                f"they are {asked}",
                f"Give at least {FEWEST_REPLICATIONS}, or 0 for a table without intervals.",
            )
        return cls(asked, seed_of(rng), confidence(level))


def require_groups(groups: Any) -> None:
    """Refuse what has not been made by one of the functions for it.

    Raises
    ------
    InputError
        When it is something else.
    """
    if not isinstance(groups, Groups):
        raise InputError(
            "groups",
            f"they are {a_kind(groups)}",
            "Make them with groups_from_counts, groups_from_shares or groups_from_labels.",
        )


def matched(values: Values, groups: Groups) -> Matched:
    """Match values and groups by id, and set apart the zones without a value.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, or nobody lives in a zone with a value.
    """
    require_groups(groups)
    found = flat_numbers(values, "values")
    if isinstance(values, pd.Series):
        require_ids(values, "values")
        found = aligned_by_id(values, "values", groups.people.iloc[:, 0], "groups")
    elif len(found) != len(groups.people):
        raise InputError(
            "values",
            f"there are {len(found):,} rows, but {len(groups.people):,} zones in groups",
            "Give one for each zone, in the same order, or a Series that is matched by id.",
        )
    index = groups.people.index
    advice = "People who can reach nothing need a number, or a missing value, which counts them as left out."
    refuse_rows(np.isinf(found), index, "values", "values are infinite", advice)
    people = groups.people.to_numpy(dtype=np.float64)
    errors = None
    if groups.margins is not None:
        errors = groups.margins.to_numpy(dtype=np.float64) / STANDARD_ERRORS
    known = ~np.isnan(found)
    possible = people.any(axis=1) if errors is None else (people > 0).any(axis=1) | (errors > 0).any(axis=1)
    if not people[known].any():
        raise InputError(
            "values", "nobody lives in a zone with a value", "Check that values and groups belong together."
        )
    order = canonical_order(found, people.sum(axis=1), *people.T, *(() if errors is None else errors.T))
    place = order[(known & possible)[order]]
    return Matched(
        found[place],
        people[place],
        None if errors is None else errors[place],
        people[~known].sum(axis=0),
        (people[known] > 0).sum(axis=0),
        place,
        _left_out(known, people, groups),
    )


def _left_out(known: NDArray[np.bool_], people: Floats, groups: Groups) -> tuple[Finding, ...]:
    findings = []
    if not known.all():
        concerned = float(people[~known].sum())
        findings.append(
            Finding(
                "people_without_value",
                "warning" if concerned else "information",
                f"{int((~known).sum()):,} zones with {concerned:,.0f} people have no value; these people are in the "
                "column people_left_out and in no mean.",
                count=int((~known).sum()),
                people=concerned,
            )
        )
    if UNKNOWN in groups.names:
        concerned = float(groups.people[UNKNOWN].sum())
        findings.append(
            Finding(
                "people_of_unknown_group",
                "warning",
                f"The group of {concerned:,.0f} people is not known; they have a row of their own.",
                count=int((groups.people[UNKNOWN] > 0).sum()),
                people=concerned,
            )
        )
    return tuple(findings)


def direction_of(values: Values, direction: str | None) -> str:
    """Return which way is good, as asked for or as the values say.

    Raises
    ------
    InputError
        When neither says so.
    """
    found = direction if direction is not None else getattr(values, "attrs", {}).get("direction")
    if found not in DIRECTIONS:
        raise InputError(
            "direction",
            f"it is {found!r}",
            f"Say which way is good for these values: {' or '.join(repr(word) for word in DIRECTIONS)}.",
        )
    return str(found)


def means_of_groups(values: Floats) -> Callable[[Floats], Floats]:
    """Return the function that makes the mean of each group, and of all people last, from the people of each zone."""

    def of(people: Floats) -> Floats:
        together = np.column_stack([people, people.sum(axis=1)])
        # Sums in a fixed order: the same bits however many threads there are.
        return ratio_or_nan(np.einsum("i,ij->j", values, together), np.einsum("ij->j", together))

    return of


def ratio_or_nan(one: Floats, other: Floats) -> Floats:
    """Divide; NaN where the number to divide by is 0."""
    out: Floats = np.full(np.broadcast(one, other).shape, np.nan)
    return np.divide(one, other, out=out, where=other != 0)


def with_draws(data: Matched, statistic: Callable[[Floats], Floats], how: Uncertainty) -> Draws:
    """Work out numbers from the people of each zone, and again for draws of zones or of numbers of people."""
    value = statistic(data.people)
    method = "none"
    found = np.full((how.replications, len(value)), np.nan)
    if how.replications:
        method = BOOTSTRAP if data.errors is None else MONTE_CARLO
        generator = np.random.default_rng(how.seed)
        count = len(data.amounts)
        for step in tqdm(range(how.replications), desc="intervals of groups", delay=2, leave=False):
            if data.errors is None:
                times = np.bincount(generator.integers(count, size=count), minlength=count)
                people = data.people * times[:, None]
            else:
                noise = generator.standard_normal(data.people.shape) * data.errors
                people = np.maximum(data.people + noise, 0.0)
            found[step] = statistic(people)
    facts = {"level": how.level, "replications": how.replications, "seed": how.seed, "method": method}
    return Draws(value, found, how.level, facts)


def interval_ends(draws: Floats, level: float, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the ends of the interval of each column; NaN without draws."""
    return percentiles(draws, level) if len(draws) else (np.full(shape, np.nan), np.full(shape, np.nan))


def group_table(
    groups: Groups, data: Matched, columns: dict[str, Floats], *, suppress_below: float, sure: bool
) -> pd.DataFrame:
    """Put numbers of each group, all people last, into a table with who is counted, left out and suppressed."""
    least = _least(suppress_below)
    people, left_out = data.people.sum(axis=0), data.left_out
    notes = np.full(len(people), "", dtype=object)
    everywhere = len(np.unique(data.place[data.people.any(axis=1)]))
    few = np.append(data.zones, everywhere) < FEWEST
    few &= sure and data.errors is None
    notes[few[:-1]] = NO_INTERVAL
    notes[people == 0] = NO_VALUE
    notes[people + left_out == 0] = NOBODY
    frame = pd.DataFrame(columns, index=pd.Index([*groups.names, EVERYONE], name="group", dtype=object))
    for name in frame.columns:
        if name.endswith(("low", "high")):
            frame.loc[few, name] = np.nan
    frame["n"] = np.append(data.zones, everywhere).astype(np.float64)
    frame["people"] = np.append(people, people.sum())
    frame["people_left_out"] = np.append(left_out, left_out.sum())
    hidden = _hidden(people, left_out, least)
    frame.iloc[[*np.flatnonzero(hidden)]] = np.nan
    notes[hidden == 1] = SUPPRESSED
    notes[hidden == 2] = SUPPRESSED_TOO
    frame["note"] = [*notes, NO_INTERVAL if few[-1] else ""]
    return frame


def suppressed_finding(frame: pd.DataFrame, suppress_below: float) -> list[Finding]:
    """Return what the reader must know of the groups whose numbers are not shown."""
    count = int(frame["note"].isin([SUPPRESSED, SUPPRESSED_TOO]).sum())
    if not count:
        return []
    return [
        Finding(
            "groups_suppressed",
            "information",
            f"The numbers of {count:,} groups are not shown: those of fewer than {suppress_below:,.0f} people, and as "
            "many more, the smallest first, as it takes that none can be worked out from the row of all people.",
            count=count,
        )
    ]


def _least(suppress_below: float) -> float:
    if (
        isinstance(suppress_below, bool)
        or not isinstance(suppress_below, int | float | np.number)
        or not 0 <= suppress_below < np.inf
    ):
        raise InputError("suppress_below", f"it is {suppress_below!r}", "Give a number of people, 0 or more.")
    return float(suppress_below)


def _hidden(people: Floats, left_out: Floats, least: float) -> NDArray[np.int64]:
    """Return 1 for groups with too few people, 2 for those hidden so that these cannot be worked out, 0 for others."""
    hidden = (((people > 0) & (people < least)) | ((left_out > 0) & (people + left_out < least))).astype(np.int64)
    if not hidden.any():
        return hidden
    # One number missing from a column that adds up, or several that together are still few people, give them away.
    for place in np.argsort(people, kind="stable"):
        out = hidden > 0
        if out.sum() > 1 and people[out].sum() >= least:
            break
        if not hidden[place] and people[place] > 0:
            hidden[place] = 2
    return hidden


def with_attrs(
    result: pd.DataFrame, values: Values, groups: Groups, data: Matched, facts: dict[str, Any], findings: list[Finding]
) -> pd.DataFrame:
    """Attach to a table what was measured, and the sources and findings of all that went into it."""
    kept = [*findings_of(values, groups), *data.findings, *findings]
    zones = result["n"].drop(EVERYONE)
    few = int(((zones >= FEWEST) & (zones < FEW)).sum())
    if few and facts["method"] == BOOTSTRAP:
        message = f"{few:,} groups live in fewer than {FEW} zones: their intervals are narrower than they should be."
        kept.append(Finding("few_zones", "warning", message, count=few))
    if UNKNOWN in result.index and result.loc[UNKNOWN, "note"] in {SUPPRESSED, SUPPRESSED_TOO}:
        # A number told here would give away what the table hides.
        untold = Finding("people_of_unknown_group", "warning", "The group of some people is not known.")
        kept = [untold if item.code == untold.code else item for item in kept]
    result.attrs.update(
        {
            **facts,
            "groups": groups.how,
            "n": len(data.amounts),
            "people": float(data.people.sum()),
            "left_out": float(data.left_out.sum()),
            "sources": [record.as_dict() for record in sources_of(values, groups)],
            "findings": [item.as_dict() for item in dict.fromkeys(kept)],
        }
    )
    return result


def reference_of(reference: Any, direction: str | None, groups: Groups, data: Matched, shown: NDArray[np.bool_]) -> int:
    """Return the place of the group that the others are compared with: the one named, or the best served.

    Raises
    ------
    InputError
        When the group named is not there or not shown, or when there are not two groups to compare.
    """
    there = shown & (data.people.sum(axis=0) > 0)
    known = there & np.array([name != UNKNOWN for name in groups.names])
    if known.sum() < 2:
        raise InputError(
            "groups",
            f"{int(known.sum()):,} known groups have enough people in zones with a value",
            "A gap needs two. Check the groups, or suppress_below.",
        )
    if reference is not None:
        if reference not in groups.names:
            raise InputError("reference", f"it is {reference!r}", f"Choose one of: {groups.names}.")
        place = groups.names.index(reference)
        if not there[place]:
            raise InputError("reference", f"too few people are in {reference!r}", "Choose a group that is shown.")
        return place
    mean = means_of_groups(data.amounts)(data.people)[:-1]
    better = mean if direction == DIRECTIONS[0] else -mean
    return int(np.argmax(np.where(known, better, -np.inf)))


def hidden_groups(data: Matched, suppress_below: float) -> NDArray[np.bool_]:
    """Return the groups whose numbers are not shown."""
    return _hidden(data.people.sum(axis=0), data.left_out, _least(suppress_below)) > 0


def unit_of(values: Values) -> str:
    """Return the unit that the values say they are in."""
    return str(getattr(values, "attrs", {}).get("unit", "amount"))
