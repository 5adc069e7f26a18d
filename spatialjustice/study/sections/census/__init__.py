"""Tables joined to the zones before everything else: files, or answers of a statistical office."""

from spatialjustice.study.engine.section import Keys, Section, loaded_later
from spatialjustice.study.sections.census import settings

SECTION = Section(
    "census",
    compute=loaded_later("spatialjustice.study.sections.census.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.CensusKeys, faults=settings.faults, files=settings.files),
    doing="census tables",
    changes="zones",
    check=loaded_later("spatialjustice.study.sections.census.compute", "check"),
)
