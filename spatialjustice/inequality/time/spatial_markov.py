"""Spatial Markov: whether a place rises or falls depending on the class of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import people_or_weights
from spatialjustice.inequality.space._graph import links_between
from spatialjustice.inequality.space.neighbours.links import is_graph, without_neighbours
from spatialjustice.inequality.time._panel import into_classes, read_panel, unequal_steps, with_attrs
from spatialjustice.inequality.time.mobility import (
    count_moves,
    facts_of,
    moves_of,
    one_steady_state,
    require_table,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats

ISLAND = "island"


def spatial_markov(
    panel: pd.DataFrame,
    neighbours: Graph,
    *,
    classes: int | Sequence[float] = 5,
    neighbour_classes: int | Sequence[float] | None = None,
    cut: Literal["each year", "all years"] = "each year",
    people: pd.Series[Any] | pd.DataFrame | None = None,
    weights: pd.Series[Any] | pd.DataFrame | None = None,
) -> pd.DataFrame:
    r"""Tell how often zones move from class to class, apart for zones with poorer and with richer neighbours.

    A step belongs to the class that the mean of the zone's neighbours, :math:`\sum_j w_{ij} x_j / \sum_j w_{ij}`, is in
    at its start. Where neighbours do not matter, all classes of neighbours have the same probabilities;
    :func:`transition_test` tells whether that can be.

    Parameters
    ----------
    panel
        A row for each zone, a column for each year in rising order.
    neighbours
        Links between exactly these zones.
    classes, cut, people, weights
        As :func:`spatialjustice.inequality.transition_table`.
    neighbour_classes
        Number, or limits, of the classes of neighbours' means, which are cut in the same way but for themselves; None
        takes ``classes``.

    Returns
    -------
    DataFrame
        As :func:`spatialjustice.inequality.transition_table`, for each class of neighbours, which
        ``neighbours_class`` names: ``"1"``, the lowest, and so on; ``"island"`` where zones have no neighbours. The
        counts of all rows add up to all steps. ``attrs["steady_states"]`` holds the steady state of each class of
        neighbours, None where there is none or not only one; ``attrs["neighbour_limits"]`` the limits.

    Raises
    ------
    InputError
        As :func:`spatialjustice.inequality.transition_table`; when ids differ from those of the neighbours, or
        no zone has a neighbour.

    References
    ----------
    Rey, S. J. (2001). Spatial empirics for economic growth and convergence. Geographical Analysis, 33(3), 195-214.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 4.0, 2.0, 5.0]}, index=list("abcd"))
    >>> moves = spatial_markov(panel, row, classes=2)
    >>> moves.groupby("neighbours_class")["zones"].sum().to_dict()
    {'1': 2, '2': 2}
    """
    weights = people_or_weights(people, weights)
    data = read_panel(panel, weights)
    found, limits = into_classes(data.amounts, classes, cut, data.years)
    count = len(limits[0]) + 1
    lag, alone = _neighbour_means(data.amounts, data.ids, neighbours)
    asked = classes if neighbour_classes is None else neighbour_classes
    lag_class = np.full(found.shape, -1, dtype=np.int64)
    lag_class[~alone], lag_limits = into_classes(lag[~alone], asked, cut, data.years, "neighbour_classes")
    names = [*(str(place + 1) for place in range(len(lag_limits[0]) + 1)), *([ISLAND] if alone.any() else [])]
    parts, states = [], {}
    for place, name in enumerate(names):
        zones, counts = count_moves(data, found, count, lag_class == (-1 if name == ISLAND else place))
        part = table_of(zones, counts)
        part.insert(0, "neighbours_class", name)
        parts.append(part)
        started = zones.sum(axis=1, keepdims=True)
        state = one_steady_state(zones / started) if started.all() else None
        states[name] = None if state is None else [float(share) for share in state]
    result = pd.concat(parts, ignore_index=True)
    facts = {
        **facts_of("spatial_markov", data, limits, cut),
        "neighbour_classes": len(lag_limits[0]) + 1,
        "neighbour_limits": {str(year): ends for year, ends in zip(data.years, lag_limits, strict=True)},
        "steady_states": states,
        "islands": int(alone.sum()),
    }
    findings = unequal_steps(data.years)
    if alone.any():
        findings.append(without_neighbours(data.ids[alone], " and are a class of their own"))
    return cast("pd.DataFrame", with_attrs(result, facts, panel, weights, neighbours, findings=findings))


def transition_test(table: pd.DataFrame) -> pd.Series[Any]:
    r"""Tell whether moves hang on the class of neighbours, or all classes may share the same probabilities.

    Pearson's :math:`Q = \sum_{m,i,j} n_{mi} (p_{mij} - p_{ij})^2 / p_{ij}` and the likelihood ratio
    :math:`LR = 2 \sum_{m,i,j} n_{mij} \ln (p_{mij} / p_{ij})`, with m the classes of neighbours and :math:`p_{ij}` the
    probabilities of all together. Under the same probabilities both follow a chi-squared distribution with
    :math:`\sum_i (a_i - 1)(b_i - 1)` degrees of freedom: :math:`a_i` classes that any zone of class i moved to,
    :math:`b_i` classes of neighbours with zones of class i. Steps of a zone that follow each other, and neighbours, are
    taken as independent, which they are not quite: read p-values near the limit with care.

    Parameters
    ----------
    table
        From :func:`spatial_markov`. Islands take no part.

    Returns
    -------
    Series
        ``q``, ``q_p_value``, ``lr``, ``lr_p_value``, ``degrees_of_freedom``, ``zones`` (steps that took part; those of
        islands, of whose neighbours there is no value, do not).

    Raises
    ------
    InputError
        When it is no such table, or has fewer than two classes of neighbours with steps.

    References
    ----------
    Bickenbach, F., & Bode, E. (2003). Evaluating the Markov property in studies of economic convergence. International
    Regional Science Review, 26(3), 363-392.

    Examples
    --------
    Zones whose neighbour is rich stay where they are, the others change places:

    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(list("abcd"), list("dabc"), [1] * 4)
    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 4.0, 2.0, 5.0]}, index=list("abcd"))
    >>> found = transition_test(spatial_markov(panel, ring, classes=2))
    >>> round(found["q"], 9), found["degrees_of_freedom"]
    (4.0, 2)
    """
    from scipy.stats import chi2

    require_table(table)
    if "neighbours_class" not in table.columns:
        raise InputError("table", "it has no column neighbours_class", "Make it with spatial_markov.")
    counts = np.array(
        [moves_of(part) for name, part in table.groupby("neighbours_class", sort=False) if name != ISLAND]
    )
    if not len(counts) or (counts.sum(axis=(1, 2)) > 0).sum() < 2:
        raise InputError("table", "fewer than two classes of neighbours have moves", "There is nothing to compare.")
    together = counts.sum(axis=0)
    shared = _transition_shares(together)
    own = _transition_shares(counts)
    started = counts.sum(axis=2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = float(np.nansum(np.where(shared > 0, started * (own - shared) ** 2 / shared, 0.0)))
        lr = float(2 * np.nansum(np.where(counts > 0, counts * np.log(own / shared), 0.0)))
    freedom = int(np.maximum((started[:, :, 0] > 0).sum(axis=0) - 1, 0) @ np.maximum((together > 0).sum(axis=1) - 1, 0))
    found = {
        "q": q,
        "q_p_value": float(chi2.sf(q, freedom)) if freedom else np.nan,
        "lr": lr,
        "lr_p_value": float(chi2.sf(lr, freedom)) if freedom else np.nan,
        "degrees_of_freedom": freedom,
        "zones": int(counts.sum()),
    }
    rare = int(((started * shared < 5) & (started > 0) & (shared > 0)).sum())
    findings = []
    if rare:
        findings.append(
            Finding(
                "few_expected_moves",
                "information",
                f"In {rare:,} cells fewer than 5 moves are expected: the p-values are rough.",
                count=rare,
                advice="Use fewer classes.",
            )
        )
    result = pd.Series(found, dtype=object, name="transition_test")
    facts = {"measure": "transition_test", "unit": "index", "direction": "none"}
    return cast("pd.Series[Any]", with_attrs(result, facts, table, findings=findings))


def _transition_shares(counts: Floats) -> Floats:
    started = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, started, out=np.zeros_like(counts), where=started > 0), dtype=np.float64)


def _neighbour_means(amounts: Floats, ids: pd.Index[Any], neighbours: Graph) -> tuple[Floats, Any]:
    """Return the mean of each zone's neighbours in each year, and which zones have none."""
    if not is_graph(neighbours):
        raise InputError(
            "neighbours",
            f"they are {a_kind(neighbours)}",
            "Make a graph with contiguity, nearest or distance_band; for old weights, libpysal.graph.Graph.from_W(w).",
        )
    one, two, weight = links_between(ids, neighbours)
    total = np.bincount(one, weight, minlength=len(ids))
    alone = total == 0
    if alone.all():
        raise InputError("neighbours", "no zone has a neighbour", "Give contiguity a tolerance, or use nearest.")
    sums = np.column_stack(
        [np.bincount(one, weight * amounts[two, year], minlength=len(ids)) for year in range(amounts.shape[1])]
    )
    return np.divide(sums, total[:, None], out=np.full(sums.shape, np.nan), where=~alone[:, None]), alone
