"""A mirror copies what was published, whatever somebody published beside it."""

from pathlib import Path

import pytest

from comity import canon
from comity.acts.charter import Succession
from comity.acts.release import ReleasePublished
from comity.adapters.client import Client
from comity.assembly import witnesses
from comity.errors import NotVerified, QuorumShort
from comity.model.member import HUB
from comity.model.release import Release
from comity.services.mirror.copy import Copy, Pinned
from comity.stages.publish import folder
from comity.tlog import beside
from comity.tlog.note import Note, SignatureLine, sign
from tests.builders.assembly import FIGURES, Assembly, blob, host_of, host_signer
from tests.builders.release import made
from tests.services.node.hub import Hub
from tests.services.node.test_follow import fork

EVIL = {
    "no record": lambda record: b"not a record",
    "a path out of the folder": lambda record: canon.encode(
        {**canon.plain(record), "files": [{"path": "../../../stolen", "digest": canon.digest(b"evil"), "size": 4}]}
    ),
    "a digest that is none": lambda record: canon.encode(
        {**canon.plain(record), "files": [{"path": "a.csv", "digest": "nonsense", "size": 4}]}
    ),
}


@pytest.mark.parametrize("evil", EVIL)
def test_a_false_record_keeps_nothing_else_from_being_copied(tmp_path: Path, evil: str) -> None:
    source = made("evil")
    true = source.files[folder.RELEASE]
    false, inputs = EVIL[evil](true), canon.decode(true, Release).inputs
    assembly, state, leaves = source.assembly, source.assembly.state, list(source.assembly.leaves)
    assembly.say(HUB, ReleasePublished(release=blob(false), figures=FIGURES, inputs=inputs, replaces=None, reason=None))
    public = tmp_path / "a" / "public"
    try:
        with Hub(assembly) as hub:
            hub.publish(0, text=assembly.cosigned(source.world.now + 40))
            for body in [*source.files.values(), false, b"evil"]:
                name = canon.hex_of(canon.digest(body))
                hub.files[f"blobs/sha256/{name[:2]}/{name}"] = body
            with Client(hub.address) as client:
                assert Copy(public.parent, client).once()
    finally:
        assembly.state, assembly.leaves = state, leaves
    (shown,) = (public / "releases").iterdir()
    assert true == (shown / folder.RELEASE).read_bytes()
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize("more", [0, 1], ids=["same size", "longer"])
def test_another_log_under_the_same_key_is_not_copied(tmp_path: Path, more: int) -> None:
    """The checkpoint that is served stays the one whose leaves are here."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        true = hub.files["checkpoint"]
        copy = Copy(tmp_path, client)
        assert copy.once()
        other = [*assembly.leaves[:-1], *assembly.leaves[1 : 2 + more]]
        hub.tiles(other)
        hub.files["checkpoint"] = fork(assembly, other).encode()
        with pytest.raises(NotVerified):
            copy.once()
        assert true == (tmp_path / "public" / "checkpoint").read_bytes()


def test_leaves_that_nobody_signed_are_not_taken_for_the_logs(tmp_path: Path) -> None:
    """Somebody between mirror and hub makes them up; when it is gone, the mirror goes on as if it had never been."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        copy = Copy(tmp_path, client)
        assert copy.once()
        other = [*assembly.leaves, b"made up", b"made up too"]
        hub.tiles(other)
        signed = Note.parse(fork(assembly, other))
        hub.files["checkpoint"] = str(Note(signed.text, Note.parse(assembly.cosigned(1)).signatures)).encode()
        with pytest.raises(NotVerified, match="not signed"):
            copy.once()
        assembly.tick()
        hub.publish(assembly.time)
        assert copy.once()
        assert len(assembly.leaves) == copy.size


