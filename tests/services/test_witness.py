"""A witness of its own: `add-checkpoint` of c2sp.org/tlog-witness, by the standard's statuses."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters import durable
from comity.adapters.growth import Growth
from comity.adapters.keyring import Keyring
from comity.errors import ConfigError, DiskFull, FormatError
from comity.keys import Ed25519Signer, MlDsa44Signer
from comity.services import config, witness
from comity.services.witness import Witness
from comity.tlog import merkle, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, time_of
from comity.tlog.evidence import Evidence
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.witness import Memory, Request

ORIGIN = "example.org/log"
LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(9)]
LOG = Ed25519Signer(b"\x01" * 32)
OWN = Ed25519Signer(b"\x02" * 32)
LATTICE = MlDsa44Signer(b"\x02" * 32)
NAME = "example.org/witness"
VKEYS = [Vkey(NAME, OWN.public, COSIGNATURE), Vkey(NAME, LATTICE.public, MLDSA_COSIGNATURE)]
LOG_KEY = Vkey(ORIGIN, LOG.public)
NOW = 1_700_000_000


def checkpoint(size: int, signer: Ed25519Signer = LOG, origin: str = ORIGIN, leaves: list[bytes] = LEAVES) -> Note:
    """The log's signed head at a size."""
    text = str(Checkpoint(origin, size, merkle.root(leaves[:size])))
    return Note(text, (note.sign(text, origin, signer),))


def request(old: int, size: int, head: Note | None = None) -> bytes:
    """The body of a request with a true proof."""
    proof = merkle.consistency(old, size, LEAVES) if old else ()
    return str(Request(old, tuple(proof), head or checkpoint(size))).encode()


@pytest.fixture
def own(tmp_path: Path) -> Witness:
    """A witness that remembers nothing yet."""
    return witness_of(Growth(tmp_path / "witness.db"))


def witness_of(
    growth: Growth,
    *,
    logs: list[str] | None = None,
    now: Callable[[], int] = lambda: NOW,
    log: Callable[[str], None] = lambda line: None,
) -> Witness:
    """A witness with both keys over some memory."""
    return Witness(witness.known(logs or [str(LOG_KEY)]), NAME, [OWN, LATTICE], growth, growth.path.parent, now, log)


def test_growth_is_cosigned_by_both_keys_at_one_time(own: Witness) -> None:
    """From nothing, then from what was cosigned."""
    assert 200 == own.add(request(0, 4)).status_code
    answer = own.add(request(4, 9))
    lines = [SignatureLine.parse(row) for row in bytes(answer.body).decode().removesuffix("\n").split("\n")]
    assert [NOW, NOW] == [time_of(*pair, checkpoint(9).text) for pair in zip(lines, VKEYS, strict=True)]


def test_its_operator_reads_what_it_cosigns_and_what_it_refuses(tmp_path: Path) -> None:
    """A line for each, and one for the same again."""
    said: list[str] = []
    own = witness_of(Growth(tmp_path / "witness.db"), log=said.append)
    other = [merkle.leaf_hash(b"other"), *LEAVES[1:]]
    for body in (request(0, 4), request(4, 4), request(4, 9, checkpoint(9, leaves=other)), request(4, 9)):
        own.add(body)
    assert f"cosigned: the head of 4 leaves of {ORIGIN}" == said[0]
    assert said[1].startswith(f"a checkpoint of {ORIGIN} is not cosigned: ")
    assert [f"cosigned: the head of 9 leaves of {ORIGIN}"] == said[2:]


def test_another_size_than_remembered_is_409_with_the_size(own: Witness) -> None:
    """So that the log can ask again from there; logs compare the type as a whole."""
    own.add(request(0, 4))
    answer = own.add(request(3, 9))
    assert (409, b"4\n", "text/x.tlog.size") == (answer.status_code, answer.body, answer.headers["content-type"])


