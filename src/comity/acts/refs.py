"""How acts point: to a head of the log, to another act, to a body kept beside the log."""

from dataclasses import dataclass

from comity.canon import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head of the log that the signer saw: size, and root as a digest."""

    size: int
    root: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Another act: its leaf index, and the SHA-256 of that leaf's bytes."""

    index: int
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A body beside the log: its SHA-256 and its size in bytes."""

    digest: Digest
    size: int
