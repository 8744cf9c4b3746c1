"""A cube: a layout with its arrays, and the blob `comity-cube/1` that holds one byte for byte.

Values are whole numbers (scale 10^-decimals of the measure), so that sums are exact everywhere. The blob is one
line of canonical JSON and then the arrays, little-endian, in the order of the fields. Arrow is not used: equal Arrow
tables give different bytes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.errors import FormatError
from comity.model.structure import Layout

MAGIC: Final = "comity-cube/1"
# SDMX CL_OBS_STATUS: normal, suppressed, missing, not collected, ..., estimated, unvalidated. Blobs hold places in it:
# it grows at its end.
STATUS: Final = ("A", "Q", "O", "L", "M", "N", "E", "V")

_ARRAYS: Final = (("values", "<i8"), ("sampling", "<f8"), ("noise", "<f8"), ("status", "u1"), ("contributors", "<i4"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """First line of the blob."""

    cube: str  # MAGIC
    layout: Layout
    lengths: dict[str, int]  # bytes of each array, in the order of the fields
    salt: str  # 64 hex digits, or "" for a cube that is public from the start


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cube:
    """All cells of a layout. Every array has `layout.length` entries, measure-major."""

    layout: Layout
    values: NDArray[np.int64]
    sampling: NDArray[np.float64]  # sampling variance of each value, 0 where there is none
    noise: NDArray[np.float64]  # variance of the noise added, known from the plan
    status: NDArray[np.uint8]  # index into STATUS
    contributors: NDArray[np.int32]  # respondents (at home; 0 in a table that is shown) or members (joint) behind it
    salt: str = ""

    def __post_init__(self) -> None:
        for name, kind in _ARRAYS:
            array = getattr(self, name)
            if array.shape != (self.layout.length,) or array.dtype != np.dtype(kind):
                raise FormatError(
                    "array does not fit the layout",
                    where=name,
                    found=f"{array.dtype} {array.shape}",
                    wanted=f"{kind} ({self.layout.length},)",
                )


def encode(cube: Cube) -> bytes:
    """The blob."""
    parts = [np.ascontiguousarray(getattr(cube, name), dtype=kind).tobytes() for name, kind in _ARRAYS]
    lengths = {name: len(part) for (name, _), part in zip(_ARRAYS, parts, strict=True)}
    header = Header(cube=MAGIC, layout=cube.layout, lengths=lengths, salt=cube.salt)
    return canon.encode(header) + b"\n" + b"".join(parts)


def decode(blob: bytes, *, where: str = "cube") -> Cube:
    """Read what `encode` writes; FormatError for every other bytes."""
    line, mark, body = blob.partition(b"\n")
    if not mark:
        raise FormatError("no header line", where=where, wanted=MAGIC)
    header = canon.decode(line, Header, where=where)
    if header.cube != MAGIC or sum(header.lengths.values()) != len(body):
        raise FormatError("not a cube, or cut short", where=where, found=f"{header.cube}, {len(body)} bytes")
    arrays, at = {}, 0
    for name, kind in _ARRAYS:
        size = header.layout.length * np.dtype(kind).itemsize
        if header.lengths.get(name) != size:
            raise FormatError("array does not fit the layout", where=f"{where}.{name}", wanted=f"{size} bytes")
        arrays[name] = np.frombuffer(body[at : at + size], dtype=kind)
        at += size
    if len(header.lengths) != len(_ARRAYS) or not set(header.salt) <= set("0123456789abcdef"):
        raise FormatError("not the header of a cube", where=where, wanted="its five arrays, and a salt in hex or none")
    if len(header.salt) not in (0, 64):
        raise FormatError("not a salt", where=where, found=header.salt, wanted="64 hex digits, or none")
    if header.layout.length and arrays["status"].max() >= len(STATUS):
        raise FormatError("no such status", where=where, found=str(arrays["status"].max()), wanted=", ".join(STATUS))
    return Cube(layout=header.layout, salt=header.salt, **arrays)


def plain(
    layout: Layout,
    values: NDArray[np.int64],
    contributors: NDArray[np.int64] | NDArray[np.int32],
    sampling: NDArray[np.float64] | None = None,
) -> Cube:
    """A cube as counted: every cell normal, without noise; no sampling variance where none is given."""
    zeros = np.zeros(layout.length, "<f8")
    return Cube(
        layout=layout,
        values=values.astype("<i8"),
        sampling=zeros if sampling is None else sampling.astype("<f8"),
        noise=zeros,
        status=np.zeros(layout.length, "u1"),
        contributors=contributors.astype("<i4"),
    )
