"""The places of one log, for all tests of this room; nobody writes into them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.research import Connection, connect
from tests.builders.assembly import Assembly
from tests.research import places
from tests.services.node.hub import Hub


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's public folder."""
    return places.public(tmp_path_factory.mktemp("hub") / "public")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the joint release."""
    return places.release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def served(public: Path) -> Iterator[str]:
    """The public folder over HTTP."""
    with Hub(Assembly(1)) as hub:
        files = (path for path in public.rglob("*") if path.is_file())
        hub.files = {path.relative_to(public).as_posix(): path.read_bytes() for path in files}
        yield hub.address


@pytest.fixture(scope="session")
def hub(public: Path) -> Connection:
    """A pinned connection to the public folder."""
    return connect(public, charter=places.world().charter)
