"""The tick: the one clock, and all that follows from time. Worthless without the witnesses' quorum.

Time is the median of the quorum's cosignature times. A tick decides every open motion whose time is over: `closes`
has come, and the charter's least time has passed since the first tick that held the motion. All are decided by the
charter and the members that the tick finds. What is adopted is in force from its date on, or from the tick if it has
none or that has passed; what it replaces is in force until then.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from comity import canon
from comity.acts.charter import Charter
from comity.acts.refs import Ref
from comity.acts.tick import Tick
from comity.assembly import tally, terms, witnesses
from comity.assembly.facts import InForce, MotionFacts
from comity.assembly.rules import audit, estimate
from comity.assembly.rules.rule import Entry, Rule, by_hub, no, wait
from comity.assembly.state import State
from comity.errors import FormatError, NotVerified, QuorumShort
from comity.model.reason import Reason
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy

Hindrance = Literal["overtaken", "unanswered", "terms"]


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
    size, charter, members = cosigned.checkpoint.size, witnesses.charter_of(state), state.members
    since, state = state.ticked, _told(state, cosigned.time).having(ticked=size)
    state = audit.told(estimate.told(state, since, size), since, size)
    for index in state.pending:
        motion = state.motions[index]
        if motion.opened is None and index < size:
            motion = replace(motion, opened=cosigned.time)
            state = state.having(motions=state.motions.set(index, motion))
        ends = _closing(charter, motion)
        if ends is not None and cosigned.time >= ends:
            carried = tally.adopts(charter.rules[motion.matter], tally.tally(charter, motion, members))
            state = _decide(state, motion, entry.ref.index, charter, carried=carried)
    return state


def _told(state: State, time: int) -> State:
    """The time is this; deadlines that have come wait no more, and what a newer version has replaced by now is gone."""
    deadlines = state.deadlines.after(time)
    if deadlines is state.deadlines:
        return state.having(time=time)
    in_force = {digest: thing for digest, thing in state.in_force.items() if thing.until is None or time < thing.until}
    return state.having(time=time, deadlines=deadlines, in_force=in_force)


def closing(state: State, motion: MotionFacts) -> int | None:
    """POSIX seconds at which a tick decides an open motion; None before a tick holds it: its time has not begun."""
    return _closing(witnesses.charter_of(state), motion)


def _closing(charter: Charter, motion: MotionFacts) -> int | None:
    if motion.opened is None:
        return None
    return max(motion.closes, motion.opened + charter.rules[motion.matter].seconds)


def _decide(state: State, motion: MotionFacts, index: int, charter: Charter, *, carried: bool) -> State:
    """The outcome, and what an adopted motion changes; what the votes carry may be hindered all the same."""
    hindrance = _hindrance(state, motion, charter) if carried else None
    after: State | None = state
    if carried and hindrance is None and motion.matter in terms.FIELDS:
        after = terms.apply(state, motion, index)
        hindrance = "terms" if after is None else None
    adopted = carried and hindrance is None
    decided = replace(motion, outcome="adopted" if adopted else "rejected", tick=index, hindrance=hindrance)
    state = after if adopted and after is not None else state
    pending = tuple(other for other in state.pending if other != motion.ref.index)
    state = state.having(motions=state.motions.set(motion.ref.index, decided), pending=pending)
    return _enact(state, motion, index) if adopted else state


def _hindrance(state: State, motion: MotionFacts, charter: Charter) -> Hindrance | None:
    """Why a motion that the votes carry is not adopted, its terms left aside.

    What another motion has replaced meanwhile is changed no more, and what another adopted and a third replaced is not
    brought back: the members voted on a text in another place. After a consultation every comment has its answer.
    """
    standing = state.in_force.get(motion.thing.digest)
    if standing is not None and standing.until is not None:
        return "overtaken"
    if motion.replaces is not None and _replaced(state, motion.replaces) is None:
        return "overtaken"
    is_owed = charter.rules[motion.matter].consultation > 0
    return "unanswered" if is_owed and len(motion.answers) < len(motion.comments) else None


def _replaced(state: State, ref: Ref) -> InForce | None:
    """What a motion brought into force, if that stands and nothing is decided to take its place."""
    thing = state.in_force.get(state.motions[ref.index].thing.digest)
    return thing if thing is not None and thing.motion == ref and thing.until is None else None


def _enact(state: State, motion: MotionFacts, index: int) -> State:
    """What is adopted stands in force from its date on, and what it replaces until then.

    Of the charter's rules, offices and witnesses nothing stands in force: the charter as it stands says it.
    """
    if motion.matter == "suspension":
        return _suspend(state, motion, index)
    if motion.matter in ("charter", "office", "witnesses"):
        return state
    old = _replaced(state, motion.replaces) if motion.replaces else None
    starts = max(motion.starts or 0, state.time, old.starts if old else 0)
    in_force = dict(state.in_force)
    if old is not None and starts > state.time:
        in_force[old.thing.digest] = replace(old, until=starts)
    elif old is not None:
        del in_force[old.thing.digest]
    thing = InForce(
        matter=motion.matter,
        thing=motion.thing,
        name=motion.name,
        motion=motion.ref,
        tick=index,
        time=state.time,
        starts=starts,
        review=motion.review,
    )
    in_force.setdefault(motion.thing.digest, thing)
    return wait(state.having(in_force=in_force), starts)


def _suspend(state: State, motion: MotionFacts, index: int) -> State:
    """The member is out from this tick on, unless it left before."""
    actor = state.actors[motion.name]
    same = canon.digest(canon.encode(actor.party)) == motion.thing.digest
    if actor.until is not None or not same:
        return state
    return state.having(actors={**state.actors, motion.name: replace(actor, until=index)})


@lru_cache(maxsize=16)
def _cosigned(text: str, policy: Policy) -> Cosigned:
    """Who cosigned, checked once: `against_tick` and `tick` ask the same."""
    return policy.check(Note.parse(text))


def _digest(root: bytes) -> str:
    """A root as heads name it."""
    return "sha256:" + root.hex()


RULES: dict[type[Any], Rule] = {Tick: Rule(signer=by_hub, roles=None, against=against_tick, effect=tick)}
