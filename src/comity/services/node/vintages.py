"""Same question, same data: which vintage of a source answers a study in a period, as files in `vintages/`.

Kept when the node consents, of the source as it was checked then; of one that was not checked, when it is first
counted. It stands for every later attempt of the question too, until the office takes its consent back: nobody learns
a difference between two sets of data from an exchange that failed in between. Decides nothing about the binding, whose
digest the consent itself names. No secret, and belongs into every backup.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import SourceError

FOLDER: Final = "vintages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The data of a question.

    attempt: in whose time they were kept. vintage: None while nothing was read of the source.
    """

    study: Digest
    period: str
    attempt: int
    source: str
    vintage: Digest | None = None


def find(home: Path, question: Question) -> Kept | None:
    """What is kept of a question, if anything is."""
    path = _path(home, question)
    return canon.decode(path.read_bytes(), Kept, where=str(path)) if path.exists() else None


def consented(
    home: Path, state: State, member: str, question: Question, *, source: str, vintage: Digest | None
) -> None:
    """Keep the data of a consent that is about to be said; those of an earlier consent that stands are kept on."""
    attempt = queries.attempt(state, question.study, question.period)
    known = find(home, question)
    if known and (known.attempt == attempt or _stands(state, member, question)):
        return
    _write(
        home,
        question,
        Kept(study=question.study, period=question.period, attempt=attempt, source=source, vintage=vintage),
    )


def insist(home: Path, question: Question, *, source: str, vintage: Digest) -> None:
    """Refuse other data than those of the question; keep these, where none are kept yet.

    Raises:
        SourceError: the data were exchanged since the office consented.
    """
    known = find(home, question)
    if known is None or known.vintage is None:
        attempt = known.attempt if known else 0
        _write(
            home,
            question,
            Kept(study=question.study, period=question.period, attempt=attempt, source=source, vintage=vintage),
        )
    elif (known.source, known.vintage) != (source, vintage):
        raise SourceError(
            "not the data that the office consented with",
            where=f"{source}: {question.period} of {question.study}",
            found=vintage,
            wanted=f"{known.source} {known.vintage}",
            way_out="put the earlier data back and check them, or take the consent back: comity consent revoke",
        )


def _stands(state: State, member: str, question: Question) -> bool:
    """Whether the office's last consent to the question was not taken back."""
    said = queries.decided(state, member, question.study, question.period)
    given = [one for one in said if isinstance(one, ConsentFacts)]
    return bool(given) and given[-1].revoked is None


def _write(home: Path, question: Question, kept: Kept) -> None:
    durable.write(_path(home, question), canon.encode(kept), mode=PRIVATE_FILE)


def _path(home: Path, question: Question) -> Path:
    """Named by digest: a period is any text."""
    return home / FOLDER / f"{canon.hex_of(canon.digest(f'{question.study} {question.period}'.encode()))}.json"
