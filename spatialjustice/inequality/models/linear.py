"""Linear and spatial regression: what goes with what across zones, with neighbours that depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.inequality._inputs import checked_share
from spatialjustice.inequality.models._regression import Missing, design
from spatialjustice.inequality.models._regression_fits import (
    StandardErrors,
    dependence_tests,
    least_squares,
    residual_tests,
    spatial_error_fit,
    spatial_lag_fit,
)
from spatialjustice.inequality.models._regression_result import Kind, Model, model_from_fit
from spatialjustice.inequality.models._regression_words import plain_rows, three_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from libpysal.graph import Graph

    from spatialjustice._core.findings import Finding

__all__ = ["Choice", "Model", "choose_model", "ordinary_least_squares", "spatial_error", "spatial_lag"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Choice(Shown):
    """Which model Anselin's decision rule leads to; ``print`` it to read the rule and its numbers.

    Parameters
    ----------
    model
        The model chosen, fitted.
    least_squares
        The model that the tests were made on.
    steps
        The rule, one sentence for each step taken.
    decided_by
        Number of the step that decided, counted from 1.
    tests
        The four Lagrange multiplier tests: statistic, degrees_of_freedom, p_value.
    significance
        Largest p-value that was called significant.
    """

    model: Model
    least_squares: Model
    steps: tuple[str, ...]
    decided_by: int
    tests: pd.DataFrame
    significance: float

    def __str__(self) -> str:
        numbered = [f"{number}. {text}" for number, text in enumerate(self.steps, start=1)]
        return "\n".join([*numbered, f"Step {self.decided_by} decided: {self.model.kind}."])

    def __repr__(self) -> str:
        return f"<choice: {self.model.kind}, decided by step {self.decided_by}>"

    def _card(self) -> Card:
        steps = [(str(number), text) for number, text in enumerate(self.steps, start=1)]
        chosen = self.model._card()  # noqa: SLF001
        return Card(f"Chosen by step {self.decided_by}: {chosen.title}", [*steps, *chosen.rows])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the reader must know of the model chosen."""
        return self.model.findings

    def as_dict(self) -> dict[str, Any]:
        """Return the choice as plain data for JSON."""
        return {
            "model": self.model.as_dict(),
            "least_squares": self.least_squares.as_dict(),
            "steps": list(self.steps),
            "decided_by": self.decided_by,
            "tests": plain_rows(self.tests, ["test"]),
            "significance": self.significance,
        }


