"""What a web server is asked, which part of it is secret, and how long and how politely it is asked."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlencode, urlsplit, urlunsplit

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HIDDEN = "(hidden)"
# Parameters that are keys wherever they are met, written without their dashes. Only names that can mean nothing else:
# what is secret does not tell one question from another.
SECRETS = frozenset(
    [
        *("key", "apikey", "appkey", "appid", "userkey", "mapkey", "accesskey", "accesskeyid", "awsaccesskeyid"),
        *(
            "subscriptionkey",
            "ocpapimsubscriptionkey",
            "xapikey",
            "privatekey",
            "secretkey",
            "licensekey",
            "licencekey",
        ),
        *(
            "token",
            "accesstoken",
            "apitoken",
            "authtoken",
            "refreshtoken",
            "idtoken",
            "oauthtoken",
            "sessiontoken",
            "jwt",
        ),
        *("auth", "authorization", "bearer", "password", "passwd", "pwd", "passphrase", "pass", "secret"),
        *("clientsecret", "appsecret", "signature", "sig", "hmac", "oauthsignature", "session", "sessionid", "sid"),
        *("xamzsignature", "xamzcredential", "xamzsecuritytoken", "xgoogsignature", "xgoogcredential", "credential"),
    ]
)
SHORTEST = 4
"""Letters of a secret that is looked for in other forms: shorter ones would be found everywhere."""
_PAIR = re.compile(r"([A-Za-z][\w.-]{1,40})(\"?\s{0,3}[=:]\s{0,3}\"?)([^\s&\"'<>;,)]{1,2000})")
_USER = re.compile(r"(://)[^/\s@]{1,500}@")


def is_secret(name: str) -> bool:
    """Whether a parameter of this name is a key.

    Examples
    --------
    >>> is_secret("X-Amz-Signature"), is_secret("api_key"), is_secret("dataset")
    (True, True, False)
    """
    return "".join(letter for letter in name.lower() if letter.isalnum()) in SECRETS


def without_keys(text: str) -> str:
    """Return a text without the values of parameters that are keys, and without users and passwords in addresses.

    Examples
    --------
    >>> without_keys("moved to https://me:word@example.org/a?token=abc&year=2020")
    'moved to https://(hidden)@example.org/a?token=(hidden)&year=2020'
    """
    text = _USER.sub(rf"\1{HIDDEN}@", text)
    return _PAIR.sub(lambda pair: f"{pair[1]}{pair[2]}{HIDDEN}" if is_secret(pair[1]) else pair[0], text)


def _forms(secret: str) -> set[str]:
    """Return the ways in which a secret is usually repeated."""
    whole = [secret, *([secret.partition(" ")[2]] if " " in secret else [])]
    for each in list(whole):
        with suppress(ValueError):
            inside = base64.b64decode(each, validate=True).decode()
            whole += [inside, *inside.split(":", 1)]
    forms: set[str] = set()
    for each in whole:
        data = each.encode()
        forms |= {each, quote(each), quote(each, safe=""), quote_plus(each), html.escape(each), json.dumps(each)[1:-1]}
        forms |= {"".join(f"%{byte:02x}" for byte in data), data.hex(), quote(quote(each, safe=""), safe="")}
        forms |= {base64.b64encode(data).decode().rstrip("="), base64.urlsafe_b64encode(data).decode().rstrip("=")}
    return {form for form in forms if len(form) >= SHORTEST or form == secret}


def _bare(text: str) -> str:
    """Return the letters and digits of a text, whatever they are wrapped in."""
    for _ in range(3):
        text = html.unescape(unquote_plus(text))
    text = re.sub(r"\\[ux]([0-9a-fA-F]{2,4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"<[^<>]{0,200}>", "", text)
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def readable(said: bytes | str, shown: int) -> str:
    r"""Return the beginning of what a server said as one line of plain letters, whatever it tries on a terminal.

    Examples
    --------
    >>> readable(b"too   many\n requests \x1b[2J", 18)
    'too many requests …'
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(plain.split())
    return line if len(line) <= shown else f"{line[:shown].rstrip()} …"


