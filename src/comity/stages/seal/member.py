"""A member's arithmetic in an exchange: keys, shares, boxes, the masked vector, the list of shares given away.

Functions of secrets, dice and what the log fixed; what is kept, charged, said and sent, and in which order, is
`stages.answer`. Every check on what others sent is here, and its outcome is a value: what was received, or a refusal
that names the sender. Secrets are 32 bytes each and no one is derived from another (SEAL, step 0).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.acts.refs import Blob
from comity.canon import Digest
from comity.errors import ComityError, SealBroken
from comity.model.law import SKELLAM, Law
from comity.model.reason import Reason
from comity.stages.dice import Dice
from comity.stages.protect import noise
from comity.stages.seal import boxes, derivations, manifest, masks, shamir
from comity.stages.seal.derivations import PrivateKey, commitment, private_key
from comity.stages.seal.manifest import Line, Manifest
from comity.stages.seal.round import Round
from comity.stages.seal.view import Shown, Unmasked

SECRET: Final = 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """Fresh for each attempt. root: of mask key and pair seeds; own: b_u, of the self mask; env: of envelope keys."""

    root: bytes = field(repr=False)
    own: bytes = field(repr=False)
    env: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a member holds of another's secrets: a share of its root and one of its b."""

    root: bytes = field(repr=False)
    own: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dealt:
    """Step 1: the manifest and its boxes, in its order; and the shares that a member keeps of its own secrets."""

    manifest: bytes = field(repr=False)
    boxes: tuple[bytes, ...] = field(repr=False)
    kept: Pair


@dataclass(frozen=True, slots=True)
class Received:
    """Step 2: what U2 sent to this member. Seeds are those of senders with a lower id; the rest follow from root_u."""

    pairs: Mapping[str, Pair] = field(repr=False)
    seeds: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """Why this member leaves, and whose part it is."""

    reason: Reason
    blames: tuple[str, ...]


def draw(dice: Dice) -> Secrets:
    """Three fresh secrets; those that will be shared lie in the field."""
    return Secrets(root=shamir.draw(dice), own=shamir.draw(dice), env=dice(SECRET))


def keys(secrets: Secrets, study: Digest, period: str, attempt: int, member: str) -> tuple[bytes, bytes]:
    """M_u and E_u, as a consent names them; 1216 bytes each."""
    k = derivations.key_context(study, period, attempt, member)
    return private_key(secrets.root, "mask", k).public, private_key(secrets.env, "envelope", k).public


def deal(round_: Round, me: str, secrets: Secrets, dice: Dice) -> Dealt:
    """Share both secrets among the roster and seal each part to its member; polynomials end with this call."""
    u, ctx1 = round_.places[me], round_.ctx1
    roots = shamir.split(secrets.root, round_.t, round_.n, dice)
    owns = shamir.split(secrets.own, round_.t, round_.n, dice)
    lines, sent = [], []
    for member, v in round_.places.items():
        root, own = roots[v - 1], owns[v - 1]
        share_box = seed_box = seed = None
        if v != u:
            share_box = boxes.seal("share", root + own, _key(round_, member, "envelope"), ctx1, u, v)
            sent.append(share_box)
        if v > u:
            seed = derivations.pair_seed(secrets.root, ctx1, u, v)
            seed_box = boxes.seal("seed", seed, _key(round_, member, "mask"), ctx1, u, v)
            sent.append(seed_box)
        lines.append(
            Line(
                member=member,
                share_box=canon.digest(share_box) if share_box else None,
                seed_box=canon.digest(seed_box) if seed_box else None,
                root_share=commitment("root share", ctx1, u, v, root),
                self_share=commitment("self share", ctx1, u, v, own),
                pair_seed=commitment("pair seed", ctx1, u, v, seed) if seed else None,
            )
        )
    made = manifest.encode(Manifest(exchange=round_.ref, sender=me, lines=tuple(lines)))
    return Dealt(made, tuple(sent), Pair(roots[u - 1], owns[u - 1]))


def receive(
    round_: Round, me: str, secrets: Secrets, manifests: Mapping[str, Blob], parcel: Sequence[bytes]
) -> Received | Broken:
    """Open and check everything that U2 sent to this member; any failure is a reason to leave.

    Args:
        manifests: what each member's logged `shares` names.
        parcel: for each other member of U2 in order of ids: its manifest, its share box, and, if its id is lower, its
            seed box.
    """
    k = derivations.key_context(round_.asked, round_.period, round_.attempt, me)
    mask, envelope = private_key(secrets.root, "mask", k), private_key(secrets.env, "envelope", k)
    pairs, seeds, arrived = {}, {}, iter(parcel)
    for sender in round_.u2 or ():
        if sender == me:
            continue
        u, v = round_.places[sender], round_.places[me]
        count = 3 if u < v else 2
        parts = list(islice(arrived, count))
        try:
            if len(parts) < count:
                raise _Unfit("seal.box")
            line = _line(round_, sender, me, manifests[sender], parts)
            pairs[sender] = _pair(round_, u, v, line, parts[1], envelope)
            if u < v:
                seeds[sender] = _seed(round_, u, v, line, parts[2], mask)
        except _Unfit as e:
            return Broken(Reason(code=e.code, params={"member": sender}), (sender,))
        except (ComityError, KeyError):
            return Broken(Reason(code="seal.box", params={"member": sender}), (sender,))
    if rest := list(arrived):
        return Broken(Reason(code="seal.box", params={"found": f"{len(rest)} bodies too many"}), ())
    return Received(pairs, seeds)


