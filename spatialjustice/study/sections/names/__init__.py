"""What people call the zones: districts, neighbourhoods, streets and places instead of codes."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.names import settings

SECTION = Section(
    "names",
    compute=loaded_later("spatialjustice.study.sections.names.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.NamesKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="names",
    needs=("place", "zones", "services"),
    check=loaded_later("spatialjustice.study.sections.names.compute", "check"),
    findings=loaded_later("spatialjustice.study.sections.names.compute", "findings"),
    sources=loaded_later("spatialjustice.study.sections.names.compute", "records"),
    tables=loaded_later("spatialjustice.study.sections.names.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.names.tables", "zone_columns"),
    page=Page(
        around=loaded_later("spatialjustice.study.sections.names.page", "around"),
        sentences=loaded_later("spatialjustice.study.sections.names.page", "sentences"),
        sentences_at=1,
        parts=loaded_later("spatialjustice.study.sections.names.page", "parts"),
    ),
)
