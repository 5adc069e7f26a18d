"""Several measures, or one measure of several plans, side by side: who stands where, and who changes places."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._people import people_beside
from spatialjustice.network.cutoffs import checked_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

Direction = Literal["higher is better", "lower is better"]
DIRECTIONS = ("higher is better", "lower is better")


def compare(
    values: Mapping[str, pd.Series[Any]] | pd.DataFrame,
    *,
    people: pd.Series[Any] | None = None,
    direction: Direction | None = None,
    missing: Literal["unknown", "unreachable"] = "unknown",
    classes: int = 5,
) -> pd.DataFrame:
    r"""Put several measures of the same zones side by side, with where each zone stands by each of them.

    A zone stands where its people stand among all people who have a value, from the worst served (0) to the best (1);
    zones of one value stand together, in the middle of their people:

    .. math:: s_i = \Bigl(\sum_{j:\, v_j < v_i} P_j + \tfrac{1}{2} \sum_{j:\, v_j = v_i} P_j\Bigr) \Big/ \sum_j P_j

    Parameters
    ----------
    values
        Measures by name, each on the same ids: results of this room, of several plans or modes, or the columns of a
        frame, for example of :func:`profile`. Which end is better comes from their ``attrs``.
    people
        People of every zone, on the ids, 0 or more; None counts every zone as one.
    direction
        Which end is better, for values that do not say so themselves.
    missing
        What a missing value is: ``unknown``, then the zone stands nowhere, or ``unreachable``, then it stands among the
        worst (as in minutes to the nearest place, where there is no way to any).
    classes
        Into how many classes of equally many people the standings are cut: 5 for quintiles.

    Returns
    -------
    pandas.DataFrame
        One row for each measure and zone, in their order: ``id``, ``measure``, ``value``, ``unit``, ``standing`` (0 to
        1), ``class`` (1 for the worst served; a standing on a limit is in the class above it), ``moved`` (how many
        classes better, or worse below 0, than by the first measure) and ``people``. Where a value is unknown, the
        standing, the class and the move are missing. :func:`agreement` sums it up.

    Raises
    ------
    InputError
        When there are fewer than two measures, their ids differ, or nobody says which end is better.
    PopulationError
        When people are missing, negative or on other ids.

    References
    ----------
    Bross, I. D. J. (1958). How to use ridit analysis. Biometrics, 14(1), 18-38 (the standing).

    Examples
    --------
    With the new bus b comes near a clinic, and a, for whom nothing changes, stands behind it now.

    >>> today = pd.Series({"a": 9.0, "b": 30.0, "c": 4.0})
    >>> plan = pd.Series({"a": 9.0, "b": 6.0, "c": 4.0})
    >>> minutes = {"today": today, "new bus": plan}
    >>> found = compare(minutes, direction="lower is better", classes=3)
    >>> found[["id", "measure", "standing", "class", "moved"]].round(3)
      id  measure  standing  class  moved
    0  a    today     0.500      2      0
    1  b    today     0.167      1      0
    2  c    today     0.833      3      0
    3  a  new bus     0.167      1     -1
    4  b  new bus     0.500      2      1
    5  c  new bus     0.833      3      0
    """
    if missing not in {"unknown", "unreachable"}:
        raise InputError("missing", f"it is {missing!r}", "Choose one of: unknown, unreachable.")
    table, sides, units = _side_by_side(values, direction)
    counted = np.ones(len(table)) if people is None else people_beside(people, table.index, "values")
    cuts = checked_count(classes)
    parts, first = [], None
    for name in table:
        amounts = table[name].to_numpy()
        better = amounts * sides[name]
        standing = standings(
            np.where(np.isnan(better), -np.inf, better) if missing == "unreachable" else better, counted
        )
        # Sums of people are exact enough for a limit to be met but for the last bits.
        place = pd.array(np.minimum(np.floor(np.round(standing * cuts, 9)) + 1, cuts), dtype="Int64")
        first = place if first is None else first
        parts.append(
            pd.DataFrame(
                {
                    "id": table.index,
                    "measure": name,
                    "value": amounts,
                    "unit": units[name],
                    "standing": standing,
                    "class": place,
                    "moved": place - first,
                    "people": counted,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    given: list[Any] = [values[str(name)] if isinstance(values, Mapping) else values[name] for name in values]
    frame.attrs = {
        "measure": "standings",
        "unit": "share",
        "direction": "higher is better",
        "classes": cuts,
        "sources": Carried([record.as_dict() for record in sources_of(*given, people)]),
        "findings": Carried([finding.as_dict() for finding in findings_of(*given, people)]),
    }
    return frame


def agreement(compared: pd.DataFrame) -> pd.DataFrame:
    r"""Tell how far each two measures agree: the correlation of ranks, and how many people change their class.

    In signs: :math:`\rho = \sum_i P_i (s_i - \bar s)(t_i - \bar t) / \sqrt{\sum_i P_i (s_i - \bar s)^2 \sum_i P_i
    (t_i - \bar t)^2}`, with the standings s and t by the two.

    Parameters
    ----------
    compared
        What :func:`compare` returns.

    Returns
    -------
    pandas.DataFrame
        One row for each two measures: ``first``, ``second``; ``rank_correlation``, Spearman's, with each zone counted
        as often as it has people (missing where one of the two has no differences); ``people``, of all zones;
        ``same_class``, ``better``, ``worse`` (by the second than by the first) and ``unknown`` (no value by one of the
        two), people who sum up to all; ``share_moved``, of those known.

    Raises
    ------
    InputError
        When the table is another.

    References
    ----------
    Spearman (1904), The proof and measurement of association between two things, American Journal of Psychology 15:
    72-101.

    Examples
    --------
    >>> today = pd.Series({"a": 9.0, "b": 30.0, "c": 4.0})
    >>> plan = pd.Series({"a": 9.0, "b": 6.0, "c": 4.0})
    >>> minutes = {"today": today, "new bus": plan}
    >>> people = pd.Series({"a": 50, "b": 30, "c": 20})
    >>> found = agreement(compare(minutes, people=people, direction="lower is better", classes=3))
    >>> found[["first", "second", "same_class", "better", "worse"]]
       first   second  same_class  better  worse
    0  today  new bus        20.0    30.0   50.0
    """
    needed = {"id", "measure", "value", "standing", "class", "people"}
    if not isinstance(compared, pd.DataFrame) or not needed <= set(compared.columns):
        raise InputError("compared", "it is not what compare returns", "Make it with compare.")
    parts = {str(name): part.set_index("id") for name, part in compared.groupby("measure", sort=False)}
    rows = [_agreement_of(first, second, parts) for first, second in itertools.combinations(parts, 2)]
    frame = pd.DataFrame(rows)
    kept: dict[Any, Any] = {
        name: compared.attrs[name] for name in ("classes", "sources", "findings") if name in compared.attrs
    }
    frame.attrs = {"measure": "agreement", "unit": "people", "direction": "none", **kept}
    return frame


def standings(values: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each value stands among all people with one, from 0 for the lowest to 1; NaN without a value.

    Examples
    --------
    >>> standings(np.array([3.0, 1.0, 1.0, np.nan]), np.array([2.0, 1.0, 1.0, 5.0])).tolist()
    [0.75, 0.25, 0.25, nan]
    """
    known = ~np.isnan(values)
    place = np.full(values.size, np.nan)
    total = math.fsum(people[known])
    if total > 0:
        _, which = np.unique(values[known], return_inverse=True)
        held = np.bincount(which, weights=people[known])
        place[known] = ((np.cumsum(held) - held / 2) / total)[which]
    return place


