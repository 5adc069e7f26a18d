"""The index of the digital divide: one number for each zone, what it is made of, and how much its making matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.digital.index import _recipes, _scaling
from spatialjustice.digital.index._ranks import among_worst, people_taking_part, percentiles, ranks_from_worst
from spatialjustice.inequality._inputs import Floats, checked_choice, checked_whole_number, seed_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.digital.index._scaling import Direction, Indicators, Missing

Method = Literal["percentile_rank", "z_score", "min_max", "geometric", "principal_component", "cdc_svi", "purdue_ddi"]

METHODS = ("percentile_rank", "z_score", "min_max", "geometric", "principal_component", "cdc_svi", "purdue_ddi")
SCALES = ("percentile_rank", "z_score", "min_max")
MEANS = ("arithmetic", "geometric")


def divide_index(
    frame: pd.DataFrame,
    indicators: Sequence[str] | Mapping[str, str | Sequence[str]],
    *,
    method: Method = "percentile_rank",
    weights: Mapping[str, float] | None = None,
    direction: Mapping[str, Direction] | Direction | None = None,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Put several indicators of the digital divide into one number for each zone; higher is always worse.

    Each indicator is turned so that higher is worse, brought to a scale that all share, and the weighted mean is taken.
    There is no right way to do this. :func:`rank_range` tells how far a zone's place hangs on the way, and belongs
    beside every map of an index.

    In signs: :math:`I_i = \sum_k w_k s(x_{ik}) / \sum_k w_k` with the scale s and the weights w of the recipe, or its
    geometric mean where the recipe takes that.

    Parameters
    ----------
    frame
        One row for each zone, a column for each indicator.
    indicators
        Names of the columns; for ``"cdc_svi"`` theme → names of its columns; for ``"purdue_ddi"`` part → name of its
        column.
    method
        ``"percentile_rank"``: share of the other zones with an index that are better off, those equal to it counting
        half; not moved by extreme values. ``"z_score"``: distance from the mean in standard deviations. ``"min_max"``:
        place between the best zone, 0, and the worst, 1. ``"geometric"``: the geometric mean of min-max values from 1
        to 100, in which being well off in one thing makes up less for being badly off in another.
        ``"principal_component"``: the direction in which zones differ most; it finds its weights itself and takes none.

        Two are published rules and take no weights. ``"cdc_svi"``, that of the Social Vulnerability Index of the United
        States' Centers for Disease Control and Prevention: the share of other zones that lie below (1 less that share
        where lower is worse), rounded to four decimals as the published ones are, added up by theme; the sums of the
        themes added up, and their own rank taken; ``theme: …`` are the ranks of the themes, ``sum`` is what is ranked,
        and contributions add up to it. Each variable, theme and the whole is ranked among all zones that have it: a
        zone that lacks poverty still has its rank of language, and the ranks of the themes that it has.
        Published percentages are rounded to one decimal before they are ranked: so must yours be to get the same.
        ``"purdue_ddi"``, the Digital Divide Index of Purdue University, from 0 to 100: the parts ``no_broadband``,
        ``no_internet``, ``no_device`` (each weighing 0.3), ``download`` and ``upload`` (0.05, lower is worse) make
        ``theme: infrastructure``, and ``aged_65_and_over``, ``poverty``, ``less_than_high_school``, ``disability`` and
        ``internet_income_ratio`` (1 each) ``theme: socioeconomic``, all as z-scores; both themes are stretched from 0
        to 100 and added up, and so is the sum. Editions differ in ``no_broadband`` (without it the weights are 0.35,
        0.35, 0.15, 0.15) and ``internet_income_ratio`` (from 2019 on): leave out what yours does not have. The
        publisher says that the two scores “are combined”; that they are added up after stretching is how others who
        made the index anew read it.
    weights
        Indicator → its weight, 0 or more; only their proportions count. None weighs all alike.
    direction
        Indicator → ``"higher is worse"`` (share without internet) or ``"lower is worse"`` (speed); or one word for all.
        ``"purdue_ddi"`` knows its own.
    missing
        What becomes of zones that lack an indicator: ``"raise"`` refuses them by name; ``"own class"`` gives them no
        index; ``"available"`` takes the mean of those they have, which favours zones whose worst indicator is unknown.

    Returns
    -------
    DataFrame
        On the index of the frame. ``index``; ``rank``, 1 for the worst, equal zones sharing the better number;
        ``percentile``, the share of zones that are no worse, from above 0 to 1; ``indicators``, how many the zone has;
        and ``contribution: …`` for each indicator, together the index. NaN for zones without an index, but for the
        contributions and themes that a zone has in ``"cdc_svi"``. ``attrs`` hold
        the weights used, ``loadings`` and ``explained`` of a principal component and whether it stands ``alone``, ``n``
        and ``left_out``.

    Raises
    ------
    InputError
        When an indicator is no column of numbers, its direction is not told, weights do not fit the indicators, values
        are missing or infinite, or fewer than three zones take part.

    References
    ----------
    OECD & JRC (2008). Handbook on constructing composite indicators: methodology and user guide. OECD Publishing.
    Flanagan, B. E., et al. (2011). A social vulnerability index for disaster management. Journal of Homeland Security
    and Emergency Management, 8(1). CDC/ATSDR (2022). SVI 2020 documentation. Gallardo, R. (2017-2022). Digital Divide
    Index. Purdue Center for Regional Development.

    Examples
    --------
    >>> homes = pd.DataFrame({"offline": [0.3, 0.1, 0.2], "speed": [20, 100, 50]}, index=["north", "east", "south"])
    >>> worse = {"offline": "higher is worse", "speed": "lower is worse"}
    >>> found = divide_index(homes, ["offline", "speed"], direction=worse)
    >>> found["index"].to_dict()
    {'north': 1.0, 'east': 0.0, 'south': 0.5}
    >>> found.loc["south", ["contribution: offline", "contribution: speed"]].tolist()
    [0.25, 0.25]
    """
    checked_choice(method, METHODS, "method")
    if method in ("cdc_svi", "purdue_ddi"):
        return _published(frame, indicators, method, weights, direction, missing)
    data = _scaling.checked_indicators(frame, list(indicators), direction, missing)
    facts: dict[str, Any] = {}
    if method == "principal_component":
        if weights is not None:
            raise InputError("weights", "a principal component finds its own", "Leave them out, or choose a method.")
        kept = [name for name, told in zip(data.names, data.told, strict=True) if told]
        scaled = _scaling.z_scores(data.shown)
        component = _scaling.first_component(scaled, names=kept)
        parts = scaled * component.loadings
        loadings = dict(zip(kept, component.loadings.tolist(), strict=True))
        facts = {"loadings": loadings, "explained": component.explained, "alone": component.alone}
    else:
        shares = _scaling.shares_of(data, weights)
        scale = "min_max" if method == "geometric" else method
        parts = _parts(data.shown, shares, scale, "geometric" if method == "geometric" else "arithmetic")
        facts = {"weights": {name: float(part) for name, part in zip(_told(data), shares, strict=True)}}
    result = _table(data, parts)
    return _described(result, frame, data, method=method, missing=missing, **facts)


