"""Every motion counted a second time, and where the two counts would not agree."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.charter import Rule
from comity.acts.key import KeyRevoked
from comity.acts.motion import Choice
from comity.acts.terms import Amendment, Terms
from comity.acts.tick import Tick
from comity.assembly.recount import differs, recount
from comity.assembly.roll import Ballot, Recount
from comity.errors import FormatError
from tests.builders.assembly import MAJORITY, Assembly, charter_of, naming, party, signer
from tests.builders.life import DEEDS, GOVERNED, Deed, cosigned_at, governed, lived

deeds = st.lists(st.tuples(st.integers(0, DEEDS - 1), st.integers(0, 6), st.integers(0, 60)), min_size=20, max_size=60)


@settings(max_examples=40)
@given(deeds)
def test_the_two_counts_agree_on_every_motion(done: list[Deed]) -> None:
    assembly = lived(done)
    assert sorted(assembly.state.motions) == list(counted(assembly))


acts = st.lists(
    st.tuples(st.integers(0, GOVERNED - 1), st.integers(0, 6), st.integers(0, 60)), min_size=40, max_size=90
)


@settings(max_examples=25)
@given(acts)
def test_they_agree_where_rules_groups_witnesses_and_hub_change_too(done: list[Deed]) -> None:
    assembly = governed(done)
    assert sorted(assembly.state.motions) == list(counted(assembly))


def counted(assembly: Assembly) -> dict[int, Recount]:
    """The recount, which must agree with the fold."""
    found = recount(assembly.state, assembly.leaves)
    assert [] == [(index, differs(assembly.state, one)) for index, one in found.items() if differs(assembly.state, one)]
    return found


def test_such_lives_hold_every_outcome_and_breaches_too() -> None:
    """Else the law above would say little."""
    found = set[str]()
    for seed in (*range(6), 12, 37):
        numbers = random.Random(seed)
        assembly = lived([(numbers.randrange(DEEDS), numbers.randrange(7), numbers.randrange(61)) for _ in range(90)])
        for one in counted(assembly).values():
            found |= {one.outcome, one.hindrance or "", *("gone" for line in one.roll if not line.counts)}
            found |= {"late" for line in one.roll if line.late}
        found |= {"breach" for _ in assembly.state.breaches}
    assert {"open", "adopted", "rejected", "withdrawn", "breach", "gone", "late", "left"} <= found


def test_such_governed_lives_hold_all_that_may_differ() -> None:
    """Else the law above would say little."""
    found = set[str]()
    for seed in range(20):
        numbers = random.Random(seed)
        deeds = [(numbers.randrange(GOVERNED), numbers.randrange(7), numbers.randrange(61)) for _ in range(120)]
        assembly = governed(deeds)
        for one in counted(assembly).values():
            facts = {"until": one.until, "answered": one.answered, "recused": one.recused, "groups": one.groups}
            found |= {one.outcome, one.hindrance or "", f"{one.matter} {one.outcome}"}
            found |= {name for name, fact in facts.items() if fact}
        found |= {"succession" for _ in assembly.state.successions}
        found |= {reason.code for breach in assembly.state.breaches for reason in breach.reasons}
    assert {"amended", "overtaken", "until", "answered", "recused", "groups", "succession"} <= found
    assert {"charter adopted", "hub adopted", "witnesses adopted", "norm adopted", "study adopted"} <= found
    assert {"motion.consultation", "motion.consulted", "vote.recused", "motion.terms"} <= found


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
    found = counted(assembly)[motion.index]
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
        (4, 1, 0, True, True),
        (3, 1, 0, True, False),  # 75 % is no more than 75 %
        (3, 0, 0, True, True),  # half of all is enough
        (2, 0, 0, False, True),
        (1, 0, 2, True, True),
        (0, 0, 4, True, False),
    ],
)
def test_quorum_and_share_are_told_apart(yes: int, no: int, abstain: int, *, quorate: bool, carried: bool) -> None:
    """Of six votes half must be cast, and of yes and no more than 75 % must be yes."""
    rule = Rule(method="majority", share=75, quorum=50, objections=0, seconds=60)
    assembly = Assembly(6, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    choices: list[Choice] = [*["yes"] * yes, *["no"] * no, *["abstain"] * abstain]  # type: ignore[list-item]
    for member, choice in zip(assembly.members, choices, strict=False):
        assembly.vote(motion, choice, member)
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert (quorate, carried) == (found.quorate, found.carried)
    assert ("adopted" if quorate and carried else "rejected") == found.outcome


def test_a_tick_tells_the_lower_time_in_the_middle_and_knows_what_its_checkpoint_holds() -> None:
    """Four witnesses at 0, 59, 60 and 99 seconds: 59, a second too early to decide."""
    assembly = Assembly(4)
    assembly.tick()
    motion = assembly.motion("norm", b"{}")
    opened = assembly.time + 10
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(opened - 5, size=motion.index)))
    assert None is counted(assembly)[motion.index].opened
    assembly.tick(opened)
    times = dict(zip(assembly.members, (opened, opened + 59, opened + 60, opened + 99), strict=True))
    assembly.say("hub", Tick(checkpoint=cosigned_at(assembly, times)))
    found = counted(assembly)[motion.index]
    assert (opened, opened + 60, "open") == (found.opened, found.ends, found.outcome)
    decided = assembly.tick(opened + 60)
    found = counted(assembly)[motion.index]
    assert (decided.index, opened + 60, "rejected") == (found.tick, found.time, found.outcome)


def test_who_registers_a_new_key_has_its_vote_again() -> None:
    assembly = Assembly(3)
    motion = assembly.motion("norm", b"{}")
    assembly.vote(motion, "yes", "m2", "m3")
    assembly.say("m3", KeyRevoked(purpose="sign", key=assembly.parties["m3"].keys.sign))
    assert 2 == counted(assembly)[motion.index].total
    assembly.say("m3", naming("m3", "sign", signer("m3", "new")))
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert (3, 2, "adopted") == (found.total, found.weight("yes"), found.outcome)


@pytest.mark.parametrize("revoked", [True, False], ids=["the old key revoked", "the new key revoked"])
def test_a_candidate_that_changed_its_keys_and_joins_by_those_that_serve_has_its_vote(revoked: bool) -> None:
    assembly = Assembly(4, others=[party("waits", role="candidate")])
    old, new, newer = (signer("waits", name) for name in ("sign", "new", "newer"))
    first, second = (old, new) if revoked else (new, newer)
    if not revoked:
        assembly.say("waits", naming("waits", "sign", new))
    assembly.say("waits", KeyRevoked(purpose="sign", key=first.public))
    assembly.say("waits", naming("waits", "sign", second))
    promoted = party("waits")
    promoted = replace(promoted, keys=replace(promoted.keys, sign=second.public))
    assembly.adopt("member", promoted, name="waits")
    assembly.signers["waits", "sign"] = second
    assembly.join(promoted)
    motion = assembly.motion("norm", b"{}")
    assembly.vote(motion, "yes", "m1", "m2")
    assembly.vote(motion, "no", "waits")
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert (5, 2, 1) == (found.total, found.weight("yes"), found.weight("no"))


def test_a_motion_about_witnesses_waits_for_those_whom_it_names() -> None:
    """Of four named three must have cosigned; votes are taken until then."""
    assembly = Assembly(6, witnesses=["m1", "m2"])
    motion = assembly.motion("witnesses", Terms(witnesses=("m3", "m4", "m5", "m6")))
    assembly.vote(motion, "yes", "m1", "m2", "m3", "m4")
    assembly.tick()
    for time, more in ((500, []), (600, ["m3", "m4"]), (700, ["m4", "m5", "m6"])):
        assert "open" == counted(assembly)[motion.index].outcome
        times = dict.fromkeys(["m1", "m2", *more], assembly.time + time)
        assembly.say("hub", Tick(checkpoint=cosigned_at(assembly, times)))
        if time == 500:
            assembly.vote(motion, "no", "m5")
    found = counted(assembly)[motion.index]
    assert ("adopted", 1) == (found.outcome, found.weight("no"))


def test_under_consensus_members_count_and_not_their_votes() -> None:
    rule = Rule(method="consensus", share=0, quorum=0, objections=2, seconds=60)
    assembly = Assembly([party("m1", weight=9), party("m2"), party("m3")], rules={"norm": rule})
    first, second = (assembly.motion("norm", text, name=text.decode()) for text in (b"1", b"2"))
    assembly.vote(first, "no", "m1")
    assembly.vote(second, "no", "m2", "m3")
    assembly.decide(first)
    found = counted(assembly)
    assert ["adopted", "rejected"] == [found[first.index].outcome, found[second.index].outcome]


def test_the_second_of_two_amendments_of_one_text_comes_too_late() -> None:
    assembly = Assembly(3)
    assembly.adopt("norm", b"1")
    old = next(iter(assembly.state.motions.values())).ref
    one, other = (assembly.motion("norm", text, replaces=old) for text in (b"2", b"3"))
    assembly.vote(one, "yes")
    assembly.vote(other, "yes")
    assembly.decide(other)
    found = counted(assembly)
    assert ("adopted", None) == (found[one.index].outcome, found[one.index].hindrance)
    assert ("rejected", "overtaken", True) == (
        found[other.index].outcome,
        found[other.index].hindrance,
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
    found = counted(assembly)
    assert (4, 3) == (found[out.index].total, found[open_.index].total)
    assert ["m4"] == [ballot.member for ballot in found[open_.index].roll if not ballot.counts]


@pytest.mark.parametrize(
    ("false", "expected"),
    [
        ({"outcome": "rejected"}, ("outcome",)),
        ({"votes": {"m1": "yes"}}, ("votes",)),
        ({"hindrance": "overtaken"}, ("hindrance",)),
        ({"comments": {9: "m1"}}, ("answers",)),
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


# What a charter may ask beside a majority


def test_a_majority_in_one_group_of_two_is_not_enough_for_two() -> None:
    """By hand: 5 of 6 votes say yes overall; north 3 of 4, south 1 of 2, and half is no more than half."""
    areas = ("246", "246", "246", "246", "710", "710")
    parties = [party(f"m{i}", area=area, weight=9) for i, area in enumerate(areas, start=1)]
    rule = replace(MAJORITY, groups=2, counted="members")
    charter = replace(charter_of(parties, rules={"norm": rule}), groups={"north": ("246",), "south": ("710",)})
    assembly = Assembly(charter=charter)
    motion = assembly.motion("norm", b"{}")
    assembly.vote(motion, "yes", "m1", "m2", "m3", "m5")
    assembly.vote(motion, "no", "m4", "m6")
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert (4, 2, 6) == (found.weight("yes"), found.weight("no"), found.total)
    assert ((3, 1), (1, 1)) == tuple(
        (found.weight("yes", group=name), found.weight("no", group=name)) for name in ("north", "south")
    )
    assert ("rejected", ("north",), False) == (found.outcome, found.carrying, found.carried)


def test_who_hosts_the_hub_is_named_as_without_a_vote() -> None:
    charter = replace(charter_of([party(f"m{i}", weight=i) for i in range(1, 5)]), host="m4", recused=("norm",))
    assembly = Assembly(charter=charter)
    motion = assembly.motion("norm", b"{}")
    assembly.vote(motion, "yes", "m3")
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert ("m4", 6, ["m1", "m2", "m3"]) == (found.recused, found.total, [ballot.member for ballot in found.roll])
    assert ("adopted", True) == (found.outcome, found.quorate)


def test_a_vote_that_the_host_cast_before_it_was_recused_counts_no_more() -> None:
    charter = replace(charter_of([party(f"m{i}") for i in range(1, 5)]), host="m4", recused=())
    assembly = Assembly(charter=charter)
    motion = assembly.motion("norm", b"{}", closes=assembly.time + 900)
    assembly.vote(motion, "yes", "m3", "m4")
    assembly.vote(motion, "no", "m1")
    assembly.adopt("charter", Terms(charter=Amendment(rules={}, recused=("norm",))))
    assembly.vote(motion, "no", "m2")
    assembly.decide(motion)
    found = counted(assembly)[motion.index]
    assert ("rejected", 1, 2) == (found.outcome, found.weight("yes"), found.weight("no"))
    assert [("m4", False)] == [(ballot.member, ballot.counts) for ballot in found.roll if not ballot.counts]


def test_consultation_and_dates_are_reckoned_again() -> None:
    assembly = Assembly(4, rules={"norm": replace(MAJORITY, seconds=300, consultation=100)})
    assembly.adopt("norm", b"1")
    (old,) = assembly.state.motions
    motion = assembly.motion("norm", b"2", replaces=assembly.ref(old), starts=assembly.time + 5000)
    remark = assembly.comment(motion, "m2")
    date = assembly.time + 5000
    assembly.consult(motion)
    opened = assembly.time - 100
    assembly.vote(motion, "yes")
    assembly.reply(remark)
    assembly.decide(motion)
    before, after = counted(assembly)[old], counted(assembly)[motion.index]
    assert (opened + 100, opened + 310, 1, 1) == (after.consulted, after.ends, after.comments, after.answered)
    assert (date, None, True) == (after.starts, after.until, after.stands)
    assert (date, True) == (before.until, before.stands)
    assembly.tick(date)
    assert (date, False) == (counted(assembly)[old].until, counted(assembly)[old].stands)
