"""An outside norm that the members recognise: by authority, address, version, and the digest of its very bytes.

Comity keeps and copies nothing of it. What is voted on is this record; whoever has the file can say whether it is the
one recognised, so that nobody can put another text under the same address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError

_ID: Final = re.compile(r"[A-Za-z0-9_@$-]{1,64}")  # as a norm's: SDMX 3.0, common:IDType
_MEDIA: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")  # RFC 6838, without parameters
_LINES: Final = ("version", "title", "authority", "licence", "structure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What the members recognise.

    version: as its authority writes it, such as 1.4; not ours to count.
    structure: what may be used of it, such as the URN of a data structure; "" for all of it.
    """

    id: str
    version: str
    title: str
    authority: str  # such as IAEG-SDGs
    address: str  # where the authority published it
    digest: Digest  # of the file's bytes
    size: int  # of the file, in bytes
    media_type: str
    retrieved: str  # date, 2024-02-29
    licence: str
    structure: str = ""

    @property
    def name(self) -> str:
        """Its id and version, as people call it."""
        return f"{self.id}/{self.version}"

    def differs(self, data: bytes) -> str:
        """How a file is not the one recognised; "" if it is, byte for byte."""
        if (found := canon.digest(data)) == self.digest:
            return ""
        sizes = "" if len(data) == self.size else f", {len(data)} bytes for {self.size}"
        return f"{found}{sizes}"


def decode(data: bytes, *, where: str) -> Recognised:
    """The record out of its canonical JSON; FormatError for one that nobody could check by."""
    return sound(canon.decode(data, Recognised, where=where), where=where)


def sound(record: Recognised, *, where: str) -> Recognised:
    """The record itself; FormatError if it contradicts itself."""
    if wrong := tuple(_faults(record)):
        raise FormatError("no record of a recognised norm", where=where, found="; ".join(wrong))
    return record


def _faults(record: Recognised) -> Iterator[str]:
    rules = [
        (_ID.fullmatch(record.id), f"id {record.id!r} is not an SDMX id"),
        (record.version and "/" not in record.version, "version is empty, or has a /"),
        (record.authority and record.title, "authority or title is empty"),
        (record.address.startswith(("https://", "http://")), "address is none that begins with https://"),
        (record.address.isprintable() and " " not in record.address, "address has a space, or a sign nobody can see"),
        (canon.is_digest(record.digest), "digest is none"),
        (record.size >= 1, "size is not 1 or more"),
        (_MEDIA.fullmatch(record.media_type), "media_type is none, such as application/xml"),
        (_is_date(record.retrieved), "retrieved is no date, such as 2024-02-29"),
        (all(getattr(record, field).isprintable() for field in _LINES), "a field is not one line of text"),
    ]
    yield from (line for holds, line in rules if not holds)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
