"""A release's record, which whoever publishes writes alone."""

import pytest

from comity import canon
from comity.errors import FormatError
from comity.model.release import File

TRUE = {"digest": canon.digest(b"x"), "path": "a/b.csv", "size": 1}


def test_a_file_is_read() -> None:
    assert File(path="a/b.csv", digest=canon.digest(b"x"), size=1) == canon.decode(canon.encode(TRUE), File)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", "nonsense"),
        ("digest", ""),
        ("digest", canon.digest(b"x").upper()),
        ("digest", canon.digest(b"x") + "\n"),
        ("digest", canon.hex_of(canon.digest(b"x"))),
        ("size", -1),
        ("path", "../a.csv"),
        ("path", "release.json"),
    ],
)
def test_a_file_that_names_nothing_is_no_record(field: str, value: object) -> None:
    """Others look for it, and write it to disk."""
    with pytest.raises(FormatError):
        canon.decode(canon.encode({**TRUE, field: value}), File)
