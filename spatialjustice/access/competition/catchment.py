"""Floating catchment areas: what there is for each person when all who live near share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import add_findings
from spatialjustice.access._cost_tables import (
    AnyCosts,
    add_weighted_values,
    as_measure,
    as_travel_costs,
    column_of,
    in_order_of_costs,
)
from spatialjustice.access._weights import decay_within
from spatialjustice.access.gravity import finding_of_cut_decay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.access._cost_tables import Block
    from spatialjustice.access.decay import Decay

Floats = NDArray[np.float64]
Method = Literal["2sfca", "e2sfca", "m2sfca", "3sfca", "mh3sfca", "bfca"]

METHODS: tuple[str, ...] = get_args(Method)

NEGLIGIBLE = 1e-100
"""A weight below this counts as none, so that no sum of products leaves the range of numbers."""

KEPT = 20_000_000
"""So many pairs are kept in memory (16 bytes each) by measures that need them many times."""


class WeightedSum(NamedTuple):
    """One sum over pairs: of the weights, to a power, times the values at the other end."""

    side: Literal["origins", "destinations"]  # where the sums are wanted
    values: Floats  # one for each place of the other side
    power: int = 1


@dataclass
class Interaction:
    """All pairs that weigh something, streamed; ``kept`` holds them where a measure asked to keep them."""

    costs: AnyCosts
    decay: Decay
    zero_one: bool = False
    kept: list[Block] | None = field(default=None, repr=False)

    def blocks(self) -> Iterator[Block]:
        """Give positions of origins, of destinations, and weights, in the same order each time."""
        yield from self._streamed() if self.kept is None else self.kept

    def _streamed(self) -> Iterator[Block]:
        for froms, tos, costs in self.costs._blocks(self.decay.cutoff):  # noqa: SLF001
            weights = self.decay(costs)
            if self.zero_one and not np.isin(weights, (0.0, 1.0)).all():
                raise InputError(
                    "decay",
                    "the method 2sfca knows only within reach and not within reach, but it gives weights in between",
                    "Give cutoff= alone or decay.binary(cutoff), or choose the method e2sfca.",
                )
            near = weights >= NEGLIGIBLE
            yield froms[near], tos[near], weights[near]

    def keep(self) -> None:
        """Hold all pairs in memory where there are not too many."""
        parts, count = [], 0
        for part in self._streamed():
            count += part[2].size
            if count > KEPT:
                return
            parts.append(part)
        self.kept = parts

    def sums(self, *wanted: WeightedSum) -> list[Floats]:
        """Return the sums that are wanted, all in one pass over the pairs."""
        size = {"origins": len(self.costs.from_ids), "destinations": len(self.costs.to_ids)}
        totals = [np.zeros(size[want.side]) for want in wanted]
        for froms, tos, weights in self.blocks():
            for want, total in zip(wanted, totals, strict=True):
                ends = (froms, tos) if want.side == "origins" else (tos, froms)
                add_weighted_values(*ends, weights, want.power, want.values, total)
        return totals

    @property
    def attrs(self) -> dict[str, Any]:
        """Return what a result says about the weights: the decay, and the cost up to which pairs were looked at."""
        limits = [limit for limit in (self.decay.cutoff, self.costs.cutoff) if limit is not None]
        return {
            "decay": self.decay.as_dict(),
            "cutoff": min(limits, default=None),
            "cutoff_unit": self.costs.unit,
        }

    def finish(self, values: Floats, name: str, **attrs: Any) -> pd.Series[Any]:
        """Return a result with what it must say, and a finding where the costs end before the weights do."""
        result = as_measure(values, self.costs, name, **attrs, **self.attrs)
        return add_findings(result, *finding_of_cut_decay(self.decay, self.costs))


class Shares(NamedTuple):
    """What a method makes of the pairs: the ratio at each destination, and how origins take part in it."""

    ratio: Floats  # NaN where no demand comes near
    access: Callable[[], Floats]
    reaches: NDArray[np.bool_]  # per origin: some supply is in reach
    reached: NDArray[np.bool_]  # per destination: some demand is in reach


def floating_catchment_area(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    method: Method | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    r"""Measure how much supply there is for each person, where everybody in reach of a place shares it.

    With :math:`f_{ij} = f(c_{ij})` the weight of a pair, every method divides the supply :math:`S_j` by those who
    come (:func:`supply_ratio`, :math:`R_j`), then adds up the ratios that an origin reaches:

    ===========  =====================================================  ====================================
    method       :math:`R_j`                                            :math:`A_i`
    ===========  =====================================================  ====================================
    ``2sfca``    :math:`S_j / \sum_i P_i f_{ij}`, f is 0 or 1           :math:`\sum_j R_j f_{ij}`
    ``e2sfca``   :math:`S_j / \sum_i P_i f_{ij}`                        :math:`\sum_j R_j f_{ij}`
    ``m2sfca``   :math:`S_j / \sum_i P_i f_{ij}`                        :math:`\sum_j R_j f_{ij}^2`
    ``3sfca``    :math:`S_j / \sum_i G_{ij} P_i f_{ij}`                 :math:`\sum_j G_{ij} R_j f_{ij}`
    ``mh3sfca``  :math:`S_j / \sum_i H_{ij} P_i`                        :math:`\sum_j H_{ij} R_j f_{ij}`
    ``bfca``     :math:`S_j / \sum_i P_i f_{ij} / \sum_k f_{ik}`        :math:`\sum_j R_j f_{ij} / \sum_k f_{kj}`
    ===========  =====================================================  ====================================

    where :math:`G_{ij} = f_{ij} / \sum_k f_{ik}` and :math:`H_{ij} = S_j f_{ij} / \sum_k S_k f_{ik}` are the chances
    that people choose a place. With ``2sfca``, ``e2sfca`` and ``3sfca`` everything is handed out:
    :math:`\sum_i P_i A_i` is the supply that anyone reaches. ``m2sfca`` and ``mh3sfca`` hand out less, the farther
    away it is. ``bfca`` keeps the sum of the ratios, :math:`\sum_i A_i = \sum_j R_j`.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``.
    supply
        How much there is at each destination (doctors, seats, megabits), on the destinations' ids, 0 or more.
    people
        How many people there are at each origin, on the origins' ids, 0 or more.
    demand
        The same, where what comes is not people but households, visits or the like. Give one of the two.
    decay
        A decay of :mod:`spatialjustice.access.decay`, or a function from costs to weights between 0 and 1.
    cutoff
        The cost beyond which nobody comes, in the unit of the costs, closed. Without a decay everything within it
        counts in full. Give a decay, a cutoff, or both.
    method
        One of the six above; None takes ``2sfca`` for a cutoff without a decay, else ``e2sfca``.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``.

    Returns
    -------
    pandas.Series
        On the origins' index, supply per person; higher is better. 0 where no supply is reached, also where the
        origin is off the network or has no way there: :func:`status` tells why. Never NaN. ``attrs["left_out"]``
        counts the origins and people who reach no supply, and the places and supply that nobody reaches, which are
        given to nobody.

    Raises
    ------
    InputError
        When ids do not match, a value is negative or missing, the method is unknown, the decay does not suit it, or
        goes farther than the costs.

    Notes
    -----
    Places without supply are left out of the sums over k, in ``3sfca`` and ``bfca`` too, and so are places where f is
    0: a closed clinic attracts nobody, and one more row of it in a table changes nothing. The package access 1.1
    (``three_stage_fca``) sums over all places, also those beyond the cutoff, and the R package accessibility 1.4
    (``bfca``) over those without supply, so both give other numbers where a table has such rows. Origins where nobody
    lives take a share of ``bfca``'s ratios, as published.

    A weight below 1e-100 counts as 0.

    References
    ----------
    2sfca: Luo and Wang (2003), Environment and Planning B 30: 865-884. e2sfca: Luo and Qi (2009), Health & Place 15:
    1100-1107; the same as Shen (1998), Environment and Planning B 25: 345-365. m2sfca: Delamater (2013), Health &
    Place 24: 30-43. 3sfca: Wan, Zou and Sternberg (2012), International Journal of Geographical Information Science
    26: 1073-1089. mh3sfca: Jörg, Lenz, Wetz and Widmer (2019), Ein Modell zur Analyse der Versorgungsdichte, Swiss
    Health Observatory, Obsan Bericht 01/2019. bfca: Páez, Higgins and Vivona (2019), PLOS ONE 14: e0218773.

    Examples
    --------
    Clinic 1 has 6 doctors for the 60 people of a and b, 0.1 each; clinic 2 has 3 doctors for the 20 of b, 0.15 each.

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [5.0, 10.0, 4.0]})
    >>> doctors, people = pd.Series({1: 6, 2: 3}), pd.Series({"a": 40, "b": 20, "c": 5})
    >>> found = floating_catchment_area(pairs, supply=doctors, people=people, cutoff=10)
    >>> found.round(3).to_dict()
    {'a': 0.1, 'b': 0.25, 'c': 0.0}
    >>> found.attrs["left_out"]["people_without"]
    5.0
    """
    way, who = method_meant(method, decay, cutoff), people_or_demand(people, demand, costs)
    pairs, supplied, wanted, elsewhere = checked_inputs(
        costs, column_of(supply, costs, "supply"), who, weights_meant(way, decay, cutoff), method=way, origins=origins
    )
    shares = _shares(pairs, supplied, wanted, way)
    return pairs.finish(
        shares.access(),
        "floating_catchment_area",
        unit="supply per person",
        direction="higher is better",
        method=way,
        left_out={**_left_out(shares, supplied, wanted), **elsewhere},
    )


def supply_ratio(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any] | str,
    *,
    people: pd.Series[Any] | str | None = None,
    demand: pd.Series[Any] | str | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    method: Method | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    """Measure how much supply each destination has for each of those who come: the first step of a catchment method.

    The formula is the column :math:`R_j` of :func:`floating_catchment_area`. Its inverse is how crowded a place is.

    Parameters
    ----------
    costs, supply, people, demand, decay, cutoff, method, origins
        As for :func:`floating_catchment_area`.

    Returns
    -------
    pandas.Series
        On the destinations' index, supply per person who comes; higher is better. 0 where a place has no supply, NaN
        where it has some but no demand comes near, so that the ratio is not defined. ``attrs["left_out"]`` as for
        :func:`floating_catchment_area`.

    Raises
    ------
    InputError
        As :func:`floating_catchment_area` does.

    References
    ----------
    Luo and Wang (2003), Measures of spatial accessibility to health care in a GIS environment, Environment and
    Planning B 30: 865-884.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [5.0, 10.0, 4.0]})
    >>> doctors, people = pd.Series({1: 6, 2: 3}), pd.Series({"a": 40, "b": 20})
    >>> supply_ratio(pairs, supply=doctors, people=people, cutoff=10).to_dict()
    {1: 0.1, 2: 0.15}
    """
    way, who = method_meant(method, decay, cutoff), people_or_demand(people, demand, costs)
    pairs, supplied, wanted, elsewhere = checked_inputs(
        costs, column_of(supply, costs, "supply"), who, weights_meant(way, decay, cutoff), method=way, origins=origins
    )
    shares = _shares(pairs, supplied, wanted, way)
    return pairs.finish(
        shares.ratio,
        "supply_ratio",
        side="destinations",
        unit="supply per person",
        direction="higher is better",
        method=way,
        left_out={**_left_out(shares, supplied, wanted), **elsewhere},
    )


def people_or_demand(
    people: pd.Series[Any] | str | None, demand: pd.Series[Any] | str | None, costs: Any
) -> pd.Series[Any]:
    """Return who comes: the people of each origin, or the demand given in their place; also by the name of a column.

    Raises
    ------
    InputError
        When both are given, or neither is.
    """
    if people is not None and demand is not None:
        raise InputError("people", "demand is given, too", "Both say who comes: give one of them.")
    found = demand if people is None else people
    if found is None:
        raise InputError("people", "they are not given", "Give the people of every origin, or the demand there.")
    who: pd.Series[Any] = column_of(found, costs, "demand" if people is None else "people", "origins")
    return who


def method_meant(method: str | None, decay: Any, cutoff: float | None) -> str:
    """Return the method, or the plainest one that suits a cutoff alone (``2sfca``) or a decay (``e2sfca``).

    Raises
    ------
    InputError
        When there is no such method.
    """
    if method is not None and method not in METHODS:
        raise InputError("method", f"it is “{method}”", f"Choose one of {', '.join(METHODS)}.")
    alone = (decay is None and cutoff is not None) or _is_number(decay)
    return method or ("2sfca" if alone else "e2sfca")


def weights_meant(method: str, decay: Any, cutoff: float | None) -> Decay:
    """Return the weights that the method uses; with ``2sfca`` a number in place of the decay is its cutoff."""
    if cutoff is None and method == "2sfca" and _is_number(decay):
        return decay_within(None, decay)
    return decay_within(decay, cutoff)


def _is_number(decay: Any) -> bool:
    return isinstance(decay, (int, float)) and not isinstance(decay, bool)


def checked_inputs(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any],
    demand: pd.Series[Any],
    decay: Decay,
    *,
    method: str,
    origins: pd.Index[Any] | None = None,
) -> tuple[Interaction, Floats, Floats, dict[str, int]]:
    """Check what a measure of competition is asked; return pairs, supply, demand, and how many ids lie elsewhere."""
    pairs = interaction(costs, supply, demand, decay, origins=origins, zero_one=method == "2sfca")
    supplied, supply_elsewhere = in_order_of_costs(supply, pairs.costs, "supply")
    wanted, demand_elsewhere = in_order_of_costs(demand, pairs.costs, "demand", side="origins")
    return pairs, supplied, wanted, {"supply_elsewhere": supply_elsewhere, "demand_elsewhere": demand_elsewhere}


def interaction(
    costs: AnyCosts | pd.DataFrame,
    supply: pd.Series[Any],
    demand: pd.Series[Any] | None,
    decay: Decay,
    *,
    origins: pd.Index[Any] | None = None,
    zero_one: bool = False,
) -> Interaction:
    """Return the pairs with their weights; a plain frame has the places of supply and demand, with a pair or not."""
    destinations = None
    if isinstance(costs, pd.DataFrame):
        destinations = supply.index if isinstance(supply, pd.Series) else None
        if origins is None and isinstance(demand, pd.Series):
            origins = demand.index
    return Interaction(as_travel_costs(costs, origins, destinations), decay, zero_one=zero_one)


def ratio_or_zero(one: Floats, other: Floats) -> Floats:
    """Return one by the other, 0 where the other is 0."""
    ratio: Floats = np.divide(one, other, out=np.zeros_like(one, dtype=float), where=other > 0)
    return ratio


def _shares(pairs: Interaction, supply: Floats, demand: Floats, method: str) -> Shares:
    """Ask for the sums of the formulas, in two passes over the pairs or in three."""
    offers = (supply > 0).astype(float)
    reach = WeightedSum("origins", offers)
    if method in {"2sfca", "e2sfca", "m2sfca"}:
        near, come = pairs.sums(reach, WeightedSum("destinations", demand))
        ratio = ratio_or_zero(supply, come)
        power = 2 if method == "m2sfca" else 1

        def access() -> Floats:
            return pairs.sums(WeightedSum("origins", ratio, power))[0]

    elif method == "3sfca":
        (near,) = pairs.sums(reach)
        (come,) = pairs.sums(WeightedSum("destinations", ratio_or_zero(demand, near), 2))
        ratio = ratio_or_zero(supply, come)

        def access() -> Floats:
            return ratio_or_zero(pairs.sums(WeightedSum("origins", ratio, 2))[0], near)

    elif method == "mh3sfca":
        (near,) = pairs.sums(WeightedSum("origins", supply))
        (come,) = pairs.sums(WeightedSum("destinations", ratio_or_zero(demand, near)))
        # The supply stands above and below the line: S / (S · Σ P f / Σ S f).
        ratio = ratio_or_zero(offers, come)

        def access() -> Floats:
            return ratio_or_zero(pairs.sums(WeightedSum("origins", supply * ratio, 2))[0], near)

    else:
        near, others = pairs.sums(reach, WeightedSum("destinations", np.ones_like(demand)))
        (come,) = pairs.sums(WeightedSum("destinations", ratio_or_zero(demand, near)))
        ratio = ratio_or_zero(supply, come)

        def access() -> Floats:
            return pairs.sums(WeightedSum("origins", ratio_or_zero(ratio, others)))[0]

    reached = come > 0
    return Shares(np.where(reached | (supply == 0), ratio, np.nan), access, near > 0, reached)


def _left_out(shares: Shares, supply: Floats, demand: Floats) -> dict[str, Any]:
    lost = (supply > 0) & ~shares.reached
    return {
        "origins_without": int((~shares.reaches).sum()),
        "people_without": float(demand[~shares.reaches].sum()),
        "destinations_unreached": int(lost.sum()),
        "supply_unreached": float(supply[lost].sum()),
    }
