"""A model of who is excluded, learned from zones where that is known and judged at places that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, announce, findings_of
from spatialjustice._core.ground.metres import areas_of
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice.inequality._inputs import checked_choice, checked_whole_number, seed_of
from spatialjustice.prediction.fitting.folds import folds_of, likeness, random_folds, range_of, squares
from spatialjustice.prediction.fitting.nested import MODEL, Fitted, Rings, final, rings
from spatialjustice.prediction.fitting.predictors import BASELINES, MODELS, learned
from spatialjustice.prediction.fitting.question import Direction, Question, asked, require_enough

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatialjustice.inequality._inputs import Floats

METHODS = ("choose", *MODELS)
FOLDS = 5
FEW_BLOCKS = 20
"""Blocks below which ranges drawn from blocks are called unsure."""
ZONES_OF_A_BLOCK = 10
"""Zones that a square of a chosen size holds on average, at least."""
WANTED_BLOCKS = 15
"""Blocks that squares of a chosen size leave at least, even if they must be smaller than the range."""


@dataclass(frozen=True, eq=False, repr=False)
class RiskModel(Shown):
    """A model of who is excluded, with what it said of zones that it had not seen; made by :func:`risk_model`.

    Nothing is read off it: :func:`cross_validation`, :func:`calibration_curve`, :func:`error_by_group`,
    :func:`variable_importance`, :func:`exclusion_risk` and :func:`model_card` take it and return tables and text.

    Parameters
    ----------
    question
        What was asked, of all zones.
    taught
        The same of the zones that it learned from.
    blocks
        The block of each of these.
    spatial, random
        What was said of held-out zones: whole blocks held out, and single zones by chance.
    fitted
        The model learned from all of them.
    facts
        How it was done: size and kind of blocks, range of dependence, folds, seed, methods.
    findings
        What the reader must know.
    sources
        Where the data come from.
    """

    question: Question
    taught: Question
    blocks: pd.Series[Any]
    spatial: Rings
    random: Rings
    fitted: Fitted
    facts: dict[str, Any]
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceRecord, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<risk model: {self.question.what} by {len(self.question.names)} variables, {self.fitted.method}>"

    def _card(self) -> Card:
        rows = [
            ("zones", f"{len(self.question.ids):,}, {len(self.taught.ids):,} of them to learn from"),
            ("variables", ", ".join(map(str, self.question.names))),
            ("method", str(self.fitted.method)),
            ("judged on", f"{self.blocks.nunique():,} blocks, {self.facts['folds']} of each held out in turn"),
            ("seed", str(self.facts["seed"])),
            ("made of", data_of(self.sources)),
        ]
        return Card(f"Risk model: {self.question.what}", rows)

    @property
    def rules(self) -> tuple[str, ...]:
        """The simple rules that the model must beat."""
        return tuple(name for name in self.spatial.risk if name != MODEL)


def risk_model(  # noqa: PLR0913 - a model is many choices, each with a default
    zones: gpd.GeoDataFrame,
    *,
    outcome: str | pd.Series[Any],
    variables: Sequence[str],
    line: float | None = None,
    direction: Direction = "higher is worse",
    people: str | pd.Series[Any] | None = None,
    rank_by: str | None = None,
    blocks: float | str | pd.Series[Any] | None = None,
    method: str = "choose",
    folds: int = FOLDS,
    rng: int | np.random.Generator | None = None,
) -> RiskModel:
    r"""Learn who is excluded from zones where that is known, and judge it at places that the model has not seen.

    Neighbouring zones are alike. A model that is judged at single zones drawn by chance has seen their neighbours and
    looks better than it will be where nothing was measured; so whole blocks are held out (and single zones beside it,
    to show the difference). Within what is left, other blocks are held out again: there the model is chosen (the lower
    log loss), and its guesses are made probabilities by Platt's line :math:`\operatorname{logit} p = a + b
    \operatorname{logit} \hat p`, so that nothing of a held-out block ever touches what is said of it.

    Models are scikit-learn pipelines: missing values are filled with the median of the training zones, with a column
    that says where; columns are scaled; then comes a logistic regression (C = 1) or gradient boosting (50 trees of
    depth 3). A share is learned as a logistic model of its parts (every zone stands twice, with its share and with the
    rest as weights). Three simple rules are tried beside it, calibrated alike: everybody's mean, the mean of the five
    nearest measured zones, and a logistic curve on one variable.

    Parameters
    ----------
    zones
        Areas with a column for each variable.
    outcome
        Column, or Series by id: share of the people or households who are excluded, or any number beside ``line``.
        Where it is missing, nothing was measured.
    variables
        Columns that describe the zones; missing values are allowed. None of them should be made of the outcome.
    line
        What is enough: a zone beyond it is excluded, one on it is not. None looks at shares.
    direction
        Whether high or low values of the outcome are bad.
    people
        Column, or Series by id: what each zone counts, in learning and in every score. Each zone counts once where
        None.
    rank_by
        Column that the rule on one variable looks at, such as income; the rule is left out where None.
    blocks
        What is held out together: the side of squares in metres; a column, or a Series by id, with the region of each
        zone (zones without one lie in squares); or None for squares as wide as the distance at which what a logistic
        model leaves is no longer alike (a correlation of at most 0.1), and wide enough for ten zones, as far as at
        least 15 of them remain.
    method
        ``"choose"``, ``"logistic"`` or ``"boosting"``.
    folds
        How many folds the blocks are dealt into.
    rng
        Seed, or generator to draw one from; None draws one, which the record tells.

    Returns
    -------
    RiskModel
        A record for the functions of this room.

    Raises
    ------
    InputError
        When a column is missing or holds no numbers; when fewer than 30 zones are measured, or fewer than 10 lie on one
        side of the line; when there are fewer than two blocks for each fold.

    References
    ----------
    Roberts, D. R., et al. (2017). Cross-validation strategies for data with temporal, spatial, hierarchical, or
    phylogenetic structure. Ecography, 40(8), 913-929. Platt, J. (1999). Probabilistic outputs for support vector
    machines. Papke, L. E., & Wooldridge, J. M. (1996). Econometric methods for fractional response variables. Journal
    of Applied Econometrics, 11(6), 619-632.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    <risk model: offline by 1 variables, logistic>
    """
    checked_choice(method, METHODS, "method")
    count, seed = checked_whole_number(folds, "folds", least=3), seed_of(rng)
    question = asked(
        zones, outcome=outcome, variables=variables, line=line, direction=direction, people=people, rank_by=rank_by
    )
    require_enough(question)
    taught = question.only(np.flatnonzero(question.measured))
    with one_thread():
        held, facts, remarks = _blocks(zones, taught, blocks, count, seed)
        models = MODELS if method == "choose" else (method,)
        with_income = taught.income is not None and not np.isnan(taught.income).all()
        rules = BASELINES if with_income else BASELINES[:-1]
        fits = 2 * (len(models) + len(rules)) * (count * (count - 1) // 2 + count)
        with tqdm(total=fits, desc="holding out", delay=2, leave=False) as bar:
            spatial = rings(taught, folds_of(held.to_numpy(), count, seed), models, rules, bar)
            random = rings(taught, random_folds(len(taught.ids), count, seed), models, rules, bar)
        fitted = final(taught, spatial, models)
    facts |= {"people": people if isinstance(people, str) else None}
    facts |= {"folds": count, "seed": seed, "method": fitted.method, "asked_method": method, "rank_by": rank_by}
    announce(*remarks)
    found = tuple(dict.fromkeys([*findings_of(zones), *remarks]))
    return RiskModel(question, taught, held, spatial, random, fitted, facts, found, tuple(sources_of(zones)))


def one_thread() -> Any:
    """Let linear algebra and trees use one thread, so that the bits do not depend on the machine's number.

    The libraries are loaded first: limits are set for those that are there, and not for those that come later.
    """
    import sklearn.ensemble
    import sklearn.linear_model  # noqa: F401 - both load what is limited
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def _blocks(
    zones: gpd.GeoDataFrame, taught: Question, blocks: Any, folds: int, seed: int
) -> tuple[pd.Series[Any], dict[str, Any], list[Finding]]:
    """Return the block of each zone, how blocks were made, and what must be said of them."""
    # Residuals of the plainest model that knows the variables: what is still alike among neighbours, is alike in space.
    residuals = taught.outcome - learned("logistic", taught)(taught)
    reach = range_of(likeness(taught.xy, residuals, seed))
    facts: dict[str, Any] = {"range": reach}
    if isinstance(blocks, str | pd.Series):
        given = blocks if isinstance(blocks, pd.Series) else zones.get(blocks)
        labels, size = _regions(zones, given, taught, reach)
        facts |= {"blocks": "regions", "size": size}
    else:
        size = _size(taught.xy, reach, folds) if blocks is None else float(blocks)
        labels = squares(taught.xy, size)
        facts |= {"blocks": "squares", "size": size}
    held = pd.Series(labels, index=taught.ids, name="block", dtype=object)
    number = int(held.nunique())
    facts["number_of_blocks"] = number
    return held, facts, _about_blocks(reach, size, number)


def _size(xy: Floats, reach: float, folds: int) -> float:
    """Return the side of squares: the range, wide enough for some zones; smaller where too few squares would be left.

    Squares with at least one zone are counted; that of half the size holds a quarter of the zones.
    """
    size = max(reach, float(np.ptp(xy, axis=0).max()) / 100)
    while len(set(squares(xy, size))) > len(xy) / ZONES_OF_A_BLOCK:
        size *= 1.05
    while len(set(squares(xy, size))) < max(WANTED_BLOCKS, 2 * folds):
        size *= 0.95
    return float(np.ceil(size / 10) * 10) if size > 100 else size


def _regions(
    zones: gpd.GeoDataFrame, given: pd.Series[Any] | None, taught: Question, reach: float
) -> tuple[Any, float]:
    """Return the region of each zone, and the side of a square as large as the region that the median person lives in.

    Raises
    ------
    InputError
        When zones have no such column, or ids differ.
    """
    if given is None:
        raise InputError("blocks", "the zones have no such column", "Name a column of regions, or a size in metres.")
    strangers = taught.ids.difference(given.index)
    if len(strangers):
        raise InputError("blocks", f"{len(strangers):,} zones have no row", "Give all zones.", rows=strangers)
    of = given.loc[taught.ids]
    rest = squares(taught.xy, max(reach, 1.0))
    names = of.astype(object).where(of.notna(), None)
    labels = np.array([f"outside {rest[place]}" if one is None else str(one) for place, one in enumerate(names)])
    area = pd.Series(areas_of(zones.loc[taught.ids])).groupby(labels).transform("sum").to_numpy()
    order = np.argsort(area, kind="stable")
    below = np.cumsum(taught.people[order])
    return labels, float(np.sqrt(area[order][int(np.searchsorted(below, below[-1] / 2))]))


def _about_blocks(reach: float, size: float, number: int) -> list[Finding]:
    found = []
    if size < reach:
        message = f"Residuals of zones are alike up to {reach:,.0f} m, and blocks are about {size:,.0f} m wide: zones "
        message += "held out still have neighbours like them among those learned from."
        advice = "Hold out larger blocks; with these, scores are still somewhat too good."
        values = {"range": round(reach), "size": round(size)}
        found.append(Finding("blocks_below_range", "warning", message, number, None, advice, values))
    if number < FEW_BLOCKS:
        message = f"Scores rest on {number} blocks; their ranges are unsure, and likely too narrow."
        advice = f"At least {FEW_BLOCKS} blocks make ranges that hold."
        found.append(Finding("few_blocks", "warning", message, number, None, advice, {"count": number}))
    return found
