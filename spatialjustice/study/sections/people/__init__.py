"""How many people live in each zone."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.people import settings

SECTION = Section(
    "people",
    compute=loaded_later("spatialjustice.study.sections.people.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.PeopleKeys, faults=settings.faults, files=settings.files),
    doing="people",
    needs=("place", "zones"),
    check=loaded_later("spatialjustice.study.sections.people.compute", "check"),
    zone_columns=loaded_later("spatialjustice.study.sections.people.tables", "zone_columns"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.people.page", "indicators"),
        indicators_at=9,
        sentences=loaded_later("spatialjustice.study.sections.people.page", "sentences"),
        sentences_at=3,
    ),
)
