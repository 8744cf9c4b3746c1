"""The order in which a person's cells are kept, where a person has more of them than the norm lets one touch.

The key of a cell is a polynomial of the cell's number modulo 2^31 - 1 whose three coefficients are the person's own: a
multilinear hash of the person's number by nine words out of the salt. So the keys of one person's cells are three-wise
independent, and those of two persons are independent (Carter and Wegman 1979; docs/adr/0028). Whole numbers below 2^63
throughout, the same on every engine; how the least keys are found is the engine's affair.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    import ibis

    from comity.adapters.tables.engine import Engine

PRIME: Final = 2**31 - 1
DEGREE: Final = 3  # coefficients of the polynomial
LIMB: Final = 30  # bits; a person's number is two limbs
WORDS: Final = 3 * DEGREE  # of the salt: for each coefficient a constant, and a factor of each limb

_RANK: Final = "comity:rank"
LARGEST: Final = 2**63 - 1
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


def bits(cells: int) -> int:
    """Of a cell's number."""
    return (cells - 1).bit_length()


def placed(key: Any, cell: Any, cells: int) -> Any:
    """A cell's place in its person's order: by key, equal ones by cell; one whole number below 2^(31 + bits)."""
    return key * 2 ** bits(cells) + cell


def cell(place: Any, cells: int) -> Any:
    """The cell of a place."""
    return place & (2 ** bits(cells) - 1)


def least(rows: "ibis.Table", *, of: str, place: str, most: int, sums: Mapping[str, int]) -> "ibis.Table":
    """`Engine.least` by grouping and a window, which every engine has."""
    import ibis

    summed = {name: added(rows[name], size) for name, size in sums.items()}
    found = rows.group_by(of, place).agg(**summed) if summed else rows.select(of, place).distinct()
    ranked = found.mutate(**{_RANK: ibis.row_number().over(group_by=of, order_by=place)})
    return ranked.filter(ranked[_RANK] < most).drop(_RANK)


def narrow(sums: Mapping[str, int]) -> bool:
    """Whether int64 holds sums of these sizes."""
    return all(size <= LARGEST for size in sums.values())


def added(term: Any, size: int) -> Any:
    """A sum whose size is at most `size`; of decimals where int64 might not hold it."""
    return term.sum() if size <= LARGEST else term.cast("decimal(38, 0)").sum()
