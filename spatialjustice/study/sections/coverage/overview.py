"""The overview of a study: a few sentences from its numbers, and services by modes, each cell the way to its map."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import catalogue, maps
from spatialjustice.report import standing
from spatialjustice.report.neighbourhoods import districts_ranked
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence, whole_percent_in
from spatialjustice.study.sections.coverage.at_a_glance import BEST_TENTH, way_of
from spatialjustice.study.sections.coverage.lacking import lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage, Texts
    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel

    Said = Callable[[str], str]

STEPS = (0.02, 0.1, 0.25, 0.5)
"""Shares of people beyond the limit from which a cell is darker."""
TENTH = 0.1
NAMED = 3
"""Places that a sentence names."""
NAMES = ("neighbourhood", "district", "name")
"""Columns of names, as the list of the worst-served neighbourhoods takes them."""
SPOTS = ("name", "neighbourhood", "district")
"""Columns of names, the one that tells best where a zone is first."""
HARDLY = 0.01
"""A difference of shares that is not worth a sentence."""


def overview(
    results: Results[Any],
    address: Callable[[Travel, str], str],
    further: Iterable[FurtherPage],
    caveats: Iterable[Texts],
) -> maps.Overview:
    """Return what a reader is told before any map.

    Parameters
    ----------
    results
        What was found.
    address
        ``(mode, indicator)`` → where the map is.
    further
        The pages of remedies.
    caveats
        What changes the numbers most.
    """
    table = results.table("overview")
    modes = results.study.modes
    return maps.Overview(
        sentences=list(sentences(results, table)),
        caveats=list(caveats),
        modes=[(_named(mode), _every(_limit_in(results.study.widest(mode)))) for mode in modes],
        rows=list(_rows(results, table, address)),
        further=[(page.title, page.name, page.finding or page.line) for page in further],
        start=_start(results, table),
    )


def _start(results: Results[Any], table: pd.DataFrame) -> str:
    """Return the map of the largest gap."""
    first = results.study.modes[0]
    rows = table[(table["mode"] == first.key) & (table["places"] > 0) & (table["people"] > 0)]
    return "" if rows.empty else _key(results, first, rows.loc[rows["people_beyond"].idxmax()])


def _key(results: Results[Any], mode: Travel, row: Any) -> str:
    """Return the key of the map that shows a row of the table."""
    if "cost_to_closest" in results.study.measures:
        return f"{row['service']}_{row['unit']}"
    return f"{row['service']}_within_{results.study.widest(mode).key}"


def _every(said: Said) -> Texts:
    return {language: said(language) for language in catalogue.LANGUAGES}


def _named(mode: Travel) -> Texts:
    """Return what a mode is called, as the head of a column."""
    return _every(lambda language: mode.phrase(language)[:1].upper() + mode.phrase(language)[1:])


def _limit_in(limit: Cutoff) -> Said:
    """Return a function that writes a limit so that its number and unit stay together."""
    return lambda language: cutoff_in(limit)(language).replace(" ", "\u00a0")


def way_in(value: float, unit: str) -> Said:
    """Return a function that writes a way with its unit; “none” where there is no way at all."""

    def said(language: str) -> str:
        words = catalogue.words(language)
        if np.isinf(value):
            return words["overview.no_way"]
        return f"{catalogue.number(value, language, digits=0)}\u00a0{words[f'unit.{unit}.short']}"

    return said


def _rows(
    results: Results[Any], table: pd.DataFrame, address: Callable[[Travel, str], str]
) -> Iterator[tuple[Texts, list[maps.Cell | None]]]:
    cells = {(row["service"], row["mode"]): row for row in table.to_dict(orient="records")}
    for service in results.study.service_names:
        made = []
        for mode in results.study.modes:
            row = cells.get((service, mode.key))
            made.append(None if row is None else _cell(results, mode, row, address))
        yield results.titles[service], made


def _cell(results: Results[Any], mode: Travel, row: Any, address: Callable[[Travel, str], str]) -> maps.Cell:
    href = address(mode, _key(results, mode, row))
    if not row["places"]:
        return maps.Cell(sentence("overview.not_mapped"), href=href)
    if not row["people"] > 0:
        return maps.Cell("–", href=href)
    service = results.titles[row["service"]]
    parts: dict[str, Said] = {
        "share": whole_percent_in(row["share_within"]),
        "beyond": number_in(row["people_beyond"], digits=0),
        "worst": way_in(row["worst_tenth"], row["unit"]),
        "limit": _limit_in(results.study.widest(mode)),
        "service": lambda language: catalogue.text_in(service, language),
        "mode": mode.phrase,
    }
    return maps.Cell(
        share=_every(parts["share"]),
        beyond=_every(parts["beyond"]),
        worst=_every(parts["worst"]),
        step=int(np.searchsorted(STEPS, 1 - row["share_within"], side="right")),
        href=href,
        about=sentence("overview.about", **parts),
        numbers={
            "people": row["people"],
            "within": row["people_within"],
            "beyond": row["people_beyond"],
            "share": row["share_within"],
            "worst": row["worst_tenth"],
            "unit": row["unit"],
        },
    )


def sentences(results: Results[Any], table: pd.DataFrame) -> Iterator[Texts]:
    """Yield who is worst served, where and how many; the largest gap; who is worst off; and what would help most."""
    first = results.study.modes[0]
    rows = table[(table["mode"] == first.key) & (table["places"] > 0) & (table["people"] > 0)]
    if rows.empty:
        return
    gap: Any = rows.loc[rows["people_beyond"].idxmax()]
    if len(rows) == 1:
        yield _only_gap(results, first, gap)
    else:
        worst = _worst_served(results, first, len(rows))
        if worst is not None:
            yield worst
        yield _largest_gap(results, first, gap)
    for told in (_worst_group, _worst_district, _worst_mode, _groups_alike, _spread):
        last = told(results, first, gap)
        if last is not None:
            yield last
            break
    help_ = _next_place(results, first, gap)
    if help_ is not None:
        yield help_


def _worst_served(results: Results[Any], first: Travel, services: int) -> Texts | None:
    """Say who lacks most services and where."""
    people = results.people
    found = lacking(results, first)
    if found is None:
        return None
    # Where no street leads away, people lack all of them.
    lack = found.counts.where(found.status != "off_network", float(services))
    total = float(people[lack.notna()].sum())
    at_least = {count: float(people[lack >= count].sum()) for count in range(1, services + 1)}
    most = max((count for count, living in at_least.items() if living >= TENTH * total), default=0)
    if not most:
        return None
    those = (lack >= most) & (people > 0)
    living = float(people[those].sum())
    return sentence(
        "overview.lack.all" if most == services else "overview.lack",
        count=number_in(most),
        services=number_in(services),
        people=number_in(living, digits=0),
        share=whole_percent_in(living / total if total else 0.0),
        limit=_limit_in(results.study.widest(first)),
        mode=first.phrase,
        where=_where(results, people[those]),
    )


def _title(results: Results[Any], service: str) -> Said:
    return lambda language: catalogue.text_in(results.titles[service], language)


def _reached(results: Results[Any], row: Any, mode: Travel) -> Any:
    return next(one for one in results["reach"] if one.service == row["service"] and one.mode.key == mode.key)


def _where(results: Results[Any], people: pd.Series[Any]) -> Said:
    """Name the places in which the largest numbers of some people live, and what part of them these are together.

    Nothing is said where zones have no names of their own.
    """
    zones = results.named_zones
    column = next((name for name in NAMES if name in zones and zones[name].notna().any()), "")
    told = zones.loc[people.index]
    if not column or told.empty:
        return lambda _: ""
    counted = people.groupby(told[column]).sum()
    counted = counted[counted > 0].sort_values(ascending=False, kind="stable").head(NAMED)
    if counted.empty:
        return lambda _: ""
    own = told.drop_duplicates(column).set_index(column)

    def listed(language: str) -> str:
        words = catalogue.words(language)
        said = [
            words["overview.place"].format(
                name=f"\u2068{_name_in(own, column, name, language)}\u2069",
                people=catalogue.number(living, language, digits=0),
            )
            for name, living in counted.items()
        ]
        return words["language.comma"].join(said)

    made = sentence("overview.where", places=listed, part=whole_percent_in(float(counted.sum() / people.sum())))
    return lambda language: made[language]


def _name_in(named: pd.DataFrame, column: str, name: Any, language: str) -> str:
    """Return a name in a language, as it is where it has no other there."""
    there = f"{column}_{language}" in named.columns
    known = named.loc[name, f"{column}_{language}"] if there else None
    return catalogue.balanced(str(name) if known is None or known != known else str(known))  # noqa: PLR0124 (NaN)


def _only_gap(results: Results[Any], first: Travel, gap: Any) -> Texts:
    """Say who lacks the only service of a study, and where."""
    item = _reached(results, gap, first)
    people = results.people
    limit = results.study.widest(first)
    those = (people > 0) & (item.status != "outside_data") & ~item.within(limit)
    return _of_gap(results, first, gap, "only", where=_where(results, people[those]))


def _largest_gap(results: Results[Any], first: Travel, gap: Any) -> Texts:
    """Say which of several services most people lack."""
    return _of_gap(results, first, gap, "gap")


def _of_gap(results: Results[Any], first: Travel, gap: Any, key: str, **further: Said) -> Texts:
    parts: dict[str, Said] = {
        "service": _title(results, gap["service"]),
        "share": whole_percent_in(gap["people_beyond"] / gap["people"]),
        "people": number_in(gap["people_beyond"], digits=0),
        "all": number_in(gap["people"], digits=0),
        "limit": _limit_in(results.study.widest(first)),
        "mode": first.phrase,
        "way": way_in(gap["worst_tenth"], gap["unit"]),
        **further,
    }
    if not gap["people_beyond"]:
        return sentence("overview.gap.none", **parts)
    return sentence(f"overview.{key}.no_way" if np.isinf(gap["worst_tenth"]) else f"overview.{key}", **parts)


def _next_place(results: Results[Any], first: Travel, gap: Any) -> Texts | None:
    """Say where one more place of the service with the largest gap would help most, and how many."""
    table = results["coverage"].next_places
    rows = table[table["service"] == gap["service"]]
    if rows.empty:
        return None
    best: Any = rows.iloc[0]
    within = float(gap["people_within"])
    zones = results.named_zones
    told = zones.loc[[best["zone_id"]]]
    column = next((name for name in SPOTS if name in told and told[name].notna().all()), "")

    def place(language: str) -> str:
        named = _name_in(told.set_index(column), column, told[column].iloc[0], language) if column else best["zone_id"]
        return f"\u2068{named}\u2069"

    return sentence(
        "overview.next",
        service=_title(results, gap["service"]),
        place=place,
        # Whole people after and before, as the page counts them when that place is put there.
        people=number_in(round(within + best["people_more"]) - round(within), digits=0),
        part=whole_percent_in(best["people_more"] / best["people_beyond"]),
        beyond=number_in(best["people_beyond"], digits=0),
        limit=_limit_in(results.study.widest(first)),
    )


def _groups(results: Results[Any], first: Travel, gap: Any) -> tuple[dict[str, Said], float] | None:
    """Return what is said of the worst-off group, and how much worse off it is than everybody."""
    if not results.study.groups:
        return None
    shares = results["coverage"].shares
    rows = shares[
        (shares["service"] == gap["service"]) & (shares["mode"] == first.key) & (shares["cutoff"] == gap["limit"])
    ].set_index("group")
    groups = rows[(rows.index != EVERYBODY) & rows["share_within"].notna()]
    if groups.empty:
        return None
    everybody = 1 - float(rows.loc[EVERYBODY, "share_within"])
    name = str(groups["share_within"].idxmin())
    theirs = 1 - float(groups.loc[name, "share_within"])
    title = results.study.groups[name].title
    parts: dict[str, Said] = {
        "group": lambda language: catalogue.text_in(title or name, language),
        "share": whole_percent_in(theirs),
        "everybody": whole_percent_in(everybody),
        "limit": _limit_in(results.study.widest(first)),
        "service": _title(results, gap["service"]),
    }
    return parts, theirs - everybody


def _worst_group(results: Results[Any], first: Travel, gap: Any) -> Texts | None:
    """Say which of the study's groups is worst off with the service of the largest gap, where one is."""
    found = _groups(results, first, gap)
    return None if found is None or found[1] < HARDLY else sentence("overview.group", **found[0])


