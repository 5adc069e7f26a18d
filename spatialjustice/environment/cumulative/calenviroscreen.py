"""The cumulative burden as CalEnviroScreen 4.0 makes it: pollution burden times population characteristics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.environment._columns import BETTER, exposure_columns, said, worse
from spatialjustice.environment.cumulative.percentiles import checked_people, percentiles_of
from spatialjustice.inequality._inputs import aligned_by_id

if TYPE_CHECKING:
    from spatialjustice.environment._columns import Exposures
    from spatialjustice.inequality._inputs import Floats, Values

EFFECTS_WEIGHT = 0.5
MOST = 10.0
"""The highest score of each half."""

PARTS = ("exposures", "environmental_effects", "sensitive", "socioeconomic")


def calenviroscreen_score(
    exposures: Exposures,
    *,
    environmental_effects: Exposures | None = None,
    sensitive: Exposures | None = None,
    socioeconomic: Exposures | None = None,
    people: Values,
) -> pd.DataFrame:
    r"""Tell where several burdens and vulnerable people come together, by the rule of CalEnviroScreen 4.0.

    Each indicator becomes a percentile among the zones. Components are means of the percentiles that a zone has:
    exposures X and environmental effects F on one side, sensitive populations S and socioeconomic factors E on the
    other. Effects count half, because they are farther from people than exposures:

    .. math:: B = \frac{X + F / 2}{1 + 1 / 2}, \qquad C = \frac{S + E}{2}, \qquad
        score = 10 \frac{B}{\max B} \cdot 10 \frac{C}{\max C}

    so that pollution burden and population characteristics each go to 10, and the score to 100. A component for which
    nothing is given is left out of its mean, and without population characteristics at all the score is the pollution
    burden (0 to 10). ``score_percentile`` is the score's percentile among zones.

    A percentile is the share of zones with no more, so that the highest is 100 and equal values share theirs; the
    report words it as the share that falls below, which is one zone less.

    Missing values are handled as there. A zone with the value 0 of an indicator does not have the hazard: it is not
    ranked and gets percentile 0. A zone whose value is missing gets no percentile, and its component is the mean of the
    others (``indicators`` counts what it has; the finding ``burden_of_fewer_indicators`` says of how many zones that is
    true). A zone that has nothing at all of a component has no score.

    Parameters
    ----------
    exposures
        Contacts with pollution (air, noise, heat, traffic): Series by name, one Series, or a frame with a column for
        each; missing where it is not known. ``attrs["direction"]`` says which are good; those are turned round, and
        their 0 is ranked like any other value.
    environmental_effects
        Environmental effects (sites, flooding, lack of green), in the same form.
    sensitive
        Sensitive populations (asthma, children, the old), in the same form.
    socioeconomic
        Socioeconomic factors (poverty, education, hardship), in the same form.
    people
        People of each zone: where nobody lives there is no score and no rank.

    Returns
    -------
    DataFrame
        On the index of the exposures: ``pollution_burden`` and ``population_characteristics``, each from 0 to 10;
        ``score`` and ``score_percentile``, from 0 to 100; the means ``exposures``, ``environmental_effects``,
        ``sensitive``, ``socioeconomic`` and every percentile as ``percentile: NAME``, from 0 to 100;
        ``indicators``, how many the zone has.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, a name stands in two components, or no zone has a score.

    References
    ----------
    August, L. et al. (2021). CalEnviroScreen 4.0. Sacramento: Office of Environmental Health Hazard Assessment, chapter
    “Method”.

    Examples
    --------
    Percentiles of air 100 and 50, of waste 50 and 100: B = (100 + 25) / 1.5 = 83.3 and (50 + 50) / 1.5 = 66.7.

    >>> found = calenviroscreen_score(
    ...     {"air": pd.Series([9.0, 8.0])}, environmental_effects={"waste": pd.Series([1.0, 3.0])}, people=[10, 10]
    ... )
    >>> found["pollution_burden"].round(9).tolist()
    [10.0, 8.0]
    """
    given = {
        "exposures": exposures,
        "environmental_effects": environmental_effects,
        "sensitive": sensitive,
        "socioeconomic": socioeconomic,
    }
    parts = {part: exposure_columns(one, part) for part, one in given.items() if one is not None}
    names = [name for columns in parts.values() for name in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            "environmental_effects", f"{', '.join(twice)} stands in two components", "Give each indicator once."
        )
    first = next(iter(parts["exposures"].values()))
    lived_in = checked_people(people, first) > 0
    percentiles: dict[str, Floats] = {}
    means: dict[str, Floats] = {}
    for part, columns in parts.items():
        made = {}
        for name, values in columns.items():
            numbers = aligned_by_id(
                pd.Series(worse(values, name), index=values.index), name, first, "the first exposure"
            )
            good = values.attrs.get("direction") == BETTER[1]
            made[name] = _percentiles(np.where(lived_in, numbers, np.nan), absent=None if good else 0.0)
        percentiles |= made
        means[part] = _mean([*made.values()])
    burden = _weighted(means.get("exposures"), means.get("environmental_effects"), EFFECTS_WEIGHT)
    traits = _weighted(means.get("sensitive"), means.get("socioeconomic"), 1.0)
    assert burden is not None  # noqa: S101 - exposures are always given
    frame = pd.DataFrame({"pollution_burden": _scaled(burden)}, index=first.index)
    frame["population_characteristics"] = np.nan if traits is None else _scaled(traits)
    score = frame["pollution_burden"] * (1.0 if traits is None else frame["population_characteristics"])
    frame["score"] = score
    frame["score_percentile"] = percentiles_of(score.to_numpy(), np.ones(len(score)))
    for part in PARTS:
        if part in means:
            frame[part] = means[part]
    for name, one in percentiles.items():
        frame[f"percentile: {name}"] = one
    frame["indicators"] = np.isfinite(np.array([*percentiles.values()])).sum(axis=0)
    if not score.notna().any():
        raise InputError("exposures", "no zone has a value of every component", "Give indicators that zones have.")
    _say(frame, parts, people, lived_in)
    return frame


def _say(frame: pd.DataFrame, parts: dict[str, Any], people: Values, lived_in: Any) -> None:
    counts = np.asarray(people, dtype=np.float64) if not isinstance(people, pd.Series) else people.reindex(frame.index)
    counts = np.asarray(counts, dtype=np.float64)
    number = sum(len(columns) for columns in parts.values())
    fewer = lived_in & (frame["indicators"].to_numpy() < number)
    without = lived_in & frame["score"].isna().to_numpy()
    findings = []
    if fewer.any():
        message = (
            f"{int(fewer.sum()):,} zones with {counts[fewer].sum():,.0f} people lack one or more of {number:,} "
            f"indicators: their components are means of those they have, and {int(without.sum()):,} have no score."
        )
        findings.append(
            Finding("burden_of_fewer_indicators", "warning", message, int(fewer.sum()), float(counts[fewer].sum()))
        )
    columns = [values for one in parts.values() for values in one.values()]
    said(
        frame, "calenviroscreen_score", [*columns, people], findings, unit="index", direction="lower is better",
        method="CalEnviroScreen 4.0", components={part: [*one] for part, one in parts.items()},
        left_out=float(counts[frame["score"].isna().to_numpy()].sum()),
    )  # fmt: skip


def _percentiles(numbers: Floats, *, absent: float | None) -> Floats:
    """Return percentiles among zones; a hazard that is not there (0) is percentile 0 and not ranked."""
    nowhere = np.zeros(len(numbers), dtype=bool) if absent is None else numbers == absent
    found = percentiles_of(np.where(nowhere, np.nan, numbers), np.ones(len(numbers)))
    found[nowhere] = 0.0
    return found


def _mean(columns: list[Floats]) -> Floats:
    """Return the mean of what each zone has; missing where it has nothing."""
    table = np.array(columns)
    there = np.isfinite(table).sum(axis=0)
    sums = np.nansum(table, axis=0)
    found: Floats = np.full(table.shape[1], np.nan)
    np.divide(sums, there, out=found, where=there > 0)
    return found


def _weighted(one: Floats | None, other: Floats | None, weight: float) -> Floats | None:
    """Return the mean of two components, the second with a weight; the one that is given where the other is not."""
    if one is None or other is None:
        return other if one is None else one
    return (one + weight * other) / (1.0 + weight)


def _scaled(numbers: Floats) -> Floats:
    """Divide by the highest, which becomes 10."""
    highest = np.nanmax(numbers) if np.isfinite(numbers).any() else np.nan
    return MOST * numbers / highest if highest > 0 else np.where(np.isfinite(numbers), 0.0, np.nan)
