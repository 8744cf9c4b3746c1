"""An office that lost its folder comes back with new keys, and says and spends nothing a second time."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity import canon
from comity.adapters.blobs import Blobs
from comity.adapters.keyring import Keyring
from comity.adapters.ledger import Ledger, Line
from comity.errors import BudgetSpent, ConfigError, NotAdmitted, Unreachable
from comity.model.member import Party
from comity.model.policy import Budget
from comity.model.reason import Reason
from comity.services.node import floor, follow, recover, setup
from comity.services.node.doctor import doctor
from comity.services.node.recover import Recovered
from comity.stages.protect.budget import Charged
from tests.builders.assembly import Assembly
from tests.builders.offices import study
from tests.services.node.hub import Hub

STUDY = study()
PERIOD = STUDY.periods[0].id


@dataclass
class Loss:
    """m1's folder is gone; the others go on."""

    hub: Hub
    place: Path

    @property
    def home(self) -> Path:
        return self.place / "again"

    def kept(self, id: str = "m1", purpose: str = "officer") -> Path:
        """A key in a drawer."""
        secret = Ed25519PrivateKey.from_private_bytes(sha256(f"{id} {purpose}".encode()).digest())
        file = self.place / "drawer"
        file.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return file

    def recover(self, officer: Path | None = None, id: str = "m1") -> Recovered:
        charter = canon.digest(canon.encode(self.hub.assembly.charter))
        return recover.recover(self.home, id, hub=self.hub.address, charter=charter, officer=officer)

    def publish(self) -> None:
        self.hub.publish(self.hub.assembly.time + 1)


@pytest.fixture
def loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loss]:
    follow._states.clear()
    monkeypatch.setattr(floor, "PATIENCE", 0.1)
    monkeypatch.setattr(follow.Follower, "check_clock", lambda self, now: None)
    assembly = Assembly(5)
    with Hub(assembly) as hub:
        hub.date = ""
        assembly.adopt("study", STUDY, name=f"{STUDY.id}/{STUDY.version}")
        hub.publish(assembly.time + 1)
        yield Loss(hub, tmp_path)


def test_with_its_officer_key_the_office_says_its_new_keys(loss: Loss) -> None:
    done = loss.recover(loss.kept())
    actor = loss.hub.assembly.state.actors["m1"]
    assert (done.index, Keyring(loss.home).public()) == (actor.recovered, actor.keys)
    loss.publish()
    assert done == loss.recover(loss.kept())
    assert 1 == len(loss.hub.statements)


def test_a_new_folder_answers_nothing_until_the_office_installs_its_policy(loss: Loss) -> None:
    loss.recover(loss.kept())
    assert setup.DENIES == (loss.home / "policy.toml").read_text()


def test_the_new_keys_speak_and_say_nothing_twice(loss: Loss) -> None:
    """A vote that the lost node cast stands."""
    assembly = loss.hub.assembly
    motion = assembly.motion("study", b"{}", mover="m2")
    assembly.vote(motion, "no", "m1")
    loss.publish()
    loss.recover(loss.kept())
    loss.publish()
    with pytest.raises(NotAdmitted, match=r"act\.repeated"):
        floor.vote(loss.home, motion.index, "yes")
    other = assembly.motion("study", b"[]", mover="m2")
    loss.publish()
    floor.vote(loss.home, other.index, "yes")
    assert "yes" == assembly.state.motions[other.index].votes["m1"]


def test_another_key_than_the_logs_officer_key_says_nothing(loss: Loss) -> None:
    for id, purpose in (("m2", "officer"), ("m1", "sign")):
        with pytest.raises(ConfigError, match="not the officer key"):
            loss.recover(loss.kept(id, purpose))
    assert [] == loss.hub.statements


def test_without_the_officer_key_the_members_must_agree_on_these_very_keys(loss: Loss) -> None:
    done = loss.recover()
    assert None is done.index
    assert [] == loss.hub.statements
    party = canon.decode(done.party.read_bytes(), Party, where="party")
    assert Keyring(loss.home).public() == party.keys
    loss.hub.assembly.adopt("member", party, name="m1")
    loss.publish()
    assert loss.recover().index == loss.hub.assembly.state.actors["m1"].recovered
    assert party.keys == loss.hub.assembly.state.actors["m1"].keys


