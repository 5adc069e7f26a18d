"""Public transport on one day: a timetable on top of streets."""

from spatialjustice.study.engine.section import Keys, Page, Section, later
from spatialjustice.study.sections.transit import settings

SECTION = Section(
    "transit",
    compute=later("spatialjustice.study.sections.transit.compute", "compute"),
    keys=Keys(settings.TransitKeys, faults=settings.faults, files=settings.files),
    doing="timetables",
    wanted=lambda study: study.transit is not None,
    offers={"networks": later("spatialjustice.study.sections.transit.compute", "networks")},
    check=later("spatialjustice.study.sections.transit.compute", "check"),
    # The network on top of the streets carries what was found in the timetable.
    findings=lambda _: (),
    page=Page(sentences=later("spatialjustice.study.sections.transit.page", "sentences"), sentences_at=2),
)
