"""What a motion says in the leaf itself: the charter as it stands changes by the members' decision, and by no other."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.acts.charter import Hub, Matter, Office, Rule
from comity.acts.key import KeyRevoked
from comity.acts.motion import Motion
from comity.acts.refs import Blob, Head, Ref
from comity.acts.statement import Act, sign
from comity.acts.terms import Amendment, Appointment, Host, Terms
from comity.acts.tick import Tick
from comity.assembly import fold, terms
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.model.member import HUB
from tests.builders.assembly import MAJORITY, Assembly, charter_of, held, party, signer

CONSENSUS = Rule(method="consensus", share=0, quorum=0, objections=2, seconds=60)
CHAIR = Office(id="chair", seconds=1000, terms=2, excludes=(), host=False)
CLERK = Office(id="clerk", seconds=1000, terms=0, excludes=("chair",), host=True)


def amendment(**change: Any) -> Terms:
    return Terms(charter=Amendment(**({"rules": {}} | change)))


def host(**change: Any) -> Terms:
    hub = Hub(sign=signer("next", "sign").public, log=signer("next", "log").public, address="http://127.0.0.1:8001")
    named = replace(Host(origin="example.org/next", hub=hub, host="", proofs=(b"", b"")), **change)
    proofs = (held(named.origin, "next", "sign"), held(named.origin, "next", "log"))
    return Terms(hub=replace(named, proofs=change.get("proofs", proofs)))


def moved(assembly: Assembly, matter: Matter, wanted: Terms | None, **change: Any) -> list[str]:
    """What the rules have against a motion, by the code and what it says."""
    data = canon.encode(wanted) if wanted else b"{}"
    body = Motion(
        matter=matter,
        thing=Blob(digest=canon.digest(data), size=len(data)),
        name="terms",
        replaces=None,
        closes=assembly.time + 60,
        terms=wanted,
    )
    reasons = fold.admit(assembly.state, assembly.leaf("m1", replace(body, **change)))
    return [" ".join([reason.code, *reason.params.values()]) for reason in reasons]


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4)


# What the leaf must hold


@pytest.mark.parametrize("matter", ["charter", "office", "hub", "witnesses"])
def test_a_motion_without_the_terms_of_its_matter_is_refused(assembly: Assembly, matter: Matter) -> None:
    assert ["motion.terms terms"] == moved(assembly, matter, None)
    assert ["motion.terms terms"] == moved(assembly, matter, Terms())


def test_terms_are_of_the_motions_own_matter_and_of_no_other(assembly: Assembly) -> None:
    change = amendment(audit_seconds=1)
    assert [] == moved(assembly, "charter", change)
    assert ["motion.terms terms"] == moved(assembly, "witnesses", change)
    assert ["motion.terms terms"] == moved(assembly, "norm", change)
    assert ["motion.terms terms"] == moved(assembly, "charter", replace(change, witnesses=("m1",)))


def test_the_thing_is_the_digest_and_size_of_the_terms(assembly: Assembly) -> None:
    """Or members would vote on one text while another takes effect."""
    change = amendment(audit_seconds=1)
    data = canon.encode(change)
    other = Blob(digest=canon.digest(canon.encode(amendment(audit_seconds=2))), size=len(data))
    assert ["motion.terms terms"] == moved(assembly, "charter", change, thing=other)
    longer = Blob(digest=canon.digest(data), size=len(data) + 1)
    assert ["motion.terms terms"] == moved(assembly, "charter", change, thing=longer)


def test_terms_hold_from_their_decision_on_and_are_not_looked_at_again(assembly: Assembly) -> None:
    change, ref = amendment(audit_seconds=1), Ref(index=0, digest=canon.digest(assembly.leaves[0]))
    for dated in ({"starts": assembly.time + 999}, {"review": assembly.time + 999}, {"replaces": ref}):
        assert ["act.malformed"] == [said.split()[0] for said in moved(assembly, "charter", change, **dated)]


# The charter


def test_an_amendment_changes_what_it_names_and_leaves_the_rest(assembly: Assembly) -> None:
    before = assembly.state.charter
    assembly.adopt("charter", amendment(rules={"study": CONSENSUS}, silence="accepted", offices=(CHAIR, CLERK)))
    assert before is not None
    expected = replace(before, rules=before.rules | {"study": CONSENSUS}, silence="accepted", offices=(CHAIR, CLERK))
    assert expected == assembly.state.charter
    assert canon.digest(canon.encode(assembly.charter)) == assembly.state.charter_digest


def test_each_field_of_an_amendment_lands_in_its_own(assembly: Assembly) -> None:
    wanted: dict[str, Any] = {
        "recused": ("hub", "witnesses"),
        "groups": {"east": ("008",), "west": ("404",)},
        "offices": (CHAIR,),
        "challenge_seconds": 11,
        "estimate_seconds": 12,
        "silence": "accepted",
        "audit_seconds": 13,
    }
    assembly.adopt("charter", amendment(**wanted))
    assert wanted == {field: getattr(assembly.state.charter, field) for field in wanted}


def test_the_next_motion_is_decided_by_the_rule_as_amended(assembly: Assembly) -> None:
    """One yes of four is no majority of votes cast; under consensus it needs none."""
    silent = assembly.motion("study", b"{}")
    assembly.decide(silent)
    assembly.adopt("charter", amendment(rules={"study": CONSENSUS}))
    again = assembly.motion("study", b"{}")
    assembly.decide(again)
    assert ["rejected", "adopted"] == [assembly.state.motions[ref.index].outcome for ref in (silent, again)]


def test_the_same_may_be_adopted_again_after_it_was_changed_back(assembly: Assembly) -> None:
    for seconds in (11, 12, 11):
        assembly.adopt("charter", amendment(audit_seconds=seconds))
        assert seconds == (assembly.state.charter and assembly.state.charter.audit_seconds)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rules": {"weather": MAJORITY}}, "rules"),
        ({"rules": {"norm": replace(MAJORITY, share=100)}}, "rules"),
        ({"rules": {"norm": replace(MAJORITY, groups=1)}}, "rules"),
        ({"rules": {"norm": replace(MAJORITY, consultation=60)}}, "rules"),
        ({"recused": ("witnesses", "hub")}, "recused"),
        ({"groups": {"east": ("8",)}}, "groups"),
        ({"groups": {"east": ("008",), "west": ("008",)}}, "groups"),
        ({"offices": (CLERK,)}, "offices"),
        ({"offices": (CLERK, CHAIR)}, "offices"),
        ({"challenge_seconds": -1}, "challenge_seconds"),
        ({"estimate_seconds": -1}, "estimate_seconds"),
        ({"audit_seconds": -1}, "audit_seconds"),
        ({}, "nothing"),
        ({"audit_seconds": 2_592_000}, "nothing"),
    ],
)
def test_nothing_is_moved_that_leaf_0_could_not_hold_or_holds_already(
    assembly: Assembly, change: dict[str, Any], field: str
) -> None:
    assert [f"motion.terms {field}"] == moved(assembly, "charter", amendment(**change))


def test_an_amendment_that_became_impossible_is_rejected_though_all_vote_for_it(assembly: Assembly) -> None:
    """A rule asks for one of the groups, which an amendment decided before it takes away."""
    assembly.adopt("charter", amendment(groups={"east": ("001",)}))
    away = assembly.motion("charter", amendment(groups={}))
    grouped = assembly.motion("charter", amendment(rules={"norm": replace(MAJORITY, groups=1)}))
    for motion in (away, grouped):
        assembly.vote(motion, "yes")
    assembly.decide(away)
    assert ["adopted", "rejected"] == [assembly.state.motions[ref.index].outcome for ref in (away, grouped)]
    assert MAJORITY == (assembly.state.charter and assembly.state.charter.rules["norm"])


# Witnesses


def test_other_witnesses_cosign_from_the_leaf_behind_the_decision(assembly: Assembly) -> None:
    """The old quorum alone tells no time any more; the new one does."""
    assembly.adopt("witnesses", Terms(witnesses=("m1", "m2")))
    assert ("m1", "m2") == (assembly.state.charter and assembly.state.charter.witnesses)
    old = Tick(checkpoint=assembly.cosigned(assembly.time + 10, by=("m2", "m3", "m4")))
    assert ["tick.quorum"] == assembly.refused(HUB, old)
    new = Tick(checkpoint=assembly.cosigned(assembly.time + 10, by=("m1", "m2")))
    assert [] == assembly.refused(HUB, new)


def test_a_member_that_founded_nothing_may_witness(assembly: Assembly) -> None:
    assembly.adopt("member", party("n1"), name="n1")
    assembly.join(party("n1"))
    assembly.adopt("witnesses", Terms(witnesses=("m1", "n1")))
    assert [] == assembly.refused(HUB, Tick(checkpoint=assembly.cosigned(assembly.time + 10, by=("m1", "n1"))))
    alone = Tick(checkpoint=assembly.cosigned(assembly.time + 10, by=("m1",)))
    assert ["tick.quorum"] == assembly.refused(HUB, alone)


def test_witnesses_are_members_in_good_standing_with_a_key() -> None:
    assembly = Assembly(4, others=[party("agency", role="custodian"), party("waits", role="candidate")])
    assembly.withdraw("m4")
    assembly.say("m3", KeyRevoked(purpose="witness", key=signer("m3", "witness").public))
    for wanted in ((), ("m2", "m1"), ("m1", "m1"), ("m1", "m4"), ("m1", "m3"), ("agency",), ("waits",), ("x9",)):
        assert ["motion.terms witnesses"] == moved(assembly, "witnesses", Terms(witnesses=wanted)), wanted
    assert ["motion.terms nothing"] == moved(assembly, "witnesses", Terms(witnesses=("m1", "m2", "m3", "m4")))
    assert [] == moved(assembly, "witnesses", Terms(witnesses=("m1", "m2")))


def test_a_witness_that_left_before_the_decision_makes_it_impossible(assembly: Assembly) -> None:
    """Or a quorum might be asked for that nobody can make."""
    motion = assembly.motion("witnesses", Terms(witnesses=("m1", "m4")))
    assembly.vote(motion, "yes")
    assembly.withdraw("m4")
    assembly.decide(motion)
    assert "rejected" == assembly.state.motions[motion.index].outcome
    assert assembly.charter == assembly.state.charter


def test_fifteen_witnesses_at_most() -> None:
    assembly = Assembly(16)
    every = assembly.members
    assert ["motion.terms witnesses"] == moved(assembly, "witnesses", Terms(witnesses=every))
    assert [] == moved(assembly, "witnesses", Terms(witnesses=every[1:]))


# Another hub


def test_a_hub_is_moved_with_a_name_and_keys_that_no_log_had(assembly: Assembly) -> None:
    assert [] == moved(assembly, "hub", host())
    hub = host().hub
    assert hub is not None
    changes: list[tuple[dict[str, Any], str]] = [
        ({"origin": assembly.charter.origin}, "origin"),
        ({"origin": "two words"}, "origin"),
        ({"hub": replace(hub.hub, log=hub.hub.sign)}, "keys"),
        ({"hub": replace(hub.hub, log=assembly.charter.hub.log)}, "keys"),
        ({"hub": replace(hub.hub, sign=signer("m2", "officer").public)}, "keys"),
        ({"hub": replace(hub.hub, sign="ed25519:AAAA")}, "keys"),
        ({"proofs": hub.proofs[::-1]}, "keys"),
        ({"proofs": (hub.proofs[0], b"")}, "keys"),
        ({"origin": "example.org/other", "proofs": hub.proofs}, "keys"),
        ({"hub": replace(hub.hub, address="")}, "address"),
        ({"hub": replace(hub.hub, address="http://x..y")}, "address"),
        ({"host": "x9"}, "host"),
    ]
    for change, field in changes:
        assert [f"motion.terms {field}"] == moved(assembly, "hub", host(**change)), change


def test_an_adopted_hub_changes_nothing_before_its_succession(assembly: Assembly) -> None:
    digest = assembly.adopt("hub", host(host="m2"))
    assert ("hub", digest) in assembly.state.in_force
    assert assembly.charter == assembly.state.charter


# Leaf 0 and the state


def test_terms_without_a_charter_are_nothing(assembly: Assembly) -> None:
    motion = assembly.motion("charter", amendment(audit_seconds=1))
    facts = assembly.state.motions[motion.index]
    assert terms.apply(State(), facts, 0) is None
    assert ["motion.terms"] == [reason.code for reason in terms.against(State(), facts)]


def test_an_office_of_leaf_0_is_filled_like_one_that_came_later() -> None:
    assembly = Assembly(charter=replace(charter_of([party(f"m{i}") for i in (1, 2, 3)]), offices=(CHAIR, CLERK)))
    wanted = Appointment(office="chair", member="m2", starts=assembly.time, until=assembly.time + 900)
    assembly.adopt("office", Terms(office=wanted))
    assert ["m2"] == [term.member for term in assembly.state.offices]


# Laws

SECONDS = st.integers(-1, 3)
RULE = st.builds(
    Rule,
    method=st.sampled_from(["majority", "consensus"]),
    share=st.sampled_from([-1, 0, 50, 99, 100]),
    quorum=st.sampled_from([-1, 0, 100, 101]),
    objections=st.integers(-1, 2),
    seconds=SECONDS,
    groups=st.integers(0, 2),
    consultation=SECONDS,
)
AREAS = st.lists(st.sampled_from(["008", "404", "1"]), max_size=2).map(tuple)
AMENDMENTS = st.builds(
    Amendment,
    rules=st.dictionaries(st.sampled_from(["norm", "charter", "weather"]), RULE, max_size=2),
    recused=st.none() | st.lists(st.sampled_from(["hub", "norm"]), max_size=2).map(tuple),
    groups=st.none() | st.dictionaries(st.sampled_from(["east", "west"]), AREAS, max_size=2),
    offices=st.none() | st.lists(st.sampled_from([CHAIR, CLERK]), max_size=2).map(tuple),
    audit_seconds=st.none() | SECONDS,
)
FOUNDED = Assembly(2).state
EMPTY = Head(size=0, root=canon.digest(b""))


@given(st.lists(AMENDMENTS, max_size=8))
def test_no_order_of_amendments_makes_a_charter_that_leaf_0_could_not_hold(changes: list[Amendment]) -> None:
    """Whatever majorities want: each is applied as a decision would, and what cannot be leaves all as it was."""
    state = FOUNDED
    for change in changes:
        wanted = Terms(charter=change)
        data = canon.encode(wanted)
        motion = MotionFacts(
            ref=Ref(index=9, digest=canon.digest(b"")),
            mover="m1",
            matter="charter",
            thing=Blob(digest=canon.digest(data), size=len(data)),
            name="terms",
            replaces=None,
            closes=0,
            terms=wanted,
        )
        before, state = state, terms.apply(state, motion, 9) or state
        assert state.charter is not None
        act = Act(actor="m1", origin=state.charter.origin, head=EMPTY, body=state.charter)
        assert () == fold.admit(fold.start(), sign(act, signer("m1", "sign")))
        assert (before == state) == bool(terms.against(before, motion))
