"""A drop-out's vector that comes after its root was rebuilt: then only b guards it.

Guards: y_d still carries the self mask, whose b_d nobody gives away; a node past the deadline sends nothing; a hub
that is honest discards it. With b_d added, it is naked: so shares of b_d are deleted when d is in no U3.
"""

from comity.acts.exchange import Answer
from tests.attacks.hostile import naked, secret, seen
from tests.builders.rounds import Exchange, blob
from tests.builders.seal import World

LATE = "m003"


def test_with_the_rebuilt_root_alone_a_late_vector_is_still_noise() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    late = exchange.vector(LATE)
    exchange.answer(LATE)
    exchange.unmask()
    given = seen(exchange.lists.values())
    root = secret(exchange, given[LATE, "root"], exchange.round.t)
    assert root is not None
    assert (LATE, "self") not in given
    exchange.store.put(late)
    said = next(iter(exchange.facts.answers.values()))
    exchange.facts.answers[LATE] = type(said)(ref=said.ref, body=blob(late))  # type: ignore[index]
    assert naked(exchange, LATE, root, None) != exchange.truth_of(LATE)
    own = secret(exchange, {id: exchange.pairs(id)[LATE].own for id in exchange.lists}, exchange.round.t)
    assert naked(exchange, LATE, root, own) == exchange.truth_of(LATE)


def test_a_node_that_missed_the_deadline_sends_nothing_any_more() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    office = world.office(LATE[0] + LATE[-1])
    office.alive = False
    world.run(until=lambda: world.facts.survivors is not None)
    office.restart()
    world.run()
    assert not world.vectors(office.id)
    assert world.sum()


def test_a_vector_said_after_the_survivors_are_fixed_has_no_effect() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    world.office("m3").alive = False
    world.run(until=lambda: world.facts.survivors is not None)
    late = Answer(exchange=world.facts.opened.ref, consent=None, body=world.assembly.body(bytes(48)))
    assert "act.closed" in world.assembly.refused("m3", late)
