"""The blob `comity-cube/1`: what is written is read back, and every other bytes are refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from comity.errors import FormatError
from comity.model import cube as cubes
from comity.model.cube import STATUS, Cube
from comity.model.structure import Axis, Layout, Measure
from tests import sample


@st.composite
def any_cube(draw: st.DrawFn) -> Cube:
    cells, measures = draw(st.integers(1, 6)), draw(st.integers(1, 2))
    layout = Layout(
        dimensions=(Axis(id="D", codes=tuple(f"é{i}" for i in range(cells))),),
        measures=tuple(Measure(id=f"m{i}", name="", decimals=i, bound=1) for i in range(measures)),
    )
    size = layout.length
    return Cube(
        layout=layout,
        values=draw(arrays.arrays("<i8", size)),
        sampling=draw(arrays.arrays("<f8", size, elements=st.floats(0, 1e300))),
        noise=draw(arrays.arrays("<f8", size, elements=st.floats(0, 1e300))),
        status=draw(arrays.arrays("u1", size, elements=st.integers(0, len(STATUS) - 1))),
        contributors=draw(arrays.arrays("<i4", size, elements=st.integers(0, 2**31 - 1))),
        salt=draw(st.sampled_from(["", "ab" * 32])),
    )


BLOB = cubes.encode(cubes.plain(sample.study().layout, np.arange(8, dtype="<i8"), np.arange(8, dtype="<i4")))


@given(any_cube())
def test_what_is_written_is_read_back(cube: Cube) -> None:
    back = cubes.decode(cubes.encode(cube))
    assert (cube.layout, cube.salt) == (back.layout, back.salt)
    for name in ("values", "sampling", "noise", "status", "contributors"):
        assert getattr(cube, name).tobytes() == getattr(back, name).tobytes()
    assert cubes.encode(cube) == cubes.encode(back)


def test_the_blob_is_a_line_of_json_and_little_endian_arrays() -> None:
    """By hand: values of 8 bytes, two variances of 8, a status of 1, contributors of 4."""
    line, _, body = BLOB.partition(b"\n")
    header = json.loads(line)
    assert "comity-cube/1" == header["cube"]
    assert {"values": 64, "sampling": 64, "noise": 64, "status": 8, "contributors": 32} == header["lengths"]
    assert b"".join(n.to_bytes(8, "little") for n in range(8)) == body[:64]
    assert b"".join(n.to_bytes(4, "little") for n in range(8)) == body[-32:]


@pytest.mark.parametrize("size", [0, 1, 20, BLOB.index(b"\n"), BLOB.index(b"\n") + 1, len(BLOB) - 32, len(BLOB) - 1])
def test_a_truncated_blob_is_refused(size: int) -> None:
    with pytest.raises(FormatError):
        cubes.decode(BLOB[:size])


@given(place=st.integers(0, BLOB.index(b"\n")), byte=st.integers(0, 255))
def test_a_changed_header_is_refused_or_says_what_it_is(place: int, byte: int) -> None:
    """No two blobs are the same cube."""
    blob = BLOB[:place] + bytes([byte]) + BLOB[place + 1 :]
    try:
        cube = cubes.decode(blob)
    except FormatError:
        return
    assert blob == cubes.encode(cube)


def header(**changes: object) -> bytes:
    """The blob with something else in its header, canonically."""
    line, _, body = BLOB.partition(b"\n")
    return json.dumps({**json.loads(line), **changes}, sort_keys=True, separators=(",", ":")).encode() + b"\n" + body


@pytest.mark.parametrize(
    "blob",
    [
        BLOB + b"\0",
        header(cube="comity-cube/2"),
        header(salt="ab"),
        header(salt="zz" * 32),
        header(more=1),
        header(lengths={"values": 64, "sampling": 64, "noise": 64, "status": 8, "contributors": 32, "more": 0}),
        header(lengths={"values": 63, "sampling": 65, "noise": 64, "status": 8, "contributors": 32}),
        BLOB[:-40] + b"\x09" + BLOB[-39:],
    ],
    ids=["longer", "version", "short salt", "salt not hex", "field", "array", "lengths", "status"],
)
def test_what_is_no_cube_is_refused(blob: bytes) -> None:
    with pytest.raises(FormatError):
        cubes.decode(blob)


def test_an_array_that_does_not_fit_the_layout_is_refused() -> None:
    cube = cubes.decode(BLOB)
    with pytest.raises(FormatError, match="array does not fit the layout"):
        cubes.plain(cube.layout, cube.values[:-1], cube.contributors)
