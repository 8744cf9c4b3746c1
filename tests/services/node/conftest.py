"""What all tests of a node share."""

import pytest

from comity.services.node import beside


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round waits for its table: on a busy machine two seconds may be over before a small one is counted."""
    monkeypatch.setattr(beside, "MOMENT", 60.0)
