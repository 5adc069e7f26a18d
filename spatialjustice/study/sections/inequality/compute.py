"""How unequally every outcome of a study is spread: over people, between groups, between districts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import text_in
from spatialjustice.inequality.distribution.summary import MEASURES
from spatialjustice.study.sections.inequality.compared_groups import compared_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import geopandas as gpd

    from spatialjustice.inequality import Groups
    from spatialjustice.study.engine.outcome import Outcome
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.inequality.settings import InequalityKeys


@dataclass(frozen=True)
class InequalityTables:
    """The tables on inequality: measures, what is between and within groups, and each group; empty without rows."""

    measures: pd.DataFrame = field(default_factory=pd.DataFrame)
    decomposition: pd.DataFrame = field(default_factory=pd.DataFrame)
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)

    def counted_in(self, unit: str) -> InequalityTables:
        """Return the tables with a column that says what they count: people or households."""
        return InequalityTables(
            **{
                name: table if table.empty else table.assign(counts=unit)
                for name, table in (
                    ("measures", self.measures),
                    ("decomposition", self.decomposition),
                    ("groups", self.groups),
                )
            }
        )


def stacked_tables(first: InequalityTables, other: InequalityTables) -> InequalityTables:
    """Put tables of outcomes that count different things, such as people and households, below each other."""
    parts = {name: [getattr(one, name) for one in (first, other)] for name in ("measures", "decomposition", "groups")}
    kept = {name: [table for table in tables if not table.empty] for name, tables in parts.items()}
    return InequalityTables(
        **{name: pd.concat(tables, ignore_index=True) if tables else pd.DataFrame() for name, tables in kept.items()}
    )


def made_of() -> tuple[type, ...]:
    """Return what the result is made of besides frames."""
    return (InequalityTables,)


def rounds(study: InequalityKeys) -> int:
    """Return about how many outcomes the progress bar counts: the way to each service by each mode, and two limits."""
    return 3 * len(study.services) * len(study.modes)


def compute(work: Work[InequalityKeys]) -> InequalityTables:
    """Measure how unequally every outcome is spread: of people first, then of what else is counted of zones.

    Outcomes with numbers below 0, which an index of z-scores has, are in none of the measures.
    """
    study = work.study
    assert study.inequality is not None  # noqa: S101 - the section is not asked for otherwise
    groups = work["groups"]
    everything: list[Outcome] = work.gathered("outcomes")
    work.expect(len(everything))

    def part(key: str, doing: Callable[[], Any]) -> Any:
        work.now(f"how unequally: {key}")
        return work.part(key, doing)

    of_people = [one for one in everything if one.counted is None]
    made = _of_people(study, of_people, work["zones"], groups, work.seed, part=part)
    others = list({id(one.counted): one.counted for one in everything if one.counted is not None}.values())
    if not others:
        return made
    made = made.counted_in("people")
    for counted in others:
        theirs = [
            replace(one, counts=counted.unit)
            for one in everything
            if one.counted is counted and not (one.amounts < 0).any()
        ]
        asked = as_shares(study) if counted.shares else study
        found = measure_all(asked, theirs, work["zones"], counted.numbers, groups.rank, work.seed, part=part)
        made = stacked_tables(made, found.counted_in(counted.unit))
    return made


def _of_people(
    study: InequalityKeys,
    outcomes: Sequence[Outcome],
    frame: gpd.GeoDataFrame,
    groups: Any,
    seed: int,
    *,
    part: Callable[..., Any],
) -> InequalityTables:
    """Measure outcomes of people; what those outside the data of the streets reach is not known, and of the others."""
    masks = [one.outside for one in outcomes if one.outside is not None and one.outside.any()]
    if not masks:
        return measure_all(study, outcomes, frame, groups.counts, groups.rank, seed, part=part)
    beyond = pd.concat(masks, axis=1).any(axis=1)
    told = {name: part.mask(beyond, 0.0) for name, part in groups.counts.items()}
    travelled = measure_all(
        study, [one for one in outcomes if one.outside is not None], frame, told, groups.rank, seed, part=part
    )
    rest = [one for one in outcomes if one.outside is None]
    return stacked_tables(travelled, measure_all(study, rest, frame, groups.counts, groups.rank, seed, part=part))


def as_shares(study: InequalityKeys) -> InequalityKeys:
    """Return a study whose groups are shares of zones, of which households of a group, for one, are made."""
    groups = {name: group.model_copy(update={"holds": "share"}) for name, group in study.groups.items()}
    return study.model_copy(update={"groups": groups})


def measure_all(
    study: InequalityKeys,
    outcomes: Sequence[Outcome],
    frame: gpd.GeoDataFrame,
    people: Mapping[str, pd.Series[Any]],
    ranked: pd.Series[Any] | None,
    seed: int,
    *,
    part: Callable[[str, Callable[[], Any]], Any],
) -> InequalityTables:
    """Measure the inequality of outcomes; ``people`` are everybody and each group, ``part`` keeps each outcome."""
    assert study.inequality is not None  # noqa: S101 - nobody else calls
    everybody, *_ = people.values()
    each = list(compared_groups(study, study.inequality, people, ranked))

    def told(one: Outcome) -> dict[str, Any]:
        measures = _measures(study, one, everybody, ranked, seed)
        groups = [row for by in each for row in _groups(study, one, *by, seed)]
        return {
            "measures": measures,
            "decomposition": _plain(_parts(study, one, frame, everybody, ranked)),
            "groups": _plain(groups),
        }

    found = []
    for outcome in outcomes:
        named = " ".join(map(str, outcome.named.values()))
        found.append(part(f"{named}, {outcome.counts}", lambda one=outcome: told(one)))
    return InequalityTables(
        measures=pd.concat([one["measures"] for one in found], ignore_index=True) if found else pd.DataFrame(),
        decomposition=pd.DataFrame([row for one in found for row in one["decomposition"]]),
        groups=pd.DataFrame([row for one in found for row in one["groups"]]),
    )


def _plain(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with numbers of Python's own, which can be kept for a rerun."""
    return [
        {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()} for row in rows
    ]


