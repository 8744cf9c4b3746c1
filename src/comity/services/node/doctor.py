"""How a node is: each thing that must hold for it to take part, checked, and said in one line.

Decides nothing and changes nothing; a check that fails does not keep the others from being made.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.acts.charter import NORMS
from comity.acts.key import BOX
from comity.adapters import clock
from comity.adapters.folder import Folder
from comity.adapters.keyring import Keyring
from comity.assembly import queries
from comity.errors import ComityError, ConfigError, QuorumShort
from comity.keys import box_text
from comity.model.source import RASTERS, SPARK, Source
from comity.services import config
from comity.services.node import conflict, desk, drafts, exchanged, outlook, records, sources
from comity.services.node.office import EXTRACTS, Office, read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    line: str


BASIS: Final = ("folder", "permissions", "configuration", "keys", "policy")  # what dates and budget are read from


def doctor(home: Path, *, deep: bool = False, now: Callable[[], int] = clock.now) -> tuple[Check, ...]:
    """All checks, in the order in which a failure explains the later ones.

    Args:
        deep: read all rows of tables in databases, and all bytes of layers: are they those that were checked?
    """
    checks = [
        _check("folder", lambda: _folder(home)),
        _check("permissions", lambda: _permissions(home)),
        _check("configuration", lambda: f"{config.node(home).id} at {config.node(home).hub}"),
        _check("keys", lambda: Keyring(home).public().sign),
        _check("policy", lambda: f"version {read_policy(home).version}, {read_policy(home).digest}"),
        _check("sources", lambda: _sources(home)),
        _check("vintages", lambda: exchanged.checked(home, deep=deep)),
        _check("secrets", lambda: outlook.secrets(home)),
        _check("disk", lambda: outlook.disk(home)),
        _check("versions", outlook.versions),
        _check("restored", lambda: outlook.caught_up(home)),
        _check("evidence", lambda: _evidence(home)),
    ]
    if all(check.ok for check in checks if check.name in BASIS):  # else the reason is told already
        checks.append(_check("dates", lambda: outlook.dates(home, now())))
        checks.append(_check("budget", lambda: outlook.budget(home)))
    try:
        with Office.open(home, runs=False, now=now) as office:
            checks += _log(office)
    except ComityError as e:
        checks.append(Check(name="log", ok=False, line=str(e)))
    return tuple(checks)


def _log(office: Office) -> Iterator[Check]:
    """What needs the hub."""
    yield _check("hub", lambda: _hub(office))
    yield _check("charter", lambda: _charter(office))
    yield _check("quorum", lambda: _quorum(office))
    yield _check("clock", lambda: _clock(office))
    yield _check("membership", lambda: _membership(office))
    yield _check("consented", lambda: exchanged.consented(office))
    yield _check("deviations", lambda: _deviations(office))
    yield _check("estimates", lambda: _estimates(office))
    yield _check("records", lambda: _records(office))
    yield _check("registered", lambda: outlook.registered(office))
    yield _check("acts", lambda: outlook.understood(office))
    yield _check("asked", lambda: _asked(office))
    yield _check("overdue", lambda: outlook.overdue(office))
    yield _check("checkpoint", lambda: outlook.age(office))


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, line=look())
    except ComityError as e:
        return Check(name=name, ok=False, line=str(e))


def _folder(home: Path) -> str:
    return f"{Folder.open(home, 'node').path} is of this version"


def _permissions(home: Path) -> str:
    if open_ := Folder.open(home, "node").exposed():
        raise ConfigError(
            "others than the node's own user may read it",
            where=", ".join(map(str, open_)),
            wanted="0700 for folders, 0600 for files",
            way_out="chmod -R go-rwx; register new keys if others did read them",
        )
    return "only the node's own user reads keys and books"


def _sources(home: Path) -> str:
    entries = sources.read(home)
    for entry in entries:
        sources.bindings(home, entry)
        _there(entry.source)
    unchecked = [entry.source.id for entry in entries if not entry.source.vintage and entry.source.format != RASTERS]
    told = f"{len(entries)} named" + (f"; not checked yet: {', '.join(unchecked)}" if unchecked else "")
    return told if entries else "none is named yet: every study is refused (comity source add)"


def _there(source: Source) -> None:
    """That the files of a source are where they were, or that its database still lets the node read, and only that."""
    if "://" in source.path:
        from comity.adapters.tables.counting import NationalTables

        NationalTables().columns(source)
        return
    there = Path.exists if source.format == SPARK else Path.is_file  # Spark reads folders
    paths = [layer.path for layer in source.layers] or [source.path]
    if gone := [path for path in paths if not there(Path(path))]:
        raise ConfigError(
            "the file of a source is gone",
            where=source.id,
            found=gone[0],
            way_out=f"put it back; if it lies elsewhere now, comity source add FILE --id {source.id}",
        )


def _evidence(home: Path) -> str:
    conflict.halt(home)
    kept = sorted((home / conflict.FOLDER).glob("*"))
    return f"no split view; {len(kept)} other file(s) kept in {conflict.FOLDER}/"


def _hub(office: Office) -> str:
    office.client.moving("checkpoint")
    return f"{office.client.address} answers"


def _charter(office: Office) -> str:
    with suppress(QuorumShort):  # told by the next check
        office.follower.poll()
    if office.follower.state.charter is None:
        office.follower.pending()
    charter = office.follower.state.charter
    if charter is None:
        raise ConfigError("the hub shows no log yet", where=office.client.address, way_out="ask again later")
    return f"{charter.name} ({office.config.charter}), as pinned"


def _quorum(office: Office) -> str:
    office.follower.poll()
    seen = office.follower.seen
    if seen is None:
        raise QuorumShort("no checkpoint stands under the quorum yet", where=office.client.address)
    return f"{len(seen.times)} witnesses stand under the checkpoint of {seen.checkpoint.size} leaves, every leaf read"


def _clock(office: Office) -> str:
    office.follower.check_clock(office.now())
    return "within 300 seconds of the witnesses and the hub"


def _membership(office: Office) -> str:
    state = office.follower.state
    actor = state.actors.get(office.member)
    if office.member in state.members:
        return f"{office.member} is a member in good standing"
    if actor is not None and actor.active:
        return f"{office.member} is a {actor.party.role}, without a vote"
    if office.member in state.candidates:
        return f"{office.member} may accede (comity charter accede)"
    raise ConfigError("this office is no member in good standing", where=office.member)


def _deviations(office: Office) -> str:
    """Bindings that say how they deviate from a norm in force, while no reservation says so to readers."""
    state = office.follower.state
    force = {thing.name: thing.thing.digest for matter in NORMS for thing in queries.standing(state, matter)}
    said = [binding for entry in sources.read(office.home) for binding in sources.bindings(office.home, entry)]
    deviating = [binding.norm for binding in said if binding.deviations and binding.norm in force]
    silent = [norm for norm in deviating if not queries.reservation(state, force[norm], office.member)]
    if silent:
        named = ", ".join(dict.fromkeys(silent))
        return f"a binding deviates from {named}, and figures do not say so (comity reservation enter)"
    return "no binding deviates from a norm without a reservation that says so"


def _estimates(office: Office) -> str:
    """What waits for an answer; ConfigError if it could not be read here."""
    state = office.follower.state
    actor = state.actors.get(office.member)
    key = actor.box if actor and BOX not in actor.revoked else ""
    if key and key not in [box_text(opener.public) for opener in office.keyring.openers()]:
        raise ConfigError(
            "the key for boxes that the log has is not in this folder",
            where=str(office.home / "keys"),
            way_out="restore keys/ from its backup, or register another: comity node register-key box",
        )
    return "; ".join(drafts.waiting(state, office.member).values()) or "none waits for this office's answer"


def _records(office: Office) -> str:
    """Whether an audit of every answer could be served; ConfigError with the answers whose record is not at home."""
    found = records.look(office, office.follower.state)
    if found.lost:
        raise ConfigError(
            f"records of {len(found.lost)} of {len(found.answers)} answers are not at home, so no audit can open these",
            where=str(office.home / EXTRACTS),
            found=f"nothing sound for leaf {found.named}",
            way_out=f"restore {EXTRACTS}/ from its backup",
        )
    return f"{len(found.answers)} answer(s), each with its record in {EXTRACTS}/"


def _asked(office: Office) -> str:
    """Studies that wait for the officer."""
    if office.follower.state.charter is None:
        return "not known before the log was read"
    found = desk.waiting(office)
    more = [f"{len(found) - outlook.NAMED} more"] if len(found) > outlook.NAMED else []
    named = ", ".join([*found[: outlook.NAMED], *more])
    return f"for the officer to answer: {named} (comity consent list)" if found else "no study waits for the officer"
