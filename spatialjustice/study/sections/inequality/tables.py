"""The tables on inequality, and what they say in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from spatialjustice.report import inequality_paragraph
from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.reach.settings import ReachKeys


def tables(results: Results[ReachKeys]) -> Iterator[Table]:
    """Yield those that have rows."""
    found = results["inequality"]
    for name, table in {
        "inequality": found.measures,
        "decomposition": found.decomposition,
        "groups": found.groups,
    }.items():
        if not table.empty:
            yield Table(name, table, counts_people=True)


def paragraphs(results: Results[ReachKeys]) -> list[str]:
    """Tell how unequal what is within the largest limit of the first mode is, where the study measures it."""
    table = results["inequality"].measures
    if table.empty:
        return []
    mode, language = results.study.modes[0], "en"
    widest = results.study.widest(mode)
    said = []
    for service in results.study.service_names:
        rows = table[
            (table["service"] == service) & (table["mode"] == mode.key) & (table["outcome"] == f"within {widest.label}")
        ]
        if rows.empty or rows["value"].isna().all():
            continue
        enough = results.study.inequality.sufficiency.get(service, 1.0) if results.study.inequality else 1.0
        line = f"{enough:g} of them" if isinstance(enough, float) and enough != 1 else "one of them"
        subject = f"{service.replace('_', ' ')} within {widest.label} {mode.phrase(language)}"
        text = inequality_paragraph(rows, subject=f"places ({subject})", enough=line, language=language)
        said += ["", *textwrap.wrap(text, 100)]
    return said
