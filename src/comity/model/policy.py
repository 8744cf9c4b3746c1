"""A member's own policy: what its node may answer. Default deny; thresholds are the member's, never the hub's.

Read strictly from `policy.toml`: an unknown field is refused, because a rule that is not understood would be a rule
that is not kept. The decision itself is `stages.consent.decide`, its rules of policy `stages.permission`. The policy's
digest is in every consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, FormatError
from comity.model import toml
from comity.model.policy_rules import rules
from comity.model.protection import Dominance, Rules, Way

ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """One permission: any study that fits every field."""

    method: str  # "table", or "table/1" for one version alone
    goals: tuple[str, ...]  # goals, targets and indicators it may serve; "16" holds 16.5 and 16.5.1 too
    movers: tuple[str, ...]  # member ids whose studies are answered; ("*",) for any member
    sources: tuple[str, ...] = (ANY,)  # ids of the office's sources that may answer; ("*",) for any
    dimensions: tuple[str, ...] = (ANY,)  # dimensions that a study's cells may have; ("*",) for any


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """What is refused whatever a permission says. In each field any hit is enough; methods as in `Allow`.

    codes: dimension -> codes that no study's cells may have.
    """

    goals: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    movers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finest:
    """How fine a dimension may be, such as the geography of a study; limits that are left empty are not asked.

    codelists: ids of the norm's code lists that the dimension may use.
    codes: the only codes that its cells may have.
    most: how many codes they may have; 0: any number.
    """

    dimension: str
    codelists: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How the members must have decided on a study and on its norm, beyond what the charter asks. Votes by heads.

    share: per cent of the votes yes and no that yes must exceed; 0: whatever the charter asks, so by consensus too.
    votes: least number of members that voted, abstentions included.
    consultation: least seconds for comments before the vote, by the rule under which it was moved.
    """

    share: int = 0
    votes: int = 0
    consultation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class National:
    """The member's own tables: whether they are published, and how they are protected (`model.protection.Rules`).

    What they would not show is kept out of a joint sum without noise as well, whether or not they are published.
    """

    publish: bool
    threshold: int  # contributors; fewer are suppressed
    dominance: tuple[Dominance, ...] = ()
    p: int = 0
    sensitive: tuple[dict[str, str], ...] = ()
    zeros: bool = False
    width: int = 10
    coalition: int = 1
    way: Way = "suppression"
    base: Literal[3, 5] = 3
    bound: int = 5
    variance: str = "2"
    noise: str = ""  # with way = "noise": the law of each cell, as `model.law` writes it
    delta: str = "0.0000000001"  # with it: at which the budget is charged for one table

    @property
    def rules(self) -> Rules:
        """What the own tables are protected by; the norm may ask a higher threshold."""
        return Rules(
            threshold=self.threshold,
            dominance=self.dominance,
            p=self.p,
            sensitive=self.sensitive,
            zeros=self.zeros,
            width=self.width,
            coalition=self.coalition,
            way=self.way,
            base=self.base,
            bound=self.bound,
            variance=self.variance,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Joint sums: what a study must offer before this member takes part.

    noise_floor: least variance sigma^2 of the study's noise plan (0: none asked).
    rate: own noise, per cent of the plan's share, at least 100.
    colluding: least number of colluding members the study must tolerate.
    survivors: least number of survivors before this member unmasks.
    witnesses: cosignatures asked of a checkpoint, if more than the charter's quorum (0: the charter's).
    members: least number of members in good standing when the node is asked.
    noiseless: methods whose sums over persons may go without noise, as in `Allow`; of all others they may not.
    """

    noise_floor: int
    rate: int
    colluding: int
    survivors: int
    witnesses: int
    members: int = 0
    noiseless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Privacy budget of a source, in epsilon as a decimal string at the given delta; all askers share it.

    study: what one study may cost at most, all its periods together; "": whatever the budget bears.
    years: calendar years in a row that it has to last; 0: for good.
    units: privacy units, as norms name them, that have a budget of their own; what another unit costs counts for all.
    """

    epsilon: str
    delta: str
    study: str = ""
    years: int = 1
    units: tuple[str, ...] = ()


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
    four_eyes: bool = False  # two different officers do
    cells: int = 0  # most cells of a study; 0: as many as its method allows
    never: Never = field(default_factory=Never)
    finest: tuple[Finest, ...] = ()
    decided: Decided = field(default_factory=Decided)

    @property
    def digest(self) -> Digest:
        """What every consent names."""
        return canon.digest(canon.encode(self))

    @property
    def officers(self) -> int:
        """How many different officers must approve a study."""
        return (2 if self.four_eyes else 1) if self.officer else 0


