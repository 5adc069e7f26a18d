"""How far the rank of a zone depends on the errors of the survey that its indicators come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.digital.index._ranks import among_worst, people_taking_part
from spatialjustice.digital.index.divide_index import divide_index
from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.distribution.intervals import FEWEST_REPLICATIONS, confidence
from spatialjustice.inequality.distribution.margins import STANDARD_ERRORS, checked_margins

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

WIDE = 0.25
"""Share of all places over which the interval of a zone may reach before it says little."""


def rank_interval(
    frame: pd.DataFrame,
    indicators: Sequence[str] | Mapping[str, str | Sequence[str]],
    *,
    margins: pd.DataFrame,
    people: pd.Series[Any] | None = None,
    replications: int = 199,
    level: float = 0.9,
    rng: int | np.random.Generator | None = None,
    **settings: Any,
) -> pd.DataFrame:
    r"""Tell how far a zone's place in an index could be off because its indicators come from a survey.

    Small zones have wide margins of error, and an index ranks them as if they had none. Monte Carlo: each indicator is
    drawn from a normal distribution around its estimate, with the margin divided by 1.645 as the standard error (the
    American Community Survey prints margins at 90 %), independently of the others, and the index is made anew. Draws
    below 0 become 0 where all estimates are 0 or more. Errors make zones look more different than they are, so
    that the ends of the table are reached by zones with wide margins more often than in truth. For what hangs on the
    way the index is made, see :func:`rank_range`.

    In signs: ends of the interval are quantiles of :math:`1 + \#\{j : I_j^* > I_i^*\}`, with the index :math:`I^*` of
    drawn indicators :math:`x^* \sim N(x, (m / 1.645)^2)`, m the margin.

    Parameters
    ----------
    frame, indicators
        As in :func:`divide_index`.
    margins
        Margin of error of each indicator at 90 %, 0 or more, in its unit: a column of the same name, on the index of
        the frame. Indicators without a column are taken as exact; margins of missing values are not looked at.
    people
        People of each zone, to tell where the worst-off tenth of them live; None counts zones.
    replications
        How often the indicators are drawn anew, at least 99.
    level
        Confidence of the interval: 0.9 holds the places of 90 % of the draws.
    rng
        Seed, or generator to draw one from; None draws one, which ``attrs["seed"]`` tells.
    **settings
        ``method`` (any), ``weights``, ``direction`` and ``missing`` of :func:`divide_index`.

    Returns
    -------
    DataFrame
        On the index of the frame. ``rank`` of the estimates, 1 for the worst; ``low`` and ``high``, the ends of its
        interval; ``share_among_worst``, the share of draws in which the zone is where the worst-off tenth of people (or
        of zones) live. NaN for zones without an index.

    Raises
    ------
    InputError
        As :func:`divide_index`; when a margin is missing, infinite or negative, names no indicator, or there is none.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 7. Spielman, S. E., Folch, D., & Nagle, N. (2014). Patterns and causes of uncertainty in the American
    Community Survey. Applied Geography, 46, 147-157.

    Examples
    --------
    >>> homes = pd.DataFrame({"offline": [0.5, 0.3, 0.29, 0.1]}, index=list("abcd"))
    >>> margins = pd.DataFrame({"offline": [0.02, 0.05, 0.05, 0.02]}, index=list("abcd"))
    >>> found = rank_interval(homes, ["offline"], margins=margins, direction="higher is worse", rng=1)
    >>> found[["rank", "low", "high"]].astype(int).values.tolist()
    [[1, 1, 1], [2, 2, 3], [3, 2, 3], [4, 4, 4]]
    """
    draws, asked, seed = (
        checked_whole_number(replications, "replications", least=FEWEST_REPLICATIONS),
        confidence(level),
        seed_of(rng),
    )
    base = divide_index(frame, indicators, **settings)
    errors = _errors(frame, indicators, margins)
    takes_part = base["index"].notna().to_numpy()
    counted = people_taking_part(frame, takes_part, people)
    # Draws are made zone by zone in the order of ids, so that the order of rows changes nothing.
    order = np.argsort(frame.index.astype(str), kind="stable")
    among_order = np.argsort(frame.index[takes_part].astype(str), kind="stable")
    generator = np.random.default_rng(seed)
    ranks, among = np.empty((draws, int(takes_part.sum()))), np.zeros(int(takes_part.sum()))
    for number in tqdm(range(draws), desc="indices with errors", delay=2, leave=False):
        drawn = _drawn(frame, errors, order, generator)
        index = divide_index(drawn, indicators, **settings)
        ranks[number] = index["rank"].to_numpy()[takes_part]
        among += among_worst(index["index"].to_numpy()[takes_part], counted, among_order)
    ends = np.quantile(ranks, [(1 - asked) / 2, (1 + asked) / 2], axis=0, method="inverted_cdf")
    result = pd.DataFrame({"rank": base["rank"]}, index=frame.index)
    for name, values in (("low", ends[0]), ("high", ends[1]), ("share_among_worst", among / draws)):
        column = np.full(len(frame), np.nan)
        column[takes_part] = values
        result[name] = column
    result.attrs.update(
        {
            "measure": "rank_interval",
            "unit": "rank",
            "direction": "none",
            "method": settings.get("method", "percentile_rank"),
            "replications": draws,
            "level": asked,
            "seed": seed,
            "margins": list(errors),
            "n": int(takes_part.sum()),
            "left_out": int((~takes_part).sum()),
            "sources": [record.as_dict() for record in sources_of(frame, margins)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(base, margins), *_wide(result)])],
        }
    )
    return result


def _errors(
    frame: pd.DataFrame, indicators: Sequence[str] | Mapping[str, str | Sequence[str]], margins: pd.DataFrame
) -> dict[str, Floats]:
    """Return the standard error of each indicator that has margins; 0 where its value is missing."""
    if not isinstance(margins, pd.DataFrame):
        raise InputError("margins", f"it is {a_kind(margins)}", "Give a frame with a column for each indicator.")
    groups = indicators.values() if isinstance(indicators, Mapping) else [indicators]
    names = [name for group in groups for name in ([group] if isinstance(group, str) else group)]
    strangers = [str(name) for name in margins.columns if name not in names]
    if strangers or not len(margins.columns):
        found = f"{strangers[0]} is no indicator of the index" if strangers else "there are no columns"
        raise InputError("margins", found, f"Name the columns like the indicators: {', '.join(map(str, names))}.")
    errors = {}
    for name in margins.columns:
        known = frame[name].notna()
        given = margins[name].where(known.reindex(margins.index, fill_value=True), 0.0)
        errors[name] = checked_margins(given, f"margins of {name}", frame[name], "frame") / STANDARD_ERRORS
    return errors


def _drawn(
    frame: pd.DataFrame, errors: Mapping[str, Floats], order: Any, generator: np.random.Generator
) -> pd.DataFrame:
    drawn = frame.copy(deep=False)
    for name, sizes in errors.items():
        estimates = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        noise = np.empty(len(order))
        noise[order] = generator.standard_normal(len(order))
        values = estimates + noise * sizes
        drawn[name] = np.maximum(values, 0.0) if not (estimates < 0).any() else values
    return drawn


def _wide(result: pd.DataFrame) -> list[Finding]:
    places = len(result.dropna())
    wide = int((result["high"] - result["low"] > WIDE * places).sum())
    if not wide:
        return []
    return [
        Finding(
            "ranks_not_known",
            "warning",
            f"Of {wide:,} zones the place is so uncertain that its interval reaches over more than a quarter of all.",
            count=wide,
            advice="Do not name their place; take larger zones, or say which are among the worst in most draws.",
        )
    ]
