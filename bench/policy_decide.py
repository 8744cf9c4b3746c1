"""policy.decide: how many questions a node decides in a second, beside Cedar on the same questions and policies.

Both sides get what is read once before the clock starts: ours the records, Cedar its parsed policies and entities and
the contexts as plain values. Ours also checks that norm, method and study hold together, which Cedar is not asked: the
rules of policy alone, which both decide, have a row of their own.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from bench.row import Row
from comity.stages import consent, permission
from comity.stages.case import Case
from tests.oracles import cedar, requests
from tests.oracles.cedar import Evaluator

POLICIES, EACH = 20, 100
ROUNDS = 5
ACTIONS = ("fits", "answers")  # whether a permission fits, and whether nothing speaks against it

Side = Sequence[tuple[Sequence[Case], Evaluator, list[dict[str, Any]]]]


def asked() -> Side:
    """Seeded: two runs decide the same questions."""
    dice = random.Random(6)
    found = []
    for _ in range(POLICIES):
        policy = requests.policy(dice)
        questions = [requests.request(dice) for _ in range(EACH)]
        cases = [requests.case(one, policy) for one in questions]
        found.append((cases, Evaluator(policy, requests.GOALS), cedar.posed(questions, ACTIONS)))
    return found


def whole(side: Side) -> list[bool]:
    """All that a node asks before it consents."""
    return [
        consent.decide(
            one.study, one.norm, one.policy, one.state, period=one.period, facts=one.facts, now=one.now
        ).consents
        for cases, _, _ in side
        for one in cases
    ]


def rules(side: Side) -> list[bool]:
    """The rules of policy alone: whether none of them speaks against the question."""
    return [not [True for rule in permission.RULES for _ in rule(one)] for cases, _, _ in side for one in cases]


def peer(side: Side) -> list[bool]:
    """Cedar: whether it allows both actions."""
    found = []
    for _, evaluator, questions in side:
        told = [one.allowed for one in evaluator.authorized(questions)]
        found += [all(pair) for pair in zip(told[::2], told[1::2], strict=True)]
    return found


def timed(work: Callable[[Side], object], side: Side) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work(side)
    return time.perf_counter() - started


def run() -> list[Row]:
    """The whole decision and the rules alone, Cedar beside both: medians of interleaved rounds, the first dropped."""
    side = asked()
    if whole(side) != peer(side):
        raise SystemExit("bench policy.decide: Cedar decides otherwise")
    rounds = [(timed(rules, side), timed(whole, side), timed(peer, side)) for _ in range(ROUNDS + 1)][1:]
    ours_rules, ours_whole, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    n = POLICIES * EACH
    return [
        Row(
            bench="policy.decide",
            n=n,
            ours_s=ours,
            bound_s=None,
            ratio=ours / theirs,
            per_s=n / ours,
            peer=f"cedarpy {version('cedarpy')}",
            peer_s=theirs,
            note=f"questions to {POLICIES} policies: {what}; both decided alike",
        )
        for ours, what in (
            (ours_rules, "the rules of policy alone, which Cedar is asked too"),
            (ours_whole, "all that a node asks, with the digests of study and norm, which Cedar is not asked"),
        )
    ]
