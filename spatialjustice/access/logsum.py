"""What having a choice of places, and of modes, is worth: the logsum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import add_findings, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import as_measure, as_travel_costs, column_of, opportunities_in_order
from spatialjustice.access.decay import exponential
from spatialjustice.access.gravity import finding_of_cut_decay

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts, Floats


def logsum(
    costs: AnyCosts | pd.DataFrame | Mapping[str, AnyCosts | pd.DataFrame],
    opportunities: pd.Series[Any] | str | None = None,
    *,
    beta: float,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure the utility that each origin expects from the best of all places and modes, in a logit model of choice.

    .. math:: A_i = \ln \sum_m \sum_j O_j \, e^{-\beta c_{ijm}}

    For one mode it is the logarithm of :func:`gravity` with an exponential decay. A further place or mode never lowers
    it, and a second place just as good adds ln 2, wherever one starts.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``. For several modes a mapping from their names to these, all in one unit and from the same
        origins; the destinations may differ.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more; None counts every destination as one.
    beta
        How much utility one unit of the costs takes away, above 0, the same for all modes: estimated from choices,
        or ln 2 over the cost at which a place attracts half.
    origins
        All origins, for frames that list only those that reach something; None takes them in the frames' order.

    Returns
    -------
    pandas.Series
        On the origins' index, in utility, which is negative as often as positive and means nothing by itself: compare
        it between origins, or between a plan and today; divided by β it is in the unit of the costs. Higher is better.
        NaN where nothing is reached by any mode: the logarithm of 0 is no number. ``attrs["left_out"]`` counts those.
        When the costs end where places would still count, the finding ``decay_cut_short`` says how much.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, β is not above 0, or the modes differ in unit or
        origins.

    References
    ----------
    Ben-Akiva and Lerman (1985), Discrete Choice Analysis, MIT Press, chapter 10.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [10.0, 10.0, 20.0]})
    >>> logsum(pairs, beta=0.1).round(4).to_list()  # ln 2 - 1 and -2
    [-0.3069, -2.0]
    >>> faster = pairs.assign(travel_cost=5.0)
    >>> logsum({"walk": pairs, "bicycle": faster}, beta=0.1).round(4).to_list()
    [0.6672, -0.2986]
    """
    weigh = exponential(beta)
    rate = float(dict(weigh.parameters)["decay_value"])
    modes = _costs_of_modes(costs, origins)
    first = next(iter(modes.values()))
    highest, total = np.full(len(first.from_ids), -np.inf), np.zeros(len(first.from_ids))
    elsewhere = {}
    for name, asked in modes.items():
        values, elsewhere[name] = opportunities_in_order(column_of(opportunities, asked, "opportunities"), asked)
        place = first.from_ids.get_indexer(asked.from_ids)
        for froms, tos, cost in asked._blocks():  # noqa: SLF001
            offered = np.ones(cost.size) if values is None else values[tos]
            kept = offered > 0
            highest, total = _add_exponentials(
                highest, total, place[froms[kept]], np.log(offered[kept]) - rate * cost[kept]
            )
    reached = total > 0
    result = np.full(total.size, np.nan)
    result[reached] = highest[reached] + np.log(total[reached])
    several = isinstance(costs, Mapping)
    answer = as_measure(
        result,
        first,
        "logsum",
        unit="utility",
        direction="higher is better",
        beta=rate,
        cost_unit=first.unit,
        cutoff=first.cutoff if not several else {name: asked.cutoff for name, asked in modes.items()},
        modes=list(modes) if several else None,
        left_out={
            "origins_without": int((~reached).sum()),
            "opportunities_elsewhere": elsewhere if several else elsewhere[""],
            **({name: asked.left_out() for name, asked in modes.items()} if several else {}),
        },
    )
    if several:
        answer.attrs["sources"] = Carried([record.as_dict() for record in sources_of(*modes.values())])
        answer.attrs["findings"] = Carried([finding.as_dict() for finding in findings_of(*modes.values())])
    short = [finding for asked in modes.values() for finding in finding_of_cut_decay(weigh, asked)]
    return add_findings(answer, *dict.fromkeys(short))


def _add_exponentials(highest: Floats, total: Floats, froms: Any, utility: Floats) -> tuple[Floats, Floats]:
    """Add the exponentials of utilities to sums that are kept relative to the highest utility so far.

    No exponential is then above 1, and that of the best place is not lost, however far away all places are.
    """
    if not utility.size:
        return highest, total
    higher = highest.copy()
    np.maximum.at(higher, froms, utility)
    known = np.isfinite(highest)
    scaled = np.zeros(total.size)
    scaled[known] = total[known] * np.exp(highest[known] - higher[known])
    return higher, scaled + np.bincount(froms, np.exp(utility - higher[froms]), minlength=total.size)


def _costs_of_modes(costs: Any, origins: pd.Index[Any] | None) -> dict[str, AnyCosts]:
    """Return the costs of every mode, all from the same origins and in one unit."""
    if not isinstance(costs, Mapping):
        return {"": as_travel_costs(costs, origins)}
    if not costs:
        raise InputError("costs", "there is no mode", "Give the travel costs of at least one mode.")
    frames = {name: given for name, given in costs.items() if isinstance(given, pd.DataFrame)}
    known = origins
    if known is None and len(frames) < len(costs):
        known = next(as_travel_costs(given, None).from_ids for name, given in costs.items() if name not in frames)
    elif known is None:
        listed = [as_travel_costs(given, None).from_ids for given in frames.values()]
        known = listed[0].append(listed[1:]).unique()
    modes: dict[str, AnyCosts] = {}
    for name, given in costs.items():
        asked = as_travel_costs(given, known if name in frames else None)
        if name not in frames and len(asked.from_ids.symmetric_difference(known)):
            raise InputError(
                f"costs of {name}",
                "they are from other origins than those of another mode",
                "Ask for the travel costs of all modes from the same origins.",
                rows=asked.from_ids.symmetric_difference(known),
            )
        modes[name] = asked
    units = {name: asked.unit for name, asked in modes.items() if asked.unit is not None}
    if len(set(units.values())) > 1:
        found = ", ".join(f"{name} in {unit}" for name, unit in units.items())
        raise InputError("costs", f"they have different units: {found}", "Ask for all of them in minutes.")
    return modes