def ordinary_least_squares(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    neighbours: Graph | None = None,
    *,
    standard_errors: StandardErrors = "classical",
    level: float = 0.95,
    units: Mapping[str, str] | None = None,
    missing: Missing = "raise",
) -> Model:
    r"""Tell how an outcome differs, on average, between zones that differ in one thing and not in the others.

    :math:`y = X\beta + \varepsilon`, with :math:`\beta` that makes the sum of squared residuals smallest. With
    neighbours, the residuals are also tested for likeness among neighbours, which would make the intervals too narrow.

    Parameters
    ----------
    outcome
        One number for each zone, for example minutes to the nearest library.
    explanations
        One column of numbers for each variable; matched to the outcome by id, in any order of the rows.
    neighbours
        Links between exactly these zones; each zone's weights are divided by their sum.
    standard_errors
        ``"classical"`` assumes that zones scatter alike; ``"robust"`` does not (HC3, for few zones as well).
    level
        Share of intervals that would hold the true value, between 0 and 1.
    units
        Units by name of column, where the data do not carry them (``attrs["unit"]`` of the outcome,
        ``attrs["columns"][name]["unit"]`` of the variables). A ``share`` from 0 to 1 is read out in percentage points.
    missing
        What becomes of zones that miss a value: ``"raise"`` refuses them by id, ``"leave out"`` leaves them out of
        everything and says how many.

    Returns
    -------
    Model
        Its intervals and p-values come from Student's t with n - k degrees of freedom. Tests: condition number,
        Jarque-Bera, Breusch-Pagan and Koenker-Bassett (on the variables themselves; some programs use their squares);
        with neighbours also Moran's I of the residuals and the four Lagrange multiplier tests.

    Raises
    ------
    InputError
        When ids differ, a value is missing (unless left out) or infinite, a column does not vary or can be worked out
        from others, there are too few zones, or a zone has no neighbour.

    References
    ----------
    Anselin, L. (1988). Spatial econometrics. Kluwer. MacKinnon, J. G., & White, H. (1985). Some
    heteroskedasticity-consistent covariance matrix estimators. Journal of Econometrics, 29, 305-325.

    Examples
    --------
    >>> import pandas as pd
    >>> walk = pd.Series([1.0, 3.0, 4.0, 8.0], index=list("abcd"), name="walk")
    >>> older = pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd"), name="older")
    >>> model = ordinary_least_squares(walk, older, units={"walk": "minutes", "older": "percent"})
    >>> model.coefficients["estimate"].round(12).tolist()
    [-1.5, 2.2]
    >>> model.coefficients["meaning"].iloc[1]
    'Zones with 1 percentage point more older have on average 2.2 minutes (0.375 to 4.03) more walk.'
    """
    interval = checked_share(level, "level")
    data = design(outcome, explanations, neighbours, missing=missing, units=units)
    fit = least_squares(data, standard_errors)
    tests = residual_tests(data, fit.residuals)
    if neighbours is not None:
        tests |= dependence_tests(data)
    return model_from_fit("ordinary least squares", data, fit, tests, interval, (outcome, explanations, neighbours))


def spatial_lag(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    neighbours: Graph,
    *,
    standard_errors: StandardErrors = "classical",
    level: float = 0.95,
    units: Mapping[str, str] | None = None,
    missing: Missing = "raise",
) -> Model:
    r"""Tell how an outcome depends on variables when it also depends on the outcome of neighbouring zones.

    :math:`y = \rho W y + X\beta + \varepsilon`, with the rows of W summing to 1. A change in one zone spreads to its
    neighbours, theirs, and back, so that :math:`\beta` is no effect. With :math:`S = (I - \rho W)^{-1}`, the direct
    effect of variable k, in the zone where it changes, is :math:`\beta_k \operatorname{tr}(S) / n`; the total, when it
    changes everywhere, :math:`\beta_k / (1 - \rho)`; the indirect is the difference (LeSage & Pace). Their standard
    errors follow from those of :math:`\beta` and :math:`\rho` by the delta method.

    Parameters
    ----------
    outcome, explanations, neighbours, level, units, missing
        As for :func:`ordinary_least_squares`.
    standard_errors
        ``"classical"``: maximum likelihood, up to 5,000 zones. ``"robust"``: two-stage least squares with the
        neighbours' variables and theirs as instruments and White's standard errors, for any number of zones.

    Returns
    -------
    Model
        With ``effects``; intervals and p-values come from the normal distribution. ``residual_likeness`` tests whether
        the residuals of neighbours are still alike (Lagrange multiplier, or Anselin & Kelejian's test after
        two-stage least squares).

    Raises
    ------
    InputError
        As :func:`ordinary_least_squares`; TooLargeError above 5,000 zones with maximum likelihood.

    References
    ----------
    Anselin, L. (1988). Spatial econometrics. Kluwer. Kelejian, H. H., & Prucha, I. R. (1998). A generalized spatial
    two-stage least squares procedure. Journal of Real Estate Finance and Economics, 17, 99-121. LeSage, J., & Pace,
    R. K. (2009). Introduction to spatial econometrics. CRC Press.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> ids, walk = range(8), [1.0, 2.0, 2.5, 4.0, 5.5, 5.0, 7.0, 9.0]
    >>> row = Graph.from_dicts({i: [j for j in (i - 1, i + 1) if j in ids] for i in ids})
    >>> older = pd.Series([1.0, 2.0, 1.0, 3.0, 2.0, 3.0, 2.0, 4.0], name="older")
    >>> model = spatial_lag(pd.Series(walk, name="walk"), older, row)
    >>> effects = model.effects["estimate"]
    >>> bool(abs(effects["older", "direct"] + effects["older", "indirect"] - effects["older", "total"]) < 1e-12)
    True
    """
    interval = checked_share(level, "level")
    data = design(outcome, explanations, neighbours, missing=missing, units=units, spatial_terms=1)
    fit = spatial_lag_fit(data, standard_errors)
    tests = residual_tests(data, fit.residuals)
    return model_from_fit("spatial lag", data, fit, tests, interval, (outcome, explanations, neighbours))


