"""How a charter comes about: the convenor's text, the hub's keys and the founders' parties, put together.

Decides the form of the charter and of the texts it is made from, and how many founders fit into it; whether it holds
is `assembly.fold`, which every reader of leaf 0 asks.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comity import canon
from comity.acts.charter import Charter, Hub, Rule
from comity.acts.refs import Head
from comity.acts.statement import CHARTER_LIMIT, Act, size
from comity.errors import FormatError
from comity.model.member import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`charter.toml`: all of a charter that is not somebody's key."""

    name: str
    origin: str
    challenge_seconds: int
    rules: dict[str, Rule]


def read(text: str, *, where: str = "charter.toml") -> Draft:
    """A draft out of its TOML text; FormatError for a field that no charter has."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise FormatError(str(e), where=where, wanted="TOML", way_out="correct the line it names") from None
    return canon.convert(table, Draft, where=where)


def charter(draft: Draft, hub: Hub, founders: Iterable[Party], *, convenor: str, witnesses: Sequence[str]) -> Charter:
    """The charter: founders sorted by id.

    FormatError if convenor or a witness is no founder, or if they are more founders than leaf 0 has room for.
    """
    parties = tuple(sorted(founders, key=lambda party: party.id))
    ids = [party.id for party in parties]
    for name in (convenor, *witnesses):
        if name not in ids:
            raise FormatError("not a founder", where="charter", found=name, wanted=", ".join(ids))
    made = Charter(
        name=draft.name,
        origin=draft.origin,
        convenor=convenor,
        founders=parties,
        hub=hub,
        witnesses=tuple(sorted(witnesses)),
        rules=draft.rules,
        challenge_seconds=draft.challenge_seconds,
    )
    if _size(made) > CHARTER_LIMIT:
        fit = next(
            n for n in range(len(parties), -1, -1) if _size(replace(made, founders=parties[:n])) <= CHARTER_LIMIT
        )
        raise FormatError(
            "too many founders for one entry of a log",
            where="charter",
            found=f"{len(parties)} founders, {_size(made)} bytes",
            wanted=f"{CHARTER_LIMIT} bytes at most: {fit} founders such as these",
            way_out="found with fewer; each of the others is admitted by a motion about a member, and then accedes",
        )
    return made


def _size(charter: Charter) -> int:
    """Bytes of leaf 0."""
    head = Head(size=0, root=canon.digest(b""))
    return size(Act(actor=charter.convenor, origin=charter.origin, head=head, body=charter))
