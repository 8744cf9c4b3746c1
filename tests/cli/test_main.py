"""One command: groups that load when called, errors that are one line and an exit code, or JSON where it was asked."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from comity.cli import main
from comity.cli.main import GROUPS, run

HEAVY = ("numpy", "httpx2", "starlette", "pyarrow", "ibis", "duckdb", "fastapi", "jinja2", "scipy")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    error = capsys.readouterr().err
    assert 1 == len(error.splitlines()), error
    return error


def test_help_and_verify_load_nothing_heavy(tmp_path: Path) -> None:
    """`comity verify` must run where no engine is installed, and nobody waits for one to read a help text."""
    lines = [["--help"], ["verify", "nowhere"], *([name, "--help"] for name in GROUPS)]
    code = f"import sys; from comity.cli.main import run; [run(line) for line in {lines!r}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "comity" in loaded
    assert set() == loaded & set(HEAVY)


@pytest.mark.parametrize("name", GROUPS)
def test_every_group_says_what_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run([name, "--help"])
    assert "Usage: comity " + name in capsys.readouterr().out


def test_the_list_of_groups_is_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["--help"])
    shown = capsys.readouterr().out
    assert [] == [name for name in GROUPS if name not in shown]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["nonsense"], 2, "usage"),
        (["log", "nonsense"], 2, "usage"),
        (["log", "show"], 2, "usage"),
        (["log", "show", "first"], 2, "usage"),
        (["log", "head"], 2, "usage"),
        (["log", "head", "--hub", "hub.example.org"], 2, "usage"),
        (["log", "head", "--hub", "http://127.0.0.1:9", "--home", "office"], 2, "usage"),
        (["log", "head", "--hub", "http://127.0.0.1:9", "--charter", "abc"], 2, "usage"),
        (["node", "run", "--home", "nowhere"], 2, "config.bad"),
        (["node", "run"], 2, "config.bad"),
        (["node", "run", "--home", "nowhere", "--poll", "0"], 2, "usage"),
        (["node", "init", "--home", "office", "--id", "No", "--area", "578"], 2, "config.bad"),
        (["node", "init", "--home", "office", "--id", "no", "--area", "Norway"], 2, "config.bad"),
        (
            ["node", "join", "--home", "nowhere", "--hub", "http://h", "--charter", "sha256:" + 64 * "0"],
            2,
            "config.bad",
        ),
        (["policy", "install", "nowhere.toml", "--home", "office"], 2, "usage"),
        (["norm", "pack", "nowhere", "--out", "norm.json"], 2, "usage"),
        (["study", "pack", "nowhere.toml", "--norm", "norm.json", "--out", "study.json"], 2, "usage"),
        (["hub", "run", "--home", "nowhere"], 2, "config.bad"),
        (["hub", "init", "--home", "hub", "--listen", "here", "--address", "http://h"], 2, "config.bad"),
        (["vote", "cast", "1", "perhaps", "--home", "nowhere"], 2, "usage"),
        (["log", "head", "--hub", "http://127.0.0.1:9"], 4, "world.unreachable"),
    ],
)
def test_every_mistake_is_one_line_and_its_code(
    words: list[str],
    exit_code: int,
    code: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same as a line and as JSON; nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    assert exit_code == run(words)
    assert said(capsys).startswith(f"comity: {code}: ")
    if words[:2] != ["node", "run"] and words[:2] != ["hub", "run"]:
        assert exit_code == run([*words, "--json"])
        told = json.loads(said(capsys))
        assert (code, exit_code) == (told["code"], told["exit"])
        assert told["message"]
    assert [] == list(tmp_path.iterdir())


def test_a_bare_group_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["log"])
    shown = capsys.readouterr()
    assert "Usage: comity log" in shown.out + shown.err


def test_a_bug_is_told_as_ours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(name: str) -> None:
        raise ZeroDivisionError("nothing by nothing")

    monkeypatch.setattr(main, "_load", broken)
    assert 70 == run(["log", "head"])
    assert "our bug: ZeroDivisionError: nothing by nothing" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("module", "wanted"),
    [("pyproj", "pip install 'comity[geo]'"), ("ibis.expr", "pip install 'comity[node]'"), ("comity.gone", "our bug")],
)
def test_a_library_of_an_extra_that_is_not_installed_is_named_with_the_extra(
    module: str, wanted: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bare `comity` verifies; whoever wants more is told what to install. What no extra holds is our bug."""

    def without(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(main, "_load", without)
    assert (70 if wanted == "our bug" else 2) == run(["log", "head"])
    assert wanted in capsys.readouterr().err.splitlines()[-1]


def test_a_command_that_is_broken_off_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken_off(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_load", broken_off)
    assert 130 == run(["log", "head"])
    assert "comity: interrupted: stopped before it was done" in said(capsys)


def test_what_stands_in_brackets_stays_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The name of an extra is no style of letters."""
    assert 0 == run(["source", "add", "--help"])
    assert "comity[spark]" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["protect", "check"], ["ledger", "cost"], ["verify"]])
def test_a_paragraph_of_help_breaks_only_where_the_terminal_ends(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*words, "--help"])
    text = capsys.readouterr().out.partition("╭")[0]
    lines = [line.strip() for line in text.splitlines()]
    width = max(map(len, lines))
    follow = [(line, after.split()[0]) for line, after in pairwise(lines) if line and after]
    assert follow
    assert [] == [line for line, word in follow if len(line) + 1 + len(word) < width]


def test_maps_without_their_libraries_are_one_line(tmp_path: Path) -> None:
    """A real process in which no map library can be imported."""
    blocked = "import sys\nfor name in ('rasterio', 'shapely', 'pyproj', 'numba'):\n    sys.modules[name] = None\n"
    (tmp_path / "sitecustomize.py").write_text(blocked)
    (tmp_path / "map.tif").write_bytes(b"II*\0")
    comity, env = [sys.executable, "-m", "comity"], {**os.environ, "PYTHONPATH": str(tmp_path)}
    made = ["node", "init", "--home", "maps", "--id", "maps", "--area", "002", "--role", "producer"]
    subprocess.run([*comity, *made], cwd=tmp_path, env=env, check=True, capture_output=True)
    words = ["source", "add", "map.tif", "--id", "land", "--layer", "belts", "--home", "maps"]
    done = subprocess.run([*comity, *words], cwd=tmp_path, env=env, check=False, capture_output=True, text=True)
    assert (2, True, 1) == (done.returncode, "comity[geo]" in done.stderr, len(done.stderr.splitlines()))


def test_a_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["--version"])
    assert capsys.readouterr().out.startswith("comity 0.")


def test_the_module_is_the_command(tmp_path: Path) -> None:
    """A real process: line on standard error, facts on standard output, exit code of its class."""
    words = [sys.executable, "-m", "comity", "log", "head", "--hub", "http://127.0.0.1:9", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (4, "") == (done.returncode, done.stdout)
    assert "world.unreachable" == json.loads(done.stderr)["code"]
