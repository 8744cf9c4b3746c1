"""What acts about the assembly itself say: charter, accessions, keys, a change of hub, ticks."""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.charter import Accession, Charter, Succession, Withdrawal
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.assembly.said.account import Account, Moment, Tell, Term, plain
from comity.assembly.state import State
from comity.errors import FormatError
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note

SHOWN: Final = 52  # characters of a key: an Ed25519 key whole, of longer ones the beginning


def _charter(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"name": body.name, "origin": body.origin, "founders": len(body.founders)}
    count = len(body.witnesses)
    return Account("", params | {"witnesses": count, "least": (count + (count - 1) // 3) // 2 + 1})


def _accession(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    votes = "member" if body.party.weight == 1 else "member.weighed"
    return Account(
        votes if body.party.role == "member" else "other",
        {"role": Term(f"role.{body.party.role}"), "weight": body.party.weight},
    )


def _succession(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    motion = now.motions.get(body.motion.index)
    host = motion.terms.hub if motion and motion.terms else None
    after, address = (host.origin, host.hub.address) if host else ("?", "?")
    before = here.charter.origin if here.charter else "?"
    return Account("", {"motion": body.motion.index, "before": before, "after": after, "address": address})


def _key(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    algorithm, _, material = body.key.partition(":")
    shown = body.key if len(body.key) <= SHOWN else f"{algorithm}:{material[:SHOWN]}..."
    return Account("", {"purpose": Term(f"purpose.{body.purpose}"), "key": shown})


def _tick(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    try:
        size = Checkpoint.of(Note.parse(body.checkpoint)).size
    except FormatError:
        return Account("unreadable")
    if here.size - 1 in here.breached:
        return Account("refused", {"size": size})
    return Account("", {"size": size, "time": Moment(here.time)})


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    Charter: _charter,
    Accession: _accession,
    Withdrawal: plain,
    Succession: _succession,
    KeyRegistered: _key,
    KeyRevoked: _key,
    Recovery: plain,
    Tick: _tick,
}