def _published(
    frame: pd.DataFrame,
    indicators: Sequence[str] | Mapping[str, str | Sequence[str]],
    method: str,
    weights: Mapping[str, float] | None,
    direction: Mapping[str, Direction] | Direction | None,
    missing: Missing,
) -> pd.DataFrame:
    """Make an index by a rule that leaves nothing to choose."""
    if weights is not None:
        raise InputError("weights", f"the rule of {method} has its own", "Leave them out, or choose another method.")
    if missing == "available":
        raise InputError("missing", f"the rule of {method} needs every indicator", 'Use "raise" or "own class".')
    if not isinstance(indicators, Mapping):
        raise InputError(
            "indicators", f"they are {a_kind(indicators)}", f"{method} takes a mapping; see the docstring."
        )
    rule = _recipes.themes_of(indicators) if method == "cdc_svi" else _recipes.purdue_parts(indicators, direction)
    data = _scaling.checked_indicators(frame, rule.columns, rule.direction or direction, missing)
    made = rule.make(data)
    result = _table(data, made.parts, made.value)
    for name, found in made.known.items():
        result[name] = found
    for name, found in made.beside.items():
        result[name] = _spread(data, found)
    return _described(result, frame, data, method=method, missing=missing, **made.facts)


def _told(data: Indicators) -> list[str]:
    return [name for name, told in zip(data.names, data.told, strict=True) if told]


def _parts(values: Floats, shares: Floats, scale: str, mean: str) -> Floats:
    return _put_together(_scaled(values, scale, mean), shares, mean)


def _scaled(values: Floats, scale: str, mean: str) -> Floats:
    if scale == "percentile_rank":
        return _scaling.percentile_ranks(values)
    if scale == "min_max" or mean == "geometric":
        # A geometric mean has no room for numbers below 0: z-scores keep their proportions between 0 and 1.
        return _scaling.min_max(values)
    return _scaling.z_scores(values)


