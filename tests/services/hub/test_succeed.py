"""A hub takes a log over out of public files alone, or not at all."""

import os
import shutil
import signal
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.acts.terms import Host
from comity.acts.tick import Tick
from comity.adapters.keyring import HUB, Keyring
from comity.adapters.log import LogStore, Seal
from comity.adapters.static_log import StaticLog
from comity.assembly import fold, queries, witnesses
from comity.canon import Digest
from comity.errors import ConfigError, NotAdmitted, NotVerified, QuorumShort
from comity.model.job import Silent
from comity.services.audit.files import InFolder
from comity.services.hub import found, succeed
from comity.services.hub.sequence import Sequencer
from comity.services.hub.succeed import Succeeded
from comity.stages.seal import hub as seal
from comity.stages.seal.turn import Say
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note
from tests.builders import offices
from tests.builders.assembly import START, Assembly, blob, signer

ORIGIN = "second.example.org/assembly"
TEXT = b"what the members agreed on"


@dataclass
class Change:
    """An assembly, the folder of the hub that is to come, and a mirror's copy of what is public."""

    assembly: Assembly
    home: Path
    mirror: Path
    host: Host

    def publish(self, *, by: list[str] | None = None) -> None:
        """The mirror copies the log as it stands."""
        shutil.rmtree(self.mirror, ignore_errors=True)
        place = self.mirror.with_name("log of the mirror.db")
        place.unlink(missing_ok=True)
        with LogStore.create(place) as store:
            store.append(self.assembly.leaves)
            StaticLog.open(self.mirror, store).publish(self.assembly.cosigned(self.assembly.time + 1, by=by))
        for digest, body in self.assembly.bodies.items():
            name = canon.hex_of(digest)
            path = self.mirror / "blobs" / "sha256" / name[:2] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)

    def succeed(self) -> Succeeded:
        charter = canon.digest(canon.encode(self.assembly.charter))
        return succeed.succeed(self.home, InFolder(self.mirror), charter, tell=Silent())


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """The members have chosen the new hub, and a mirror has followed the log that far."""
    home = tmp_path / "second"
    found.init(home, listen="127.0.0.1:8601", address="http://127.0.0.1:8601")
    host = succeed.offer(home, origin=ORIGIN)
    made = Change(Assembly(4), home, tmp_path / "mirror", host)
    made.assembly.adopt("study", TEXT)
    made.assembly.choose(host)
    made.publish()
    return made


def test_the_log_goes_on_from_the_mirrors_files_under_the_new_keys(change: Change) -> None:
    done = change.succeed()
    size = len(change.assembly.leaves)
    assert ("example.org/assembly", ORIGIN, size, 0) == (done.before, done.after, done.size, done.missing)
    with LogStore.open(change.home / "log.db") as store:
        assert change.assembly.leaves == store.leaves(0, size)
        state = fold.replay(store.leaves(0, store.size))
        assert (size + 1, ()) == (store.size, state.breaches)
        assert change.host.hub == witnesses.charter_of(state).hub
        keys = [Keyring(change.home).signer(purpose) for purpose in HUB]
        static = StaticLog.open(change.home / "public", store)
        hub = Sequencer(store, static, sign=keys[0], log=keys[1], now=lambda: START + 900)
        hub.ask()
        asked = Note.parse((change.home / "public" / "checkpoint.pending").read_bytes())
        for id in ("m1", "m2", "m3", "m4"):
            line = cosign(asked.text, f"{ORIGIN}/{id}", START + 900, signer(id, "witness"))
            assert hub.cosign(str(line))
        cosigned = hub.cosigned()
        assert cosigned is not None
        hub.say(Tick(checkpoint=cosigned[0]))
        assert START + 900 == hub.state.time


def test_the_bodies_that_are_public_come_along(change: Change) -> None:
    change.succeed()
    name = canon.hex_of(canon.digest(TEXT))
    assert TEXT == (change.home / "blobs" / "sha256" / name[:2] / name).read_bytes()


def test_a_body_that_is_another_is_refused(change: Change) -> None:
    name = canon.hex_of(canon.digest(TEXT))
    (change.mirror / "blobs" / "sha256" / name[:2] / name).write_bytes(b"something else")
    with pytest.raises(NotVerified, match="not what its name says"):
        change.succeed()


