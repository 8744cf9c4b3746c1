"""Bad input, each kind by the real command: one clear line, the exit code of its family, and nothing half-written.

The line says what, where, what was found, what was wanted, and the way out. A log is real and served over a socket;
where the disk is full or a service must run, the command is a process of its own.
"""

import contextlib
import email.utils
import io
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity import canon
from comity.acts import statement
from comity.acts.charter import Accession
from comity.acts.motion import Vote
from comity.acts.refs import Head, Ref
from comity.acts.statement import LIMIT, Act, sign
from comity.adapters.database import Database
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.assembly import witnesses
from comity.cli.main import run
from comity.services.node import follow, intake, setup
from comity.stages.publish import folder
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.offices import BINDING, POLICY, Offices, study
from tests.builders.ports import free_address
from tests.builders.release import made
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office

PEOPLE = "uid,wave,q42,sex\n" + "".join(f"{uid},6,{uid % 4 + 1},{uid % 2 + 1}\n" for uid in range(40))
BROKEN = 'version = "1\nallow = ['


@dataclass
class Place:
    """A folder with an office, m1, the texts that it needs, and a hub that serves a log with an open motion."""

    path: Path
    hub: Hub
    motion: Ref
    lines: list[str] = field(default_factory=list)

    def write(self, name: str, data: bytes | str) -> str:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return name

    def tree(self) -> dict[str, bytes]:
        """Every file but the lock and the databases, which are made when they are first opened."""
        files = (p for p in self.path.rglob("*") if p.is_file() and ".db" not in p.name and p.name != "lock")
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in files}

    def bad(self, words: str, exit_code: int, code: str, *said: str) -> str:
        """The line of a command that must fail; nothing was changed."""
        before = self.tree()
        found, out, err = give(*words.split())
        self.holds(err, found, exit_code, code, *said)
        assert before == self.tree()
        return out

    def holds(self, err: str, found: int, exit_code: int, code: str, *said: str) -> None:
        *progress, line = err.splitlines()
        assert [] == [other for other in progress if not other.startswith("comity: reading ")], err
        assert (exit_code, True) == (found, line.startswith(f"comity: {code}: ")), line
        assert [] == [part for part in said if part not in line], line
        assert line.isprintable()

    def vote(self, home: str = "office") -> str:
        return f"vote cast {self.motion.index} yes --home {home}"


def give(*words: str) -> tuple[int, str, str]:
    """Exit code and what was printed, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(words))
    return code, out.getvalue(), err.getvalue()


def confined(size: int, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that can write no file larger than this."""
    code = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    code += f"from comity.cli.main import main; sys.argv = ['comity', *{list(words)!r}]; main()"
    return subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    follow._states.clear()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        place = Place(tmp_path, hub, assembly.motion("study", study()))
        hub.publish(assembly.time)
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        for name, data in {"policy.toml": POLICY, "binding.toml": BINDING, "people.csv": PEOPLE}.items():
            place.write(name, data)
        for name, text in sample.FILES.items():
            place.write(f"norm/{name}", text)
        place.write("norm.json", canon.encode(sample.norm()))
        intake.add_source(home, "survey", tmp_path / "people.csv")
        intake.bind(home, "survey", BINDING, where="binding.toml")
        yield place


