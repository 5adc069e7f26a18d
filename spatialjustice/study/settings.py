"""The study file: one YAML that says which place, which services and which measures, validated before any work."""

from __future__ import annotations

import difflib
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from spatialjustice._core.errors import MissingFileError, StudyError
from spatialjustice._core.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.provenance import require_regular
from spatialjustice.network.streets.modes import MODES
from spatialjustice.study.digital_parts import CensusTable, Digital, Exclusion, Index, Price, Regions, Share, Supply
from spatialjustice.study.justice_parts import Group, Groups, Inequality, Neighbours, Space
from spatialjustice.study.parts import (
    CUTOFF,
    Buildings,
    Catchment,
    Cells,
    Column,
    Credit,
    Cutoff,
    Cutoffs,
    Decay,
    FurtherFile,
    Hexagons,
    Language,
    Mode,
    OwnService,
    Place,
    PointColumns,
    Polygons,
    Population,
    Raster,
    Service,
    Settings,
    Squares,
    Text,
    Travel,
    Zones,
    date_as_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYBODY = "everybody"
OVERPASS, STRAIGHT = "overpass", "straight lines"
COUNT = "count"
"""The supply of a catchment where every place counts as what its service says, one each by default."""


def _place_from_text(value: Any) -> Any:
    return {"boundary": value} if isinstance(value, str) else value


class Study(Settings):
    """A whole study. See ``Study.read`` for reading one from its file."""

    title: Text = Field(description="Title of maps and tables; by language if need be.")
    place: Annotated[Place, BeforeValidator(_place_from_text)] | None = Field(
        None,
        description="Boundary file of the place, or its bounds; what the zones cover where missing.",
        json_schema_extra={"x-shorthand": "boundary"},
    )
    streets: str = Field(
        description="OpenStreetMap file (.osm.pbf, .osm, .osm.gz, .osm.bz2); overpass to ask the Overpass server; or "
        "straight lines, where there are no data of streets: everybody then goes straight, which every output says."
    )
    zones: Zones = Field(description="What the place is divided into.")
    population: Population = Field(description="Where the number of people comes from.")
    services: tuple[Service, ...] = Field(description="Services by name, or own files.", min_length=1)
    modes: tuple[Mode, ...] = Field(
        (Travel.model_validate({"name": "walk"}),),
        description="How people travel: names, or a name with a speed; the others are compared with the first.",
        min_length=1,
    )
    elevation: str | None = Field(
        None, description="GeoTIFF of heights in metres; slopes then count for the modes they matter to."
    )
    cutoffs: Cutoffs = Field(
        (Cutoff(value=500, unit="m"), Cutoff(value=1000, unit="m")),
        description="Limits of travel cost, such as 500 m or 15 min, closed at the limit: a list for every mode, or "
        "lists by mode. Minutes are those of the mode, metres those of its way along the streets.",
    )
    measures: tuple[Literal["cost_to_closest", "cumulative_cutoff", "local_moran"], ...] = Field(
        ("cost_to_closest", "cumulative_cutoff", "local_moran"), description="What is mapped.", min_length=1
    )
    catchments: tuple[Catchment, ...] = Field(
        (), description="Supply per person of services that compete for the same people (floating catchments)."
    )
    groups: dict[str, Groups] = Field(
        default_factory=dict,
        description="Columns of the zones that tell of groups of people, each with its title, or with its title and "
        "what it holds.",
    )
    inequality: Inequality | None = Field(
        None, description="Measure how unequally all outcomes are spread over people and between groups."
    )
    space: Space | None = Field(
        None, description="Measure whether places with much and with little lie together; how neighbours are told."
    )
    census: tuple[CensusTable, ...] = Field(
        (), description="Tables joined to the zones before everything else; their columns are then those of the zones."
    )
    digital: Digital | None = Field(None, description="Measure who is connected and who is not.")
    rank_by: str | None = Field(None, description="Column of the zones that ranks them from poor to rich.")
    languages: tuple[Language, ...] = Field(("en",), description="Languages of the maps.", min_length=1)
    seed: int | None = Field(None, description="Seed of everything random; drawn and recorded where missing.", ge=0)
    permutations: int = Field(999, description="Random permutations behind a p-value.", ge=99, le=99_999)
    snap_limit: float = Field(500, description="Metres a point may lie off the nearest street.", gt=0)
    buffer: float | None = Field(
        None, description="Metres around the place from which streets and services are used too.", ge=0
    )
    catalogue: str | None = Field(None, description="Own file of services that extends the catalogue.")
    basemap: bool = Field(default=True, description="Draw water, green and streets under the map.")
    credits: dict[str, Annotated[Credit, BeforeValidator(date_as_text)]] = Field(
        default_factory=dict, description="Licence, attribution and date of files, by file name."
    )
    name: str = Field(
        "study",
        description="Short name used for folders; the file's name where missing.",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        for fault in (
            *self._faults_of_people(),
            *self._faults_of_modes(),
            *self._faults_of_catchments(),
            *self._faults_of_justice(),
            *self._faults_of_exclusion(),
        ):
            raise ValueError(fault)
        strangers = sorted(set(map(file_key, self.credits)) - set(map(file_key, self.files)))
        if strangers:
            message = f"credits: {', '.join(strangers)} is no file of this study"
            raise ValueError(message)
        named: dict[str, list[str]] = {
            "services": list(self.service_names),
            "modes": [mode.key for mode in self.modes],
            **{
                "cutoffs" if isinstance(self.cutoffs, tuple) else f"cutoffs of {mode.key}": [
                    cutoff.key for cutoff in self.cutoffs_of(mode)
                ]
                for mode in self.modes
            },
            "catchments": [item.name for item in self.catchments],
            "languages": list(self.languages),
        }
        for what, names in named.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                key = "; give one of them a key of its own" if what == "modes" else ""
                message = f"{what}: {', '.join(twice)} named more than once{key}"
                raise ValueError(message)
        return self

    def _faults_of_people(self) -> Iterator[str]:
        """Say what is wrong with zones, people and groups together."""
        from_file = isinstance(self.zones, Polygons | Cells)
        if self.place is None and not from_file:
            yield "place: this setting is missing; only zones from a file know their place themselves"
        of_zones = isinstance(self.population, Column) and self.population.file is None
        if of_zones and not from_file:
            yield "population.column needs zones of kind polygons or table, which have columns, or a file of its own"
        if (self.groups or self.rank_by) and not from_file:
            yield "groups and rank_by need zones of kind polygons or table, which have columns"
        if isinstance(self.population, Buildings) and self.streets_file is None:
            yield "population from buildings needs an OpenStreetMap file in streets"
        if self.streets == STRAIGHT:
            named = [item for item in self.services if isinstance(item, str)]
            if named:
                yield f"streets: straight lines have no {', '.join(named)}; give these services a file of their own"
            if self.elevation is not None:
                yield "elevation: straight lines know no slopes; give streets, or leave it out"
        if EVERYBODY in self.groups:
            yield f"groups: a group cannot be called {EVERYBODY}, which is what all people together are called"

    def _faults_of_modes(self) -> Iterator[str]:
        """Say what is wrong with the cutoffs of the modes."""
        if isinstance(self.cutoffs, tuple):
            return
        keys = [mode.key for mode in self.modes]
        strangers = [name for name in self.cutoffs if name not in keys]
        if strangers:
            yield f"cutoffs: {', '.join(strangers)} is no mode of this study, which has {', '.join(keys)}"
        without = [name for name in keys if name not in self.cutoffs]
        if without:
            yield f"cutoffs: {', '.join(without)} has none; give every mode a list, or one list for all"

    def _faults_of_catchments(self) -> Iterator[str]:
        """Say what catchments name that the study does not have."""
        keys = [mode.key for mode in self.modes]
        for item in self.catchments:
            named = {"services": (item.services, self.service_names), "modes": (item.modes or (), keys)}
            for what, (names, known) in named.items():
                strangers = [name for name in names if name not in known]
                if strangers:
                    yield (
                        f"catchments: {item.name} names the {what} {', '.join(strangers)}, "
                        f"but the study has {', '.join(known)}"
                    )
            own = {service.name for service in self.services if isinstance(service, OwnService)}
            tables = [name for name in item.services if name not in own]
            if item.supply != COUNT and tables:
                yield (
                    f"catchments: {item.name} takes the supply from the column {item.supply}, which needs own services "
                    f"with a file; {', '.join(tables)} comes from OpenStreetMap: write supply: {COUNT}"
                )

    def _faults_of_justice(self) -> Iterator[str]:
        """Say what the sections on inequality and space name that the study does not have."""
        from_file = isinstance(self.zones, Polygons | Cells)
        if self.columns and not from_file:
            yield f"{self.columns[0]} is a column, and only zones of kind polygons or table have columns"
        if self.census and not from_file:
            yield "census: tables are joined to zones of kind polygons or table, which have ids of their own"
        if self.inequality is None:
            return
        strangers = [name for name in self.inequality.sufficiency if name not in self.service_names]
        if strangers:
            yield (
                f"inequality: sufficiency names {', '.join(strangers)}, but the study has the services "
                f"{', '.join(self.service_names)}"
            )
        reference = self.inequality.reference
        if reference is not None and reference not in self.groups:
            known = ", ".join(self.groups) or "none"
            yield f"inequality: reference names the group {reference}, but the groups of the study are: {known}"

    def _faults_of_exclusion(self) -> Iterator[str]:
        """Say what the section on exclusion names that the study does not have."""
        if self.digital is not None and self.digital.exclusion is not None:
            modes = {mode.key: [cutoff.key for cutoff in self.cutoffs_of(mode)] for mode in self.modes}
            yield from self.digital.exclusion.faults(self.service_names, modes, straight=self.streets == STRAIGHT)

    @property
    def excluding(self) -> Travel:
        """The mode of the section on exclusion."""
        asked = self.digital.exclusion if self.digital else None
        return next((mode for mode in self.modes if asked and mode.key == asked.mode), self.modes[0])

    @property
    def streets_file(self) -> str | None:
        """The file of the streets; None where they come from a server, or there are none."""
        return None if self.streets in {OVERPASS, STRAIGHT} else self.streets

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that zones must have for groups, order, districts, need and connections, each once."""
        named = (
            *self.groups,
            self.rank_by,
            self.inequality.regions if self.inequality else None,
            self.space.need if self.space else None,
            *(self.digital.columns if self.digital else ()),
        )
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def service_names(self) -> tuple[str, ...]:
        """The keys of all services, in the order of the file."""
        return tuple(item if isinstance(item, str) else item.name for item in self.services)

    def cutoffs_of(self, mode: Travel) -> tuple[Cutoff, ...]:
        """Return the limits of a mode."""
        return self.cutoffs if isinstance(self.cutoffs, tuple) else self.cutoffs[mode.key]

    def widest(self, mode: Travel) -> Cutoff:
        """Return the largest limit of a mode; minutes count at the mode's speed."""
        return max(self.cutoffs_of(mode), key=lambda cutoff: cutoff.metres(mode.kilometres_an_hour))

    def catchments_of(self, mode: Travel) -> tuple[Catchment, ...]:
        """Return the catchments that are asked for by a mode."""
        return tuple(item for item in self.catchments if item.modes is None or mode.key in item.modes)

    def reach_of(self, mode: Travel) -> float:
        """Return how far a mode goes for the largest cutoff or catchment, in metres at its speed."""
        limits = [self.widest(mode), *(item.decay.limit for item in self.catchments_of(mode))]
        return max(limit.metres(mode.kilometres_an_hour) for limit in limits)

    def margin_of(self, mode: Travel) -> float:
        """Return how far around the place a mode's streets are used, in metres: ``buffer``, or its reach."""
        return self.reach_of(mode) if self.buffer is None else self.buffer

    @property
    def margin(self) -> float:
        """How far around the place services are used, in metres: as far as the mode that goes farthest."""
        return max(map(self.margin_of, self.modes))

    @property
    def files(self) -> tuple[str, ...]:
        """Every file the study names, each once."""

        def named() -> Iterator[str | None]:
            yield self.place.boundary if self.place else None
            yield self.streets_file
            yield self.elevation
            yield self.zones.file if isinstance(self.zones, Polygons | Cells) else None
            yield self.population.raster if isinstance(self.population, Raster) else None
            yield self.population.file if isinstance(self.population, Column) else None
            for item in self.services:
                yield from (one.file for one in (item, *item.also)) if isinstance(item, OwnService) else ()
            yield from (item.file for item in self.census)
            yield from self.digital.files if self.digital else ()
            yield self.catalogue

        return tuple(dict.fromkeys(name for name in named() if name))

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """Read and validate a study file.

        Parameters
        ----------
        path
            A YAML file.

        Raises
        ------
        MissingFileError
            When there is no such file.
        StudyError
            Naming every setting at fault at once; an unknown key comes with the nearest known one.
        """
        path = Path(path)
        require_regular(path, "study")
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise MissingFileError(str(path), "there is no such study file", "Check the name and the folder.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                str(path), f"the file cannot be read ({error})", "It must be a text file in UTF-8."
            ) from None
        return cls.parse(text, name=str(path), default_name=_slug(path.stem))

    @classmethod
    def parse(cls, text: str, *, name: str = "study", default_name: str = "study") -> Study:
        """Validate the text of a study file; see ``Study.read``."""
        try:
            content = plain_yaml(text)
        except NotPlainError as error:
            raise StudyError(name, f"this is not valid YAML: {error}", "Mend that line.") from None
        if not isinstance(content, dict):
            raise StudyError(
                name, "the file holds no settings", "It needs lines such as “title: …”; see the README for ten of them."
            )
        try:
            return cls.model_validate({"name": default_name, **content})
        except ValidationError as error:
            faults = list(dict.fromkeys(_explain(fault) for fault in _first_causes(error)))
            found = f"{len(faults)} settings cannot be used" if len(faults) > 1 else "one setting cannot be used"
            raise StudyError(
                name,
                found + "".join(f"\n  - {fault}" for fault in faults) + "\n",
                "Mend these lines; studies/study.schema.json explains every setting.",
            ) from None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


# How pydantic names the alternatives of a setting inside an error's location; nobody writes them.
_VARIANTS: dict[Any, type[Settings]] = {
    "hexagons": Hexagons,
    "squares": Squares,
    "polygons": Polygons,
    "table": Cells,
    "raster": Raster,
    "column": Column,
    "buildings": Buildings,
    "own": OwnService,
    "every mode": Cutoff,
    "by mode": Cutoff,
    "share column": Share,
    "number": Share,
}
_PARTS: dict[Any, type[Settings]] = {
    **_VARIANTS,
    "place": Place,
    "groups": Group,
    "inequality": Inequality,
    "neighbours": Neighbours,
    "space": Space,
    "modes": Travel,
    "catchments": Catchment,
    "decay": Decay,
    "credits": Credit,
    "columns": PointColumns,
    "also": FurtherFile,
    "census": CensusTable,
    "digital": Digital,
    "connected": Share,
    "offline": Share,
    "supply": Supply,
    "index": Index,
    "regions": Regions,
    "exclusion": Exclusion,
    "price": Price,
}
_RENAMED = {
    "mode": "write a list: modes: [{given}]",
    "speed": "a mode has its speed: write modes: [{{name: walk, speed: {given}}}]",
}


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    """Keys allowed where an unknown one was found, following the path through the models."""
    for step in reversed(location[:-1]):
        if step in _PARTS:
            return list(_PARTS[step].model_fields)
    return list(Study.model_fields)


def _first_causes(error: ValidationError) -> list[Any]:
    """Leave out “too few items” where an item at fault is the reason for it."""
    faults: list[Any] = list(error.errors())
    deeper = {tuple(fault["loc"][:-1]) for fault in faults}
    return [fault for fault in faults if fault["type"] != "too_short" or tuple(fault["loc"]) not in deeper]


def _explain(fault: Any) -> str:
    location = tuple(fault["loc"])
    # The last step is the key itself, and may share its name with an alternative (population.raster).
    shown_steps = [step for step in location[:-1] if step not in _VARIANTS] + list(location[-1:])
    where = ".".join(str(step) for step in shown_steps)
    if fault["type"] == "extra_forbidden" and where in _RENAMED:
        return f"{where}: {_RENAMED[where].format(given=fault.get('input'))}"
    if fault["type"] == "extra_forbidden":
        known = _known_keys(location)
        near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean “{near[0]}”?" if near else f"known here: {', '.join(known)}"
        return f"{where}: unknown key; {hint}"
    if fault["type"] == "missing":
        return f"{where}: this setting is missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    shown = f" (found {given!r})" if isinstance(given, str | int | float) and "“" not in message else ""
    return f"{where or 'study'}: {message}{shown}"


def schema() -> dict[str, Any]:
    """Return the JSON schema of study files, for editors that complete and check YAML."""
    made = Study.model_json_schema(mode="validation")
    made["title"] = "spatialjustice study"
    definitions = made["$defs"]
    definitions["Cutoff"] = {
        "type": "string",
        "pattern": CUTOFF.pattern,
        "description": "A number with its unit, for example 500 m, 1.5 km or 15 min.",
    }
    made["properties"]["place"] = {
        "anyOf": [{"type": "string", "description": "Boundary file."}, {"$ref": "#/$defs/Place"}],
        "description": Study.model_fields["place"].description,
    }
    made["properties"]["groups"]["additionalProperties"] = {
        "anyOf": [definitions["Group"]["properties"]["title"], {"$ref": "#/$defs/Group"}]
    }
    definitions["Space"]["properties"]["neighbours"]["default"] = {"contiguity": 1}
    made["properties"]["modes"]["items"] = {
        "anyOf": [{"type": "string", "enum": list(MODES)}, {"$ref": "#/$defs/Travel"}]
    }
    made["properties"]["modes"]["default"] = ["walk"]
    made["properties"]["cutoffs"]["default"] = ["500 m", "1000 m"]
    return made


def file_key(name: str) -> str:
    """Return the last part of a file's name, by which credits are given."""
    return PurePosixPath(name.replace("\\", "/")).name
