"""The pages of a study: one map per language and an index of everything that was made."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from spatialjustice import access, catalogue, maps
from spatialjustice._core import files
from spatialjustice.study import outputs

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from spatialjustice._core.files import OutputFolder
    from spatialjustice.study.run import Results
    from spatialjustice.study.settings import Study
    from spatialjustice.study.steps import Reach

    Text = dict[str, str]

MOST_LIMITS = 5
"""Class limits that a reader can still tell apart on a map."""


def _said(key: str, **parts: Callable[[str], str]) -> Text:
    """Return a catalogue sentence in every language, its gaps filled by functions of the language."""
    return {
        language: catalogue.words(language)[key].format(**{name: part(language) for name, part in parts.items()})
        for language in catalogue.LANGUAGES
    }


def _number(value: float) -> Callable[[str], str]:
    return lambda language: catalogue.number(value, language)


def _limit(value: float, unit: str) -> Callable[[str], str]:
    """Write a cutoff with its unit, for example ``500 m``."""
    return lambda language: f"{catalogue.number(value, language)} {catalogue.words(language)[f'unit.{unit}.short']}"


def _breaks(study: Study, unit: str) -> list[float] | None:
    """Return class limits for costs: the cutoffs, with the middles between them while that makes few classes."""
    factor = 1.0 if unit == "metres" else 60 / (1000 * study.speed)
    limits = sorted({cutoff.metres(study.speed) * factor for cutoff in study.cutoffs})
    halved = [limit for low, high in pairwise([0.0, *limits]) for limit in ((low + high) / 2, high)]
    if len(halved) <= MOST_LIMITS:
        return halved
    return limits if len(limits) <= MOST_LIMITS else None


def indicators(results: Results) -> list[maps.Indicator]:
    """Return everything the map can show: cost, counts and clusters of each service, then the people.

    Zones of unknown population are shown as “no data”, not as empty ones.
    """
    study = results.study
    unit = "minutes" if all(cutoff.unit == "min" for cutoff in study.cutoffs) else "metres"
    made: list[maps.Indicator] = []
    for item in results.reached:
        made += _of_service(results, item, results.titles[item.service], unit)
    people = maps.Indicator(
        key="people",
        group=_said("study.population"),
        title=_said("study.people_estimated" if results.estimated else "measure.people.title"),
        unit="people",
        kind="people",
        values=results.people,
        note=_said("study.estimated_note") if results.estimated else "",
    )
    known = ~results.unknown
    return [_masked(item, known) for item in [*made, people]]


def _masked(item: maps.Indicator, known: pd.Series[bool]) -> maps.Indicator:
    series = {name: getattr(item, name) for name in ("values", "status")}
    return replace(item, **{name: value.where(known) for name, value in series.items() if value is not None})


def _of_service(results: Results, item: Reach, group: Text, unit: str) -> list[maps.Indicator]:
    study = results.study
    common: dict[str, Any] = {"group": group, "service": item.service}
    made = []
    if "cost_to_closest" in study.measures:
        made.append(
            maps.Indicator(
                key=f"{item.service}_{unit}",
                title=_said(f"study.nearest_{unit}"),
                unit=unit,
                kind="cost",
                values=item.metres if unit == "metres" else item.minutes,
                status=item.status,
                breaks=_breaks(study, unit),
                **common,
            )
        )
    if "cumulative_cutoff" in study.measures:
        for cutoff in study.cutoffs:
            within = _limit(cutoff.value, "metres" if cutoff.unit == "m" else "minutes")
            status = access.status(item.costs, cutoff=cutoff.metres(study.speed), people=results.people)
            made.append(
                maps.Indicator(
                    key=f"{item.service}_within_{cutoff.key}",
                    title=_said("study.places_within", limit=within),
                    unit="opportunities",
                    kind="count",
                    values=item.counts[cutoff.key],
                    status=status,
                    **common,
                )
            )
    if item.service in results.local:
        made.append(_clusters(results, item, common))
    return made


def _clusters(results: Results, item: Reach, common: dict[str, Any]) -> maps.Indicator:
    found = results.local[item.service].reindex(results.zones.index)
    labels: pd.Series[Any] = found["label"].astype(object)
    study = results.study
    return maps.Indicator(
        key=f"{item.service}_clusters",
        title=_said("study.clusters"),
        kind="lisa",
        values=found["statistic"],
        labels=labels.where(labels.notna(), "no data"),
        status=item.status.where(results.people == 0),
        note=_said(
            "study.clusters_note",
            permutations=_number(study.permutations),
            seed=lambda language: catalogue.digits(str(results.seed), language),
        ),
        **common,
    )


def write(results: Results, folder: OutputFolder) -> None:
    """Make the map of every language and the index that leads to them."""
    study = results.study
    shown = indicators(results)
    record = outputs.record(results)
    streets = drawn_streets(results)
    names: dict[str, str] = {language: f"map.{language}.html" for language in study.languages}
    for language in study.languages:
        page = maps.atlas(
            results.zones,
            shown,
            title=study.title,
            subtitle=subtitle(results),
            services=results.services,
            service_titles=results.titles,
            streets=streets,
            base=results.base,
            place=results.place,
            people=results.people,
            sources=results.sources,
            findings=results.findings,
            provenance=record,
            lang=language,
            alternate={other: name for other, name in names.items() if other != language},
        )
        page.save(folder.path(names[language]))
    files.write_text(folder.path("index.html"), index(results, folder, names))


def drawn_streets(results: Results) -> gpd.GeoSeries:
    """Return the streets that were walked, joined to long lines and simplified by two metres, to be drawn only."""
    edges = results.network.edges
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges.geometry.array.to_numpy())))
    return gpd.GeoSeries(shapely.simplify(lines, 2.0, preserve_topology=False), crs=edges.crs)


def index(results: Results, folder: OutputFolder, names: dict[str, str]) -> str:
    """Return the first page of the results: the maps, the tables and the record, a line each."""
    language = results.study.languages[0]
    entries = [
        maps.Entry(
            name,
            catalogue.text_in(results.study.title, other),
            "map",
            _counts(len(results.reached)),
            _size(folder, name),
        )
        for other, name in names.items()
    ]
    for name in (*(f"{table}.csv" for table in outputs.TABLES), "zones.gpkg"):
        key = f"study.table.{name.removesuffix('.csv').replace('.', '_')}"
        path = f"tables/{name}"
        entries.append(maps.Entry(path, name, "table", _said(key), _size(folder, path)))
    entries.append(maps.Entry(files.MANIFEST, files.MANIFEST, "record", _said("study.table.provenance")))
    return maps.index_page(
        entries,
        title=results.study.title,
        subtitle=subtitle(results),
        lang=language,
        findings=results.findings,
        sources=results.sources,
    )


def _counts(services: int) -> Text:
    return _said("study.map_line", services=_number(services))


def _size(folder: OutputFolder, name: str) -> str:
    size = folder.path(name).stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def subtitle(results: Results) -> Text:
    """Return one line about people and zones, which says so where the people are an estimate."""
    return _said(
        "study.subtitle_estimated" if results.estimated else "study.subtitle",
        people=lambda language: catalogue.number(float(results.people.sum()), language, digits=0),
        zones=_number(len(results.zones)),
    )
