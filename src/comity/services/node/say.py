"""How this office says something: signed once, on disk in the journal, then posted until the log has it.

Decides that one meaning is one statement: a node that was killed posts the very bytes that it had signed. It counts as
said when the log's receipt for it is on disk too (`receipts`). What may be said is decided before (`stages.answer`, the
officer) and judged after (`assembly.fold.admit`, at the hub's door).
"""

from dataclasses import dataclass

from comity import canon, dsse
from comity.acts.refs import Head, Ref
from comity.acts.request import Request
from comity.acts.statement import Act, Body, payload, read, sign
from comity.adapters.client import Client, Rejected
from comity.adapters.journal import Journal
from comity.assembly.fold import RECENT
from comity.assembly.state import State
from comity.errors import NotVerified
from comity.keys import Signer
from comity.services.node import receipts

REPLAYED = "act.replayed"  # the log has this very statement already: what was to be reached is reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A statement that the log has, by its receipt, or as this node has read it."""

    leaf: bytes
    index: int


def head(state: State) -> Head:
    """The newest head that this node verified itself."""
    return Head(size=state.size, root=state.roots[state.size])


def origin(state: State) -> str:
    """The log's name; NotVerified before its charter was read."""
    if state.charter is None:
        raise NotVerified("the log was not read yet", where="charter", way_out="ask again when the hub answers")
    return state.charter.origin


def say(
    body: Body,
    actor: str,
    state: State,
    signer: Signer,
    journal: Journal,
    client: Client,
    now: int,
    *,
    again: bool = False,
) -> Spoken:
    """Sign, keep and post; keep the receipt.

    Raises:
        Rejected: the log's rules speak against it.
        Unreachable: try again.
        NotVerified: the hub acknowledged it, or says that it has it, without a receipt of the log; it was not said.

    Args:
        again: the same may be said a second time (a refusal, in a later attempt): what stands in the log that this
            node read is then not what is meant now.
    """
    act = Act(actor=actor, origin=origin(state), head=head(state), body=body)
    leaf = _kept(act, state, signer, journal, now, again=again)
    try:
        return Spoken(leaf=leaf, index=receipts.keep(client.state(leaf), leaf, state, journal))
    except Rejected as e:
        if [reason.code for reason in e.reasons] != [REPLAYED]:
            raise
        if e.stands is not None:
            return Spoken(leaf=leaf, index=receipts.keep(e.stands, leaf, state, journal))
    return Spoken(leaf=leaf, index=_read(leaf, state))


def _read(leaf: bytes, state: State) -> int:
    """Where this node itself has read a statement that the hub says it has, and gives no receipt for."""
    index = state.digests.get(canon.digest(leaf))
    if index is None:
        raise NotVerified(
            "the hub says that it has this statement already, and gives no receipt for it",
            where="statement",
            wanted="a receipt, or the leaf itself in the log that was read",
            way_out="the statement is posted again; ask the hub's operator",
        )
    return index


def _kept(act: Act, state: State, signer: Signer, journal: Journal, now: int, *, again: bool) -> bytes:
    """The leaf that says this: the one on disk, or one that is signed now and then on disk.

    One that was kept until no log takes its head any more is worth nothing, and another takes its place.
    """
    meant, number = _key(act, signer), 0
    while True:
        key = f"{meant} {number}" if number else meant
        leaf = journal.said(key)
        if leaf is None:
            return journal.say(key, sign(act, signer), now=now)
        logged = canon.digest(leaf) in state.digests
        if (logged and not again) or (not logged and read(leaf).act.head.size >= state.size - RECENT):
            return leaf
        number += 1


def send(bodies: tuple[bytes, ...], journal: Journal, client: Client, now: int) -> None:
    """Keep bodies in the journal, then put them at the hub."""
    journal.record("body", *bodies, now=now)
    client.put(bodies)


def fetch(
    exchange: Ref, actor: str, state: State, signer: Signer, journal: Journal, client: Client, now: int
) -> tuple[bytes, ...]:
    """The boxes addressed to this member, by a signed request that is no leaf."""
    request = Request(actor=actor, exchange=exchange.index, head=head(state), origin=origin(state))
    signed = dsse.seal(canon.encode(request), dsse.REQUEST, signer)
    journal.record("request", signed, now=now)
    return client.boxes(signed)


def _key(act: Act, signer: Signer) -> str:
    """What a statement means, whatever head its signer had seen: actor, log, body, and the key that signs."""
    meant = Act(actor=act.actor, origin=act.origin, head=Head(size=0, root=canon.digest(b"")), body=act.body)
    return f"{canon.digest(payload(meant))} {signer.public}"
