"""A draft in a box: sealed to the one actor who may read it, opened by it, and compared with what the log names.

HPKE base mode (RFC 9180), X-Wing, as in `stages.seal.boxes`, behind a line that says what it is: a leaf may name any
digest as its box, and by this line a hub knows which bodies are none. The box is bound to log, sender, receiver,
series and period, so it opens nowhere else. What a box holds is believed only if it is the record whose digest was
logged: otherwise a custodian could show the country one value and publish another.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag

from comity import canon
from comity.assembly.facts import EstimateFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotVerified, SealBroken
from comity.keys import box_key
from comity.model import estimate
from comity.model.estimate import Draft, Key
from comity.model.release import Release
from comity.stages.publish import record as records
from comity.stages.seal.boxes import SUITE
from comity.stages.seal.derivations import PrivateKey, private_key, public_key

CONTEXT: Final = "comity/estimate/1"
SEED: Final = 32  # bytes
LINE: Final = b"comity-box/1\n"  # how every box begins, and no other body of an assembly


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From whom to whom, and what about: what a box is bound to. origin: the log's name when it was sealed."""

    origin: str
    sender: str
    receiver: str
    series: str
    period: str

    @property
    def info(self) -> bytes:
        """As HPKE takes it."""
        return CONTEXT.encode() + b"\x00" + canon.encode(self)


def key_of(seed: bytes) -> PrivateKey:
    """The key pair of a seed: the one an actor registers for boxes."""
    return private_key(seed, "box", b"")


def seal(draft: Draft, key: str, way: Way) -> bytes:
    """The box, to a box key's text."""
    return LINE + SUITE.encrypt(draft.data, public_key(box_key(key)), info=way.info)


def is_box(body: bytes) -> bool:
    """Whether a body says that it is a box; another one is none, whatever a leaf calls it."""
    return body.startswith(LINE)


def open_(box: bytes, keys: tuple[PrivateKey, ...], way: Way, logged: Digest) -> Draft:
    """What is in the box, by the first of these keys that opens it.

    Raises:
        SealBroken: it was not sealed to any of them, or not on this way.
        NotVerified: it holds another record than the log names.
    """
    text = next((text for key in keys if (text := _opened(box, key, way)) is not None), None)
    if text is None:
        raise SealBroken(
            "the box does not open",
            where=f"{way.series} {way.period}, {way.sender} to {way.receiver}",
            wanted="a box sealed to a key of this office",
            way_out="tell its sender, and object: nothing that this office can read was put to it",
        )
    _check_logged(text, logged, way)
    return estimate.read(text)


def own_figures(state: State, facts: EstimateFacts, get: Callable[[Digest], bytes]) -> Mapping[Key, str]:
    """What the country publishes itself for the same norm and period, by key, to stand beside the estimate.

    Only where the custodian named the norm by which the estimate was made: a series' code alone says too little of
    what was measured. Of several measures each value is said with its own. A release that is no record says nothing.
    """
    found: dict[Key, str] = {}
    replaced = {one.replaces.index for one in state.releases.values() if one.replaces}
    for index, release in state.releases.items():
        if facts.method is None or release.publisher != facts.member or index in replaced or release.withdrawn:
            continue
        with suppress(ComityError):
            record = records.read(state, release, get(release.release.digest))
            if (record.norm, record.period) == (facts.method, facts.period):
                found |= _by_key(record)
    return found


def _by_key(record: Release) -> dict[Key, str]:
    names, several = [axis.id for axis in record.layout.dimensions], len(record.layout.measures) > 1
    values: dict[Key, list[str]] = {}
    for figure in record.figures:
        if len(figure.key) != len(names):
            continue  # whoever publishes may have written anything
        value = figure.value or figure.status
        key = tuple(sorted(zip(names, figure.key, strict=True)))
        values.setdefault(key, []).append(f"{figure.measure} {value}" if several else value)
    return {key: "; ".join(listed) for key, listed in values.items()}


def _opened(box: bytes, key: PrivateKey, way: Way) -> bytes | None:
    if not is_box(box):
        return None
    try:
        return SUITE.decrypt(box.removeprefix(LINE), key.opens, info=way.info)
    except (InvalidTag, ValueError):
        return None


def _check_logged(text: bytes, logged: Digest, way: Way) -> None:
    """NotVerified for another record than the log names: it would never be the one that is published."""
    if canon.digest(text) != logged:
        raise NotVerified(
            "the box holds another record than the log names",
            where=f"{way.series} {way.period}, of {way.sender}",
            found=canon.digest(text),
            wanted=logged,
            way_out="keep the box and object: what would be published is not what was shown",
        )
