"""What the selected projects of each place cost, against how many people live there."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.participation._people import known_people
from spatialjustice.participation.ballots.names import match_names
from spatialjustice.participation.money._checks import cost_not_known, not_told, selected_and_cost

CITY, NO_ZONE, NOT_TOLD = "for the whole city", "place is no zone", "not told whether selected"


def money_by_place(projects: pd.DataFrame, *, people: pd.Series[Any], key: str = "district") -> pd.DataFrame:
    r"""Add up what the selected projects of each place cost, and set it against the people who live there.

    A project counts for the place whose people voted on it, wherever its coordinates lie. Projects for the whole city
    stand apart: they are of everybody. The sums are whole counts and no sample, so that they have no range of chance;
    costs are those asked for, in the money of each year.

    In signs: :math:`K_i = \sum_{j \in i} k_j` over the selected projects of place i, and :math:`K_i / P_i`.

    Parameters
    ----------
    projects
        A row for each project: ``cost``, ``selected`` (missing where not told) and the column with its place.
    people
        The people of each zone, on an index of names.
    key
        The column with the place, empty where a project is for the whole city; see :func:`match_names`.

    Returns
    -------
    DataFrame
        On the index of ``people``: ``people``, ``projects`` (all that were voted on), ``selected`` (how many),
        ``cost`` of those selected, ``cost_per_person``, ``share_of_cost`` (of all money that is of a zone),
        ``share_of_people`` and ``cost_asked`` (of all projects). ``attrs["left_out"]`` holds the cost of selected
        projects for the whole city and of places that are no zone, and that of projects of which it is not told
        whether they were selected. Findings: ``money_without_zone``, ``selection_not_told``,
        ``project_cost_not_known`` and those of the names.

    Raises
    ------
    InputError
        When a column is not there, a cost is below 0, or people are not known.
    ConservationError
        When the money does not add up; this would be a fault of the package.

    References
    ----------
    Own definition: sums as described above, with no source in the literature.

    Examples
    --------
    >>> projects = pd.DataFrame(
    ...     {"district": ["A", "A", "B", ""], "cost": [100.0, 50.0, 30.0, 500.0], "selected": [True, False, True, True]}
    ... )
    >>> found = money_by_place(projects, people=pd.Series({"A": 10, "B": 30}))
    >>> found["cost_per_person"].tolist(), found.attrs["left_out"]["for the whole city"]
    ([10.0, 1.0], 500.0)
    """
    selected, cost = selected_and_cost(projects, [key])
    there = known_people(people)
    told = projects[key].astype(object).where(projects[key].notna(), "")
    matched = match_names(told, zones=people)
    zone = told.map(matched["zone"]).fillna("")
    chosen = selected.fillna(value=False).astype(bool)
    rows = people.index.astype(str)

    def by_zone(values: pd.Series[Any]) -> Any:
        return values.groupby(zone).sum().reindex(rows, fill_value=0).to_numpy()

    found = pd.DataFrame({"people": there, "projects": by_zone(pd.Series(1, projects.index))}, index=people.index)
    found["selected"] = by_zone(chosen.astype(int))
    found["cost"] = by_zone(cost.where(chosen, 0.0).fillna(0.0))
    found["cost_per_person"] = found["cost"] / there.where(there > 0)
    whole, everybody = float(found["cost"].sum()), float(there.sum())
    found["share_of_cost"] = found["cost"] / whole if whole > 0 else float("nan")
    found["share_of_people"] = there / everybody if everybody > 0 else float("nan")
    found["cost_asked"] = by_zone(cost.fillna(0.0))
    of_city = chosen & (told == "")
    strange = chosen & (told != "") & (zone == "")
    left_out = {
        CITY: float(cost[of_city].sum()),
        NO_ZONE: float(cost[strange].sum()),
        NOT_TOLD: float(cost[selected.isna()].sum()),
    }
    before = float(cost[chosen].sum())
    elsewhere = {key: left_out[key] for key in (CITY, NO_ZONE)}
    Ledger().record("money_by_place", "money", unit="money", before=before, after=whole, elsewhere=elsewhere)
    found.attrs = {
        "measure": "money_by_place",
        "unit": "money per person",
        "direction": "none",
        "left_out": left_out,
        "cost_unknown": int((chosen & cost.isna()).sum()),
    }
    add_sources(found, *sources_of(projects, people))
    return add_findings(
        found, *findings_of(matched), *_apart(left_out), *not_told(selected), *cost_not_known(chosen, cost)
    )


def _apart(left_out: dict[str, float]) -> list[Finding]:
    city, place = round(left_out[CITY]), round(left_out[NO_ZONE])
    if not city + place:
        return []
    message = (
        f"Selected projects that cost {city + place:,} are of no zone: {city:,} are for the whole city, {place:,} "
        "are of a "
        "place that is none. They stand apart."
    )
    values = {"count": city + place, "city": city, "place": place}
    return [Finding("money_without_zone", "information", message, values=values)]
