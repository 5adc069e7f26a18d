"""The page of a remedy: before and after on one map, what the plan does in sentences, its sites with their reasons."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice import catalogue, inequality, maps, report
from spatialjustice.remedies.plans.comparison import BEFORE, EVERYBODY
from spatialjustice.report.curves_and_bars import in_every_language
from spatialjustice.study.engine.section import FurtherPage
from spatialjustice.study.engine.setting_types import Cutoff
from spatialjustice.study.engine.texts import cutoff_text, number_in, sentence
from spatialjustice.study.sections.remedies import amounts, page_tables, telling, trading
from spatialjustice.study.sections.remedies.question import FIFTHS, least_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

MUCH = 10
"""A change of so many times the smallest one is called much."""
SHOWN = ("before", "after", "difference")


def pages(results: Results[RemediesKeys], around: Mapping[str, Any]) -> Iterator[FurtherPage]:
    """Yield the page of every remedy."""
    for one in results["remedies"]:
        made = _page(results, one, around)
        yield FurtherPage(
            name=f"remedy.{one.settings.name}.html",
            title=title(results, one),
            line=sentence("remedy.line"),
            made=made,
            picture=maps.thumbnail(results.zones, _ways(results, one)[1]),
        )


def title(results: Results[RemediesKeys], one: RemedyResult) -> Texts:
    """Return what a remedy is called."""
    given = one.settings.title
    if given is not None:
        return {language: catalogue.text_in(given, language) for language in catalogue.LANGUAGES}
    service = results.titles[one.settings.service]
    return sentence(
        "remedy.title.open" if one.opens else "remedy.title.close",
        count=number_in(one.settings.count),
        service=lambda language: catalogue.text_in(service, language),
    )


def _page(results: Results[RemediesKeys], one: RemedyResult, around: Mapping[str, Any]) -> maps.Map:
    before, after = _ways(results, one)
    bars = list(_bars(results, one))
    said = telling.finding(results, one)
    made = report.before_after(
        results.named_zones,
        before,
        after,
        title=title(results, one),
        subtitle=_subtitle(results, one),
        people=one.people,
        least=least_of(one.settings),
        much=MUCH * least_of(one.settings),
        groups={name: (amounts.group_called(results.study, name), part) for name, part in one.groups.items()},
        findings_in_words=dict.fromkeys(SHOWN, said),
        bars=dict.fromkeys(SHOWN, bars),
        curves=_curves(one),
        services=_points(results, one),
        service_titles=_layers(results),
        base=results["streets"].ground,
        **around,
    )
    assert made.page.report is not None  # noqa: S101 - every planner's page has one
    decision = {
        "told": [
            {"lead": in_every_language(lead), "texts": [in_every_language(text) for text in texts]}
            for lead, texts in telling.decision(results, one)
        ],
        "heading": in_every_language(sentence("remedy.sites" if one.opens else "remedy.sites.closed")),
        "sites": [
            {
                "name": in_every_language(name),
                "note": in_every_language(site_reasons(results, one, site)),
                "at": [float(one.why.loc[site, name]) for name in ("latitude", "longitude")],
            }
            for site, name in zip(one.shown.names, site_names(results, one), strict=True)
        ],
        "frontier": trading.frontier_of(one),
        "tables": list(page_tables.of(one)),
    }
    return replace(made, page=replace(made.page, report={**made.page.report, "decision": decision}))


def _subtitle(results: Results[RemediesKeys], one: RemedyResult) -> Texts:
    return sentence(
        "remedy.subtitle",
        mode=sentence(f"remedy.way.{one.settings.unit}", mode=one.mode.phrase).__getitem__,
        people=amounts.people_in(float(one.people.sum())),
        whom=telling.whom_in(results, one),
    )


def _ways(results: Results[RemediesKeys], one: RemedyResult) -> tuple[maps.Indicator, maps.Indicator]:
    """Return the way to the nearest place as it is and as it would be."""
    unit = one.settings.unit
    made = []
    for key, values in (("before", one.before), ("after", one.shown.after)):
        known = values.round(0 if unit == "metres" else 1).where(~results.unknown)
        status = pd.Series(np.where(values.isna(), "unreachable", "ok"), index=values.index, dtype=object)
        away = one.status.reindex(values.index)
        status = status.where(~away.isin(["off_network", "outside_data"]), away)
        made.append(
            maps.Indicator(
                key=key,
                title=_way_title(one),
                values=known,
                unit=unit,
                kind="cost",
                status=status,
                breaks=_breaks(one),
            )
        )
    return made[0], made[1]


def _way_title(one: RemedyResult) -> Texts:
    """Return what ways are called: to the nearest or, where places hold only so many, to where people go."""
    key = "study.way" if one.settings.capacity is None else "remedy.with_room."
    unit = one.settings.unit
    return sentence(f"{key}_{unit}" if one.settings.capacity is None else f"{key}{unit}", mode=one.mode.phrase)


def _breaks(one: RemedyResult) -> list[float]:
    """Return round class limits around those that matter: fine where people are, the last beyond the worst tenth."""
    both = pd.concat([one.before, one.shown.after]).dropna()
    weights = pd.concat([one.people, one.people]).to_numpy()[
        pd.concat([one.before, one.shown.after]).notna().to_numpy()
    ]
    if both.empty or not weights.sum() > 0:
        return [1.0]
    shares = (0.2, 0.4, 0.6, 0.8, 0.95)
    limits = [inequality.weighted_quantile(both.to_numpy(), q=share, people=weights) for share in shares]
    return sorted({_round(float(limit)) for limit in limits if limit > 0}) or [1.0]


def _round(value: float) -> float:
    """Round to a number that is easy to read: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten.

    Examples
    --------
    >>> [_round(value) for value in (0.75, 412.0, 1830.0)]
    [0.8, 400.0, 2000.0]
    """
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return float(f"{min(steps, key=lambda step: abs(step - value / power)) * power:.6g}")


def _curves(one: RemedyResult) -> dict[str, list[report.Curve]]:
    """Return how ways are shared out before and after, as curves."""
    found = {}
    facts = one.compared.xs(EVERYBODY, level="group")
    for key, way, row in (("before", one.before, BEFORE), ("after", one.shown.after, one.shown.goal.key)):
        known = way.notna() & (one.people > 0)
        if not known.any() or not way[known].max() > 0:
            continue
        corners = inequality.lorenz_curve(way[known].to_numpy(), people=one.people[known].to_numpy())
        found[key] = [report.Curve(corners, float(cast("Any", facts.loc[row, "gini"])), _way_title(one))]
    return found


def _bars(results: Results[RemediesKeys], one: RemedyResult) -> Iterator[report.Bars]:
    if one.groups:
        yield _group_bars(results, one)
    if one.marginal is not None and one.shown.goal.name != "within cutoff":
        rows = [
            {
                "label": sentence("remedy.bars.step", count=number_in(int(row["count"]))),
                "value": row["gain"],
                "note": amounts.way_in(one, row["value"]),
            }
            for _, row in one.marginal.iterrows()
        ]
        yield report.Bars([{**row, "note": _texts(row["note"])} for row in rows], _with_unit(one, "remedy.bars.steps"))


def _texts(said: Any) -> Texts:
    return {language: said(language) for language in catalogue.LANGUAGES}


def _with_unit(one: RemedyResult, key: str) -> Texts:
    unit = one.settings.unit
    return sentence(key, unit=lambda language: catalogue.words(language)[f"unit.{unit}.short"])


def site_name(one: RemedyResult, site: Any) -> Texts:
    """Return what a site is called: what it is near to, or where it lies."""
    row = one.why.loc[site]
    if row["near"]:
        names = {language: str(row["near_fa"] if language == "fa" else row["near"]) for language in catalogue.LANGUAGES}
        own = not one.opens and row["own"]
        return dict(names) if own else sentence("remedy.site", name=names.__getitem__)
    return sentence(
        "remedy.site.unnamed",
        latitude=number_in(float(row["latitude"]), digits=4),
        longitude=number_in(float(row["longitude"]), digits=4),
    )


def site_names(results: Results[RemediesKeys], one: RemedyResult) -> list[Texts]:
    """Return what the sites are called; those near to nothing with a name by the zone that they lie in."""
    zones = results.named_zones
    points = one.points.loc[list(one.shown.names)].to_crs(zones.crs)
    found = []
    for site, point in points.geometry.items():
        inside = zones.index[zones.geometry.intersects(point)]
        name = zones.loc[inside[0], "name"] if len(inside) and "name" in zones else None
        if one.why.loc[site, "near"] or not isinstance(name, str) or not name:
            found.append(site_name(one, site))
            continue
        persian = zones.loc[inside[0], "name_fa"] if "name_fa" in zones else None
        found.append({"en": name, "fa": persian if isinstance(persian, str) and persian else name})
    return found


def site_reasons(results: Results[RemediesKeys], one: RemedyResult, site: Any) -> Texts:
    """Return why a site is in the plan: whom it serves, how far they are now, how stable it is, what it would cost."""
    row = one.why.loc[site]
    told = [
        sentence(
            "remedy.site.serves" if one.opens else "remedy.site.served",
            people=amounts.people_in(float(row["people_served"])),
        )
    ]
    if one.opens and not math.isnan(row["mean_before"]):
        ways = {name: amounts.way_in(one, float(row[f"mean_{name}"])) for name in ("before", "after")}
        told.append(sentence("remedy.site.ways", **ways))
    if one.opens and one.limit is not None and row["people_far"] > 0:
        limit = Cutoff(value=one.limit, unit="m" if one.settings.unit == "metres" else "min")
        parts = {"people": amounts.people_in(float(row["people_far"])), "limit": cutoff_text(limit).__getitem__}
        told.append(sentence("remedy.site.far", **parts))
    for name in one.groups:
        # Of the parts by income the poorest is told of; of the study's own groups each.
        if name.endswith(f" of {FIFTHS}") and not name.startswith("1 "):
            continue
        share = row[f"group: {name}"] / row["people_served"] if row["people_served"] > 0 else 0.0
        group = amounts.group_called(results.study, name)
        told.append(sentence("remedy.site.share", share=amounts.share_in(share, 0), group=group.__getitem__))
    if one.stability is not None and site in one.stability.index:
        share = float(one.stability.loc[site, "share_near"])
        settings = number_in(len(one.stability.attrs["settings"]))
        told.append(sentence("remedy.site.stable", share=amounts.share_in(share, 0), settings=settings))
    if one.prices is not None and site in one.prices.index:
        price = max(float(one.prices.loc[site, "price"]), 0.0)
        told.append(sentence("remedy.site.price", price=amounts.value_in(one, price)))
    return {
        language: catalogue.words(language)["remedy.between"].join(text[language] for text in told)
        for language in catalogue.LANGUAGES
    }


def _group_bars(results: Results[RemediesKeys], one: RemedyResult) -> report.Bars:
    after = one.compared.xs(one.shown.goal.key, level="plan")
    before: Any = one.compared.xs(BEFORE, level="plan")
    rows = [
        {
            "label": amounts.group_called(results.study, str(name)),
            "value": row["mean"],
            "note": sentence("remedy.bars.group_note", before=amounts.way_in(one, before.loc[name, "mean"])),
        }
        for name, row in after.iterrows()
    ]
    return report.Bars(rows, _with_unit(one, "remedy.bars.groups"))


def _points(results: Results[RemediesKeys], one: RemedyResult) -> gpd.GeoDataFrame:
    """Return the places that are there, and those that open or close, in the order of their rank."""
    places = results.services[results.services["service"] == one.settings.service]
    there = gpd.GeoDataFrame(
        {"service": one.settings.service, "name": places["name"]}, geometry=places.geometry, crs=places.crs
    ).to_crs(4326)
    kind = "new_places" if one.opens else "closed_places"
    chosen = one.points.loc[list(one.shown.names)]
    names = site_names(results, one)
    added = gpd.GeoDataFrame(
        {"service": kind, "name": _numbered(names, "en"), "name_fa": _numbered(names, "fa")},
        geometry=chosen.geometry.to_crs(4326).array,
        index=[f"{kind}/{site}" for site in one.shown.names],
        crs=4326,
    )
    if not one.opens:
        there = there.drop(index=[site for site in one.shown.names if site in there.index])
    return gpd.GeoDataFrame(pd.concat([there, added]), crs=4326)


def _numbered(names: list[Texts], language: str) -> list[str]:
    return [f"{catalogue.number(place, language)}. {name[language]}" for place, name in enumerate(names, start=1)]


def _layers(results: Results[RemediesKeys]) -> dict[str, Texts]:
    return {
        **results.titles,
        "new_places": sentence("remedy.layer.new"),
        "closed_places": sentence("remedy.layer.closed"),
    }
