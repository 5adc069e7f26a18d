"""Letters of files that do not say how they are stored: guessed right, or asked for; never garbled."""

from __future__ import annotations

import pytest
from babel import Locale

from spatialjustice._core.errors import InputError
from spatialjustice.sources import table
from spatialjustice.sources.tables._letters import ENCODINGS, guessed

# Names of countries in the languages of the Unicode Consortium's collection, in encodings they were written in.
WRITTEN = {
    "fa": ("cp1256",), "ar": ("cp1256", "iso8859_6"), "fr": ("cp1252", "cp850", "mac_roman"), "es": ("cp1252", "cp850"),
    "pt": ("cp1252",), "de": ("cp1252",), "it": ("cp1252",), "sv": ("cp1252",), "da": ("cp1252",),
    "pl": ("cp1250", "iso8859_2", "cp852"), "cs": ("cp1250", "iso8859_2", "cp852"), "hu": ("cp1250",),
    "hr": ("cp1250",),
    "tr": ("cp1254",), "ru": ("cp1251", "koi8_u", "cp866", "iso8859_5"), "uk": ("cp1251", "koi8_u"),
    "el": ("cp1253", "iso8859_7"), "he": ("cp1255",), "lt": ("cp1257",), "lv": ("cp1257",), "th": ("cp874",),
    "ja": ("cp932", "euc_jp"), "zh": ("gb18030",), "zh_Hant": ("big5",), "ko": ("cp949",),
}  # fmt: skip
PAIRS = [(lang, encoding) for lang, encodings in WRITTEN.items() for encoding in encodings]


def names(lang, encoding):
    """Return the names of countries that an encoding can write, in order; Persian and Arabic letters as it has them."""
    found = []
    for _, name in sorted(Locale.parse(lang).territories.items()):
        try:
            found.append(name.translate(str.maketrans("ی", "ي")).encode(encoding).decode(encoding))
        except UnicodeEncodeError:
            continue
    return found


@pytest.mark.parametrize(("lang", "encoding"), PAIRS, ids=[f"{lang}-{encoding}" for lang, encoding in PAIRS])
def test_names_of_countries_are_read_as_they_were_written(lang, encoding):
    """Of all names the encoding is told; of any ten it is told, or nothing is said: no guess garbles a name."""
    every = names(lang, encoding)
    data = "\n".join(every).encode(encoding)
    guess = guessed(data)
    if guess is not None:
        assert data.decode(guess.encoding) == "\n".join(every)
    for first in (0, 50, 100):
        some = "\n".join(every[first : first + 10]).encode(encoding)
        found = guessed(some) if not some.isascii() else None
        if found is not None:
            assert some.decode(found.encoding) == "\n".join(every[first : first + 10]), found
    # German names have one word, Åland, that is as foreign as Ĺland; Italian ones hardly a letter of their own; and two
    # encodings of Greek differ in one letter that is an apostrophe in the other.
    assert guess is not None or lang in {"de", "it", "el"}


def test_the_finding_names_the_guess_its_words_and_the_next_best(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_bytes("شهر,people\nتهران,5\nکرج,6\nمشهد,6\n".encode("cp1256"))  # noqa: RUF001 (Persian)
    read = table(path)
    assert read["شهر"].tolist() == ["تهران", "کرج", "مشهد"]
    (finding,) = read.attrs["findings"]
    assert (finding["code"], finding["severity"], finding["count"]) == ("encoding_guessed", "warning", 4)
    assert "read as cp1256" in finding["message"]
    assert "“شهر”, “تهران”, “کرج”" in finding["message"]


@pytest.mark.parametrize(
    "data",
    [
        b"caf\xe9",
        "name\nLe\u00f3n\nM\u00e1laga\n".encode() + b"\xe9,1\n",
        bytes(range(128, 256)) * 3,
        "Muñoz\n".encode("cp1252"),
    ],
    ids=["one letter", "damaged UTF-8", "no text", "one name"],
)
def test_what_cannot_be_told_is_asked_for(data, tmp_path):
    assert guessed(data) is None
    path = tmp_path / "towns.csv"
    path.write_bytes(b"name,n\n" + data.splitlines()[-1] + b",1\n")
    with pytest.raises(InputError, match="not UTF-8"):
        table(path)


def test_every_encoding_is_one_of_python():
    for encoding in ENCODINGS:
        assert "a".encode(encoding) == b"a"
