"""What is told of a district before its map: the share of its people within each limit, service by service and mode."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import maps
from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.report import standing
from spatialjustice.study.engine.texts import number_in, sentence, whole_percent_in, word_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from spatialjustice.report import ModePage

REACHED_NOTHING = ("beyond_cutoff", "unreachable", "off_network", "no_supply")
"""Reasons for having no value that say how badly off people are, and not that nothing is known."""
STEPS = (0.02, 0.1, 0.25, 0.5)
"""Shares of people beyond the limit from which a cell is darker."""


def is_way(item: maps.Indicator) -> bool:
    """Tell whether an indicator is of ways, with a limit that the study set."""
    return item.kind == "cost" and bool(item.cutoffs) and item.values is not None


def within(item: maps.Indicator) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Tell of which zones it is known whether they are within the widest limit, and which of them are."""
    assert item.values is not None  # noqa: S101 - ways have values
    known = item.values.notna()
    if item.status is not None:
        known |= item.status.isin(REACHED_NOTHING)
    return known, item.values <= item.cutoffs[-1]


def overview_of(modes: Sequence[ModePage], people: pd.Series[Any], **more: Any) -> maps.Overview:
    """Return services by modes with the numbers of some people, each cell the way to its map on the same page."""
    rows: dict[str, tuple[Any, list[maps.Cell | None]]] = {}
    for place, mode in enumerate(modes):
        for item in filter(is_way, mode.indicators):
            _, cells = rows.setdefault(item.service or item.key, (item.group, [None] * len(modes)))
            cells[place] = cells[place] or _cell(item, mode, people)
    limits = [next((mode.limits.get(item.key, "") for item in mode.indicators if is_way(item)), "") for mode in modes]
    heads = [(mode.title, limit) for mode, limit in zip(modes, limits, strict=True)]
    return maps.Overview(modes=heads if rows else [], rows=list(rows.values()), **more)


def _cell(item: maps.Indicator, mode: ModePage, people: pd.Series[Any]) -> maps.Cell:
    known, near = within(item)
    href = f"#mode={mode.key}&show={item.key}"
    many = people.fillna(0.0).where(known, 0.0)
    total = float(many.sum())
    if not total > 0:
        return maps.Cell("–", href=href)
    beyond = float(many[~near].sum())
    share = 1.0 - beyond / total
    found = standing(item, people=people)
    worst = found.worst_tenth("lower is better") if found.centiles else np.inf
    said = {
        "share": whole_percent_in(share),
        "beyond": number_in(beyond, digits=0),
        "worst": _way_in(worst, item.unit),
        "service": in_language(item.group),
        "mode": in_language(mode.title),
        "limit": in_language(mode.limits.get(item.key, "")),
    }
    return maps.Cell(
        **{name: {lang: said[name](lang) for lang in LANGUAGES} for name in ("share", "beyond", "worst")},
        step=int(np.searchsorted(STEPS, 1 - share, side="right")),
        href=href,
        about=sentence("overview.about", **said),
    )


def _way_in(value: float, unit: str) -> Callable[[str], str]:
    if not np.isfinite(value):
        return word_in("overview.no_way")
    return lambda lang: f"{number(value, lang, digits=0)}\u00a0{words(lang)[f'unit.{unit}.short']}"


def in_language(text: Any) -> Callable[[str], str]:
    """Return a function that gives a text, or one of several by language, for the gap of a sentence."""
    return lambda lang: text_in(text, lang)
