"""The consent family: one word to a study in force in each attempt, keys that serve once, revocation of one's own."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked, PolicyPublished
from comity.acts.refs import Ref
from comity.assembly import queries
from comity.canon import Digest
from comity.model.reason import Reason
from tests.builders.assembly import Assembly, blob, made_up, party

NONE = canon.digest(b"")


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4, others=[party("agency", role="custodian"), party("sat", role="producer")])


@pytest.fixture
def study(assembly: Assembly) -> Digest:
    return assembly.adopt("study", b"{}")


def given(study: Digest, member: str = "m1", *, attempt: int = 1, national: bool = False) -> ConsentGiven:
    return ConsentGiven(
        study=study,
        period="1",
        sealed=made_up(member, study, "1", attempt),
        national=national,
        binding=NONE,
        policy=NONE,
    )


def refused(study: Digest, *reasons: Reason) -> ConsentRefused:
    return ConsentRefused(study=study, period="1", reasons=reasons or (Reason(code="budget.spent"),))


def test_a_member_consents_or_refuses(assembly: Assembly, study: Digest) -> None:
    assert [] == assembly.refused("m1", given(study))
    assert [] == assembly.refused("m1", refused(study))


@pytest.mark.parametrize("actor", ["agency", "hub"])
def test_who_has_no_data_neither_consents_nor_refuses(assembly: Assembly, study: Digest, actor: str) -> None:
    assert ["act.signer"] == assembly.refused(actor, given(study))
    assert ["act.signer"] == assembly.refused(actor, refused(study))


def test_a_producer_consents_to_a_national_table_only(assembly: Assembly, study: Digest) -> None:
    """Under the seal are members."""
    assert ["act.signer"] == assembly.refused("sat", given(study))
    assert [] == assembly.refused("sat", replace(given(study), sealed=None, national=True))


def test_a_study_that_is_not_in_force_is_answered_by_nobody(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    study = canon.digest(b"{}")
    assert ["study.not-in-force"] == assembly.refused("m1", given(study))
    assert ["study.not-in-force"] == assembly.refused("m1", refused(study))
    assembly.vote(motion, "no")
    assembly.decide(motion)
    assert ["study.not-in-force"] == assembly.refused("m1", given(study))


def test_a_norm_in_force_is_no_study(assembly: Assembly) -> None:
    norm = assembly.adopt("norm", b'{"norm":1}')
    assert ["study.not-in-force"] == assembly.refused("m1", given(norm))


def test_a_member_speaks_once_in_an_attempt(assembly: Assembly, study: Digest) -> None:
    assembly.consent("m1", study)
    assembly.refuse("m2", study)
    for member in ("m1", "m2"):
        other = replace(given(study, member), sealed=made_up(f"{member} again", study, "1", 1))
        assert ["act.repeated"] == assembly.refused(member, other)
        assert ["act.repeated"] == assembly.refused(member, refused(study))


def test_a_member_that_revoked_does_not_consent_again_in_the_same_attempt(assembly: Assembly, study: Digest) -> None:
    assembly.revoke(assembly.consent("m1", study))
    other = replace(given(study), sealed=made_up("m1 again", study, "1", 1))
    assert ["act.repeated"] == assembly.refused("m1", other)


def test_each_period_is_asked_for_itself(assembly: Assembly, study: Digest) -> None:
    assembly.consent("m1", study, period="1")
    assert [] == assembly.refused("m1", replace(given(study), period="2", sealed=made_up("m1", study, "2", 1)))


def test_a_failed_attempt_is_followed_by_new_consents(assembly: Assembly, study: Digest) -> None:
    for member in assembly.members:
        assembly.consent(member, study)
    exchange = assembly.open(study)
    assembly.close(exchange, failed=Reason(code="seal.too-few"))
    assert 2 == queries.attempt(assembly.state, study, "1")
    assert ["act.unknown-thing"] == assembly.refused("m1", replace(given(study), sealed=made_up("m1 b", study, "1", 1)))
    assert [] == assembly.refused("m1", given(study, attempt=2))
    assert [] == assembly.refused("m1", refused(study))


@pytest.mark.parametrize("attempt", [0, 2, -1])
def test_a_consent_serves_the_attempt_that_comes_next(assembly: Assembly, study: Digest, attempt: int) -> None:
    assert ["act.unknown-thing"] == assembly.refused("m1", given(study, attempt=attempt))


def test_who_comes_after_the_roster_is_fixed_may_answer_at_home_only(assembly: Assembly, study: Digest) -> None:
    late = Assembly(5)
    study = late.adopt("study", b"{}")
    for member in ("m1", "m2", "m3", "m4"):
        late.consent(member, study)
    late.open(study)
    assert ["act.closed"] == late.refused("m5", given(study, "m5"))
    assert [] == late.refused("m5", replace(given(study, "m5"), sealed=None, national=True))


def test_a_consent_to_nothing_is_none(assembly: Assembly, study: Digest) -> None:
    assert ["act.malformed"] == assembly.refused("m1", replace(given(study), sealed=None))


def test_a_rate_below_the_share_is_refused(assembly: Assembly, study: Digest) -> None:
    low = replace(made_up("m1", study, "1", 1), rate=99)
    assert ["act.malformed"] == assembly.refused("m1", replace(given(study), sealed=low))


@pytest.mark.parametrize("field", ["mask_key", "envelope_key"])
@pytest.mark.parametrize("key", [b"", b"\x01" * 1215, b"\x01" * 1217, b"\xff" * 1216, b"\x01" * 1184 + bytes(32)])
def test_a_key_to_which_nobody_can_seal_is_refused(assembly: Assembly, study: Digest, field: str, key: bytes) -> None:
    """It would end the exchange for everybody."""
    sealed = replace(made_up("m1", study, "1", 1), **{field: key})  # type: ignore[arg-type]
    assert ["seal.keys"] == assembly.refused("m1", replace(given(study), sealed=sealed))


def test_no_key_nor_half_of_one_was_ever_in_another_consent(assembly: Assembly, study: Digest) -> None:
    """Copied keys: a member would answer with what it cannot open, or be taken for another."""
    assembly.revoke(assembly.consent("m2", study))
    theirs = made_up("m2", study, "1", 1)
    mine = made_up("m1", study, "1", 1)
    copies = [
        replace(mine, mask_key=theirs.mask_key),
        replace(mine, mask_key=theirs.envelope_key),
        replace(mine, envelope_key=theirs.envelope_key),
        replace(mine, envelope_key=mine.mask_key),
        replace(mine, mask_key=mine.mask_key[:1184] + theirs.mask_key[1184:]),
        replace(mine, mask_key=theirs.mask_key[:1184] + mine.mask_key[1184:]),
        replace(mine, envelope_key=mine.envelope_key[:1184] + mine.mask_key[1184:]),
    ]
    for sealed in copies:
        assert ["seal.keys"] == assembly.refused("m1", replace(given(study), sealed=sealed))


@pytest.mark.parametrize("field", ["binding", "policy"])
def test_binding_and_policy_are_digests(assembly: Assembly, study: Digest, field: str) -> None:
    assert ["act.malformed"] == assembly.refused("m1", replace(given(study), **{field: "mine"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["act.head", "charter.keys", "tick.quorum", "motion.too-short"])
def test_a_refusal_gives_reasons_of_policy_budget_or_protocol(assembly: Assembly, study: Digest, code: str) -> None:
    """Never of the data; and never none."""
    assert ["act.malformed"] == assembly.refused("m1", refused(study, Reason(code=code)))
    assert ["act.malformed"] == assembly.refused("m1", ConsentRefused(study=study, period="1", reasons=()))


def test_a_consent_is_revoked_once_and_by_its_own_member(assembly: Assembly, study: Digest) -> None:
    consent = assembly.consent("m1", study)
    assert ["act.signer"] == assembly.refused("m2", ConsentRevoked(consent=consent))
    assembly.revoke(consent)
    assert consent.index not in queries.roster(assembly.state, study, "1", 1)
    assert ["act.repeated"] == assembly.refused("m1", ConsentRevoked(consent=consent))


def test_what_is_no_consent_is_not_revoked(assembly: Assembly, study: Digest) -> None:
    refusal = assembly.refuse("m1", study)
    for wrong in (refusal, Ref(index=999, digest=NONE)):
        assert ["act.unknown-thing"] == assembly.refused("m1", ConsentRevoked(consent=wrong))


def test_one_national_table_is_promised_at_a_time(assembly: Assembly, study: Digest) -> None:
    for member in assembly.members:
        assembly.consent(member, study, national=True)
    assembly.close(assembly.open(study), failed=Reason(code="seal.too-few"))
    assert ["act.repeated"] == assembly.refused("m1", given(study, attempt=2, national=True))
    assert [] == assembly.refused("m1", given(study, attempt=2))


@pytest.mark.parametrize("actor", ["m1", "sat"])
def test_a_policy_is_shown_by_who_has_one(assembly: Assembly, actor: str) -> None:
    assembly.say(actor, PolicyPublished(policy=blob(b"policy")))
    assert 6 == assembly.state.bodies[canon.digest(b"policy")]
    assert ["act.signer"] == assembly.refused("agency", PolicyPublished(policy=blob(b"policy")))