def test_the_same_command_again_changes_nothing(change: Change) -> None:
    change.succeed()
    with LogStore.open(change.home / "log.db") as store:
        before = store.head()
    assert len(change.assembly.leaves) == change.succeed().size
    with LogStore.open(change.home / "log.db") as store:
        assert before == store.head()


def test_without_a_motion_nothing_is_taken_over(change: Change) -> None:
    change.assembly = Assembly(4)
    change.publish()
    with pytest.raises(NotAdmitted, match="no adopted motion"):
        change.succeed()


def test_a_hub_that_was_not_chosen_takes_nothing_over(change: Change, tmp_path: Path) -> None:
    other = tmp_path / "third"
    found.init(other, listen="127.0.0.1:8602", address="http://127.0.0.1:8602")
    change.home = other
    with pytest.raises(ConfigError, match="another hub"):
        change.succeed()
    assert not (other / "log.db").exists()


def test_another_charter_than_the_pinned_one_is_refused(change: Change) -> None:
    wrong = canon.digest(b"another charter")
    with pytest.raises(NotVerified, match="another charter"):
        succeed.succeed(change.home, InFolder(change.mirror), wrong, tell=Silent())


def test_files_that_too_few_cosigned_are_refused(change: Change) -> None:
    change.publish(by=["m1", "m2"])
    with pytest.raises(QuorumShort):
        change.succeed()


def test_a_leaf_that_is_changed_or_left_out_is_refused(change: Change) -> None:
    bundle = next((change.mirror / "tile" / "entries").rglob(str(len(change.assembly.leaves))))
    bundle.write_bytes(bundle.read_bytes().replace(b'"sig":"', b'"sig":"A', 1))
    with pytest.raises(NotVerified):
        change.succeed()


def test_a_later_checkpoint_of_the_old_hub_is_told(change: Change) -> None:
    """Nodes that saw it would never follow: the operator must know before they are asked."""
    change.succeed()
    change.assembly.say("m1", PolicyPublished(policy=blob(b"later")))
    change.publish()
    with pytest.raises(NotVerified, match="published more"):
        change.succeed()


def test_a_later_checkpoint_is_told_behind_a_second_change_too(tmp_path: Path) -> None:
    """The old hub was the second itself: its log holds a succession, and went on behind the next one's beginning."""
    home = tmp_path / "third"
    found.init(home, listen="127.0.0.1:8602", address="http://127.0.0.1:8602")
    host = succeed.offer(home, origin="third.example.org/assembly")
    made = Change(Assembly(4), home, tmp_path / "mirror", host)
    made.assembly.move()
    made.assembly.tick(made.assembly.time + 5)
    made.assembly.choose(host)
    made.publish()
    done = made.succeed()
    assert ("second.example.org/assembly", done) == (done.before, made.succeed())
    made.assembly.say("m1", PolicyPublished(policy=blob(b"later")))
    made.publish()
    with pytest.raises(NotVerified, match="published more"):
        made.succeed()


def test_a_hub_with_a_log_of_its_own_takes_no_other(change: Change, tmp_path: Path) -> None:
    home = tmp_path / "own"
    hub = found.init(home, listen="127.0.0.1:8603", address="http://127.0.0.1:8603")
    own = Assembly(charter=replace(change.assembly.charter, hub=hub), ready=False)
    found.found(home, own.leaves[0])
    change.home = home
    with pytest.raises(ConfigError, match="log of its own"):
        change.succeed()


@dataclass
class Told:
    """A folder's files; which of them were asked for is kept."""

    inside: InFolder
    asked: list[str] = field(default_factory=list)

    def read(self, path: str, /) -> bytes | None:
        self.asked.append(path)
        return self.inside.read(path)

    def place(self, path: str, /) -> str:
        return self.inside.place(path)


