"""Public transport on one day: a timetable on top of streets."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.transit import settings

SECTION = Section(
    "transit",
    compute=loaded_later("spatialjustice.study.sections.transit.compute", "compute"),
    keys=Keys(settings.TransitKeys, faults=settings.faults, files=settings.files),
    doing="timetables",
    wanted=lambda study: study.transit is not None,
    offers={"networks": loaded_later("spatialjustice.study.sections.transit.compute", "networks")},
    check=loaded_later("spatialjustice.study.sections.transit.compute", "check"),
    page=Page(sentences=loaded_later("spatialjustice.study.sections.transit.page", "sentences"), sentences_at=2),
)
