"""The charter family: what founds an assembly, who joins, who leaves."""

from dataclasses import replace
from typing import Any

import pytest

from comity import canon
from comity.acts.charter import Accession, Charter, Withdrawal
from comity.acts.key import KeyRevoked, Purpose
from comity.acts.motion import Comment, Motion, Vote
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.assembly import fold
from comity.keys import Ed25519Signer, MlDsa44Signer, public_text
from comity.model.member import Keys, Party
from tests.builders.assembly import MAJORITY, Assembly, charter_of, host_of, naming, party, signer

EMPTY = Head(size=0, root=canon.digest(b""))
SMALL_ORDER = public_text(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
LATTICE = MlDsa44Signer(b"1" * 32).public
FOUNDERS = [party("m1"), party("m2"), party("m3"), party("agency", role="custodian")]
CHARTER = charter_of(FOUNDERS)


def refusal(charter: Charter, *, actor: str = "agency", by: Ed25519Signer | None = None) -> list[str]:
    """Codes against a charter as leaf 0; the agency convenes, as it comes first."""
    act = Act(actor=actor, origin=charter.origin, head=EMPTY, body=charter)
    leaf = sign(act, by or signer(actor, "sign"))
    return [reason.code for reason in fold.admit(fold.start(), leaf)]


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4, ready=False)


def with_party(**change: Any) -> Charter:
    """The charter with one founder changed."""
    return replace(CHARTER, founders=(*CHARTER.founders[:-1], replace(CHARTER.founders[-1], **change)))


def with_key(purpose: str, key: str) -> Charter:
    keys = replace(CHARTER.founders[-1].keys, **{purpose: key})
    return with_party(keys=keys)


# The charter


def test_a_charter_that_holds_founds_the_assembly() -> None:
    assert [] == refusal(CHARTER)


def test_the_charter_is_leaf_0_and_only_leaf_0(assembly: Assembly) -> None:
    assert ["charter.first"] == assembly.refused("m1", assembly.charter)


def test_nothing_else_is_leaf_0() -> None:
    body = Withdrawal(charter=canon.digest(b""))
    leaf = sign(Act(actor="m1", origin="example.org/assembly", head=EMPTY, body=body), signer("m1", "sign"))
    assert "charter.first" == fold.admit(fold.start(), leaf)[0].code


def test_a_log_that_began_with_something_else_never_becomes_an_assembly() -> None:
    state, _ = fold.step(fold.start(), b"garbage")
    act = Act(actor="agency", origin=CHARTER.origin, head=EMPTY, body=CHARTER)
    state, reasons = fold.step(state, sign(act, signer("agency", "sign")))
    assert "charter.first" == reasons[0].code
    assert state.charter is None


def test_only_the_convenor_founds() -> None:
    assert ["act.signer"] == refusal(CHARTER, actor="m1")
    assert ["act.signer"] == refusal(CHARTER, by=signer("agency", "officer"))
    assert ["act.signer"] == refusal(replace(CHARTER, convenor="m9"))


@pytest.mark.parametrize(
    "charter",
    [
        replace(CHARTER, founders=tuple(reversed(CHARTER.founders))),
        replace(CHARTER, founders=(*CHARTER.founders, CHARTER.founders[-1])),
        with_party(id="M3"),
        with_party(id="hub"),
        with_party(area="1"),
        with_party(weight=0),
        replace(CHARTER, founders=(replace(CHARTER.founders[0], weight=1), *CHARTER.founders[1:])),
        replace(CHARTER, witnesses=()),
        replace(CHARTER, witnesses=("m2", "m1")),
        replace(CHARTER, witnesses=("m1", "m1")),
        replace(CHARTER, witnesses=("m1", "m9")),
        replace(CHARTER, rules={}),
        replace(CHARTER, rules=CHARTER.rules | {"weather": MAJORITY}),
        replace(CHARTER, rules={k: v for k, v in CHARTER.rules.items() if k != "office"}),
        replace(CHARTER, rules=CHARTER.rules | {"norm": replace(MAJORITY, share=100)}),
        replace(CHARTER, rules=CHARTER.rules | {"norm": replace(MAJORITY, quorum=101)}),
        replace(CHARTER, rules=CHARTER.rules | {"norm": replace(MAJORITY, seconds=-1)}),
        replace(CHARTER, rules=CHARTER.rules | {"norm": replace(MAJORITY, method="consensus", objections=0)}),
        replace(CHARTER, challenge_seconds=-1),
        replace(CHARTER, origin="two words"),
        replace(CHARTER, origin="a+b"),
        replace(CHARTER, origin=""),
    ],
)
def test_a_charter_that_contradicts_itself_founds_nothing(charter: Charter) -> None:
    assert "act.malformed" in refusal(charter)


