"""The motion family: who moves what, who comments, who votes, and when."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.charter import Matter
from comity.acts.motion import Choice, Comment, CommentAnswered, Motion, MotionWithdrawn, Vote
from comity.acts.refs import Ref
from comity.acts.terms import Terms
from comity.assembly import queries
from tests.builders.assembly import MAJORITY, Assembly, blob, charter_of, host_of, party, signer

NOWHERE = Ref(index=999, digest=canon.digest(b"nowhere"))


@pytest.fixture
def assembly() -> Assembly:
    others = [party("agency", role="custodian"), party("watch", role="observer"), party("sat", role="producer")]
    return Assembly(4, others=others)


def moved(assembly: Assembly, matter: Matter = "study", **change: object) -> Motion:
    body = Motion(
        matter=matter,
        thing=blob(b"{}"),
        name="thing/1",
        replaces=None,
        closes=assembly.time + 60,
    )
    return replace(body, **change)  # type: ignore[arg-type]


def test_a_member_moves_a_study(assembly: Assembly) -> None:
    assert [] == assembly.refused("m1", moved(assembly))


@pytest.mark.parametrize("matter", ["norm", "norm-recognised", "study"])
def test_a_custodian_moves_norms_only(assembly: Assembly, matter: Matter) -> None:
    assert (["act.signer"] if matter == "study" else []) == assembly.refused("agency", moved(assembly, matter))


@pytest.mark.parametrize("actor", ["watch", "sat", "hub"])
def test_nobody_else_moves(assembly: Assembly, actor: str) -> None:
    """The hub has no vote and moves nothing."""
    assert ["act.signer"] == assembly.refused(actor, moved(assembly))


def test_a_motion_is_open_for_the_least_time_of_its_matter(assembly: Assembly) -> None:
    assert ["motion.too-short"] == assembly.refused("m1", moved(assembly, closes=assembly.time + 59))


def test_nothing_is_moved_before_time_is_told() -> None:
    assembly = Assembly(4, ready=False)
    assembly.accede("m1", "m2", "m3", "m4")
    assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly))


def test_what_is_in_force_is_not_moved_again(assembly: Assembly) -> None:
    assembly.adopt("study", b"{}")
    assert ["act.repeated"] == assembly.refused("m1", moved(assembly))


# Amendment


def test_an_amendment_replaces_what_it_names(assembly: Assembly) -> None:
    old = assembly.adopt("norm", b'{"v":1}')
    motion = queries.standing(assembly.state, "norm")[0].motion
    new = assembly.adopt("norm", b'{"v":2}', replaces=motion)
    assert None is queries.adopted(assembly.state, old, "norm")
    assert [new] == [thing.thing.digest for thing in queries.standing(assembly.state, "norm")]


def test_an_amendment_that_failed_leaves_the_old_in_force(assembly: Assembly) -> None:
    old = assembly.adopt("norm", b'{"v":1}')
    replaced = queries.standing(assembly.state, "norm")[0].motion
    motion = assembly.motion("norm", b'{"v":2}', replaces=replaced)
    assembly.vote(motion, "no")
    assembly.decide(motion)
    assert queries.adopted(assembly.state, old, "norm")


def test_an_amendment_names_an_adopted_motion_of_its_matter_in_force(assembly: Assembly) -> None:
    assembly.adopt("norm", b'{"v":1}')
    norm = queries.standing(assembly.state, "norm")[0].motion
    running = assembly.motion("norm", b'{"v":3}')
    for replaces in (NOWHERE, running, assembly.ref(0)):
        assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly, "norm", replaces=replaces))
    assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly, "study", replaces=norm))
    assert [] == assembly.refused("m1", moved(assembly, "norm", replaces=norm))


def test_of_two_amendments_of_one_thing_only_the_first_is_adopted(assembly: Assembly) -> None:
    """The second was voted on as a change of a text that is in force no more."""
    assembly.adopt("norm", b'{"v":1}')
    norm = queries.standing(assembly.state, "norm")[0].motion
    first = assembly.motion("norm", b'{"v":2}', replaces=norm)
    second = assembly.motion("norm", b'{"v":3}', replaces=norm)
    assembly.vote(first, "yes")
    assembly.vote(second, "yes")
    assembly.decide(second)
    assert ["adopted", "rejected"] == [assembly.state.motions[m.index].outcome for m in (first, second)]
    assert [canon.digest(b'{"v":2}')] == [thing.thing.digest for thing in queries.standing(assembly.state, "norm")]


# Members


def test_a_candidate_is_nobody_who_is_in_and_has_an_id(assembly: Assembly) -> None:
    assert [] == assembly.refused("m1", moved(assembly, "member", name="n1"))
    same = blob(canon.encode(assembly.parties["m1"]))
    assert ["act.repeated"] == assembly.refused("m1", replace(moved(assembly, "member", name="m1"), thing=same))
    for name in ("Not An Id", "hub"):
        assert ["act.malformed"] == assembly.refused("m1", moved(assembly, "member", name=name))


def test_a_founder_that_may_still_accede_is_no_candidate() -> None:
    assembly = Assembly(4, ready=False)
    assembly.accede("m1", "m2", "m3")
    assembly.tick(1_700_000_000)
    assert ["act.repeated"] == assembly.refused("m1", moved(assembly, "member", name="m4"))


def test_a_suspension_names_a_member_by_the_party_that_acceded(assembly: Assembly) -> None:
    thing = blob(canon.encode(assembly.parties["m4"]))
    assert [] == assembly.refused("m1", moved(assembly, "suspension", name="m4", thing=thing))
    assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly, "suspension", name="m3", thing=thing))
    assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly, "suspension", name="n1", thing=thing))


def test_a_motion_about_a_party_replaces_nothing(assembly: Assembly) -> None:
    assembly.adopt("member", party("n1"), name="n1")
    motion = queries.standing(assembly.state, "member")[0].motion
    body = moved(assembly, "member", name="n2", thing=blob(b"n2"), replaces=motion)
    assert ["act.malformed"] == assembly.refused("m1", body)


# Withdrawal, comments, votes


def test_a_mover_takes_its_motion_back_and_nobody_else(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assert ["act.signer"] == assembly.refused("m2", MotionWithdrawn(motion=motion))
    assembly.say("m1", MotionWithdrawn(motion=motion))
    assert "withdrawn" == assembly.state.motions[motion.index].outcome
    assert ["act.closed"] == assembly.refused("m1", MotionWithdrawn(motion=motion))
    assert ["act.closed"] == assembly.refused("m2", Vote(motion=motion, choice="yes"))
    assembly.tick(assembly.time + 1000)
    assert not assembly.state.in_force


@pytest.mark.parametrize("actor", ["m1", "agency", "watch", "sat"])
def test_every_actor_comments(assembly: Assembly, actor: str) -> None:
    motion = assembly.motion("study", b"{}")
    assert [] == assembly.refused(actor, Comment(motion=motion, text=blob(b"well"), language="pt-BR"))


def test_the_hub_has_no_comment(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assert ["act.signer"] == assembly.refused("hub", Comment(motion=motion, text=blob(b"well"), language="en"))


def test_a_comment_is_on_an_open_motion_in_some_language(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assert ["act.unknown-thing"] == assembly.refused("m1", Comment(motion=NOWHERE, text=blob(b""), language="en"))
    assert ["act.malformed"] == assembly.refused("m1", Comment(motion=motion, text=blob(b""), language="English!"))
    assembly.vote(motion, "yes")
    assembly.decide(motion)
    assert ["act.closed"] == assembly.refused("m1", Comment(motion=motion, text=blob(b""), language="en"))


@pytest.mark.parametrize("actor", ["agency", "watch", "sat", "hub"])
def test_only_members_vote(assembly: Assembly, actor: str) -> None:
    motion = assembly.motion("study", b"{}")
    assert [] == assembly.refused("m1", Vote(motion=motion, choice="yes"))
    assert ["act.signer"] == assembly.refused(actor, Vote(motion=motion, choice="yes"))


@pytest.mark.parametrize("again", ["yes", "no", "abstain"])
def test_a_member_votes_once(assembly: Assembly, again: Choice) -> None:
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "yes", "m1")
    assembly.say("m2", Comment(motion=motion, text=blob(b"well"), language="en"))
    assert ["act.repeated"] == assembly.refused("m1", Vote(motion=motion, choice=again))


def test_nobody_votes_after_the_motion_is_closed(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    assembly.decide(motion)
    assert ["act.closed"] == assembly.refused("m4", Vote(motion=motion, choice="no"))


@pytest.mark.parametrize("wrong", [NOWHERE, Ref(index=0, digest=canon.digest(b""))])
def test_a_vote_is_on_a_motion_of_this_log(assembly: Assembly, wrong: Ref) -> None:
    assert ["act.unknown-thing"] == assembly.refused("m1", Vote(motion=wrong, choice="yes"))


def test_a_reference_must_give_index_and_digest_of_one_leaf(assembly: Assembly) -> None:
    motion, other = assembly.motion("study", b"{}"), assembly.motion("study", b"[]")
    for wrong in (replace(motion, index=other.index), replace(motion, digest=other.digest)):
        assert ["act.unknown-thing"] == assembly.refused("m1", Vote(motion=wrong, choice="yes"))


def test_keys_of_the_builder_are_those_it_says() -> None:
    """The tests above sign by default with the actor's own key."""
    assert signer("m1", "sign").public == party("m1").keys.sign


