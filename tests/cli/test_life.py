"""An assembly by commands alone: from empty folders to an officer's yes. Hub and nodes are processes of their own."""

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from comity.cli.main import run
from comity.research import connect
from tests import sample
from tests.builders.ports import free_address

IDS = ("ke", "no", "pe", "vn")
AREAS = ("404", "578", "604", "704")
RULES = "".join(
    f'\n[rules.{matter}]\nmethod = "majority"\nshare = 50\nquorum = 50\nobjections = 0\nseconds = 1\n'
    for matter in ("charter", "norm", "norm-recognised", "study", "member", "suspension", "office", "hub", "witnesses")
)
CHARTER = f'name = "Four offices"\norigin = "example.org/four"\nchallenge_seconds = 60\n{RULES}'
POLICY = """\
version = "1"
valid_from = 0
valid_until = 4102444800
officer = true

[[allow]]
method = "table"
goals = ["16"]
movers = ["*"]

[national]
publish = true
threshold = 5

[sealed]
noise_floor = 16
rate = 100
colluding = 1
survivors = 0
witnesses = 0

[budget]
epsilon = "6"
delta = "0.001"
"""
BINDING = """\
id = "home"
version = "1"
norm = "TRUST/1.0.0"
maps = [
  { variable = "PERSON", column = "uid" },
  { variable = "WAVE", column = "wave" },
  { variable = "Q1", column = "q42", missing = ["-1"] },
  { variable = "Q2", column = "sex", codes = { 1 = "M", 2 = "F" } },
]
"""
STUDY = """\
id = "TRUST-WAVES"
version = "1.0.0"
title = "Trust in courts"
goal = "16.6"
related = true
norm = "TRUST/1.0.0"
method = "table/1"
dimensions = ["ANSWER", "SEX"]
measures = ["n"]
bound = 1000
colluding = 1

[noise]
sigma2 = 36
cells = 1
delta = "0.000001"
epsilon = "1.2"

[[periods]]
id = "2010-2014"
value = "6"

[timing]
consent = 3600
step = 6
send = 2
"""
PEOPLE = "uid,wave,q42,sex\n1,6,1,1\n2,6,1,2\n3,6,4,2\n4,6,-1,1\n"


class Life:
    """A folder with four offices and a hub that run, and commands given there."""

    def __init__(self, place: Path) -> None:
        self.place, self.processes = place, dict[str, subprocess.Popen[bytes]]()
        self.homes = [word for id in IDS for word in ("--home", id)]
        self.hub = self.charter = self.norm = self.study = ""  # address, and digests

    def ok(self, *words: str) -> Any:
        """The facts of a command that must end with yes."""
        code, out, err = self.give(*words, "--json")
        assert 0 == code, (words, err)
        return json.loads(out)

    def dated(self, *words: str) -> Any:
        """As `ok`, given again while the log has no tick yet: a busy machine is slow to its first."""
        for _ in range(100):
            code, out, err = self.give(*words, "--json")
            if code == 0:
                return json.loads(out)
            assert "first tick" in err, (words, err)
            time.sleep(0.2)
        raise AssertionError((words, err))

    def give(self, *words: str) -> tuple[int, str, str]:
        """Exit code and what was printed."""
        return _captured(list(words))

    def start(self, name: str, *words: str) -> None:
        with (self.place / f"{name}.log").open("wb") as out:
            self.processes[name] = subprocess.Popen([sys.executable, "-m", "comity", *words], stdout=out, stderr=out)

    def stop(self, name: str) -> tuple[int, str]:
        """SIGTERM; exit status and everything printed."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(30), (self.place / f"{name}.log").read_text()

    def wait(self, name: str, text: str) -> None:
        for _ in range(600):
            if text in (self.place / f"{name}.log").read_text():
                return
            assert self.processes[name].poll() is None, (self.place / f"{name}.log").read_text()
            time.sleep(0.05)
        raise AssertionError(f"{name} never said {text}")

    def until(self, *words: str, holds: Sequence[tuple[str, object]]) -> list[dict[str, Any]]:
        """Rows of a command, asked until each has these values."""
        for _ in range(100):
            rows: list[dict[str, Any]] = self.ok(*words)
            if rows and all(row[name] == value for row in rows for name, value in holds):
                return rows
            time.sleep(0.2)
        raise AssertionError((words, rows))

    def checked(self, check: str, home: str) -> list[str]:
        """What the doctor finds there."""
        _, out, _ = self.give("node", "doctor", "--home", home, "--json")
        return [row["found"] for row in json.loads(out) if row["check"] == check]

    def logged(self, leaf: int) -> None:
        """Waits until readers see a leaf."""
        for _ in range(100):
            if self.ok("log", "head", "--home", "ke")["size"] > leaf:
                return
            time.sleep(0.2)
        raise AssertionError(leaf)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Founded, running, bound, joined; norm and study adopted."""
    place = tmp_path_factory.mktemp("life")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        here = Life(place)
        try:
            _found(here)
            yield here
        finally:
            for process in here.processes.values():
                process.kill()
                process.wait(30)