def _put_together(scaled: Floats, shares: Floats, mean: str) -> Floats:
    return (_scaling.geometric_parts if mean == "geometric" else _scaling.weighted_parts)(scaled, shares)


def _table(data: Indicators, parts: Floats, value: Floats | None = None) -> pd.DataFrame:
    result = pd.DataFrame(index=data.ids)
    value = parts.sum(axis=1) if value is None else value
    columns: dict[str, Floats] = {"index": value, "rank": ranks_from_worst(value), "percentile": percentiles(value)}
    for name, found in columns.items():
        result[name] = _spread(data, found)
    result["indicators"] = (~np.isnan(data.amounts)).sum(axis=1)
    for place, name in enumerate(data.names):
        part = np.zeros(len(value))
        if data.told[place]:
            part = parts[:, int(data.told[:place].sum())]
        result[f"contribution: {name}"] = _spread(data, part)
    return result


def _spread(data: Indicators, found: Floats) -> Floats:
    column = np.full(len(data.ids), np.nan)
    column[data.takes_part] = found
    return column


def _described(
    result: pd.DataFrame, frame: pd.DataFrame, data: Indicators, *, missing: str, **facts: Any
) -> pd.DataFrame:
    findings = []
    same = [name for name, told in zip(data.names, data.told, strict=True) if not told]
    if same:
        findings.append(
            Finding(
                "constant_indicators",
                "information",
                f"{', '.join(same)} is the same in all zones and adds nothing to the index.",
                count=len(same),
            )
        )
    without = int((~data.takes_part).sum())
    if without:
        findings.append(
            Finding(
                "zones_without_index",
                "warning",
                f"{without:,} of {len(data.ids):,} zones lack an indicator and have no index.",
                values={"count": without, "all": len(data.ids)},
                count=without,
                advice="Show them as a class of their own.",
            )
        )
    findings += _of_component(facts)
    some = int((np.isnan(data.amounts[data.takes_part])).any(axis=1).sum())
    if some:
        findings.append(
            Finding(
                "indicators_missing",
                "warning",
                f"{some:,} zones have an index of fewer indicators than the others; it says how many.",
                count=some,
            )
        )
    result.attrs.update(
        {
            "measure": "divide_index",
            "unit": "index",
            "direction": "lower is better",
            "directions": data.directions,
            "missing": missing,
            **facts,
            "n": int(data.takes_part.sum()),
            "left_out": without,
            "sources": [record.as_dict() for record in sources_of(frame)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(frame), *findings])],
        }
    )
    return result


def _of_component(facts: Mapping[str, Any]) -> list[Finding]:
    """Say where a principal component does not do what one takes an index to do."""
    findings = []
    against = [name for name, loading in facts.get("loadings", {}).items() if loading < -_scaling.TIED]
    if against:
        findings.append(
            Finding(
                "component_against_direction",
                "warning",
                f"In the principal component {', '.join(against)} counts the other way: a zone that is worse in it has "
                "a better index.",
                count=len(against),
                advice="Look at indicator_correlation, and leave it out or choose another method.",
            )
        )
    if not facts.get("alone", True):
        findings.append(
            Finding(
                "component_not_alone",
                "warning",
                "Another principal component explains as much as the first; any mixture of the two would do as well.",
                count=2,
                advice="There is no one direction in which these zones differ most: choose another method.",
            )
        )
    return findings


def indicator_correlation(
    frame: pd.DataFrame, indicators: Sequence[str], *, direction: Mapping[str, Direction] | Direction
) -> pd.DataFrame:
    """Tell which indicators say the same thing twice, and which pull against each other.

    Indicators that go together count double in an index. Those that go against each other are hidden by it: a zone
    that is good at one and bad at the other looks average.

    Parameters
    ----------
    frame, indicators, direction
        As in :func:`divide_index`.

    Returns
    -------
    DataFrame
        Spearman's rank correlation of each pair, from -1 to 1, once all are turned so that higher is worse; NaN where
        an indicator is the same everywhere. Zones that lack either of a pair are left out of it.

    Raises
    ------
    InputError
        As :func:`divide_index`, but for missing values.

    References
    ----------
    OECD & JRC (2008). Handbook on constructing composite indicators: methodology and user guide. OECD Publishing.

    Examples
    --------
    >>> homes = pd.DataFrame({"offline": [0.3, 0.1, 0.2], "speed": [20, 100, 50]})
    >>> worse = {"offline": "higher is worse", "speed": "lower is worse"}
    >>> float(indicator_correlation(homes, ["offline", "speed"], direction=worse).loc["offline", "speed"].round(12))
    1.0
    """
    data = _scaling.checked_indicators(frame, indicators, direction, "available")
    turned = pd.DataFrame(data.amounts, index=data.ids, columns=pd.Index(data.names))
    turned.loc[:, ~data.told] = np.nan
    result = turned.corr("spearman")
    result.attrs.update({"measure": "indicator_correlation", "unit": "correlation", "directions": data.directions})
    return result


