"""What people reach: the way to the nearest place of every service, and how much is within each limit."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.reach import settings

SECTION = Section(
    "reach",
    compute=loaded_later("spatialjustice.study.sections.reach.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.ReachKeys, faults=settings.faults, limits=settings.limits, mend_schema=settings.mend_schema),
    doing="reach",
    needs=("zones", "people", "services", "streets"),
    asks=loaded_later("spatialjustice.study.sections.reach.compute", "asks"),
    offers={
        "outcomes": loaded_later("spatialjustice.study.sections.reach.compute", "outcomes"),
        "surfaces": loaded_later("spatialjustice.study.sections.reach.compute", "surfaces"),
    },
    rounds=lambda study: len(study.modes) * len(study.services),
    rest=loaded_later("spatialjustice.study.sections.reach.compute", "rest"),
    findings=loaded_later("spatialjustice.study.sections.reach.compute", "findings"),
    zone_columns=loaded_later("spatialjustice.study.sections.reach.tables", "zone_columns"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.reach.page", "indicators"),
        limits=loaded_later("spatialjustice.study.sections.reach.page", "limits"),
        sentences=loaded_later("spatialjustice.study.sections.reach.page", "sentences"),
        sentences_at=2,
    ),
)
