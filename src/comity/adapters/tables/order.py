"""The order in which a person's cells are kept, where a person has more of them than the norm lets one touch.

The key of a cell is a polynomial of the cell's number modulo 2^31 - 1 whose three coefficients are the person's own: a
multilinear hash of the person's number by nine words out of the salt. So the keys of one person's cells are three-wise
independent, and those of two persons are independent (Carter and Wegman 1979; docs/adr/0028). Whole numbers below 2^63
throughout, the same on every engine; how the least keys are found is the engine's affair.
"""

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    from comity.adapters.tables.engine import Engine

PRIME: Final = 2**31 - 1
DEGREE: Final = 3  # coefficients of the polynomial
LIMB: Final = 30  # bits; a person's number is two limbs
WORDS: Final = 3 * DEGREE  # of the salt: for each coefficient a constant, and a factor of each limb

_OWN: Final = 10**18  # whole numbers below it are a person's number themselves; all other ids are hashed
_CELLS: Final = 2**31


def words(salt: bytes) -> tuple[int, ...]:
    """The words of a salt, each below 2^31 - 1."""
    found = []
    for i in range(WORDS):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(f"{salt.hex()}|{i}".encode())
        found.append(int.from_bytes(digest.finalize()[:8]) % PRIME)
    return tuple(found)


def key(unit: Any, cell: Any, words: Sequence[Any], by: "Engine") -> Any:
    """The place of a cell (a whole number below 2^31) in its person's order: the polynomial, equal ones by the cell.

    Args:
        unit: the person's id, a whole number or text.
        words: of the salt, as the engine hides them.
    """
    number, cell = _number(unit, by), cell.cast("int64")
    low, high = number & (2**LIMB - 1), number >> LIMB
    thrice = zip(words[0::3], words[1::3], words[2::3], strict=True)
    first, *more = [(low * of_low + high * of_high + constant) % PRIME for constant, of_low, of_high in thrice]
    value = reduce(lambda value, own: (value * cell + own) % PRIME, more, first)
    return value * _CELLS + cell


def cell(key: Any) -> Any:
    """The cell of a key."""
    return (key % _CELLS).cast("int32")


def _number(unit: Any, by: "Engine") -> Any:
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
