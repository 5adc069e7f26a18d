"""What people reach: the way to the nearest place of every service, and how much is within each limit."""

from spatialjustice.study.engine.section import Keys, Page, Section, later
from spatialjustice.study.sections.reach import settings

SECTION = Section(
    "reach",
    compute=later("spatialjustice.study.sections.reach.compute", "compute"),
    keys=Keys(settings.ReachKeys, faults=settings.faults, limits=settings.limits, mend_schema=settings.mend_schema),
    doing="reach",
    needs=("zones", "people", "services", "streets"),
    offers={
        "outcomes": later("spatialjustice.study.sections.reach.compute", "outcomes"),
        "surfaces": later("spatialjustice.study.sections.reach.compute", "surfaces"),
    },
    rounds=lambda study: len(study.modes) * len(study.services),
    findings=later("spatialjustice.study.sections.reach.compute", "findings"),
    zone_columns=later("spatialjustice.study.sections.reach.tables", "zone_columns"),
    page=Page(
        indicators=later("spatialjustice.study.sections.reach.page", "indicators"),
        limits=later("spatialjustice.study.sections.reach.page", "limits"),
        sentences=later("spatialjustice.study.sections.reach.page", "sentences"),
        sentences_at=2,
    ),
)
