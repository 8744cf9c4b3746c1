"""A wish for noise: how much is planned for a cost or a variance, and for whom.

Decides the least noise that keeps an epsilon; what a plan costs is `stages.protect.noise`.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from comity.errors import UsageError
from comity.methods.card import Card
from comity.model.study import NoisePlan, Study
from comity.stages.protect import noise as noises

MOST: Final = 2**19  # variance; at a shift of 1 and DELTA it costs epsilon 0.0063


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How much noise is wanted, by what it may cost (epsilon) or by its variance (sigma2), and for whom."""

    cells: int
    delta: str
    epsilon: str | None
    sigma2: int | None
    protects: Literal["person", "member"]

    def of(self, variance: int, stated: str) -> NoisePlan:
        """The plan of so much noise."""
        return NoisePlan(sigma2=variance, cells=self.cells, delta=self.delta, epsilon=stated, protects=self.protects)


def plan(study: Study, card: Card, wish: Wish) -> NoisePlan | None:
    """The noise plan of a wish; none for a method that needs none, unless it is asked for."""
    epsilon, sigma2 = wish.epsilon, wish.sigma2
    if epsilon is None and sigma2 is None and not card.needs.noise:
        return None
    if card.needs.data == "rasters":
        raise UsageError(
            "areas count no persons, so no noise is planned",
            where="ask",
            found="sigma2" if epsilon is None else "epsilon",
            wanted="neither epsilon nor sigma2",
            way_out="leave it out",
        )
    if (epsilon is None) == (sigma2 is None):
        raise UsageError(
            "how much noise?",
            where="ask",
            found="both epsilon and sigma2" if epsilon else "neither epsilon nor sigma2",
            wanted="one of them",
            way_out='epsilon="1" plans the least noise that costs no more; sigma2=36 says the variance',
        )

    def planned(variance: int, stated: str = "1") -> Study:
        return replace(study, noise=wish.of(variance, stated))

    if sigma2 is None:
        wanted = _decimal(epsilon or "")

        def keeps(variance: int) -> bool:
            cost = noises.loss(planned(variance))
            return cost is not None and cost <= wanted

        most = next((1 << bits for bits in range(MOST.bit_length()) if keeps(1 << bits)), 0)
        sigma2 = 1 + bisect_left(range(1, most), True, key=keeps)
        if not most:
            way_out = f"allow a larger epsilon, or give sigma2 above {MOST} yourself"
            raise UsageError("no noise of ours is that strict", where="epsilon", found=epsilon or "", way_out=way_out)
    cost = noises.loss(planned(sigma2))
    if cost is None:
        way_out = "plan more noise, or give a larger delta"
        raise UsageError("so little noise protects nothing", where="sigma2", found=str(sigma2), way_out=way_out)
    return planned(sigma2, f"{cost:f}").noise


def _decimal(text: str) -> Decimal:
    """A wish as a positive decimal."""
    try:
        value = Decimal(text)
    except (InvalidOperation, ValueError, TypeError):
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0:
        raise UsageError(
            "not a privacy cost", where="epsilon", found=str(text), wanted='a decimal as text, such as "1"'
        )
    return value
