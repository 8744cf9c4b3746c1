"""sdc.1e3: complementary suppression of a hierarchical table of a thousand cells; see `run` for what is timed.

`measured` is the bench of all sizes. Each table is made by a seeded generator under the p per cent rule; the judge of
every pattern is the attacker, whose time counts.
"""

import time

import numpy as np
from numpy.typing import NDArray

from bench import machine
from bench.row import Row
from comity.stages.protect import attacker
from comity.stages.protect.problem import Pattern, Problem
from comity.stages.protect.suppression.choose import choose
from tests.builders.hierarchies import named


def measured(bench: str, problem: Problem) -> Row:
    """One pattern, from the problem to the last audit; the first safe one stands in the note."""
    started = time.perf_counter()
    firsts: list[float] = []

    def found(safe: NDArray[np.bool_]) -> None:
        firsts.append(time.perf_counter() - started)

    pattern = choose(problem, found=found)
    ours = time.perf_counter() - started
    if attacker.breaches(problem, pattern.suppressed) or pattern.unprotectable.size:
        raise SystemExit(f"bench {bench}: a pattern that the attacker undoes")
    return Row(
        bench=bench,
        n=problem.cells,
        ours_s=ours,
        bound_s=None,
        ratio=None,
        per_s=problem.cells / ours,
        peer=None,
        peer_s=None,
        note=_note(problem, pattern, firsts[0]),
    )


def _note(problem: Problem, pattern: Pattern, first: float) -> str:
    primaries, held = int(problem.primary.sum()), int((problem.values > 0).sum())
    low, high = pattern.intervals.low, pattern.intervals.high
    wide = problem.primary & (high - problem.values >= problem.upper) & (problem.values - low >= problem.lower)
    gap = 100 * (pattern.cost / pattern.bound - 1) if pattern.bound else float("inf")
    against = ", also against each lone respondent" if problem.coalition else ""
    return (
        f"cells; {primaries} primary ({100 * primaries / held:.1f} % of those not empty), "
        f"{int((pattern.suppressed & ~problem.shut).sum())} secondary; audited safe after {first:.1f} s; "
        f"{int(wide.sum())} of {primaries} proved by linear programmes{against}; cost at most {gap:.1f} % above the "
        f"optimum by the bound; {machine.peak()} MB"
    )


def run() -> list[Row]:
    """Guide, first pattern, audit, improvement, audit; then the same against lone respondents."""
    return [measured("sdc.1e3", named("1e3", seed=2, coalition=coalition)) for coalition in (0, 1)]