def _measures(
    study: InequalityKeys, outcome: Outcome, everybody: pd.Series[Any], ranked: pd.Series[Any] | None, seed: int
) -> pd.DataFrame:
    assert study.inequality is not None  # noqa: S101 - nobody else calls
    settings = study.inequality
    # The measures of who has too little go with a line, and there are two more of them than a study names.
    asked = [
        name
        for name in MEASURES
        if name == "mean" or name in settings.measures or (name.startswith("fgt") and "fgt" in settings.measures)
    ]
    if ranked is None:
        asked = [name for name in asked if not MEASURES[name].ranks]
    if outcome.enough is None:
        asked = [name for name in asked if not MEASURES[name].line]
    found = inequality.summary(
        outcome.amounts,
        weights=everybody,
        rank_by=ranked,
        line=outcome.enough,
        direction=outcome.direction,
        measures=asked,
        replications=settings.replications,
        rng=seed,
    )
    if outcome.what == "way" and outcome.enough is not None and "fgt" in asked:
        found = _with_the_unreached(found, outcome, everybody)
    # The unit of an outcome is not that of its measures: an index of metres is no metres.
    found["left_out_because"] = [
        outcome.why_left_out(everybody, ranked if MEASURES[name].ranks else None, study.rank_by) if left_out else ""
        for name, left_out in zip(found["measure"], found["people_left_out"], strict=True)
    ]
    first = ["measure", "value", "low", "high", "unit", "n", "people", "people_left_out", "left_out_because", "note"]
    table = found[first].set_axis(["value_unit" if name == "unit" else name for name in first], axis=1)
    return pd.concat([pd.DataFrame([outcome.named] * len(table)), table], axis=1)


def _with_the_unreached(found: pd.DataFrame, outcome: Outcome, everybody: pd.Series[Any]) -> pd.DataFrame:
    """Count people whom no way leads there among those whose way is too long; only how much too long is unknown."""
    assert outcome.enough is not None  # noqa: S101 - nobody else calls
    too_long = (~(outcome.amounts <= outcome.enough)).astype(float)
    row = found["measure"] == "fgt"
    total = float(everybody.sum())
    found.loc[row, "value"] = float((too_long * everybody).sum()) / total
    # Its interval would be of those only who can get there at all.
    unreached = bool(outcome.amounts[everybody > 0].isna().any())
    if unreached:
        found.loc[row, ["low", "high"]] = float("nan")
    found.loc[row, ["n", "people", "people_left_out", "note"]] = [
        int((everybody > 0).sum()),
        total,
        0.0,
        "people whom no way leads there count as too far" if unreached else "",
    ]
    return found


