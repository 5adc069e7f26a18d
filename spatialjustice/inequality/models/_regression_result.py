"""A fitted regression model as the user gets it: tables, sentences and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.inequality.models._regression_fits import Fit, condition_number, traces
from spatialjustice.inequality.models._regression_words import (
    LEFT_ALONE,
    TESTS,
    plain_rows,
    sentence_of_coefficient,
    unit_of_coefficient,
)

if TYPE_CHECKING:
    from spatialjustice.inequality.models._regression import Design

Kind = Literal["ordinary least squares", "spatial lag", "spatial error"]

MANY = 30.0
"""Condition number from which coefficients cannot be told apart (Belsley, Kuh & Welsch 1980)."""

COLUMNS = ("estimate", "standard_error", "low", "high", "p_value")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Model(Shown):
    """A fitted model; ``print`` it to read it.

    Parameters
    ----------
    kind
        ``ordinary least squares``, ``spatial lag`` or ``spatial error``.
    outcome
        Name of the outcome.
    unit
        Its unit; empty where unknown.
    method
        How the coefficients and their standard errors were estimated.
    coefficients
        On the names of the terms: ``intercept``, the variables, and ``rho`` (lag) or ``lambda`` (error). Columns
        estimate, standard_error, low and high (the interval), p_value, unit, and meaning: one plain sentence each.
    effects
        Of a spatial lag model, on (variable, effect): the direct, indirect and total effect of each variable, with the
        same columns. None for other models, whose coefficients are themselves the effects.
    fit
        n, variables, r_squared (least squares) or pseudo_r_squared, log_likelihood, aic, bic, residual deviation;
        NaN for what a model does not have.
    diagnostics
        On the names of the tests: statistic, degrees_of_freedom, p_value, meaning.
    residuals, fitted
        On the user's index; NaN where a zone was left out. They sum to the outcome.
    findings
        What the reader must know.
    sources
        Where the data came from.
    """

    kind: Kind
    outcome: str
    unit: str
    method: str
    coefficients: pd.DataFrame
    effects: pd.DataFrame | None
    fit: pd.Series[Any]
    diagnostics: pd.DataFrame
    residuals: pd.Series[Any]
    fitted: pd.Series[Any]
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceRecord, ...] = ()

    def lines(self) -> list[str]:
        """Return the model as plain sentences."""
        count = int(self.fit["n"])
        found = [f"{self.kind.capitalize()} of {self.outcome} over {count:,} zones ({self.method})."]
        table = self.coefficients if self.effects is None else self.effects
        if self.effects is not None:
            found.append(
                "Coefficients of a spatial lag model are not effects, because zones act on each other and back; read "
                "the direct effect (in the zone itself), the indirect one (through all others) and their total."
            )
        found += [str(text) for text in table["meaning"]]
        if self.effects is not None:
            found.append(str(self.coefficients.loc["rho", "meaning"]))
        found.append("This tells of zones, not of persons, and of what goes together, not of causes.")
        return found + [f"{finding.message} {finding.advice}".strip() for finding in self.findings]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.outcome}, n = {int(self.fit['n'])}>"

    def _card(self) -> Card:
        table = self.coefficients if self.effects is None else self.effects
        names = [" ".join(term) if isinstance(term, tuple) else str(term) for term in table.index]
        terms = list(zip(names, table["meaning"].astype(str), strict=True))
        rows = [("zones", f"{int(self.fit['n']):,}"), ("method", self.method), ("unit", self.unit), *terms]
        return Card(f"{self.kind.capitalize()} of {self.outcome}", rows)

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the Series of zones as plain data for JSON; missing numbers are None."""
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "unit": self.unit,
            "method": self.method,
            "coefficients": plain_rows(self.coefficients, ["term"]),
            "effects": None if self.effects is None else plain_rows(self.effects, ["variable", "effect"]),
            "fit": plain_rows(self.fit.to_frame().T, ["outcome"])[0],
            "diagnostics": plain_rows(self.diagnostics, ["test"]),
            "findings": [finding.as_dict() for finding in self.findings],
            "sources": [source.as_dict() for source in self.sources],
            "lines": self.lines(),
        }


