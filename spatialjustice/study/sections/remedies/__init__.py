"""What would change it: which places to open or to close, what each plan does to whom, and how sure that is."""

from spatialjustice.study.engine.section import Keys, Section, later
from spatialjustice.study.sections.remedies import settings

SECTION = Section(
    "remedies",
    compute=later("spatialjustice.study.sections.remedies.compute", "compute"),
    keys=Keys(settings.RemediesKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="remedies",
    needs=("zones", "people", "services", "streets", "groups"),
    wanted=lambda study: bool(study.remedies),
    rounds=lambda study: len(study.remedies),
    findings=later("spatialjustice.study.sections.remedies.compute", "findings"),
    tables=later("spatialjustice.study.sections.remedies.tables", "tables"),
    zone_columns=later("spatialjustice.study.sections.remedies.tables", "zone_columns"),
    overview=later("spatialjustice.study.sections.remedies.tables", "overview"),
    paragraphs=later("spatialjustice.study.sections.remedies.tables", "paragraphs"),
    pages=later("spatialjustice.study.sections.remedies.page", "pages"),
)
