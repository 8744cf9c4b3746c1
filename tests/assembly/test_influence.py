"""Who drafts, who votes with the outcome, what a vote decides, whose answers are released."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.charter import Office, Rule
from comity.acts.motion import Motion
from comity.acts.release import ReleasePublished, ReleaseWithdrawn
from comity.acts.terms import Appointment, Terms
from comity.assembly.counts import Share, herfindahl
from comity.assembly.influence import Influence, Votes, concentration, influence, powers, sources
from comity.model.reason import Reason
from tests.builders.assembly import FIGURES, Assembly, blob, charter_of, host_of, party
from tests.builders.life import DEEDS, Deed, lived, summed_without_the_last

deeds = st.lists(st.tuples(st.integers(0, DEEDS - 1), st.integers(0, 6), st.integers(0, 60)), min_size=20, max_size=60)


def told(assembly: Assembly) -> dict[str, Influence]:
    return {one.id: one for one in influence(assembly.state, assembly.leaves)}


def decided(assembly: Assembly, thing: bytes, yes: tuple[str, ...], no: tuple[str, ...], *, mover: str = "m1") -> None:
    motion = assembly.motion("norm", thing, mover=mover)
    assembly.vote(motion, "yes", *yes)
    assembly.vote(motion, "no", *no)
    assembly.decide(motion)


@settings(max_examples=25)
@given(deeds)
def test_shares_add_up_to_the_motions_of_the_log(done: list[Deed]) -> None:
    assembly = lived(done)
    motions = [motion for motion in assembly.state.motions.values() if motion.outcome != "amended"]
    found = told(assembly).values()
    moved = sum(one.norms_moved.count + one.studies_moved.count + one.others_moved.count for one in found)
    assert len(motions) == moved
    norms = [motion for motion in motions if motion.matter in ("norm", "norm-recognised")]
    adopted = Counter(motion.mover for motion in norms if motion.outcome == "adopted")
    assert dict(adopted) == {one.id: one.norms_adopted.count for one in found if one.norms_adopted.count}
    for one in found:
        votes = one.votes
        assert votes.of == votes.won + votes.lost + votes.abstained + votes.missed
        assert (len(norms), adopted.total()) == (one.norms_moved.of, one.norms_adopted.of)


def test_votes_with_and_against_the_outcome() -> None:
    """One norm is adopted 3 to 1, one rejected 1 to 2 with one silent.

    m5 votes on a third, open all the while, and leaves: none of its votes counts any more when that is rejected.
    """
    assembly = Assembly(5)
    decided(assembly, b"1", ("m1", "m2", "m3"), ("m4",))
    third = assembly.motion("member", party("m9"), name="m9", closes=assembly.time + 1000)
    assembly.vote(third, "no", "m5")
    assembly.withdraw("m5")
    decided(assembly, b"2", ("m1",), ("m2", "m4"), mover="m3")
    found = told(assembly)
    assert Votes(won=0, lost=0, abstained=0, missed=1, of=1) == found["m5"].votes
    assembly.decide(third)
    assert found["m5"].votes == told(assembly)["m5"].votes
    assert Votes(won=1, lost=1, abstained=0, missed=0, of=2) == found["m1"].votes
    assert Votes(won=2, lost=0, abstained=0, missed=0, of=2) == found["m2"].votes
    assert Votes(won=1, lost=0, abstained=0, missed=1, of=2) == found["m3"].votes
    assert Votes(won=1, lost=1, abstained=0, missed=0, of=2) == found["m4"].votes
    assert (Share(1, 2), Share(1, 1)) == (found["m1"].norms_moved, found["m1"].norms_adopted)
    assert (Share(1, 2), Share(0, 1)) == (found["m3"].norms_moved, found["m3"].norms_adopted)
    held = concentration(found.values())
    assert (Fraction(1, 2), 1, None) == (held.norms_moved, held.norms_adopted, held.studies_moved)


def test_power_is_reckoned_once_for_each_rule_that_decides_alike() -> None:
    """Votes 3, 1, 1 under a majority: the first decides all. Under consensus each member alone can stop a motion."""
    consensus = Rule(method="consensus", share=40, quorum=40, objections=1, seconds=5)
    longer = Rule(method="majority", share=50, quorum=50, objections=7, seconds=600)
    other = Rule(method="consensus", share=50, quorum=70, objections=1, seconds=50)
    rules = {"suspension": consensus, "member": other, "study": longer}
    assembly = Assembly([party("m1", weight=3), party("m2"), party("m3")], rules=rules)
    first, second = powers(assembly.state)
    first_matters = ("charter", "norm", "norm-recognised", "study", "office", "hub", "witnesses")
    assert (first_matters, ("member", "suspension")) == (first.matters, second.matters)
    assert ("m1", "m2", "m3") == first.members == second.members
    assert first.powers is not None
    assert second.powers is not None
    assert [1, 0, 0] == [one.shapley for one in first.powers]
    assert [Fraction(1, 3)] * 3 == [one.banzhaf for one in second.powers]
    assert [1, 1, 1] == [one.swings for one in second.powers]


def test_power_is_of_todays_members() -> None:
    assembly = Assembly(4)
    assembly.withdraw("m2")
    (found,) = powers(assembly.state)
    assert ("m1", "m3", "m4") == found.members


def test_behind_a_release_stand_the_answers_it_was_made_from() -> None:
    """A sum of four, in which m5's answer is not, and m1's table beside it; m2's own release is taken back."""
    assembly = Assembly(5)
    study = assembly.adopt("study", b"{}")
    closed = summed_without_the_last(assembly, study)
    tables = {id: assembly.national(assembly.consent(id, study, period="2", national=True)) for id in ("m1", "m2")}
    say = assembly.say

    def published(actor: str, *inputs: int) -> ReleasePublished:
        return ReleasePublished(
            release=blob(actor.encode()), figures=FIGURES, inputs=tuple(sorted(inputs)), replaces=None, reason=None
        )

    say("hub", published("hub", closed.index, tables["m1"].index))
    say("m1", published("m1", tables["m1"].index))
    gone = say("m2", published("m2", tables["m2"].index))
    assert Counter({"m1": 2, "m2": 2, "m3": 1, "m4": 1}) == Counter(sources(assembly.state).values())
    say("m2", ReleaseWithdrawn(release=gone, reason=Reason(code="policy.officer")))
    found = told(assembly)
    assert [Share(2, 5), Share(1, 5)] == [found["m1"].answers, found["m2"].answers]
    assert Fraction(4 + 1 + 1 + 1, 25) == concentration(found.values()).answers


