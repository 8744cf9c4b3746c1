"""The office's sources and bindings, `sources.toml` and `bindings/`: which file at home answers which norm.

Decides how they are written down and found. Whether a source fits a norm is `stages.collect`, what is counted in it
`adapters.tables`; nothing here opens a source.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import ConfigError
from comity.model.norm import Norm
from comity.model.source import Binding, Source, read_binding
from comity.services import config

FILE: Final = "sources.toml"
BINDINGS: Final = "bindings"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")  # of a source and of a binding
_WORD: Final = "64 letters, digits, dots and dashes at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """Data that a source once held, as they were checked.

    time: of the first check that found them so, POSIX seconds.
    rows: None where they were checked by a count of one period alone.
    unique: a row was a person.
    """

    digest: Digest
    time: int
    unique: bool
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source, and the files in `bindings/` that read it. vintages: every one that was checked, newest last."""

    source: Source
    bindings: tuple[str, ...]
    vintages: tuple[Vintage, ...] = ()

    def checked(self, source: Source, *, time: int, rows: int | None = None) -> "Entry":
        """The entry with its source as it was checked, whose vintage is the newest now.

        Checked again with the same result, it stays as it was: a check that finds nothing new writes nothing.
        """
        if source.vintage is None:
            return replace(self, source=source)
        now = Vintage(digest=source.vintage, time=time, unique=source.unique, rows=rows)
        if self.vintages and replace(self.vintages[-1], time=time) == now:
            return replace(self, source=source)
        earlier = (one for one in self.vintages if one.digest != now.digest)
        return replace(self, source=source, vintages=(*earlier, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """`sources.toml`."""

    entries: tuple[Entry, ...]


def read(home: Path) -> tuple[Entry, ...]:
    """All sources of the office; none if it has named none yet."""
    path = home / FILE
    if not path.exists():
        return ()
    return config.convert(config.toml(path), _File, where=str(path)).entries


def write(home: Path, entries: Iterable[Entry]) -> None:
    """Replace `sources.toml`, as a whole."""
    text = "# Sources of this office. Written by `comity source`; paths never leave this machine.\n"
    for entry in entries:
        text += f"\n[[entries]]\nbindings = {config.value(list(entry.bindings))}\n\n[entries.source]\n"
        text += config.lines({name: item for name, item in asdict(entry.source).items() if name != "layers"})
        for layer in entry.source.layers:
            text += f"\n[[entries.source.layers]]\n{config.lines(layer)}"
        for vintage in entry.vintages:
            text += f"\n[[entries.vintages]]\n{config.lines(vintage)}"
    durable.write(home / FILE, text.encode(), mode=PRIVATE_FILE)


def put(home: Path, entry: Entry) -> None:
    """Add a source, or replace the one of the same id.

    Raises:
        ConfigError: another source has, or had, the same data: a second name would have a year's budget of its own; or
            the id is no plain word, as policies, tables and messages need it.
    """
    if not _NAME.fullmatch(entry.source.id):
        raise ConfigError("not a name for a source", where="--id", found=repr(entry.source.id), wanted=_WORD)
    others = [known for known in read(home) if known.source.id != entry.source.id]
    if twin := next((known for known in others if _same(known, entry)), None):
        raise ConfigError(
            "these data are a source of this office already",
            where=entry.source.id,
            found=twin.source.id,
            wanted="one source for the same data, whose persons have one budget a year",
            way_out="comity source bind: a source answers every norm that it is bound to",
        )
    write(home, [*others, entry])


def _same(a: Entry, b: Entry) -> bool:
    """Whether two sources are read from one place, or were ever found to hold the same data."""
    place = a.source.path != "" and (a.source.path, a.source.table) == (b.source.path, b.source.table)
    known = {one.digest for one in a.vintages} & {one.digest for one in b.vintages}
    return place or bool(known)


def bind(home: Path, id: str, text: str, *, where: str) -> Binding:
    """Keep a binding for a source; a later one of the same id takes its place. ConfigError if it cannot be read."""
    entry, binding = named(home, id), read_binding(text, where=where)
    name = f"{binding.id}.toml"
    if not _NAME.fullmatch(binding.id):
        raise ConfigError(
            "not a name for a file",
            where=f"{where}: id",
            found=binding.id,
            wanted=_WORD,
        )
    durable.write(home / BINDINGS / name, text.encode(), mode=PRIVATE_FILE)
    if name not in entry.bindings:
        put(home, replace(entry, bindings=(*entry.bindings, name)))
    return binding


def named(home: Path, id: str) -> Entry:
    """A source by its id; ConfigError if there is none."""
    entries = read(home)
    for entry in entries:
        if entry.source.id == id:
            return entry
    known = ", ".join(entry.source.id for entry in entries) or "none"
    raise ConfigError("no such source", where=str(home / FILE), found=id, wanted=known, way_out="comity source add")


def only(home: Path) -> Entry:
    """The office's one source; ConfigError if it has none, or several to choose from."""
    entries = read(home)
    if len(entries) != 1:
        known = ", ".join(entry.source.id for entry in entries) or "none"
        way_out = "name it with --id" if entries else "comity source add"
        raise ConfigError("which source is not clear", where=str(home / FILE), found=known, way_out=way_out)
    return entries[0]


def bindings(home: Path, entry: Entry) -> tuple[Binding, ...]:
    """The bindings of a source, read anew."""
    found = []
    for name in entry.bindings:
        path = home / BINDINGS / name
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as e:
            raise ConfigError("the binding cannot be read", where=str(path), found=str(e)) from None
        found.append(read_binding(text, where=str(path)))
    return tuple(found)


def bound(home: Path, norm: Norm) -> tuple[Entry, Binding] | None:
    """The source and binding that answer a norm, or None; the last one named counts."""
    for entry in reversed(read(home)):
        for binding in reversed(bindings(home, entry)):
            if binding.norm == f"{norm.id}/{norm.version}":
                return entry, binding
    return None
