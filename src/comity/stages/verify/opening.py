"""The sum again, from what is published: shares rebuild secrets, secrets make masks, masks come off the vectors.

A second reading of `seal.opening` without arrays. Believes nothing of the view but names: each body is checked against
the digest that its member logged, each share against the manifest of the member whose secret it is part of, each
rebuilt root against the key that its member consented with.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from comity import canon
from comity.acts.refs import Blob
from comity.assembly.facts import ExchangeFacts, Said
from comity.errors import NotVerified
from comity.stages.publish import folder
from comity.stages.seal import boxes, derivations, shamir
from comity.stages.seal.derivations import Kind, PrivateKey, commitment, mask_key, pair_seed, self_key
from comity.stages.seal.manifest import Manifest
from comity.stages.seal.manifest import read as read_manifest
from comity.stages.seal.round import Round
from comity.stages.seal.view import Part, Unmasked, View, read_unmasked
from comity.stages.verify import lanes
from comity.stages.verify.reading import Folder

GONE: Final = "sum not recomputed: view gone"


def gone(facts: ExchangeFacts, files: Folder) -> tuple[str, ...]:
    """Paths of the view that are missing from the folder."""
    if facts.closed is None or facts.closed.view is None:
        return ()
    path = folder.view(facts.closed.view.digest)
    if path not in files:
        return (path,)
    view = canon.decode(files.view(facts.closed.view.digest), View, where=path)
    return tuple(path for path in map(folder.view, view.named()) if path not in files)


def total(round_: Round, facts: ExchangeFacts, files: Folder) -> bytes:
    """The sum over U3, little-endian int64; NotVerified or SealBroken, with what is wrong and whose it is."""
    if facts.closed is None or facts.closed.view is None:
        raise NotVerified("no view", where=f"exchange {round_.ref.index}", wanted="an exchange closed with a sum")
    u2, u3, ctx2 = round_.u2, round_.u3, round_.ctx2
    if u2 is None or u3 is None or ctx2 is None:
        raise NotVerified("U2 or U3 is not fixed", where=f"exchange {round_.ref.index}")
    view = canon.decode(files.view(facts.closed.view.digest), View, where="view")
    if view.exchange != round_.ref:
        raise NotVerified("the view is of another exchange", where="view", found=str(view.exchange.index))
    manifests = {
        part.member: read_manifest(body, exchange=round_.ref, sender=part.member, members=round_.members)
        for part, body in _bodies(view.manifests, facts.shares, u2, files, "manifest")
    }
    lists = {
        part.member: read_unmasked(body, exchange=round_.ref, sender=part.member, shared=u2, survivors=u3)
        for part, body in _bodies(view.lists, facts.unmask, None, files, "list")
    }
    vectors = [body for _, body in _bodies(view.vectors, facts.answers, u3, files, "vector")]
    for part, vector in zip(view.vectors, vectors, strict=True):
        if len(vector) != 8 * round_.length:
            raise NotVerified("a vector has another length", where=f"vector of {part.member}", found=str(len(vector)))
    opened = _Opening(round_, manifests, lists, {(s.sender, s.receiver): s.box for s in view.seeds}, files)
    plus, minus = opened.keys(u2, u3, ctx2)
    return lanes.total(vectors, plus, minus, round_.length)


def _bodies(
    parts: tuple[Part, ...],
    said: Mapping[str, Said],
    wanted: tuple[str, ...] | None,
    files: Folder,
    what: str,
) -> Iterator[tuple[Part, bytes]]:
    """Each part with its body; the members must be those wanted, and each body the one that its member logged."""
    members = tuple(part.member for part in parts)
    if len(set(members)) != len(members) or (wanted is not None and members != wanted):
        raise NotVerified(f"the view does not hold one {what} of each member", where="view", found=str(len(members)))
    for part in parts:
        where = f"{what} of {part.member}"
        if part.member not in said or said[part.member].body != part.body:
            raise NotVerified("the view names another body than the member logged", where=where)
        body = files.view(part.body.digest)
        if Blob(digest=canon.digest(body), size=len(body)) != part.body:
            raise NotVerified("the body has another size than the member logged", where=where, found=str(len(body)))
        yield part, body


class _Opening:
    """What the keys of all masks are rebuilt from."""

    def __init__(
        self,
        round_: Round,
        manifests: Mapping[str, Manifest],
        lists: Mapping[str, Unmasked],
        boxes_: Mapping[tuple[str, str], str],
        files: Folder,
    ) -> None:
        self.round, self.manifests, self.lists, self.boxes, self.files = round_, manifests, lists, boxes_, files

    def keys(self, u2: tuple[str, ...], u3: tuple[str, ...], ctx2: bytes) -> tuple[list[bytes], list[bytes]]:
        """Masks to put on the sum and to take off it, so that only values and noise stay."""
        places = self.round.places
        plus: list[bytes] = []
        minus = [self_key(self.rebuilt(member, "self share"), ctx2) for member in u3]
        for dropped in (member for member in u2 if member not in u3):
            root = self.rebuilt(dropped, "root share")
            opens = self.mask_pair(dropped, root)
            for survivor in u3:
                key = mask_key(self.seed(dropped, survivor, root, opens), ctx2)
                # A survivor added the mask of a later member and took off that of an earlier one.
                (minus if places[survivor] < places[dropped] else plus).append(key)
        return plus, minus

    def rebuilt(self, of: str, kind: Kind) -> bytes:
        """A secret from t shares that its member promised; all further shares shown must lie on the same polynomial."""
        v, lines = self.round.places[of], self.manifests[of].lines
        good: dict[int, bytes] = {}
        for holder, listed in self.lists.items():
            place = self.round.places[holder]
            share = next(shown.share for shown in listed.shares if shown.member == of)
            line = lines[place - 1]
            promised = line.self_share if kind == "self share" else line.root_share
            if commitment(kind, self.round.ctx1, v, place, share) == promised:
                good[place] = share
        where = f"{kind.removesuffix(' share')} secret of {of}"
        if len(good) < self.round.t:
            found, wanted = f"{len(good)} shares that fit its manifest", f"{self.round.t}"
            raise NotVerified("too few shares to rebuild", where=where, found=found, wanted=wanted)
        some = dict(sorted(good.items())[: self.round.t])
        if any(shamir.rebuild(some, at=place) != share for place, share in good.items() if place not in some):
            raise NotVerified("shares do not lie on one polynomial", where=where)
        return shamir.rebuild(some)

    def mask_pair(self, dropped: str, root: bytes) -> PrivateKey:
        """M_d again, from the rebuilt root; it must be the one that the drop-out consented with."""
        k = derivations.key_context(self.round.study.digest, self.round.period, self.round.attempt, dropped)
        key, sealed = derivations.private_key(root, "mask", k), self.round.consents[dropped].sealed
        if sealed is None or key.public != sealed.mask_key:
            raise NotVerified("the rebuilt root does not give the key consented with", where=f"root of {dropped}")
        return key

    def seed(self, dropped: str, survivor: str, root: bytes, key: PrivateKey) -> bytes:
        """The pair seed of a drop-out and a survivor, as the one of the lower index made it."""
        places, ctx1 = self.round.places, self.round.ctx1
        d, v = places[dropped], places[survivor]
        if d < v:
            seed, line, whose = pair_seed(root, ctx1, d, v), self.manifests[dropped].lines[v - 1], dropped
        else:
            line, whose = self.manifests[survivor].lines[d - 1], survivor
            box = self.boxes.get((survivor, dropped))
            if box is None or box != line.seed_box:
                raise NotVerified("the view does not hold the seed box", where=f"seed {survivor} -> {dropped}")
            seed = boxes.open_("seed", self.files.view(box), key, ctx1, v, d)
        if commitment("pair seed", ctx1, min(d, v), max(d, v), seed) != line.pair_seed:
            raise NotVerified("a pair seed does not fit its manifest", where=f"manifest of {whose}")
        return seed
