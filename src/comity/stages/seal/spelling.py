"""Canonical JSON of the seal's own records, which are long lists of ids, digests and base64: ASCII throughout.

There msgspec's sorted output is RFC 8785 byte for byte: these bytes are `canon`'s, without its walk over each value.
A hub reads some hundred such records of some hundred lines each before it can open a sum.
"""

from typing import Generic, TypeVar

import msgspec

from comity.errors import SealBroken

T = TypeVar("T")


class Spelling(Generic[T]):
    """How one kind of record is written and read."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._encoder = msgspec.json.Encoder(order="sorted")
        self._decoder = msgspec.json.Decoder(kind, strict=True)

    def encode(self, record: T) -> bytes:
        """Canonical JSON."""
        return self._encoder.encode(record)

    def decode(self, data: bytes, *, where: str) -> T:
        """The record that these bytes are the one spelling of; SealBroken for any other bytes."""
        record = self.form(data, where=where)
        if self.encode(record) != data:
            raise SealBroken("not in its one spelling (RFC 8785)", where=where, wanted=self._kind.__name__)
        return record

    def form(self, data: bytes, *, where: str) -> T:
        """The record in any spelling, for who knows the bytes by their digest; SealBroken if they are none."""
        try:
            if not data.isascii():
                raise SealBroken("not a record of the seal", where=where, found="bytes beyond ASCII")
            return self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
            raise SealBroken("not a record of the seal", where=where, found=str(e)) from None
