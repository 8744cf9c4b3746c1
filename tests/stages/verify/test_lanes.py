"""Vectors added as big integers are the vectors that numpy adds; masks are the same key streams."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from comity.stages.seal import masks
from comity.stages.verify import lanes

KEYS = st.lists(st.binary(min_size=32, max_size=32), max_size=3)


@given(
    vectors=st.integers(0, 70).flatmap(
        lambda n: st.lists(st.binary(min_size=8 * n, max_size=8 * n), min_size=1, max_size=4)
    ),
    plus=KEYS,
    minus=KEYS,
)
def test_the_second_reading_is_the_first(vectors: list[bytes], plus: list[bytes], minus: list[bytes]) -> None:
    length = len(vectors[0]) // 8
    total = np.zeros(length, "<u8")
    for vector in vectors:
        np.add(total, np.frombuffer(vector, "<u8"), out=total)
    masks.apply(total, plus, minus)
    assert total.tobytes() == lanes.total(vectors, plus, minus, length)


def test_vectors_longer_than_a_chunk() -> None:
    """The streams go on from chunk to chunk."""
    length = lanes.CHUNK // 8 + 3
    vector, key = bytes(range(256)) * (length // 32 + 1), bytes(32)
    total = np.frombuffer(vector[: 8 * length], "<u8").copy()
    masks.apply(total, [key], [bytes([1]) * 32])
    assert total.tobytes() == lanes.total([vector[: 8 * length]], [key], [bytes([1]) * 32], length)


def test_every_lane_wraps_alone() -> None:
    """All ones, many times: no cell carries into its neighbour."""
    full = b"\xff" * 8 * 5
    assert np.full(5, 2**64 - 200, "<u8").tobytes() == lanes.total([full] * 200, [], [], 5)
