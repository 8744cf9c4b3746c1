"""What the log says of an exchange, and every reason against going on that it gives."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assembly.facts import ExchangeFacts, HubSaid
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import SealBroken
from comity.model.study import threshold
from comity.stages.seal import round
from tests.builders.rounds import ref
from tests.builders.seal import PERIOD, World, study_of


def shared_world(members: int = 5) -> World:
    world = World(members)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.survivors is not None)
    return world


def changed(world: World, **changes: object) -> State:
    """The same log's state, with one exchange as the hub would like it to be read."""
    facts = replace(world.facts, **changes)  # type: ignore[arg-type]
    return replace(world.state, exchanges={**world.state.exchanges, facts.opened.ref.index: facts})


def codes(reasons: tuple[object, ...]) -> list[str]:
    return [reason.code for reason in reasons]  # type: ignore[attr-defined]


def test_an_honest_round_gives_no_reason() -> None:
    world = shared_world()
    index = world.facts.opened.ref.index
    assert () == round.opened(world.state, index, world.study)
    for member in world.offices:
        assert () == round.shared(world.state, world.round(), member)
        assert () == round.survivors(world.state, world.round(), member)


def test_places_follow_ids_not_the_order_of_consents() -> None:
    world = World(5)
    for id in ("m5", "m1", "m4", "m2", "m3"):
        world.act(world.office(id))
    world.hub()
    found = world.round()
    assert {f"m{i}": i for i in range(1, 6)} == dict(found.places)
    assert [5, 1, 4, 2, 3] == [int(world.state.consents[i].member[1:]) for i in world.facts.opened.members]


@given(n=st.integers(4, 400), c=st.integers(1, 130))
def test_no_two_sets_of_survivors_can_both_be_answered(n: int, c: int) -> None:
    """2t > n + c: two sets of t share more than c members, so an honest one (SEAL, second guard); and 3 stay honest."""
    t = threshold(n, c)
    assert 2 * t > n + c
    assert t - c >= 3


def test_the_threshold_is_computed_and_in_no_statement() -> None:
    assert shared_world().round().t == threshold(5, 1) == 4


def test_contexts_bind_the_leaves() -> None:
    world, index = shared_world(), 0
    one = world.round()
    index = one.ref.index
    moved = changed(world, opened=replace(world.facts.opened, leaf_hash=bytes(32)))
    other = round.read(moved, index, world.study)
    assert one.ctx1 != other.ctx1
    assert one.ctx2 != other.ctx2
    later = changed(world, shared=replace(world.facts.shared or HubSaid, leaf_hash=bytes(32)))  # type: ignore[type-var]
    assert one.ctx2 != round.read(later, index, world.study).ctx2


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (lambda m: m[:-1], "seal.not-named"),
        (lambda m: (*m, m[0]), "seal.not-subset"),
        (lambda m: m[::-1], "seal.not-subset"),
        (lambda m: (*m[:-1], 9999), "seal.not-subset"),
        (lambda m: m[2:], "seal.too-few"),
        (lambda m: (), "seal.too-few"),
        (lambda m: (m[0],) * len(m), "seal.not-subset"),
    ],
    ids=["without me", "one twice", "descending", "a leaf that is no such statement", "too few", "nobody", "one only"],
)
@pytest.mark.parametrize("step", ["shared", "survivors"])
def test_a_set_that_is_not_right_is_a_reason_to_leave(step: str, members: object, code: str) -> None:
    world = shared_world()
    fixed = getattr(world.facts, step)
    me = {said.ref.index: id for id, said in getattr(world.facts, _said(step)).items()}[fixed.members[-1]]
    state = changed(world, **{step: replace(fixed, members=members(fixed.members))})  # type: ignore[operator]
    read = round.read(state, world.facts.opened.ref.index, world.study)
    check = round.shared if step == "shared" else round.survivors
    assert code in codes(check(state, read, me))


def _said(step: str) -> str:
    return "shares" if step == "shared" else "answers"


def test_a_set_may_not_name_what_was_said_after_it() -> None:
    """An index of the future is no statement yet."""
    world = shared_world()
    fixed = world.facts.shared
    assert fixed is not None
    state = changed(world, shared=replace(fixed, ref=ref(fixed.members[-1])))
    read = round.read(state, world.facts.opened.ref.index, world.study)
    assert "seal.not-subset" in codes(round.shared(state, read, "m1"))


def test_fewer_survivors_than_a_policy_asks_are_too_few() -> None:
    world = shared_world()
    assert () == round.survivors(world.state, world.round(), "m1", least=5)
    assert ["seal.too-few"] == codes(round.survivors(world.state, world.round(), "m1", least=6))


def test_a_roster_that_leaves_somebody_out_is_no_roster() -> None:
    world = shared_world()
    opened = world.facts.opened
    state = changed(world, opened=replace(opened, members=opened.members[1:]))
    assert "seal.roster" in codes(round.opened(state, opened.ref.index, world.study))


def test_an_attempt_that_is_not_the_next_is_not_taken_part_in() -> None:
    world = shared_world()
    state = changed(world, attempt=2)
    assert "seal.not-first" in codes(round.opened(state, world.facts.opened.ref.index, world.study))


def test_only_the_first_exchange_of_an_attempt_counts() -> None:
    world = shared_world()
    twin = replace(world.facts, opened=replace(world.facts.opened, ref=ref(99)))
    state = replace(world.state, exchanges={**world.state.exchanges, 99: twin})
    assert "seal.not-first" in codes(round.opened(state, 99, world.study))
    assert () == round.opened(state, world.facts.opened.ref.index, world.study)


