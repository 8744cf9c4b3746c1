"""What left this node, so that somebody outside can go through it: each entry of the journal, in clear form where it
has one, tied to the act in the log that it belongs to.

Decides what the clear form of an entry is, and that of two kinds of bytes there is none: numbers under masks, and boxes
sealed for one other member. Both are told by what they are and how large. Nothing is asked of the hub: whatever the
office's node has read of the log is what acts are looked up in.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from comity import canon, dsse
from comity.acts import statement
from comity.acts.exchange import Answer, Shares, Unmask
from comity.acts.refs import Blob
from comity.acts.request import Request
from comity.acts.statement import Body, payload
from comity.adapters.folder import Folder
from comity.adapters.journal import Entry, Journal
from comity.assembly import explain, fold
from comity.canon import Digest
from comity.errors import ComityError, UsageError
from comity.model import cube
from comity.pages import explain as words
from comity.services.node.office import Office
from comity.stages.seal import manifest

Form = Literal["json", "csv", "text", "none"]

NUMBER: Final = 8  # bytes of one masked integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """What bytes say. form: how `text` is written; "none" where no one but the addressee, or nobody, can read them."""

    what: str
    form: Form
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One entry. act: leaf index of the statement that it is, or that names it; None if no leaf that was read is. said:
    that leaf in words."""

    entry: Entry
    act: int | None
    said: str
    clear: Clear
    body: bytes = field(repr=False)


def left(home: Path, *, since: int = 0, until: int | None = None, number: int | None = None) -> Iterator[Left]:
    """Every entry of the journal in these seconds, heads among them, in the order in which it left.

    Args:
        since, until: POSIX seconds, both included.
        number: this entry alone; UsageError if there is none.
    """
    if not _entries(home, number):
        return  # perhaps an office that has joined no assembly yet
    with Office.open(home, runs=False) as office:
        journal = office.journal
        entries = sorted((*journal.entries(), *journal.heads()), key=lambda entry: entry.number)
        naming, told = _naming(journal), _told(office)
        for entry in entries:
            within = since <= entry.time and (until is None or entry.time <= until)
            if within and number in (None, entry.number):
                body = journal.body(entry.number) or b""
                by = naming.get(entry.digest)
                act = _act(office, entry, body, by)
                said = told.get(act, "") if act is not None else ""
                form = clear(entry.kind, body, by[1] if by else None)
                yield Left(entry=entry, act=act, said=said, clear=form, body=body)


def _entries(home: Path, number: int | None) -> int:
    """How many entries the journal has; UsageError if this one is not among them."""
    Folder.open(home, "node")
    journal = Journal(home / "journal.db")
    try:
        numbers = [entry.number for entry in (*journal.entries(), *journal.heads())]
    finally:
        journal.close()
    if number is not None and number not in numbers:
        wanted = f"1 to {max(numbers)}" if numbers else "none: nothing has left this node"
        raise UsageError("no such entry", where="NUMBER", found=str(number), wanted=wanted)
    return len(numbers)


def clear(kind: str, body: bytes, named_by: Body | None) -> Clear:
    """The clear form of bytes of a kind. named_by: the statement that names them, where one does."""
    try:
        match kind:
            case "head":
                return Clear(what="a request's line and headers", form="text", text=body.decode("latin-1"))
            case "cosignature":
                return Clear(what="a cosignature", form="text", text=body.decode())
            case "statement":
                act = statement.read(body).act
                return Clear(what=f"a statement: {act.kind}", form="json", text=_json(payload(act)))
            case "request":
                text = _json(dsse.parse(body, dsse.REQUEST).payload)
                return Clear(what="a signed request for the boxes sealed for this office", form="json", text=text)
        return _body(body, named_by)
    except (ComityError, ValueError):
        return Clear(what=f"{len(body)} bytes", form="none", text="")


def _body(body: bytes, named_by: Body | None) -> Clear:
    match named_by:
        case Answer(exchange=None):
            return Clear(what="the office's own table", form="csv", text=_table(body))
        case Answer():
            return Clear(what=f"an answer under masks: {len(body) // NUMBER} integers", form="none", text="")
        case Unmask():
            return Clear(what=f"shares of keys of an exchange: {len(body)} bytes", form="none", text="")
        case Shares() if not body.startswith(b"{"):
            return Clear(what=f"a box sealed for one other member: {len(body)} bytes", form="none", text="")
        case Shares():
            return Clear(what="the list of an exchange's boxes", form="json", text=_json(body))
    if body.startswith(b'{"cube"'):
        return Clear(what="a table", form="csv", text=_table(body))
    if body.startswith((b"{", b"[")):
        return Clear(what="a text", form="json", text=_json(body))
    return Clear(what="a text", form="text", text=body.decode())


def _json(data: bytes) -> str:
    return json.dumps(json.loads(data), indent=2, ensure_ascii=False, sort_keys=True)


def _table(body: bytes) -> str:
    """A table as CSV (RFC 4180): a row for each cell, with its measure, value and status."""
    table, out = cube.decode(body), io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*(axis.id for axis in table.layout.dimensions), "measure", "value", "status", "contributors"])
    keys = list(table.layout.keys())
    for place, measure in enumerate(table.layout.measures):
        for at, key in enumerate(keys, place * len(keys)):
            status = cube.STATUS[table.status[at]]
            value = Decimal(int(table.values[at])).scaleb(-measure.decimals)
            writer.writerow([*key, measure.id, f"{value:f}", status, table.contributors[at]])
    return out.getvalue()


def _naming(journal: Journal) -> Mapping[Digest, tuple[Digest, Body]]:
    """Each body that a statement of this office names -> the digest of that statement, and what it says."""
    found: dict[Digest, tuple[Digest, Body]] = {}
    for entry in journal.entries():
        if entry.kind == "statement":
            body = statement.read(journal.body(entry.number) or b"").act.body
            for name in _blobs(body):
                found.setdefault(name, (entry.digest, body))
                if isinstance(body, Shares) and (boxes := journal.find(name)) is not None:
                    found |= dict.fromkeys(manifest.named(boxes), (entry.digest, body))
    return found


def _blobs(thing: Any) -> Iterator[Digest]:
    """Digests of all bodies that a statement names, however deep."""
    if isinstance(thing, Blob):
        yield thing.digest
    elif is_dataclass(thing):
        for one in fields(thing):
            yield from _blobs(getattr(thing, one.name))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _blobs(part)


def _act(office: Office, entry: Entry, body: bytes, by: tuple[Digest, Body] | None) -> int | None:
    """The leaf that an entry belongs to: its own, the one that names it, or the exchange whose boxes it asks for."""
    if entry.kind == "request":
        return canon.decode(dsse.parse(body, dsse.REQUEST).payload, Request, where="request").exchange
    return office.follower.state.digests.get(by[0] if by else entry.digest)


def _told(office: Office) -> Mapping[int, str]:
    """Every leaf that was read, in words."""
    leaves = office.follower.reader.leaves(0, office.follower.state.size)
    return {told.index: words.what(told) for _, told in explain.each(fold.start(), leaves)}
