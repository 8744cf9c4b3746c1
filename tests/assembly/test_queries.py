"""What everyone asks of a state."""

import pytest

from comity import canon
from comity.acts.release import ReleasePublished
from comity.assembly import queries
from comity.canon import Digest
from comity.model.reason import Reason
from tests.builders.assembly import FIGURES, Assembly, blob


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(6)


@pytest.fixture
def study(assembly: Assembly) -> Digest:
    return assembly.adopt("study", b"{}")


def test_a_thing_is_adopted_on_its_own_matter_only(assembly: Assembly, study: Digest) -> None:
    assert queries.adopted(assembly.state, study, "study")
    assert None is queries.adopted(assembly.state, study, "norm")
    assert None is queries.adopted(assembly.state, canon.digest(b"other"), "study")


def test_motions_about_a_thing_are_found_whatever_became_of_them(assembly: Assembly) -> None:
    first = assembly.motion("study", b"{}")
    assembly.vote(first, "no")
    assembly.decide(first)
    second = assembly.motion("study", b"{}")
    assembly.vote(second, "yes")
    assembly.decide(second)
    motions = queries.motions_about(assembly.state, canon.digest(b"{}"))
    assert [(first, "rejected"), (second, "adopted")] == [(motion.ref, motion.outcome) for motion in motions]
    assert 6 == queries.tally(assembly.state, motions[1]).yes


def test_consents_refusals_and_silence_are_told_apart(assembly: Assembly, study: Digest) -> None:
    given = assembly.consent("m1", study)
    revoked = assembly.consent("m2", study)
    refused = assembly.refuse("m3", study)
    assembly.revoke(revoked)
    state = assembly.state
    assert [given, revoked] == [consent.ref for consent in queries.consents(state, study, "1")]
    assert [refused] == [refusal.ref for refusal in queries.refusals(state, study, "1")]
    assert ("m4", "m5", "m6") == queries.silent(state, study, "1")
    assert (given.index,) == queries.roster(state, study, "1", 1)
    assert [revoked] == [said.ref for said in queries.decided(state, "m2", study, "1")]
    assert () == queries.consents(state, study, "2")


def test_attempts_are_counted_by_failures(assembly: Assembly, study: Digest) -> None:
    assert 1 == queries.attempt(assembly.state, study, "1")
    for attempt in (1, 2):
        for member in assembly.members:
            assembly.consent(member, study, sealed=attempt)
        exchange = assembly.open(study)
        assert attempt == queries.attempt(assembly.state, study, "1")
        assembly.close(exchange, failed=Reason(code="seal.too-few"))
    assert 3 == queries.attempt(assembly.state, study, "1")
    assert [1, 2] == [exchange.attempt for exchange in queries.exchanges(assembly.state, study, "1")]
    assert None is queries.opened_sum(assembly.state, study, "1")
    assert None is queries.exchange(assembly.state, study, "1", 3)


def test_the_one_attempt_with_a_sum_is_found_and_what_was_made_of_it(assembly: Assembly, study: Digest) -> None:
    exchange = assembly.run(study)
    facts = queries.opened_sum(assembly.state, study, "1")
    assert facts is not None
    assert facts.closed is not None
    assert exchange == facts.opened.ref
    body = ReleasePublished(
        release=blob(b"r"), figures=FIGURES, inputs=(facts.closed.ref.index,), replaces=None, reason=None
    )
    release = assembly.say("hub", body)
    assert [release] == [one.ref for one in queries.releases(assembly.state, [facts.closed.ref.index])]
    assert () == queries.releases(assembly.state, [0])
