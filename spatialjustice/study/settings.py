"""The study file: one YAML that says which place, which services and which measures, validated before any work."""

from __future__ import annotations

import difflib
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from spatialjustice._core.errors import MissingFileError, StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

Language = Literal["en", "fa"]
EVERYBODY = "everybody"
_CUTOFF = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|km|min)\s*$")


class Settings(BaseModel):
    """Base of all parts of a study: frozen, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _text(value: Any) -> Any:
    """Accept a text, or texts by language, and say in one sentence what is wrong with anything else."""
    languages = get_args(Language)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, dict) and value and all(isinstance(text, str) and text.strip() for text in value.values()):
        if set(value) <= set(languages):
            return value
        message = f"the languages are {' and '.join(languages)}, not {', '.join(map(str, set(value) - set(languages)))}"
        raise ValueError(message)
    message = "write a text in quotation marks, or texts by language: {en: …, fa: …}"
    raise ValueError(message)


Text = Annotated[str | dict[str, str], BeforeValidator(_text)]


class Cutoff(Settings):
    """A limit of travel cost; places at exactly the limit count as reached."""

    value: float = Field(gt=0)
    unit: Literal["m", "min"]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict | Cutoff):
            return value
        found = _CUTOFF.match(str(value))
        if not found:
            message = f"“{value}” is not a cutoff; write a number with its unit, for example 500 m, 1.5 km or 15 min"
            raise ValueError(message)
        number, unit = float(found[1]), found[2]
        return {"value": number * 1000, "unit": "m"} if unit == "km" else {"value": number, "unit": unit}

    def metres(self, speed: float) -> float:
        """Return the cutoff in metres, at a speed in kilometres an hour."""
        return self.value if self.unit == "m" else self.value * speed * 1000 / 60

    @property
    def label(self) -> str:
        """The cutoff as it is written, for example ``500 m``."""
        return f"{self.value:.10g} {self.unit}"

    @property
    def key(self) -> str:
        """The cutoff as a part of a column name, for example ``500_m``."""
        return f"{self.value:.10g}_{self.unit}".replace(".", "_")


def _place_from_text(value: Any) -> Any:
    return {"boundary": value} if isinstance(value, str) else value


class Place(Settings):
    """The place: a boundary file, or the four sides of a box."""

    boundary: str | None = Field(None, description="File with the polygon of the place.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    bounds: tuple[float, float, float, float] | None = Field(
        None, description="West, south, east and north in degrees, instead of a boundary file."
    )

    @model_validator(mode="after")
    def _one(self) -> Place:
        if (self.boundary is None) == (self.bounds is None):
            message = "give either boundary (a file) or bounds (west, south, east, north), not both and not neither"
            raise ValueError(message)
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                message = f"bounds {list(self.bounds)} are not west < east and south < north in degrees"
                raise ValueError(message)
        return self


class Hexagons(Settings):
    """Zones as H3 hexagons."""

    kind: Literal["hexagons"]
    resolution: int = Field(9, ge=0, le=15, description="H3 resolution: 9 is about 0.1 km², 10 about 0.015 km².")


class Squares(Settings):
    """Zones as squares."""

    kind: Literal["squares"]
    size: float = Field(description="Side of a square in metres.", gt=0)


class Polygons(Settings):
    """Zones from a file, for example census tracts."""

    kind: Literal["polygons"]
    file: str = Field(description="Vector file of the zones.")
    id: str | None = Field(None, description="Column with the id of each zone.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")


Zones = Annotated[Hexagons | Squares | Polygons, Field(discriminator="kind")]


class Raster(Settings):
    """People counted in a raster such as GHS-POP or WorldPop."""

    raster: str = Field(description="GeoTIFF with people per cell.")
    nodata: float | None = Field(None, description="The value that means no data, where the file does not say.")


class Column(Settings):
    """People counted in a column: of the zones, or of other polygons, whose people are shared out by area."""

    column: str = Field(description="Column with the number of people.")
    file: str | None = Field(None, description="Polygons that hold the column, where the zones do not.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")


class Buildings(Settings):
    """People estimated from residential floor area; labelled as estimated wherever they show."""

    floor_area_per_person: float = Field(description="Square metres of residential floor area a person has.", gt=0)


class OwnService(Settings):
    """A service from the user's own file."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Key of the service, for example wifi.")
    file: str = Field(description="Vector file with the places.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    id: str | None = Field(None, description="Column with the id of each place.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")


_POPULATION_KEYS = {
    "raster": "raster",
    "nodata": "raster",
    "column": "column",
    "file": "column",
    "floor_area_per_person": "buildings",
}


def _population_kind(value: Any) -> str:
    """Decide which of the three sources of people was meant, so that only its faults are told."""
    if isinstance(value, dict):
        for key in value:
            near = difflib.get_close_matches(str(key), list(_POPULATION_KEYS), n=1)
            if near:
                return _POPULATION_KEYS[near[0]]
    return "column" if isinstance(value, Column) else "buildings" if isinstance(value, Buildings) else "raster"


Population = Annotated[
    Annotated[Raster, Tag("raster")] | Annotated[Column, Tag("column")] | Annotated[Buildings, Tag("buildings")],
    Discriminator(_population_kind),
]
Service = Annotated[
    Annotated[str, Tag("name")] | Annotated[OwnService, Tag("own")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "own"),
]


class Credit(Settings):
    """What is to be recorded about a file that no registry knows."""

    licence: str = "not stated"
    attribution: str = ""
    data_date: str | None = None
    address: str = ""


def _date_as_text(value: Any) -> Any:
    if isinstance(value, dict) and value.get("data_date") is not None:
        return value | {"data_date": str(value["data_date"])}
    return value


class Study(Settings):
    """A whole study. See ``Study.read`` for reading one from its file."""

    title: Text = Field(description="Title of maps and tables; by language if need be.")
    place: Annotated[Place, BeforeValidator(_place_from_text)] = Field(
        description="Boundary file of the place, or its bounds.", json_schema_extra={"x-shorthand": "boundary"}
    )
    streets: str = Field(
        description="OpenStreetMap file (.osm.pbf, .osm, .osm.gz, .osm.bz2), or overpass to ask the Overpass server."
    )
    zones: Zones = Field(description="What the place is divided into.")
    population: Population = Field(description="Where the number of people comes from.")
    services: tuple[Service, ...] = Field(description="Services by name, or own files.", min_length=1)
    cutoffs: tuple[Cutoff, ...] = Field(
        (Cutoff(value=500, unit="m"), Cutoff(value=1000, unit="m")),
        description="Limits of travel cost, such as 500 m or 15 min; closed at the limit.",
        min_length=1,
    )
    measures: tuple[Literal["cost_to_closest", "cumulative_cutoff", "local_moran"], ...] = Field(
        ("cost_to_closest", "cumulative_cutoff", "local_moran"), description="What is mapped.", min_length=1
    )
    mode: Literal["walk"] = Field("walk", description="How people travel.")
    speed: float = Field(4.8, description="Speed in kilometres an hour.", gt=0, le=200)
    groups: dict[str, Text] = Field(
        default_factory=dict, description="Columns of the zones that count people of a group, with their titles."
    )
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
    credits: dict[str, Annotated[Credit, BeforeValidator(_date_as_text)]] = Field(
        default_factory=dict, description="Licence, attribution and date of files, by file name."
    )
    name: str = Field(
        "study",
        description="Short name used for folders; the file's name where missing.",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        of_zones = isinstance(self.population, Column) and self.population.file is None
        if of_zones and not isinstance(self.zones, Polygons):
            message = "population.column needs zones of kind polygons, which have columns, or a file of its own"
            raise ValueError(message)
        if (self.groups or self.rank_by) and not isinstance(self.zones, Polygons):
            message = "groups and rank_by need zones of kind polygons, which have columns"
            raise ValueError(message)
        if isinstance(self.population, Buildings) and self.streets == "overpass":
            message = "population from buildings needs an OpenStreetMap file in streets"
            raise ValueError(message)
        if EVERYBODY in self.groups:
            message = f"groups: a group cannot be called {EVERYBODY}, which is what all people together are called"
            raise ValueError(message)
        strangers = sorted(set(map(file_key, self.credits)) - set(map(file_key, self.files)))
        if strangers:
            message = f"credits: {', '.join(strangers)} is no file of this study"
            raise ValueError(message)
        named = {
            "services": self.service_names,
            "cutoffs": [cutoff.key for cutoff in self.cutoffs],
            "languages": self.languages,
        }
        for what, names in named.items():
            twice = sorted({name for name in names if list(names).count(name) > 1})
            if twice:
                message = f"{what}: {', '.join(twice)} named more than once"
                raise ValueError(message)
        return self

    @property
    def service_names(self) -> tuple[str, ...]:
        """The keys of all services, in the order of the file."""
        return tuple(item if isinstance(item, str) else item.name for item in self.services)

    @property
    def reach(self) -> float:
        """The largest cutoff, in metres."""
        return max(cutoff.metres(self.speed) for cutoff in self.cutoffs)

    @property
    def margin(self) -> float:
        """How far around the place streets and services are used, in metres: ``buffer``, or the largest cutoff."""
        return self.reach if self.buffer is None else self.buffer

    @property
    def files(self) -> tuple[str, ...]:
        """Every file the study names, each once."""

        def named() -> Iterator[str | None]:
            yield self.place.boundary
            yield None if self.streets == "overpass" else self.streets
            yield self.zones.file if isinstance(self.zones, Polygons) else None
            yield self.population.raster if isinstance(self.population, Raster) else None
            yield self.population.file if isinstance(self.population, Column) else None
            yield from (item.file for item in self.services if isinstance(item, OwnService))
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
            content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that refuses repeated keys
        except yaml.YAMLError as error:
            raise StudyError(name, f"this is not valid YAML: {_one_line(error)}", "Mend that line.") from None
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


class _StrictLoader(yaml.SafeLoader):
    """Plain data only, and no key twice: YAML itself would keep the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, list | dict):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}” stands here twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


# How pydantic names the alternatives of a setting inside an error's location.
_VARIANTS: dict[Any, type[Settings]] = {
    "hexagons": Hexagons,
    "squares": Squares,
    "polygons": Polygons,
    "raster": Raster,
    "column": Column,
    "buildings": Buildings,
    "own": OwnService,
    "place": Place,
}


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    """Keys allowed where an unknown one was found, following the path through the models."""
    for step in reversed(location[:-1]):
        if step in _VARIANTS:
            return list(_VARIANTS[step].model_fields)
        if step == "credits":
            return list(Credit.model_fields)
    return list(Study.model_fields)


def _first_causes(error: ValidationError) -> list[Any]:
    """Leave out “too few items” where an item at fault is the reason for it."""
    faults: list[Any] = list(error.errors())
    deeper = {tuple(fault["loc"][:-1]) for fault in faults}
    return [fault for fault in faults if fault["type"] != "too_short" or tuple(fault["loc"]) not in deeper]


def _explain(fault: Any) -> str:
    location = tuple(fault["loc"])
    # The last step is the key itself, and may share its name with an alternative (population.raster).
    shown_steps = [step for step in location[:-1] if step not in _VARIANTS or step == "place"] + list(location[-1:])
    where = ".".join(str(step) for step in shown_steps)
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
        "pattern": _CUTOFF.pattern,
        "description": "A number with its unit, for example 500 m, 1.5 km or 15 min.",
    }
    made["properties"]["place"] = {
        "anyOf": [{"type": "string", "description": "Boundary file."}, {"$ref": "#/$defs/Place"}],
        "description": Study.model_fields["place"].description,
    }
    made["properties"]["cutoffs"]["default"] = ["500 m", "1000 m"]
    return made


def file_key(name: str) -> str:
    """Return the last part of a file's name, by which credits are given."""
    return PurePosixPath(name.replace("\\", "/")).name
