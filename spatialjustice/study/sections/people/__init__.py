"""How many people live in each zone."""

from spatialjustice.study.engine.section import Keys, Page, Section, later
from spatialjustice.study.sections.people import settings

SECTION = Section(
    "people",
    compute=later("spatialjustice.study.sections.people.compute", "compute"),
    keys=Keys(settings.PeopleKeys, faults=settings.faults, files=settings.files),
    doing="people",
    needs=("place", "zones"),
    check=later("spatialjustice.study.sections.people.compute", "check"),
    zone_columns=later("spatialjustice.study.sections.people.tables", "zone_columns"),
    page=Page(
        indicators=later("spatialjustice.study.sections.people.page", "indicators"),
        indicators_at=9,
        sentences=later("spatialjustice.study.sections.people.page", "sentences"),
        sentences_at=3,
    ),
)
