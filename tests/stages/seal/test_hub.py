"""The hub's machine on a real log: when it opens, when it fixes a set, when it gives up; and who gets which boxes."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts import frames
from comity.acts.exchange import Answer, ExchangeClosed, ExchangeOpened, ExchangeShared
from comity.errors import SealBroken
from comity.model.reason import Reason
from comity.stages.seal import hub
from comity.stages.seal.turn import Say, Turn, Wait
from comity.stages.seal.view import View
from tests.builders.assembly import blob
from tests.builders.seal import CONSENT, PERIOD, STEP, World, Yes, study_of


def turns(world: World, now: int | None = None) -> tuple[Turn, ...]:
    return hub.next(world.state, world.study, PERIOD, world.now if now is None else now, world.store)


def to(world: World, step: str) -> World:
    """Until the exchange is open, or a set of it is fixed."""
    world.run(
        until=lambda: bool(world.state.exchanges) and (step == "opened" or getattr(world.facts, step) is not None)
    )
    return world


def said(found: tuple[Turn, ...]) -> object:
    assert len(found) == 1
    assert isinstance(found[0], Say), found
    return found[0].body


def failed(found: tuple[Turn, ...]) -> str:
    body = said(found)
    assert isinstance(body, ExchangeClosed)
    assert body.failed is not None
    return body.failed.code


# When an exchange is opened


def test_it_waits_for_consents_until_the_studys_time_is_over() -> None:
    world = World(5)
    until = world.state.in_force["study", world.study.digest].time + CONSENT
    assert (Wait(until=until),) == turns(world)
    for id in ("m1", "m2", "m3", "m4"):
        world.act(world.office(id))
    assert (Wait(until=until),) == turns(world, until - 1)
    body = said(turns(world, until))
    assert isinstance(body, ExchangeOpened)
    assert {"m1", "m2", "m3", "m4"} == {world.state.consents[i].member for i in body.roster}


def test_it_opens_at_once_when_everyone_has_answered() -> None:
    world = World(5)
    world.office("m5").decision = Yes(reasons=(Reason(code="policy.no-source"),))
    for office in world.offices.values():
        world.act(office)
    body = said(turns(world))
    assert isinstance(body, ExchangeOpened)
    assert tuple(world.now + i * STEP for i in (1, 2, 3, 4)) == body.deadlines
    assert len(body.roster) == 4


def test_too_few_consents_open_nothing_and_say_nothing() -> None:
    """t is 4 with one colluding: three members are no exchange, and there is nothing to close."""
    world = World(5)
    for id in ("m1", "m2", "m3"):
        world.act(world.office(id))
    assert () == turns(world, world.now + 10 * CONSENT)
    assert (3, 4) == hub.lacks(world.state, world.study, PERIOD, world.now + 10 * CONSENT)
    assert hub.lacks(world.state, world.study, PERIOD, world.now) is None  # the fourth may still come
    world.act(world.office("m4"))
    assert hub.lacks(world.state, world.study, PERIOD, world.now + 10 * CONSENT) is None
    world.act(world.office("m4"))
    assert isinstance(said(turns(world, world.now + 10 * CONSENT)), ExchangeOpened)


def test_a_study_that_is_not_in_force_is_never_run() -> None:
    world = World(5)
    other = study_of(title="Nobody voted on this")
    assert () == hub.next(world.state, other, PERIOD, world.now + 10 * CONSENT, world.store)


def test_an_exchange_under_way_goes_on_when_its_study_is_replaced() -> None:
    """Members hold secrets: it ends with a sum or a reason, never in silence."""
    world = to(World(5), "shared")
    world.assembly.state = replace(world.state, in_force={})
    world.run()
    assert world.sum()
    assert () == turns(world)


def test_a_sum_is_never_asked_for_twice() -> None:
    world = World(5)
    world.run()
    assert world.sum()
    assert () == turns(world, world.now + 10_000)


# When a set is fixed


def test_each_set_is_fixed_when_everyone_awaited_has_delivered() -> None:
    """Before the deadline, if nobody is missing."""
    world = to(World(5), "shared")
    assert world.now < world.facts.deadlines[0]
    to(world, "survivors")
    assert world.now < world.facts.deadlines[1]
    to(world, "closed")
    assert world.now < world.facts.deadlines[2]


@pytest.mark.parametrize(("step", "fixed"), [("opened", "shared"), ("shared", "survivors"), ("survivors", "closed")])
def test_without_everyone_each_set_is_fixed_at_the_deadline_of_its_step(step: str, fixed: str) -> None:
    world = to(World(5), step)
    place = ["opened", "shared", "survivors"].index(step)
    world.office("m2").alive = False
    world.run(until=lambda: world.now >= world.facts.deadlines[place])
    assert getattr(world.facts, fixed) is None
    world.turn()
    assert getattr(world.facts, fixed) is not None
    world.run()
    assert world.sum()


def test_whoever_left_is_not_awaited() -> None:
    world = World(5)
    world.office("m2").budget = 0
    to(world, "survivors")
    assert world.now < world.facts.deadlines[1]
    assert "m2" in world.facts.left


@pytest.mark.parametrize("step", ["opened", "shared", "survivors"])
def test_too_few_are_closed_as_failed_at_the_deadline(step: str) -> None:
    world = to(World(5), step)
    for id in ("m2", "m3"):
        world.office(id).alive = False
    world.run()
    assert "seal.too-few" == world.failed().code


@pytest.mark.parametrize(("step", "place"), [("opened", 1), ("shared", 2), ("survivors", 3)])
def test_a_hub_that_comes_too_late_closes_as_failed(step: str, place: int) -> None:
    """What it would say had no effect any more."""
    world = to(World(5), step)
    assert "seal.late" == failed(turns(world, world.facts.deadlines[place] + 1))


def test_the_last_tick_counts_if_it_is_later_than_the_hubs_clock() -> None:
    world = to(World(5), "opened")
    world.assembly.tick(world.facts.deadlines[1] + 1)
    assert "seal.late" == failed(turns(world))


def test_the_same_turn_comes_again_until_the_log_shows_it() -> None:
    """A hub that was killed opens the same sum, byte for byte."""
    world = to(World(5), "survivors")
    world.hub = lambda: None  # type: ignore[method-assign]
    world.run(until=lambda: len(world.facts.unmask) == 5)
    assert turns(world) == turns(world)
    assert isinstance(said(turns(world)), ExchangeClosed)


def test_a_roster_that_members_would_refuse_is_not_gone_on_with() -> None:
    """Deadlines that are not the study's steps: the hub itself sees what every member sees."""
    world = World(5)
    for office in world.offices.values():
        world.act(office)
    body = said(turns(world))
    assert isinstance(body, ExchangeOpened)
    longer = replace(body, deadlines=(*body.deadlines[:3], body.deadlines[3] + 5))
    world.assembly.say("hub", longer)
    assert "seal.late" == failed(turns(world))


