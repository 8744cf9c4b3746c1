"""A monitor checks what it follows, tells each leaf once in the same words, and stops at two views of one log."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from xml.etree import ElementTree

import pytest

from comity import canon
from comity.acts.motion import Motion
from comity.adapters.folder import Folder
from comity.canon import Digest
from comity.errors import ConfigError, NotVerified, QuorumShort, Unreachable
from comity.pages import words
from comity.pages.feed import TOPICS
from comity.services import monitor
from comity.services.monitor import Monitor
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, Vkey
from tests.builders.assembly import Assembly, blob
from tests.services.node.hub import Hub

ATOM = "{http://www.w3.org/2005/Atom}"


def pin(assembly: Assembly) -> Digest:
    return canon.digest(canon.encode(assembly.charter))


def ids(out: Path, topic: str) -> list[str]:
    """Leaves in a feed, the newest first."""
    return [item["id"].rpartition("-")[2] for item in json.loads((out / f"{topic}.json").read_text())["items"]]


def fork(assembly: Assembly, leaves: list[bytes]) -> bytes:
    """A checkpoint of other leaves, signed by the log's own key and cosigned by nobody."""
    text = str(Checkpoint(assembly.charter.origin, len(leaves), root([leaf_hash(leaf) for leaf in leaves])))
    signed = note.sign(text, assembly.charter.origin, assembly.signers["hub", "log"])
    return str(Note(text, (signed,))).encode()


def test_each_leaf_stands_in_the_feeds_of_its_topics(tmp_path: Path) -> None:
    assembly = Assembly(4)
    study = assembly.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    assembly.refuse("m1", study)
    assembly.smuggle(b"nonsense")
    assembly.tick()
    with Hub(assembly) as hub, Monitor(hub.address, pin(assembly), tmp_path) as following:
        hub.publish(assembly.time)
        looked = following.look()
        assert looked is not None
        assert (len(assembly.leaves), 1) == (looked.new, looked.breaches)
        assert following.look() is None
    assert [str(i) for i in reversed(range(len(assembly.leaves)))] == ids(tmp_path, "all")
    assert ["13"] == ids(tmp_path, "consents")
    assert ["14"] == ids(tmp_path, "breaches")
    assert ["12", "10", "9", "8", "7", "6"] == ids(tmp_path, "studies")
    assert ["15", "12", "11", "5"] == ids(tmp_path, "time")
    assert {f"{topic}.{kind}" for topic in TOPICS for kind in ("atom", "json")} <= {p.name for p in tmp_path.iterdir()}


