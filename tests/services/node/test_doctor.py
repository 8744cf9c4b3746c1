"""What is wrong with a node is said by name, each in one line; what is right stays right beside it."""

import email.utils
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity import canon, dsse
from comity.adapters import durable
from comity.model.job import Silent
from comity.model.source import SPARK, Source
from comity.services.node import intake, outlook, restored, setup, sources
from comity.services.node.doctor import doctor
from comity.services.node.run import Node
from comity.services.node.sources import Entry
from tests.builders.assembly import Assembly
from tests.services.node.hub import Hub
from tests.services.node.test_follow import fork

NAMES = [
    "folder",
    "permissions",
    "configuration",
    "keys",
    "policy",
    "sources",
    "vintages",
    "secrets",
    "disk",
    "versions",
]
NAMES += ["restored", "evidence", "dates", "budget"]
NAMES += ["hub", "charter", "quorum", "clock", "membership", "consented", "deviations", "estimates", "records"]
NAMES += ["registered", "acts", "asked", "overdue", "checkpoint"]


def office(home: Path, hub: Hub, *, id: str = "m1") -> Path:
    """An office's folder with the keys that the builder gives this id, under the hub's charter."""
    setup.init(home, id=id, area="001")
    for purpose in ("sign", "officer", "witness"):
        secret = Ed25519PrivateKey.from_private_bytes(sha256(f"{id} {purpose}".encode()).digest())
        pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        durable.write(home / "keys" / purpose, pem, mode=0o600)
    setup.pin(home, hub=hub.address, charter=canon.digest(canon.encode(hub.assembly.charter)))
    return home


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(Assembly(4)) as found:
        found.publish(int(time.time()))
        yield found


def failing(home: Path) -> dict[str, str]:
    return {check.name: check.line for check in doctor(home) if not check.ok}


def test_a_sound_node_is_sound(tmp_path: Path, hub: Hub) -> None:
    checks = doctor(office(tmp_path / "office", hub))
    assert NAMES == [check.name for check in checks]
    assert [] == [check for check in checks if not check.ok]


def test_open_files_are_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    (home / "keys" / "sign").chmod(0o644)
    assert {"permissions", "keys"} == set(failing(home))


def test_a_source_whose_file_is_gone_is_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    (tmp_path / "people.csv").write_text("uid\n1\n")
    intake.add_source(home, "survey", tmp_path / "people.csv")
    assert {} == failing(home)
    (tmp_path / "people.csv").unlink()
    assert {"sources"} == set(failing(home))
    assert "comity source add FILE --id survey" in failing(home)["sources"]
    assert NAMES == [check.name for check in doctor(home)]  # dates and budget are read from other files


def test_a_folder_that_spark_reads_is_there_until_it_is_gone(tmp_path: Path, hub: Hub) -> None:
    """Spark itself is not started for it."""
    home, folder = office(tmp_path / "office", hub), tmp_path / "people"
    folder.mkdir()
    added = Source(id="survey", path=str(folder), format=SPARK, unique=False)
    sources.put(home, Entry(source=added, bindings=()))
    assert {} == failing(home)
    shutil.rmtree(folder)
    assert {"sources"} == set(failing(home))


