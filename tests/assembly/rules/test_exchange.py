"""The exchange family: the whole roster, sets inside sets, each step once, by its author, before its deadline."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.exchange import (
    Answer,
    ExchangeClosed,
    ExchangeOpened,
    ExchangeRefused,
    ExchangeShared,
    ExchangeSurvivors,
    Extract,
    Shares,
    Unmask,
)
from comity.acts.refs import Ref
from comity.assembly import fold, queries
from comity.canon import Digest
from comity.model.reason import Reason
from comity.tlog.merkle import leaf_hash
from tests.builders.assembly import Assembly, blob, party

NOWHERE = Ref(index=999, digest=canon.digest(b"nowhere"))
FAILED = Reason(code="seal.too-few")


@pytest.fixture
def assembly() -> Assembly:
    """Six members: room for some to leave."""
    return Assembly(6, others=[party("sat", role="producer")])


@pytest.fixture
def study(assembly: Assembly) -> Digest:
    return assembly.adopt("study", b"{}")


def consented(assembly: Assembly, study: Digest, *members: str) -> list[Ref]:
    return [assembly.consent(member, study) for member in members or assembly.members]


def opening(assembly: Assembly, study: Digest, **change: object) -> ExchangeOpened:
    at = assembly.time
    body = ExchangeOpened(
        study=study,
        period="1",
        attempt=1,
        roster=queries.roster(assembly.state, study, "1", 1),
        deadlines=(at + 100, at + 200, at + 300, at + 400),
    )
    return replace(body, **change)  # type: ignore[arg-type]


# Of a table that nobody counted, under the binding that consents of the tests name.
EXTRACT = Extract(commitment=canon.digest(b"record"), binding=canon.digest(b""), software="comity 0.1.0")


def indices(refs: list[Ref]) -> tuple[int, ...]:
    return tuple(ref.index for ref in refs)


def shares(exchange: Ref) -> Shares:
    return Shares(exchange=exchange, manifest=blob(b"manifest"))


def answer(exchange: Ref) -> Answer:
    return Answer(exchange=exchange, consent=None, body=blob(b"vector"), epsilon="0.5", extract=EXTRACT)


def unmask(exchange: Ref) -> Unmask:
    return Unmask(exchange=exchange, shares=blob(b"list"))


@pytest.fixture
def exchange(assembly: Assembly, study: Digest) -> Ref:
    """Opened, with all six."""
    consented(assembly, study)
    return assembly.open(study)


@pytest.fixture
def shared(assembly: Assembly, exchange: Ref) -> Ref:
    """All sent shares; U2 is fixed."""
    for member in assembly.members:
        assembly.shares(exchange, member)
    assembly.shared(exchange)
    return exchange


@pytest.fixture
def surviving(assembly: Assembly, shared: Ref) -> Ref:
    """All but m6 answered; U3 is fixed."""
    for member in assembly.members[:5]:
        assembly.answer(shared, member)
    assembly.survivors(shared)
    return shared


# opened


def test_the_hub_opens_and_nobody_else(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study)
    body = opening(assembly, study)
    assert [] == assembly.refused("hub", body)
    assert ["act.signer"] == assembly.refused("m1", body)


def test_a_study_that_is_not_in_force_is_not_exchanged(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study)
    replaced = queries.standing(assembly.state, "study")[0].motion
    body = opening(assembly, study)
    assembly.adopt("study", b"[]", replaces=replaced)
    late = replace(body, deadlines=opening(assembly, study).deadlines)
    assert ["study.not-in-force"] == assembly.refused("hub", late)


def test_the_roster_is_all_who_consented_in_order(assembly: Assembly, study: Digest) -> None:
    """A member left out, one twice, another order, one too many: the sum would be over other members than agreed."""
    roster = indices(consented(assembly, study))
    for wrong in (roster[1:], roster[:-1], (*roster, roster[-1]), roster[::-1], (*roster, 999), (0, *roster), ()):
        assert ["seal.roster"] == assembly.refused("hub", opening(assembly, study, roster=wrong))
    assert [] == assembly.refused("hub", opening(assembly, study, roster=roster))


def test_who_revoked_left_or_answers_at_home_only_is_not_on_the_roster(assembly: Assembly, study: Digest) -> None:
    refs = consented(assembly, study)
    assembly.revoke(refs[0])
    assembly.withdraw("m2")
    assembly.consent("sat", study, national=True, sealed=None)
    assert ["seal.roster"] == assembly.refused("hub", opening(assembly, study, roster=indices(refs)))
    assert [] == assembly.refused("hub", opening(assembly, study, roster=indices(refs[2:])))


def test_fewer_than_four_exchange_nothing(assembly: Assembly, study: Digest) -> None:
    """SEAL: c is 1 at least, and c + 3 must survive."""
    consented(assembly, study, "m1", "m2", "m3")
    assert ["seal.too-few"] == assembly.refused("hub", opening(assembly, study))


@pytest.mark.parametrize("deadlines", [(100, 100, 200, 300), (200, 100, 300, 400), (100, 200, 400, 300)])
def test_deadlines_ascend(assembly: Assembly, study: Digest, deadlines: tuple[int, ...]) -> None:
    consented(assembly, study)
    later = tuple(assembly.time + seconds for seconds in deadlines)
    assert ["act.malformed"] == assembly.refused("hub", opening(assembly, study, deadlines=later))


def test_no_deadline_is_past_when_the_exchange_is_opened(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study)
    deadlines = tuple(assembly.time + seconds for seconds in (0, 100, 200, 300))
    assert ["seal.late"] == assembly.refused("hub", opening(assembly, study, deadlines=deadlines))


def test_an_attempt_is_opened_once(assembly: Assembly, study: Digest, exchange: Ref) -> None:
    assert ["act.repeated"] == assembly.refused("hub", opening(assembly, study))


def test_the_next_attempt_comes_after_the_one_before_failed(assembly: Assembly, study: Digest, exchange: Ref) -> None:
    second = opening(assembly, study, attempt=2, roster=())
    assert "act.unknown-thing" in assembly.refused("hub", second)
    assembly.close(exchange, failed=FAILED)
    for member in assembly.members:
        assembly.consent(member, study, sealed=2)
    assert [] == assembly.refused("hub", replace(second, roster=queries.roster(assembly.state, study, "1", 2)))
    assert "act.unknown-thing" in assembly.refused("hub", replace(second, attempt=3))


def test_a_period_closed_with_a_sum_is_never_exchanged_again(assembly: Assembly, study: Digest, surviving: Ref) -> None:
    assembly.close(surviving)
    assert "act.closed" in assembly.refused("hub", opening(assembly, study, attempt=2, roster=()))


# shares, shared


def test_a_member_of_the_roster_sends_shares_once(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study, "m1", "m2", "m3", "m4")
    exchange = assembly.open(study)
    assembly.shares(exchange, "m1")
    assert ["act.repeated"] == assembly.refused("m1", shares(exchange))
    assert ["seal.not-named"] == assembly.refused("m5", shares(exchange))
    assert ["act.unknown-thing"] == assembly.refused("m2", shares(NOWHERE))
    assert [] == assembly.refused("m2", shares(exchange))


def test_u2_is_who_sent_shares_each_once_in_order(assembly: Assembly, exchange: Ref) -> None:
    sent = indices([assembly.shares(exchange, member) for member in assembly.members[:5]])
    for wrong in ((*sent, exchange.index), (*sent[:-1], 999), (sent[0], assembly.state.size)):
        assert "seal.not-subset" in assembly.refused("hub", ExchangeShared(exchange=exchange, members=wrong))
    for wrong in (sent[::-1], (sent[0], sent[0]), ()):
        assert ["act.malformed"] == assembly.refused("hub", ExchangeShared(exchange=exchange, members=wrong))
    assert ["act.signer"] == assembly.refused("m1", ExchangeShared(exchange=exchange, members=sent))
    assert [] == assembly.refused("hub", ExchangeShared(exchange=exchange, members=sent[1:]))


def test_a_second_u2_is_refused_and_in_the_log_a_breach(assembly: Assembly, exchange: Ref) -> None:
    """The first is what every member answers to."""
    sent = indices([assembly.shares(exchange, member) for member in assembly.members])
    first = assembly.shared(exchange, sent)
    second = ExchangeShared(exchange=exchange, members=sent[1:])
    reasons = assembly.smuggle(assembly.leaf("hub", second))
    assert ["act.closed"] == [reason.code for reason in reasons]
    facts = assembly.state.exchanges[exchange.index].shared
    assert facts is not None
    assert (first, sent) == (facts.ref, facts.members)
    assert [assembly.state.size - 1] == [breach.index for breach in assembly.state.breaches]


def test_the_hubs_statements_are_known_by_their_leaf_hash(assembly: Assembly, exchange: Ref) -> None:
    """SEAL binds its contexts to it."""
    facts = assembly.state.exchanges[exchange.index].opened
    assert leaf_hash(assembly.leaves[exchange.index]) == facts.leaf_hash


def test_no_shares_come_behind_u2(assembly: Assembly, exchange: Ref) -> None:
    assembly.shares(exchange, "m1")
    assembly.shared(exchange)
    assert ["act.closed"] == assembly.refused("m2", shares(exchange))


# answer, survivors


def test_a_member_of_u2_answers_once(assembly: Assembly, exchange: Ref) -> None:
    sent = [assembly.shares(exchange, member) for member in assembly.members]
    assert "act.unknown-thing" in assembly.refused("m1", answer(exchange))
    assembly.shared(exchange, indices(sent[:5]))
    assembly.answer(exchange, "m1")
    assert ["act.repeated"] == assembly.refused("m1", answer(exchange))
    assert ["seal.not-named"] == assembly.refused("m6", answer(exchange))
    assert [] == assembly.refused("m2", answer(exchange))


def test_an_answer_is_to_one_thing(assembly: Assembly, shared: Ref) -> None:
    neither = Answer(exchange=None, consent=None, body=blob(b""))
    consent = Ref(index=0, digest=canon.digest(b""))
    assert ["act.malformed"] == assembly.refused("m1", neither)
    assert ["act.malformed"] == assembly.refused("m1", replace(answer(shared), consent=consent))


def test_u3_is_who_answered_each_once_in_order(assembly: Assembly, shared: Ref) -> None:
    answered = indices([assembly.answer(shared, member) for member in assembly.members[:5]])
    u2 = assembly.state.exchanges[shared.index].shared
    assert u2 is not None
    for wrong in ((*answered, 999), (shared.index, *answered), u2.members):
        assert "seal.not-subset" in assembly.refused("hub", ExchangeSurvivors(exchange=shared, members=wrong))
    for wrong in (answered[::-1], ()):
        assert ["act.malformed"] == assembly.refused("hub", ExchangeSurvivors(exchange=shared, members=wrong))
    assert [] == assembly.refused("hub", ExchangeSurvivors(exchange=shared, members=answered))
    assembly.survivors(shared)
    assert ["act.closed"] == assembly.refused("hub", ExchangeSurvivors(exchange=shared, members=answered[1:]))


def test_u3_is_not_fixed_before_u2(assembly: Assembly, exchange: Ref) -> None:
    sent = assembly.shares(exchange, "m1")
    body = ExchangeSurvivors(exchange=exchange, members=(sent.index,))
    assert "act.unknown-thing" in assembly.refused("hub", body)


def test_no_answer_comes_behind_u3(assembly: Assembly, surviving: Ref) -> None:
    assert ["act.closed"] == assembly.refused("m6", answer(surviving))


# unmask, closed


def test_a_member_of_u3_unmasks_once(assembly: Assembly, surviving: Ref) -> None:
    assert ["seal.not-named"] == assembly.refused("m6", unmask(surviving))
    assembly.unmask(surviving, "m1")
    assert ["act.repeated"] == assembly.refused("m1", unmask(surviving))
    assert [] == assembly.refused("m2", unmask(surviving))


def test_nobody_unmasks_before_u3_is_fixed(assembly: Assembly, shared: Ref) -> None:
    assembly.answer(shared, "m1")
    assert "act.unknown-thing" in assembly.refused("m1", unmask(shared))


def test_an_exchange_is_closed_once_with_a_sum_or_a_reason(assembly: Assembly, surviving: Ref) -> None:
    good = ExchangeClosed(exchange=surviving, sum=blob(b"sum"), view=blob(b"view"), failed=None)
    failed = ExchangeClosed(exchange=surviving, sum=None, view=None, failed=FAILED)
    for wrong in (
        replace(good, failed=FAILED),
        replace(good, view=None),
        replace(good, sum=None),
        replace(failed, failed=None),
        replace(failed, failed=Reason(code="act.head")),
    ):
        assert ["act.malformed"] == assembly.refused("hub", wrong)
    assert ["act.signer"] == assembly.refused("m1", good)
    assert [] == assembly.refused("hub", failed)
    assembly.close(surviving)
    assert ["act.closed"] == assembly.refused("hub", good)
    assert ["act.closed"] == assembly.refused("hub", failed)
    assert ["act.closed"] == assembly.refused("m1", unmask(surviving))


def test_what_was_never_opened_is_not_closed(assembly: Assembly) -> None:
    body = ExchangeClosed(exchange=NOWHERE, sum=None, view=None, failed=FAILED)
    assert ["act.unknown-thing"] == assembly.refused("hub", body)


def test_there_is_no_sum_before_u3(assembly: Assembly, shared: Ref) -> None:
    body = ExchangeClosed(exchange=shared, sum=blob(b"sum"), view=blob(b"view"), failed=None)
    assert ["act.unknown-thing"] == assembly.refused("hub", body)


# Deadlines


def test_each_step_is_late_behind_a_tick_past_its_deadline(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study)
    exchange = assembly.open(study)
    by_shares, by_answer, by_unmask, by_closed = assembly.state.exchanges[exchange.index].deadlines

    for member in assembly.members[:5]:
        assembly.shares(exchange, member)
    assembly.tick(by_shares)
    assert [] == assembly.refused("m6", shares(exchange))
    assembly.tick(by_shares + 1)
    assert ["seal.late"] == assembly.refused("m6", shares(exchange))

    assembly.shared(exchange)
    for member in assembly.members[:4]:
        assembly.answer(exchange, member)
    assembly.tick(by_answer)
    assert [] == assembly.refused("m5", answer(exchange))
    assembly.tick(by_answer + 1)
    assert ["seal.late"] == assembly.refused("m5", answer(exchange))

    assembly.survivors(exchange)
    assembly.tick(by_unmask)
    assert [] == assembly.refused("m1", unmask(exchange))
    assembly.tick(by_unmask + 1)
    assert ["seal.late"] == assembly.refused("m1", unmask(exchange))

    done = ExchangeClosed(exchange=exchange, sum=blob(b"sum"), view=blob(b"view"), failed=None)
    assembly.tick(by_closed)
    assert [] == assembly.refused("hub", done)
    assembly.tick(by_closed + 1)
    assert ["seal.late"] == assembly.refused("hub", done)
    assert [] == assembly.refused("hub", replace(done, sum=None, view=None, failed=FAILED))


def test_a_hub_that_fixes_a_set_too_late_fixes_none(assembly: Assembly, exchange: Ref) -> None:
    sent = assembly.shares(exchange, "m1")
    assembly.tick(assembly.state.exchanges[exchange.index].deadlines[1] + 1)
    body = ExchangeShared(exchange=exchange, members=(sent.index,))
    assert ["seal.late"] == assembly.refused("hub", body)


def test_survivors_fixed_too_late_are_none(assembly: Assembly, shared: Ref) -> None:
    answered = assembly.answer(shared, "m1")
    assembly.tick(assembly.state.exchanges[shared.index].deadlines[2] + 1)
    body = ExchangeSurvivors(exchange=shared, members=(answered.index,))
    assert ["seal.late"] == assembly.refused("hub", body)


# Leaving


def leaving(exchange: Ref, **change: object) -> ExchangeRefused:
    body = ExchangeRefused(exchange=exchange, step="shared", reason=Reason(code="seal.box"), blames=("m2",))
    return replace(body, **change)  # type: ignore[arg-type]


def test_a_member_of_the_roster_leaves_once_and_says_why(assembly: Assembly, exchange: Ref) -> None:
    assert ["act.unknown-thing"] == assembly.refused("m1", leaving(NOWHERE))
    assert ["act.malformed"] == assembly.refused("m1", leaving(exchange, blames=("m3", "m2")))
    assert ["act.malformed"] == assembly.refused("m1", leaving(exchange, blames=("sat",)))
    assert ["act.malformed"] == assembly.refused("m1", leaving(exchange, reason=Reason(code="act.head")))
    assert [] == assembly.refused("m1", leaving(exchange, blames=("hub",)))
    assembly.say("m1", leaving(exchange))
    left = assembly.state.exchanges[exchange.index].left["m1"]
    assert ("shared", "seal.box", ("m2",)) == (left.step, left.reason.code, left.blames)
    assert ["act.repeated"] == assembly.refused("m1", leaving(exchange))


def test_who_is_not_on_the_roster_does_not_leave(assembly: Assembly, study: Digest) -> None:
    consented(assembly, study, "m1", "m2", "m3", "m4")
    exchange = assembly.open(study)
    assert ["seal.not-named"] == assembly.refused("m6", leaving(exchange))


def test_nobody_leaves_what_is_over(assembly: Assembly, exchange: Ref) -> None:
    assembly.close(exchange, failed=FAILED)
    assert ["act.closed"] == assembly.refused("m1", leaving(exchange))


def test_who_left_says_nothing_more_and_belongs_to_no_later_set(assembly: Assembly, exchange: Ref) -> None:
    sent = [assembly.shares(exchange, member) for member in assembly.members[:5]]
    assembly.say("m1", leaving(exchange))
    assembly.say("m6", leaving(exchange))
    assert ["act.closed"] == assembly.refused("m6", shares(exchange))
    body = ExchangeShared(exchange=exchange, members=indices(sent))
    assert ["seal.not-subset"] == assembly.refused("hub", body)
    assert [] == assembly.refused("hub", replace(body, members=indices(sent[1:])))


def test_who_leaves_after_u2_is_a_drop_out(assembly: Assembly, shared: Ref) -> None:
    answered = [assembly.answer(shared, member) for member in assembly.members]
    assembly.say("m1", leaving(shared, step="survivors"))
    body = ExchangeSurvivors(exchange=shared, members=indices(answered))
    assert ["seal.not-subset"] == assembly.refused("hub", body)
    assert [] == assembly.refused("hub", replace(body, members=indices(answered[1:])))


def test_an_exchange_loses_a_member_that_revokes_its_consent(assembly: Assembly, study: Digest) -> None:
    consents = consented(assembly, study)
    exchange = assembly.open(study)
    sent = [assembly.shares(exchange, member) for member in assembly.members]
    assembly.revoke(consents[0])
    body = ExchangeShared(exchange=exchange, members=indices(sent))
    assert ["seal.not-subset"] == assembly.refused("hub", body)
    assembly.shared(exchange, indices(sent[1:]))
    assert ["seal.not-named"] == assembly.refused("m1", answer(exchange))


# National answers


def at_home(consent: Ref) -> Answer:
    return Answer(exchange=None, consent=consent, body=blob(b"cube"), extract=EXTRACT)


def test_a_member_answers_its_own_national_consent_once(assembly: Assembly, study: Digest) -> None:
    consent = assembly.consent("m1", study, national=True)
    assert ["act.signer"] == assembly.refused("m2", at_home(consent))
    assert ["act.unknown-thing"] == assembly.refused("m1", at_home(NOWHERE))
    assert ["act.malformed"] == assembly.refused("m1", replace(at_home(consent), epsilon="0.5"))
    said = assembly.national(consent)
    assert said == assembly.state.nationals[consent.index].ref
    assert ["act.repeated"] == assembly.refused("m1", at_home(consent))


def test_a_sealed_consent_is_not_answered_at_home(assembly: Assembly, study: Digest) -> None:
    assert ["act.kind"] == assembly.refused("m1", at_home(assembly.consent("m1", study)))


def test_a_revoked_consent_is_not_answered(assembly: Assembly, study: Digest) -> None:
    consent = assembly.consent("m1", study, national=True)
    assembly.revoke(consent)
    assert ["act.closed"] == assembly.refused("m1", at_home(consent))


def test_a_producer_answers_at_home_and_never_under_the_seal(assembly: Assembly, study: Digest, shared: Ref) -> None:
    consent = assembly.consent("sat", study, national=True, sealed=None)
    assert [] == assembly.refused("sat", at_home(consent))
    assert "act.signer" in assembly.refused("sat", answer(shared))


@pytest.mark.parametrize(
    ("extract", "params"),
    [
        (None, "extract"),
        (replace(EXTRACT, commitment=Digest("sha256:12")), "digest"),
        (replace(EXTRACT, binding=canon.digest(b"another")), "binding"),
        (replace(EXTRACT, software=""), "software"),
        (replace(EXTRACT, software="comity 0.1.0; and a word to the reader"), "software"),
    ],
)
def test_an_answer_says_what_it_was_counted_from(
    assembly: Assembly, study: Digest, shared: Ref, extract: Extract | None, params: str
) -> None:
    """Sealed or not: under the binding that was consented with, or it could never be audited."""
    consent = assembly.consent("m1", study, period="2", national=True)
    for said in (at_home(consent), answer(shared)):
        leaf = assembly.leaf("m1", replace(said, extract=extract))
        found = [(reason.code, reason.params["what"]) for reason in fold.admit(assembly.state, leaf)]
        assert [("act.malformed", params)] == found
