"""Sentences of the page of compared cities, in every language, each made of numbers of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.catalogue import LANGUAGES, number, words
from spatialjustice.report.sheet.numbers import range_text, unit_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spatialjustice.study.comparing.compared import Compared, Texts
    from spatialjustice.study.comparing.results import Comparison

NAMED = ("small", "medium", "metropolitan", "large metropolitan")
ALL, UNKNOWN = "all cities", "people unknown"
BAD = "lower is better"
MOST_TOLD = 3
"""Columns that sentences tell one by one; of more they say in how many cities differ."""


def say(key: str, **parts: Texts | str) -> Texts:
    """Return a sentence in every language, its gaps filled by texts that may have one for each.

    Examples
    --------
    >>> say("compare.least", value="5 m")["en"]
    'at least 5 m'
    """
    return {
        lang: words(lang)[key].format(
            **{name: part if isinstance(part, str) else part[lang] for name, part in parts.items()}
        )
        for lang in LANGUAGES
    }


def count(value: float) -> Texts:
    """Write a whole number in every language."""
    return {lang: number(round(float(value)), lang) for lang in LANGUAGES}


def percent(share: float) -> Texts:
    """Write a share in percent; one decimal below 10 %."""
    return value_text(share, digits=0 if share >= 0.1 or share == 0 else 1, percent=True)


def as_share(one: Compared, measure: str) -> bool:
    """Whether a measure of a column is written in percent."""
    return measure == "share_beyond" or one.is_share


def digits_of(value: float, *, share: bool) -> int:
    """Return the decimals with which a value is written: those that a reader can use."""
    if share:
        return 0 if abs(value) >= 0.1 else 1
    return 0 if abs(value) >= 20 else 1


def written(value: Any, one: Compared, measure: str = "mean", *, least: bool = False) -> Texts:
    """Write a value of a column with its unit; “at least” where values were cut."""
    share = as_share(one, measure)
    found = value_text(value, digits=digits_of(value, share=share), percent=share, unit="" if share else one.unit)
    return say("compare.least", value=found) if least else found


def dots_title(one: Compared, measure: str) -> Texts:
    """Say what a chart shows: a column's average, or the share of people beyond its limit."""
    if measure == "mean":
        return one.title if one.is_share else say("compare.dots.mean", title=one.title)
    worse = "beyond" if one.direction == "lower is better" else "below"
    return say(f"compare.dots.share_{worse}", title=one.title, limit=written(one.cutoff, one))


def span(low: Any, high: Any, one: Compared, measure: str = "mean") -> Texts:
    """Write a range of a column, the unit after it."""
    share = as_share(one, measure)
    places = max(digits_of(value, share=share) for value in (low, high)) if pd.notna(low) and pd.notna(high) else 0
    found = range_text(low, high, digits=places, percent=share)
    if share or not one.unit:
        return found
    return {lang: f"{text}\u00a0{unit_text(one.unit, lang)}" for lang, text in found.items()}


def apart(value: Any, one: Compared, measure: str = "mean") -> Texts:
    """Write a difference: that of shares in percentage points, which are no percent of anything."""
    if not as_share(one, measure):
        return written(abs(value), one, measure)
    return say("compare.points", value=value_text(abs(value) * 100, digits=1, percent=False))


def apart_span(low: Any, high: Any, one: Compared, measure: str = "mean") -> Texts:
    """Write the range of a difference."""
    if not as_share(one, measure):
        return span(low, high, one, measure)
    return say("compare.points", value=range_text(low * 100, high * 100, digits=1, percent=False))


