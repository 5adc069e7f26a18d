"""The sentence of an alert, in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue import LANGUAGES, date, number, text_in, words
from spatialjustice.catalogue.amounts import amount, bare, difference
from spatialjustice.catalogue.lookup import direction
from spatialjustice.monitoring._inputs import BREAK
from spatialjustice.monitoring._rows import dates_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def titles_of(history: pd.DataFrame) -> dict[str, Any]:
    """Return what indicators are called: what the last date that says so calls them."""
    found: dict[str, Any] = {}
    for about in dates_of(history):
        found |= about.get("titles", {})
    return found


def sentences(alerts: pd.DataFrame, history: pd.DataFrame) -> dict[str, list[str]]:
    """Return the sentence of each alert, by language."""
    titles, breaks = titles_of(history), history.attrs.get("breaks", {})
    return {
        lang: [
            _sentence(row, titles.get(row["indicator"], row["indicator"]), lang, breaks)
            for row in alerts.to_dict("records")
        ]
        for lang in LANGUAGES
    }


def _sentence(row: Mapping[Any, Any], title: Any, lang: str, breaks: Mapping[str, Any]) -> str:
    said = words(lang)
    unit, count = row["unit"], row["limit"]
    written = difference if row["statistic"] == "gap" else amount
    counted = row["weighted_by"] if isinstance(row["weighted_by"], str) else "people"
    title = text_in(title, lang)
    parts = {
        "indicator": title,
        "subject": said[f"monitoring.subject.{row['statistic']}.{counted}"].format(indicator=title),
        "date": date(row["date"], lang),
        "since": date(row["since"], lang),
        "value": written(row["value"], unit, lang),
    }
    if row["kind"] == "threshold":
        key = f"monitoring.alert.{row['what']}"
        parts["limit"] = written(count, unit, lang)
    elif row["kind"] == "change":
        key = f"monitoring.alert.{row['what']}" + (".several" if count > 1 else "")
        low, high = sorted([abs(row["low"]), abs(row["high"])])
        parts |= {"change": difference(row["change"], unit, lang), "count": number(count, lang, digits=0)}
        parts |= {"low": bare(low, unit, lang, like=row["change"]), "high": bare(high, unit, lang, like=row["change"])}
    elif row["kind"] == "missing":
        key = "monitoring.alert.missing" + (".several" if count > 1 else "")
        parts |= {"count": number(count, lang, digits=0), "reason": reason_text(row["what"], lang)}
    else:
        key = "monitoring.alert.data"
        parts["what"] = data_text(row["what"], lang, breaks)
    text = said[key].format(**parts)
    # A name in Latin letters at its beginning does not turn the whole sentence round.
    return f"\u200f{text}" if direction(lang) == "rtl" and text[:1].isascii() else text


def reason_text(reason: str, lang: str) -> str:
    """Return why nothing was measured, in words of a language; a reason of one's own stays as it is.

    Examples
    --------
    >>> reason_text("no file: ballots.csv", "en"), reason_text("on strike", "en"), reason_text("", "en")
    ('the file ballots.csv is not there.', 'on strike.', 'no reason is known.')
    """
    said = words(lang)
    kind, _, name = reason.partition(": ")
    known = said.get(f"monitoring.reason.{kind}", "")
    if known and (name or "{name}" not in known):
        return known.format(name=name.removesuffix("."))
    return f"{reason.removesuffix('.')}." if reason else said["monitoring.reason.unknown"]


def data_text(changed: str, lang: str, breaks: Mapping[str, Any] | None = None) -> str:
    """Return what changed of the data, in words of a language; ``breaks`` tell what changed on a date.

    Examples
    --------
    >>> data_text("settings; input: census", "en")
    'the settings, the input “census”'
    """
    said = words(lang)
    told = []
    for one in changed.split("; "):
        kind, _, name = one.partition(": ")
        if kind == BREAK and breaks:
            name = text_in(breaks.get(name, name), lang)
        told.append(said[f"monitoring.data.{kind}"].format(name=name))
    return said["language.comma"].join(told)
