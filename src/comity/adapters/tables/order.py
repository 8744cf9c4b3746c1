"""The order in which a person's cells are kept, where a person has more of them than the norm lets one touch.

The key of a cell is a polynomial of the cell's number modulo 2^31 - 1 whose three coefficients are the person's own: a
multilinear hash of the person's number by nine words out of the salt. So the keys of one person's cells are three-wise
independent, and those of two persons are independent (Carter and Wegman 1979; docs/adr/0028). Whole numbers below 2^63
throughout, the same on every engine; how the least keys are found is the engine's affair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, Self

from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    import ibis

    from comity.adapters.tables.engine import Engine

PRIME: Final = 2**31 - 1
DEGREE: Final = 3  # coefficients of the polynomial
LIMB: Final = 30  # bits; a person's number is two limbs
WORDS: Final = 3 * DEGREE  # of the salt: for each coefficient a constant, and a factor of each limb

_PLACE: Final = "comity:place in order"
_OWN: Final = 10**18  # whole numbers below it are a person's number themselves; all other ids are hashed


def words(salt: bytes) -> tuple[int, ...]:
    """The words of a salt, each below 2^31 - 1."""
    found = []
    for i in range(WORDS):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(f"{salt.hex()}|{i}".encode())
        found.append(int.from_bytes(digest.finalize()[:8]) % PRIME)
    return tuple(found)


def key(number: Any, cell: Any, words: Sequence[Any], *, small: bool) -> Any:
    """The key of a cell (a whole number below 2^31) in its person's order: the polynomial, below 2^31.

    Args:
        number: the person's.
        words: of the salt, as the engine hides them.
        small: every person's number is below 2^30, so that less is reckoned.
    """
    thrice = zip(words[0::3], words[1::3], words[2::3], strict=True)
    if small:
        first, *more = [(number * of_low + constant) % PRIME for constant, of_low, _ in thrice]
    else:
        low, high = number & (2**LIMB - 1), number >> LIMB
        first, *more = [(low * of_low + high * of_high + constant) % PRIME for constant, of_low, of_high in thrice]
    return reduce(lambda value, own: (value * cell + own) % PRIME, more, first)


def own(ends: tuple[int, int] | None) -> bool:
    """Whether every person's number is the id itself; `ends`: the least and the largest id, if they are numbers."""
    return ends is not None and ends[0] >= 0 and ends[1] < _OWN


def number(unit: Any, by: "Engine") -> Any:
    """A person's number, below 2^60: the id itself if it is a whole number of up to 18 digits, without a sign or a zero
    before it, whatever the column's type; of any other one the first 60 bits of its SHA-256.
    """
    import ibis

    if unit.type().is_integer():
        own = (unit >= 0) & (unit < _OWN)
        return ibis.ifelse(own, unit.cast("int64"), by.numbered(unit.cast("string")))
    size = unit.length()
    own = size.between(1, 18) & ~unit.re_search("[^0-9]") & ((size == 1) | (unit.left(1) != "0"))
    return ibis.ifelse(own, ibis.ifelse(own, unit, "0").cast("int64"), by.numbered(unit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """A key, its cell and as many values as 63 bits hold in one whole number, ordered by key and then by cell.

    Engines sort and carry one number far faster than several.

    cells: bits of a cell.
    values: name, bits and bound of each value that is packed, which lies within +-bound.
    """

    cells: int
    values: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, cells: int, bounds: Mapping[str, int]) -> Self:
        """The packing for so many cells, of the values that fit, in the order in which they are given."""
        size, values = (cells - 1).bit_length(), []
        left = 63 - PRIME.bit_length() - size
        for name, bound in bounds.items():
            bits = (2 * bound).bit_length()
            if bits <= left:
                left -= bits
                values.append((name, bits, bound))
        return cls(cells=size, values=tuple(values))

    def packed(self, key: Any, cell: Any, values: Mapping[str, Any]) -> Any:
        """Key, cell and the values that fit as one whole number."""
        found = key * 2**self.cells + cell
        for name, bits, bound in self.values:
            found = found * 2**bits + (values[name] + bound)
        return found

    def unpacked(self, packed: Any, *, cell: str) -> dict[str, Any]:
        """The cell, under its name, and the values."""
        found = {}
        for name, bits, bound in reversed(self.values):
            found[name] = (packed & (2**bits - 1)) - bound
            packed = packed >> bits
        return {**found, cell: packed & (2**self.cells - 1)}


def ranked(rows: "ibis.Table", *, of: str, key: str, most: int) -> "ibis.Table":
    """`Engine.least` by a window, which every engine has."""
    import ibis

    placed = rows.mutate(**{_PLACE: ibis.row_number().over(group_by=of, order_by=key)})
    return placed.filter(placed[_PLACE] < most).drop(_PLACE)
