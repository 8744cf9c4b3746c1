"""The largest parts of each cell, for rules of dominance at home (`stages.compute.Counts.largest`).

Decides how they are found beside the sums, in the same pass, and put together. Whose they are is never asked: a part
has no name here. What they say of a cell is `stages.protect`'s.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis

_PLACE: Final = "comity:place of "  # and a term; then of which place its size is


def ranked(parts: "ibis.Table", cell: str, terms: Sequence[str]) -> "ibis.Table":
    """Parts with their places in their cell, for each term by its size; what `sizes` needs."""
    import ibis

    places = {
        _PLACE + term: ibis.row_number().over(group_by=cell, order_by=ibis.desc(parts[term].abs())) for term in terms
    }
    return parts.mutate(**places)


def sizes(ranked: "ibis.Table", terms: Sequence[str], most: int) -> dict[str, Any]:
    """Columns of an aggregation by cell: the size of the part of each of the first places."""
    return {
        _named(term, place): ranked[term].abs().max(where=ranked[_PLACE + term] == place)
        for term in terms
        for place in range(most)
    }


def read(found: Any, at: NDArray[np.int64], terms: Sequence[str], most: int, cells: int) -> NDArray[np.int64]:
    """(most, terms, cells) of what an aggregation gave (a table of Arrow), whose rows are the cells `at`."""
    whole = np.zeros((most, len(terms), cells), "<i8")
    for row, term in enumerate(terms):
        for place in range(most):
            whole[place, row, at] = found[_named(term, place)].fill_null(0).to_numpy()
    return whole


def merged(lots: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The largest of several lots of persons, each with its own."""
    most = lots[0].shape[0]
    return -np.sort(-np.concatenate(lots), axis=0)[:most]


def repeated(found: Mapping[int, Sequence[tuple[int, int]]], most: int, cells: int) -> NDArray[np.int64]:
    """(most, cells) out of sizes with how many parts have each: cell -> (size, parts) in any order."""
    whole = np.zeros((most, cells), "<i8")
    for cell, pairs in found.items():
        place = 0
        for size, parts in sorted(pairs, reverse=True):
            whole[place : place + parts, cell] = size
            place += parts
            if place >= most:
                break
    return whole


def _named(term: str, place: int) -> str:
    return f"{_PLACE}{term} {place}"
