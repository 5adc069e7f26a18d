"""How much a place counts at a cost: decays, the weights that measures of access put on travel costs.

Every function here returns a :class:`Decay`; a parameter outside the range named for it is an :class:`InputError`.
Costs and parameters are in the unit of the travel costs, minutes or metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatialjustice._core.errors import InputError, a_kind, listed
from spatialjustice._core.numbers.checks import checked_travel_costs

__all__ = [
    "Decay", "as_decay", "binary", "exponential", "gaussian", "half_life", "linear", "logistic", "power",
    "soft_threshold", "stepped", "truncated_gaussian",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float64]

ROUNDING = 1e-12
"""How far a weight may lie outside 0 to 1 through rounding alone; it is moved to the nearer end."""


@dataclass(frozen=True)
class Decay:
    """A weight for every cost: made by the functions of this module, or by :func:`as_decay` from a function.

    Call it with costs, 0 or more, and it returns their weights, each in [0, 1], in the same shape. An infinite cost
    (no way) always has a weight of 0.

    Attributes
    ----------
    name
        ``binary``, ``linear``, …, or the name of the function.
    cutoff
        The cost beyond which every weight is 0; None where there is no such cost.
    parameters
        Names and values of the parameters, in the unit of the costs.
    function
        Gives the weights of an array of costs; None for the formula of that name.

    Examples
    --------
    >>> Decay("halved", 30.0, (), lambda costs: np.where(costs <= 30, 0.5, 0.0))([10, 30, 31]).tolist()
    [0.5, 0.5, 0.0]
    """

    name: str
    cutoff: float | None
    parameters: tuple[tuple[str, Any], ...] = ()
    function: Callable[[Floats], Any] | None = None

    def __call__(self, costs: ArrayLike) -> Floats:
        """Return the weights of costs.

        Raises
        ------
        InputError
            When a cost is negative or not a number, or a weight does not lie in [0, 1].
        """
        cost = checked_travel_costs(np.asarray(costs).ravel(), "costs").reshape(np.shape(costs))
        if cost.size and not float(cost.min()) >= 0:  # the minimum of anything with NaN is NaN
            wrong = cost[~(cost >= 0)]
            raise InputError(
                "costs",
                f"{wrong.size:,} are negative or not a number",
                "Leave out pairs without a connection, or give them an infinite cost.",
                rows=wrong.ravel(),
            )
        weight = self._weights(cost)
        endless = np.isinf(cost)
        if endless.any():
            weight = np.where(endless, 0.0, weight)
        if weight.size and not (float(weight.min()) >= 0 and float(weight.max()) <= 1):
            weight = self._brought_inside(cost, weight)
        return weight

    def __str__(self) -> str:
        """Return the name with the parameters, as they are written in code."""
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.parameters)})"

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters as plain data for JSON."""
        return {
            "name": self.name,
            "parameters": {name: list(value) if isinstance(value, tuple) else value for name, value in self.parameters},
        }

    def _weights(self, cost: Floats) -> Floats:
        seen = cost.view()
        seen.flags.writeable = False  # the caller's costs stay as they are, whatever a function does
        try:
            with np.errstate(all="ignore"):
                values = [value for _, value in self.parameters]
                given = FORMULAS[self.name](seen, *values) if self.function is None else self.function(seen)
                weight = np.asarray(given, dtype=float)
        except InputError:
            raise
        except (TypeError, ValueError) as error:
            raise InputError(
                "decay",
                f"{self.name} cannot be applied to an array of costs: {error}",
                "Write it with NumPy functions, so that it takes an array and returns one, without changing the first.",
            ) from error
        if weight.shape != cost.shape:
            found = f"{self.name} returns {weight.shape} weights for {cost.shape} costs"
            raise InputError("decay", found, "Return one weight for each cost, in the same order.")
        return weight

    def _brought_inside(self, cost: Floats, weight: Floats) -> Floats:
        wrong = ~((weight >= -ROUNDING) & (weight <= 1 + ROUNDING))
        if wrong.any():
            pairs = [f"{c:g} weighs {w:g}" for c, w in zip(cost[wrong], weight[wrong], strict=True)]
            found = f"{self.name} gives weights outside 0 to 1: a cost of {listed(pairs)}"
            raise InputError("decay", found, "A weight is the share of a place that counts: let it lie in 0 to 1.")
        return np.clip(weight, 0.0, 1.0)


