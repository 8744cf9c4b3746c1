"""How votes decide, in whole numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.acts.charter import Rule
from comity.assembly.tally import Tally, adopts, count
from tests.builders.assembly import Assembly, party


def majority(share: int = 50, quorum: int = 0) -> Rule:
    return Rule(method="majority", share=share, quorum=quorum, objections=0, seconds=0)


def consensus(objections: int) -> Rule:
    return Rule(method="consensus", share=0, quorum=0, objections=objections, seconds=0)


def votes(yes: int = 0, no: int = 0, abstain: int = 0, total: int = 10, objections: int = 0) -> Tally:
    return Tally(yes=yes, no=no, abstain=abstain, total=total, objections=objections)


@pytest.mark.parametrize(
    ("rule", "tally", "expected"),
    [
        (majority(), votes(yes=2, no=1), True),
        (majority(), votes(yes=1, no=1), False),
        (majority(), votes(yes=1), True),
        (majority(), votes(), False),
        (majority(), votes(abstain=10), False),
        (majority(66), votes(yes=2, no=1), True),
        (majority(67), votes(yes=2, no=1), False),
        (majority(0), votes(yes=1, no=9), True),
        (majority(99), votes(yes=99, no=1, total=100), False),
        (majority(quorum=50), votes(yes=4), False),
        (majority(quorum=50), votes(yes=4, abstain=1), True),
        (majority(quorum=100), votes(yes=9), False),
        (majority(quorum=100), votes(yes=10), True),
        (consensus(1), votes(), True),
        (consensus(1), votes(no=1, objections=1), False),
        (consensus(3), votes(no=50, objections=2), True),
        (consensus(3), votes(yes=7, no=3, objections=3), False),
        (majority(), votes(yes=1, total=0), False),
        (consensus(1), votes(total=0), False),
    ],
)
def test_the_charters_rule_decides(rule: Rule, tally: Tally, *, expected: bool) -> None:
    assert expected == adopts(rule, tally)


@given(st.integers(0, 99), st.integers(0, 100), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_one_more_yes_never_hurts_and_one_more_no_never_helps(
    share: int, quorum: int, yes: int, no: int, abstain: int
) -> None:
    """With everyone's votes in, so that the quorum is not what changes."""
    rule = majority(share, quorum)
    total = yes + no + abstain + 1
    with_yes = adopts(rule, votes(yes=yes + 1, no=no, abstain=abstain, total=total))
    without = adopts(rule, votes(yes=yes, no=no, abstain=abstain, total=total))
    with_no = adopts(rule, votes(yes=yes, no=no + 1, abstain=abstain, total=total))
    assert with_yes or not without
    assert with_yes or not with_no


def test_only_members_in_good_standing_are_counted_by_their_weight() -> None:
    members = Assembly([party("m1", weight=3), party("m2"), party("m3")]).state.members
    tally = count({"m1": "yes", "m2": "no", "gone": "no"}, members)
    assert Tally(yes=3, no=1, abstain=0, total=5, objections=1) == tally
