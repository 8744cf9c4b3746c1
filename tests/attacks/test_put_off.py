"""A hub opens an exchange whose steps lie far ahead, so that the nodes' secrets stay on disk until it can steal them.

Guard: a member that has not shared yet joins no exchange whose first step lasts longer than the study says; it leaves,
blames the hub, and its secrets are gone.
"""

import pytest

from comity.model.member import HUB
from tests.builders.seal import PERIOD, STEP, World


def opened(ahead: int) -> World:
    """All consented; the exchange begins so many seconds later than it should."""
    world = World(5)
    for office in world.offices.values():
        world.act(office)
    at = world.now + ahead
    deadlines = (at + STEP, at + 2 * STEP, at + 3 * STEP, at + 4 * STEP)
    world.assembly.open(world.study.digest, period=PERIOD, deadlines=deadlines)
    world.now += 50
    for office in world.offices.values():
        world.act(office)
    return world


@pytest.mark.parametrize("ahead", [1000, 10**9])
def test_an_exchange_that_is_put_off_is_left_and_the_secrets_are_gone(ahead: int) -> None:
    world = opened(ahead)
    assert set(world.offices) == set(world.facts.left)
    assert {((HUB,), "seal.late")} == {(left.blames, left.reason.code) for left in world.facts.left.values()}
    for office in world.offices.values():
        assert {"1/root", "1/own", "1/env"}.isdisjoint(office.memory)


def test_clocks_that_are_a_little_apart_are_borne() -> None:
    world = opened(300)
    assert {} == world.facts.left
    world.run()
    assert world.sum()
