"""Headings of the pages: the title, the mode, and how many people and zones they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import number_in, sentence

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel


def map_title(results: Results[Any], mode: Travel) -> Texts:
    """Return the study's title, and the mode where there are several."""
    several = len(results.study.modes) > 1
    return {
        language: catalogue.text_in(results.study.title, language) + (f" – {mode.phrase(language)}" if several else "")
        for language in catalogue.LANGUAGES
    }


def mode_title(mode: Travel) -> Texts:
    """Return what a mode is called where its name stands alone: “By bicycle”."""
    phrases = {language: mode.phrase(language) for language in catalogue.LANGUAGES}
    return {language: phrase[0].upper() + phrase[1:] for language, phrase in phrases.items()}


def subtitle(results: Results[Any], mode: Travel | None = None) -> Texts:
    """Return one line about people and zones, after the mode where there are several of them.

    It says so where the people are an estimate.
    """
    line = sentence(
        "study.subtitle_estimated" if results.estimated else "study.subtitle",
        people=number_in(float(results.people.sum()), digits=0),
        zones=number_in(len(results.zones)),
    )
    if mode is None or len(results.study.modes) == 1:
        return line

    return sentence("study.by_subtitle", mode=mode_title(mode).__getitem__, subtitle=line.__getitem__)
