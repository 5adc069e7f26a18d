"""Who is served: people within each limit by service, mode and group, and how unequally that is spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import access, inequality
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import text_in
from spatialjustice.study.sections.coverage.next_place import next_places
from spatialjustice.study.sections.streets.outside_data import finding_of_outside, zones_outside

if TYPE_CHECKING:
    from spatialjustice._core.ledger import Ledger
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.reach.settings import ReachKeys


@dataclass(frozen=True)
class Coverage:
    """Tables of who is served: by group, by mode against the first, how unequally, and the curves of that.

    ``next_places`` tells where one more place of each service would bring most people within the limit.
    """

    shares: pd.DataFrame
    modes: pd.DataFrame
    distribution: pd.DataFrame
    lorenz: pd.DataFrame
    next_places: pd.DataFrame


def compute(work: Work[ReachKeys]) -> Coverage:
    """Count who is served, and measure how unequally."""
    study, reached, groups = work.study, work["reach"], work["groups"]
    # Of those outside the data of the streets nothing is known: the tables count the others.
    covered = finding_of_outside(work["people"], zones_outside(work["streets"].networks, work["zones"]))
    return Coverage(
        shares=shares(study, reached, groups.counts, work.ledger),
        distribution=distribution(study, reached, covered, groups.rank),
        lorenz=lorenz(study, reached, covered),
        modes=compared(study, reached, covered),
        next_places=next_places(work),
    )


def shares(study: ReachKeys, reached: list[Reach], counts: dict[str, pd.Series[Any]], ledger: Ledger) -> pd.DataFrame:
    """Return who is served within each cutoff: a row per service, mode, cutoff and group; each sums to everybody.

    Shares are of those of whom the data of the streets tell.
    """
    rows = []
    for item in reached:
        for cutoff in study.cutoffs_of(item.mode):
            for group, counted in counts.items():
                table = access.coverage(item.costs[cutoff.measure], people=counted, cutoff=cutoff.value)["people"]
                total = float(counted.sum())
                told = total - float(table["outside_data"])
                ledger.record(
                    f"coverage: {item.service}, {item.mode.key}, {cutoff.label}, {group}",
                    "people",
                    unit="people",
                    before=total,
                    after=float(table.get("ok", 0.0)),
                    elsewhere={str(name): float(value) for name, value in table.items() if name != "ok"},
                )
                # Everybody, added up zone by zone in another order, may be a hair less than those within.
                within = min(1.0, float(table.get("ok", 0.0)) / told) if told > 0 and item.places else np.nan
                rows.append(
                    {
                        "service": item.service,
                        "mode": item.mode.key,
                        "cutoff": cutoff.label,
                        "group": group,
                        "group_title": text_in(study.groups[group].title, study.languages[0])
                        if group in study.groups
                        else "",
                        "people": total,
                        "share_within": within,
                        **{f"people_{'within' if name == 'ok' else name}": float(v) for name, v in table.items()},
                    }
                )
    return pd.DataFrame(rows)


def compared(study: ReachKeys, reached: list[Reach], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return who is served by each mode and who loses and gains against the first, service by service.

    ``people_who_lose`` are within the cutoff by the first mode and not by this one. Where the first mode has no such
    cutoff there is nothing to compare with, and these cells are empty.
    """
    first = {item.service: item for item in reached if item.mode.key == study.modes[0].key}
    total = float(counted.sum())
    rows = []
    for item in reached:
        other = first[item.service]
        for cutoff in study.cutoffs_of(item.mode):
            here = item.within(cutoff)
            people = float(counted[here].sum()) if item.places else np.nan
            row = {
                "service": item.service,
                "cutoff": cutoff.label,
                "mode": item.mode.key,
                "people_within": people,
                "share_within": people / total,
                "compared_with": "",
            }
            if cutoff.key in other.counts:
                there = other.within(cutoff)
                lose, gain = (float(counted[rows_].sum()) for rows_ in (there & ~here, here & ~there))
                row |= {
                    "compared_with": other.mode.key,
                    "difference_in_people": gain - lose if item.places else np.nan,
                    "difference_in_share": (gain - lose) / total if item.places else np.nan,
                    "people_who_lose": lose if item.places else np.nan,
                    "people_who_gain": gain if item.places else np.nan,
                }
            rows.append(row)
    table = pd.DataFrame(rows)
    places = {name: place for place, name in enumerate(study.service_names)}
    return table.sort_values("service", key=lambda column: column.map(places), kind="stable").reset_index(drop=True)


