"""The tick: the one clock, and all that follows from time. Worthless without the witnesses' quorum.

Time is the median of the quorum's cosignature times. A tick decides every open motion whose time is over
(`rules.motion.closing`), by the charter and the members that the tick finds, and by what its checkpoint holds of votes,
of answers to comments, and of a mover's own end: a host that keeps a checkpoint back while others speak gains nothing.
A motion whose mover left ends without a decision. What is adopted is in force from its date on, or from the tick if it
has none or that has passed; what it replaces is in force until then.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from comity.acts.refs import Ref
from comity.acts.tick import Tick
from comity.assembly import tally, terms, witnesses
from comity.assembly.facts import Hindrance, InForce, MotionFacts
from comity.assembly.rules import audit, estimate
from comity.assembly.rules.motion import closing, consults_until
from comity.assembly.rules.rule import Entry, Rule, by_hub, no, unadmitted, wait
from comity.assembly.state import State
from comity.errors import FormatError, NotVerified, QuorumShort
from comity.model.reason import Reason
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy

LATEST: Final = 2**37  # POSIX seconds, in the year 6325: what follows from a time stays a date that all can write


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
    if time > LATEST:
        return [no("act.malformed", what="time")]
    return [] if checkpoint.size > state.ticked and time >= max(state.time, 1) else [no("tick.backwards")]


def tick(state: State, entry: Entry[Tick]) -> State:
    """The time is told; motions whose time is over are decided, in order, by the members of this moment.

    Those about witnesses come last: whoever is suspended by the same tick is no witness by it.
    """
    cosigned = _cosigned(entry.body.checkpoint, witnesses.policy(state))
    size, charter, members = cosigned.checkpoint.size, witnesses.charter_of(state), state.members
    since, state = state.ticked, _told(estimate.over(state, cosigned.time), cosigned.time).having(ticked=size)
    state = audit.told(estimate.told(state, since, size), since, size)
    for index in sorted(state.pending, key=lambda index: (state.motions[index].matter == "witnesses", index)):
        motion = _dated(state.motions[index], cosigned.time, size, entry.ref.index)
        ends = closing(motion)
        if _has_ended(motion, size):
            continue
        if _is_left(state, motion, size):
            left: Hindrance = "left"
            motion = replace(motion, outcome="rejected", tick=entry.ref.index, held=size, hindrance=left)
        elif ends is not None and cosigned.time >= ends:
            heard = replace(motion, held=size)
            carried = tally.adopts(charter.rules[motion.matter], tally.tally(charter, heard, members))
            if not (carried and _lacks_witnesses(state, heard, entry.body.checkpoint)):
                state = _decide(state, heard, entry.ref.index, carried=carried)
                continue
        if motion is not state.motions[index]:
            state = state.having(motions=state.motions.set(index, motion))
    return state.having(pending=tuple(index for index in state.pending if _waits(state.motions[index], size)))


def _lacks_witnesses(state: State, motion: MotionFacts, checkpoint: str) -> bool:
    """Whether a motion that is to be adopted names witnesses of whom no quorum cosigned this checkpoint.

    It stays open, and is decided when they have: a set that cannot cosign would end the log, for no later tick could
    put it out again.
    """
    named = motion.terms.witnesses if motion.terms else None
    if not named or _hindrance(state, motion) or terms.against(state, motion):
        return False
    return not witnesses.stand_under(state, Note.parse(checkpoint), named)


def _dated(motion: MotionFacts, time: int, size: int, index: int) -> MotionFacts:
    """The motion with what the tick at this index dates: its opening, the beginning of its votes."""
    if motion.opened is None and motion.ref.index < size:
        motion = replace(motion, opened=time)
    if motion.called is not None and motion.consulted is None and motion.called < size:
        motion = replace(motion, consulted=time)
    until = consults_until(motion)
    if motion.consultation and motion.called is None and until is not None and until <= time:
        motion = replace(motion, called=index)
    return motion


def _has_ended(motion: MotionFacts, size: int) -> bool:
    """Whether the mover's own end of a motion is among so many leaves."""
    return motion.ended is not None and motion.ended < size


def _is_left(state: State, motion: MotionFacts, size: int) -> bool:
    """Whether these leaves show that the mover left or was suspended. It cannot be back before a tick shows that."""
    until = state.actors[motion.mover].until
    return until is not None and until < size


def _waits(motion: MotionFacts, size: int) -> bool:
    """Whether a later tick may decide it: nothing is decided, and no end of its mover's own is held."""
    return motion.tick is None and not _has_ended(motion, size)


