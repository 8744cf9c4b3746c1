"""Times that wait are a set in order, whatever order they came in, and one more copies few of the others."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from comity.assembly.times import BLOCK, Times

TIMES = st.lists(st.integers(1, 2000), max_size=900)


@given(TIMES, st.lists(st.integers(0, 2100), max_size=4))
def test_they_are_a_sorted_set_from_which_the_past_is_taken(times: list[int], nows: list[int]) -> None:
    found = reduce(Times.adding, times, Times())
    wanted = set(times)
    assert (sorted(wanted), len(wanted)) == (list(found), len(found))
    for now in nows:
        found, wanted = found.after(now), {time for time in wanted if time > now}
        assert (sorted(wanted), min(wanted, default=None)) == (list(found), found.first)
        found, wanted = found.adding(now), wanted | {now}


@given(TIMES)
def test_equal_sets_are_equal_in_whatever_order_they_came(times: list[int]) -> None:
    one, other = reduce(Times.adding, times, Times()), reduce(Times.adding, sorted(times, reverse=True), Times())
    assert (one, hash(one)) == (other, hash(other))
    assert (one == one.adding(3000)) is False


def test_what_is_added_twice_or_was_never_there_changes_nothing() -> None:
    some = Times().adding(5).adding(7)
    assert some.adding(5) is some
    assert some.after(4) is some
    assert [5, 7] == list(some)


def test_one_time_more_shares_all_blocks_but_one() -> None:
    many = reduce(Times.adding, range(0, 40 * BLOCK, 2), Times())
    more = many.adding(20 * BLOCK + 1)
    assert BLOCK >= max(len(block) for block in more._blocks)
    assert 2 >= len({id(block) for block in more._blocks} - {id(block) for block in many._blocks})
