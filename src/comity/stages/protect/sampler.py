"""Draws of noise: 128 random bits against a table of whole numbers. What they cost is `noise`.

The table is Walker's (1977; built as Vose 1991): 2^m columns of equal mass, each shared by two outcomes at most, cut at
a whole number. The leading bits of a draw name its column, and one comparison the outcome. So a draw is exact up to a
stated error, no float takes part (Mironov 2012: what floats leak), and every draw is the same work, whatever comes out
and whatever it is added to (Jin et al. 2022: what the time of a draw leaks).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.model import masses
from comity.model.law import Law
from comity.stages.dice import Dice

ERROR: Final = Fraction(1, 2**100)
"""Largest total variation between a draw and its law: the table of masses, and 2^-128 for each outcome."""
_WHOLE: Final = 128  # bits of a draw
_WORD: Final = 64  # bits of it that are read first, and suffice but for a tie
_BLOCK: Final = 1 << 15  # draws at a time: they and the table lie in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Table of one law.

    bits: m; the leading m bits of a draw are its column.
    high, low: where each column is cut, as a draw of 128 bits, the leading and the last 64: below it comes the
        column's own outcome, from it on the other. A column that is not shared is cut at its start.
    outcomes: of each column, own and other, one after the other.
    """

    bits: int
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    outcomes: NDArray[np.int64]


def add(cells: NDArray[np.int64], law: Law, dice: Dice) -> None:
    """Add an independent draw to each cell, in place, modulo 2^64.

    Args:
        cells: little-endian, any values; none is looked at.
        dice: asked for 32 bytes, the key of an AES-256-CTR stream that is used once, 8 bytes of it for each cell; and
            for 8 more where the leading 64 bits of a draw fall on a cut: for one of 2^40 draws or less.
    """
    table = columns(law)
    stream = Cipher(algorithms.AES256(dice(32)), modes.CTR(bytes(16))).encryptor()
    size = min(_BLOCK, len(cells))
    zeros, buffer = memoryview(bytes(8 * size)), bytearray(8 * size)
    words = np.frombuffer(buffer, "<u8")
    for start in range(0, len(cells), size or 1):
        part = cells[start : start + size]
        stream.update_into(zeros[: 8 * len(part)], buffer)
        np.add(part, outcomes(table, words[: len(part)], dice), out=part)


def draw(law: Law, count: int, dice: Dice) -> NDArray[np.int64]:
    """So many independent draws, each within `ERROR` of the law: see `add`."""
    drawn = np.zeros(count, "<i8")
    add(drawn, law, dice)
    return drawn


def outcomes(table: Columns, words: NDArray[np.uint64], dice: Dice) -> NDArray[np.int64]:
    """One outcome for each uniform 64-bit word."""
    places = (words >> np.uint64(_WORD - table.bits)).view(np.int64)
    cuts = np.take(table.high, places, mode="clip")
    other = words >= cuts
    tied = words == cuts
    if tied.any():
        for at in np.flatnonzero(tied):
            other[at] = int.from_bytes(dice(8), "big") >= int(table.low[places[at]])
    places <<= 1
    places += other
    return np.take(table.outcomes, places, mode="clip")


@lru_cache(maxsize=8)
def columns(law: Law) -> Columns:
    """The table of a law, its masses rounded down to multiples of 2^-128; what is left over goes to 0.

    Raises:
        FormatError: a parameter out of range, or a law so wide that rounding exceeds `ERROR`.
    """
    found = law.masses
    half = [(weight << _WHOLE) // found.total for weight in found.weights]
    while half[-1] == 0:
        half.pop()
    half[0] = (1 << _WHOLE) - 2 * sum(half[1:])
    if 2 * len(half) * Fraction(1, 1 << _WHOLE) + masses.ERROR > ERROR:
        raise FormatError("noise too large to draw exactly", where="noise", found=str(law))
    values = range(1 - len(half), len(half))
    return _shared(list(values), [half[abs(k)] for k in values])


def _shared(values: list[int], weights: list[int]) -> Columns:
    """Columns of these outcomes; the weights add up to 2^128."""
    bits = max(1, (len(values) - 1).bit_length())
    values += [0] * ((1 << bits) - len(values))
    left = weights + [0] * (len(values) - len(weights))
    full = 1 << (_WHOLE - bits)
    own, other = [0] * len(values), list(range(len(values)))  # how much of a column is its own, who has the rest
    poor = [at for at, weight in enumerate(left) if weight < full]
    rich = [at for at, weight in enumerate(left) if weight > full]
    while poor:  # whole numbers: as long as one has too little, another has too much
        at, giver = poor.pop(), rich[-1]
        own[at], other[at] = left[at], giver
        left[giver] -= full - left[at]
        if left[giver] <= full:
            rich.pop()
        if left[giver] < full:
            poor.append(giver)
    cuts = [at * full + share for at, share in enumerate(own)]
    high, low = np.array([divmod(cut, 1 << _WORD) for cut in cuts], np.uint64).T
    outcome = np.array([(values[at], values[giver]) for at, giver in enumerate(other)], "<i8").ravel()
    return Columns(bits, np.ascontiguousarray(high), np.ascontiguousarray(low), outcome)