# TOML


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ("policy install bad.toml --home office", 2, "config.bad"),
        ("source bind bad.toml --home office", 2, "config.bad"),
        ("study pack bad.toml --norm norm.json --out study.json", 3, "format.bad"),
        ("charter draft bad.toml --hub h --convenor a --party p --witness a --out charter.json", 3, "format.bad"),
    ],
)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BROKEN.encode(), ("bad.toml", "line 1", "wanted TOML", "way out: correct the line")),
        (b'version = "\xe9"', ("bad.toml", "UTF-8", "byte 0xe9")),
        (b"[tool.ruff]\nline-length = 120\n", ("bad.toml", "missing required field", "wanted")),
    ],
    ids=["broken", "not UTF-8", "foreign"],
)
def test_a_text_that_is_no_toml_or_anothers(
    place: Place, words: str, exit_code: int, code: str, data: bytes, said: tuple[str, ...]
) -> None:
    place.write("bad.toml", data)
    if "UTF-8" in said and "bind" in words:
        exit_code, code = 3, "format.bad"  # no text at all is bad input, whatever it was to configure
    place.bad(words, exit_code, code, *said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BROKEN, ("line 1", "wanted TOML", "way out: correct the line")),
        ('[hub]\nlisten = "127.0.0.1:8600"\n', ("found [hub]", "wanted [node] alone", "way out: ")),
        ("", ("found an empty file", "wanted [node] alone")),
        ('[node]\nid = "m1"\narea = "001"\nhub = ""\ncharter = ""\nconsole = ""\nseed = 1\n', ("unknown field seed",)),
        ('[node]\nid = "m1"\narea = "001"\nhub = "ftp://x"\ncharter = ""\nconsole = ""\n', ("hub", "wanted http://")),
        ('[node]\nid = "m1"\narea = "one"\nhub = ""\ncharter = ""\nconsole = ""\n', ("no charter is pinned",)),
    ],
    ids=["broken", "foreign", "empty", "unknown field", "no address", "not pinned"],
)
@pytest.mark.parametrize("command", ["node run", "consent list"])
def test_a_configuration_that_is_not_understood(place: Place, text: str, said: tuple[str, ...], command: str) -> None:
    place.write("office/comity.toml", text.replace('charter = ""', f'charter = "{canon.digest(b"")}"', "ftp" in text))
    place.bad(f"{command} --home office", 2, "config.bad", "office/comity.toml", *said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("officer = false", "officer = false\nbackdoor = true", ("unknown field backdoor", "valid_from", "officer")),
        ("threshold = 5", "threshold = 5\nhide = 1", ("unknown field national.hide",)),
        ('method = "table"', 'method = "table"\nnoise = 0', ("unknown field allow.0.noise",)),
        ("rate = 100", "rate = 99", ("sealed.rate", "wanted 100 or more")),
        ("rate = 100", 'rate = "100"', ("sealed.rate", "int")),
        ("witnesses = 0", "", ("witnesses",)),
    ],
)
def test_a_policy_with_an_unknown_missing_or_impossible_field(
    place: Place, old: str, new: str, said: tuple[str, ...]
) -> None:
    """Nothing is guessed, and the policy that was there stays."""
    place.write("new.toml", POLICY.replace(old, new))
    place.bad(
        "policy install new.toml --home office", 2, "config.bad", "new.toml", "way out: see docs/policy.md", *said
    )
    assert POLICY.encode() == (place.path / "office/policy.toml").read_bytes()
    place.write("office/policy.toml", POLICY.replace(old, new))
    place.bad("node run --home office", 2, "config.bad", "policy.toml", *said)


@pytest.mark.parametrize("name", ["a/b", "../../out", "nul\\u0000l", "x" * 300, ".hidden", ""])
def test_a_binding_whose_name_is_none_for_a_file(place: Place, name: str) -> None:
    place.write("b.toml", BINDING.replace('id = "home"', f'id = "{name}"'))
    place.bad("source bind b.toml --home office", 2, "config.bad", "b.toml: id", "letters, digits, dots and dashes")


# National data


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("column.csv", PEOPLE.replace("q42", "q41"), ("no column q42", "found uid, wave, q41, sex", "way out: ")),
        ("code.csv", PEOPLE + "99,6,77,2\n", ("outside the list", "Q1 '77' (1 rows)", "way out: ")),
        ("cut.csv", PEOPLE + "100,6\n", ("not readable as csv", "Line: 42", "way out: ")),
        ("empty.csv", "uid,wave,q42,sex\n", ("no rows", "wanted at least one row")),
        ("same.csv", PEOPLE.replace("q42", "uid", 1), ("a column has no name of its own", "uid twice")),
        ("nothing.csv", "", ("file is empty",)),
    ],
)
def test_a_source_that_does_not_fit(place: Place, name: str, data: str, said: tuple[str, ...]) -> None:
    """A missing column, a code outside the list, a line cut short."""
    place.write(name, data)
    for words in (f"source add {name} --id new --home office", "source bind binding.toml --id new --home office"):
        assert 0 == give(*words.split())[0]
    check = "source check --norm norm.json --id new --home office"
    if name == "code.csv":  # that a row is a person was found, and stays found
        assert 3 == give(*check.split())[0]
    place.bad(check, 3, "source.bad", "new", *said)