def as_decay(decay: Decay | Callable[[Any], Any]) -> Decay:
    """Return a decay: a decay as it is, or one that applies a function of your own.

    Parameters
    ----------
    decay
        A decay, or a function that takes an array of costs and returns as many weights. Its attribute ``cutoff``,
        where it has one, is the cost beyond which it is 0. Whether the weights lie in [0, 1] is checked whenever it
        is applied; where the cost is infinite, the weight is 0 whatever the function says.

    Returns
    -------
    Decay

    Raises
    ------
    InputError
        When it cannot be called.

    Examples
    --------
    >>> as_decay(lambda costs: 1 / (1 + costs))([0, 1, 3]).tolist()
    [1.0, 0.5, 0.25]
    """
    if isinstance(decay, Decay):
        return decay
    given: Any = decay
    if not callable(given):
        advice = "Give one of the decays, for example decay.exponential(0.1), or a function of costs."
        raise InputError("decay", f"it is {a_kind(given)}", advice)
    cutoff = getattr(decay, "cutoff", None)
    name = str(getattr(decay, "__name__", type(decay).__name__))
    return Decay(name, None if cutoff is None else checked_number("cutoff", cutoff, zero=True), (), decay)


def binary(cutoff: float) -> Decay:
    """Make a decay that is 1 up to a cutoff and 0 beyond: every place within reach counts in full.

    Parameters
    ----------
    cutoff
        0 or more, in the unit of the costs, closed: at the cutoff the weight is 1.

    Examples
    --------
    >>> binary(10)([0, 10, 10.1]).tolist()
    [1.0, 1.0, 0.0]
    """
    limit = checked_number("cutoff", cutoff, zero=True)
    return _decay_named("binary", ends=limit, cutoff=limit)


def linear(cutoff: float) -> Decay:
    r"""Make a decay that falls in a straight line from 1 at no cost to 0 at a cutoff.

    .. math:: f(c) = \max(0,\; 1 - c / c_0)

    Parameters
    ----------
    cutoff
        Above 0, in the unit of the costs; the weight is 0 there.

    References
    ----------
    Kwan (1998), Space-time and integral measures of individual accessibility, Geographical Analysis 30: 191-216.

    Examples
    --------
    >>> linear(20)([0, 5, 20, 30]).tolist()
    [1.0, 0.75, 0.0, 0.0]
    """
    limit = checked_number("cutoff", cutoff)
    return _decay_named("linear", ends=limit, cutoff=limit)


def exponential(decay_value: float) -> Decay:
    r"""Make a decay that loses the same share with every further minute or metre.

    .. math:: f(c) = e^{-\beta c}

    Parameters
    ----------
    decay_value
        The rate β, above 0, per unit of the costs. It is a rate and not a half-life. Some tools (R5) ask under the
        name “exponential” for the cost at which the weight is one half: that is :func:`half_life`,
        β = ln 2 / half-life. Others (pandana) use e^(−c/r): give β = 1/r.

    References
    ----------
    Wilson (1971), A family of spatial interaction models, and associated developments, Environment and Planning 3:
    1-32.

    Examples
    --------
    >>> exponential(0.1)([0, 10, 30]).round(4).tolist()
    [1.0, 0.3679, 0.0498]
    """
    rate = checked_number("decay_value", decay_value)
    return _decay_named("exponential", decay_value=rate)


def half_life(cost: float) -> Decay:
    r"""Make the exponential decay that is one half at a cost, one quarter at twice that cost, and so on.

    .. math:: f(c) = 2^{-c / c_{1/2}} = e^{-\beta c}, \qquad \beta = \ln 2 / c_{1/2}

    Parameters
    ----------
    cost
        Where the weight is one half, above 0, in the unit of the costs.

    Returns
    -------
    Decay
        :func:`exponential` with that rate.

    Examples
    --------
    >>> half_life(30)([0, 30, 60]).round(12).tolist()
    [1.0, 0.5, 0.25]
    """
    return exponential(math.log(2) / checked_number("cost", cost))


def power(decay_value: float) -> Decay:
    r"""Make a decay that falls with a power of the cost.

    .. math:: f(c) = \min(1,\; c^{-\beta})

    Up to a cost of one unit the weight is 1, so this decay, unlike the others, changes its shape with the unit:
    the same β means something else in metres than in minutes.

    Parameters
    ----------
    decay_value
        The exponent β, above 0.

    References
    ----------
    Hansen (1959), How accessibility shapes land use, Journal of the American Institute of Planners 25: 73-76.

    Examples
    --------
    >>> power(2)([0, 1, 2, 10]).round(12).tolist()
    [1.0, 1.0, 0.25, 0.01]
    """
    exponent = checked_number("decay_value", decay_value)
    return _decay_named("power", decay_value=exponent)


