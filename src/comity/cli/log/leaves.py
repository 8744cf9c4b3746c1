"""`comity log head|list|show|explain`: the log leaf by leaf, as it is and in plain words."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity.cli import options, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.acts.statement import Act
    from comity.services.reading import Log, Reading
    from comity.tlog.quorum import Quorum

LONG: Final = 72  # characters of a text that are shown of it

UNREAD: Final = "unreadable"


def head(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """The newest checkpoint: how many leaves, their root, who cosigned it and when.

    Example: `comity log head --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        show.facts(facts_of(reading), as_json=as_json)


def list_(
    since: Annotated[int, typer.Option("--since", metavar="LEAF", help="The first leaf.")] = 0,
    kind: Annotated[str | None, typer.Option("--kind", help="Only leaves of this kind, such as vote.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="ID", help="Only what this actor said.")] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Leaves in order: who said what about what, and whether it has effect.

    Example: `comity log list --kind vote --hub https://hub.example.org`
    """
    from comity.acts.statement import KINDS

    if kind is not None and kind not in (*KINDS, UNREAD):
        known = ", ".join(sorted((*KINDS, UNREAD)))
        raise UsageError("no such kind of leaf", where="--kind", found=kind, wanted=known)
    with options.reading(hub, home, charter) as reading:
        against = _against(reading.log)
        leaves = [_row(leaf, index, against) for index, leaf in enumerate(reading.log.leaves)]
    if actor is not None and actor not in (actors := {row["actor"] for row in leaves if row["actor"]}):
        raise UsageError(
            "nobody of this id has said anything", where="--actor", found=actor, wanted=", ".join(sorted(actors))
        )
    wanted = [row for row in leaves[max(since, 0) :] if kind in (None, row["kind"]) and actor in (None, row["actor"])]
    show.rows(wanted, ("leaf", "kind", "actor", "about", "effect"), as_json=as_json, none="No such leaf.")


def show_(
    index: Annotated[int, typer.Argument(metavar="LEAF", help="Which leaf; the charter is 0.")],
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """One leaf: who said it, what it says field by field, and whether it has effect.

    Hashes of the tree (leaf-hash, head-root) are in base64, as in a checkpoint; digests of things are sha256:<hex>.

    Example: `comity log show 0 --hub https://hub.example.org`
    """
    from comity import canon
    from comity.acts import statement
    from comity.tlog.merkle import leaf_hash
    from comity.tlog.spelling import b64

    with options.reading(hub, home, charter) as reading:
        data = leaf_of(reading.log, index)
        row = _row(data, index, _against(reading.log))
    facts = row | {"digest": canon.digest(data), "leaf-hash": b64(leaf_hash(data)), "bytes": len(data)}
    if row["kind"] == UNREAD:
        show.facts(facts, as_json=as_json)
        return
    act = statement.read(data).act
    facts |= {"head-size": act.head.size, "head-root": b64(canon.raw_of(act.head.root))}
    if as_json:
        show.facts(facts | {"body": _body(act)}, as_json=True)
        return
    show.facts(facts | dict(_flat(_body(act), "")), as_json=False)


def explain(
    index: Annotated[int, typer.Argument(metavar="LEAF", help="Which leaf; the charter is 0.")],
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """One leaf in plain words: who did what, when, by which rule, and what followed, or every reason why nothing did.

    Example: `comity log explain 34 --hub https://hub.example.org`
    """
    from comity.assembly import explain as explaining
    from comity.pages import explain as worded
    from comity.pages import words

    with options.reading(hub, home, charter) as reading:
        leaf_of(reading.log, index)
        log = reading.log
        leaf = explaining.one(log.leaves, index, log.state, seen=log.seen.time if log.seen.times else None)
    facts: dict[str, Any] = {
        "leaf": index,
        "kind": leaf.kind,
        "what": worded.what(leaf),
        "when": worded.when(leaf),
        "effect": worded.effect(leaf),
        "rule": worded.rule(leaf),
    }
    followed = worded.follows(leaf)
    if as_json:
        codes = {"actor": leaf.actor or None, "effective": leaf.effective, "topics": list(leaf.topics)}
        codes |= {"follows": list(followed), "reasons": [reason.code for reason in leaf.reasons]}
        codes |= {name: show.time(getattr(leaf, name)) for name in ("after", "before", "seen")}
        show.facts(facts | codes, as_json=True)
        return
    head, *more = followed or (words.say("follows.nothing"),)
    facts["because" if leaf.reasons else "followed"] = head
    show.facts(facts | {" " * (place + 1): line for place, line in enumerate(more)}, as_json=False)


def leaf_of(log: "Log", index: int) -> bytes:
    """A leaf by its index; UsageError if there is none."""
    if not 0 <= index < len(log.leaves):
        raise UsageError("no such leaf", where="LEAF", found=str(index), wanted=f"0 to {len(log.leaves) - 1}")
    return log.leaves[index]


def facts_of(reading: "Reading") -> dict[str, Any]:
    """The checkpoint that was read, as facts."""
    from comity.assembly import witnesses
    from comity.tlog.spelling import b64

    log = reading.log
    return {
        "origin": log.seen.checkpoint.origin,
        "log-key": witnesses.log_vkey(log.state),
        "charter": log.charter,
        "pinned": log.pinned,
        "size": log.seen.checkpoint.size,
        "root": b64(log.seen.checkpoint.root),
        "time": show.time(log.seen.time),
        "cosigned-by": [name.rpartition("/")[2] for name in log.seen.names],
        "quorum": quorum_of(witnesses.quorum(log.state), len(witnesses.charter_of(log.state).witnesses)),
    }


def quorum_of(quorum: "Quorum", among: int | None = None) -> str:
    """A quorum in a few words: how many of how many, where it is one group; else what the policy calls it.

    among: how many the charter names, those without a valid key too.
    """
    group = next((group for group in quorum.groups if group.name == quorum.name), None)
    return f"{group.least} of {among or len(group.members)} witnesses" if group else quorum.name


def _against(log: "Log") -> dict[int, str]:
    """Leaf index of each leaf without effect -> why."""
    return {breach.index: ", ".join(reason.code for reason in breach.reasons) for breach in log.state.breaches}


def _row(leaf: bytes, index: int, against: dict[int, str]) -> dict[str, Any]:
    """One leaf in a line; one that nobody can read stands there as such."""
    from comity.acts import statement
    from comity.errors import FormatError

    effect = f"none: {against[index]}" if index in against else "yes"
    try:
        act = statement.read(leaf).act
    except FormatError:
        return {"leaf": index, "kind": UNREAD, "actor": None, "about": None, "effect": effect}
    return {"leaf": index, "kind": act.kind, "actor": act.actor, "about": _about(act), "effect": effect}


def _about(act: "Act") -> str:
    """What an act points to, as short as a line wants it."""
    from comity.acts.charter import Accession
    from comity.acts.refs import Ref
    from comity.acts.release import ReleasePublished

    fields = act.body.__dataclass_fields__  # type: ignore[attr-defined]
    values = {name: getattr(act.body, name) for name in fields}
    words = [f"leaf {value.index}" for value in values.values() if isinstance(value, Ref)]
    words += [str(values[name]) for name in ("matter", "name", "choice", "period", "purpose") if values.get(name)]
    match act.body:
        case Accession(party=party):
            words.append(f"{party.role}, area {party.area}")
        case ReleasePublished(inputs=inputs):
            words.append(f"made from {', '.join(map(str, inputs))}")
    return " ".join(words)


def _body(act: "Act") -> dict[str, Any]:
    from comity import canon

    body: dict[str, Any] = canon.plain(canon.encode(act.body))
    return body


def _flat(value: Any, at: str) -> list[tuple[str, Any]]:
    """Fields of a record as dotted names."""
    if isinstance(value, dict):
        return [pair for name, item in value.items() for pair in _flat(item, f"{at}.{name}" if at else name)]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [pair for place, item in enumerate(value) for pair in _flat(item, f"{at}.{place}")]
    return [(at, _short(value) if isinstance(value, str) else value)]


def _short(text: str) -> str:
    """A text on one line; of a long one its beginning. JSON has it whole."""
    line = " ".join(text.split())
    return line if len(line) <= LONG else f"{line[:LONG]}... ({len(text)} characters)"
