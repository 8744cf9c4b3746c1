"""The charter family: what a charter must hold to found an assembly, who joins, who leaves.

A founder accedes as the charter names it; anyone else as an adopted motion about the member names it, after that
motion's tick. Whoever left or was suspended comes back by a new motion. What a charter's rules mean is in `tally`.
"""

import re
from dataclasses import replace
from itertools import chain
from typing import Any, Final, get_args

from comity import canon, keys
from comity.acts.charter import Accession, Charter, Matter, Withdrawal
from comity.acts.charter import Rule as Ballot
from comity.assembly.rules.rule import EVERYONE, Entry, Rule, by_actor, no
from comity.assembly.state import Actor, State
from comity.errors import FormatError
from comity.model.member import HUB, Keys, Party, member_id
from comity.model.reason import Reason
from comity.tlog.spelling import is_name, text_of

MOST_WITNESSES: Final = 15  # a note with more than 100 signatures is refused by other readers
_AREA: Final = re.compile(r"[0-9]{3}")  # M49


def by_convenor(state: State, entry: Entry[Charter]) -> str | None:
    """The convenor's key, as the charter itself names it."""
    founders = {party.id: party for party in entry.body.founders}
    convenor = founders.get(entry.body.convenor)
    return convenor.keys.sign if convenor and entry.actor == entry.body.convenor else None


def against_charter(state: State, entry: Entry[Charter]) -> list[Reason]:
    """Every flaw of the text; that it is leaf 0 and only leaf 0 has been seen."""
    charter = entry.body
    ids = [party.id for party in charter.founders]
    flaws = {
        "origin": not (is_name(charter.origin) and _is_text(charter.origin)),
        "founders": ids != sorted(set(ids)) or any(party_flaws(party) for party in charter.founders),
        "convenor": charter.convenor not in ids,
        "witnesses": not _are_witnesses(charter.witnesses, ids),
        "rules": set(charter.rules) != set(get_args(Matter)) or not all(map(_is_ballot, charter.rules.values())),
        "challenge_seconds": charter.challenge_seconds < 0,
    }
    reasons = [no("act.malformed", what=what) for what, wrong in flaws.items() if wrong]
    every = [key for party in charter.founders for key in texts(party.keys)] + [charter.hub.sign, charter.hub.log]
    if len(set(every)) != len(every) or not all(map(is_key, every)):
        reasons.append(no("charter.keys"))
    return reasons


def found_assembly(state: State, entry: Entry[Charter]) -> State:
    """The charter holds; its founders may accede."""
    charter, owners = entry.body, state.owners
    named = chain.from_iterable(((party.id, key) for key in texts(party.keys)) for party in charter.founders)
    for owner, key in chain(named, ((HUB, charter.hub.sign), (HUB, charter.hub.log))):
        owners = owners.set(key, owner)
    return replace(
        state,
        charter=charter,
        charter_digest=canon.digest(canon.encode(charter)),
        candidates={party.id: party for party in charter.founders},
        owners=owners,
    )


def by_party(state: State, entry: Entry[Accession]) -> str | None:
    """The key of the party that accedes: whether it is that party's, the charter or a motion says."""
    return entry.body.party.keys.sign if entry.body.party.id == entry.actor else None


def against_accession(state: State, entry: Entry[Accession]) -> list[Reason]:
    """Another charter, an unknown party, other keys than agreed on, or one who is in already."""
    party, actor = entry.body.party, state.actors.get(entry.actor)
    reasons = [no("act.unknown-thing", what="charter")] if entry.body.charter != state.charter_digest else []
    if actor is not None and actor.until is None:
        return [*reasons, no("act.repeated")]
    if actor is None and entry.actor in state.candidates:
        return reasons if party == state.candidates[entry.actor] else [*reasons, no("charter.keys")]
    admitted = state.in_force.get(canon.digest(canon.encode(party)))
    if admitted is None or (admitted.matter, admitted.name) != ("member", party.id):
        return [*reasons, no("charter.keys")]
    if any(state.owners.get(key, party.id) != party.id for key in texts(party.keys)) or party_flaws(party):
        reasons.append(no("charter.keys"))
    return reasons


def accede(state: State, entry: Entry[Accession]) -> State:
    """An actor with the keys that it came with. An admission is used up: whoever leaves again needs another."""
    party, owners = entry.body.party, state.owners
    for key in texts(party.keys):
        owners = owners.set(key, party.id)
    actor = Actor(party=party, keys=party.keys, revoked=(), since=entry.ref.index, until=None)
    candidates = {id: other for id, other in state.candidates.items() if id != party.id}
    in_force = {
        digest: thing for digest, thing in state.in_force.items() if (thing.matter, thing.name) != ("member", party.id)
    }
    actors = {**state.actors, party.id: actor}
    return replace(state, actors=actors, candidates=candidates, owners=owners, in_force=in_force)


def against_withdrawal(state: State, entry: Entry[Withdrawal]) -> list[Reason]:
    """Another charter."""
    return [no("act.unknown-thing", what="charter")] if entry.body.charter != state.charter_digest else []


def withdraw(state: State, entry: Entry[Withdrawal]) -> State:
    """The actor is gone; what it said stands."""
    gone = replace(state.actors[entry.actor], until=entry.ref.index)
    return replace(state, actors={**state.actors, entry.actor: gone})


def texts(of: Keys) -> tuple[str, str, str]:
    """The three keys of an actor."""
    return of.sign, of.officer, of.witness


def is_key(text: str, algorithm: keys.Algorithm = keys.ED25519) -> bool:
    """Whether this is a key of the algorithm, and every verifier reads it alike (`keys.register`)."""
    try:
        keys.register(text, algorithm=algorithm)
    except FormatError:
        return False
    return True


def party_flaws(party: Party) -> bool:
    """Whether a party is no party: id, area, weight (1 or more for a member, else 0), three good keys."""
    try:
        member_id(party.id)
        party.keys.registered(where=party.id)
    except FormatError:
        return True
    return not _AREA.fullmatch(party.area) or (party.weight < 1 if party.role == "member" else party.weight != 0)


def _are_witnesses(witnesses: tuple[str, ...], ids: list[str]) -> bool:
    """1 to 15 founders, sorted, each once."""
    return (
        1 <= len(witnesses) <= MOST_WITNESSES
        and list(witnesses) == sorted(set(witnesses))
        and set(witnesses) <= set(ids)
    )


def _is_ballot(rule: Ballot) -> bool:
    """Whether votes can decide by this rule at all."""
    counts = 0 <= rule.share < 100 and 0 <= rule.quorum <= 100 and rule.seconds >= 0
    return counts and rule.objections >= (1 if rule.method == "consensus" else 0)


def _is_text(text: str) -> bool:
    """Whether it can stand as a line of a checkpoint."""
    try:
        return "\n" not in text_of(text, where="origin")
    except FormatError:
        return False


RULES: dict[type[Any], Rule] = {
    Charter: Rule(signer=by_convenor, roles=None, against=against_charter, effect=found_assembly),
    Accession: Rule(signer=by_party, roles=None, against=against_accession, effect=accede),
    Withdrawal: Rule(signer=by_actor, roles=EVERYONE, against=against_withdrawal, effect=withdraw),
}
