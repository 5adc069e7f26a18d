"""How sure a measure is: intervals by drawing zones again, and from the margins of error of a survey."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.names.hints import without_hints
from spatialjustice._core.screen.card import Card, Shown, written
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    checked_before,
    checked_whole_number,
    people_or_weights,
    seed_of,
    with_weights,
)
from spatialjustice.inequality.distribution.margins import STANDARD_ERRORS, checked_margins
from spatialjustice.inequality.distribution.zone_draws import drawn_zones
from spatialjustice.inequality.distribution.zone_rows import ZoneRows, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Measure: TypeAlias = "Callable[..., float]"

BOOTSTRAP = "percentile bootstrap by zone"
MONTE_CARLO = "Monte Carlo from margins of error"

FEW = 20
"""Zones below which a bootstrap interval is known to be too narrow."""

FEWEST_REPLICATIONS = 99
MOST_FAILED = 0.1
"""Share of draws that may end without a result before the interval is refused."""


@dataclass(frozen=True, slots=True)
class Estimate(Shown):
    """A measure with the interval that it lies in, and everything needed to get the same again.

    Parameters
    ----------
    value
        The measure of the data as they are.
    low, high
        Ends of the interval.
    level
        Confidence: 0.95 means that intervals made in this way hold the true value in about 95 of 100 cases.
    method
        ``"percentile bootstrap by zone"`` or ``"Monte Carlo from margins of error"``.
    n
        Zones that took part.
    replications
        How often the data were drawn anew.
    seed
        The number that all draws follow from.
    failed
        Draws for which the measure is undefined, for example because nobody in them has anything; the interval is of
        the others.
    set_to_zero
        Numbers drawn below 0 and set to 0, over all draws (margins of error only).
    findings
        What the reader must know.

    Examples
    --------
    >>> found = Estimate(0.3, 0.25, 0.36, 0.95, "percentile bootstrap by zone", n=90, replications=999, seed=1)
    >>> found.as_dict()["high"]
    0.36
    """

    value: float
    low: float
    high: float
    level: float
    method: str
    n: int
    replications: int
    seed: int
    failed: int = 0
    set_to_zero: int = 0
    findings: tuple[Finding, ...] = ()

    def _card(self) -> Card:
        rows = [
            ("interval", f"{written(self.low)} to {written(self.high)} ({self.level:.0%})"),
            ("method", f"{self.method}, {self.replications:,} replications"),
            ("zones", f"{self.n:,}"),
            ("seed", str(self.seed)),
            ("undefined", f"{self.failed:,} replications" if self.failed else ""),
            ("drawn below 0", f"{self.set_to_zero:,} numbers, set to 0" if self.set_to_zero else ""),
        ]
        return Card(f"Estimate: {written(self.value)}", rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as plain data for JSON."""
        return {**asdict(self), "findings": [finding.as_dict() for finding in self.findings]}


