"""What planners take to a meeting: a report as PDF and as a document, and a workbook, in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import __version__
from spatialjustice._core.disk import files
from spatialjustice._core.findings import Finding
from spatialjustice.catalogue import LANGUAGES, own_name, words
from spatialjustice.report.takeaway.contents import Takeaway, contents
from spatialjustice.study.engine.section import not_to_be_made
from spatialjustice.study.outputs.headings import subtitle
from spatialjustice.study.outputs.tables import LAYER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spatialjustice import maps, report
    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice.report.takeaway.qgis import Styled
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import StudySettings, Texts

FOLDER = "takeaway"
NAMES = {"pdf": "report", "docx": "report", "xlsx": "workbook"}
"""What files of each kind are called, before the language and the ending."""


def takeaway_of(
    results: Results[Any], modes: Sequence[report.ModePage], overview: maps.Overview | None, base: Any = None
) -> Takeaway:
    """Return what is taken away of a study.

    Parameters
    ----------
    results
        What was found.
    modes
        What the map shows of each mode.
    overview
        What is told before any map.
    base
        The ground under the map.
    """
    return Takeaway(
        zones=results.named_zones,
        people=results.people.where(~results.unknown),
        modes=modes,
        title=results.study.title,
        subtitle=subtitle(results),
        overview=overview,
        services=results.services,
        service_titles=results.titles,
        place=results.place,
        base=base,
        findings=results.findings,
        sources=results.sources,
        estimated=results.estimated,
        software=f"spatialjustice {__version__}",
    )


def for_qgis(
    results: Results[Any], modes: Sequence[report.ModePage], overview: maps.Overview | None, stamp: str
) -> tuple[Styled, dict[str, str]]:
    """Return classes and styles of the zones, and what the file says about itself."""
    from spatialjustice.report.takeaway.qgis import styled

    study = results.study
    made = takeaway_of(results, modes, overview)
    credit = "; ".join(
        dict.fromkeys(f"{one.attribution} ({one.licence})" for one in results.sources if one.attribution)
    )
    about = {"IDENTIFIER": results.title, "DESCRIPTION": credit}
    return styled(made, study.languages, layer=LAYER, stamp=stamp), about


def write(
    results: Results[Any], folder: OutputFolder, made: Takeaway, now: Callable[[str], None]
) -> list[tuple[str, Texts, Texts]]:
    """Write the files that the study asks for; return name, title and a line on each, for the index."""
    asked = kinds(results.study)
    listed = []
    for kind, language, data in _files(made, results.study.languages, asked, now):
        name = f"{FOLDER}/{NAMES[kind]}.{language}.{kind}"
        files.write_bytes(folder.path(name), data)
        listed.append((name, _title(kind, language), {one: words(one)[f"takeaway.file.{kind}"] for one in LANGUAGES}))
    return sorted(listed, key=lambda one: list(NAMES).index(one[0].rpartition(".")[2]))


def steps(study: StudySettings) -> int:
    """Return how many things :func:`write` says that it makes: reports in each language, and the workbooks together."""
    asked = kinds(study)
    return len(study.languages) * len({"pdf", "docx"} & set(asked)) + ("xlsx" in asked)


def kinds(study: StudySettings) -> list[str]:
    """Return which kinds of files are made, in their order."""
    missing = {kind for kind, _ in not_to_be_made(study)}
    return [kind for kind in NAMES if kind in study.takeaway and kind not in missing]


def findings(study: StudySettings) -> list[Finding]:
    """Return which files are not made because a package is not there, where the study did not ask for them by name."""
    return [
        Finding(
            "takeaway_not_made",
            "information",
            f"The report as {kind} was not made: {error.found}.",
            advice=f"{error.advice}. Or name in the study file, under takeaway, what is wanted.",
            values={"kind": kind, "package": error.package, "command": error.command},
        )
        for kind, error in not_to_be_made(study)
    ]


def _files(
    made: Takeaway, languages: Sequence[str], asked: Sequence[str], now: Callable[[str], None]
) -> Iterator[tuple[str, str, bytes]]:
    """Yield kind, language and bytes of each file."""
    # The largest first, before the typesetter and its fonts are in memory.
    if "xlsx" in asked:
        from spatialjustice.report.takeaway import workbook

        now("workbooks")
        yield from (("xlsx", language, book) for language, book in workbook.as_xlsx(made, languages).items())
    for language in languages if {"pdf", "docx"} & set(asked) else ():
        from spatialjustice.report.takeaway import document, sheets

        told = contents(made, language)
        if "pdf" in asked:
            now("report as PDF")
            yield "pdf", language, sheets.as_pdf(told)
        if "docx" in asked:
            now("report as a document")
            yield "docx", language, document.as_docx(told, sheets.as_picture(told))


def _title(kind: str, language: str) -> Texts:
    key = f"takeaway.{NAMES[kind]}"
    return {
        one: words(one)["takeaway.titled"].format(title=words(one)[key], language=own_name(language))
        for one in LANGUAGES
    }
