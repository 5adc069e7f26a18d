"""The place that a study is about."""

from spatialjustice.study.engine.section import Keys, Section, later
from spatialjustice.study.sections.place import settings

SECTION = Section(
    "place",
    compute=later("spatialjustice.study.sections.place.compute", "compute"),
    keys=Keys(settings.PlaceKeys, files=settings.files, mend_schema=settings.mend_schema),
    doing="place",
    check=later("spatialjustice.study.sections.place.compute", "check"),
    fetch=later("spatialjustice.study.sections.place.compute", "fetch"),
)
