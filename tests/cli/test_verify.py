"""`comity verify` as a reader runs it: a process of its own, sockets blocked, with what the bare wheel installs."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.assembly import witnesses
from comity.stages.publish import folder
from tests.builders.release import made

# Put on the path of the process: no socket can be made, and nothing but the wheel's own dependencies is there.
SITE = """
import socket, sys

class Blocked(socket.socket):
    def __new__(cls, *args, **kwargs):
        raise OSError("sockets are blocked")

socket.socket = Blocked
for name in ("numpy", "pyarrow", "pandas", "ibis", "duckdb", "scipy", "lxml", "fastapi", "httpx2", "jinja2", "altair"):
    sys.modules[name] = None
"""


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    for path, body in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(body)
    return root


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("release"), made().folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("site"), {"sitecustomize.py": SITE.encode()})


def verify(site: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, without network and extras."""
    return subprocess.run(
        [sys.executable, "-c", "from comity.cli.main import main; main()", "verify", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(site), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_blockade_holds(site: Path) -> None:
    """Else the tests below would show nothing."""
    code = "import socket; socket.socket()"
    env = {**os.environ, "PYTHONPATH": str(site)}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert "sockets are blocked" in told.stderr


def test_a_pinned_release_is_verified(site: Path, release: Path) -> None:
    told = verify(site, release, "--charter", made().charter)
    assert (0, "") == (told.returncode, told.stderr)
    assert "verified: every figure follows" in told.stdout.splitlines()[-1]
    assert made().charter in told.stdout


def test_the_last_line_says_that_nothing_was_pinned(site: Path, release: Path) -> None:
    told = verify(site, release)
    assert (0, "consistent under a charter you did not pin") == (told.returncode, told.stdout.splitlines()[-1])


def test_a_policy_of_ones_own_is_enough(site: Path, release: Path, tmp_path: Path) -> None:
    policy = write(tmp_path, {"policy": str(witnesses.policy(made().assembly.state)).encode()}) / "policy"
    told = verify(site, release, "--policy", policy)
    assert told.returncode == 0
    assert "witnesses of your policy cosigned" in told.stdout


def test_another_charter_is_refused(site: Path, release: Path) -> None:
    told = verify(site, release, "--charter", "sha256:" + "0" * 64)
    assert (1, "not verified: charter") == (told.returncode, told.stdout.splitlines()[-1])


def test_the_figures_are_printed(site: Path, release: Path) -> None:
    rows = [line.split() for line in verify(site, release).stdout.splitlines()]
    assert ["1,", "F", "n", str(made().world.sum()[0])] in [row[:4] for row in rows]


def test_facts_as_json(site: Path, release: Path) -> None:
    facts = json.loads(verify(site, release, "--json").stdout)
    assert (True, False, made().charter) == (facts["holds"], facts["trusted"], facts["charter"])
    assert {"log", "quorum", "charter", "votes", "consents", "sets", "sum", "figures", "files", "folder"} <= {
        claim["name"] for claim in facts["claims"]
    }


def test_a_file_missing_is_named(site: Path, tmp_path: Path) -> None:
    files = {path: body for path, body in made().folder.items() if path != folder.CSV}
    told = verify(site, write(tmp_path, files))
    assert told.returncode == 1
    assert "figures.csv: file missing" in told.stdout


def test_a_link_is_no_file_of_the_release(site: Path, tmp_path: Path) -> None:
    """It would show what lies elsewhere, and differ for the next reader."""
    root = write(tmp_path / "release", made().folder)
    (root / folder.CSV).rename(tmp_path / "elsewhere.csv")
    (root / folder.CSV).symlink_to(tmp_path / "elsewhere.csv")
    told = verify(site, root)
    assert told.returncode == 1
    assert "figures.csv: not a file of the folder's own" in told.stdout


def test_a_name_that_is_no_text_is_shown_all_the_same(site: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "release", made().folder)
    (root / os.fsdecode(b"\xff\x1b[2J.csv")).write_bytes(b"")
    told = verify(site, root)
    assert (1, "") == (told.returncode, told.stderr)
    assert r"files that nothing names: \udcff\x1b[2J.csv" in told.stdout


def test_a_file_larger_than_any_release_holds_is_not_read(site: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "release", made().folder)
    with (root / folder.CSV).open("wb") as file:
        file.truncate(2**40)  # sparse: it takes no room
    told = verify(site, root)
    assert (1, "") == (told.returncode, told.stderr)
    assert "figures.csv: file too large" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no/such/folder"], "no such folder"),
        ([".", "--charter", "abc"], "not a digest"),
        ([".", "--policy", "no/such/file"], "cannot read the policy"),
        ([".", "--policy", __file__], "policy"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_carried_out_is_usage(site: Path, arguments: list[str], told: str) -> None:
    found = verify(site, *arguments)
    assert found.returncode == 2
    assert told in found.stderr
    assert "Traceback" not in found.stderr
