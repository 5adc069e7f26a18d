"""Who is near public transport that comes often, and what those lose who need accessible vehicles."""

from spatialjustice.study.engine.section import Page, Section, loaded_later

SECTION = Section(
    "transit_service",
    compute=loaded_later("spatialjustice.study.sections.transit_service.compute", "compute"),
    doing="public transport nearby",
    needs=("transit", "streets", "zones", "people", "groups", "services", "reach"),
    wanted=lambda study: study.transit is not None,
    findings=loaded_later("spatialjustice.study.sections.transit_service.compute", "findings"),
    sources=lambda _: (),
    tables=loaded_later("spatialjustice.study.sections.transit_service.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.transit_service.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.transit_service.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.transit_service.page", "indicators"),
        indicators_at=1,
        findings_in_words=loaded_later("spatialjustice.study.sections.transit_service.page", "findings_in_words"),
        sentences=loaded_later("spatialjustice.study.sections.transit_service.page", "sentences"),
        sentences_at=3,
    ),
)
