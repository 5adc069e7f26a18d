"""Plans for every remedy that a study asks for: made by each goal, compared, and tried under other settings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from spatialjustice.catalogue import LANGUAGES, text_in
from spatialjustice.study.sections.remedies.closing import close_places
from spatialjustice.study.sections.remedies.opening import open_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice._core.findings import Finding
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys, Remedy


def compute(work: Work[RemediesKeys]) -> list[RemedyResult]:
    """Make the plans of every remedy; each is kept, so that a run that is killed makes none of them anew."""
    found: list[RemedyResult] = []
    for item in work.study.remedies:
        work.now(f"remedies: {item.name.replace('_', ' ')}")
        found.append(work.step(f"remedy: {item.name}", partial(_made, work, item)))
    return found


def _made(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    return open_places(work, item) if item.open else close_places(work, item)


def findings(work: Work[RemediesKeys]) -> Iterator[Finding]:
    """Yield what was found on the way, with the remedy that it is of."""
    for one in work["remedies"]:
        for finding in one.findings:
            if finding.code == "straight_lines":
                continue
            name = one.settings.name.replace("_", " ").capitalize()
            by = {lang: _called(one.settings, name, lang) for lang in LANGUAGES}
            yield replace(finding, message=f"{name}: {finding.message}", values={**finding.values, "by": by})


def _called(remedy: Remedy, name: str, lang: str) -> str:
    """Return what stands before a finding of a remedy: its short name, in other languages the title it has there."""
    title = remedy.title
    return name if lang == LANGUAGES[0] or title is None or isinstance(title, str) else text_in(title, lang)
