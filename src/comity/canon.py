"""Canonical JSON (RFC 8785): one spelling and one digest for every record.

A record is a frozen dataclass whose fields are str, int, bool, bytes, None, tuples, string-keyed dicts and records.
No floats. Text is NFC. Integers lie within +-(2^53 - 1); bytes are base64 with padding. Reading is strict: decode,
encode again, compare; so an unknown field, another order, another spelling or a second space is refused.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from typing import Any, NewType, TypeVar

import msgspec
import rfc8785
from msgspec import inspect

from comity.errors import FormatError

T = TypeVar("T")
Digest = NewType("Digest", str)  # "sha256:" and 64 lower-case hex digits

SAFE = 2**53 - 1  # RFC 8785, 3.2.2.3: beyond it JSON numbers are not exact everywhere

_SORTED = msgspec.json.Encoder(order="sorted")
_AT = " - at `$"  # how msgspec begins to say where
_STEP = re.compile(r"\.([^.`[]+)|\[[^]]*\]")  # a field, or an item of a list or table
_ABSENT = "missing required field"
_HEX = re.compile("[0-9a-f]{64}")
_LARGE = re.compile(rb"[:,[]-?[0-9]{16}")  # an integer that may lie beyond SAFE, which has 16 digits
_ALIKE = bytes.maketrans(b"123456789", b"000000000")


def digest(data: bytes) -> Digest:
    """SHA-256 of bytes as `sha256:<64 hex>`, the only spelling of a digest."""
    return Digest("sha256:" + sha256(data).hexdigest())


def is_digest(value: str) -> bool:
    """Whether a text is spelt as a digest is; in a record of somebody else anything may stand in its place."""
    return value.startswith("sha256:") and _HEX.fullmatch(value, 7) is not None


def hex_of(value: str, *, where: str = "digest") -> str:
    """The 64 hex digits of a digest; FormatError for any other spelling."""
    head, _, tail = value.partition(":")
    if head != "sha256" or not _HEX.fullmatch(tail):
        raise FormatError("not a digest", where=where, found=value, wanted="sha256: and 64 lower-case hex digits")
    return tail


def raw_of(value: str, *, where: str = "digest") -> bytes:
    """The 32 bytes of a digest."""
    return bytes.fromhex(hex_of(value, where=where))


def encode(record: object) -> bytes:
    """RFC 8785 bytes of a record, or of plain JSON values."""
    plain = msgspec.to_builtins(record)
    # Without floats, and with ASCII keys (whose order is the same in every encoding), both write the same bytes.
    return _SORTED.encode(plain) if _check(plain, "record") else rfc8785.dumps(plain)


def decode(data: bytes, kind: type[T], *, where: str = "record") -> T:
    """Read what `encode` writes; refuse every other spelling."""
    try:
        value = msgspec.json.decode(data, type=kind, strict=True)
        same = (_SORTED.encode(value) if _is_simple(data, kind) else encode(value)) == data
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as e:
        raise FormatError(str(e), where=where, found=repr(bytes(data[:60])), wanted=kind.__name__) from None
    if not same:
        raise FormatError(
            "not the canonical spelling (RFC 8785), or an unknown or missing field",
            where=where,
            found=repr(bytes(data[:60])),
            wanted=f"{kind.__name__} as canonical JSON",
        )
    return value


def plain(data: bytes, *, where: str = "json") -> Any:
    """Canonical JSON as plain Python values; refuse every other spelling."""
    return decode(data, object, where=where)


def convert(value: object, kind: type[T], *, where: str) -> T:
    """A record out of plain values (a TOML table, a parsed predicate); unknown fields are refused."""
    try:
        record = msgspec.convert(value, type=kind, strict=True)
    except msgspec.ValidationError as e:
        strange = _strange(kind, value, str(e)) if _ABSENT in str(e) else ""
        raise FormatError(str(e), where=where, found=strange, wanted=_wanted(kind, str(e))) from None
    extra = unknown(value, msgspec.to_builtins(record))
    if extra:
        raise FormatError(f"unknown field {extra}", where=where, wanted=_wanted(kind, f"{_AT}.{extra}"))
    return record


def _wanted(kind: type[T], told: str) -> str:
    """What may stand at the place that a reader's words name: the words of a choice, or the fields of its record."""
    at = inspect.type_info(kind)
    shown = _choice(at)
    for step in _STEP.finditer(told.partition(_AT)[2]):
        at = _inside(at, step[1])
        shown = _choice(at) or shown
    return shown or kind.__name__


