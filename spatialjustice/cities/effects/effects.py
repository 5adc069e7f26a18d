"""What components of a smart city go with what dimensions of sustainability, over zones or cities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.cities.effects._fits import (
    METHODS,
    Fitted,
    Method,
    NotFitted,
    Pair,
    fit,
    likeness,
    pair,
    partial_r_squared,
    variance_inflation,
)
from spatialjustice.cities.effects._variables import (
    Variable,
    controlled,
    interquartile_range,
    no_column_twice,
    numbers,
    step_of,
    variables,
)
from spatialjustice.cities.effects.grades import graded
from spatialjustice.cities.effects.sensitivity import RATIO_OF_DIFFERENCE, e_value, robustness_value
from spatialjustice.cities.effects.sentences import sentence
from spatialjustice.inequality._inputs import aligned_by_id, checked_choice, checked_share, refuse_rows, seed_of
from spatialjustice.inequality.space.moran import false_discovery_rate
from spatialjustice.inequality.space.neighbours.links import is_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Values

ESTIMATED = "estimated"
LARGEST = 300.0
"""Logarithm of the largest ratio that an E-value is told of."""


def effects(  # noqa: PLR0913 - each says something of its own
    frame: pd.DataFrame,
    explanations: Mapping[str, Any] | Sequence[str],
    outcomes: Mapping[str, Any] | Sequence[str],
    *,
    controls: Mapping[str, Any] | Sequence[str] = (),
    people: Values | None = None,
    regions: pd.Series[Any] | None = None,
    neighbours: Graph | None = None,
    method: Method = "by the data",
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    r"""Tell what each indicator of a component goes with in each dimension of sustainability, and how surely.

    For every pair of an indicator and an outcome one model is fitted over all rows (zones, or cities) that have their
    values, with the controls held equal; every row counts once. Which model depends on the question, and is told in
    each row:

    * rows with ``neighbours``: Anselin's rule chooses least squares, the spatial error or the spatial lag model (these
      by maximum likelihood up to 1,500 rows, above by moments that allow rows to scatter unequally);
    * rows in ``regions`` (cities in countries, say), at least 10 of them: multilevel, a random intercept for each
      region by restricted maximum likelihood, with the means of regions beside the rows' own values, so that the effect
      is that within regions (Mundlak 1978); an indicator that does not differ within regions is compared between them,
      and ``model`` says so;
    * else least squares with robust standard errors (HC3), or errors by region where ``method`` asks for least
      squares and there are regions.

    Of the lag model the direct effect is told, of a difference in the row itself, and beside it the total, where all
    rows differ. The p-values of the whole table are adjusted together (Benjamini & Hochberg). What goes together in one
    year is no proof of what makes what: ``robustness_value`` and ``e_value`` tell how strong something left out would
    have to be to explain a relation away.

    In signs: :math:`y = \beta x + \gamma^\top z + u` with the controls z; told is :math:`\beta` times the step.

    Parameters
    ----------
    frame
        One row for each zone or city, on unique ids.
    explanations
        Indicators: column → component (``technology``, ``people``, ``institutions``), or column → a mapping with
        ``component``, ``unit``, ``direction`` (``higher is better`` or ``lower is better``), ``title`` (a text, or one
        for each language) and ``step`` (by how much more a relation is told). What a column that is called as an
        indicator of the catalogue does not say is taken from there; of such columns alone, a list will do.
    outcomes
        The same, with ``dimension`` (``environmental``, ``social``, ``economic``) in place of the component.
    controls
        Columns that are held equal, or column → title (a text, or one for each language). One that is itself the
        indicator or the outcome of a pair is left out of that pair.
    people
        People of each row, to tell how many the rows are that take part; they do not weigh.
    regions
        Larger area of each row, by id.
    neighbours
        Links between exactly these rows. Rows whose neighbours all lack a value are left out.
    method
        Which model; ``"by the data"`` follows the rule above.
    level
        How sure intervals are; 1 less it is the share of false alarms that is accepted in the whole table.
    rng
        Seed of the shuffles for Moran's I of the residuals; recorded in ``attrs``.
    lang
        Language of the sentences.

    Returns
    -------
    DataFrame
        One row for each pair, on (indicator, outcome). ``component``, ``dimension``; ``status``: ``"estimated"``, or
        why nothing can be said; ``model``; ``controls``; ``step`` (in the unit of the indicator: 10 percentage points
        of a share, else the interquartile range) and ``step_is``; ``effect``, ``low``, ``high``, ``standard_error`` for
        one step, in ``unit``, that of the outcome; ``total`` (lag model); ``p_value``, ``q_value`` (adjusted);
        ``goes_with``: ``"better"`` or ``"worse"``, where more of what is good goes with better or worse;
        ``standardised``, the effect of an interquartile range in standard deviations of the outcome, with ``e_value``
        and ``e_value_limit`` for it; ``partial_r_squared``, ``robustness_value``, ``robustness_value_limit`` (exact for
        least squares; of other models from their own t); ``vif``, how many times collinearity with the controls widens
        the variance; ``moran_of_residuals`` and ``moran_p_value``; ``between_share``, the part of what is left that
        lies between regions; ``n``, ``left_out``, ``without_neighbours`` among these, ``people``, ``people_left_out``;
        ``grade`` and ``grade_why`` (see :func:`effect_matrix`); ``sentence``.

    Raises
    ------
    InputError
        When columns, components, dimensions or ids do not fit.

    References
    ----------
    Nam, T., & Pardo, T. A. (2011). Conceptualizing smart city with dimensions of technology, people, and institutions.
    Proceedings of dg.o 2011. Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica,
    46(1), 69-85. Anselin, L. (2005). Exploring spatial data with GeoDa, chapter 23. VanderWeele, T. J., &
    Ding, P. (2017). Annals of Internal Medicine, 167(4), 268-274. Cinelli, C., & Hazlett, C. (2020). JRSS B, 82(1),
    39-67. Benjamini, Y., & Hochberg, Y. (1995). JRSS B, 57(1), 289-300.

    Examples
    --------
    >>> count = 40
    >>> online = [0.4 + 0.01 * at for at in range(count)]
    >>> walk = [20 - 10 * share + (at % 4) for at, share in enumerate(online)]
    >>> zones = pd.DataFrame({"online": online, "walk": walk}, index=[f"zone {at}" for at in range(count)])
    >>> found = effects(
    ...     zones,
    ...     {"online": {"component": "people", "unit": "share", "direction": "higher is better"}},
    ...     {"walk": {"dimension": "social", "unit": "minutes", "direction": "lower is better"}},
    ...     rng=1,
    ... )
    >>> found.loc[("online", "walk"), "effect"].round(2), found.loc[("online", "walk"), "goes_with"]
    (np.float64(-0.91), 'better')
    >>> found["sentence"].iloc[0]
    '10 percentage points more in “online” goes with 0.91 minutes less in “walk” (0.58 to 1.2 less; 95% interval).'
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError("frame", f"it is {a_kind(frame)}", "Give a DataFrame with a row for each zone or city.")
    require_ids(frame, "frame")
    checked_choice(method, METHODS, "method")
    sure, seed = checked_share(level, "level"), seed_of(rng)
    xs = variables(explanations, frame, "component", "explanations")
    ys = variables(outcomes, frame, "dimension", "outcomes")
    zs = controlled(controls, frame)
    held = [one.name for one in zs]
    no_column_twice(held, "controls")
    no_column_twice([one.name for one in (*xs, *ys)], "outcomes")
    table = numbers(frame, [*(one.name for one in (*xs, *ys)), *held])
    area = _regions(regions, frame)
    counted = _people(people, frame)
    _same_ids(neighbours, frame)
    rows = dict(_rows(table, (xs, ys), held, (area, neighbours), (method, sure, seed), counted))
    result = _whole(rows, sure)
    called = {one.name: one for one in (*zs, *xs, *ys)}
    result["sentence"] = [
        sentence(key, row, called, sure, lang)
        for key, row in zip(result.index, result.to_dict(orient="records"), strict=True)
    ]
    result.attrs.update(
        {
            "measure": "effects",
            "unit": "label",
            "direction": "none",
            "level": sure,
            "seed": seed,
            "method": method,
            "controls": held,
            "neighbours_given": neighbours is not None,
            "regions_given": regions is not None,
            "lang": lang,
            "rows": len(frame),
            "called": {name: {**one._asdict(), "titles": dict(one.titles)} for name, one in called.items()},
            "sources": [record.as_dict() for record in sources_of(frame, people, neighbours)],
        }
    )
    earlier = findings_of(frame, people, neighbours)
    result.attrs["findings"] = [item.as_dict() for item in dict.fromkeys([*earlier, *_findings(result, sure)])]
    return result


