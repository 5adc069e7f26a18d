"""Need against access: zones served worse, or better, than their need lets one expect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    aligned_by_id,
    checked_choice,
    people_or_weights,
    refuse_rows,
)
from spatialjustice.inequality.models._regression import ArgumentNames, Design, design

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

Direction = Literal["lower is better", "higher is better"]
CALLED = ArgumentNames("access", "need", "missing='own class'")
DIRECTIONS = ("lower is better", "higher is better")
MISSING = ("raise", "own class")

WORSE, AS, BETTER = (f"{how} need predicts" for how in ("worse served than", "as", "better served than"))
CLASSES = (WORSE, AS, BETTER, "no people", "no data")
"""The labels, in the order of a legend."""


class _Line(NamedTuple):
    """Expected access of the zones that take part, and how far they are from it."""

    coefficients: Floats
    expected: Floats
    difference: Floats
    spread: float
    r_squared: float


def need_against_access(  # noqa: PLR0913 - people or weights, of which one is given
    access: pd.Series[Any],
    need: pd.DataFrame | pd.Series[Any],
    *,
    people: Values | None = None,
    weights: Values | None = None,
    neighbours: Graph | None = None,
    direction: Direction | None = None,
    threshold: float = 1.0,
    missing: Literal["raise", "own class"] = "raise",
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Show which zones are served worse, as well as, or better than their need predicts.

    Access is regressed on need, so that the expected access of a zone is what zones of its need have on average:
    :math:`\hat a = b_0 + \sum_k b_k n_k`, with the b that make :math:`\sum_i w_i (a_i - \hat a_i)^2` smallest. The
    difference :math:`a - \hat a` is divided by :math:`s = \sqrt{\frac{n}{n-k} \sum_i w_i (a_i - \hat a_i)^2 / \sum_i
    w_i}`, k coefficients being estimated from n zones with people. The measure is relative: where all zones with great
    need are badly served, that is what need predicts; read the coefficients in ``attrs`` first.

    Parameters
    ----------
    access
        One value for each zone, for example minutes to the nearest clinic, or clinics within 15 minutes.
    need
        One or more columns of need, for example the share of older people; matched to access by id, in any order.
    people
        People in each zone, 0 or more; None lets every zone count once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    neighbours
        Links between exactly these zones, to test whether the differences cluster (Moran's I, in ``attrs["moran"]``).
    direction
        Whether ``"lower is better"`` (times, costs) or ``"higher is better"`` (counts); None takes it from
        ``access.attrs["direction"]``.
    threshold
        Standard deviations from which a zone counts as worse or better served, itself included; above 0.
    missing
        What becomes of zones without access or need: ``"raise"`` refuses them by id, ``"own class"`` labels them
        ``no data`` and leaves them out.
    rng
        Seed of the shuffles for Moran's I; recorded in ``attrs``.

    Returns
    -------
    DataFrame
        On the index of access. ``expected`` and ``difference`` (access less expected), in the unit of access;
        ``standardised``: the difference in standard deviations, positive above what is expected, whichever way is
        better; ``label``: one of ``attrs["classes"]``. With weights also ``people``. Zones where nobody lives have no
        say in the line and are labelled ``no people``, with numbers; numbers are NaN where the label is ``no data``.

    Raises
    ------
    InputError
        When it is not known which way is better, ids differ, a value is missing (unless allowed) or infinite, all
        values of a column are the same, columns of need can be worked out from each other, or there are too few zones.

    References
    ----------
    Talen, E., & Anselin, L. (1998). Assessing spatial equity: an evaluation of measures of accessibility to public
    playgrounds. Environment and Planning A, 30, 595-613. Currie, G. (2010). Quantifying spatial gaps in public
    transport supply based on social needs. Journal of Transport Geography, 18, 31-41.

    Examples
    --------
    >>> import pandas as pd
    >>> minutes = pd.Series([5.0, 9.0, 7.0, 8.0, 21.0], index=list("abcde"))
    >>> older = pd.Series([0.1, 0.2, 0.2, 0.3, 0.2], index=list("abcde"), name="older")
    >>> found = need_against_access(minutes, older, direction="lower is better")
    >>> found["expected"].round(6).tolist(), found["label"]["e"]
    ([8.5, 10.0, 10.0, 11.5, 10.0], 'worse served than need predicts')
    """
    weights = people_or_weights(people, weights)
    checked_choice(missing, MISSING, "missing")
    way = _direction(access, direction)
    limit = _threshold(threshold)
    size = _people(weights, access)
    leave = "raise" if missing == "raise" else "leave out"
    everyone = design(access, need, None, missing=leave, units=None, called=CALLED)
    counts = np.ones(len(everyone.y)) if size is None else size[everyone.place]
    settled = counts > 0
    if not settled.all():
        # Zones without people may not make up for too few, or for a column that does not vary, among those with some.
        ids = access.index[everyone.place[settled]]
        table = need.to_frame() if isinstance(need, pd.Series) else need
        design(access.loc[ids], table.loc[ids], None, missing="raise", units=None, called=CALLED)
    line = _line(everyone, counts)
    standardised = line.difference / line.spread
    result = pd.DataFrame(
        {
            "expected": everyone.series(line.expected, "expected"),
            "difference": everyone.series(line.difference, "difference"),
            "standardised": everyone.series(standardised, "standardised"),
            "label": _labels(everyone, standardised, settled, limit, worse_above=way == "lower is better"),
        }
    )
    if size is not None:
        result["people"] = size
    result.attrs.update(_facts(access, everyone, line, settled, way, limit))
    result.attrs["people"] = None if size is None else float(size.sum())
    if neighbours is not None:
        result.attrs["moran"] = _moran(result["difference"], neighbours, rng)
        result.attrs["seed"] = result.attrs["moran"]["seed"]
    findings = [*_findings(result), *_left_out(result, everyone)]
    result.attrs["sources"] = Carried([source.as_dict() for source in sources_of(access, need, weights, neighbours)])
    earlier = findings_of(access, need, weights, neighbours)
    result.attrs["findings"] = Carried([finding.as_dict() for finding in dict.fromkeys([*earlier, *findings])])
    return result


