r"""Which letters bytes stand for where nobody says it: guessed where one reading is far likelier than all others.

Every encoding is tried that tables are still written in. A reading is the likelier, the more its letters are those of
one language, common ones before rare ones (the chance of a letter falls with its rank, as Zipf's law has it), and the
fewer of its words mix large and small letters or hold signs between their letters, as misread ones do. Words are
counted once. It is a guess all the same: a finding names it, and what the next best would have been.
"""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

ENCODINGS: dict[str, tuple[str, ...]] = {
    "cp1252": ("French", "Spanish", "Portuguese", "Italian", "Catalan", "German", "Dutch", "Danish", "Swedish",
               "Icelandic"),
    "cp1250": ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "German"),
    "cp1251": ("Russian", "Ukrainian", "Serbian"),
    "cp1253": ("Greek",),
    "cp1254": ("Turkish", "German", "French"),
    "cp1255": ("Hebrew",),
    "cp1256": ("Persian", "Arabic", "Urdu", "French"),
    "cp1257": ("Lithuanian", "Latvian", "Estonian"),
    "cp874": ("Thai",),
    "iso8859_2": ("Polish", "Czech", "Slovak", "Hungarian", "Croatian"),
    "iso8859_5": ("Russian", "Serbian"),
    "iso8859_6": ("Arabic",),
    "iso8859_7": ("Greek",),
    "koi8_u": ("Russian", "Ukrainian"),
    "cp866": ("Russian",),
    "cp850": ("French", "Spanish", "Portuguese", "Italian", "German", "Danish", "Swedish"),
    "cp852": ("Polish", "Czech", "Hungarian", "Croatian"),
    "mac_roman": ("French", "Spanish", "Portuguese", "Italian", "German", "Danish", "Swedish"),
    "cp932": ("Japanese",),
    "euc_jp": ("Japanese",),
    "gb18030": ("Chinese, simplified",),
    "big5": ("Chinese, traditional",),
    "cp949": ("Korean",),
}  # fmt: skip
"""Encodings by the name Python knows them by, the usual ones first, and the languages that are written in them."""

ALPHABETS = {
    "French": "éàèêçôâîûùïëœüÿæ",
    "Spanish": "óíáéñúü",
    "Portuguese": "ãçáéíóêâúôõàü",
    "Italian": "àèùòéìíîóú",
    "Catalan": "àóéèíçúòïü",
    "German": "üäößé",
    "Dutch": "ëéïöüèáóí",
    "Danish": "øåæéöäü",
    "Swedish": "äöåéü",
    "Icelandic": "áðíéöþóæýú",
    "Polish": "łęóążśćńź",
    "Czech": "íáěýéčžšřůúňóťď",
    "Slovak": "áíéčýžšťúľôňäóďĺŕ",
    "Hungarian": "áéöóőüíúű",
    "Romanian": "ăîâşţ",
    "Croatian": "čšžćđ",
    "Lithuanian": "ėšųįžūčąę",
    "Latvian": "āīēšūļņžķģč",
    "Estonian": "äõüöšž",
    "Turkish": "ıüşçğöâîû",
    "Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "Ukrainian": "оаинітрвесклудпмяьзгбчйжхцїюєшщфґ",
    "Serbian": "аоиенрсјтвкудмплзбгчшцћњхжђљџф",
    "Greek": "αοιετσνηυρπκμλςάόδίωγχέθήφύβξζώψϊϋΐΰ",
    "Hebrew": "יוהלאמתרבשנםעחדקטפצגסזכןךףץ",
    "Persian": "اردنهيمتبسشكکىگزخفقآچحعجپطصضثذژغظئءؤأة",
    "Arabic": "اليمنرتبةعدسفهكقحجشطصخأذزضغئءثظإىؤآًَُِّْ",
    "Urdu": "اےيرکنوہسمتلبدپجگھعٹچںحقشفڑخزڈصطغ",
    "Thai": "".join(chr(sign) for sign in (*range(0xE01, 0xE3B), *range(0xE40, 0xE4F))),
}
"""Letters of languages beside the plain ones, the common ones first."""

# Signs that stand beside words or between them in any table, and those that stand inside words.
BESIDE = frozenset("\u00a0–—‘“”„«»…•°ºª№§©®™€£±²³½¼×¿¡،؛؟\u200e\u200f、。「」（）％，：；　")
INSIDE = frozenset("’'·・-\u200c\u200d\u0640ーー々゛〇")
WORD = re.compile(r"[A-Za-z'\u0080-\U0010ffff-]*[\u0080-\U0010ffff][A-Za-z'\u0080-\U0010ffff-]*")
MOST_WORDS = 2_000
MOST_BYTES = 4_000_000
STRANGE = math.log(0.0005)
"""What a letter weighs that is not of the language, and a word that no language writes so."""

RARE = math.log(1e-6)
"""What a sign weighs that is not among the thousands in everyday use."""

SIGN = math.log(1 / 50)
MANY = math.log(10)
"""What each word weighs where words are of several languages."""

SURE = math.log(100_000)
"""How much likelier a reading must be than the next one."""

FOREIGN = 0.1
"""Share of letters of no language that a reading may have."""

ODD = 0.05
"""Share of words that a reading may have which no language writes so."""


class Guess(NamedTuple):
    """What bytes most likely stand for, and what speaks for it."""

    encoding: str
    words: int
    examples: str
    other: str
    misread: str


class _Reading(NamedTuple):
    encoding: str
    text: str
    words: list[str]
    weight: float
    foreign: float
    odd: float