def test_a_charter_names_15_witnesses_at_most() -> None:
    many = [party(f"m{i:02}") for i in range(16)]
    ids = [one.id for one in many]
    assert [] == refusal(charter_of(many, witnesses=ids[:15]), actor="m00")
    assert ["act.malformed"] == refusal(charter_of(many, witnesses=ids), actor="m00")


@pytest.mark.parametrize("purpose", ["sign", "officer", "witness"])
@pytest.mark.parametrize(
    "key",
    [
        signer("m1", "sign").public,
        signer("m1", "witness").public,
        signer("m3", "officer").public,
        signer("hub", "log").public,
        SMALL_ORDER,
        LATTICE,
        "",
    ],
)
def test_no_key_is_degenerate_or_serves_twice(purpose: str, key: str) -> None:
    """Not two founders, not two purposes, not the hub; and each is of Ed25519, which every reader of the log knows."""
    charter = with_key(purpose, key)
    if charter == CHARTER:
        return
    assert "charter.keys" in refusal(charter)


def test_the_hubs_two_keys_are_two() -> None:
    same = replace(CHARTER, hub=replace(CHARTER.hub, log=CHARTER.hub.sign))
    assert ["charter.keys"] == refusal(same)


@pytest.mark.parametrize("purpose", ["sign", "log"])
def test_the_hubs_keys_are_of_ed25519(purpose: str) -> None:
    other = replace(CHARTER, hub=replace(CHARTER.hub, **{purpose: LATTICE}))
    assert ["charter.keys"] == refusal(other)


# Accession


def joining(assembly: Assembly, id: str, **change: Any) -> Accession:
    return Accession(
        charter=assembly.state.charter_digest or canon.digest(b""), party=replace(assembly.parties[id], **change)
    )


def test_a_founder_accedes_by_its_own_key(assembly: Assembly) -> None:
    assert {} == assembly.state.members
    assembly.accede("m1")
    assert ["m1"] == list(assembly.state.members)
    assert ["m2", "m3", "m4"] == list(assembly.state.candidates)
    assert ["act.signer"] == assembly.refused("m2", joining(assembly, "m2"), by=signer("m1", "sign"))
    assert ["act.signer"] == assembly.refused("m2", joining(assembly, "m3"), by=signer("m3", "sign"))


def test_a_founder_accedes_once(assembly: Assembly) -> None:
    assembly.accede("m1")
    assert ["act.repeated"] == assembly.refused("m1", joining(assembly, "m1"))


def test_a_founder_accedes_to_this_charter(assembly: Assembly) -> None:
    other = replace(joining(assembly, "m1"), charter=canon.digest(b"other"))
    assert ["act.unknown-thing"] == assembly.refused("m1", other)


@pytest.mark.parametrize("change", [{"weight": 2}, {"area": "008"}, {"role": "observer", "weight": 0}])
def test_a_founder_accedes_as_the_charter_names_it(assembly: Assembly, change: dict[str, Any]) -> None:
    assert ["charter.keys"] == assembly.refused("m1", joining(assembly, "m1", **change))


def test_a_founder_accedes_with_the_keys_of_the_charter(assembly: Assembly) -> None:
    keys = replace(assembly.parties["m1"].keys, officer=signer("else", "officer").public)
    assert ["charter.keys"] == assembly.refused("m1", joining(assembly, "m1", keys=keys))


def test_a_stranger_does_not_accede(assembly: Assembly) -> None:
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=party("n1"))
    assert ["charter.keys"] == assembly.refused("n1", body, by=signer("n1", "sign"))


class Nobody:
    """Signs with a key of small order: lax verifiers take this signature for any message."""

    public = SMALL_ORDER

    def sign(self, message: bytes) -> bytes:
        return bytes([1]) + bytes(63)


