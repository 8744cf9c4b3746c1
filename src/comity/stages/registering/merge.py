"""A register out of published lists, and out of the register before: what changed between two dates is kept.

Each list is asked for what it knows; where two say different things the one that is named first is believed, and the
other is told. An indicator's tiers by date grow: a tier that is the same as before gets no new date.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.errors import FormatError
from comity.model.indicator import Change, Indicator, Origin, Register, Series, Tier, place, sound
from comity.stages.registering import api, dsd, tiers
from comity.stages.registering.found import Found, Remark, Seen

READERS: Final[dict[str, Callable[[bytes, str], Found]]] = {
    ".xlsx": tiers.read,
    ".csv": tiers.read,
    ".json": api.read,
    ".xml": dsd.read,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a register says of itself."""

    id: str
    version: str
    title: str
    source: str
    address: str
    retrieved: str  # date of the lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A register, and every place of the lists that it does not hold."""

    register: Register
    remarks: tuple[Remark, ...]


def read(name: str, data: bytes) -> Found:
    """A list by its file's name; FormatError for another kind of file, or one that is no such list."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix not in READERS:
        raise FormatError("not a kind of list", where=name, found=suffix or "no suffix", wanted=", ".join(READERS))
    return READERS[suffix](data, name)


def merged(about: About, lists: Sequence[Found], previous: Register | None = None) -> Merged:
    """The register of these lists, the first of them believed first.

    Raises:
        FormatError: nothing that could be a register, or the register before is of a later date.
    """
    if previous is not None and previous.retrieved >= about.retrieved:
        raise FormatError("the register before is not older", where=previous.name, found=previous.retrieved)
    remarks = [remark for one in lists for remark in one.remarks]
    seen: dict[str, Seen] = {}
    for one in lists:
        for indicator in one.indicators:
            known = seen.get(indicator.code)
            seen[indicator.code] = indicator if known is None else _filled(known, indicator)
            remarks += _differs(one.name, known, indicator)
    series: dict[str, Series] = {}
    for one in lists:
        for found in one.series:
            held, missing = series.setdefault(found.code, found), [c for c in found.indicators if c not in seen]
            if (held.indicators, held.title) != (found.indicators, found.title):
                remarks.append(Remark(file=one.name, place=found.code, what="another title or indicator than before"))
            if missing:
                what = f"of {', '.join(missing)}, which no list titles"
                remarks.append(Remark(file=one.name, place=found.code, what=what))
    kept = (one for one in series.values() if all(code in seen for code in one.indicators))
    register = Register(
        id=about.id,
        version=about.version,
        title=about.title,
        source=about.source,
        address=about.address,
        retrieved=about.retrieved,
        origins=tuple(Origin(name=one.name, digest=one.digest, retrieved=about.retrieved) for one in lists),
        indicators=tuple(sorted(_indicators(about, seen, previous), key=lambda one: place(one.code))),
        series=tuple(sorted(kept, key=lambda one: one.code)),
    )
    return Merged(register=sound(register, where="register"), remarks=tuple(remarks))


def _indicators(about: About, seen: dict[str, Seen], previous: Register | None) -> Iterator[Indicator]:
    """What the lists have, with its past; and what they have no more."""
    before = {one.code: one for one in previous.indicators} if previous else {}
    year = int(about.retrieved[:4]) if about.retrieved[:4].isdecimal() else 0
    for code, one in seen.items():
        past = before.get(code)
        yield Indicator(
            code=code,
            title=one.title,
            titles=past.titles if past and past.title == one.title else {},
            custodians=one.custodians or (past.custodians if past else ()),
            partners=one.partners or (past.partners if past else ()),
            tiers=_tiers(past, one.tier, about.retrieved),
            changes=_changes(past, one, year) if previous else (),
        )
    for code, past in before.items():
        if code not in seen:
            gone = () if past.deleted else (Change(what="deleted", year=year),)
            yield replace(past, changes=(*past.changes, *gone))


def _tiers(past: Indicator | None, tier: str, day: str) -> tuple[Tier, ...]:
    """Tiers by date, with today's if it is another than the last."""
    held = past.tiers if past else ()
    return held if not tier or (held and held[-1].tier == tier) else (*held, Tier(tier=tier, since=day))


def _changes(past: Indicator | None, now: Seen, year: int) -> tuple[Change, ...]:
    """What the review did with it since the register before."""
    if past is None or past.deleted:
        return (*(past.changes if past else ()), Change(what="added", year=year))
    return past.changes if past.title == now.title else (*past.changes, Change(what="revised", year=year))


def _filled(known: Seen, other: Seen) -> Seen:
    """What is known, with what only the other list says."""
    return replace(
        known,
        custodians=known.custodians or other.custodians,
        partners=known.partners or other.partners,
        tier=known.tier or other.tier,
    )


def _differs(file: str, known: Seen | None, other: Seen) -> Iterable[Remark]:
    """Where a later list contradicts an earlier one."""
    if known is None:
        return
    for what in ("title", "custodians", "partners", "tier"):
        first, second = getattr(known, what), getattr(other, what)
        if first and second and first != second:
            yield Remark(file=file, place=other.code, what=f"another {what} than in the list before: {second!r:.80}")
