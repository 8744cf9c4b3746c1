"""The motion family: who moves what, who comments, who votes. What follows from the votes is decided by `rules.tick`.

Motions about charter rules, offices, the hub and the witnesses are refused: nothing would follow from their adoption
yet, and a decision without effect must not look like one. The thing of a motion about a member or a suspension is the
canonical JSON of its `Party`; the motion's name is then the party's id.
"""

import re
from dataclasses import replace
from typing import Any, Final

from comity import canon
from comity.acts.motion import Comment, Motion, MotionWithdrawn, Vote
from comity.assembly.rules.rule import EVERYONE, MEMBERS, Entry, Rule, by_actor, found, no
from comity.assembly.state import MotionFacts, State
from comity.errors import FormatError
from comity.model.member import member_id
from comity.model.reason import Reason

EFFECTIVE: Final = frozenset({"norm", "norm-recognised", "study", "member", "suspension"})
NORMS: Final = frozenset({"norm", "norm-recognised"})
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, its form only


def against_motion(state: State, entry: Entry[Motion]) -> list[Reason]:
    """A matter without effect, no right to move it, no time to vote on it, or a thing that is in force already."""
    motion = entry.body
    if motion.matter not in EFFECTIVE:
        return [no("act.kind", matter=motion.matter)]
    reasons = []
    role = state.actors[entry.actor].party.role
    if role != "member" and not (role == "custodian" and motion.matter in NORMS):
        reasons.append(no("act.signer", role=role))
    if state.time == 0:
        reasons.append(no("act.unknown-thing", what="tick"))
    elif state.charter and motion.closes < state.time + state.charter.rules[motion.matter].seconds:
        earliest = state.time + state.charter.rules[motion.matter].seconds
        reasons.append(no("motion.too-short", earliest=str(earliest)))
    if motion.thing.digest in state.in_force:
        reasons.append(no("act.repeated"))
    if motion.replaces is not None and not _is_in_force(state, motion):
        reasons.append(no("act.unknown-thing", what="replaces"))
    return reasons + _against_party(state, motion)


def move(state: State, entry: Entry[Motion]) -> State:
    """The motion is open."""
    body = entry.body
    facts = MotionFacts(
        ref=entry.ref,
        mover=entry.actor,
        matter=body.matter,
        thing=body.thing,
        name=body.name,
        replaces=body.replaces,
        closes=body.closes,
    )
    return _with(state.having(pending=(*state.pending, entry.ref.index)), facts)


def against_withdrawn(state: State, entry: Entry[MotionWithdrawn]) -> list[Reason]:
    """Another's motion, or one that is open no more."""
    motion = found(state.motions, entry.body.motion, state.digests)
    reasons = _against_open(motion)
    if motion is not None and motion.mover != entry.actor:
        reasons.append(no("act.signer", mover=motion.mover))
    return reasons


def withdraw(state: State, entry: Entry[MotionWithdrawn]) -> State:
    """The motion is gone without a decision."""
    index = entry.body.motion.index
    state = state.having(pending=tuple(other for other in state.pending if other != index))
    return _with(state, replace(state.motions[index], outcome="withdrawn"))


def against_comment(state: State, entry: Entry[Comment]) -> list[Reason]:
    """No open motion, or no language tag."""
    reasons = _against_open(found(state.motions, entry.body.motion, state.digests))
    return reasons if _LANGUAGE.fullmatch(entry.body.language) else [*reasons, no("act.malformed", what="language")]


def comment(state: State, entry: Entry[Comment]) -> State:
    """One remark more."""
    motion = state.motions[entry.body.motion.index]
    return _with(state, replace(motion, comments=motion.comments.set(entry.ref.index, entry.actor)))


def against_vote(state: State, entry: Entry[Vote]) -> list[Reason]:
    """No open motion, or a second vote."""
    motion = found(state.motions, entry.body.motion, state.digests)
    reasons = _against_open(motion)
    if motion is not None and entry.actor in motion.votes:
        reasons.append(no("act.repeated"))
    return reasons


def vote(state: State, entry: Entry[Vote]) -> State:
    """One vote more."""
    motion = state.motions[entry.body.motion.index]
    return _with(state, replace(motion, votes=motion.votes.set(entry.actor, entry.body.choice)))


def _against_open(motion: MotionFacts | None) -> list[Reason]:
    """It must be a motion, and open."""
    if motion is None:
        return [no("act.unknown-thing", what="motion")]
    return [] if motion.outcome == "open" else [no("act.closed", outcome=motion.outcome)]


def _is_in_force(state: State, motion: Motion) -> bool:
    """Whether the motion that this one replaces brought a thing of the same matter into force, and it still is."""
    old = found(state.motions, motion.replaces, state.digests) if motion.replaces else None
    standing = state.in_force.get(old.thing.digest) if old else None
    return old is not None and standing is not None and standing.motion == old.ref and old.matter == motion.matter


def _against_party(state: State, motion: Motion) -> list[Reason]:
    """A candidate must be nobody who is in; a suspension must name one who is, by the party that acceded."""
    if motion.matter not in ("member", "suspension"):
        return []
    if motion.replaces is not None:
        return [no("act.malformed", what="replaces")]
    actor = state.actors.get(motion.name)
    here = actor is not None and actor.until is None
    if motion.matter == "suspension":
        is_party = actor is not None and here and canon.digest(canon.encode(actor.party)) == motion.thing.digest
        return [] if is_party else [no("act.unknown-thing", what="member")]
    try:
        member_id(motion.name)
    except FormatError:
        return [no("act.malformed", what="name")]
    return [no("act.repeated")] if here or motion.name in state.candidates else []


def _with(state: State, motion: MotionFacts) -> State:
    return state.having(motions=state.motions.set(motion.ref.index, motion))


RULES: dict[type[Any], Rule] = {
    Motion: Rule(signer=by_actor, roles=frozenset({"member", "custodian"}), against=against_motion, effect=move),
    MotionWithdrawn: Rule(
        signer=by_actor, roles=frozenset({"member", "custodian"}), against=against_withdrawn, effect=withdraw
    ),
    Comment: Rule(signer=by_actor, roles=EVERYONE, against=against_comment, effect=comment),
    Vote: Rule(signer=by_actor, roles=MEMBERS, against=against_vote, effect=vote),
}