# Drafts amended by their mover


def test_a_mover_amends_its_own_open_draft_which_ends_at_once(assembly: Assembly) -> None:
    """Votes and comments stay with the old text, and count nowhere else."""
    draft = assembly.motion("study", b"{}")
    assembly.vote(draft, "yes", "m1", "m2", "m3")
    better = assembly.motion("study", b"[]", amends=draft)
    old, new = (assembly.state.motions[ref.index] for ref in (draft, better))
    assert ("amended", None, {"m1": "yes", "m2": "yes", "m3": "yes"}) == (old.outcome, old.tick, old.votes)
    assert ("open", {}) == (new.outcome, new.votes)
    assert (draft.index, better.index) == assembly.state.pending, "until a tick holds the end of the draft"
    assembly.tick()
    assert (better.index,) == assembly.state.pending
    assert ["act.closed"] == assembly.refused("m4", Vote(motion=draft, choice="no"))
    assembly.decide(better)
    assert "rejected" == assembly.state.motions[better.index].outcome
    assert not assembly.state.in_force


def test_nobody_amends_anothers_draft_or_one_that_is_over_or_on_another_matter(assembly: Assembly) -> None:
    draft = assembly.motion("study", b"[]")
    assert [] == assembly.refused("m1", moved(assembly, amends=draft))
    assert ["act.signer"] == assembly.refused("m2", moved(assembly, amends=draft))
    assert ["act.malformed"] == assembly.refused("m1", moved(assembly, "norm", amends=draft))
    assert ["act.unknown-thing"] == assembly.refused("m1", moved(assembly, amends=NOWHERE))
    assembly.say("m1", MotionWithdrawn(motion=draft))
    assert ["act.closed"] == assembly.refused("m1", moved(assembly, amends=draft))


