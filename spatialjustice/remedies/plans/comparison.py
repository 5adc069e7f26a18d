"""Plans side by side: who gains, who loses, by how much, and what each does to the spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.remedies.effects import plan_effect
from spatialjustice.remedies.goals import kappa_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.inequality.groups.gaps import Groups

    Floats = NDArray[np.float64]
    Costs = AnyCosts | pd.DataFrame

BEFORE = "before"
EVERYBODY = "all people"
TENTH = 0.1
HAIR = 1e-9
"""Changes below this share of the longer way are rounding, not a gain or a loss."""

COLUMNS = [
    "people", "people_unreachable", "mean", "worst_tenth", "farthest", "equally_distributed_equivalent", "within",
    "gini", "change", "people_gaining", "people_losing", "people_unchanged", "people_reached", "people_cut_off",
    "mean_gain", "mean_loss", "largest_gain", "largest_loss",
]  # fmt: skip


def compare_plans(  # noqa: PLR0913
    costs: Costs,
    plans: Mapping[str, Any],
    *,
    people: pd.Series[Any],
    existing: Any = None,
    groups: Groups | None = None,
    cutoff: float | None = None,
    aversion: float = 1.0,
    reference: str = BEFORE,
    least: float = 0.0,
) -> pd.DataFrame:
    r"""Compare plans with how it is now, or with one of them: for all people and for each group.

    Each person's cost is that of the nearest site, c before and c' after. Of all people (or those of a group) whom a
    site is in reach of

    .. math:: \bar c' = \frac{\sum_i P_i c'_i}{\sum_i P_i}, \qquad
        G = \sum_i P_i \, 1[c_i - c'_i \ge \ell], \qquad L = \sum_i P_i \, 1[c'_i - c_i \ge \ell]

    The worst tenth is the mean of the tenth of people with the highest costs, of which a zone may be a part; the Gini
    index and the equally distributed equivalent are those of :mod:`spatialjustice.inequality`, the latter with one κ
    for all plans and groups, that of everybody's costs under the reference (where nobody has any, of the first plan).

    Parameters
    ----------
    costs
        From zones to all sites that a plan names, as for :func:`open_sites`.
    plans
        By the name of the plan: sites that open beside what exists, as a verb of this room returned them or as ids; or
        each zone's cost after the plan, a Series or a frame with a column ``after``, as where places close.
    people
        People of each zone, 0 or more.
    existing
        What there is now, as for :func:`open_sites`: travel costs to it, or each zone's present cost.
    groups
        Who lives where, as :func:`spatialjustice.inequality.groups_from_counts` gives it.
    cutoff
        A cost up to which people count as ``within``, itself included, in the unit of the costs.
    aversion
        Aversion to inequality of the equally distributed equivalent, above 0.
    reference
        What each plan is compared with: ``before``, or the name of a plan.
    least
        The smallest change that counts as a gain or a loss, itself included; 0 counts every change.

    Returns
    -------
    DataFrame
        On ``plan`` and ``group`` (``all people`` first), plans in the order given after ``before``: ``people``;
        ``people_unreachable`` (no site in reach); of the others ``mean``, ``worst_tenth``, ``farthest``,
        ``equally_distributed_equivalent``, ``within`` (share of all people, the unreachable included; NaN without a
        cutoff) and ``gini``; and beside the reference ``change`` of the mean over those who had and have a way,
        ``people_gaining``, ``people_losing``, ``people_unchanged`` (which add up to ``people``), ``people_reached`` and
        ``people_cut_off`` (who gain their first way and lose their last one, counted among them), ``mean_gain`` and
        ``mean_loss`` of those who gain and lose, ``largest_gain`` and ``largest_loss``.

    Raises
    ------
    InputError
        When there is no plan, one is called ``before``, the reference is none of them, or something does not match.

    References
    ----------
    Marsh and Schilling (1994), Equity measurement in facility location analysis, European Journal of Operational
    Research 74: 1-17.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["new", "new"], "travel_cost": [900.0, 200.0]})
    >>> now = pd.Series({"a": 100.0, "b": 900.0})
    >>> found = compare_plans(pairs, {"one more": ["new"]}, people=pd.Series({"a": 30.0, "b": 10.0}), existing=now)
    >>> found.loc[("one more", "all people"), ["mean", "people_gaining", "mean_gain"]].tolist()
    [125.0, 10.0, 700.0]
    """
    if not len(plans):
        raise InputError("plans", "there are none", "Give sites by the name of each plan.")
    if BEFORE in plans:
        raise InputError("plans", "one is called “before”", "Give it another name: before is how it is now.")
    if reference != BEFORE and reference not in plans:
        raise InputError("reference", f"there is no plan called {reference!r}", f"Choose before, {', '.join(plans)}.")
    smallest, averse = _number(least, "least"), _number(aversion, "aversion")
    if averse == 0:
        raise InputError("aversion", "it is 0", "Give a number above 0, for example 1.")
    first = plan_effect(costs, [], people=people, existing=existing)
    ways = {BEFORE: first["before"]}
    for name, plan in plans.items():
        after = plan["after"] if isinstance(plan, pd.DataFrame) and "after" in plan else plan
        if not isinstance(after, pd.Series):
            after = plan_effect(costs, plan, people=people, existing=existing)["after"]
        ways[name] = _after(after, first.index, name)
    counted = {EVERYBODY: people, **_parts(groups)}
    kappa = _kappa([ways[reference], *ways.values()], people, averse)
    rows = {}
    for name, way in ways.items():
        for group, members in counted.items():
            weights = _members(members, way.index, group)
            against = ways[reference].reindex(way.index).to_numpy(dtype=float)
            amounts = way.to_numpy(dtype=float)
            rows[name, group] = {
                **_spread(amounts, weights, cutoff, kappa),
                **_change(against, amounts, weights, smallest),
            }
    table = pd.DataFrame.from_dict(rows, orient="index")[COLUMNS]
    table.index = pd.MultiIndex.from_tuples(rows, names=["plan", "group"])
    table.attrs = {
        "measure": "compare_plans",
        "unit": first.attrs.get("unit"),
        "direction": "lower is better",
        "reference": reference,
        "cutoff": cutoff,
        "aversion": aversion,
        "kappa": kappa,
        "sources": [record.as_dict() for record in sources_of(first)],
        "findings": [finding.as_dict() for finding in findings_of(first)],
    }
    return add_findings(table, *_findings(table))


def _number(value: Any, name: str) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.integer | np.floating)
        or not 0 <= value < np.inf
    ):
        raise InputError(name, f"it is {value!r}", "Give a number, 0 or more.")
    return float(value)


def _kappa(ways: list[pd.Series[Any]], people: pd.Series[Any], aversion: float) -> float:
    """Return κ by the first of some ways that anybody has, so that it is the same for all of them; 0 for none."""
    for way in ways:
        amounts = way.to_numpy(dtype=float)
        weights = people.reindex(way.index).to_numpy(dtype=float)
        known = np.isfinite(amounts) & (weights > 0)
        if known.any() and amounts[known].max() > 0:
            return kappa_of(amounts[known], weights[known], aversion)
    return 0.0


def _after(after: pd.Series[Any], zones: pd.Index[Any], name: str) -> pd.Series[Any]:
    absent = zones.difference(after.index)
    if len(absent):
        raise InputError(name, f"{len(absent):,} zones have no cost after it", "Give one each, or NaN.", rows=absent)
    return after.reindex(zones)


def _parts(groups: Groups | None) -> dict[str, pd.Series[Any]]:
    if groups is None:
        return {}
    parts = {str(name): groups.people[name] for name in groups.names}
    if EVERYBODY in parts:
        raise InputError("groups", f"one is called “{EVERYBODY}”", "All people are told of anyway: leave it out.")
    return parts


def _members(members: pd.Series[Any], zones: pd.Index[Any], name: str) -> Floats:
    """Return the people of a group in the order of the zones."""
    if not isinstance(members, pd.Series):
        raise InputError(name, f"it is {a_kind(members)}", "Give people of each zone, a Series on their ids.")
    absent = zones.difference(members.index)
    if len(absent) or not members.index.is_unique:
        raise InputError(name, f"{len(absent):,} zones have no number", "Give 0 where nobody lives.", rows=absent)
    counted = as_floats(members.reindex(zones), name)
    wrong = ~(counted >= 0) | np.isinf(counted)
    if wrong.any():
        raise InputError(name, f"{int(wrong.sum()):,} are negative or missing", "Give 0 or more.", rows=zones[wrong])
    return counted


def _spread(way: Floats, people: Floats, cutoff: float | None, kappa: float) -> dict[str, float]:
    """Return what people have after a plan."""
    total = float(people.sum())
    known = np.isfinite(way) & (people > 0)
    amounts, weights = way[known], people[known]
    facts = dict.fromkeys(("mean", "worst_tenth", "farthest", "equally_distributed_equivalent", "gini"), np.nan)
    if weights.size:
        spread = bool(np.ptp(amounts) > 0)
        facts = {
            "mean": float(np.average(amounts, weights=weights)),
            "worst_tenth": worst_mean(amounts, weights, TENTH),
            "farthest": float(amounts.max()),
            "equally_distributed_equivalent": float(
                inequality.kolm_pollak_ede(amounts, people=weights, kappa=-kappa, direction="lower is better")
            )
            if spread and kappa > 0
            else float(amounts[0]),
            "gini": float(inequality.gini(amounts, people=weights)) if amounts.max() > 0 else 0.0,
        }
    near = float(people[known & (way <= cutoff)].sum()) / total if cutoff is not None and total else np.nan
    return {
        "people": total,
        "people_unreachable": float(people[~np.isfinite(way)].sum()),
        **facts,
        "within": near,
    }


def worst_mean(amounts: Floats, people: Floats, share: float) -> float:
    """Return the mean of the share of people with the highest amounts; the zone at the line counts in part.

    Examples
    --------
    >>> worst_mean(np.array([1.0, 5.0, 9.0]), np.array([8.0, 1.0, 1.0]), 0.2)
    7.0
    """
    order = np.argsort(-amounts, kind="stable")
    room = share * people.sum()
    before = np.concatenate([[0.0], np.cumsum(people[order])[:-1]])
    part = np.clip(room - before, 0.0, people[order])
    return float((part * amounts[order]).sum() / part.sum())


def _change(before: Floats, after: Floats, people: Floats, least: float) -> dict[str, float]:
    """Return who gains and who loses."""
    had, has = np.isfinite(before), np.isfinite(after)
    both = had & has
    gain = np.zeros(before.size)
    gain[both] = before[both] - after[both]
    gain[np.abs(gain) <= HAIR * np.maximum(np.where(had, before, 0.0), 1.0)] = 0.0
    smallest = max(least, np.nextafter(0.0, 1.0))
    better = (both & (gain >= smallest)) | (~had & has)
    worse = (both & (gain <= -smallest)) | (had & ~has)
    lives = people > 0

    def mean(rows: NDArray[np.bool_]) -> float:
        weights = people[rows & both]
        return float(np.average(np.abs(gain[rows & both]), weights=weights)) if weights.sum() > 0 else 0.0

    together = float(people[both].sum())
    return {
        "change": float(-(gain * people)[both].sum() / together) if together else np.nan,
        "people_gaining": float(people[better].sum()),
        "people_losing": float(people[worse].sum()),
        "people_unchanged": float(people[~better & ~worse].sum()),
        "people_reached": float(people[~had & has].sum()),
        "people_cut_off": float(people[had & ~has].sum()),
        "mean_gain": mean(better),
        "mean_loss": mean(worse),
        "largest_gain": float(gain[lives].max(initial=0.0)),
        "largest_loss": float(-gain[lives].min(initial=0.0)),
    }


def _findings(table: pd.DataFrame) -> list[Finding]:
    """Say how many people no site is in reach of, whatever the plan."""
    lost = table.xs(EVERYBODY, level="group")["people_unreachable"].drop(BEFORE)
    if not lost.max() > 0:
        return []
    worst = str(lost.idxmax())
    return [
        Finding(
            "people_without_any_site",
            "warning",
            f"Up to {lost.max():,.0f} people have no site in reach ({worst}); means and spreads are those of the "
            "others.",
            people=float(lost.max()),
            advice="Raise the cutoff of the travel costs, or look at the streets where they live.",
        )
    ]
