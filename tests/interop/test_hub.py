"""What our hub writes, in the hands of programs of others: the very commands that `release prove --twin` prints."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters.witness import OutsideWitness
from comity.assembly import witnesses
from comity.errors import Unreachable
from comity.services.hub.outside import Asking, Outside
from comity.tlog import beside
from comity.tlog.note import Note, Vkey
from comity.tlog.quorum import Log, Policy, Quorum, Witness
from tests.builders.assembly import Assembly
from tests.builders.twin import TwinHub
from tests.interop.conftest import Litewitness, Programs, Served


def prove(served: Served, twin: str, release: int, out: Path) -> str:
    """The command that `release prove` prints, after it has written the folder."""
    words = ["release", "prove", str(release), "--twin", twin, "--out", str(out)]
    command = [sys.executable, "-m", "comity", *words, "--hub", served.address, "--charter", served.charter]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert 0 == done.returncode, done.stderr
    folder, printed = done.stdout.splitlines()[-2:]
    assert f"cd {out}" == folder
    return printed


def carry_out(programs: Programs, command: str, out: Path) -> tuple[int, str]:
    """A printed command in its folder, the program taken from Debian's package."""
    name, *words = shlex.split(command)
    stdin = b""
    if "<" in words:
        *words, _, file = words
        stdin = (out / file).read_bytes()
    return programs.run(name, *words, stdin=stdin, at=out)


@pytest.mark.parametrize(("twin", "place"), [("sigsum", 0), ("spicy", 2)])
def test_the_printed_command_accepts_the_release(
    programs: Programs, served: Served, tmp_path: Path, twin: str, place: int
) -> None:
    out = tmp_path / "twin"
    command = prove(served, twin, served.releases[place], out)

    status, said = carry_out(programs, command, out)

    assert 0 == status, said


@pytest.mark.parametrize(("twin", "file"), [("sigsum", "release.json"), ("spicy", "leaf-{}.json")])
def test_the_printed_command_refuses_a_changed_file(
    programs: Programs, served: Served, tmp_path: Path, twin: str, file: str
) -> None:
    out = tmp_path / "twin"
    command = prove(served, twin, served.releases[1], out)
    path = out / file.format(served.releases[1])
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))

    assert 0 != carry_out(programs, command, out)[0]


def test_the_file_is_the_published_record_and_policy_and_key_are_the_hubs_static_files(
    programs: Programs, served: Served, tmp_path: Path
) -> None:
    """So a reader may take the two from the hub once, and check what anybody hands out later."""
    prove(served, "sigsum", served.releases[1], tmp_path / "twin")

    assert served.records[1] == (tmp_path / "twin" / "release.json").read_bytes()
    for name in ("policy", "hub.pub"):
        assert (served.hub.public / "sigsum" / name).read_bytes() == (tmp_path / "twin" / name).read_bytes()


def test_sigsum_key_reads_the_keys_of_the_hubs_policy(programs: Programs, served: Served, tmp_path: Path) -> None:
    """The log's and the witnesses' verifier keys, as the static file `policy` names them."""
    rows = (served.hub.public / "policy").read_text().splitlines()
    keys = [word for row in rows for word in row.split() if "+" in word]

    assert 5 == len(keys)
    for key in keys:
        (tmp_path / "vkey").write_text(f"{key}\n")
        assert programs.must("sigsum-key", "from-vkey", "-k", tmp_path / "vkey").startswith("ssh-ed25519 ")


def test_litewitness_is_asked_as_an_outside_witness_of_the_hub(litewitness: Litewitness, tmp_path: Path) -> None:
    """Through our own client, head by head; its line stands in the side file, for a reader's own policy."""
    assembly = Assembly(4)
    hub = TwinHub(tmp_path / "hub", assembly, outside=(litewitness.vkey,))
    name = litewitness.vkey.name
    log = Vkey.parse(witnesses.log_vkey(assembly.charter))
    policy = Policy((Log(log),), Quorum((Witness(name, litewitness.vkey),), (), name))
    outside = Outside(litewitness.address, (litewitness.vkey,))
    asking = Asking(hub.sequencer, outside, OutsideWitness(litewitness.address), print)
    hub.take()
    with pytest.raises(Unreachable, match="404"):
        asking.once()
    litewitness.know(log)

    for _ in range(3):
        assert asking.once()
        hub.sequencer.settle()
        note = Note.parse((hub.public / "checkpoint").read_bytes())
        size = int(note.text.split("\n")[1])
        lines = beside.parse((hub.public / beside.path(size)).read_bytes())
        assert (litewitness.vkey.name,) == policy.check(beside.joined(note, lines, policy.quorum)).names
        assembly.tick()
        hub.take()
    hub.close()