def test_who_comes_back_goes_on_and_writes_the_same_as_who_never_left(tmp_path: Path) -> None:
    """Feeds follow from the leaves alone; a restart tells only what is new, and asks for no leaf twice."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        for step in range(3):
            assembly.adopt("norm", b"%d" % step, name=f"trust/{step}")
            hub.publish(assembly.time)
            with Monitor(hub.address, pin(assembly), tmp_path / "back") as following:
                looked = following.look()
                assert looked is not None
                assert (12 if step == 0 else 7) + (1 if step == 0 else 0) == looked.new
        with Monitor(hub.address, pin(assembly), tmp_path / "new") as following:
            following.look()
    for topic in TOPICS:
        for kind in ("atom", "json"):
            assert (tmp_path / "new" / f"{topic}.{kind}").read_bytes() == (
                tmp_path / "back" / f"{topic}.{kind}"
            ).read_bytes()


@pytest.mark.parametrize("more", [0, 1, 3], ids=["same size", "one more", "three more"])
def test_a_split_view_is_kept_and_nothing_more_is_written(tmp_path: Path, more: int) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub, Monitor(hub.address, pin(assembly), tmp_path) as following:
        hub.publish(assembly.time)
        following.look()
        before = (tmp_path / "all.atom").read_bytes()
        other = [*assembly.leaves[:-1], *assembly.leaves[1 : 2 + more]]
        hub.tiles(other)
        hub.files["checkpoint"] = fork(assembly, other)
        with pytest.raises(NotVerified):
            monitor.run(following, every=1, stop=Event(), say=lambda line: None)
        assert following.split
        assert before == (tmp_path / "all.atom").read_bytes()
        log = Vkey(assembly.charter.origin, assembly.signers["hub", "log"].public)
        Evidence.parse((tmp_path / "split-view.evidence").read_bytes()).verify(log)
        hub.publish(assembly.time + 1)
        with pytest.raises(NotVerified, match="two views"):
            Monitor(hub.address, pin(assembly), tmp_path)


def looked_at(assembly: Assembly, out: Path, url: str = "") -> str:
    """Where the log was read that a monitor has followed once."""
    with Hub(assembly) as hub, Monitor(hub.address, pin(assembly), out, url=url) as following:
        hub.publish(assembly.time)
        looked = following.look()
        assert looked is not None
        assert len(assembly.leaves) == looked.new
        return str(hub.address)


def text_of(out: Path, leaf: int) -> str:
    items = json.loads((out / "all.json").read_text())["items"]
    return str(next(item for item in items if item["id"].endswith(f"#leaf-{leaf}"))["content_text"])


@pytest.mark.parametrize("seconds", [2**53 - 1, 253_402_300_800])
def test_a_motion_that_closes_after_the_end_of_the_calendar_stops_no_feed(tmp_path: Path, seconds: int) -> None:
    """It has no effect, and a host may log it all the same."""
    assembly = Assembly(4)
    body = Motion(matter="norm", thing=blob(b"{}"), name="trust/1.0.0", replaces=None, closes=seconds)
    leaf = assembly.leaf("m1", body)
    index = assembly.ref_of(leaf).index
    assert ["motion.too-far"] == [reason.code for reason in assembly.smuggle(leaf)]
    assembly.tick()
    looked_at(assembly, tmp_path)
    assert f"votes count until second {seconds} after 1970" in text_of(tmp_path, index)


@pytest.mark.parametrize("room", ["accounts.ACCOUNTS", "outcomes.OUTCOMES"])
def test_a_leaf_that_cannot_be_told_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str) -> None:
    """Whatever of ours it trips: the leaves around it, and whether it has effect, are told as ever."""

    def trip(*given: object) -> None:
        raise RuntimeError

    def tripping(*given: object) -> Iterator[None]:
        raise RuntimeError
        yield

    name, _, table = room.partition(".")
    module = importlib.import_module(f"comity.assembly.{name}")
    fails = trip if name == "accounts" else tripping
    monkeypatch.setattr(module, table, {**getattr(module, table), Motion: fails})
    assembly = Assembly(4)
    motion = assembly.motion("norm", b"{}", name="trust/1.0.0")
    assembly.smuggle(b"nonsense")
    looked_at(assembly, tmp_path)
    assert text_of(tmp_path, motion.index).startswith(f"Leaf {motion.index} is in the log, but these words fail")
    assert [str(leaf) for leaf in reversed(range(len(assembly.leaves)))] == ids(tmp_path, "all")
    assert [str(motion.index + 1)] == ids(tmp_path, "breaches")


def test_words_that_fail_stop_no_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts are there, the sentence is not."""
    monkeypatch.setattr(words, "EN", {key: text for key, text in words.EN.items() if key != "leaf.motion.thing"})
    assembly = Assembly(4)
    motion = assembly.motion("norm", b"{}", name="trust/1.0.0")
    looked_at(assembly, tmp_path)
    assert text_of(tmp_path, motion.index).startswith(f"Leaf {motion.index} is in the log, but these words fail")
    assert [str(motion.index)] == ids(tmp_path, "norms")


@pytest.mark.parametrize("name", ["<b>x</b>", "a & b &amp; c", "]]>", "<![CDATA[x]]>", "\" onload='x'", "\u202egpj"])
def test_a_name_stays_text_in_every_feed(tmp_path: Path, name: str) -> None:
    """Read back by parsers of others it is what was moved, and no mark-up; what turns a line is shown as a sign."""
    assembly = Assembly(4)
    motion = assembly.motion("norm", b"{}", name=name)
    looked_at(assembly, tmp_path)
    told = f"m1 moves the norm {name}".replace("\u202e", "\\u202e")
    root = ElementTree.parse(tmp_path / "norms.atom").getroot()
    (entry,) = root.findall(f"{ATOM}entry")
    assert [told] == [node.text for node in entry.findall(f"{ATOM}title")]
    assert {f"{ATOM}{tag}" for tag in ("id", "title", "updated", "category", "content")} == {node.tag for node in entry}
    assert [told] == [item["title"] for item in json.loads((tmp_path / "norms.json").read_text())["items"]]
    assert motion.index == 6


