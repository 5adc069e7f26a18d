"""When to look: rules that are stated beforehand, and the dates on which they hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.inequality._inputs import seed_of
from spatialjustice.monitoring._alert_words import sentences
from spatialjustice.monitoring._rows import MISSING, checked_history, dates_of
from spatialjustice.monitoring._snapshot import Snapshots, checked_statistic
from spatialjustice.monitoring.changes import (
    DATA_CHANGED,
    FELL,
    LEVEL,
    NOT_MEASURED,
    REPLICATIONS,
    ROSE,
    WORSE,
    changes_between,
    how_of,
    levels_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

THRESHOLD, CHANGE, MISSED, DATA = "threshold", "change", "missing", "data"
KEYS = {
    THRESHOLD: {"kind", "indicator", "statistic", "above", "below"},
    CHANGE: {"kind", "indicator", "statistic", "dates"},
    MISSED: {"kind", "indicator", "dates"},
    DATA: {"kind", "indicator"},
}
DEFAULT_RULES: tuple[Mapping[str, Any], ...] = (
    {"kind": CHANGE},
    {"kind": CHANGE, "statistic": "gap"},
    {"kind": MISSED},
    {"kind": DATA},
)
COLUMNS = (
    *("date", "rule", "kind", "indicator", "statistic", "since", "new", "value", "limit", "change", "low", "high"),
    *("comparisons", "unit", "weighted_by", "what"),
)


def alerts(
    history: pd.DataFrame,
    *,
    rules: Sequence[Mapping[str, Any]] | None = None,
    level: float = LEVEL,
    rng: int | Generator | None = None,
    replications: int = REPLICATIONS,
) -> pd.DataFrame:
    """Tell on which dates which rule held, with a sentence in every language.

    Definition: a rule holds where the value is beyond its threshold, where a change for the worse lasts for the asked
    dates and stays clear of 0, or where data are missing.

    Parameters
    ----------
    history
        What :func:`history` returned.
    rules
        Rules with their ``kind`` and settings; ``indicator`` limits a rule to one, ``statistic`` is ``mean``,
        ``worst_tenth`` or ``gap``:

        - ``threshold``: the statistic is ``above`` or ``below`` a number, that number itself not included;
        - ``change``: the city's part of the change got worse (without a direction: moved the same way) on each of so
          many ``dates`` in a row (1), each with a false discovery rate of 1 − level over the indicators compared then;
        - ``missing``: nothing was measured on so many ``dates`` in a row (1);
        - ``data``: whether the city changed cannot be told, because data did.

        None takes a change for the worse of the mean, one of the gap to the worst-off tenth, missing ones, and data.
    level
        How sure a change must be.
    rng
        What draws follow from.
    replications
        Draws.

    Returns
    -------
    DataFrame
        One row for each rule, indicator and date on which it holds, oldest first: ``date``, ``rule`` (its number, from
        1), ``kind``, ``indicator``, ``statistic``, ``since`` (the first of the dates in a row on which it holds),
        ``new`` (whether that is this date), ``value``, ``limit``, ``change`` with ``low`` and ``high``,
        ``comparisons`` (indicators compared on that date, over which the rate is controlled), ``unit``,
        ``weighted_by``, ``what`` (which way it moved, why it is missing, what changed of the data), and the sentence
        under the code of each language (``en``, ``fa``).

    Raises
    ------
    InputError
        When a rule cannot be used.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society
    B, 57(1), 289-300.

    Examples
    --------
    >>> import tempfile
    >>> from spatialjustice.monitoring import add_date, history
    >>> zones = pd.DataFrame({"zone": ["a", "b"], "indicator": "use", "unit": "share"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = add_date(folder, zones.assign(value=[0.5, 0.7]), date=2019)
    ...     _ = add_date(folder, zones.assign(value=[0.3, 0.3]), date=2020)
    ...     found = alerts(history(folder), rules=[{"kind": "threshold", "indicator": "use", "below": 0.4}], rng=1)
    >>> found[["date", "new", "value"]].to_dict("records")
    [{'date': '2020', 'new': True, 'value': 0.3}]
    """
    known = checked_history(history)
    given = checked_rules(rules, known)
    seed = seed_of(rng)
    shots = Snapshots(known)
    days = [about["date"] for about in dates_of(known)]
    levels = {name: levels_of(shots, how_of(name, level, seed, 0)) for name in {rule["statistic"] for rule in given}}
    wanted = {rule["statistic"] for rule in given if rule["kind"] in {CHANGE, DATA}}
    moved = {
        name: [changes_between(shots, how_of(name, level, seed, replications), until=day) for day in days]
        for name in sorted(wanted)
    }
    rows: list[dict[str, Any]] = []
    for number, rule in enumerate(given, 1):
        changes = pd.concat(moved[rule["statistic"]]) if rule["statistic"] in moved else pd.DataFrame()
        for indicator in _indicators(known, rule):
            series = levels[rule["statistic"]]
            one = series[series["indicator"] == indicator].set_index("date")
            two = changes[changes["indicator"] == indicator].set_index("until") if len(changes) else changes
            rows += [
                {"rule": number, "kind": rule["kind"], "indicator": indicator, "statistic": rule["statistic"], **held}
                for held in _HELD[rule["kind"]](rule, one, two, days)
            ]
    table = pd.DataFrame(rows, columns=[*COLUMNS])
    table["new"] = table["new"].astype(bool)
    table = table.sort_values(["date", "rule", "indicator"], kind="stable", ignore_index=True)
    for lang, told in sentences(table, known).items():
        table[lang] = told
    table.attrs = {
        "measure": "alerts",
        "unit": "label",
        "direction": "none",
        "rules": [dict(rule) for rule in given],
    } | {"seed": seed}
    return table


def checked_rules(rules: Any, history: pd.DataFrame | None = None) -> list[dict[str, Any]]:
    """Return rules with their defaults; refuse those that cannot be used.

    Raises
    ------
    InputError
        Naming the rule.
    """
    made = []
    given = DEFAULT_RULES if rules is None else rules
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise InputError("rules", f"they are {a_kind(given)}", "Give a list of rules, each with its kind.")
    for number, rule in enumerate(given, 1):
        name = f"rules, rule {number}"
        kind = rule.get("kind") if hasattr(rule, "get") else None
        if kind not in KEYS:
            raise InputError(name, f"its kind is {kind!r}", f"Choose of: {', '.join(KEYS)}.")
        strange = sorted({*rule} - KEYS[kind])
        if strange:
            raise InputError(
                name, f"{kind} knows no {', '.join(strange)}", f"It takes {', '.join(sorted(KEYS[kind]))}."
            )
        limits = [side for side in ("above", "below") if rule.get(side) is not None]
        if kind == THRESHOLD and len(limits) != 1:
            raise InputError(name, f"it has {len(limits)} limits", "Give above or below, one of the two.")
        if kind == THRESHOLD and (isinstance(rule[limits[0]], bool) or not isinstance(rule[limits[0]], int | float)):
            raise InputError(name, f"its limit is {rule[limits[0]]!r}", "Give a number in the unit of the indicator.")
        dates = rule.get("dates", 1)
        if isinstance(dates, bool) or not isinstance(dates, int) or dates < 1:
            raise InputError(name, f"dates is {dates!r}", "Give a whole number, 1 or more: so many dates in a row.")
        asked = rule.get("indicator")
        if history is not None and len(history) and asked is not None and asked not in set(history["indicator"]):
            there = ", ".join(sorted(history["indicator"].unique())) or "none yet"
            raise InputError(name, f"the history has no indicator {asked!r}", f"It has: {there}.")
        made.append({**rule, "statistic": checked_statistic(rule.get("statistic", "mean")), "dates": dates})
    return made


def _indicators(history: pd.DataFrame, rule: Mapping[str, Any]) -> list[str]:
    every = sorted(history["indicator"].unique())
    return [name for name in every if rule.get("indicator") in {None, name}]


def _threshold(rule: Mapping[str, Any], levels: pd.DataFrame, _: pd.DataFrame, days: list[str]) -> list[dict[str, Any]]:
    above = rule.get("above") is not None
    limit = float(rule["above"] if above else rule["below"])
    found, since = [], ""
    for day in days:
        one = levels.loc[day]
        if one["status"] == MISSING:
            continue  # nobody knows whether it still holds: neither ended nor told
        value: Any = one["value"]
        # A sum that is the limit but for rounding is at the limit.
        at_limit = math.isclose(value, limit, rel_tol=1e-9, abs_tol=1e-12)
        beyond = not at_limit and (value > limit) == above
        since = (since or day) if beyond else ""
        if beyond:
            found.append(
                {"date": day, "since": since, "new": since == day, "value": value, "limit": limit}
                | {"unit": one["unit"], "what": "above" if above else "below", "weighted_by": one["weighted_by"]}
            )
    return found


def _worse(rule: Mapping[str, Any], _: pd.DataFrame, changes: pd.DataFrame, days: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    run: list[str] = []
    way = ""
    for day in days:
        one = changes.loc[day]
        if one["verdict"] == NOT_MEASURED:
            continue
        if one["verdict"] not in {WORSE, ROSE, FELL}:
            run = []
            continue
        run = [*run, day] if str(one["verdict"]) == way else [day]
        way = str(one["verdict"])
        if len(run) >= rule["dates"]:
            first = run[0]
            found.append(
                {"date": day, "since": first, "new": len(run) == rule["dates"], "value": one["after"]}
                | {"change": one["city"], "low": one["city_low"], "high": one["city_high"]}
                | {"comparisons": one["comparisons"], "unit": one["unit"], "limit": float(len(run))}
                | {"what": "rose" if one["city"] > 0 else "fell", "weighted_by": one["weighted_by"]}
            )
    return found


def _missed(rule: Mapping[str, Any], levels: pd.DataFrame, _: pd.DataFrame, days: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    run: list[str] = []
    for day in days:
        one = levels.loc[day]
        run = [*run, day] if one["status"] == MISSING else []
        if len(run) >= rule["dates"]:
            found.append(
                {"date": day, "since": run[0], "new": len(run) == rule["dates"], "limit": float(len(run))}
                | {"what": one["reason"], "unit": one["unit"]}
            )
    return found


def _data(_: Mapping[str, Any], _levels: pd.DataFrame, changes: pd.DataFrame, days: list[str]) -> list[dict[str, Any]]:
    return [
        {"date": day, "since": day, "new": True, "value": changes.loc[day, "after"]}
        | {"change": changes.loc[day, "change"], "unit": changes.loc[day, "unit"]}
        | {"what": changes.loc[day, "data_changed"]}
        for day in days
        if changes.loc[day, "verdict"] == DATA_CHANGED
    ]


_HELD = {THRESHOLD: _threshold, CHANGE: _worse, MISSED: _missed, DATA: _data}