def interval(
    measure: Measure,
    values: Values,
    *,
    people: Values | None = None,
    weights: Values | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
    **settings: Any,
) -> Estimate:
    """Tell how far a measure could be off if other zones like these had been looked at.

    Weighted bootstrap by zone: as many zones as there are are drawn with replacement, each with its people and all
    that is known of it, and the measure is taken of them; the interval lies between the quantiles of the results. A
    zone that is drawn k times counts k times as many people instead of standing in k rows, which is the same for every
    measure that is unchanged when everyone is counted twice, as all of this package are. Zones where nobody lives are
    not drawn, so that they change nothing.

    It answers for the choice of zones only, and takes them as independent of each other: where neighbours are alike,
    the true uncertainty is wider. Measures of inequality are too low, and their intervals too narrow, with few zones.

    Parameters
    ----------
    measure
        A measure of this package (or any callable) that takes values, ``weights`` and the settings, and gives a number.
    values
        What each zone has.
    people
        People of each zone; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which the result tells.
    replications
        How often zones are drawn, at least 99.
    level
        Confidence, between 0 and 1, both ends open.
    **settings
        Settings of the measure. A Series, array or list with a number for each zone (``rank_by``) is drawn along with
        its zones; Series are matched by id.

    Returns
    -------
    Estimate
        The measure of all zones, and the ends of its interval. The same input and seed give the same bits, in whatever
        order the rows come.

    Raises
    ------
    InputError
        When the measure refuses the data or does not give a number; when fewer than 4 zones have people; when ids
        differ; when more than a tenth of the draws have no result.

    References
    ----------
    Efron, B. (1979). Bootstrap methods: Another look at the jackknife. The Annals of Statistics, 7(1), 1-26. Efron, B.,
    & Tibshirani, R. J. (1993). An introduction to the bootstrap, chapter 13. Chapman & Hall. Mills, J. A., &
    Zandvakili, S. (1997). Statistical inference via bootstrapping for measures of inequality. Journal of Applied
    Econometrics, 12(2), 133-150.

    Examples
    --------
    >>> from spatialjustice.inequality.distribution.gini_and_lorenz import gini
    >>> found = interval(gini, [3, 5, 5, 8, 13, 21, 4, 6], people=[9, 4, 7, 3, 2, 1, 5, 5], rng=1)
    >>> round(found.value, 3), found.low < found.value < found.high, found.n, found.seed
    (0.268, True, 8, 1)
    """
    weights = people_or_weights(people, weights)
    asked = confidence(level)
    draws = checked_whole_number(replications, "replications", least=FEWEST_REPLICATIONS)
    (found,) = intervals([(measure, settings)], values, weights, seed=seed_of(rng), replications=draws, level=asked)
    if isinstance(found, InputError):
        raise found
    return found


def intervals(
    measures: Sequence[tuple[Measure, dict[str, Any]]],
    values: Values,
    weights: Values | None,
    *,
    seed: int,
    replications: int,
    level: float,
) -> list[Estimate | InputError]:
    """Return :func:`interval` of several measures of the same zones, each with its settings, from the same draws.

    A setting with a number for each zone (``rank_by``) is the same for all measures. An error stands in the place of an
    interval that cannot be given.
    """
    # Any callable may come here: what it would leave out in silence is refused first.
    with_weights(values, weights, may_be_negative=True)
    known = [_checked_number(measure(values, weights=weights, **settings)) for measure, settings in measures]
    rows = rows_of(values, weights, measures[0][1])
    found = _measures_of_draws(measures, rows, seed, replications)
    # Draws of values that are all the same differ by rounding at most.
    same = bool((rows.amounts == rows.amounts[0]).all()) and not rows.along
    count = len(rows.amounts)
    few = Finding(
        "few_zones",
        "warning",
        f"The interval rests on {count:,} zones; with fewer than {FEW} it is narrower than it should be.",
        count=count,
    )
    made: list[Estimate | InputError] = []
    for value, column in zip(known, found.T, strict=True):
        try:
            estimate = _estimate(value, column, level, count, seed, same=same)
        except InputError as error:
            made.append(error)
            continue
        findings = [*estimate.findings, *([few] if count < FEW else [])]
        made.append(_with_findings(estimate, BOOTSTRAP, findings))
    return made


def _measures_of_draws(
    measures: Sequence[tuple[Measure, dict[str, Any]]], rows: ZoneRows, seed: int, replications: int
) -> Floats:
    """Return each measure of each draw of zones; NaN where it has none."""
    found = np.full((replications, len(measures)), np.nan)
    draws = drawn_zones(rows, seed=seed, replications=replications)
    own = all(_own(measure) for measure, _ in measures)
    for step, drawn in enumerate(tqdm(draws, total=replications, desc="interval", delay=2, leave=False)):
        # A measure that others wrote may keep what it is given.
        amounts, people = (drawn.amounts, drawn.people) if own else (drawn.amounts.copy(), drawn.people.copy())
        along = {name: column[drawn.which] for name, column in rows.along.items()}
        with checked_before() if own else nullcontext():
            for place, (measure, settings) in enumerate(measures):
                try:
                    found[step, place] = measure(amounts, weights=people, **{**settings, **along})
                except (InputError, ArithmeticError):
                    # Counted and reported: among few zones it can happen that nobody drawn has anything.
                    continue
    return found


