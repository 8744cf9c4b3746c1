"""A PostgreSQL server of Debian's package for the tests alone: a folder of its own, a free port, and a socket."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

INSTALL = "apt-get install postgresql (make test installs it where it may; WITHOUT=postgres leaves these tests out)"
SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
OWNER = "office"  # superuser of the server; its databases and tables are the office's
PASSWORD = 'kept "at home", $1'


@dataclass(frozen=True)
class Server:
    """folder: holds `data`, the socket, and `log`, where every statement is written with its parameters."""

    folder: Path
    port: int

    def address(self, user: str, database: str = "census") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def socket(self, user: str, database: str = "census") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def office(self, database: str = "census") -> "psycopg.Connection[tuple[object, ...]]":
        """As the office itself, over the socket, each statement on its own."""
        return psycopg.connect(self.socket(OWNER, database), autocommit=True)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def programs() -> Path:
    """Where Debian keeps initdb and pg_ctl: the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise FileNotFoundError(f"found no PostgreSQL server; way out: {INSTALL}")
    return found[-1].parent


@contextmanager
def running(settings: dict[str, str] | None = None, *, logged: bool = True) -> Iterator[Server]:
    """A server with the database `census`; stopped and removed afterwards. For root it runs as `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
    as_user = []
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    server, data = Server(folder, port), folder / "data"
    # The office comes in over the socket; everybody else shows a password, as on a real server.
    hba = f"local all {OWNER} trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
    fixed = {
        **SPEED,
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        **({"log_statement": "all", "log_connections": "on"} if logged else {}),
        **(settings or {}),
    }

    def run(program: str, *words: str) -> None:
        command = [*as_user, str(programs() / program), *words]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

    try:
        run("initdb", "-D", str(data), "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--auth=trust")
        (data / "pg_hba.conf").write_text(hba)
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in fixed.items())
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "start")
        try:
            with server.office("postgres") as office:
                office.execute("CREATE DATABASE census")
            yield server
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
