"""A member's own policy: what its node may answer. Default deny; thresholds are the member's, never the hub's.

Read strictly from `policy.toml`: an unknown field is refused, because a rule that is not understood would be a rule
that is not kept. The decision itself is `stages.consent.decide`. The policy's digest is in every consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, FormatError
from comity.model import toml
from comity.model.decimals import is_decimal, is_probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """One permission: any study that fits every field."""

    method: str  # "table", or "table/1" for one version alone
    goals: tuple[str, ...]  # goals and targets it may serve; "16" holds 16.5 and 16.5.1 too
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


_FIELDS: Final = "the fields " + ", ".join(field.name for field in fields(Policy))

# What a policy says, sentence by sentence: codes that `stages.consent.explain` gives and `pages.words` words.
SENTENCES: Final[Mapping[str, str]] = {
    "explain.valid": "This policy holds from {from} until {until}; outside of it every study is refused.",
    "explain.allow": "A study by the method {method} that serves goal {goals} is answered if {movers} moved it.",
    "explain.allow-any": "A study by the method {method} that serves goal {goals} is answered if any member moved it.",
    "explain.deny": "Every other study is refused.",
    "explain.publish": "The office publishes its own table; a cell of fewer than {threshold} persons is suppressed.",
    "explain.keep": "The office publishes no table of its own.",
    "explain.noise": "The noise of a joint sum must have a variance of {noise_floor} or more.",
    "explain.noise-any": "No least noise is asked of a joint sum, but some noise is.",
    "explain.rate": "This office adds {rate} per cent of the noise that the plan asks of it.",
    "explain.colluding": "The study must hold out against {colluding} colluding members or more.",
    "explain.survivors": "The sum is opened only if {survivors} members or more are in it.",
    "explain.witnesses": "A checkpoint of the log counts from {witnesses} cosignatures on, if the charter asks fewer.",
    "explain.budget": "Releases from one source cost epsilon {epsilon} a year at most, at delta {delta}.",
    "explain.officer": "An officer approves each study at the console.",
    "explain.alone": "The node answers by this policy alone; no officer is asked.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing a policy says, as a code of SENTENCES with its parameters as text."""

    code: str
    params: dict[str, str]


def read(text: str, *, where: str = "policy.toml") -> Policy:
    """A policy out of its TOML text; ConfigError for anything it does not know or that contradicts itself."""
    table = toml.read(text, where=where, wrong=ConfigError)
    try:
        policy = canon.convert(table, Policy, where=where)
    except FormatError as e:
        raise ConfigError(e.what, where=where, wanted=_FIELDS, way_out="see docs/policy.md") from None
    for field, holds, wanted in _rules(policy):
        if not holds:
            raise ConfigError(
                "value out of range", where=f"{where}: {field}", wanted=wanted, way_out="see docs/policy.md"
            )
    return policy


def _rules(policy: Policy) -> tuple[tuple[str, bool, str], ...]:
    """Each field with a range: its name, whether it holds, and what would."""
    sealed, budget = policy.sealed, policy.budget
    return (
        ("valid_until", 0 <= policy.valid_from < policy.valid_until, "a later time than valid_from"),
        ("allow", all(a.method and a.goals and a.movers for a in policy.allow), "a method, goals and movers in each"),
        ("national.threshold", policy.national.threshold >= 1, "1 or more (1 suppresses nothing)"),
        ("sealed.noise_floor", sealed.noise_floor >= 0, "a variance of 0 or more"),
        ("sealed.rate", sealed.rate >= 100, "100 or more: own noise is never below its share"),
        ("sealed.colluding", sealed.colluding >= 1, "1 or more"),
        ("sealed.survivors", sealed.survivors >= 0, "0 or more"),
        ("sealed.witnesses", 0 <= sealed.witnesses <= 15, "0 to 15"),
        ("budget.epsilon", is_decimal(budget.epsilon), "a decimal without zeros at its ends"),
        ("budget.delta", is_probability(budget.delta), "a decimal between 0 and 1, without zeros at its end"),
    )