def interval_from_margins(  # noqa: PLR0913 - people or weights, of which one is given
    measure: Measure,
    values: Values,
    margins: Values | None,
    *,
    people: Values | None = None,
    weights: Values | None = None,
    people_margins: Values | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
    **settings: Any,
) -> Estimate:
    """Tell how far a measure could be off because its numbers come from a survey with margins of error.

    Monte Carlo: each number is drawn from a normal distribution around its estimate, with the margin divided by 1.645
    as the standard error (margins of the American Community Survey hold at 90 %; multiply margins at 95 % by
    1.645 / 1.96 first), independently of the others, and the measure is taken of the numbers drawn. Draws below 0
    become 0 and are counted; nothing is cut at the top. All zones stay: this is the error of the survey, not the
    choice of zones.

    Random errors make zones look more different than they are: a measure of inequality of numbers drawn with error is
    on average above that of the estimates, as that of the estimates is above the truth. Where the estimate lies outside
    its interval, a finding says so; then the margins are too wide for the measure to mean much.

    Parameters
    ----------
    measure
        A measure of this package (or any callable) that takes values, ``weights`` and the settings, and gives a number.
    values
        What each zone has, 0 or more.
    margins
        Margin of error of each value at 90 %, in the unit of the values, 0 or more; None where only people have one.
    people
        People of each zone; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    people_margins
        Margin of error of the people, or of the weights, at 90 %; None where they are exact.
    rng, replications, level
        As :func:`interval`.
    **settings
        Settings of the measure; they are taken as exact.

    Returns
    -------
    Estimate
        The measure of the estimates, and the ends of its interval; ``set_to_zero`` counts draws below 0.

    Raises
    ------
    InputError
        When the measure refuses the data; when a margin is missing, infinite or negative; when neither values nor
        people have margins; when more than a tenth of the draws have no result.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 7 (standard errors from margins). Spielman, S. E., Folch, D., & Nagle, N. (2014). Patterns and causes of
    uncertainty in the American Community Survey. Applied Geography, 46, 147-157.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.distribution.gini_and_lorenz import gini
    >>> shares = pd.Series({"a": 0.9, "b": 0.6, "c": 0.3})
    >>> margins = pd.Series({"a": 0.05, "b": 0.1, "c": 0.1})
    >>> found = interval_from_margins(gini, shares, margins, rng=1)
    >>> round(found.value, 3), found.low < found.value < found.high
    (0.222, True)
    """
    weights = people_or_weights(people, weights)
    asked = confidence(level)
    draws = checked_whole_number(replications, "replications", least=FEWEST_REPLICATIONS)
    seed = seed_of(rng)
    if margins is None and people_margins is None:
        raise InputError("margins", "neither values nor people have any", "Give margins, or use interval instead.")
    if people_margins is not None and weights is None:
        raise InputError("people_margins", "there are no people that they could belong to", "Give people too.")
    known = with_weights(values, weights)
    value = _checked_number(measure(values, weights=weights, **settings))
    errors = _errors(margins, values, "margins"), _errors(people_margins, values, "people_margins")
    rows = rows_of(values, weights, settings, *errors, everyone=True)
    columns = [(rows.amounts, rows.errors[0]), (rows.people, rows.errors[1])]
    below = [0]

    def draw(generator: np.random.Generator) -> float:
        drawn = []
        for estimates, sizes in columns:
            noisy = estimates + generator.standard_normal(len(estimates)) * sizes
            below[0] += int((noisy < 0).sum())
            drawn.append(np.maximum(noisy, 0.0))
        return measure(drawn[0], weights=drawn[1], **{**settings, **rows.along})

    exact = not any(sizes.any() for _, sizes in columns)
    estimate = _estimate(value, _measure_of_draws(draw, seed, draws), asked, len(known.amounts), seed, same=exact)
    findings = [*estimate.findings, *_margin_findings(estimate, below[0], sum(int((s > 0).sum()) for _, s in columns))]
    return _with_findings(estimate, MONTE_CARLO, findings, below[0])


