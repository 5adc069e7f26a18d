"""The map with all modes of a study, and all that its sections show on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from spatialjustice import maps, report
from spatialjustice._core.disk import files
from spatialjustice.catalogue import text_in
from spatialjustice.maps.pictures.thumbnail import thumbnails
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.outputs import index_page, parts, takeaway
from spatialjustice.study.outputs.before_maps import overview
from spatialjustice.study.outputs.caveats import caveats
from spatialjustice.study.outputs.headings import mode_title, subtitle
from spatialjustice.study.outputs.record.provenance_record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage, Section, Table, Texts
    from spatialjustice.study.engine.travel_modes import Travel

PAGE = "map.html"


def present(results: Results[Any]) -> list[Section]:
    """Return the sections that the study asked for."""
    return [section for section in results.study.sections if section.name in results.made]


def gathered(results: Results[Any], mode: Travel, what: str) -> dict[str, Any]:
    """Return what all sections give to the page of a mode under one name, by its keys."""
    found: dict[str, Any] = {}
    for section in present(results):
        found |= dict(getattr(section.page, what)(results, mode))
    return found


def of_maps(results: Results[Any], mode: Travel, what: str, keys: set[str]) -> dict[str, Any]:
    """Return what all sections give under one name to the maps of a page."""
    return {key: made for key, made in gathered(results, mode, what).items() if key in keys}


def indicators(results: Results[Any], mode: Travel) -> list[maps.Indicator]:
    """Return everything the map of a mode can show.

    Zones of unknown population are shown as “no data”, not as empty ones.
    """
    sections = sorted(present(results), key=lambda section: section.page.indicators_at)
    made = [one for section in sections for one in section.page.indicators(results, mode)]
    known = ~results.unknown
    # Placed once: what is worked out of them for the map, the styles and the workbooks is then worked out once.
    return [_masked(item, known).on(results.zones.index) for item in made]


def _masked(item: maps.Indicator, known: pd.Series[bool]) -> maps.Indicator:
    shown: dict[str, Any] = {}
    for name in ("values", "status"):
        if getattr(item, name) is not None:
            shown[name] = _of_known(getattr(item, name), known)
    if item.labels is not None:
        shown["labels"] = pd.Series(item.labels)
        shown["labels"].attrs = dict(item.labels.attrs)
    for value in shown.values():
        # The page says what the study found, as its table of findings does, and not once more what a step carried.
        value.attrs = {name: part for name, part in value.attrs.items() if name != "findings"}
    return replace(item, **shown)


def _of_known(value: pd.Series[Any], known: pd.Series[bool]) -> pd.Series[Any]:
    """Return what is told of zones whose people are known, and nothing of the others."""
    if known.all():
        # Seen through, not copied: pandas copies what somebody writes into.
        made = pd.Series(value)
        made.attrs = dict(value.attrs)
        return made
    if value.dtype not in (float, "category") or not value.index.equals(known.index):
        return value.where(known)
    # The same without a deep copy of what is told beside it, which pandas makes of every series anew.
    shown = value.array.copy()
    shown[~known.to_numpy()] = np.nan
    made = pd.Series(shown, index=value.index, name=value.name)
    made.attrs = dict(value.attrs)
    return made


def sentences(results: Results[Any], mode: Travel) -> list[Texts]:
    """Return how a study was done, in plain words, a sentence each."""
    sections = sorted(present(results), key=lambda section: section.page.sentences_at)
    return [one for section in sections for one in section.page.sentences(results, mode)]


def page_links(results: Results[Any]) -> dict[str, str]:
    """Return the address of the map of every mode: one page, which opens with the mode that its address names."""
    several = len(results.study.modes) > 1
    return {mode.key: f"{PAGE}#mode={mode.key}" if several else PAGE for mode in results.study.modes}


def shown_by(results: Results[Any], now: Callable[[str], None]) -> list[report.ModePage]:
    """Return what the map shows of every mode, but for the streets, which the page alone draws."""
    pages = []
    for mode in results.study.modes:
        now(f"maps {mode.phrase()}" if results.study.measures_ways else "maps")
        pages.append(_of_mode(results, mode))
    return pages


def told_first(results: Results[Any], further: Sequence[FurtherPage] = ()) -> maps.Overview | None:
    """Return what is told before any map, with addresses as they are on the page with all maps."""
    return overview(results, lambda mode, key: address(mode, key, PAGE), further)


def write(
    results: Results[Any],
    folder: OutputFolder,
    tables: list[Table],
    kept: KeptSteps,
    modes: list[report.ModePage],
    *,
    now: Callable[[str], None],
) -> None:
    """Make the map with all modes, what is taken to a meeting, and the index that leads to them and to the tables."""
    study = results.study
    now("page of maps")
    provenance = record(results)
    further = _further(results, folder, provenance)
    links = page_links(results)
    keys = [mode.key for mode in study.modes]
    told = told_first(results, further)
    drawn, around = _with_streets(results, modes)
    base = around[0].get("base")
    made_of = parts.pages.write(results, folder, kept, (drawn, around[0]), PAGE, now=now) if divided(results) else None
    before = {name: kept.read(name) for name in (PAGE, *(f"{PAGE}.{key}.svg" for key in keys))}
    if made_of is not None:
        pictures = _make_of_all(results, folder, drawn, made_of, (told, provenance))
    elif all(made is not None for made in before.values()):
        files.write_bytes(folder.path(PAGE), before[PAGE] or b"")
        pictures = {key: Markup((before[f"{PAGE}.{key}.svg"] or b"").decode()) for key in keys}  # noqa: S704 - our own
        kept.skipped.append(PAGE)
    else:
        pictures = _make(results, folder, kept, (drawn, around), told, provenance)
    # What is taken away shows no streets.
    del drawn, around
    taken = takeaway.write(results, folder, takeaway.takeaway_of(results, modes, told, base), now)
    now("first page")
    first = index_page.index(results, folder, links, tables, pictures, further, taken=taken)
    files.write_text(folder.path("index.html"), first)


def _make(
    results: Results[Any],
    folder: OutputFolder,
    kept: KeptSteps,
    shown: tuple[list[report.ModePage], list[dict[str, Any]]],
    told: maps.Overview | None,
    provenance: Any,
) -> dict[str, Markup]:
    """Make the map with all modes, and return a small picture of each."""
    study, (modes, around) = results.study, shown
    packed = [block for ground in around for block in ground.pop("what_if", ())]
    page = report.planner_page(
        results.named_zones,
        title=study.title,
        modes=modes,
        people=results.people.where(~results.unknown),
        overview=told,
        groups=gathered(results, study.modes[0], "groups"),
        **around[0],
        what_if=packed,
        place=results.place,
        sources=results.sources,
        findings=results.findings,
        provenance=provenance,
        lang=study.languages[0],
        languages=study.languages,
    )
    drawn = thumbnails(results.zones, [mode.indicators[0] for mode in modes])
    pictures = {mode.key: picture for mode, picture in zip(modes, drawn, strict=True)}
    for key, picture in pictures.items():
        kept.write(f"{PAGE}.{key}.svg", str(picture).encode())
    kept.write(PAGE, page.save(folder.path(PAGE)).read_bytes())
    return pictures


def divided(results: Results[Any]) -> bool:
    """Tell whether there is a page for each part of the place."""
    return bool(results.study.pages_in_parts)


def _make_of_all(
    results: Results[Any],
    folder: OutputFolder,
    modes: Sequence[report.ModePage],
    made_of: parts.pages.PartPages,
    said: tuple[maps.Overview | None, Any],
) -> dict[str, Markup]:
    """Make the map of all parts, each the way to its page, and return a small picture of each mode."""
    study, (told, provenance) = results.study, said
    shown = [parts.pages.of_all(mode, made_of, results) for mode in modes]
    told = replace(told or maps.Overview(), further=made_of.links(), further_title=sentence("parts.title"))
    people = results.people.where(~results.unknown).groupby(made_of.of_zones).sum().reindex(made_of.frame.index)
    page = report.planner_page(
        made_of.frame,
        title=study.title,
        modes=shown,
        people=people,
        overview=told,
        sources=results.sources,
        findings=results.findings,
        provenance=provenance,
        lang=study.languages[0],
        languages=study.languages,
    )
    page.save(folder.path(PAGE))
    drawn = thumbnails(made_of.frame, [mode.indicators[0] for mode in shown])
    return {mode.key: picture for mode, picture in zip(shown, drawn, strict=True)}


def _with_streets(
    results: Results[Any], modes: Sequence[report.ModePage]
) -> tuple[list[report.ModePage], list[dict[str, Any]]]:
    """Return the modes with their streets, and what is drawn around and under the map of each."""
    around = [gathered(results, mode, "around") for mode in results.study.modes]
    return [replace(mode, streets=of.pop("streets", None)) for mode, of in zip(modes, around, strict=True)], around


def _of_mode(results: Results[Any], mode: Travel) -> report.ModePage:
    """Return what the page shows of a mode."""
    shown = indicators(results, mode)
    keys = {item.key for item in shown}
    weights = of_maps(results, mode, "weights", keys)
    shown = [_beside(item, weights[item.key][0]) if item.key in weights else item for item in shown]
    return report.ModePage(
        key=mode.key,
        title=mode_title(mode),
        indicators=shown,
        subtitle=subtitle(results, mode),
        findings_in_words=of_maps(results, mode, "findings_in_words", keys),
        caveats=_caveats(results, mode, shown),
        limits=gathered(results, mode, "limits"),
        weights=weights,
        curves=of_maps(results, mode, "curves", keys),
        bars=of_maps(results, mode, "bars", keys),
        method=sentences(results, mode),
    )


def _beside(item: maps.Indicator, of: Texts) -> maps.Indicator:
    """Say under a map of households that the numbers beside its classes are of people."""
    told = sentence("study.map.people_beside", of=of.__getitem__)
    note = {lang: f"{text_in(item.note, lang)} {told[lang]}".strip() for lang in told}
    return replace(item, note=note)


def address(mode: Travel, indicator: str, page: str = "") -> str:
    """Return where a map is; on the page with all maps only what comes after the name of the file."""
    return f"{'' if page == PAGE else PAGE}#mode={mode.key}&show={indicator}"


def _caveats(results: Results[Any], mode: Travel, shown: list[maps.Indicator]) -> dict[str, list[Texts]]:
    """Return the caveats of every map: those of ways only where it shows ways."""
    found = {
        True: [one.text for one in caveats(results, mode)],
        False: [one.text for one in caveats(results, mode, about=("people",))],
    }
    return {item.key: found[bool(item.service)] for item in shown}


def _further(results: Results[Any], folder: OutputFolder, provenance: Any) -> list[FurtherPage]:
    """Write the pages that sections have of their own; return them without their contents, for the index."""
    study = results.study
    around = {
        "place": results.place,
        "sources": results.sources,
        "findings": results.findings,
        "provenance": provenance,
        "lang": study.languages[0],
        "languages": study.languages,
    }
    written = []
    for section in present(results):
        for page in section.pages(results, around):
            page.made.save(folder.path(page.name))
            written.append(replace(page, made=None, finding=page.finding or page.made.first_finding))
    return written
