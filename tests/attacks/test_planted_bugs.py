"""Planted DP bugs: each is found by an auditor that sees nothing but outputs, and that certifies 0.9 of a tight claim.

The honest mechanism is the sampler of a node, with its own cost as the claim. Every bug is one change to it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from comity.model.law import Exposure, Law
from comity.stages.dice import Dice
from comity.stages.protect import noise, sampler
from comity.stages.seal import member
from comity.stages.seal.member import Received
from tests.builders.auditor import Mechanism, audit, each
from tests.builders.rounds import Exchange, secrets_of
from tests.builders.seal import Stream

Cells = NDArray[np.int64]


def honest(law: Law) -> Mechanism:
    """What a node does: an independent draw for every cell."""

    def protect(tables: Cells, dice: Dice) -> None:
        sampler.add(tables.reshape(-1), law, dice)

    return protect


@dataclass(frozen=True)
class Claim:
    """A law, by how much one person moves each cell, and the delta at which epsilon is claimed.

    delta: large, so that a million releases tell it; the accounts know no other formula for a small one.
    """

    law: Law
    shifts: tuple[int, ...] = (1,)
    delta: str = "0.02"

    @property
    def epsilon(self) -> float:
        """As the ledger would be charged."""
        found = noise.composed(tuple(Exposure(self.law, shift, 1) for shift in self.shifts if shift), self.delta)
        assert found is not None
        return float(found)

    def certified(self, mechanism: Mechanism, releases: int = 400_000, moved: tuple[int, ...] | None = None) -> float:
        """What an audit proves of a mechanism, by a table of zeros and its neighbour, moved by the shifts."""
        table, neighbour = [0] * len(self.shifts), list(moved or self.shifts)
        dice: Callable[[str], Dice] = lambda name: Stream(f"audit {self.law} {name}")  # noqa: E731
        return audit(mechanism, table, neighbour, delta=float(self.delta), releases=releases, dice=dice).epsilon


SKELLAM = Claim(Law("skellam", Fraction(4)))
TWO = Claim(Law("skellam", Fraction(4)), shifts=(1, 1))
ONE_OF_TWO = Claim(Law("skellam", Fraction(4)), shifts=(1, 0))
LAPLACE = Claim(Law("discrete-laplace", Fraction(2)), delta="0.000001")


TIGHT = [
    SKELLAM,
    TWO,
    LAPLACE,
    Claim(Law("discrete-gaussian", Fraction(25)), shifts=(5,)),
    Claim(Law("discrete-gaussian", Fraction(100)), shifts=(7, 3)),
]


@pytest.mark.parametrize("claim", TIGHT, ids=lambda claim: f"{claim.law} by {claim.shifts}")
def test_the_honest_mechanism_keeps_its_claim_and_the_claim_is_tight(claim: Claim) -> None:
    """No audit proves more than is claimed, and it proves nine tenths of it: the accounts are no wild bound."""
    found = claim.certified(honest(claim.law), releases=1_500_000)
    assert 0.9 * claim.epsilon <= found <= claim.epsilon


def half_the_variance(tables: Cells, dice: Dice) -> None:
    sampler.add(tables.reshape(-1), Law("skellam", Fraction(2)), dice)


def no_noise_in_one_cell(tables: Cells, dice: Dice) -> None:
    part = np.ascontiguousarray(tables[:, :-1])
    sampler.add(part.reshape(-1), TWO.law, dice)
    tables[:, :-1] = part


def one_draw_for_two_cells(tables: Cells, dice: Dice) -> None:
    tables += sampler.draw(TWO.law, len(tables), dice)[:, None]


def zeros_stay_zeros(tables: Cells, dice: Dice) -> None:
    """True zeros look so harmless."""
    tables += sampler.draw(TWO.law, tables.size, dice).reshape(tables.shape) * (tables != 0)


def noise_by_the_value(tables: Cells, dice: Dice) -> None:
    """Less noise where the count is small, so that the relative error is the same."""
    small = sampler.draw(Law("skellam", Fraction(1)), tables.size, dice).reshape(tables.shape)
    large = sampler.draw(TWO.law, tables.size, dice).reshape(tables.shape)
    tables += np.where(tables > 0, large, small)


def noise_cut_off(tables: Cells, dice: Dice) -> None:
    """Nothing beyond two standard deviations, so that no figure looks absurd."""
    tables += np.clip(sampler.draw(TWO.law, tables.size, dice), -4, 4).reshape(tables.shape)


@pytest.mark.parametrize(
    ("claim", "bug"),
    [
        (SKELLAM, half_the_variance),
        (TWO, no_noise_in_one_cell),
        (ONE_OF_TWO, one_draw_for_two_cells),
        (TWO, zeros_stay_zeros),
        (TWO, noise_by_the_value),
        (TWO, noise_cut_off),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_planted_bug_is_found(claim: Claim, bug: Mechanism) -> None:
    assert claim.certified(bug) > claim.epsilon * 1.05


def test_a_generator_with_a_seed_is_found() -> None:
    """Every release alone, by dice that give the same bytes again: the noise repeats, and can be taken off."""

    def seeded(tables: Cells, _: Dice) -> None:
        sampler.add(tables.reshape(-1), SKELLAM.law, lambda n: bytes(n))

    assert SKELLAM.certified(each(seeded), releases=2000) > SKELLAM.epsilon * 1.05
    assert SKELLAM.certified(each(honest(SKELLAM.law)), releases=2000) < SKELLAM.epsilon


def test_one_noise_for_two_releases_is_found() -> None:
    """A node that keeps its noise beside its answer and uses it again: the difference of two releases has none."""
    twice = Claim(SKELLAM.law, shifts=(1, 2))  # two studies of one cell, which move by 1 and by 2 of a person

    assert twice.certified(one_draw_for_two_cells) > twice.epsilon * 1.05


def test_a_shift_twice_the_claimed_one_is_found() -> None:
    """A sum that nobody clipped: one person moves it by 2, and the noise is for 1."""
    assert SKELLAM.certified(honest(SKELLAM.law), moved=(2,)) > SKELLAM.epsilon * 1.05


def test_what_is_done_to_the_released_figure_is_no_bug() -> None:
    """Negative counts shown as 0: no processing of a release gives more away, and the auditor does not cry wolf."""

    def cut_at_zero(tables: Cells, dice: Dice) -> None:
        sampler.add(tables.reshape(-1), TWO.law, dice)
        np.maximum(tables, 0, out=tables)

    assert TWO.certified(cut_at_zero) <= TWO.epsilon


def test_the_vector_that_a_node_seals_keeps_its_claim() -> None:
    """Masks taken off, as a hub with all others in collusion could: a cell costs what the ledger is charged, (ii)."""
    cells = 300_000
    exchange = Exchange.of(5, cells=cells, noise=True)
    exchange.share()
    got, me = exchange.receive("m001"), secrets_of("m001")
    assert isinstance(got, Received)
    round_ = exchange.round
    bare = replace(round_, study=replace(round_.study, noise=None))
    masks = member.answer(bare, "m001", me, got.seeds, np.zeros(bare.length, "<i8"), Stream("none"))[: 8 * cells]

    def sealed(tables: Cells, dice: Dice) -> None:
        vector = member.answer(round_, "m001", me, got.seeds, tables.ravel(), dice)
        tables[:, 0] = np.frombuffer(vector, "<i8") - np.frombuffer(masks, "<i8")

    claim = Claim(Law("skellam", member.own_variance(round_, "m001")), shifts=(3,))
    found = claim.certified(sealed, releases=cells)
    assert 0.8 * claim.epsilon <= found <= claim.epsilon
