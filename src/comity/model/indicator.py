"""The indicator register: indicators and series of a framework, the agencies that keep them, and tiers by date.

A format and its rules, no text of anybody's list: whoever needs a register imports the lists that their authority
publishes (`stages.registering`), or writes one. Its folder is read and written by `model.register`; what the members
adopt or recognise is the canonical JSON of the record.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.language import is_tag

What = Literal["added", "revised", "replaced", "deleted"]
WHATS: Final[tuple[What, ...]] = get_args(What)
CODE: Final = re.compile(r"([1-9][0-9]?)\.([1-9][0-9]?|[a-z])\.([1-9][0-9]?)")  # goal, target, indicator
TIER: Final = re.compile(r"(I|II|III)(/(II|III))?")  # two where parts of an indicator stand in two tiers
_ID: Final = re.compile(r"[A-Za-z0-9_@$-]{1,64}")  # SDMX 3.0, common:IDType
Place = tuple[int, bool, int, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The tier that an indicator has from a date on, until the next."""

    tier: str  # I, II, III, or two of them, such as I/II
    since: str  # date, 2024-02-29


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a review did with an indicator, and in which year."""

    what: What
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator. Its goal and target follow from its code."""

    code: str  # such as 1.1.1 or 1.a.1
    title: str  # in English
    titles: dict[str, str] = field(default_factory=dict)  # language (BCP 47) -> title
    custodians: tuple[str, ...] = ()  # agencies, as their framework calls them
    partners: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()  # by date
    changes: tuple[Change, ...] = ()  # by year

    @property
    def goal(self) -> str:
        """The goal's number."""
        return self.code.partition(".")[0]

    @property
    def target(self) -> str:
        """The target's code, such as 1.1 or 1.a."""
        return self.code.rpartition(".")[0]

    def tier_on(self, day: str) -> str | None:
        """Its tier on a date; None before the first, and where none is known."""
        held = [tier.tier for tier in self.tiers if tier.since <= day]
        return held[-1] if held else None

    @property
    def deleted(self) -> bool:
        """Whether the last change took it out of the framework."""
        return bool(self.changes) and self.changes[-1].what == "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series of figures: one way to measure one indicator, or several."""

    code: str
    indicators: tuple[str, ...]
    title: str
    unit: str = ""
    custodians: tuple[str, ...] = ()  # where they are others than the indicator's


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A file that a register was made from: anyone who has it can make it again."""

    name: str
    digest: Digest
    retrieved: str  # date


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register of one framework, as it stood when its lists were retrieved."""

    id: str
    version: str
    title: str
    source: str  # whose lists
    address: str  # where they are published
    retrieved: str  # date
    origins: tuple[Origin, ...] = ()
    indicators: tuple[Indicator, ...]  # in the order of their codes
    series: tuple[Series, ...]  # in the order of their codes

    @property
    def digest(self) -> Digest:
        """What a motion would name."""
        return canon.digest(canon.encode(self))

    @property
    def name(self) -> str:
        """Its id and version."""
        return f"{self.id}/{self.version}"

    def indicator(self, code: str) -> Indicator:
        """An indicator by code; FormatError if there is none."""
        found = next((one for one in self.indicators if one.code == code), None)
        if found is None:
            raise FormatError("no such indicator", where=self.name, found=code, wanted="a code, such as 1.1.1")
        return found

    def series_of(self, code: str) -> tuple[Series, ...]:
        """The series of an indicator, in the order of their codes."""
        return tuple(one for one in self.series if code in one.indicators)


def place(code: str) -> Place:
    """Where an indicator stands: numbered targets by number, then lettered ones; what is no code comes last."""
    found = CODE.fullmatch(code)
    if found is None:
        return (100, True, 0, code, 0)
    goal, target, last = found.groups()
    number = int(target) if target.isdecimal() else 0
    return (int(goal), not target.isdecimal(), number, target, int(last))