def spatial_error(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    neighbours: Graph,
    *,
    standard_errors: StandardErrors = "classical",
    level: float = 0.95,
    units: Mapping[str, str] | None = None,
    missing: Missing = "raise",
) -> Model:
    r"""Tell how an outcome depends on variables when what the model leaves out is alike in neighbouring zones.

    :math:`y = X\beta + u,\; u = \lambda W u + \varepsilon`, with the rows of W summing to 1. Coefficients are effects,
    as in least squares, with intervals that allow for the likeness of neighbours.

    Parameters
    ----------
    outcome, explanations, neighbours, level, units, missing
        As for :func:`ordinary_least_squares`.
    standard_errors
        ``"classical"``: maximum likelihood, up to 5,000 zones. ``"robust"``: generalised moments that allow zones to
        scatter unequally, for any number of zones.

    Returns
    -------
    Model
        Intervals and p-values come from the normal distribution. ``fitted`` holds what the variables and the
        neighbours' deviations tell; ``residuals`` what nothing tells. ``residual_likeness`` is Moran's I of these.

    Raises
    ------
    InputError
        As :func:`ordinary_least_squares`; TooLargeError above 5,000 zones with maximum likelihood.

    References
    ----------
    Anselin, L. (1988). Spatial econometrics. Kluwer. Arraiz, I., Drukker, D. M., Kelejian, H. H., & Prucha, I. R.
    (2010). A spatial Cliff-Ord-type model with heteroskedastic innovations. Journal of Regional Science, 50, 592-614.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> ids, walk = range(8), [1.0, 2.0, 2.5, 4.0, 5.5, 5.0, 7.0, 9.0]
    >>> row = Graph.from_dicts({i: [j for j in (i - 1, i + 1) if j in ids] for i in ids})
    >>> older = pd.Series([1.0, 2.0, 1.0, 3.0, 2.0, 3.0, 2.0, 4.0], name="older")
    >>> spatial_error(pd.Series(walk, name="walk"), older, row).coefficients.index.tolist()
    ['intercept', 'older', 'lambda']
    """
    interval = checked_share(level, "level")
    data = design(outcome, explanations, neighbours, missing=missing, units=units, spatial_terms=1)
    fit = spatial_error_fit(data, standard_errors)
    tests = residual_tests(data, fit.residuals)
    return model_from_fit("spatial error", data, fit, tests, interval, (outcome, explanations, neighbours))


