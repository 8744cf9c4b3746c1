"""A witness signs only growth that is proven."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.keys import Ed25519Signer, MlDsa44Signer
from comity.tlog import merkle
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, sign, vkey
from comity.tlog.spelling import b64
from comity.tlog.witness import Accept, Conflict, Deny, Known, Memory, Request, decide, taken
from tests.tlog.a_log import HUB_KEY, ORIGIN, checkpoint, hashes, leaf_hashes, signed, signer

HASHES = leaf_hashes(90)


def memory(size: int) -> Memory:
    return Memory(size, merkle.root(HASHES[:size]))


def status(answer: Accept | Conflict | Deny) -> int:
    return 200 if isinstance(answer, Accept) else answer.status


@given(st.integers(0, 90), st.integers(0, 90))
def test_proven_growth_is_accepted_and_remembered(one: int, two: int) -> None:
    """From nothing, from the same size again, and from any smaller one."""
    old, new = sorted((one, two))
    proof = merkle.consistency(old, new, HASHES) if old else ()
    assert Accept(memory(new)) == decide(memory(old), old, signed(checkpoint(HASHES[:new])), proof, Known.by(HUB_KEY))


@given(st.integers(1, 89), st.data())
def test_growth_of_another_log_is_refused(old: int, data: st.DataObject) -> None:
    """One leaf in the past rewritten, however the proof is made. Of the very size remembered: 409 and no size."""
    new = data.draw(st.integers(old, 90))
    place = data.draw(st.integers(0, old - 1))
    rewritten = [*HASHES[:place], merkle.leaf_hash(b"rewritten"), *HASHES[place + 1 :]]
    note = signed(checkpoint(rewritten[:new]))
    for proof in (merkle.consistency(old, new, rewritten), merkle.consistency(old, new, HASHES)):
        answer = decide(memory(old), old, note, proof, Known.by(HUB_KEY))
        assert not isinstance(answer, Accept | Conflict)
        assert (409 if old == new else 422) == status(answer)


def test_a_stale_size_is_a_conflict_that_tells_the_size() -> None:
    """409, so that the log can ask again from there."""
    proof = merkle.consistency(3, 9, HASHES)
    assert Conflict(5) == decide(memory(5), 3, signed(checkpoint(HASHES[:9])), proof, Known.by(HUB_KEY))


def test_a_witness_never_goes_back() -> None:
    """To the size before, as a hub with a restored backup would ask."""
    note = signed(checkpoint(HASHES[:5]))
    assert Conflict(9) == decide(memory(9), 5, note, (), Known.by(HUB_KEY))
    assert 400 == status(decide(memory(9), 9, note, (), Known.by(HUB_KEY)))


def test_other_refusals_have_the_standards_status() -> None:
    note = signed(checkpoint(HASHES[:5]))
    assert 404 == status(decide(Memory(), 0, note, (), Known.by(vkey("log.example/other", HUB_KEY.key))))
    assert 403 == status(decide(Memory(), 0, note, (), Known.by(vkey(ORIGIN, signer(1).public))))
    assert 422 == status(decide(Memory(), 0, note, (bytes(32),), Known.by(HUB_KEY)))
    assert 422 == status(decide(memory(3), 3, note, (), Known.by(HUB_KEY)))
    assert 400 == status(decide(Memory(), 0, Note("no checkpoint\n", note.signatures), (), Known.by(HUB_KEY)))


@given(st.integers(0, 2**63 - 1), st.lists(hashes, max_size=63).map(tuple))
def test_a_request_is_read_as_it_is_written(old: int, proof: tuple[bytes, ...]) -> None:
    request = Request(old, proof, signed(checkpoint(HASHES[:5])))
    assert request == Request.parse(str(request))
    assert request == Request.parse(str(request).encode())


@pytest.mark.parametrize(
    "head", ["", "old\n", "old 01\n", "old -1\n", "new 1\n", "old 1\nAAAA\n", "old 1\n" + "A" * 43 + "=\n" * 64]
)
def test_another_spelling_of_a_request_is_refused(head: str) -> None:
    with pytest.raises(FormatError):
        Request.parse(f"{head}\n{signed(checkpoint(HASHES[:5]))}")


def test_an_origin_need_not_be_its_keys_name() -> None:
    """And a log may have several keys: one of them must have signed."""
    note = signed(checkpoint(HASHES[:5]))
    other = vkey(ORIGIN, signer(1).public)
    text = note.text.replace(ORIGIN, "go.sum database tree")
    named = Note(text, (sign(text, ORIGIN, signer(0)),))
    assert Accept(memory(5)) == decide(Memory(), 0, named, (), Known("go.sum database tree", (other, HUB_KEY)))
    assert 403 == status(decide(Memory(), 0, named, (), Known("go.sum database tree", (other,))))
    assert 404 == status(decide(Memory(), 0, note, (), Known("go.sum database tree", (HUB_KEY,))))


def test_an_empty_log_has_one_root() -> None:
    """Cosigned as any other; with another root it is 422, once it is known who says so."""
    note = signed(checkpoint([]))
    assert Accept(Memory()) == decide(Memory(), 0, note, (), Known.by(HUB_KEY))
    text = note.text.replace(b64(merkle.EMPTY), b64(bytes(32)))
    false = Note(text, (sign(text, ORIGIN, signer(0)),))
    assert 422 == status(decide(Memory(), 0, false, (), Known.by(HUB_KEY)))
    assert 403 == status(decide(Memory(), 0, Note(text, note.signatures), (), Known.by(HUB_KEY)))
    assert 404 == status(decide(Memory(), 0, false, (), Known("log.example/other", (HUB_KEY,))))


def test_a_proof_where_there_is_nothing_to_prove_is_refused() -> None:
    """From nothing, and from the same size."""
    note = signed(checkpoint(HASHES[:5]))
    for size in (0, 5):
        assert 422 == status(decide(memory(size), size, note, (bytes(32),), Known.by(HUB_KEY)))


def lines_of(*lines: SignatureLine) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("kind", [Ed25519Signer, MlDsa44Signer])
def test_a_log_takes_the_lines_of_the_witness_it_asked(kind: type[Ed25519Signer | MlDsa44Signer]) -> None:
    """And leaves those of other keys, whoever put them there."""
    text, key = signed(checkpoint(HASHES[:5])).text, kind(bytes(31) + b"w")
    mine, other = cosign(text, "w.example", 7, key), cosign(text, "w.example", 7, signer(3))
    algorithm = MLDSA_COSIGNATURE if kind is MlDsa44Signer else COSIGNATURE
    assert (mine,) == taken(lines_of(other, mine), text, [vkey("w.example", key.public, algorithm)])
    assert () == taken(lines_of(other), text, [vkey("w.example", key.public, algorithm)])


def test_a_witness_that_cosigned_another_checkpoint_is_not_believed() -> None:
    text, other = (signed(checkpoint(HASHES[:size])).text for size in (5, 6))
    known = [vkey("w.example", signer(3).public, COSIGNATURE)]
    with pytest.raises(FormatError, match="does not hold"):
        taken(lines_of(cosign(other, "w.example", 7, signer(3))), text, known)


@pytest.mark.parametrize("body", [b"", b"\n", b"no line\n", b"\xff\n", "— w.example".encode(), b"\n" * 70])
def test_an_answer_that_is_no_list_of_lines_is_refused(body: bytes) -> None:
    with pytest.raises(FormatError):
        taken(body, signed(checkpoint(HASHES[:5])).text, [])
