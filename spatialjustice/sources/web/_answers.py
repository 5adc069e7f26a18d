"""What answers say besides their bytes: when to come again, how they are packed, which hosts an address names."""

from __future__ import annotations

import ipaddress
import time
import zlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.sources.web._question import Question

MOST_AT_ONCE = 1 << 16
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Unpacking:
    """Bytes that came packed, unpacked as they come."""

    def __init__(self, question: Question, largest: int) -> None:
        self.question = question
        self.largest = largest
        self.whole = False

    def unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Unpack pieces; what unpacks to more than allowed is refused while it does."""
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
        size = 0
        try:
            for piece in pieces:
                left = piece
                while left and not unpack.eof:
                    out = unpack.decompress(left, MOST_AT_ONCE)
                    left = unpack.unconsumed_tail
                    size += len(out)
                    if size > self.largest:
                        found = f"the answer of {self.question.public} unpacks to more than {self.largest / 1e6:.0f} MB"
                        raise TooLargeError(self.question.name, found, "Ask for a smaller part of it.")
                    yield out
            yield unpack.flush()
        except zlib.error as error:
            raise ValueError(f"what it sent packed cannot be unpacked ({error})") from None
        self.whole = unpack.eof and not unpack.unused_data


def retry_after(text: str) -> float | None:
    """Read how long a server wishes to be left alone: seconds, or the time from when it may be asked."""
    text = text.strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def embedded(place: str) -> list[Any]:
    """Return an address, and those of the older kind that are written inside it."""
    whole = ipaddress.ip_address(place.partition("%")[0])
    if isinstance(whole, ipaddress.IPv4Address):
        return [whole]
    found: list[Any] = [whole.ipv4_mapped, whole.sixtofour, *(whole.teredo or ())[1:]]
    if whole in NAT64:
        found.append(ipaddress.IPv4Address(int(whole) & 0xFFFFFFFF))
    found = [each for each in found if each is not None]
    return found if whole.ipv4_mapped is not None else [whole, *found]
