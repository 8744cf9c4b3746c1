"""Evidence convicts a log that signed two views, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, NotVerified
from comity.tlog import merkle
from comity.tlog.cosignature import cosign
from comity.tlog.evidence import Evidence, convict
from comity.tlog.merkle import Node
from comity.tlog.note import MLDSA_COSIGNATURE, Note, Vkey, sign, vkey
from tests.tlog.a_log import HUB_KEY, ORIGIN, checkpoint, lattice_signer, leaf_hashes, signed, signer

HASHES = leaf_hashes(60)
OTHER = [merkle.leaf_hash(b"other"), *HASHES[1:]]


def node(hashes: list[bytes]) -> Node:
    return lambda level, index: merkle.root(hashes[index << level : (index + 1) << level])


@given(st.integers(1, 60), st.integers(1, 60))
def test_two_views_convict_the_log_that_signed_them(one: int, two: int) -> None:
    """Of one size or of two, in whichever order they were met; and the record says so after it was sent."""
    small, large = sorted((one, two))
    views = signed(checkpoint(OTHER[:small])), signed(checkpoint(HASHES[:large]))
    for first, second in (views, views[::-1]):
        evidence = convict(first, second, node(HASHES))
        evidence.verify(HUB_KEY)
        assert evidence == Evidence.parse(str(evidence))
        Evidence.parse(str(evidence).encode()).verify(HUB_KEY)


@given(st.integers(1, 60), st.integers(1, 60))
def test_an_honest_log_is_never_convicted(one: int, two: int) -> None:
    """Not by its own growth, and not by a prefix that its root does not bind."""
    small, large = sorted((one, two))
    older, newer = signed(checkpoint(HASHES[:small])), signed(checkpoint(HASHES[:large]))
    made = [convict(older, newer, node(HASHES))]
    if small < large:
        made.append(convict(older, newer, node(OTHER)))
        made.append(Evidence(older, newer, merkle.root(OTHER[:small]), merkle.consistency(small, large, HASHES)))
    for evidence in made:
        with pytest.raises(NotVerified):
            evidence.verify(HUB_KEY)


def test_a_view_that_the_log_did_not_sign_convicts_nobody() -> None:
    other = checkpoint(OTHER)
    forged = Note(str(other), (sign(str(other), ORIGIN, signer(9)),))
    for evidence in (Evidence(signed(checkpoint(HASHES)), forged), Evidence(forged, signed(checkpoint(HASHES)))):
        with pytest.raises(NotVerified, match="not signed by the log"):
            evidence.verify(HUB_KEY)


def test_views_of_two_logs_convict_nobody() -> None:
    """One key may, unwisely, sign for two origins: their trees need not agree."""
    elsewhere = checkpoint(OTHER, "log.example/elsewhere")
    second = Note(str(elsewhere), (sign(str(elsewhere), ORIGIN, signer(0)),))
    with pytest.raises(NotVerified, match="two logs"):
        Evidence(signed(checkpoint(HASHES)), second).verify(HUB_KEY)
    with pytest.raises(NotVerified):
        Evidence(signed(checkpoint(HASHES)), second).verify(vkey("log.example/elsewhere", HUB_KEY.key))


def test_two_views_of_another_log_do_not_convict_a_log_of_the_same_key() -> None:
    """Whose origin is not the key's name: only whoever says that this is the log's origin may read them against it."""
    views = [checkpoint(hashes, "log.example/elsewhere") for hashes in (HASHES, OTHER)]
    one, other = (Note(str(view), (sign(str(view), ORIGIN, signer(0)),)) for view in views)
    evidence = Evidence(one, other)
    for origin in (None, ORIGIN):
        with pytest.raises(NotVerified, match="views of another log"):
            evidence.verify(HUB_KEY, origin=origin)
    evidence.verify(HUB_KEY, origin="log.example/elsewhere")


def test_a_log_that_signs_by_ml_dsa_is_convicted_by_its_own_key() -> None:
    """Its checkpoints stand under a cosignature; a witness by such a key is no log, and is not convicted."""
    key = Vkey(ORIGIN, lattice_signer(0).public, MLDSA_COSIGNATURE)
    one, other = (
        Note(text, (cosign(text, ORIGIN, 7, lattice_signer(0)),))
        for text in (str(checkpoint(HASHES)), str(checkpoint(OTHER)))
    )
    Evidence(one, other).verify(key)
    with pytest.raises(NotVerified):
        Evidence(one, one).verify(key)
    text = str(checkpoint(OTHER))
    stranger = Note(text, (cosign(text, "w.example", 7, lattice_signer(0)),))
    with pytest.raises(NotVerified):
        Evidence(stranger, stranger).verify(Vkey("w.example", key.key, MLDSA_COSIGNATURE))


def test_evidence_in_another_shape_is_refused() -> None:
    small, large = signed(checkpoint(OTHER[:3])), signed(checkpoint(HASHES))
    good = str(convict(small, large, node(HASHES)))
    shapes = [
        (large, small, None, ()),
        (small, large, None, ()),
        (large, large, bytes(32), ()),
        (small, large, b"", ()),
    ]
    for shape in shapes:
        with pytest.raises(FormatError):
            Evidence(*shape)
    for bad in ("", good[:-1], good + "\n", good.replace("@v1", "@v2"), good.replace("\n", "\n\n", 1)):
        with pytest.raises(FormatError):
            Evidence.parse(bad)