def test_a_feed_without_entries_is_as_old_as_the_log(tmp_path: Path) -> None:
    """Not as the epoch: readers would show it as of 1970. It stays the same while nothing happens in it."""
    assembly = Assembly(4)
    looked_at(assembly, tmp_path)
    first = (tmp_path / "releases.atom").read_bytes()
    assert b"<updated>2023-11-14T22:13:20Z</updated>" in first
    looked_at(assembly, tmp_path / "again")
    assert b"<updated>2023-11-14T22:13:20Z</updated>" in (tmp_path / "again" / "releases.atom").read_bytes()


def test_a_feed_names_the_log_and_where_it_is_served_itself(tmp_path: Path) -> None:
    assembly = Assembly(4)
    address = looked_at(assembly, tmp_path, url="https://feeds.example.org/log/")
    found = json.loads((tmp_path / "norms.json").read_text())
    assert address == found["home_page_url"]
    assert "https://feeds.example.org/log/norms.json" == found["feed_url"]
    links = ElementTree.parse(tmp_path / "norms.atom").getroot().findall(f"{ATOM}link")
    assert {"self": "https://feeds.example.org/log/norms.atom", "alternate": address} == {
        link.get("rel"): link.get("href") for link in links
    }


def test_what_the_quorum_did_not_see_is_not_told(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub, Monitor(hub.address, pin(assembly), tmp_path) as following:
        with pytest.raises(Unreachable):
            following.look()
        hub.publish(assembly.time, by=["m1", "m2"])
        with pytest.raises(QuorumShort):
            following.look()
        assert not (tmp_path / "all.atom").exists()
        hub.publish(assembly.time)
        assert following.look() is not None
        assert ["5", "4", "3", "2", "1", "0"] == ids(tmp_path, "all")  # each once, though they were read twice


def test_a_log_that_shrank_is_refused_after_a_restart_too(tmp_path: Path) -> None:
    assembly = Assembly(4)
    old = assembly.cosigned(assembly.time)
    assembly.tick()
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        with Monitor(hub.address, pin(assembly), tmp_path) as following:
            following.look()
        hub.files["checkpoint"] = old.encode()
        with Monitor(hub.address, pin(assembly), tmp_path) as following, pytest.raises(NotVerified, match="shrank"):
            following.look()


def test_a_failure_that_proves_nothing_is_said_and_tried_again(tmp_path: Path) -> None:
    assembly, stop = Assembly(4), Event()
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        hub.publish(assembly.time)
        if len(lines) == 2:
            stop.set()

    with Hub(assembly) as hub, Monitor(hub.address, pin(assembly), tmp_path) as following:
        monitor.run(following, every=0.01, stop=stop, say=say)
    assert lines[0].startswith("world.unreachable: ")
    assert "6 leaves, 6 new" == lines[1]


def test_the_command_looks_on_until_it_is_told_to_end(tmp_path: Path) -> None:
    """SIGTERM ends it with yes; what it wrote is whole."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        words = [
            "log",
            "monitor",
            "--hub",
            hub.address,
            "--charter",
            pin(assembly),
            "--out",
            str(tmp_path),
            "--every",
            "1",
        ]
        process = subprocess.Popen([sys.executable, "-m", "comity", *words], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert "6 leaves, 6 new\n" == process.stdout.readline()
        assembly.tick()
        hub.publish(assembly.time)
        assert "7 leaves, 1 new\n" == process.stdout.readline()
        process.terminate()
        assert 0 == process.wait(10)
    assert [str(i) for i in reversed(range(7))] == ids(tmp_path, "all")


def test_a_folder_that_is_a_services_own_is_left_alone(tmp_path: Path) -> None:
    """Feeds in an office's state folder would be taken for its own, or served with it."""
    Folder.create(tmp_path / "mirror", "mirror")
    before = sorted(tmp_path.rglob("*"))
    assert "keys" not in [path.name for path in before]
    with pytest.raises(ConfigError, match="a service keeps its state in this folder"):
        Monitor("http://127.0.0.1:1", None, tmp_path / "mirror")
    assert before == sorted(tmp_path.rglob("*"))
