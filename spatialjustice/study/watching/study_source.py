"""Indicators from a study that is run on every date: columns of its zones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError, MissingFileError, OutputError, SpatialJusticeError, StudyError
from spatialjustice.catalogue import LANGUAGES, text_in, words
from spatialjustice.study.outputs.tables import zone_table
from spatialjustice.study.run import demo, run
from spatialjustice.study.settings import Study
from spatialjustice.study.watching.settings import RUN, Monitor, checksum_of
from spatialjustice.study.watching.table_source import Measured

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results

DEMO = "demo"
CITY = ("services", "streets", "timetable", "names")
"""Inputs that say what there is in a city (and what it is called); people and zones say for whom it is counted."""


class StudySource:
    """The study of a monitor.

    Parameters
    ----------
    monitor
        Its settings.
    folder
        Its folder, in which the newest run is kept.
    data_dir
        Folder of the data.
    """

    def __init__(self, monitor: Monitor, folder: Path, data_dir: Path | None) -> None:
        self.monitor = monitor
        self.folder = folder
        self.data_dir = data_dir

    def measured(self, date: str | None) -> tuple[str, Measured]:
        """Run the study; return the date of its data (or the one asked for) and what was measured.

        Raises
        ------
        SpatialJusticeError
            When the study cannot be run and no date is known for which that could be written down, when its settings
            are wrong, or when results cannot be written.
        """
        try:
            results = self._run()
        except (OutputError, StudyError):
            raise
        except SpatialJusticeError as error:
            if date is None:
                raise
            return date, Measured(None, {"source": "study"}, _reason(error))
        known = self._provenance(results)
        day = date or self._data_date(known)
        try:
            rows = self._rows(results)
            known["titles"] = {key: one for key, one in known["titles"].items() if key in set(rows["indicator"])}
            return day, Measured(rows, known)
        except InputError as error:
            return day, Measured(None, known, _reason(error))

    def _run(self) -> Results[Any]:
        seed = self.monitor.seed
        if self.monitor.source.study == DEMO:
            return demo(out=self.folder / RUN, rng=seed)
        path = Path(self.monitor.source.study)
        path = path if path.is_absolute() else self.folder / path
        # A seed of the study's own counts.
        own = Study.read(path).seed
        return run(path, data_dir=self.data_dir, out=self.folder / RUN, rng=seed if own is None else own)

    def _provenance(self, results: Results[Any]) -> dict[str, Any]:
        settings = results.study.model_dump(mode="json", exclude={"title", "languages", "name", "credits", "takeaway"})
        text = json.dumps(settings, sort_keys=True, ensure_ascii=False)
        # The same file under another name is compared by its bytes, as an input.
        for name in results.study.files:
            text = text.replace(json.dumps(name, ensure_ascii=False), '"a file"')
        return {
            "source": "study",
            "settings_sha256": checksum_of([text, self.monitor.measured_by]),
            "city": list(self.monitor.city or CITY),
            "by_rows": [],
            "inputs": [one.as_dict() for one in results.sources],
            "seed": results.seed,
            "titles": _titles(results),
        }

    def _data_date(self, known: dict[str, Any]) -> str:
        """Return the newest date of what says what there is in the city; of all inputs where that has none."""
        of_city = [one["data_date"] for one in known["inputs"] if one["name"] in known["city"] and one["data_date"]]
        every = of_city or [one["data_date"] for one in known["inputs"] if one["data_date"]]
        if not every:
            advice = "Say it with --date: that of the data, not that of today."
            raise InputError("date", "no input of the study says which date its data are of", advice)
        return str(max(every))[:10]

    def _rows(self, results: Results[Any]) -> pd.DataFrame:
        zones = zone_table(results)
        asked = self.monitor.indicators
        if not asked:
            unknown = sorted(str(name) for name in zones.columns if str(name).endswith("_minutes"))
            found: list[tuple[str, str, str, str]] = [(name, name, "minutes", "lower is better") for name in unknown]
        else:
            found = [(key, one.column or key, one.unit, one.direction) for key, one in asked.items()]
        lacking = [column for _, column, _, _ in found if column not in zones.columns]
        if not found or len(lacking) == len(found):
            numbers = ", ".join(str(name) for name in zones.columns if pd.api.types.is_numeric_dtype(zones[name]))
            advice = f"Name columns of zones.csv in monitor.yaml: {numbers[:300]}."
            raise InputError("indicators", f"the zones have no column {', '.join(lacking) or 'to watch'}", advice)
        outline = [shape.normalize().wkb.hex() for shape in zones.geometry]
        sums = [checksum_of(text)[:16] for text in outline]
        people = results.people.reindex(zones.index).mask(results.unknown)
        made = [
            pd.DataFrame(
                {
                    "zone": zones.index.astype(str),
                    "indicator": key,
                    "value": pd.to_numeric(zones[column]).to_numpy() if column in zones.columns else float("nan"),
                    "people": people.to_numpy(),
                    "unit": unit,
                    "direction": direction,
                    "outline": sums,
                }
            )
            for key, column, unit, direction in found
        ]
        return pd.concat(made, ignore_index=True)


def _titles(results: Results[Any]) -> dict[str, dict[str, str]]:
    """Return what the minutes of each service by each mode are called."""
    modes = [key.removeprefix("mode.") for key in words("en") if key.startswith("mode.") and key.count(".") == 1]
    return {
        f"{service}_{mode}_minutes": {
            lang: f"{text_in(title, lang)}{words(lang)['language.comma']}{words(lang)[f'mode.{mode}']}"
            for lang in LANGUAGES
        }
        for service, title in results.titles.items()
        for mode in modes
    }


def _reason(error: SpatialJusticeError) -> str:
    if isinstance(error, MissingFileError):
        return f"no file: {Path(error.name).name}"
    first = str(error).strip().splitlines()[0]
    return f"failed: {first}"