def _own(measure: Measure) -> bool:
    """Return whether a measure is one of this room: it takes rows as they are given, so that draws are checked once.

    Where it was written tells: what it calls its module may be copied from another by a decorator.
    """
    plain = without_hints(measure.func if isinstance(measure, partial) else measure)
    return str(getattr(plain, "__globals__", {}).get("__name__")).startswith("spatialjustice.inequality.distribution.")


def confidence(level: float) -> float:
    """Check a level of confidence.

    Raises
    ------
    InputError
        When it does not lie between 0 and 1.
    """
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise InputError("level", f"it is {level!r}", "Give a number between 0 and 1, for example 0.95.")
    return float(level)


def percentiles(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the ends between which the middle share of the draws lies, for each column; missing draws are left out."""
    known = np.isfinite(draws)
    ends = np.full((2, *draws.shape[1:]), np.nan)
    for place in np.ndindex(draws.shape[1:]):
        column = draws[(slice(None), *place)][known[(slice(None), *place)]]
        if len(column) >= (1 - MOST_FAILED) * len(draws):
            ends[(slice(None), *place)] = np.quantile(column, [(1 - level) / 2, (1 + level) / 2])
    return ends[0], ends[1]


def _errors(margins: Values | None, values: Values, name: str) -> Floats:
    if margins is None:
        return np.zeros(len(values))
    return checked_margins(margins, name, values, "values") / STANDARD_ERRORS


def _checked_number(found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float | np.number):
        raise InputError(
            "measure",
            f"it gives {a_kind(found)}, not a number",
            "Give a measure that makes one number of values and weights, such as gini.",
        )
    return float(found)


def _measure_of_draws(draw: Callable[[np.random.Generator], float], seed: int, replications: int) -> Floats:
    """Return the measure of each draw; NaN where it has none."""
    generator = np.random.default_rng(seed)
    found = np.full(replications, np.nan)
    for step in tqdm(range(replications), desc="interval", delay=2, leave=False):
        try:
            found[step] = draw(generator)
        except (InputError, ArithmeticError):
            # Counted and reported: among few zones it can happen that nobody drawn has anything.
            continue
    return found


def _estimate(value: float, found: Floats, level: float, count: int, seed: int, *, same: bool) -> Estimate:
    failed = int((~np.isfinite(found)).sum())
    if failed > MOST_FAILED * len(found):
        raise InputError(
            "values",
            f"the measure is undefined in {failed:,} of {len(found):,} draws",
            "Too few zones have anything to tell how sure it is. Report the measure without an interval.",
        )
    low, high = (float(end) for end in percentiles(found, level))
    findings = []
    if failed:
        findings.append(
            Finding(
                "draws_without_result",
                "warning",
                f"The measure is undefined in {failed:,} of {len(found):,} draws; the interval is of the others.",
                count=failed,
            )
        )
    if same or high - low <= 1e-12 * max(abs(low), abs(high)):
        findings.append(
            Finding(
                "interval_without_width",
                "warning",
                "All draws give the same: the interval has no width, which says nothing of how sure the measure is.",
            )
        )
    return Estimate(value, low, high, level, "", count, len(found), seed, failed, 0, tuple(findings))


def _margin_findings(estimate: Estimate, below: int, uncertain: int) -> list[Finding]:
    findings = []
    if below:
        share = below / (uncertain * estimate.replications)
        findings.append(
            Finding(
                "draws_set_to_zero",
                "warning",
                f"{below:,} numbers drawn ({share:.1%}) were below 0 and set to 0, which moves small numbers upwards.",
                count=below,
            )
        )
    if not estimate.low <= estimate.value <= estimate.high:
        findings.append(
            Finding(
                "value_outside_interval",
                "warning",
                "The measure of the estimates lies outside its interval, because errors of this size make zones look "
                "more different than they are.",
                advice="Measure larger zones or more years together, whose margins are narrower.",
            )
        )
    return findings


def _with_findings(estimate: Estimate, method: str, findings: list[Finding], below: int = 0) -> Estimate:
    return replace(estimate, method=method, findings=tuple(findings), set_to_zero=below)
