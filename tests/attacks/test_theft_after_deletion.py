"""Every disk is stolen when the exchange is over, and every body was kept by the hub: what opens a member's vector?

Guards: deletion, step by step, in every honest node. Limits (SEAL): before it, theft from t nodes opens.
"""

from comity.errors import SealBroken
from comity.stages.seal import boxes, derivations
from tests.builders.seal import World


def test_after_the_end_all_disks_together_hold_nothing() -> None:
    world = World(5)
    world.run()
    world.turn()
    assert [{}] * 5 == [office.memory for office in world.offices.values()]


def test_once_all_lists_are_said_no_disk_opens_a_share_box() -> None:
    """Not one of the boxes that the hub carried, with anything that any of the disks holds."""
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and len(world.facts.unmask) == 5)
    exchange, secrets = world.round(), set()
    for office in world.offices.values():
        for value in office.memory.values():
            secrets |= {value[at : at + 32] for at in range(0, min(len(value), 256), 32)}
    opened = 0
    shares = [body for body in world.store.bodies.values() if len(body) == boxes.SHARE_BOX]
    assert len(shares) == 20
    for member, v in exchange.places.items():
        k = derivations.key_context(exchange.asked, exchange.period, exchange.attempt, member)
        for secret in secrets:
            key = derivations.private_key(secret.ljust(32, b"\0"), "envelope", k)
            for body in shares:
                for u in exchange.places.values():
                    try:
                        boxes.open_("share", body, key, exchange.ctx1, u, v)
                    except SealBroken:
                        continue
                    opened += 1
    assert opened == 0
