"""A published series and what it should become: the question that both ways of judging progress answer.

Decides what a series is (one finite number a year), which of its points are base and current, and how growth is
computed; leaves every verdict to `un` and `statcan`. Numbers are decimals in one context, so that a verdict is the same
on every machine. Years are whole; of a period of several years the caller gives the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from itertools import pairwise
from typing import Final, Literal

from comity.errors import FormatError
from comity.model import decimals

Direction = Literal["up", "down"]


def _wide() -> Context:
    """The figures' own context, with room for a growth that goes on for thousands of years."""
    wide = decimals.CONTEXT.copy()
    wide.Emin, wide.Emax = -99_999_999, 99_999_999
    return wide


CONTEXT: Final = _wide()
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_YEARS: Final = range(1, 10_000)
_MAGNITUDE: Final = 100  # powers of ten: beyond it nothing that an office publishes, and growth may overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One published value."""

    year: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a series should become.

    direction: which way is progress.
    target: value to be reached in `target_year`; None for a target without a number.
    limit: value that the series cannot pass, such as 100 of a percentage (Statistics Canada, without a target).
    base_year: progress is counted from the first value of this year or later.
    percent: the series is a percentage, so 0 and 100 are its ends (UN).
    """

    direction: Direction
    target: Decimal | None = None
    target_year: int = 2030
    base_year: int = 2015
    limit: Decimal | None = None
    percent: bool = False

    def __post_init__(self) -> None:
        for name, number in (("target", self.target), ("limit", self.limit)):
            if number is not None and not _sized(number):
                raise _no_number(name, number)
        for name, year in (("target_year", self.target_year), ("base_year", self.base_year)):
            if year not in _YEARS:
                raise FormatError("no year", where=name, found=str(year), wanted="a year of four digits")

    @property
    def sign(self) -> int:
        """1 where more is progress, -1 where less is."""
        return 1 if self.direction == "up" else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One method's answer, and all that it follows from.

    status: in the method's own words; `not_assessed` (UN) or `not_available` (Statistics Canada) for no verdict.
    rule: code of the rule that decided, or of the reason that there is no verdict (`RULES`, `REFUSALS`).
    base, current: the two points compared; None where the series has none.
    target: as it was used.
    observed: compound annual growth from base to current, as a fraction.
    required: compound annual growth from base to the target in its year; None where none exists.
    expected: value in the target year if observed growth goes on (UN).
    measure: what the rule compared: a growth, or a ratio.
    threshold: the least measure that earns this status, or the one that was missed for the last status.
    coefficient: factor of the thresholds near a limit (Statistics Canada).
    score: UN 1 to 3; Statistics Canada -5 to 5.
    notes: codes of what else a reader must know (`NOTES`).
    """

    method: Literal["un", "statcan"]
    status: str
    rule: str
    base: Point | None = None
    current: Point | None = None
    target: Decimal | None = None
    observed: Decimal | None = None
    required: Decimal | None = None
    expected: Decimal | None = None
    measure: Decimal | None = None
    threshold: Decimal | None = None
    coefficient: Decimal | None = None
    score: Decimal | None = None
    notes: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether there is a verdict."""
        return self.rule in RULES


RULES: Final = ("target-met", "target-near", "ratio", "growth", "limit-held")
REFUSALS: Final = (
    "no-data",
    "no-base",
    "too-few-years",
    "sign-change",
    "base-zero",
    "negative-values",
    "target-year",
    "target-sign",
    "base-at-target",
    "base-past-target",
)
NOTES: Final = (
    "after-target-year",
    "base-after",
    "base-zero-moved",
    "target-zero-moved",
    "near-limit",
    "base-past-limit",
    "limit-unused",
)


def series(pairs: Iterable[tuple[int, Decimal | float | str]], *, where: str = "series") -> tuple[Point, ...]:
    """Points in the order of their years.

    Raises:
        FormatError: two values for a year, a year out of 1..9999, or a value that is no finite number of a size that
            growth can be computed of.
    """
    points = sorted((_point(year, value, where) for year, value in pairs), key=lambda point: point.year)
    for before, after in pairwise(points):
        if before.year == after.year:
            raise FormatError(
                "two values for one year",
                where=f"{where}: {after.year}",
                found=f"{before.value}, {after.value}",
                wanted="one value a year",
                way_out="choose one series of the file",
            )
    return tuple(points)


def base(points: tuple[Point, ...], aim: Aim) -> Point | None:
    """The first point in the base year or later."""
    return next((point for point in points if point.year >= aim.base_year), None)


def met(value: Decimal, target: Decimal, aim: Aim) -> bool:
    """Whether a value is at its target, or past it in the direction of progress."""
    return value >= target if aim.direction == "up" else value <= target


def growth(later: Decimal, earlier: Decimal, years: int) -> Decimal:
    """Compound annual growth as a fraction: (later / earlier) ** (1 / years) - 1.

    Both of one sign (later may be 0), earlier not 0, at least one year; in CONTEXT.
    """
    return CONTEXT.subtract(power(CONTEXT.divide(later, earlier), CONTEXT.divide(ONE, Decimal(years))), ONE)


def power(number: Decimal, exponent: Decimal) -> Decimal:
    """A power of a number of 0 or more; 0 ** 0 is 1."""
    return CONTEXT.power(number, exponent) if exponent else ONE


def sign_changes(earlier: Decimal, later: Decimal) -> bool:
    """Whether growth between two values does not exist: one is above zero and the other below."""
    return earlier > 0 > later or earlier < 0 < later


def _point(year: int, value: Decimal | float | str, where: str) -> Point:
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        raise _no_number(f"{where}: {year}", value) from None
    if not _sized(number) or year not in _YEARS:
        raise _no_number(f"{where}: {year}", value)
    return Point(year=year, value=number)


def _sized(number: Decimal) -> bool:
    """Finite, and of a size that growth can be computed of."""
    return number.is_finite() and (number.is_zero() or abs(number.adjusted()) <= _MAGNITUDE)


def _no_number(where: str, found: object) -> FormatError:
    wanted = f"a finite number, at most 1e{_MAGNITUDE}, and a year of four digits"
    return FormatError("no value of a year", where=where, found=str(found), wanted=wanted)


def rung(measure: Decimal, ladder: tuple[str, ...], thresholds: tuple[Decimal, ...], last: str) -> tuple[str, Decimal]:
    """Status, and the threshold that gave it; for the last status the lowest one, which was missed.

    Args:
        ladder: statuses, each from its threshold upwards, the best first.
    """
    steps = zip(ladder, thresholds, strict=True)
    return next(((status, least) for status, least in steps if measure >= least), (last, thresholds[-1]))
