"""What a study file says of connections: supply, use, index, price, and where being far meets being offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice.catalogue import indicators
from spatialjustice.study.engine.setting_types import KEY, Cutoff, KeyOrder, Settings, Text
from spatialjustice.study.sections.space.settings import SpaceKeys
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spatialjustice.study.engine.travel_modes import Travel

Worse = Literal["higher is worse", "lower is worse"]
OWN_WEIGHTS = ("cdc_svi", "purdue_ddi", "principal_component")
"""Methods of an index that leave no weights to choose."""


def _share_from_text(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Share(Settings):
    """A column of the zones that tells which part of the households has something."""

    column: str = Field(description="Column of the zones.")
    holds: Literal["share", "percent", "households"] = Field(
        "share", description="share from 0 to 1, percent from 0 to 100, or the number of households."
    )
    title: Text | None = Field(None, description="What maps and tables call it; by language if need be.")


Shares = Annotated[Share, BeforeValidator(_share_from_text)]
Layer = Annotated[
    Annotated[float, Tag("number")] | Annotated[Shares, Tag("share column")],
    Discriminator(lambda value: "share column" if isinstance(value, str | dict | Share) else "number"),
]


class Supply(Settings):
    """What there is to connect with: a column of the zones, or speeds measured by tile."""

    column: str | None = Field(None, description="Column of the zones.")
    holds: Literal["share", "percent", "amount"] = Field(
        "amount",
        description="share or percent of the households to whom a connection is offered, or an amount, such as a speed "
        "or a number of providers.",
    )
    tiles: str | None = Field(None, description="File of speeds measured by tile, with quadkeys, instead of a column.")
    speed: Literal["download", "upload"] = Field("download", description="Which speed of the tiles.")
    few_tests: int = Field(30, description="Tests below which the speed of a zone is called unsure.", ge=1)
    title: Text | None = Field(None, description="What maps and tables call it; by language if need be.")

    @model_validator(mode="after")
    def _one(self) -> Supply:
        if (self.column is None) == (self.tiles is None):
            message = "give either column (of the zones) or tiles (a file of speeds), not both and not neither"
            raise ValueError(message)
        if self.tiles is not None and self.holds != "amount":
            message = "holds: tiles hold speeds, which are an amount"
            raise ValueError(message)
        return self


class Regions(Settings):
    """Districts that zones add up to, and what is published of them."""

    column: str = Field(description="Column of the zones with the district of each.")
    file: str | None = Field(None, description="File with published figures of the districts, polygons if need be.")
    key: str | None = Field(None, description="Column of that file that the zones' column is of.")
    households: str | None = Field(None, description="Column of that file with the published number of households.")
    name: str | None = Field(None, description="Column of that file with the names of the districts.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")

    @model_validator(mode="after")
    def _whole(self) -> Regions:
        if (self.file is None) != (self.key is None):
            message = "published figures need both file and key"
            raise ValueError(message)
        if self.file is None and (self.households or self.name or self.layer):
            message = "households, name and layer are of the file with published figures, which is missing"
            raise ValueError(message)
        return self


class Index(Settings):
    """One number for the digital divide of each zone, by a declared rule."""

    method: Literal[
        "percentile_rank", "z_score", "min_max", "geometric", "principal_component", "cdc_svi", "purdue_ddi"
    ] = Field("percentile_rank", description="How indicators become one number; see digital.divide_index.")
    indicators: dict[str, Worse] = Field(
        default_factory=dict, description="Column → higher is worse, or lower is worse; not for purdue_ddi."
    )
    themes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="For cdc_svi: theme → its columns among the indicators."
    )
    parts: dict[str, str] = Field(default_factory=dict, description="For purdue_ddi: part → its column.")
    weights: dict[str, float] = Field(default_factory=dict, description="Column → weight; all alike where missing.")
    missing: Literal["raise", "own class", "available"] = Field(
        "own class",
        description="Zones that lack an indicator: refused; a class of their own; or the mean of what they have.",
    )
    draws: int = Field(200, description="Random sets of weights behind the range of ranks.", ge=0, le=10_000)
    titles: dict[str, Text] = Field(default_factory=dict, description="Column → what maps and tables call it.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the index is made of."""
        return tuple(self.parts.values()) if self.method == "purdue_ddi" else tuple(self.indicators)

    def faults(self) -> Iterator[str]:
        """Say what does not go together."""
        needed = {"purdue_ddi": "parts", "cdc_svi": "themes"}.get(self.method)
        for name in ("parts", "themes"):
            if getattr(self, name) and name != needed:
                yield f"{name}: {self.method} has none; leave it out, or choose another method"
        if needed and not getattr(self, needed):
            yield f"{needed}: this setting is missing; {self.method} is made of {needed}"
        if self.method == "purdue_ddi" and self.indicators:
            yield "indicators: purdue_ddi names its columns in parts, and knows which way is worse"
        if self.method != "purdue_ddi" and not self.indicators:
            yield "indicators: this setting is missing; name columns, each with higher is worse or lower is worse"
        if self.weights and self.method in OWN_WEIGHTS:
            yield f"weights: {self.method} has its own"
        if self.method in ("cdc_svi", "purdue_ddi") and self.missing == "available":
            yield f"missing: {self.method} needs every indicator; write own class, or raise"
        named = {"weights": self.weights, "themes": [one for names in self.themes.values() for one in names]}
        for name, columns in {**named, "titles": self.titles}.items():
            strangers = [column for column in columns if column not in self.columns]
            if strangers:
                yield f"{name}: {', '.join(strangers)} is none of the columns {', '.join(self.columns) or '(none)'}"

    @model_validator(mode="after")
    def _consistent(self) -> Index:
        for fault in self.faults():
            raise ValueError(fault)
        return self


