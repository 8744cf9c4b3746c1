"""The method of the United Nations' SDG Progress Chart: where a series will be in 2030 if it goes on as it does.

With a numeric target: how much of the way from the base value to the target will be gone, if growth goes on as from the
base year to now: 95 % or more is on track, 10 % or more is fair. Without one: growth a year in the direction of
progress, 2 % or more, 0.5 % or more. A target that the latest value meets is met, whatever the trend; a percentage
within 1 of its target 0 or 100 counts as met. Values after the target year are not read.

The text says nothing of a series that changes its sign, begins at zero, is below zero and has no target, or had passed
its target at the base year: there the formula has no value, or says the contrary of what happened, so that no verdict
is given, with its reason. Series of growth rates and of yes or no are judged by experts, so not here. Source: UN
Statistics Division, SDG Progress Chart, Technical Note (2023), as Eustat restates it in its progress methodology.
"""

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from comity.methods.progress.series import (
    CONTEXT,
    ONE,
    Aim,
    Point,
    Verdict,
    base,
    growth,
    met,
    power,
    rung,
    sign_changes,
)

NONE: Final = "not_assessed"
LAST: Final = "stagnation_or_regression"
LADDER: Final = ("on_track_or_met", "fair_progress")  # each from its threshold upwards
WITH_TARGET: Final = (Decimal("0.95"), Decimal("0.10"))
WITHOUT: Final = (Decimal("0.02"), Decimal("0.005"))
SCORES: Final = {"on_track_or_met": Decimal(3), "fair_progress": Decimal(2), "stagnation_or_regression": Decimal(1)}
ENDS: Final = (Decimal(0), Decimal(100))  # of a percentage
NEAR: Final = ONE  # percentage points


def assess(points: tuple[Point, ...], aim: Aim) -> Verdict:
    """The verdict on one series."""
    with localcontext(CONTEXT):
        seen = _seen(points, aim)
        first, last, target = seen.base, seen.current, seen.target
        if first is None or last is None:
            return seen
        if target is not None and met(last.value, target, aim):
            return _given(seen, "target-met", LADDER[0], measure=last.value, threshold=target)
        if target in ENDS and aim.percent and abs(last.value - target) <= NEAR:
            return _given(seen, "target-near", LADDER[0], measure=abs(last.value - target), threshold=NEAR)
        if why := _refused(first, last, target, aim):
            return replace(seen, rule=why)
        observed = growth(last.value, first.value, last.year - first.year)
        grown = replace(seen, observed=observed)
        if target is None:
            return _step(grown, "growth", aim.sign * observed, WITHOUT)
        # The same as v_t (1 + CAGR) ** (2030 - t), by one root instead of two: ends of a class are met exactly.
        ahead = Decimal(aim.target_year - last.year) / (last.year - first.year)
        expected = last.value * power(last.value / first.value, ahead)
        reached = replace(grown, expected=expected, required=_required(first, target, aim))
        return _step(reached, "ratio", (expected - first.value) / (target - first.value), WITH_TARGET)


def _seen(points: tuple[Point, ...], aim: Aim) -> Verdict:
    """What is compared, as a verdict that is none yet."""
    read = tuple(point for point in points if aim.target is None or point.year <= aim.target_year)
    first = base(read, aim)
    notes = ["after-target-year"] if len(read) < len(points) else []
    notes += ["base-after"] if first is not None and first.year > aim.base_year else []
    return Verdict(
        method="un",
        status=NONE,
        rule="no-data" if not read else "no-base",
        base=first,
        current=read[-1] if read else None,
        target=aim.target,
        notes=tuple(notes),
    )


def _refused(first: Point, last: Point, target: Decimal | None, aim: Aim) -> str:
    """Why the text has no verdict on a series that has not met its target; "" if it has one."""
    if last.year - first.year < 1:
        return "too-few-years"
    if first.value == 0:
        return "base-zero"
    if sign_changes(first.value, last.value):
        return "sign-change"
    if target is None:
        return "negative-values" if first.value < 0 else ""
    if first.value == target:
        return "base-at-target"
    return "base-past-target" if met(first.value, target, aim) else ""


def _required(first: Point, target: Decimal, aim: Aim) -> Decimal | None:
    """Growth that would reach the target; shown beside the verdict, which does not need it."""
    if sign_changes(first.value, target):
        return None
    return growth(target, first.value, aim.target_year - first.year)


def _step(grown: Verdict, rule: str, measure: Decimal, thresholds: tuple[Decimal, ...]) -> Verdict:
    status, threshold = rung(measure, LADDER, thresholds, LAST)
    return _given(grown, rule, status, measure=measure, threshold=threshold)


def _given(seen: Verdict, rule: str, status: str, *, measure: Decimal, threshold: Decimal) -> Verdict:
    return replace(seen, rule=rule, status=status, measure=measure, threshold=threshold, score=SCORES[status])
