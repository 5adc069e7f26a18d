"""Who is connected and who is not: what the section ``digital`` of a study asks for, zone by zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import digital, sources
from spatialjustice._core.errors import InputError, StudyError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.study.engine.outcome import Counted, KnownIndicator, Outcome
from spatialjustice.study.sections.digital.settings import Share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.outcome import Surface
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.digital.settings import Digital, DigitalKeys, Exclusion, Index, Supply

CONNECTED, OFFLINE, INDEX, NEAR, NEITHER, SUPPLY, PRICE = (
    "connected",
    "offline",
    "divide_index",
    "near",
    "far_and_offline",
    "supply",
    "price",
)
"""What zones have of connections, as columns and outcomes are called."""


@dataclass(frozen=True)
class Divide:
    """What a study found out about connections: frames on the zones, empty or None where nobody asked for them.

    ``amounts`` are numbers of each zone by what they are called; ``counted`` are the households (or people) that shares
    are of, and ``unit`` says which.
    """

    counted: pd.Series[Any]
    unit: str
    amounts: dict[str, pd.Series[Any]] = field(default_factory=dict)
    index: pd.DataFrame | None = None
    ranges: pd.DataFrame | None = None
    correlation: pd.DataFrame | None = None
    exclusion: pd.DataFrame | None = None
    classes: pd.Series[Any] | None = None
    served: pd.DataFrame | None = None
    supply_classes: pd.Series[Any] | None = None
    certainty: pd.Series[Any] | None = None
    profile: pd.DataFrame | None = None
    findings: list[Finding] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)

    @property
    def frames(self) -> list[Any]:
        """Everything that carries findings and sources."""
        made = [self.index, self.ranges, self.exclusion, self.classes, self.served, self.supply_classes, self.profile]
        return [*self.amounts.values(), *(frame for frame in made if frame is not None)]


def counted_of(study: DigitalKeys, frame: gpd.GeoDataFrame, people: pd.Series[Any]) -> tuple[pd.Series[Any], str]:
    """Return the households of each zone, or the people where the study has no column of households."""
    assert study.digital is not None  # noqa: S101 - nobody else calls
    if study.digital.households is None:
        return people, "people"
    return sources.population_from_column(frame, study.digital.households), "households"


def share_of(item: Share, frame: gpd.GeoDataFrame, households: pd.Series[Any], better: str) -> pd.Series[Any]:
    """Return a column as shares from 0 to 1, missing where they are not known.

    Raises
    ------
    InputError
        When the column holds something else than the study says.
    """
    given = frame[item.column]
    values = pd.to_numeric(given, errors="coerce")
    wrong = (values.isna() & given.notna()) | (values < 0) | np.isinf(values)
    most = {"share": 1.0, "percent": 100.0, "households": np.inf}[item.holds]
    over = values > (households + 0.5 if item.holds == "households" else most * (1 + 1e-9))
    if wrong.any() or over.any():
        advice = {
            "share": "Shares lie between 0 and 1. For percentages write holds: percent; for counts holds: households.",
            "percent": "Percentages lie between 0 and 100. For counts write holds: households.",
            "households": "No more households can have something than there are.",
        }[item.holds]
        bad = wrong | over
        message = f"{int(bad.sum()):,} values are no {item.holds}, the first is {given[bad].iloc[0]}"
        raise InputError(item.column, message, advice, rows=frame.index[bad])
    whole = households.where(households > 0) if item.holds == "households" else most
    shares: pd.Series[Any] = (values / whole).clip(0, 1)
    shares.attrs = {"unit": "share", "direction": better}
    return shares


def check(work: Work[DigitalKeys]) -> list[Any]:
    """See that the columns of the section hold what it says, where the people have been counted.

    Raises
    ------
    InputError, PopulationError
        When one of them does not.
    """
    settings, frame, people = work.study.digital, work["zones"], work.get("people")
    if settings is None or people is None:
        return []
    counted, _ = counted_of(work.study, frame, people)
    _shares(settings, frame, counted)
    _layers(settings, frame, counted)
    if settings.index is not None:
        _index(settings.index, frame, counted, 0, draws=0)
    return []


def compute(work: Work[DigitalKeys]) -> Divide:
    """Do what the section asks for."""
    study, frame, people, seed = work.study, work["zones"], work["people"], work.seed
    settings = study.digital
    assert settings is not None  # noqa: S101 - the section is not asked for otherwise
    counted, unit = counted_of(study, frame, people)
    values = _shares(settings, frame, counted)
    found: dict[str, Any] = {}
    if settings.index is not None:
        found |= _index(settings.index, frame, counted, seed, draws=settings.index.draws)
        values[INDEX] = found["index"]["index"]
    if settings.exclusion is not None:
        near = _near(work, settings.exclusion, frame)
        online = 1.0 - values[OFFLINE]
        found["exclusion"] = digital.double_exclusion(near, online, people=counted)
        line = settings.exclusion.line
        line = float(np.average(online.fillna(0), weights=counted.where(online.notna(), 0))) if line is None else line
        found["classes"] = digital.double_exclusion_classes(near, online, digital_line=line)
        values[NEAR] = near
        values[NEITHER] = (1.0 - near) * values[OFFLINE]
        values[NEITHER].attrs = {"unit": "share", "direction": "lower is better"}
    if settings.supply is not None:
        values[SUPPLY], found["certainty"] = _supply(settings.supply, work.files, frame)
        found |= _supply_beside_use(settings.supply, values, counted)
    if settings.price is not None:
        price = settings.price
        cost = frame[price.column] if price.column else price.amount
        assert cost is not None  # noqa: S101 - the settings hold one of the two
        values[PRICE] = digital.affordability(cost, frame[price.income], payments=price.payments, line=price.line)
    if settings.profile:
        layers = _layers(settings, frame, counted)
        found["profile"] = digital.smart_city_profile(layers, weights=counted, lang=study.languages[0])
    if settings.exclusion is not None or settings.supply is not None:
        _account(found, counted, unit, work.ledger)
    remarks = found.pop("remarks", [])
    made = Divide(counted, unit, values, **found)
    carried = dict.fromkeys([*findings_of(*made.frames), *remarks])
    return Divide(counted, unit, values, **found, findings=[*carried], sources=sources_of(*made.frames))


def _account(found: Mapping[str, Any], counted: pd.Series[Any], unit: str, ledger: Ledger) -> None:
    """Write down that every household is in a class, or is of those of whom it is not known."""
    total = float(counted.sum())
    for name, classes in (("exclusion", digital.exclusion_totals), ("served", None)):
        table = found.get(name)
        if table is None:
            continue
        unknown = float(table["unknown"].sum())
        parts = classes(table)["independent"].drop("unknown") if classes else table.attrs["together"]
        told = sum(value for key, value in parts.items() if key not in {"unknown", "not_connected_at_most"})
        ledger.record(
            f"digital: {name}", unit, unit=unit, before=total, after=told, elsewhere={"a share is not known": unknown}
        )


def _shares(settings: Digital, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """Return who is connected and who is offline; each is the rest of the other where only one is known."""
    made = {}
    for name, item, better in (
        (CONNECTED, settings.connected, "higher is better"),
        (OFFLINE, settings.offline, "lower is better"),
    ):
        if item is not None:
            made[name] = share_of(item, frame, counted, better)
    if len(made) == 1:
        (known,) = made.values()
        other, better = (OFFLINE, "lower") if CONNECTED in made else (CONNECTED, "higher")
        made[other] = 1.0 - known
        made[other].attrs = {"unit": "share", "direction": f"{better} is better"}
    return made


def _index(
    settings: Index, frame: gpd.GeoDataFrame, counted: pd.Series[Any], seed: int, *, draws: int
) -> dict[str, Any]:
    """Return the index of each zone, the range of its rank under other choices, and what its indicators share."""
    table = pd.DataFrame({name: pd.to_numeric(frame[name], errors="coerce") for name in settings.columns})
    lost = [name for name in settings.columns if (table[name].isna() & frame[name].notna()).any()]
    if lost:
        raise InputError("index", f"{', '.join(lost)} does not hold numbers", "Name columns of numbers as indicators.")
    index = index_of(settings, table)
    if not draws:
        return {"index": index}
    directions = index.attrs["directions"]
    ranges = digital.rank_range(
        table,
        list(settings.columns),
        direction=directions,
        weights=settings.weights or None,
        missing=settings.missing,
        people=counted,
        replications=draws,
        rng=seed,
    )
    return {
        "index": index,
        "ranges": ranges,
        "correlation": digital.indicator_correlation(table, list(settings.columns), direction=directions),
    }


def index_of(settings: Index, table: pd.DataFrame) -> pd.DataFrame:
    """Make the index of any zones that have the columns by the study's rule."""
    indicators: Any = list(settings.indicators)
    if settings.method == "purdue_ddi":
        indicators = settings.parts
    elif settings.method == "cdc_svi":
        indicators = settings.themes
    return digital.divide_index(
        table,
        indicators,
        method=settings.method,
        weights=settings.weights or None,
        direction=settings.indicators or None,
        missing=settings.missing,
    )