def class_text(name: str, limits: Mapping[str, float]) -> Texts:
    """Write the name of a class with its limits.

    Examples
    --------
    >>> class_text("small", {"small": 50_000.0, "medium": 200_000.0})["en"]
    'small (50,000 to 200,000 people)'
    """
    if name == ALL:
        return say("compare.class.all")
    if name == UNKNOWN or name not in limits:
        return say("compare.class.unknown") if name == UNKNOWN else dict.fromkeys(LANGUAGES, name)
    order = list(limits)
    low = limits[name]
    high = limits[order[order.index(name) + 1]] if order.index(name) + 1 < len(order) else None
    ends = {"low": count(low)} | ({} if high is None else {"high": count(high)})
    if low == 0 and high is not None:
        return say("compare.class.below", high=count(high))
    if not _is_numbers(name):
        called = say(f"compare.class.{name.replace(' ', '_')}") if name in NAMED else dict.fromkeys(LANGUAGES, name)
        return say("compare.class.named_from" if high is None else "compare.class.named_between", name=called, **ends)
    return say("compare.class.from" if high is None else "compare.class.between", **ends)


def short_class(name: str, limits: Mapping[str, float]) -> Texts:
    """Write the name of a class alone, where its limits stand elsewhere."""
    if name in NAMED:
        return say(f"compare.class.{name.replace(' ', '_')}")
    return class_text(name, limits)


def _is_numbers(name: str) -> bool:
    return any(sign.isdigit() for sign in name)


def extreme(rows: pd.DataFrame, column: str, *, highest: bool = True) -> dict[str, Any]:
    """Return the row with the highest (or the lowest) value, the first of those that share it."""
    found = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    return (max if highest else min)(found, key=lambda row: float(row[column]))


def lead(found: Comparison) -> list[Texts]:
    """Say who is worse off and by how much, first of all; then how sure places are, and what lies within cities."""
    told: list[Texts] = []
    if "classes" in found.tables:
        for place, one in enumerate(found.material.columns[:2]):
            beyond = list(_beyond(found, one))
            told += [*beyond, *(_of_classes(found, one) if not place or not beyond else ())]
        told += _of_levels(found, found.material.columns[0])
    elif "differences" in found.tables:
        told += _of_many(found)
        for one in _widest_first(found)[:3]:
            told += _of_pair(found, one)
    else:
        for one in found.material.columns[:2]:
            told += _highest(found, one)
    return told or [say("compare.one.missing", title=found.material.columns[0].title)]


def _of_classes(found: Comparison, one: Compared) -> Iterator[Texts]:
    rows = found.tables["classes"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "mean") & rows["mean"].notna()]
    mine = rows[~rows["class"].isin([ALL, UNKNOWN])]
    if len(mine) < 2:
        return
    bad = one.direction == "lower is better"
    worse = mine[mine["difference_low"] > 0] if bad else mine[mine["difference_high"] < 0]
    if len(worse):
        row = extreme(worse, "difference", highest=bad)
        low, high = sorted([abs(row["difference_low"]), abs(row["difference_high"])])
        yield say(
            "compare.lead.class.more" if bad else "compare.lead.class.less",
            title=one.title,
            mean=written(row["mean"], one, least=row["bound"] == "at least"),
            difference=apart(row["difference"], one),
            range=apart_span(low, high, one),
            **{"class": short_class(row["class"], found.limits)},
        )
        return
    ends = {"lowest": extreme(mine, "mean", highest=False), "highest": extreme(mine, "mean")}
    parts: dict[str, Texts] = {"title": one.title}
    for name, row in ends.items():
        parts[name] = written(row["mean"], one, least=row["bound"] == "at least")
        parts[f"{name}_class"] = short_class(row["class"], found.limits)
    yield say("compare.lead.class.none", **parts)


def _beyond(found: Comparison, one: Compared) -> Iterator[Texts]:
    """Say how many people are beyond the limit, and in which class of cities their share is highest."""
    rows = found.tables["classes"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "share_beyond") & rows["mean"].notna()]
    mine = rows[~rows["class"].isin([ALL, UNKNOWN])]
    if mine.empty:
        return
    whole, row = extreme(rows[rows["class"] == ALL], "mean"), extreme(mine, "mean")
    yield say(
        "compare.lead.beyond.more" if one.direction == "lower is better" else "compare.lead.beyond.less",
        title=one.title,
        share=percent(whole["mean"]),
        limit=written(one.cutoff, one),
        people=count(whole["mean"] * whole["people"]),
        all=count(whole["people"]),
        highest=percent(row["mean"]),
        range=span(row["low"], row["high"], one, "share_beyond"),
        **{"class": short_class(row["class"], found.limits)},
    )


