"""Checkpoints: one spelling, one root for an empty log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import EMPTY
from comity.tlog.spelling import b64
from tests.tlog.a_log import hashes

line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30)


@given(line, st.integers(1, 2**63 - 1), hashes, st.lists(line, max_size=3).map(tuple))
def test_a_checkpoint_is_read_as_it_is_written(origin: str, size: int, root: bytes, more: tuple[str, ...]) -> None:
    head = Checkpoint(origin, size, root, more)
    assert head == Checkpoint.parse(str(head))


def test_the_example_of_the_standard() -> None:
    """c2sp.org/tlog-checkpoint, the note text at its top."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    head = Checkpoint.parse(text)
    assert ("example.com/behind-the-sofa", 20852163) == (head.origin, head.size)
    assert text == str(head)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a\n1\n",
        f"a\n1\n{b64(bytes(32))}",
        f"\n1\n{b64(bytes(32))}\n",
        f"a\n01\n{b64(bytes(32))}\n",
        f"a\n+1\n{b64(bytes(32))}\n",
        f"a\n١\n{b64(bytes(32))}\n",
        f"a\n9223372036854775808\n{b64(bytes(32))}\n",
        f"a\n1\n{b64(bytes(31))}\n",
        f"a\n1\n{b64(bytes(32))[:-2]}B=\n",
        f"a\n1\n{b64(bytes(32))}\n\n",
        f"a\n1\n{b64(bytes(32))}\nb\n\nc\n",
        f"a\r\n1\r\n{b64(bytes(32))}\r\n",
        f"a\n0\n{b64(bytes(32))}\n",
    ],
)
def test_another_spelling_of_a_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        Checkpoint.parse(bad)


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert 0 == Checkpoint.parse(f"a\n0\n{b64(EMPTY)}\n").size
