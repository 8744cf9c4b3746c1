"""What a check of a source tells its officer beside the coverage: universe, persons, weights, strata. Stays at home."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The sampling weight over rows of the universe.

    missing: rows without a weight, or with what is no number. negative, zero: rows; the negative ones count as missing.
    sum, least, most: of the weights of 0 or more.
    share: of one person in the sum of a period, where it is largest; 0 where there is no sum.
    """

    missing: int
    negative: int
    zero: int
    sum: float
    least: float
    most: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A source in all periods that its binding knows.

    beside: rows that are not of the universe. nameless: rows of the universe without the unit's id.
    several: persons with more than one row in a period of the universe.
    unanswered: of each number between bounds that the binding maps, rows of the universe without an answer.
    refused: with what a study that asks for variances is refused; "" where it is answered.
    unbound: variables of the norm to which the binding maps no column: a study that uses one is not answered.
    """

    beside: int
    nameless: int
    several: int
    weights: Weights | None
    unanswered: dict[str, int] = field(default_factory=dict)
    refused: str = ""
    unbound: tuple[str, ...] = ()
