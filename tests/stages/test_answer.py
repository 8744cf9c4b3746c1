"""The member's machine on a real log: effects in order, times, deletions; killed, it does the same or nothing."""

from dataclasses import replace

import numpy as np
import pytest

from comity import canon
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.acts.exchange import Answer, Shares, Unmask
from comity.model import cube, extract
from comity.model.policy import National
from comity.model.reason import Reason
from comity.stages import answer
from comity.stages.effects import Charge, Commit, Count, Counted, Effect, Home, Keep, Say, Wait
from comity.stages.protect import released
from tests import sample
from tests.builders.seal import BASIS, SEND, STEP, Killed, Office, Store, Stream, World, Yes, counted, study_of

SECRETS = {"1/root", "1/own", "1/env", "1/pairs", "1/seeds", "1/vector", "1/list", "1/boxes", "1/kept"}


def spelt(effects: list[Effect]) -> list[str]:
    """Effects in words: what is kept and dropped by name, what is said by kind."""
    words = []
    for effect in effects:
        match effect:
            case Keep():
                put = ["+" + name for name in sorted(effect.put)]
                words.append("keep " + " ".join(put + ["-" + name for name in sorted(effect.drop)]))
            case Say():
                words.append(f"say {type(effect.body).__name__}")
            case _:
                words.append(type(effect).__name__.lower())
    return words


def test_the_order_of_everything() -> None:
    """Kept before it may leave, counted before charged, charged before drawn, said before sent, deleted when done."""
    world = World(5)
    world.run()
    assert [
        "keep +1/env +1/own +1/root",
        "say ConsentGiven",
        "keep +1/boxes +1/kept +1/manifest",
        "say Shares",
        "send",
        "keep -1/boxes",
        "fetch",
        "keep +1/pairs +1/seeds -1/env -1/kept",
        "count",
        "charge",
        "keep +1/charged",
        "commit",
        "keep +1/answered +1/extract +1/vector -1/charged -1/own -1/root -1/seeds",
        "say Answer",
        "send",
        "keep -1/extract -1/vector",
        "keep +1/list +1/listed -1/pairs",
        "say Unmask",
        "send",
        "keep -1/list",
    ] == spelt(world.office("m3").effects)


@pytest.mark.parametrize("members", [4, 7, 12])
def test_a_whole_exchange_gives_the_sum_and_its_noise(members: int) -> None:
    world = World(members, study=study_of(noise=False), run="plain")
    for office in world.offices.values():
        office.withheld = np.zeros(6, "<i8")
    world.run()
    assert [*world.noise_free(*world.offices), *[0] * 6] == world.sum()


@pytest.mark.parametrize("step", ["opened", "shared", "survivors"])
def test_a_drop_out_in_any_step_changes_the_sum_and_nothing_else(step: str) -> None:
    """Gone before its shares: not in U2. Before its answer: not in U3. Before its list: in the sum."""
    world = World(7, study=study_of(noise=False))
    for office in world.offices.values():
        office.withheld = np.zeros(6, "<i8")
    world.run(
        until=lambda: bool(world.state.exchanges) and (step == "opened" or getattr(world.facts, step) is not None)
    )
    world.office("m2").alive = False
    world.run()
    inside = [id for id in world.offices if id != "m2" or step == "survivors"]
    assert [*world.noise_free(*inside), *[0] * 6] == world.sum()


def test_two_runs_give_different_vectors_and_different_sums() -> None:
    one, other = World(5, run="one"), World(5, run="other")
    one.run()
    other.run()
    assert not one.vectors("m1") & other.vectors("m1")
    assert one.sum() != other.sum()


def test_statements_leave_at_their_time_in_the_step_and_not_before() -> None:
    world = World(5)
    said: dict[str, int] = {}
    told = world.carry_out

    def watch(office: Office, effect: Effect) -> None:
        if isinstance(effect, Say):
            said[type(effect.body).__name__] = world.now
        told(office, effect)

    world.carry_out = watch  # type: ignore[method-assign]
    world.run()
    first, second, third, _ = world.facts.deadlines
    assert {"Shares": first - STEP + SEND, "Answer": first + SEND, "Unmask": second + SEND} == {
        kind: said[kind] for kind in ("Shares", "Answer", "Unmask")
    }
    assert third > said["Unmask"]