def model_from_fit(
    kind: Kind,
    data: Design,
    fit: Fit,
    tests: dict[str, tuple[float, float, float]],
    level: float,
    inputs: tuple[Any, ...],
) -> Model:
    """Put estimates, tests, sentences and findings together."""
    others = len(data.names) > 1
    variance = np.diag(fit.covariance)
    rows = {}
    for at, term in enumerate(fit.terms):
        row = _inference(float(fit.estimates[at]), float(variance[at]), fit.freedom, level)
        row["unit"] = unit_of_coefficient(data, term)
        row["meaning"] = (
            LEFT_ALONE
            if kind == "spatial lag" and term in data.names
            else sentence_of_coefficient(data, term, row, others)
        )
        rows[term] = row
    coefficients = pd.DataFrame.from_dict(rows, orient="index")
    coefficients.index.name = "term"
    effects = _effects(data, fit, level) if kind == "spatial lag" else None
    if fit.left is not None:
        tests["residual_likeness"] = fit.left
    elif kind == "spatial error":
        tests["residual_likeness"] = _moran(data, fit)
    diagnostics = _diagnostics(data, tests, 1 - level)
    sources = tuple(sources_of(*inputs))
    findings = (
        *findings_of(*inputs),
        *data.findings,
        *_findings(kind, diagnostics, 1 - level, robust=fit.robust),
    )
    residuals, fitted = data.series(fit.residuals, "residual"), data.series(data.y - fit.residuals, "fitted")
    for series, measure in ((residuals, "residual"), (fitted, "fitted")):
        series.attrs.update(
            {
                "measure": measure,
                "of": data.outcome,
                "unit": data.units[data.outcome],
                "direction": "none",
                "model": kind,
                "n": len(data.y),
                "sources": [source.as_dict() for source in sources],
                "findings": [finding.as_dict() for finding in findings],
            }
        )
    unit = data.units[data.outcome]
    return Model(
        kind,
        data.outcome,
        unit,
        fit.method,
        coefficients,
        effects,
        _summary(kind, data, fit),
        diagnostics,
        residuals,
        fitted,
        tuple(dict.fromkeys(findings)),
        sources,
    )


def _inference(estimate: float, variance: float, freedom: float, level: float) -> dict[str, Any]:
    """Return estimate, standard error, interval and two-sided p-value."""
    from scipy.stats import norm, t

    spread = float(np.sqrt(variance))
    law = norm if np.isinf(freedom) else t(freedom)
    reach = float(law.ppf((1 + level) / 2)) * spread
    p_value = float(2 * law.sf(abs(estimate) / spread))
    return dict(zip(COLUMNS, [estimate, spread, estimate - reach, estimate + reach, p_value], strict=True))


def _effects(data: Design, fit: Fit, level: float) -> pd.DataFrame:
    """Work out direct, indirect and total effects, with standard errors by the delta method."""
    rho, count = float(fit.estimates[-1]), len(data.y)
    found = traces(data.links, rho)
    # Each effect is beta times a multiplier of rho; the second number is the multiplier's slope.
    direct, total = (found.s / count, found.sws / count), (1 / (1 - rho), 1 / (1 - rho) ** 2)
    multipliers = {"direct": direct, "indirect": (total[0] - direct[0], total[1] - direct[1]), "total": total}
    rows = {}
    for at, name in enumerate(data.names, start=1):
        for effect, (times, slope) in multipliers.items():
            gradient = np.array([times, fit.estimates[at] * slope])
            part = fit.covariance[np.ix_([at, -1], [at, -1])]
            row = _inference(float(fit.estimates[at] * times), float(gradient @ part @ gradient), np.inf, level)
            row["unit"] = unit_of_coefficient(data, name)
            row["meaning"] = sentence_of_coefficient(data, name, row, len(data.names) > 1, effect)
            rows[name, effect] = row
    return pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(rows, names=["variable", "effect"]))


