"""The spellings that the C2SP text formats share: base64, decimal numbers, and text without control characters.

Each value has one spelling here; any other (padding bits set, leading zero, stray character) is refused.
"""

import base64
import binascii
import re

from comity.errors import FormatError

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")  # all but the newline

HASH = 32  # bytes of SHA-256
LARGEST = 2**63 - 1  # of a size, an index or a time (tlog-cosignature; Go's int64)


def b64(data: bytes) -> str:
    """RFC 4648, section 4, with padding."""
    return base64.b64encode(data).decode()


def unb64(text: str, *, where: str, length: int | None = None) -> bytes:
    """Bytes of base64 text; FormatError unless it is the one spelling of `length` bytes (any number, if None)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if b64(data) != text or (length is not None and len(data) != length):
        wanted = "base64" if length is None else f"base64 of {length} bytes"
        raise FormatError("not base64 in its one spelling", where=where, found=repr(text), wanted=wanted)
    return data


def hash_of(text: str, *, where: str) -> bytes:
    """The 32 bytes of a SHA-256 hash in base64."""
    return unb64(text, where=where, length=HASH)


def decimal(text: str, *, where: str) -> int:
    """A number from 0 to 2^63 - 1 in ASCII decimal, no leading zero."""
    if text.isascii() and text.isdigit() and len(text) < 20 and str(int(text)) == text and int(text) <= LARGEST:
        return int(text)
    raise FormatError("not a number", where=where, found=repr(text), wanted="0 to 2^63 - 1, no leading zero")


def text_of(data: bytes | str, *, where: str) -> str:
    """UTF-8 text whose only control character is the newline (signed-note, Format)."""
    try:
        text = data.decode() if isinstance(data, bytes) else data
        text.encode()
    except UnicodeError:
        raise FormatError("not UTF-8", where=where, found=repr(data[:60])) from None
    if _CONTROL.search(text):
        raise FormatError("a control character other than newline", where=where, found=repr(text[:60]))
    return text


def is_name(text: str) -> bool:
    """Whether text may name a key: not empty, UTF-8, no Unicode space, no plus, no control character (signed-note)."""
    return bool(text) and not any(c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in text)