def rank_range(
    frame: pd.DataFrame,
    indicators: Sequence[str],
    *,
    direction: Mapping[str, Direction] | Direction,
    weights: Mapping[str, float] | None = None,
    missing: Missing = "raise",
    people: pd.Series[Any] | None = None,
    replications: int = 200,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Tell how far a zone's place among all hangs on choices that somebody else would have made otherwise.

    The index is made again with each scale (percentile ranks, z-scores, min-max), each mean (arithmetic, geometric) and
    many random weights, all weights equally likely. A zone that is among the worst whatever one chooses is badly off
    beyond dispute; one that is so only under some choices is not.

    In signs: the range of :math:`1 + \#\{j : I_j > I_i\}` over all choices.

    Parameters
    ----------
    frame, indicators, direction, weights, missing
        As in :func:`divide_index`, whose percentile-rank index with these weights is the base.
    people
        People of each zone, to tell where the worst-off tenth of them live; None counts zones.
    replications
        How many random sets of weights are tried with each scale and mean, beside the given ones.
    rng
        Seed, or generator to draw one from; None draws one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        On the index of the frame. ``base_rank``, 1 for the worst; ``lowest_rank`` and ``highest_rank`` over all
        choices, the base among them; ``median_rank``; ``share_among_worst``, the share of choices under which the zone
        is where the worst-off tenth of people (or of zones) live. NaN for zones without an index.

    Raises
    ------
    InputError
        As :func:`divide_index`; when people do not fit the zones.

    References
    ----------
    Saisana, M., Saltelli, A., & Tarantola, S. (2005). Uncertainty and sensitivity analysis techniques as tools for the
    quality assessment of composite indicators. Journal of the Royal Statistical Society A, 168(2), 307-323.

    Examples
    --------
    >>> homes = pd.DataFrame({"offline": [0.3, 0.1, 0.2, 0.25], "speed": [20, 100, 30, 25]}, index=list("abcd"))
    >>> worse = {"offline": "higher is worse", "speed": "lower is worse"}
    >>> found = rank_range(homes, ["offline", "speed"], direction=worse, rng=1)
    >>> found.loc["a", ["base_rank", "lowest_rank", "highest_rank"]].tolist()
    [1.0, 1.0, 1.0]
    """
    tried, seed = checked_whole_number(replications, "replications", least=0), seed_of(rng)
    data = _scaling.checked_indicators(frame, indicators, direction, missing)
    given = _scaling.shares_of(data, weights)
    counted = people_taking_part(frame, data.takes_part, people)
    order = np.argsort(data.ids[data.takes_part].astype(str), kind="stable")
    values = data.shown
    generator = np.random.default_rng(seed)
    # Uniform over all sets of weights that add up to 1.
    sets = np.vstack([given, generator.dirichlet(np.ones(len(given)), size=tried)])
    base = ranks_from_worst(_parts(values, given, "percentile_rank", "arithmetic").sum(axis=1))
    ranks, among = [base], np.zeros(len(base))
    # Percentile ranks and min-max values can be multiplied; of z-scores the geometric mean is that of min-max values.
    choices = [(scale, mean) for scale in SCALES for mean in MEANS if (scale, mean) != ("z_score", "geometric")]
    for scale, mean in tqdm(choices, desc="other choices", delay=2, leave=False):
        scaled = _scaled(values, scale, mean)
        for shares in sets:
            value = _put_together(scaled, shares, mean).sum(axis=1)
            ranks.append(ranks_from_worst(value))
            among += among_worst(value, counted, order)
    table = np.vstack(ranks)
    columns = {
        "base_rank": base,
        "lowest_rank": table.min(axis=0),
        "highest_rank": table.max(axis=0),
        "median_rank": np.median(table, axis=0),
        "share_among_worst": among / (len(choices) * len(sets)),
    }
    result = pd.DataFrame({name: _spread(data, found) for name, found in columns.items()}, index=data.ids)
    result = _described(result, frame, data, missing=missing, choices=len(choices) * len(sets), seed=seed)
    result.attrs |= {"measure": "rank_range", "unit": "rank"}
    return result
