"""What is known of a place in the frame of components and dimensions, and what goes with what there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import cities, digital, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.catalogue import indicators
from spatialjustice.catalogue.indicator_texts import listed
from spatialjustice.study.engine.outcome import KnownIndicator
from spatialjustice.study.sections.frame.settings import HOLDS
from spatialjustice.study.sections.space.compute import neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from spatialjustice._core.findings import Finding
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.frame.settings import Explanation, FrameKeys, FrameOutcome, Layer, Relations


@dataclass(frozen=True)
class FrameFound:
    """What was found of the frame.

    ``known`` are the indicators by zone or for the place; ``profiles`` are made of those that count people, and of
    those that count households; ``effects`` and ``matrix`` are None where no relations are asked for.
    """

    known: dict[str, KnownIndicator]
    profiles: list[pd.DataFrame]
    effects: pd.DataFrame | None = None
    matrix: pd.DataFrame | None = None
    titles: dict[str, Any] = field(default_factory=dict)

    def profile(self, lang: str) -> pd.DataFrame:
        """Return the place in nine cells, in the words of a language."""
        return cities.city_profile(self.profiles, lang=lang)


def check(work: Work[FrameKeys]) -> list[Any]:
    """See that the columns hold what the study says, where the people have been counted.

    Raises
    ------
    InputError
        When one of them does not.
    """
    asked, frame, people = work.study.frame, work["zones"], work.get("people")
    if asked is not None and people is not None:
        known = {
            key: _of_zones(key, one, frame, people) for key, one in asked.indicators.items() if one.column is not None
        }
        _profiles(known)
    return []


def compute(work: Work[FrameKeys]) -> FrameFound:
    """Gather what is known, and find what goes with what."""
    asked = work.study.frame
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    known = {one.key: one for one in work.gathered("indicators")}
    values = _measured(work)
    known |= {key: _known(key, one, values, work) for key, one in asked.indicators.items()}
    found = FrameFound(known, _profiles(known))
    if asked.effects is None:
        return found
    kept = work.step("what goes with what", lambda: _kept(_effects(asked.effects, known, values, work)))
    made = _again(kept)
    return FrameFound(known, found.profiles, made, cities.effect_matrix(made, lang=work.study.languages[0]))


def _measured(work: Work[FrameKeys]) -> dict[str, pd.Series[Any]]:
    """Return what other parts of the study measure by zone, by name, and the way to every service by the first mode."""
    values: dict[str, pd.Series[Any]] = dict(work.gathered("values"))
    first = work.study.modes[0].key
    for one in work.gathered("outcomes"):
        if one.what == "way" and one.mode == first:
            values.setdefault(f"way_to_{one.service}", one.amounts)
    return values


def _one_of(name: str, values: Mapping[str, pd.Series[Any]]) -> pd.Series[Any]:
    if name not in values:
        raise InputError(
            name,
            "no part of the study measures it by zone",
            f"Name one of {listed(values, 'en')}." if values else "No part of this study offers anything by zone.",
        )
    found = values[name].astype(float)
    found.attrs = {}
    return found


def _known(key: str, one: Layer, values: Mapping[str, pd.Series[Any]], work: Work[FrameKeys]) -> KnownIndicator:
    """Return an indicator that the study file names."""
    if one.measured is not None:
        return KnownIndicator(key, _one_of(one.measured, values), work["people"])
    if one.number is not None:
        return KnownIndicator(key, one.number, work["people"])
    if one.column is not None:
        return _of_zones(key, one, work["zones"], work["people"])
    return KnownIndicator(key, _of_service(key, one, work), work["people"])


def _of_zones(key: str, one: Layer, frame: gpd.GeoDataFrame, people: pd.Series[Any]) -> KnownIndicator:
    """Return an indicator that is a column of the zones, of people or of households."""
    layer = _of_column(key, one, frame)
    if one.households is None:
        return KnownIndicator(key, layer, people)
    return KnownIndicator(key, layer, sources.population_from_column(frame, one.households), "households")


def _of_column(key: str, one: Layer, frame: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return a column in the unit of the catalogue."""
    assert one.column is not None  # noqa: S101 - nobody else calls
    given = frame[one.column]
    values = pd.to_numeric(given, errors="coerce")
    lost = values.isna() & given.notna()
    if lost.any():
        raise InputError(
            one.column,
            f"{int(lost.sum()):,} values of {key} are no numbers, the first is {given[lost].iloc[0]!r}",
            "Name a column of numbers.",
            rows=frame.index[lost],
        )
    made: pd.Series[Any] = values * HOLDS[one.holds or "amount"]
    made.attrs = {name: frame.attrs[name] for name in ("sources",) if name in frame.attrs}
    return made


