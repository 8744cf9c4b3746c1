"""Voting power: by all coalitions and all orders one by one where they are few, and by its laws where they are not."""

from fractions import Fraction
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.charter import Rule
from comity.assembly.power import MOST, Bloc, Game, game, power


def wins(of: Game, coalition: tuple[int, ...]) -> bool:
    carried = [sum(of.weights[i] for i in bloc.members if i in coalition) >= bloc.quota for bloc in of.blocs]
    return sum(of.weights[member] for member in coalition) >= of.quota and sum(carried) >= of.carried


def by_coalitions(of: Game) -> list[int]:
    """Swings, by asking every coalition of the others."""
    everyone = range(len(of.weights))
    swings = []
    for member in everyone:
        others = [other for other in everyone if other != member]
        subsets = [some for size in range(len(others) + 1) for some in combinations(others, size)]
        swings.append(sum(wins(of, (*some, member)) and not wins(of, some) for some in subsets))
    return swings


def by_orders(of: Game) -> list[Fraction]:
    """Shapley and Shubik's own definition: who decides, in each order of joining."""
    decides, orders = [0] * len(of.weights), 0
    for order in permutations(range(len(of.weights))):
        orders += 1
        for place, member in enumerate(order):
            if wins(of, order[: place + 1]):
                decides[member] += 1
                break
    return [Fraction(count, orders) for count in decides]


def games(most: int, heaviest: int = 30) -> st.SearchStrategy[Game]:
    weights = st.lists(st.integers(1, heaviest), min_size=1, max_size=most)
    return weights.flatmap(lambda w: st.builds(Game, weights=st.just(tuple(w)), quota=st.integers(1, sum(w))))


@settings(max_examples=40)
@given(games(10))
def test_swings_are_those_that_all_coalitions_show(of: Game) -> None:
    found = power(of)
    assert found is not None
    swings = by_coalitions(of)
    assert swings == [one.swings for one in found]
    assert [Fraction(count, sum(swings)) for count in swings] == [one.banzhaf for one in found]


@settings(max_examples=40)
@given(games(6))
def test_shapley_is_what_all_orders_show(of: Game) -> None:
    found = power(of)
    assert found is not None
    assert by_orders(of) == [one.shapley for one in found]


@settings(max_examples=60)
@given(games(40, 60), st.randoms(use_true_random=False))
def test_shares_sum_to_one_and_follow_the_weights_wherever_a_member_sits(of: Game, random: object) -> None:
    """Efficiency, symmetry, anonymity, and more votes never less power."""
    found = power(of)
    assert found is not None
    assert (1, 1) == (sum(one.shapley for one in found), sum(one.banzhaf for one in found))
    seats = sorted(zip(of.weights, found, strict=True), key=lambda seat: seat[0])
    for (lighter, less), (heavier, more) in pairwise(seats):
        assert less.shapley <= more.shapley
        assert less.swings <= more.swings
        assert lighter != heavier or less == more
    mixed = list(of.weights)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    again = power(Game(weights=tuple(mixed), quota=of.quota))
    assert again is not None
    assert dict(zip(of.weights, found, strict=True)) == dict(zip(mixed, again, strict=True))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=20), st.integers(1, 99), st.integers(2, 50))
def test_power_does_not_depend_on_the_unit_of_votes(weights: list[int], share: int, times: int) -> None:
    rule = Rule(method="majority", share=share, quorum=0, objections=0, seconds=0)
    assert power(game(rule, weights)) == power(game(rule, [weight * times for weight in weights]))


@given(st.lists(st.integers(1, 10), min_size=1, max_size=12))
def test_a_dummy_has_no_power_and_a_dictator_all(others: list[int]) -> None:
    """Even weights and an even quota: the one odd vote changes nothing. More votes than all others together decide."""
    even = tuple(2 * weight for weight in others)
    found = power(Game(weights=(*even, 1), quota=sum(even)))
    assert found is not None
    assert (0, 0, 0) == (found[-1].swings, found[-1].banzhaf, found[-1].shapley)
    most = sum(others) + 1
    ruled = power(Game(weights=(most, *others), quota=most))
    assert ruled is not None
    assert [1, *(0 for _ in others)] == [one.shapley for one in ruled] == [one.banzhaf for one in ruled]


def test_the_council_of_1958_is_as_the_literature_has_it() -> None:
    """Germany, France, Italy 4, Belgium, Netherlands 2, Luxembourg 1, 12 of 17: Luxembourg could decide nothing."""
    found = power(Game(weights=(4, 4, 4, 2, 2, 1), quota=12))
    assert found is not None
    assert [Fraction(5, 21)] * 3 + [Fraction(3, 21)] * 2 + [0] == [one.banzhaf for one in found]
    assert [Fraction(14, 60)] * 3 + [Fraction(9, 60)] * 2 + [0] == [one.shapley for one in found]


