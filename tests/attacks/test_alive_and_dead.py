"""Both kinds of shares of one member in one request: nobody ever gives both.

Guards: a list has one share of each member, of the kind that U3 says; the other kind is deleted before the list's
digest is said, so no later request, restart or theft finds it.
"""

import pytest

from comity import canon
from comity.errors import SealBroken
from comity.stages.seal.view import Shown, Unmasked, read_unmasked
from tests.attacks.hostile import seen
from tests.builders.rounds import Exchange, ids
from tests.builders.seal import World


@pytest.mark.parametrize("dropped", [(), ("m001",), ("m002", "m005")])
def test_no_member_is_alive_and_dead_in_anything_that_anybody_gave(dropped: tuple[str, ...]) -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer(*dropped)
    exchange.unmask()
    given = seen(exchange.lists.values())
    for id in ids(7):
        assert ((id, "root") in given) == (id in dropped)
        assert ((id, "self") in given) == (id not in dropped)


def test_a_list_with_both_kinds_is_not_read() -> None:
    exchange = Exchange.of(4)
    both = tuple(Shown(member=id, kind=kind, share=bytes(32)) for id in ids(4) for kind in ("self", "root"))  # type: ignore[arg-type]
    listed = canon.encode(Unmasked(exchange=exchange.round.ref, sender="m001", shares=both))
    with pytest.raises(SealBroken):
        read_unmasked(listed, exchange=exchange.round.ref, sender="m001", shared=ids(4), survivors=ids(4))


def test_when_the_list_is_said_the_other_kind_is_on_no_disk() -> None:
    """So a node that is restarted, or stolen, cannot give it either."""
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and bool(world.facts.unmask))
    exchange = world.round()
    for office in world.offices.values():
        held = b"".join(office.memory.values())
        assert not [name for name in office.memory if name.endswith(("pairs", "kept", "root", "own", "env"))]
        assert len(held) < 64 * exchange.n + 20_000
