"""Maps and sentences on several lacks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.report.headline import share_of
from spatialjustice.study.engine.texts import number_in, sentence, word_in
from spatialjustice.study.sections.together.bars import bounded_bars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.poverty.compute import PovertyResult
    from spatialjustice.study.sections.poverty.settings import PovertyKeys

QUARTERS = (0.25, 0.5, 0.75, 1.0)
"""Classes of a share that is often none or all."""
POOR, NUMBER = "poverty_poor", "poverty_lacks"


def indicators(results: Results[PovertyKeys], _mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the maps of how many things people lack, and of the share who lack too many."""
    found: PovertyResult = results["poverty"]
    status = pd.Series(np.where(results.people > 0, "ok", "no_population"), index=results.people.index)
    gaps = _gaps(found)
    group = found.settings.title or sentence("study.poverty")
    count = len(found.shares.columns)
    lacking = found.shares.sum(axis=1, skipna=False).where(found.counted > 0)
    lacking.attrs = {"measure": "lack_counts"}
    yield maps.Indicator(
        key=NUMBER,
        title=sentence("study.poverty.lacks", **gaps),
        group=group,
        values=lacking,
        status=status,
        unit="lacks",
        kind="count",
        direction="lower is better",
        breaks=[float(step) for step in range(count + 1)] if found.exact else None,
        note=sentence(f"study.poverty.lacks.{'whole' if found.exact else 'shares'}.note", **gaps),
    )
    if found.exact:
        return
    poor = found.called_poor
    known = (poor["unknown"] == 0) & (found.counted > 0)
    values = (poor["poor: independent"] / found.counted.where(known)).clip(0, 1)
    values.attrs = {key: poor.attrs[key] for key in ("measure", "sources", "findings")}
    yield maps.Indicator(
        key=POOR,
        title=sentence("study.poverty.poor", **gaps),
        group=group,
        values=values,
        status=status,
        unit="share",
        kind="share",
        direction="lower is better",
        breaks=QUARTERS,
        note=sentence("study.poverty.poor.note", **gaps),
    )


def weights(results: Results[PovertyKeys], _mode: Travel) -> dict[str, tuple[Texts, pd.Series[Any]]]:
    """Return of what the shares are and how many there are in each zone, where these are households."""
    found: PovertyResult = results["poverty"]
    if found.unit == "people":
        return {}
    of = sentence(f"study.digital.counted.{found.unit}")
    return dict.fromkeys((NUMBER, POOR), (of, found.counted))


def bars(results: Results[PovertyKeys], _mode: Travel) -> dict[str, list[report.Bars]]:
    """Return which share of each group lacks too many things, with its bounds, or its interval where it is exact."""
    if "poverty_groups" not in results.tables:
        return {}
    rows = results.table("poverty_groups")
    exact = results["poverty"].exact
    ends = ("low", "independent", "high") if exact else ("lowest", "independent", "highest")
    made = [*bounded_bars(results, rows, ends, "study.poverty.bars" if exact else "study.together.bars")]
    return dict.fromkeys((NUMBER, POOR), made) if made else {}


def findings_in_words(results: Results[PovertyKeys], _mode: Travel) -> dict[str, Texts]:
    """Say how many people lack too many things at once, and between which numbers the truth lies."""
    found: PovertyResult = results["poverty"]
    poor = found.called_poor
    unknown = float(poor["unknown"].sum())
    every = float(found.counted.sum()) - unknown
    low, middle, high = (float(poor[f"poor: {end}"].sum()) for end in ("lowest", "independent", "highest"))
    exact = high - low < 0.5
    parts = {
        **_gaps(found),
        "share": _share(middle, every),
        "counted": number_in(middle, digits=0),
        "all": number_in(every, digits=0),
        "low": _share(low, every),
        "high": _share(high, every),
        "unknown": number_in(unknown, digits=0),
    }
    told = ["study.poverty.told.exact" if exact else "study.poverty.told"]
    told += [] if exact else ["study.together.told.range"]
    told += ["study.together.told.unknown"] if unknown >= 0.5 else []
    sentences = [sentence(name, **parts) for name in told]
    text = {lang: " ".join(one[lang] for one in sentences) for lang in catalogue.LANGUAGES}
    return dict.fromkeys((NUMBER, POOR), text)


def answers(results: Results[PovertyKeys], mode: Travel) -> list[Texts]:
    """Return the sentence that the overview tells: how many lack too many things at once."""
    return [findings_in_words(results, mode)[POOR]]


def _share(count: float, every: float) -> Callable[[str], str]:
    return lambda lang: share_of(count, every, lang)


def _gaps(found: PovertyResult) -> dict[str, Any]:
    """Return the gaps that sentences share: how many lacks are too many, and what they are."""

    def named(lang: str) -> str:
        words = catalogue.words(lang)
        titles = [
            catalogue.text_in(item.title, lang) if item.title else name.replace("_", " ")
            for name, item in found.settings.lacks.items()
        ]
        return words["language.comma"].join(words["study.basket.quoted"].format(name=title) for title in titles)

    return {
        "least": number_in(found.settings.at_least),
        "count": number_in(len(found.shares.columns)),
        "lacks": named,
        "of": word_in(f"study.digital.counted.{found.unit}"),
    }
