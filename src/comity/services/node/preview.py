"""What an officer sees of a question before answering it: how the office stands to it, what it would show and cost.

Counts at home and charges nothing, says nothing, keeps nothing. Where the question comes from, the log or a file, is
`desk`'s and `draft`'s affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from comity.canon import Digest
from comity.errors import UsageError
from comity.model.job import Tell
from comity.model.policy import Policy
from comity.model.reason import Reason
from comity.model.source import Coverage
from comity.model.study import Study, threshold
from comity.services.node import question as questions
from comity.services.node.question import Asked
from comity.stages.protect.budget import Spent

Status = Literal["consented", "refused", "waits for the officer", "will consent", "will refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One study in one period, and how this office stands to it."""

    study: Digest
    id: str
    version: str
    title: str
    period: str
    goal: str
    mover: str
    norm: str  # id/version
    status: Status
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the office's own table: as counted, and as its own release would show it (None: suppressed).

    measure: its id. decimals: of the measure; counted and shown are whole numbers, scaled by 10^-decimals.
    """

    key: tuple[str, ...]
    measure: str
    decimals: int
    counted: int
    shown: int | None

    def amount(self, number: int) -> Decimal:
        """A whole number of this cell in the unit that its measure is published in."""
        return Decimal(number).scaleb(-self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What answering would show and cost. Never leaves the office.

    suppressed_below: contributors under which a cell of the own release is not shown; 0 if none is published.
    own_noise: standard deviation of what this office would add to each cell, if all members of today took part.
    sum_noise: standard deviation of the opened sum's cells at least.
    """

    asking: Asking
    coverage: Coverage
    cells: tuple[Cell, ...]
    suppressed_below: int
    own_noise: float
    sum_noise: float
    epsilon: str
    delta: str
    spent: str  # epsilon of this year's charges to the source
    budget: str
    warnings: tuple[str, ...]


def period_of(study: Study, period: str) -> str:
    """A period of the study; left out, its only one. UsageError for another."""
    known = [one.id for one in study.periods]
    if not period and len(known) == 1:
        return known[0]
    if period not in known:
        raise UsageError("no such period", where=study.id, found=period or "none", wanted=", ".join(known))
    return period


def count(
    home: Path, it: Asked, asking: Asking, policy: Policy, *, members: int, spent: Spent, workers: int, tell: Tell
) -> DryRun:
    """Count, and show what of it would leave. What is computed from rasters is kept, and need not be computed again.

    Args:
        workers: processes that compute from rasters; 0: one for each CPU.
        members: in good standing today.
        spent: of this year's budget of the source.
    """
    # Engines are loaded when something is counted.
    from comity.services.node import counting
    from comity.stages.protect import sdc

    if it.rasters:
        from comity.services.node import tiling

        cube, _ = tiling.table(home, it, workers=workers, tell=tell)
        coverage, below, shown = tiling.coverage(it, tell=tell), 1, cube
    else:
        cube, coverage = counting.table(home, it, tell=tell, register=False)
        below = sdc.threshold(policy.national.threshold, it.norm.protection.threshold if it.norm else 1)
        shown = sdc.suppress(cube, below)
    layout = it.study.layout
    keys = tuple(layout.keys())
    places = ((measure, key) for measure in layout.measures for key in keys)
    cells = tuple(
        Cell(
            key=key,
            measure=measure.id,
            decimals=measure.decimals,
            counted=int(value),
            shown=None if status == sdc.SUPPRESSED else int(value),
        )
        for (measure, key), value, status in zip(places, cube.values, shown.status, strict=True)
    )
    own, total = _noise(members, it.study, policy.sealed.rate)
    plan, loss = it.study.noise, questions.loss(it.study, it.norm)
    return DryRun(
        asking=asking,
        coverage=coverage,
        cells=cells,
        suppressed_below=below if policy.national.publish else 0,
        own_noise=own,
        sum_noise=total,
        epsilon="" if loss is None else f"{loss:f}",
        delta=plan.delta if plan else "",
        spent=f"{spent.epsilon:f}",
        budget=policy.budget.epsilon,
        warnings=tuple(_warnings(cells, coverage, publishes=policy.national.publish)),
    )


def _noise(members: int, study: Study, rate: int) -> tuple[float, float]:
    """Standard deviations in each cell: of this office's part, and of the sum if only the least number survives."""
    if study.noise is None:
        return 0.0, 0.0
    from comity.stages.protect import noise

    members = max(members, study.colluding + 3)
    own = noise.share(study, members, rate)
    least = threshold(members, study.colluding)
    return float(own) ** 0.5, float(least * noise.share(study, members, 100)) ** 0.5


def _warnings(cells: tuple[Cell, ...], coverage: Coverage, *, publishes: bool) -> Iterator[str]:
    """What an officer should look at before saying yes, as codes that `pages.words` words."""
    if coverage.outside:
        yield "warning.outside"
    if coverage.missing * 10 > coverage.rows:
        yield "warning.missing"
    if publishes and any(cell.shown is None for cell in cells):
        yield "warning.suppressed"
    if not coverage.counted:
        yield "warning.empty"
