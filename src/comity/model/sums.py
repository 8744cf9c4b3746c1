"""Opened sums of a table as the second half of a method reads them: cell by cell, each measure in its own unit.

Exact: a value is a fraction, rounded once, when it is spelt. Says what fits a layout, which cells may not be read, and
how the variance of a ratio of totals follows from theirs; what the figures are is the method's. Standard library alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

from comity.errors import FormatError
from comity.model.decimals import root, spell
from comity.model.release import Figure
from comity.model.structure import Layout

NORMAL: Final = "A"  # SDMX CL_OBS_STATUS


class Digits(Protocol):
    """Decimals of a published measure, and of its standard errors (`methods.card.Rounding`)."""

    @property
    def measure(self) -> str:
        """Its id."""

    @property
    def value(self) -> int:
        """Decimals of the value."""

    @property
    def error(self) -> int:
        """Decimals of both errors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """A vector of a layout, by measure and cell.

    numbers: measure-major, in units of 10^-decimals of each measure.
    variance: of the noise in each entry, in the same units, squared.
    statuses: of each cell: the first of its measures' that is not normal, else "A".
    moments: whether the layout has the method's moments.
    """

    layout: Layout
    places: Mapping[str, int]
    numbers: Sequence[int]
    variance: Fraction
    statuses: tuple[str, ...]
    moments: bool

    def at(self, measure: str, cell: int) -> Fraction:
        """A value in the measure's unit."""
        place = self.places[measure]
        return Fraction(self.numbers[place * self.layout.cells + cell], 10 ** self.layout.measures[place].decimals)

    def noise(self, measure: str) -> Fraction:
        """The noise's variance in any value of a measure, in its unit squared."""
        unit: int = 100 ** self.layout.measures[self.places[measure]].decimals
        return self.variance / unit


def read(
    method: str,
    layout: Layout,
    sums: Sequence[int],
    noise: Decimal,
    statuses: Sequence[str] | None,
    *,
    terms: Sequence[str],
    moments: Sequence[str] = (),
) -> Sums:
    """The sums of a method's terms, and of its moments if the layout has them.

    Raises:
        FormatError: measures, sums or statuses do not fit, or noise is negative or no number.
    """
    ids = tuple(measure.id for measure in layout.measures)
    fits = ids in (tuple(terms), (*terms, *moments)) and len(sums) == layout.length
    if not fits or not noise.is_finite() or noise < 0 or (statuses is not None and len(statuses) != layout.length):
        raise FormatError(
            f"not what {method} finishes",
            where="finish",
            found=f"measures {', '.join(ids)}; {len(sums)} sums, {len(statuses or sums)} statuses, noise {noise}",
            wanted=f"measures {', '.join(terms)}{' and, all or none, ' if moments else ''}{', '.join(moments)}; "
            f"{layout.length} sums and statuses, noise of 0 or more",
        )
    return Sums(
        layout=layout,
        places={id: place for place, id in enumerate(ids)},
        numbers=sums,
        variance=Fraction(noise),
        statuses=_by_cell(layout, statuses),
        moments=bool(moments) and len(ids) > len(terms),
    )


def insist(method: str, parameters: Mapping[str, str], *, wanted: Iterable[str], known: Iterable[str]) -> None:
    """FormatError for a parameter that is missing, or that the method does not have."""
    missing, strange = set(wanted) - set(parameters), set(parameters) - set(known)
    if missing or strange:
        raise FormatError(
            f"not the parameters of {method}",
            where="parameters",
            found=", ".join(sorted(parameters)) or "none",
            wanted=", ".join([*sorted(wanted), *(f"perhaps {name}" for name in sorted(set(known) - set(wanted)))]),
        )


def of_ratio(ratio: Fraction, below: Fraction, variances: tuple[Fraction, Fraction, Fraction]) -> Fraction:
    """Variance of a ratio of totals y/x by Taylor linearisation (Wolter 2007, 6.2; Särndal et al. 1992, 5.6).

    Args:
        below: x, not 0.
        variances: of y, covariance of x and y, variance of x.

    >>> of_ratio(Fraction(2), Fraction(10), (Fraction(4), Fraction(1), Fraction(1)))
    Fraction(1, 25)
    """
    above, both, under = variances
    return (above - 2 * ratio * both + ratio**2 * under) / below**2


def figure(
    key: tuple[str, ...],
    digits: Digits,
    value: Fraction | Decimal | None,
    *,
    sampling: Fraction | None = None,
    noise: Fraction | None = None,
    status: str = NORMAL,
) -> Figure:
    """One figure from its value and the variances of its errors.

    value: None where none exists: status M, if no other is given. A variance that is None is no error to speak of; nor
        is one below zero, as noise or a moment cut to its bound makes it: an error of 0 would be a promise.
    """
    if value is None:
        missing = "M" if status == NORMAL else status
        return Figure(key=key, measure=digits.measure, value=None, sampling="", noise="", status=missing)
    errors = ["" if of is None else _error(of, digits.error) for of in (sampling, noise)]
    return Figure(
        key=key,
        measure=digits.measure,
        value=spell(value, digits.value),
        sampling=errors[0],
        noise=errors[1],
        status=status,
    )


def _error(variance: Fraction, decimals: int) -> str:
    """A standard error as it is published; below zero by no more than rounding it is 0, by more there is none.

    >>> _error(Fraction(4), 1), _error(Fraction(-1, 10**9), 1), _error(Fraction(-4), 1)
    ('2.0', '0.0', '')
    """
    size = spell(root(abs(variance)), decimals)
    if variance >= 0:
        return size
    return "" if Decimal(size) else size


def _by_cell(layout: Layout, statuses: Sequence[str] | None) -> tuple[str, ...]:
    if statuses is None:
        return (NORMAL,) * layout.cells
    by_measure = (statuses[start : start + layout.cells] for start in range(0, layout.length, layout.cells))
    return tuple(next((one for one in of if one != NORMAL), NORMAL) for of in zip(*by_measure, strict=True))