def _direction(access: pd.Series[Any], direction: str | None) -> str:
    found = direction if direction is not None else getattr(access, "attrs", {}).get("direction")
    if direction is None and found not in DIRECTIONS:
        raise InputError(
            "direction",
            "it is not known whether more access means more of it or less",
            "Give direction='lower is better' for times and costs, or 'higher is better' for counts.",
        )
    return checked_choice(str(found), DIRECTIONS, "direction")


def _threshold(threshold: float) -> float:
    number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if not number or not 0 < threshold < math.inf:
        raise InputError("threshold", f"it is {threshold!r}", "Give a number of standard deviations above 0.")
    return float(threshold)


def _people(weights: Values | None, access: pd.Series[Any]) -> Floats | None:
    if weights is None:
        return None
    counts = aligned_by_id(weights, "weights", access, "access")
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(~np.isfinite(counts), access.index, "weights", "numbers are missing or infinite", advice)
    refuse_rows(counts < 0, access.index, "weights", "numbers are negative", advice)
    if not counts.any():
        raise InputError("weights", "all are 0", "Nobody would be counted. Check the column of people.")
    return counts


def _line(data: Design, counts: Floats) -> _Line:
    """Fit the weighted line, on standardised columns so that large numbers do no harm."""
    say = counts / counts.sum()
    centre = say @ data.x
    spread = np.sqrt(say @ (data.x - centre) ** 2)
    z = np.column_stack([np.ones(len(data.y)), (data.x - centre) / spread])
    root = np.sqrt(say)[:, None]
    inner = np.linalg.lstsq(z * root, data.y * root[:, 0], rcond=None)[0]
    expected = z @ inner
    slopes = inner[1:] / spread
    difference = data.y - expected
    zones = int((counts > 0).sum())
    variance = float(say @ difference**2)
    around = float(say @ (data.y - say @ data.y) ** 2)
    return _Line(
        np.concatenate([[inner[0] - slopes @ centre], slopes]),
        expected,
        difference,
        math.sqrt(variance * zones / (zones - z.shape[1])),
        1 - variance / around,
    )