def test_a_source_is_checked_whether_a_row_is_a_person_or_not(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    (tmp_path / "people.csv").write_text("uid,sex,answer,year\n1,F,A,1\n")
    intake.add_source(home, "survey", tmp_path / "people.csv")
    entry = sources.named(home, "survey")
    told = [one.line for one in doctor(home) if one.name == "sources"]
    assert ["1 named; not checked yet: survey"] == told
    several = replace(entry.source, unique=False, vintage=canon.digest(b"the data"))
    sources.put(home, replace(entry, source=several))
    assert ["1 named"] == [one.line for one in doctor(home) if one.name == "sources"]


def test_an_older_or_newer_folder_is_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    (home / "VERSION").write_text("comity-state/2 node\n")
    assert "newer Comity" in failing(home)["folder"]
    assert "newer Comity" in failing(home)["log"]


def test_a_broken_policy_is_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    (home / "policy.toml").write_text("allow = [")
    assert {"policy", "log"} == set(failing(home))


def test_a_hub_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        home = office(tmp_path / "office", hub)
    assert {"hub", "charter", "quorum", "membership"} <= set(failing(home))
    assert "does not answer" in failing(home)["hub"]
    assert ["not known before the log was read"] == [check.line for check in doctor(home) if check.name == "asked"]


def test_too_few_witnesses_are_named(tmp_path: Path, hub: Hub) -> None:
    hub.publish(int(time.time()), by=["m1", "m2"])
    assert {"quorum"} == set(failing(office(tmp_path / "office", hub)))


def test_a_clock_that_is_off_is_named(tmp_path: Path, hub: Hub) -> None:
    hub.date = email.utils.formatdate(time.time() + 1000, usegmt=True)
    assert {"clock"} == set(failing(office(tmp_path / "office", hub)))


def test_an_office_that_nobody_admitted_is_named(tmp_path: Path, hub: Hub) -> None:
    assert {"membership"} == set(failing(office(tmp_path / "office", hub, id="m9")))


def test_a_split_view_is_named_from_then_on(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    assembly = hub.assembly
    lines: list[str] = []
    node = Node.open(home, lines.append, tell=Silent())
    node.round()
    other = [*assembly.leaves[:-1], assembly.leaves[1]]
    hub.tiles(other)
    hub.files["checkpoint"] = fork(assembly, other).encode()
    node.round()
    node.office.close()
    hub.publish(int(time.time()))
    assert {"evidence", "charter", "quorum", "membership"} >= set(failing(home)) >= {"evidence"}
    assert 1 == len(lines)


def test_little_room_is_named(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "ROOM", 1 << 60)
    found = failing(office(tmp_path / "office", hub))
    assert {"disk"} == set(found)
    assert "make room" in found["disk"]


def test_a_policy_that_has_ended_is_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    text = (home / "policy.toml").read_text()
    (home / "policy.toml").write_text(text.replace("valid_until = 4102444800", "valid_until = 1000000000"))
    assert {"dates"} == set(failing(home))


def test_a_policy_that_ends_soon_is_told_before_it_does(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    text = (home / "policy.toml").read_text()
    (home / "policy.toml").write_text(text.replace("4102444800", str(int(time.time()) + 86400)))
    assert "soon" in {check.name: check.line for check in doctor(home)}["dates"]


def test_a_restored_folder_that_has_not_caught_up_is_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    restored.mark(home, restored.Mark(taken=1, restored=2))
    assert {"restored"} == set(failing(home))


def test_keys_that_the_log_does_not_have_are_named(tmp_path: Path, hub: Hub) -> None:
    home = office(tmp_path / "office", hub)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    durable.write(home / "keys" / "sign", pem, mode=0o600)
    found = failing(home)
    assert {"registered"} == set(found)
    assert "found sign" in found["registered"]


def test_an_act_of_a_kind_that_a_newer_version_knows_is_named(tmp_path: Path, hub: Hub) -> None:
    """It is signed and well formed, and its kind has a second version."""
    assembly = hub.assembly
    motion = assembly.motion("study", b"{}", mover="m2")
    envelope = dsse.parse(assembly.leaves[motion.index], dsse.IN_TOTO)
    newer = envelope.payload.replace(b"/motion/v1", b"/motion/v2")
    assert newer != envelope.payload
    assembly.smuggle(dsse.seal(newer, dsse.IN_TOTO, assembly.signers["m2", "sign"]))
    hub.publish(int(time.time()))
    found = failing(office(tmp_path / "office", hub))
    assert {"acts"} == set(found)
    assert f"leaf {assembly.state.size - 1}" in found["acts"]
