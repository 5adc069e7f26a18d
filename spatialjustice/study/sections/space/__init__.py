"""Whether places with much and with little lie together."""

from spatialjustice.study.engine.section import Keys, Section, loaded_later
from spatialjustice.study.sections.space import settings

SECTION = Section(
    "space",
    compute=loaded_later("spatialjustice.study.sections.space.compute", "compute"),
    by_points=settings.by_points,
    keys=Keys(settings.SpaceKeys, columns=settings.columns, mend_schema=settings.mend_schema),
    doing="clusters",
    needs=("zones", "people", "streets"),
    gathers=("outcomes", "surfaces"),
    rounds=loaded_later("spatialjustice.study.sections.space.compute", "rounds"),
    rest=loaded_later("spatialjustice.study.sections.space.compute", "rest"),
    tables=loaded_later("spatialjustice.study.sections.space.tables", "tables"),
)
