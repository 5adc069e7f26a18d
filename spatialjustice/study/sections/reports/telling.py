"""Sentences on reports: above their maps, and how they were counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.report.headline import share_of
from spatialjustice.study.engine.texts import number_in, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reports.compute import Reported
    from spatialjustice.study.sections.reports.settings import ReportKeys


def findings_in_words(results: Results[ReportKeys], _mode: Travel) -> dict[str, Texts]:
    """Return the sentence above each map."""
    found: Reported = results["reports"]
    told = {
        "reports_rate": sentence(
            f"study.reports.told.rate{'_once' if found.once else ''}",
            reports=number_in(float(found.counts.sum()), digits=0),
            rate=number_in(found.rates.attrs["common_rate"], digits=1),
            people=number_in(found.rates.attrs["people"], digits=0),
        )
    }
    if found.silent is not None and found.expected is not None:
        told["reports_silent"] = _silent(found)
        label = found.expected["label"]
        told["reports_ratio"] = sentence(
            "study.reports.told.ratio",
            fewer=number_in(float((label == "fewer than expected").sum()), digits=0),
            more=number_in(float((label == "more than expected").sum()), digits=0),
            all=number_in(float(found.expected.attrs["n"]), digits=0),
        )
    if found.times is not None:
        told["reports_median_days"] = _times(results, found)
    return told


def answers(results: Results[ReportKeys], mode: Travel) -> list[Texts]:
    """Return the sentence that the overview tells: who lives where reports lack, else how many there are."""
    told = findings_in_words(results, mode)
    return [told["reports_silent"] if "reports_silent" in told else told["reports_rate"]]


def _silent(found: Reported) -> Texts:
    silent = found.silent
    assert silent is not None  # noqa: S101 - the caller has looked
    people = silent.attrs["people_by_class"]["silent"]
    every = float(silent["people"].sum())
    zones = int((silent["label"] == "silent").sum())
    unknown = silent.attrs["people_by_class"]["need not known"]
    key = "study.reports.told.silent" if zones else "study.reports.told.none_silent"
    told = sentence(
        key,
        share=lambda lang: share_of(people, every, lang),
        people=number_in(people, digits=0),
        all=number_in(every, digits=0),
        zones=number_in(float(zones), digits=0),
        tested=number_in(float(silent.attrs["n"]), digits=0),
    )
    if not unknown:
        return told
    more = sentence("study.reports.told.unknown", people=number_in(unknown, digits=0))
    return {lang: f"{text} {more[lang]}" for lang, text in told.items()}


def _times(results: Results[ReportKeys], found: Reported) -> Texts:
    assert found.times is not None  # noqa: S101 - the caller has looked
    row: Any = found.times.iloc[-1]
    asked = results.study.reports
    days = asked.closed_within if asked else 0.0
    slow = 0 if found.differences is None else int(found.differences["label"].str.startswith("slower").sum())
    within = row["closed_within"]
    parts: dict[str, Any] = {
        "reports": number_in(float(row["reports"]), digits=0),
        "open": number_in(float(row["still_open"]), digits=0),
        "median": number_in(row["median"], digits=1),
        "low": number_in(row["median_low"], digits=1),
        "high": number_in(row["median_high"], digits=1),
        "share": lambda lang: catalogue.number(within, lang, digits=0, percent=True),
        "days": number_in(days),
        "slow": number_in(float(slow), digits=0),
    }
    whole = row[["median", "median_low", "median_high", "closed_within"]].notna().all()
    key = f"times{'_once' if found.once else ''}" if whole else "times_unknown"
    return sentence(f"study.reports.told.{key}", **parts)


def sentences(results: Results[ReportKeys], _mode: Travel) -> Iterator[Texts]:
    """Say how reports were counted and compared."""
    found: Reported = results["reports"]
    asked = results.study.reports
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    inside = float(found.counts.sum())
    yield sentence(
        "study.reports.how",
        read=number_in(float(found.read), digits=0),
        inside=number_in(inside, digits=0),
        elsewhere=number_in(found.read - inside, digits=0),
    )
    repeated = found.elsewhere.get("repeated", 0)
    key = {True: "once", False: "each", None: "unknown"}[found.once]
    yield sentence(f"study.reports.how.{key}", repeated=number_in(float(repeated), digits=0))
    if found.expected is not None:
        alpha = found.expected.attrs["alpha"]
        yield sentence(
            "study.reports.how.expected",
            zones=number_in(float(found.expected.attrs["n"]), digits=0),
            alpha=number_in(alpha, digits=2),
        )
    if found.delays is not None:
        row = found.delays.iloc[-1]
        if row["repeats"]:
            yield sentence(
                "study.reports.how.delay",
                delay=number_in(row["delay"], digits=1),
                low=number_in(row["delay_low"], digits=1),
                high=number_in(row["delay_high"], digits=1),
                life=number_in(asked.life),
                share=lambda lang: catalogue.number(row["never_reported"], lang, digits=0, percent=True),
                repeats=number_in(float(row["repeats"]), digits=0),
            )
