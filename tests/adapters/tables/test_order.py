"""The order of a person's cells, on whole numbers: the polynomial, how fair it is, the places that it gives."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.tables import order
from tests.builders.reckoning import drawn

NUMBERS = st.integers(0, 2**60 - 1)


@given(salt=st.binary(max_size=32), number=NUMBERS | st.integers(0, 5), cell=st.integers(0, 2**31 - 1))
def test_a_key_is_the_polynomial_of_the_page_and_stays_within_64_bits(salt: bytes, number: int, cell: int) -> None:
    """Reckoned a second time in whole numbers of any size (docs/adr/0028)."""
    if number < 10**18:  # of a larger one the id would be hashed
        expected = drawn(salt, cell, str(number))[0]
        assert expected == order.key(Narrow(number), Narrow(cell), order.words(salt), small=False)
        if number < 2**30:
            assert expected == order.key(Narrow(number), Narrow(cell), order.words(salt), small=True)


class Narrow(int):
    """A whole number that is refused where it does not fit into 64 bits, as engines refuse it."""

    def _of(self, value: int) -> "Narrow":
        if abs(value) >= 2**63:
            raise OverflowError(value)
        return Narrow(value)

    def __add__(self, other: int) -> "Narrow":
        return self._of(int(self) + other)

    def __mul__(self, other: int) -> "Narrow":
        return self._of(int(self) * other)

    def __mod__(self, other: int) -> "Narrow":
        return self._of(int(self) % other)

    def __and__(self, other: int) -> "Narrow":
        return self._of(int(self) & other)

    def __rshift__(self, other: int) -> "Narrow":
        return self._of(int(self) >> other)


@pytest.mark.parametrize("cells", [3, 4, 10])
def test_each_of_a_persons_cells_is_as_likely_to_be_kept_as_any_other(cells: int) -> None:
    """Of 20,000 persons under one salt; an order of two coefficients would favour a neighbour by a fifth and more."""
    words, persons, first = order.words(b"a salt"), 20_000, [0] * cells
    for person in range(persons):
        first[min(range(cells), key=lambda cell: (order.key(person, cell, words, small=True), cell))] += 1
    fair = persons / cells
    assert max(abs(one - fair) for one in first) < 4 * fair**0.5  # standard errors of a fair choice


@given(
    cells=st.integers(1, 1_000_000) | st.just(2**32),
    keys=st.lists(st.integers(0, order.PRIME - 1), min_size=1, max_size=6),
    data=st.data(),
)
def test_places_go_by_key_and_then_by_cell_and_give_the_cell_back(
    cells: int, keys: list[int], data: st.DataObject
) -> None:
    some = data.draw(st.lists(st.tuples(st.sampled_from(keys), st.integers(0, cells - 1)), max_size=6, unique=True))
    places = [order.placed(Narrow(key), Narrow(cell), cells) for key, cell in sorted(some)]
    assert all(less < more for less, more in pairwise(places))
    assert [cell for _, cell in sorted(some)] == [order.cell(place, cells) for place in places]