def longer(change: Change, bundles: int, size: int = 2**12) -> None:
    """The mirror's log with so many leaves more as fill the bundles; they say nothing."""
    for number in range(256 * bundles - len(change.assembly.leaves)):
        change.assembly.smuggle(number.to_bytes(4, "big") * (size // 4))
    change.publish()


def test_what_shows_at_the_beginning_is_refused_at_the_beginning(change: Change) -> None:
    """Another charter, or a head that the log's key did not sign: one bundle is read, and nothing kept."""
    longer(change, 3, size=64)
    files = Told(InFolder(change.mirror))
    with pytest.raises(NotVerified, match="another charter"):
        succeed.succeed(change.home, files, canon.digest(b"another charter"), tell=Silent())
    assert ["checkpoint", "tile/entries/000"] == files.asked
    head = change.mirror / "checkpoint"
    head.write_text(head.read_text().replace(f"\n{768}\n", f"\n{2**60}\n"))
    files.asked.clear()
    with pytest.raises(NotVerified, match="not signed by the log"):
        succeed.succeed(change.home, files, canon.digest(canon.encode(change.assembly.charter)), tell=Silent())
    assert ["checkpoint", "tile/entries/000"] == files.asked
    assert not (change.home / "log.db").exists()


def test_memory_does_not_grow_with_what_the_leaves_hold(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a log that is four times as long, no more is held at once but the state."""
    monkeypatch.setattr(succeed, "CHUNK", 64)
    peaks = []
    for bundles in (4, 16):
        longer(change, bundles)
        tracemalloc.start()
        assert 256 * bundles == change.succeed().size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        (change.home / "log.db").unlink()
    assert peaks[1] - peaks[0] < 12 * 256 * 2**12 / 4


def dies(change: Change) -> int:
    """The signal that ends a process which is killed at its second transaction."""
    if (child := os.fork()) == 0:
        appended, append = list[int](), LogStore.append

        def dying(store: LogStore, leaves: Sequence[bytes], seal: Seal | None = None) -> list[int]:
            if appended:
                os.kill(os.getpid(), signal.SIGKILL)
            appended.append(len(leaves))
            return append(store, leaves, seal)

        LogStore.append = dying  # type: ignore[method-assign]
        change.succeed()
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_killed_behind_any_transaction_it_goes_on_where_it_was(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it leaves has no head by the new key, so no hub runs on it."""
    monkeypatch.setattr(succeed, "CHUNK", 5)
    size = len(change.assembly.leaves)
    for copied in [*range(5, size, 5), size]:
        assert signal.SIGKILL == dies(change)
        with LogStore.open(change.home / "log.db") as store:
            assert (copied, "") == (store.size, store.note())
    assert size == change.succeed().size


class Gone:
    """The bodies of the old hub's open exchanges, which nobody has."""

    def has(self, name: Digest, /) -> bool:
        return False

    def get(self, name: Digest, /) -> bytes:
        raise NotVerified("a body is not here", where=name)


@pytest.mark.parametrize("step", ["opened", "shares", "shared", "answers"])
def test_an_exchange_that_was_open_ends_as_failed_and_another_may_follow(step: str) -> None:
    """Boxes and vectors were private, so no public file holds them: nobody's sum is opened from half of them."""
    assembly, study = Assembly(5), offices.study(step=40)
    period = study.periods[0].id
    assembly.adopt("study", study, name="asked/1")
    for member in assembly.members:
        assembly.consent(member, study.digest, period=period)
    at = assembly.time
    deadlines = (at + 40, at + 80, at + 120, at + 160)
    exchange = assembly.open(study.digest, period=period, deadlines=deadlines)
    for member in assembly.members if step != "opened" else ():
        assembly.shares(exchange, member)
    if step in ("shared", "answers"):
        assembly.shared(exchange)
    for member in assembly.members if step == "answers" else ():
        assembly.answer(exchange, member)
    assembly.move()
    while assembly.state.exchanges[exchange.index].closed is None:
        assembly.tick(assembly.time + 5)
        for turn in seal.next(assembly.state, study, period, assembly.time, Gone()):
            if isinstance(turn, Say):
                assembly.say("hub", turn.body)
        assert assembly.time < at + 400
    assert (True, 2) == (
        queries.failed(assembly.state.exchanges[exchange.index]),
        queries.attempt(assembly.state, study.digest, period),
    )