@given(st.lists(st.integers(0, 1000), max_size=30))
def test_the_herfindahl_index_lies_between_even_and_all_in_one_hand(counts: list[int]) -> None:
    """The chance that two answers drawn with putting back are one actor's: counted pair by pair."""
    found = herfindahl(counts)
    if not sum(counts):
        assert None is found
        return
    holders = [count for count in counts if count]
    assert found is not None
    assert Fraction(1, len(holders)) <= found <= 1
    assert found == sum((Fraction(count, sum(counts)) ** 2 for count in holders), Fraction(0))
    assert (found == 1) == (len(holders) == 1)


def hosted(*, rules: dict[str, Rule] | None = None) -> Assembly:
    """Four members in two groups, m4 the host, without a vote on the hub; two offices."""
    areas = ("246", "752", "710", "072")
    members = [party(f"m{i}", weight=5 - i, area=area) for i, area in enumerate(areas, start=1)]
    offices = (
        Office(id="chair", seconds=1000, terms=0, excludes=(), host=True),
        Office(id="clerk", seconds=1000, terms=0, excludes=(), host=True),
    )
    charter = charter_of(members, rules=rules)
    groups = {"north": areas[:2], "south": areas[:1:-1]}
    return Assembly(charter=replace(charter, host="m4", recused=("hub",), groups=groups, offices=offices))


