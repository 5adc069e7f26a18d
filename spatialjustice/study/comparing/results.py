"""What comes of comparing cities: every table, from measures to ranks, each with its range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice import cities
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice.catalogue.told import told
from spatialjustice.inequality.distribution.intervals import FEW
from spatialjustice.study.comparing.compared import CITY, Compared, Material
from spatialjustice.study.comparing.paired import paired
from spatialjustice.study.engine.texts import in_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MEASURES = ("mean", "median", "share_beyond", "worst_tenth", "gini", "equally_distributed")
RANKED = ("mean", "share_beyond")
FEWEST_FOR_CLASSES = 8
"""Cities from which on classes say anything; fewer are compared pair by pair."""
MOST_RANKED = 1_000
BAD = "lower is better"
Direction = Literal["lower is better", "higher is better"]
ALL = "all cities"


@dataclass(frozen=True)
class Comparison:
    """Cities side by side; ``str()`` gives a table and the findings as text.

    Attributes
    ----------
    material
        What was compared.
    tables
        ``measures`` (a row for each city, column and measure), ``cities`` (estimates drawn together, ranks, the class),
        and as far as there are enough cities ``classes``, ``levels`` (between and within), else ``differences``; of
        runs ``comparable``.
    limits
        The lower limit of each class.
    rule
        Where the limits come from.
    seed
        What every draw follows from.
    level
        Confidence of all ranges.
    findings
        What the reader must know.
    deciles
        How values are spread over people, by column: of each city and each class.
    folder
        Where everything was written; None where it was not.
    """

    material: Material
    tables: Mapping[str, pd.DataFrame]
    limits: Mapping[str, float]
    rule: str
    seed: int
    level: float
    findings: tuple[Finding, ...]
    deciles: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    folder: Path | None = None

    def __str__(self) -> str:
        """Return the mean of each class, or of each city where there are few, then the findings, a line each."""
        lines = [["", "measure", "value", "range", "counted"]]
        lines += [
            [row["name"], f"{row['measure']} {row['column']}", _written(row), _range(row), f"{row['people']:,.0f}"]
            for row in self._told().to_dict("records")
        ]
        said = [f"{one.severity} {one.code}: {told(one, 'en')} {one.advice}".rstrip() for one in self.findings]
        return "\n".join([*in_columns(lines), *([""] if said else []), *said])

    def _told(self) -> pd.DataFrame:
        if "classes" in self.tables:
            found = self.tables["classes"]
            return found.assign(name=found["class"], value=found["mean"])
        return self.tables["cities"].assign(name=self.tables["cities"]["label"])

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain data for JSON."""
        plain = {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in self.tables.items()
            if name != "measures"
        }
        return {
            "kind": self.material.kind,
            "cities": len(self.material.labels),
            "rule": self.rule,
            "seed": self.seed,
            **plain,
            "findings": [one.as_dict() for one in self.findings],
            "folder": None if self.folder is None else str(self.folder),
        }


def _written(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["value"]):
        return "not known"
    least = "at least " if row.get("bound") == "at least" else ""
    share = row["measure"] == "share_beyond" or row.get("unit") == "share"
    return f"{least}{row['value']:.1%}" if share else f"{least}{row['value']:,.1f}"


def _range(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["low"]):
        return ""
    share = row["measure"] == "share_beyond" or row.get("unit") == "share"
    return f"{row['low']:.1%} to {row['high']:.1%}" if share else f"{row['low']:,.1f} to {row['high']:,.1f}"


