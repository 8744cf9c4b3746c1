"""Outside witnesses are asked for each head; what holds goes beside the checkpoint, and nothing waits for them.

The honest one is our own witness behind a real socket; liars are small servers that answer what no witness should.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from comity.adapters.growth import Growth
from comity.adapters.keyring import Keyring
from comity.adapters.witness import OutsideWitness
from comity.assembly import witnesses
from comity.errors import ComityError, ConfigError, FormatError, NotVerified, Unreachable
from comity.keys import Ed25519Signer, MlDsa44Signer
from comity.services import config
from comity.services.hub import found, outside
from comity.services.hub.outside import Asking, Outside
from comity.services.witness import Witness, known
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, time_of
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, Vkey
from comity.tlog.witness import SIZE, Request
from tests.builders.assembly import ORIGIN, START, Assembly, naming, signer
from tests.services.hub.heads import Hub, lattice

KEYS = (Ed25519Signer(b"w" * 32), MlDsa44Signer(b"w" * 32))
NAME = "w.example"
VKEYS = (Vkey(NAME, KEYS[0].public, COSIGNATURE), Vkey(NAME, KEYS[1].public, MLDSA_COSIGNATURE))
Answer = tuple[int, str, bytes]


@contextmanager
def serving(answer: Callable[[bytes], Answer]) -> Iterator[str]:
    """A server that answers `add-checkpoint` by a function; its address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Tests print nothing."""

        def do_POST(self) -> None:
            status, kind, body = answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def honest(path: Path, hub: Hub) -> Callable[[bytes], Answer]:
    """Our own witness of this hub's log, with the memory in a file."""
    log = witnesses.log_vkey(hub.sequencer.state)
    own = Witness(known([log]), NAME, KEYS, Growth(path), path.parent, lambda: hub.now)

    def answer(body: bytes) -> Answer:
        said = own.add(body)
        return said.status_code, said.headers["content-type"], bytes(said.body)

    return answer


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "hub", Assembly(4), outside=VKEYS)


def asking(hub: Hub, url: str, *vkeys: Vkey, log: Callable[[str], None] = print) -> Asking:
    return Asking(hub.sequencer, Outside(url, vkeys or VKEYS), OutsideWitness(url), log)


def grow(hub: Hub, number: int) -> Note:
    """A leaf more, and a head of it."""
    hub.say("m1", naming("m1", "witness-ml-dsa", lattice(f"key {number}")))
    return hub.ask()


def test_each_head_is_cosigned_by_both_keys_from_where_the_witness_stands(tmp_path: Path, hub: Hub) -> None:
    """Waiting or published; and by a hub that was started again and does not know where that is."""
    with serving(honest(tmp_path / "w.db", hub)) as url:
        ask = asking(hub, url)
        assert not ask.once(), "before the first head there is nothing to ask"
        for number in range(3):
            note = grow(hub, number)
            assert [True, False] == [ask.once(), ask.once()]
            hub.cosign(note, "m1", "m2", "m3")
            times = [time_of(line, vkey, note.text) for line in hub.side for vkey in VKEYS if line.names(vkey)]
            assert [hub.now, hub.now] == times
        note = grow(hub, 3)
        hub.cosign(note, "m1", "m2", "m3")
        assert asking(hub, url).once()
        hub.sequencer.settle()
        assert {NAME} == {line.name for line in hub.side}


def test_another_key_than_the_operator_named_is_not_taken(tmp_path: Path, hub: Hub) -> None:
    other = Vkey("other.example", KEYS[0].public, COSIGNATURE)
    hub.ask()
    with serving(honest(tmp_path / "w.db", hub)) as url, pytest.raises(NotVerified, match="no key that is known"):
        asking(hub, url, other).once()


def forged(body: bytes) -> Answer:
    """A cosignature of another checkpoint than the one asked for."""
    text = str(Checkpoint(ORIGIN, 1, bytes(32)))
    return 200, "text/plain", f"{cosign(text, NAME, START, KEYS[0])}\n".encode()


LIARS: dict[str, tuple[Callable[[bytes], Answer], type[ComityError]]] = {
    "a cosignature of something else": (forged, FormatError),
    "no cosignature": (lambda body: (200, "text/plain", b"yes\n"), FormatError),
    "nothing": (lambda body: (200, "text/plain", b""), FormatError),
    "an endless answer": (lambda body: (200, "text/plain", b"x" * 10**6), Unreachable),
    "always another size": (lambda body: (409, SIZE, b"1\n"), Unreachable),
    "a size that is none": (lambda body: (409, SIZE, b"-1\n"), FormatError),
    "a conflict without a size": (lambda body: (409, "text/plain", b"another root\n"), Unreachable),
    "a longer log than ours": (lambda body: (409, SIZE, b"1000000\n"), NotVerified),
    "an unknown log": (lambda body: (404, "text/plain", b"unknown log\n"), Unreachable),
    "its own fault": (lambda body: (500, "text/plain", b""), Unreachable),
    "somewhere else": (lambda body: (302, "text/plain", b""), Unreachable),
}


