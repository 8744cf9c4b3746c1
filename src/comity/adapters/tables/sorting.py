"""The least places of each person by sorting, for an engine inside this process: `order.least` of Arrow tables.

A person's number and a place make one word, and NumPy sorts words (by vector instructions, where the machine has them)
in a fraction of the time in which a million persons are grouped by hash. Then each row looks up whether its word was
kept, which for a hundred places takes seven steps. Rows are gone through in blocks, since memory that was never touched
costs more than what is reckoned in it. What the order is, is `order`'s.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Words = NDArray[np.uint64]
Whole = NDArray[np.int64]

_WORD: Final = 63  # bits of a word that are used, so that none is as large as what ends the list
_NEAR: Final = 4  # ids are numbers by themselves where they are so many times as many as rows, at most
_BLOCK: Final = 2**18
_NONE: Final = np.uint64(2**64 - 1)


def least(rows: "pa.Table", *, of: str, place: str, most: int, sums: Sequence[str], threads: int) -> "pa.Table":
    """Of the places of each value in `of` at most `most`, the least; with the sums of terms over the rows of each.

    Args:
        rows: `of` of whole numbers or texts, none NULL; places of int64, 0 or more; terms of int64, whose sums are too.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    persons, words = Persons.of(rows[of])
    size = (pc.max(rows[place]).as_py() or 0).bit_length()
    held = min(size, _WORD - _size(words))
    blocks = [(words[at : at + _BLOCK], rows.slice(at, _BLOCK)) for at in range(0, len(rows), _BLOCK)]
    for own, block in blocks:
        own <<= np.uint64(held)
        own |= _column(block, place).view(np.uint64) >> np.uint64(size - held)
    whole = held == size  # a word holds all of a place
    with ThreadPoolExecutor(threads) as several:
        kept = _kept(words if whole and not sums else words.copy(), held, most, several)
        places = kept & np.uint64(2**held - 1) if whole else np.full(len(kept), _NONE)
        looked_up = _looked_up(blocks, kept, held, most, (place, *sums), several) if sums or not whole else ()
        added = {term: np.zeros(len(kept), np.int64) for term in sums}
        for at, (found, *terms) in looked_up:
            if not whole and not _settled(places, at, found.view(np.uint64)):
                return _ranked(rows, persons, words >> np.uint64(held), place, most, sums, of)
            for values, some in zip(added.values(), terms, strict=True):
                np.add.at(values, at, some)
    return pa.table({of: persons.ids(kept >> np.uint64(held)), place: places.view(np.int64), **added})


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Ids by their numbers, of 32 bits or so: those that are known, or else counted from the least."""

    known: "pa.Array | None"
    least: int
    kind: "pa.DataType"

    @classmethod
    def of(cls, column: "pa.ChunkedArray") -> "tuple[Self, Words]":
        """Beside them the number of each row's person."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ends = pc.min_max(column).as_py() if pa.types.is_integer(column.type) and len(column) else None
        if ends is None or ends["max"] - ends["min"] >= _NEAR * len(column):
            return cls._listed(column)
        persons = cls(known=None, least=ends["min"], kind=column.type)
        numbers, at = np.empty(len(column), np.uint64), 0
        for chunk in column.chunks:
            ids = chunk.to_numpy().astype(persons.wide, copy=False)
            np.subtract(ids, persons.wide(persons.least), out=numbers[at : at + len(ids)].view(persons.wide))
            at += len(ids)
        return persons, numbers

    @classmethod
    def _listed(cls, column: "pa.ChunkedArray") -> "tuple[Self, Words]":
        """Texts with offsets of 64 bits: all ids of a register together may be longer than 2^31 bytes."""
        import pyarrow as pa

        wide = pa.large_string() if pa.types.is_string(column.type) else column.type
        chunks = column.cast(wide).dictionary_encode().unify_dictionaries().chunks
        known = chunks[0].dictionary if chunks else pa.array([], wide)
        numbers = [chunk.indices.to_numpy().astype(np.uint64) for chunk in chunks]
        return cls(known=known, least=0, kind=column.type), np.concatenate([np.zeros(0, np.uint64), *numbers])

    @property
    def wide(self) -> "type[np.uint64 | np.int64]":
        """What holds every id."""
        return np.uint64 if str(self.kind) == "uint64" else np.int64

    def ids(self, numbers: Words) -> "pa.Array | pa.ChunkedArray":
        import pyarrow as pa

        if self.known is not None:
            blocks = (numbers[at : at + _BLOCK] for at in range(0, len(numbers), _BLOCK))
            return pa.chunked_array([self.known.take(pa.array(one)).cast(self.kind) for one in blocks], self.kind)
        return pa.array(numbers.view(self.wide) + self.wide(self.least)).cast(self.kind)


