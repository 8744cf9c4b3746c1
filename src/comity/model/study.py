"""A study: one question to all members, adopted once and run per period. The text fixes all that is agreed.

Structure, cell order, bound of a value, number of colluding members tolerated, noise plan and the list of periods are
here and nowhere else (SEAL). The hub copies from it and computes none of it.
"""

from dataclasses import dataclass

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
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
    """

    sigma2: int
    cells: int
    delta: str
    epsilon: str


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


def threshold(members: int, colluding: int) -> int:
    """Least number of survivors, and of shares that open: t = max(floor((n + c) / 2) + 1, c + 3). SEAL.

    >>> threshold(193, 64), threshold(58, 19), threshold(10, 3)
    (129, 39, 7)
    """
    return max((members + colluding) // 2 + 1, colluding + 3)
