"""The zones that the place is divided into."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.zones import settings

SECTION = Section(
    "zones",
    compute=loaded_later("spatialjustice.study.sections.zones.compute", "compute"),
    keys=Keys(settings.ZonesKeys, faults=settings.faults, files=settings.files),
    doing="zones",
    needs=("place",),
    check=loaded_later("spatialjustice.study.sections.zones.compute", "check"),
    by_points=lambda _: True,
    shapes=loaded_later("spatialjustice.study.sections.zones.compute", "shapes"),
    page=Page(sentences=loaded_later("spatialjustice.study.sections.zones.page", "sentences"), sentences_at=0),
)