def decode(data: bytes, *, where: str) -> Register:
    """A register out of its canonical JSON; FormatError if it contradicts itself."""
    return sound(canon.decode(data, Register, where=where), where=where)


def sound(register: Register, *, where: str) -> Register:
    """The register itself; FormatError if it contradicts itself."""
    if wrong := faults(register):
        raise FormatError("the register contradicts itself", where=where, found="; ".join(wrong[:12]))
    return register


def faults(register: Register) -> tuple[str, ...]:
    """Every place where a register contradicts itself, as one line each. Never raises."""
    return (*_frame(register), *_indicators(register), *_series(register))


def _frame(register: Register) -> Iterator[str]:
    rules = [
        (_ID.fullmatch(register.id), f"id {register.id!r} is not an SDMX id"),
        (register.version and "/" not in register.version, "version is empty, or has a /"),
        (register.title and register.source, "title or source is empty"),
        (is_date(register.retrieved), f"retrieved {register.retrieved!r} is no date (2024-02-29)"),
        (register.indicators, "no indicator"),
    ]
    yield from (line for holds, line in rules if not holds)
    lines = (register.version, register.title, register.source, register.address, *(o.name for o in register.origins))
    yield from _texts("register", *lines)
    for origin in register.origins:
        if not canon.is_digest(origin.digest) or not is_date(origin.retrieved) or not origin.name:
            yield f"origin {origin.name!r}: wants a name, a digest and a date"


def _indicators(register: Register) -> Iterator[str]:
    codes = [one.code for one in register.indicators]
    if codes != sorted(set(codes), key=place):
        yield "indicators: in the order of their codes, each once"
    for one in register.indicators:
        where = f"indicator {one.code}"
        if not CODE.fullmatch(one.code):
            yield f"{where}: no code, such as 1.1.1 or 1.a.1"
        if not one.title:
            yield f"{where}: has no title"
        yield from _texts(where, one.title, *one.titles.values())
        yield from (f"{where}: {tag!r} is no language" for tag in one.titles if not is_tag(tag))
        yield from _agencies(where, (*one.custodians, *one.partners))
        dates = [tier.since for tier in one.tiers]
        if dates != sorted(set(dates)) or not all(map(is_date, dates)):
            yield f"{where}: tiers by date, each date once"
        yield from (f"{where}: {tier.tier!r} is no tier" for tier in one.tiers if not TIER.fullmatch(tier.tier))
        years = [change.year for change in one.changes]
        if years != sorted(years) or not all(2015 <= year <= 2099 for year in years):
            yield f"{where}: changes by year, from 2015 on"


def _series(register: Register) -> Iterator[str]:
    codes, known = [one.code for one in register.series], {one.code for one in register.indicators}
    if codes != sorted(set(codes)):
        yield "series: in the order of their codes, each once"
    for one in register.series:
        where = f"series {one.code}"
        if not _ID.fullmatch(one.code):
            yield f"{where}: no code"
        if list(one.indicators) != sorted(set(one.indicators), key=place) or not one.indicators:
            yield f"{where}: wants its indicators in the order of their codes, each once"
        yield from (f"{where}: no indicator {code}" for code in one.indicators if code not in known)
        yield from _texts(where, one.title, one.unit)
        yield from _agencies(where, one.custodians)


def _agencies(where: str, names: tuple[str, ...]) -> Iterator[str]:
    """An agency's name stands in a cell beside others."""
    yield from (
        f"{where}: {name!r} is no agency's name"
        for name in names
        if not name.strip() or name != name.strip() or ";" in name or not _is_line(name)
    )


def _texts(where: str, *texts: str) -> Iterator[str]:
    yield from (f"{where}: {text[:40]!r} is not one line of text, in NFC" for text in texts if not _is_line(text))


def _is_line(text: str) -> bool:
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def is_date(text: str) -> bool:
    """Whether a text is a date in its one spelling, 2024-02-29."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
