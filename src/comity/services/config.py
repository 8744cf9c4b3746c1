"""`comity.toml`: what one service is told by its operator, read strictly; and where its state folder lies.

Decides which fields there are and how they are spelt. An unknown field is refused: a rule that is not understood
would be a rule that is not kept. National policy has a file of its own (`model.policy`). No environment variable is
read but COMITY_HOME.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import ConfigError, FormatError
from comity.model import toml as texts
from comity.model.member import Role, member_id

T = TypeVar("T")

FILE: Final = "comity.toml"
HOME: Final = "COMITY_HOME"

_MEMORY: Final = re.compile(r"([1-9][0-9]{0,5}(MB|GB|TB))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """[node]: a member, or another actor, at home.

    role: as a charter or motion names this office; only a member votes.
    workers: processes that compute the tiles of a raster study; 0: as many as the machine has CPUs.
    memory: of one count of a file, such as "4GB" (MB, GB, TB); "": a quarter of the machine's.
    """

    id: str  # the actor
    area: str  # M49, three digits
    hub: str  # URL of the hub; "" until a charter is pinned
    charter: Digest  # pinned: a log with another charter is not this member's; "" until then
    console: str  # host:port of the officer's console; "" for none
    role: Role = "member"
    workers: int = 0
    memory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """[hub]: the operator's service."""

    listen: str  # host:port
    witnesses: tuple[str, ...] = ()  # outside ones (c2sp.org/tlog-witness): verifier key and URL, a blank between


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """[witness]: one that is no member's node."""

    listen: str  # host:port
    name: str  # of its keys
    logs: tuple[str, ...]  # that it cosigns: a verifier key each, and the origin behind it if that is another name


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """[mirror]: anyone's copy of the public files."""

    listen: str  # host:port
    source: str  # URL of the hub, or of another mirror
    charter: Digest | None = None  # pinned: the log must begin with it
    policy: str | None = None  # pinned: file in the folder, under whose quorum each head must stand


def home(given: Path | None) -> Path:
    """The state folder: as given, else COMITY_HOME; ConfigError for neither."""
    if given is not None:
        return given
    if found := os.environ.get(HOME, ""):
        return Path(found)
    raise ConfigError("no state folder", wanted="--home FOLDER", way_out=f"give --home, or set {HOME}")


def node(path: Path, *, pinned: bool = True) -> Node:
    """The [node] of a state folder; ConfigError if it names no charter yet, unless that is allowed."""
    found = _read(path / FILE, "node", Node)
    where = f"{path / FILE}: node"
    if pinned and not found.charter:
        raise ConfigError(
            "no charter is pinned yet", where=f"{where}.charter", wanted="its digest", way_out="comity node join"
        )
    try:
        member_id(found.id, where=f"{where}.id")
        if found.charter:
            canon.hex_of(found.charter, where=f"{where}.charter")
    except FormatError as e:
        raise ConfigError(e.what, where=e.where, found=e.found, wanted=e.wanted, way_out="correct the field") from None
    if found.charter or found.hub:
        url(found.hub, where=f"{where}.hub")
    area(found.area, where=f"{where}.area")
    if not 0 <= found.workers <= 1024:
        raise ConfigError(
            "not a number of workers", where=f"{where}.workers", found=str(found.workers), wanted="0 to 1024"
        )
    if not _MEMORY.fullmatch(found.memory):
        raise ConfigError(
            "not an amount of memory",
            where=f"{where}.memory",
            found=found.memory,
            wanted='such as "4GB" (MB, GB, TB), or "" for a quarter of the machine',
        )
    if found.console:
        address(found.console, where=f"{where}.console")
    return found


def hub(path: Path) -> Hub:
    """The [hub] of a state folder."""
    found = _read(path / FILE, "hub", Hub)
    address(found.listen, where=f"{path / FILE}: hub.listen")
    return found


