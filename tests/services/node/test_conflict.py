"""Evidence stops whoever holds it."""

from pathlib import Path

import pytest

from comity.adapters import evidence
from comity.errors import NotVerified
from comity.services.node import conflict


def test_evidence_stops_a_node_until_it_is_taken_away(tmp_path: Path) -> None:
    conflict.halt(tmp_path)
    path = evidence.put(tmp_path / conflict.FOLDER, evidence.SPLIT, b"two views")
    with pytest.raises(NotVerified, match="two views"):
        conflict.halt(tmp_path)
    path.unlink()
    conflict.halt(tmp_path)
