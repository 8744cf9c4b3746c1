"""Conformance: what each member made of the norms in force, out of the log; the counts add up."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked
from comity.assembly import queries
from comity.assembly.conformance import NORMS, Applied, Conformance, conformance
from comity.assembly.spoken import spoken
from comity.canon import Digest
from comity.model.study import Study
from tests import sample
from tests.builders.assembly import Assembly, party
from tests.builders.life import lived

BINDING = canon.digest(b"binding")


class World:
    """Two versions of a norm, one after the other, and a study under each; m4 has withdrawn."""

    def __init__(self) -> None:
        self.assembly = a = Assembly(4, others=[party("maps", role="producer"), party("agency", role="custodian")])
        self.norms: dict[Digest, Digest] = {}
        self.first = a.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        self.old = self.study("A", self.first)
        a.run(self.old)  # m1..m4 answer
        a.withdraw("m4")
        newer = replace(sample.norm(), version="1.1.0", replaces="TRUST/1.0.0")
        motion = a.state.in_force["norm", self.first].motion
        self.second = a.adopt("norm", newer, name="TRUST/1.1.0", replaces=motion)
        a.tick()
        self.new = self.study("B", self.second)
        given = a.consent("m1", self.new, sealed=None, national=True, binding=BINDING)
        a.national(given)
        a.refuse("m2", self.new)
        a.reserve("m2", self.second, "variable:Q1")
        a.revoke(a.consent("m3", self.new, period="2"))
        a.tick()

    def study(self, id: str, norm: Digest) -> Digest:
        text: Study = sample.study(id=id, norm=norm)
        self.norms[text.digest] = norm
        return self.assembly.adopt("study", text, name=f"{id}/1.0.0")

    def told(self) -> Conformance:
        found = conformance(self.assembly.state, self.norms)
        assert ["TRUST/1.1.0"] == [one.name for one in found]
        return found[0]

    def of(self, member: str) -> Applied:
        return next(one for one in self.told().applied if one.member == member)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_who_has_data_is_told_of_and_nobody_else(world: World) -> None:
    """Members in good standing and producers, by id; who has left is not."""
    assert ["m1", "m2", "m3", "maps"] == [one.member for one in world.told().applied]


@pytest.mark.parametrize(
    ("member", "asked", "consented", "refused", "silent", "answered"),
    [("m1", 2, 1, 0, 1, 1), ("m2", 2, 0, 1, 1, 0), ("m3", 2, 0, 1, 1, 0), ("maps", 0, 0, 0, 0, 0)],
)
def test_words_under_the_version_in_force_add_up(
    world: World, member: str, asked: int, consented: int, refused: int, silent: int, answered: int
) -> None:
    """Two periods were asked: in the first m1 answered and m2 refused, in the second m3 took its consent back."""
    found = world.of(member)
    assert (asked, consented, refused, silent, answered) == (
        found.asked,
        found.consented,
        found.refused,
        found.silent,
        found.answered,
    )
    assert found.asked == found.consented + found.refused + found.silent


def test_the_version_of_the_last_answer_is_named(world: World) -> None:
    """m1 answers under the version in force; m2 answered last under the one before."""
    new, old = world.of("m1").last, world.of("m2").last
    assert new is not None
    assert old is not None
    assert ("TRUST/1.1.0", world.second) == (new.version, new.norm)
    assert ("TRUST/1.0.0", world.first) == (old.version, old.norm)
    assert old.leaf < new.leaf
    assert world.of("maps").last is None


def test_binding_and_reservations_are_the_newest(world: World) -> None:
    assert (BINDING, ()) == (world.of("m1").binding, world.of("m1").reserved)
    assert (None, ("variable:Q1",)) == (world.of("m2").binding, world.of("m2").reserved)


def test_a_study_whose_text_is_not_at_hand_is_not_counted(world: World) -> None:
    found = conformance(world.assembly.state, {})[0]
    assert 0 == found.studies
    assert {0} == {one.asked for one in found.applied}


def test_who_came_when_the_sum_was_there_was_not_silent() -> None:
    assembly = Assembly(4)
    norm = assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
    text = sample.study(norm=norm)
    study = assembly.adopt("study", text, name="A/1.0.0")
    assembly.run(study)
    assembly.adopt("member", party("m9"), name="m9")
    assembly.join(party("m9"))
    late = conformance(assembly.state, {text.digest: norm})[0].applied[-1]
    assert ("m9", 0) == (late.member, late.asked)


@pytest.mark.parametrize(("after", "overdue"), [(-1, True), (0, True), (1, False)])
def test_a_review_that_is_due_is_told(world: World, after: int, overdue: bool) -> None:
    state = world.assembly.state
    thing = replace(state.in_force["norm", world.second], review=state.time + after)
    reviewed = state.having(in_force={**state.in_force, ("norm", world.second): thing})
    found = next(one for one in conformance(reviewed, world.norms) if one.norm == world.second)
    assert overdue is found.overdue


# Two norms and two studies are moved, voted for by all, and decided; then mostly answers and refusals.
ADOPTED = [deed for at, which in enumerate((0, 2, 3, 5)) for deed in ((0, 0, which), (6, 0, 0), (3, 0, at), (5, 0, 0))]
ANSWERED = st.tuples(st.sampled_from([11, 11, 11, 11, 12, 5, 7, 13]), st.integers(0, 6), st.integers(0, 60))


@settings(max_examples=30, deadline=None)
@given(st.lists(ANSWERED, min_size=10, max_size=50), st.integers(0, 2))
def test_counts_are_those_of_the_acts_in_the_log(done: list[tuple[int, int, int]], spread: int) -> None:
    """Against a second reading, act by act; studies are dealt out to the norms in force."""
    assembly = lived([*ADOPTED, *done])
    state = assembly.state
    force = [thing.thing.digest for matter in NORMS for thing in queries.standing(state, matter)]
    studies = sorted({study for study, _ in state.asked})
    norms = {study: force[(i * spread) % len(force)] for i, study in enumerate(studies)} if force else {}
    said: dict[tuple[str, Digest], dict[tuple[Digest, str], set[int]]] = {}
    for one in spoken(state, assembly.leaves):
        body = one.body
        if isinstance(body, ConsentGiven | ConsentRefused) and body.study in norms:
            words = said.setdefault((one.actor, norms[body.study]), {}).setdefault((body.study, body.period), set())
            words |= {one.index} if isinstance(body, ConsentGiven) else set()
        elif isinstance(body, ConsentRevoked):
            for words in (words for of in said.values() for words in of.values()):
                words.discard(body.consent.index)
    for told in conformance(state, norms):
        for row in told.applied:
            heard = said.get((row.member, told.norm), {})
            assert sum(bool(standing) for standing in heard.values()) == row.consented
            assert sum(not standing for standing in heard.values()) == row.refused
            assert row.asked == row.consented + row.refused + row.silent
            asked = {question for question in state.asked if norms.get(question[0]) == told.norm}
            assert row.silent <= len(asked - set(heard))
