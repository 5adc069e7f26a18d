"""Who is near public transport that comes often, and what those lose who need accessible vehicles."""

from spatialjustice.study.engine.section import Page, Section, later

SECTION = Section(
    "transit_service",
    compute=later("spatialjustice.study.sections.transit_service.compute", "compute"),
    doing="public transport nearby",
    needs=("transit", "streets", "zones", "people", "groups", "services", "reach"),
    wanted=lambda study: study.transit is not None,
    findings=later("spatialjustice.study.sections.transit_service.compute", "findings"),
    sources=lambda _: (),
    tables=later("spatialjustice.study.sections.transit_service.tables", "tables"),
    zone_columns=later("spatialjustice.study.sections.transit_service.tables", "zone_columns"),
    overview=later("spatialjustice.study.sections.transit_service.tables", "overview"),
    page=Page(
        indicators=later("spatialjustice.study.sections.transit_service.page", "indicators"),
        indicators_at=1,
        findings_in_words=later("spatialjustice.study.sections.transit_service.page", "findings_in_words"),
        sentences=later("spatialjustice.study.sections.transit_service.page", "sentences"),
        sentences_at=3,
    ),
)
