"""What the section ``environment`` of a study asks for, zone by zone and group by group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, digital, environment, inequality, sources
from spatialjustice._core.errors import StudyError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.study.engine.outcome import KnownIndicator
from spatialjustice.study.sections.environment.settings import SCORE
from spatialjustice.study.sections.inequality.compared_groups import compared_groups
from spatialjustice.study.sections.inequality.settings import Inequality
from spatialjustice.study.sections.people.settings import Raster
from spatialjustice.study.sections.zones.reading import require_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.environment.settings import Change, Environment, EnvironmentKeys, Layer

    Parts = list[tuple[str, inequality.Groups]]


ENOUGH, FEWEST = 999, 99
"""Draws behind p-values, which no fewer make fine enough to be adjusted, and behind any interval."""

TOLD_ONCE = {"ecological", "people_of_unknown_group", "people_without_value"}
"""Findings of every group, which tables and sentences of this section tell in their own words."""


@dataclass(frozen=True)
class Burdens:
    """What a study found out about the environment: frames on the zones, empty or None where nobody asked for them.

    ``layers`` are exposures and characteristics of each zone by name; ``changes`` are tables of zones by name.
    """

    layers: dict[str, pd.Series[Any]]
    changes: dict[str, pd.DataFrame] = field(default_factory=dict)
    by_group: pd.DataFrame = field(default_factory=pd.DataFrame)
    above: pd.DataFrame = field(default_factory=pd.DataFrame)
    concentration: pd.DataFrame = field(default_factory=pd.DataFrame)
    score: pd.DataFrame | None = None
    justice: pd.DataFrame | None = None
    burden: pd.Series[Any] | None = None
    burdened: pd.Series[Any] | None = None
    near: pd.Series[Any] | None = None
    both: pd.DataFrame | None = None
    both_groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: list[Finding] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)


def check(work: Work[EnvironmentKeys]) -> list[Any]:
    """Read the exposures, so that what is wrong with them is told before anything is computed."""
    settings = work.study.environment
    if settings is None or work.get("people") is None:
        return []
    layers, changes = _read(work, settings)
    return [*layers.values(), *changes.values()]


def compute(work: Work[EnvironmentKeys]) -> Burdens:
    """Do what the section asks for."""
    study, people = work.study, work["people"]
    settings = study.environment
    assert settings is not None  # noqa: S101 - the section is not asked for otherwise
    layers, changes = _read(work, settings)
    parts = _parts(work)
    exposures = {name: layers[name] for name in settings.exposures}
    measured = {**exposures, **{name: _changed(frame) for name, frame in changes.items()}}
    how = study.inequality or Inequality.model_validate({})
    draws: dict[str, Any] = {"rng": work.seed, "replications": _draws(how.replications, ENOUGH), "level": how.level}
    by_group = _by_group(measured, parts, how.suppress_below, draws)
    above = _above(settings, exposures, parts, how.suppress_below, draws)
    concentration = pd.DataFrame()
    rank = work["groups"].rank
    if rank is not None:
        often = {**draws, "replications": _draws(how.replications, FEWEST)}
        concentration = environment.burden_concentration(measured, rank_by=rank.astype(float), people=people, **often)
    score = _score(settings, layers, people)
    justice = None
    if settings.ejscreen is not None:
        lived_in = people > 0
        shares = {
            name: (work["groups"].counts[name] / people.where(lived_in)).clip(0, 1)
            for name in settings.ejscreen.demographic
        }
        chosen = {name: layers[name] for name in settings.ejscreen.exposures}
        justice = environment.ejscreen_index(chosen, demographic=shares, people=people)
    met = _burden_and_access(work, settings, layers, score, parts) if settings.burden_and_access else {}
    made = [*layers.values(), *changes.values(), by_group, above, concentration, score, justice, met.get("both")]
    carried = [one for one in made if one is not None]
    _account(work, exposures, people)
    return Burdens(
        layers, changes, by_group, above, concentration, score, justice, **met,
        findings=_findings(carried, layers, people), sources=sources_of(*carried),
    )  # fmt: skip


def values(work: Work[EnvironmentKeys]) -> list[tuple[str, pd.Series[Any]]]:
    """Return what is measured by zone, by its name: exposures, characteristics, and what changed."""
    found: Burdens = work["environment"]
    return [*found.layers.items(), *((name, _changed(frame)) for name, frame in found.changes.items())]


def _findings(carried: list[Any], layers: dict[str, pd.Series[Any]], people: pd.Series[Any]) -> list[Finding]:
    """Return what was found, each once; what is true of every group is told once, by exposure."""
    found = [one for one in findings_of(*carried) if one.code not in TOLD_ONCE]
    for name, values in layers.items():
        lost = values.isna() & (people > 0)
        if lost.any():
            concerned = float(people[lost].sum())
            message = (
                f"{name} is not known in {int(lost.sum()):,} zones with {concerned:,.0f} people, who are in no mean."
            )
            values_of = {"exposure": name, "count": int(lost.sum()), "people": round(concerned)}
            found.append(
                Finding("exposure_not_known", "warning", message, int(lost.sum()), concerned, values=values_of)
            )
    return list(dict.fromkeys(found))


def indicators(work: Work[EnvironmentKeys]) -> list[KnownIndicator]:
    """Return the exposures that are indicators of the catalogue, for those who show the place as a whole."""
    settings, found = work.study.environment, work["environment"]
    assert settings is not None  # noqa: S101 - the section is not asked for otherwise
    return [
        KnownIndicator(item.indicator, found.layers[name], work["people"])
        for name, item in settings.exposures.items()
        if item.indicator is not None
    ]


def _draws(asked: int, least: int) -> int:
    """Return how often zones are drawn: at least so often, but not at all where the study asks for no intervals."""
    return max(asked, least) if asked else 0


def _account(work: Work[EnvironmentKeys], exposures: Mapping[str, pd.Series[Any]], people: pd.Series[Any]) -> None:
    """Write down of whom each exposure is known."""
    total = float(people.sum())
    for name, values in exposures.items():
        known = float(people[values.notna()].sum())
        rest = {"the exposure is not known": float(people[values.isna()].sum())}
        work.ledger.record(f"environment: {name}", "people", before=total, after=known, elsewhere=rest)


def _read(
    work: Work[EnvironmentKeys], settings: Environment
) -> tuple[dict[str, pd.Series[Any]], dict[str, pd.DataFrame]]:
    """Return what zones are exposed to, and what changed."""
    frame, table = work["zones"], None
    if settings.file is not None:
        assert settings.key is not None  # noqa: S101 - the settings see to it
        table = sources.table(
            work.files[settings.file], name=f"environment ({settings.file})", text=[settings.key, *settings.text]
        )
        require_columns(settings.table_columns, table, f"environment ({settings.file})", what="the table has")
    layers = {name: _layer(name, one, work, frame, table) for name, one in settings.layers.items()}
    changes = {name: _change(one, frame, table, settings.key) for name, one in settings.change.items()}
    return layers, changes


def _layer(
    name: str, item: Layer, work: Work[EnvironmentKeys], frame: gpd.GeoDataFrame, table: pd.DataFrame | None
) -> pd.Series[Any]:
    """Return one exposure of the zones."""
    settings, population = work.study.environment, work.study.population
    people = work.files[population.raster] if isinstance(population, Raster) else None
    per = population.per if isinstance(population, Raster) else None
    unit = None if item.unit is None else catalogue.text_in(item.unit, "en")
    if item.raster is not None:
        made = environment.exposure_from_raster(
            work.files[item.raster], frame, people_raster=people, per=per, unit=unit, direction=item.direction,
            averaging=item.averaging,
        )  # fmt: skip
    elif item.polygons is not None:
        shapes = sources.read_vector(work.files[item.polygons], name=f"environment ({item.polygons})")
        made = environment.exposure_from_polygons(
            shapes, frame, people_raster=people, per=per, direction=item.direction
        )
    else:
        assert item.column is not None  # noqa: S101 - the settings hold one of the three
        made = environment.exposure_from_table(
            frame, table, column=item.column, key=settings.key if settings and table is not None else None,
            holds=item.holds, unit=unit, direction=item.direction, missing=item.missing, complement=item.complement,
            averaging=item.averaging,
        )  # fmt: skip
    made.name = name
    return made


def _change(item: Change, frame: gpd.GeoDataFrame, table: pd.DataFrame | None, key: str | None) -> pd.DataFrame:
    """Return the change of the zones; percentages are compared as they are written, and become shares."""
    unit = None if item.unit is None else catalogue.text_in(item.unit, "en")
    read = {
        name: environment.exposure_from_table(
            frame, table, column=column, key=key if table is not None else None, unit=unit, direction=item.direction
        )
        for name, column in (("earlier", item.earlier), ("later", item.later), ("stated", item.stated))
        if column is not None
    }
    made = environment.exposure_change(read["earlier"], read["later"], stated=read.get("stated"))
    if item.holds == "amount":
        return made
    most = {"share": 1.0, "percent": 100.0}[item.holds]
    shares = made / most
    shares.attrs = {**made.attrs, "unit": "share"}
    return shares


def _changed(frame: pd.DataFrame) -> pd.Series[Any]:
    change: pd.Series[Any] = frame["change"]
    change.attrs = {key: frame.attrs[key] for key in ("unit", "direction", "findings", "sources")}
    return change


def _parts(work: Work[EnvironmentKeys]) -> Parts:
    """Return the groups that are compared; everybody alone where the study has none."""
    settings = work.study.inequality or Inequality.model_validate({})
    made = work["groups"]
    parts = [(by, groups) for by, groups, _ in compared_groups(work.study, settings, made.counts, made.rank)]
    return parts or [("", inequality.groups_from_counts(work["people"].to_frame("everybody")))]


def _by_group(
    measured: dict[str, pd.Series[Any]], parts: Parts, suppress_below: float, draws: dict[str, Any]
) -> pd.DataFrame:
    """Return means of all groups; p-values are adjusted over all of them together."""
    tables = []
    for by, groups in parts:
        found = environment.exposure_by_group(measured, groups, adjust="none", suppress_below=suppress_below, **draws)
        found.insert(0, "by", by)
        tables.append(found)
    table = pd.concat(tables, ignore_index=True)
    table["p_adjusted"] = inequality.false_discovery_rate(table["p_value"]).to_numpy()
    _carry(table, tables)
    return table


def _above(
    settings: Environment, exposures: dict[str, pd.Series[Any]], parts: Parts, suppress_below: float,
    draws: dict[str, Any],
) -> pd.DataFrame:  # fmt: skip
    """Return who lives beyond each guideline."""
    tables = []
    for name, values in exposures.items():
        for guideline in settings.exposures[name].guidelines:
            for by, groups in parts:
                found = environment.above_guideline(
                    values, groups, guideline=guideline, suppress_below=suppress_below, **draws
                )
                record = found.attrs["guideline"]
                said = {
                    "exposure": name, "guideline": record["key"], "value": record["value"], "unit": record["unit"],
                    "averaging": record["averaging"], "exposure_averaging": values.attrs.get("averaging") or "",
                    "body": record["body"], "year": record["year"], "by": by,
                }  # fmt: skip
                table = found.reset_index()
                for place, (column, one) in enumerate(said.items()):
                    table.insert(place, column, one)
                table.attrs = found.attrs
                tables.append(table)
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    _carry(table, tables)
    return table


def _carry(table: pd.DataFrame, tables: list[pd.DataFrame]) -> None:
    table.attrs = {
        "sources": [record.as_dict() for record in sources_of(*tables)],
        "findings": [item.as_dict() for item in dict.fromkeys(findings_of(*tables))],
    }


def _score(settings: Environment, layers: dict[str, pd.Series[Any]], people: pd.Series[Any]) -> pd.DataFrame | None:
    asked = settings.calenviroscreen
    if asked is None:
        return None
    chosen = {part: {name: layers[name] for name in names} for part, names in asked.parts.items()}
    exposures = chosen.pop("exposures")
    return environment.calenviroscreen_score(exposures, people=people, **chosen)


def _burden_and_access(
    work: Work[EnvironmentKeys], settings: Environment, layers: dict[str, pd.Series[Any]],
    score: pd.DataFrame | None, parts: Parts,
) -> dict[str, Any]:  # fmt: skip
    """Return who is burdened, who is near the service, and who has which of the two."""
    asked, people = settings.burden_and_access, work["people"]
    assert asked is not None  # noqa: S101 - nobody else calls
    if asked.burden == SCORE:
        assert score is not None  # noqa: S101 - the settings see to it
        amounts: pd.Series[Any] = score["score"]
        amounts.attrs = {"direction": "lower is better"}
    else:
        amounts = layers[asked.burden]
    burden = environment.burden_percentiles({asked.burden: amounts}, people=people)[asked.burden]
    if asked.shares:
        burdened = amounts.astype(float)
    else:
        # The most burdened zones in which the share of people lives: beyond the percentile that leaves it over.
        burdened = (burden > 100 * (1 - asked.worst) + 1e-9).astype(float).mask(amounts.isna())
    near = _near(work, settings)
    both = environment.burden_and_access(burdened, near, people=people)
    tables = []
    for by, groups in parts:
        suppress = (work.study.inequality or Inequality.model_validate({})).suppress_below
        table = environment.burden_and_access_by_group(both, groups, suppress_below=suppress).reset_index()
        table.insert(0, "by", by)
        tables.append(table)
    return {
        "burden": burden, "burdened": burdened, "near": near, "both": both,
        "both_groups": pd.concat(tables, ignore_index=True),
    }  # fmt: skip


def _near(work: Work[EnvironmentKeys], settings: Environment) -> pd.Series[Any]:
    """Return which share of each zone's people is within the limit of a place of the service."""
    asked = settings.burden_and_access
    assert asked is not None  # noqa: S101 - nobody else calls
    places = work["services"].places_of(asked.service)
    if not len(places):
        raise StudyError(
            "burden_and_access",
            f"nobody has mapped a place of the service {asked.service}: who is near one is not known, which does not "
            "mean that nobody is",
            "Give a list of your own, name another service, or leave this part out.",
        )
    if asked.near == "area":
        return digital.share_within(work["zones"], places, cutoff=asked.cutoff.value)
    mode = work.study.bearing.key
    item = next(one for one in work["reach"] if (one.mode.key, one.service) == (mode, asked.service))
    near: pd.Series[Any] = item.within(asked.cutoff).astype(float).mask(item.status == "outside_data")
    return near


def mean_of(values: pd.Series[Any], people: pd.Series[Any]) -> float:
    """Return the mean of zones weighted by people; NaN where nobody lives where it is known."""
    known = values.notna() & (people > 0)
    return float(np.average(values[known], weights=people[known])) if known.any() else float("nan")