def results_of(material: Material, *, classes: Any, replications: int, level: float, seed: int) -> Comparison:
    """Measure, class, draw together, rank and take apart.

    Parameters
    ----------
    material
        What is compared.
    classes
        The rule of :func:`spatialjustice.cities.size_classes`.
    replications
        Draws behind each range.
    level
        Confidence of the ranges.
    seed
        What every draw follows from.
    """
    found: list[Finding] = list(material.findings)
    measured = _measured(material, replications if material.kind != "cities" else 0, level, seed, found)
    ids = list(material.labels)
    size = _classes(material, classes, ids, found)
    measured.insert(1, "label", [material.labels[one]["en"] for one in measured[CITY]])
    measured.insert(2, "class", size.astype(object).reindex(measured[CITY]).to_numpy())
    told = _Told(material, size, level, seed, found, replications)
    tables = {"measures": measured, "cities": _per_city(measured, told)}
    enough = len(ids) >= FEWEST_FOR_CLASSES
    if enough:
        tables["classes"] = _per_class(measured, told)
        tables["levels"] = _levels(told)
    elif material.kind != "cities":
        tables["differences"] = _differences(measured, told)
    found += _same_place(material, classes=enough)
    if material.comparable is not None:
        shown = material.comparable.drop(columns=["title", "said", "group"])
        tables["comparable"] = shown
    return Comparison(
        material=material,
        tables=tables,
        limits=size.attrs["limits"],
        rule=size.attrs["rule"],
        seed=seed,
        level=level,
        findings=tuple(dict.fromkeys(found)),
        deciles=_deciles(material, size),
    )


@dataclass(frozen=True)
class _Told:
    """What every table takes: the rows, the classes, the seed, and where findings are put."""

    material: Material
    size: pd.Series[Any]
    level: float
    seed: int
    found: list[Finding]
    replications: int

    def say(self, *carriers: Any) -> None:
        self.found.extend(one for one in findings_of(*carriers) if one not in self.found)


def _measured(material: Material, replications: int, level: float, seed: int, found: list[Finding]) -> pd.DataFrame:
    """Return the measures of every column, each weighed by those whom it counts."""
    parts = []
    for one in material.columns:
        wanted = [name for name in MEASURES if name != "share_beyond" or one.cutoff is not None]
        part = cities.side_by_side(
            material.frame,
            city=CITY,
            values=one.name,
            people=one.people,
            measures=wanted if material.kind != "cities" else ["mean"],
            direction=one.direction,
            cutoff=one.cutoff,
            cut_at=one.cut_at,
            unit=one.unit,
            blocks=material.blocks,
            whole=material.whole,
            replications=replications,
            level=level,
            rng=seed,
        )
        found.extend(item for item in findings_of(part) if item not in found)
        part.insert(2, "cutoff", one.cutoff if one.cutoff is not None else np.nan)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _classes(material: Material, classes: Any, ids: list[str], found: list[Finding]) -> pd.Series[Any]:
    people = material.people.reindex(ids)
    if not people.notna().any():
        size = pd.Series(pd.Categorical(["people unknown"] * len(ids)), index=pd.Index(ids))
        size.attrs.update({"limits": {}, "rule": ""})
        return size
    size = cities.size_classes(people, classes=classes)
    found.extend(one for one in findings_of(size) if one not in found)
    return size


def _picked(measured: pd.DataFrame, column: str, measure: str, ids: pd.Index[Any]) -> pd.DataFrame:
    rows = measured[(measured["column"] == column) & (measured["measure"] == measure)]
    return rows.set_index(CITY).reindex(ids)


def _ranked_measures(measured: pd.DataFrame, one: Compared) -> list[str]:
    there = set(measured.loc[measured["column"] == one.name, "measure"])
    return [name for name in RANKED if name in there]


def _per_city(measured: pd.DataFrame, told: _Told) -> pd.DataFrame:
    """Return a row for each city, column and ranked measure: drawn together, ranked, and against its class."""
    parts = []
    for one in told.material.columns:
        for measure in _ranked_measures(measured, one):
            rows = _picked(measured, one.name, measure, told.size.index)
            parts.append(_one_measure(rows, one, measure, told))
    return pd.concat(parts, ignore_index=True)