def test_a_fork_is_not_cosigned(own: Witness) -> None:
    """Another root at the same size, which is no 409 with a size, and growth out of another past."""
    other = [merkle.leaf_hash(b"other"), *LEAVES[1:]]
    own.add(request(0, 4))
    same = own.add(request(4, 4, checkpoint(4, leaves=other)))
    assert (409, True) == (same.status_code, same.headers["content-type"].startswith("text/plain"))
    assert 422 == own.add(request(4, 9, checkpoint(9, leaves=other))).status_code
    assert 409 == own.add(request(0, 9, checkpoint(9, leaves=other))).status_code


OTHER = [merkle.leaf_hash(b"other"), *LEAVES[1:]]


@pytest.mark.parametrize(
    ("last", "old", "size", "status", "kept"),
    [(4, 4, 4, 409, True), (4, 0, 4, 409, True), (5, 5, 9, 422, True), (4, 4, 9, 422, False), (5, 4, 9, 409, False)],
    ids=["one size", "one size from elsewhere", "growth", "growth from a power of two", "growth from elsewhere"],
)
def test_a_fork_that_convicts_the_log_is_kept_as_evidence(
    tmp_path: Path, last: int, old: int, size: int, status: int, kept: bool
) -> None:
    """By the log's key alone, over a restart, once; where the request proves nothing, nothing is said of the log."""
    told: list[str] = []
    growth = Growth(tmp_path / "witness.db")
    own = witness_of(growth)
    assert 200 == own.add(request(0, last)).status_code
    growth.close()
    own = witness_of(Growth(tmp_path / "witness.db"), log=told.append)
    head = checkpoint(size, leaves=OTHER)
    beside = head.with_lines(note.sign(head.text, "stranger.example", OWN))
    proof = merkle.consistency(old, size, OTHER) if 0 < old < size else ()
    for _ in range(2):
        assert status == own.add(str(Request(old, tuple(proof), beside)).encode()).status_code
    found = sorted(tmp_path.glob("*.evidence"))
    assert ([tmp_path / "split-view.evidence"] if kept else []) == found
    for path in found:
        evidence = Evidence.parse(path.read_bytes())
        evidence.verify(LOG_KEY)
        assert (checkpoint(last), head) == (evidence.older, evidence.newer)
        assert [f"the key of {ORIGIN} signed two views that cannot both be true, see {path}"] == told[-1:]
    assert 200 == own.add(request(last, 9)).status_code


def test_evidence_against_a_log_whose_origin_is_not_its_keys_name(tmp_path: Path) -> None:
    """And beside a proof against another log."""
    text = f"{Vkey('keys.example', LOG.public)} {ORIGIN}"
    own = witness_of(Growth(tmp_path / "witness.db"), logs=[text])
    (tmp_path / "split-view.evidence").write_text("of another log\n")
    heads = [checkpoint(4, leaves=leaves).text for leaves in (LEAVES, OTHER)]
    for old, head in zip((0, 4), heads, strict=True):
        own.add(request(old, 4, Note(head, (note.sign(head, "keys.example", LOG),))))
    proof = Evidence.parse((tmp_path / "split-view-2.evidence").read_bytes())
    proof.verify(Vkey("keys.example", LOG.public), origin=ORIGIN)


