"""Timing that depends on data: how long noise takes says neither what a cell holds nor what was drawn for it.

Jin et al. (S&P 2022, arXiv:2112.05307) read the noise itself off the time of exact samplers that reject and try again.
No clock here: what is compared is every line that is carried out, every byte of the key stream, every call of the dice.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from types import FrameType
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from numpy.typing import NDArray

from comity.model.law import Law
from comity.stages.dice import Dice
from comity.stages.protect import sampler
from tests.builders.seal import Stream

Cells = NDArray[np.int64]
LAWS = [Law("skellam", Fraction(36)), Law("discrete-gaussian", Fraction(10_000)), Law("discrete-laplace", Fraction(4))]
SIZE = 70_000  # more than two blocks
CELLS = {
    "zeros": np.zeros(SIZE, "<i8"),
    "ones": np.ones(SIZE, "<i8"),
    "large": np.full(SIZE, 2**62, "<i8"),
    "negative": np.full(SIZE, -(2**62), "<i8"),
    "one person": np.eye(1, SIZE, 5, dtype="<i8").ravel(),
    "mixed": np.arange(SIZE, dtype="<i8") ** 3 - 10**9,
}


class Work:
    """What was done: lines carried out in the sampler, bytes of the key stream, what the dice were asked for."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def dice(self, text: str) -> Dice:
        stream = Stream(text)

        def throw(n: int, /) -> bytes:
            self.done.append(("dice asked", n))
            return stream(n)

        return throw

    @contextmanager
    def watched(self, *modules: str) -> Iterator[None]:
        """Every line of these modules, while it lasts."""

        def trace(frame: FrameType, event: str, _: object) -> Any:
            if frame.f_globals["__name__"] not in modules:
                return None
            self.done.append((frame.f_code.co_name, event, frame.f_lineno))
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)

    def cipher(self, *given: Any) -> Any:
        """The cipher itself, whose stream is counted."""
        work, cipher = self, Cipher(*given)

        class Counted:
            def encryptor(self) -> Any:
                stream = cipher.encryptor()

                class Bytes:
                    def update_into(self, data: bytes, into: bytearray) -> int:
                        work.done.append(("stream", len(data)))
                        return stream.update_into(data, into)

                return Bytes()

        return Counted()


def work(protect: Callable[[Cells, Dice], object], cells: Cells, dice: str) -> list[tuple[object, ...]]:
    """All that is done to protect these cells."""
    found = Work()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampler, "Cipher", found.cipher)
        with found.watched(sampler.__name__, __name__):
            protect(cells.copy(), found.dice(dice))
    return found.done


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_work_is_the_same_whatever_the_cells_hold(law: Law) -> None:
    sampler.columns(law)
    found = [work(lambda cells, dice: sampler.add(cells, law, dice), cells, "same") for cells in CELLS.values()]
    assert all(found[0] == other for other in found[1:])
    assert {"add", "outcomes"} <= {one[0] for one in found[0]}
    asked = [one for one in found[0] if one[0] in ("dice asked", "stream")]
    assert [("dice asked", 32)] == [one for one in asked if one[0] == "dice asked"]
    assert 8 * SIZE == sum(int(str(one[1])) for one in asked if one[0] == "stream")


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_work_is_the_same_whatever_is_drawn(law: Law) -> None:
    """A tie of 64 bits alone would take a line more: once in 2^40 draws or less, and by the dice, not the data."""
    sampler.columns(law)
    found = [work(lambda cells, dice: sampler.add(cells, law, dice), CELLS["zeros"], f"dice {i}") for i in range(5)]
    assert all(found[0] == other for other in found[1:])


def by_rejection(cells: Cells, dice: Dice) -> None:
    """The other exact way: propose and reject (as in Canonne, Kamath, Steinke 2020), cell by cell."""
    for at in range(20):
        while True:
            proposed = dice(1)[0] % 31 - 15
            if dice(1)[0] < 255 * 2.718281828 ** (-proposed * proposed / 72):
                break
        cells[at] += proposed


def noise_where_somebody_is(cells: Cells, dice: Dice) -> None:
    """True zeros passed over, to save time."""
    some = cells[cells != 0]
    sampler.add(some, LAWS[0], dice)
    cells[cells != 0] = some


def test_a_sampler_that_rejects_tells_what_it_drew() -> None:
    """What the attack lives on: the same cells, another draw, other work."""
    assert work(by_rejection, CELLS["zeros"], "one") != work(by_rejection, CELLS["zeros"], "other")


def test_noise_for_some_cells_alone_tells_which_hold_nobody() -> None:
    few, many = (work(noise_where_somebody_is, CELLS[name], "same") for name in ("one person", "ones"))
    assert few != many