def _one_measure(rows: pd.DataFrame, one: Compared, measure: str, told: _Told) -> pd.DataFrame:
    errors = rows["standard_error"].where(rows["standard_error"] > 0)
    cells = rows["blocks"]
    # Whoever is beyond a limit is worse off, whichever way the values run.
    better: Direction = "lower is better" if measure == "share_beyond" or one.direction == BAD else "higher is better"
    known = rows["value"].notna()
    columns = ["label", "class", "column", "measure", "value", "low", "high", "bound", "unit", "cells", "blocks"]
    table = rows[[*columns, "people", "people_left_out", "share_at_cut"]].copy()
    if "share_counted" in rows.columns:
        table["share_counted"] = rows["share_counted"]
    sure = bool(errors.notna().any())
    if (errors.notna() & (cells >= FEW)).any() and known.sum() >= FEWEST_FOR_CLASSES:
        drawn = cities.shrunken(rows["value"], standard_error=errors, cells=cells, level=told.level)
        told.say(drawn)
        for name, of in (
            ("shrunken", "value"),
            ("shrunken_low", "low"),
            ("shrunken_high", "high"),
            ("own_weight", "own_weight"),
        ):
            table[name] = drawn[of]
    table = table.join(_ranks(rows, errors, cells, better, told, sure=sure))
    against = cities.city_against_class(
        rows["value"],
        labels=told.size,
        people=rows["people"].fillna(0.0),
        standard_error=errors if sure else None,
        cells=cells if sure else None,
        direction=better,
        level=told.level,
        rng=told.seed,
    )
    of_class = {
        "cities": "cities_of_class", "lower_quartile": "class_lower_quartile", "median": "class_median",
        "upper_quartile": "class_upper_quartile", "difference": "difference_from_median", "rank": "rank_in_class",
        "rank_low": "rank_in_class_low", "rank_high": "rank_in_class_high", "share_better_off": "share_better_off",
    }  # fmt: skip
    for name, column in of_class.items():
        table[column] = against[name]
    return table.rename_axis(CITY).reset_index()


def _ranks(
    rows: pd.DataFrame, errors: pd.Series[Any], cells: pd.Series[Any], better: Direction, told: _Told, *, sure: bool
) -> pd.DataFrame:
    """Return ranks: with ranges where errors are known, and none for cities that rest on too little."""
    plain = pd.DataFrame({"rank": np.nan, "rank_low": np.nan, "rank_high": np.nan}, index=rows.index)
    if sure and rows["value"].notna().sum() < FEWEST_FOR_CLASSES:
        return plain  # they are compared pair by pair
    if sure:
        able = (errors.notna() & (cells >= FEW)).sum()
        if 2 <= able <= MOST_RANKED:
            found = cities.ranks(
                rows["value"], standard_error=errors, cells=cells, direction=better, level=told.level,
                rng=told.seed,
            )  # fmt: skip
            told.say(found)
            return pd.DataFrame({"rank": found["rank"], "rank_low": found["low"], "rank_high": found["high"]})
        return plain
    plain["rank"] = rows["value"].rank(ascending=better != BAD)
    return plain


def _per_class(measured: pd.DataFrame, told: _Told) -> pd.DataFrame:
    parts = []
    for one in told.material.columns:
        for measure in _ranked_measures(measured, one):
            rows = _picked(measured, one.name, measure, told.size.index)
            if not rows["value"].notna().any():
                continue
            errors = rows["standard_error"]
            part = cities.by_class(
                rows["value"],
                labels=told.size,
                people=rows["people"].fillna(0.0),
                standard_error=errors if errors.notna().any() else None,
                level=told.level,
                rng=told.seed,
            )
            cut = told.size.astype(object)[rows["bound"].eq("at least").to_numpy()].unique()
            part.insert(
                0,
                "bound",
                ["at least" if name in cut or (name == ALL and len(cut)) else "exact" for name in part.index],
            )
            part.insert(0, "unit", one.unit if measure == "mean" else "share")
            part.insert(0, "measure", measure)
            part.insert(0, "column", one.name)
            parts.append(part.rename_axis("class").reset_index())
    return pd.concat(parts, ignore_index=True)


