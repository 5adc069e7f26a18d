"""What an indicator of the catalogue is made of, and which standards ask for it, in the words of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue.lookup import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def listed(names: Iterable[str], lang: str) -> str:
    """Put names one after the other, as a language does.

    Examples
    --------
    >>> listed(["one", "two"], "en")
    'one, two'
    """
    return words(lang)["language.comma"].join(names)


def data_in(record: Mapping[str, Any], lang: str) -> str:
    """Return the data that an indicator is made of.

    Examples
    --------
    >>> from spatialjustice.catalogue import indicators
    >>> data_in(indicators()["ict_skills"], "en")
    'a survey of households'
    """
    return listed((words(lang)[f"indicator.data.{name}"] for name in record["data"]), lang)


def standards_in(record: Mapping[str, Any], lang: str) -> str:
    """Return the standards that ask for an indicator, with their codes.

    Examples
    --------
    >>> from spatialjustice.catalogue import indicators
    >>> standards_in(indicators()["fine_particles"], "en")
    'SDG 11.6.2'
    """
    said = words(lang)
    return said["language.semicolon"].join(codes_in(record, lang)) or said["indicator.standard.own"]


def codes_in(record: Mapping[str, Any], lang: str) -> list[str]:
    """Return the standards that ask for an indicator, each with its code, “near” before those that ask nearly the same.

    Examples
    --------
    >>> from spatialjustice.catalogue import indicators
    >>> codes_in(indicators()["upload_speed"], "en")
    []
    """
    said, texts = words(lang), []
    for standard in record["standards"]:
        code = standard["code"] or f"({said['indicator.standard.no_number']})"
        near = f"{said['indicator.standard.near']} " if standard["match"] == "near" else ""
        texts.append(f"{near}{standard['standard']} {code}")
    return texts
