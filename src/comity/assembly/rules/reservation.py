"""Reservations: a member applies a norm in force but for some of its parts, and says so.

A reservation is about one version of a norm, by its digest: for the next version it must be said anew. Which parts a
norm has stands in its text, which the log does not hold; here a part is only spelt right, and whoever enters one
checks it against the text. What follows for figures is decided where they are made (`stages.combine`).
"""

import re
from typing import Any, Final

from comity.acts.motion import Reservation
from comity.assembly import queries
from comity.assembly.facts import ReservationFacts
from comity.assembly.rules.rule import PRODUCERS, Entry, Rule, by_actor, no, unspelt
from comity.assembly.state import State
from comity.model.language import is_tag
from comity.model.reason import Reason

LIMIT: Final = 64  # parts of one reservation
MOST: Final = 64  # reservations of one actor against one version of a norm, those that lift included
KINDS: Final = (
    "variable",
    "question",
    "code",
    "dimension",
    "measure",
    "rule",
    "method",
    "metadata",
    "protection",
)
_PART: Final = re.compile(rf"({'|'.join(KINDS)}):[A-Za-z0-9_@$-]{{1,64}}([./][A-Za-z0-9_@$-]{{1,64}}){{0,3}}")


def against(state: State, entry: Entry[Reservation]) -> list[Reason]:
    """No norm in force, parts that are none, nothing to lift, what stands already, or a change of mind too many."""
    body = entry.body
    if wrong := unspelt(body.norm) + _against_form(body):
        return wrong
    if len(state.reservations.get((body.norm, entry.actor), ())) >= MOST:
        return [no("act.repeated", most=str(MOST))]
    stands = queries.reservation(state, body.norm, entry.actor)
    if not body.parts:
        return [] if stands else [no("act.unknown-thing", what="reservation")]
    reasons = [] if _is_norm(state, body) else [no("norm.not-in-force")]
    if stands and (stands.parts, stands.text, stands.language) == (body.parts, body.text, body.language):
        reasons.append(no("act.repeated"))
    return reasons


def enter(state: State, entry: Entry[Reservation]) -> State:
    """It takes the place of the member's earlier one, which stays known for the figures of its time."""
    body = entry.body
    facts = ReservationFacts(
        ref=entry.ref,
        member=entry.actor,
        norm=body.norm,
        parts=body.parts,
        text=body.text,
        language=body.language,
    )
    key = (body.norm, entry.actor)
    return state.having(reservations=state.reservations.set(key, (*state.reservations.get(key, ()), facts)))


def is_part(text: str) -> bool:
    """Whether a text names a part of a norm: `<kind>:<id>`, such as `code:CL_SEX.F` or `method:table/1`."""
    return bool(_PART.fullmatch(text))


def _against_form(body: Reservation) -> list[Reason]:
    """Parts in one order and spelling, not too many; a language where there is a text, and none where there is none."""
    parts = list(body.parts)
    reasons = []
    if parts != sorted(set(parts)) or len(parts) > LIMIT or not all(map(is_part, parts)):
        reasons.append(no("act.malformed", what="parts"))
    if not (is_tag(body.language) if body.text else not body.language):
        reasons.append(no("act.malformed", what="language"))
    return reasons


def _is_norm(state: State, body: Reservation) -> bool:
    """Whether it is a norm, own or recognised, that is in force."""
    return any(queries.adopted(state, body.norm, matter) for matter in ("norm", "norm-recognised"))


RULES: dict[type[Any], Rule] = {
    Reservation: Rule(signer=by_actor, roles=PRODUCERS, against=against, effect=enter),
}
