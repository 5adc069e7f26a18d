"""Ballots against the people of each place; a ballot is no person."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.participation._people import known_people
from spatialjustice.participation.ballots._checks import with_counts
from spatialjustice.participation.ballots.intervals import checked_level, count_interval
from spatialjustice.participation.ballots.names import match_names

THOUSAND = 1000.0
NO_PLACE, NO_ZONE = "no place told", "place is no zone"


def ballots_per_people(
    ballots: pd.DataFrame, *, people: pd.Series[Any], key: str = "place", level: float = 0.95
) -> pd.DataFrame:
    r"""Count the ballots of each place per 1,000 people who live there: :math:`1000\,b / n`.

    This is no turnout. Who votes in a municipal and in a district election, or in two parts of a district, hands in
    several ballots; and people of all ages live there, although not all may vote.

    Parameters
    ----------
    ballots
        A table with a row for each kind of ballot: its place in the column ``key``, how many in ``ballots``; and
        ``level`` (``city``, ``district``, ``part of a district``) where one person may hand in one ballot on each.
    people
        The people of each zone, on an index of names.
    key
        The column with the place of each ballot, as it is written there; see :func:`match_names`.
    level
        How sure the interval is.

    Returns
    -------
    DataFrame
        On the index of ``people``: ``ballots``, ``people``, ``ballots_per_1000_people`` with ``low`` and ``high``
        (Garwood's interval of a Poisson count: what chance alone would do to a count of this size), and
        ``voters_at_least``
        and ``voters_at_most``: as many people voted as on the level with most ballots, if nobody votes twice on a
        level,
        and no more than there are ballots. Missing where nobody lives. ``attrs["left_out"]`` counts ballots whose place
        is not told or is no zone. Findings: ``ballots_are_not_people``, ``ballots_without_zone``, and those of the
        names.

    Raises
    ------
    InputError
        When a column is not there, or people are missing or below 0.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika, 28(3/4), 437-442.

    Examples
    --------
    >>> votes = pd.DataFrame({"place": ["A", "A", "B-C", None], "ballots": [30, 20, 10, 4]})
    >>> found = ballots_per_people(votes, people=pd.Series({"A": 1000, "B C": 500}))
    >>> found["ballots_per_1000_people"].tolist(), found.attrs["left_out"]
    ([50.0, 20.0], {'no place told': 4.0, 'place is no zone': 0.0})
    """
    counts = with_counts(ballots, [key])
    sure = checked_level(level)
    living = known_people(people)
    told = ballots[key].astype(object).where(ballots[key].notna(), "")
    matched = match_names(told, zones=people)
    zone = told.map(matched["zone"]).fillna("")
    found = pd.DataFrame(
        {"ballots": counts.groupby(zone).sum().reindex(people.index.astype(str), fill_value=0.0).to_numpy()},
        index=people.index,
    )
    found["people"] = living
    low, high = count_interval(found["ballots"].to_numpy(), level=sure)
    lived_in = found["people"].where(found["people"] > 0)
    found["ballots_per_1000_people"] = THOUSAND * found["ballots"] / lived_in
    found["low"], found["high"] = THOUSAND * low / lived_in, THOUSAND * high / lived_in
    found["voters_at_least"] = _at_least(ballots, counts, zone, people.index).to_numpy()
    found["voters_at_most"] = found["ballots"]
    missing, strange = float(counts[told == ""].sum()), float(counts[(told != "") & (zone == "")].sum())
    found.attrs = {
        "measure": "ballots_per_people",
        "unit": "ballots per 1,000 people",
        "direction": "none",
        "level": sure,
        "left_out": {NO_PLACE: missing, NO_ZONE: strange},
    }
    add_sources(found, *sources_of(ballots, people))
    return add_findings(found, *findings_of(matched), *_findings(found))


def _at_least(
    ballots: pd.DataFrame, counts: pd.Series[Any], zone: pd.Series[Any], index: pd.Index[Any]
) -> pd.Series[Any]:
    """Return how many people voted at least: as many as there are ballots on the level that has most of them."""
    levels = ballots["level"].astype(str) if "level" in ballots else pd.Series("", ballots.index)
    table = counts.groupby([zone, levels]).sum()
    return table.groupby(level=0).max().reindex(index.astype(str), fill_value=0.0)


def _findings(found: pd.DataFrame) -> list[Finding]:
    every = float(found["ballots"].sum())
    least = float(found["voters_at_least"].sum())
    message = (
        f"{every:,.0f} ballots are not people: who votes on several levels (city, district, part of a district) "
        "hands in "
        f"several. At least {least:,.0f} people voted, if nobody votes twice on a level. This is no turnout."
    )
    values = {"count": round(every), "least": round(least)}
    advice = "Compare places with the same levels of votes; ask the city for the number of voters."
    said = [Finding("ballots_are_not_people", "warning", message, count=round(every), values=values, advice=advice)]
    out = {key: value for key, value in found.attrs["left_out"].items() if value}
    if out:
        left = round(sum(out.values()))
        message = (
            f"{left:,} ballots are of no zone (their place is not told, or is none of the zones); no rate counts them."
        )
        values = {"count": left}
        said.append(Finding("ballots_without_zone", "information", message, count=left, values=values))
    return said