# Bodies


@pytest.mark.parametrize("lost", ["manifest", "box", "not a manifest"])
def test_whoevers_manifest_or_box_did_not_arrive_is_no_part_of_u2(lost: str) -> None:
    world = to(World(5), "opened")
    office = world.office("m2")
    office.kill_at = len(office.effects) + 2  # said, not sent
    world.run(until=lambda: len(world.facts.shares) == 5)
    office.alive = False
    if lost == "box":
        world.store.put(office.memory["1/manifest"])
        for body in frames.split(office.memory["1/boxes"], limit=2000)[:-1]:
            world.store.put(body)
    if lost == "not a manifest":
        said = world.facts.shares["m2"]
        world.store.bodies[said.body.digest] = b"{}"
    world.run()
    assert ("m1", "m3", "m4", "m5") == world.round().u2
    assert world.sum()


@pytest.mark.parametrize("true", [b"", b"\0" * 40, b"\0" * 56])
def test_a_vector_of_another_length_is_no_part_of_u3(true: bytes) -> None:
    """Whatever size its statement claims."""
    world = to(World(5), "shared")
    world.office("m2").alive = False
    named = replace(blob(true), size=48)
    opened = world.facts.opened.ref
    extract = world.assembly.extract(opened, "m2")
    world.assembly.say("m2", Answer(exchange=opened, consent=None, body=named, extract=extract))
    world.store.put(true)
    world.run()
    assert "m2" not in (world.round().u3 or ())
    assert world.sum()


def test_a_member_gets_its_own_boxes_in_order_and_nobody_elses() -> None:
    world = to(World(5), "shared")
    exchange = world.facts.opened.ref.index
    parcel = hub.parcel(world.state, exchange, "m3", world.store)
    sizes = [len(part) if len(part) in (1200, 1168) else 0 for part in parcel]
    assert [0, 1200, 1168, 0, 1200, 1168, 0, 1200, 0, 1200] == sizes
    others = hub.parcel(world.state, exchange, "m4", world.store)
    assert not {canon.digest(p) for p in parcel if len(p) > 1000} & {
        canon.digest(p) for p in others if len(p) in (1200, 1168)
    }


def test_boxes_are_for_u2_and_while_the_exchange_is_open() -> None:
    world = to(World(5), "opened")
    exchange = world.facts.opened.ref.index
    with pytest.raises(SealBroken):
        hub.parcel(world.state, exchange, "m3", world.store)
    to(world, "shared")
    for member in ("m9", "hub"):
        with pytest.raises(SealBroken):
            hub.parcel(world.state, exchange, member, world.store)
    with pytest.raises(SealBroken):
        hub.parcel(world.state, exchange + 1, "m3", world.store)
    world.run()
    with pytest.raises(SealBroken):
        hub.parcel(world.state, exchange, "m3", world.store)


def test_the_view_names_no_share_box_and_no_vector_of_a_drop_out() -> None:
    world = to(World(5), "shared")
    world.office("m2").alive = False
    world.run()
    closed = world.facts.closed
    assert closed is not None
    assert closed.view is not None
    view = canon.decode(world.store.get(closed.view.digest), View)
    named = {part.body.digest for part in (*view.manifests, *view.vectors, *view.lists)} | {s.box for s in view.seeds}
    assert not [name for name in named if len(world.store.get(name)) == 1200]
    assert {"m1", "m3", "m4", "m5"} == {part.member for part in view.vectors}
    assert [("m1", "m2")] == [(seed.sender, seed.receiver) for seed in view.seeds]


def test_what_is_fixed_is_named_by_ascending_index() -> None:
    world = to(World(5), "opened")
    world.run(until=lambda: isinstance(_first(world), ExchangeShared))
    body = world.facts.shared or _first(world)
    members = body.members  # type: ignore[union-attr]
    assert sorted(members) == list(members)


def _first(world: World) -> object:
    if world.facts.shared is not None:
        return ExchangeShared(exchange=world.facts.opened.ref, members=world.facts.shared.members)
    found = turns(world)
    return found[0].body if found and isinstance(found[0], Say) else None
