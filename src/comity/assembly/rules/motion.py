"""The motion family: who moves what, who comments, who answers, who votes. What follows is decided by `rules.tick`.

A motion about charter rules, an office, the hub or the witnesses holds what it is about (`terms`). The thing of a
motion about a member or a suspension is the canonical JSON of its `Party`; the motion's name is then the party's id.
Where the charter's rule asks for a consultation, comments are taken during it and votes behind it. A motion's times
are those of the rule under which it was moved; all else is asked of the charter as the deciding tick finds it.

Floods are bounded: an actor has `MOST_OPEN` motions at a time, and `MOST_COMMENTS` comments on each. A motion that its
mover ended gives its place back with the first tick that holds the end.
"""

from dataclasses import replace
from typing import Any, Final, Literal

from comity import canon
from comity.acts.charter import MOST_SECONDS, NORMS
from comity.acts.motion import Comment, CommentAnswered, Motion, MotionWithdrawn, Vote
from comity.assembly import tally, terms
from comity.assembly.facts import MotionFacts
from comity.assembly.rules.rule import EVERYONE, MEMBERS, Entry, Rule, by_actor, found, no, untagged
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of
from comity.errors import FormatError
from comity.model.member import member_id
from comity.model.reason import Reason

DATED: Final = frozenset({*NORMS, "study"})  # what is looked at again on a date
REPLACED: Final = DATED | {"hub"}  # what stands in force from a date on, until a newer decision takes its place
MOST_OPEN: Final = 32  # motions of one actor
MOST_COMMENTS: Final = 32  # of one actor on one motion


def against_motion(state: State, entry: Entry[Motion]) -> list[Reason]:
    """No right to move it, no time to vote on it, a thing in force already, or terms that cannot be."""
    motion = entry.body
    reasons = []
    role = state.actors[entry.actor].party.role
    if role != "member" and not (role == "custodian" and motion.matter in NORMS):
        reasons.append(no("act.signer", role=role))
    if (motion.matter, motion.thing.digest) in state.in_force:
        reasons.append(no("act.repeated"))
    if sum(state.motions[index].mover == entry.actor for index in state.pending) >= MOST_OPEN:
        reasons.append(no("motion.too-many", most=str(MOST_OPEN)))
    return [
        *reasons,
        *_against_dates(state, motion),
        *_against_place(state, motion),
        *_against_amends(state, entry),
        *_against_party(state, motion),
        *terms.against(state, motion),
    ]


def move(state: State, entry: Entry[Motion]) -> State:
    """The motion is open; a draft that it amends is so no more."""
    body, rule = entry.body, charter_of(state).rules[entry.body.matter]
    facts = MotionFacts(
        ref=entry.ref,
        mover=entry.actor,
        matter=body.matter,
        thing=body.thing,
        name=body.name,
        replaces=body.replaces,
        closes=body.closes,
        amends=body.amends,
        starts=body.starts,
        review=body.review,
        terms=body.terms,
        consultation=rule.consultation,
        seconds=rule.seconds,
    )
    if body.amends is not None:
        state = _end(state, body.amends.index, entry.ref.index, "amended")
    return _with(state.having(pending=(*state.pending, entry.ref.index)), facts)


def against_withdrawn(state: State, entry: Entry[MotionWithdrawn]) -> list[Reason]:
    """Another's motion, or one that is open no more."""
    motion = found(state.motions, entry.body.motion, state.digests)
    reasons = _against_open(motion)
    if motion is not None and motion.mover != entry.actor:
        reasons.append(no("act.signer", mover=motion.mover))
    return reasons


def withdraw(state: State, entry: Entry[MotionWithdrawn]) -> State:
    """The motion is gone without a decision, unless its time had come by a checkpoint that does not hold this."""
    return _end(state, entry.body.motion.index, entry.ref.index, "withdrawn")


