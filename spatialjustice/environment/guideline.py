"""Guidelines and limits, and how many people live beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice.environment._columns import BETTER, exposure_columns
from spatialjustice.environment._draws import draws_of_sums
from spatialjustice.inequality.groups._tables import (
    Uncertainty,
    group_table,
    matched,
    ratio_or_nan,
    suppressed_finding,
    with_attrs,
)
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.groups._tables import Groups

ANY = "any"
"""The averaging period of what does not hang on one."""


def guidelines(*, lang: str = "en") -> pd.DataFrame:
    """Return the guidelines and limits that the package knows, of the WHO, the EU and others.

    Definition: the numbers as their bodies publish them; none is computed.

    Parameters
    ----------
    lang
        The language of their names.

    Returns
    -------
    DataFrame
        A row for each, by its key: ``name``; ``what`` it is of; ``value`` and ``unit``; ``averaging``, the period that
        the value is for; ``direction`` of the exposure; ``kind`` (guideline, interim target, limit value,
        reporting threshold, rule of thumb); ``body``, ``year``, ``applies_from`` and ``source``.

    Raises
    ------
    InputError
        When the language is unknown.

    References
    ----------
    As the column ``source`` says of each.

    Examples
    --------
    >>> guidelines().loc["who_2021_pm25_annual", ["name", "unit", "averaging"]].tolist()
    ['WHO guideline for PM2.5, annual mean', 'µg/m³', 'annual']
    """
    catalogue.words(lang)
    rows = {key: {**one, "name": catalogue.text_in(one["name"], lang)} for key, one in catalogue.guidelines().items()}
    order = [
        "name",
        "what",
        "value",
        "unit",
        "averaging",
        "direction",
        "kind",
        "body",
        "year",
        "applies_from",
        "source",
    ]
    frame = pd.DataFrame.from_dict(rows, orient="index")[order].rename_axis("guideline")
    frame.attrs.update({"measure": "guidelines", "unit": "label", "direction": "none"})
    return frame


def above_guideline(
    values: pd.Series[Any],
    groups: Groups,
    *,
    guideline: str | float,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell which share of each group lives beyond a guideline.

    People of the group in zones on the wrong side of it (above, of a burden; below, where more is better, as of
    trees), divided by its people in zones whose exposure is known. Exactly the guideline is not beyond it. A guideline
    is for a period: a summer mean beyond an annual guideline is told with a finding that says so.

    In signs: :math:`\sum_i n_{ig} \, 1[x_i > g] / \sum_i n_{ig}` with the guideline g (:math:`x_i < g` where more is
    better).

    Parameters
    ----------
    values
        The exposure of each zone, missing where it is not known. ``attrs["unit"]`` must be the guideline's, and
        ``attrs["averaging"]`` says over which period it is a mean.
    groups
        Who lives where, from :mod:`spatialjustice.inequality`, matched by id.
    guideline
        Key of one of :func:`guidelines` (turned round for what is left of the whole, such as land without trees); or a
        number in the unit of the values, whose ``attrs["direction"]`` then says which side is wrong.
    suppress_below, rng, replications, level
        As :func:`exposure_by_group`.

    Returns
    -------
    DataFrame
        A row for each group, ``"unknown"`` where there is one and ``"all people"`` last: ``share_above``, from 0 to 1,
        with ``low`` and ``high``; ``people_above``; ``n`` zones, ``people`` counted, ``people_left_out`` in zones whose
        exposure is not known; ``note``. ``attrs`` tell the guideline's value, unit, period, body, year and source.

    Raises
    ------
    InputError
        When there is no such guideline, the unit is another one or not told, ids differ, or nobody lives where the
        exposure is known.

    References
    ----------
    World Health Organization (2021). WHO global air quality guidelines. Geneva. Directive (EU) 2024/2881 on ambient air
    quality and cleaner air for Europe.

    Examples
    --------
    >>> from spatialjustice.inequality import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> air = pd.Series([5.0, 5.1])
    >>> air.attrs |= {"unit": "µg/m³", "averaging": "annual"}
    >>> found = above_guideline(air, groups, guideline="who_2021_pm25_annual", replications=0)
    >>> found["share_above"].to_dict()
    {'young': 0.25, 'old': 0.75, 'all people': 0.5}
    """
    ((_, exposure),) = exposure_columns(values, "values").items()
    record = guideline_record(guideline, exposure)
    findings = _findings(record, exposure)
    how = Uncertainty.checked(rng, replications, level)
    line, lower = float(record["value"]), record["direction"] == BETTER[0]
    data = matched(exposure, groups)
    beyond = (data.amounts > line if lower else data.amounts < line).astype(np.float64)
    draws = draws_of_sums(data._replace(amounts=beyond), _shares, how)
    low, high = draws.ends()
    concerned = np.einsum("i,ij->j", beyond, data.people)
    columns = {
        "share_above": draws.value,
        "low": low,
        "high": high,
        "people_above": np.append(concerned, concerned.sum()),
    }
    frame = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    findings += suppressed_finding(frame, suppress_below)
    facts = {"guideline": dict(record), **draws.facts, "suppress_below": suppress_below}
    facts |= {"measure": "above_guideline", "unit": "share", "direction": BETTER[0]}
    return with_attrs(frame, exposure, groups, data, facts, findings)


