"""Where sites should go: beside spopt with CBC, on classic sizes, and on a whole city.

python benchmarks/remedies_peers.py peers | classic | city FOLDER [--large] | room FOLDER
"""

from __future__ import annotations

import argparse
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import dijkstra

import spatialjustice as sj
from spatialjustice import inequality

if TYPE_CHECKING:
    from collections.abc import Iterator

GOALS: dict[str, dict[str, Any]] = {
    "mean": {},
    "within cutoff": {},
    "equally distributed equivalent": {"aversion": 1.0},
    "worst tenth": {"gap": 0.01},
    "worst group": {"gap": 0.02},
    "farthest": {},
}


EVERYBODY = "all people"
WHOLE = 1e-3
"""Whole sums closer than this are the same."""


@contextmanager
def timed(name: str, times: dict[str, float]) -> Iterator[None]:
    """Measure processor time."""
    begin = time.process_time()
    yield
    times[name] = time.process_time() - begin


def as_pairs(costs: Any) -> pd.DataFrame:
    """Make a table of pairs from a matrix."""
    zones, sites = costs.shape
    return pd.DataFrame(
        {
            "from_id": np.repeat(np.arange(zones), sites),
            "to_id": np.tile(np.arange(sites), zones),
            "travel_cost": costs.ravel(),
        }
    )


def plane(zones: int, sites: int, seed: int) -> tuple[Any, pd.Series[Any]]:
    """Make distances on a plane of 10 km, and people."""
    rng = np.random.default_rng(seed)
    home, place = rng.random((zones, 2)) * 10_000, rng.random((sites, 2)) * 10_000
    costs = np.hypot(*(home[:, None] - place[None]).transpose(2, 0, 1))
    return costs, pd.Series(rng.integers(1, 200, zones), index=range(zones))


def peers(rounds: int) -> None:
    """Compare with spopt in turns, the least of each: building its model is part of the work, users wait for it."""
    from spopt.locate import MCLP, PMedian

    _warm()
    asked: dict[str, tuple[int, dict[str, Any], Any, dict[str, Any]]] = {
        "p-median": (200, {}, PMedian, {}),
        "MCLP": (600, {"goal": "within cutoff", "cutoff": 900}, MCLP, {"service_radius": 900}),
    }
    for name, (size, goal, model, radius) in asked.items():
        costs, people = plane(size, size, 1)
        pairs = as_pairs(costs)
        ours, theirs = [], []
        for _ in range(rounds):
            begin = time.process_time()
            plan = sj.remedies.open_sites(pairs, people=people, count=10, gap=0, **goal)
            ours.append(time.process_time() - begin)
            value, seconds = _with_spopt(model, costs, people, radius)
            theirs.append(seconds)
            known = plan.attrs["value"] * (people.sum() if name == "p-median" else 1)
            assert abs(value - known) <= 1e-6 * known, (value, known)
        print(
            f"| {name} {size} × {size}, 10 sites | {min(ours):.4f} | {min(theirs):.2f} | "
            f"{min(theirs) / min(ours):.0f} | {min(theirs) / max(ours):.0f} | "
            f"{plan.attrs['value']:.6f}, gap {plan.attrs['gap']:g} |",
            flush=True,
        )


def _with_spopt(model: Any, costs: Any, people: pd.Series[Any], radius: dict[str, Any]) -> tuple[float, float]:
    """Return the optimum and the processor time, that of the solver's process included."""
    import pulp

    begin, children = time.process_time(), _children()
    made = model.from_cost_matrix(costs, people.to_numpy(), p_facilities=10, **radius)
    value = made.solve(pulp.PULP_CBC_CMD(msg=False)).problem.objective.value()
    return abs(value), time.process_time() - begin + _children() - children


