"""A study: one question to all members, adopted once and run per period. The text fixes all that is agreed.

Structure, cell order, bound of a value, number of colluding members tolerated, noise plan and the list of periods are
here and nowhere else (SEAL). The hub copies from it and computes none of it.
"""

from dataclasses import dataclass
from typing import Literal

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model import toml
from comity.model.decimals import is_decimal, is_probability
from comity.model.norm import Norm, faults
from comity.model.structure import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method by name, version and digest of its card and sources. No code travels."""

    name: str  # "table"
    version: str  # "1"
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisePlan:
    """Skellam noise of the joint sum.

    sigma2: variance of the sum if c members' noise does not count (SEAL, Protect then seal).
    cells: cells that one person can touch (1: one person, one cell).
    delta: as a decimal string.
    epsilon: of one release at variance sigma2, as a decimal string rounded up; every member computes it again.
    protects: whose part epsilon is about. person: one person's, in its cells. member: all that one member puts in,
        beside nothing at all in its place; then each of its persons is protected by it too.
    """

    sigma2: int
    cells: int
    delta: str
    epsilon: str
    protects: Literal["person", "member"] = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds: how long consents are awaited, a step, how far into a step statements leave."""

    consent: int
    step: int
    send: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period and the value of the norm's time variable that belongs to it."""

    id: str  # SDMX time period, such as "2010-2014", or a wave
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The text that members vote on."""

    id: str
    version: str
    title: str
    goal: str  # closed tree: "16", "16.5", "16.5.1"
    related: bool  # only related to the goal, never the indicator
    rehearsal: bool  # on made-up people: every page and file that follows says "synthetic"
    norm: Digest
    method: Method
    parameters: dict[str, str]
    layout: Layout
    bound: int  # largest absolute value of a member's cell, before noise
    colluding: int  # c
    noise: NoisePlan | None  # None: no noise; then threshold and `withheld`
    periods: tuple[Period, ...]
    timing: Timing

    @property
    def digest(self) -> Digest:
        """What motions, consents and exchanges name."""
        return canon.digest(canon.encode(self))

    def period(self, id: str) -> Period:
        """A period by id."""
        for period in self.periods:
            if period.id == id:
                return period
        raise FormatError("no such period", where=self.id, found=id, wanted=", ".join(p.id for p in self.periods))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A study as a methodologist writes it (`study.toml`): norm and method by name, cells by dimension and measure."""

    id: str
    version: str
    title: str
    goal: str
    related: bool
    rehearsal: bool
    norm: str  # id/version
    method: str  # name/version
    parameters: dict[str, str]
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    bound: int
    colluding: int
    noise: NoisePlan | None
    periods: tuple[Period, ...]
    timing: Timing


def read(text: str, *, where: str) -> Draft:
    """A draft out of its TOML text; FormatError for a field that no study has."""
    table = toml.read(text, where=where)
    return canon.convert({"noise": None, "parameters": {}, "rehearsal": False} | table, Draft, where=where)


def settle(draft: Draft, norm: Norm, method: Method) -> Study:
    """The text that is voted on: the draft with norm and method by digest, and the order of its cells."""
    for field, named, found in (
        ("norm", draft.norm, f"{norm.id}/{norm.version}"),
        ("method", draft.method, f"{method.name}/{method.version}"),
    ):
        if named != found:
            raise FormatError(f"another {field}", where=draft.id, found=found, wanted=named)
    return Study(
        id=draft.id,
        version=draft.version,
        title=draft.title,
        goal=draft.goal,
        related=draft.related,
        rehearsal=draft.rehearsal,
        norm=norm.digest,
        method=method,
        parameters=draft.parameters,
        layout=norm.structure.layout(draft.dimensions, draft.measures),
        bound=draft.bound,
        colluding=draft.colluding,
        noise=draft.noise,
        periods=draft.periods,
        timing=draft.timing,
    )


def unsound(study: Study, norm: Norm) -> tuple[str, ...]:
    """Fields of a study that contradict its norm or each other, sorted; empty for a sound study. Never raises.

    Whoever moved the study may have written anything: nothing of its size may be allocated before this says so.
    """
    if faults(norm):
        return ("norm",)
    known = {dimension.id for dimension in norm.structure.dimensions}
    measures = {measure.id for measure in norm.structure.measures}
    dimensions = tuple(axis.id for axis in study.layout.dimensions)
    named = tuple(measure.id for measure in study.layout.measures)
    fits = set(dimensions) <= known and set(named) <= measures and len(set(dimensions)) == len(dimensions) > 0
    fits = fits and len(set(named)) == len(named) > 0 and study.layout == norm.structure.layout(dimensions, named)
    noise, timing, periods = study.noise, study.timing, [period.id for period in study.periods]
    rules = {
        "norm": study.norm == norm.digest,
        "related": study.related or not norm.related,
        "layout": fits,
        "bound": study.bound >= 1,
        "colluding": study.colluding >= 1,
        "noise.sigma2": noise is None or noise.sigma2 >= 1,
        "noise.delta": noise is None or is_probability(noise.delta),
        "noise.epsilon": noise is None or is_decimal(noise.epsilon),
        "noise.cells": noise is None or noise.cells == norm.protection.cells,
        "periods": len(set(periods)) == len(periods) > 0,
        "timing": timing.consent > 0 and 0 < timing.send < timing.step,
    }
    return tuple(sorted(field for field, holds in rules.items() if not holds))


def threshold(members: int, colluding: int) -> int:
    """Least number of survivors, and of shares that open: t = max(floor((n + c) / 2) + 1, c + 3). SEAL.

    >>> threshold(193, 64), threshold(58, 19), threshold(10, 3)
    (129, 39, 7)
    """
    return max((members + colluding) // 2 + 1, colluding + 3)


def fewest(colluding: int) -> int:
    """Members without whose consents no sum can be opened: so many reach their own threshold, one less never does.

    >>> [fewest(c) == min(n for n in range(1, 200) if n >= threshold(n, c)) for c in (1, 3, 64)]
    [True, True, True]
    """
    return colluding + 3