def _told(state: State, time: int) -> State:
    """The time is this; deadlines that have come wait no more, and what a newer version has replaced by now is gone."""
    deadlines = state.deadlines.after(time)
    if deadlines is state.deadlines:
        return state.having(time=time)
    in_force = {place: thing for place, thing in state.in_force.items() if thing.until is None or time < thing.until}
    return state.having(time=time, deadlines=deadlines, in_force=in_force)


def _decide(state: State, motion: MotionFacts, index: int, *, carried: bool) -> State:
    """The outcome, and what an adopted motion changes; what the votes carry may be hindered all the same."""
    hindrance = _hindrance(state, motion) if carried else None
    after: State | None = state
    if carried and hindrance is None and motion.matter in terms.FIELDS:
        after = terms.apply(state, motion, index)
        hindrance = "terms" if after is None else None
    adopted = carried and hindrance is None
    decided = replace(motion, outcome="adopted" if adopted else "rejected", tick=index, hindrance=hindrance)
    state = after if adopted and after is not None else state
    state = state.having(motions=state.motions.set(motion.ref.index, decided))
    return _enact(state, motion, index) if adopted else state


def _hindrance(state: State, motion: MotionFacts) -> Hindrance | None:
    """Why a motion that the votes carry is not adopted, its terms left aside.

    What stands in force or is to, by another motion, is not brought there twice: so nothing is replaced by what begins
    at another time than was voted on. What another motion has replaced meanwhile is changed no more. Nobody is
    admitted, or given new keys, by what was moved before it joined or left. After a consultation every comment has its
    answer.
    """
    if (motion.matter, motion.thing.digest) in state.in_force:
        return "overtaken"
    if motion.replaces is not None and _replaced(state, motion.replaces) is None:
        return "overtaken"
    if motion.matter == "member" and _is_seated_since(state, motion):
        return "overtaken"
    answered = sum(motion.held is None or index < motion.held for index in motion.answers.values())
    return "unanswered" if motion.consultation and answered < len(motion.comments) else None


def _is_seated_since(state: State, motion: MotionFacts) -> bool:
    """Whether the actor that a motion about a member names has joined, left or recovered since it was moved."""
    actor = state.actors.get(motion.name)
    return actor is not None and max(actor.since, actor.until or 0, actor.recovered or 0) > motion.ref.index


def _replaced(state: State, ref: Ref) -> InForce | None:
    """What a motion brought into force, if that stands and nothing is decided to take its place."""
    old = state.motions[ref.index]
    thing = state.in_force.get((old.matter, old.thing.digest))
    return thing if thing is not None and thing.motion == ref and thing.until is None else None


def _enact(state: State, motion: MotionFacts, index: int) -> State:
    """What is adopted stands in force from its date on, and what it replaces until then.

    Of the charter's rules, offices and witnesses nothing stands in force: the charter as it stands says it. A date of
    review that has passed by then is the beginning.
    """
    if motion.matter == "suspension":
        return _suspend(state, motion, index)
    if motion.matter in ("charter", "office", "witnesses"):
        return state
    old = _replaced(state, motion.replaces) if motion.replaces else None
    starts = max(motion.starts or 0, state.time, old.starts if old else 0)
    in_force = dict(state.in_force)
    if old is not None and starts > state.time:
        in_force[old.matter, old.thing.digest] = replace(old, until=starts)
    elif old is not None:
        del in_force[old.matter, old.thing.digest]
    in_force[motion.matter, motion.thing.digest] = InForce(
        matter=motion.matter,
        thing=motion.thing,
        name=motion.name,
        motion=motion.ref,
        tick=index,
        time=state.time,
        starts=starts,
        review=None if motion.review is None else max(motion.review, starts),
    )
    return wait(state.having(in_force=in_force), starts)


def _suspend(state: State, motion: MotionFacts, index: int) -> State:
    """Whoever is in under that id is out from this tick on, whatever party it joined by; and comes back by a motion."""
    actor = state.actors[motion.name]
    if actor.until is None:
        actor = replace(actor, until=index)
    return unadmitted(state, motion.name).having(actors={**state.actors, motion.name: actor})


@lru_cache(maxsize=16)
def _cosigned(text: str, policy: Policy) -> Cosigned:
    """Who cosigned, checked once: `against_tick` and `tick` ask the same."""
    return policy.check(Note.parse(text))


def _digest(root: bytes) -> str:
    """A root as heads name it."""
    return "sha256:" + root.hex()


RULES: dict[type[Any], Rule] = {Tick: Rule(signer=by_hub, roles=None, against=against_tick, effect=tick)}
