"""Sentences on how unequally something is spread, made from the table of its measures.

Every sentence says one number in words that need no statistics. No sentence says “much” or “little”: how much is too
much is for the reader to judge. A number that is missing has no sentence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import number, text_in, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Text = str | Mapping[str, str]

NEEDED = ("measure", "value", "low", "high", "people", "people_left_out")
BADS = "lower is better"
SMALLEST_RATIO = 0.005  # less would be written as 0.00
FIGURES = 3  # significant figures of a number in a sentence


def inequality_paragraph(
    measures: pd.DataFrame,
    *,
    subject: Text,
    groups: Text | None = None,
    between: float | None = None,
    enough: Text | None = None,
    unit: Text | None = None,
    lang: str = "en",
) -> str:
    """Tell how unequally one thing is spread over people, in sentences that need no statistics.

    Parameters
    ----------
    measures
        The rows of one column of the table that ``inequality.summary`` returns: ``measure``, ``value``, ``low`` and
        ``high`` (NaN where there is no interval), ``direction`` of the column, ``people``, ``people_left_out``.
        Sentences are made of the measures mean, gini, hoover, palma_ratio, concentration_index, theil_t and fgt
        (the share below or beyond a line), as far as they are there and have a value.
    subject
        What is reached, as it stands inside a sentence, for example ``{"en": "jobs within 45 minutes by bus"}``, or
        what the way leads to where less is better, for example ``"the nearest library on foot"``.
    groups
        The groups between which ``between`` is the share of inequality, for example ``"tenths of income"``.
    between
        The share of the Theil index T that lies between these groups, from 0 to 1.
    enough
        The line below (or beyond) which people have too little, for example ``"10,000 jobs"`` or ``"15 minutes"``.
    unit
        Where less is better, the unit of the way inside a sentence; minutes where None.
    lang
        ``"en"`` or ``"fa"``.

    Returns
    -------
    str
        One paragraph of plain text.

    Raises
    ------
    InputError
        When the table lacks a column, tells of several things, or tells of nothing.

    Examples
    --------
    >>> measures = pd.DataFrame(
    ...     {"measure": ["mean", "gini"], "value": [20.0, 0.25], "low": None, "high": None, "people": 100.0,
    ...      "people_left_out": 0.0, "direction": "higher is better"})
    >>> print(inequality_paragraph(measures, subject="jobs within 30 minutes"))
    A person can reach 20 jobs within 30 minutes on average. Two people picked at random differ by 50% of that, or 10, \
on average (Gini index 0.250).
    """
    found = _rows(measures)
    said = _Words(lang, BADS if _direction(measures) == BADS else "goods")
    facts = {
        "subject": text_in(subject, lang),
        "unit": said["unit.minutes"] if unit is None else text_in(unit, lang),
    }
    sentences = [
        *_mean_and_gini(found, said, facts),
        *_shared(found, said),
        *_by_income(found, said),
        *_between(found, said, text_in(groups, lang) if groups is not None else "", between),
        *_too_little(found, said, text_in(enough, lang) if enough is not None else ""),
        *_left_out(found, said),
    ]
    if not sentences:
        raise InputError(
            "measures", "none of its measures has a value", "Choose measures such as mean and gini in the summary."
        )
    return " ".join(sentences)


def inequality_across(
    measures: Mapping[str, pd.DataFrame] | Mapping[int, pd.DataFrame], *, unit: Text, lang: str = "en"
) -> str:
    """Tell in one sentence how inequality changes from one limit of travel cost to another.

    Parameters
    ----------
    measures
        Limit → rows of the table as in :func:`inequality_paragraph`, from the smallest limit to the largest.
    unit
        The unit of the limits inside a sentence, for example ``"minutes"``.
    lang
        ``"en"`` or ``"fa"``.

    Returns
    -------
    str
        One sentence with the Gini index at every limit, and whether it falls, rises, or does neither throughout.

    Raises
    ------
    InputError
        When there are fewer than two limits, or a Gini index is missing.

    Examples
    --------
    >>> def row(gini):
    ...     return pd.DataFrame({"measure": ["gini"], "value": [gini], "low": None, "high": None, "people": 1.0,
    ...                          "people_left_out": 0.0})
    >>> print(inequality_across({30: row(0.4), 60: row(0.25)}, unit="minutes"))
    The longer the trip may be, the more even it gets: the Gini index is 0.400 within 30 minutes and 0.250 within 60 \