def test_a_proof_that_finds_no_room_changes_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads why."""

    def full(path: Path, data: bytes, *, mode: int) -> None:
        raise DiskFull("no room", where=str(path))

    told: list[str] = []
    own = witness_of(Growth(tmp_path / "witness.db"), log=told.append)
    own.add(request(0, 4))
    monkeypatch.setattr(durable, "write", full)
    assert 409 == own.add(request(4, 4, checkpoint(4, leaves=OTHER))).status_code
    assert [False, True] == ["no room" in line for line in told]


def test_logs_are_remembered_apart(tmp_path: Path) -> None:
    """Each from its own beginning, by its own keys; a second key of one log is as good as the first."""
    second, third = Ed25519Signer(b"\x07" * 32), Ed25519Signer(b"\x08" * 32)
    texts = [str(LOG_KEY), f"{Vkey('keys.example', second.public)} the other log", str(Vkey(ORIGIN, third.public))]
    own = witness_of(Growth(tmp_path / "witness.db"), logs=texts)
    text = str(Checkpoint("the other log", 5, merkle.root(LEAVES[:5])))
    other = Note(text, (note.sign(text, "keys.example", second),))
    assert [200, 200] == [own.add(request(0, 4)).status_code, own.add(request(0, 5, other)).status_code]
    assert 200 == own.add(request(4, 9, checkpoint(9, third))).status_code
    assert 403 == own.add(request(9, 9, checkpoint(9, second))).status_code
    assert 409 == own.add(request(4, 5, other)).status_code


def test_extension_lines_are_cosigned_by_ed25519_alone(own: Witness) -> None:
    """The struct of ML-DSA-44 has no place for them (c2sp.org/tlog-cosignature); asked again, it is the same."""
    text = str(Checkpoint(ORIGIN, 4, merkle.root(LEAVES[:4]), ("an extension line",)))
    head = Note(text, (note.sign(text, ORIGIN, LOG),))
    for old in (0, 4):
        answer = own.add(str(Request(old, (), head)).encode())
        (line,) = bytes(answer.body).decode().splitlines()
        assert (200, NOW) == (answer.status_code, time_of(SignatureLine.parse(line), VKEYS[0], text))
    assert 200 == own.add(request(4, 9)).status_code


def test_signatures_of_strangers_are_ignored(own: Witness) -> None:
    head = checkpoint(4)
    beside = note.sign(head.text, "stranger.example", OWN)
    assert 200 == own.add(request(0, 4, Note(head.text, (beside, *head.signatures)))).status_code
    assert 403 == own.add(request(4, 4, Note(head.text, (beside,)))).status_code


def test_a_clock_that_went_back_signs_nothing(tmp_path: Path) -> None:
    """503: the log may ask again when the clock is right; what was remembered stays."""
    times = iter([NOW, NOW - 1, NOW])
    own = witness_of(Growth(tmp_path / "witness.db"), now=lambda: next(times))
    assert [200, 503, 200] == [own.add(body).status_code for body in (request(0, 4), request(4, 9), request(4, 9))]


def test_what_could_not_be_remembered_is_not_cosigned(tmp_path: Path) -> None:
    """A disk without room."""

    class Full(Growth):
        def advance(self, origin: str, since: Memory, memory: Memory, *, time: int, note: str = "") -> None:
            raise DiskFull("no room", where="witness.db")

    own = witness_of(Full(tmp_path / "witness.db"))
    answer = own.add(request(0, 4))
    assert (503, False) == (answer.status_code, "—" in bytes(answer.body).decode())


def test_who_came_between_is_a_conflict(tmp_path: Path) -> None:
    """The race of the standard: a larger log was cosigned after this request was judged, and before it was written."""

    class Raced(Growth):
        def advance(self, origin: str, since: Memory, memory: Memory, *, time: int, note: str = "") -> None:
            if memory.size == 5:
                super().advance(origin, since, Memory(9, merkle.root(LEAVES)), time=time, note=note)
            super().advance(origin, since, memory, time=time, note=note)

    own = witness_of(Raced(tmp_path / "witness.db"))
    assert 200 == own.add(request(0, 4)).status_code
    answer = own.add(request(4, 5))
    assert (409, b"9\n", "text/x.tlog.size") == (answer.status_code, answer.body, answer.headers["content-type"])


def test_other_logs_and_other_keys_are_refused(own: Witness) -> None:
    """404 for a log it does not know, 403 for a signature that is not the log's, 400 for no request."""
    assert 404 == own.add(request(0, 4, checkpoint(4, origin="example.org/other"))).status_code
    assert 403 == own.add(request(0, 4, checkpoint(4, signer=OWN))).status_code
    assert 400 == own.add(b"old x\n\n").status_code


def test_a_witness_remembers_over_a_restart(tmp_path: Path) -> None:
    """What it cosigned is on disk before it answers."""
    for size in (4, 4):
        growth = Growth(tmp_path / "witness.db")
        again = witness_of(growth)
        status = again.add(request(0, size)).status_code
        growth.close()
    assert 409 == status


