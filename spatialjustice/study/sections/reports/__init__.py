"""What residents report to their city: how much, who is silent, how late things are reported, how soon answered."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.reports import settings

SECTION = Section(
    "reports",
    compute=loaded_later("spatialjustice.study.sections.reports.compute", "compute"),
    keys=Keys(settings.ReportKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="reports of residents",
    needs=("zones", "people"),
    wanted=lambda study: study.reports is not None,
    offers={
        "indicators": loaded_later("spatialjustice.study.sections.reports.compute", "indicators"),
        "values": loaded_later("spatialjustice.study.sections.reports.compute", "values"),
    },
    alone=True,
    check=loaded_later("spatialjustice.study.sections.reports.compute", "check"),
    tables=loaded_later("spatialjustice.study.sections.reports.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.reports.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.reports.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.reports.page", "indicators"),
        findings_in_words=loaded_later("spatialjustice.study.sections.reports.telling", "findings_in_words"),
        answers=loaded_later("spatialjustice.study.sections.reports.telling", "answers"),
        index_line=loaded_later("spatialjustice.study.sections.reports.page", "index_line"),
        sentences=loaded_later("spatialjustice.study.sections.reports.telling", "sentences"),
    ),
)