def _levels(told: _Told) -> pd.DataFrame:
    parts = []
    for one in told.material.columns:
        if not told.material.frame[one.name].notna().any():
            continue
        part = cities.within_and_between(
            told.material.frame, city=CITY, values=one.name, people=one.people, labels=told.size, level=told.level,
            rng=told.seed,
        )  # fmt: skip
        told.say(part)
        if told.material.kind == "cities":
            # One value for each city: nothing is known of what lies within.
            part.loc["within cities"] = np.nan
        part.insert(0, "column", one.name)
        parts.append(part.rename_axis("part").reset_index())
    return pd.concat(parts, ignore_index=True)


def _differences(measured: pd.DataFrame, told: _Told) -> pd.DataFrame:
    """Return how far each two lie apart in each measure; ranges hold for all pairs and measures at once."""
    asked = []
    for one in told.material.columns:
        for measure in _ranked_measures(measured, one):
            rows = _picked(measured, one.name, measure, told.size.index)
            if rows["value"].notna().sum() >= 2:
                asked.append((one, measure, rows))
    level = 1 - (1 - told.level) / max(len(asked), 1)
    parts = []
    for one, measure, rows in asked:
        part = cities.city_differences(rows["value"], standard_error=rows["standard_error"], level=level)
        part["tests"] *= len(asked)
        part = _of_one_place(part, one, measure, told)
        for end in ("lower", "higher"):
            part.insert(0, f"{end}_label", [told.material.labels[name]["en"] for name in part[end]])
        part.insert(0, "unit", one.unit if measure == "mean" else "share")
        part.insert(0, "measure", measure)
        part.insert(0, "column", one.name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _of_one_place(part: pd.DataFrame, one: Compared, measure: str, told: _Told) -> pd.DataFrame:
    """Give the differences of runs that share zones the ranges of zones that are drawn for both at once."""
    from scipy.stats import norm

    part["zones_shared"], part["zones_higher"], part["zones_lower"] = 0, 0, 0
    wide = float(norm.ppf(1 - (1 - told.level) / (2 * part["tests"].iloc[0])))
    for place, row in part.iterrows():
        pair = (str(row["higher"]), str(row["lower"]))
        if frozenset(pair) not in told.material.shared:
            continue
        made = paired(told.material, one, measure, pair, replications=told.replications, seed=told.seed)
        low, high = row["difference"] - wide * made.error, row["difference"] + wide * made.error
        columns = ["low", "high", "apart", "zones_shared", "zones_higher", "zones_lower"]
        part.loc[place, columns] = [low, high, bool(low > 0), made.shared, made.more, made.less]
    return part.astype({"apart": bool, "zones_shared": int, "zones_higher": int, "zones_lower": int})


def _same_place(material: Material, *, classes: bool) -> list[Finding]:
    """Say so where runs are of one place, and whether that was used."""
    count = len({zone for ids in material.shared.values() for zone in ids})
    if not count:
        return []
    if classes:
        message = (
            f"{count:,} zones are in several runs: ranges of differences take runs as independent and are too wide."
        )
        advice = "Follow one city over time with spatialjustice monitor."
        return [Finding("runs_share_zones", "information", message, count, advice=advice)]
    message = f"{count:,} zones are in several runs: these are compared zone by zone, drawn for both at once."
    advice = "Follow one city over time with spatialjustice monitor."
    return [Finding("runs_paired", "information", message, count, advice=advice)]


def _deciles(material: Material, size: pd.Series[Any]) -> dict[str, pd.DataFrame]:
    """Return the tenths of every city and of every class, by column; the ids of classes are pairs."""
    made = {}
    classes = size.astype(object)
    for one in material.columns:
        frame = material.frame
        if not frame[one.name].notna().any():
            continue
        asked: dict[str, Any] = {"values": one.name, "people": one.people}
        pooled = pd.DataFrame({CITY: frame[CITY].map(classes), one.name: frame[one.name]})
        if one.people is not None:
            pooled[one.people] = frame[one.people]
        tables: Sequence[pd.DataFrame] = [cities.city_deciles(pooled, city=CITY, **asked)]
        tables[0].index = pd.Index([f"class: {name}" for name in tables[0].index])
        if material.kind != "cities":
            tables = [cities.city_deciles(frame, city=CITY, **asked), *tables]
        made[one.name] = pd.concat(tables)
    return made
