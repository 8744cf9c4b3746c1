"""Estimates in counts: for each custodian and country how many were put, how they were answered, and how they ended.

Counts with their denominators, never a score. Each estimate is counted once as to its answer, and once as to its end.
Also: an opened record is believed only if it is about what its leaf says; the fold knows its digest alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from comity.acts.estimate import Answer, Settlement
from comity.assembly import queries
from comity.assembly.facts import EstimateFacts
from comity.assembly.state import State
from comity.errors import NotVerified
from comity.model import estimate
from comity.model.estimate import Draft

Answered = Literal["open", "accepted", "accepted-with-note", "objected", "replaced", "silent"]
Ended = Literal["waits", "published", "country-data", "side-by-side", "aggregates-only", "withheld"]
ANSWERS: Final[tuple[Answered, ...]] = ("open", *get_args(Answer), "silent")
ENDS: Final[tuple[Ended, ...]] = ("waits", *get_args(Settlement))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What passed between one custodian and one country; of `proposed` estimates.

    answers, ends: every kind, with 0 where there was none. open: the country still may answer. waits: not settled yet.
    """

    custodian: str
    member: str
    proposed: int
    answers: Mapping[Answered, int]
    ends: Mapping[Ended, int]


def checked(state: State, facts: EstimateFacts, data: bytes) -> Draft:
    """An opened record; NotVerified if it is about another series, period or area than its leaf says."""
    where = f"record of the estimate at leaf {facts.ref.index}"
    draft = estimate.read(data, where=where)
    found = (draft.series, draft.period, draft.area)
    if found != (wanted := (facts.series, facts.period, state.actors[facts.member].party.area)):
        raise NotVerified(
            "the record is about something else than its leaf says",
            where=where,
            found=", ".join(found),
            wanted=", ".join(wanted),
        )
    return draft


def counts(state: State) -> tuple[Counts, ...]:
    """By custodian, then by country."""
    pairs: dict[tuple[str, str], list[EstimateFacts]] = {}
    for facts in state.estimates.values():
        pairs.setdefault((facts.custodian, facts.member), []).append(facts)
    return tuple(_counted(state, *pair, pairs[pair]) for pair in sorted(pairs))


def answered(state: State, facts: EstimateFacts) -> Answered:
    """How the country answered; or that it was silent, or still may answer."""
    if facts.answer is not None:
        return facts.answer.answer
    return "open" if queries.estimate_stage(state, facts) == "open" else "silent"


def ended(facts: EstimateFacts) -> Ended:
    """How it was settled, or that it waits."""
    return facts.settled.outcome if facts.settled else "waits"


def _counted(state: State, custodian: str, member: str, listed: list[EstimateFacts]) -> Counts:
    answers = Counter(answered(state, facts) for facts in listed)
    ends = Counter(ended(facts) for facts in listed)
    return Counts(
        custodian=custodian,
        member=member,
        proposed=len(listed),
        answers={kind: answers[kind] for kind in ANSWERS},
        ends={kind: ends[kind] for kind in ENDS},
    )
