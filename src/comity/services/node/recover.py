"""How an office comes back that lost its folder: a new one with new keys, and nothing said or spent a second time.

Decides who may say it: the office by the officer key that it kept, or, if that is lost too, the office by its new one
once the members have agreed on exactly these keys. What the lost node spent of its privacy budget stands in no log, but
no more than this: one charge for each exchange that it was on the roster of. All of these count as spent, on every
source; one whose study nobody shows any more counts as a whole year's budget. Secrets of open exchanges are gone: the
node leaves those by code. Records of answers lie in no log either: those that no backup brings back are named, for no
audit can open these answers any more. Given again, the command goes on where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.key import Recovery, possession
from comity.adapters import durable
from comity.adapters.client import Client
from comity.adapters.folder import PRIVATE_FILE, Folder
from comity.adapters.keyring import ACTOR, Keyring
from comity.assembly import fold, queries, witnesses
from comity.assembly.facts import Actor, ExchangeFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ConfigError, NotAdmitted, Unreachable
from comity.keys import Signer
from comity.services import config
from comity.services.node import charges, floor, records, say, setup
from comity.services.node.office import Office
from comity.services.node.reader import Reader, parse
from comity.services.node.records import Records

KEPT: Final = "officer.old"  # the officer key that was kept, among the new keys; it signs the recovery and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Where the office stands.

    index: the leaf that says its new keys; None while the members have not agreed on them. party: the file that is
    moved then. spent: exchanges that count as paid for. left: open exchanges whose secrets are gone. records: the
    office's answers, and those whose records are not in this folder.
    """

    member: str
    index: int | None
    party: Path
    spent: int
    left: int
    records: Records


def recover(home: Path, id: str, *, hub: str, charter: Digest, officer: Path | None = None) -> Recovered:
    """Make the folder, count as spent what may have been, and say the recovery if it may be said.

    Args:
        home: a new folder, or the one of an earlier call.
        officer: the officer key that the office kept (a backup of `keys/officer`).

    Raises:
        NotAdmitted: the log knows no such actor, or its rules speak against it.
        ConfigError: the key that was kept is not the officer key that the log knows; nothing was said.
        Unreachable: the hub does not answer; nothing was put down or said, so that the call may be given again.
    """
    asked: list[bytes] = []
    actor = _actor(_read(hub, charter, asked), id)
    if not (home / "VERSION").exists():
        setup.init(home, id=id, area=actor.party.area, role=actor.party.role, hub=hub, charter=charter)
    _same(home, id, charter)
    if officer is not None:
        _keep(home, officer, actor)
    card = home / setup.CARD
    durable.write(card, canon.encode(replace(actor.party, keys=Keyring(home).public())))
    with Office.open(home, runs=False) as office:
        for head in asked:  # before there was a journal
            office.journal.sends(head, (), now=office.now())
        state = floor.until(office, lambda state: id in state.actors, floor.PATIENCE)
        lines = {line.charged.key: line for line in charges.owed(office, state)}
        office.ledger.put_down(lines.values())
        index = _say(office, _actor(state, id))
        return Recovered(
            member=id,
            index=index,
            party=card,
            spent=len(lines),
            left=len(list(_open(state, id))),
            records=records.look(office, state),
        )


def _read(hub: str, charter: Digest, asked: list[bytes]) -> State:
    """The log as anyone reads it, before there is a folder: who this office is, follows from it."""
    with Client(hub, egress=lambda head, parts: asked.append(head)) as client:
        raw = client.moving("checkpoint")
        if raw is None:
            raise Unreachable("no checkpoint was published yet", where=f"{client.address}/checkpoint")
        note = parse(raw, where="checkpoint")
        reader = Reader(client, charter, None, keep=False)
        size = reader.read(note).size
        state = fold.replay(reader.leaves(0, size))
        witnesses.policy(state).check(note)
        return state


def _actor(state: State, id: str) -> Actor:
    actor = state.actors.get(id)
    if actor is None or actor.until is not None:
        known = ", ".join(sorted(state.members))
        raise NotAdmitted("no such office is in the assembly", where="ID", found=id, wanted=known)
    return actor


def _same(home: Path, id: str, charter: Digest) -> None:
    """The folder must be this office's, or another's keys would be named for it."""
    Folder.open(home, "node")
    found = config.node(home)
    if (found.id, found.charter) != (id, charter):
        raise ConfigError("the folder is another office's", where=str(home), found=found.id, wanted=id)


def _keep(home: Path, officer: Path, actor: Actor) -> None:
    """Put the key that was kept among the new ones, once it is shown to be the one that the log knows."""
    place, keyring = home / "keys" / KEPT, Keyring(home)
    if actor.keys == keyring.public():
        return
    try:
        durable.write(place, officer.read_bytes(), mode=PRIVATE_FILE)
    except FileNotFoundError as e:
        raise ConfigError("no such file", where=str(officer), found=e.strerror or "") from None
    try:
        key = keyring.signer(KEPT).public
    except ConfigError:
        durable.remove(place)
        raise
    if key != actor.keys.officer:
        durable.remove(place)
        raise ConfigError(
            "not the officer key that the log knows",
            where=str(officer),
            found=key,
            wanted=actor.keys.officer,
            way_out="give the right file; or leave --officer-key out, and let the members agree on the new keys",
        )


def _say(office: Office, actor: Actor) -> int | None:
    """The leaf that says the new keys, said now if it may be; None if only the members can allow it."""
    keys = office.keyring.public()
    if actor.keys == keys:
        return actor.recovered
    signer = _signer(office, actor)
    if signer is None:
        return None
    state = office.follower.state
    origin = witnesses.charter_of(state).origin
    named = ((purpose, office.keyring.signer(purpose)) for purpose in ACTOR)
    first, second, third = (key.sign(possession(origin, office.member, what, key.public)) for what, key in named)
    body = Recovery(keys=keys, proofs=(first, second, third))
    said = say.say(body, office.member, state, signer, office.journal, office.client, office.now())
    return said.index


def _signer(office: Office, actor: Actor) -> Signer | None:
    """The new officer key where the members agreed on these keys, else the one that was kept."""
    state = office.follower.state
    party = canon.digest(canon.encode(replace(actor.party, keys=office.keyring.public())))
    agreed = state.in_force.get(("member", party))
    if agreed is not None and agreed.name == office.member:
        return office.signer("officer")
    return office.keyring.signer(KEPT) if office.keyring.has(KEPT) else None


def _open(state: State, member: str) -> Iterator[ExchangeFacts]:
    return (x for x in state.exchanges.values() if x.closed is None and member in queries.members_of(state, x))
