"""How a charter comes about: the convenor's text, the hub's keys and the founders' parties, put together.

Decides the form of the charter and of the texts it is made from, those of amendments too, and how many founders fit
into it; whether it holds is `assembly.fold`, which every reader of leaf 0 asks. In a text, what is a set may stand in
any order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from comity import canon
from comity.acts.charter import AUDIT_SECONDS, ESTIMATE_SECONDS, Charter, Hub, Matter, Office, Rule, Silence
from comity.acts.refs import Head
from comity.acts.statement import CHARTER_LIMIT, Act, size
from comity.acts.terms import Amendment
from comity.assembly.articles import MATTERS
from comity.errors import FormatError
from comity.model import toml
from comity.model.member import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`charter.toml`: all of a charter that is not somebody's key. What it leaves out is as `Charter` has it."""

    name: str
    origin: str
    challenge_seconds: int
    rules: dict[str, Rule]
    host: str = ""
    recused: tuple[Matter, ...] = ("hub",)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offices: tuple[Office, ...] = ()
    estimate_seconds: int = ESTIMATE_SECONDS
    silence: Silence = "objected"
    audit_seconds: int = AUDIT_SECONDS


def read(text: str, *, where: str = "charter.toml") -> Draft:
    """A draft out of its TOML text; FormatError for a field that no charter has."""
    draft = canon.convert(toml.read(text, where=where), Draft, where=where)
    return replace(
        draft, recused=tuple(sorted(draft.recused)), groups=_groups(draft.groups), offices=_offices(draft.offices)
    )


def check_rules(draft: Draft, *, where: str = "charter.toml") -> None:
    """FormatError if a matter has no rule, or a rule no matter; by name."""
    if missing := sorted(MATTERS - set(draft.rules)):
        raise FormatError("no rule for a matter", where=f"{where}, rules", wanted=", ".join(missing))
    if strange := sorted(set(draft.rules) - MATTERS):
        wanted = ", ".join(sorted(MATTERS))
        raise FormatError("a rule for no matter", where=f"{where}, rules", found=", ".join(strange), wanted=wanted)


def amendment(text: str, *, where: str = "amendment.toml") -> Amendment:
    """What changes, out of its TOML text: the fields of `charter.toml` that a motion can change, and only those named.

    A rule stands whole; groups, offices and recused matters are lists that take the place of the old ones.
    """
    change = canon.convert({"rules": {}} | toml.read(text, where=where), Amendment, where=where)
    return replace(
        change,
        recused=None if change.recused is None else tuple(sorted(change.recused)),
        groups=None if change.groups is None else _groups(change.groups),
        offices=None if change.offices is None else _offices(change.offices),
    )


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
        host=draft.host,
        recused=draft.recused,
        groups=draft.groups,
        offices=draft.offices,
        estimate_seconds=draft.estimate_seconds,
        silence=draft.silence,
        audit_seconds=draft.audit_seconds,
    )
    if _size(made) > CHARTER_LIMIT:
        fits = (n for n in range(len(parties), 0, -1) if _size(replace(made, founders=parties[:n])) <= CHARTER_LIMIT)
        fit = next(fits, 0)
        if not fit:
            found = f"{_size(replace(made, founders=()))} bytes without any founder"
            raise FormatError(
                "too long a charter", where="charter", found=found, wanted=f"{CHARTER_LIMIT} bytes at most"
            )
        raise FormatError(
            "too many founders for one entry of a log",
            where="charter",
            found=f"{len(parties)} founders, {_size(made)} bytes",
            wanted=f"{CHARTER_LIMIT} bytes at most: {fit} founders such as these",
            way_out="found with fewer; each of the others is admitted by a motion about a member, and then accedes",
        )
    return made


def _groups(groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(areas)) for name, areas in groups.items()}


def _offices(offices: tuple[Office, ...]) -> tuple[Office, ...]:
    by_id = sorted(offices, key=lambda office: office.id)
    return tuple(replace(office, excludes=tuple(sorted(office.excludes))) for office in by_id)


def _size(charter: Charter) -> int:
    """Bytes of leaf 0."""
    head = Head(size=0, root=canon.digest(b""))
    return size(Act(actor=charter.convenor, origin=charter.origin, head=head, body=charter))