def test_a_vote_that_the_host_has_not_is_not_missed() -> None:
    assembly = hosted()
    motion = assembly.motion("hub", Terms(hub=host_of("h2")))
    assembly.vote(motion, "yes", "m1", "m2")
    assembly.decide(motion)
    found = told(assembly)
    assert Votes(won=0, lost=0, abstained=0, missed=0, of=0) == found["m4"].votes
    assert (Votes(won=0, lost=0, abstained=0, missed=1, of=1), 1) == (found["m3"].votes, found["m1"].votes.won)


def test_power_over_matters_in_which_the_host_has_no_vote_is_of_the_others() -> None:
    """Votes 4, 3, 2 without the host's 1, and five of nine adopt: any two of the three are enough."""
    whole, hub = powers(hosted().state)
    assert (("hub",), "m4", ("m1", "m2", "m3")) == (hub.matters, hub.recused, hub.members)
    assert hub.powers is not None
    assert [Fraction(1, 3)] * 3 == [one.shapley for one in hub.powers]
    assert (("m1", "m2", "m3", "m4"), "") == (whole.members, whole.recused)


def test_power_under_a_rule_that_counts_members_and_under_one_that_counts_groups() -> None:
    """By members 4 x 1 vote: all alike. In both groups, by votes 4 and 3 north, 2 and 1 south: m1 and m3 decide all."""
    once = Rule(method="majority", share=50, quorum=0, objections=0, seconds=60, counted="members")
    both = Rule(method="majority", share=50, quorum=0, objections=0, seconds=60, groups=2)
    by_matter = {rule.matters[0]: rule for rule in powers(hosted(rules={"norm": once, "study": both}).state)}
    members, groups = by_matter["norm"].powers, by_matter["study"].powers
    assert members is not None
    assert groups is not None
    assert [Fraction(1, 4)] * 4 == [one.banzhaf for one in members]
    assert [Fraction(1, 2), 0, Fraction(1, 2), 0] == [one.shapley for one in groups]


def test_offices_are_held_by_the_second_up_to_now() -> None:
    """m1 the chair for 100 seconds and then m2, who is the clerk besides, from a day to come on; 60 seconds of it."""
    assembly = hosted()
    begins = assembly.time + 1000
    for office, member, starts, until in [
        ("chair", "m1", 0, 100),
        ("chair", "m2", 100, 200),
        ("clerk", "m2", 100, 160),
    ]:
        wanted = Appointment(office=office, member=member, starts=begins + starts, until=begins + until)
        assembly.adopt("office", Terms(office=wanted), name=f"{office} {member} {starts}")
    assert [Share(0, 0)] * 2 == [told(assembly)[id].offices for id in ("m1", "m2")]
    assert None is concentration(told(assembly).values()).offices
    assembly.tick(begins + 50)
    assert Share(50, 50) == told(assembly)["m1"].offices
    assembly.tick(begins + 130)
    found = told(assembly)
    assert [Share(100, 160), Share(60, 160), Share(0, 160)] == [found[id].offices for id in ("m1", "m2", "m3")]
    assert Fraction(100 * 100 + 60 * 60, 160 * 160) == concentration(found.values()).offices
    assembly.tick(begins + 9000)
    assert [Share(100, 260), Share(160, 260)] == [told(assembly)[id].offices for id in ("m1", "m2")]


def test_a_draft_and_its_amendment_are_one_text_moved() -> None:
    assembly = Assembly(4)
    first = assembly.motion("norm", b"1", mover="m2")
    body = Motion(
        matter="norm", thing=blob(b"2"), name="thing/1", replaces=None, closes=assembly.time + 100, amends=first
    )
    assembly.say("m2", body)
    found = told(assembly)
    assert (Share(1, 1), Share(0, 1)) == (found["m2"].norms_moved, found["m1"].norms_moved)
