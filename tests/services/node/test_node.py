"""One node against a hub that serves what it likes: what it says, and when it says nothing.

The log is real (`tests.builders.assembly`), the time is the log's own, and the node consents to the study as soon as it
may. Five of these are the places where a toy would pass unseen.
"""

import email.utils
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.errors import NotAdmitted, UsageError
from comity.model.job import Silent
from comity.services.node import approval, desk, floor, intake, question, run, setup
from comity.services.node.run import Node
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.offices import BINDING, POLICY, study
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office
from tests.services.node.test_follow import fork

STUDY = study()


@dataclass
class Scene:
    """m1's node and its hub."""

    home: Path
    hub: Hub
    lines: list[str] = field(default_factory=list)
    skew: int = 0  # seconds that the node's clock is ahead of the log's time

    def node(self) -> Node:
        return Node.open(self.home, self.lines.append, tell=Silent(), now=lambda: self.hub.assembly.time + self.skew)

    def rounds(self, count: int = 1) -> list[type]:
        """Kinds of what the node said after so many rounds, opened anew."""
        node = self.node()
        try:
            for _ in range(count):
                node.round()
        finally:
            node.office.close()
        return self.said

    @property
    def said(self) -> list[type]:
        return [type(statement.read(leaf).act.body) for leaf in self.hub.statements]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Norm and study are in force, and everything is as it should be."""
    assembly = Assembly(5)
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        people = tmp_path / "people.csv"
        rows = [f"{uid},6,{uid % 4 + 1},{uid % 2 + 1}" for uid in range(200)]
        people.write_text("\n".join(["uid,wave,q42,sex", *rows, ""]))
        intake.add_source(home, "survey", people)
        intake.bind(home, "survey", BINDING, where="binding.toml")
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        assembly.adopt("study", STUDY, name=f"{STUDY.id}/{STUDY.version}")
        hub.publish(assembly.time)
        yield Scene(home, hub)


def leave_out(scene: Scene) -> None:
    """One leaf is served twice, another not at all."""
    leaves = list(scene.hub.assembly.leaves)
    leaves[3] = leaves[2]
    scene.hub.tiles(leaves)


def leave_out_and_sign(scene: Scene) -> None:
    """A shorter log, signed by the log's key, that no witness saw."""
    leaves = [*scene.hub.assembly.leaves[:3], *scene.hub.assembly.leaves[4:]]
    scene.hub.tiles(leaves)
    scene.hub.files["checkpoint"] = fork(scene.hub.assembly, leaves).encode()


def too_few(scene: Scene) -> None:
    scene.hub.publish(scene.hub.assembly.time, by=["m1", "m2", "m3"])


def behind(scene: Scene) -> None:
    scene.skew = -301


def ahead(scene: Scene) -> None:
    scene.hub.date = email.utils.formatdate(scene.hub.assembly.time, usegmt=True)
    scene.skew = 301


def broken_policy(scene: Scene) -> None:
    (scene.home / "policy.toml").write_text(POLICY + "\nunderstood = false\n")


def gone(scene: Scene) -> None:
    scene.hub.files.clear()


def test_a_sound_log_is_answered_once(scene: Scene) -> None:
    assert [ConsentGiven] == scene.rounds(3)
    assert [] == scene.lines


def test_a_node_that_is_started_again_says_the_same_bytes(scene: Scene) -> None:
    """The hub's acknowledgement was lost, and no checkpoint shows the consent yet."""
    for _ in range(3):
        scene.rounds()
    assert 1 == len(set(scene.hub.statements)) < len(scene.hub.statements)


SPOILT = [leave_out, leave_out_and_sign, too_few, behind, ahead, broken_policy, gone]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_nothing_leaves_while_something_is_wrong(scene: Scene, spoil: Callable[[Scene], None]) -> None:
    """No statement, no body, no request, no cosignature; and it is said once, not at every round."""
    scene.hub.ask()
    node = scene.node()
    spoil(scene)
    for _ in range(3):
        node.round()
    node.office.close()
    assert [] == [*scene.hub.statements, *scene.hub.bodies, *scene.hub.requests, *scene.hub.lines]
    assert len(scene.lines) == (spoil is not gone)
    assert () == desk.egress(scene.home)


