"""What followed from motions, comments, votes and reservations; and which motions a tick decided."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from comity.acts.motion import Comment, CommentAnswered, Motion, Reservation, Vote
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.assembly import clock, queries
from comity.assembly.facts import MotionFacts
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.said.account import Moment, Term


def _motion(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    yield from _decided(log, log.now.motions.get(index))


def _on_motion(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    yield from _decided(log, log.now.motions.get(body.motion.index))


def _decided(log: Known, motion: MotionFacts | None) -> Iterator[Outcome]:
    if motion is None:
        return
    params: dict[str, Any] = {"motion": motion.ref.index, "name": motion.name, "leaf": motion.tick}
    if clock.awaits_witnesses(motion, log.now.time):
        yield Outcome(code="motion.cosigned", params=params | {"witnesses": ", ".join(clock.witnesses_of(motion))})
        return
    if motion.tick is None:
        yield Outcome(code=f"motion.{motion.outcome}", params=params)
        return
    yield from _counted_out(log, motion, f"motion.{motion.outcome}", params, motion.tick)
    if motion.outcome != "adopted" or motion.matter in ("member", "suspension"):
        return
    standing = log.now.in_force.get((motion.matter, motion.thing.digest))
    if motion.matter in ("charter", "office", "witnesses"):
        yield Outcome(code=f"motion.{motion.matter}", params=params)
    elif standing is not None and standing.motion == motion.ref:
        is_due = standing.starts > log.now.time
        params |= {"time": Moment(standing.starts)}
        yield Outcome(code="motion.begins" if is_due else "motion.stands", params=params)
        if standing.until is not None:
            yield Outcome(code="motion.ends", params=params | {"time": Moment(standing.until)})
    else:
        yield Outcome(code="motion.replaced", params=params)


def _counted_out(log: Known, motion: MotionFacts, code: str, params: Mapping[str, Any], tick: int) -> Iterator[Outcome]:
    """A decision with its votes, as they stood when the tick came; and where it was not they that decided."""
    state = log.before(tick)
    votes = queries.tally(state, motion)
    yield Outcome(code=code, params={**params, "yes": votes.yes, "no": votes.no, "all": votes.total})
    if motion.hindrance is not None:
        yield Outcome(code=f"motion.{motion.hindrance}", params={"motion": motion.ref.index})


def _comment(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Its answer, and what became of the motion."""
    place = log.now.remarks.get(index)
    motion = log.now.motions.get(-1 if place is None else place)
    if motion is not None and index in motion.answers:
        yield Outcome(code="comment.answered", params={"leaf": motion.answers[index]})
    yield from _decided(log, motion)


def _answered(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    place = log.now.remarks.get(body.comment.index)
    yield from _decided(log, log.now.motions.get(-1 if place is None else place))


def _reservation(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether it stands; or which later one took its place."""
    body: Any = act.body
    said = log.now.reservations.get((body.norm, act.actor), ())
    later = next((one for one in said if one.ref.index > index), None)
    if later is not None:
        code = "reservation.replaced" if later.parts else "reservation.lifted"
        yield Outcome(code=code, params={"leaf": later.ref.index})
    elif body.parts:
        yield Outcome(code="reservation.stands")


def _tick(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """The motions that it decided."""
    for motion in (log.now.motions[ref] for ref in log.before(index).pending):
        if motion.tick == index:
            matter = Term(f"matter.{motion.matter}")
            params = {"motion": motion.ref.index, "name": motion.name, "matter": matter}
            yield from _counted_out(log, motion, f"tick.{motion.outcome}", params, index)


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    Motion: _motion,
    Comment: _comment,
    CommentAnswered: _answered,
    Vote: _on_motion,
    Reservation: _reservation,
    Tick: _tick,
}