def _strange(kind: type[T], value: object, told: str) -> str:
    """Fields that the record at the place named does not have, as far as tables lead there: what is missing may be
    one of them, misspelt.
    """
    at = inspect.type_info(kind)
    for step in _STEP.finditer(told.partition(_AT)[2]):
        at, value = _inside(at, step[1]), value.get(step[1]) if isinstance(value, dict) else None
    known = _given(at)
    if not isinstance(value, dict) or not isinstance(known, inspect.DataclassType):
        return ""
    names = {field.encode_name for field in known.fields}
    return ", ".join(str(name)[:40] for name in [one for one in value if one not in names][:5])


def _inside(at: inspect.Type, name: str | None) -> inspect.Type:
    """The type of a field, or of the items of a list or table."""
    match _given(at):
        case inspect.DataclassType(fields=fields):
            return next((field.type for field in fields if field.encode_name == name), inspect.AnyType())
        case inspect.VarTupleType(item_type=item) | inspect.DictType(value_type=item):
            return item
        case _:
            return inspect.AnyType()


def _choice(at: inspect.Type) -> str:
    """The words of a choice, or the fields of a record; "" for any other type."""
    match _given(at):
        case inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case inspect.DataclassType(fields=fields):
            needed = ", ".join(field.encode_name for field in fields if field.required)
            free = ", ".join(field.encode_name for field in fields if not field.required)
            return "; if any, ".join(part for part in (needed, free) if part)
        case _:
            return ""


def _given(at: inspect.Type) -> inspect.Type:
    """The type of a value that may be missing, when it is there."""
    if isinstance(at, inspect.UnionType):
        return next((one for one in at.types if not isinstance(one, inspect.NoneType)), at)
    return at


def unknown(given: object, read: object, at: str = "") -> str:
    """Path of the first key in `given` that reading dropped, or ''."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            if key not in read:
                return f"{at}{key}"
            if found := unknown(value, read[key], f"{at}{key}."):
                return found
    elif isinstance(given, (list, tuple)) and isinstance(read, (list, tuple)):
        for i, (a, b) in enumerate(zip(given, read, strict=False)):
            if found := unknown(a, b, f"{at}{i}."):
                return found
    return ""


def _is_simple(data: bytes, kind: Any) -> bool:
    """Whether what is read from these bytes needs no look at each value before it is written again.

    All is ASCII, so texts are in NFC and keys have one order; no number is too large, and the kind holds no float.
    """
    if not (data.isascii() and _is_exact(kind)):
        return False
    return b"0" * 16 not in data.translate(_ALIKE) or not _LARGE.search(data)


@lru_cache(maxsize=1024)
def _is_exact(kind: Any) -> bool:
    """Whether a value of this type is made of nothing but text, integers, bytes, none, and records of them."""
    return _exact(inspect.type_info(kind))


def _exact(kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType() | inspect.IntType() | inspect.BoolType() | inspect.BytesType() | inspect.NoneType():
            return True
        case inspect.LiteralType():
            return True
        case inspect.DataclassType():
            return all(_exact(field.type) for field in kind.fields)
        case inspect.UnionType():
            return all(map(_exact, kind.types))
        case inspect.TupleType():
            return all(map(_exact, kind.item_types))
        case inspect.VarTupleType():
            return _exact(kind.item_type)
        case inspect.DictType():
            return isinstance(kind.key_type, inspect.StrType) and _exact(kind.value_type)
        case _:
            return False


def _check(value: object, at: str) -> bool:
    """No float, no unsafe integer, no text that is not NFC. True if every key is ASCII."""
    match value:
        case None | bool():
            return True
        case str():
            if not value.isascii() and not unicodedata.is_normalized("NFC", value):
                raise FormatError("text is not in Unicode normal form C", where=at, found=value)
            return True
        case int():
            if abs(value) > SAFE:
                raise FormatError("integer beyond +-(2^53 - 1)", where=at, found=str(value), wanted="a decimal string")
            return True
        case dict():
            plain = True
            for key, item in value.items():
                _check(key, at)
                plain &= _check(item, key if isinstance(key, str) else at) and str(key).isascii()
            return plain
        case list() | tuple():
            plain = True
            for item in value:
                plain &= _check(item, at)
            return plain
        case _:
            raise FormatError("not a value of a record", where=at, found=type(value).__name__, wanted="no floats")
