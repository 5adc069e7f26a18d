"""The model of a study file, put together from the keys of sections."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Discriminator, Field, Tag, ValidationError

from spatialjustice.study.engine.compose import compose
from spatialjustice.study.engine.faults import sentences
from spatialjustice.study.engine.section import Keys, Section, StudySettings, returns_nothing
from spatialjustice.study.engine.setting_types import KeyOrder, Settings


class Whole(StudySettings):
    """A whole study."""


class Trees(Settings):
    """Trees by kind."""

    crown: float = Field(description="Metres.", gt=0)


class Lawn(Settings):
    """A lawn."""

    area: float = Field(description="Square metres.", gt=0)


Green = Annotated[
    Annotated[Trees, Tag("trees")] | Annotated[Lawn, Tag("lawn")],
    Discriminator(lambda value: "lawn" if "area" in value else "trees"),
]


class GreenKeys(StudySettings):
    """Green."""

    green: Annotated[dict[str, tuple[Green, ...]], KeyOrder(5)] = Field(
        default_factory=dict, description="Green by park."
    )


class ShadeKeys(GreenKeys):
    """Shade, which reads green."""

    shade: float = Field(0, description="Share.")


def section(name: str, model: type[StudySettings], **words: object) -> Section:
    return Section(name, returns_nothing, Keys(model, **words))


def test_keys_stand_where_they_ask_to_and_models_that_build_on_others_share_them():
    model = compose(Whole, [section("shade", ShadeKeys), section("green", GreenKeys)])
    shared = ["languages", "takeaway", "partition", "seed", "credits", "name"]
    assert list(model.model_fields) == ["title", "green", "shade", *shared]
    study = model.model_validate({"title": "A", "green": {"west": [{"crown": 2}]}})
    assert isinstance(study, ShadeKeys)
    assert list(study.model_dump()) == list(model.model_fields)


def test_two_sections_cannot_have_the_same_key():
    class Others(StudySettings):
        """Another section with a key of that name."""

        green: str = Field("", description="A colour.")

    with pytest.raises(TypeError, match="the key “green” belongs to GreenKeys and Others"):
        compose(Whole, [section("green", GreenKeys), section("colour", Others)])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gren": {}}, "gren: unknown key; did you mean “green”?"),
        ({"green": {"west": [{"crwn": 2}]}}, "green.west.0.crwn: unknown key; did you mean “crown”?"),
        ({"green": {"west": [{"area": 2, "aera": 2}]}}, "green.west.0.aera: unknown key; did you mean “area”?"),
        ({"green": {"west": [{"crown": -2}]}}, "green.west.0.crown: Input should be greater than 0 (found -2)"),
        ({"green": {"west": [{"xyz": 2}]}}, "green.west.0.xyz: unknown key; known here: crown"),
        ({"title": None}, "title: write a text in quotation marks, or texts by language: {en: …, fa: …}"),
        ({"size": 4}, "size: write shade: 4"),
    ],
)
def test_faults_are_told_with_the_path_that_somebody_wrote(given, said):
    """Mappings, lists and alternatives that pydantic names in between are followed to the keys known there."""
    model = compose(Whole, [section("shade", ShadeKeys, instead={"size": "write shade: {given}"})])
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"title": "A"} | given)
    assert said in sentences(caught.value, model)


def test_sections_refuse_what_does_not_go_together():
    faults = {"faults": lambda study: ["shade: needs green"] if study.shade and not study.green else []}
    model: type[BaseModel] = compose(Whole, [section("shade", ShadeKeys, **faults)])
    with pytest.raises(ValidationError, match="shade: needs green"):
        model.model_validate({"title": "A", "shade": 0.5})