def test_between_steps_the_node_waits_for_a_time() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges))
    office = world.office("m1")
    start = world.facts.deadlines[0] - STEP + SEND
    assert (Wait(until=start),) == answer.next(world.home(office), office.dice)


def test_after_the_end_nothing_is_left() -> None:
    world = World(5)
    world.run()
    world.turn()
    assert [{}] * 5 == [office.memory for office in world.offices.values()]
    assert () == answer.next(world.home(world.office("m1")), world.office("m1").dice)


def test_each_secret_is_gone_when_its_step_is_over() -> None:
    """Envelope secret before the answer, root and b before the vector is said, other shares before the list."""
    world = World(5)
    seen: dict[str, set[str]] = {}
    told = world.carry_out

    def watch(office: Office, effect: Effect) -> None:
        if isinstance(effect, Say) and office is world.office("m1"):
            seen[type(effect.body).__name__] = SECRETS & set(world.office("m1").memory)
        told(office, effect)

    world.carry_out = watch  # type: ignore[method-assign]
    world.run()
    assert {"1/root", "1/own", "1/env", "1/boxes", "1/kept"} == seen["Shares"]
    assert {"1/pairs", "1/vector"} == seen["Answer"]
    assert {"1/list"} == seen["Unmask"]


# Consent


def test_nothing_is_said_while_the_officer_has_not_answered() -> None:
    """Never without approval: no decision is no answer."""
    world = World(5)
    office = world.office("m1")
    office.policy = replace(office.policy, officer=True)
    office.decision = None
    assert () == answer.next(world.home(office), office.dice)
    office.decision = _Waits()
    assert () == answer.next(world.home(office), office.dice)


class _Waits:
    """Neither yes nor no."""

    consents, reasons = False, ()


def test_a_refusal_names_its_reasons_and_keeps_no_secret() -> None:
    world = World(5)
    office = world.office("m1")
    office.decision = Yes(reasons=(Reason(code="policy.noise-below-floor"),))
    effects = answer.next(world.home(office), office.dice)
    assert ["say ConsentRefused"] == spelt(list(effects))
    world.run()
    assert world.state.refusals
    assert office.effects == list(effects)
    assert isinstance(effects[0], Say)
    assert isinstance(effects[0].body, ConsentRefused)


def test_a_consent_names_keys_whose_secrets_are_kept_first() -> None:
    world = World(5)
    office = world.office("m1")
    keep, say = answer.next(world.home(office), office.dice)
    assert isinstance(keep, Keep)
    assert isinstance(say, Say)
    world.carry_out(office, keep)
    again = answer.next(world.home(office), office.dice)
    assert (say,) == again
    assert isinstance(say.body, ConsentGiven)
    assert 1216 == len(say.body.sealed.mask_key) == len(say.body.sealed.envelope_key)  # type: ignore[union-attr]


def test_whoever_is_no_member_says_nothing() -> None:
    world = World(5)
    office = world.office("m1")
    world.assembly.withdraw("m1")
    assert () == answer.next(world.home(office), office.dice)


# Killed, and started again


def lives(id: str = "m3") -> int:
    """How many effects an office has in a run."""
    world = World(5)
    world.run()
    return len(world.office(id).effects)


@pytest.mark.parametrize("at", range(20))
def test_killed_before_any_effect_the_node_does_the_same_or_nothing(at: int) -> None:
    """A new process on the same disk goes on at once; the sum is right and no second vector exists."""
    assert lives() == 20
    world = World(5, study=study_of())
    office = world.office("m3")
    office.kill_at = at
    for _ in range(60):
        world.turn()
        if not office.alive:
            office.restart()
            office.dice = Stream("another process")
            world.act(office)
        world.now += 10
        if world.state.exchanges and world.facts.closed:
            break
    noise = [a - b for a, b in zip(world.sum(), world.noise_free(*world.offices), strict=True)]
    assert max(map(abs, noise)) < 200
    assert len(world.vectors("m3")) == 1
    assert {canon.digest(v) for v in world.vectors("m3")} == {world.facts.answers["m3"].body.digest}
    assert list(office.ledger.values()) == [("0.889", "0.0000000001")]
    assert world.facts.left == {}
    said = answers(world, "m3")[True].extract
    assert said is not None
    assert said.commitment in [extract.read(record, where="record").commitment for record in office.records]