def _shares(sums: Floats, counts: Floats) -> Floats:
    """Return the share of each group, and of all people last."""
    every = [part.sum(axis=1, keepdims=True) for part in (sums, counts)]
    return ratio_or_nan(*(np.hstack([part, whole]) for part, whole in zip((sums, counts), every, strict=True)))


def guideline_record(guideline: str | float, values: pd.Series[Any]) -> dict[str, Any]:
    """Return what a guideline says, of the catalogue or as a number in the unit of the values.

    Raises
    ------
    InputError
        When there is none by that name, or the unit of the values is another one.
    """
    unit = values.attrs.get("unit")
    if not isinstance(guideline, str):
        number = isinstance(guideline, int | float | np.number) and not isinstance(guideline, bool)
        if not number or not np.isfinite(guideline):
            raise InputError(
                "guideline", f"it is {guideline!r}", "Give a number, or a key of environment.guidelines()."
            )
        direction = values.attrs.get("direction", "lower is better")
        return {
            "key": "own", "name": f"{guideline:g} {unit or ''}".strip(), "value": float(guideline),
            "unit": unit or "amount", "averaging": ANY, "direction": direction, "body": "", "year": None,
            "source": "", "kind": "own",
        }  # fmt: skip
    there = catalogue.guidelines()
    if guideline not in there:
        hint = did_you_mean(guideline, list(there), "environment.guidelines() lists them")
        raise InputError("guideline", f"“{guideline}” is none that the package knows", f"{hint[:1].upper()}{hint[1:]}.")
    record = dict(there[guideline])
    if unit != record["unit"]:
        found = "the unit of the values is not told" if unit is None else f"the values are in {unit}"
        advice = f"{guideline} is in {record['unit']}: say so in attrs['unit'] where they are, or convert them."
        raise InputError("values", found, advice)
    if values.attrs.get("complement") and record["unit"] == "share":
        # Of land without trees the most is told by the least of trees.
        other = {BETTER[0]: BETTER[1], BETTER[1]: BETTER[0]}[record["direction"]]
        record |= {"value": 1 - record["value"], "direction": other}
    return {"key": guideline, **record}


def _findings(record: dict[str, Any], values: pd.Series[Any]) -> list[Finding]:
    period, asked = values.attrs.get("averaging"), record["averaging"]
    if asked in {ANY, period}:
        return []
    of = "is not told" if period is None else f"is {period}"
    message = (
        f"{record['key']} is for the averaging period {asked}, but that of {values.name} {of}: who is above it is told "
        "as if they were the same."
    )
    advice = "Summer means of fine particles may lie above or below those of the year; get an exposure of the period."
    return [Finding("other_averaging_period", "warning", message, advice=advice)]
