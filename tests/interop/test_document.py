"""docs/interoperability.md says the truth: its commands are carried out as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2

from comity.assembly import witnesses
from comity.tlog.note import SignatureLine, Vkey
from comity.tlog.witness import Request
from tests.builders.ports import free_port
from tests.conftest import ROOT
from tests.interop.conftest import Programs, Served, listens, until
from tests.tlog import a_log

PAGE = (ROOT / "docs" / "interoperability.md").read_text("utf-8")


def block(word: str) -> str:
    """The one block of commands that holds a word."""
    (found,) = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if word in block]
    return found


def carried_out(programs: Programs, block: str, folder: Path, served: Served) -> subprocess.CompletedProcess[str]:
    """A block in a shell, with this hub's address, charter, key and leaf in the places of the page's."""
    text = block.replace("https://hub.example.org", served.address).replace("sha256:...", served.charter)
    text = text.replace("VKEY", witnesses.log_vkey(served.hub.assembly.state)).replace(
        "INDEX", str(served.releases[-1])
    )
    text = text.replace("latest", str(served.releases[-1]))  # these releases are national ones
    comity = f'comity() {{ "{sys.executable}" -m comity "$@"; }}\n'
    path = f"{programs.place}:{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", comity + text]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=60
    )


def test_a_journalist_checks_a_release_under_the_quorum(programs: Programs, served: Served, tmp_path: Path) -> None:
    done = carried_out(programs, block("sigsum-verify"), tmp_path, served)

    assert 0 == done.returncode, done.stderr


def test_a_journalist_checks_a_leaf(programs: Programs, served: Served, tmp_path: Path) -> None:
    done = carried_out(programs, block("spicy-torchwood"), tmp_path, served)

    assert 0 == done.returncode, done.stderr
    assert "verified" in done.stderr


def test_a_university_witnesses_the_log(programs: Programs, tmp_path: Path) -> None:
    """As the page says it, up to the first cosignature by the key that the program prints."""
    port = free_port()
    text = block("witnessctl add-log").replace("8700", str(port)).replace("example.org/assembly", a_log.ORIGIN)
    text = text.replace("VKEY", str(a_log.HUB_KEY)).rstrip("\n")
    script = f"{text} &\nread -r || true\nkill %1\nssh-agent -k\n"
    path = f"{programs.place}:{os.environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until(lambda: listens(port), "litewitness does not listen")
        asked = a_log.signed(a_log.checkpoint(a_log.leaf_hashes(3)))
        body = str(Request(0, (), asked))
        answer = httpx2.post(f"http://127.0.0.1:{port}/add-checkpoint", content=body.encode(), trust_env=False)
    finally:
        said, _ = shell.communicate("\n", timeout=20)
    assert 200 == answer.status_code, said
    (key,) = re.findall(r"vkey=(\S+)", said)
    assert SignatureLine.parse(answer.text.removesuffix("\n")).names(Vkey.parse(key))


def test_the_versions_that_the_page_asks_for_are_those_that_are_fetched(programs: Programs) -> None:
    script = (ROOT / "make" / "programs").read_text()
    (least,) = re.findall(r"^least=\((.*)\)$", script, re.MULTILINE)

    for package in least.split():
        name, version = package.split("=")
        assert f"{name}, {version} or newer" in PAGE
        assert re.search(rf"^{name} \d", (programs.place / "versions").read_text(), re.MULTILINE)