def _warm() -> None:
    """Compile what is timed afterwards."""
    costs, people = plane(20, 20, 0)
    for more in ({}, {"goal": "within cutoff", "cutoff": 2000.0}):
        sj.remedies.open_sites(as_pairs(costs), people=people, count=2, gap=0, **more)


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def streets(nodes: int, edges: int, seed: int) -> Any:
    """Make a random network, and all shortest ways in it: the kind of the classic p-median instances."""
    rng = np.random.default_rng(seed)
    ends = np.concatenate(
        [rng.integers(0, nodes, (edges, 2)), np.stack([np.arange(nodes - 1), np.arange(1, nodes)], 1)]
    )
    ends = ends[ends[:, 0] != ends[:, 1]]
    length = rng.integers(1, 101, len(ends)).astype(float)
    table = pd.DataFrame({"a": ends.min(axis=1), "b": ends.max(axis=1), "length": length})
    table = table.groupby(["a", "b"], as_index=False)["length"].min()
    return dijkstra(csr_array((table["length"], (table["a"], table["b"])), shape=(nodes, nodes)), directed=False)


def by_highs(costs: Any, count: int, sum_of_plan: float, seconds: float) -> tuple[str, float]:
    """Set a plan beside HiGHS, which is given so many seconds: how it ended, and the least sum or what none is below.

    The model is that of Cornuejols, Nemhauser and Wolsey (1980): a step from one distance to the next is paid unless a
    site is within the first. It shares nothing with the engine. Sums are whole numbers, so that a bound above the sum
    less one proves the plan as well as an equal sum does: sites in part are tried first, then whole ones.
    """
    nodes, begin = len(costs), time.monotonic()
    pay, rows, columns, values, low = [], [], [], [], []
    for node in range(nodes):
        # Of so many sites one is always among the nearest of all but the others.
        steps = np.unique(np.sort(costs[node])[: nodes - count + 1])
        before = None
        for step, following in pairwise(steps):
            here = np.flatnonzero(costs[node] == step)
            variable, row = nodes + len(pay), len(low)
            pay.append(following - step)
            # Not within this distance, or a site at it, or not within the one before.
            names = [variable, *here] + ([] if before is None else [before])
            rows += [row] * len(names)
            columns += names
            values += [1.0] * (1 + here.size) + ([] if before is None else [-1.0])
            low.append(1.0 if before is None else 0.0)
            before = variable
    size = nodes + len(pay)
    table = csc_array((values, (rows, columns)), shape=(len(low), size))
    number = np.concatenate([np.ones(nodes), np.zeros(len(pay))])[None, :]
    fixed = float(costs.min(axis=1).sum())
    goal = np.concatenate([np.zeros(nodes), pay])
    in_part = linprog(
        goal, A_ub=-table, b_ub=-np.asarray(low), A_eq=number, b_eq=[count], bounds=(0, 1), method="highs-ipm",
        options={"time_limit": seconds},
    )  # fmt: skip
    bound = in_part.fun + fixed if in_part.status == 0 else 0.0
    if bound > sum_of_plan - 1 + WHOLE:
        return "none below", bound
    left = seconds - (time.monotonic() - begin)
    if in_part.status != 0 or left <= 0:
        return "out of time", bound
    found = milp(
        goal,
        integrality=number[0],
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(table, low, np.inf), LinearConstraint(number, count, count)],
        options={"mip_rel_gap": 0.0, "time_limit": left},
    )
    if found.status == 0:
        return "solved", float(found.fun) + fixed
    bound = max(bound, fixed + (found.mip_dual_bound if found.mip_dual_bound is not None else 0.0))
    return ("none below" if bound > sum_of_plan - 1 + WHOLE else "out of time"), bound