@dataclass(frozen=True, slots=True)
class Question:
    """What a server is asked, and which parts of it are secret.

    Parameters
    ----------
    name
        What is asked for; errors call it so.
    address
        Address without query.
    params
        Parameters of the query, in order; a name may come more than once.
    secret_params
        More parameters, such as a key. They go to the server, and into no error, record, log or name of a file.
    headers
        Headers of the request, as secret as these.
    form
        Fields that are posted; the question is a GET without any.
    """

    name: str
    address: str
    params: tuple[tuple[str, str], ...] = ()
    secret_params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        address: str,
        *,
        name: str,
        params: Sequence[tuple[str, str]] = (),
        secret_params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        form: Sequence[tuple[str, str]] = (),
    ) -> Question:
        """Make a question; keys in the query of the address become secret.

        Raises
        ------
        InputError
            When the address is none of the web, or holds a user name.
        """
        parts = urlsplit(address)
        query = parse_qsl(parts.query, keep_blank_values=True)
        plain = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(
                name, f"{plain or address} is no address of the web", "Give one that begins with https://."
            )
        if "@" in parts.netloc:
            found = f"the address {plain} holds a user name"
            raise InputError(name, found, "Give it as a header, which is kept out of records and errors.")
        query += [(str(key), str(value)) for key, value in params]
        open_query = [pair for pair in query if not is_secret(pair[0])]
        secret = [pair for pair in query if is_secret(pair[0])]
        return cls(
            name,
            plain,
            tuple(open_query),
            (*secret, *secret_params),
            dict(headers or {}),
            tuple(form),
        )

    @property
    def public(self) -> str:
        """The address with everything that is not secret."""
        return f"{self.address}?{urlencode(self.params)}" if self.params else self.address

    @property
    def whole(self) -> str:
        """The address as the server is asked it."""
        query = urlencode([*self.params, *self.secret_params])
        return f"{self.address}?{query}" if query else self.address

    @property
    def key(self) -> str:
        """What tells this question from all others; the secrets have no part in it."""
        return hashlib.sha256(json.dumps([self.address, self.params, self.form]).encode()).hexdigest()

    def hidden(self, text: str) -> str:
        """Return a text without the secrets, however they are written in it."""
        given = [value for _, value in self.secret_params] + list(self.headers.values())
        given += [value for key, value in self.form if is_secret(key)]
        forms = {form for secret in given if secret for form in _forms(secret)}
        for form in sorted(forms, key=len, reverse=True):
            text = re.sub(re.escape(form), HIDDEN, text, flags=re.IGNORECASE)
        text = without_keys(text)
        bare = _bare(text)
        if any(len(_bare(secret)) >= 2 * SHORTEST and _bare(secret) in bare for secret in given):
            return f"{self.address}: {HIDDEN}, for what was said repeats a key"
        return text


@dataclass(frozen=True, slots=True)
class Manners:
    """How long a server is asked, how often, and with what pause.

    Parameters
    ----------
    deadline
        Seconds that all attempts together may take.
    attempts
        Most attempts; one that brought bytes which are kept does not count.
    pause
        Seconds before the second attempt, twice as many before each further one, where the server names no time.
    spacing
        Seconds between two questions to one host.
    largest
        Most bytes that are taken.
    patient
        Whether a server that says it is busy is asked until the deadline, however often.
    advice
        What to do when the server does not help.
    allow_private
        Whether hosts inside the own network may be asked.
    """

    deadline: float = 120.0
    attempts: int = 4
    pause: float = 1.0
    spacing: float = 0.0
    largest: int = 500_000_000
    patient: bool = False
    advice: str = "Check the question and the connection, or try again later."
    allow_private: bool = False


class Sink(Protocol):
    """Where the bytes go: a file that can be gone on with, or memory."""

    @property
    def size(self) -> int:
        """Number of the bytes that have come."""

    @property
    def note(self) -> dict[str, Any]:
        """What they are a part of."""

    def restart(self, note: Mapping[str, Any]) -> None:
        """Begin again."""

    def add(self, pieces: Iterable[bytes]) -> None:
        """Add pieces as they come."""


class Memory:
    """A sink for answers that are not kept."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.note: dict[str, Any] = {}

    @property
    def size(self) -> int:
        """Number of the bytes that have come."""
        return len(self.data)

    def restart(self, note: Mapping[str, Any]) -> None:
        """Begin again."""
        self.data.clear()
        self.note = dict(note)

    def add(self, pieces: Iterable[bytes]) -> None:
        """Add pieces as they come."""
        for piece in pieces:
            self.data += piece


@dataclass(frozen=True, slots=True)
class Head:
    """What came before the bytes: HTTP status and the headers that say what they are."""

    status: int
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""