@pytest.mark.parametrize("at", range(20))
def test_killed_for_good_the_others_go_on(at: int) -> None:
    """Each place is a drop-out before one of the steps; 5 members bear one."""
    world = World(5)
    world.office("m3").kill_at = at
    world.run()
    counted = [id for id in world.offices if id != "m3" or world.in_sum("m3")]
    noise = [a - b for a, b in zip(world.sum(), world.noise_free(*counted), strict=True)]
    assert max(map(abs, noise)) < 200


@pytest.mark.parametrize(("said", "made"), [(Shares, "manifest"), (Answer, "answered"), (Unmask, "listed")])
def test_a_restored_disk_never_makes_a_second_body(said: type, made: str) -> None:
    """Killed when its statement stood in the log, restored from before it was made: it leaves, and sends nothing."""
    world, disks = World(7), list[dict[str, bytes]]()
    office = world.office("m3")
    told = world.carry_out

    def watch(who: Office, effect: Effect) -> None:
        told(who, effect)
        if who is office:
            disks.append(dict(office.memory))
            if isinstance(effect, Say) and isinstance(effect.body, said):
                office.kill_at = 0

    world.carry_out = watch  # type: ignore[method-assign]
    world.run(until=lambda: not office.alive)
    sent = len(office.sent)
    office.memory = [disk for disk in disks if disk and f"1/{made}" not in disk][-1]
    assert SECRETS & set(office.memory)
    office.restart()
    world.carry_out = told  # type: ignore[method-assign]
    world.run()
    assert sent == len(office.sent)
    assert "seal.memory-lost" == world.facts.left["m3"].reason.code
    assert not SECRETS & set(office.memory)


def test_a_lost_disk_leaves_the_exchange_and_says_so() -> None:
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    world.office("m3").memory.clear()
    world.run()
    assert "seal.memory-lost" == world.facts.left["m3"].reason.code
    assert world.sum()


# Deadlines