def test_deadlines_are_the_studys_and_not_the_hubs() -> None:
    """A hub that gives itself a year would have a year to steal secrets in."""
    world = shared_world()
    first, *rest = world.facts.deadlines
    state = changed(world, deadlines=(first, *(time + 31_536_000 for time in rest)))
    assert "seal.late" in codes(round.opened(state, world.facts.opened.ref.index, world.study))


@pytest.mark.parametrize("part", ["whole", "kem", "curve", "unreadable"])
def test_keys_that_repeat_or_cannot_be_read_are_a_reason_to_leave(part: str) -> None:
    world = shared_world()
    first, second, *_ = (world.state.consents[i] for i in world.facts.opened.members)
    assert first.sealed is not None
    assert second.sealed is not None
    one, two = first.sealed.mask_key, second.sealed.envelope_key
    key = {"whole": one, "kem": one[:1184] + two[1184:], "curve": two[:1184] + one[1184:], "unreadable": b"\xff" * 1216}
    copied = replace(second, sealed=replace(second.sealed, envelope_key=key[part]))
    state = replace(world.state, consents=world.state.consents.set(second.ref.index, copied))
    found = round.opened(state, world.facts.opened.ref.index, world.study)
    assert [("seal.keys", second.member)] == [(r.code, r.params.get("member")) for r in found]


def test_a_roster_that_names_no_consents_cannot_be_read() -> None:
    world = shared_world()
    opened = world.facts.opened
    for members in ((*opened.members, 0), (opened.members[0], *opened.members)):
        with pytest.raises(SealBroken):
            round.read(changed(world, opened=replace(opened, members=members)), opened.ref.index, world.study)


def test_another_study_is_not_read_in_its_place() -> None:
    """Whoever was told another text cannot mask for this one."""
    world = shared_world()
    with pytest.raises(SealBroken):
        round.read(world.state, world.facts.opened.ref.index, study_of(title="another text"))


# The roster rule


def plain(
    u3: tuple[str, ...], index: int, *, study: Digest, period: str = PERIOD, reveals: bool = True
) -> ExchangeFacts:
    """An earlier exchange with these survivors."""
    world = shared_world()
    answers = {id: replace(next(iter(world.facts.answers.values())), ref=ref(index + i)) for i, id in enumerate(u3, 1)}
    survivors = HubSaid(
        ref=ref(index + 50), leaf_hash=bytes(32), members=tuple(index + i for i in range(1, len(u3) + 1))
    )
    return replace(
        world.facts,
        opened=replace(world.facts.opened, ref=ref(index)),
        study=study,
        period=period,
        answers=answers,
        survivors=survivors,
        unmask=world.facts.answers if reveals else {},
    )


@pytest.mark.parametrize(
    ("before", "other", "reveals", "refused"),
    [
        (("m1", "m2", "m3", "m4", "m5"), "kin", True, False),
        (("m1", "m2", "m3", "m4"), "kin", True, True),
        (("m1", "m2", "m3", "m6", "m7"), "kin", True, False),
        (("m1", "m2", "m3", "m4", "m6"), "kin", True, True),
        (("m1", "m2", "m3", "m4"), "kin", False, False),
        (("m1", "m2", "m3", "m4"), "stranger", True, False),
        (("m1", "m2", "m3", "m4"), "later period", True, False),
    ],
    ids=["same", "one less", "four apart", "two apart", "never opened", "other data", "other period"],
)
def test_without_noise_survivors_may_not_differ_by_a_few(
    before: tuple[str, ...], other: str, reveals: bool, refused: bool
) -> None:
    """Two sums over nearly the same members give the rest away by subtraction: none, or c + 3 and more."""
    world = shared_world()
    kin, stranger = Digest("sha256:" + "1" * 64), Digest("sha256:" + "2" * 64)
    period = "2015" if other == "later period" else PERIOD
    earlier = plain(before, 500, study=stranger if other == "stranger" else kin, period=period, reveals=reveals)
    state = replace(world.state, exchanges={500: earlier, **world.state.exchanges})
    quiet = replace(world.round(), study=replace(world.study, noise=None))
    found = codes(round.survivors(state, quiet, "m1", kin=frozenset({kin})))
    assert (["seal.roster-rule"] if refused else []) == found
    assert [] == codes(round.survivors(state, world.round(), "m1", kin=frozenset({kin})))


def test_where_kin_is_not_known_every_study_counts() -> None:
    world = shared_world()
    earlier = plain(("m1", "m2", "m3", "m4"), 500, study=Digest("sha256:" + "2" * 64))
    state = replace(world.state, exchanges={500: earlier, **world.state.exchanges})
    quiet = replace(world.round(), study=replace(world.study, noise=None))
    assert ["seal.roster-rule"] == codes(round.survivors(state, quiet, "m1"))


def test_the_bound_of_a_cell_is_members_times_bound_and_tail() -> None:
    found = shared_world().round()
    quiet = replace(found, study=replace(found.study, noise=None))
    assert quiet.limit == 5 * 10_000
    tail = (found.limit - quiet.limit) / 5
    assert 20 < tail < 60  # ten standard deviations of 12 = 36 / (4 - 1), whose root is 3.46


def test_no_rate_makes_room_for_a_spoiled_sum() -> None:
    """A member that consents to absurd noise loosens no check, and costs nobody a table of its variance."""
    found = shared_world().round()
    first = found.consents["m1"]
    assert first.sealed is not None

    def limit(rate: int) -> int:
        louder = replace(first, sealed=replace(first.sealed, rate=rate))  # type: ignore[type-var]
        return replace(found, consents={**found.consents, "m1": louder}).limit

    assert found.limit < limit(10_000) == limit(10**15) < found.limit + 5 * 1_000


def test_reading_a_round_needs_no_array() -> None:
    """`verify` reads rounds without numpy."""
    code = "import sys; import comity.stages.seal.round, comity.stages.seal.view; assert 'numpy' not in sys.modules"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
