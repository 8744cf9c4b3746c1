"""Vectors of c2sp.org/tlog-proof: an entry under a checkpoint that a policy lets count, and what shows nothing."""

from collections.abc import Iterator

import tree
from keys import LEAVES, TIME, Case, Keys, b64, entry, head

from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import MLDSA_COSIGNATURE, Note, Vkey


def cases(keys: Keys) -> Iterator[Case]:
    """A proof, the entry and the policy; the size of the checkpoint that the entry stands under, or null."""
    policy = _policy(keys.log_key(), [keys.witness(number) for number in (1, 2, 3)], 2)
    lattice = _policy(keys.log_key(), [keys.witness(1, MLDSA_COSIGNATURE)], 1)
    note = keys.signed(head(300), 1, 2)
    both = note.with_lines(cosign(note.text, "witness.example/w1", TIME, keys.lattice[1]))
    path = tree.path(257, LEAVES[:300])
    alone = keys.signed(head(1), 1, 2)

    def case(why: str, size: int | None, proof: str, at: int = 257, policy: str = policy) -> Case:
        return {"why": why, "policy": policy, "entry": b64(entry(at)), "proof": proof, "size": size}

    yield case("an entry of a log", 300, _proof(257, path, note))
    yield case("the only entry of a log, without a path", 1, _proof(0, (), alone), at=0)
    yield case("extra data, which nothing signs", 300, _proof(257, path, note, "extra aGVsbG8="))
    yield case("lines of keys that the policy does not know", 300, _proof(257, path, both))
    yield case("under a cosignature of ML-DSA-44", 300, _proof(257, path, both), policy=lattice)
    yield case("no cosignature of ML-DSA-44", None, _proof(257, path, note), policy=lattice)
    yield case("another entry", None, _proof(257, path, note), at=256)
    yield case("another index", None, _proof(256, path, note))
    yield case("an index beyond the log", None, _proof(300, path, note))
    yield case("a path that is too short", None, _proof(257, path[:-1], note))
    yield case("a path that is too long", None, _proof(257, (*path, path[-1]), note))
    yield case("a path in another order", None, _proof(257, path[::-1], note))
    yield case("the path of another size", None, _proof(257, tree.path(257, LEAVES[:299]), note))
    yield case("one cosignature too few", None, _proof(257, path, keys.signed(head(300), 1)))
    yield case("one witness twice", None, _proof(257, path, keys.signed(head(300), 1, 1, 1)))
    yield case("not signed by the log", None, _proof(257, path, Note(note.text, note.signatures[1:])))
    yield case(
        "cosignatures of another checkpoint",
        None,
        _proof(257, path, Note(note.text, (note.signatures[0], *keys.signed(head(299), 1, 2).signatures[1:]))),
    )
    renamed = Checkpoint("log.example/other", 300, head(300).root)
    yield case("a log of another name", None, _proof(257, path, keys.signed(renamed, 1, 2)))
    text = _proof(257, path, note)
    yield case("another header", None, text.replace("proof@v1", "proof@v2"))
    yield case("no index", None, text.replace("index 257\n", ""))
    yield case("an index with a leading zero", None, text.replace("index 257", "index 0257"))
    yield case("an index with a sign", None, text.replace("index 257", "index +257"))
    yield case("a hash in another base64", None, text.replace(b64(path[0]), b64(path[0]).rstrip("=")))
    yield case("a blank line within the path", None, text.replace(b64(path[1]), "\n" + b64(path[1])))
    yield case("extra data behind the index", None, text.replace("index 257\n", "index 257\nextra aGVsbG8=\n"))
    yield case("carriage returns", None, text.replace("\n", "\r\n"))
    yield case("no newline at the end", None, text.removesuffix("\n"))
    yield case("cut off within the checkpoint", None, text[: text.index("— ") + 40])


def _policy(log: Vkey, witnesses: list[Vkey], least: int) -> str:
    rows = [f"log {log}", *(f"witness {key.name} {key}" for key in witnesses)]
    members = " ".join(key.name for key in witnesses)
    return "\n".join([*rows, f"group quorum-group {least} {members}", "quorum quorum-group", ""])


def _proof(index: int, path: tuple[bytes, ...], note: Note, *extra: str) -> str:
    return "\n".join(["c2sp.org/tlog-proof@v1", *extra, f"index {index}", *map(b64, path), "", str(note)])