def parquet() -> bytes:
    columns = {name: pa.array([value] * 5000) for name, value in {"wave": 6, "q42": 1, "sex": 2}.items()}
    out = io.BytesIO()
    pq.write_table(pa.table({"uid": pa.array(range(5000)), **columns}), out)
    return out.getvalue()


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_a_parquet_file_that_was_cut(place: Place, kept: float) -> None:
    """When it is named; and when it was whole then, and is cut when it is read."""
    whole = parquet()
    cut = whole[: int(len(whole) * kept)]
    place.write("cut.parquet", cut)
    place.bad("source add cut.parquet --id cut --home office", 3, "source.bad", "cut.parquet", "PAR1", "way out: ")
    place.write("cut.parquet", whole)
    for words in ("source add cut.parquet --id cut --home office", "source bind binding.toml --id cut --home office"):
        assert 0 == give(*words.split())[0]
    place.write("cut.parquet", cut)
    place.bad("source check --norm norm.json --id cut --home office", 3, "source.bad", "cut")


def test_a_parquet_file_that_is_damaged_inside(place: Place) -> None:
    whole = bytearray(parquet())
    whole[len(whole) // 4 : len(whole) // 4 + 300] = bytes(300)
    place.write("bad.parquet", bytes(whole))
    for words in ("source add bad.parquet --id bad --home office", "source bind binding.toml --id bad --home office"):
        assert 0 == give(*words.split())[0]
    place.bad("source check --norm norm.json --id bad --home office", 3, "source.bad", "bad", "not readable as parquet")


# Keys


def test_a_key_that_is_another_offices(place: Place) -> None:
    """It signs, and the log's rules refuse it; what was said before and after is not changed by it."""
    key = place.path / "office/keys/sign"
    mine, other = key.read_bytes(), office(place.path / "other", place.hub, id="m2") / "keys/sign"
    key.write_bytes(other.read_bytes())
    place.bad(place.vote(), 1, "act.not-admitted", "statements", "act.signer: The signer is not who may say this")
    size = place.hub.assembly.state.size
    key.write_bytes(mine)
    assert 0 == give(*place.vote().split())[0]
    assert size + 1 == place.hub.assembly.state.size


@pytest.mark.parametrize(
    ("data", "mode", "said"),
    [
        (b"garbage", 0o600, ("not an Ed25519 secret key", "found b'garbage'", "way out: restore")),
        (b"", 0o600, ("not an Ed25519 secret key",)),
        (None, 0o600, ("no sign key", "way out: restore keys/ from its backup")),
        (b"garbage", 0o644, ("others may read this key", "found 0o644", "wanted 0o600", "way out: chmod 600")),
    ],
)
def test_a_key_file_that_cannot_be_used(place: Place, data: bytes | None, mode: int, said: tuple[str, ...]) -> None:
    key = place.path / "office/keys/sign"
    key.unlink() if data is None else key.write_bytes(data)
    if data is not None:
        key.chmod(mode)
    place.bad(place.vote(), 2, "config.bad", "office/keys/sign", *said)
    assert [] == place.hub.statements


def test_a_stranger(place: Place) -> None:
    """Its keys are sound and stand nowhere."""
    office(place.path / "stranger", place.hub, id="xx")
    place.bad(place.vote("stranger"), 1, "act.not-admitted", "act.signer")


# The world


def test_a_hub_that_does_not_answer(place: Place) -> None:
    address = f"http://{free_address()}"
    settings = (place.path / "office/comity.toml").read_text()
    place.write("office/comity.toml", settings.replace(place.hub.address, address))
    for words in (place.vote(), "consent list --home office", f"log head --hub {address}"):
        place.bad(
            words, 4, "world.unreachable", f"{address}/", "does not answer", "refused", "way out: check the address"
        )


def test_a_server_that_is_no_hub(place: Place) -> None:
    place.hub.files["checkpoint"] = b"<html>It works!</html>"
    place.bad(place.vote(), 3, "format.bad", "not a signed note", "It works!")


@pytest.mark.parametrize("ahead", [5000, -5000])
def test_a_clock_that_is_far_off(place: Place, ahead: int) -> None:
    """Against the hub's; and, where the witnesses' time is later, against theirs."""
    place.hub.date = email.utils.formatdate(time.time() + ahead, usegmt=True)
    place.bad(place.vote(), 4, "world.clock-off", "clock", "found", "wanted within 300 s of", "way out: set the clock")
    place.hub.date = None
    place.hub.publish(int(time.time()) + 5000)
    place.bad(place.vote(), 4, "world.clock-off", "clock", "way out: set the clock (NTP)")
    assert [] == place.hub.statements


@pytest.fixture
def offices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offices:
    """A hub that is founded and not started."""
    monkeypatch.delenv("COMITY_HOME", raising=False)
    return Offices(tmp_path, members=4)


@pytest.mark.parametrize("service", ["hub", "witness", "mirror", "console"])
def test_a_port_that_is_taken(service: str, offices: Offices, tmp_path: Path) -> None:
    address = offices.address.removeprefix("http://")
    host, _, port = address.partition(":")
    log = witnesses.log_vkey(offices.charter)
    words = {
        "hub": f"hub run --home {tmp_path}/hub",
        "witness": f"witness run --home {tmp_path}/witness",
        "mirror": f"mirror run --home {tmp_path}/mirror",
        "console": f"node console --listen {address} --home {tmp_path}/m1",
    }[service]
    first = {
        "witness": f"witness init --listen {address} --name example.org/w --log {log} --home {tmp_path}/witness",
        "mirror": f"mirror init --listen {address} --source {offices.address} --home {tmp_path}/mirror",
    }
    if service in first:
        assert 0 == give(*first[service].split())[0]
    with socket.create_server((host, int(port))):
        code, out, err = give(*words.split())
    (line,) = err.splitlines()
    assert (4, "", True) == (code, out, line.startswith("comity: world.port-taken: "))
    assert all(part in line for part in (address, "Address already in use", "way out: ", "another port")), line


# A full disk

FULL = {
    "node init": ("node init --home new --id ke --area 404", 40),
    "hub init": ("hub init --home new --listen 127.0.0.1:8600 --address http://127.0.0.1:8600", 40),
    "mirror init": ("mirror init --home new --listen 127.0.0.1:8600 --source http://127.0.0.1:8601", 40),
    "norm pack": ("norm pack norm --out new.json", 100),
    "policy install": ("policy install new.toml --home office", 100),
    "source add": ("source add others.csv --id new --home office", 40),
    "source bind": ("source bind binding.toml --id survey --home office", 40),
    "charter sign": ("charter sign charter.json --home office --out new.leaf", 1000),
}


@pytest.mark.parametrize("command", FULL)
def test_a_full_disk_leaves_nothing_half_written(place: Place, command: str) -> None:
    """Not a byte, wherever it is full; and when there is room, the same command goes through."""
    words, most = FULL[command]
    place.write("new.toml", POLICY.replace('version = "1"', 'version = "2"'))
    place.write("charter.json", canon.encode(place.hub.assembly.charter))
    place.write("others.csv", PEOPLE)
    for size in (0, most):
        before = place.tree()
        done = confined(size, *words.split())
        place.holds(done.stderr, done.returncode, 4, "world.disk-full", "no room", "way out: ")
        assert before == place.tree()
        assert not (place.path / "new").exists()
    assert 0 == give(*words.split())[0]
    assert [] == [path for path in place.tree() if path.endswith(".part")]


@pytest.mark.parametrize("size", [0, 5000, 20_000])
def test_a_full_disk_says_nothing_that_it_could_not_keep(place: Place, size: int) -> None:
    """A statement is on disk before it leaves: without room it does not."""
    done = confined(size, *place.vote().split())
    place.holds(done.stderr, done.returncode, 4, "world.disk-full", "journal.db", "way out: make room")
    assert [] == place.hub.statements
    code, out, _ = give(*place.vote().split(), "--json")
    assert (0, 1) == (code, len(place.hub.statements))
    assert json.loads(out)["vote"] == place.hub.assembly.state.size - 1


def test_a_full_disk_founds_no_log(offices: Offices, tmp_path: Path) -> None:
    home, leaf = tmp_path / "hub", tmp_path / "charter.leaf"
    with LogStore.open(home / "log.db") as store:
        leaf.write_bytes(store.leaf(0))
    for path in home.glob("log.db*"):
        path.unlink()
    for size in (0, 3000, 9000):
        done = confined(size, "hub", "found", str(leaf), "--home", str(home))
        assert (4, True) == (done.returncode, done.stderr.startswith("comity: world")), done.stderr
    assert 0 == give("hub", "found", str(leaf), "--home", str(home))[0]
    with LogStore.open(home / "log.db") as store:
        assert 1 == store.size


def test_a_full_disk_fetches_no_half_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = made()
    with Hub(source.assembly) as hub:
        hub.publish(0, text=source.note)
        for body in [*source.folder.values(), *source.files.values()]:
            name = canon.hex_of(canon.digest(body))
            hub.files[f"blobs/sha256/{name[:2]}/{name}"] = body
        index = max(source.assembly.state.releases)
        words = ("release", "fetch", str(index), "--hub", hub.address, "--out", "release")
        for size in (0, 1000, 30_000):
            done = confined(size, *words)
            assert (4, True) == (done.returncode, "comity: world.disk-full: " in done.stderr), done.stderr
            assert "Traceback" not in done.stderr
            assert [] == list(tmp_path.iterdir())
        assert 0 == give(*words)[0]
    assert 0 == give("verify", "release", "--charter", source.charter)[0]


# Statements


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no statement", "act.malformed"),
        ("oversized", "act.too-large"),
        ("not canonical", "act.malformed"),
        ("signed by a stranger", "act.signer"),
        ("another signature", "act.signature"),
    ],
)
def test_a_first_leaf_that_is_none(offices: Offices, tmp_path: Path, how: str, said: str) -> None:
    """The charter that a log is to begin with; no log is begun."""
    home = tmp_path / "hub"
    with LogStore.open(home / "log.db") as store:
        true = store.leaf(0)
    for path in home.glob("log.db*"):
        path.unlink()
    act = statement.read(true).act
    envelope = canon.plain(true)
    bad = {
        "no statement": b"{}",
        "oversized": true + b" " * 2**16,
        "not canonical": true + b"\n",
        "signed by a stranger": sign(act, Keyring(offices.home("m2")).signer("sign")),
        "another signature": canon.encode(
            {**envelope, "signatures": [{**envelope["signatures"][0], "sig": canon.plain(canon.encode(bytes(64)))}]}
        ),
    }[how]
    (tmp_path / "bad.leaf").write_bytes(bad)
    code, out, err = give("hub", "found", str(tmp_path / "bad.leaf"), "--home", str(home))
    (line,) = err.splitlines()
    assert (1, "") == (code, out)
    assert line.startswith("comity: act.not-admitted: leaf 0: the charter does not hold")
    assert said in line
    assert [] == list(home.glob("log.db*"))