@pytest.mark.parametrize(
    ("rule", "weights", "quota", "of"),
    [
        (("majority", 50, 0), (1, 1, 1, 1), 3, 4),  # two of four are no more than half
        (("majority", 50, 0), (3, 1, 1), 3, 5),
        (("majority", 66, 0), (1,) * 100, 67, 100),
        (("majority", 0, 0), (5, 5), 1, 10),
        (("consensus", 0, 3), (9, 1, 1, 1), 2, 4),  # three must object: two in favour are enough
        (("consensus", 0, 1), (9, 1), 2, 2),
        (("consensus", 0, 3), (1, 1), 0, 2),  # there are no three who could object
    ],
)
def test_the_charters_rule_says_how_many_votes_adopt(
    rule: tuple[str, int, int], weights: tuple[int, ...], quota: int, of: int
) -> None:
    method, share, objections = rule
    ballot = Rule(method=method, share=share, quorum=0, objections=objections, seconds=0)  # type: ignore[arg-type]
    found = game(ballot, weights)
    assert (quota, of) == (found.quota, sum(found.weights))


def test_where_nothing_can_stop_a_motion_nobody_has_power() -> None:
    found = power(Game(weights=(1, 1), quota=0))
    assert found is not None
    assert [(0, 0, 0)] * 2 == [(one.swings, one.banzhaf, one.shapley) for one in found]
    assert () == power(Game(weights=(), quota=1))


def test_weights_too_large_to_reckon_are_said_to_be() -> None:
    assert None is power(Game(weights=(MOST, 1, MOST - 1), quota=MOST))


def test_a_large_assembly_is_reckoned_exactly() -> None:
    """193 members with 1 to 100 votes, half of 9,729: shares still sum to one, by whole numbers of 58 digits."""
    weights = tuple(1 + 37 * i % 100 for i in range(193))
    found = power(Game(weights=weights, quota=sum(weights) // 2 + 1))
    assert found is not None
    assert (1, 1) == (sum(one.shapley for one in found), sum(one.banzhaf for one in found))


def blocs(most: int) -> st.SearchStrategy[Game]:
    """Games of few members in up to three blocs, each member in one at most."""

    def made(members: list[tuple[int, int]], quota: int, quotas: list[int], carried: int) -> Game:
        weights = tuple(weight for weight, _ in members)
        parts = [tuple(i for i, (_, bloc) in enumerate(members) if bloc == number) for number in range(3)]
        listed = tuple(Bloc(members=part, quota=most) for part, most in zip(parts, quotas, strict=True))
        return Game(weights=weights, quota=min(quota, sum(weights)), blocs=listed, carried=carried)

    return st.builds(
        made,
        st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=most),
        st.integers(1, 20),
        st.lists(st.integers(1, 8), min_size=3, max_size=3),
        st.integers(1, 4),
    )


@settings(max_examples=60)
@given(blocs(8))
def test_where_blocs_must_be_carried_swings_are_those_that_all_coalitions_show(of: Game) -> None:
    found = power(of)
    assert found is not None
    swings = by_coalitions(of)
    assert swings == [one.swings for one in found]
    total = sum(swings)
    assert [Fraction(count, total) if total else 0 for count in swings] == [one.banzhaf for one in found]


@settings(max_examples=30)
@given(blocs(6))
def test_where_blocs_must_be_carried_shapley_is_what_all_orders_show(of: Game) -> None:
    found = power(of)
    assert found is not None
    assert by_orders(of) == [one.shapley for one in found]


def test_the_members_of_the_united_nations_in_five_groups_are_reckoned() -> None:
    """One vote each; each group's members are alike, and all shares sum to one."""
    sizes = (54, 54, 23, 33, 29)  # regional groups: African, Asia-Pacific, Eastern European, Latin American, Western
    starts = [sum(sizes[:i]) for i in range(5)]
    groups = [range(start, start + size) for start, size in zip(starts, sizes, strict=True)]
    rule = Rule(method="majority", share=50, quorum=0, objections=0, seconds=0, counted="members", groups=3)
    found = power(game(rule, [1] * 193, [list(group) for group in groups]))
    assert found is not None
    assert 1 == sum(one.shapley for one in found)
    assert 1 == sum(one.banzhaf for one in found)
    assert all(len({found[place] for place in group}) == 1 for group in groups)
    assert found[0] == found[54]
    assert len({one.shapley for one in found}) > 1


def test_weights_too_large_to_reckon_in_blocs_are_left_unreckoned() -> None:
    weights = tuple(2**i for i in range(30))
    whole = Bloc(members=tuple(range(15)), quota=1)
    assert None is power(Game(weights=weights, quota=sum(weights) // 2, blocs=(whole,), carried=1))


def test_a_rule_that_counts_members_gives_each_of_them_one_vote() -> None:
    rule = Rule(method="majority", share=50, quorum=0, objections=0, seconds=0, counted="members")
    assert Game(weights=(1, 1, 1), quota=2) == game(rule, [5, 1, 1], [[0], [1, 2]])
    in_groups = Rule(method="majority", share=66, quorum=0, objections=0, seconds=0, groups=1)
    expected = (Bloc(members=(0,), quota=4), Bloc(members=(1, 2), quota=2))
    assert Game(weights=(5, 1, 1), quota=5, blocs=expected, carried=1) == game(in_groups, [5, 1, 1], [[0], [1, 2]])