def _of_levels(found: Comparison, one: Compared) -> Iterator[Texts]:
    rows = found.tables["levels"]
    shares = rows[rows["column"] == one.name].set_index("part")["share"]
    if shares.empty:
        return
    parts = {
        "title": one.title,
        "cities": percent(shares["between cities of a class"]),
        "classes": percent(shares["between classes"]),
    }
    if found.material.kind == "cities":
        yield say("compare.lead.levels.cities", **parts)
        return
    within = float(shares["within cities"])
    kind = "within" if within > 0.5 else "plain"
    yield say(f"compare.lead.levels.{kind}", within=percent(within), **parts)


def _widest_first(found: Comparison) -> list[Compared]:
    """Return what is compared: of more than is told, first that in which two lie surely and relatively far apart."""
    columns = list(found.material.columns)
    if len(columns) <= MOST_TOLD:
        return columns
    rows = found.tables["differences"]
    cities = found.tables["cities"]
    least = cities[cities["measure"] == "mean"].groupby("column")["value"].min()

    def far(one: Compared) -> float:
        mine = rows[(rows["column"] == one.name) & (rows["measure"] == "mean") & rows["apart"]]
        lowest = float(least[one.name]) if one.name in least.index else 0.0
        return float(mine["difference"].max()) / lowest if len(mine) and lowest > 0 else 0.0

    surely = [one for one in sorted(columns, key=far, reverse=True) if far(one) > 0]
    return surely or columns[:1]


def _of_many(found: Comparison) -> Iterator[Texts]:
    """Say in how many of all measures one is surely worse off, where there are more than a reader can hold."""
    columns, labels = {one.name: one for one in found.material.columns}, found.material.labels
    if len(columns) <= MOST_TOLD:
        return
    rows = found.tables["differences"]
    rows = rows[rows["measure"] == "mean"]
    total = count(rows["column"].nunique())
    apart = rows[rows["apart"]]
    if len(labels) != 2:
        yield say(
            "compare.lead.many.several", count=total, worse=count(apart["column"].nunique()), runs=count(len(labels))
        )
        return
    first, second = labels
    if (rows["difference"] == 0).all():
        yield say("compare.lead.many.same", first=labels[first], second=labels[second], count=total)
        return
    worse = [
        row["higher"] if columns[row["column"]].direction == BAD else row["lower"] for row in apart.to_dict("records")
    ]
    yield say(
        "compare.lead.many",
        count=total,
        first=labels[first],
        second=labels[second],
        worse=count(worse.count(first)),
        other=count(worse.count(second)),
    )


def _of_pair(found: Comparison, one: Compared) -> Iterator[Texts]:
    rows = found.tables["differences"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "mean")]
    if rows.empty:
        return
    row = rows.iloc[0]
    cities = found.tables["cities"]
    cities = cities[(cities["column"] == one.name) & (cities["measure"] == "mean")].set_index("city")
    least = {end: cities.loc[row[end], "bound"] == "at least" for end in ("higher", "lower")}
    key = "same" if row["difference"] == 0 else "apart" if row["apart"] else "alike"
    yield say(
        f"compare.lead.pair.{key}",
        title=one.title,
        value=written(cities.loc[row["higher"], "value"], one, least=least["higher"]),
        other=written(cities.loc[row["lower"], "value"], one, least=least["lower"]),
        difference=apart(row["difference"], one),
        range=apart_span(row["low"], row["high"], one),
        **{end: found.material.labels[row[end]] for end in ("higher", "lower")},
    )


