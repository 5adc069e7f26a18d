"""Where exclusion is likely although nobody has measured it, and how far such a guess can be trusted."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.prediction.card import model_card
    from spatialjustice.prediction.elsewhere import covariate_shift, transfer
    from spatialjustice.prediction.exclusion_risk import exclusion_risk
    from spatialjustice.prediction.judging.calibration import calibration_curve, error_by_group
    from spatialjustice.prediction.judging.importance import partial_dependence, variable_importance
    from spatialjustice.prediction.judging.scores import cross_validation
    from spatialjustice.prediction.risk_model import RiskModel, risk_model

_PUBLIC: dict[str, list[str]] = {
    ".card": ["model_card"],
    ".elsewhere": ["covariate_shift", "transfer"],
    ".exclusion_risk": ["exclusion_risk"],
    ".judging.calibration": ["calibration_curve", "error_by_group"],
    ".judging.importance": ["partial_dependence", "variable_importance"],
    ".judging.scores": ["cross_validation"],
    ".risk_model": ["RiskModel", "risk_model"],
}

__all__ = [
    "RiskModel",
    "calibration_curve",
    "covariate_shift",
    "cross_validation",
    "error_by_group",
    "exclusion_risk",
    "model_card",
    "partial_dependence",
    "risk_model",
    "transfer",
    "variable_importance",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
