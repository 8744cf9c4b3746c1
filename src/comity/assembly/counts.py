"""Counts as they are told of members: how many, of how many; and how much a count is in few hands.

Whole numbers and exact fractions. Nothing here is a score, and nothing is put in an order of merit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """So many, of so many. `of` may be 0: then nothing could be counted."""

    count: int
    of: int


def herfindahl(counts: Iterable[int]) -> Fraction | None:
    """Sum of the squared shares: 1 if one has all, 1/n if n have the same; None if there is nothing to share.

    >>> herfindahl([3, 1, 0]), herfindahl([])
    (Fraction(5, 8), None)
    """
    listed = list(counts)
    total = sum(listed)
    return Fraction(sum(count * count for count in listed), total * total) if total else None
