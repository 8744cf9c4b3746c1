"""What this office decided on before of the same people: read for a new table, and kept of one.

Same people: the same norm (in any version) and period, from whichever source. Decides what counts as forgotten: an
answer of this office that stands in the log, without noise, of which nothing is kept here, because the folder was
restored from an older backup, or lost. Loaded when something is counted.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from comity.adapters.released import FILE, Memory
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.state import State
from comity.errors import ComityError, WorldError
from comity.services.node import question as questions
from comity.services.node.office import Office
from comity.services.node.question import Asked
from comity.stages.protect.released import Kept, Released


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earlier:
    """own: decided on for this very question; others: for other ones, oldest first; ways: by which all were."""

    own: tuple[Kept, ...]
    others: tuple[Kept, ...]
    ways: frozenset[str]


def read(home: Path, it: Asked) -> Earlier:
    """Everything that is kept of the people of a question."""
    found: tuple[Released, ...] = ()
    if it.norm is not None and (home / FILE).exists():  # reading makes no file: a dry run keeps nothing
        with closing(Memory(home / FILE)) as memory:
            found = memory.of(*it.people)
    own = [one for one in found if Question(study=one.study, period=one.period) == it.question]
    last = own[-1:]
    others = (kept for one in found if one not in last for kept in one.kept)
    return Earlier(
        own=tuple(kept for one in last for kept in one.kept),
        others=tuple(others),
        ways=frozenset(one.way for one in found),
    )


def keep(home: Path, body: bytes) -> None:
    """Keep a table that was decided on; durable when this returns."""
    with closing(Memory(home / FILE)) as memory:
        memory.put(body)


def forgotten(office: Office, it: Asked) -> bool:
    """Whether the log holds an answer of this office about the same people, without noise, that nothing is kept of."""
    known: frozenset[Question] = frozenset()
    if (office.home / FILE).exists():
        with closing(Memory(office.home / FILE)) as memory:
            known = memory.questions()
    mine = set(_answered(office.follower.state, office.member)) - known
    return any(_alike(office, question, it) for question in mine)


def _answered(state: State, member: str) -> Iterator[Question]:
    """Questions to which this member said a table of its own, or took part in a sum."""
    for consent, given in state.consents.items():
        if given.member == member and consent in state.nationals:
            yield Question(study=given.study, period=given.period)
    for facts in state.exchanges.values():
        if member in facts.answers:
            yield Question(study=facts.study, period=facts.period)


def _alike(office: Office, question: Question, it: Asked) -> bool:
    """Whether a question is about the people of another; a text that is no study may be about anybody.

    Raises:
        WorldError: a text cannot be had now: nothing is decided before it can.
    """
    try:
        study = questions.study(office, question.study)
        norm, value = questions.norm_id(office, study.norm), study.period(question.period).value
    except WorldError:
        raise
    except ComityError:
        return True
    if (norm, value) != (questions.norm_id(office, it.study.norm), it.people[1]):
        return False
    consents = queries.consents(office.follower.state, question.study, question.period)
    own = any(one.member == office.member and one.ref.index in office.follower.state.nationals for one in consents)
    return own or study.noise is None
