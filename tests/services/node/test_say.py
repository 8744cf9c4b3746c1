"""One meaning is one statement: what was signed once is posted again in the same bytes, whatever happened between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.acts.consent import ConsentRefused
from comity.acts.motion import Vote
from comity.acts.refs import Ref
from comity.adapters.client import Client, Rejected
from comity.adapters.journal import Journal
from comity.canon import digest
from comity.errors import Unreachable
from comity.model.reason import Reason
from comity.services.node import say
from comity.services.node.say import Spoken
from tests.builders.assembly import Assembly
from tests.services.node.hub import Hub


class Desk:
    """m1's way of saying things to a hub."""

    def __init__(self, hub: Hub, path: Path) -> None:
        self.hub, self.path, self.client = hub, path, Client(hub.address)

    def say(self, body: Vote | ConsentRefused, *, again: bool = False) -> Spoken:
        """By a journal opened anew each time: memory is what is on disk."""
        assembly = self.hub.assembly
        journal, signer = Journal(self.path / "journal.db"), assembly.signers["m1", "sign"]
        try:
            return say.say(body, "m1", assembly.state, signer, journal, self.client, 5, again=again)
        finally:
            journal.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Hub(Assembly(5)) as hub:
        yield Desk(hub, tmp_path)


def motion(hub: Hub) -> Ref:
    return hub.assembly.motion("norm", b"{}")


def test_a_statement_is_in_the_journal_before_it_is_posted(desk: Desk) -> None:
    vote = Vote(motion=motion(desk.hub), choice="yes")
    address, desk.client = desk.client.address, Client("http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        desk.say(vote)
    (entry,) = Journal(desk.path / "journal.db").entries()
    desk.client = Client(address)
    desk.hub.assembly.tick()
    assert entry.digest == digest(desk.say(vote).leaf)


def test_a_statement_whose_answer_was_lost_is_not_said_twice(desk: Desk) -> None:
    vote = Vote(motion=motion(desk.hub), choice="yes")
    first = desk.say(vote)
    size = desk.hub.assembly.state.size
    assert first.leaf == desk.say(vote).leaf
    assert size == desk.hub.assembly.state.size


def test_another_meaning_is_another_statement(desk: Desk) -> None:
    vote = motion(desk.hub)
    desk.say(Vote(motion=vote, choice="yes"))
    with pytest.raises(Rejected, match=r"act\.repeated"):
        desk.say(Vote(motion=vote, choice="no"))


def test_a_refusal_may_be_said_again_in_a_later_attempt(desk: Desk) -> None:
    """It names no attempt, so it is the same body; but it is meant for the attempt that consents belong to now."""
    assembly = desk.hub.assembly
    study = assembly.adopt("study", b"{}")
    refusal = ConsentRefused(study=study, period="1", reasons=(Reason(code="policy.expired"),))
    desk.say(refusal, again=True)
    for member in ("m2", "m3", "m4", "m5"):
        assembly.consent(member, study)
    exchange = assembly.open(study)
    assembly.close(exchange, failed=Reason(code="seal.too-few"))
    desk.say(refusal, again=True)
    assert [1, 2] == [said.attempt for said in assembly.state.refusals.values()]


def test_a_statement_kept_too_long_is_signed_anew(desk: Desk) -> None:
    """The log takes heads of the last 4096 leaves; until then it is the same statement."""
    vote = Vote(motion=motion(desk.hub), choice="yes")
    here, desk.client = desk.client, Client("http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        desk.say(vote)
    kept = Journal(desk.path / "journal.db").entries()[0].digest
    assembly = desk.hub.assembly
    while assembly.state.size < 4200:
        assembly.smuggle(b"not a statement")
    desk.client = here
    assert kept != digest(desk.say(vote).leaf)
    assert assembly.state.motions[vote.motion.index].votes["m1"] == "yes"