def classic(prove: int, limit: float) -> None:
    """Prove p-medians of networks of 100 to 700 nodes; those of up to so many nodes are set beside HiGHS."""
    _warm()
    times: dict[str, float] = {}
    proven = 0
    ends: dict[str, int] = {}
    for nodes in range(100, 701, 100):
        for count in sorted({5, 10, nodes // 10, nodes // 5, min(nodes // 3, 200)}):
            costs = streets(nodes, nodes * nodes // 50, nodes + count)
            pairs = as_pairs(costs)
            people = pd.Series(1, index=range(nodes))
            with timed(f"{nodes} {count}", times):
                plan = sj.remedies.open_sites(pairs, people=people, count=count, gap=0)
            proven += plan.attrs["proven"]
            told = ""
            if nodes <= prove:
                # The sum is added up anew, from the sites alone.
                whole = float(costs[:, plan.index].min(axis=1).sum())
                assert abs(whole - plan.attrs["value"] * nodes) < WHOLE, (whole, plan.attrs["value"] * nodes)
                begin = time.process_time()
                end, value = by_highs(costs, count, whole, limit)
                assert end != "solved" or abs(value - whole) < WHOLE, (value, whole)
                assert value < whole + WHOLE, (value, whole)
                ends[end] = ends.get(end, 0) + 1
                told = f"{whole:.0f} HiGHS: {end} {value:.2f} {time.process_time() - begin:.1f}"
            print(
                nodes, count, plan.attrs["gap"], plan.attrs["nodes"], round(times[f"{nodes} {count}"], 2), told,
                flush=True,
            )  # fmt: skip
    print(f"{proven} of {len(times)} proven, {sum(times.values()):.1f} processor s together; beside HiGHS: {ends}")


def ground(folder: Path, resolution: int) -> tuple[Any, pd.Series[Any], Any, Any, Any]:
    """Return hexagons of Las Palmas, those of most people first, their people, its streets, libraries and clinics."""
    extract = folder / "las_palmas_20230221.osm.pbf"
    place = sj.sources.boundary(folder / "municipality.geojson")
    zones = sj.sources.hexagons(place, resolution=resolution)
    people = sj.sources.population(folder / "ghs_pop_2015_100m.tif", zones)
    order = people.sort_values(ascending=False, kind="stable").index
    walk = sj.network.from_osm(extract, mode="walk", within=place)
    libraries, clinics = (sj.sources.services(extract, name, within=place) for name in ("library", "clinic"))
    return zones.loc[order], people.loc[order], walk, libraries, clinics


def city_costs(folder: Path, *, large: bool) -> tuple[Any, Any, pd.Series[Any], Any, Any]:
    """Return travel costs to candidates and to what exists: Las Palmas on foot, in metres."""
    zones, people, walk, libraries, clinics = ground(folder, 11 if large else 10)
    homes, candidates = zones.iloc[: 6000 if large else 2000], zones.iloc[: 20_000 if large else 2000]
    cutoff = 3000 if large else None
    points = candidates.set_geometry(candidates.to_crs(32628).centroid.to_crs(candidates.crs))
    to_new = walk.travel_costs(homes, points, unit="metres", cutoff=cutoff)
    to_old = walk.travel_costs(homes, libraries, unit="metres")
    to_clinics = walk.travel_costs(homes, clinics, unit="metres")
    return to_new, to_old, people.loc[homes.index], homes, to_clinics


def room(folder: Path, each: float, seconds: float) -> None:
    """Close 10, 20 and 40 clinics that hold so many people each: 6,000 zones, of which each may be split."""
    zones, people, walk, _, clinics = ground(folder, 11)
    costs = walk.travel_costs(zones.iloc[:6000], clinics, unit="metres").to_frame()
    people = people.loc[people.index.isin(costs["from_id"])]
    supply = pd.Series(each, index=sorted(costs["to_id"].unique()))
    print(f"{len(costs):,} pairs, {people.sum():,.0f} people, room for {supply.sum():,.0f}")
    for count in (10, 20, 40):
        times: dict[str, float] = {}
        with timed("close", times):
            plan = sj.remedies.close_sites(costs, people=people, count=count, supply=supply, time_limit=seconds)
        told = plan.attrs
        print(
            f"| {count} | {told['before']:.1f} | {told['value']:.1f} | {told['gap']:.2%} | "
            f"{told['people_without_place']:,.0f} | {times['close']:.0f} |",
            flush=True,
        )


@dataclass(frozen=True)
class City:
    """What the questions about a city are made of."""

    pairs: pd.DataFrame
    now: pd.Series[Any]
    people: pd.Series[Any]
    groups: Any
    to_clinics: pd.DataFrame


def city_of(folder: Path, *, large: bool, table: Path | None) -> City:
    """Return travel costs, people and groups; from a file that keeps them where there is one."""
    if table is not None and table.exists():
        return City(*pd.read_pickle(table))
    times: dict[str, float] = {}
    with timed("travel costs", times):
        to_new, to_old, people, homes, to_clinics = city_costs(folder, large=large)
        pairs = to_new.to_frame()
        now = sj.access.cost_to_closest(to_old)
    print(f"{len(pairs):,} pairs, travel costs {times['travel costs']:.1f} processor s")
    north = homes.geometry.bounds["maxy"].rank(pct=True)
    fifths = pd.Series(np.ceil(north * 5).astype(int).astype(str), index=homes.index)
    groups = inequality.groups_from_labels(fifths, people=people)
    made = City(pairs, now, people, groups, to_clinics.to_frame())
    if table is not None:
        pd.to_pickle(tuple(vars(made).values()), table)
    return made


def city(folder: Path, *, large: bool, count: int, table: Path | None) -> None:
    """Six goals, six plans: what each does to the mean, the worst tenth, the farthest, the spread and the groups."""
    town = city_of(folder, large=large, table=table)
    print(f"{float(town.people[town.now.isna()].sum()):,.0f} people reach no library: they are left out of this table")
    known = replace(town, people=town.people.where(town.now.notna(), 0.0))
    plans = six_goals(known, count)
    who_gains(known, plans)
    closing(town, count=20)


def six_goals(town: City, count: int) -> dict[str, pd.DataFrame]:
    """Print the table of six goals, and return their plans."""
    times: dict[str, float] = {}
    plans: dict[str, pd.DataFrame] = {}
    nothing = pd.DataFrame(index=pd.Index([]))
    nothing.attrs["gap"] = 0.0
    print(row_of("before", nothing, town.pairs, town.now, town.people, town.groups, 0.0), flush=True)
    for goal, more in GOALS.items():
        asked: dict[str, Any] = {"groups": town.groups} if goal == "worst group" else {}
        near = {"cutoff": 1000.0} if goal == "within cutoff" else {}
        with timed(goal, times):
            plan = sj.remedies.open_sites(
                town.pairs, people=town.people, count=count, existing=town.now, goal=goal, **near, **asked, **more
            )
        plans[goal] = plan
        print(row_of(goal, plan, town.pairs, town.now, town.people, town.groups, times[goal]), flush=True)
    print(f"together {sum(times.values()):.1f} processor s")
    return plans


def who_gains(town: City, plans: dict[str, pd.DataFrame], least: float = 50.0) -> None:
    """Print who gains by each plan, and who would be better off with the plan for the mean, by at least so much."""
    asked: dict[str, Any] = {"people": town.people, "existing": town.now, "groups": town.groups, "least": least}
    beside_now = sj.remedies.compare_plans(town.pairs, plans, **asked)
    beside_mean = sj.remedies.compare_plans(town.pairs, plans, reference="mean", **asked)
    for goal in plans:
        now, mean = beside_now.loc[goal], beside_mean.loc[goal]
        fifths = [name for name in now.index if name != EVERYBODY]
        everybody = mean.loc[EVERYBODY]
        cells = [
            f"{now.loc[EVERYBODY, 'people_gaining']:,.0f}",
            f"{now.loc[EVERYBODY, 'people_losing']:,.0f}",
            ", ".join(f"{-now.loc[name, 'change']:.0f}" for name in fifths),
            f"{everybody['people_losing']:,.0f}",
            f"{everybody['mean_loss']:.0f}",
            f"{everybody['largest_loss']:.0f}",
            ", ".join(f"{mean.loc[name, 'people_losing']:,.0f}" for name in fifths),
            ", ".join(f"{mean.loc[name, 'change']:+.0f}" for name in fifths),
        ]
        print(f"| {goal} | " + " | ".join(cells) + " |", flush=True)


def closing(town: City, count: int) -> None:
    """Print who has a longer way when so many clinics close, by each goal."""
    near = town.to_clinics
    reached = town.people.where(town.people.index.isin(near["from_id"]), 0.0)
    before = near.groupby("from_id")["travel_cost"].min().reindex(town.people.index)
    for goal, more in GOALS.items():
        asked: dict[str, Any] = {"groups": town.groups} if goal == "worst group" else {}
        within = {"cutoff": 1000.0} if goal == "within cutoff" else {}
        times: dict[str, float] = {}
        with timed(goal, times):
            plan = sj.remedies.close_sites(near, people=reached, count=count, goal=goal, **within, **asked, **more)
        left = near[near["to_id"].isin(plan.attrs["kept"])]
        after = left.groupby("from_id")["travel_cost"].min().reindex(town.people.index)
        told = sj.remedies.compare_plans(near, {goal: after}, people=reached, existing=before, groups=town.groups).loc[
            goal
        ]
        fifths = [name for name in told.index if name != EVERYBODY]
        everybody = told.loc[EVERYBODY]
        cells = [
            f"{everybody['change']:.2f}",
            f"{everybody['people_losing']:,.0f}",
            f"{everybody['mean_loss']:.0f}",
            f"{everybody['largest_loss']:.0f}",
            ", ".join(f"{told.loc[name, 'people_losing']:,.0f}" for name in fifths),
            f"{plan.attrs['gap']:.2%}",
            f"{times[goal]:.1f}",
        ]
        print(f"| {goal} | " + " | ".join(cells) + " |", flush=True)


def row_of(  # noqa: PLR0917 (a line of the table is made of all this)
    goal: str, plan: Any, pairs: pd.DataFrame, now: Any, people: Any, groups: Any, seconds: float
) -> str:
    """Return one line of the table: all measures of one plan, whatever it was made for."""
    effect = sj.remedies.plan_effect(pairs, plan, people=people, existing=now)
    after, lived = effect["after"], effect["people"]
    known = after.notna() & (lived > 0)
    after, lived = after[known], lived[known]
    order = np.argsort(-after.to_numpy(), kind="stable")
    share = np.clip(
        0.1 * lived.sum() - np.concatenate([[0], np.cumsum(lived.to_numpy()[order])[:-1]]), 0, lived.to_numpy()[order]
    )
    worst = float(share @ after.to_numpy()[order]) / share.sum()
    members = groups.people.loc[after.index]
    of_groups = (members.T @ after) / members.sum()
    before = effect.loc[known, "before"]
    scale = before.where(before.notna(), before.max())
    kappa = float((lived * scale).sum() / (lived * scale**2).sum())
    equivalent = inequality.kolm_pollak_ede(after, kappa=-kappa, people=lived, direction="lower is better")
    near = float(lived[after <= 1000].sum() / lived.sum())
    return (
        f"| {goal} | {float(after @ lived) / lived.sum():.0f} | {worst:.0f} | {after.max():.0f} | {equivalent:.1f} | "
        f"{near:.1%} | {inequality.gini(after, people=lived):.3f} | {of_groups.max():.0f} | {plan.attrs['gap']:.4%} | "
        f"{seconds:.1f} |"
    )


def main() -> None:
    """Run one of the four."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["peers", "classic", "city", "room"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--prove", type=int, default=0, help="up to how many nodes HiGHS solves the same (slow)")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which HiGHS ends, each time")
    parser.add_argument("--each", type=float, default=4500.0, help="how many people a clinic holds")
    parser.add_argument("--rounds", type=int, default=3, help="how often both take turns")
    parser.add_argument("--table", type=Path, help="keep the travel costs in this file, and read them there")
    given = parser.parse_args()
    if given.what == "peers":
        peers(given.rounds)
    elif given.what == "classic":
        classic(given.prove, given.limit)
    elif given.what == "room":
        room(given.folder, given.each, given.limit)
    else:
        city(given.folder, large=given.large, count=given.count, table=given.table)


if __name__ == "__main__":
    main()
