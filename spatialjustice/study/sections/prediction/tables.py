"""What a prediction says as tables, as columns of the zones and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.prediction.judging.scores import SPATIAL
from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.prediction.compute import Predicted
    from spatialjustice.study.sections.prediction.settings import PredictionKeys

DIGITS = 6


def tables(results: Results[PredictionKeys]) -> Iterator[Table]:
    """Yield scores, errors by group, variables, calibration and the risk of every zone."""
    found: Predicted = results["prediction"]
    yield Table("prediction_scores", _scores(found))
    if not found.errors.empty:
        yield Table("prediction_by_group", _rounded(found.errors).assign(counts=found.unit))
    yield Table("prediction_variables", _rounded(found.variables))
    yield Table("prediction_zones", _zones(found))
    yield Table("prediction_calibration", _rounded(found.calibration).assign(counts=found.unit), part="details")
    if found.shift is not None:
        yield Table("prediction_shift", _rounded(found.shift).assign(counts=found.unit), part="details")


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return table.round(dict.fromkeys(table.select_dtypes("number").columns, DIGITS))


def _scores(found: Predicted) -> pd.DataFrame:
    """Return the scores at home and, where the model came from elsewhere, here."""
    table = found.scores if found.moved is None else pd.concat([found.scores, found.moved], ignore_index=True)
    return _rounded(table).assign(counts=found.unit, ranked=found.ranked)


def _zones(found: Predicted) -> pd.DataFrame:
    """Return a row for each zone, the highest risk first."""
    table = _rounded(found.risk)
    table.insert(0, found.unit, found.counted)
    order = table.rename_axis("zone_id").reset_index()
    return order.sort_values("risk", ascending=False, kind="stable", ignore_index=True)


def zone_columns(results: Results[PredictionKeys]) -> dict[str, pd.Series[Any]]:
    """Return the columns of the table of zones."""
    found: Predicted = results["prediction"]
    numbers = [name for name in ("risk", "low", "high", "rank", "rank_low", "rank_high") if name in found.risk]
    columns = {f"prediction_{name}": found.risk[name].round(DIGITS) for name in numbers}
    return columns | {"prediction_status": found.risk["status"]}


def overview(results: Results[PredictionKeys]) -> list[str]:
    """Return lines for the command line."""
    found: Predicted = results["prediction"]
    rows = found.scores[found.scores["held_out"] == SPATIAL].set_index("predictor")
    own = float(rows["log_loss"]["model"])
    rules = rows.drop(index="model").sort_values("log_loss", kind="stable")
    best, gain = str(rules.index[0]), rules.iloc[0]
    verdict = "zones are ranked" if found.ranked else f"zones are not ranked ({found.risk.attrs['reason']})"
    scores = (
        f"  at blocks held out, log loss {own:.4f}; best simple rule ({best}) "
        f"{gain['log_loss']:.4f}; lower by {gain['gain']:.4f} ({gain['gain_low']:.4f} to {gain['gain_high']:.4f})"
    )
    asked = results.study.prediction
    if asked is not None and asked.trained_on is not None:
        scores += f", in {asked.trained_on.file}"
    return ["", f"Risk ({found.outcome['en']}): {verdict}.", scores]
