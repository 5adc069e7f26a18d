"""The parts of a study file: places, zones, people, services, modes, cutoffs and catchments, one model each."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from spatialjustice._core.console import steering
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.network.streets.modes import MODES


def _known(value: str) -> str:
    """Accept the languages that there are words in."""
    if value not in LANGUAGES:
        message = f"the languages are {' and '.join(LANGUAGES)}, not {value}"
        raise ValueError(message)
    return value


Language = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(LANGUAGES)})]
KEY = r"^[a-z][a-z0-9_]*$"
"""What names a service, a mode or a catchment, and becomes a part of column and file names."""

CUTOFF = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|km|min)\s*$")


class Settings(BaseModel):
    """Base of all parts of a study: frozen, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _text(value: Any) -> Any:
    """Accept a text, or texts by language, and say in one sentence what is wrong with anything else."""
    texts = value.values() if isinstance(value, dict) else [value]
    odd = [sign for text in texts if isinstance(text, str) for sign in steering(text.strip())]
    if odd:
        message = f"it holds the sign {odd[0]!a}, which is no letter: write it on one line, in plain letters"
        raise ValueError(message)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, dict) and value and all(isinstance(text, str) and text.strip() for text in value.values()):
        if set(value) <= set(LANGUAGES):
            return value
        message = f"the languages are {' and '.join(LANGUAGES)}, not {', '.join(map(str, set(value) - set(LANGUAGES)))}"
        raise ValueError(message)
    message = "write a text in quotation marks, or texts by language: {en: …, fa: …}"
    raise ValueError(message)


Unit = Literal["metres", "minutes"]
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
        found = CUTOFF.match(str(value))
        if not found:
            message = f"“{value}” is not a cutoff; write a number with its unit, for example 500 m, 1.5 km or 15 min"
            raise ValueError(message)
        number, unit = float(found[1]), found[2]
        return {"value": number * 1000, "unit": "m"} if unit == "km" else {"value": number, "unit": unit}

    def metres(self, speed: float) -> float:
        """Return the cutoff in metres, at a speed in kilometres an hour."""
        return self.value if self.unit == "m" else self.value * speed * 1000 / 60

    @property
    def measure(self) -> Unit:
        """The unit in full: ``metres`` or ``minutes``."""
        return "metres" if self.unit == "m" else "minutes"

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
    repair: bool = Field(default=False, description="Mend zones whose edges cross themselves instead of refusing them.")
    only_with: str | None = Field(
        None, description="Column that zones must have a value in; the others lie outside the place, which is counted."
    )


class Cells(Settings):
    """Zones from a table of H3 cells, which has their ids but no shapes."""

    kind: Literal["table"]
    file: str = Field(description="CSV file with one row per cell.")
    h3: str = Field("id", description="Column with the ids of the H3 cells.")


Zones = Annotated[Hexagons | Squares | Polygons | Cells, Field(discriminator="kind")]


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


class PointColumns(Settings):
    """Which columns of a file say where its places are, and what they are called."""

    longitude: str | None = Field(None, description="Column with the longitude in degrees.")
    latitude: str | None = Field(None, description="Column with the latitude in degrees.")
    x: str | None = Field(None, description="Column with the coordinate to the east, in crs.")
    y: str | None = Field(None, description="Column with the coordinate to the north, in crs.")
    name: str | None = Field(None, description="Column with the name of each place.")
    opening_hours: str | None = Field(None, description="Column with opening hours, as OpenStreetMap writes them.")


class PlacesFile(Settings):
    """A file with places, as shapes or as a table with coordinates."""

    file: str = Field(description="Vector file with the places, a text table of points, or a CSV file of H3 cells.")
    id: str | None = Field(None, description="Column with the id of each place.")
    columns: PointColumns | None = Field(None, description="Which columns of a table say where its places are.")
    crs: int | str | None = Field(None, description="Reference system of x and y, for example 25831.")
    rescale: bool = Field(default=False, description="Divide coordinates that lost their decimal point.")
    in_use: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column → values of places that work, for example {Status: [Live]}; others are set aside.",
    )
    encoding: str = Field("utf-8", description="What the bytes of a text table stand for.")


