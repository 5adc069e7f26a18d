"""Sentences above the maps of connections: of households where these are what was counted, as in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.report.headline import no_break, share_of
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence, word_in
from spatialjustice.study.sections.digital import compute as digital
from spatialjustice.study.sections.digital.tables import exclusion_shares

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.digital.compute import Divide
    from spatialjustice.study.sections.digital.settings import DigitalKeys

SHARES = (digital.OFFLINE, digital.NEAR, digital.NEITHER)


def weights(results: Results[DigitalKeys], _mode: Travel) -> dict[str, tuple[Texts, pd.Series[Any]]]:
    """Return of what the shares are and how many there are in each zone, where these are households."""
    found: Divide = results["digital"]
    if found.unit == "people":
        return {}
    of = sentence(f"study.digital.counted.{found.unit}")
    return {f"digital_{name}": (of, found.counted) for name in SHARES if name in found.amounts}


def findings_in_words(results: Results[DigitalKeys], _mode: Travel) -> dict[str, Texts]:
    """Say of how many households (or people) the maps of shares tell."""
    found: Divide = results["digital"]
    told = {}
    asked = results.study.digital.exclusion if results.study.digital else None
    where: dict[str, Any] = {}
    if asked is not None:
        service = results.titles[asked.service]
        where["limit"] = lambda lang: no_break(cutoff_in(asked.cutoff)(lang))
        where["service"] = lambda lang: catalogue.text_in(service, lang)
    for name in (digital.OFFLINE, digital.NEAR):
        if name in found.amounts and (name == digital.OFFLINE or asked is not None):
            share = found.amounts[name]
            counted = found.counted.where(share.notna(), 0.0)
            count, every = float((share.fillna(0.0) * counted).sum()), float(counted.sum())
            told[f"digital_{name}"] = sentence(f"study.digital.told.{name}", **where, **_parts(found, count, every))
    if digital.NEITHER in found.amounts and found.exclusion is not None and asked is not None:
        count, every, low, high = exclusion_shares(found.exclusion)
        told[f"digital_{digital.NEITHER}"] = sentence(
            "study.digital.told.neither",
            low=lambda lang: share_of(low, every, lang),
            high=lambda lang: share_of(high, every, lang),
            **where,
            **_parts(found, count, every),
        )
    return told


def answers(results: Results[DigitalKeys], mode: Travel) -> list[Texts]:
    """Return the sentence that the overview tells: who is offline and far as well, or who is offline."""
    told = findings_in_words(results, mode)
    keys = (f"digital_{name}" for name in (digital.NEITHER, digital.OFFLINE))
    return [told[key] for key in keys if key in told][:1]


def _parts(found: Divide, count: float, every: float) -> dict[str, Any]:
    return {
        "share": lambda lang: share_of(count, every, lang),
        "count": number_in(count, digits=0),
        "all": number_in(every, digits=0),
        "of": word_in(f"study.digital.counted.{found.unit}"),
    }