def _rows(
    table: pd.DataFrame,
    both: tuple[tuple[Variable, ...], tuple[Variable, ...]],
    held: list[str],
    placed: tuple[pd.Series[Any] | None, Graph | None],
    how: tuple[str, float, int],
    counted: pd.Series[Any],
) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield what is said of every pair."""
    from tqdm.auto import tqdm

    pairs = [(x, y) for x in both[0] for y in both[1]]
    for x, y in tqdm(pairs, desc="effects", unit="pair", leave=False, disable=len(pairs) < 2):
        others = [name for name in held if name not in {x.name, y.name}]
        step, step_is = step_of(x, table[x.name])
        row: dict[str, Any] = {
            "component": x.group, "dimension": y.group, "status": ESTIMATED, "model": "", "controls": ", ".join(others),
            "step": step, "step_is": step_is, "unit": y.unit,
        }  # fmt: skip
        try:
            data = pair(table, y.name, [x.name, *others], *placed)
            row |= _estimates(data, fit(data, how[0], how[1]), x, y, step, how)
            taken = table.index.isin(data.outcome.index)
            row |= {"left_out": len(table) - len(data.outcome), "without_neighbours": data.alone}
        except NotFitted as reason:
            taken = np.zeros(len(table), dtype=bool)
            row |= {"status": str(reason), "n": 0, "left_out": len(table), "without_neighbours": 0}
        row |= {"people": _sum(counted[taken]), "people_left_out": _sum(counted[~taken])}
        yield (x.name, y.name), row


def _sum(counts: pd.Series[Any]) -> float:
    """Add people up; nothing is known of nobody where people are not given."""
    return float(counts.to_numpy(dtype=np.float64).sum())


def _estimates(
    data: Pair, found: Fitted, x: Variable, y: Variable, step: float, how: tuple[str, float, int]
) -> dict[str, Any]:
    """Return the numbers of one pair, for one step more of the indicator."""
    _, level, seed = how
    count, terms = data.explanations.shape
    freedom = count - terms - 1
    straight = found.model.startswith("ordinary")
    partial = partial_r_squared(data)
    t_value = math.sqrt(partial * freedom / (1 - partial)) if straight else found.estimate / found.standard_error
    left_out = robustness_value(t_value, freedom, level=level)
    wide = interquartile_range(data.explanations.iloc[:, 0]) / float(data.outcome.std(ddof=0))
    # Ends that lie off by hundreds of standard deviations are as far off as numbers go.
    ends = [
        math.exp(max(-LARGEST, min(LARGEST, RATIO_OF_DIFFERENCE * wide * one)))
        for one in (found.estimate, found.low, found.high)
    ]
    strong = e_value(ends[0], interval=ends[1:])
    statistic, p_value = likeness(found.residuals, data.neighbours, seed)
    return {
        "model": found.model,
        **{name: getattr(found, name) * step for name in ("low", "high", "standard_error", "total")},
        "effect": found.estimate * step,
        "p_value": found.p_value,
        "goes_with": _goes_with(found.estimate, x.direction, y.direction),
        "standardised": wide * found.estimate,
        **{str(name): float(value) for name, value in strong.items()},
        **{str(name): float(value) for name, value in left_out.items()},
        "vif": variance_inflation(data),
        "moran_of_residuals": statistic,
        "moran_p_value": p_value,
        "between_share": found.between_share,
        "n": count,
    }


def _goes_with(estimate: float, own: str, other: str) -> str:
    """Say whether more of what is good goes with better or with worse; empty where that is not known."""
    if "none" in (own, other) or estimate == 0:
        return ""
    return "better" if (estimate > 0) == (own == other) else "worse"


COLUMNS = (
    *("component", "dimension", "status", "model", "controls", "step", "step_is", "effect", "low", "high", "unit"),
    *("standard_error", "total", "p_value", "q_value", "goes_with", "standardised", "e_value", "e_value_limit"),
    *("partial_r_squared", "robustness_value", "robustness_value_limit", "vif", "moran_of_residuals", "moran_p_value"),
    *("between_share", "n", "left_out", "without_neighbours", "people", "people_left_out", "grade", "grade_why"),
)
WORDED = ("status", "model", "controls", "step_is", "goes_with", "grade", "grade_why", "component", "dimension", "unit")


def _whole(rows: Mapping[tuple[str, str], dict[str, Any]], level: float) -> pd.DataFrame:
    """Put the pairs together, adjust their p-values as one table, and grade them."""
    index = pd.MultiIndex.from_tuples(list(rows), names=["indicator", "outcome"])
    # Texts first: a column that no pair filled would else be one of numbers.
    texts = dict.fromkeys(("model", "goes_with", "grade", "grade_why"), "")
    result = pd.DataFrame([texts | row for row in rows.values()], index=index).reindex(columns=list(COLUMNS))
    result["q_value"] = false_discovery_rate(result["p_value"].to_numpy(dtype=np.float64)).to_numpy()
    grades = [graded(row, level) for row in result.to_dict(orient="records")]
    result["grade"], result["grade_why"] = zip(*grades, strict=True)
    for name in ("n", "left_out", "without_neighbours"):
        result[name] = result[name].astype(int)
    for name in result.columns.difference([*WORDED, "n", "left_out", "without_neighbours"]):
        result[name] = result[name].astype(np.float64)
    return result


def _regions(regions: pd.Series[Any] | None, frame: pd.DataFrame) -> pd.Series[Any] | None:
    if regions is None:
        return None
    if not isinstance(regions, pd.Series):
        raise InputError("regions", f"they are {a_kind(regions)}", "Give a Series on the ids of the frame.")
    require_ids(regions, "regions")
    strangers = frame.index.difference(regions.index)
    if len(strangers):
        raise InputError(
            "regions",
            f"{len(strangers):,} rows of the frame have no region",
            "Give one for each; leave it missing where it is not known.",
            rows=strangers,
        )
    return regions.reindex(frame.index)


def _people(people: Values | None, frame: pd.DataFrame) -> pd.Series[Any]:
    if people is None:
        return pd.Series(np.nan, index=frame.index)
    counts = aligned_by_id(people, "people", pd.Series(0.0, index=frame.index), "frame")
    wrong = ~np.isfinite(counts) | (counts < 0)
    refuse_rows(
        wrong, frame.index, "people", "numbers are missing, infinite or negative", "Give 0 or more for every row."
    )
    return pd.Series(counts, index=frame.index)


def _same_ids(neighbours: Graph | None, frame: pd.DataFrame) -> None:
    if neighbours is None:
        return
    if not is_graph(neighbours):
        raise InputError(
            "neighbours",
            f"they are {a_kind(neighbours)}",
            "Make a graph with contiguity, nearest or distance_band of sj.inequality.",
        )
    strangers = neighbours.unique_ids.symmetric_difference(frame.index, sort=False)
    if len(strangers):
        raise InputError(
            "neighbours",
            f"{len(strangers):,} ids are not in both neighbours and frame",
            "Make the neighbours from the very rows of the frame.",
            rows=strangers,
        )


def _findings(result: pd.DataFrame, level: float) -> list[Finding]:
    """Say what a reader of the table must not miss."""
    found = []
    made = result["status"] == ESTIMATED
    if not made.all():
        count, every = int((~made).sum()), len(result)
        found.append(
            Finding(
                "pairs_not_estimated",
                "warning",
                f"Of {every:,} pairs of an indicator and an outcome, {count:,} could not be estimated; the column of "
                "status says why.",
                count=count,
                values={"count": count, "all": every},
            )
        )
    alike = int((made & (result["moran_p_value"] <= 1 - level)).sum())
    if alike:
        found.append(
            Finding(
                "residuals_dependent",
                "warning",
                f"In {alike:,} of {int(made.sum()):,} models the residuals of neighbours still depend on each other: "
                "their intervals are unsure, and their grade is lower for it.",
                count=alike,
                advice="Hold equal what has a pattern of its own, or take another model.",
                values={"count": alike, "all": int(made.sum())},
            )
        )
    found.append(
        Finding(
            "relations_of_areas",
            "information",
            "Relations are between areas at one time: they say nothing of single persons, nor of what would happen if "
            "an indicator were changed.",
            values={"count": int(made.sum())},
        )
    )
    return found
