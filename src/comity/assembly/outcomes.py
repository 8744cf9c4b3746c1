"""What followed from an act that has effect: decided, used, answered, replaced, or taken back since, and by which leaf.

Asked of the newest state, so the same leaf has more outcomes as the log grows. An act from which nothing can follow
has none; an act that still waits says so. One way to find out for each kind, by family in `followed`.
"""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.statement import Act
from comity.assembly.followed import charter, consents, estimates, exchanges, motions, releases
from comity.assembly.followed.outcome import Find, Known, Outcome

OUTCOMES: Final[Mapping[type[Any], Find]] = {
    **charter.OUTCOMES,
    **motions.OUTCOMES,
    **consents.OUTCOMES,
    **exchanges.OUTCOMES,
    **releases.OUTCOMES,
    **estimates.OUTCOMES,
}


def of(act: Act, index: int, log: Known) -> tuple[Outcome, ...]:
    """All that followed from the effective leaf `index`, as far as the log is known."""
    find = OUTCOMES.get(type(act.body))
    return tuple(find(act, index, log)) if find else ()
