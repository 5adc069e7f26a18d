"""The pages of a study: one map per mode and language, and an index of everything that was made."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from markupsafe import Markup

from spatialjustice import access, catalogue, maps, report
from spatialjustice._core import files
from spatialjustice.study import digital_pages, outputs, space, told
from spatialjustice.study.moving import by
from spatialjustice.study.parts import OwnService

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from spatialjustice._core.files import OutputFolder
    from spatialjustice._core.keep import Kept
    from spatialjustice.study.catchments import Caught
    from spatialjustice.study.justice_parts import Neighbours
    from spatialjustice.study.moving import Reach, Streets
    from spatialjustice.study.parts import Cutoff, Decay, Travel
    from spatialjustice.study.run import Results

    Text = dict[str, str]

MOST_LIMITS = 5
"""Class limits that a reader can still tell apart on a map."""

AMOUNT = "amount"
"""The maps' unit of what a user's own column counts: a plain number, named by its title alone."""


def _number(value: float) -> Callable[[str], str]:
    return lambda language: catalogue.number(value, language)


def _by(mode: Travel) -> Callable[[str], str]:
    return lambda language: by(mode, language)


def _limit(cutoff: Cutoff) -> Callable[[str], str]:
    return lambda language: told.limit_of(cutoff)[language]


def _breaks(cutoffs: Sequence[Cutoff], unit: str) -> list[float] | None:
    """Return class limits for costs: the cutoffs, with the middles between them while that makes few classes."""
    limits = sorted({cutoff.value for cutoff in cutoffs if cutoff.measure == unit})
    halved = [limit for low, high in pairwise([0.0, *limits]) for limit in ((low + high) / 2, high)]
    if len(halved) <= MOST_LIMITS:
        return halved
    return limits if len(limits) <= MOST_LIMITS else None


def indicators(results: Results, mode: Travel) -> list[maps.Indicator]:
    """Return everything the map of a mode can show: cost, counts and clusters of services, catchments, the people.

    Zones of unknown population are shown as “no data”, not as empty ones.
    """
    made: list[maps.Indicator] = []
    for item in results.reached:
        if item.mode.key == mode.key:
            made += _of_service(results, item)
    made += [_of_catchment(one) for one in results.caught if one.mode.key == mode.key]
    made += digital_pages.indicators(results)
    people = maps.Indicator(
        key="people",
        group=told.said("study.population"),
        title=told.said("study.people_estimated" if results.estimated else "measure.people.title"),
        unit="people",
        kind="people",
        values=results.people,
        note=told.said("study.estimated_note") if results.estimated else "",
    )
    known = ~results.unknown
    return [_masked(item, known) for item in [*made, people]]


def _masked(item: maps.Indicator, known: pd.Series[bool]) -> maps.Indicator:
    series = {name: getattr(item, name) for name in ("values", "status")}
    return replace(item, **{name: value.where(known) for name, value in series.items() if value is not None})


def _of_service(results: Results, item: Reach) -> list[maps.Indicator]:
    study = results.study
    cutoffs = study.cutoffs_of(item.mode)
    common: dict[str, Any] = {"group": results.titles[item.service], "service": item.service}
    counted = {one.name for one in study.services if isinstance(one, OwnService) and one.count}
    made = []
    if "cost_to_closest" in study.measures:
        made.append(
            maps.Indicator(
                key=f"{item.service}_{item.unit}",
                title=told.said(f"study.way_{item.unit}", mode=_by(item.mode)),
                unit=item.unit,
                kind="cost",
                values=item.closest[item.unit],
                status=item.status,
                breaks=_breaks(cutoffs, item.unit),
                **common,
            )
        )
    if "cumulative_cutoff" in study.measures:
        for cutoff in cutoffs:
            status = access.status(item.costs[cutoff.measure], cutoff=cutoff.value, people=results.people)
            made.append(
                maps.Indicator(
                    key=f"{item.service}_within_{cutoff.key}",
                    title=told.said("study.places_within", limit=_limit(cutoff)),
                    unit=AMOUNT if item.service in counted else "opportunities",
                    kind="count",
                    values=item.counts[cutoff.key],
                    status=status,
                    **common,
                )
            )
    # The first local statistic is mapped; the others are in the table of zones.
    mapped = (item.mode.key, item.service, space.of(study).local[0])
    if mapped in results.local:
        made.append(_clusters(results, item, mapped, common))
    return made


def _clusters(results: Results, item: Reach, mapped: tuple[str, str, str], common: dict[str, Any]) -> maps.Indicator:
    settings = space.of(results.study)
    found = results.local[mapped].reindex(results.zones.index)
    labels: pd.Series[Any] = found["label"].astype(object)
    return maps.Indicator(
        key=f"{item.service}_clusters",
        title=told.said("study.way_clusters"),
        kind="lisa",
        values=found["statistic"],
        labels=labels.where(labels.notna(), "no data"),
        status=item.status.where((results.people == 0) | (item.status == "outside_data")),
        note=told.said(
            f"study.way_clusters_{item.unit}_note",
            statistic=_word(f"study.statistic.{mapped[2]}"),
            mode=_by(item.mode),
            neighbours=_neighbours(settings.neighbours),
            level=lambda language: catalogue.number(settings.significance, language, percent=True),
            adjusted=_word(f"study.adjusted.{settings.adjust}"),
            permutations=_number(results.study.permutations),
            seed=lambda language: catalogue.digits(str(results.seed), language),
        ),
        **common,
    )


def _word(key: str) -> Callable[[str], str]:
    return lambda language: catalogue.words(language)[key]


def _neighbours(rule: Neighbours) -> Callable[[str], str]:
    """Write which zones are neighbours."""
    if rule.nearest is not None:
        count = float(rule.nearest)
        return lambda language: told.said("study.neighbours.nearest", count=_number(count))[language]
    for name, limit in (("distance", rule.distance), ("travel_time", rule.travel_time)):
        if limit is not None:
            return lambda language: told.said(f"study.neighbours.{name}", limit=_limit(limit))[language]
    return _word("study.neighbours.contiguity")


def _of_catchment(one: Caught) -> maps.Indicator:
    settings = one.settings
    title = settings.title or settings.name.replace("_", " ").capitalize()
    # Places are counted in places; what a user's own column counts, only its title can tell.
    counted = one.supply == one.places or not one.places
    return maps.Indicator(
        key=f"{settings.name}_catchment",
        group=title,
        title=told.said("study.catchment_places" if counted else "study.catchment_supply", mode=_by(one.mode)),
        unit="opportunities" if counted else AMOUNT,
        kind="count",
        values=one.per_ten_thousand,
        status=one.status,
        note=told.said(
            "study.catchment_note",
            decay=_decay(settings.decay),
            method=lambda _: settings.method.upper(),
        ),
        service=settings.services[0],
    )


def _decay(decay: Decay) -> Callable[[str], str]:
    """Write how much a place counts at which cost."""
    if decay.stepped is None:
        return lambda language: told.said(f"study.decay.{decay.kind}", limit=_limit(decay.limit))[language]
    steps = list(zip(decay.steps, decay.weights, strict=True))
    return lambda language: catalogue.words(language)["language.comma"].join(
        told.said("study.decay.step", weight=_number(weight), limit=_limit(limit))[language] for limit, weight in steps
    )


def page_names(results: Results) -> dict[str, str]:
    """Return the file name of every map by mode: ``map.html``, ``map.bicycle.html``; each is in every language."""
    first = results.study.modes[0].key
    return {mode.key: f"map.{'' if mode.key == first else mode.key + '.'}html" for mode in results.study.modes}


def write(results: Results, folder: OutputFolder, tables: list[str], kept: Kept) -> None:
    """Make the map of every mode, and the index that leads to them and to the tables."""
    study = results.study
    record = outputs.record(results)
    names = page_names(results)
    # Cells of a table are the zones themselves: points in all of their middles would only hide them.
    cells = [item.name for item in study.services if isinstance(item, OwnService) and item.h3]
    places = results.services[~results.services["service"].isin(cells)]
    groups = told.groups(results)
    pictures = {}
    for mode in study.modes:
        name = names[mode.key]
        made, picture = kept.read(name), kept.read(f"{name}.svg")
        if made is not None and picture is not None:
            files.write_bytes(folder.path(name), made)
            pictures[mode.key] = Markup(picture.decode())  # noqa: S704 - our own thumbnail
            kept.skipped.append(name)
            continue
        shown = indicators(results, mode)
        keys = {item.key for item in shown}
        page = report.planner_page(
            results.zones,
            shown,
            title=study.title,
            subtitle=subtitle(results, mode),
            people=results.people,
            limits=told.limits(results, mode),
            curves={key: made for key, made in told.curves(results, mode).items() if key in keys},
            bars={key: made for key, made in told.bars(results, mode).items() if key in keys},
            groups=groups,
            method=told.method(results, mode),
            services=places,
            service_titles=results.titles,
            streets=drawn_streets(results.networks[mode.key]),
            base=results.base,
            place=results.place,
            sources=results.sources,
            findings=results.findings,
            provenance=record,
            lang=study.languages[0],
            languages=study.languages,
        )
        pictures[mode.key] = maps.thumbnail(results.zones, shown[0])
        kept.write(f"{name}.svg", str(pictures[mode.key]).encode())
        kept.write(name, page.save(folder.path(name)).read_bytes())
    files.write_text(folder.path("index.html"), index(results, folder, names, tables, pictures))


def drawn_streets(streets: Streets) -> gpd.GeoSeries:
    """Return the streets that can be used, joined to long lines and simplified by two metres, to be drawn only."""
    edges = streets.edges
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges.geometry.array.to_numpy())))
    return gpd.GeoSeries(shapely.simplify(lines, 2.0, preserve_topology=False), crs=edges.crs)


def index(
    results: Results, folder: OutputFolder, names: dict[str, str], tables: list[str], pictures: dict[str, Markup]
) -> str:
    """Return the first page of the results: the maps, the tables and the record, a line each."""
    study = results.study
    entries = []
    for mode in study.modes:
        key = "study.by_map_line_catchments" if study.catchments_of(mode) else "study.by_map_line"
        line = told.said(key, mode=_by(mode))
        if results.digital is not None:
            line = told.said("study.map_line_connections", line=line.__getitem__)
        title = _map_title(results, mode)
        size = _size(folder, names[mode.key])
        entries.append(maps.Entry(names[mode.key], title, "map", line, size, pictures.get(mode.key, "")))
    for name in tables:
        key = f"study.table.{name.removesuffix('.csv').replace('.', '_')}"
        path = f"tables/{name}"
        entries.append(maps.Entry(path, name, "table", told.said(key), _size(folder, path)))
    entries.append(maps.Entry(files.MANIFEST, files.MANIFEST, "record", told.said("study.table.provenance")))
    return maps.index_page(
        entries,
        title=study.title,
        subtitle=subtitle(results),
        lang=study.languages[0],
        languages=study.languages,
        findings=results.findings,
        sources=results.sources,
    )


def _map_title(results: Results, mode: Travel) -> Text:
    """Return the study's title, and the mode where there are several."""
    several = len(results.study.modes) > 1
    return {
        language: catalogue.text_in(results.study.title, language) + (f" – {by(mode, language)}" if several else "")
        for language in catalogue.LANGUAGES
    }


def _size(folder: OutputFolder, name: str) -> str:
    size = folder.path(name).stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def subtitle(results: Results, mode: Travel | None = None) -> Text:
    """Return one line about people and zones, after the mode where there are several of them.

    It says so where the people are an estimate.
    """
    line = told.said(
        "study.subtitle_estimated" if results.estimated else "study.subtitle",
        people=lambda language: catalogue.number(float(results.people.sum()), language, digits=0),
        zones=_number(len(results.zones)),
    )
    if mode is None or len(results.study.modes) == 1:
        return line

    def called(language: str) -> str:
        phrase = by(mode, language)
        return phrase[0].upper() + phrase[1:]

    return told.said("study.by_subtitle", mode=called, subtitle=lambda language: line[language])
