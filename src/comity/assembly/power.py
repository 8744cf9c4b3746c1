"""Voting power, reckoned exactly: in how many coalitions a member is decisive, after Banzhaf and after Shapley-Shubik.

What is assumed: every member votes, yes or no; nobody abstains or stays away, so a quorum is always reached. A member
swings a coalition that loses without it and wins with it. Where groups must be carried too, the votes of each are
reckoned apart. Says what the rule and the weights give, not how anyone
votes. Sources: Banzhaf 1965; Shapley and Shubik 1954; Felsenthal and Machover, The Measurement of Voting Power, 1998.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import factorial, gcd
from typing import Final

from comity.acts.charter import Rule

MOST: Final = 2**29  # bits of the table of coalitions: 193 members with 28,000 votes in all; a few seconds

MOST_PAIRS: Final = 2**21  # of kinds of coalitions that are joined at one time; a second or two


@dataclass(frozen=True, slots=True, kw_only=True)
class Bloc:
    """Members that count as a group besides, and how many of their votes carry it."""

    members: tuple[int, ...]  # places in `Game.weights`; nobody is in two
    quota: int  # 1 or more


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Members' votes, and how many of them a coalition needs. A quota of 0 or less: every coalition wins.

    carried: in how many blocs it must have the bloc's quota besides.
    """

    weights: tuple[int, ...]  # each 1 or more
    quota: int
    blocs: tuple[Bloc, ...] = ()
    carried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """One member's power.

    swings: coalitions of the others that it turns from losing to winning, out of 2 ** (members - 1).
    banzhaf: its share of everyone's swings.    shapley: its share of all orders in which it is the one that decides.
    """

    swings: int
    banzhaf: Fraction
    shapley: Fraction


def game(rule: Rule, weights: Sequence[int], groups: Sequence[Sequence[int]] = ()) -> Game:
    """What the charter's rule asks of those who vote yes while all others vote no.

    Majority: more than `share` per cent of all votes, and of those of so many groups as the rule names (of each that
    has members, if there are fewer). Consensus:
    members are counted, not votes; all but `objections` - 1 of them.

    Args:
        groups: places of each group's members.
    """
    if rule.method == "consensus":
        return Game(weights=(1,) * len(weights), quota=len(weights) - rule.objections + 1)
    votes = tuple(weights) if rule.counted == "weights" else (1,) * len(weights)
    blocs = tuple(Bloc(members=tuple(g), quota=_quota(rule, [votes[i] for i in g])) for g in groups if g)
    carried = min(rule.groups, len(blocs))
    return Game(weights=votes, quota=_quota(rule, votes), blocs=blocs if carried else (), carried=carried)


def _quota(rule: Rule, votes: Sequence[int]) -> int:
    return rule.share * sum(votes) // 100 + 1


def power(of: Game) -> tuple[Power, ...] | None:
    """Each member's power, in the order of the weights; None if the weights are too large to reckon it (`MOST`)."""
    members = len(of.weights)
    if of.carried:
        return _in_blocs(of)
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
    return _shared([by_weight[weight] for weight in weights])


def _shared(swings: Sequence[Sequence[int]]) -> tuple[Power, ...]:
    """Each member's power by how many coalitions of each size it swings."""
    members, total = len(swings), sum(map(sum, swings))
    orders = [factorial(size) * factorial(members - 1 - size) for size in range(members)]
    whole = factorial(members)
    return tuple(
        Power(
            swings=sum(sizes),
            banzhaf=Fraction(sum(sizes), total) if total else Fraction(0),
            shapley=Fraction(sum(n * m for n, m in zip(sizes, orders, strict=True)), whole),
        )
        for sizes in swings
    )


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


def _in_blocs(of: Game) -> tuple[Power, ...] | None:
    """Power where blocs must be carried too: each bloc's coalitions are counted by their size and votes, apart.

    Those of all other blocs are joined once for each bloc, and remember how many of these are carried. Members of
    one bloc with equally many votes are alike.
    """
    own = {place: number for number, bloc in enumerate(of.blocs) for place in bloc.members}
    rest = Bloc(members=tuple(place for place in range(len(of.weights)) if place not in own), quota=sum(of.weights) + 1)
    blocs = (*of.blocs, rest)
    found: dict[tuple[int, int], list[int]] = {}
    for number, bloc in enumerate(blocs):
        others = _joined([(_by_votes(of, other.members), other.quota) for other in blocs if other is not bloc])
        if others is None:
            return None
        for weight in {of.weights[place] for place in bloc.members}:
            place = next(place for place in bloc.members if of.weights[place] == weight)
            beside = _by_votes(of, [other for other in bloc.members if other != place])
            if len(others) * len(beside) > MOST_PAIRS:
                return None
            found[number, weight] = _swung(of, bloc, weight, beside, others)
    return _shared([found[own.get(place, len(of.blocs)), weight] for place, weight in enumerate(of.weights)])


def _swung(
    of: Game, bloc: Bloc, weight: int, beside: Mapping[tuple[int, int], int], others: Mapping[tuple[int, int, int], int]
) -> list[int]:
    """By size, coalitions without a member of a bloc that lose, and win with it."""
    sizes = [0] * len(of.weights)
    for (size, votes, carried), count in others.items():
        for (more, own), ways in beside.items():
            before = votes + own >= of.quota and carried + (own >= bloc.quota) >= of.carried
            after = votes + own + weight >= of.quota and carried + (own + weight >= bloc.quota) >= of.carried
            if after and not before:
                sizes[size + more] += count * ways
    return sizes


def _by_votes(of: Game, places: Sequence[int]) -> dict[tuple[int, int], int]:
    """How many coalitions of these members have each size and number of votes."""
    counts = {(0, 0): 1}
    for place in places:
        for (size, votes), ways in list(counts.items()):
            key = (size + 1, votes + of.weights[place])
            counts[key] = counts.get(key, 0) + ways
    return counts


def _joined(parts: Sequence[tuple[Mapping[tuple[int, int], int], int]]) -> dict[tuple[int, int, int], int] | None:
    """Coalitions across blocs by size, votes and blocs carried; None if there are too many kinds of them."""
    joined = {(0, 0, 0): 1}
    for counts, quota in parts:
        if len(joined) * len(counts) > MOST_PAIRS:
            return None
        longer: dict[tuple[int, int, int], int] = {}
        for (size, votes, carried), ways in joined.items():
            for (more, own), count in counts.items():
                key = (size + more, votes + own, carried + (own >= quota))
                longer[key] = longer.get(key, 0) + ways * count
        joined = longer
    return joined
