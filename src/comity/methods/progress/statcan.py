"""The method of Statistics Canada, as Open SDG carries it out since 2.4: growth against the growth that is needed.

With a target: observed growth over the size of the required one, both compound annual from the base year, against 0.95,
0.6 and 0. Without one: observed growth against 1.5 %, 0.5 % and 0 a year, thresholds made smaller near a limit that the
series cannot pass. Growth counts in the direction of progress. A score of -5 to 5 is a line through the thresholds; an
indicator is the mean of its series.

A target of 0, and a base of 0, have no growth; the method moves them to 0.001, and the verdict says so in a note. All
else that has no growth is refused with its reason. Sources: Statistics Canada, Progress Measurement for Canada's
Sustainable Development Goals (methodology page of its SDG data hub); open-sdg/sdg-build 2.5.0-dev, ProgressMeasure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Final

from comity.methods.progress.series import (
    CONTEXT,
    ONE,
    ZERO,
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

ACHIEVED: Final = "target_achieved"
NONE: Final = "not_available"
LAST: Final = "deterioration"
LADDER: Final = ("substantial_progress", "moderate_progress", "limited_progress")  # each from its threshold upwards
WITH_TARGET: Final = (Decimal("0.95"), Decimal("0.6"), ZERO)
WITHOUT: Final = (Decimal("0.015"), Decimal("0.005"), ZERO)
MOVED: Final = Decimal("0.001")  # where growth from or to zero is asked for
STEEPNESS: Final = Decimal("4.44")  # how late thresholds fall on the way to a limit
FIVE: Final = Decimal(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator of several series; score None and NONE where no series has a score."""

    score: Decimal | None
    status: str


def assess(points: tuple[Point, ...], aim: Aim) -> Verdict:
    """The verdict on one series. A target that the current value meets is met, whatever the growth."""
    with localcontext(CONTEXT):
        seen = _seen(points, aim)
        first, last, target = seen.base, seen.current, seen.target
        if first is None or last is None:
            return seen
        start = MOVED if first.value == 0 else first.value
        why = _refused(start, first, last) or ("" if target is None else _unreachable(start, first, target, aim))
        if why:
            judged = replace(seen, rule=why)
        else:
            grown = replace(seen, observed=growth(last.value, start, last.year - first.year))
            judged = _without(grown, first, aim) if target is None else _with_target(grown, start, first, target, aim)
        if target is not None and met(last.value, target, aim):
            return replace(judged, status=ACHIEVED, rule="target-met", threshold=target, score=FIVE)
        return judged


def indicator(verdicts: Iterable[Verdict]) -> Indicator:
    """The mean of the scores; achieved only if every series with a score is."""
    scored = [verdict for verdict in verdicts if verdict.score is not None]
    scores = [verdict.score for verdict in scored if verdict.score is not None]
    if not scores:
        return Indicator(score=None, status=NONE)
    with localcontext(CONTEXT):
        mean = sum(scores, ZERO) / len(scores)
    if all(verdict.status == ACHIEVED for verdict in scored):
        return Indicator(score=mean, status=ACHIEVED)
    steps = zip((Decimal("2.5"), ZERO, Decimal("-2.5")), LADDER, strict=True)
    return Indicator(score=mean, status=next((status for least, status in steps if mean >= least), LAST))


def _seen(points: tuple[Point, ...], aim: Aim) -> Verdict:
    """What is compared, as a verdict that is none yet."""
    first = base(points, aim)
    notes = ["target-zero-moved"] if aim.target == 0 else []
    notes += ["limit-unused"] if aim.target is not None and aim.limit is not None else []
    notes += ["base-zero-moved"] if first is not None and first.value == 0 else []
    notes += ["base-after"] if first is not None and first.year > aim.base_year else []
    return Verdict(
        method="statcan",
        status=NONE,
        rule="no-data" if not points else "no-base",
        base=first,
        current=points[-1] if points else None,
        target=MOVED if aim.target == 0 else aim.target,
        notes=tuple(notes),
    )


def _refused(start: Decimal, first: Point, last: Point) -> str:
    """Why a series has no growth; "" if it has one."""
    if sign_changes(start, last.value):
        return "sign-change"
    return "too-few-years" if last.year - first.year < 1 else ""


def _unreachable(start: Decimal, first: Point, target: Decimal, aim: Aim) -> str:
    """Why no growth leads from the base to the target; "" if one does."""
    if aim.target_year <= first.year:
        return "target-year"
    if sign_changes(start, target):
        return "target-sign"
    return "base-at-target" if start == target else ""


def _with_target(grown: Verdict, start: Decimal, first: Point, target: Decimal, aim: Aim) -> Verdict:
    """Observed growth over the size of the required one: the size, so that a target once passed is not turned round."""
    required = growth(target, start, aim.target_year - first.year)
    ratio = _counted(grown, first, aim) / abs(required)
    status, threshold = rung(ratio, LADDER, WITH_TARGET, LAST)
    if ratio >= WITH_TARGET[1]:
        score = min(Decimal("7.1429") * ratio - Decimal("4.2857"), FIVE)
    else:
        score = max(Decimal("4.1667") * ratio - Decimal("2.5"), -FIVE)
    return replace(
        grown, rule="ratio", required=required, measure=ratio, status=status, threshold=threshold, score=score
    )


def _without(grown: Verdict, first: Point, aim: Aim) -> Verdict:
    factor, notes = _coefficient(first.value, aim)
    measure = _counted(grown, first, aim)
    status, threshold = rung(measure, LADDER, tuple(least * factor for least in WITHOUT), LAST)
    return replace(
        grown,
        rule="limit-held" if factor == 0 and measure >= 0 else "growth",
        measure=measure,
        status=status,
        threshold=threshold,
        coefficient=factor if aim.limit is not None else None,
        score=_score(measure, factor),
        notes=(*grown.notes, *notes),
    )


def _counted(grown: Verdict, first: Point, aim: Aim) -> Decimal:
    """Observed growth in the direction of progress; of a series below zero growth means going down."""
    return (-1 if first.value < 0 else 1) * aim.sign * (grown.observed or ZERO)


def _score(measure: Decimal, factor: Decimal) -> Decimal:
    """The score of a growth without a target; below zero the thresholds are not scaled."""
    if measure < 0:
        return max(125 * measure - Decimal("2.5"), -FIVE)
    if factor == 0:  # it was at the limit, and stays there or goes on
        return FIVE
    scaled = measure / factor
    if measure >= WITHOUT[0] * factor:
        return min(500 * scaled - FIVE, FIVE)
    return 250 * scaled - Decimal("1.25") if measure >= WITHOUT[1] * factor else 500 * scaled - Decimal("2.5")


def _coefficient(value: Decimal, aim: Aim) -> tuple[Decimal, tuple[str, ...]]:
    """Factor of the thresholds: 1 far from the limit, 0 at it, and the same on its other side; with notes."""
    if aim.limit is None:
        return ONE, ()
    notes = ("near-limit", "base-past-limit") if aim.sign * (value - aim.limit) > 0 else ("near-limit",)
    size, limit = abs(value), abs(aim.limit)
    if size >= 2 * limit:
        return ONE, notes[1:]
    near = size if size <= limit else 2 * limit - size
    return ONE - power(near / limit, STEEPNESS), notes
