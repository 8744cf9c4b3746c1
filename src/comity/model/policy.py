"""A member's own policy: what its node may answer. Default deny; thresholds are the member's, never the hub's.

Read strictly from `policy.toml`: an unknown field is refused, because a rule that is not understood would be a rule
that is not kept. The decision itself is `stages.consent.decide`. The policy's digest is in every consent.
"""

import tomllib
from dataclasses import dataclass, fields
from typing import Any

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, FormatError


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """One permission: any study that fits every field."""

    method: str  # "table"
    goals: tuple[str, ...]  # goals and targets it may serve, such as "16"
    movers: tuple[str, ...]  # member ids whose studies are answered; ("*",) for any member


@dataclass(frozen=True, slots=True, kw_only=True)
class National:
    """The member's own tables: whether they are published, and their threshold."""

    publish: bool
    threshold: int  # contributors; fewer are suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Joint sums: what a study must offer before this member takes part.

    noise_floor: least variance sigma^2 of the study's noise plan (0: none asked).
    rate: own noise, per cent of the plan's share, at least 100.
    colluding: least number of colluding members the study must tolerate.
    survivors: least number of survivors before this member unmasks.
    witnesses: cosignatures asked of a checkpoint, if more than the charter's quorum (0: the charter's).
    """

    noise_floor: int
    rate: int
    colluding: int
    survivors: int
    witnesses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Privacy budget of a source and year, in epsilon as a decimal string at the given delta."""

    epsilon: str
    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy."""

    version: str
    valid_from: int  # POSIX seconds
    valid_until: int
    allow: tuple[Allow, ...]
    national: National
    sealed: Sealed
    budget: Budget
    officer: bool  # an officer approves each study at the console; False: the policy decides alone

    @property
    def digest(self) -> Digest:
        """What every consent names."""
        return canon.digest(canon.encode(self))


_FIELDS = "the fields " + ", ".join(field.name for field in fields(Policy))


def read(text: str, *, where: str = "policy.toml") -> Policy:
    """A policy out of its TOML text; ConfigError for anything it does not know."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
        policy = canon.convert(table, Policy, where=where)
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(str(e), where=where, wanted="TOML") from None
    except FormatError as e:
        raise ConfigError(
            e.what,
            where=where,
            wanted="the fields " + ", ".join(f.name for f in fields(Policy)),
            way_out="see docs/policy.md",
        ) from None
    if policy.sealed.rate < 100:
        raise ConfigError("own noise below its share", where=f"{where}: sealed.rate", wanted="100 or more")
    return policy