def _near(work: Work[DigitalKeys], settings: Exclusion, frame: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return which share of each zone's households is within the limit of a place of the service."""
    places = work["services"].places_of(settings.service)
    if not len(places):
        raise StudyError(
            "exclusion",
            f"nobody has mapped a place of the service {settings.service}: who is near one is not known, which does "
            "not mean that nobody is",
            "Give a list of your own, name another service, or leave the section out.",
        )
    if settings.near == "area":
        return digital.share_within(frame, places, cutoff=settings.cutoff.value)
    mode = work.study.excluding.key
    item = next(one for one in work["reach"] if (one.mode.key, one.service) == (mode, settings.service))
    near: pd.Series[Any] = item.within(settings.cutoff).astype(float).mask(item.status == "outside_data")
    near.attrs = {"unit": "share", "direction": "higher is better"}
    return near


def _supply(
    settings: Supply, files: Mapping[str, Path], frame: gpd.GeoDataFrame
) -> tuple[pd.Series[Any], pd.Series[Any] | None]:
    """Return what there is to connect with, and how sure it is where it was measured by tile."""
    if settings.tiles is not None:
        tiles = sources.speed_tiles(files[settings.tiles], within=frame)
        found = digital.measured_speed(tiles, frame, few=settings.few_tests)
        speed = found[settings.speed]
        speed.attrs = {key: found.attrs[key] for key in ("sources", "findings", "direction")}
        return speed, found["certainty"]
    assert settings.column is not None  # noqa: S101 - the settings hold one of the two
    if settings.holds == "amount":
        values = pd.to_numeric(frame[settings.column], errors="coerce")
        values.attrs = {"direction": "higher is better"}
        return values, None
    item = Share(column=settings.column, holds=settings.holds, title=settings.title)
    return share_of(item, frame, pd.Series(1.0, frame.index), "higher is better"), None


def _supply_beside_use(
    settings: Supply, values: Mapping[str, pd.Series[Any]], counted: pd.Series[Any]
) -> dict[str, Any]:
    """Set what is offered against what is used: classes of zones, and people served but not connected."""
    found: dict[str, Any] = {"remarks": []}
    if settings.holds != "amount":
        found["served"] = digital.served_not_connected(values[SUPPLY], values[CONNECTED], people=counted)
    for classes in (3, 2):
        try:
            labels = digital.supply_adoption_classes(values[SUPPLY], values[CONNECTED], k=classes, people=counted)
        except InputError as reason:
            # Where most zones have the same supply, there are no classes of it.
            why = reason.found
        else:
            return found | {"supply_classes": labels}
    message = f"Zones have no classes of supply and use: {why}."
    found["remarks"] = [Finding("no_supply_classes", "information", message)]
    return found


def _layers(settings: Digital, frame: gpd.GeoDataFrame, counted: pd.Series[Any]) -> dict[str, float | pd.Series[Any]]:
    """Return the layers of the profile, in the units of the catalogue."""
    known = digital.indicators()
    layers: dict[str, float | pd.Series[Any]] = {}
    for key, one in settings.profile.items():
        if not isinstance(one, Share):
            layers[key] = one
        elif known.loc[key, "unit"] == "share":
            layers[key] = share_of(one, frame, counted, str(known.loc[key, "direction"]))
        else:
            layers[key] = pd.to_numeric(frame[one.column], errors="coerce")
    return layers


def surfaces(work: Work[DigitalKeys]) -> Iterator[Surface]:
    """Yield what is looked at zone by zone for clusters: who is offline, and the index; no mode belongs to them."""
    amounts = work["digital"].amounts
    return (("", name, amounts[name]) for name in (OFFLINE, INDEX) if name in amounts)


def indicators(work: Work[DigitalKeys]) -> list[KnownIndicator]:
    """Return the indicators of the catalogue that the study names, of the households (or people) that were counted."""
    settings, found = work.study.digital, work["digital"]
    assert settings is not None  # noqa: S101 - the section is not asked for otherwise
    layers = _layers(settings, work["zones"], found.counted)
    return [KnownIndicator(key, layer, found.counted, found.unit) for key, layer in layers.items()]


def households_of(found: Divide, people: Mapping[str, pd.Series[Any]]) -> dict[str, pd.Series[Any]]:
    """Return the households of everybody and of each group, which is taken to have its share of them (ecological)."""
    everybody, *_ = people.values()
    if found.unit == "people":
        return dict(people)
    shares = {name: (part / everybody.where(everybody > 0)).fillna(0.0).clip(0, 1) for name, part in people.items()}
    first = next(iter(people))
    return {name: found.counted if name == first else found.counted * share for name, share in shares.items()}


def outcomes(work: Work[DigitalKeys]) -> list[Outcome]:
    """Return what zones have of connections as outcomes, whose inequality and place in space are measured."""
    study, found = work.study, work["digital"]
    counted = Counted(found.unit, households_of(found, work["groups"].counts), shares=found.unit != "people")
    cutoff = study.digital.exclusion.cutoff.label if study.digital and study.digital.exclusion else ""
    service = study.digital.exclusion.service if study.digital and study.digital.exclusion else ""
    mode = study.excluding.key if service else ""
    share = f"share of {found.unit}"
    named: dict[str, tuple[str, str, str, Any]] = {
        CONNECTED: ("connections", f"{found.unit} connected", share, "higher is better"),
        OFFLINE: ("connections", f"{found.unit} offline", share, "lower is better"),
        INDEX: ("connections", "divide index", "index", "lower is better"),
        PRICE: ("connections", "price", "share of income", "lower is better"),
        NEAR: (service, f"{found.unit} within {cutoff}", share, "higher is better"),
        NEITHER: (service, f"{found.unit} beyond {cutoff} and offline, if unrelated", share, "lower is better"),
    }
    return [
        Outcome(
            service=named[name][0],
            mode=mode if name in (NEAR, NEITHER) else "",
            what="state",
            unit=named[name][2],
            amounts=amounts,
            said=named[name][1],
            better=named[name][3],
            counted=counted,
        )
        for name, amounts in found.amounts.items()
        if name in named
    ]
