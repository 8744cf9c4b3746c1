"""t shares give the secret, t - 1 say nothing, and more than t must agree."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.stages.seal import shamir
from comity.stages.seal.shamir import P, consistent, rebuild, split
from tests.builders.seal import Stream

secrets = st.integers(0, P - 1).map(lambda x: x.to_bytes(32, "big"))


def test_p_is_the_largest_prime_below_2_to_the_256() -> None:
    """Fermat to many bases; every larger odd number fails one."""
    assert P == 2**256 - 189
    assert all(pow(base, P - 1, P) == 1 for base in (2, 3, 5, 7, 11, 13, 1_000_003))
    assert all(pow(3, n - 1, n) != 1 for n in range(P + 2, 2**256, 2))


@given(secret=secrets, n=st.integers(1, 8), seed=st.text(max_size=4), data=st.data())
def test_any_t_shares_give_the_secret(secret: bytes, n: int, seed: str, data: st.DataObject) -> None:
    t = data.draw(st.integers(1, n))
    shares = split(secret, t, n, Stream(seed))
    for indices in combinations(range(1, n + 1), t):
        assert secret == rebuild({i: shares[i - 1] for i in indices})


@given(secret=secrets, other=secrets, seed=st.text(max_size=4))
def test_fewer_than_t_shares_fit_every_secret(secret: bytes, other: bytes, seed: str) -> None:
    """Two of three shares lie on a parabola through any other secret: they say nothing."""
    shares = split(secret, 3, 5, Stream(seed))
    points = {1: shares[0], 4: shares[3]}
    assert other == rebuild({**points, 5: _through_secret(points, other)})


def _through_secret(points: dict[int, bytes], secret: bytes) -> bytes:
    """The share of index 5 on the parabola through two points and (0, secret)."""
    known = {0: int.from_bytes(secret, "big"), **{i: int.from_bytes(s, "big") for i, s in points.items()}}
    total = 0
    for i, value in known.items():
        top = bottom = 1
        for j in known:
            if j != i:
                top, bottom = top * (5 - j) % P, bottom * (i - j) % P
        total += value * top * pow(bottom, -1, P)
    return (total % P).to_bytes(32, "big")


@given(secret=secrets, seed=st.text(max_size=4))
def test_a_share_can_be_rebuilt_like_the_secret(secret: bytes, seed: str) -> None:
    shares = split(secret, 4, 9, Stream(seed))
    some = {i: shares[i - 1] for i in (2, 3, 7, 9)}
    assert [shares[i - 1] for i in range(1, 10)] == [rebuild(some, at=i) for i in range(1, 10)]


@given(secret=secrets, seed=st.text(max_size=4), wrong=st.integers(1, 9), by=st.integers(1, P - 1))
def test_one_wrong_share_among_more_than_t_is_seen(secret: bytes, seed: str, wrong: int, by: int) -> None:
    shares = dict(enumerate(split(secret, 4, 9, Stream(seed)), start=1))
    assert consistent(shares, 4, b"challenge")
    shares[wrong] = ((int.from_bytes(shares[wrong], "big") + by) % P).to_bytes(32, "big")
    assert not consistent(shares, 4, b"challenge")


def test_exactly_t_shares_always_agree() -> None:
    assert consistent(dict(enumerate([b"\1" * 32, b"\2" * 32], start=1)), 2, b"")


@pytest.mark.parametrize("share", [b"", b"\0" * 31, P.to_bytes(32, "big"), b"\xff" * 32])
def test_what_is_no_element_of_the_field_is_no_share(share: bytes) -> None:
    with pytest.raises(FormatError):
        rebuild({1: share, 2: b"\0" * 32})


@pytest.mark.parametrize("index", [0, -1, P])
def test_an_index_that_would_be_the_secret_itself_is_refused(index: int) -> None:
    with pytest.raises(FormatError):
        rebuild({1: b"\0" * 32, index: b"\0" * 32})


def test_secrets_are_drawn_again_until_they_lie_in_the_field() -> None:
    draws = [b"\xff" * 32, P.to_bytes(32, "big"), b"\7" * 32]
    assert b"\7" * 32 == shamir.draw(lambda n: draws.pop(0))


def test_equal_dice_give_equal_shares_and_others_do_not() -> None:
    one, same, other = (split(b"\1" * 32, 3, 5, Stream(text)) for text in ("one", "one", "other"))
    assert one == same
    assert one != other
