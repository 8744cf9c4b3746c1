"""When the log needs the time: the next moment that something in a state waits for, and whether a tick is wanted.

Time is told by ticks alone (`rules.tick`); `now` is the hub's own clock, which decides only when it asks for one. The
state holds no study's text, so a consent window is not among what it waits for.
"""

from typing import Final

from comity.acts.charter import Rule
from comity.assembly import tally
from comity.assembly.facts import ExchangeFacts, MotionFacts
from comity.assembly.rules.motion import closing, consults_until
from comity.assembly.rules.step import DEADLINE
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of, stand_under
from comity.tlog.note import Note

DATING: Final = 60  # seconds: an act that no deadline asks about is dated this long after the last tick


def next_deadline(state: State) -> int | None:
    """Least time (POSIX seconds) of a tick that would change something.

    A consultation ends, a motion closes, a step of an exchange is over, a thing begins or ceases to be in force,
    somebody is silent from then on. A time in the past means that a tick is overdue. None: nothing in the
    state waits for a time.
    """
    motions = [_next_of(state, state.motions[index]) for index in state.pending]
    steps = [_next_step(state, state.exchanges[index]) for index in state.running]
    times = [time for time in (*motions, *steps, state.deadlines.first) if time is not None]
    return min(times) if times else None


def wants_tick(state: State, now: int) -> bool:
    """Whether acts or a passed deadline wait for time, by a clock that says `now` (POSIX seconds): see `serves`.

    A tick is no act: after one, nothing waits until somebody acts or a deadline comes.
    """
    return serves(state, state.size, now)


def serves(state: State, size: int, time: int, note: Note | None = None) -> bool:
    """Whether a tick by a checkpoint of this size and time would serve anything; one that serves nothing is not logged.

    There must be a charter, and one of these must hold:
    1. no tick yet: a motion needs a time to be moved in;
    2. the checkpoint holds an open motion, estimate or request for an audit that no earlier tick's did, or the tick
       behind which votes on a motion are taken: its least time begins, or its time to vote or to answer;
    3. `next_deadline` has come: a motion is decided, or a step is over;
    4. effective acts wait to be dated, and the last tick is `DATING` seconds older;
    5. the checkpoint's note bears the cosignatures that a motion about witnesses waits for.
    """
    if state.charter is None or size <= state.ticked:
        return False
    begins = any(_is_undated(state.motions[index], size) for index in state.pending)
    if state.time == 0 or begins or _asks(state, size):
        return True
    deadline = next_deadline(state)
    if deadline is not None and deadline <= time:
        return True
    if state.acted > state.ticked and time >= state.time + DATING:
        return True
    waiting = (state.motions[index] for index in state.pending if awaits_witnesses(state.motions[index], state.time))
    return note is not None and any(stand_under(state, note, witnesses_of(motion)) for motion in waiting)


def wanted(state: State, time: int) -> tuple[str, ...]:
    """Members whose cosignatures a tick at this time must bear, beside the witnesses', to decide what is voted for.

    A motion about witnesses that the votes carry is open until those whom it names have shown that they can cosign.
    """
    motions = (state.motions[index] for index in state.pending)
    due = [motion for motion in motions if awaits_witnesses(motion, time) and tally.adopts(*_counted(state, motion))]
    return tuple(sorted({member for motion in due for member in witnesses_of(motion)}))


def awaits_witnesses(motion: MotionFacts, time: int) -> bool:
    """Whether a motion is about witnesses, and its time is over by then: it is open still only for want of theirs."""
    ends = closing(motion)
    return motion.outcome == "open" and bool(witnesses_of(motion)) and ends is not None and ends <= time


def witnesses_of(motion: MotionFacts) -> tuple[str, ...]:
    """Whom a motion names for witnesses; nobody, if it is about something else."""
    return (motion.terms.witnesses if motion.terms else None) or ()


def _counted(state: State, motion: MotionFacts) -> tuple[Rule, tally.Tally]:
    return charter_of(state).rules[motion.matter], tally.of(state, motion)


def _is_undated(motion: MotionFacts, size: int) -> bool:
    if motion.outcome != "open":
        return False
    called = motion.called if motion.consulted is None else None
    return (motion.opened is None and motion.ref.index < size) or (called is not None and called < size)


def _asks(state: State, size: int) -> bool:
    """Whether an estimate or a request for an audit that no tick holds yet is among these leaves, and not answered."""
    since = (state.estimates.get(index) or state.audits.get(index) for index in range(state.ticked, size))
    return any(facts is not None and facts.answer is None for facts in since)


def _next_of(state: State, motion: MotionFacts) -> int | None:
    """When its votes begin, if that is to come; else when it is decided.

    One that its mover ended waits for nothing, and one whose time is over not for a time.
    """
    if motion.outcome != "open" or awaits_witnesses(motion, state.time):
        return None
    return consults_until(motion) if motion.consultation and motion.called is None else closing(motion)


def _next_step(state: State, exchange: ExchangeFacts) -> int | None:
    """First second at which a step of an open exchange is over, among those not over by the last tick.

    A step is over behind a tick later than its deadline. The last is `closed`: behind it only failure can be said.
    """
    ends = {exchange.deadlines[place] + 1 for place in DEADLINE.values()}
    return min((end for end in ends if end > state.time), default=None)
