"""The frame of components and dimensions: what is known of a city in nine cells, what goes with what, what is asked."""

from spatialjustice.study.engine.section import Keys, Section, loaded_later
from spatialjustice.study.sections.frame import settings

SECTION = Section(
    "frame",
    compute=loaded_later("spatialjustice.study.sections.frame.compute", "compute"),
    keys=Keys(settings.FrameKeys, faults=settings.faults, columns=settings.columns),
    doing="components and dimensions",
    needs=("zones", "people", "services", "reach", "streets"),
    gathers=("indicators", "values", "outcomes"),
    wanted=lambda study: study.frame is not None,
    check=loaded_later("spatialjustice.study.sections.frame.compute", "check"),
    findings=loaded_later("spatialjustice.study.sections.frame.compute", "findings"),
    tables=loaded_later("spatialjustice.study.sections.frame.tables", "tables"),
    overview=loaded_later("spatialjustice.study.sections.frame.tables", "overview"),
    pages=loaded_later("spatialjustice.study.sections.frame.page", "pages"),
)