def _highest(found: Comparison, one: Compared) -> Iterator[Texts]:
    rows = found.tables["cities"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "mean") & rows["value"].notna()]
    if rows.empty:
        return
    row = extreme(rows, "value")
    value = written(row["value"], one, least=row["bound"] == "at least")
    yield {lang: f"{one.title[lang]}: {found.material.labels[row['city']][lang]}, {value[lang]}." for lang in LANGUAGES}


def ranked_first(found: Comparison, one: Compared) -> Iterator[Texts]:
    """Say which ranked city is worst, and between which places it could stand."""
    rows = found.tables["cities"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "mean") & rows["rank_low"].notna()]
    if len(rows) < 2:
        return
    row = extreme(rows, "rank", highest=False)
    key = "compare.lead.rank" if one.direction == "lower is better" else "compare.lead.rank.good"
    if row["rank_low"] == row["rank_high"]:
        key = "compare.lead.rank.sure"
    yield say(
        key,
        title=one.title,
        city=found.material.labels[row["city"]],
        value=written(row["value"], one, least=row["bound"] == "at least"),
        low=count(row["rank_low"]),
        high=count(row["rank_high"]),
        count=count(len(rows)),
    )


def caveats(found: Comparison) -> list[Texts]:
    """Say what the numbers do not say: values that were cut, people without a value, people in no cell."""
    told = []
    measured = found.tables["measures"]
    first = measured.drop_duplicates(["city", "column"])
    # Runs of one place have the same people: they are not added up.
    without = first.groupby("column")["people_left_out"].agg("max" if found.material.shared else "sum")
    many = int((without >= 1).sum()) > MOST_TOLD
    if many:
        parts = {
            "measures": count(float((without >= 1).sum())),
            "count": count(len(without)),
            "most": count(float(without.max())),
        }
        told.append(say("compare.missing.many", **parts))
    for one in found.material.columns:
        mine = first[first["column"] == one.name]
        at_cut, people = float(mine["people_at_cut"].sum()), float(mine["people"].sum())
        if at_cut > 0 and one.cut_at is not None:
            share = percent(at_cut / people)
            told.append(
                say("compare.cut", title=one.title, cut=written(one.cut_at, one), people=count(at_cut), share=share)
            )
        missing = float(mine["people_left_out"].sum())
        if missing >= 1 and not many:
            key = "compare.missing.households" if one.people == "households" else "compare.missing"
            told.append(say(key, title=one.title, people=count(missing)))
    if "people_of_city" in first.columns:
        each = first.drop_duplicates("city")
        whole = float(each["people_of_city"].sum())
        lacking = whole - float((each["people"] + each["people_left_out"]).sum())
        if lacking > 0.005 * whole:
            told.append(say("compare.not_in_cells", people=count(lacking), all=count(whole)))
    return told


def method(found: Comparison) -> list[Texts]:
    """Say how it was done."""
    told = [say("compare.method.rules"), say("compare.method.zone")]
    if "classes" in found.tables:
        rule = found.rule if found.rule.endswith(".") else f"{found.rule}."
        told += [say("compare.method.classes", rule=rule), say("compare.method.draws")]
    if found.material.kind != "cities":
        size = found.material.settings.get("blocks")
        if found.material.blocks is not None and size:
            length = value_text(size, digits=0, percent=False, unit="metres")
            told.append(say("compare.method.blocks", size=length))
        else:
            told.append(say("compare.method.cells"))
        if "classes" in found.tables:
            told += [say("compare.method.ranks"), say("compare.method.drawn")]
    if "differences" in found.tables:
        told.append(say("compare.method.pairs"))
        zones = {zone for ids in found.material.shared.values() for zone in ids}
        told += [say("compare.method.paired", zones=count(len(zones)))] if zones else []
    told.append(say("compare.method.level", level=value_text(found.level, digits=0, percent=True)))
    return told