def stepped(
    steps: Mapping[float, float] | Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    closed: Literal["left", "right"] = "right",
) -> Decay:
    r"""Make a decay that is the same within each zone of costs and falls from zone to zone.

    It can be written in two ways, which mean the same:

    - ``stepped({10: 1, 20: 0.68, 30: 0.22})``: the weight **up to** each step, and 0 beyond the last one;
    - ``stepped([10, 20, 30], [0.68, 0.22, 0])``: the weight **from** each step on, and 1 before the first one.

    **A cost exactly at a step belongs to the nearer zone**, the one with the higher weight in both lines above, as a
    cost equal to the cutoff counts everywhere else in this package: 10 weighs 1 and 20 weighs 0.68. Say
    ``closed="left"`` to have it belong to the farther zone.

    Parameters
    ----------
    steps
        Costs above 0, rising, in the unit of the costs; or a mapping from them to weights.
    weights
        As many as steps, in [0, 1]; None with a mapping.
    closed
        ``right``: a zone holds its upper end, (10, 20], as PySAL's ``access.weights.step_fn``. ``left``: it holds its
        lower end, [10, 20), as ``decay_stepped`` of the R package accessibility. The two differ only for costs that
        are exactly a step, which are many when minutes are whole numbers.

    Returns
    -------
    Decay
        Its cutoff is the step from which all weights are 0, or None.

    References
    ----------
    Luo and Qi (2009), An enhanced two-step floating catchment area (E2SFCA) method, Health & Place 15: 1100-1107.

    Examples
    --------
    >>> stepped({10: 1, 20: 0.68, 30: 0.22})([0, 10, 10.1, 20, 30, 31]).tolist()
    [1.0, 1.0, 0.68, 0.68, 0.22, 0.0]
    >>> stepped([10, 20, 30], [0.68, 0.22, 0], closed="left")([0, 10, 10.1, 20, 30, 31]).tolist()
    [1.0, 0.68, 0.68, 0.22, 0.0, 0.0]
    """
    if closed not in {"left", "right"}:
        raise InputError("closed", f"it is {closed!r}", "Choose left or right.")
    limits, weight = _steps(steps, weights)
    beyond = len(weight)
    while beyond and weight[beyond - 1] == 0:
        beyond -= 1
    ends = None if beyond == len(weight) else limits[max(beyond - 1, 0)]
    return _decay_named("stepped", ends=ends, steps=limits, weights=weight, closed=closed)


def gaussian(sigma: float) -> Decay:
    r"""Make a decay of the shape of a bell: it falls slowly at first, then fast, and never to 0.

    .. math:: f(c) = e^{-c^2 / (2 \sigma^2)}

    Parameters
    ----------
    sigma
        Where the weight is 0.61, above 0, in the unit of the costs; at twice that it is 0.14.

    References
    ----------
    Ingram (1971), The concept of accessibility: a search for an operational form, Regional Studies 5: 101-107.

    Examples
    --------
    >>> gaussian(10)([0, 10, 20]).round(4).tolist()
    [1.0, 0.6065, 0.1353]
    """
    return _decay_named("gaussian", sigma=checked_number("sigma", sigma))


def truncated_gaussian(cutoff: float) -> Decay:
    r"""Make a decay of the shape of a bell that is exactly 1 at no cost and exactly 0 from a cutoff on.

    .. math:: f(c) = \frac{e^{-\frac12 (c/c_0)^2} - e^{-\frac12}}{1 - e^{-\frac12}}, \quad c \le c_0

    Parameters
    ----------
    cutoff
        Above 0, in the unit of the costs.

    References
    ----------
    Dai (2010), Black residential segregation, disparities in spatial access to health care facilities, and late-stage
    breast cancer diagnosis in metropolitan Detroit, Health & Place 16: 1038-1052.

    Examples
    --------
    >>> truncated_gaussian(10)([0, 5, 10, 11]).round(4).tolist()
    [1.0, 0.7014, 0.0, 0.0]
    """
    limit = checked_number("cutoff", cutoff)
    return _decay_named("truncated_gaussian", ends=limit, cutoff=limit)


def logistic(cutoff: float, sd: float) -> Decay:
    r"""Make a decay of the shape of an S around a cutoff that people differ about: 1 at no cost, never quite 0.

    .. math:: f(c) = \frac{g(0)}{g(c)}, \qquad g(c) = 1 + e^{(c - m)\,\pi / (s \sqrt 3)}

    Parameters
    ----------
    cutoff
        The turning point m, above 0, in the unit of the costs: the median of the highest costs that people accept.
        Beyond it the weight falls on: it is no end, and the decay's own ``cutoff`` is None.
    sd
        The standard deviation s of those costs, above 0. A small one comes near :func:`binary`.

    References
    ----------
    Bauer and Groneberg (2016), Measuring spatial accessibility of health care providers: introduction of a variable
    distance decay function within the floating catchment area (FCA) method, PLOS ONE 11: e0159148, equation 9.

    Examples
    --------
    >>> logistic(30, 10)([0, 30, 60]).round(4).tolist()
    [1.0, 0.5022, 0.0043]
    """
    middle, spread = checked_number("cutoff", cutoff), checked_number("sd", sd)
    return _decay_named("logistic", cutoff=middle, sd=spread)


