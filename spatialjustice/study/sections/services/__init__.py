"""Places of every service: where they are, and how much each offers."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.services import settings

SECTION = Section(
    "services",
    compute=loaded_later("spatialjustice.study.sections.services.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.ServicesKeys, faults=settings.faults, files=settings.files),
    doing="services",
    # Zones are read first: what is wrong with them is told before long work is done.
    needs=("place", "zones"),
    check=loaded_later("spatialjustice.study.sections.services.compute", "check"),
    slow=True,
    fetch=loaded_later("spatialjustice.study.sections.services.compute", "fetch"),
    tables=loaded_later("spatialjustice.study.sections.services.tables", "tables"),
    page=Page(around=loaded_later("spatialjustice.study.sections.services.page", "around")),
)