@pytest.mark.parametrize("lie", LIARS)
def test_a_witness_that_answers_something_else_is_told_of_and_nothing_else_happens(hub: Hub, lie: str) -> None:
    """The log's own witnesses publish as ever; nothing of the liar stands anywhere."""
    answer, error = LIARS[lie]
    note = hub.ask()
    with serving(answer) as url, pytest.raises(error):
        asking(hub, url).once()
    hub.cosign(note, "m1", "m2", "m3")
    hub.sequencer.settle()
    assert (note.text, ()) == (hub.published.text, hub.side)


def test_a_fork_is_told_as_what_it_is(tmp_path: Path, hub: Hub) -> None:
    """A hub restored from an old backup: the witness has seen more, and says how much."""
    with serving(honest(tmp_path / "w.db", hub)) as url:
        grow(hub, 0)
        grow(hub, 1)
        assert asking(hub, url).once()
        old = Hub(tmp_path / "old", hub.assembly, outside=VKEYS)
        old.ask()
        with pytest.raises(NotVerified, match=r"longer log than this one.*restored from a backup"):
            asking(old, url).once()
        for number in (7, 8, 9):
            grow(old, number)
        with pytest.raises(Unreachable, match="422 the consistency proof"):
            asking(old, url).once()


def test_the_dead_and_the_slow_delay_nobody(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose port is closed, one that takes the question and never answers, and between them an honest one.

    The slow one is waited for longer than this test lasts: whoever waited for it would come too late.
    """
    monkeypatch.setattr("comity.adapters.witness.TIMEOUT", 600.0)
    lines, released = list[str](), threading.Event()

    def never(body: bytes) -> Answer:
        released.wait()
        return 500, "text/plain", b""

    with serving(never) as slow, serving(honest(tmp_path / "w.db", hub)) as url:
        others = [Outside("http://127.0.0.1:9", VKEYS), Outside(slow, VKEYS), Outside(url, VKEYS)]
        try:
            with outside.asked(hub.sequencer, others, lines.append):
                for number in range(3):
                    hub.cosign(grow(hub, number), "m1", "m2", "m3")
                    end = time.monotonic() + 60
                    while len(hub.side) < 2 and time.monotonic() < end:
                        hub.sequencer.settle()
                        time.sleep(0.02)
                    assert [NAME, NAME] == [line.name for line in hub.side]
            waiting = [thread.name for thread in threading.enumerate() if thread.name == f"witness {slow}"]
            assert [f"witness {slow}"] == waiting, "the hub's end waits for nobody"
        finally:
            released.set()
    assert [line for line in lines if "127.0.0.1:9" in line] == lines[:1]


def test_the_proof_starts_where_the_witness_stands(hub: Hub) -> None:
    """Asked from nothing first; then by its answer; then by what it cosigned: one request a head."""
    olds: list[int] = []
    sizes = iter([5])

    def answer(body: bytes) -> Answer:
        request = Request.parse(body)
        olds.append(request.old)
        if len(olds) == 1:
            return 409, SIZE, f"{next(sizes)}\n".encode()
        return 200, "text/plain", f"{cosign(request.note.text, NAME, START, KEYS[0])}\n".encode()

    with serving(answer) as url:
        ask = asking(hub, url)
        first = Checkpoint.of(grow(hub, 0)).size
        ask.once()
        grow(hub, 1)
        ask.once()
    assert [0, 5, first] == olds


def test_witnesses_are_named_in_the_hubs_configuration(tmp_path: Path) -> None:
    """By command; what is no key, no address, or there already changes nothing."""
    home, url = tmp_path / "hub", "https://w.example/log"
    found.init(home, listen="127.0.0.1:0", address="http://127.0.0.1:1")
    assert () == outside.read(config.hub(home).witnesses)
    outside.add(home, str(VKEYS[0]), url)
    outside.add(home, str(VKEYS[1]), url)
    other = Vkey("v.example", signer("v", "w").public, COSIGNATURE)
    outside.add(home, str(other), "http://v.example")
    wanted = (Outside(url, VKEYS), Outside("http://v.example", (other,)))
    assert wanted == outside.read(config.hub(home).witnesses)
    log = Vkey("log.example", KEYS[0].public)
    for vkey, where in ((VKEYS[0], url), (VKEYS[0], "http://x.example"), (log, url), ("none", url), (VKEYS[0], "w")):
        with pytest.raises(ConfigError):
            outside.add(home, str(vkey), where)
    with pytest.raises(ConfigError, match="this witness is asked already; found w"):
        outside.add(home, str(VKEYS[0]), url)
    with pytest.raises(ConfigError, match="not a witness's key"):
        outside.add(home, str(log), url)
    assert wanted == outside.read(config.hub(home).witnesses)
    assert Keyring(home).has("log")
