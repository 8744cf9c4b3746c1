"""What an officer sees of a question before answering it: how the office stands to it, what it would show and cost.

Counts at home and charges nothing, says nothing, keeps nothing. Where the question comes from, the log or a file, is
`desk`'s and `draft`'s affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from comity.canon import Digest
from comity.errors import ConfigError, FormatError, UsageError
from comity.methods import registry
from comity.methods.card import WEIGHT
from comity.model.job import Tell
from comity.model.policy import Budget, Policy
from comity.model.reason import Reason
from comity.model.release import Figure
from comity.model.source import Coverage, Design
from comity.model.structure import Layout
from comity.model.study import Study, threshold, unsound
from comity.model.warning import Warned
from comity.services.node import question as questions
from comity.services.node.question import Asked
from comity.stages.protect.budget import Cost, Spent, reckoned

if TYPE_CHECKING:
    from comity.model.cube import Cube
    from comity.stages.appraising import Effect

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
    reason: why it is suppressed, as `sdc.Protected.reasons`; "" where it is not. Told at home alone.
    """

    key: tuple[str, ...]
    measure: str
    decimals: int
    counted: int
    shown: int | None
    reason: str = ""

    def amount(self, number: int) -> Decimal:
        """A whole number of this cell in the unit that its measure is published in."""
        return Decimal(number).scaleb(-self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What answering would show and cost. Never leaves the office.

    suppressed_below: contributors under which a cell of the own release is not shown; 0 if none is published.
    whole: why every cell is suppressed, as `sdc.Protected.whole`; "" where that is not so.
    own_table_noise: standard deviation of the noise of each cell of the own release; 0 where it has none. What it will
        show is not known before it is drawn: no cell is shown then.
    own_table_epsilon: what it costs; "" without noise, or if that protects nothing.
    withheld: whether a sum has no noise, so that it has none of the cells with a reason from this office.
    threshold: contributors under which a cell is sensitive, whether or not a table is published.
    own_noise: standard deviation of what this office would add to each cell, if all members of today took part.
    sum_noise: standard deviation of the opened sum's cells at least.
    figures: of the own table, by the method, with the sum's noise; effects: design effects, where a design is known.
    source, binding: which of the office's sources was counted, by which binding (id/version).
    weight, design: how the sample was drawn, as far as the binding says and the study asks; "" for not at all.
    """

    asking: Asking
    layout: Layout
    coverage: Coverage
    cells: tuple[Cell, ...]
    suppressed_below: int
    own_noise: float
    sum_noise: float
    epsilon: str
    delta: str
    spent: str  # epsilon of the charges that count today, by the accounting that says least; "" beyond the delta
    after: str  # the same with an answer
    budget: str
    warnings: tuple[Warned, ...]
    figures: tuple[Figure, ...] = ()
    effects: "tuple[Effect, ...]" = ()
    source: str = ""
    binding: str = ""
    weight: str = ""
    design: str = ""
    whole: str = ""
    own_table_noise: float = 0
    own_table_epsilon: str = ""
    withheld: bool = False
    threshold: int = 1

    @property
    def left(self) -> tuple[Decimal | None, Decimal | None]:
        """Epsilon of the budget that is left before an answer, and after it; below zero, or None: it is refused."""
        before, after = (Decimal(self.budget) - Decimal(one) if one else None for one in (self.spent, self.after))
        return before, after


def period_of(study: Study, period: str) -> str:
    """A period of the study; left out, its only one. UsageError for another."""
    known = [one.id for one in study.periods]
    if not period and len(known) == 1:
        return known[0]
    if period not in known:
        raise UsageError("no such period", where=study.id, found=period or "none", wanted=", ".join(known))
    return period


def count(
    home: Path,
    it: Asked,
    asking: Asking,
    policy: Policy,
    *,
    members: int,
    spent: Spent,
    workers: int,
    memory: str,
    lost: str = "",
    tell: Tell,
) -> DryRun:
    """Count, and show what of it would leave. What is computed from rasters is kept, and need not be computed again.

    Args:
        workers: processes that compute from rasters; 0: one for each CPU. memory: of a count, as `config.Node` has it.
        members: in good standing today.
        spent: of the source's budget, as of today.
        lost: as `sdc.protected`.
    """
    # Engines are loaded when something is counted.
    from comity.services.node import counting
    from comity.stages.protect import sdc

    if it.rasters:
        from comity.services.node import tiling

        cube, _ = tiling.table(home, it, workers=workers, tell=tell)
        coverage, below, shown = tiling.coverage(it, tell=tell), 1, cube
        reasons, whole = ("",) * cube.layout.cells, ""
    else:
        made = counting.table(home, it, policy.national, memory=memory, tell=tell, register=False)
        cube, coverage = made.cube, made.coverage
        decided = counting.protected(home, it, made, policy.national, lost=lost, tell=tell)
        below = counting.rules(policy.national, it).threshold
        shown, reasons, whole = decided.cube, decided.reasons, decided.whole
    layout = it.study.layout
    drawn, table = _table(policy, it)
    keys = tuple(layout.keys())
    places = ((measure, key) for measure in layout.measures for key in keys)
    cells = tuple(
        Cell(
            key=key,
            measure=measure.id,
            decimals=measure.decimals,
            counted=int(counted),
            shown=None if status == sdc.SUPPRESSED or drawn else int(value),
            reason=reason,
        )
        for (measure, key), counted, value, status, reason in zip(
            places, cube.values, shown.values, shown.status, reasons * len(layout.measures), strict=True
        )
    )
    publishes = policy.national.publish and it.alone
    own, total = _noise(members, it.study, policy.sealed.rate)
    figures, effects = _finished(it, cube, total)
    plan, loss, cost = it.study.noise, questions.loss(it.study, it.norm), questions.cost(it.study, it.norm)
    return DryRun(
        asking=asking,
        layout=layout,
        coverage=coverage,
        cells=cells,
        suppressed_below=below if publishes else 0,
        own_noise=float(own) ** 0.5,
        sum_noise=float(total) ** 0.5,
        epsilon="" if loss is None else f"{loss:f}",
        delta=plan.delta if plan else "",
        spent=_epsilon(spent, None, policy.budget),
        after=_epsilon(spent, cost, policy.budget, table),
        budget=policy.budget.epsilon,
        warnings=(*_warnings(cells, coverage, publishes=publishes, whole=whole != ""), *_cut(it, cube)),
        figures=figures,
        effects=effects,
        source=it.entry.source.id if it.entry else "",
        binding=f"{it.binding.id}/{it.binding.version}" if it.binding else "",
        whole=whole,
        own_table_noise=drawn,
        own_table_epsilon=table.epsilon if table else "",
        withheld=it.study.noise is None and not it.rasters,
        threshold=below,
        **_sampled(it),
    )


def _table(policy: Policy, it: Asked) -> tuple[float, Cost | None]:
    """Standard deviation of the own table's noise, and what it costs; 0 and None without."""
    if policy.national.way != "noise" or it.rasters:
        return 0, None
    from comity.model.law import Law

    deviation = float(Law.parse(policy.national.noise).variance) ** 0.5
    try:
        return deviation, questions.table_cost(policy, it)
    except FormatError:  # the noise protects nothing
        return deviation, None


def _epsilon(spent: Spent, more: Cost | None, budget: Budget, table: Cost | None = None) -> str:
    """Of all together; "" where the budget's delta does not bear them, or where a study names a cost that is none."""
    try:
        costs = [cost for cost in (more, table) if cost is not None]
        least = reckoned(reduce(Spent.plus, costs, spent), budget).least
    except (ConfigError, FormatError):
        return ""
    return "" if least is None else f"{least:f}"


def _sampled(it: Asked) -> dict[str, str]:
    """Weight and design of the binding, as far as the study's method and layout ask for them."""
    method = registry.held(it.study.method)
    if method is None or it.binding is None:
        return {}
    needs, named = method.card.needs, {measure.id for measure in it.study.layout.measures}
    weighs = any(WEIGHT in term.factors for term in needs.terms)
    draws = any(moment.id in named for moment in needs.moments)
    return {
        "weight": it.binding.weight if weighs else "",
        "design": _drawn(it.binding.design) if draws else "",
    }


def _finished(it: Asked, cube: "Cube", noise: Fraction) -> "tuple[tuple[Figure, ...], tuple[Effect, ...]]":
    """What the method makes of the own table; nothing of a study that does not fit its method, which is refused."""
    from comity.stages import appraising

    method = registry.held(it.study.method)
    if method is None or it.norm is None or unsound(it.study, it.norm):
        return (), ()
    try:
        return appraising.figures(it.study, method, cube, noise), appraising.effects(method, cube)
    except FormatError:
        return (), ()


def _drawn(design: Design) -> str:
    """A design in words of the binding."""
    if design.replicates:
        return f"{len(design.replicates.columns)} replicate weights"
    stages = (stage.cluster or "the privacy unit" for stage in design.stages)
    strata = [f"strata {design.strata}"] if design.strata else []
    return ", ".join([*strata, *(f"stage {n} {name}" for n, name in enumerate(stages, 1))])


def _noise(members: int, study: Study, rate: int) -> tuple[Fraction, Fraction]:
    """Variances in each cell: of this office's part, and of the sum if only the least number survives."""
    if study.noise is None:
        return Fraction(0), Fraction(0)
    from comity.stages.protect import noise

    members = max(members, study.colluding + 3)
    own = noise.share(study, members, rate)
    least = threshold(members, study.colluding)
    return own, least * noise.share(study, members, 100)


def _warnings(cells: tuple[Cell, ...], coverage: Coverage, *, publishes: bool, whole: bool) -> Iterator[Warned]:
    """What an officer should look at before saying yes."""
    if coverage.outside:
        yield Warned("warning.outside")
    if coverage.missing * 10 > coverage.rows:
        yield Warned("warning.missing")
    if publishes and any(cell.reason for cell in cells):
        yield Warned("warning.whole" if whole else "warning.suppressed")
    if not coverage.counted:
        yield Warned("warning.empty")


def _cut(it: Asked, cube: "Cube") -> Iterator[Warned]:
    """What is shown or sealed otherwise than it was counted, because a bound cuts it."""
    from comity.stages import appraising

    method = registry.held(it.study.method)
    moments = {moment.id for moment in method.card.needs.moments} if method else set()
    for measure, cells in appraising.at_bound(cube, moments).items():
        yield Warned("warning.moment-cut", {"measure": measure, "cells": str(cells), "all": str(cube.layout.cells)})
    for measure, cells in appraising.beyond(cube, it.study.bound).items():
        yield Warned("warning.sum-cut", {"measure": measure, "cells": str(cells), "all": str(cube.layout.cells)})