class FurtherFile(PlacesFile):
    """One more file of the same service, which may hold places of the files before it."""

    same: str | None = Field(
        None, description="Column with the id of the same place in a file before; such a row is no place of its own."
    )


class OwnService(PlacesFile):
    """A service from the user's own file."""

    name: str = Field(pattern=KEY, description="Key of the service, for example wifi.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")
    h3: str | None = Field(
        None, description="Column with the ids of H3 cells, for a table without shapes: a place is the cell's centre."
    )
    count: str | None = Field(
        None, description="Column that says how much each place offers, such as doctors or jobs; one each without it."
    )
    also: tuple[FurtherFile, ...] = Field((), description="Further files of the same service; every place counts once.")
    once_within: float | None = Field(
        None,
        description="Metres within which two places are one, 0 for the same point; only with also where missing.",
        ge=0,
    )

    @property
    def as_points(self) -> bool:
        """Whether the places are taken as points, with every row of their files accounted for."""
        return bool(self.columns or self.in_use or self.also) or self.once_within is not None

    @model_validator(mode="after")
    def _one_kind(self) -> OwnService:
        if self.as_points and (self.h3 or self.layer):
            message = "columns, in_use, also and once_within are for points, which have neither h3 nor layer"
            raise ValueError(message)
        if self.count is not None and (self.also or self.once_within is not None):
            message = "count: places that count once can only count as one each; leave it out"
            raise ValueError(message)
        if self.h3 is not None and (self.id is not None or self.layer is not None):
            message = "a table of H3 cells (h3) has neither id nor layer: the cells are the ids"
            raise ValueError(message)
        return self


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