def test_a_charter_that_nobody_signed_founds_no_log(offices: Offices, tmp_path: Path) -> None:
    home = tmp_path / "hub"
    for path in home.glob("log.db*"):
        path.unlink()
    (tmp_path / "charter.json").write_bytes(canon.encode(offices.charter))
    code, out, err = give("hub", "found", str(tmp_path / "charter.json"), "--home", str(home))
    (line,) = err.splitlines()
    assert (3, "") == (code, out)
    assert "the charter is not signed yet" in line
    assert "comity charter sign" in line
    assert [] == list(home.glob("log.db*"))


def test_statements_at_the_door_of_a_running_hub(offices: Offices, tmp_path: Path) -> None:
    """By a stranger, replayed, oversized, not canonical, for another log: a line each; the log stays as it was."""
    home = tmp_path / "hub"
    with LogStore.open(home / "log.db") as store:
        charter = store.leaf(0)
    root = statement.read(charter)
    head = Head(size=0, root=canon.digest(b""))

    def leaf(id: str, key: str, *, origin: str = offices.charter.origin) -> bytes:
        body = Accession(charter=offices.digest, party=setup.party(offices.home(id)))
        return sign(Act(actor=id, origin=origin, head=head, body=body), Keyring(offices.home(key)).signer("sign"))

    good = leaf("m1", "m1")
    stranger = sign(
        Act(
            actor="nobody",
            origin=offices.charter.origin,
            head=head,
            body=Vote(motion=Ref(index=0, digest=root.digest), choice="yes"),
        ),
        Keyring(offices.home("m1")).signer("sign"),
    )
    posts: Mapping[str, tuple[bytes, int, str]] = {
        "a member's": (good, 200, ""),
        "replayed": (good, 409, "act.replayed"),
        "by another member's key": (leaf("m2", "m3"), 409, "act.signer"),
        "by a stranger": (stranger, 409, "act.signer"),
        "for another log": (leaf("m2", "m2", origin="example.org/other"), 409, "act.origin"),
        "not canonical": (leaf("m2", "m2") + b" ", 409, "act.malformed"),
        "another spelling": (json.dumps(json.loads(leaf("m2", "m2")), indent=1).encode(), 409, "act.malformed"),
        "cut": (leaf("m2", "m2")[:-1], 409, "act.malformed"),
        "no JSON": (b"\xff\x00", 409, "act.malformed"),
        "nothing": (b"", 409, "act.malformed"),
        "deep": (b"[" * 16_000, 409, "act.malformed"),
        "a charter again": (charter, 409, "charter.first"),
        "oversized": (b"x" * (LIMIT + 1), 413, "request.too-large"),
    }
    command = [sys.executable, "-m", "comity", "hub", "run", "--home", str(home)]
    with (tmp_path / "hub.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(400):
            if "listening" in (tmp_path / "hub.log").read_text() or process.poll() is not None:
                break
            time.sleep(0.05)
        for name, (body, status, code) in posts.items():
            answer = httpx2.post(f"{offices.address}/statements", content=body, trust_env=False)
            assert status == answer.status_code, name
            if status == 200:
                continue
            told = answer.json()
            assert told["message"].isprintable(), name
            assert code in [told["error"], *(reason["code"] for reason in told.get("reasons", ()))], name
    finally:
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30)
    with LogStore.open(home / "log.db") as store:
        assert [charter, good] == store.leaves(0, store.size)
    assert "Traceback" not in (tmp_path / "hub.log").read_text()
    assert "bug" not in (tmp_path / "hub.log").read_text()


