"""Maps of votes on a budget: ballots per 1,000 people, money per person, and how near selected projects are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import maps
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.ballots import tables, telling
from spatialjustice.study.sections.ballots.compute import ALL_YEARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage, Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.ballots.compute import Voting
    from spatialjustice.study.sections.ballots.settings import BallotsKeys

BALLOTS, MONEY, MONEY_ALL, NEAR = "ballots_rate", "ballots_money", "ballots_money_all", "ballots_near"


def indicators(results: Results[BallotsKeys], _mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the maps of the year that is mapped, and that of the money of all years."""
    found: Voting = results["ballots"]
    group = sentence("ballots.group")
    year = telling.plain(str(found.year))
    rows = tables.of_year(results)
    yield maps.Indicator(
        key=BALLOTS,
        group=group,
        title=sentence("ballots.map.rate", year=year),
        unit="ballots per 1,000 people",
        kind="count",
        direction="none",
        values=rows[tables.RATE],
        note=sentence("ballots.map.rate_note"),
    )
    if found.money is not None:
        for key, of, title in (
            (MONEY, str(found.year), "ballots.map.money"),
            (MONEY_ALL, ALL_YEARS, "ballots.map.money_all"),
        ):
            yield maps.Indicator(
                key=key,
                group=group,
                title=sentence(title, year=year, currency=telling.plain(found.currency)),
                unit="money per person",
                kind="count",
                direction="none",
                values=tables.money_of(results, of)["cost_per_person"],
                note=sentence("ballots.map.money_note"),
            )
    asked = results.study.ballots
    if found.near is not None and asked is not None and asked.near is not None:
        limit = asked.near.value
        yield maps.Indicator(
            key=NEAR,
            group=group,
            title=sentence("ballots.map.near", year=year, limit=number_in(limit)),
            unit="share",
            kind="share",
            direction="higher is better",
            values=found.near,
            note=sentence("ballots.map.near_note"),
        )


def findings_in_words(results: Results[BallotsKeys], _mode: Travel) -> dict[str, Texts]:
    """Say above each map what it tells."""
    found: Voting = results["ballots"]
    told: dict[str, Texts | None] = {
        BALLOTS: telling.rate_sentence(results),
        MONEY: telling.money_sentence(results, str(found.year)),
        MONEY_ALL: telling.money_sentence(results, ALL_YEARS),
        NEAR: telling.near_sentence(results),
    }
    return {key: text for key, text in told.items() if text is not None}


def sentences(results: Results[BallotsKeys], _mode: Travel) -> Iterator[Texts]:
    """Say how it was done, and what is missing."""
    yield sentence("ballots.method.ballots")
    asked = results.study.ballots
    if asked is not None and asked.missing is not None:
        yield telling.said(asked.missing)


def overview(
    results: Results[BallotsKeys],
    _address: Callable[[Any, str], str],
    further: Iterable[FurtherPage],
    caveats: Iterable[Texts],
) -> maps.Overview | None:
    """Return what is told before any map, where nothing else is asked for."""
    if results.study.measures_ways:
        return None
    paper = list(telling.paper_sentences(results))
    change = telling.change_in_short(results)
    told = [telling.rate_sentence(results), *paper[:2], change, telling.money_sentence(results, ALL_YEARS)]
    return maps.Overview(
        sentences=[one for one in told if one is not None],
        caveats=[sentence("ballots.caveat.not_people"), *caveats],
        further=[(page.title, page.name, page.line) for page in further],
        start=BALLOTS,
        further_title=sentence("ballots.further"),
    )


def index_line(results: Results[BallotsKeys], _mode: Travel, line: Texts) -> Texts:
    """Say what the map shows where nothing else is asked for; otherwise that it shows votes, too."""
    if results.study.measures_ways or line != sentence("study.map_line"):
        return sentence("ballots.map_line_too", line=line.__getitem__)
    return sentence("ballots.map_line")