def test_without_the_decisive_vote_nothing_is_asked(tmp_path: Path) -> None:
    """Adoption follows from the votes and the tick alone: two of five is no majority, whatever the hub would like."""
    assembly = Assembly(5)
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        motion = assembly.motion("study", STUDY)
        assembly.vote(motion, "yes", "m2", "m3")
        assembly.vote(motion, "no", "m4", "m5")
        assembly.decide(motion)
        hub.publish(assembly.time)
        scene = Scene(home, hub)
        assert [] == scene.rounds(2)
        assert "rejected" == assembly.state.motions[motion.index].outcome


def test_a_study_whose_norm_was_not_adopted_is_refused_by_code(tmp_path: Path) -> None:
    assembly = Assembly(5)
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        assembly.adopt("study", STUDY)
        hub.publish(assembly.time)
        assert [ConsentRefused] == Scene(home, hub).rounds()
        body = statement.read(hub.statements[0]).act.body
        assert isinstance(body, ConsentRefused)
        assert "norm.not-in-force" in [reason.code for reason in body.reasons]


def test_an_office_without_a_source_refuses_by_code(scene: Scene) -> None:
    """It says so in its own output, and an officer who comes too late reads what is left to do."""
    (scene.home / "sources.toml").unlink()
    assert [ConsentRefused] == scene.rounds()
    assert [line for line in scene.lines if "refused, and this stands for the attempt: policy.no-source" in line]
    scene.hub.publish(scene.hub.assembly.time)
    (period,) = [p.id for p in STUDY.periods]
    with pytest.raises(UsageError, match=r"found refused, leaf \d+: policy.no-source; way out: it stands") as caught:
        desk.approve(scene.home, STUDY.id, period)
    assert "revoke" not in str(caught.value)


def test_a_node_waits_for_its_officer(scene: Scene) -> None:
    """And acts as soon as the officer has answered, without being started again."""
    setup.install(scene.home, POLICY.replace("officer = false", "officer = true").encode(), where="policy.toml")
    node = scene.node()
    node.round()
    assert [] == scene.said
    (asked,) = question.every(node.office)
    it = question.asked(node.office, asked)
    given = approval.Approval(
        study=asked.study,
        period=asked.period,
        policy=node.office.policy.digest,
        binding=it.bound,
        answer="declined",
        time=1,
    )
    approval.give(scene.home, given)
    node.round()
    node.office.close()
    assert [ConsentRefused] == scene.said


def test_a_study_that_nobody_serves_is_tried_again(scene: Scene) -> None:
    name = canon.hex_of(STUDY.digest)
    body = scene.hub.files.pop(f"blobs/sha256/{name[:2]}/{name}")
    assert [] == scene.rounds()
    assert "does not serve this body" in scene.lines[0]
    scene.hub.files[f"blobs/sha256/{name[:2]}/{name}"] = body
    assert [ConsentGiven] == scene.rounds()


@pytest.mark.parametrize("text", [canon.encode(study(step=7)), b"no study at all"], ids=["kept back", "no study"])
def test_one_study_that_cannot_be_read_keeps_the_node_from_no_other(scene: Scene, text: bytes) -> None:
    assembly, name = scene.hub.assembly, canon.hex_of(canon.digest(text))
    assembly.adopt("study", text, name="OTHER/1.0.0")
    scene.hub.publish(assembly.time)
    if text != b"no study at all":
        del scene.hub.files[f"blobs/sha256/{name[:2]}/{name}"]
    assert [ConsentGiven] == scene.rounds()
    assert 1 == len(scene.lines)
    assert name in scene.lines[0]


def exchanging(scene: Scene) -> Node:
    """A node on the roster of an exchange, with its secrets on disk; and an unreadable study is in force."""
    assembly, period = scene.hub.assembly, STUDY.periods[0].id
    node = scene.node()
    node.round()
    for id in ("m2", "m3", "m4", "m5"):
        assembly.consent(id, STUDY.digest, period=period)
    assembly.adopt("study", b"no study at all", name="OTHER/1.0.0")
    at, step = assembly.time, STUDY.timing.step
    deadlines = (at + step, at + 2 * step, at + 3 * step, at + 4 * step)
    assembly.open(STUDY.digest, period=period, deadlines=deadlines)
    scene.hub.publish(assembly.time)
    node.round()
    assert {"1/root", "1/own", "1/env"} <= secrets(node)
    return node


