"""What would change it: which places to open or to close, what each plan does to whom, and how sure that is."""

from spatialjustice.study.engine.section import Keys, Section, loaded_later
from spatialjustice.study.sections.remedies import settings

SECTION = Section(
    "remedies",
    compute=loaded_later("spatialjustice.study.sections.remedies.compute", "compute"),
    keys=Keys(settings.RemediesKeys, faults=settings.faults, files=settings.files, columns=settings.columns),
    doing="remedies",
    needs=("zones", "people", "services", "streets", "groups"),
    wanted=lambda study: bool(study.remedies),
    rounds=lambda study: len(study.remedies),
    made_of=loaded_later("spatialjustice.study.sections.remedies.result", "made_of"),
    offers={"plans": loaded_later("spatialjustice.study.sections.remedies.compute", "plans")},
    findings=loaded_later("spatialjustice.study.sections.remedies.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.remedies.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.remedies.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.remedies.tables", "overview"),
    paragraphs=loaded_later("spatialjustice.study.sections.remedies.tables", "paragraphs"),
    pages=loaded_later("spatialjustice.study.sections.remedies.page", "pages"),
)