def answer(
    round_: Round,
    me: str,
    secrets: Secrets,
    seeds: Mapping[str, bytes],
    values: NDArray[np.int64],
    dice: Dice,
) -> bytes:
    """y_u: values, clipped to the study's bound, with noise, self mask and pair masks; little-endian uint64.

    Needs one vector beside `values`, and a few chunks.
    """
    if round_.ctx2 is None or round_.u2 is None or values.shape != (round_.length,):
        raise SealBroken("not a vector of this round", where=me, found=str(values.shape), wanted=f"({round_.length},)")
    u, ctx1, ctx2 = round_.places[me], round_.ctx1, round_.ctx2
    plus, minus = [derivations.self_key(secrets.own, ctx2)], []
    for other in round_.u2:
        v = round_.places[other]
        if u < v:
            plus.append(derivations.mask_key(derivations.pair_seed(secrets.root, ctx1, u, v), ctx2))
        elif u > v:
            minus.append(derivations.mask_key(seeds[other], ctx2))
    file = io.BytesIO(bytes(8 * round_.length))  # gives its bytes away without a copy
    with file.getbuffer() as buffer:
        cells = np.frombuffer(buffer, "<i8")
        np.clip(values, -round_.study.bound, round_.study.bound, out=cells)
        if round_.study.noise:
            noise.add(cells, Law(SKELLAM, own_variance(round_, me)), dice)
        masks.apply(cells.view("<u8"), plus, minus)
        del cells
    return file.getvalue()


def own_variance(round_: Round, me: str) -> Fraction:
    """Variance of this member's noise in each cell; only of a study with noise."""
    return noise.share(round_.study, round_.n, round_.rate(me))


def unmask(round_: Round, me: str, pairs: Mapping[str, Pair]) -> bytes:
    """The list of step 3: of each survivor the share of its b, of each drop-out the share of its root; never both.

    Args:
        pairs: of every member of U2, this one included.
    """
    if round_.u2 is None or round_.u3 is None or me not in round_.u3:
        raise SealBroken("not a survivor of this round", where=me)
    shown = tuple(
        Shown(member=v, kind="self", share=pairs[v].own)
        if v in round_.u3
        else Shown(member=v, kind="root", share=pairs[v].root)
        for v in round_.u2
    )
    return canon.encode(Unmasked(exchange=round_.ref, sender=me, shares=shown))


class _Unfit(Exception):
    """A part that opened and is not what its sender promised."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def _key(round_: Round, member: str, kind: derivations.KeyKind) -> bytes:
    sealed = round_.consents[member].sealed
    if sealed is None:
        raise SealBroken("no sealed consent", where=member)
    return sealed.mask_key if kind == "mask" else sealed.envelope_key


def _line(round_: Round, sender: str, me: str, logged: Blob, parts: Sequence[bytes]) -> Line:
    """The sender's line for me, out of the manifest that it logged."""
    if Blob(digest=canon.digest(parts[0]), size=len(parts[0])) != logged:
        raise _Unfit("seal.box")
    return manifest.line_of(me, parts[0], exchange=round_.ref, sender=sender, members=round_.members)


def _pair(round_: Round, u: int, v: int, line: Line, box: bytes, key: PrivateKey) -> Pair:
    if canon.digest(box) != line.share_box:
        raise _Unfit("seal.box")
    text = boxes.open_("share", box, key, round_.ctx1, u, v)
    pair = Pair(text[:SECRET], text[SECRET:])
    fits = (
        len(text) == 2 * SECRET
        and commitment("root share", round_.ctx1, u, v, pair.root) == line.root_share
        and commitment("self share", round_.ctx1, u, v, pair.own) == line.self_share
        and all(int.from_bytes(share, "big") < shamir.P for share in (pair.root, pair.own))
    )
    if not fits:
        raise _Unfit("seal.share")
    return pair


def _seed(round_: Round, u: int, v: int, line: Line, box: bytes, key: PrivateKey) -> bytes:
    if canon.digest(box) != line.seed_box:
        raise _Unfit("seal.box")
    seed = boxes.open_("seed", box, key, round_.ctx1, u, v)
    if len(seed) != SECRET or commitment("pair seed", round_.ctx1, u, v, seed) != line.pair_seed:
        raise _Unfit("seal.share")
    return seed
