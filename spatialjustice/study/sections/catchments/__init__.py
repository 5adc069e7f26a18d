"""Supply per person where people compete for it: floating catchments."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.catchments import settings

SECTION = Section(
    "catchments",
    compute=loaded_later("spatialjustice.study.sections.catchments.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.CatchmentsKeys, faults=settings.faults, limits=settings.limits, amounts=settings.amounts),
    doing="catchments",
    needs=("zones", "people", "services", "streets"),
    wanted=lambda study: bool(study.catchments),
    asks=loaded_later("spatialjustice.study.sections.catchments.compute", "asks"),
    offers={"outcomes": loaded_later("spatialjustice.study.sections.catchments.compute", "outcomes")},
    findings=loaded_later("spatialjustice.study.sections.catchments.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.catchments.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.catchments.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.catchments.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.catchments.page", "indicators"),
        index_line=loaded_later("spatialjustice.study.sections.catchments.page", "index_line"),
    ),
)
