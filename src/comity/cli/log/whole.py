"""`comity log audit|state`: a whole log read in a stream, and the digest of what it means."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import files, options, progress, show
from comity.cli.log import leaves
from comity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.canon import Digest
    from comity.services.audit.files import Files
    from comity.services.audit.whole import Audited

ADDRESS = ("http://", "https://")


def audit(
    where: Annotated[
        str | None,
        typer.Argument(metavar="WHERE", help="A folder with a log's public files, or the URL of a hub or mirror."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="FILE", help="An earlier checkpoint: the log must have grown from it."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Your own quorum (c2sp.org/tlog-policy), not the charter's."),
    ] = None,
    structure_only: Annotated[
        bool,
        typer.Option("--structure-only", help="Files, root, signatures and quorum; not what the leaves mean."),
    ] = False,
    charter: Annotated[
        str | None, typer.Option("--charter", metavar="DIGEST", help="The charter that the log must begin with.")
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Read a whole log once: every bundle and tile, the root, signature and quorum, every leaf's signature and meaning.

    Memory does not grow with the log, but for what an assembly's leaves mean; --structure-only leaves that out. A log
    that is no assembly's wants --policy. Exit 1: a file is missing, torn or another; the line names it and the place.
    If the log contradicts the checkpoint of --since, `split-view.evidence` is written beside that file.

    Example: `comity log audit mirror/public --charter sha256:... --since checkpoint.old`
    """
    from comity.adapters import evidence
    from comity.services.audit import whole
    from comity.services.audit.walk import NoPrefix
    from comity.tlog.note import Note

    pinned = options.digest(charter, where="--charter") if charter else None
    trusted = files.policy(policy)
    before = files.parsed(since, Note.parse) if since else None
    place, home_pin, close = _files(where, home)
    try:
        with progress.telling() as tell:
            found = whole.audit(
                place, tell=tell, charter=pinned or home_pin, policy=trusted, since=before, structure=structure_only
            )
    except NoPrefix as e:
        if e.evidence and since:
            path = evidence.put(since.parent, evidence.SPLIT, str(e.evidence).encode())
            options.note(f"the log's key convicts itself, see {path}")
        raise
    finally:
        close()
    show.facts(_facts(found, opaque=found.charter is None), as_json=as_json)
    if found.state is not None and found.state.breaches:
        options.note("leaves against the rules stand in this log: comity log explain says why, one by one")
    if found.unsigned_count:
        options.note(f"leaves without a signature that the log's keys made: {found.unsigned_count}, see unsigned")
    if found.charter and not found.pinned:
        options.note(f"under a charter you did not pin: give --charter {found.charter} if a source you trust names it")
    if not as_json:
        typer.echo(f"\n{_closing(found)}")


def state(
    at: Annotated[
        int | None, typer.Option("--at", metavar="SIZE", help="After so many leaves; else after all.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """The digest of all that follows from the log, and one for each part: two offices compare them.

    Equal leaves give equal digests, whoever computes them; a part that differs shows where two readings part.

    Example: `comity log state --at 120 --hub https://hub.example.org`
    """
    from comity.assembly import digest, fold

    with options.reading(hub, home, charter) as reading:
        log = reading.log
        if at is not None and not 0 <= at <= len(log.leaves):
            raise UsageError("no such size", where="--at", found=str(at), wanted=f"0 to {len(log.leaves)}")
        of = log.state if at in (None, len(log.leaves)) else fold.replay(log.leaves[:at])
        found = digest.of(of)
    facts: dict[str, Any] = {"version": digest.VERSION, "size": found.size, "digest": found.digest}
    parts = {name: found.parts[name] for name in digest.PARTS}
    show.facts(facts | ({"parts": parts} if as_json else parts), as_json=as_json)


def _files(where: str | None, home: Path | None) -> "tuple[Files, Digest | None, Callable[[], None]]":
    """What is audited, the charter that an office's node pinned, if it is its hub's log, and how all is closed."""
    from comity.adapters import clock
    from comity.adapters.client import Client
    from comity.adapters.journal import Journal
    from comity.services import config
    from comity.services.audit.files import AtAddress, InFolder

    if where is not None and home is not None:
        raise UsageError("two logs are named", where=where, wanted="FOLDER, URL or --home, one of them")
    if where is not None and not where.startswith(ADDRESS):
        return InFolder(Path(where)), None, lambda: None
    if where is None and not options.is_home(home):
        wanted = "WHERE: a folder with a log's public files, or the URL of a hub or mirror"
        raise UsageError("no log is named", wanted=wanted, way_out=f"give one, or --home, or set {options.HOME}")
    settings = config.node(config.home(home)) if where is None else None
    if settings is None:
        client = Client(where or "")
        return AtAddress(client), None, client.close
    journal = Journal(config.home(home) / "journal.db")
    client = Client(settings.hub, egress=journal.at(clock.now))

    def close() -> None:
        client.close()
        journal.close()

    return AtAddress(client), settings.charter, close


def _closing(found: "Audited") -> str:
    """What was found to hold, in a sentence."""
    head = found.checkpoint
    meant = (
        "every leaf is taken or told as a breach" if found.state is not None else "what leaves mean was not looked at"
    )
    return f"audited: all {head.size} leaves of {head.origin} make the root that log and quorum signed; {meant}"


def _facts(found: "Audited", *, opaque: bool) -> dict[str, Any]:
    from comity.assembly import digest
    from comity.tlog.spelling import b64

    head, state = found.checkpoint, found.state
    facts: dict[str, Any] = {"origin": head.origin, "charter": found.charter, "pinned": found.pinned}
    facts |= {"size": head.size, "root": b64(head.root)}
    facts |= {"time": show.time(found.seen.time) if found.seen.times else None}
    facts |= {
        "cosigned-by": [name.rpartition("/")[2] for name in found.seen.names],
        "quorum": leaves.quorum_of(found.quorum),
    }
    facts |= {"side-cosignatures": found.beside, "grown-from": found.since}
    facts |= {"bundles": found.bundles, "tiles": found.tiles, "bytes": found.volume}
    facts |= {"leaves": "opaque" if opaque else "folded" if state is not None else "envelopes"}
    if state is not None:
        breaches = [breach.index for breach in state.breaches]
        facts |= {"leaves-without-effect": breaches, "state": digest.of(state).digest}
    elif not opaque:
        facts |= {"unsigned": list(found.unsigned), "unsigned-count": found.unsigned_count}
    return facts