@pytest.mark.parametrize("clock", ["own", "tick"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_past_a_deadline_everything_is_deleted_and_nothing_is_said(step: int, clock: str) -> None:
    """Either clock can say so: the office's own, or the log's last tick."""
    world = World(7)
    fixed = [lambda: bool(world.state.exchanges), lambda: shared(world), lambda: survivors(world)][step]
    world.run(until=fixed)
    office = world.office("m3")
    office.alive = True
    deadline = world.facts.deadlines[step]
    home = world.home(office)
    if clock == "own":
        home = replace(home, now=deadline + 1)
    else:
        world.assembly.tick(deadline + 1)
        home = replace(world.home(office), now=deadline - STEP)
    effects = answer.next(home, office.dice)
    for effect in effects:
        world.carry_out(office, effect)
    assert not [effect for effect in effects if not isinstance(effect, Keep)]
    assert not SECRETS & set(office.memory)
    assert () == answer.next(replace(home, memory=dict(office.memory)), office.dice)


def shared(world: World) -> bool:
    return bool(world.state.exchanges) and world.facts.shared is not None


def survivors(world: World) -> bool:
    return bool(world.state.exchanges) and world.facts.survivors is not None


def test_whoever_is_not_in_u2_deletes_and_is_silent() -> None:
    world = World(7)
    world.store.put = drops(world.store, 1)  # type: ignore[method-assign]
    world.run(until=lambda: shared(world))
    gone = [id for id in world.offices if id not in (world.round().u2 or ())]
    assert len(gone) == 1
    world.turn()
    assert {"1/gone"} == set(world.office(gone[0]).memory)
    assert world.facts.left == {}


def drops(store: Store, boxes: int):  # type: ignore[no-untyped-def]
    """A hub that loses so many boxes."""
    lost: list[bytes] = []

    def put(body: bytes) -> None:
        if len(body) == 1200 and len(lost) < boxes:
            lost.append(body)
        else:
            Store.put(store, body)

    return put


# What a member refuses


def test_a_budget_that_is_spent_sends_no_vector() -> None:
    world = World(7)
    world.office("m3").budget = 0
    world.run()
    assert "budget.spent" == world.facts.left["m3"].reason.code
    assert not world.vectors("m3")
    assert "m3" not in (world.round().u3 or ())


def test_fewer_survivors_than_policy_asks_are_not_unmasked() -> None:
    world = World(7)
    office = world.office("m3")
    office.policy = replace(office.policy, sealed=replace(office.policy.sealed, survivors=7))
    world.run(until=lambda: shared(world))
    world.office("m1").alive = False
    world.run()
    assert "seal.too-few" == world.facts.left["m3"].reason.code
    assert "m3" not in world.facts.unmask


def test_a_reason_to_leave_survives_a_crash() -> None:
    """Deleted first, said then: the reason is all that is kept."""
    world = World(7)
    world.parcels = lambda member, parcel: parcel[:-1] if member == "m3" else parcel
    world.run(until=lambda: shared(world))
    office = world.office("m3")
    office.kill_at = len(office.effects) + 2  # fetch, keep, and dead before it is said
    world.act(office)
    assert {"1/left"} == set(office.memory)
    office.restart()
    world.act(office)
    left = world.facts.left["m3"]
    assert ("seal.box", ("m7",)) == (left.reason.code, left.blames)


def test_a_second_attempt_has_new_secrets_and_the_old_ones_are_gone() -> None:
    """A failed attempt that nobody unmasked: the charge carries over."""
    world = World(5)
    for id in ("m1", "m2"):
        world.office(id).kill_at = 8
    world.run()
    assert "seal.too-few" == world.failed().code
    for id in ("m1", "m2"):
        world.office(id).restart()
    world.run(until=lambda: len(world.state.exchanges) == 2)
    world.run(until=lambda: world.facts.closed is not None)
    assert world.facts.attempt == 2
    assert world.sum()
    assert all(len(office.ledger) == 1 for office in world.offices.values())
    keys = [c.sealed.mask_key for c in world.state.consents.values() if c.member == "m3" and c.sealed]
    assert len(set(keys)) == 2


def test_an_attempt_that_anybody_unmasked_costs_again() -> None:
    """The hub may know the sum: fresh noise, a second charge."""
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.survivors is not None)
    for id in ("m1", "m2"):
        world.office(id).alive = False
    world.run()
    assert "seal.too-few" == world.failed().code
    assert world.facts.unmask
    for id in ("m1", "m2"):
        world.office(id).restart()
    world.run(until=lambda: len(world.state.exchanges) == 2 and world.facts.closed is not None)
    assert world.sum()
    assert [2] * 5 == [len(office.ledger) for office in world.offices.values()]
    assert len(world.vectors("m3")) == 2


def test_without_noise_an_attempt_that_anybody_unmasked_is_the_last() -> None:
    world = World(5, study=study_of(noise=False))
    for office in world.offices.values():
        office.withheld = np.zeros(6, "<i8")
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.survivors is not None)
    for id in ("m1", "m2"):
        world.office(id).alive = False
    world.run()
    assert world.facts.unmask
    for id in ("m1", "m2"):
        world.office(id).restart()
    world.run(until=lambda: len(world.state.exchanges) == 2)
    assert len(world.state.exchanges) == 1
    assert () == answer.next(world.home(world.office("m3")), Stream(""))