def _groups_alike(results: Results[Any], first: Travel, gap: Any) -> Texts | None:
    """Say that the study's groups hardly differ."""
    found = _groups(results, first, gap)
    return None if found is None else sentence("overview.group.alike", **found[0])


def _worst_district(results: Results[Any], first: Travel, gap: Any) -> Texts | None:
    """Say in which district most people are beyond the limit."""
    zones = results.named_zones
    if "district" not in zones or not gap["people_beyond"]:
        return None
    known = ~results.unknown
    item = _reached(results, gap, first)
    way = way_of(item)
    ranked = districts_ranked(
        replace(way, values=item.closest[item.unit].where(known), status=item.status.where(known)),
        zones["district"],
        people=results.people,
    )
    ranked = ranked[(ranked["beyond"] > 0).to_numpy() & ranked.index.notna()]
    if ranked.empty:
        return None
    worst: Any = ranked.iloc[0]
    own = zones.drop_duplicates("district").set_index("district")
    return sentence(
        "overview.district",
        district=lambda language: f"\u2068{_name_in(own, 'district', ranked.index[0], language)}\u2069",
        people=number_in(worst["beyond"], digits=0),
        share=whole_percent_in(worst["share_beyond"]),
        everybody=whole_percent_in(gap["people_beyond"] / gap["people"]),
        limit=_limit_in(results.study.widest(first)),
        service=_title(results, gap["service"]),
    )


