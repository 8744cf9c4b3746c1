"""`comity log verify|prove|evidence`: that a log holds, that one leaf is in it, that a log's key convicts itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity.cli import files, options, show
from comity.cli.log import leaves
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.reading import Log
    from comity.tlog.note import Note

LEAF, POLICY = ".leaf", ".policy"  # the files beside a proof
SHOWN: Final = 8  # sizes that are listed


def verify(
    proof: Annotated[
        Path | None,
        typer.Option("--proof", metavar="FILE", help="Check a file that comity log prove wrote, offline, and no log."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="With --proof: your own policy, not that beside it.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Read every leaf, compute the root from them, and check the log's signature and the witnesses' quorum.

    With --proof nothing is read but the file and those beside it. Exit 0: it holds. Exit 1: it does not, and the line
    says what. A release is checked by `comity verify`; all files of a log by `comity log audit`.

    Example: `comity log verify --hub https://hub.example.org --charter sha256:...`
    """
    if proof is not None:
        show.facts(_proven(proof, policy), as_json=as_json)
        return
    if policy is not None:
        raise UsageError("a policy is for a proof", where="--policy", wanted="--proof FILE", way_out="comity log audit")
    with options.reading(hub, home, charter) as reading:
        breaches = len(reading.log.state.breaches)
        facts = leaves.facts_of(reading) | {
            "root-from-leaves": True,
            "signed-by-log": True,
            "leaves-without-effect": breaches,
        }
        show.facts(facts, as_json=as_json)
    if breaches:
        options.note("leaves against the rules stand in this log: comity assembly breaches")


