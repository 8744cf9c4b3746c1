"""Alive to some, dead to others: the hub shows two sets of survivors and hopes for both kinds of shares of one member.

Guards: one log has one U3 (the fold; a node reads every leaf under a quorum); and 2t > n + c, so that no two groups can
both reach t. Each alone is enough; without both the victim's vector is naked.
"""

from dataclasses import replace
from itertools import combinations

import pytest

from comity.acts.exchange import ExchangeSurvivors
from comity.model.member import HUB
from comity.stages import answer
from comity.stages.effects import Keep, Send
from comity.stages.seal import member, round
from tests.attacks.hostile import naked, secret, seen, with_colluders
from tests.builders.rounds import Exchange, ids
from tests.builders.seal import World

VICTIM, COLLUDER = "m001", "m007"
HONEST = ids(7)[1:6]


def answered() -> Exchange:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer()
    return exchange


def forked(exchange: Exchange, told_alive: tuple[str, ...]) -> tuple[bytes | None, bytes | None]:
    """Both secrets of the victim, if a fork of the log gives them: some see it alive, the other honest ones dead."""
    alive = exchange.round
    dead = replace(alive, u3=tuple(id for id in alive.u3 or () if id != VICTIM))
    lists = [
        member.unmask(alive if id in told_alive else dead, id, exchange.pairs(id))
        for id in (*HONEST, VICTIM)
        if id in told_alive or id != VICTIM
    ]
    shares = with_colluders(seen(lists), {COLLUDER: exchange.pairs(COLLUDER)})
    t = exchange.round.t
    return secret(exchange, shares[VICTIM, "root"], t), secret(exchange, shares[VICTIM, "self"], t)


SPLITS = [split for size in range(6) for split in combinations(HONEST, size)]


@pytest.mark.parametrize("told_alive", SPLITS, ids=lambda split: "+".join(split) or "nobody")
def test_no_split_of_a_forked_log_gives_both_secrets(told_alive: tuple[str, ...]) -> None:
    """The second guard alone, with one colluder; the victim itself believes it is alive."""
    exchange = answered()
    root, own = forked(exchange, (*told_alive, VICTIM))
    assert root is None or own is None
    assert naked(exchange, VICTIM, root, own) != exchange.truth_of(VICTIM)


def test_without_either_guard_the_victim_is_naked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A threshold of four in seven, and two views: what the guards are for."""
    monkeypatch.setattr(round, "threshold", lambda n, c: 4)
    exchange = Exchange.of(7)
    exchange.parts = {id: member.deal(exchange.round, id, secrets, dice) for id, secrets, dice in exchange.dealers()}
    exchange.share()
    exchange.answer()
    root, own = forked(exchange, (VICTIM, "m002", "m003"))
    assert root is not None
    assert own is not None
    assert naked(exchange, VICTIM, root, own) == exchange.truth_of(VICTIM)


def test_in_one_log_the_second_set_of_survivors_has_no_effect() -> None:
    """The first guard alone."""
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.survivors is not None)
    first = world.facts.survivors
    assert first is not None
    again = ExchangeSurvivors(exchange=world.facts.opened.ref, members=first.members[1:])
    assert world.assembly.smuggle(world.assembly.leaf(HUB, again))
    assert world.facts.survivors == first
    world.run()
    assert world.sum()


def test_a_node_that_is_shown_another_view_gives_no_second_list() -> None:
    """Its disk remembers what it listed: it says that again, or leaves."""
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.survivors is not None)
    office = world.office("m2")
    survivors = world.facts.survivors
    assert survivors is not None
    state = world.state
    other = replace(world.facts, survivors=replace(survivors, members=survivors.members[1:]))
    world.now = world.facts.deadlines[1] + 40
    world.act(office)
    lists = [bodies for _, bodies in office.sent][-1]
    world.views["m2"] = replace(state, exchanges={**state.exchanges, other.opened.ref.index: other})
    world.assembly.say = lambda *_: None  # type: ignore[method-assign, assignment, return-value]
    for _ in range(3):
        for effect in answer.next(world.home(office), office.dice):
            assert not isinstance(effect, Send)
            if isinstance(effect, Keep):
                world.carry_out(office, effect)
    assert [lists] == [bodies for _, bodies in office.sent if bodies == lists]
    assert {"1/left"} == set(office.memory)
