"""Many bodies in one request: each behind its length, 4 bytes big-endian. Says nothing about what they are."""

from collections.abc import Iterable
from typing import Final

from comity.errors import FormatError

MOST: Final = 1024  # parts of one request


class TooMany(FormatError):
    """More parts than are taken together."""


def join(parts: Iterable[bytes]) -> bytes:
    """The frames of all parts, in order."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def split(data: bytes, *, limit: int, most: int = MOST, where: str = "body") -> tuple[bytes, ...]:
    """The parts; FormatError for a part over `limit` bytes, or for frames cut short.

    A part may hold nothing, so their number follows from no size: TooMany as soon as there are more than `most`.
    """
    parts, at = list[bytes](), 0
    while at < len(data):
        if len(parts) == most:
            raise TooMany("too many parts", where=where, found=f"over {most}", wanted="fewer, in several requests")
        size = int.from_bytes(data[at : at + 4], "big")
        if size > limit:
            raise FormatError("a part is too large", where=where, found=f"{size} bytes", wanted=f"{limit} at most")
        if at + 4 + size > len(data):
            raise FormatError("frames are cut short", where=where, found=f"{len(data)} bytes")
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return tuple(parts)
