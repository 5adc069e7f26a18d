"""Who is connected and who is not, and where that meets being far from a service."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.digital import settings

SECTION = Section(
    "digital",
    compute=loaded_later("spatialjustice.study.sections.digital.compute", "compute"),
    keys=Keys(settings.DigitalKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="who is connected",
    needs=("zones", "people", "groups", "services", "reach"),
    wanted=lambda study: study.digital is not None,
    offers={
        "outcomes": loaded_later("spatialjustice.study.sections.digital.compute", "outcomes"),
        "surfaces": loaded_later("spatialjustice.study.sections.digital.compute", "surfaces"),
        "indicators": loaded_later("spatialjustice.study.sections.digital.compute", "indicators"),
    },
    check=loaded_later("spatialjustice.study.sections.digital.compute", "check"),
    tables=loaded_later("spatialjustice.study.sections.digital.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.digital.page", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.digital.page", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.digital.page", "indicators"),
        findings_in_words=loaded_later("spatialjustice.study.sections.digital.telling", "findings_in_words"),
        weights=loaded_later("spatialjustice.study.sections.digital.telling", "weights"),
        answers=loaded_later("spatialjustice.study.sections.digital.telling", "answers"),
        index_line=loaded_later("spatialjustice.study.sections.digital.page", "index_line"),
    ),
)