def _found(life: Life) -> None:
    files = {
        "charter.toml": CHARTER,
        "policy.toml": POLICY,
        "binding.toml": BINDING,
        "study.toml": STUDY,
        "p.csv": PEOPLE,
    }
    files |= {f"norm/{name}": data.decode() for name, data in sample.FILES.items()}
    for name, text in files.items():
        (life.place / name).parent.mkdir(parents=True, exist_ok=True)
        (life.place / name).write_text(text)
    listen = free_address()
    life.ok("hub", "init", "--home", "hub", "--listen", listen, "--address", f"http://{listen}")
    offices = [word for id, area in zip(IDS, AREAS, strict=True) for word in ("--home", id, "--id", id, "--area", area)]
    life.ok("node", "init", *offices)
    parties = [word for id in IDS for word in ("--party", f"{id}/party.json")]
    witnesses = [word for id in IDS for word in ("--witness", id)]
    draft = ("charter", "draft", "charter.toml", "--hub", "hub/hub.json", "--convenor", "ke", "--out", "charter.json")
    life.ok(*draft, *parties, *witnesses)
    life.ok("charter", "sign", "charter.json", "--home", "ke", "--out", "charter.leaf")
    life.charter = life.ok("hub", "found", "charter.leaf", "--home", "hub")["charter"]
    life.hub = f"http://{listen}"
    life.start("hub", "hub", "run", "--home", "hub")
    life.wait("hub", "listening")
    life.ok("node", "join", *life.homes, "--hub", life.hub, "--charter", life.charter)
    life.ok("policy", "install", "policy.toml", *life.homes)
    life.ok("source", "add", "p.csv", "--id", "survey", *life.homes)
    life.ok("source", "bind", "binding.toml", *life.homes)
    life.start("node", "node", "run", "--poll", "0.1", *life.homes)
    life.ok("charter", "accede", *life.homes)
    life.norm = life.ok("norm", "pack", "norm", "--out", "norm.json")["digest"]
    packed = life.ok("study", "pack", "study.toml", "--norm", "norm.json", "--out", "study.json")
    assert packed["colluding"] + 3 == packed["consents-needed"]  # SEAL: t is never less
    life.study = packed["digest"]
    for matter in ("norm", "study"):
        motion = life.dated("motion", "move", matter, f"{matter}.json", "--open", "2", "--home", "no")["motion"]
        life.ok("vote", "cast", str(motion), "yes", *life.homes)
    life.until("motion", "list", "--home", "pe", holds=[("outcome", "adopted")])