def test_a_body_that_is_not_what_its_name_says_is_refused_with_its_file(tmp_path: Path) -> None:
    """The checkpoint waits; once the body is true, the copy goes on."""
    assembly = Assembly(4)
    assembly.adopt("study", b"{}")
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        (name,) = (name for name, body in hub.files.items() if body == b"{}")
        hub.files[name] = b"[]"
        copy = Copy(tmp_path, client)
        with pytest.raises(NotVerified, match=f"{name}: a body is not what its name says"):
            copy.once()
        assert not (tmp_path / "public" / name).exists()
        assert not (tmp_path / "public" / "checkpoint").exists()
        hub.files[name] = b"{}"
        assert copy.once()
        assert b"{}" == (tmp_path / "public" / name).read_bytes()


@pytest.mark.parametrize("cache", ["kept", "removed", "torn", "of another copy"])
def test_bodies_that_come_late_are_copied_after_a_restart(tmp_path: Path, cache: str) -> None:
    """By `wanted.json`, or by reading every leaf again: it is a cache."""
    assembly = Assembly(4)
    assembly.adopt("study", b"{}")
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        bodies = {name: body for name, body in hub.files.items() if name.startswith("blobs/")}
        for name in bodies:
            del hub.files[name]
        copy = Copy(tmp_path, client)
        assert copy.once()
        assert len(bodies) == copy.missing > 0
        wanted = tmp_path / "wanted.json"
        match cache:
            case "removed":
                wanted.unlink()
            case "torn":
                wanted.write_bytes(wanted.read_bytes()[:-9])
            case "of another copy":
                wanted.write_bytes(b'{"missing":[],"records":[],"size":999}')
        hub.files |= bodies
        again = Copy(tmp_path, client)
        again.once()
        assert 0 == again.missing
        assert bodies == {name: (tmp_path / "public" / name).read_bytes() for name in bodies}


def test_bodies_of_an_exchange_are_asked_for_by_its_view_alone(tmp_path: Path) -> None:
    """Boxes and a drop-out's vector never become files, so nobody asks for what members' statements name."""
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    ran = assembly.run(study)
    exchange = assembly.state.exchanges[ran.index]
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        named = {canon.hex_of(said.body.digest) for said in exchange.answers.values()}
        Copy(tmp_path, client).once()
        asked = {path.rpartition("/")[2] for _, path, _ in hub.asked}
    assert named
    assert not named & asked


def served(home: Path) -> bytes:
    return (home / "public" / "checkpoint").read_bytes()


def falsified(good: bytes, how: str) -> bytes:
    """The same checkpoint with a false line of a witness more, or with none but the log's."""
    note = Note.parse(good)
    if how == "bare":
        return str(Note(note.text, note.signatures[:1])).encode()
    line = note.signatures[1]
    return str(Note(note.text, (*note.signatures, SignatureLine(line.name, line.id, bytes(72))))).encode()


@pytest.mark.parametrize("how", ["bare", "false line"])
def test_a_falsified_head_is_never_served_under_a_policy(tmp_path: Path, how: str) -> None:
    """Neither first nor in the place of a good one; nothing of it is copied."""
    assembly = Assembly(4)
    pinned = Pinned(policy=witnesses.policy(assembly.state))
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        good = hub.files["checkpoint"]
        hub.files["checkpoint"] = falsified(good, how)
        copy = Copy(tmp_path, client, pinned)
        with pytest.raises((NotVerified, QuorumShort)):
            copy.once()
        assert [] == list((tmp_path / "public").rglob("entries"))
        hub.files["checkpoint"] = good
        assert copy.once()
        hub.files["checkpoint"] = falsified(good, how)
        for again in (copy, Copy(tmp_path, client, pinned)):
            with pytest.raises((NotVerified, QuorumShort)):
                again.once()
        assert good == served(tmp_path)


