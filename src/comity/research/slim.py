"""`release.json` without its figures: what a catalogue needs, fast, of a record with a million figures too.

Whether the bytes are canonical, and whether the figures follow, is `verify`'s; here the record's digest is the log's.
"""

from typing import Final, Literal

import msgspec

from comity.canon import Digest
from comity.errors import FormatError
from comity.model.release import Alone, File, Privacy, Release, Reserved, Taking
from comity.model.structure import Layout

WHERE: Final = "release.json"


class _Slim(msgspec.Struct, kw_only=True):
    """The fields of `Release`; what a figure says is skipped unread."""

    kind: Literal["joint", "national"]
    origin: str
    charter: Digest
    study: Digest
    norm: Digest
    period: str
    publisher: str
    time: int
    inputs: tuple[int, ...]
    layout: Layout
    figures: msgspec.Raw
    takings: tuple[Taking, ...]
    privacy: Privacy | None
    alone: Alone | None
    notes: tuple[str, ...]
    files: tuple[File, ...]
    reserved: tuple[Reserved, ...] = ()


def read(record: bytes) -> Release:
    """The record with no figure in it; FormatError if it is no record of a release."""
    try:
        held = msgspec.json.decode(record, type=_Slim)
        return Release(**{name: getattr(held, name) for name in _Slim.__struct_fields__} | {"figures": ()})
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:
        raise FormatError(str(e), where=WHERE, wanted="the record of a release") from None
