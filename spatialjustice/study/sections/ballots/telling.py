"""Sentences about votes on a budget in every language, from the numbers of the tables."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.participation.ballots.change import BALLOTS, REFERENCE, change_in_words, spans
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.ballots import tables
from spatialjustice.study.sections.ballots.compute import ALL_YEARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.ballots.compute import Voting
    from spatialjustice.study.sections.ballots.settings import BallotsKeys

FALL = 0.5
"""Paper is said to fall in the year in which its share is at most so much of that of the year before."""


def plain(text: str) -> Callable[[str], str]:
    """Return a function that gives the same text in every language, its digits in those of the language."""
    return lambda language: catalogue.digits(text, language)


def percent(share: float, *, digits: int = 1) -> Callable[[str], str]:
    """Return a function that writes a share in percent."""
    return lambda language: catalogue.number(share, language, digits=digits, percent=True)


def said(text: Any) -> Texts:
    """Return a text of the study file in every language."""
    return {language: catalogue.text_in(text, language) for language in catalogue.LANGUAGES}


def ages_in(ages: tuple[int, int | None]) -> Texts:
    """Say from which to which age people are."""
    first, last = ages
    if last is None:
        return sentence("ballots.ages.from", first=number_in(first))
    return sentence("ballots.ages.between", first=number_in(first), last=number_in(last))


def ends_of(values: pd.Series[Any]) -> tuple[str, float, str, float]:
    """Return the name and the value of the lowest and of the highest."""
    known = values.dropna()
    return str(known.idxmin()), float(known.min()), str(known.idxmax()), float(known.max())


def rate_sentence(results: Results[BallotsKeys]) -> Texts:
    """Say how many ballots there are for 1,000 people in the mapped year, and where fewest and most."""
    found: Voting = results["ballots"]
    rows = tables.of_year(results).set_axis(tables.names_of(results), axis=0)
    low, least, high, most = ends_of(rows[tables.RATE])
    people = float(rows["people"].sum())
    return sentence(
        "ballots.told.rate",
        year=plain(str(found.year)),
        mean=number_in(1000 * float(rows["ballots"].sum()) / people, digits=1),
        low=plain(low),
        least=number_in(least, digits=1),
        high=plain(high),
        most=number_in(most, digits=1),
    )


def fall_of_paper(found: Voting) -> int | None:
    """Return the row of the first year in which the share on paper is half of that before or less; None without one."""
    shares = found.paper_years["paper_share"].tolist()
    known = [(row, share) for row, share in enumerate(shares) if share == share]  # noqa: PLR0124 (NaN)
    for (_, before), (row, after) in pairwise(known):
        if after <= FALL * before:
            return row
    return None


def paper_sentences(results: Results[BallotsKeys]) -> Iterator[Texts]:
    """Say when paper went, in which age it was most used, and in which years nobody wrote it down."""
    found: Voting = results["ballots"]
    years = found.paper_years.reset_index(drop=True)
    row = fall_of_paper(found)
    known = years.dropna(subset=["paper_share"])
    if row is not None:
        before = known[known["vote_year"] < years["vote_year"][row]].iloc[-1]
        last = known.iloc[-1]
        parts = {
            "before": plain(str(int(before["vote_year"]))),
            "share_before": percent(before["paper_share"]),
            "after": plain(str(int(years["vote_year"][row]))),
            "share_after": percent(years["paper_share"][row]),
            "last": plain(str(int(last["vote_year"]))),
            "share_last": percent(last["paper_share"]),
        }
        yield sentence("ballots.told.paper", **parts)
        oldest = found.paper[found.paper["age_class"].astype(str) != "unknown"]["age_class"].max()
        ages = found.paper[found.paper["age_class"] == oldest].set_index("vote_year")["paper_share"]
        asked = (int(before["vote_year"]), int(years["vote_year"][row]), int(last["vote_year"]))
        if all(year in ages.index for year in asked):
            shares = {
                name: percent(float(ages[year]))
                for name, year in zip(("share_before", "share_after", "share_last"), asked, strict=True)
            }
            yield sentence("ballots.told.paper_oldest", age=plain(str(oldest)), **{**parts, **shares})
    unknown = [str(int(one)) for one in years[years["paper_share"].isna()]["vote_year"]]
    if unknown:
        yield sentence("ballots.told.paper_unknown", years=joined(unknown))


def joined(words: list[str]) -> Callable[[str], str]:
    """Return a function that writes several words one after the other."""
    return lambda language: catalogue.words(language)["language.comma"].join(
        catalogue.digits(word, language) for word in words
    )


def change_sentence(results: Results[BallotsKeys]) -> Texts | None:
    """Say what became of those who are looked at when paper went, beside others, never why."""
    found: Voting = results["ballots"]
    return None if found.change is None else dict(found.change.attrs["sentence"])


def change_in_short(results: Results[BallotsKeys]) -> Texts | None:
    """Say how much the ballots of those who are looked at changed, and those of the others."""
    found: Voting = results["ballots"]
    asked = results.study.ballots
    if found.change is None or asked is None or asked.change is None:
        return None
    group, beside = ages_in(asked.change.ages), ages_in(asked.change.beside)
    changes = found.change["change"].to_dict()
    return sentence(
        "ballots.told.change",
        before=joined(spans(asked.change.before)),
        after=joined(spans(asked.change.after)),
        group=group.__getitem__,
        beside=beside.__getitem__,
        change=lambda language: change_in_words(changes[BALLOTS], language),
        other=lambda language: change_in_words(changes[REFERENCE], language),
    )


def money_sentence(results: Results[BallotsKeys], year: str) -> Texts | None:
    """Say what selected projects cost for each person, where least and most, and how much is for the whole city."""
    found: Voting = results["ballots"]
    if found.money is None:
        return None
    rows = tables.money_of(results, year).set_axis(tables.names_of(results), axis=0)
    low, least, high, most = ends_of(rows["cost_per_person"])
    every = found.money[found.money["vote_year"] == year].set_index("place")["cost"]
    city = float(every.get("for the whole city", 0.0))
    years = sorted({int(one) for one in found.money["vote_year"] if one != ALL_YEARS})
    parts = {
        "year": plain(str(found.year)),
        "first": plain(str(years[0])),
        "last": plain(str(years[-1])),
        "currency": plain(found.currency),
        "mean": number_in(float(rows["cost"].sum() / rows["people"].sum()), digits=0),
        "low": plain(low),
        "least": number_in(least, digits=0),
        "high": plain(high),
        "most": number_in(most, digits=0),
        "city": number_in(city / 1e6, digits=1),
    }
    key = "ballots.told.money_all" if year == ALL_YEARS else "ballots.told.money"
    return sentence(key + (".city" if city else ""), **parts)


def near_sentence(results: Results[BallotsKeys]) -> Texts | None:
    """Say which share of people is near a selected project, if they live spread evenly over each zone."""
    found: Voting = results["ballots"]
    asked = results.study.ballots
    if found.near is None or asked is None or asked.near is None:
        return None
    people = float((found.near * results.people).sum())
    limit = asked.near
    return sentence(
        "ballots.told.near",
        year=plain(str(found.year)),
        share=percent(people / float(results.people.sum()), digits=0),
        limit=lambda language: (
            f"{catalogue.number(limit.value, language)}\u00a0{catalogue.words(language)['unit.metres.short']}"
        ),
        cost=number_in(found.unlocated / 1e6, digits=1),
        currency=plain(found.currency),
    )