def choose_model(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    neighbours: Graph,
    *,
    significance: float = 0.05,
    standard_errors: StandardErrors = "classical",
    units: Mapping[str, str] | None = None,
    missing: Missing = "raise",
) -> Choice:
    """Tell whether least squares will do, or which of the two spatial models the data point to.

    Anselin's rule on the residuals of least squares: if neither the Lagrange multiplier test for a spatial lag nor that
    for a spatial error is significant, keep least squares; if one is, take that model; if both are, take the one whose
    robust test is significant, and where both or neither are, the one with the larger robust statistic. The rule
    chooses between these three only; theory may ask for another.

    Parameters
    ----------
    outcome, explanations, neighbours, standard_errors, units, missing
        As for :func:`ordinary_least_squares`.
    significance
        Largest p-value that is called significant, from 0 to 1.

    Returns
    -------
    Choice
        With the model fitted and the steps as sentences with their numbers.

    Raises
    ------
    InputError
        As :func:`spatial_lag`.

    References
    ----------
    Anselin, L. (2005). Exploring spatial data with GeoDa: a workbook, chapter 23. Anselin, L., Bera, A. K., Florax, R.,
    & Yoon, M. J. (1996). Simple diagnostic tests for spatial dependence. Regional Science and Urban Economics, 26,
    77-104.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> ids, walk = range(8), [1.0, 2.0, 1.5, 4.0, 2.5, 3.0, 2.0, 4.2]
    >>> row = Graph.from_dicts({i: [j for j in (i - 1, i + 1) if j in ids] for i in ids})
    >>> older = pd.Series([1.0, 2.0, 1.0, 3.0, 2.0, 3.0, 2.0, 4.0], name="older")
    >>> choice = choose_model(pd.Series(walk, name="walk"), older, row)
    >>> choice.model.kind, choice.decided_by
    ('ordinary least squares', 1)
    """
    limit = checked_share(significance, "significance")
    straight = ordinary_least_squares(
        outcome, explanations, neighbours, standard_errors=standard_errors, units=units, missing=missing
    )
    tests = straight.diagnostics.loc[["lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error"]]
    kind, steps = _rule(dict(tests["statistic"].items()), dict(tests["p_value"].items()), limit)
    model = straight
    if kind != "ordinary least squares":
        fitter = spatial_lag if kind == "spatial lag" else spatial_error
        model = fitter(outcome, explanations, neighbours, standard_errors=standard_errors, units=units, missing=missing)
    table = tests[["statistic", "degrees_of_freedom", "p_value"]].copy()
    return Choice(model, straight, tuple(steps), len(steps), table, limit)


def _rule(statistics: Mapping[Any, float], p_values: Mapping[Any, float], limit: float) -> tuple[Kind, list[str]]:
    """Walk through the decision rule, one sentence for each step."""

    def said(test: str) -> str:
        verdict = "significant" if yes(test) else "not significant"
        return f"{three_digits(statistics[test])} (p = {p_values[test]:.3g}, {verdict})"

    def yes(test: str) -> bool:
        return bool(p_values[test] <= limit)

    first = (
        f"Lagrange multiplier tests of the residuals of least squares at {limit:g}: spatial lag {said('lm_lag')}; "
        f"spatial error {said('lm_error')}."
    )
    if not yes("lm_lag") and not yes("lm_error"):
        return "ordinary least squares", [f"{first} Neither is significant: least squares will do."]
    if yes("lm_lag") != yes("lm_error"):
        kind: Kind = "spatial lag" if yes("lm_lag") else "spatial error"
        return kind, [f"{first} Only that of the {kind} is significant: take the {kind} model."]
    steps = [f"{first} Both are significant: look at the robust tests, each of which allows for the other."]
    second = f"Robust tests: spatial lag {said('robust_lm_lag')}; spatial error {said('robust_lm_error')}."
    if yes("robust_lm_lag") != yes("robust_lm_error"):
        kind = "spatial lag" if yes("robust_lm_lag") else "spatial error"
        return kind, [*steps, f"{second} Only that of the {kind} is significant: take the {kind} model."]
    both = "Both" if yes("robust_lm_lag") else "Neither"
    larger = statistics["robust_lm_lag"] >= statistics["robust_lm_error"]
    kind = "spatial lag" if larger else "spatial error"
    steps.append(f"{second} {both} {'are' if both == 'Both' else 'is'} significant: compare the two statistics.")
    steps.append(
        f"The robust statistic of the {kind} is the larger: take the {kind} model, with care, because the tests do not "
        "part the two clearly."
    )
    return kind, steps