def test_a_record_that_is_not_canonical(place: Place) -> None:
    """What is signed has one spelling; another one is refused, and not quietly made right."""
    charter = canon.encode(place.hub.assembly.charter)
    for bad in (charter + b"\n", b" " + charter, json.dumps(json.loads(charter)).encode(), charter[:-1], b'{"a":1}'):
        place.write("charter.json", bad)
        place.bad(
            "charter sign charter.json --home office --out new.leaf", 3, "format.bad", "charter.json", "wanted Charter"
        )
    place.write("norm.json", canon.encode(sample.norm()).replace(b'","', b'", "', 1))
    place.bad("source check --norm norm.json --home office", 3, "format.bad", "norm.json", "RFC 8785")


# A release folder


def written(root: Path, files: Mapping[str, bytes]) -> Path:
    for path, body in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(body)
    return root


def test_a_release_folder_with_any_file_missing(tmp_path: Path) -> None:
    """The file is named, exit 1; but for what people said of motions, on which no figure depends."""
    source = made()
    root = written(tmp_path / "release", source.folder)
    motions = {index for motion in source.assembly.state.motions.values() for index in motion.comments}
    talk = {statement.blobs(statement.read(source.assembly.leaves[i]).act.body)[0].digest for i in motions}
    free = {folder.blob(digest) for digest in talk}
    assert free < set(source.folder)
    for path, body in sorted(source.folder.items()):
        (root / path).unlink()
        code, out, err = give("verify", str(root), "--charter", source.charter)
        assert (0 if path in free else 1, "") == (code, err), path
        assert path in free or any(line.startswith("FAILS") and path in line for line in out.splitlines()), (path, out)
        (root / path).write_bytes(body)
    assert 0 == give("verify", str(root), "--charter", source.charter)[0]