def _worst_mode(results: Results[Any], first: Travel, _gap: Any) -> Texts | None:
    """Say by which other mode most people lose what those by the first one have, and of which service."""
    table = results["coverage"].modes
    limit = results.study.widest(first)
    if len(results.study.modes) < 2 or "people_who_lose" not in table:
        return None
    rows = table[(table["mode"] != first.key) & (table["cutoff"] == limit.label) & (table["people_who_lose"] > 0)]
    if rows.empty:
        return None
    worst: Any = rows.loc[rows["people_who_lose"].idxmax()]
    mode = next(one for one in results.study.modes if one.key == worst["mode"])
    return sentence(
        "overview.mode",
        mode=mode.phrase,
        first=first.phrase,
        people=number_in(worst["people_who_lose"], digits=0),
        share=whole_percent_in(worst["people_who_lose"] / float(results.people.sum())),
        service=_title(results, worst["service"]),
        limit=_limit_in(limit),
    )


def _spread(results: Results[Any], first: Travel, gap: Any) -> Texts | None:
    """Say how much farther the worst-served tenth have to go than the best-served, where nothing else is compared."""
    item = _reached(results, gap, first)
    found = standing(way_of(item), people=results.people)
    best = found.centiles[BEST_TENTH] if found.centiles else 0.0
    if not np.isfinite(gap["worst_tenth"]) or best <= 0:
        return None
    return sentence(
        "overview.spread",
        service=_title(results, gap["service"]),
        best=way_in(best, gap["unit"]),
        worst=way_in(gap["worst_tenth"], gap["unit"]),
        times=number_in(gap["worst_tenth"] / best, digits=0 if gap["worst_tenth"] >= 10 * best else 1),
    )