def distribution(
    study: ReachKeys, reached: list[Reach], counted: pd.Series[Any], ranked: pd.Series[Any] | None
) -> pd.DataFrame:
    """Return how unequally each service is spread over people, by mode.

    Who reaches nothing counts as zero opportunities. The median is of people who can reach a place at all; the
    worst-served tenth is of everybody, those without any way first, as in every sentence and on every page: where they
    are a tenth or more, it has no time and the cell is empty. Cells of cutoffs that a mode does not have are empty.
    """
    rows = []
    for item in reached:
        can = item.minutes.notna() & (counted > 0)
        row: dict[str, Any] = {
            "service": item.service,
            "mode": item.mode.key,
            "places": item.places,
            "people": float(counted.sum()),
            "people_who_can_reach_one": float(counted[can].sum()),
            "median_minutes": np.nan,
            "minutes_of_the_worst_served_tenth": np.nan,
        }
        if can.any():
            row["median_minutes"] = inequality.weighted_quantile(item.minutes[can], 0.5, weights=counted[can])
            # Whoever has no way is farther than anybody.
            longest = float(item.minutes[can].max()) + 1
            every = item.minutes.fillna(longest)[counted > 0]
            tenth = inequality.weighted_quantile(every, 0.9, weights=counted[counted > 0])
            row["minutes_of_the_worst_served_tenth"] = tenth if tenth < longest else np.nan
        for cutoff in study.cutoffs_of(item.mode):
            values = item.counts[cutoff.key].fillna(0.0).where(counted > 0, 0.0)
            # What nobody has mapped is unknown, not zero.
            mean = float(np.average(values, weights=counted)) if item.places else np.nan
            row[f"mean_within_{cutoff.key}"] = mean
            row[f"gini_within_{cutoff.key}"] = inequality.gini(values, weights=counted) if mean > 0 else np.nan
            if ranked is not None:
                row[f"palma_within_{cutoff.key}"] = _palma(values, ranked, counted) if mean > 0 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def lorenz(study: ReachKeys, reached: list[Reach], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return the Lorenz curve of each service by each mode and cutoff; none where nobody reaches anything."""
    curves = []
    lived = (counted > 0).to_numpy()
    lived_in = pd.Series(counted.to_numpy()[lived])
    for item in reached:
        for cutoff in study.cutoffs_of(item.mode):
            values = item.counts[cutoff.key].reindex(counted.index)
            if float((values * counted).sum()) > 0:
                # People who reach equally many places are one step of the curve, however many zones they live in.
                alike = lived_in.groupby(values.to_numpy()[lived]).sum()
                curve = inequality.lorenz_curve(alike.index.to_numpy(dtype=float), weights=alike.to_numpy())
                curves.append(curve.assign(service=item.service, mode=item.mode.key, cutoff=cutoff.label))
    columns = ["service", "mode", "cutoff", "population_share", "value_share"]
    return pd.concat(curves, ignore_index=True)[columns] if curves else pd.DataFrame(columns=columns)


def _palma(values: pd.Series[Any], rank: pd.Series[Any], counted: pd.Series[Any]) -> float:
    known = rank.notna()
    try:
        return inequality.palma_ratio(values[known], rank_by=rank[known], weights=counted[known])
    except InputError as reason:
        if reason.name != "values":
            raise
        # The poorest 40 % reach nothing at all: the ratio has no value, and the table an empty cell.
        return float("nan")