# What a policy says, sentence by sentence: codes that `stages.sentences` gives and `pages.words` words.
SENTENCES: Final[Mapping[str, str]] = {
    "explain.valid": "This policy holds from {from} until {until}; outside of it every study is refused.",
    "explain.allow": "A study by the method {method} that serves goal {goals} is answered if {movers} moved it.",
    "explain.allow-any": "A study by the method {method} that serves goal {goals} is answered if any member moved it.",
    "explain.sources": "That holds for data of the source {sources} alone.",
    "explain.dimensions": "That holds for cells by {dimensions} alone.",
    "explain.deny": "Every other study is refused.",
    "explain.never-goals": "Whatever is allowed, no study is answered that serves goal {goals}.",
    "explain.never-methods": "Whatever is allowed, no study is answered by the method {methods}.",
    "explain.never-movers": "Whatever is allowed, no study is answered that {movers} moved.",
    "explain.never-sources": "Whatever is allowed, no study is answered from the source {sources}.",
    "explain.never-dimensions": "Whatever is allowed, no study is answered with cells by {dimensions}.",
    "explain.never-codes": "Whatever is allowed, no study is answered with cells of {dimension} {codes}.",
    "explain.finest-codelists": "Cells by {dimension} must use the code list {codelists}.",
    "explain.finest-codes": "Cells by {dimension} must be of {codes}.",
    "explain.finest-most": "Cells by {dimension} may be of {most} codes at most.",
    "explain.cells": "A study may have {cells} cells at most.",
    "explain.share": "More than {share} per cent of the votes on the study, and on its norm, must have been yes.",
    "explain.votes": "{votes} members or more must have voted on the study, and on its norm.",
    "explain.consultation": "The members must have had {consultation} seconds or more to comment on the study, and on "
    "its norm, before they voted.",
    "explain.publish": "The office publishes its own table; a cell of fewer than {threshold} persons is suppressed.",
    "explain.publish-sensitive": "The office publishes its own table; a cell of fewer than {threshold} persons is "
    "sensitive.",
    "explain.keep": "The office publishes no table of its own. What its rules would hide in one, of fewer than "
    "{threshold} persons, is in no joint sum without noise either.",
    "explain.dominance": "So is a cell of which the {n} largest contributors make up more than {k} per cent.",
    "explain.p": "So is a cell whose largest contributor the second largest could reckon closer than {p} per cent.",
    "explain.sensitive": "So are the cells {cells}, by the office’s own list.",
    "explain.zeros": "So are empty cells.",
    "explain.suppression": "Other cells go with them, so that nobody can reckon a suppressed one too closely (a sum: "
    "closer than {width} per cent, if no rule asks more) from all totals and the office’s earlier tables of the same "
    "people.",
    "explain.lone": "Nor can somebody who is alone in a cell and so knows it.",
    "explain.lone-two": "Nor can two people together who are each alone in a cell and so know it.",
    "explain.rounding": "Every cell is rounded to a multiple of {base}, and so are all totals; none is suppressed "
    "unless all are, where that protects too little.",
    "explain.cell-key": "Every cell is changed by {bound} persons at most, with a variance of {variance}, always by as "
    "many in the same cell of the same count; none is suppressed unless all are, where that protects too little.",
    "explain.own-noise": "Every cell, sensitive or not, has noise by the law {noise}, drawn once and charged to the "
    "budget at delta {delta}; none is suppressed.",
    "explain.noise": "The noise of a joint sum must have a variance of {noise_floor} or more.",
    "explain.noise-any": "No least noise is asked of a joint sum, but some noise is.",
    "explain.noiseless": "A joint sum by the method {methods} may go without noise; then the noise asked of others is "
    "not asked of it.",
    "explain.rate": "This office adds {rate} per cent of the noise that the plan asks of it.",
    "explain.colluding": "The study must hold out against {colluding} colluding members or more.",
    "explain.survivors": "The sum is opened only if {survivors} members or more are in it.",
    "explain.members": "A joint sum is answered only while {members} members or more are in good standing.",
    "explain.witnesses": "A checkpoint of the log counts from {witnesses} cosignatures on, if the charter asks fewer.",
    "explain.budget": "Releases from one source cost epsilon {epsilon} a year at most, at delta {delta}.",
    "explain.budget-years": "Releases from one source cost epsilon {epsilon} at most in any {years} calendar years in "
    "a row, at delta {delta}.",
    "explain.budget-good": "Releases from one source cost epsilon {epsilon} at most, for good, at delta {delta}.",
    "explain.budget-units": "The privacy units {units} have such a budget each; what releases about any other unit "
    "cost counts for all of them.",
    "explain.budget-study": "One study may cost epsilon {epsilon} at most, all its periods together.",
    "explain.officer": "An officer approves each study at the console.",
    "explain.four-eyes": "Two different officers approve each study.",
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
        raise ConfigError(e.what, where=where, found=e.found, wanted=e.wanted, way_out="see docs/policy.md") from None
    for name, holds, wanted in rules(policy):
        if not holds:
            raise ConfigError(
                "value out of range", where=f"{where}: {name}", wanted=wanted, way_out="see docs/policy.md"
            )
    return policy
