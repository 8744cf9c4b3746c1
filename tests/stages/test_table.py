"""A published table is read alike by two codes: with arrays, and without."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model import cube
from comity.stages import table
from tests import sample

LAYOUT = sample.norm().structure.layout(("ANSWER", "SEX"), ("n",))
CELLS = LAYOUT.length


def blob(values: list[int], status: list[int]) -> bytes:
    zeros = np.zeros(CELLS, "<f8")
    return cube.encode(
        cube.Cube(
            layout=LAYOUT,
            values=np.array(values, "<i8"),
            sampling=zeros,
            noise=zeros,
            status=np.array(status, "u1"),
            contributors=np.zeros(CELLS, "<i4"),
            salt="ab" * 32,
        )
    )


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=CELLS, max_size=CELLS),
    st.lists(st.integers(0, len(table.STATUSES) - 1), min_size=CELLS, max_size=CELLS),
)
def test_both_readings_agree(values: list[int], status: list[int]) -> None:
    body = blob(values, status)
    one, other = cube.decode(body), table.read(body)
    assert one.layout == other.layout
    assert tuple(one.values.tolist()) == other.values
    assert tuple(cube.STATUS[code] for code in one.status) == other.statuses
    assert ("Q" in other.statuses) == other.suppressed


def test_they_know_the_same_statuses() -> None:
    assert cube.STATUS == table.STATUSES
    assert cube.MAGIC == table.MAGIC


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: b"",
        lambda body: body[:-1],
        lambda body: body + b"0",
        lambda body: body.replace(b"comity-cube/1", b"comity-cube/2"),
        lambda body: body.replace(b"\n", b" ", 1),
        lambda body: body.replace(b'"values":64', b'"values":65'),
        lambda body: body[: body.index(b"\n") + 1 + 24 * CELLS] + b"\xff" + body[body.index(b"\n") + 2 + 24 * CELLS :],
    ],
)
def test_all_else_is_refused(spoil: object) -> None:
    body = blob([0] * CELLS, [0] * CELLS)
    with pytest.raises(FormatError):
        table.read(spoil(body))  # type: ignore[operator]
