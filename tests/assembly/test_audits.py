"""Which answer a record belongs to, when a commitment stands in the log more than once."""

from dataclasses import replace

import pytest

from comity.acts.exchange import Answer, Extract
from comity.assembly import audits, clock
from tests.builders.assembly import Assembly
from tests.builders.audits import Figured
from tests.model.test_extract import BASIS, RECORD


@pytest.mark.parametrize("order", [("m1", "m2"), ("m2", "m1")])
def test_a_record_opens_the_answer_of_its_member_whoever_repeats_the_commitment_and_when(
    order: tuple[str, str],
) -> None:
    """A host that sees m1's answer could have m2's logged before, so that m1's record would seem to lie."""
    log = Assembly(4)
    study = log.adopt("study", b"{}")
    consents = {id: log.consent(id, study, national=True, sealed=None) for id in order}
    binding = {id: log.state.consents[ref.index].binding for id, ref in consents.items()}
    record = replace(RECORD, member="m1", study=study, period="1", binding=binding["m1"])
    said = {}
    for id in order:
        extract = Extract(commitment=record.commitment, binding=binding[id], software=BASIS.software)
        said[id] = log.say(id, Answer(exchange=None, consent=consents[id], body=log.body(id.encode()), extract=extract))
    found = audits.opened(log.state, log.leaves, record)
    assert found is not None
    assert (said["m1"].index, "m1", ()) == (found.index, found.member, found.differs)
    assert audits.opened(log.state, log.leaves, replace(record, salt="ac" * 32)) is None


def test_a_request_for_an_audit_asks_for_a_tick_as_its_deadline_counts_from_there() -> None:
    """Else the time to answer would begin a minute late in a log that rests."""
    assembly = Figured()
    assembly.tick(assembly.time + 1)
    assert not clock.wants_tick(assembly.state, assembly.time + 1)
    audit = assembly.request("m1")
    assert clock.wants_tick(assembly.state, assembly.time + 1)
    assembly.tick(assembly.time + 1)
    assert assembly.time + assembly.charter.audit_seconds == assembly.state.audits[audit.index].deadline
    assert not clock.wants_tick(assembly.state, assembly.time + 1)
