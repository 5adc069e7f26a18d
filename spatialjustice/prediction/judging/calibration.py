"""Are risks of 30 percent right in 30 of 100? By classes of risk, and for each group of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_share, checked_whole_number
from spatialjustice.inequality.groups._tables import Groups, require_groups
from spatialjustice.prediction.fitting.nested import MODEL
from spatialjustice.prediction.fitting.predictors import calibrated
from spatialjustice.prediction.judging.drawing import drawn_blocks, ends, means
from spatialjustice.prediction.judging.scores import LEVEL, REPLICATIONS

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.risk_model import RiskModel


def calibration_curve(
    model: RiskModel, *, k: int = 10, level: float = LEVEL, replications: int = REPLICATIONS
) -> pd.DataFrame:
    r"""Tell whether a risk means what it says: held-out zones by their risk, beside what was measured there.

    In signs: :math:`\sum_{i \in k} P_i \hat p_i / \sum_{i \in k} P_i` beside :math:`\sum_{i \in k} P_i y_i / \sum_{i
    \in k} P_i` for each class k of risk.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    k
        How many classes of zones, with as many people each as zones allow.
    level, replications
        As in :func:`cross_validation`; blocks are drawn anew.

    Returns
    -------
    DataFrame
        A row for each class, from low to high risk: ``from_risk`` and ``to_risk``; mean ``predicted`` and ``measured``
        share by people, with ``measured_low`` and ``measured_high``; ``zones``, ``people``, and ``agrees``, whether the
        prediction lies within that range. ``attrs``: ``slope`` and ``intercept`` of a line on the log odds, 1 and 0
        where all is well (a slope below 1: too sure); ``mean_error``, the mean distance between the two by people.

    Raises
    ------
    InputError
        When ``k`` or ``level`` cannot be used.

    References
    ----------
    Van Calster, B., et al. (2019). Calibration: the Achilles heel of predictive analytics. BMC Medicine, 17, 230.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found = calibration_curve(model, k=3)
    >>> found["measured"].round(2).tolist(), found["agrees"].tolist()
    ([0.2, 0.32, 0.44], [True, True, True])
    """
    checked_share(level, "level")
    count, times = checked_whole_number(k, "k", least=2), checked_whole_number(replications, "replications", least=100)
    data, risk = model.taught, model.spatial.risk[MODEL]
    drawn = drawn_blocks(model.blocks.to_numpy(), times, int(model.facts["seed"]))
    of = _classes(risk, data.people, count)
    rows = []
    for one in np.unique(of):
        there = of == one
        said = float(np.average(risk[there], weights=data.people[there]))
        value, draws = means(data.outcome[there], data.people[there], drawn[:, there])
        low, high = _ends(data.outcome[there], draws, len(set(model.blocks.to_numpy()[there])), level)
        rows.append({
            "from_risk": risk[there].min(), "to_risk": risk[there].max(), "predicted": said, "measured": value,
            "measured_low": low, "measured_high": high, "zones": int(there.sum()),
            "people": float(data.people[there].sum()), "agrees": bool(low <= said <= high),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    line = calibrated(risk, data.outcome, data.people)
    apart = float(np.average((table["predicted"] - table["measured"]).abs(), weights=table["people"]))
    table.attrs = {
        "measure": "calibration_curve", "unit": "share", "direction": "none", "level": level, "replications": times,
        "slope": line.slope, "intercept": line.intercept, "mean_error": apart, "n": len(data.ids),
    }  # fmt: skip
    return table


def _ends(outcome: Floats, draws: Floats, blocks: int, level: float) -> tuple[float, float]:
    """Return the range of what was measured.

    Where no zone is excluded, or all are, every draw says the same; the range is then that of as many coins as blocks
    (Clopper and Pearson), which is wide where there are few.
    """
    if np.ptp(outcome) > 0 or outcome[0] not in {0.0, 1.0}:
        return ends(draws, level)
    reach = ((1 - level) / 2) ** (1 / blocks)
    return (0.0, 1 - reach) if outcome[0] == 0 else (reach, 1.0)


def _classes(risk: Floats, people: Floats, count: int) -> Any:
    """Return the class of each zone; zones of the same risk are in the same class."""
    values, of = np.unique(risk, return_inverse=True)
    counted = np.bincount(of, weights=people)
    middle = (np.cumsum(counted) - counted / 2) / counted.sum()
    return np.minimum((middle * count).astype(int), count - 1)[of] if len(values) > 1 else np.zeros(len(risk), int)


def error_by_group(
    model: RiskModel, groups: Groups, *, level: float = LEVEL, replications: int = REPLICATIONS
) -> pd.DataFrame:
    r"""Tell for whom a model is wrong: its errors at held-out zones, weighed by the people of each group.

    What is measured is a zone's. A group is taken to have the share of the zones that it lives in, so that an error
    between groups of one zone is not seen.

    In signs: :math:`\sum_i n_{ig} (\hat p_i - y_i) / \sum_i n_{ig}` over held-out zones.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    groups
        Who lives where, on the zones of the model, for example from :func:`spatialjustice.inequality.income_groups`.
    level, replications
        As in :func:`cross_validation`; blocks are drawn anew.

    Returns
    -------
    DataFrame
        A row for each group and one for all: ``people`` counted, ``people_left_out`` (in zones without a held-out
        risk); mean ``predicted`` and ``measured``; ``error``, the one less the other, with its range: above 0 the model
        sees more exclusion than there is, below 0 it overlooks it; ``absolute_error``, the mean distance by zone;
        ``brier``; and ``overlooked``, whether the whole range of the error lies below 0.

    Raises
    ------
    InputError
        When groups do not have the zones of the model, or a setting cannot be used.

    References
    ----------
    Mitchell, M., et al. (2019). Model cards for model reporting. FAT* '19, 220-229.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.inequality import income_groups
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found = error_by_group(model, income_groups(zones["income"].astype(float), k=2))
    >>> found["measured"].round(2).tolist(), found["overlooked"].tolist()
    ([0.41, 0.23, 0.32], [False, False, False])
    """
    require_groups(groups)
    checked_share(level, "level")
    times = checked_whole_number(replications, "replications", least=100)
    data, risk = model.taught, model.spatial.risk[MODEL]
    strangers = data.ids.difference(groups.people.index)
    if len(strangers):
        found = f"{len(strangers):,} zones of the model are not in them"
        raise InputError("groups", found, "Make them on the same zones.", rows=strangers)
    drawn = drawn_blocks(model.blocks.to_numpy(), times, int(model.facts["seed"]))
    here = groups.people.reindex(data.ids)
    counted = {name: (here[name].to_numpy(dtype=float), float(groups.people[name].sum())) for name in groups.names}
    counted["all people"] = (here.to_numpy(dtype=float).sum(axis=1), groups.total)
    rows = {name: _errors(risk, data.outcome, people, drawn, level) for name, (people, _) in counted.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    left_out = [round(total - float(people.sum()), 6) + 0.0 for people, total in counted.values()]
    table.insert(1, "people_left_out", left_out)
    table.attrs = {
        "measure": "error_by_group", "unit": "share", "direction": "none", "level": level, "replications": times,
        "how": groups.how, "n": len(data.ids), "left_out": left_out[-1],
    }  # fmt: skip
    return table


def _errors(risk: Floats, outcome: Floats, people: Floats, drawn: Floats, level: float) -> dict[str, Any]:
    error, draws = means(risk - outcome, people, drawn)
    low, high = ends(draws, level)

    def mean(values: Floats) -> float:
        return float(np.average(values, weights=people)) if people.sum() else np.nan

    return {
        "people": float(people.sum()),
        "predicted": mean(risk),
        "measured": mean(outcome),
        "error": error,
        "error_low": low,
        "error_high": high,
        "absolute_error": mean(np.abs(risk - outcome)),
        "brier": mean((risk - outcome) ** 2),
        "overlooked": bool(high < 0),
    }
