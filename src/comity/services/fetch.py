"""A release and all that it follows from, as one folder, out of a hub's or mirror's public files.

Decides that the folder is whole or absent: it is made beside its place and renamed into it. Each body is what its
digest says before it is written. What the folder proves is `comity verify`, offline.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from comity import canon
from comity.adapters import durable
from comity.canon import Digest
from comity.errors import FormatError, Unreachable
from comity.model.job import Tell
from comity.model.release import Release
from comity.services.reading import Reading
from comity.stages.publish import bundle, folder
from comity.tlog import beside as side


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What lies in the folder. `gone`: bodies of the view that nobody serves any more: the sum is not recomputed."""

    release: Release
    files: int
    size: int  # bytes
    gone: int


def fetch(reading: Reading, index: int, out: Path, *, tell: Tell) -> Fetched:
    """The release that a leaf published, in a new folder.

    Raises:
        UsageError: the folder is there already, and holds something.
        Unreachable: a body that the release cannot be without is not served.
        NotVerified: a body that is served is another one.
        FormatError: what was published is no record of a release.
    """
    durable.refuse_used(out)
    log = reading.log
    record = reading.get(log.state.releases[index].release.digest)
    release = canon.decode(record, Release, where=f"release at leaf {index}")
    bodies = _bodies(reading, release)
    with durable.folder(out) as new:
        _write(new, folder.RELEASE, record)
        for path, data in bundle.log(log.leaves, str(log.note)).items():
            _write(new, path, data)
        if lines := _cosignatures(reading):
            _write(new, folder.cosignatures(log.seen.checkpoint.size), lines)
        shown = sum(path.startswith(folder.VIEW) for path in bodies)
        gone = 1 if release.kind == "joint" and shown < 2 else 0  # the sum alone: the view itself is gone
        for done, (path, digest) in enumerate(bodies.items()):
            tell(done, len(bodies), "fetching the release")
            try:
                _write(new, path, reading.get(digest))
            except Unreachable:
                if not path.startswith(folder.VIEW):
                    raise
                gone += 1
        tell(len(bodies), len(bodies), "fetching the release")
        files = [path for path in new.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
    return Fetched(release=release, files=len(files), size=size, gone=gone)


def _bodies(reading: Reading, release: Release) -> Mapping[str, Digest]:
    """Path and digest of every file but the record and the log."""
    log = reading.log
    own = {file.path: file.digest for file in release.files}
    beside = {**bundle.view(log.state, release, reading), **bundle.blobs(log.state, release, log.leaves, reading)}
    return {**own, **beside}


def _cosignatures(reading: Reading) -> bytes:
    """The side file of the checkpoint; b"" if none is served, or what is served is none: no rule needs it."""
    data = reading.client.moving(side.path(reading.log.seen.checkpoint.size)) or b""
    try:
        return side.text(side.parse(data)).encode() if data else b""
    except FormatError:
        return b""


def _write(place: Path, path: str, data: bytes) -> None:
    file = place / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
