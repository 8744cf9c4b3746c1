"""Leaves that wait on disk come back as they went there, and leave nothing behind."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.spool import Spool
from comity.errors import DiskFull


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.lists(st.binary(max_size=300), max_size=5), max_size=5))
def test_leaves_come_back_in_order(tmp_path_factory: pytest.TempPathFactory, rows: list[list[bytes]]) -> None:
    folder = tmp_path_factory.mktemp("spool")
    with Spool(folder) as spool:
        for row in rows:
            spool.add(row)
            assert row == list(spool.leaves())[-len(row) :] or not row
        assert [leaf for row in rows for leaf in row] == list(spool.leaves())
        assert [] == list(folder.iterdir())


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool._file = open("/dev/full", "r+b", buffering=0)  # type: ignore[assignment]  # noqa: SIM115
        with pytest.raises(DiskFull, match="cannot be kept"):
            spool.add([b"a leaf"])
