"""How far each study in force has come, period by period, and who has not spoken of it yet.

A question is one study in one period. Its periods are those that the study's text lists; of a study whose text is not
at hand, those of which somebody spoke; if nobody did, there is one without a name, so that the study is not left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity import canon
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.study import Study
from comity.pages.assembly import texts
from comity.pages.assembly.room import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One study in one period. stage: of the last exchange, as a code; `none` if there was none."""

    study: Digest
    name: str
    motion: int
    period: str
    consented: int
    refused: int
    silent: frozenset[str]
    stage: str
    releases: int


def questions(room: Room) -> tuple[Question, ...]:
    """All questions about studies in force, in the order of their motions."""
    state = room.state
    published = [queries.subject(state, release) for release in state.releases.values()]
    found = []
    for thing in queries.standing(state, "study"):
        digest = thing.thing.digest
        for period in _periods(room, digest, thing.thing.size):
            consented = {said.member for said in queries.consents(state, digest, period) if said.revoked is None}
            refused = {said.member for said in queries.refusals(state, digest, period)} - consented
            one = Question(
                study=digest,
                name=thing.name,
                motion=thing.motion.index,
                period=period,
                consented=len(consented),
                refused=len(refused),
                silent=frozenset(queries.silent(state, digest, period)),
                stage=_stage(queries.exchanges(state, digest, period)),
                releases=published.count((digest, period)),
            )
            found.append(one)
    return tuple(found)


def _periods(room: Room, study: Digest, size: int) -> tuple[str, ...]:
    data = texts.body(room.bodies, study, size)
    if data is not None:
        try:
            return tuple(period.id for period in canon.decode(data, Study, where="study").periods)
        except FormatError:
            pass
    return tuple(sorted({period for about, period in room.state.asked if about == study})) or ("",)


def _stage(attempts: Sequence[ExchangeFacts]) -> str:
    if not attempts:
        return "none"
    last = attempts[-1]
    if last.closed is not None:
        return "failed" if last.closed.sum is None else "opened"
    return "runs"
