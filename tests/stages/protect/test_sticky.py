"""Dice that come again: the same for the same secret and name, fair, and only with a secret that nobody guesses."""

import pytest
from scipy.stats import chisquare

from comity.errors import ConfigError
from comity.stages.protect import sticky

SECRET = bytes(range(32))


def test_the_same_name_throws_the_same_and_another_does_not() -> None:
    asked = [(SECRET, ("a", "b"))] * 2 + [(SECRET, ("ab",)), (SECRET, ("a", "b", "")), (SECRET[::-1], ("a", "b"))]
    thrown = [sticky.keyed(secret, *name)(16) for secret, name in asked]
    assert thrown[0] == thrown[1]
    assert 4 == len(set(thrown))


def test_dice_go_on_instead_of_beginning_again() -> None:
    dice = sticky.keyed(SECRET, "a")
    assert sticky.keyed(SECRET, "a")(32) == dice(8) + dice(24)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ConfigError, match="found 31 bytes; wanted 32"):
        sticky.keyed(SECRET[:31], "a")


@pytest.mark.parametrize("of", [1, 2, 3, 4, 5, 6])
def test_every_side_comes_equally_often(of: int) -> None:
    """Bytes of 240 and above are thrown again, or low sides would come oftener (one in 50,000 fails at random)."""
    thrown = sticky.sides(sticky.keyed(SECRET, "sides", str(of)), 60_000, of).tolist()
    found = [thrown.count(side) for side in range(of)]
    assert 60_000 == sum(found)
    assert chisquare(found).pvalue > 2e-5 or of == 1


def test_a_byte_that_would_favour_a_side_is_thrown_again() -> None:
    thrown = iter([bytes([239, 240, 255, 7]), bytes([241, 0]), bytes([4])])
    assert [4, 4, 0, 2] == sticky.sides(lambda n: next(thrown), 4, 5).tolist()