def against_comment(state: State, entry: Entry[Comment]) -> list[Reason]:
    """No open motion, a consultation that is over, more comments than one has, or no language tag."""
    motion = found(state.motions, entry.body.motion, state.digests)
    reasons = _against_open(motion)
    if motion is not None:
        if motion.called is not None:
            reasons.append(no("motion.consulted"))
        if motion.spoke.get(entry.actor, 0) >= MOST_COMMENTS:
            reasons.append(no("motion.too-many-comments", most=str(MOST_COMMENTS)))
    return reasons + untagged(entry.body.language)


def comment(state: State, entry: Entry[Comment]) -> State:
    """One remark more."""
    motion, index = state.motions[entry.body.motion.index], entry.ref.index
    spoke = motion.spoke.set(entry.actor, motion.spoke.get(entry.actor, 0) + 1)
    heard = replace(motion, comments=motion.comments.set(index, entry.actor), spoke=spoke)
    return _with(state.having(remarks=state.remarks.set(index, motion.ref.index)), heard)


def against_answered(state: State, entry: Entry[CommentAnswered]) -> list[Reason]:
    """No comment on an open motion of the actor's own, a second answer, or no language tag."""
    place = found(state.remarks, entry.body.comment, state.digests)
    if place is None:
        return [no("act.unknown-thing", what="comment")]
    motion = state.motions[place]
    reasons = _against_open(motion) + untagged(entry.body.language)
    if motion.mover != entry.actor:
        reasons.append(no("act.signer", mover=motion.mover))
    if entry.body.comment.index in motion.answers:
        reasons.append(no("act.repeated"))
    return reasons


def answer(state: State, entry: Entry[CommentAnswered]) -> State:
    """One comment more has its answer."""
    comment = entry.body.comment.index
    motion = state.motions[state.remarks[comment]]
    return _with(state, replace(motion, answers=motion.answers.set(comment, entry.ref.index)))


def against_vote(state: State, entry: Entry[Vote]) -> list[Reason]:
    """No open motion, one that is still in consultation, no vote on its matter, or a second vote."""
    motion = found(state.motions, entry.body.motion, state.digests)
    reasons = _against_open(motion)
    if motion is None:
        return reasons
    ends = consults_until(motion)
    if motion.consultation and motion.called is None:
        reasons.append(no("motion.consultation", **({} if ends is None else {"ends": str(ends)})))
    if entry.actor == tally.recused(charter_of(state), motion.matter):
        reasons.append(no("vote.recused"))
    if entry.actor in motion.votes:
        reasons.append(no("act.repeated"))
    return reasons


def vote(state: State, entry: Entry[Vote]) -> State:
    """One vote more."""
    motion = state.motions[entry.body.motion.index]
    cast = motion.cast.set(entry.actor, entry.ref.index)
    return _with(state, replace(motion, votes=motion.votes.set(entry.actor, entry.body.choice), cast=cast))


def consults_until(motion: MotionFacts) -> int | None:
    """POSIX seconds at which its consultation is over; None before a tick holds it: it has not begun."""
    return None if motion.opened is None else motion.opened + motion.consultation


def closing(motion: MotionFacts) -> int | None:
    """POSIX seconds at which a tick decides a motion; None while its time has not begun, or its votes have not.

    `closes` has come; the least time has passed since the first tick that held the motion; and of that what lies behind
    the consultation has passed since the first tick that held the one by which the votes began. So a late tick, or one
    held back, takes from nobody the time to vote.
    """
    if motion.opened is None or (motion.consultation and motion.consulted is None):
        return None
    begun = motion.opened if motion.consulted is None else motion.consulted - motion.consultation
    return max(motion.closes, motion.opened + motion.seconds, begun + motion.seconds)


def _against_open(motion: MotionFacts | None) -> list[Reason]:
    if motion is None:
        return [no("act.unknown-thing", what="motion")]
    return [] if motion.outcome == "open" else [no("act.closed", what="motion", outcome=motion.outcome)]