def soft_threshold(cutoff: float, k: float = 5.0) -> Decay:
    r"""Make a decay that turns a hard cutoff into a smooth one, one half at the cutoff.

    .. math:: f(c) = \frac{1}{1 + e^{k (c - c_0) / c_0}}

    At no cost the weight is 1/(1 + e⁻ᵏ), which is 0.9933 for k = 5 **and not 1**; :func:`logistic` is 1 there.

    Parameters
    ----------
    cutoff
        Where the weight is one half, above 0, in the unit of the costs. Beyond it the weight falls on: the decay's own
        ``cutoff`` is None.
    k
        How steep it is, above 0.

    References
    ----------
    Higgs, Badland, Simons, Knibbs and Giles-Corti (2019), The Urban Liveability Index: developing a policy-relevant
    urban liveability composite measure and evaluating associations with transport mode choice, International Journal
    of Health Geographics 18: 14.

    Examples
    --------
    >>> soft_threshold(500)([0, 500, 1000]).round(4).tolist()
    [0.9933, 0.5, 0.0067]
    """
    middle, steepness = checked_number("cutoff", cutoff), checked_number("k", k)
    return _decay_named("soft_threshold", cutoff=middle, k=steepness)


def _stepped(costs: Floats, steps: tuple[float, ...], weights: tuple[float, ...], closed: str) -> Floats:
    # A zone closed on the right keeps a cost equal to its step: the first step that is not below it.
    zone = np.searchsorted(np.array(steps), costs, side="left" if closed == "right" else "right")
    return np.array(weights)[zone]


def _logistic(costs: Floats, middle: float, sd: float) -> Any:
    scale = math.pi / (sd * math.sqrt(3.0))
    return (1.0 + math.exp(-middle * scale)) / (1.0 + np.exp((costs - middle) * scale))


FORMULAS: dict[str, Callable[..., Any]] = {
    "binary": lambda costs, cutoff: costs <= cutoff,
    "linear": lambda costs, cutoff: np.maximum(0.0, 1.0 - costs / cutoff),
    "exponential": lambda costs, rate: np.exp(-rate * costs),
    "power": lambda costs, exponent: np.minimum(1.0, costs**-exponent),
    "stepped": _stepped,
    "gaussian": lambda costs, sigma: np.exp(-0.5 * (costs / sigma) ** 2),
    # Numerator and denominator both times e^½: then the weight is exactly 0 at the cutoff and 1 at no cost.
    "truncated_gaussian": lambda costs, cutoff: np.maximum(
        0.0, np.expm1(0.5 * (1.0 - (costs / cutoff) ** 2)) / np.expm1(np.float64(0.5))
    ),
    "logistic": _logistic,
    "soft_threshold": lambda costs, middle, k: 1.0 / (1.0 + np.exp(k * (costs - middle) / middle)),
}


def _decay_named(name: str, *, ends: float | None = None, **parameters: Any) -> Decay:
    return Decay(name, ends, tuple(parameters.items()))


def checked_number(name: str, value: Any, *, zero: bool = False) -> float:
    """Return a parameter as a number, or say why it cannot be one."""
    number = math.nan
    if not isinstance(value, bool | np.bool_ | str):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        least = "0 or more" if zero else "above 0"
        raise InputError(name, f"it is {value!r}", f"Give a finite number, {least}.")
    return number


def _steps(steps: Any, weights: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the steps and the weights of the zones between them, one more than there are steps."""
    if isinstance(steps, Mapping):
        if weights is not None:
            raise InputError("weights", "they are given twice", "Leave them out: the mapping holds them.")
        limits, weight = [*steps.keys()], [*steps.values(), 0.0]
    else:
        if weights is None:
            raise InputError("weights", "there are none", "Give one weight for each step, or a mapping.")
        limits, weight = [*steps], [1.0, *weights]
    limits = [checked_number("steps", step) for step in limits]
    if not limits:
        raise InputError("steps", "there are none", "Give at least one step.")
    if any(high <= low for low, high in pairwise(limits)):
        raise InputError("steps", f"they do not rise: {listed(limits)}", "Sort them, and give every step once.")
    if len(weight) != len(limits) + 1:
        raise InputError("weights", f"there are {len(weight) - 1} for {len(limits)} steps", "Give one for each step.")
    weight = [checked_number("weights", value, zero=True) for value in weight]
    if max(weight) > 1:
        raise InputError("weights", f"they are {listed(weight)}", "Let every weight lie in 0 to 1.")
    return tuple(limits), tuple(weight)
