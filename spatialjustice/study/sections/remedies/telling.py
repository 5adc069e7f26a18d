"""What a remedy does, in plain sentences: what is gained, by whom, who loses, how sure it is, and who stays far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from spatialjustice import catalogue
from spatialjustice.remedies.plans.comparison import BEFORE, EVERYBODY
from spatialjustice.study.engine.texts import cutoff_text, number_in, sentence
from spatialjustice.study.sections.remedies import trading
from spatialjustice.study.sections.remedies.amounts import (
    goal_in,
    group_called,
    metres_in,
    people_in,
    share_in,
    value_in,
    way_in,
)
from spatialjustice.study.sections.remedies.question import least_of
from spatialjustice.study.sections.remedies.reasons import near_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

    Said = Callable[[str], str]

LISTED = 3
"""Places that a sentence names."""
NEARLY_ALWAYS = 0.75
"""A site that is chosen again in so many of other settings, or more, is told as one that stays."""
ALIKE = 0.01
"""A change of less than this share of an amount is no change worth a sentence."""


def whom_in(results: Results[RemediesKeys], one: RemedyResult) -> Said:
    """Return a function that says whom a remedy is for."""
    chosen = one.settings.people
    if chosen in {"everybody", "offline"}:
        return lambda language: catalogue.words(language)[f"remedy.whom.{chosen}"]
    return sentence("remedy.whom.group", group=group_called(results.study, chosen).__getitem__).__getitem__


def finding(results: Results[RemediesKeys], one: RemedyResult) -> Texts:
    """Return the sentence above the map."""
    del results
    facts = _facts(one)
    before: Any = facts.loc[BEFORE]
    after: Any = facts.loc[one.shown.goal.key]
    parts: dict[str, Said] = {
        "count": number_in(one.settings.count),
        "before": way_in(one, before["mean"]),
        "after": way_in(one, after["mean"]),
        "all": people_in(after["people"]),
        "limit": way_in(one, least_of(one.settings)),
    }
    if one.opens:
        parts |= _counted("gain", after["people_gaining"], after["people"])
        told = [sentence(_of_count("remedy.open.finding", one), **parts)]
        if one.shown.goal.cutoff is not None:
            limit = cutoff_text(one.shown.goal.cutoff).__getitem__
            shares = {"before": share_in(before["within"]), "after": share_in(after["within"])}
            told.append(sentence("remedy.open.within", limit=limit, **shares))
        return joined(*told, _worst(one, before, after))
    parts |= {**_counted("lose", after["people_losing"], after["people"]), "places": number_in(one.places)}
    # A rise that no figure shows is not told as one.
    same = parts["before"]("en") == parts["after"]("en")
    return sentence("remedy.close.finding_same" if same else "remedy.close.finding", **parts)


def _counted(name: str, people: float, everybody: float) -> dict[str, Said]:
    return {name: people_in(people), f"{name}_share": share_in(people / everybody if everybody else 0.0)}


def _facts(one: RemedyResult) -> pd.DataFrame:
    facts: Any = one.compared.xs(EVERYBODY, level="group")
    return cast("pd.DataFrame", facts)


def decision(results: Results[RemediesKeys], one: RemedyResult) -> list[tuple[Texts, list[Texts]]]:
    """Return what a planner must know before choosing the plan: headings, each with a sentence or some."""
    told: dict[str, list[Texts]] = {}
    for lead, text in _opening(results, one) if one.opens else _closing(results, one):
        told.setdefault(lead, []).append(text)
    return [(sentence(f"remedy.lead.{lead}"), texts) for lead, texts in told.items()]


def _opening(results: Results[RemediesKeys], one: RemedyResult) -> Iterator[tuple[str, Texts]]:
    facts = _facts(one)
    before: Any = facts.loc[BEFORE]
    after: Any = facts.loc[one.shown.goal.key]
    yield "whom", sentence("remedy.gain", gain=way_in(one, after["mean_gain"]))
    if after["people_reached"] > 0:
        yield "whom", sentence("remedy.reached", people=people_in(after["people_reached"]))
    for text in (*_by_group(results, one, "remedy.groups", 1.0), *_for(results, one), *_spread(before, after)):
        yield "whom", text
    yield "lose", sentence("remedy.lose.nobody")
    for text in (*_named(results, one, one.shown.after, "remedy.left", "remedy.place"), *_nowhere(after)):
        yield "far", text
    chosen = {"goal": goal_in(one.shown.goal), "candidates": number_in(one.candidates)}
    yield "sure", joined(sentence("remedy.open.chosen", **chosen), _sure(one))
    for text in (*_stable(one), *_priced(one)):
        yield "sure", text
    for text in _other_goals(one):
        yield "goals", text
    for text in trading.traded(one):
        yield "trade", text


def _closing(results: Results[RemediesKeys], one: RemedyResult) -> Iterator[tuple[str, Texts]]:
    facts = _facts(one)
    before: Any = facts.loc[BEFORE]
    after: Any = facts.loc[one.shown.goal.key]
    if one.settings.capacity is None:
        yield "care", sentence("remedy.close.capacity")
    if after["people_losing"] > 0:
        parts = {"loss": way_in(one, after["mean_loss"]), "largest": way_in(one, after["largest_loss"])}
        yield "lose", sentence("remedy.close.lose", **parts)
        for text in _by_group(results, one, "remedy.groups.close", -1.0):
            yield "lose", text
    else:
        yield "lose", sentence("remedy.close.nobody")
    if one.without_place is not None and max(one.without_place) >= 1:
        lacking = dict(zip(("before", "people"), map(people_in, one.without_place), strict=True))
        yield "lose", sentence("remedy.without_place", **lacking)
    for text in (*_for(results, one), *_spread(before, after)):
        yield "lose", text
    for text in _named(results, one, -one.gain, "remedy.close.hit", "remedy.close.longer"):
        yield "hit", text
    yield "far", _worst(one, before, after)
    for text in _nowhere(after):
        yield "far", text
    yield "sure", joined(sentence("remedy.close.chosen", goal=goal_in(one.shown.goal)), _sure(one))
    if one.settings.capacity is not None:
        yield "sure", sentence("remedy.close.enough", capacity=number_in(one.settings.capacity))


def _of_count(key: str, one: RemedyResult) -> str:
    """Return the key of a sentence about so many places, of which one is told of in other words."""
    return f"{key}.one" if one.settings.count == 1 else key


def joined(*texts: Texts) -> Texts:
    """Put sentences one after the other."""
    return {language: " ".join(text[language] for text in texts if text[language]) for language in catalogue.LANGUAGES}


def _for(results: Results[RemediesKeys], one: RemedyResult) -> Iterator[Texts]:
    if one.settings.people != "everybody":
        text = sentence("remedy.for", whom=whom_in(results, one))
        yield joined(text, sentence("remedy.for.groups")) if one.groups else text


def _sure(one: RemedyResult) -> Texts:
    """Say how much better another plan could be."""
    gap, count = one.shown.facts["gap"], number_in(one.settings.count)
    if gap is None:
        return dict.fromkeys(catalogue.LANGUAGES, "")
    if one.shown.facts["proven"]:
        return sentence(_of_count("remedy.proven", one), count=count)
    # Rounded up: it is a promise.
    digits = 2 if gap < 0.01 else 1
    ceiling = math.ceil(gap * 10 ** (digits + 2)) / 10 ** (digits + 2)
    return sentence(_of_count("remedy.gap", one), count=count, gap=share_in(ceiling, digits))


def _worst(one: RemedyResult, before: pd.Series[Any], after: pd.Series[Any]) -> Texts:
    same = abs(before["farthest"] - after["farthest"]) <= ALIKE * before["farthest"]
    parts = {
        "before": way_in(one, before["worst_tenth"]),
        "after": way_in(one, after["worst_tenth"]),
        "far_before": way_in(one, before["farthest"]),
    }
    if same:
        return sentence("remedy.worst.same", **parts)
    return sentence("remedy.worst", far_after=way_in(one, after["farthest"]), **parts)


def _spread(before: pd.Series[Any], after: pd.Series[Any]) -> Iterator[Texts]:
    if abs(before["gini"] - after["gini"]) < 0.0005 or math.isnan(before["gini"] + after["gini"]):
        return
    key = "less" if after["gini"] < before["gini"] else "more"
    parts = {"before": number_in(before["gini"], digits=3), "after": number_in(after["gini"], digits=3)}
    yield sentence(f"remedy.unequal.{key}", **parts)


def _by_group(results: Results[RemediesKeys], one: RemedyResult, key: str, sign: float) -> Iterator[Texts]:
    if len(one.groups) < 2:
        return
    change = one.compared.xs(one.shown.goal.key, level="plan")["change"].drop(EVERYBODY).dropna()
    gain = -sign * change
    if len(gain) < 2 or gain.max() - gain.min() <= ALIKE * max(abs(gain.max()), 1.0):
        return
    most, least = str(gain.idxmax()), str(gain.idxmin())
    yield sentence(
        key,
        most=group_called(results.study, most).__getitem__,
        most_gain=way_in(one, float(gain.max())),
        least=group_called(results.study, least).__getitem__,
        least_gain=way_in(one, float(gain.min())),
    )


def _named(
    results: Results[RemediesKeys], one: RemedyResult, amounts: pd.Series[Any], key: str, each: str
) -> Iterator[Texts]:
    """Name the zones with the highest amounts, those that lie near the same place once."""
    counted = amounts.where(one.people > 0).dropna()
    counted = counted[counted >= least_of(one.settings)]
    if counted.empty:
        return
    first = counted.sort_values(ascending=False, kind="stable").index[: LISTED * 8]
    zones = results.named_zones.loc[first]
    names = near_names(results.made, zones, without=one.settings.service)
    said: dict[str, Texts] = {}
    for zone, (name, persian) in zip(first, names, strict=True):
        own = zones.loc[zone, "name"] if "name" in zones.columns else None
        called = own if isinstance(own, str) and own else name
        if not called or called in said:
            continue
        form = f"{each}.zone" if called == own else each
        by_language = {
            language: persian if language == "fa" and called == name else str(called)
            for language in catalogue.LANGUAGES
        }
        said[called] = sentence(form, name=by_language.__getitem__, way=way_in(one, float(counted.loc[zone])))
        if len(said) == LISTED:
            break
    if said:
        yield sentence(key, places=_list(said.values()))


def _list(texts: Iterable[Texts]) -> Said:
    """Write a list in a language."""
    kept = list(texts)
    return lambda language: catalogue.words(language)["language.comma"].join(text[language] for text in kept)


def _other_goals(one: RemedyResult) -> Iterator[Texts]:
    """Say what other goals would mean, and for whom it would be better or worse than the plan that is shown."""
    facts = _facts(one)
    plans = list(one.plans.items())
    told: set[frozenset[Any]] = set()
    for key, plan in plans[1:]:
        sites = frozenset(plan.names)
        if sites in told:
            continue
        told.add(sites)
        goals = [other.goal for _, other in plans[1:] if frozenset(other.names) == sites]
        said = _list([{language: goal_in(goal)(language) for language in catalogue.LANGUAGES} for goal in goals])
        if sites == frozenset(one.shown.names):
            yield sentence("remedy.same", goal=said)
            continue
        ours, theirs = one.shown.after.to_numpy(), plan.after.to_numpy()
        least, people = least_of(one.settings), one.people.to_numpy()
        with np.errstate(invalid="ignore"):  # from one that is out of reach to another
            ahead = np.nan_to_num(np.nan_to_num(ours, nan=np.inf) - np.nan_to_num(theirs, nan=np.inf))
        yield sentence(
            "remedy.other",
            goal=said,
            mean=way_in(one, facts.loc[key, "mean"]),
            tenth=way_in(one, facts.loc[key, "worst_tenth"]),
            better=people_in(float(people[ahead >= least].sum())),
            worse=people_in(float(people[ahead <= -least].sum())),
        )


def _stable(one: RemedyResult) -> Iterator[Texts]:
    if one.stability is None:
        return
    of_plan = one.stability[one.stability["in_plan"]]
    settings = [setting for setting in one.stability.attrs["settings"] if not setting["name"].startswith("goal: ")]
    regrets = [setting["regret"] for setting in settings] or [0.0]
    yield sentence(
        "remedy.stable",
        settings=number_in(len(one.stability.attrs["settings"])),
        kept=number_in(int((of_plan["share_near"] >= NEARLY_ALWAYS).sum())),
        count=number_in(len(of_plan)),
        distance=metres_in(one.stability.attrs["distance"]),
        regret=value_in(one, max(regrets)),
    )


def _priced(one: RemedyResult) -> Iterator[Texts]:
    if one.prices is None or one.prices.empty:
        return
    price = one.prices["price"].clip(lower=0.0)
    yield sentence(
        "remedy.price",
        distance=metres_in(one.prices.attrs["distance"]),
        low=value_in(one, float(price.min())),
        high=value_in(one, float(price.max())),
    )


def _nowhere(after: pd.Series[Any]) -> Iterator[Texts]:
    if after["people_unreachable"] > 0:
        yield sentence("remedy.unreachable", people=people_in(after["people_unreachable"]))