def test_a_witness_is_set_up_for_some_logs(tmp_path: Path) -> None:
    """Its configuration is read back, and a log is added; a text that is no key makes nothing, and adds nothing."""
    log, home = str(LOG_KEY), tmp_path / "w"
    one, two = witness.init(home, listen="127.0.0.1:8601", name=NAME, logs=[log])
    assert (NAME, COSIGNATURE, NAME, MLDSA_COSIGNATURE) == (one.name, one.algorithm, two.name, two.algorithm)
    assert one.key == Keyring(home).signer("witness").public
    assert two.key == Keyring(home).signer("witness-ml-dsa").public
    other = f"{Vkey('keys.example', OWN.public)} the other log"
    assert [ORIGIN, "the other log"] == [added.origin for added in witness.add_log(home, other)]
    assert (log, other) == config.witness(home).logs
    for again in (log, other, "none", str(VKEYS[0]), f"{LOG_KEY} {'o' * 256}"):
        with pytest.raises((FormatError, ConfigError)):
            witness.add_log(home, again)
    assert (log, other) == config.witness(home).logs
    with pytest.raises(FormatError):
        witness.init(tmp_path / "x", listen="127.0.0.1:8601", name=NAME, logs=["none"])
    assert not (tmp_path / "x").exists()


FORKS = (LEAVES, [*LEAVES[:3], *(merkle.leaf_hash(b"fork %d" % i) for i in range(6))])
ASKED = st.tuples(st.sampled_from(FORKS), st.integers(0, 9), st.integers(0, 9), st.sampled_from(FORKS))


@settings(max_examples=40)
@given(st.lists(ASKED, max_size=30))
def test_what_was_cosigned_is_one_log_whatever_was_asked_in_which_order(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[list[bytes], int, int, list[bytes]]]
) -> None:
    """Two logs of one key that part after three leaves, true and false proofs, stale sizes, and sizes again."""
    growth = Growth(tmp_path_factory.mktemp("w") / "witness.db")
    own, told = witness_of(growth), [(0, merkle.EMPTY)]
    for leaves, old, size, proven in asked:
        proof = merkle.consistency(old, size, proven) if 0 < old <= size else ()
        head = checkpoint(size, leaves=leaves)
        if own.add(str(Request(old, tuple(proof), head)).encode()).status_code == 200:
            told.append((size, Checkpoint.of(head).root))
    growth.close()
    assert told == sorted(told, key=lambda one: one[0])
    assert any(all(merkle.root(log[:size]) == root for size, root in told) for log in FORKS)


def test_the_door_takes_posts_of_a_size_that_a_request_may_have(own: Witness) -> None:
    """63 hashes and 100 long signatures at most; it is cut off, not read to its end."""

    async def asked() -> list[int]:
        transport = httpx2.ASGITransport(app=own.door())
        async with httpx2.AsyncClient(transport=transport, base_url="http://w") as client:
            bodies = [request(0, 4), b"x" * (witness.LARGEST + 1)]
            posts = [await client.post("/add-checkpoint", content=body) for body in bodies]
            gets = [await client.get(path) for path in ("/add-checkpoint", "/", "/add-tree-head")]
            assert [*map(str, VKEYS), f"cosigns {ORIGIN}"] == gets[1].text.splitlines()
            return [answer.status_code for answer in (*posts, *gets)]

    assert [200, 413, 405, 200, 404] == asyncio.run(asked())


def test_a_request_may_be_as_large_as_the_standards_and_readers_let_it_be(own: Witness) -> None:
    """A checkpoint with as many cosignatures by ML-DSA-44 as a note holds."""
    head = checkpoint(4)
    others = [cosign(head.text, f"other.example/{i}", NOW, LATTICE) for i in range(99)]
    body = request(0, 4, head.with_lines(*others))
    assert len(body) + 63 * 45 < witness.LARGEST
    assert 200 == own.add(body).status_code
