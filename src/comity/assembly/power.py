"""Voting power, reckoned exactly: in how many coalitions a member is decisive, after Banzhaf and after Shapley-Shubik.

What is assumed: every member votes, yes or no; nobody abstains or stays away, so a quorum is always reached. A member
swings a coalition that loses without it and wins with it. Says what the rule and the weights give, not how anyone
votes. Sources: Banzhaf 1965; Shapley and Shubik 1954; Felsenthal and Machover, The Measurement of Voting Power, 1998.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import factorial, gcd
from typing import Final

from comity.acts.charter import Rule

MOST: Final = 2**29  # bits of the table of coalitions: 193 members with 28,000 votes in all; a few seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Members' votes, and how many of them a coalition needs. A quota of 0 or less: every coalition wins."""

    weights: tuple[int, ...]  # each 1 or more
    quota: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """One member's power.

    swings: coalitions of the others that it turns from losing to winning, out of 2 ** (members - 1).
    banzhaf: its share of everyone's swings.    shapley: its share of all orders in which it is the one that decides.
    """

    swings: int
    banzhaf: Fraction
    shapley: Fraction


def game(rule: Rule, weights: Sequence[int]) -> Game:
    """What the charter's rule asks of those who vote yes while all others vote no.

    Majority: more than `share` per cent of all votes. Consensus: members are counted, not votes; all but
    `objections` - 1 of them.
    """
    if rule.method == "consensus":
        return Game(weights=(1,) * len(weights), quota=len(weights) - rule.objections + 1)
    return Game(weights=tuple(weights), quota=rule.share * sum(weights) // 100 + 1)


def power(of: Game) -> tuple[Power, ...] | None:
    """Each member's power, in the order of the weights; None if the weights are too large to reckon it (`MOST`)."""
    members = len(of.weights)
    if not 0 < of.quota <= sum(of.weights):
        return (Power(swings=0, banzhaf=Fraction(0), shapley=Fraction(0)),) * members
    common = gcd(*of.weights)
    weights = [weight // common for weight in of.weights]
    quota = -(-of.quota // common)
    # Who swings with a quota swings, in the complement, with its dual: the smaller of the two is less work.
    quota = min(quota, sum(weights) + 1 - quota)
    if members * (members + 1) * quota > MOST:
        return None
    by_weight = _swings(weights, quota)
    total = sum(sum(by_weight[weight]) for weight in weights)
    orders = [factorial(size) * factorial(members - 1 - size) for size in range(members)]
    found = {
        weight: Power(
            swings=sum(swings),
            banzhaf=Fraction(sum(swings), total),
            shapley=Fraction(sum(n * m for n, m in zip(swings, orders, strict=True)), factorial(members)),
        )
        for weight, swings in by_weight.items()
    }
    return tuple(found[weight] for weight in weights)


def _swings(weights: Sequence[int], quota: int) -> dict[int, list[int]]:
    """For each weight, how many coalitions of each size a member of that weight swings.

    Coalitions are counted by their votes, below the quota: one whole number for each number of votes, which holds the
    counts of all sizes side by side, `bits` for each. Those without a given member follow from those of all members:
    without(v) = all(v) - one size up of without(v - weight).
    """
    members = len(weights)
    bits = members + 1  # no count of coalitions reaches 2 ** members
    below = list(accumulate(_coalitions(weights, quota, bits), initial=0))  # with fewer votes than the index
    whole = (1 << (members * bits)) - 1
    found = {}
    for weight in set(weights):
        packed, sign = 0, 1
        for size, votes in enumerate(range(quota, 0, -weight)):
            if size == members:
                break
            packed += sign * ((below[votes] - below[max(votes - weight, 0)]) << (size * bits))
            sign = -sign
        packed &= whole
        found[weight] = [(packed >> (size * bits)) & ((1 << bits) - 1) for size in range(members)]
    return found


def _coalitions(weights: Sequence[int], quota: int, bits: int) -> list[int]:
    """Coalitions of all members with 0, 1, ... quota - 1 votes, their sizes side by side."""
    counts = [1]
    for weight in sorted(weights):
        longer = min(len(counts) + weight, quota)
        kept = counts + [0] * (longer - len(counts))
        joined = ([0] * weight + [count << bits for count in counts])[:longer]
        counts = [one + other for one, other in zip(kept, joined, strict=True)]
    return counts + [0] * (quota - len(counts))