def test_every_exchange_of_the_lost_node_counts_as_paid_for_on_every_source(loss: Loss) -> None:
    """One that ended with a sum, and one that is open: its node may have drawn its noise."""
    assembly = loss.hub.assembly
    digest = STUDY.digest
    for member in assembly.members:
        assembly.consent(member, digest, period=PERIOD)
    exchange = assembly.open(digest, period=PERIOD)
    assembly.close(exchange, failed=Reason(code="seal.too-few"))
    for member in assembly.members:
        assembly.consent(member, digest, period=PERIOD, sealed=2)
    assembly.open(digest, period=PERIOD)
    loss.publish()
    done = loss.recover(loss.kept())
    assert (1, 1) == (done.spent, done.left)  # nobody unmasked the first attempt: both are one charge
    ledger = Ledger(loss.home / "ledger.db")
    plan = STUDY.noise
    assert plan is not None
    (line,) = ledger.lines()
    assert (f"{digest} {PERIOD} 1", plan.epsilon) == (line.charged.key, line.charged.epsilon)
    asked = Charged(key="other", source="any", time=line.charged.time, epsilon=plan.epsilon, delta="0")
    once = Budget(epsilon=plan.epsilon, delta="1")
    with pytest.raises(BudgetSpent):
        ledger.charge(Line(charged=asked, study=digest, period="other"), once)
    same = Charged(key=line.charged.key, source="any", time=1, epsilon=plan.epsilon, delta=plan.delta)
    with pytest.raises(BudgetSpent):  # the very question, however much is left
        ledger.charge(Line(charged=same, study=digest, period=PERIOD), Budget(epsilon="100", delta="1"))
    ledger.close()


def test_answers_whose_records_are_lost_are_named_until_a_backup_brings_them_back(loss: Loss) -> None:
    """The sealed answer and the office's own table; what others answered is their affair."""
    assembly = loss.hub.assembly
    exchange = assembly.run(STUDY.digest, period=PERIOD)
    consent = assembly.consent("m1", STUDY.digest, period="another", national=True, sealed=None)
    sealed = assembly.state.exchanges[exchange.index].answers["m1"].ref.index
    own = assembly.national(consent).index
    loss.publish()
    found = loss.recover(loss.kept()).records
    loss.publish()
    assert ((sealed, own), (sealed, own), f"{sealed}, {own}") == (found.answers, found.lost, found.named)
    assert f"leaf {sealed}, {own}" in {check.name: check.line for check in doctor(loss.home) if not check.ok}["records"]
    backup = Blobs(loss.home / "extracts")
    backup.put(f"extract of m1 for leaf {exchange.index}".encode())
    assert (own,) == loss.recover(loss.kept()).records.lost
    record = backup.put(f"extract of m1 for leaf {consent.index}".encode())
    assert () == loss.recover(loss.kept()).records.lost
    assert "2 answer(s)" in {check.name: check.line for check in doctor(loss.home)}["records"]
    backup.path(record).write_bytes(b"another")
    assert (own,) == loss.recover(loss.kept()).records.lost


def test_a_hub_that_does_not_answer_just_now_costs_nothing(loss: Loss) -> None:
    """What is put down stays: only the hub's own word that the text is gone, or another text, makes it a whole year."""
    assembly = loss.hub.assembly
    for member in assembly.members:
        assembly.consent(member, STUDY.digest, period=PERIOD)
    assembly.open(STUDY.digest, period=PERIOD)
    loss.publish()
    loss.hub.busy = lambda path: path.startswith("/blobs/")
    with pytest.raises(Unreachable):
        loss.recover(loss.kept())
    assert [] == loss.hub.statements
    loss.hub.busy = lambda path: False
    loss.recover(loss.kept())
    ledger, plan = Ledger(loss.home / "ledger.db"), STUDY.noise
    assert plan is not None
    assert [plan.epsilon] == [line.charged.epsilon for line in ledger.lines()]
    ledger.close()


def test_a_study_that_nobody_shows_any_more_costs_the_whole_year(loss: Loss) -> None:
    assembly = loss.hub.assembly
    gone = assembly.adopt("study", b'{"not": "shown"}', name="gone/1")
    assembly.bodies.pop(gone)
    for member in assembly.members:
        assembly.consent(member, gone)
    assembly.open(gone)
    loss.publish()
    loss.recover(loss.kept())
    ledger = Ledger(loss.home / "ledger.db")
    (line,) = ledger.lines()
    asked = Charged(key="other", source="any", time=line.charged.time, epsilon="0.1", delta="0")
    with pytest.raises(BudgetSpent):
        ledger.charge(Line(charged=asked, study=STUDY.digest, period="1"), Budget(epsilon="1000", delta="0.1"))
    ledger.close()


def test_an_office_that_is_not_in_the_assembly_makes_no_folder(loss: Loss) -> None:
    with pytest.raises(NotAdmitted, match="no such office"):
        loss.recover(loss.kept(), id="m9")
    assert not loss.home.exists()


def test_another_offices_folder_is_left_alone(loss: Loss) -> None:
    loss.recover(loss.kept())
    with pytest.raises(ConfigError, match="another office's"):
        loss.recover(loss.kept("m2"), id="m2")