class Exclusion(Settings):
    """Where being far from a service meets being offline."""

    service: str = Field(pattern=KEY, description="Service of this study.")
    cutoff: Cutoff = Field(description="Limit within which people are near, for example 800 m.")
    mode: str | None = Field(None, description="Mode of this study; the first where missing.")
    near: Literal["middle", "area"] = Field(
        "middle",
        description="middle: a zone is near as a whole when its middle is; area: as large a part of its households as "
        "of its area within a straight distance (people spread evenly).",
    )
    line: float | None = Field(
        None,
        description="Share of households online from which a zone is called online on the map; that of all households "
        "where missing.",
        ge=0,
        le=1,
    )

    def faults(self, services: Sequence[str], modes: Mapping[str, Sequence[str]], *, straight: bool) -> Iterator[str]:
        """Say what is named that the study does not have; ``modes`` have the keys of their cutoffs."""
        for what, name, there in (("service", self.service, services), ("mode", self.mode, list(modes))):
            if name is not None and name not in there:
                hint = did_you_mean(name, there, f"the study has {', '.join(there)}")
                yield f"exclusion: “{name}” is no {what} of this study; {hint}"
                return
        cutoffs = modes[self.mode or next(iter(modes))]
        if self.near == "area" and not (straight and self.cutoff.unit == "m"):
            yield "exclusion: near: area is for straight lines and a cutoff in metres; write near: middle"
        if self.near == "middle" and self.cutoff.key not in cutoffs:
            yield f"exclusion: {self.cutoff.label} is none of the cutoffs of the study; add it there"


class Price(Settings):
    """What a connection costs beside what people earn."""

    income: str = Field(description="Column of the zones with the income of a year.")
    amount: float | None = Field(None, description="Price of one payment, the same everywhere.", ge=0)
    column: str | None = Field(None, description="Column of the zones with the price, where it differs.")
    payments: float = Field(12, description="Payments in a year.", gt=0)
    line: float = Field(0.02, description="Share of income above which a connection is called too dear.", gt=0, lt=1)

    @model_validator(mode="after")
    def _one(self) -> Price:
        if (self.amount is None) == (self.column is None):
            message = "give either amount (one price) or column (of the zones), not both and not neither"
            raise ValueError(message)
        return self


class Digital(Settings):
    """Who is connected and who is not; every part may be left out."""

    households: str | None = Field(
        None, description="Column of the zones with households, of which shares are; people are counted where missing."
    )
    connected: Shares | None = Field(None, description="Households that use a connection.")
    offline: Shares | None = Field(
        None, description="Households without one; the rest of those connected where missing."
    )
    supply: Annotated[Supply, BeforeValidator(_share_from_text)] | None = Field(
        None, description="What there is to connect with."
    )
    index: Index | None = Field(None, description="The digital divide as one number for each zone.")
    regions: Regions | None = Field(None, description="Districts that zones are added up to.")
    exclusion: Exclusion | None = Field(None, description="Far from a service, offline, or both.")
    price: Price | None = Field(None, description="What a connection costs beside income.")
    profile: dict[str, Layer] = Field(
        default_factory=dict,
        description="Indicator of the catalogue of smart and just cities → its column, or one number for the place.",
    )

    @field_validator("profile")
    @classmethod
    def _known(cls, value: dict[str, float | Share]) -> dict[str, float | Share]:
        there = list(indicators())
        for key in value:
            if key not in there:
                hint = did_you_mean(key, there, "digital.indicators() lists them")
                message = f"“{key}” is no indicator of the catalogue; {hint}"
                raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _told(self) -> Digital:
        if self.exclusion is not None and self.connected is None and self.offline is None:
            message = "exclusion: connected or offline is missing, of which it is made"
            raise ValueError(message)
        if self.supply is not None and self.connected is None and self.offline is None:
            message = "supply: connected or offline is missing, beside which it is set"
            raise ValueError(message)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that zones must have, each once."""
        named = (
            self.households,
            *(one.column for one in (self.connected, self.offline, self.supply, self.regions) if one),
            *(self.index.columns if self.index else ()),
            *((self.price.income, self.price.column) if self.price else ()),
            *(one.column for one in self.profile.values() if isinstance(one, Share)),
        )
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are named."""
        named = (self.supply.tiles if self.supply else None, self.regions.file if self.regions else None)
        return tuple(name for name in named if name)


class DigitalKeys(SpaceKeys):
    """Connections."""

    digital: Annotated[Digital | None, KeyOrder(130)] = Field(
        None, description="Measure who is connected and who is not."
    )

    @property
    def excluding(self) -> Travel:
        """The mode of the section on exclusion."""
        asked = self.digital.exclusion if self.digital else None
        return next((mode for mode in self.modes if asked and mode.key == asked.mode), self.modes[0])


def faults(study: DigitalKeys) -> Iterator[str]:
    """Say what the section on exclusion names that the study does not have."""
    if study.digital is not None and study.digital.exclusion is not None:
        modes = {mode.key: [cutoff.key for cutoff in study.cutoffs_of(mode)] for mode in study.modes}
        yield from study.digital.exclusion.faults(study.service_names, modes, straight=study.streets == STRAIGHT)


def files(study: DigitalKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the files of speeds and of districts."""
    return (("digital", name) for name in (study.digital.files if study.digital else ()))


def columns(study: DigitalKeys) -> tuple[str, ...]:
    """Return the columns that zones must have."""
    return study.digital.columns if study.digital else ()