def test_a_degenerate_key_founds_nothing_and_joins_nothing(assembly: Assembly) -> None:
    """Its signature would mean different things to different verifiers."""
    convenor = replace(CHARTER.founders[0], keys=replace(CHARTER.founders[0].keys, sign=SMALL_ORDER))
    charter = replace(CHARTER, founders=(convenor, *CHARTER.founders[1:]))
    leaf = sign(Act(actor="agency", origin=charter.origin, head=EMPTY, body=charter), Nobody())
    assert ["charter.keys"] == [reason.code for reason in fold.admit(fold.start(), leaf)]
    body = joining(assembly, "m1", keys=replace(assembly.parties["m1"].keys, sign=SMALL_ORDER))
    leaf = sign(Act(actor="m1", origin=assembly.charter.origin, head=assembly.head(), body=body), Nobody())
    assert ["charter.keys"] == [reason.code for reason in fold.admit(assembly.state, leaf)]


def admitted(new: Party, *, adopt: bool = True) -> Assembly:
    """An assembly that voted on a new party."""
    assembly = Assembly(3)
    motion = assembly.motion("member", new, name=new.id)
    assembly.vote(motion, "yes" if adopt else "no")
    assembly.decide(motion)
    return assembly


def test_a_party_admitted_by_motion_accedes() -> None:
    assembly = admitted(party("n1"))
    assembly.join(party("n1"))
    assert "n1" in assembly.state.members


def test_a_party_that_the_members_rejected_does_not_accede() -> None:
    assembly = admitted(party("n1"), adopt=False)
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=party("n1"))
    assert ["charter.keys"] == assembly.refused("n1", body, by=signer("n1", "sign"))


def test_an_admitted_party_accedes_as_the_members_saw_it() -> None:
    """Weight, role and keys are what was voted on."""
    assembly = admitted(party("n1"))
    for other in (party("n1", weight=5), party("n2"), replace(party("n1"), keys=party("n2").keys)):
        body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=other)
        leaf = assembly.leaf(other.id, body, by=signer("n1" if other.keys == party("n1").keys else "n2", "sign"))
        assert ["charter.keys"] == [reason.code for reason in fold.admit(assembly.state, leaf)]


def test_an_admitted_party_may_not_bring_anothers_key() -> None:
    new = replace(party("n1"), keys=Keys(**{**KEYS, "witness": signer("m2", "witness").public}))
    assembly = admitted(new)
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=new)
    assert ["charter.keys"] == assembly.refused("n1", body, by=signer("n1", "sign"))


KEYS = {purpose: signer("n1", purpose).public for purpose in ("sign", "officer", "witness")}


def test_an_admission_is_used_once() -> None:
    """Who leaves again needs another motion; the same party will do."""
    assembly = admitted(party("n1"))
    assembly.join(party("n1"))
    assembly.withdraw("n1")
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=party("n1"))
    assert ["charter.keys"] == assembly.refused("n1", body, by=signer("n1", "sign"))
    assembly.adopt("member", party("n1"), name="n1")
    assembly.join(party("n1"))
    assert "n1" in assembly.state.members


# Candidates


def with_candidate() -> Assembly:
    """Three members, and a candidate that acceded as such."""
    return Assembly(3, others=[party("waits", role="candidate")])


def as_member(assembly: Assembly, **change: Any) -> Party:
    """The candidate as a member with one vote."""
    return replace(assembly.state.actors["waits"].party, role="member", weight=1, **change)


def test_a_candidate_comments_and_has_no_vote() -> None:
    assembly = with_candidate()
    motion = assembly.motion("study", b"{}")
    assembly.say("waits", Comment(motion=motion, text=assembly.body(b"Why?"), language="en"))
    assert ["act.signer"] == assembly.refused("waits", Vote(motion=motion, choice="yes"))
    body = Motion(matter="study", thing=assembly.body(b"[]"), name="s/1", replaces=None, closes=assembly.time + 99)
    assert ["act.signer"] == assembly.refused("waits", body)
    assert ["m1", "m2", "m3"] == list(assembly.state.members)


def test_a_candidate_has_no_weight() -> None:
    heavy = (*CHARTER.founders[:-1], replace(CHARTER.founders[-1], role="candidate", weight=1))
    assert ["act.malformed"] == refusal(replace(CHARTER, founders=heavy))


def test_a_candidate_becomes_a_member_by_a_motion_and_its_own_word() -> None:
    """With the same keys; what it registered beside them stays."""
    assembly = with_candidate()
    second = MlDsa44Signer(b"2" * 32)
    assembly.say("waits", naming("waits", "witness-ml-dsa", second))
    promoted = as_member(assembly)
    assembly.adopt("member", promoted, name="waits")
    assert "waits" not in assembly.state.members
    ref = assembly.join(promoted)
    actor = assembly.state.members["waits"]
    assert (promoted, ref.index, second.public) == (actor.party, actor.since, actor.witness_ml_dsa)