@pytest.mark.parametrize("path", [folder.PARQUET, folder.RELEASE, folder.CHECKPOINT, folder.CSV, folder.PAGE])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_release_folder_with_a_file_cut_short(tmp_path: Path, path: str, kept: float) -> None:
    source = made()
    cut = source.folder[path][: int(len(source.folder[path]) * kept)]
    root = written(tmp_path / "release", {**source.folder, path: cut})
    code, out, err = give("verify", str(root), "--charter", source.charter)
    assert (1, "") == (code, err)
    assert out.splitlines()[-1].startswith("not verified: ")


# State folders


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("comity-state/2 {}\n", "state.version", ("a newer Comity", "found comity-state/2", "wanted comity-state/1")),
        ("comity-state/0 {}\n", "state.version", ("an older Comity", "found comity-state/0", "wanted comity-state/1")),
        ("comity-state/1", "config.bad", ("a folder of another service",)),
        ("rubbish", "state.version", ("another Comity", "found rubbish")),
        ("comity-state/1 other\n", "config.bad", ("a folder of another service", "found other")),
        ("", "state.version", ("another Comity",)),
        (None, "config.bad", ("lives in this folder", "way out: comity ")),
    ],
)
@pytest.mark.parametrize("kind", ["node", "hub", "witness", "mirror"])
def test_a_state_folder_of_another_version(
    place: Place, kind: str, text: str | None, code: str, said: tuple[str, ...]
) -> None:
    version = place.path / "home" / "VERSION"
    place.write("home/VERSION", f"comity-state/1 {kind}\n")
    version.unlink() if text is None else version.write_text(text.format(kind))
    where = "home" if text is None else "home/VERSION"
    place.bad(f"{kind} run --home home", 2, code, where, *said)
    assert {"VERSION"} >= {path.name for path in (place.path / "home").iterdir()}


