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
from comity.model.study import Study
from comity.services.node.office import Office
from comity.stages.protect import budget
from comity.stages.protect.budget import Charged

WHOLE: Final = ("1000000000", "1")  # epsilon and delta of what nobody knows: no year's budget bears it


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
            charged = Charged(key=key, source=paid_by(mine), time=facts.deadlines[1], epsilon=cost[0], delta=cost[1])
            yield Line(charged=charged, study=facts.study, period=facts.period)


def _cost(office: Office, study: Digest) -> tuple[str, str] | None:
    """What an answer to a study spends, None if nothing; WHOLE if its text is gone, or none that says it."""
    try:
        text = office.shown(study)
        plan = None if text is None else canon.decode(text, Study, where=f"study {study}").noise
    except (NotVerified, FormatError):
        return WHOLE
    if text is None:
        return WHOLE
    return None if plan is None else (plan.epsilon, plan.delta)


def _number(state: State, facts: ExchangeFacts) -> int:
    """Which charge an attempt is, as `stages.answer` names it: attempts that nobody unmasked share one."""
    earlier = (x for x in queries.exchanges(state, facts.study, facts.period) if x.attempt < facts.attempt)
    return 1 + sum(bool(x.unmask) for x in earlier)
