"""Two vectors of one member under the same masks differ by its noise or its data: the hub would like a second one.

Guards: the log names the digest of the first, and the node's disk too; a node that has neither vector nor mark leaves.
"""

from comity.acts.exchange import Answer
from comity.stages import answer
from comity.stages.effects import Count, Keep, Say
from tests.builders.seal import Stream, World


def test_a_log_that_forgot_the_answer_gets_the_same_one() -> None:
    """Shown the log from before its answer, the node says the digest again, and sends no other vector."""
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    before, office = world.state, world.office("m2")
    world.run(until=lambda: "m2" in world.facts.answers)
    sent = world.vectors("m2")
    world.views["m2"] = before
    office.dice, office.values = Stream("other dice"), office.values + 1
    world.assembly.say = lambda *_: None  # type: ignore[method-assign, assignment, return-value]
    world.now = world.facts.deadlines[0] + 40
    for _ in range(5):
        for effect in answer.next(world.home(office), office.dice):
            assert not isinstance(effect, Count)
            if isinstance(effect, Keep):
                world.carry_out(office, effect)
            if isinstance(effect, Say) and isinstance(effect.body, Answer):
                assert effect.body.body == world.facts.answers["m2"].body
    assert sent == world.vectors("m2")


def test_a_disk_that_forgot_the_answer_sends_none() -> None:
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    office = world.office("m2")
    old = dict(office.memory)
    world.run(until=lambda: "m2" in world.facts.answers)
    sent = world.vectors("m2")
    office.memory = old
    world.run()
    assert sent == world.vectors("m2")
    assert "seal.memory-lost" == world.facts.left["m2"].reason.code


def test_a_second_statement_of_the_same_member_has_no_effect() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and "m2" in world.facts.answers)
    body = world.assembly.body(bytes(48))
    again = Answer(exchange=world.facts.opened.ref, consent=None, body=body)
    assert "act.repeated" in world.assembly.refused("m2", again)
