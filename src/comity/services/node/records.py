"""The records behind an office's answers: how many it gave, and of which the record is at home no more.

Every answer in the log commits to a record that lies in `extracts/` and nowhere else. Decides nothing: what is lost is
named, so that an officer restores it from a backup, or knows which answers no audit can open any more.
"""

from dataclasses import dataclass
from typing import Final

from comity.acts import statement
from comity.acts.exchange import Answer
from comity.assembly.state import State
from comity.errors import NotVerified
from comity.services.node.office import Office

NAMED: Final = 8  # leaves that a line names


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """answers: leaf indices of the office's answers, ascending. lost: those whose record is gone, or was changed."""

    answers: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def named(self) -> str:
        """The leaves of lost records, in a line."""
        more = len(self.lost) - NAMED
        return ", ".join(map(str, self.lost[:NAMED])) + (f" and {more} more" if more > 0 else "")


def look(office: Office, state: State) -> Records:
    """Every answer of this office in the log, and what is in its folder of them."""
    answers = sorted(_answers(state, office.member))
    return Records(answers=tuple(answers), lost=tuple(index for index in answers if not _is_home(office, index)))


def _answers(state: State, member: str) -> list[int]:
    sealed = [facts.answers[member].ref.index for facts in state.exchanges.values() if member in facts.answers]
    own = [said.ref.index for given, said in state.nationals.items() if state.consents[given].member == member]
    return sealed + own


def _is_home(office: Office, index: int) -> bool:
    (leaf,) = office.follower.reader.leaves(index, index + 1)
    body = statement.read(leaf, where=f"leaf {index}").act.body
    if not isinstance(body, Answer) or body.extract is None:
        return True
    try:
        return office.extracts.get(body.extract.commitment) is not None
    except NotVerified:
        return False
