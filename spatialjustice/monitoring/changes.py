"""Key indicators on every date, their change with its uncertainty, and how much of it is the city's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.inequality import false_discovery_rate
from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.distribution.intervals import FEW, confidence, percentiles
from spatialjustice.monitoring._inputs import UNIT, data_changes
from spatialjustice.monitoring._parts import BY_RANGES, BY_ZONES, NO_INTERVAL, Parts, level_draws, parts
from spatialjustice.monitoring._rows import MISSING, checked_date, checked_history, dates_of
from spatialjustice.monitoring._snapshot import Snapshot, Snapshots, checked_statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator

BETTER, WORSE, ROSE, FELL = "better", "worse", "rose", "fell"
NO_CLEAR_CHANGE, DATA_CHANGED, NOT_MEASURED, NO_ZONES = (
    "no clear change",
    "data changed",
    "not measured",
    "nothing comparable",
)
VERDICTS = (BETTER, WORSE, ROSE, FELL, NO_CLEAR_CHANGE, DATA_CHANGED, NOT_MEASURED, NO_ZONES)
NOTHING = 1e-9
"""Draws that differ by less, in shares of the change, do not differ."""
LEVEL = 0.95
NO_VALUES = "no values"


class How(NamedTuple):
    """How indicators are summarised, and how their ranges are made."""

    statistic: str
    level: float
    seed: int
    replications: int


REPLICATIONS = 999


def key_indicators(
    history: pd.DataFrame,
    *,
    statistic: str = "mean",
    level: float = LEVEL,
    rng: int | Generator | None = None,
    replications: int = REPLICATIONS,
) -> pd.DataFrame:
    r"""Tell every indicator on every date, in one number with its range.

    The mean of all people, :math:`\sum_i p_i x_i / \sum_i p_i` over the zones that were measured; the worst-off tenth;
    or how far apart the two are. The range is that of zones drawn again (a percentile bootstrap), or, where every value
    has a range of its own, that of errors of measurement drawn from those ranges, zones independent of each other.

    Parameters
    ----------
    history
        What :func:`history` returned.
    statistic
        ``mean``; ``worst_tenth``: the value that the worst-off tenth of the people have at best; ``gap``: how far that
        is from the mean. The last two need a direction.
    level
        How sure the ranges are.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell.
    replications
        Draws; 0 for none.

    Returns
    -------
    DataFrame
        One row for each indicator and date: ``indicator``, ``date``, ``statistic``, ``value``, ``low``, ``high``,
        ``unit``, ``direction``, ``status`` (``measured``, ``missing``), ``reason`` of missing ones, ``zones``,
        ``people``, ``zones_missing``, ``people_left_out`` (missing where nobody knows), ``weighted_by`` (``people``;
        ``zones``, each once, where nobody knows the people), ``interval`` (how it was made).

    Raises
    ------
    InputError
        When it is no history, or a setting cannot be used.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall (percentile intervals).

    Examples
    --------
    >>> import tempfile
    >>> from spatialjustice.monitoring import add_date, history
    >>> zones = pd.DataFrame({"zone": ["a", "b"], "indicator": "use", "value": [0.2, 0.4], "unit": "share"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = add_date(folder, zones.assign(people=[100, 300]), date=2019)
    ...     table = key_indicators(history(folder), rng=1)
    >>> table[["indicator", "date", "value", "people"]].to_dict("records")
    [{'indicator': 'use', 'date': '2019', 'value': 0.35, 'people': 400.0}]
    """
    how = _checked(history, statistic, level, rng, replications)
    return levels_of(Snapshots(history), how)


def levels_of(shots: Snapshots, how: How) -> pd.DataFrame:
    """Return what :func:`key_indicators` does, of snapshots that are there already."""
    statistic, sure, seed, draws = how
    rows = []
    for indicator in shots.indicators:
        for about in shots.dates:
            one = shots.at(about["date"], indicator)
            row = {"indicator": indicator, "date": about["date"], "statistic": statistic}
            rows.append(row | _level_of(one, statistic, about, sure, seed=seed, replications=draws))
    table = pd.DataFrame(rows, columns=[*_LEVEL_COLUMNS])
    for name in ("unit", "direction"):  # of dates without rows: as on the others
        own = table[name].where(table["zones"] + table["zones_missing"] > 0)
        table[name] = own.groupby(table["indicator"]).transform(lambda told: told.ffill().bfill()).fillna("")
    table.attrs.update(_facts("key_indicators", shots, how))
    return table


_LEVEL_COLUMNS = (
    *("indicator", "date", "statistic", "value", "low", "high", "unit", "direction", "status", "reason"),
    *("zones", "people", "zones_missing", "people_left_out", "weighted_by", "interval"),
)


def _level_of(
    one: Snapshot, statistic: str, about: dict[str, Any], level: float, *, seed: int, replications: int
) -> dict[str, Any]:
    there = len(one.rows) > 0
    value, draws, interval = np.nan, np.empty(0), NO_INTERVAL
    if there:
        value, draws, interval = level_draws(one, statistic, replications=replications, seed=seed)
    low, high = _ends(draws, level)
    return {
        "value": value,
        "low": low,
        "high": high,
        "unit": one.unit,
        "direction": one.direction,
        "status": "measured" if there else MISSING,
        "reason": "" if there else str(about.get("reason", "")) or NO_VALUES,
        "zones": len(one.rows),
        "people": float(one.rows["people"].sum()) if one.counted else np.nan,
        "zones_missing": one.missing,
        "people_left_out": one.people_left_out,
        "weighted_by": weighted_by(one),
        "interval": interval,
    }


def change(
    history: pd.DataFrame,
    *,
    since: Any = None,
    until: Any = None,
    statistic: str = "mean",
    level: float = LEVEL,
    rng: int | Generator | None = None,
    replications: int = REPLICATIONS,
) -> pd.DataFrame:
    r"""Tell what got better and what worse between two dates, and what cannot be told because the data changed.

    A change is taken apart: what values of the same zones did with the same people (``city``), what came from other
    people being counted, and what from zones that came, went, or have another outline. Values and people are swapped
    one at a time and each is given its Shapley share, :math:`\frac{1}{2}[(f_{vw'} - f_{vw}) + \ldots]`, so that the
    parts add up to the change. The range is that of the same draws of zones on both dates (a paired bootstrap), or,
    where every value has a range, of errors of measurement.

    Where settings, the version of this package or another input changed, values differ because of data, too, and the
    city's part cannot be told, unless the earlier date was measured again with what the later one was measured with (a
    bridge: ``add_date(…, bridge=True)``). Then ``data`` is what the bridge moved, and the city's part begins there.

    The verdict is ``better`` or ``worse`` (without a direction ``rose`` or ``fell``) where the city's part differs from
    0 with a false discovery rate of 1 − level over all indicators compared (p-values from the draws and from Student's
    t of the change over their deviation, the larger one); otherwise ``no clear change``, which does
    not say that nothing changed.

    Parameters
    ----------
    history
        What :func:`history` returned.
    since
        The earlier date; None takes, for each indicator, the last one before on which it was measured.
    until
        The later date; None takes the last one.
    statistic
        ``mean``, ``worst_tenth`` or ``gap``, as in :func:`key_indicators`.
    level
        How sure the ranges and verdicts are.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell.
    replications
        Draws; 0 for none, and then there are no verdicts but ``no clear change``.

    Returns
    -------
    DataFrame
        One row for each indicator: ``indicator``, ``statistic``, ``since``, ``until``, ``before``, ``after``,
        ``change`` with ``low`` and ``high``; its parts ``city`` with ``city_low`` and ``city_high``, ``people_part``,
        ``zones_part``, ``data_part``; ``p_value``, ``p_adjusted``, ``comparisons``; ``verdict``; ``data_changed`` (what
        else is not alike); ``zones`` compared, ``zones_came``, ``zones_went``, ``zones_changed`` (other outline, or not
        comparable), ``zones_missing``, ``people`` of the compared zones and ``people_not_compared`` on the later date;
        ``weighted_by``, ``interval``, ``unit``, ``direction``.

    Raises
    ------
    InputError
        When a date is not in the history, or a setting cannot be used.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society
    B, 57(1), 289-300.
    Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified framework based on the
    Shapley value. Journal of Economic Inequality, 11(1), 99-126.

    Examples
    --------
    >>> import tempfile
    >>> from spatialjustice.monitoring import add_date, history
    >>> zones = pd.DataFrame({"zone": list("abcdef"), "indicator": "use", "unit": "share"})
    >>> zones["direction"] = "higher is better"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = add_date(folder, zones.assign(value=[0.2, 0.4, 0.3, 0.2, 0.5, 0.2]), date=2019)
    ...     _ = add_date(folder, zones.assign(value=[0.3, 0.5, 0.4, 0.4, 0.6, 0.4]), date=2020)
    ...     table = change(history(folder), rng=1)
    >>> table[["since", "until", "change", "verdict"]].round(3).to_dict("records")
    [{'since': '2019', 'until': '2020', 'change': 0.133, 'verdict': 'better'}]
    """
    how = _checked(history, statistic, level, rng, replications)
    return changes_between(Snapshots(history), how, since=since, until=until)


def changes_between(shots: Snapshots, how: How, *, since: Any = None, until: Any = None) -> pd.DataFrame:
    """Return what :func:`change` does, of snapshots that are there already."""
    abouts = shots.known
    later = _date_in(until, abouts, "until") if until is not None else max(abouts)
    earlier = None if since is None else _date_in(since, abouts, "since")
    if earlier is not None and earlier >= later:
        raise InputError("since", f"it is {earlier}, not before {later}", "Give the earlier date first.")
    rows = [_compared(shots, indicator, earlier, later, how) for indicator in shots.indicators]
    table = pd.DataFrame(rows, columns=[*_CHANGE_COLUMNS])
    table = table.astype(dict.fromkeys(_CHANGE_NUMBERS, "float64"))
    table["p_adjusted"] = false_discovery_rate(table["p_value"]) if len(table) else []
    table["comparisons"] = int(table["p_value"].notna().sum())
    table["verdict"] = [
        row["verdict"] if isinstance(row["verdict"], str) else _verdict(row, how.level)
        for row in table.to_dict("records")
    ]
    table.attrs.update(_facts("change", shots, how))
    table.attrs["findings"] = [*table.attrs["findings"], *(one.as_dict() for one in _findings(table, how))]
    return table


_CHANGE_COLUMNS = (
    *("indicator", "statistic", "since", "until", "before", "after", "change", "low", "high"),
    *("city", "city_low", "city_high", "people_part", "zones_part", "data_part"),
    *("p_value", "p_adjusted", "comparisons", "verdict", "data_changed"),
    *("zones", "zones_came", "zones_went", "zones_changed", "zones_missing", "people", "people_not_compared"),
    *("weighted_by", "interval", "unit", "direction"),
)
_CHANGE_NUMBERS = (
    *("before", "after", "change", "low", "high", "city", "city_low", "city_high", "people_part", "zones_part"),
    *("data_part", "p_value", "people", "people_not_compared"),
)


def _compared(shots: Snapshots, indicator: str, since: str | None, until: str, how: How) -> dict[str, Any]:
    statistic, level, seed, replications = how
    after = shots.at(until, indicator)
    since = since or shots.measured_before(until, indicator)
    row: dict[str, Any] = {"indicator": indicator, "statistic": statistic, "since": since, "until": until}
    row |= {"unit": after.unit, "direction": after.direction, "data_changed": "", "interval": NO_INTERVAL}
    row["weighted_by"] = weighted_by(after)
    before = shots.at(since, indicator) if since else None
    if before is None or not len(before.rows) or not len(after.rows):
        return row | {"verdict": NOT_MEASURED, "zones_missing": after.missing}
    changed = data_changes(shots.known[since], shots.known[until])
    alike = (before.unit, before.direction, before.counted) == (after.unit, after.direction, after.counted)
    if not alike:
        return row | {"verdict": DATA_CHANGED, "data_changed": "; ".join([*changed, UNIT])}
    whole = parts(before, after, statistic, replications=replications, seed=seed)
    if not np.isfinite([whole.before, whole.after]).all():  # a worst-off tenth without a direction
        return row | {"verdict": NOT_MEASURED}
    row |= _zones_of(before, after, whole) | {"data_changed": "; ".join(changed), "interval": whole.interval}
    row |= {"before": whole.before, "after": whole.after, "change": whole.after - whole.before}
    row["low"], row["high"] = _ends(whole.draws[:, 0], level)
    if not len(whole.common):
        return row | {"verdict": NO_ZONES, "zones_part": row["change"]}
    bridge = shots.at(since, indicator, bridge=True)
    if changed:
        if not _bridges(shots, since, until) or not len(bridge.rows):
            return row | {"verdict": DATA_CHANGED}
        whole, moved = parts(bridge, after, statistic, replications=replications, seed=seed), whole.before
        row["data_part"] = whole.before - moved
    row |= {"city": whole.by_values, "people_part": whole.by_people, "zones_part": whole.by_zones}
    row["city_low"], row["city_high"] = _ends(whole.draws[:, 1], level)
    freedom = np.inf if whole.interval == BY_RANGES else len(whole.common) - 1
    return row | {"p_value": _p_value(whole.draws[:, 1], whole.by_values, freedom)}


def weighted_by(one: Snapshot) -> str:
    """Return what zones count by: their people, or, where nobody knows them, each once."""
    return "people" if one.counted else "zones"


def _zones_of(before: Snapshot, after: Snapshot, whole: Parts) -> dict[str, Any]:
    old, new = before.rows.index, after.rows.index
    compared = after.rows.loc[whole.common, "people"].sum()
    return {
        "zones": len(whole.common),
        "zones_came": len(new.difference(old)),
        "zones_went": len(old.difference(new)),
        "zones_changed": len(old.intersection(new)) - len(whole.common),
        "zones_missing": after.missing,
        "people": float(compared) if after.counted else np.nan,
        "people_not_compared": float(after.rows["people"].sum() - compared) + after.people_left_out
        if after.counted
        else np.nan,
    }


def _bridges(shots: Snapshots, since: str, until: str) -> bool:
    """Tell whether an earlier date was measured again with what the later one was measured with."""
    return since in shots.bridges and not data_changes(shots.bridges[since], shots.known[until])


def _verdict(row: Mapping[Any, Any], level: float) -> str:
    if not row["p_adjusted"] <= 1 - level:
        return NO_CLEAR_CHANGE
    rose = row["city"] > 0
    if row["direction"] == "none":
        return ROSE if rose else FELL
    # A gap is bad, whatever it is a gap of.
    good = False if row["statistic"] == "gap" else row["direction"] == "higher is better"
    return BETTER if rose == good else WORSE


def _p_value(draws: Any, moved: float, freedom: float) -> float:
    """Return the probability of so large a change where there is none: the larger one of two.

    The share of draws of the other sign, on both sides; and Student's t of the change over the draws' deviation, which
    tells smaller probabilities than so many draws can, and larger ones where zones are few.
    """
    known = draws[np.isfinite(draws)]
    if not len(known):
        return np.nan
    other = min(int((known <= 0).sum()), int((known >= 0).sum()))
    share = min(1.0, 2 * (other + 1) / (len(known) + 1)) if other else 0.0
    spread = float(known.std())
    if spread <= NOTHING * abs(moved):
        return max(share, float(moved == 0))
    from scipy.stats import t

    return max(share, float(2 * t.sf(abs(moved) / spread, freedom)))


def _ends(draws: Any, level: float) -> tuple[float, float]:
    if not len(draws):
        return np.nan, np.nan
    low, high = percentiles(draws[:, None], level)
    return float(low[0]), float(high[0])


def _checked(history: Any, statistic: Any, level: Any, rng: Any, replications: Any) -> How:
    if not dates_of(checked_history(history)):
        raise InputError("history", "it holds no date", "Add one with sj.monitoring.add_date.")
    return how_of(statistic, level, rng, replications)


def how_of(statistic: Any, level: Any, rng: Any, replications: Any) -> How:
    """Check how indicators are summarised and their ranges made."""
    draws = checked_whole_number(replications, "replications", least=0)
    return How(checked_statistic(statistic), confidence(level), seed_of(rng), draws)


def _date_in(date: Any, abouts: dict[str, Any], name: str) -> str:
    day = checked_date(date, name)
    if day not in abouts:
        raise InputError(name, f"{day} is not in the history", f"It has: {', '.join(abouts)}.")
    return day


def _facts(measure: str, shots: Snapshots, how: How) -> dict[str, Any]:
    return {
        "measure": measure,
        "unit": "label",
        "direction": "none",
        "level": how.level,
        "seed": how.seed,
        "replications": how.replications,
        "findings": list(shots.findings),
    }


def _findings(table: pd.DataFrame, how: How) -> list[Finding]:
    drawn = table.loc[table["interval"] == BY_ZONES, "zones"]
    made = []
    if how.replications and len(drawn) and drawn.min() < FEW:
        few = int(drawn.min())
        message = f"The intervals rest on {few:,} zones; with fewer than {FEW} they are narrower than they should be."
        made.append(Finding("few_zones", "warning", message, count=few))
    changed = table[table["verdict"] == DATA_CHANGED]
    if len(changed):
        what = "; ".join(dict.fromkeys(changed["data_changed"]))
        made.append(
            Finding(
                "changes_not_told",
                "warning",
                f"Of {len(changed)} indicators nobody can tell whether the city changed, because data did: {what}.",
                len(changed),
                advice="Measure the earlier date again with the data and settings of the later one (a bridge).",
                values={"count": len(changed), "what": what},
            )
        )
    came, went, other = (int(table[name].max(skipna=True)) if table[name].notna().any() else 0 for name in _ZONES)
    if came or went or other:
        made.append(
            Finding(
                "zones_not_compared",
                "warning",
                f"Between the two dates {came} zones came, {went} went and {other} have another outline: "
                "they take no part in what the city changed.",
                came + went + other,
                advice="Say which zone is which where only their ids changed.",
                values={"came": came, "went": went, "other": other},
            )
        )
    return made


_ZONES = ("zones_came", "zones_went", "zones_changed")
