"""A hub that chooses who is in: a member left out, named twice, an old consent used again, a threshold of its own.

Guards: the fold takes only the whole roster, in order, of consents for this attempt; every node checks it again
(`seal.round`); the threshold follows from the roster and the study and stands in no statement.
"""

from dataclasses import fields, replace

import pytest

from comity import canon
from comity.acts import exchange
from comity.acts.exchange import ExchangeOpened
from comity.errors import FormatError
from comity.model.member import HUB
from comity.stages.seal import hub, round
from comity.stages.seal.turn import Say
from tests.builders.seal import PERIOD, World


def ready(members: int = 7) -> tuple[World, ExchangeOpened]:
    """Everyone has consented; what an honest hub would say now."""
    world = World(members)
    for office in world.offices.values():
        world.act(office)
    (turn,) = hub.next(world.state, world.study, PERIOD, world.now, world.store)
    assert isinstance(turn, Say)
    assert isinstance(turn.body, ExchangeOpened)
    return world, turn.body


@pytest.mark.parametrize(
    "roster",
    [lambda r: r[1:], lambda r: (*r, r[0]), lambda r: r[::-1], lambda r: (*r, 0), lambda r: (r[0],) * 7, lambda r: ()],
    ids=["roster_member_left_out", "duplicate_ids", "order", "not a consent", "one alone", "nobody"],
)
def test_a_roster_of_the_hubs_choice_opens_nothing(roster: object) -> None:
    """The log holds it, as evidence against the hub; no node deals a share."""
    world, body = ready()
    wrong = replace(body, roster=roster(body.roster))  # type: ignore[operator]
    assert world.assembly.smuggle(world.assembly.leaf(HUB, wrong))
    assert world.state.breaches
    assert not world.state.exchanges
    world.now += 40
    for office in world.offices.values():
        world.act(office)
    assert not any(office.sent for office in world.offices.values())


def test_an_old_attempts_consent_serves_no_later_attempt() -> None:
    world = World(5)
    for id in ("m1", "m2"):
        world.office(id).kill_at = 3
    world.run()
    assert world.failed().code == "seal.too-few"
    old = world.facts.opened.members
    for office in world.offices.values():
        office.decision = None
    at = world.now
    again = ExchangeOpened(
        study=world.study.digest,
        period=PERIOD,
        attempt=2,
        roster=old,
        deadlines=(at + 100, at + 200, at + 300, at + 400),
    )
    assert "seal.roster" in world.assembly.refused(HUB, again)
    forged = replace(world.facts, attempt=2, closed=None, shares={}, left={})
    state = replace(world.state, exchanges={**world.state.exchanges, world.state.size: forged})
    assert round.opened(state, world.state.size, world.study)


def test_hub_chosen_threshold_has_no_place_in_any_statement() -> None:
    """No field of the family could carry one, and a field too many is not read."""
    named = {
        field.name
        for kind in vars(exchange).values()
        if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
        for field in fields(kind)
    }
    assert not {name for name in named if "thresh" in name or name == "t"}
    _, body = ready(5)
    text = canon.encode(body).replace(b'{"attempt"', b'{"Threshold":2,"attempt"')
    with pytest.raises(FormatError):
        canon.decode(text, ExchangeOpened)


def test_leaving_members_out_later_does_not_lower_the_threshold() -> None:
    """U2 and U3 shrink, t stays: it is relative to everyone who holds shares."""
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges))
    assert world.round().t == 5
    for id in ("m1", "m2"):
        world.office(id).alive = False
    world.run()
    assert (5, 5, 5) == (world.round().t, len(world.round().u2 or ()), len(world.round().u3 or ()))
