"""The charter family: what founds an assembly, who joins, who leaves.

A founder accedes as the charter names it; anyone else as an adopted motion about the member names it, after that
motion's tick. Whoever left or was suspended comes back by a new motion. A candidate becomes a member in the same way:
by a motion about a party of the same id, and a second accession. Nobody joins by a key that was revoked or replaced, or
that may be a hub's. What a charter must hold is in `articles`, what becomes of it later in `terms`.
"""

from dataclasses import replace
from itertools import chain
from typing import Any

from comity import canon
from comity.acts.charter import Accession, Charter, Withdrawal
from comity.acts.key import BOX, WITNESS_ML_DSA
from comity.assembly import articles, hosts, queries
from comity.assembly.articles import texts
from comity.assembly.facts import Actor
from comity.assembly.rules.key import laid_down
from comity.assembly.rules.rule import EVERYONE, Entry, Rule, by_actor, no, unadmitted
from comity.assembly.state import State
from comity.model.member import HUB, Party
from comity.model.reason import Reason


def by_convenor(state: State, entry: Entry[Charter]) -> str | None:
    """The convenor's key, as the charter itself names it."""
    founders = {party.id: party for party in entry.body.founders}
    convenor = founders.get(entry.body.convenor)
    return convenor.keys.sign if convenor and entry.actor == entry.body.convenor else None


def against_charter(state: State, entry: Entry[Charter]) -> list[Reason]:
    """Every flaw of the text; that it is leaf 0 and only leaf 0 has been seen."""
    charter = entry.body
    reasons = [no("act.malformed", what=what) for what in flaws(charter)]
    return reasons if articles.good_keys(charter.founders, charter.hub) else [*reasons, no("charter.keys")]


def flaws(charter: Charter) -> list[str]:
    """Fields that no leaf 0 may hold so, by name; keys apart.

    Its witnesses are founders, and its host is a founder that is a member, as nobody else is there yet.
    """
    wrong = articles.flaws(charter)
    roles = {party.id: party.role for party in charter.founders}
    if "witnesses" not in wrong and not set(charter.witnesses) <= set(roles):
        wrong.append("witnesses")
    if charter.host and roles.get(charter.host) != "member":
        wrong.append("host")
    return wrong


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
    if actor is not None and actor.until is None and not _rises(actor, party):
        return [*reasons, no("act.repeated")]
    if actor is None and entry.actor in state.candidates:
        return reasons if party == state.candidates[entry.actor] else [*reasons, no("charter.keys")]
    admitted = queries.adopted(state, canon.digest(canon.encode(party)), "member")
    if admitted is None or admitted.name != party.id:
        return [*reasons, no("charter.keys")]
    return reasons if _is_free(state, party) and not articles.party_flaws(party) else [*reasons, no("charter.keys")]


def accede(state: State, entry: Entry[Accession]) -> State:
    """An actor with the keys that it came with. An admission is used up: whoever leaves again needs another.

    A candidate that becomes a member keeps the keys that it registered beside those three. Keys that it had, and that
    the party does not name, are laid down.
    """
    party, owners, gone = entry.body.party, state.owners, state.laid_down
    for key in texts(party.keys):
        owners = owners.set(key, party.id)
    actor = Actor(party=party, keys=party.keys, revoked=(), since=entry.ref.index, until=None)
    before = state.actors.get(party.id)
    if before is not None:
        others = (key for key in texts(before.keys) if key not in texts(party.keys))
        gone = laid_down(state, entry.ref.index, *others)
    if before is not None and before.until is None:
        beside = tuple(purpose for purpose in before.revoked if purpose in (BOX, WITNESS_ML_DSA))
        actor = replace(before, party=party, keys=party.keys, revoked=beside, since=entry.ref.index)
    candidates = {id: other for id, other in state.candidates.items() if id != party.id}
    actors = {**state.actors, party.id: actor}
    return unadmitted(state, party.id).having(actors=actors, candidates=candidates, owners=owners, laid_down=gone)


def _is_free(state: State, party: Party) -> bool:
    """Whether a party's keys are nobody else's, were never laid down, and may not be a hub's."""
    hubs = hosts.named(state)
    return not any(
        state.owners.get(key, party.id) != party.id or key in state.laid_down or key in hubs
        for key in texts(party.keys)
    )


def _rises(actor: Actor, party: Party) -> bool:
    """Whether an actor that is here accedes as more than it is: a candidate that was admitted."""
    return actor.party.role == "candidate" and party.role != "candidate"


def against_withdrawal(state: State, entry: Entry[Withdrawal]) -> list[Reason]:
    """Another charter."""
    return [no("act.unknown-thing", what="charter")] if entry.body.charter != state.charter_digest else []


def withdraw(state: State, entry: Entry[Withdrawal]) -> State:
    """The actor is gone; what it said stands. It comes back by what is decided from now on."""
    gone = replace(state.actors[entry.actor], until=entry.ref.index)
    return unadmitted(state, entry.actor).having(actors={**state.actors, entry.actor: gone})


RULES: dict[type[Any], Rule] = {
    Charter: Rule(signer=by_convenor, roles=None, against=against_charter, effect=found_assembly),
    Accession: Rule(signer=by_party, roles=None, against=against_accession, effect=accede),
    Withdrawal: Rule(signer=by_actor, roles=EVERYONE, against=against_withdrawal, effect=withdraw),
}