def secrets(node: Node) -> set[str]:
    """What the vault holds of the attempt."""
    vault = node.office.vault
    assert vault is not None
    return {name for asked in vault.questions() for name in vault.memory(asked) if name.startswith("1/")}


@pytest.mark.parametrize("spoil", [broken_policy, gone, lambda scene: None], ids=["policy", "hub", "nothing"])
def test_secrets_are_forgotten_in_time_whatever_else_does_not_go(scene: Scene, spoil: Callable[[Scene], None]) -> None:
    """The time of the exchange is over."""
    node = exchanging(scene)
    spoil(scene)
    scene.skew = 5 * STUDY.timing.step
    node.round()
    assert {"1/gone"} == secrets(node)
    node.office.close()


def test_a_hub_that_never_ends_its_answer_keeps_no_secret_alive(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The round hangs in a call; another thread looks after the secrets."""
    monkeypatch.setattr(run, "STUCK", 0.0)
    node, over, stop = exchanging(scene), threading.Event(), threading.Event()
    scene.hub.before = lambda path: over.wait(30) and None
    scene.skew = 5 * STUDY.timing.step
    process = run.Process([node], stop, scene.lines.append, poll=0.05)
    process.start()
    try:
        for _ in range(100):
            if {"1/gone"} == secrets(node):
                break
            time.sleep(0.1)
        assert {"1/gone"} == secrets(node)
        assert not over.is_set()
    finally:
        stop.set()
        over.set()
        process.join()
        node.office.close()


def test_another_body_under_a_digest_is_refused(scene: Scene) -> None:
    name = canon.hex_of(STUDY.digest)
    scene.hub.files[f"blobs/sha256/{name[:2]}/{name}"] = canon.encode(study(step=1))
    assert [] == scene.rounds()
    assert "another body" in scene.lines[0]


def test_a_command_given_twice_is_one_motion(scene: Scene) -> None:
    """The time at which it closes would differ: what is in the log already is found by its thing."""
    assembly, text = scene.hub.assembly, canon.encode(study(step=9))
    first = floor.move(scene.home, "study", text, now=lambda: assembly.time)
    scene.hub.publish(assembly.time)
    again = floor.move(scene.home, "study", text, now=lambda: assembly.time + 30)
    assert first == again
    assert 1 == len(scene.hub.statements)
    assert [text, text] == scene.hub.bodies


def test_a_motion_about_the_same_thing_under_other_conditions_is_refused_and_not_taken_for_it(scene: Scene) -> None:
    assembly, text = scene.hub.assembly, canon.encode(study(step=9))
    first = floor.move(scene.home, "study", text, now=lambda: assembly.time)
    scene.hub.publish(assembly.time)
    later = assembly.time + 100_000
    with pytest.raises(UsageError) as caught:
        floor.move(scene.home, "study", text, starts=later, now=lambda: assembly.time, patience=0)
    wanted = f"motion {first.index}: this office has an open motion about the same thing; found another starts"
    assert str(caught.value).startswith(wanted)
    assert f"comity motion withdraw {first.index}" in str(caught.value)
    assert 1 == len(scene.hub.statements)
    amended = floor.move(scene.home, "study", text, starts=later, amends=first.index, now=lambda: assembly.time)
    assert (2, later) == (len(scene.hub.statements), assembly.state.motions[amended.index].starts)


def test_who_cannot_join_reads_what_is_left_to_do(scene: Scene, tmp_path: Path) -> None:
    """One that is in, and one that nobody named; and who has not acceded is not admitted by the keys that it has."""
    with pytest.raises(
        NotAdmitted, match=r"m1: this office has acceded already; found leaf \d+; way out: nothing is left"
    ):
        floor.accede(scene.home, patience=0)
    stranger = office(tmp_path / "who", scene.hub, id="who")
    with pytest.raises(NotAdmitted, match=r"who: neither the charter nor .*way out: send party.json to a member"):
        floor.accede(stranger, patience=0)
    with pytest.raises(UsageError, match=r"found nobody who acceded; .*comity motion move member party.json"):
        floor.admit(scene.home, "who")
    assert [] == scene.said