def witness(path: Path) -> Witness:
    """The [witness] of a state folder."""
    found = _read(path / FILE, "witness", Witness)
    address(found.listen, where=f"{path / FILE}: witness.listen")
    return found


def mirror(path: Path) -> Mirror:
    """The [mirror] of a state folder."""
    found = _read(path / FILE, "mirror", Mirror)
    address(found.listen, where=f"{path / FILE}: mirror.listen")
    url(found.source, where=f"{path / FILE}: mirror.source")
    if found.charter:
        try:
            canon.hex_of(found.charter, where=f"{path / FILE}: mirror.charter")
        except FormatError as e:
            way_out = "correct the field"
            raise ConfigError(e.what, where=e.where, found=e.found, wanted=e.wanted, way_out=way_out) from None
    return found


def write(path: Path, table: str, fields: object) -> None:
    """Write a `comity.toml` that the readers above read back; for records of texts and numbers."""
    durable.write(path / FILE, f"[{table}]\n{lines(fields)}".encode(), mode=PRIVATE_FILE)


def lines(fields: object) -> str:
    """A record as lines of TOML; what is None is left out."""
    plain = canon.plain(canon.encode(fields))
    return "".join(f"{name} = {value(item)}\n" for name, item in plain.items() if item is not None)


def address(text: str, *, where: str) -> tuple[str, int]:
    """Host and port of "host:port"; ConfigError for another spelling."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) < 65536):
        raise ConfigError("not an address", where=where, found=text, wanted="host:port, such as 127.0.0.1:8600")
    return host.strip("[]"), int(port)


def area(text: str, *, where: str) -> str:
    """An M49 code; ConfigError for another spelling."""
    if not (len(text) == 3 and text.isascii() and text.isdigit()):
        raise ConfigError("not an area", where=where, found=text, wanted="M49, three digits")
    return text


def toml(path: Path) -> dict[str, Any]:
    """The table of a TOML file; ConfigError if it is absent, no UTF-8, or no TOML."""
    try:
        data = path.read_bytes()
    except OSError as e:
        raise ConfigError(
            "cannot be read", where=str(path), found=e.strerror or "", way_out="comity ... init"
        ) from None
    return texts.read(data, where=str(path), wrong=ConfigError)


def convert(value: object, kind: type[T], *, where: str) -> T:
    """A record out of a TOML table, as `canon.convert`, but an operator's file is to blame, so ConfigError."""
    try:
        return canon.convert(value, kind, where=where)
    except FormatError as e:
        raise ConfigError(
            e.what,
            where=where,
            found=e.found,
            wanted=_fields(kind),
            way_out="correct the field; unknown ones are refused",
        ) from None


def _read(path: Path, table: str, kind: type[T]) -> T:
    """One table of the file, which must be its only one."""
    tables = toml(path)
    if set(tables) != {table}:
        raise ConfigError(
            "not the tables of this service",
            where=str(path),
            found=", ".join(f"[{name}]" for name in tables) or "an empty file",
            wanted=f"[{table}] alone",
            way_out="use the file that `comity init` wrote",
        )
    return convert(tables[table], kind, where=f"{path}: {table}")


def _fields(kind: Any) -> str:
    return "the fields " + ", ".join(kind.__dataclass_fields__)


def value(item: object) -> str:
    """A TOML value of a text, number or list of them; TOML's basic strings escape as JSON's do."""
    if isinstance(item, list):
        return f"[{', '.join(map(value, item))}]"
    if isinstance(item, bool):
        return "true" if item else "false"
    return canon.encode(item).decode().replace("\x7f", "\\u007f")


def url(text: str, *, where: str) -> str:
    """An address over HTTP; ConfigError for another spelling."""
    head, _, rest = text.partition("://")
    if head not in ("http", "https") or not rest or any(c.isspace() for c in text):
        raise ConfigError("not an address", where=where, found=text, wanted="http:// or https://")
    return text