def _labels(
    data: Design, standardised: Floats, settled: NDArray[np.bool_], limit: float, *, worse_above: bool
) -> NDArray[np.object_]:
    # A difference of the threshold itself, but for rounding, is at the threshold.
    edge = limit - 1e-12 * max(1.0, limit)
    above, below = (WORSE, BETTER) if worse_above else (BETTER, WORSE)
    found = np.where(standardised >= edge, above, np.where(standardised <= -edge, below, AS)).astype(object)
    found[~settled] = "no people"
    labels = np.full(len(data.index), "no data", dtype=object)
    labels[data.place] = found
    return labels


def _facts(
    access: pd.Series[Any], data: Design, line: _Line, settled: NDArray[np.bool_], way: str, limit: float
) -> dict[str, Any]:
    names = ["intercept", *data.names]
    return {
        "measure": "need_against_access",
        "of": str(access.attrs.get("measure", data.outcome)),
        "unit": "label",
        "access_unit": data.units[data.outcome],
        "direction": "none",
        "access_direction": way,
        "classes": list(CLASSES),
        "threshold": limit,
        "coefficients": dict(zip(names, (float(value) for value in line.coefficients), strict=True)),
        "standard_deviation": line.spread,
        "r_squared": line.r_squared,
        "n": int(settled.sum()),
        "no_people": int((~settled).sum()),
        "no_data": len(data.index) - len(data.y),
    }


def _moran(
    difference: pd.Series[Any], neighbours: Graph, rng: int | np.random.Generator | None
) -> dict[str, float | int | None]:
    from spatialjustice.inequality.space.moran import moran

    found = moran(difference, neighbours, rng=rng, missing="own class")
    return {
        str(name): int(value) if isinstance(value, int | np.integer) else float(value)
        for name, value in cast("dict[str, Any]", found.to_dict()).items()
    }


def _findings(result: pd.DataFrame) -> list[Finding]:
    """Say how many are served worse than need predicts, and whether they lie together."""
    worse = result["label"] == WORSE
    people = float(result.loc[worse, "people"].sum()) if "people" in result else None
    among = "" if people is None else f", with {people:,.0f} people,"
    of = int(result["label"].isin([WORSE, AS, BETTER]).sum())
    found = [
        Finding(
            "worse_served_than_need",
            "information",
            f"{int(worse.sum()):,} of {of:,} zones{among} are worse served than their need predicts.",
            count=int(worse.sum()),
            people=people,
        )
    ]
    facts = result.attrs.get("moran")
    if facts and facts["p_value"] <= 0.05 and facts["statistic"] > facts["expected"]:
        message = f"Worse and better served zones lie together (Moran's I {facts['statistic']:.2f}, p = \
{facts['p_value']:.3g}): something beside need shapes access."
        found.append(Finding("differences_cluster", "information", message))
    return found


def _left_out(result: pd.DataFrame, data: Design) -> list[Finding]:
    found = []
    lost = result["label"] == "no data"
    if lost.any():
        people = float(result.loc[lost, "people"].sum()) if "people" in result else None
        message = f"{int(lost.sum()):,} of {len(data.index):,} zones have no access or need and were left out."
        found.append(Finding("zones_without_value", "warning", message, count=int(lost.sum()), people=people))
    empty = int((result["label"] == "no people").sum())
    if empty:
        message = f"Nobody lives in {empty:,} zones; they have no say in what need predicts."
        found.append(Finding("zones_without_people", "information", message, count=empty))
    return found