minutes.
    """
    if len(measures) < 2:
        raise InputError("measures", f"there are {len(measures):,} limits", "Give at least two, to compare them.")
    said = _Words(lang, "goods")
    unit_text = text_in(unit, lang)
    values = {}
    for limit, table in measures.items():
        row = _rows(table).get("gini")
        if row is None or not math.isfinite(row["value"]):
            raise InputError("measures", f"there is no Gini index at {limit}", "Leave this limit out.")
        values[limit] = float(row["value"])
    steps = [later - earlier for earlier, later in zip([*values.values()][:-1], [*values.values()][1:], strict=True)]
    trend = "falls" if max(steps) < 0 else "rises" if min(steps) > 0 else "mixed"
    parts = [
        said(
            "report.across.part",
            gini=number(value, lang, digits=3),
            limit=number(float(limit), lang) if str(limit).replace(".", "", 1).isdigit() else str(limit),
            unit=unit_text,
        )
        for limit, value in values.items()
    ]
    text = said("report.list", first=said["report.comma"].join(parts[:-1]), last=parts[-1])
    return said(f"report.across.{trend}", list=text)


class _Words:
    """The words of one language; the sentence of what is better when smaller is another where there is one."""

    def __init__(self, lang: str, kind: str) -> None:
        self.language = lang
        self._words = words(lang)
        self.bads = kind == BADS
        self._suffix = ".bads" if self.bads else ""

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def __call__(self, key: str, **parts: str) -> str:
        return self._words.get(key + self._suffix, self._words[key]).format(**parts)

    def amount(self, value: float) -> str:
        """Write a number with as many figures as a reader can use."""
        return number(_rounded(value), self.language)

    def percent(self, value: float) -> str:
        """Write a share as a percentage; one decimal below 10 %."""
        return number(value, self.language, percent=True, digits=0 if abs(value) >= 0.1 or value == 0 else 1)

    def index(self, row: Mapping[str, Any]) -> str:
        """Write an index with its interval where it has one."""
        value = number(row["value"], self.language, digits=3)
        if not (_is_known(row["low"]) and _is_known(row["high"])):
            return value
        low, high = (number(row[end], self.language, digits=3) for end in ("low", "high"))
        return self("report.interval", value=value, low=low, high=high)


def _is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(value)


def _rounded(value: float) -> float:
    """Return a number with three significant figures; whole numbers of up to three digits stay whole."""
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, FIGURES - 1 - math.floor(math.log10(abs(value))))


def _rows(measures: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the rows by measure, those without a value left out."""
    missing = [name for name in NEEDED if name not in measures.columns]
    if missing:
        raise InputError(
            "measures",
            f"the table has no column {', '.join(missing)}",
            "Give the rows of one column of inequality.summary.",
        )
    twice = measures["measure"][measures["measure"].duplicated()]
    if len(twice):
        raise InputError(
            "measures",
            f"{twice.iloc[0]} stands in it more than once",
            "Give the rows of one column: table[table['column'] == name].",
        )
    records = ({str(key): value for key, value in row.items()} for row in measures.to_dict(orient="records"))
    return {row["measure"]: row for row in records if _is_known(row["value"])}


def _direction(measures: pd.DataFrame) -> str:
    if "of_direction" in measures.columns:
        return str(measures["of_direction"].iloc[0])
    return str(measures["direction"].iloc[0]) if "direction" in measures.columns else ""


def _mean_and_gini(found: Mapping[str, Any], said: _Words, facts: Mapping[str, str]) -> Iterator[str]:
    mean, gini = found.get("mean"), found.get("gini")
    if mean is not None:
        yield said("report.mean", mean=said.amount(mean["value"]), **facts)
        if gini is not None and mean["value"] > 0:
            # The Gini index is half of the mean difference of two people, as a share of the mean.
            share = 2 * gini["value"]
            yield said(
                "report.gini",
                share=said.percent(share),
                difference=said.amount(share * mean["value"]),
                gini=said.index(gini),
            )
    elif gini is not None:
        yield said("report.gini_alone", share=said.percent(2 * gini["value"]), gini=said.index(gini), **facts)


def _shared(found: Mapping[str, Any], said: _Words) -> Iterator[str]:
    if "hoover" in found:
        yield said("report.hoover", share=said.percent(found["hoover"]["value"]))


def _by_income(found: Mapping[str, Any], said: _Words) -> Iterator[str]:
    palma, index = found.get("palma_ratio"), found.get("concentration_index")
    if palma is not None:
        # “0.00 times as much” is no sentence; of the way, nobody's is next to nothing.
        none = palma["value"] < SMALLEST_RATIO and not said.bads
        yield said(
            "report.palma_none" if none else "report.palma", ratio=number(palma["value"], said.language, digits=2)
        )
    if index is None:
        return
    low, high = index["low"], index["high"]
    unsure = _is_known(low) and _is_known(high) and low <= 0 <= high
    kind = "unclear" if unsure else "rich" if index["value"] > 0 else "poor" if index["value"] < 0 else "unclear"
    yield said(f"report.concentration.{kind}", index=said.index(index))


def _between(found: Mapping[str, Any], said: _Words, groups: str, between: float | None) -> Iterator[str]:
    theil = found.get("theil_t")
    if theil is None or between is None or not groups:
        return
    yield said(
        "report.theil",
        between=said.percent(between),
        within=said.percent(1 - between),
        groups=groups,
        theil=said.index(theil),
    )


def _too_little(found: Mapping[str, Any], said: _Words, enough: str) -> Iterator[str]:
    row = found.get("fgt")
    if row is None or not enough:
        return
    people = float(row["people"])
    yield said(
        "report.too_little",
        people=number(round(row["value"] * people), said.language),
        share=said.percent(row["value"]),
        line=enough,
    )


def _left_out(found: Mapping[str, Any], said: _Words) -> Iterator[str]:
    """Say how many people are not in the numbers: in none of them, or only in those by income."""
    counts: Callable[[str], float] = lambda name: float(found[name]["people_left_out"] or 0) if name in found else 0.0  # noqa: E731
    everywhere = max((counts(name) for name in ("mean", "gini")), default=0.0)
    by_income = max((counts(name) for name in ("palma_ratio", "concentration_index")), default=0.0)
    if everywhere > 0:
        yield said("report.left_out", people=number(round(everywhere), said.language))
    if by_income > everywhere:
        yield said("report.income_unknown", people=number(round(by_income - everywhere), said.language))