def test_cells_that_own_rules_withhold_are_sealed_as_zero_and_counted() -> None:
    world = World(5, study=study_of(noise=False))
    for office in world.offices.values():
        office.withheld = np.array([0, 0, 1, 0, 0, 0], "<i8")
    world.office("m1").withheld = np.array([0, 1, 0, 0, 0, 0], "<i8")
    world.run()
    found = world.sum()
    assert [0, 1, 4, 0, 0, 0] == found[6:]
    assert world.noise_free("m1")[2] == found[2]
    assert world.noise_free("m2", "m3", "m4", "m5")[1] == found[1]


def test_without_noise_and_without_own_rules_nothing_is_sealed() -> None:
    world = World(5, study=study_of(noise=False))
    with pytest.raises(Exception, match="withhold"):
        world.run()


# The member's own table


def test_the_own_table_is_suppressed_salted_said_and_sent() -> None:
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=National(publish=True, threshold=5))
    office.values = np.array([0, 3, 50, 60, 4, 70], "<i8")
    world.run()
    said = world.state.nationals[next(iter(world.state.nationals))]
    table = cube.decode(world.store.get(said.body.digest))
    assert [0, 0, 50, 60, 0, 70] == table.values.tolist()
    assert [0, 1, 0, 0, 1, 0] == table.status.tolist()
    assert len(table.salt) == 64
    words = spelt(office.effects)
    at = words.index("keep +table +table.extract")
    assert ["remember", "commit"] == words[at - 2 : at]
    assert ["say Answer", "send", "keep +table.sent -table -table.extract"] == words[at + 1 : at + 4]
    assert world.sum()


def test_a_table_is_remembered_as_it_was_counted_and_as_it_is_shown() -> None:
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=National(publish=True, threshold=5))
    office.values = np.array([0, 3, 50, 60, 4, 70], "<i8")
    world.run()
    (persons,) = released.decode(office.remembered[0]).kept
    assert [187, 0, 3, 50, 60, 4, 70] == persons.table.values.tolist()  # the total first
    assert [False, False, True, False, False, True, False] == persons.hidden.tolist()


NOISY = National(publish=True, threshold=5, way="noise", noise="discrete-laplace 2")


def test_a_table_with_noise_is_charged_before_it_is_drawn_and_nothing_else_of_it_is_shown() -> None:
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=NOISY)
    office.values = np.array([0, 3, 50, 60, 4, 70], "<i8")
    world.run()
    said = world.state.nationals[next(iter(world.state.nationals))]
    table = cube.decode(world.store.get(said.body.digest))
    words = spelt(office.effects)
    assert words.index("charge") < words.index("keep +table.charged") < words.index("remember")
    assert "keep +table +table.extract -table.charged" in words
    (charged,) = [effect for effect in office.effects if isinstance(effect, Charge) and "table" in effect.key]
    # 1/2 a cell; as nobody says in how many cells a person may stand, in all six
    assert ("discrete-laplace 2 x 6 by 1", "3") == (charged.made, charged.epsilon)
    assert office.values.tolist() != table.values.tolist()
    assert np.abs(table.values - office.values).max() < 80  # fails one time in e^40
    # 2 e^(1/2) / (e^(1/2) - 1)^2, the variance of the discrete Laplace law of scale 2
    assert {7.835} == {round(float(variance), 3) for variance in table.noise}
    assert {0} == {*table.status.tolist(), *table.contributors.tolist(), *table.sampling.tolist()}


def test_a_budget_that_does_not_bear_the_noise_of_a_table_lets_none_be_shown() -> None:
    world = World(5)
    office = world.office("m1")
    office.policy, office.budget = sample.policy(national=NOISY), 0
    world.run()
    assert not world.state.nationals
    words = spelt(office.effects)
    assert ["count", "charge", "keep +table.sent"] == words[words.index("count") :][:3]


class Uncountable(World):
    """m1 cannot count: a sum beyond 64 bits, a file that is gone. It is asked each time anew."""

    def carry_out(self, office: Office, effect: Effect) -> None:
        super().carry_out(office, effect)
        if office.id == "m1" and isinstance(effect, Count):
            office.counted = None
            raise Killed

    def turn(self) -> None:
        self.office("m1").restart()
        super().turn()


