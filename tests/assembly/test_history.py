"""Histories: versions share one memory, and no version ever changes."""

from hypothesis import given
from hypothesis import strategies as st

from comity.assembly.history import History

WRITES = st.lists(st.tuples(st.integers(0, 5), st.integers()), max_size=20)


@given(WRITES)
def test_every_version_reads_as_the_mapping_it_was(writes: list[tuple[int, int]]) -> None:
    """Also after all later versions were made."""
    history: History[int, int] = History()
    plain: dict[int, int] = {}
    versions = [(history, dict(plain))]
    for key, value in writes:
        history, plain[key] = history.set(key, value), value
        versions.append((history, dict(plain)))
    for version, expected in versions:
        assert expected == version
        assert list(expected.items()) == list(version.items())
        assert len(expected) == len(version)
        assert all(version.get(key) == expected.get(key) for key in range(6))


@given(WRITES, st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers()), max_size=20))
def test_two_continuations_of_one_version_do_not_see_each_other(
    common: list[tuple[int, int]], writes: list[tuple[bool, int, int]]
) -> None:
    """As when a fold goes on from an old state while another is already further."""
    base = History(common)
    left, right = base, base
    for to_left, key, value in writes:
        left, right = (left.set(key, value), right) if to_left else (left, right.set(key, value))
    assert dict(common) | {key: value for to_left, key, value in writes if to_left} == left
    assert dict(common) | {key: value for to_left, key, value in writes if not to_left} == right
    assert dict(common) == base


def test_a_missing_key_is_missing() -> None:
    history = History([(1, "a")])
    later = history.set(2, "b")
    assert 2 not in history
    assert history.get(2) is None
    assert "History({1: 'a', 2: 'b'})" == repr(later)