def _agreement_of(first: str, second: str, parts: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    one, other = parts[first], parts[second].reindex(parts[first].index)
    people = one["people"].to_numpy(dtype=float)
    moves = (other["class"] - one["class"]).to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(moves)
    sums = {
        "same_class": math.fsum(people[moves == 0]),
        "better": math.fsum(people[moves > 0]),
        "worse": math.fsum(people[moves < 0]),
        "unknown": math.fsum(people[~known]),
    }
    everybody = math.fsum(people)
    Ledger().record("agreement", "people", before=everybody, after=math.fsum(sums.values()))
    those = math.fsum(people[known])
    return {
        "first": first,
        "second": second,
        "rank_correlation": _rank_correlation(one[known], other[known], people[known]),
        "people": everybody,
        **sums,
        "share_moved": (sums["better"] + sums["worse"]) / those if those else np.nan,
    }


def _rank_correlation(one: pd.DataFrame, other: pd.DataFrame, people: NDArray[np.float64]) -> float:
    """Return the weighted correlation of ranks among the zones that both measures know."""
    # The standing rises with what is better, so its order is that of the ranks, whatever the direction.
    ranks = [standings(part["standing"].to_numpy(dtype=float), people) for part in (one, other)]
    if not people.sum() > 0:
        return math.nan
    centred = [rank - np.average(rank, weights=people) for rank in ranks]
    spread = [float(np.average(part**2, weights=people)) for part in centred]
    if min(spread) == 0:
        return math.nan
    return float(np.average(centred[0] * centred[1], weights=people)) / math.sqrt(spread[0] * spread[1])


def _side_by_side(values: Any, direction: Any) -> tuple[pd.DataFrame, dict[Any, float], dict[Any, Any]]:
    """Return the measures as columns, 1 or -1 for which end of each is better, and their units."""
    if not isinstance(values, Mapping | pd.DataFrame) or len(list(values)) < 2:
        raise InputError("values", "there are not two measures or more", "Give a Series for each, by name.")
    if direction is not None and direction not in DIRECTIONS:
        raise InputError("direction", f"it is {direction!r}", f"Choose one of: {', '.join(DIRECTIONS)}.")
    of_frame = values.attrs if isinstance(values, pd.DataFrame) else {}
    columns: dict[Any, pd.Series[float]] = {}
    sides, units = {}, {}
    index: pd.Index[Any] | None = None
    for name in values:
        one = values[name]
        if not isinstance(one, pd.Series):
            raise InputError(str(name), f"it is {a_kind(one)}", "Give a Series with a value for each zone.")
        require_ids(one, str(name))
        index = one.index if index is None else index
        strangers = one.index.symmetric_difference(index)
        if len(strangers):
            found = f"{len(strangers):,} ids are not those of the first measure"
            raise InputError(str(name), found, "Measure the same zones.", rows=strangers)
        facts = {**of_frame, **of_frame.get("columns", {}).get(str(name), {}), **one.attrs}
        better = facts["direction"] if facts.get("direction") in DIRECTIONS else direction
        if better is None:
            advice = "Say it for all that do not: direction=“higher is better” or “lower is better”."
            raise InputError("direction", f"nobody says which end of {name} is better", advice)
        columns[name] = pd.Series(as_floats(one, str(name)), one.index).reindex(index)
        sides[name], units[name] = 1.0 if better == DIRECTIONS[0] else -1.0, facts.get("unit")
    return pd.DataFrame(columns), sides, units
