"""What an act says, as the names that a sentence about it needs: one account for each kind, by family in `said`.

Names come from the state: whose motion, which study, who consented. An act that points to nothing is told all the
same, by what it says itself. Words are `pages.explain`'s.
"""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.statement import Act
from comity.assembly.said import charter, consents, estimates, exchanges, motions, releases
from comity.assembly.said.account import Account, Tell
from comity.assembly.state import State

ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    **charter.ACCOUNTS,
    **motions.ACCOUNTS,
    **consents.ACCOUNTS,
    **exchanges.ACCOUNTS,
    **releases.ACCOUNTS,
    **estimates.ACCOUNTS,
}


def told(act: Act, here: State, now: State) -> Account:
    """The account of an act behind which the state is `here`, with the names that are known `now`."""
    return ACCOUNTS[type(act.body)](act, here, now)