def test_a_candidate_that_nobody_admitted_stays_one() -> None:
    assembly = with_candidate()
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=as_member(assembly))
    assert ["charter.keys"] == assembly.refused("waits", body)
    same = replace(body, party=assembly.state.actors["waits"].party)
    assert ["act.repeated"] == assembly.refused("waits", same)


def test_a_key_that_a_candidate_revoked_does_not_come_back_with_its_admission() -> None:
    assembly = with_candidate()
    promoted = as_member(assembly)
    assembly.adopt("member", promoted, name="waits")
    assembly.say("waits", KeyRevoked(purpose="witness", key=promoted.keys.witness))
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=promoted)
    assert ["charter.keys"] == assembly.refused("waits", body)


@pytest.mark.parametrize("purpose", ["sign", "officer", "witness"])
@pytest.mark.parametrize("revoked", [True, False], ids=["revoked", "replaced"])
def test_nobody_joins_by_a_key_that_was_laid_down(purpose: Purpose, revoked: bool) -> None:
    """It was laid down for a reason, perhaps because it was stolen; the members agreed on the party before that."""
    assembly, officer = with_candidate(), signer("waits", "officer")
    promoted = as_member(assembly)
    assembly.adopt("member", promoted, name="waits")
    if revoked and purpose != "officer":
        assembly.say("waits", KeyRevoked(purpose=purpose, key=getattr(promoted.keys, purpose)))
    assembly.say("waits", naming("waits", purpose, signer("waits", "new")), by=officer)
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=promoted)
    by = signer("waits", "sign")
    assert ["charter.keys"] == assembly.refused("waits", body, by=by)


def test_keys_that_a_newcomer_does_not_bring_again_are_laid_down() -> None:
    """Who left comes back under other keys; after that not under the old ones."""
    assembly = Assembly(4)
    old, new = assembly.parties["m4"], replace(assembly.parties["m4"], keys=party("m4 again").keys)
    for one in (new, old):
        assembly.withdraw("m4")
        assembly.adopt("member", one, name="m4")
        body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=one)
        by = signer("m4 again" if one == new else "m4", "sign")
        if one == old:
            assert ["charter.keys"] == assembly.refused("m4", body, by=by)
        else:
            assembly.say("m4", body, by=by)
            assembly.signers["m4", "sign"] = by


def test_nobody_joins_by_a_key_of_a_hub_that_may_be_chosen() -> None:
    """Or the log's own key would be a member's as well, and the motion could not be any more."""
    assembly, host = Assembly(4), host_of("second")
    newcomer = party("m9")
    newcomer = replace(newcomer, keys=replace(newcomer.keys, witness=host.hub.log))
    assembly.adopt("member", newcomer, name="m9")
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=newcomer)
    assert [] == assembly.refused("m9", body, by=signer("m9", "sign"))
    assembly.motion_of(host)
    assert ["charter.keys"] == assembly.refused("m9", body, by=signer("m9", "sign"))


def test_a_member_does_not_accede_again_as_another_party() -> None:
    """Only a candidate rises; a member's weight or keys change in another way."""
    assembly = Assembly(3)
    heavier = replace(assembly.parties["m3"], weight=5)
    assembly.adopt("member", heavier, name="m3")
    body = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=heavier)
    assert ["act.repeated"] == assembly.refused("m3", body)


# Withdrawal


def test_a_member_that_withdrew_is_gone_and_what_it_said_stands() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}", mover="m4")
    assembly.withdraw("m4")
    assert "m4" not in assembly.state.members
    assert "open" == assembly.state.motions[motion.index].outcome
    body = Withdrawal(charter=assembly.state.charter_digest or canon.digest(b""))
    assert ["act.not-standing"] == assembly.refused("m4", body)


def test_one_withdraws_from_this_charter() -> None:
    assert ["act.unknown-thing"] == Assembly(3).refused("m1", Withdrawal(charter=canon.digest(b"other")))


def test_a_founder_that_has_not_acceded_cannot_withdraw(assembly: Assembly) -> None:
    body = Withdrawal(charter=assembly.state.charter_digest or canon.digest(b""))
    assert ["act.signer"] == assembly.refused("m1", body)
