"""Laws of the whole fold, on lives in which members, rules, witnesses, keys and the hub itself change."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.charter import Charter, Rule
from comity.acts.motion import Choice
from comity.assembly import digest, fold, tally
from comity.assembly.recount import differs, recount
from comity.assembly.state import State
from tests.builders.assembly import Assembly, charter_of, party
from tests.builders.life import GOVERNED, Deed, governed
from tests.builders.matters import MATTERS, went_on

deeds = st.lists(
    st.tuples(st.integers(0, GOVERNED - 1), st.integers(0, 6), st.integers(0, 60)), min_size=20, max_size=70
)
matters = st.lists(
    st.tuples(st.integers(0, MATTERS - 1), st.integers(0, 6), st.integers(0, 60)), min_size=10, max_size=40
)
LOG = {"size", "range", "roots", "digests", "breached"}  # what a leaf changes whatever it says


@settings(max_examples=20)
@given(deeds, st.lists(st.integers(0, 200), max_size=4))
def test_the_fold_of_the_pieces_is_the_fold_of_the_whole(done: list[Deed], cuts: list[int]) -> None:
    """Whoever goes on from a state at hand finds what another finds from leaf 0, to the last fact and its digest."""
    leaves = governed(done).leaves
    whole = fold.replay(leaves)
    places = sorted({0, len(leaves), *(cut % (len(leaves) + 1) for cut in cuts)})
    state = fold.start()
    for start, end in pairwise(places):
        kept = state
        for leaf in leaves[start:end]:
            state, _ = fold.step(state, leaf)
        assert fold.replay(leaves[:start]) == kept
    assert whole == state
    assert digest.of(whole) == digest.of(state)


@settings(max_examples=15)
@given(deeds)
def test_an_inadmissible_leaf_changes_nothing_but_the_log_and_its_breaches(done: list[Deed]) -> None:
    state = fold.start()
    for leaf in governed(done).leaves:
        before = state
        refused = fold.admit(before, leaf)
        state, reasons = fold.step(before, leaf)
        assert refused == reasons
        if reasons:
            assert meaning(before) == meaning(state)
            assert (before.size, reasons) == (state.breaches[-1].index, state.breaches[-1].reasons)
        assert before.size + 1 == state.size
    assert fold.replay(governed(done).leaves) == state


@settings(max_examples=15)
@given(matters, st.integers(0, 300))
def test_the_same_laws_hold_of_estimates_audits_releases_reservations_and_recoveries(done: list[Deed], at: int) -> None:
    """Pieces are the whole, a refused leaf changes nothing, and a state at hand stays as it is."""
    leaves = went_on(done).leaves
    kept = fold.replay(leaves[: at % len(leaves)])
    spelt, state = digest.of(kept), kept
    for leaf in leaves[kept.size :]:
        before, refused = state, fold.admit(state, leaf)
        state, reasons = fold.step(before, leaf)
        assert refused == reasons
        assert not reasons or meaning(before) == meaning(state)
    assert spelt == digest.of(kept)
    whole = fold.replay(leaves)
    assert (whole, digest.of(whole)) == (state, digest.of(state))


@settings(max_examples=15)
@given(deeds, st.integers(0, 300))
def test_a_state_at_hand_never_changes_when_others_go_on_from_it(done: list[Deed], at: int) -> None:
    """Two continuations of one state, one of them against the rules, and the state as it was."""
    leaves = governed(done).leaves
    cut = at % len(leaves)
    base = fold.replay(leaves[:cut])
    spelt = digest.of(base)
    on, (other, _) = base, fold.step(base, b"nonsense")
    for leaf in leaves[cut:]:
        on, _ = fold.step(on, leaf)
        other, _ = fold.step(other, leaf)
    assert (len(leaves), len(leaves) + 1) == (on.size, other.size)
    assert spelt == digest.of(base)
    assert fold.replay(leaves) == on


def meaning(state: State) -> dict[str, object]:
    """All but the log itself and its breaches; mappings that were not touched are the very same."""
    return {name: getattr(state, name) for name in State.__dataclass_fields__ if name not in LOG}


def charter(weights: Sequence[int], areas: Sequence[int], rule: Rule, host: str) -> Charter:
    """A charter whose members have these votes and areas, under one rule for norms."""
    parties = [
        party(f"m{i}", weight=weight, area=("246", "710", "036")[area])
        for i, (weight, area) in enumerate(zip(weights, areas, strict=True), start=1)
    ]
    groups = {"north": ("246",), "south": ("710",)}
    return replace(charter_of(parties, rules={"norm": rule}), host=host, recused=("norm",), groups=groups)


rules = st.builds(
    Rule,
    method=st.sampled_from(["majority", "majority", "majority", "consensus"]),
    share=st.sampled_from([0, 33, 50, 66, 75]),
    quorum=st.sampled_from([0, 50, 100]),
    objections=st.integers(1, 3),
    seconds=st.just(60),
    counted=st.sampled_from(["weights", "members"]),
    groups=st.integers(0, 2),
)
votes = st.sampled_from(["yes", "no", "abstain", None])


@settings(max_examples=40)
@given(rules, st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2), votes), min_size=4, max_size=6), st.booleans())
def test_two_tallies_agree_whatever_the_rule_the_weights_the_groups_and_the_votes(
    rule: Rule, cast: list[tuple[int, int, Choice | None]], is_host: bool
) -> None:
    if rule.method == "consensus":
        rule = replace(rule, groups=0, counted="weights")
    weights, areas = [weight for weight, _, _ in cast], [area for _, area, _ in cast]
    assembly = Assembly(charter=charter(weights, areas, rule, "m1" if is_host else ""))
    motion = assembly.motion("norm", b"{}")
    for i, (_, _, choice) in enumerate(cast, start=1):
        if choice is not None and not (is_host and i == 1):
            assembly.vote(motion, choice, f"m{i}")
    first = tally.of(assembly.state, assembly.state.motions[motion.index])
    assembly.decide(motion)
    second = recount(assembly.state, assembly.leaves)[motion.index]
    assert () == differs(assembly.state, second)
    assert (first.yes, first.no, first.abstain, first.total, first.objections) == (
        *map(second.weight, ("yes", "no", "abstain")),
        second.total,
        second.objections,
    )
    assert [(g.yes, g.no) for g in first.groups] == [
        (second.weight("yes", group=name), second.weight("no", group=name)) for name in second.groups
    ]
    assert tally.adopts(rule, first) == (second.quorate and second.carried) == (second.outcome == "adopted")