def guessed(data: bytes) -> Guess | None:
    r"""Guess the encoding of a text that is not UTF-8; None where it cannot be told.

    Examples
    --------
    >>> guessed("شهر,people\nتهران,5\nکرج,6".encode("cp1256")).encoding
    'cp1256'
    >>> guessed("Łódź Żary Gdańsk Kraków".encode("cp1250"))[:2]
    ('cp1250', 4)
    >>> guessed(b"caf\xe9") is None  # one letter proves nothing
    True
    """
    if _is_damaged_utf8(data):
        return None
    lines = [line for line in data[:MOST_BYTES].splitlines() if not line.isascii()]
    # Equal lines say nothing new; those of plain letters say nothing.
    sample = b"\n".join(dict.fromkeys(lines))
    found = [reading for encoding in ENCODINGS if (reading := _reading(sample, encoding)) is not None]
    found.sort(key=lambda reading: -reading.weight)
    if not found or found[0].foreign > FOREIGN or found[0].odd > ODD:
        return None
    best = found[0]
    rival = next((reading for reading in found[1:] if reading.text != best.text), None)
    if rival is not None and best.weight - rival.weight < SURE:
        return None
    try:
        data.decode(best.encoding)
    except UnicodeDecodeError:
        return None
    shown = best.words[:3]
    bytes_shown = [word.encode(best.encoding) for word in shown]
    misread = [part.decode(rival.encoding, "replace") for part in bytes_shown] if rival is not None else []
    return Guess(
        best.encoding,
        len(best.words),
        ", ".join(f"“{word}”" for word in shown),
        rival.encoding if rival is not None else "",
        ", ".join(f"“{word}”" for word in misread),
    )


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most letters are UTF-8: then single bytes are faults, and any other reading would garble the rest."""
    text = data.decode("utf-8", "replace")
    faults = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - faults > faults


def _reading(data: bytes, encoding: str) -> _Reading | None:
    """Read bytes in an encoding and weigh what comes out; None where the encoding has not all of them."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if any("\x80" <= sign <= "\x9f" for sign in text):
        return None
    words = list(dict.fromkeys(match[0].strip("'-") for match in WORD.finditer(text)))[:MOST_WORDS]
    if not words:
        return None
    weighed = {language: [_weight(word, language) for word in words] for language in ENCODINGS[encoding]}
    totals = {language: sum(weight for weight, _ in weights) for language, weights in weighed.items()}
    language = max(totals, key=lambda each: totals[each])
    several = [max(each) for each in zip(*weighed.values(), strict=True)]
    mixed = sum(weight for weight, _ in several) - MANY * len(words)
    chosen = weighed[language] if totals[language] >= mixed else several
    letters = sum(sign > "\x7f" for word in words for sign in word)
    foreign = -sum(strange for _, strange in chosen) / max(1, letters)
    odd = sum(_oddities(word.strip("".join(BESIDE))) > 0 for word in words) / len(words)
    return _Reading(encoding, text, words, max(totals[language], mixed), foreign, odd)


def _weight(word: str, language: str) -> tuple[float, int]:
    """Return how likely a word is in a language, as a logarithm, and, below 0, how many of its letters are strange."""
    chances = _chances(language)
    letters = word.strip("".join(BESIDE))
    weight = SIGN * (len(word) - len(letters))
    strange = 0
    for sign in letters:
        if sign <= "\x7f" or sign in INSIDE:
            continue
        chance = chances.get(sign) or chances.get(sign.lower()) if chances else _chance_of_asia(sign, language)
        if chance is None:
            strange -= 1
        weight += (STRANGE if chances else RARE) if chance is None else chance
    return weight + STRANGE * _oddities(letters), strange


def _oddities(letters: str) -> int:
    """Count what no word has: a large letter after a small one, a sign or another alphabet between its letters."""
    count = 0
    for one, other in pairwise(letters):
        if one == "ß" or other == "ß":
            continue
        mixed = one.isalpha() and other.isalpha() and _is_latin(one) != _is_latin(other)
        signed = (one in BESIDE) != (other in BESIDE)
        count += sum((one.islower() and other.isupper(), mixed, signed))
    parts: list[str] = [part for part in re.split(r"[’'·-]", letters) if part]
    return count + sum(part[:2].isupper() and not part.isupper() for part in parts)


def _is_latin(sign: str) -> bool:
    return sign < "\u0250"


@cache
def _chances(language: str) -> dict[str, float]:
    """Return the logarithm of the chance of each letter of a language; empty where it has thousands."""
    letters = ALPHABETS.get(language, "")
    total = sum(1 / rank for rank in range(1, len(letters) + 1))
    found = {letter: math.log(1 / rank / total) for rank, letter in enumerate(letters, start=1)}
    if language == "Turkish":
        found["İ"] = found["ı"]  # which becomes two signs when it is made small
    return found


def _chance_of_asia(sign: str, language: str) -> float | None:
    """Return the logarithm of the chance of a sign of a language that has thousands; None where it is rare."""
    number = ord(sign)
    if language == "Japanese":
        if 0x3041 <= number <= 0x30FE:
            return math.log(1 / 300)
        return _chance_of_level(sign, "euc_jp", 0xB0, 0xCF, 3_000)
    if language == "Korean":
        return _chance_of_level(sign, "euc_kr", 0xB0, 0xC8, 2_350)
    if language == "Chinese, simplified":
        return _chance_of_level(sign, "gb2312", 0xB0, 0xD7, 3_755)
    return _chance_of_level(sign, "big5", 0xA4, 0xC6, 5_401)


def _chance_of_level(sign: str, encoding: str, first: int, last: int, count: int) -> float | None:
    """Return the chance of a sign of the level of common ones, which standards put first."""
    return math.log(1 / count) if first <= _lead(sign, encoding) <= last else None


def _lead(sign: str, encoding: str) -> int:
    try:
        return sign.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0