def _kept(words: Words, held: int, most: int, several: Executor) -> Words:
    """Of each person so many different words at most, the least; in order. The words are sorted where they are."""
    words.sort()
    ends = [0, *(_begin(words, at, held) for at in range(_BLOCK, len(words), _BLOCK)), len(words)]

    def kept(ends: tuple[int, int]) -> Words:
        found = words[ends[0] : ends[1]]
        found = found[changes(found)]
        return found[_first(found >> np.uint64(held), most)]

    return np.concatenate(list(several.map(kept, pairwise(ends))))


def _begin(words: Words, at: int, held: int) -> int:
    """Where the person begins whose word stands there."""
    return int(np.searchsorted(words, (words[at] >> np.uint64(held)) << np.uint64(held)))


def _looked_up(
    blocks: "Sequence[tuple[Words, pa.Table]]",
    kept: Words,
    held: int,
    most: int,
    names: Sequence[str],
    several: Executor,
) -> Iterable[tuple[Whole, list[Whole]]]:
    """Of each block the rows whose word was kept: where it stands among those, and what the columns hold."""
    look = _looking(kept, held, most)

    def looked_up(block: "tuple[Words, pa.Table]") -> tuple[Whole, list[Whole]]:
        words, rows = block
        at, some = look(words)
        return at, [_column(rows, name)[some] for name in names]

    return several.map(looked_up, blocks)


def _looking(kept: Words, held: int, most: int) -> "Callable[[Words], tuple[Whole, Whole]]":
    """How words are looked up among those kept: the place there and the row, of those rows whose word is there.

    From a person's first word on in steps of halving length: the next person's words are larger, and so is the end.
    """
    persons = kept >> np.uint64(held)
    starts = np.flatnonzero(changes(persons))
    begin = np.zeros(int(persons.max(initial=0)) + 1, np.int64)
    begin[persons[starts]] = starts
    steps = [2**step for step in reversed(range(most.bit_length()))]
    padded = np.concatenate([kept, np.full(2 * most, _NONE)])

    def look(words: Words) -> tuple[Whole, Whole]:
        at = begin[words >> np.uint64(held)]
        for step in steps:
            at += step * (padded[at + step] <= words)
        some = np.flatnonzero(padded[at] == words)
        return at[some], some

    return look


def _ranked(
    rows: "pa.Table", persons: Persons, numbers: Words, place: str, most: int, sums: Sequence[str], of: str
) -> "pa.Table":
    """The same without words, where two places of a person have the same first bits, which is as rare as it is slow."""
    import pyarrow as pa

    places = _column(rows, place)
    at = np.lexsort((places, numbers))
    numbers, places = numbers[at], places[at]
    starts = np.flatnonzero(changes(numbers) | changes(places))
    kept = _first(numbers[starts], most)
    added = {term: np.add.reduceat(_column(rows, term)[at], starts)[kept] for term in sums}
    return pa.table({of: persons.ids(numbers[starts][kept]), place: places[starts][kept], **added})


def _settled(found: Words, at: Whole, places: Words) -> bool:
    """Whether all places of one word are one place, which is then noted."""
    known = found[at]
    if ((known != places) & (known != _NONE)).any():
        return False
    found[at] = places
    return bool((found[at] == places).all())


def _first(groups: Words, most: int) -> NDArray[np.bool_]:
    """Whether each is one of the first so many of its group, where groups stand together."""
    found = np.ones(len(groups), bool)
    np.not_equal(groups[most:], groups[:-most], out=found[most:])
    return found


def changes(values: "Words | Whole") -> NDArray[np.bool_]:
    """Whether each is another one than that before it."""
    found = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _column(rows: "pa.Table", name: str) -> Whole:
    found = np.asarray(rows[name].to_numpy())
    if found.dtype != np.int64:  # NULL among them makes floats, whose bits are other numbers
        raise TypeError(f"{name} is not whole numbers alone")
    return found


def _size(numbers: Words) -> int:
    """Bits of the largest."""
    return int(numbers.max(initial=0)).bit_length()
