"""Copies of a release with one thing changed in each, as a forger would who holds the folder and no key."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from comity.services.demo.processes import failed
from comity.tlog.tile import decode_bundle, encode_bundle

ENTRIES: Final = "log/tile/entries"


def figure(release: Path) -> str:
    """A figure: the largest cell gets a tenth more."""
    path = release / "release.json"
    record = json.loads(path.read_bytes())
    largest = max(record["figures"], key=lambda one: int(one["value"] or 0) if one["measure"] == "n" else 0)
    before = largest["value"]
    largest["value"] = str(int(before) * 11 // 10)
    path.write_bytes(json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())
    return f"the figure {'/'.join(largest['key'])} says {largest['value']} instead of {before}"


def vote(release: Path) -> str:
    """A vote: a yes becomes a no, in its leaf."""
    for leaves, index, statement in _statements(release):
        if statement["predicateType"].endswith("/vote/v1") and statement["predicate"]["body"]["choice"] == "yes":
            statement["predicate"]["body"]["choice"] = "no"
            leaves.put(index, statement)
            return f"leaf {index}: {statement['predicate']['actor']} votes no instead of yes"
    raise _none("vote", release)


def leaf(release: Path) -> str:
    """A leaf: the refusal is left out, as if nobody had refused."""
    for leaves, index, statement in _statements(release):
        if statement["predicateType"].endswith("/consent/refused/v1"):
            leaves.drop(index)
            return f"leaf {index} is left out: {statement['predicate']['actor']} never refused"
    raise _none("refusal", release)


def vector(release: Path) -> str:
    """A vector: one member's sealed answer counts one person more in its first cell."""
    path = _vector(release)
    body = path.read_bytes()
    first = (int.from_bytes(body[:8], "little") + 1) % 2**64
    path.write_bytes(first.to_bytes(8, "little") + body[8:])
    return f"the vector {path.name[:12]}... counts one person more"


def cosignature(release: Path) -> str:
    """A cosignature: one witness's signature is changed in one bit."""
    path = release / "log" / "checkpoint"
    text, _, signatures = path.read_text("utf-8").rpartition("\n\n")
    *lines, last = signatures.rstrip("\n").split("\n")
    head, _, signature = last.rpartition(" ")
    raw = bytearray(base64.b64decode(signature))
    raw[-1] ^= 1
    lines.append(f"{head} {base64.b64encode(raw).decode()}")
    path.write_text(text + "\n\n" + "\n".join(lines) + "\n", "utf-8")
    return f"the cosignature of {head.split()[-1].rpartition('/')[2]} is changed in one bit"


COPIES: Final[dict[str, Callable[[Path], str]]] = {
    "figure": figure,
    "vote": vote,
    "leaf": leaf,
    "vector": vector,
    "cosignature": cosignature,
}


def copy(release: Path, folder: Path, name: str) -> str:
    """Make one tampered copy; says what was changed."""
    shutil.copytree(release, folder)
    return COPIES[name](folder)


class _Bundle:
    """One file of leaves."""

    def __init__(self, path: Path, first: int) -> None:
        self.path, self.first = path, first
        width = int(path.name) if path.parent.name.endswith(".p") else 256
        self.leaves = list(decode_bundle(path.read_bytes(), width))

    def statement(self, index: int) -> dict[str, Any]:
        """The in-toto statement in a leaf's envelope."""
        envelope = json.loads(self.leaves[index - self.first])
        statement: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
        return statement

    def put(self, index: int, statement: dict[str, Any]) -> None:
        """Another statement under the same signature."""
        envelope = json.loads(self.leaves[index - self.first])
        envelope["payload"] = base64.b64encode(canonical(statement)).decode()
        self.leaves[index - self.first] = canonical(envelope)
        self.path.write_bytes(encode_bundle(self.leaves))

    def drop(self, index: int) -> None:
        """One leaf less."""
        del self.leaves[index - self.first]
        self.path.write_bytes(encode_bundle(self.leaves))


def _statements(release: Path) -> Iterator[tuple[_Bundle, int, dict[str, Any]]]:
    """Every leaf with its file and index."""
    first = 0
    for path in sorted(path for path in (release / ENTRIES).rglob("*") if path.is_file()):
        bundle = _Bundle(path, first)
        for index in range(first, first + len(bundle.leaves)):
            yield bundle, index, bundle.statement(index)
        first += len(bundle.leaves)


def _vector(release: Path) -> Path:
    """A file of the view that a member's answer names."""
    for _, _, statement in _statements(release):
        body = statement["predicate"].get("body", {})
        if statement["predicateType"].endswith("/answer/v1") and body.get("exchange"):
            path = release / "view" / str(body["body"]["digest"]).removeprefix("sha256:")
            if path.is_file():
                return path
    raise _none("vector", release)


def canonical(value: Any) -> bytes:
    """As Comity spells a record without floats."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _none(what: str, release: Path) -> Exception:
    return failed(f"no {what} to tamper with", where=str(release), found="none", wanted=f"one {what} in the log")
