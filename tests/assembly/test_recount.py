"""Every motion counted a second time, and where the two counts would not agree."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.charter import Rule
from comity.acts.key import KeyRevoked
from comity.assembly.recount import Ballot, differs, recount
from comity.errors import FormatError
from tests.builders.assembly import Assembly, party
from tests.builders.life import DEEDS, Deed, lived

deeds = st.lists(st.tuples(st.integers(0, DEEDS - 1), st.integers(0, 6), st.integers(0, 60)), min_size=20, max_size=60)


@settings(max_examples=40)
@given(deeds)
def test_the_two_counts_agree_on_every_motion(done: list[Deed]) -> None:
    assembly = lived(done)
    counted = recount(assembly.state, assembly.leaves)
    assert sorted(assembly.state.motions) == list(counted)
    assert dict.fromkeys(counted, ()) == {motion: differs(assembly.state, one) for motion, one in counted.items()}


def test_such_lives_hold_every_outcome_and_breaches_too() -> None:
    """Else the law above would say little."""
    found = set[str]()
    for seed in range(8):
        numbers = random.Random(seed)
        assembly = lived([(numbers.randrange(DEEDS), numbers.randrange(7), numbers.randrange(61)) for _ in range(90)])
        for one in recount(assembly.state, assembly.leaves).values():
            found |= {one.outcome, "stale" if one.stale else "", *("gone" for line in one.roll if not line.counts)}
        found |= {"breach" for _ in assembly.state.breaches}
    assert {"open", "adopted", "rejected", "withdrawn", "breach", "gone"} <= found


def test_the_roll_says_who_voted_what_where_and_whether_it_counts() -> None:
    """m1 votes and leaves, m4 keeps silent, m3's key is revoked after its vote: by hand 3 yes, 2 no of 6."""
    assembly = Assembly([party("m1"), party("m2", weight=3), party("m3", weight=7), party("m4"), party("m5", weight=2)])
    motion = assembly.motion("norm", b"{}", mover="m2")
    assembly.vote(motion, "no", "m1")
    assembly.vote(motion, "yes", "m2")
    assembly.vote(motion, "no", "m3")
    assembly.vote(motion, "no", "m5")
    assembly.withdraw("m1")
    assembly.say("m3", KeyRevoked(purpose="sign", key=assembly.parties["m3"].keys.sign))
    tick = assembly.decide(motion)
    found = recount(assembly.state, assembly.leaves)[motion.index]
    first = motion.index + 1
    assert found.roll == (
        Ballot(member="m1", weight=1, choice="no", leaf=first, counts=False),
        Ballot(member="m2", weight=3, choice="yes", leaf=first + 1, counts=True),
        Ballot(member="m3", weight=7, choice="no", leaf=first + 2, counts=False),
        Ballot(member="m4", weight=1, choice=None, leaf=None, counts=True),
        Ballot(member="m5", weight=2, choice="no", leaf=first + 3, counts=True),
    )
    assert (3, 2, 0, 1, 6, 1) == (*map(found.weight, ("yes", "no", "abstain", None)), found.total, found.objections)
    assert ("adopted", tick.index, True, True) == (found.outcome, found.tick, found.quorate, found.carried)


@pytest.mark.parametrize(
    ("yes", "no", "abstain", "quorate", "carried"),
    [
        (3, 1, 0, True, True),
        (2, 1, 1, True, False),
        (3, 0, 0, False, True),
        (1, 0, 3, True, True),
        (0, 0, 4, True, False),
    ],
)
def test_quorum_and_share_are_told_apart(yes: int, no: int, abstain: int, *, quorate: bool, carried: bool) -> None:
    """More than 66 % of yes and no, and 4 of 6 votes must have taken part: 2 of 3 is 66.7, 2 of 3 with 67 is not."""
    rule = Rule(method="majority", share=67, quorum=66, objections=0, seconds=60)
    assembly = Assembly(6, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    ids = iter(assembly.members)
    for choice, times in (("yes", yes), ("no", no), ("abstain", abstain)):
        for _ in range(times):
            assembly.vote(motion, choice, next(ids))  # type: ignore[arg-type]
    assembly.decide(motion)
    found = recount(assembly.state, assembly.leaves)[motion.index]
    assert (quorate, carried) == (found.quorate, found.carried)
    assert ("adopted" if quorate and carried else "rejected") == found.outcome


def test_under_consensus_members_count_and_not_their_votes() -> None:
    rule = Rule(method="consensus", share=0, quorum=0, objections=2, seconds=60)
    assembly = Assembly([party("m1", weight=9), party("m2"), party("m3")], rules={"norm": rule})
    first, second = (assembly.motion("norm", text, name=text.decode()) for text in (b"1", b"2"))
    assembly.vote(first, "no", "m1")
    assembly.vote(second, "no", "m2", "m3")
    assembly.decide(first)
    counted = recount(assembly.state, assembly.leaves)
    assert ["adopted", "rejected"] == [counted[first.index].outcome, counted[second.index].outcome]


def test_the_second_of_two_amendments_of_one_text_comes_too_late() -> None:
    assembly = Assembly(3)
    assembly.adopt("norm", b"1")
    old = next(iter(assembly.state.motions.values())).ref
    one, other = (assembly.motion("norm", text, replaces=old) for text in (b"2", b"3"))
    assembly.vote(one, "yes")
    assembly.vote(other, "yes")
    assembly.decide(other)
    found = recount(assembly.state, assembly.leaves)
    assert ("adopted", False) == (found[one.index].outcome, found[one.index].stale)
    assert ("rejected", True, True) == (
        found[other.index].outcome,
        found[other.index].stale,
        found[other.index].carried,
    )


def test_who_is_suspended_has_no_vote_in_what_a_later_tick_decides() -> None:
    assembly = Assembly(4)
    open_ = assembly.motion("norm", b"{}", closes=assembly.time + 500)
    assembly.vote(open_, "no", "m4")
    out = assembly.motion("suspension", assembly.parties["m4"], name="m4")
    assembly.vote(out, "yes", "m1", "m2", "m3")
    assembly.decide(out)
    assembly.vote(open_, "yes", "m1", "m2")
    assembly.decide(open_)
    found = recount(assembly.state, assembly.leaves)
    assert (4, 3) == (found[out.index].total, found[open_.index].total)
    assert ["m4"] == [ballot.member for ballot in found[open_.index].roll if not ballot.counts]


@pytest.mark.parametrize(
    ("false", "expected"),
    [
        ({"outcome": "rejected"}, ("outcome",)),
        ({"votes": {"m1": "yes"}}, ("votes",)),
        ({"tick": 3}, ("tick",)),
        ({"opened": 9, "outcome": "open", "tick": None}, ("opened", "tick", "outcome")),
    ],
)
def test_a_state_that_says_otherwise_is_found_out(false: dict[str, object], expected: tuple[str, ...]) -> None:
    assembly = Assembly(3)
    assembly.adopt("norm", b"{}")
    (index,) = assembly.state.motions
    motion = replace(assembly.state.motions[index], **false)  # type: ignore[arg-type]
    state = assembly.state.having(motions={index: motion})
    assert expected == differs(state, recount(state, assembly.leaves)[index])


def test_the_leaves_of_another_log_are_refused() -> None:
    assembly = Assembly(3)
    with pytest.raises(FormatError, match="another log"):
        recount(assembly.state, assembly.leaves[:-1])
