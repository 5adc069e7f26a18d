"""The place that a study is about."""

from spatialjustice.study.engine.section import Keys, Section, loaded_later
from spatialjustice.study.sections.place import settings

SECTION = Section(
    "place",
    compute=loaded_later("spatialjustice.study.sections.place.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.PlaceKeys, files=settings.files, mend_schema=settings.mend_schema),
    doing="place",
    check=loaded_later("spatialjustice.study.sections.place.compute", "check"),
    fetch=loaded_later("spatialjustice.study.sections.place.compute", "fetch"),
)
