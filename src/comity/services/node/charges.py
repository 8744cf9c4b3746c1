"""What an office's answers cost it, as far as the log says: for a ledger that may have forgotten some of it.

What a node spent of its privacy budget stands in no log, but it is no more than this: one charge for each exchange that
the office was on the roster of, and one for each own table that it said and that has noise. Decides that all of them
count as spent, whether or not the node came to answer. What nobody can price any more counts as a whole budget.
"""

from collections.abc import Callable, Iterator
from typing import Final

from comity import canon
from comity.adapters.ledger import Line
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, ExchangeFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ConfigError, FormatError, NotVerified
from comity.model.law import Law
from comity.model.norm import Norm
from comity.model.policy import National, Policy
from comity.model.study import Study
from comity.services.node import question as questions
from comity.services.node.office import Office
from comity.services.node.question import Asked
from comity.stages.protect import budget
from comity.stages.protect.budget import Charged, Cost

WHOLE: Final = Cost(epsilon="1000000000", delta="1")  # of what nobody knows: no budget bears it

PaidBy = Callable[[ConsentFacts], str]


def owed(office: Office, state: State, paid_by: PaidBy = lambda _: budget.ANY) -> Iterator[Line]:
    """A charge for each exchange of a study with noise that this office was on the roster of, and each such own table.

    Args:
        paid_by: the source that a consent was given with; every source where nobody knows it.

    Raises:
        Unreachable: the hub does not answer. Then nothing is known yet, and what is put down once stays.
    """
    for facts in state.exchanges.values():
        mine = _consent(office, state, facts)
        cost = _cost(office, facts.study) if mine is not None else None
        if mine is not None and cost is not None:
            paid, unit = cost
            charged = Charged.of(paid, key=_key(state, facts), source=paid_by(mine), unit=unit, time=facts.deadlines[1])
            yield Line(charged=charged, study=facts.study, period=facts.period)
    yield from _tables(office, state, paid_by)


def forgotten(office: Office, state: State) -> bool:
    """Whether the ledger lacks a charge for what this office answered: then it is older than the log knows.

    A node charges before it answers, so a ledger that was never set back lacks none. What cannot be priced is no sign.
    """
    known = {line.charged.key for line in office.ledger.lines()}
    answered = (facts for facts in state.exchanges.values() if office.member in facts.answers)
    unpaid = (facts.study for facts in answered if _key(state, facts) not in known)
    costs = (cost for study in unpaid if (cost := _cost(office, study)) is not None)
    tables = (line.charged for line in _tables(office, state, lambda _: budget.ANY))
    return any(cost != WHOLE for cost, _ in costs) or any(
        charged.key not in known for charged in tables if charged.cost != WHOLE
    )


def _consent(office: Office, state: State, facts: ExchangeFacts) -> ConsentFacts | None:
    """This office's, if it was on the roster."""
    roster = (state.consents[index] for index in facts.opened.members if index in state.consents)
    return next((consent for consent in roster if consent.member == office.member), None)


def _cost(office: Office, study: Digest) -> tuple[Cost, str] | None:
    """What an answer to a study spends, and of which unit; None if nothing. WHOLE if its text is gone, or is none."""
    text = _study(office, study)
    if text is None:
        return WHOLE, budget.ANY
    norm = _norm(office, text.norm)
    cost = questions.cost(text, norm)
    return None if cost is None else (cost, questions.unit(norm))


def _study(office: Office, digest: Digest) -> Study | None:
    """The study, if anybody still shows its text, and if it is one."""
    try:
        shown = office.shown(digest)
        return None if shown is None else canon.decode(shown, Study, where=f"study {digest}")
    except (NotVerified, FormatError):
        return None


def _norm(office: Office, digest: Digest) -> Norm | None:
    """The norm, likewise."""
    try:
        shown = office.shown(digest)
        return None if shown is None else canon.decode(shown, Norm, where=f"norm {digest}")
    except (NotVerified, FormatError):
        return None


def _key(state: State, facts: ExchangeFacts) -> str:
    """Which charge an attempt is, as `stages.answer` names it: attempts that nobody unmasked share one."""
    earlier = (x for x in queries.exchanges(state, facts.study, facts.period) if x.attempt < facts.attempt)
    return f"{facts.study} {facts.period} {1 + sum(bool(x.unmask) for x in earlier)}"


# Own tables


def _tables(office: Office, state: State, paid_by: PaidBy) -> Iterator[Line]:
    """A charge for each own table with noise that this office said, as `stages.national` names it."""
    for index, said in state.nationals.items():
        given = state.consents[index]
        cost = _of_table(office, given, said.body.digest) if given.member == office.member else None
        if cost is not None:
            paid, unit = cost
            key = f"{given.study} {given.period} table {paid.made}".rstrip()
            time = state.dated.get(said.ref.index, state.time)
            charged = Charged.of(paid, key=key, source=paid_by(given), unit=unit, time=time)
            yield Line(charged=charged, study=given.study, period=given.period)


def _of_table(office: Office, given: ConsentFacts, body: Digest) -> tuple[Cost, str] | None:
    """What it cost: by the policy that it was made under, if that is at hand; else by its noise, if it has any."""
    text = _study(office, given.study)
    norm = _norm(office, text.norm) if text is not None else None
    if text is None or norm is None:
        return WHOLE, budget.ANY
    it = Asked(
        question=Question(study=given.study, period=given.period), study=text, norm=norm, entry=None, binding=None
    )
    if it.rasters:
        return None
    policy = _policy(office)
    if policy is None or policy.digest != given.policy:
        found = _noise(office, body)
        if found == 0:
            return None
        if policy is None or found is None or not _is_law(policy.national, found):
            return WHOLE, budget.ANY
    try:
        cost = questions.table_cost(policy, it)
    except FormatError:
        return WHOLE, budget.ANY
    return None if cost is None else (cost, questions.unit(norm))


def _policy(office: Office) -> Policy | None:
    try:
        return office.policy
    except ConfigError:
        return None


def _noise(office: Office, body: Digest) -> float | None:
    """Largest variance of the noise in a table that was said; None if neither journal nor hub has it, or it is none."""
    # Arrays are loaded when a table is looked at, not when a node starts.
    from comity.model import cube

    try:
        shown = office.journal.find(body) or office.shown(body)
        return None if shown is None else float(cube.decode(shown).noise.max(initial=0.0))
    except (NotVerified, FormatError):
        return None


def _is_law(own: National, variance: float) -> bool:
    return own.way == "noise" and float(Law.parse(own.noise).variance) == variance
