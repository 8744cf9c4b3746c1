"""Which node a row belongs to: the survey's country codes bound to M49, one explicit decision a code.

Decides what is bound, what is left over, and says so of every code. A row is bound by its code and checked against
its name; where one of the two is missing, `codes.toml` must say why that is enough. Nothing is bound by likeness.
"""

import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from comity.errors import ConfigError
from comity.model import area

_MEMBER = re.compile(r"[a-z0-9-]{2,32}")
NAME_ONLY: Final = frozenset({"short", "everyday", "spelling", "renamed"})  # the code is M49's, only the name differs
_FIELDS = frozenset({"s003", "named", "m49", "member", "why"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One country code of the survey and what was decided about it."""

    s003: int
    why: str  # one of the binding's reasons
    named: str | None = None  # the name that the file must give; None: it must give none
    m49: str | None = None  # None: bound to nothing
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """All codes, and the reasons in words."""

    codes: dict[int, Code]
    reasons: dict[str, str]

    def of(self, members: tuple[str, ...]) -> dict[str, Code]:
        """The first code of each member; what a made-up person of that member carries."""
        first: dict[str, Code] = {}
        for code in self.codes.values():
            if code.member in members:
                first.setdefault(code.member, code)
        return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A code of the file that is not simply bound by code and name, and what became of its rows."""

    s003: int
    named: list[str]  # the names that the file gives this code
    waves: list[int]
    rows: int
    kind: str  # a reason of the binding; or name-disagrees, unknown-code
    said: str
    bound: str | None  # the member, or None: its rows go to nobody


def read(path: Path) -> Binding:
    """Read `codes.toml`; every field is needed, known, and agrees with M49.

    Raises:
        ConfigError: no TOML, an unknown field or reason, a code twice, a member with two areas, an area with two
            members, an id that is none, or an area that its reason denies.
    """
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        reasons, rows = dict(text["reasons"]), list(text["binding"]["codes"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError("not a binding of codes", where=str(path), found=str(error)) from error
    codes: dict[int, Code] = {}
    areas: dict[str, str] = {}
    for row in rows:
        code = _code(row, reasons, str(path))
        if code.s003 in codes:
            raise ConfigError("a code stands twice", where=str(path), found=str(code.s003))
        if code.member and code.m49 and areas.setdefault(code.member, code.m49) != code.m49:
            raise ConfigError("a member with two areas", where=str(path), found=f"{code.member}, {code.m49}")
        codes[code.s003] = code
    if len(set(areas.values())) != len(areas):
        raise ConfigError("an area with two members", where=str(path), found=", ".join(sorted(areas.values())))
    return Binding(codes=codes, reasons=reasons)


def _code(row: dict[str, Any], reasons: dict[str, str], where: str) -> Code:
    if not ({"s003", "why"} <= row.keys() <= _FIELDS and row["why"] in reasons and ("m49" in row) == ("member" in row)):
        raise ConfigError(
            "a code that cannot be read",
            where=where,
            found=str(row),
            wanted="s003, why (a reason of this file), named where the file names it, m49 and member both or neither",
        )
    code = Code(**row)
    if code.member is not None and not _MEMBER.fullmatch(code.member):
        raise ConfigError("not a member id", where=where, found=code.member, wanted="[a-z0-9-]{2,32}")
    if code.m49 is not None and (code.why == "not-in-m49") == area.known(code.m49):
        raise ConfigError(
            "area and reason disagree", where=where, found=str(row), wanted="a code of M49, or not-in-m49"
        )
    return code


def bind(frame: pd.DataFrame, binding: Binding) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Rows by member, in the file's order, and every code that is not simply bound.

    A code that the binding does not know, or that the file names otherwise than the binding expects, goes to nobody.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    findings: list[Finding] = []
    for s003, rows in frame.groupby("s003", sort=True):
        named, code = sorted(rows["country"].dropna().unique()), binding.codes.get(int(s003))
        expected = [code.named] if code and code.named else []
        kind = "unknown-code" if code is None else "name-disagrees" if _names(rows) != expected else code.why
        member = code.member if code and kind == code.why else None
        if member:
            parts.setdefault(member, []).append(rows)
        if kind != "same":
            said = binding.reasons.get(kind) or f"the binding expects {expected or 'no name'} for {s003}: not bound"
            waves = sorted(int(wave) for wave in rows["s002"].unique())
            findings.append(
                Finding(s003=int(s003), named=named, waves=waves, rows=len(rows), kind=kind, said=said, bound=member)
            )
    return {member: pd.concat(some) for member, some in sorted(parts.items())}, findings


def _names(rows: pd.DataFrame) -> list[str]:
    """The names beside a code; a code named in some rows only is no named code."""
    names = rows["country"].unique()
    return [] if rows["country"].isna().all() else [str(name) for name in names]


def report(frame: pd.DataFrame, binding: Binding, findings: list[Finding]) -> dict[str, Any]:
    """What a reader must know of the binding: the file in figures, every departure, and what was left over."""
    return {
        "file": {
            "rows": len(frame),
            "codes": int(frame["s003"].nunique()),
            "names": int(frame["country"].nunique()),
            "rows_without_name": int(frame["country"].isna().sum()),
            "answers_missing": int(frame["f117"].isna().sum()),
            "codes_with_the_name_of_m49": int(frame["s003"].nunique()) - len(findings),
        },
        "left_over": [asdict(finding) for finding in findings if finding.bound is None],
        "bound_with_a_reason": [asdict(finding) for finding in findings if finding.bound is not None],
        "reasons": binding.reasons,
    }
