"""What another policy would have answered to every study that the log ever brought into force, beside what was said.

For an office that weighs a policy before it installs one; nothing is written and nothing leaves. Asked as of today, or
of the policy's first day where that is still to come. What only says that a study is over (it was replaced since, and
so was its norm) is left out. Each year's budget is spent anew by the answers of that year, in the log's order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, RefusalFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.policy import Policy
from comity.model.reason import Reason
from comity.services.node import floor
from comity.services.node import question as questions
from comity.services.node.office import Office
from comity.services.node.question import Asked
from comity.stages import consent, permission
from comity.stages.protect import budget
from comity.stages.protect.budget import Charged

OVER: Final = frozenset({"study.not-in-force", "norm.not-in-force"})

Then = Literal["consented", "revoked", "refused", "nothing"]
Now = Literal["would consent", "would wait for the officer", "would refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One study in one period: what this office said last, and what the policy would answer."""

    study: Digest
    id: str
    version: str
    period: str
    mover: str
    then: Then
    then_reasons: tuple[Reason, ...]
    now: Now
    reasons: tuple[Reason, ...]

    @property
    def changed(self) -> bool:
        """Whether a yes would be a no, or a no a yes; of a study that nobody answered nothing changes."""
        return self.then in ("consented", "refused") and (self.then == "refused") != (self.now == "would refuse")


def replay(home: Path, policy: Policy) -> tuple[Replayed, ...]:
    """Every study and period, in the order in which the studies came into force."""
    with Office.open(home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        charges: tuple[Charged, ...] = ()
        found = []
        for it in _asked(office):
            one, charges = _answer(office, policy, it, charges)
            found.append(one)
        return tuple(found)


def _asked(office: Office) -> Iterator[Asked]:
    """Every question there ever was; a study whose text is none asks nobody."""
    state = office.follower.state
    force = sorted(
        (thing.motion.index, digest) for (matter, digest), thing in state.in_force.items() if matter == "study"
    )
    for _, digest in force:
        try:
            periods = questions.study(office, digest).periods
        except FormatError:
            continue
        for period in periods:
            yield questions.asked(office, Question(study=digest, period=period.id))


def _answer(
    office: Office, policy: Policy, it: Asked, charges: tuple[Charged, ...]
) -> tuple[Replayed, tuple[Charged, ...]]:
    """The answer, and the charges with that of this one if it would be a yes."""
    state, cost, asked = office.follower.state, questions.cost(it.study, it.norm), max(office.now(), policy.valid_from)
    then, then_reasons = _then(state, office.member, it)
    source = it.entry.source.id if it.entry else ""
    time = _time(state, it) or office.now()
    unit = questions.unit(it.norm)
    spent = budget.spent(budget.books(charges), source=source, unit=unit, now=time, budget=policy.budget)
    facts = replace(
        questions.facts_of(it, office.config.role),
        affordable=questions.affordable(spent, policy, it),
        reserved=questions.reserved(office, it),
    )
    decision = consent.decide(it.study, it.norm, policy, state, period=it.question.period, facts=facts, now=asked)
    reasons = tuple(reason for reason in decision.reasons if reason.code not in OVER)
    costs = () if reasons else (("", cost), (" table", questions.table_cost(policy, it)))
    for name, price in costs:
        if price:
            key = f"{it.question.study} {it.question.period}{name}"
            charges += (Charged.of(price, key=key, source=source, unit=unit, time=time),)
    replayed = Replayed(
        study=it.question.study,
        id=it.study.id,
        version=it.study.version,
        period=it.question.period,
        mover=permission.mover(it.question.study, state) or "",
        then=then,
        then_reasons=then_reasons,
        now="would refuse" if reasons else "would wait for the officer" if policy.officers else "would consent",
        reasons=reasons,
    )
    return replayed, charges


def _then(state: State, member: str, it: Asked) -> tuple[Then, tuple[Reason, ...]]:
    """What the log has of this office last."""
    said = queries.decided(state, member, it.question.study, it.question.period)
    match said[-1] if said else None:
        case ConsentFacts(revoked=None):
            return "consented", ()
        case ConsentFacts():
            return "revoked", ()
        case RefusalFacts(reasons=reasons):
            return "refused", reasons
        case _:
            return "nothing", ()


def _time(state: State, it: Asked) -> int:
    """When the study came into force, POSIX seconds; 0 if it never did."""
    force = state.in_force.get(("study", it.question.study))
    return force.starts if force else 0
