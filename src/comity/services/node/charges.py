"""What an office's exchanges cost it, as far as the log says: for a ledger that may have forgotten some of it.

What a node spent of its privacy budget stands in no log, but it is no more than this: one charge for each exchange that
the office was on the roster of. Decides that all of them count as spent, whether or not the node came to answer. One
whose study nobody shows any more counts as a whole year's budget.
"""

from collections.abc import Callable, Iterator
from typing import Final

from comity import canon
from comity.adapters.ledger import Line
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, ExchangeFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified
from comity.model.norm import Norm
from comity.model.study import Study
from comity.services.node import question as questions
from comity.services.node.office import Office
from comity.stages.protect import budget
from comity.stages.protect.budget import Charged, Cost

WHOLE: Final = Cost(epsilon="1000000000", delta="1")  # of what nobody knows: no budget bears it


def owed(office: Office, state: State, paid_by: Callable[[ConsentFacts], str] = lambda _: budget.ANY) -> Iterator[Line]:
    """A charge for each exchange of a study with noise that this office was on the roster of.

    Args:
        paid_by: the source that a consent was given with; every source where nobody knows it.

    Raises:
        Unreachable: the hub does not answer. Then nothing is known yet, and what is put down once stays.
    """
    for facts in state.exchanges.values():
        roster = (state.consents[index] for index in facts.opened.members if index in state.consents)
        mine = next((consent for consent in roster if consent.member == office.member), None)
        cost = _cost(office, facts.study) if mine is not None else None
        if mine is not None and cost is not None:
            key = f"{facts.study} {facts.period} {_number(state, facts)}"
            paid, unit = cost
            charged = Charged.of(paid, key=key, source=paid_by(mine), unit=unit, time=facts.deadlines[1])
            yield Line(charged=charged, study=facts.study, period=facts.period)


def _cost(office: Office, study: Digest) -> tuple[Cost, str] | None:
    """What an answer to a study spends, and of which unit; None if nothing. WHOLE if its text is gone, or is none."""
    try:
        shown = office.shown(study)
        text = None if shown is None else canon.decode(shown, Study, where=f"study {study}")
    except (NotVerified, FormatError):
        return WHOLE, budget.ANY
    if text is None:
        return WHOLE, budget.ANY
    norm = _norm(office, text.norm)
    cost = questions.cost(text, norm)
    return None if cost is None else (cost, questions.unit(norm))


def _norm(office: Office, digest: Digest) -> Norm | None:
    """The norm, if anybody still shows its text."""
    try:
        shown = office.shown(digest)
        return None if shown is None else canon.decode(shown, Norm, where=f"norm {digest}")
    except (NotVerified, FormatError):
        return None


def _number(state: State, facts: ExchangeFacts) -> int:
    """Which charge an attempt is, as `stages.answer` names it: attempts that nobody unmasked share one."""
    earlier = (x for x in queries.exchanges(state, facts.study, facts.period) if x.attempt < facts.attempt)
    return 1 + sum(bool(x.unmask) for x in earlier)
