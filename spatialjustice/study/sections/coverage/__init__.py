"""Who is served, by group and by mode, and how unequally."""

from spatialjustice.study.engine.section import Page, Section, loaded_later

SECTION = Section(
    "coverage",
    compute=loaded_later("spatialjustice.study.sections.coverage.compute", "compute"),
    by_points=lambda _: True,
    doing="who is served",
    findings=loaded_later("spatialjustice.study.sections.coverage.next_place", "findings"),
    needs=("reach", "people", "groups", "zones", "streets"),
    wanted=lambda study: bool(study.services),
    tables=loaded_later("spatialjustice.study.sections.coverage.tables", "tables"),
    overview=loaded_later("spatialjustice.study.sections.coverage.tables", "overview"),
    zone_columns=loaded_later("spatialjustice.study.sections.coverage.tables", "zone_columns"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.coverage.page", "indicators"),
        findings_in_words=loaded_later("spatialjustice.study.sections.coverage.page", "findings_in_words"),
        curves=loaded_later("spatialjustice.study.sections.coverage.page", "curves"),
        sentences=loaded_later("spatialjustice.study.sections.coverage.page", "sentences"),
        sentences_at=4,
        overview=loaded_later("spatialjustice.study.sections.coverage.overview", "overview"),
    ),
)
