"""Contributors of margins gathered in memory, against the same reckoned person by person in plain Python."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.tables.gathering import gathered

CELLS, MARGINS = 6, 9
PART = st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, CELLS - 1))
VALUES = st.integers(-3, 3) | st.integers(-(2**63) + 1, 2**63 - 1)
ABOVE = st.lists(st.integers(-1, 2), min_size=CELLS, max_size=CELLS)


@given(
    parts=st.dictionaries(PART, st.tuples(VALUES, VALUES), max_size=12),
    above=st.lists(ABOVE, min_size=1, max_size=3),
    most=st.integers(0, 3),
)
def test_each_margin_has_its_contributors_and_the_largest_of_what_they_add(
    parts: dict[tuple[str, int], tuple[int, int]], above: list[list[int]], most: int
) -> None:
    choices = [[margin + 3 * level if margin >= 0 else -1 for margin in one] for level, one in enumerate(above)]
    number, largest = np.zeros((2, MARGINS), int), np.zeros((most, 2, MARGINS), int)
    for term in range(2):
        added: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for choice in choices:
            for (person, cell), values in parts.items():
                if values[term] and choice[cell] >= 0:
                    added[choice[cell]][person].append(values[term])
        for margin, persons in added.items():
            number[term, margin] = len(persons)
            sizes = sorted((min(abs(sum(of)), 2**63 - 1) for of in persons.values()), reverse=True)
            largest[: len(sizes), term, margin] = sizes[:most]
    table = pa.table(
        {
            "who": pa.array([person for person, _ in parts], pa.string()),
            "cell": pa.array([cell for _, cell in parts], pa.int32()),
            "s": pa.array([s for s, _ in parts.values()], pa.int64()),
            "t": pa.array([t for _, t in parts.values()], pa.int64()),
        }
    )
    sums = [("s", CELLS * 2**63), ("t", CELLS * 2**63)]
    levels = [np.array(choice) for choice in choices]
    found = gathered(table, of="who", cell="cell", sums=sums, above=levels, most=most, all_=MARGINS)
    assert number.tolist() == found[0].tolist()
    assert largest.tolist() == found[1].tolist()