def _moran(data: Design, fit: Fit) -> tuple[float, float, float]:
    """Test the residuals of the error model by shuffling them; the seed is fixed so that a model is one model."""
    from libpysal.graph import Graph

    from spatialjustice.inequality.space.moran import moran

    ids = range(len(data.y))
    found = moran(pd.Series(fit.residuals, index=ids), Graph.from_sparse(data.links, ids=list(ids)), rng=0)
    return float(found["statistic"]), np.nan, float(found["p_value"])


def _diagnostics(data: Design, tests: dict[str, tuple[float, float, float]], limit: float) -> pd.DataFrame:
    number = condition_number(data.with_ones)
    rows = [["condition_number", number, np.nan, np.nan, TESTS["condition_number"][int(number > MANY)]]]
    for name, (statistic, freedom, p_value) in tests.items():
        rows.append([name, statistic, freedom, p_value, TESTS[name][int(p_value <= limit)]])
    columns = ["test", "statistic", "degrees_of_freedom", "p_value", "meaning"]
    return pd.DataFrame(rows, columns=columns).set_index("test")


def _findings(kind: Kind, diagnostics: pd.DataFrame, limit: float, *, robust: bool) -> list[Finding]:
    """Return what the tests say that a reader must not miss."""
    p_values, found = diagnostics["p_value"], []
    number = float(diagnostics["statistic"].to_dict()["condition_number"])
    if number > MANY:
        message = f"The condition number is {number:.0f}: the variables go together so closely that they hardly part."
        found.append(Finding("high_condition_number", "warning", message, advice="Leave one of them out."))
    # Breusch and Pagan's test needs normal residuals; Koenker and Bassett's does not.
    test = "koenker_bassett" if p_values["jarque_bera"] <= limit else "breusch_pagan"
    if p_values[test] <= limit and not robust:
        message = f"Zones scatter unequally ({test.replace('_', '-').title()} p = {p_values[test]:.3g}): the intervals \
do not allow for it."
        found.append(Finding("heteroscedastic", "warning", message, advice="Use standard_errors='robust'."))
    if p_values["jarque_bera"] <= limit:
        message = f"The residuals are not normal (Jarque-Bera p = {p_values['jarque_bera']:.3g}); with few zones the \
intervals are rough."
        found.append(Finding("residuals_not_normal", "information", message))
    near = {"ordinary least squares": "moran_of_residuals"}.get(kind, "residual_likeness")
    if near in p_values.index and p_values[near] <= limit:
        message = f"Neighbouring zones still have alike residuals (p = {p_values[near]:.3g}): the intervals are too \
narrow."
        advice = "See choose_model." if kind == "ordinary least squares" else "Something with a pattern is left out."
        found.append(Finding("spatial_autocorrelation_left", "warning", message, advice=advice))
    return found


def _summary(kind: Kind, data: Design, fit: Fit) -> pd.Series[Any]:
    """Return measures of fit; one rule for the number of parameters makes the criteria of the models comparable."""
    count, parameters = len(data.y), len(fit.terms) + 1
    straight = kind == "ordinary least squares"
    squares = float(fit.residuals @ fit.residuals)
    r_squared = 1 - squares / float(((data.y - data.y.mean()) ** 2).sum())
    freedom = count - len(fit.terms)
    pseudo = float(np.corrcoef(data.y, fit.trend)[0, 1] ** 2)
    values = {
        "n": count,
        "variables": len(data.names),
        "r_squared": r_squared if straight else np.nan,
        "adjusted_r_squared": 1 - (1 - r_squared) * (count - 1) / freedom if straight else np.nan,
        "pseudo_r_squared": np.nan if straight else pseudo,
        "log_likelihood": fit.log_likelihood,
        "aic": 2 * parameters - 2 * fit.log_likelihood,
        "bic": np.log(count) * parameters - 2 * fit.log_likelihood,
        "residual_standard_deviation": np.sqrt(squares / (freedom if straight else count)),
    }
    return pd.Series(values, name=data.outcome, dtype=np.float64)