def _mode_from_text(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Travel(Settings):
    """One way in which people travel."""

    name: str = Field(description="The mode: " + ", ".join(MODES) + ".")
    speed: float | None = Field(
        None, description="Speed in kilometres an hour; the mode's own where missing.", gt=0, le=200
    )
    key: str = Field(
        "",
        description="Short name for columns and files; the mode's name where missing.",
        pattern=r"^$|" + KEY,
    )
    title: Text | None = Field(None, description="What maps call it; by language if need be.")
    slopes: bool = Field(default=True, description="Whether slopes count, where the study has an elevation file.")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        name = value.get("name") if isinstance(value, dict) else None
        if isinstance(name, str) and name not in MODES:
            near = difflib.get_close_matches(name, list(MODES), n=1)
            hint = f"did you mean “{near[0]}”?" if near else f"choose one of {', '.join(MODES)}"
            message = f"there is no mode called “{name}”; {hint}"
            raise ValueError(message)
        return {**value, "key": value.get("key") or name} if isinstance(value, dict) and name else value

    @property
    def kilometres_an_hour(self) -> float:
        """The speed at which minutes and metres are turned into each other: that on an even, free street."""
        return MODES[self.name].speed if self.speed is None else self.speed


Mode = Annotated[Travel, BeforeValidator(_mode_from_text)]
Limits = Annotated[tuple[Cutoff, ...], Field(min_length=1)]
Cutoffs = Annotated[
    Annotated[Limits, Tag("every mode")] | Annotated[dict[str, Limits], Tag("by mode")],
    Discriminator(lambda value: "by mode" if isinstance(value, dict) else "every mode"),
]


class Decay(Settings):
    """How the pull of a place falls with the cost of the way there: one of these, all to a limit, closed."""

    binary: Cutoff | None = Field(None, description="1 up to the limit, 0 beyond, for example 30 min.")
    stepped: dict[str, float] | None = Field(
        None,
        description="A weight up to each limit, for example {10 min: 1, 20 min: 0.68, 30 min: 0.22}.",
        min_length=1,
    )
    linear: Cutoff | None = Field(None, description="From 1 at no cost down to 0 at the limit.")
    gaussian: Cutoff | None = Field(
        None, description="The upper part of a bell curve, from 1 at no cost down to 0 at the limit."
    )

    @model_validator(mode="after")
    def _one(self) -> Decay:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"give exactly one of {', '.join(type(self).model_fields)}"
            raise ValueError(message)
        if self.stepped is not None:
            limits = [limit.value for limit in self.steps]
            weights = list(self.weights)
            if len({limit.unit for limit in self.steps}) > 1:
                message = "stepped: the limits must be all in minutes or all in metres"
                raise ValueError(message)
            if len(set(limits)) < len(limits):
                message = "stepped: one of the limits stands here twice"
                raise ValueError(message)
            if weights != sorted(weights, reverse=True) or not 0 <= weights[-1] <= weights[0] <= 1:
                message = "stepped: the weights lie between 0 and 1 and never grow with the cost"
                raise ValueError(message)
        return self

    @property
    def _rising(self) -> list[tuple[Cutoff, float]]:
        """The steps from near to far, however they stand in the file."""
        pairs = [(Cutoff.model_validate(limit), weight) for limit, weight in (self.stepped or {}).items()]
        return sorted(pairs, key=lambda pair: pair[0].value)

    @property
    def steps(self) -> tuple[Cutoff, ...]:
        """The limits of the steps from near to far, or the one limit."""
        if self.stepped is not None:
            return tuple(limit for limit, _ in self._rising)
        return tuple(limit for limit in (self.binary, self.linear, self.gaussian) if limit is not None)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights of the steps from near to far; none where there are no steps."""
        return tuple(weight for _, weight in self._rising)

    @property
    def limit(self) -> Cutoff:
        """The cost beyond which there is no pull."""
        return self.steps[-1]

    @property
    def kind(self) -> str:
        """Which of them was given."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def label(self) -> str:
        """The decay as a few words, for tables."""
        if self.stepped is not None:
            steps = zip(self.weights, self.steps, strict=True)
            return ", ".join(f"{weight:g} up to {limit.label}" for weight, limit in steps)
        return f"{self.kind} to {self.limit.label}"


class Catchment(Settings):
    """Supply per person where people compete for it, by the floating catchment area method."""

    name: str = Field(pattern=KEY, description="Key of the catchment, for example health_care.")
    services: tuple[str, ...] = Field(description="Services of this study that are the supply together.", min_length=1)
    decay: Decay = Field(description="How the pull of a place falls with the way there.")
    title: Text | None = Field(None, description="Name shown on maps; by language if need be.")
    supply: str = Field(
        "count",
        description="count: each place as much as its service says (one each by default); or a column of the "
        "services' own files, for example beds.",
    )
    modes: tuple[str, ...] | None = Field(
        None, description="Modes of this study, by name or key; all where missing.", min_length=1
    )
    method: Literal["2sfca", "e2sfca", "m2sfca", "3sfca", "mh3sfca", "bfca"] = Field(
        "e2sfca", description="Which of the floating catchment area methods."
    )

    @model_validator(mode="after")
    def _decay_fits(self) -> Catchment:
        if self.method == "2sfca" and self.decay.kind != "binary":
            message = "2sfca knows only within reach or not: write decay: {binary: …}, or method: e2sfca"
            raise ValueError(message)
        return self


class Credit(Settings):
    """What is to be recorded about a file that no registry knows."""

    licence: str = "not stated"
    attribution: str = ""
    data_date: str | None = None
    address: str = ""


def date_as_text(value: Any) -> Any:
    """Accept a date as YAML reads it."""
    if isinstance(value, dict) and value.get("data_date") is not None:
        return value | {"data_date": str(value["data_date"])}
    return value
