"""Proofs beside a release: every leaf, the cosigned head, and the bodies that the figures follow from.

With them the folder alone suffices, offline and for ever. Nothing is put here that SEAL keeps back: of an exchange only
what its view names, once it is closed.
"""

from collections.abc import Mapping, Sequence

from comity import canon
from comity.acts import statement
from comity.acts.motion import Comment
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import NotVerified
from comity.model.release import Release
from comity.model.study import Study
from comity.stages.publish import folder
from comity.stages.seal.turn import Bodies
from comity.stages.seal.view import View
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.tile import HEIGHT, bundles, encode_bundle


def log(leaves: Sequence[bytes], note: str) -> Mapping[str, bytes]:
    """The log up to the checkpoint of a cosigned note, as static files."""
    size = Checkpoint.of(Note.parse(note)).size
    if len(leaves) < size:
        raise NotVerified("the checkpoint is beyond the leaves", where="log", found=str(len(leaves)), wanted=str(size))
    files = {folder.CHECKPOINT: note.encode()}
    for tile in bundles(size):
        start = tile.index << HEIGHT
        files[folder.entries(tile)] = encode_bundle(leaves[start : start + tile.width])
    return files


def view(state: State, release: Release, bodies: Bodies) -> Mapping[str, Digest]:
    """Path and digest of the view of the exchange that a joint release opens, the sum with it.

    Empty for a national release, and where the view is not shown any more: its time to be challenged is over.
    """
    files = {}
    for facts in state.exchanges.values():
        closed = facts.closed
        if closed is not None and closed.view and closed.sum and closed.ref.index in release.inputs:
            files[folder.view(closed.sum.digest)] = closed.sum.digest
            if bodies.has(closed.view.digest):
                seen = canon.decode(bodies.get(closed.view.digest), View, where="view")
                files |= {folder.view(digest): digest for digest in (closed.view.digest, *seen.named())}
    return files


def blobs(state: State, release: Release, leaves: Sequence[bytes], bodies: Bodies) -> Mapping[str, Digest]:
    """Path and digest of study, norm and tables that a release rests on; what motions, comments and reservations said,
    if kept."""
    study = canon.decode(bodies.get(release.study), Study, where="study")
    needed = [release.study, study.norm]
    needed += [said.body.digest for said in state.nationals.values() if said.ref.index in release.inputs]
    told = [motion.thing.digest for motion in state.motions.values()]
    for motion in state.motions.values():
        for index in motion.comments:
            body = statement.read(leaves[index]).act.body
            told += [body.text.digest] if isinstance(body, Comment) else []
    reserved = {one.leaf for one in release.reserved}
    said = (one for norm, member in state.reservations for one in state.reservations[norm, member])
    told += [one.text.digest for one in said if one.ref.index in reserved and one.text]
    kept = [digest for digest in told if bodies.has(digest)]
    return {folder.blob(digest): digest for digest in dict.fromkeys([*needed, *kept])}


def proofs(state: State, release: bytes, leaves: Sequence[bytes], note: str, bodies: Bodies) -> Mapping[str, bytes]:
    """All that lies beside the release's own files. `release`: the bytes of `release.json`."""
    record = canon.decode(release, Release, where=folder.RELEASE)
    beside = {**view(state, record, bodies), **blobs(state, record, leaves, bodies)}
    return {**log(leaves, note), **{path: bodies.get(digest) for path, digest in beside.items()}}