def prove(
    index: Annotated[int, typer.Argument(metavar="LEAF", help="Which leaf; the charter is 0.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the proof goes.")],
    size: Annotated[
        int | None,
        typer.Option("--size", metavar="N", help="Under the checkpoint of so many leaves that a tick logged."),
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Prove that a leaf is in the log: a file (c2sp.org/tlog-proof) that anyone checks offline, for ever.

    Written are FILE, the leaf itself as FILE.leaf, and the charter's quorum as FILE.policy (c2sp.org/tlog-policy).
    Check them: `comity log verify --proof FILE --policy YOURS`.

    Example: `comity log prove 34 --out leaf-34.proof --hub https://hub.example.org`
    """
    from comity.adapters import durable
    from comity.assembly import fold, witnesses
    from comity.tlog import merkle
    from comity.tlog.checkpoint import Checkpoint
    from comity.tlog.proof import Proof

    if out.is_dir():
        raise UsageError("is a folder", where=f"--out {out}", wanted="a file", way_out=f"--out {out / 'leaf.proof'}")
    with options.reading(hub, home, charter) as reading:
        leaf = leaves.leaf_of(reading.log, index)
        note, known = _checkpoint(reading.log, index, size)
        head = Checkpoint.of(note)
        if index >= head.size:
            raise UsageError("the leaf is newer", where="--size", found=str(head.size), wanted=f"{index + 1} at least")
        # The quorum's keys are those that stood when the checkpoint was cosigned, not today's.
        state = reading.log.state if known is None else fold.replay(reading.log.leaves[:known])
        policy = witnesses.policy(state)
        hashes = [merkle.leaf_hash(one) for one in reading.log.leaves[: head.size]]
        proof = Proof(index, merkle.inclusion(index, head.size, hashes), note)
        seen = proof.verify(leaf, policy)
    for path, data in ((_beside(out, LEAF), leaf), (_beside(out, POLICY), str(policy).encode())):
        durable.write(path, data)
    durable.write(out, str(proof).encode())
    facts: dict[str, Any] = {"leaf": index, "size": head.size, "origin": head.origin, "time": show.time(seen.time)}
    facts |= {"hashes": len(proof.path), "bytes": len(str(proof)), "proof": str(out)}
    facts |= {"entry": str(_beside(out, LEAF)), "policy": str(_beside(out, POLICY))}
    show.facts(facts | {"check": f"comity log verify --proof {out}"}, as_json=as_json)


def evidence(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="split-view.evidence, or that of a dropped statement.")],
    log: Annotated[
        str, typer.Option("--log", metavar="VKEY", help="The log's verifier key: log-key of comity log head.")
    ],
    origin: Annotated[
        str | None, typer.Option("--origin", metavar="TEXT", help="The log's origin, if it is not its key's name.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Check evidence against a log: two views that cannot both be true, or a statement acknowledged and left out.

    The log's key convicts itself; no network is asked and nobody is trusted. Exit 0: it convicts. Exit 1: it does not.

    Example: `comity log evidence split-view.evidence --log example.org/log+1a2b3c4d+AQ...`
    """
    from comity.tlog import evidence as split
    from comity.tlog import receipt as dropped
    from comity.tlog.checkpoint import Checkpoint
    from comity.tlog.proof import HEADER
    from comity.tlog.spelling import b64

    vkey, text = options.vkey(log, where="--log"), options.text(file)
    if text.startswith(f"{HEADER}\n"):
        way_out = f"comity log verify --proof {file}; of one figure: comity verify {file}"
        raise UsageError("a proof convicts nobody", where=str(file), wanted="evidence", way_out=way_out)
    if text.startswith(f"{dropped.DROPPED}\n"):
        if origin is not None:
            raise UsageError("--origin is for two views; a receipt names its log by the key", wanted="--log alone")
        drop = dropped.Dropped.parse(text)
        drop.verify(vkey)
        promised = dropped.Receipt.of(drop.receipt).at(drop.index)
        facts: dict[str, Any] = {"convicts": vkey.name, "of": "a statement acknowledged and left out"}
        facts |= {"leaf": drop.index, "promised": b64(promised or b""), "found": b64(drop.leaf)}
        facts |= {"size": Checkpoint.of(drop.checkpoint).size}
    else:
        views = split.Evidence.parse(text)
        views.verify(vkey, origin=origin)
        older, newer = Checkpoint.of(views.older), Checkpoint.of(views.newer)
        facts = {"convicts": older.origin, "of": "two views that cannot both be true"}
        facts |= {"sizes": [older.size, newer.size], "roots": [b64(older.root), b64(newer.root)]}
        if views.prefix is not None:
            facts |= {"root-in-the-longer": b64(views.prefix)}
    show.facts(facts, as_json=as_json)


def _checkpoint(log: "Log", index: int, size: int | None) -> "tuple[Note, int | None]":
    """The newest cosigned checkpoint; or that of a size which a tick logged, and the tick's index, over a leaf."""
    from comity.acts import statement
    from comity.acts.tick import Tick
    from comity.errors import FormatError
    from comity.tlog.checkpoint import Checkpoint
    from comity.tlog.note import Note

    if size is None or size == log.seen.checkpoint.size:
        return log.note, None
    without, sizes = {breach.index for breach in log.state.breaches}, []
    for place, leaf in enumerate(log.leaves):
        try:
            body = statement.read(leaf).act.body
        except FormatError:
            continue
        if isinstance(body, Tick) and place not in without:
            note = Note.parse(body.checkpoint)
            if Checkpoint.of(note).size == size:
                return note, place
            sizes.append(Checkpoint.of(note).size)
    raise UsageError(
        "no tick logged a cosigned checkpoint of this size",
        where="--size",
        found=str(size),
        wanted=_some([known for known in sizes if known > index]),
        way_out="leave --size out: then it is the newest checkpoint",
    )


def _some(sizes: list[int]) -> str:
    """The first sizes that serve; "" if none does."""
    return ", ".join(map(str, sizes[:SHOWN])) + (", ..." if len(sizes) > SHOWN else "")


def _proven(proof: Path, policy: Path | None) -> dict[str, Any]:
    """What a proof shows, under the reader's policy or the one beside it."""
    from comity import canon
    from comity.tlog.proof import Proof
    from comity.tlog.quorum import Policy

    read = files.parsed(proof, Proof.parse)
    if read.extra and not _beside(proof, LEAF).exists():
        way_out = f"comity verify {proof}"
        raise UsageError(
            "a file that stands alone", where=str(proof), found="extra data, and no leaf beside", way_out=way_out
        )
    leaf, beside = _beside(proof, LEAF).read_bytes(), _beside(proof, POLICY)
    trusted = files.policy(policy) or files.parsed(beside, Policy.parse)
    seen, text = read.verify(leaf, trusted), str(trusted).encode()
    if policy is None:
        options.note("under the policy that came with the proof: compare its keys with a source that you trust")
    elif beside.is_file() and beside.read_bytes() == policy.read_bytes():
        options.note(
            "--policy is the file that came with the proof, byte for byte: does a source that you trust name it?"
        )
    return {
        "leaf": read.index,
        "origin": seen.checkpoint.origin,
        "size": seen.checkpoint.size,
        "time": show.time(seen.time) if seen.times else None,
        "cosigned-by": [name.rpartition("/")[2] for name in seen.names],
        "quorum": leaves.quorum_of(trusted.quorum),
        "bytes": len(leaf),
        "policy": canon.digest(text),
        "log-key": ", ".join(str(log.vkey) for log in trusted.logs),
        "own-policy": policy is not None,
    }


def _beside(proof: Path, suffix: str) -> Path:
    return proof.with_name(proof.name + suffix)