@pytest.mark.parametrize("own", [NOISY, National(publish=False, threshold=10)], ids=["own table", "sum"])
def test_what_cannot_be_counted_is_not_charged(own: National) -> None:
    world = Uncountable(5)
    world.office("m1").policy = sample.policy(national=own)
    world.run()
    assert spelt(world.office("m1").effects).count("count") > 1
    assert ({}, 1) == (world.office("m1").ledger, len(world.office("m2").ledger))
    assert not world.in_sum("m1")


def test_a_table_that_was_counted_to_get_noise_is_not_shown_without() -> None:
    """The policy changed between the count and the table: it is counted again, by the new one."""
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=NOISY)
    world.assembly.say("m1", next(e.body for e in answer.next(world.home(office), office.dice) if isinstance(e, Say)))
    as_counted = counted(office, world.study)
    office.policy = sample.policy(national=National(publish=True, threshold=5))
    found = answer.next(replace(world.home(office), counted=as_counted), office.dice)
    assert [Count(table=True)] == [effect for effect in found if isinstance(effect, Count | Commit | Say)]
    found = answer.next(replace(world.home(office), counted=counted(office, world.study)), office.dice)
    assert [Commit, Say] == [type(effect) for effect in found if isinstance(effect, Count | Commit | Say)]


def test_a_sum_without_noise_is_remembered_before_it_is_said_and_one_with_noise_is_not() -> None:
    for noise in (False, True):
        world = World(5, study=study_of(noise=noise))
        for office in world.offices.values():
            office.withheld = np.zeros(6, "<i8")
        world.run()
        words = spelt(world.office("m1").effects)
        assert (not noise) == ("remember" in words)
        if not noise:
            assert words.index("remember") < words.index("say Answer")


def test_the_salt_of_a_table_is_new_each_time() -> None:
    """Nobody tests a guess of the table against its digest before it is shown."""
    tables = set()
    for run in ("one", "other"):
        world = World(5, run=run)
        world.office("m1").policy = sample.policy(national=National(publish=True, threshold=10))
        world.run(until=lambda world=world: bool(world.state.nationals))
        tables |= {said.body.digest for said in world.state.nationals.values()}
    assert len(tables) == 2


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("charges", [0, 1])
def test_killed_around_its_own_table_the_same_table_is_sent_and_its_noise_charged_once(at: int, charges: int) -> None:
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=NOISY if charges else National(publish=True, threshold=10))
    office.kill_at = at
    for _ in range(5):
        world.turn()
        if not office.alive:
            office.restart()
            office.dice = Stream("another process")
        world.now += 10
    sent = {bodies[0] for named_by, bodies in office.sent if named_by.index not in shares_of(world)}
    assert {said.body.digest for said in world.state.nationals.values()} == {canon.digest(body) for body in sent}
    assert len(sent) == 1
    assert charges == sum("table" in key for key in office.ledger)


def shares_of(world: World) -> set[int]:
    return {said.ref.index for facts in world.state.exchanges.values() for said in facts.shares.values()}


def test_a_second_consent_asks_for_no_second_table() -> None:
    world = World(5)
    for id in ("m1", "m2"):
        world.office(id).kill_at = 12
    world.office("m3").policy = sample.policy(national=National(publish=True, threshold=10))
    world.run()
    assert "seal.too-few" == world.failed().code
    for id in ("m1", "m2"):
        world.office(id).restart()
    world.run(until=lambda: len(world.state.exchanges) == 2 and world.facts.closed is not None)
    mine = [consent.national for consent in world.state.consents.values() if consent.member == "m3"]
    assert [True, False] == mine
    assert len(world.state.nationals) == 1