def _against_dates(state: State, motion: Motion) -> list[Reason]:
    """No time told yet, too little time to vote, or dates of a thing that has none, or before it is decided."""
    reasons = []
    if state.time == 0:
        reasons.append(no("act.unknown-thing", what="tick"))
    else:
        earliest = state.time + charter_of(state).rules[motion.matter].seconds
        if motion.closes < earliest:
            reasons.append(no("motion.too-short", earliest=str(earliest)))
    until = motion.terms.office.until if motion.terms and motion.terms.office else None
    dates = {"closes": motion.closes, "starts": motion.starts, "review": motion.review, "until": until}
    far = [what for what, date in dates.items() if date is not None and date > state.time + MOST_SECONDS]
    reasons += [no("motion.too-far", what=what) for what in far]
    for what, matters in (("starts", REPLACED), ("review", DATED)):
        date = getattr(motion, what)
        if date is not None and (motion.matter not in matters or date < 0):
            reasons.append(no("act.malformed", what=what))
    if motion.review is not None and motion.review <= max(motion.closes, motion.starts or 0):
        reasons.append(no("act.malformed", what="review"))
    return reasons


def _against_place(state: State, motion: Motion) -> list[Reason]:
    """It replaces what is not in force, is replaced already, or is of a matter of which nothing stands in force."""
    if motion.replaces is None:
        return []
    if motion.matter not in REPLACED:
        return [no("act.malformed", what="replaces")]
    return [] if _is_in_force(state, motion) else [no("act.unknown-thing", what="replaces")]


def _against_amends(state: State, entry: Entry[Motion]) -> list[Reason]:
    """It amends no open motion, another's, or one on another matter."""
    if entry.body.amends is None:
        return []
    draft = found(state.motions, entry.body.amends, state.digests)
    reasons = _against_open(draft)
    if draft is not None and draft.mover != entry.actor:
        reasons.append(no("act.signer", mover=draft.mover))
    if draft is not None and draft.matter != entry.body.matter:
        reasons.append(no("act.malformed", what="amends"))
    return reasons


def _is_in_force(state: State, motion: Motion) -> bool:
    """Whether the motion that this one replaces brought a thing of the same matter into force, and it still is."""
    old = found(state.motions, motion.replaces, state.digests) if motion.replaces else None
    standing = state.in_force.get((old.matter, old.thing.digest)) if old else None
    if old is None or standing is None or standing.until is not None:
        return False
    return standing.motion == old.ref and old.matter == motion.matter


def _against_party(state: State, motion: Motion) -> list[Reason]:
    """Who is admitted is not in as this party already; who is suspended is in, as the party that acceded.

    One who is in may be agreed on as another party: a candidate as a member, or anyone under new keys, to recover.
    """
    if motion.matter not in ("member", "suspension"):
        return []
    actor = state.actors.get(motion.name)
    here = actor is not None and actor.until is None
    if motion.matter == "suspension":
        is_party = actor is not None and here and canon.digest(canon.encode(actor.party)) == motion.thing.digest
        return [] if is_party else [no("act.unknown-thing", what="member")]
    try:
        member_id(motion.name)
    except FormatError:
        return [no("act.malformed", what="name")]
    same = actor is not None and here and canon.digest(canon.encode(actor.party)) == motion.thing.digest
    return [no("act.repeated")] if same or motion.name in state.candidates else []


def _end(state: State, index: int, leaf: int, outcome: Literal["withdrawn", "amended"]) -> State:
    """The mover's own end of a motion. It waits for a tick that holds this leaf: an earlier one may yet decide it."""
    return _with(state, replace(state.motions[index], outcome=outcome, ended=leaf))


def _with(state: State, motion: MotionFacts) -> State:
    return state.having(motions=state.motions.set(motion.ref.index, motion))


RULES: dict[type[Any], Rule] = {
    Motion: Rule(signer=by_actor, roles=frozenset({"member", "custodian"}), against=against_motion, effect=move),
    MotionWithdrawn: Rule(
        signer=by_actor, roles=frozenset({"member", "custodian"}), against=against_withdrawn, effect=withdraw
    ),
    CommentAnswered: Rule(
        signer=by_actor, roles=frozenset({"member", "custodian"}), against=against_answered, effect=answer
    ),
    Comment: Rule(signer=by_actor, roles=EVERYONE, against=against_comment, effect=comment),
    Vote: Rule(signer=by_actor, roles=MEMBERS, against=against_vote, effect=vote),
}
