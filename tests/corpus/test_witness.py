"""Our witness, a process that listens, answers what torchwood's litewitness answered to the same requests.

Its requests are of true logs: a Sigsum log, and the checksum database of Go, whose origin is no key's name.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from comity.keys import public_text
from comity.services import witness
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import SignatureLine, Vkey
from comity.tlog.witness import Request
from tests.builders.ports import free_port

LITE = "tlog/torchwood/litewitness-testdata"
SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
NAME = "example.com/witness"


@contextmanager
def running(home: Path, log: str) -> Iterator[tuple[str, list[Vkey]]]:
    """A witness of one log in a process of its own; its address and its two keys."""
    vkeys = witness.init(home, listen="127.0.0.1:0", name=NAME, logs=[log])
    port = free_port()
    settings = home / "comity.toml"
    settings.write_text(settings.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    command = [sys.executable, "-m", "comity", "witness", "run", "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _until_it_answers(address)
        yield address, list(vkeys)
        process.terminate()
        assert 0 == process.wait(30)
    finally:
        process.kill()
        process.communicate()


def transcript(text: str) -> list[tuple[str, int, str]]:
    """Body, expected status and asserted answer of each request in a script of litewitness."""
    pattern = r"POST \S+add-checkpoint\n```\n(.*?)```\nHTTP (\d+)\n\[Asserts\]\nbody (.*?)\n"
    return [(body, int(status), answer) for body, status, answer in re.findall(pattern, text, re.DOTALL)]


def holds(asserted: str, body: str) -> bool:
    """An assertion of hurl: `contains "..."`, or `== "..."`."""
    how, _, quoted = asserted.partition(" ")
    text = quoted.strip('"').replace("\\n", "\n")
    return body == text if how == "==" else text in body


def test_a_sigsum_log_is_answered_as_litewitness_answers_it(tmp_path: Path, corpus: Path) -> None:
    """First seen, forged, unknown, unproven, wrongly proven, proven, stale, grown, stale again, by status and body.

    Its forged signature has bits set in base64 that stand for nothing: there we say already that it is no request, 400.
    """
    script = (corpus / LITE / "litewitness.txt").read_text()
    raw_key = re.search(r"add-sigsum-log -key=([0-9a-f]{64})", script)
    assert raw_key
    said = transcript(script)
    assert [200, 403, 404, 422, 422, 200, 409, 200, 409] == [status for _, status, _ in said]
    with running(tmp_path / "w", str(Vkey(SIGSUM, public_text(bytes.fromhex(raw_key[1]))))) as (address, vkeys):
        for body, status, asserted in said:
            answer = httpx2.post(f"{address}/add-checkpoint", content=body.encode(), trust_env=False)
            if status == 403:
                assert (400, True) == (answer.status_code, "base64 in its one spelling" in answer.text)
                continue
            assert (status, True) == (answer.status_code, holds(asserted, answer.text)), answer.text
            if status == 409:
                assert "text/x.tlog.size" == answer.headers["content-type"]
            if status == 200:
                _both_cosigned(answer.text, Request.parse(body).note.text, vkeys)
        assert SIGSUM in httpx2.get(f"{address}/", trust_env=False).text
        assert 405 == httpx2.get(f"{address}/add-checkpoint", trust_env=False).status_code


def test_the_checksum_database_of_go_is_cosigned(tmp_path: Path, corpus: Path) -> None:
    script = (corpus / LITE / "sumdb.txt").read_text()
    key = re.search(r"add-key -origin 'go.sum database tree' -key (\S+)", script)
    assert key
    ((body, _, asserted),) = transcript(script)
    with running(tmp_path / "w", f"{key[1]} go.sum database tree") as (address, vkeys):
        answer = httpx2.post(f"{address}/add-checkpoint", content=body.encode(), trust_env=False)
        assert (200, True) == (answer.status_code, holds(asserted, answer.text))
        _both_cosigned(answer.text, Request.parse(body).note.text, vkeys)
        again = httpx2.post(f"{address}/add-checkpoint", content=body.encode(), trust_env=False)
        size = Checkpoint.of(Request.parse(body).note).size
        assert (409, f"{size}\n") == (again.status_code, again.text)


def _both_cosigned(body: str, text: str, vkeys: list[Vkey]) -> None:
    lines = [SignatureLine.parse(row) for row in body.removesuffix("\n").split("\n")]
    times = {time_of(line, vkey, text) for line, vkey in zip(lines, vkeys, strict=True)}
    (told,) = times
    assert told is not None
    assert abs(told - time.time()) < 60


def _until_it_answers(address: str) -> None:
    for _ in range(200):
        try:
            httpx2.get(f"{address}/", trust_env=False)
            return
        except httpx2.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the witness does not answer")
