"""How far the count of lacks hangs on how many make somebody poor, and on what each lack counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.poverty.alkire_foster import counted, unknown_lacks
from spatialjustice.inequality.poverty.lacks import ROUNDING, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice.inequality._inputs import Floats, Values


def alkire_foster_robustness(
    lacks: pd.DataFrame,
    *,
    weights: Mapping[str, float] | None = None,
    people: Values | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 500,
) -> pd.DataFrame:
    r"""Tell how poverty changes with the number of lacks that make somebody poor, and with what each lack counts.

    For every whole number of lacks, H, A and M0 with the weights as given, and the lowest and highest H and M0 that
    random weights give: each set of weights is as likely as any other (a flat Dirichlet distribution), scaled to add up
    to the number of lacks. Where the range is wide, the result is a choice, not a finding.

    In signs: :math:`H(k_0) = \sum_i w_i 1[c_i \ge k_0] / \sum_i w_i`, :math:`M_0 = H A`, over the numbers of lacks
    :math:`k_0` and weights from a flat Dirichlet distribution.

    Parameters
    ----------
    lacks, weights, people
        As :func:`alkire_foster`.
    rng
        Whole number or generator that the weights follow from; None draws a seed, which attrs tell.
    replications
        Sets of weights; 0 for none.

    Returns
    -------
    DataFrame
        A row for each number of lacks from 1 to all (``at_least``): ``H``, ``A``, ``M0``, ``H_lowest``, ``H_highest``,
        ``M0_lowest``, ``M0_highest``, among those of whom everything is known.

    Raises
    ------
    InputError
        As :func:`alkire_foster`.

    References
    ----------
    Alkire, S., & Santos, M. E. (2014). Measuring acute poverty in the developing world: Robustness and scope of the
    Multidimensional Poverty Index. World Development, 59, 251-274.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], columns=list("abcd"))
    >>> found = alkire_foster_robustness(table, rng=1, replications=99)
    >>> found["H"].tolist(), found["H_highest"].tolist()
    ([0.75, 0.5, 0.25, 0.25], [0.75, 0.75, 0.75, 0.25])
    """
    draws, seed = checked_whole_number(replications, "replications", least=0), seed_of(rng)
    size = len(lacks.columns)
    data = counted(lacks, 1, weights, people)
    # Rows with the same lacks are one row with all their people.
    patterns, which = np.unique(data.lacking, axis=0, return_inverse=True)
    shares = np.bincount(which.ravel(), data.people, minlength=len(patterns)) / math.fsum(data.people)
    generator = np.random.default_rng(seed)
    own = _at_every_limit(patterns, shares, data.weights)
    drawn = np.full((draws, size, 2), np.nan)
    for step in tqdm(range(draws), desc="weights of lacks", delay=2, leave=False):
        drawn[step] = _at_every_limit(patterns, shares, generator.dirichlet(np.ones(size)) * size)
    ends = (drawn.min(axis=0), drawn.max(axis=0)) if draws else (own * np.nan, own * np.nan)
    frame = pd.DataFrame(
        {"H": own[:, 0], "A": np.divide(own[:, 1], own[:, 0], out=np.full(size, np.nan), where=own[:, 0] > 0)},
        index=pd.RangeIndex(1, size + 1, name="at_least"),
    )
    frame["M0"] = own[:, 1]
    for place, name in enumerate(("H", "M0")):
        # The weights that somebody chose are one of those that may be chosen.
        frame[f"{name}_lowest"] = np.fmin(ends[0][:, place], own[:, place]) if draws else np.nan
        frame[f"{name}_highest"] = np.fmax(ends[1][:, place], own[:, place]) if draws else np.nan
    return told(
        frame, "alkire_foster_robustness", [lacks, people], findings=unknown_lacks(data), unit="share",
        people=data.everybody, left_out=data.left_out, seed=seed, replications=draws,
    )  # fmt: skip


def _at_every_limit(patterns: Floats, shares: Floats, weights: Floats) -> Floats:
    """Return H and M0 for each whole number of lacks."""
    score = patterns @ weights
    size = len(weights)
    found = np.empty((size, 2))
    for limit in range(1, size + 1):
        poor = score >= limit - ROUNDING
        found[limit - 1] = shares[poor].sum(), (shares[poor] * score[poor]).sum() / size
    return found
