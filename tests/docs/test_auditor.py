"""docs/auditor.md: its commands are run as they stand, those for a hub against a real log of a small assembly."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import canon
from comity.cli.main import run
from tests.builders.assembly import Assembly
from tests.services.node.hub import Hub

FENCE = re.compile(r"^```sh(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines(root: Path, word: str) -> list[str]:
    """The commands of all blocks with this word behind the language."""
    text = (root / "docs" / "auditor.md").read_text("utf-8")
    return [line for found in FENCE.finditer(text) if (found[1] or "") == word for line in found[2].splitlines()]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Four members, a study in force, an exchange to its end, a refusal; and an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    assembly = Assembly(4)
    study = assembly.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    assembly.run(study)
    assembly.refuse("m1", study, period="2")
    assembly.tick()
    with Hub(assembly) as served:
        served.publish(assembly.time)
        yield served


def test_every_command_for_a_hub_ends_with_yes(root: Path, hub: Hub, tmp_path: Path) -> None:
    pin = canon.digest(canon.encode(hub.assembly.charter))
    shown = lines(root, "hub")
    assert len(shown) > 15
    for line in shown:
        words = shlex.split(line.replace("https://hub.example.org", hub.address).replace("sha256:...", pin))
        assert run(words[1:]) == 0, line
    assert {"leaf-34.proof", "leaf-34.proof.leaf", "leaf-34.proof.policy", "feeds"} <= {
        p.name for p in tmp_path.iterdir()
    }


def test_every_command_without_a_hub_ends_with_yes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = lines(root, "")
    assert len(shown) >= 3
    for line in shown:
        assert run(shlex.split(line)[1:]) == 0, line


def test_every_command_of_the_log_is_shown(root: Path) -> None:
    """A command that the page leaves out is found by nobody."""
    shown = {shlex.split(line)[2] for word in ("", "hub", "later") for line in lines(root, word) if " log " in line}
    assert {"head", "list", "show", "explain", "verify", "prove", "audit", "state", "monitor", "evidence"} <= shown
