"""A witness signs only growth that is proven."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.tlog import merkle
from comity.tlog.note import Note, vkey
from comity.tlog.witness import Accept, Conflict, Deny, Memory, Request, decide
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
    assert Accept(memory(new)) == decide(memory(old), old, signed(checkpoint(HASHES[:new])), proof, HUB_KEY)


@given(st.integers(1, 89), st.data())
def test_growth_of_another_log_is_refused(old: int, data: st.DataObject) -> None:
    """One leaf in the past rewritten, however the proof is made."""
    new = data.draw(st.integers(old, 90))
    place = data.draw(st.integers(0, old - 1))
    rewritten = [*HASHES[:place], merkle.leaf_hash(b"rewritten"), *HASHES[place + 1 :]]
    note = signed(checkpoint(rewritten[:new]))
    for proof in (merkle.consistency(old, new, rewritten), merkle.consistency(old, new, HASHES)):
        assert 422 == status(decide(memory(old), old, note, proof, HUB_KEY))


def test_a_stale_size_is_a_conflict_that_tells_the_size() -> None:
    """409, so that the log can ask again from there."""
    proof = merkle.consistency(3, 9, HASHES)
    assert Conflict(5) == decide(memory(5), 3, signed(checkpoint(HASHES[:9])), proof, HUB_KEY)


def test_a_witness_never_goes_back() -> None:
    """To the size before, as a hub with a restored backup would ask."""
    note = signed(checkpoint(HASHES[:5]))
    assert Conflict(9) == decide(memory(9), 5, note, (), HUB_KEY)
    assert 400 == status(decide(memory(9), 9, note, (), HUB_KEY))


def test_other_refusals_have_the_standards_status() -> None:
    note = signed(checkpoint(HASHES[:5]))
    assert 404 == status(decide(Memory(), 0, note, (), vkey("log.example/other", HUB_KEY.key)))
    assert 403 == status(decide(Memory(), 0, note, (), vkey(ORIGIN, signer(1).public)))
    assert 422 == status(decide(Memory(), 0, note, (bytes(32),), HUB_KEY))
    assert 422 == status(decide(memory(3), 3, note, (), HUB_KEY))
    assert 400 == status(decide(Memory(), 0, Note("no checkpoint\n", note.signatures), (), HUB_KEY))


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
