"""The tick: the one clock, and all that follows from time. Worthless without the witnesses' quorum.

Time is the median of the quorum's cosignature times. A tick decides every open motion whose time is over: `closes`
has come, and the charter's least time has passed since the first tick that held the motion.
"""

from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from typing import Any

from comity import canon
from comity.acts.charter import Rule as Ballot
from comity.acts.tick import Tick
from comity.assembly import tally, witnesses
from comity.assembly.rules import estimate
from comity.assembly.rules.rule import Entry, Rule, by_hub, no
from comity.assembly.state import InForce, MotionFacts, State
from comity.errors import FormatError, NotVerified, QuorumShort
from comity.model.reason import Reason
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy


def against_tick(state: State, entry: Entry[Tick]) -> list[Reason]:
    """Not a checkpoint of this log at a size it had, not cosigned, or older than the last tick."""
    try:
        checkpoint = Checkpoint.of(Note.parse(entry.body.checkpoint))
    except FormatError:
        return [no("act.malformed", what="checkpoint")]
    if state.charter is None or checkpoint.origin != state.charter.origin:
        return [no("act.origin", origin=checkpoint.origin)]
    if state.roots.get(checkpoint.size) != _digest(checkpoint.root):
        return [no("act.head", size=str(checkpoint.size))]
    try:
        time = _cosigned(entry.body.checkpoint, witnesses.policy(state)).time
    except QuorumShort:
        return [no("tick.quorum")]
    except NotVerified:
        return [no("act.signature", what="checkpoint")]
    return [] if checkpoint.size > state.ticked and time >= max(state.time, 1) else [no("tick.backwards")]


def tick(state: State, entry: Entry[Tick]) -> State:
    """The time is told; motions whose time is over are decided, in order, by the members of this moment."""
    cosigned = _cosigned(entry.body.checkpoint, witnesses.policy(state))
    size, members = cosigned.checkpoint.size, state.members
    state = estimate.told(_told(state, cosigned.time).having(ticked=size), size)
    for index in state.pending:
        motion = state.motions[index]
        if motion.opened is None and index < size:
            motion = replace(motion, opened=cosigned.time)
            state = state.having(motions=state.motions.set(index, motion))
        ends = closing(state, motion)
        if ends is not None and cosigned.time >= ends:
            adopted = tally.adopts(_rule(state, motion), tally.count(motion.votes, members))
            state = _decide(state, motion, entry.ref.index, adopted=adopted)
    return state


def _told(state: State, time: int) -> State:
    """The time is this; deadlines that have come wait no more, and what a newer version has replaced by now is gone."""
    passed = bisect_right(state.deadlines, time)
    if not passed:
        return state.having(time=time)
    in_force = {digest: thing for digest, thing in state.in_force.items() if thing.until is None or time < thing.until}
    return state.having(time=time, deadlines=state.deadlines[passed:], in_force=in_force)


def closing(state: State, motion: MotionFacts) -> int | None:
    """POSIX seconds at which a tick decides an open motion; None before a tick holds it: its time has not begun."""
    if motion.opened is None:
        return None
    return max(motion.closes, motion.opened + _rule(state, motion).seconds)


def _rule(state: State, motion: MotionFacts) -> Ballot:
    return witnesses.charter_of(state).rules[motion.matter]


def _decide(state: State, motion: MotionFacts, index: int, *, adopted: bool) -> State:
    """The outcome, and what an adopted motion changes.

    An amendment of what another amendment has replaced meanwhile is rejected: it was voted on as a change of a text
    that is in force no more.
    """
    old = state.motions[motion.replaces.index] if motion.replaces else None
    if old is not None and old.thing.digest not in state.in_force:
        adopted = False
    decided = replace(motion, outcome="adopted" if adopted else "rejected", tick=index)
    pending = tuple(index for index in state.pending if index != motion.ref.index)
    state = state.having(motions=state.motions.set(motion.ref.index, decided), pending=pending)
    if not adopted:
        return state
    if motion.matter == "suspension":
        return _suspend(state, motion, index)
    gone = old.thing.digest if old else None
    in_force = {digest: thing for digest, thing in state.in_force.items() if digest != gone}
    thing = InForce(
        matter=motion.matter,
        thing=motion.thing,
        name=motion.name,
        motion=motion.ref,
        tick=index,
        time=state.time,
        starts=state.time,
    )
    return replace(state, in_force={motion.thing.digest: thing} | in_force)


def _suspend(state: State, motion: MotionFacts, index: int) -> State:
    """The member is out from this tick on, unless it left before."""
    actor = state.actors[motion.name]
    same = canon.digest(canon.encode(actor.party)) == motion.thing.digest
    if actor.until is not None or not same:
        return state
    return replace(state, actors={**state.actors, motion.name: replace(actor, until=index)})


@lru_cache(maxsize=16)
def _cosigned(text: str, policy: Policy) -> Cosigned:
    """Who cosigned, checked once: `against_tick` and `tick` ask the same."""
    return policy.check(Note.parse(text))


def _digest(root: bytes) -> str:
    """A root as heads name it."""
    return "sha256:" + root.hex()


RULES: dict[type[Any], Rule] = {Tick: Rule(signer=by_hub, roles=None, against=against_tick, effect=tick)}
