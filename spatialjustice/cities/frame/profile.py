"""A city in nine cells: three components of a smart city by three dimensions of sustainability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import indicators
from spatialjustice.catalogue.indicator_texts import data_in, standards_in
from spatialjustice.cities.effects._variables import COMPONENTS, DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = ("value", "low", "high", "worst_tenth", "range_low", "range_high", "gini", "people", "people_left_out")
COPIED = (*NUMBERS, "zones", "status", "note")


def city_profile(profile: pd.DataFrame | Sequence[pd.DataFrame], *, lang: str = "en") -> pd.DataFrame:
    r"""Lay the profile of a city out in nine cells, with what is missing in each and what data would fill it.

    In signs: the mean is :math:`\sum_i P_i x_i / \sum_i P_i`, its range the tenth and the ninetieth percentile over
    people.

    Parameters
    ----------
    profile
        Of ``digital.smart_city_profile``. Several where their indicators count different things, such as households in
        one and people in the other: of each indicator the first is taken that is measured.
    lang
        Language of names, codes and data.

    Returns
    -------
    DataFrame
        One row for each indicator of the catalogue, on its key, cell by cell: technology, people, institutions, and
        within each environmental, social, economic. ``component``, ``dimension`` (keys), ``name``, ``definition``,
        ``status`` (``"measured"`` or ``"missing"``), ``value`` (mean), ``range_low`` and ``range_high`` (eight of ten
        people live in zones from the one to the other), ``low`` and ``high`` (interval of an estimate),
        ``worst_tenth``, ``gini``, ``unit``, ``direction``, ``role``, ``zones``, ``people``, ``people_left_out`` (in
        zones without a value), ``counts`` (what these are, where a column of the profile says so), ``standards`` (with
        their codes), ``computable``, ``data`` that it is or would be made
        of, ``note``. ``attrs["cells"]``: of each cell how many indicators there are and how many are measured.

    Raises
    ------
    InputError
        When a frame is no whole profile.

    References
    ----------
    As of :func:`spatialjustice.digital.smart_city_profile`: Nam, T., & Pardo, T. A. (2011). Conceptualizing smart city
    with dimensions of technology, people, and institutions. Proceedings of dg.o 2011.

    Examples
    --------
    >>> from spatialjustice.digital import smart_city_profile
    >>> online = pd.Series({"north": 0.9, "south": 0.3})
    >>> found = city_profile(smart_city_profile({"household_internet": online, "fine_particles": 11.5}))
    >>> found.loc["household_internet", ["component", "dimension", "status"]].tolist()
    ['people', 'social', 'measured']
    >>> found.attrs["cells"]["institutions", "environmental"]
    (11, 1)
    """
    given = [profile] if isinstance(profile, pd.DataFrame) else list(profile)
    if not given:
        raise InputError("profile", "there is none", "Give what digital.smart_city_profile returns.")
    for one in given:
        _require_profile(one)
    rows = {}
    for key in _ordered():
        record = indicators()[key]
        known = next((one.loc[key] for one in given if one.loc[key, "status"] == "measured"), given[0].loc[key])
        rows[key] = {
            "component": record["component"],
            "dimension": record["dimension"],
            "name": record["name"][lang],
            "definition": record["definition"][lang],
            **{name: known[name] for name in COPIED},
            "counts": known.get("counts", ""),
            **{name: record[name] for name in ("unit", "direction", "role", "computable")},
            "standards": standards_in(record, lang),
            "data": data_in(record, lang),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    for name in NUMBERS:
        table[name] = table[name].astype(np.float64)
    table.attrs.update(
        {
            "measure": "city_profile",
            "unit": "label",
            "direction": "none",
            "lang": lang,
            "cells": _cells(table),
            "measured": int((table["status"] == "measured").sum()),
            "of": len(table),
            "sources": [record.as_dict() for record in sources_of(*given)],
            "findings": [item.as_dict() for item in findings_of(*given) if item.code != "indicators_without_layer"],
        }
    )
    return table


def _ordered() -> list[str]:
    """Return the keys of the catalogue, cell by cell."""
    place = {cell: at for at, cell in enumerate((one, other) for one in COMPONENTS for other in DIMENSIONS)}
    return sorted(indicators(), key=lambda key: place[indicators()[key]["component"], indicators()[key]["dimension"]])


def _cells(table: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many indicators each cell has, and how many of them are measured."""
    found = {}
    for component in COMPONENTS:
        for dimension in DIMENSIONS:
            there = table[(table["component"] == component) & (table["dimension"] == dimension)]
            found[component, dimension] = (len(there), int((there["status"] == "measured").sum()))
    return found


def _require_profile(profile: Any) -> None:
    if not isinstance(profile, pd.DataFrame) or not {*COPIED} <= set(profile.columns):
        raise InputError("profile", "it is no profile", "Make it with digital.smart_city_profile.")
    missing = [key for key in indicators() if key not in profile.index]
    if missing:
        raise InputError(
            "profile",
            f"{len(missing):,} indicators of the catalogue are not in it",
            "Keep all rows: the missing ones belong to it.",
            rows=missing,
        )
