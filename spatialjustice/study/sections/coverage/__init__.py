"""Who is served, by group and by mode, and how unequally."""

from spatialjustice.study.engine.section import Page, Section, later

SECTION = Section(
    "coverage",
    compute=later("spatialjustice.study.sections.coverage.compute", "compute"),
    doing="who is served",
    needs=("reach", "people", "groups"),
    tables=later("spatialjustice.study.sections.coverage.tables", "tables"),
    overview=later("spatialjustice.study.sections.coverage.tables", "overview"),
    page=Page(
        curves=later("spatialjustice.study.sections.coverage.page", "curves"),
        sentences=later("spatialjustice.study.sections.coverage.page", "sentences"),
        sentences_at=4,
    ),
)
