"""Services that are given at places and online: who reaches them how, and what closing places would take."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.together import settings

SECTION = Section(
    "together",
    compute=loaded_later("spatialjustice.study.sections.together.compute", "compute"),
    keys=Keys(settings.TogetherKeys, faults=settings.faults, columns=settings.columns, limits=settings.limits),
    doing="who is reached at places and online",
    needs=("zones", "people", "groups", "services", "streets", "reach"),
    wanted=lambda study: bool(study.together),
    findings=loaded_later("spatialjustice.study.sections.together.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.together.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.together.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.together.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.together.page", "indicators"),
        indicators_at=1,
        findings_in_words=loaded_later("spatialjustice.study.sections.together.page", "findings_in_words"),
        answers=loaded_later("spatialjustice.study.sections.together.page", "answers"),
        bars=loaded_later("spatialjustice.study.sections.together.page", "bars"),
        weights=loaded_later("spatialjustice.study.sections.together.page", "weights"),
    ),
)
