"""The catalogue of services, and users' own files laid over it."""

from __future__ import annotations

import pytest

from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice.sources.osm.places.services_catalogue import read_catalogue

# What the study of public services asks for by name.
NAMED = {
    "hospital", "clinic", "doctors", "pharmacy", "health", "kindergarten", "school", "college", "university",
    "education", "library", "community_centre", "post_office", "bank", "police", "fire_station", "food_shop", "park",
    "public_transport_stop", "digital_place", "communication_mast",
}  # fmt: skip


def test_every_service_is_there_and_called_something_in_both_languages():
    catalogue = read_catalogue()
    assert set(catalogue.names) >= NAMED
    for name in catalogue.names:
        title = catalogue.title(name)
        assert set(title) == {"en", "fa"}
        # Persian letters lie in Unicode's Arabic block.
        assert any("\u0600" <= letter <= "\u06ff" for letter in title["fa"])


@pytest.mark.parametrize(
    ("name", "tags", "fits"),
    [
        ("hospital", {"amenity": "hospital"}, True),
        ("hospital", {"healthcare": "hospital", "access": "private"}, False),
        ("bank", {"amenity": "atm"}, True),
        ("food_shop", {"shop": "supermarket"}, True),
        ("food_shop", {"shop": "clothes"}, False),
        ("park", {"leisure": "garden"}, False),
        ("park", {"leisure": "garden", "garden:type": "botanical"}, True),
        ("digital_place", {"internet_access": "no"}, False),
        ("digital_place", {"internet_access": "yes"}, True),
        ("digital_place", {"amenity": "library", "internet_access": "no"}, False),
        ("digital_place", {"amenity": "internet_cafe"}, True),
        ("communication_mast", {"man_made": "tower"}, False),
        ("communication_mast", {"man_made": "tower", "tower:type": "communication"}, True),
        ("public_transport_stop", {"public_transport": "stop_position"}, False),
        ("education", {"amenity": "kindergarten"}, True),
    ],
)
def test_tags_by_the_wiki(name, tags, fits):
    assert read_catalogue().service(name).fits(tags) is fits


def test_an_own_file_adds_and_replaces(tmp_path):
    (tmp_path / "own.yml").write_text(
        "kiosk: {en: Kiosk, fa: دکه, any: [{shop: kiosk}], not: [{fee: 'yes'}], least: 20}\n"
        "library: {en: Reading room, any: [{amenity: reading_room}]}\n",
        encoding="utf-8",
    )
    catalogue = read_catalogue(tmp_path / "own.yml")
    assert catalogue.service("kiosk").fits({"shop": "kiosk"})
    assert not catalogue.service("kiosk").fits({"shop": "kiosk", "fee": "yes"})
    assert catalogue.service("kiosk").least == 20
    assert catalogue.title("library") == {"en": "Reading room"}
    assert not catalogue.service("library").fits({"amenity": "library"})
    assert catalogue.service("school").fits({"amenity": "school"})
    assert read_catalogue().title("library")["en"] == "Library", "the shipped catalogue stays as it is"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kiosk: {en: Kiosk, ani: [{shop: kiosk}]}", "kiosk: unknown key ani. Did you mean “any”?"),
        ("kiosk: {en: Kiosk}", "it has no conditions"),
        ("kiosk: {en: Kiosk, any: {shop: kiosk}}", "it has no conditions"),
        ("kiosk: {en: Kiosk, any: [{internet_access: yes}]}", 'write "yes"'),
        ("kiosk: {en: Kiosk, all_of: [pharmacyy]}", "all_of does not list services"),
        ("kiosk: {en: Kiosk, all_of: }", "all_of does not list services"),
        ("kiosk: {any: [{shop: kiosk}], least: big}", "least is 'big'"),
        ("24: {any: [{shop: kiosk}]}", "this is no name for a service"),
        ("Café <b>: {any: [{shop: kiosk}]}", "this is no name for a service"),
        ("- kiosk", "it holds no entries"),
        ("kiosk: [", "this is not valid YAML"),
    ],
)
def test_what_is_wrong_with_an_own_file_is_said(tmp_path, text, message):
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_catalogue(tmp_path / "own.yml")
    assert message in str(caught.value)


def test_a_group_takes_what_its_services_take(tmp_path):
    (tmp_path / "own.yml").write_text(
        "unnamed: {any: [{amenity: library}], not: [{name: '*'}]}\nboth: {all_of: [unnamed, pharmacy]}\n",
        encoding="utf-8",
    )
    both = read_catalogue(tmp_path / "own.yml").service("both")
    assert both.fits({"amenity": "library"})
    assert both.fits({"amenity": "pharmacy", "name": "A"})
    assert not both.fits({"amenity": "library", "name": "A"})


def test_a_missing_own_file(tmp_path):
    (tmp_path / "latin.yml").write_bytes("kiosk: {en: Café}".encode("latin-1"))
    with pytest.raises(InputError, match="must be a text file in UTF-8"):
        read_catalogue(tmp_path / "latin.yml")
    with pytest.raises(MissingFileError, match="there is no file"):
        read_catalogue(tmp_path / "none.yml")
