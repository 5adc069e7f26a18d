"""Groups of people, and which zones are poor and rich."""

from spatialjustice.study.engine.section import Keys, Page, Section, later
from spatialjustice.study.sections.groups import settings

SECTION = Section(
    "groups",
    compute=later("spatialjustice.study.sections.groups.compute", "compute"),
    keys=Keys(settings.GroupsKeys, faults=settings.faults, columns=settings.columns, mend_schema=settings.mend_schema),
    doing="groups",
    needs=("zones", "people"),
    check=later("spatialjustice.study.sections.groups.compute", "check"),
    page=Page(groups=later("spatialjustice.study.sections.groups.page", "filters")),
)
