"""How good the evidence for a relation is, by stated rules; and the matrix of components and dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import indicators, words
from spatialjustice.cities.effects._variables import COMPONENTS, DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

A, B, C, D, NOTHING = "A", "B", "C", "D", "–"
GRADES = (A, B, C, D, NOTHING)

ROBUST = {A: 0.10, B: 0.05}
"""Smallest robustness value of a grade."""
MANY = {A: 100, B: 50}
"""Fewest rows of a grade."""
COLLINEAR = 5.0
"""Variance inflation above which an indicator and what is held equal hardly part (Belsley, Kuh & Welsch 1980)."""


def graded(row: Mapping[Any, Any], level: float) -> tuple[str, str]:
    """Return the grade of a pair and what keeps it from the next better one, as keys of :func:`why_words`."""
    if row["status"] != "estimated":
        return NOTHING, "no data"
    if not row["q_value"] <= 1 - level:
        return D, "interval"
    against = []
    if row["robustness_value"] < ROBUST[A]:
        against.append("robustness" if row["robustness_value"] < ROBUST[B] else "robustness for A")
    if row["n"] < MANY[A]:
        against.append("few rows" if row["n"] < MANY[B] else "few rows for A")
    if not np.isfinite(row["moran_p_value"]) and row["model"] != "multilevel":
        against.append("neighbours not looked at")
    elif row["moran_p_value"] <= 1 - level:
        against.append("residuals dependent")
    if row["vif"] > COLLINEAR:
        against.append("collinear")
    if not against:
        return A, ""
    weak = {"robustness", "few rows"} & set(against) or len(against) > 2
    return (C if weak else B), ", ".join(against)


def effect_matrix(effects: pd.DataFrame, *, lang: str = "en") -> pd.DataFrame:
    """Put the relations of an analysis into the frame of 3 × 3, with a grade of evidence and what is missing.

    The grade of a cell is the best of its pairs, after the p-values of all pairs were adjusted together:

    * **A**: the interval stays clear of 0 after that; something left out would have to explain 10 % of what is left of
      both sides to take the relation away (robustness value of 0.10 or more); the residuals of neighbours do not depend
      on each other, or rows are compared within regions; 100 rows or more; variance inflation of 5 or less.
    * **B**: clear of 0, robustness value of 0.05 or more, 50 rows or more, and at most two of the other rules of A are
      not met.
    * **C**: clear of 0, but weaker than that.
    * **D**: nothing can be said: the interval holds 0 after adjusting.
    * **–**: no data.

    No grade speaks of what would happen if an indicator were changed.

    Definition: the rules of the grades, as listed.

    Parameters
    ----------
    effects
        Of :func:`effects`.
    lang
        Language of what is missing.

    Returns
    -------
    DataFrame
        Nine rows on (component, dimension); ``["grade"].unstack(sort=False)`` is the matrix. ``grade``; ``pairs``,
        ``estimated``, ``clear`` (clear of 0 after adjusting); ``better``, ``worse`` (clear ones in which more of what
        is good goes with better, or with worse); ``strongest_indicator``, ``strongest_outcome``: the clear pair, or
        where there is none any pair, with the highest robustness value; ``effect``, ``low``, ``high``,
        ``robustness_value``, ``n`` and ``sentence`` of it; ``why``: what keeps the cell from a better grade, as in
        ``grade_why``; ``indicators_missing`` and ``outcomes_missing``: keys of the catalogue that this component and
        this dimension have and the analysis does not; ``data_missing``: what data they are made of, in words.

    Raises
    ------
    InputError
        When the frame does not come from :func:`effects`.

    References
    ----------
    Nam, T., & Pardo, T. A. (2011). Conceptualizing smart city with dimensions of technology, people, and institutions.
    Proceedings of dg.o 2011 (the components). The grades are an own definition.

    Examples
    --------
    >>> zones = pd.DataFrame({"online": [0.1 * (at % 9) for at in range(60)]})
    >>> zones["walk"] = 30 - 20 * zones["online"] + [at % 5 for at in range(60)]
    >>> from spatialjustice.cities import effects
    >>> found = effects(zones, {"online": "people"}, {"walk": "social"}, rng=1)
    >>> effect_matrix(found)["grade"].unstack(sort=False).loc["people"].to_dict()
    {'environmental': '–', 'social': 'B', 'economic': '–'}
    """
    require_effects(effects, "effects")
    known = {name for level in (0, 1) for name in effects.index.get_level_values(level)}
    rows = {}
    for component in COMPONENTS:
        for dimension in DIMENSIONS:
            there = effects[(effects["component"] == component) & (effects["dimension"] == dimension)]
            rows[component, dimension] = _cell(there, 1 - effects.attrs["level"]) | _missing(
                component, dimension, known, lang
            )
    index = pd.MultiIndex.from_tuples(list(rows), names=["component", "dimension"])
    result = pd.DataFrame(list(rows.values()), index=index)
    result.attrs.update(
        {
            "measure": "effect_matrix",
            "unit": "label",
            "direction": "none",
            "level": effects.attrs["level"],
            "lang": lang,
            "rules": {"robustness_value": dict(ROBUST), "n": dict(MANY), "vif": COLLINEAR},
            "sources": [record.as_dict() for record in sources_of(effects)],
            "findings": [item.as_dict() for item in findings_of(effects)],
        }
    )
    return result


def require_effects(table: Any, name: str) -> None:
    """Refuse what does not come from :func:`effects`.

    Raises
    ------
    InputError
        When it is something else.
    """
    if not isinstance(table, pd.DataFrame) or table.attrs.get("measure") != "effects":
        raise InputError(
            name, "it does not come from cities.effects", "Give the frame that it returns, with its attrs."
        )


def _cell(there: pd.DataFrame, limit: float) -> dict[str, Any]:
    made = there[there["status"] == "estimated"]
    clear = made[made["q_value"] <= limit]
    order = {grade: place for place, grade in enumerate(GRADES)}
    best = min(there["grade"], key=order.__getitem__, default=NOTHING)
    among = made[made["grade"] == best]
    said: dict[str, Any] = {
        "grade": best,
        "pairs": len(there),
        "estimated": len(made),
        "clear": len(clear),
        "better": int((clear["goes_with"] == "better").sum()),
        "worse": int((clear["goes_with"] == "worse").sum()),
    }
    empty = {"strongest_indicator": "", "strongest_outcome": "", "sentence": "", "why": "no data"}
    numbers = ("effect", "low", "high", "robustness_value", "n")
    if not len(among):
        return said | empty | dict.fromkeys(numbers, np.nan)
    at = int(among["robustness_value"].to_numpy().argmax())
    row = among.iloc[at]
    indicator, outcome = among.index[at]
    return said | {
        "strongest_indicator": indicator,
        "strongest_outcome": outcome,
        **{name: float(row[name]) for name in numbers},
        "sentence": row["sentence"],
        "why": row["grade_why"],
    }


def _missing(component: str, dimension: str, known: set[Any], lang: str) -> dict[str, str]:
    """Say which indicators of the catalogue would fill the cell, and what data these are made of."""
    said, catalogue = words(lang), indicators()
    own = [key for key, one in catalogue.items() if one["component"] == component and key not in known]
    outcomes = [
        key
        for key, one in catalogue.items()
        if one["dimension"] == dimension and one["role"] == "outcome" and key not in known
    ]
    data = dict.fromkeys(name for key in [*own, *outcomes] for name in catalogue[key]["data"])
    return {
        "indicators_missing": ", ".join(key for key in own if catalogue[key]["role"] != "outcome"),
        "outcomes_missing": ", ".join(outcomes),
        "data_missing": said["language.comma"].join(said[f"indicator.data.{name}"] for name in data),
    }
