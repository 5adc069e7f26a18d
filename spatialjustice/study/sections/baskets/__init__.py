"""Baskets of services: who has all of them, or so many of them, within the limits."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.baskets import settings

SECTION = Section(
    "baskets",
    compute=loaded_later("spatialjustice.study.sections.baskets.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.BasketsKeys, faults=settings.faults, limits=settings.limits),
    doing="baskets of services",
    needs=("zones", "people", "groups", "services", "streets", "reach"),
    wanted=lambda study: bool(study.baskets),
    findings=loaded_later("spatialjustice.study.sections.baskets.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.baskets.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.baskets.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.baskets.tables", "overview"),
    paragraphs=loaded_later("spatialjustice.study.sections.baskets.page", "paragraphs"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.baskets.page", "indicators"),
        findings_in_words=loaded_later("spatialjustice.study.sections.baskets.page", "findings_in_words"),
        answers=loaded_later("spatialjustice.study.sections.baskets.page", "answers"),
    ),
)
