"""Frames: many bodies in one request, each behind its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.acts import frames
from comity.errors import FormatError


@given(st.lists(st.binary(max_size=20)))
def test_parts_are_read_back(parts: list[bytes]) -> None:
    assert tuple(parts) == frames.split(frames.join(parts), limit=20)


@given(st.lists(st.binary(max_size=20), min_size=1), st.data())
def test_frames_cut_short_are_refused(parts: list[bytes], data: st.DataObject) -> None:
    """Unless the cut lies between two parts."""
    whole = frames.join(parts)
    cut = data.draw(st.integers(0, len(whole) - 1))
    ends = {len(frames.join(parts[:i])) for i in range(len(parts))}
    if cut in ends:
        assert frames.split(whole[:cut], limit=20) == tuple(parts[: sorted(ends).index(cut)])
        return
    with pytest.raises(FormatError):
        frames.split(whole[:cut], limit=20)


def test_a_part_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FormatError, match="too large"):
        frames.split(b"\xff\xff\xff\xff", limit=20)


def test_more_parts_than_are_wanted_end_the_reading() -> None:
    """A part may be empty: four bytes each, whatever the request may hold."""
    assert 3 == len(frames.split(frames.join([b""] * 3), limit=20, most=3))
    with pytest.raises(frames.TooMany):
        frames.split(frames.join([b""] * 3) + b"\xff\xff\xff\xff", limit=20, most=2)