@pytest.mark.parametrize("what", ["starts", "review"])
@pytest.mark.parametrize("matter", ["member", "suspension"])
def test_who_is_in_or_out_has_no_date(assembly: Assembly, matter: Matter, what: str) -> None:
    party_ = assembly.parties["m4"] if matter == "suspension" else party("n1")
    body = moved(assembly, matter, name=party_.id, thing=blob(canon.encode(party_)))
    assert [] == assembly.refused("m1", body)
    assert ["act.malformed"] == assembly.refused("m1", replace(body, **{what: assembly.time + 900}))


def test_a_hub_has_a_date_from_which_it_takes_over_and_no_review(assembly: Assembly) -> None:
    terms = Terms(hub=host_of("second"))
    thing = blob(canon.encode(terms))
    body = moved(assembly, "hub", thing=thing, terms=terms, starts=assembly.time + 900)
    assert [] == assembly.refused("m1", body)
    assert ["act.malformed"] == assembly.refused("m1", replace(body, review=assembly.time + 9000))


def test_a_review_lies_behind_the_decision_and_behind_the_start(assembly: Assembly) -> None:
    closes = assembly.time + 60
    for starts, review in ((None, closes), (closes + 9, closes + 9)):
        assert ["act.malformed"] == assembly.refused("m1", moved(assembly, starts=starts, review=review))
    assert [] == assembly.refused("m1", moved(assembly, starts=closes + 9, review=closes + 10))
    assert ["act.malformed"] == assembly.refused("m1", moved(assembly, starts=-1))


