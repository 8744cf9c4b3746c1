"""Times that something waits for: ascending, each once, in a value that the next one shares almost wholly.

Held in blocks, so that one time more copies one block and the list of blocks, not every time that waits. Sets that hold
the same times are equal, in whatever order those came.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import Final

BLOCK: Final = 256  # times; a block with more is cut in two


class Times:
    """POSIX seconds; never changed in place."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: tuple[tuple[int, ...], ...] = ()) -> None:
        self._blocks = blocks  # none is empty, and each ends before the next begins

    @property
    def first(self) -> int | None:
        """The earliest."""
        return self._blocks[0][0] if self._blocks else None

    def adding(self, time: int) -> "Times":
        """These and one more; itself if that is among them."""
        place = self._place(time)
        block = list(self._blocks[place]) if self._blocks else []
        at = bisect_right(block, time)
        if at and block[at - 1] == time:
            return self
        block.insert(at, time)
        half = len(block) // 2
        made = (tuple(block[:half]), tuple(block[half:])) if len(block) > BLOCK else (tuple(block),)
        return Times((*self._blocks[:place], *made, *self._blocks[place + 1 :]))

    def after(self, time: int) -> "Times":
        """Those later than a time; itself if all are."""
        if self.first is None or self.first > time:
            return self
        place = self._place(time)
        rest = self._blocks[place][bisect_right(self._blocks[place], time) :]
        return Times((*([rest] if rest else []), *self._blocks[place + 1 :]))

    def _place(self, time: int) -> int:
        """The block that holds a time, or would."""
        return max(bisect_right(self._blocks, time, key=lambda block: block[0]) - 1, 0)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._blocks)

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Times) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Times({list(self)!r})"
