"""How a charter comes about: the convenor's text, the hub's keys and the founders' parties, put together.

Decides the form of the charter and of the texts it is made from; whether it holds is `assembly.fold`, which every
reader of leaf 0 asks.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from comity import canon
from comity.acts.charter import Charter, Hub, Rule
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
    """The charter: founders sorted by id; FormatError if convenor or a witness is no founder."""
    parties = tuple(sorted(founders, key=lambda party: party.id))
    ids = [party.id for party in parties]
    for name in (convenor, *witnesses):
        if name not in ids:
            raise FormatError("not a founder", where="charter", found=name, wanted=", ".join(ids))
    return Charter(
        name=draft.name,
        origin=draft.origin,
        convenor=convenor,
        founders=parties,
        hub=hub,
        witnesses=tuple(sorted(witnesses)),
        rules=draft.rules,
        challenge_seconds=draft.challenge_seconds,
    )
