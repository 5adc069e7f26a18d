"""Streets as a network for every mode, and the ground drawn under the maps."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.streets import settings

SECTION = Section(
    "streets",
    compute=loaded_later("spatialjustice.study.sections.streets.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(
        settings.StreetsKeys,
        faults=settings.faults,
        files=settings.files,
        instead=settings.INSTEAD,
        mend_schema=settings.mend_schema,
    ),
    doing="streets",
    needs=("place", "zones"),
    gathers=("networks",),
    made_of=loaded_later("spatialjustice.study.sections.streets.compute", "made_of"),
    fleeting=settings.fleeting,
    check=loaded_later("spatialjustice.study.sections.streets.compute", "check"),
    slow=True,
    fetch=loaded_later("spatialjustice.study.sections.streets.compute", "fetch"),
    rest=loaded_later("spatialjustice.study.sections.streets.compute", "rest"),
    findings=loaded_later("spatialjustice.study.sections.streets.compute", "findings"),
    sources=loaded_later("spatialjustice.study.sections.streets.compute", "records"),
    page=Page(
        around=loaded_later("spatialjustice.study.sections.streets.page", "around"),
        sentences=loaded_later("spatialjustice.study.sections.streets.page", "sentences"),
        sentences_at=1,
    ),
)
