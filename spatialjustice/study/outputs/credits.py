"""Credits: attribution and licence of each source, as it says itself or as the study file says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spatialjustice.study.engine.section import file_key

if TYPE_CHECKING:
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.section import StudySettings


def credited(study: StudySettings, records: list[SourceRecord]) -> list[SourceRecord]:
    """Fill in what the study file says of its files; what a file or the registry says itself is kept."""
    credits_ = {file_key(name): credit for name, credit in study.credits.items()}
    done = []
    for record in records:
        credit = credits_.get(record.file)
        if credit is not None:
            stated = {key: value for key, value in credit.model_dump().items() if value not in {None, "", "not stated"}}
            known = {key for key in stated if getattr(record, key) not in {None, "", "not stated"}}
            stated = {key: value for key, value in stated.items() if key not in known}
            if "data_date" in stated:
                stated["data_date_from"] = "study file"
            record = replace(record, **stated)  # noqa: PLW2901
        done.append(record)
    return done
