"""The map of every mode, with all that its sections show on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spatialjustice import maps, report
from spatialjustice._core.disk import files
from spatialjustice.study.outputs import index_page
from spatialjustice.study.outputs.caveats import caveats
from spatialjustice.study.outputs.headings import subtitle
from spatialjustice.study.outputs.overview import overview
from spatialjustice.study.outputs.provenance_record import record

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage, Section, Table, Texts
    from spatialjustice.study.engine.travel_modes import Travel


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
    return [_masked(item, known) for item in made]


def _masked(item: maps.Indicator, known: pd.Series[bool]) -> maps.Indicator:
    series = {name: getattr(item, name) for name in ("values", "status")}
    return replace(item, **{name: value.where(known) for name, value in series.items() if value is not None})


def sentences(results: Results[Any], mode: Travel) -> list[Texts]:
    """Return how a study was done, in plain words, a sentence each."""
    sections = sorted(present(results), key=lambda section: section.page.sentences_at)
    return [one for section in sections for one in section.page.sentences(results, mode)]


def page_names(results: Results[Any]) -> dict[str, str]:
    """Return the file name of every map by mode: ``map.html``, ``map.bicycle.html``; each is in every language."""
    first = results.study.modes[0].key
    return {mode.key: f"map.{'' if mode.key == first else mode.key + '.'}html" for mode in results.study.modes}


def write(results: Results[Any], folder: OutputFolder, tables: list[Table], kept: KeptSteps) -> None:
    """Make the map of every mode, and the index that leads to them and to the tables."""
    study = results.study
    provenance = record(results)
    names = page_names(results)
    further = _further(results, folder, provenance)
    pictures = {}
    named = results.named_zones
    for mode in study.modes:
        name = names[mode.key]
        made, picture = kept.read(name), kept.read(f"{name}.svg")
        if made is not None and picture is not None:
            files.write_bytes(folder.path(name), made)
            pictures[mode.key] = Markup(picture.decode())  # noqa: S704 - our own thumbnail
            kept.skipped.append(name)
            continue
        shown = indicators(results, mode)
        keys = {item.key for item in shown}
        page = report.planner_page(
            named,
            shown,
            title=study.title,
            subtitle=subtitle(results, mode),
            people=results.people.where(~results.unknown),
            limits=gathered(results, mode, "limits"),
            findings_in_words=of_maps(results, mode, "findings_in_words", keys),
            weights=of_maps(results, mode, "weights", keys),
            caveats=_caveats(results, mode, shown),
            overview=overview(results, lambda other, key, own=mode: address(results, other, key, own), further),
            curves=of_maps(results, mode, "curves", keys),
            bars=of_maps(results, mode, "bars", keys),
            groups=gathered(results, mode, "groups"),
            method=sentences(results, mode),
            **gathered(results, mode, "around"),
            place=results.place,
            sources=results.sources,
            findings=results.findings,
            provenance=provenance,
            lang=study.languages[0],
            languages=study.languages,
        )
        pictures[mode.key] = maps.thumbnail(results.zones, shown[0])
        kept.write(f"{name}.svg", str(pictures[mode.key]).encode())
        kept.write(name, page.save(folder.path(name)).read_bytes())
    files.write_text(folder.path("index.html"), index_page.index(results, folder, names, tables, pictures, further))


def address(results: Results[Any], mode: Travel, indicator: str, page: Travel | None = None) -> str:
    """Return where a map is; on the page of its own mode only what comes after the name of the file."""
    name = "" if page is not None and page.key == mode.key else page_names(results)[mode.key]
    return f"{name}#mode={mode.key}&show={indicator}"


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
            written.append(replace(page, made=None))
    return written
