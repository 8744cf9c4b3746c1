"""One server for all tests here, started by the first that wants it; a role that reads, as docs/sources.md makes it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.model.source import POSTGRESQL, Source
from tests.postgres.server import PASSWORD, Server, running

Made = Callable[..., Source]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running() as server:
        with server.office() as office:
            office.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            office.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
        yield server


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{PASSWORD}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def made(server: Server, secret: Path) -> Iterator[Made]:
    """Makes a table by statements of the office, and gives the source that reads it; the schema is gone afterwards."""

    def make(*statements: str, user: str = "reader", table: str = "home.people") -> Source:
        with server.office() as office:
            for statement in statements:
                office.execute(statement)  # type: ignore[call-overload]
            office.execute("GRANT SELECT ON ALL TABLES IN SCHEMA home TO reader")
        path = server.address(user)
        return Source(id="pg", path=path, format=POSTGRESQL, table=table, secret=str(secret), unique=False)

    with server.office() as office:
        office.execute("DROP SCHEMA IF EXISTS home CASCADE; CREATE SCHEMA home; GRANT USAGE ON SCHEMA home TO reader")
    yield make
    with server.office() as office:
        office.execute("DROP SCHEMA IF EXISTS home CASCADE")