def _captured(words: list[str]) -> tuple[int, str, str]:
    """A command in this process, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    return code, out.getvalue(), err.getvalue()


def test_everyone_reads_the_same(life: Life) -> None:
    """An office by its own folder, and a stranger by the hub's address and the charter's digest."""
    office = life.ok("assembly", "in-force", "--home", "vn")
    stranger = life.ok("assembly", "in-force", "--hub", life.hub, "--charter", life.charter)
    assert [life.norm, life.study] == [row["digest"] for row in office] == [row["digest"] for row in stranger]


def test_all_is_well_with_the_node(life: Life) -> None:
    rows = life.ok("node", "doctor", "--home", "ke")
    assert [] == [row for row in rows if not row["well"]]
    (life.place / "pe/policy.toml").chmod(0o600)
    (life.place / "pe/keys/sign").chmod(0o644)
    code, out, _ = life.give("node", "doctor", "--home", "pe")
    (life.place / "pe/keys/sign").chmod(0o600)
    assert (1, True) == (code, "others than the node's own user may read it" in out)


def test_a_second_vote_is_refused_in_words_and_the_same_one_is_the_same(life: Life) -> None:
    known = next(str(row["motion"]) for row in life.ok("motion", "list", "--home", "ke") if row["matter"] == "norm")
    move = ("motion", "move", "norm", _another(life), "--open", "60", "--home", "ke")
    code, _, err = life.give(*move)
    assert (1, True) == (code, "its version does not say what changed" in err)
    motion = str(life.ok(*move, "--replaces", known)["motion"])
    first = life.ok("vote", "cast", motion, "no", "--home", "ke")
    assert first == life.ok("vote", "cast", motion, "no", "--home", "ke")
    code, _, err = life.give("vote", "cast", motion, "yes", "--home", "ke")
    assert (1, True) == (code, "act.repeated: The actor has said this already" in err)
    remark = life.ok("motion", "comment", motion, "Warum vier?", "--language", "de", "--home", "vn")["comment"]
    reply = ("motion", "answer", str(remark), "not-taken", "Vier sind genug.", "--language", "de")
    code, _, err = life.give(*reply, "--home", "vn")
    assert (1, True) == (code, "act.signer" in err)
    told = life.ok(*reply, "--home", "ke")
    assert told == life.ok(*reply, "--home", "ke")
    life.logged(told["comment/answered"])
    (shown,) = life.ok("motion", "show", motion, "--home", "ke")["comments"]
    assert ("Warum vier?", "vn") == (shown["text"], shown["actor"])
    expected = {"leaf": told["comment/answered"], "actor": "ke", "language": "de", "text": "Vier sind genug."}
    assert expected | {"answer": "not-taken"} == shown["answer"]
    life.ok("motion", "withdraw", motion, "--home", "ke")
    code, _, err = life.give("vote", "cast", motion, "no", "--home", "no")
    assert (1, True) == (code, "act.closed" in err)


def test_a_mover_amends_its_draft_and_names_its_dates(life: Life) -> None:
    move = ("motion", "move", "study", "study2.json", "--open", "60", "--home", "ke")
    (life.place / "study2.json").write_bytes(
        (life.place / "study.json").read_bytes().replace(b'"title":"', b'"title":"A ')
    )
    draft = life.ok(*move)["motion"]
    (life.place / "study2.json").write_bytes(
        (life.place / "study.json").read_bytes().replace(b'"title":"', b'"title":"B ')
    )
    code, _, err = life.give(*move, "--amends", str(draft), "--starts", "tomorrow")
    assert (2, True) == (code, "not a time" in err)
    better = life.ok(*move, "--amends", str(draft), "--starts", "2060-01-31", "--review", "2061-01-31")["motion"]
    life.logged(better)
    rows = {row["motion"]: row for row in life.ok("motion", "list", "--home", "ke")}
    assert ("amended", "open", draft) == (rows[draft]["outcome"], rows[better]["outcome"], rows[better]["amends"])
    assert ("2060-01-31T00:00:00Z", "2061-01-31T00:00:00Z") == (rows[better]["starts"], rows[better]["review"])
    life.ok("motion", "withdraw", str(better), "--home", "ke")


def test_a_motion_that_is_not_there_is_a_usage_error(life: Life) -> None:
    code, _, err = life.give("vote", "cast", "9999", "yes", "--home", "ke")
    assert (2, True) == (code, "no such motion" in err)


def test_one_office_that_cannot_keeps_no_other_from_it(life: Life) -> None:
    code, out, err = life.give("policy", "install", "policy.toml", "--home", "ke", "--home", "nowhere", "--home", "no")
    assert 2 == code
    assert ["ke", "no"] == [line.split()[0] for line in out.splitlines()[1:]]
    assert "comity: nowhere: config.bad: nowhere: no node lives in this folder" in err


def test_a_policy_that_is_not_understood_changes_nothing(life: Life) -> None:
    (life.place / "wrong.toml").write_text(POLICY + '\n[secret]\nbackdoor = "open"\n')
    code, _, err = life.give("policy", "install", "wrong.toml", "--home", "ke")
    assert (2, True) == (code, "wrong.toml: unknown field secret" in err)
    assert POLICY == (life.place / "ke/policy.toml").read_text()


def test_a_policy_is_explained(life: Life) -> None:
    told = life.ok("policy", "explain", "--home", "ke")["sentences"]
    assert "An officer approves each study at the console." in told
    assert any("from 1970-01-01T00:00:00Z until 2100-01-01T00:00:00Z" in sentence for sentence in told)


def test_a_source_is_checked_and_a_code_outside_the_list_is_named(life: Life) -> None:
    told = life.ok("source", "check", "--norm", life.norm, "--home", "ke")
    assert (4, 3, 1, 0, True) == tuple(
        told[name] for name in ("rows", "counted", "missing", "outside", "row-is-a-person")
    )
    (life.place / "odd.csv").write_text(PEOPLE + "5,6,77,2\n")
    life.ok("source", "add", "odd.csv", "--id", "odd", "--home", "vn")
    life.ok("source", "bind", "binding.toml", "--id", "odd", "--home", "vn")
    code, out, err = life.give("source", "check", "--norm", "norm.json", "--id", "odd", "--home", "vn")
    assert (3, True) == (code, "'77' (1 rows)" in err)
    assert ["outside", "1"] in [line.split() for line in out.splitlines()]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("cut.parquet", b"PAR1 and no more", 3), ("people.xyz", b"x", 2), ("", b"", 2)],
)
def test_a_file_that_is_no_source_is_refused(life: Life, name: str, data: bytes, code: int) -> None:
    if name:
        (life.place / name).write_bytes(data)
    found, _, err = life.give("source", "add", name or "nowhere.csv", "--id", "bad", "--home", "pe")
    assert (code, 1) == (found, len(err.splitlines()))
    assert ["survey"] == [row["id"] for row in life.ok("source", "list", "--home", "pe")]


def test_the_officer_is_asked_and_the_node_says_what_was_answered(life: Life) -> None:
    """Yes, no, and a yes after the yes was said."""
    asked = life.ok("consent", "list", "--home", "no")
    assert [("TRUST-WAVES/1.0.0", "2010-2014", "waits for the officer")] == [
        (row["study"], row["period"], row["answer"]) for row in asked
    ]
    assert ["for the officer to answer: TRUST-WAVES/1.0.0 2010-2014 (comity consent list)"] == life.checked(
        "asked", "no"
    )
    shown = life.ok("dry-run", "TRUST-WAVES", "--home", "no")
    assert (4, 3, 1) == tuple(shown[name] for name in ("rows", "counted", "missing"))
    assert "approved" == life.ok("consent", "give", "TRUST-WAVES", "2010-2014", "--home", "no")["answer"]
    assert "declined" == life.ok("consent", "refuse", life.study, "2010-2014", "--home", "pe")["answer"]
    life.until("consent", "list", "--home", "no", holds=[("answer", "consented")])
    assert ["no study waits for the officer"] == life.checked("asked", "no")
    rows = life.until("consent", "list", "--home", "pe", holds=[("answer", "refused")])
    assert ["policy.officer"] == rows[0]["codes"]
    code, _, err = life.give("consent", "give", "TRUST-WAVES", "2010-2014", "--home", "no")
    assert (2, True) == (code, "has answered in the log already" in err)
    code, _, err = life.give("consent", "give", "TRUST-WAVES", "1999", "--home", "ke")
    assert (2, True) == (code, "no such period; found 1999; wanted 2010-2014" in err)
    code, _, err = life.give("consent", "give", "OTHER", "1999", "--home", "ke")
    assert (2, True) == (code, "no such study" in err)


def test_what_left_is_in_the_books(life: Life) -> None:
    rows = life.ok("ledger", "egress", "--home", "ke")
    assert {"statement", "cosignature"} <= {row["kind"] for row in rows}
    told = life.ok("ledger", "egress", "--home", "ke", "--out", "egress.jsonl")
    lines = (life.place / "egress.jsonl").read_text().splitlines()
    assert told["entries"] == len(lines) >= len(rows)
    assert [] == life.ok("ledger", "show", "--home", "ke")["charges"]
    code, out, _ = life.give("ledger", "show", "--home", "ke")
    assert (0, True) == (code, out.startswith("Nothing was charged yet."))


def test_a_witness_and_a_mirror_are_made(life: Life) -> None:
    vkey = life.ok("charter", "show", "--home", "ke")["log-key"]
    words = (
        "witness",
        "init",
        "--home",
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--name",
        "w.example.org",
        "--log",
        vkey,
    )
    made = life.ok(*words)
    assert {"w.example.org"} == {made[name].partition("+")[0] for name in ("vkey", "vkey-ml-dsa-44")}
    code, _, err = life.give("witness", "add-log", vkey, "--home", "witness")
    assert (2, True) == (code, "cosigned already" in err)
    code, _, err = life.give("hub", "add-witness", made["vkey"], "w.example.org", "--home", "hub")
    assert (2, True) == (code, "not an address" in err)
    assert (
        life.hub
        == life.ok("mirror", "init", "--home", "mirror", "--listen", "127.0.0.1:0", "--source", life.hub)["source"]
    )


def test_a_policy_that_an_office_shows_is_counted_by_who_drafts_a_study(life: Life) -> None:
    """One of four; whoever reads the log finds it, and an officer is asked before it allows anything."""
    said = life.ok("policy", "publish", "--home", "vn")
    assert said["policy/published"] > 0
    asked: Any = {"periods": {"2010-2014": "6"}, "bound": 1000, "sigma2": 36, "delta": "0.000001"}
    end = time.monotonic() + 20
    support = connect(life.hub, charter=life.charter).ask("TRUST", **asked).support
    while not support.published and time.monotonic() < end:  # until a cosigned checkpoint holds the leaf
        support = connect(life.hub, charter=life.charter).ask("TRUST", **asked).support
    assert (1, 4, ("vn",)) == (support.published, support.offices, support.officers)


def test_a_port_that_is_taken_is_said(life: Life) -> None:
    listen = life.hub.removeprefix("http://")
    life.ok("hub", "init", "--home", "hub2", "--listen", listen, "--address", life.hub)
    code, _, err = life.give("hub", "run", "--home", "hub2")
    assert (4, True, 1) == (code, "world.port-taken" in err, len(err.splitlines()))


def test_a_folder_is_served_by_one_process_and_a_process_stops_when_told(life: Life) -> None:
    """Last: the node is stopped by SIGTERM, says so, and ends with 0."""
    code, _, err = life.give("node", "run", "--home", "ke")
    assert (2, True) == (code, "state.locked" in err)
    status, said = life.stop("node")
    assert (0, "node: stopped") == (status, said.splitlines()[-1])
    status, said = life.stop("hub")
    assert (0, "hub stopped") == (status, said.splitlines()[-1])
    code, _, err = life.give("vote", "cast", "1", "yes", "--home", "ke")
    assert (4, True) == (code, "world.unreachable" in err)
    code, out, err = life.give("assembly", "members", "--home", "ke")
    assert (0, True, 5) == (code, "not read to its end" in err, len(out.splitlines()))


def _another(life: Life) -> str:
    """The norm under another version."""
    folder = life.place / "norm2"
    if not folder.exists():
        folder.mkdir()
        for name, data in sample.FILES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            later = b'version = "2.0.0"\nreplaces = "TRUST/1.0.0"\ntitle'
            (folder / name).write_bytes(data.replace(b'version = "1.0.0"\ntitle', later))
        life.ok("norm", "pack", "norm2", "--out", "norm2.json")
    return "norm2.json"
