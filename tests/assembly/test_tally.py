"""How votes decide, in whole numbers."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.acts.charter import Rule
from comity.acts.motion import Choice
from comity.assembly.facts import Actor
from comity.assembly.tally import Group, Tally, adopts, count, recused, voters
from comity.model.member import Party
from tests.builders.assembly import Assembly, charter_of, party


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


NORTH, SOUTH = ("246", "752"), ("710", "072")  # two areas each
GROUPS = {"north": NORTH, "south": SOUTH}


def test_a_member_belongs_to_the_group_that_lists_its_area_and_some_to_none() -> None:
    """By hand: north 3 yes, 1 no; south abstains but for one no; m5 is in no group, and counts overall."""
    areas = ("246", "752", "710", "072", "036")
    parties = [
        party(f"m{i}", weight=w, area=area) for i, (w, area) in enumerate(zip((3, 1, 5, 2, 4), areas, strict=True), 1)
    ]
    said: dict[str, Choice] = {"m1": "yes", "m2": "no", "m3": "abstain", "m4": "no", "m5": "yes"}
    found = count(said, Assembly(parties).state.members, groups=GROUPS)
    north, south = Group(name="north", yes=3, no=1, voters=2), Group(name="south", yes=0, no=2, voters=2)
    assert (north, south) == found.groups
    assert (7, 3, 5, 15, 2) == (found.yes, found.no, found.abstain, found.total, found.objections)
    once = count(said, Assembly(parties).state.members, counted="members", groups=GROUPS)
    assert (replace(north, yes=1), replace(south, no=1)) == once.groups
    assert (2, 2, 1, 5, 2) == (once.yes, once.no, once.abstain, once.total, once.objections)


@pytest.mark.parametrize(
    ("needed", "north", "south", "expected"),
    [
        (0, (1, 9), (1, 9), True),
        (1, (2, 1), (1, 9), True),
        (2, (2, 1), (1, 1), False),  # half is no more than half
        (2, (2, 1), (0, 0), False),  # a group that cast no vote carries nothing
        (2, (2, 1), (3, 2), True),
    ],
)
def test_a_majority_is_reached_in_so_many_groups_too(
    needed: int, north: tuple[int, int], south: tuple[int, int], *, expected: bool
) -> None:
    """Overall nine of ten say yes."""
    counts = (("north", north), ("south", south))
    sides = tuple(Group(name=name, yes=yes, no=no, voters=9) for name, (yes, no) in counts)
    tally = Tally(yes=90, no=10, abstain=0, total=100, objections=1, groups=sides)
    assert expected == adopts(
        Rule(method="majority", share=50, quorum=50, objections=0, seconds=0, groups=needed), tally
    )


def test_who_is_recused_is_not_among_all_votes() -> None:
    """m1 hosts the hub with 9 of 12 votes; on the hub two of the others' three are a majority, and all of a quorum."""
    parties = [party("m1", weight=9), party("m2"), party("m3"), party("m4")]
    charter = replace(charter_of(parties), host="m1")
    members = Assembly(charter=charter).state.members
    assert (["m2", "m3", "m4"], "m1") == (list(voters(charter, "hub", members)), recused(charter, "hub"))
    assert (["m1", "m2", "m3", "m4"], "") == (list(voters(charter, "norm", members)), recused(charter, "norm"))
    found = count({"m1": "no", "m2": "yes", "m3": "yes", "m4": "no"}, voters(charter, "hub", members))
    assert Tally(yes=2, no=1, abstain=0, total=3, objections=1) == found


def test_the_largest_weights_are_added_exactly() -> None:
    """193 members of the largest weight, and one vote more decides."""
    parties = [party(f"m{i:03}", weight=10**9) for i in range(192)] + [party("small")]
    members = {one.id: actor_of(one) for one in parties}
    said: dict[str, Choice] = {one.id: "yes" if i < 96 else "no" for i, one in enumerate(parties[:-1])}
    assert not adopts(majority(), count(said, members))
    assert adopts(majority(), count(said | {"small": "yes"}, members))


def actor_of(one: Party) -> Actor:
    return Actor(party=one, keys=one.keys, revoked=(), since=1, until=None)


@given(
    st.lists(st.tuples(st.sampled_from(["yes", "no", "abstain"]), st.integers(1, 9), st.integers(0, 4)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_votes_changes_no_count(cast: list[tuple[Choice, int, int]], random: Random) -> None:
    areas = (*NORTH, *SOUTH, "036")
    parties = {f"m{i:02}": party(f"m{i:02}", weight=w, area=areas[a]) for i, (_, w, a) in enumerate(cast)}
    members = {id: actor_of(one) for id, one in parties.items()}
    said = list(zip(parties, (choice for choice, _, _ in cast), strict=True))
    other = random.sample(said, len(said))
    assert count(dict(said), members, groups=GROUPS) == count(dict(other), members, groups=GROUPS)
