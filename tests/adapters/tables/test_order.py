"""The order of a person's cells, on plain whole numbers: the polynomial, how fair it is, and how it is packed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.tables import order
from comity.adapters.tables.order import Packing
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
    cells=st.integers(1, 1_000_000),
    bounds=st.lists(st.integers(1, 2**40), max_size=4),
    data=st.data(),
)
def test_what_is_packed_is_ordered_by_key_and_cell_and_comes_back(
    cells: int, bounds: list[int], data: st.DataObject
) -> None:
    packing = Packing.of(cells, {f"m{i}": bound for i, bound in enumerate(bounds)})
    rows = st.tuples(
        st.integers(0, order.PRIME - 1),
        st.integers(0, cells - 1),
        st.fixed_dictionaries({name: st.integers(-bound, bound) for name, _, bound in packing.values}),
    )
    some = data.draw(st.lists(rows, min_size=1, max_size=6, unique_by=lambda row: row[:2]))
    packed = [
        packing.packed(Narrow(key), Narrow(cell), values) for key, cell, values in sorted(some, key=lambda r: r[:2])
    ]
    assert all(less < more for less, more in pairwise(packed))
    back = [packing.unpacked(one, cell="cell") for one in packed]
    assert [{**values, "cell": cell} for _, cell, values in sorted(some, key=lambda r: r[:2])] == back


def test_values_are_packed_as_far_as_63_bits_hold() -> None:
    """31 of the key, 11 of 1,040 cells and 10 of a sum within +-500 leave 11: a bound of 1,023 fits, of 1,024 not."""
    packed = Packing.of(1040, {"s": 500, "t": 1024, "u": 1023})
    assert ["s", "u"] == [name for name, *_ in packed.values]
