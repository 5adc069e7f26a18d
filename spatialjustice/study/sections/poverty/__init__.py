"""Several lacks at once: far, costly, offline, slow, and who has how many of them."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.poverty import settings

SECTION = Section(
    "poverty",
    compute=loaded_later("spatialjustice.study.sections.poverty.compute", "compute"),
    keys=Keys(settings.PovertyKeys, faults=settings.faults, columns=settings.columns, limits=settings.limits),
    doing="who lacks several things at once",
    needs=("zones", "people", "groups", "services", "streets", "reach"),
    wanted=lambda study: study.poverty is not None,
    findings=loaded_later("spatialjustice.study.sections.poverty.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.poverty.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.poverty.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.poverty.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.poverty.page", "indicators"),
        indicators_at=1,
        findings_in_words=loaded_later("spatialjustice.study.sections.poverty.page", "findings_in_words"),
        answers=loaded_later("spatialjustice.study.sections.poverty.page", "answers"),
        bars=loaded_later("spatialjustice.study.sections.poverty.page", "bars"),
        weights=loaded_later("spatialjustice.study.sections.poverty.page", "weights"),
    ),
)