@pytest.mark.parametrize("name", ["journal.db", "ledger.db", "witness.db", "seal.db", "cache.db"])
@pytest.mark.parametrize("how", ["newer", "damaged"])
def test_a_database_of_another_version(place: Place, name: str, how: str) -> None:
    """Of a newer Comity, or none at all: it is not touched, and not taken for an empty one."""
    path = place.path / "office" / name
    Database(path, ("CREATE TABLE t (a)",)).close()
    if how == "newer":
        with contextlib.closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA user_version=99")
    else:
        path.write_bytes(b"not a database" + bytes(5000))
    before = path.read_bytes()
    wanted = f"wanted version {2 if name in {'journal.db', 'ledger.db', 'witness.db'} else 1}"
    said = ("a newer Comity", "found version 99", wanted) if how == "newer" else ("no database of Comity",)
    code = "state.version" if how == "newer" else "usage"
    place.bad("node run --home office", 2, code, f"office/{name}", "way out: ", *said)
    assert before == path.read_bytes()


def test_a_log_of_another_version(offices: Offices, tmp_path: Path) -> None:
    path = tmp_path / "hub" / "log.db"
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version=99")
    code, out, err = give("hub", "run", "--home", str(tmp_path / "hub"))
    assert (2, "") == (code, out)
    assert err.startswith("comity: state.version: ")
    path.unlink()
    code, out, err = give("hub", "run", "--home", str(tmp_path / "hub"))
    assert (2, "") == (code, out)
    assert "there is no log" in err
    assert not path.exists()
