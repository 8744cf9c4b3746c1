"""The digest of the fold: one canonical spelling of a state, so that two offices can compare what a log means to them.

Decides which fields of `State` stand in which part, so that offices which differ see where. Equal leaves give equal
digests in every process. A state that is spelt in another way is another version, `comity-state/3`. Whether the leaves
are the log's is shown by its checkpoint; that equal leaves mean the same to two readers is shown here.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from comity import canon
from comity.assembly.state import State
from comity.assembly.times import Times
from comity.canon import Digest

VERSION: Final = "comity-state/2"
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "log": ("size", "charter", "charter_digest", "range"),
    "time": ("time", "ticked", "acted", "deadlines"),
    "members": ("actors", "candidates", "owners", "laid_down"),
    "motions": ("motions", "pending", "remarks"),
    "in-force": ("in_force", "offices", "reservations", "successions"),
    "estimates": ("estimates", "unsettled", "unsettled_by", "boxes"),
    "audits": ("audits", "asking"),
    "consents": ("consents", "refusals", "asked", "said", "box_keys", "nationals"),
    "exchanges": ("exchanges", "attempts", "running"),
    "releases": ("outputs", "sources", "dated", "calendar", "releases"),
    "bodies": ("bodies",),
    "breaches": ("breached",),
}
BY_ROOT: Final = ("roots", "digests")  # follow from the leaves alone, which `range` names


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDigest:
    """What a state is, in one digest, and in one for each part."""

    size: int
    digest: Digest
    parts: Mapping[str, Digest]


def of(state: State) -> StateDigest:
    """The digest of a state: of the canonical JSON of its version, size and parts."""
    parts = {name: part(state, name) for name in PARTS}
    whole = {"version": VERSION, "size": state.size, "parts": parts}
    return StateDigest(size=state.size, digest=canon.digest(canon.encode(whole)), parts=parts)


def part(state: State, name: str) -> Digest:
    """The digest of one part: of the canonical JSON of its version, name and facts."""
    facts = {field: plain(getattr(state, field)) for field in PARTS[name]}
    return canon.digest(canon.encode({"version": VERSION, "part": name, "facts": facts}))


def plain(value: Any) -> Any:
    """Facts as JSON values: a record by its fields, a mapping as pairs in the order of their keys, bytes as base64."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        pairs = [[plain(key), plain(item)] for key, item in value.items()]
        return sorted(pairs, key=lambda pair: canon.encode(pair[0]))
    if isinstance(value, tuple | Times):
        return [plain(item) for item in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