# Consultation: 100 seconds of comments, then votes, 300 in all


@pytest.fixture
def consulting() -> Assembly:
    rule = replace(MAJORITY, seconds=300, consultation=100)
    return Assembly(4, others=[party("agency", role="custodian")], rules={"norm": rule})


def test_votes_begin_when_the_consultation_is_over_and_comments_end(consulting: Assembly) -> None:
    motion = consulting.motion("norm", b"{}")
    vote = Vote(motion=motion, choice="yes")
    remark = Comment(motion=motion, text=blob(b"well"), language="en")
    assert (["motion.consultation"], []) == (consulting.refused("m1", vote), consulting.refused("m1", remark))
    consulting.tick()
    opened = consulting.time
    consulting.tick(opened + 99)
    assert (["motion.consultation"], []) == (consulting.refused("m1", vote), consulting.refused("m1", remark))
    consulting.tick(opened + 100)
    assert ([], ["motion.consulted"]) == (consulting.refused("m1", vote), consulting.refused("m1", remark))


def test_the_mover_alone_answers_each_comment_once_while_the_motion_is_open(consulting: Assembly) -> None:
    motion = consulting.motion("norm", b"{}", mover="agency")
    remark = consulting.comment(motion, "m2")
    answer = CommentAnswered(comment=remark, answer="taken", text=blob(b"yes"), language="en")
    assert ["act.signer"] == consulting.refused("m1", answer)
    assert ["act.unknown-thing"] == consulting.refused("agency", replace(answer, comment=motion))
    assert ["act.malformed"] == consulting.refused("agency", replace(answer, language="English!"))
    consulting.say("agency", answer)
    assert {remark.index: consulting.state.size - 1} == consulting.state.motions[motion.index].answers
    assert ["act.repeated"] == consulting.refused("agency", replace(answer, answer="noted"))
    other = consulting.comment(motion, "m3")
    consulting.decide(motion)
    assert ["act.closed"] == consulting.refused("agency", replace(answer, comment=other))


@pytest.mark.parametrize(("replies", "outcome", "hindrance"), [(2, "adopted", None), (1, "rejected", "unanswered")])
def test_a_motion_with_a_comment_that_has_no_answer_is_rejected(
    consulting: Assembly, replies: int, outcome: str, hindrance: str | None
) -> None:
    motion = consulting.motion("norm", b"{}")
    remarks = [consulting.comment(motion, "m2"), consulting.comment(motion, "m3")]
    consulting.consult(motion)
    consulting.vote(motion, "yes")
    for remark in remarks[:replies]:
        consulting.reply(remark)
    consulting.decide(motion)
    facts = consulting.state.motions[motion.index]
    assert (outcome, hindrance) == (facts.outcome, facts.hindrance)


def test_without_a_consultation_no_answer_is_owed(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assembly.comment(motion, "m2")
    assembly.vote(motion, "yes")
    assembly.decide(motion)
    assert "adopted" == assembly.state.motions[motion.index].outcome


def test_an_actor_comments_thirty_two_times_on_a_motion_and_others_still_may(assembly: Assembly) -> None:
    motion, other = assembly.motion("study", b"{}"), assembly.motion("norm", b"{}")
    for time in range(32):
        assembly.comment(motion, "watch", b"remark %d" % time)
    more = Comment(motion=motion, text=blob(b"more"), language="en")
    assert ["motion.too-many-comments"] == assembly.refused("watch", more)
    assert [] == assembly.refused("watch", replace(more, motion=other))
    assert [] == assembly.refused("m1", more)


# The office that hosts the hub


@pytest.mark.parametrize(("matter", "refused"), [("norm", ["vote.recused"]), ("study", [])])
def test_the_hosts_office_has_no_vote_where_the_charter_recuses_it(matter: Matter, refused: list[str]) -> None:
    charter = replace(charter_of([party(f"m{i}") for i in range(1, 5)]), host="m2", recused=("hub", "norm"))
    assembly = Assembly(charter=charter)
    motion = assembly.motion(matter, b"{}")
    assert refused == assembly.refused("m2", Vote(motion=motion, choice="no"))
    assert [] == assembly.refused("m3", Vote(motion=motion, choice="no"))
    assert (3 if refused else 4) == queries.tally(assembly.state, assembly.state.motions[motion.index]).total
