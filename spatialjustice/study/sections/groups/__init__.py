"""Groups of people, and which zones are poor and rich."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.groups import settings

SECTION = Section(
    "groups",
    compute=loaded_later("spatialjustice.study.sections.groups.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.GroupsKeys, faults=settings.faults, columns=settings.columns, mend_schema=settings.mend_schema),
    doing="groups",
    needs=("zones", "people"),
    check=loaded_later("spatialjustice.study.sections.groups.compute", "check"),
    page=Page(groups=loaded_later("spatialjustice.study.sections.groups.page", "filters")),
)
