"""A city read by technology, people and institutions, and by sustainability: what is known, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import indicators as catalogue
from spatialjustice.catalogue import words
from spatialjustice.catalogue.indicator_texts import data_in, listed, standards_in
from spatialjustice.digital._city_indicators import (
    GROUPINGS,
    ORDER,
    KnownIndicator,
    known_indicator,
    require_known,
    require_profile,
    with_attrs,
)
from spatialjustice.inequality._inputs import checked_choice

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Values
    from spatialjustice.inequality.distribution.intervals import Estimate

By = Literal["component", "dimension", "characteristic"]


def indicators(lang: str = "en") -> pd.DataFrame:
    """List the indicators of a smart and just city: what each is, where it belongs, which standard asks for it.

    Parameters
    ----------
    lang
        Language of names, definitions and labels: ``"en"`` or ``"fa"``.

    Returns
    -------
    DataFrame
        One row for each indicator, on its key. ``name``, ``definition``; ``unit`` and ``direction`` (keys, the same in
        every language); ``component`` (technology, people, institutions), ``dimension`` of sustainability,
        ``characteristic``, ``factor``, ``role`` and ``challenges`` in words; ``standards``: names with codes, “near”
        where the standard asks the same in another unit or with another line; ``computable`` from layers this package
        makes or reads; ``data`` that it is made of.

    Raises
    ------
    InputError
        When the language is not known.

    References
    ----------
    Nam, T., & Pardo, T. A. (2011). Conceptualizing smart city with dimensions of technology, people, and institutions.
    Proceedings of dg.o 2011. Giffinger, R., et al. (2007). Smart cities: ranking of European medium-sized cities.
    Vienna University of Technology. UN (2017). Global indicator framework for the Sustainable Development Goals. ITU &
    U4SSC (2017). Collection methodology for key performance indicators for smart sustainable cities.

    Examples
    --------
    >>> table = indicators()
    >>> table.loc["household_internet", ["component", "standards"]].tolist()
    ['People', 'U4SSC EC: ICT: ICT: 1C; ITU-T FG-SSC 2015 I1.1.2']
    >>> indicators("fa").loc["household_internet", "name"]
    'خانوارهای دارای اینترنت'
    """
    said = words(lang)
    rows = {
        key: {
            "name": one["name"][lang],
            "definition": one["definition"][lang],
            "unit": one["unit"],
            "direction": one["direction"],
            **{group: said[f"indicator.{group}.{one[group]}"] for group in (*GROUPINGS, "factor", "role")},
            "challenges": listed((said[f"indicator.challenge.{name}"] for name in one["challenges"]), lang),
            "standards": standards_in(one, lang),
            "computable": one["computable"],
            "data": data_in(one, lang),
        }
        for key, one in catalogue().items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    table.attrs.update({"measure": "indicators", "unit": "label", "lang": lang})
    return table


def smart_city_profile(
    layers: Mapping[str, float | pd.Series[Any] | Estimate],
    *,
    weights: Values | None = None,
    by: By = "component",
    lang: str = "en",
) -> pd.DataFrame:
    r"""Read a city from whatever layers it has: each indicator's mean beside its worst-served tenth, the rest missing.

    Technology that is on offer says little of people: a mean hides those who have least, and supply hides who does not
    use it. So every indicator that is known by zone comes with the mean of its worst-served tenth of people and its
    Gini index, and an indicator of supply whose use is not known is a finding. Nothing is filled in and nothing is
    ranked; an indicator without a layer stays in the table, with the data that would fill it.

    In signs: the mean is :math:`\sum_i P_i x_i / \sum_i P_i`, and that of the worst-served tenth the same over the
    tenth of people with the worst :math:`x_i`.

    Parameters
    ----------
    layers
        Key of an indicator (:func:`indicators` lists them) → what is known of it: a number for the whole city, a Series
        with a value for each zone (missing where it is not known or nobody can reach it), or an ``Estimate``. In the
        unit of the catalogue; shares from 0 to 1.
    weights
        People of each zone (households, where shares are of households), matched by id; None counts every zone once.
    by
        What the rows are ordered by: ``"component"`` (technology, people, institutions), ``"dimension"`` of
        sustainability, or ``"characteristic"``, the six of Giffinger.
    lang
        Language of names and labels.

    Returns
    -------
    DataFrame
        One row for each indicator of the catalogue, on its key. ``group`` (in the words of ``by``), ``name``,
        ``component``, ``dimension``, ``characteristic``, ``factor``, ``role``, ``unit``, ``direction`` (keys);
        ``value``: the mean over people; ``low`` and ``high`` of an estimate; ``worst_tenth``: the mean of the tenth of
        people with the worst values, the last zone counted in part; ``range_low`` and ``range_high``: eight of ten
        people live in zones with values from the one to the other; ``gini`` of the values, 0 is equal; ``zones``,
        ``people``, ``people_left_out`` (in zones without a value); ``status``: ``"measured"`` or ``"missing"``;
        ``computable``; ``data`` that it is made of, or would be; ``note``.

    Raises
    ------
    InputError
        When a key is not in the catalogue, a layer is in another unit or out of its range, or weights do not fit.

    References
    ----------
    Nam, T., & Pardo, T. A. (2011). Conceptualizing smart city with dimensions of technology, people, and institutions.
    Proceedings of dg.o 2011. Hollands, R. G. (2008). Will the real smart city please stand up? City, 12(3), 303-320
    (why supply stands beside use).

    Examples
    --------
    >>> people = pd.Series({"north": 50, "east": 40, "south": 10})
    >>> online = pd.Series({"north": 0.9, "east": 0.8, "south": 0.3})
    >>> found = smart_city_profile({"household_internet": online, "open_data": 0.4}, weights=people)
    >>> found.loc["household_internet", ["value", "worst_tenth", "people"]].astype(float).round(9).tolist()
    [0.8, 0.3, 100.0]
    >>> found.loc["ict_skills", ["status", "data"]].tolist()
    ['missing', 'a survey of households']
    >>> found["status"].value_counts().to_dict()
    {'missing': 57, 'measured': 2}
    """
    checked_choice(by, GROUPINGS, "by")
    said = words(lang)
    if not isinstance(layers, Mapping):
        raise InputError("layers", f"it is {a_kind(layers)}", "Give a mapping: key of an indicator → its layer.")
    require_known(layers, "layers")
    found = {key: known_indicator(key, layer, weights) for key, layer in layers.items()}
    rows = {}
    for key in _ordered(by):
        one = catalogue()[key]
        rows[key] = {
            "group": said[f"indicator.{by}.{one[by]}"],
            "name": one["name"][lang],
            **{name: one[name] for name in (*GROUPINGS, "factor", "role", "unit", "direction")},
            **found.get(key, KnownIndicator(np.nan))._asdict(),
            "status": "measured" if key in found and np.isfinite(found[key].value) else "missing",
            "computable": one["computable"],
            "data": data_in(one, lang),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    table["note"] = table.pop("note")
    measured = int((table["status"] == "measured").sum())
    given = list(layers.values())
    own = _findings(table, found)
    table.attrs.update(
        {
            "measure": "smart_city_profile",
            "unit": "label",
            "direction": "none",
            "by": by,
            "lang": lang,
            "measured": measured,
            "of": len(table),
            "sources": [record.as_dict() for record in sources_of(*given, weights)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(*given, weights), *own])],
        }
    )
    return table


def _ordered(by: str) -> list[str]:
    places = {name: place for place, name in enumerate(ORDER[by])}
    return sorted(catalogue(), key=lambda key: places[catalogue()[key][by]])


def _findings(table: pd.DataFrame, found: Mapping[str, KnownIndicator]) -> list[Finding]:
    missing = table[table["status"] == "missing"]
    findings = []
    if len(missing):
        findings.append(
            Finding(
                "indicators_without_layer",
                "information",
                f"{len(missing):,} of {len(table):,} indicators are missing; {int(missing['computable'].sum()):,} of "
                "them can be computed from data that this package reads.",
                values={"count": len(missing), "all": len(table), "computable": int(missing["computable"].sum())},
                count=len(missing),
                advice="The column of data says what would fill each.",
            )
        )
    left_out = {key: one.people_left_out for key, one in found.items() if one.people_left_out > 0}
    findings += [
        Finding(
            "people_without_a_value",
            "warning",
            f"{people:,.0f} people have no value of {key}; they take no part in its mean.",
            people=people,
            advice="Say how many they are beside the number: they are often the worst served.",
        )
        for key, people in left_out.items()
    ]
    alone = [
        key
        for key in table.index[table["status"] == "measured"]
        if (use := catalogue()[key]["beside"]) and table.loc[use, "status"] == "missing"
    ]
    if alone:
        findings.append(
            Finding(
                "supply_without_use",
                "warning",
                f"Of {', '.join(alone)} it is known what is offered, not what people have of it.",
                count=len(alone),
                advice="Supply alone hides who is left offline: add the use, see supply_beside_use.",
            )
        )
    return findings


def supply_beside_use(profile: pd.DataFrame) -> pd.DataFrame:
    r"""Put what is offered beside what people have of it.

    The gap is :math:`\bar s - \bar u`, the means over people of what is offered and of what is used.

    Parameters
    ----------
    profile
        Of :func:`smart_city_profile`.

    Returns
    -------
    DataFrame
        One row for each indicator of supply that has a counterpart, on its key. ``use``: the key of that; ``supply``
        and ``used``: their means; ``gap``: supply minus use, where both are shares, missing where one of them is;
        ``supply_worst_tenth`` and ``use_worst_tenth``, each of its own tenth; ``status``: ``"measured"`` where both
        are, ``"supply only"``, ``"use only"`` or ``"missing"``.

    Raises
    ------
    InputError
        When the frame is no profile.

    References
    ----------
    Hollands, R. G. (2008). Will the real smart city please stand up? City, 12(3), 303-320.

    Examples
    --------
    >>> known = {"fixed_broadband_coverage": 0.98, "fixed_broadband_subscriptions": 0.71}
    >>> found = supply_beside_use(smart_city_profile(known))
    >>> round(found.loc["fixed_broadband_coverage", "gap"], 2)
    np.float64(0.27)
    """
    require_profile(profile, "profile")
    rows = {}
    for key, one in catalogue().items():
        if (use := one["beside"]) is None:
            continue
        offered, taken = (profile.loc[name] for name in (key, use))
        both = {(True, True): "measured", (True, False): "supply only", (False, True): "use only"}
        like = offered["unit"] == taken["unit"] == "share"
        rows[key] = {
            "use": use,
            "supply": offered["value"],
            "used": taken["value"],
            "gap": offered["value"] - taken["value"] if like else np.nan,
            "supply_worst_tenth": offered["worst_tenth"],
            "use_worst_tenth": taken["worst_tenth"],
            "status": both.get((bool(np.isfinite(offered["value"])), bool(np.isfinite(taken["value"]))), "missing"),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    return with_attrs(table, [profile], measure="supply_beside_use", unit="share", direction="none")
