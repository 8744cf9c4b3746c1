"""A blob is whole or absent, and is what its name says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity import canon
from comity.adapters.blobs import Blobs
from comity.errors import FormatError, NotVerified


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_is_put_comes_back(tmp_path: Path, data: bytes) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(data)
    assert canon.digest(data) == digest
    assert data == blobs.get(digest)
    assert blobs.has(digest)


def test_a_blob_lies_where_the_design_says(tmp_path: Path) -> None:
    """SHA-256 of "abc" (FIPS 180-2, B.1)."""
    Blobs(tmp_path).put(b"abc")
    name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert b"abc" == (tmp_path / "sha256" / "ba" / name).read_bytes()


def test_other_bytes_under_a_digest_are_not_kept(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with pytest.raises(FormatError, match="not what its digest says"):
        blobs.put(b"abd", digest=canon.digest(b"abc"))
    assert [] == list(tmp_path.rglob("*"))


def test_a_changed_file_is_not_read(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"abc")
    blobs.path(digest).write_bytes(b"abd")
    with pytest.raises(NotVerified):
        blobs.get(digest)


def test_a_blob_that_is_not_here_is_none(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"abc")
    blobs.drop(digest)
    assert blobs.get(digest) is None
    assert not blobs.has(digest)