@pytest.mark.parametrize("how", ["bare", "false line"])
def test_without_a_policy_a_falsified_head_is_served_no_longer_than_the_source_shows_it(
    tmp_path: Path, how: str
) -> None:
    """At the same size, in the same process and in the next: whoever reads it refuses it, and then no more."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        good = hub.files["checkpoint"]
        copy = Copy(tmp_path, client)
        for begin in (lambda: copy, lambda: Copy(tmp_path, client)):
            hub.files["checkpoint"] = falsified(good, how)
            begin().once()
            hub.files["checkpoint"] = good
            begin().once()
            assert good == served(tmp_path)


def test_a_fork_that_nobody_cosigned_does_not_block_the_true_log_under_a_policy(tmp_path: Path) -> None:
    """It was shown first, under the log's own signature."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        other = [*assembly.leaves[:-1], *assembly.leaves[1:4]]
        hub.tiles(other)
        hub.files["checkpoint"] = fork(assembly, other).encode()
        copy = Copy(tmp_path, client, Pinned(policy=witnesses.policy(assembly.state)))
        with pytest.raises(QuorumShort):
            copy.once()
        assembly.tick()
        hub.files.clear()
        hub.publish(assembly.time)
        assert copy.once()
        assert hub.files["checkpoint"] == served(tmp_path)


def test_a_fork_is_proven_even_if_nobody_cosigned_it(tmp_path: Path) -> None:
    """The log's key convicts itself; no policy keeps the proof from being made."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        copy = Copy(tmp_path, client, Pinned(policy=witnesses.policy(assembly.state)))
        copy.once()
        other = [*assembly.leaves[:-1], *assembly.leaves[1:4]]
        hub.tiles(other)
        hub.files["checkpoint"] = fork(assembly, other).encode()
        with pytest.raises(NotVerified, match="two views that cannot both be true"):
            copy.once()
    assert (tmp_path / "split-view.evidence").is_file()


def test_lines_of_the_side_file_count_under_the_pinned_policy(tmp_path: Path) -> None:
    """Those of ML-DSA keys stand nowhere else; a side file that is none is refused."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        note = Note.parse(hub.files["checkpoint"])
        hub.files["checkpoint"] = str(Note(note.text, note.signatures[:2])).encode()
        name = beside.path(len(assembly.leaves))
        hub.files[name] = b"rubbish\n"
        copy = Copy(tmp_path, client, Pinned(policy=witnesses.policy(assembly.state)))
        with pytest.raises(NotVerified, match=f"{name}: not a file of this log"):
            copy.once()
        hub.files[name] = beside.text(note.signatures[2:]).encode()
        assert copy.once()


def test_a_log_that_goes_to_another_hub_is_copied_on(tmp_path: Path) -> None:
    """The copy names one source; what it serves goes on, also after it was started again."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        assert Copy(tmp_path, client).once()
        assembly.move()
        assembly.tick()
        hub.publish(assembly.time + 1)
        copy = Copy(tmp_path, client)
        assert copy.once()
        assembly.tick()
        hub.publish(assembly.time + 1)
        assert Copy(tmp_path, client).once()
        assert hub.files["checkpoint"] == (tmp_path / "public" / "checkpoint").read_bytes()


@pytest.mark.parametrize("forged", ["name alone", "a hub of its own", "behind the old log's end"])
def test_another_log_does_not_pass_for_this_one_under_a_new_name(tmp_path: Path, forged: str) -> None:
    assembly = Assembly(4)
    host = host_of("second")
    motion = assembly.choose(host)
    other = assembly.copied()
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        true = hub.files["checkpoint"]
        copy = Copy(tmp_path, client)
        assert copy.once()
        if forged == "name alone":
            assembly.tick()
        elif forged == "a hub of its own":
            stranger = host_of("third")
            body = Succession(motion=motion, final=assembly.cosigned(assembly.time))
            assembly.smuggle(assembly.leaf(HUB, body, by=host_signer(stranger, "sign")))
        else:
            final = other.cosigned(other.time)
            assembly.tick()
            body = Succession(motion=motion, final=final)
            assembly.smuggle(assembly.leaf(HUB, body, by=host_signer(host, "sign")))
        hub.tiles()
        text = str(assembly.checkpoint()).replace("example.org/assembly", host.origin)
        note = Note(text, (sign(text, host.origin, host_signer(host, "log")),))
        hub.files["checkpoint"] = str(note).encode()
        with pytest.raises(NotVerified):
            copy.once()
        assert true == (tmp_path / "public" / "checkpoint").read_bytes()