def _parts(
    study: InequalityKeys,
    outcome: Outcome,
    frame: gpd.GeoDataFrame,
    everybody: pd.Series[Any],
    ranked: pd.Series[Any] | None,
) -> Iterator[dict[str, Any]]:
    """Part Theil's T of an outcome between and within groups of income, and districts."""
    assert study.inequality is not None  # noqa: S101 - nobody else calls
    settings = study.inequality
    ways: dict[str, pd.Series[Any]] = {}
    if ranked is not None:
        ways[f"{settings.income_groups} groups by {study.rank_by}"] = _income_labels(
            ranked, everybody, settings.income_groups
        )
    if settings.regions is not None:
        ways[settings.regions] = frame[settings.regions]
    there = outcome.amounts.notna() & (everybody > 0)
    for by, labels in ways.items():
        named = {**outcome.named, "by": by, "measure": "theil_t"}
        try:
            table = inequality.decompose(outcome.amounts[there], labels[there], weights=everybody[there])
        except InputError as reason:
            yield {**named, "note": f"{reason.name}: {reason.found}"}
            continue
        left_out = float(everybody[~there].sum())
        zones = labels[there].astype(object).fillna("unknown").value_counts()
        for row in table.reset_index().to_dict(orient="records"):
            told = {str(key): value for key, value in row.items()}
            yield {**named, **told, "n": int(zones[row["group"]]), "people_left_out": 0.0, "note": ""}
        parts = table.attrs["parts"]
        yield {
            **named,
            "group": "all",
            "people": float(table["people"].sum()),
            "people_share": 1.0,
            "mean": table.attrs["mean"],
            "inequality": parts["total"],
            "within": parts["within"],
            "between": parts["between"],
            "share": 1.0,
            "n": int(there.sum()),
            "people_left_out": left_out,
            "left_out_because": outcome.why_left_out(everybody),
            "note": "",
        }


def _income_labels(ranked: pd.Series[Any], everybody: pd.Series[Any], count: int) -> pd.Series[Any]:
    """Return the group of equally many people that the middle of each zone's people falls in; missing without a rank.

    Whole zones are taken, since a group of the decomposition is made of them.
    """
    known = ranked.notna() & (everybody > 0)
    labels = pd.Series(None, index=ranked.index, dtype=object)
    if not known.any():
        return labels
    people = everybody[known].groupby(ranked[known]).sum()
    middle = (people.cumsum() - people / 2) / people.sum()
    number = (middle * count).astype(int).clip(0, count - 1) + 1
    width = len(str(count))
    labels[known] = [f"{one:0{width}d} of {count}" for one in ranked[known].map(number)]
    return labels


def _groups(
    study: InequalityKeys, outcome: Outcome, by: str, groups: Groups, reference: str | None, seed: int
) -> Iterator[dict[str, Any]]:
    """Tell what each group has of an outcome, how far it is behind, who has too little and who is among the worst."""
    assert study.inequality is not None  # noqa: S101 - nobody else calls
    settings = study.inequality
    options: dict[str, Any] = {
        "direction": outcome.direction,
        "suppress_below": settings.suppress_below,
        "rng": seed,
        "replications": settings.replications,
        "level": settings.level,
    }
    named = {**outcome.named, "by": by}
    try:
        table = inequality.group_gap(outcome.amounts, groups, reference=reference, **options)
        among = inequality.group_representation(outcome.amounts, groups, **options)
        without = None
        if outcome.enough is not None:
            # No way at all is too long a way, too.
            amounts = outcome.amounts.fillna(2 * outcome.enough + 1) if outcome.what == "way" else outcome.amounts
            without = inequality.group_sufficiency(amounts, groups, line=outcome.enough, **options)
    except InputError as reason:
        # Too few people to tell of them, for one.
        yield {**named, "group": by, "note": f"not told: {reason.found}"}
        return
    titles = {name: text_in(group.title, study.languages[0]) for name, group in study.groups.items()}
    of_worst = ["share_of_all", "share_of_worst", "representation"]
    for group in table.index:
        row = table.loc[group].to_dict()
        note = row.pop("note")
        row |= among.loc[group, of_worst].to_dict()
        row |= {f"representation_{end}": among.loc[group, end] for end in ("low", "high")}
        if without is not None:
            row |= without.loc[group, ["share_without", "people_without"]].to_dict()
            row |= {f"share_without_{end}": without.loc[group, end] for end in ("low", "high")}
        told = {"group": group, "group_title": titles.get(str(group), ""), "compared_with": table.attrs["reference"]}
        ecological = "" if groups.how == "own counts" else groups.how
        row["left_out_because"] = "no way leads there" if row["people_left_out"] and outcome.what == "way" else ""
        yield {**named, **told, **row, "ecological": ecological, "note": note}
