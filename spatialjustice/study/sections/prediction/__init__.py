"""Where exclusion is likely although nobody has measured it, and how far such a guess can be trusted."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.prediction import settings

SECTION = Section(
    "prediction",
    compute=loaded_later("spatialjustice.study.sections.prediction.compute", "compute"),
    keys=Keys(settings.PredictionKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="prediction",
    needs=("zones", "people", "groups", "services", "digital"),
    wanted=lambda study: study.prediction is not None,
    tables=loaded_later("spatialjustice.study.sections.prediction.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.prediction.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.prediction.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.prediction.page", "indicators"),
        weights=loaded_later("spatialjustice.study.sections.prediction.page", "weights"),
        answers=loaded_later("spatialjustice.study.sections.prediction.page", "answers"),
    ),
    pages=loaded_later("spatialjustice.study.sections.prediction.page", "pages"),
)
