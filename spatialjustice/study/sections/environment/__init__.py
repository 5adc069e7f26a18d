"""What people are exposed to where they live, and where burdens meet being far from a service."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.environment import settings

SECTION = Section(
    "environment",
    compute=loaded_later("spatialjustice.study.sections.environment.compute", "compute"),
    keys=Keys(settings.EnvironmentKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="what people are exposed to",
    needs=("zones", "people", "groups", "services", "reach"),
    wanted=lambda study: study.environment is not None,
    offers={
        "indicators": loaded_later("spatialjustice.study.sections.environment.compute", "indicators"),
        "values": loaded_later("spatialjustice.study.sections.environment.compute", "values"),
    },
    alone=True,
    check=loaded_later("spatialjustice.study.sections.environment.compute", "check"),
    tables=loaded_later("spatialjustice.study.sections.environment.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.environment.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.environment.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.environment.page", "indicators"),
        indicators_at=20,
        findings_in_words=loaded_later("spatialjustice.study.sections.environment.telling", "findings_in_words"),
        answers=loaded_later("spatialjustice.study.sections.environment.telling", "answers"),
        bars=loaded_later("spatialjustice.study.sections.environment.page", "bars"),
        sentences=loaded_later("spatialjustice.study.sections.environment.telling", "sentences"),
        index_line=loaded_later("spatialjustice.study.sections.environment.page", "index_line"),
    ),
)
