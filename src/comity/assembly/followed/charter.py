"""What followed from acts about the assembly itself: who joined and left, which key serves, where the log is kept."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from comity.acts.charter import Accession, Charter, Succession
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.statement import Act
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.said.account import Term


def _charter(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    joined = sum(party.id in log.now.actors for party in body.founders)
    yield Outcome(code="charter.joined", params={"joined": joined, "founders": len(body.founders)})


def _accession(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    actor = log.now.actors.get(act.actor)
    if actor is not None and actor.since == index and actor.until is not None:
        yield Outcome(code="accession.left", params={"leaf": actor.until})


def _key(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    actor = log.now.actors.get(act.actor)
    if actor is None:
        return
    purpose = Term(f"purpose.{body.purpose}")
    if actor.key(body.purpose) == body.key and body.purpose not in actor.revoked:
        yield Outcome(code="key.serves", params={"purpose": purpose})
        return
    for leaf, later in log.later():
        said: Any = later.body
        if later.actor != act.actor or not isinstance(said, KeyRegistered | KeyRevoked | Recovery):
            continue
        if isinstance(said, Recovery) or said.purpose == body.purpose:
            code = "key.revoked" if isinstance(said, KeyRevoked) else "key.replaced"
            yield Outcome(code=code, params={"purpose": purpose, "leaf": leaf})
            return


def _succession(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether the log is still kept there."""
    later = next((one for one in log.now.successions if one.ref.index > index), None)
    if later is not None:
        yield Outcome(code="succession.left", params={"leaf": later.ref.index, "after": later.after})
    elif any(one.ref.index == index for one in log.now.successions):
        yield Outcome(code="succession.stands")


def _recovery(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """What it left to the actor."""
    actor = log.now.actors.get(act.actor)
    if actor is not None and actor.recovered is not None:
        again = actor.recovered > index
        yield (
            Outcome(code="recovery.again", params={"leaf": actor.recovered})
            if again
            else Outcome(code="recovery.stands")
        )


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    Charter: _charter,
    Accession: _accession,
    KeyRegistered: _key,
    Succession: _succession,
    Recovery: _recovery,
}