def _of_service(key: str, one: Layer, work: Work[FrameKeys]) -> pd.Series[Any]:
    """Return who has a place of a service within the limit, or the way to it where the catalogue counts minutes."""
    study = work.study
    mode = next((mode for mode in study.modes if mode.key == one.mode), study.modes[0])
    item = next(item for item in work["reach"] if (item.mode.key, item.service) == (mode.key, one.service))
    unit = indicators()[key]["unit"]
    outside = item.status == "outside_data"
    if unit in item.closest:
        way: pd.Series[Any] = item.closest[unit].astype(float).mask(outside)
        way.attrs = {}
        return way
    if unit != "share":
        raise InputError(
            key, f"it is counted in {unit}, which no way to {one.service} tells", "Name a column or a number instead."
        )
    within: pd.Series[Any] = item.within(one.within or study.widest(mode)).astype(float).mask(outside)
    if not item.places:
        within = within * float("nan")
    within.attrs = {}
    return within


def _profiles(known: Mapping[str, KnownIndicator]) -> list[pd.DataFrame]:
    """Make one profile for each thing that is counted, people first; without indicators all is missing."""
    alike: list[list[KnownIndicator]] = [[one for one in known.values() if one.unit == "people"]]
    for one in known.values():
        if one.unit == "people":
            continue
        same = [group for group in alike[1:] if group[0].unit == one.unit and group[0].counted.equals(one.counted)]
        if same:
            same[0].append(one)
        else:
            alike.append([one])
    return [
        digital.smart_city_profile(
            {one.key: one.layer for one in group}, weights=group[0].counted if group else None
        ).assign(counts=group[0].unit if group else "people")
        for group in alike
    ]


def _effects(
    asked: Relations | None,
    known: Mapping[str, KnownIndicator],
    values: Mapping[str, pd.Series[Any]],
    work: Work[FrameKeys],
) -> pd.DataFrame:
    """Fit a model for each pair over all zones where somebody lives."""
    assert asked is not None  # noqa: S101 - nobody else calls
    frame, people = work["zones"], work["people"]
    lived_in = people.index[people > 0]
    table, described = pd.DataFrame(index=lived_in), []
    for one, kind in ((asked.explanations, "component"), (asked.outcomes, "dimension")):
        said: dict[str, Any] = {}
        for name, told in one.items():
            measured = _one_of(name, values) if told.measured else None
            table[name], said[name] = _variable(name, told, kind, measured, known, frame)
        described.append(said)
    for name in asked.controls:
        table[name] = pd.to_numeric(frame[name], errors="coerce").reindex(lived_in)
    found = cities.effects(
        table,
        *described,
        controls=asked.controls,
        people=people.loc[lived_in],
        regions=None if asked.regions is None else frame.loc[lived_in, asked.regions],
        neighbours=neighbours(work.study, frame, work["streets"], people),
        method=asked.method,
        rng=work.seed,
    )
    found.attrs.pop("sources", None)
    return found


def _kept(effects: pd.DataFrame) -> dict[str, Any]:
    """Return the table as what a stopped run can keep: plain rows, and what the table says of itself."""
    rows = effects.reset_index()
    rows.attrs = {}
    return {"rows": rows, "attrs": dict(effects.attrs)}


def _again(kept: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table that was kept."""
    effects: pd.DataFrame = kept["rows"].set_index(["indicator", "outcome"])
    effects.attrs = dict(kept["attrs"])
    return effects


def _variable(
    name: str,
    told: Explanation | FrameOutcome,
    kind: str,
    measured: pd.Series[Any] | None,
    known: Mapping[str, KnownIndicator],
    frame: gpd.GeoDataFrame,
) -> tuple[pd.Series[Any], dict[str, Any]]:
    """Return the numbers of a variable and what is said of it."""
    layer = measured if measured is not None else known[name].layer if name in known else None
    if not isinstance(layer, pd.Series) and name not in frame:
        raise InputError(
            name,
            "it is no column of the zones, and no indicator that is known by zone",
            f"Name a column, or one of {listed(known, 'en') or 'the indicators under frame: indicators'}.",
        )
    values = layer if isinstance(layer, pd.Series) else pd.to_numeric(frame[name], errors="coerce")
    said: dict[str, Any] = {kind: getattr(told, kind), "title": told.title, "step": told.step}
    said |= {"direction": told.better, "unit": told.holds if told.holds in ("share", "percent") else told.unit}
    return values.astype(float), {key: value for key, value in said.items() if value is not None}


def findings(work: Work[FrameKeys]) -> Iterable[Finding]:
    """Return what a reader must know of profile and relations; what other sections know they say themselves."""
    found: FrameFound = work["frame"]
    own = ("pairs_not_estimated", "residuals_dependent", "relations_of_areas")
    return [one for one in findings_of(found.effects) if one.code in own] if found.effects is not None else []