def test_areas_are_answered_by_the_table_alone_as_it_is() -> None:
    """No secret, no seal, no noise, no threshold, no salt: whoever computes it again has the same bytes."""
    world = World(4)
    office = world.office("m2")
    shown = sample.policy(national=National(publish=True, threshold=10))

    def home(counted: Counted | None = None) -> Home:
        return replace(world.home(office), rasters=True, policy=shown, counted=counted)

    (said,) = answer.next(home(), office.dice)
    assert isinstance(said, Say)
    assert isinstance(said.body, ConsentGiven)
    assert (None, True) == (said.body.sealed, said.body.national)
    world.assembly.say("m2", said.body)
    assert ["count"] == spelt(list(answer.next(home(), office.dice)))
    table = cube.plain(world.study.layout, np.arange(6, dtype="<i8"), np.zeros(6, "<i4"))
    counted = Counted(values=table.values, national=table, basis=BASIS)
    commit, keep, answered = answer.next(home(counted), office.dice)
    assert isinstance(commit, Commit)
    assert isinstance(keep, Keep)
    assert cube.encode(table) == keep.put["table"]
    assert isinstance(answered, Say)
    assert isinstance(answered.body, Answer)
    assert canon.digest(cube.encode(table)) == answered.body.body.digest


def test_areas_that_are_not_published_are_not_consented_to() -> None:
    """Whatever was decided: there would be nothing to answer with."""
    world = World(4)
    office = world.office("m2")
    assert () == answer.next(replace(world.home(office), rasters=True), office.dice)


def answers(world: World, id: str) -> dict[bool, Answer]:
    """What a member said in its answers: whether under the seal -> the statement."""
    said = [effect.body for effect in world.office(id).effects if isinstance(effect, Say)]
    return {body.exchange is not None: body for body in said if isinstance(body, Answer)}


def test_each_answer_commits_to_a_record_that_was_on_disk_before_it_was_said() -> None:
    """Its own record: the national answer's is not the sealed one's, though both are of one table."""
    world = World(5)
    office = world.office("m3")
    office.policy = sample.policy(national=National(publish=True, threshold=10))
    world.run()
    said = answers(world, "m3")
    found = {one.commitment: one for one in (extract.read(data, where="record") for data in office.records)}
    assert len(found) == len(said) == 2
    for body in said.values():
        assert body.extract is not None
        record = found[body.extract.commitment]
        assert (office.binding, "comity 0.1.0") == (body.extract.binding, body.extract.software)
        assert ("m3", world.study.digest, office.binding) == (record.member, record.study, record.binding)
        assert BASIS == record.basis
        committed = next(i for i, one in enumerate(office.effects) if one == Commit(record=canon.encode(record)))
        assert committed < office.effects.index(Say(body=body))


def test_two_answers_from_equal_data_have_commitments_that_nobody_can_link() -> None:
    """All members hold the same file and the same table; and of one record all but the salt can be guessed."""
    world = World(6)
    world.run()
    said = [answers(world, id)[True].extract for id in world.offices]
    assert len({one.commitment for one in said if one}) == 6
    guessed = [extract.read(world.office(id).records[0], where="record") for id in ("m1", "m1")]
    again = replace(guessed[1], salt="0" * 64)
    assert guessed[0].commitment == guessed[1].commitment != again.commitment


def test_an_office_that_bound_anew_since_its_consent_leaves_the_exchange() -> None:
    """The sum would be made of what it did not consent with."""
    world = World(6)
    world.run(until=lambda: bool(world.state.exchanges) and "m3" in world.facts.shares)
    world.office("m3").binding = canon.digest(b"another binding")
    world.run()
    assert {} == answers(world, "m3")
    assert "policy.no-source" == world.facts.left["m3"].reason.code
    assert world.sum()


def test_an_office_that_bound_anew_since_its_consent_says_no_table() -> None:
    world = World(6)
    office = world.office("m3")
    office.policy = sample.policy(national=National(publish=True, threshold=10))
    consent = answer.next(world.home(office), office.dice)[-1]
    assert isinstance(consent, Say)
    world.assembly.say("m3", consent.body)
    office.counted = Counted(
        values=office.values,
        national=cube.plain(world.study.layout, office.values, office.values.astype("<i4")),
        basis=BASIS,
    )
    assert any(isinstance(effect, Commit) for effect in answer.next(world.home(office), office.dice))
    office.binding = canon.digest(b"another binding")
    assert not any(isinstance(effect, Commit | Say) for effect in answer.next(world.home(office), office.dice))
