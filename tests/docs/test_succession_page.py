"""docs/succession.md: the next hub's commands are run as they stand, on a mirror's copy of a small log."""

import json
import re
import shlex
from pathlib import Path

import pytest

from comity import canon
from comity.acts.terms import Host
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import fold, witnesses
from comity.cli.main import run
from tests.builders.assembly import Assembly, party

FENCE = re.compile(r"^```sh ?([a-z-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_log_goes_over_as_the_page_says(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (root / "docs" / "succession.md").read_text("utf-8")
    blocks = {word: text.splitlines() for word, text in FENCE.findall(page) if word != "later"}
    assert {"", "take-over"} == set(blocks)
    monkeypatch.chdir(tmp_path)
    for line in blocks[""]:
        assert run(shlex.split(line)[1:]) == 0, line
    assembly = Assembly([party(id) for id in ("ke", "no", "pe", "vu")])
    assembly.choose(canon.decode(Path("host.json").read_bytes(), Host))
    with LogStore.create(tmp_path / "mirror.db") as store:
        store.append(assembly.leaves)
        StaticLog.open(tmp_path / "mirror" / "public", store).publish(assembly.cosigned(assembly.time + 1))
    charter = canon.digest(canon.encode(assembly.charter))
    for line in blocks["take-over"]:
        capsys.readouterr()
        assert run([*shlex.split(line.replace("sha256:...", charter))[1:], "--json"]) == 0, line
        assert len(assembly.leaves) == json.loads(capsys.readouterr().out)["succession"]
    with LogStore.open(tmp_path / "next" / "log.db") as store:
        state = fold.replay(store.leaves(0, store.size))
    assert ("next.example.org/assembly", "no") == (
        witnesses.charter_of(state).origin,
        witnesses.charter_of(state).host,
    )
