"""A release: `release.json`, the list of what was published with every figure in it.

Names each file by digest and each figure as text, so that `stages.verify` recomputes figures from leaves and vectors
and compares. Files of proof (the log's leaves, the checkpoint) lie beside it and are not named here: the leaf
`release/published` names this record, not the other way round.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from comity.canon import Digest, is_digest
from comity.model.decimals import is_rounded
from comity.model.reason import Reason
from comity.model.structure import Layout

Part = Literal["summed", "dropped", "refused", "silent"]

_PATH: Final = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]{0,63}/){0,3}[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_PROOFS: Final = re.compile(r"release\.json|(log|view|blobs)(/.*)?")  # what the record names not, but lies beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One published file.

    Whoever publishes may write anything into its record, and others write its files to disk: a path that leaves the
    folder, hides, or takes the place of a proof is no path, and what names no blob is no digest, here and so
    everywhere.
    """

    path: str  # inside the release folder, with "/"
    digest: Digest
    size: int

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path) or _PROOFS.fullmatch(self.path):
            raise ValueError(f"{self.path[:80]!r} is not a path of a release's file, such as a/b.csv")
        if not is_digest(self.digest) or self.size < 0:
            raise ValueError(f"{self.path}: {self.digest[:80]!r} and {self.size} are not a digest and a size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One published figure; every number as text in one spelling, rounded to the card's decimals.

    Whoever publishes may write anything into its record, and people copy what stands there: a text that is no such
    number is no figure, here and so everywhere.

    value: None where the status forbids one (Q, O, L, M).
    sampling, noise: standard errors, '' where there is no value, or no such error.
    """

    key: tuple[str, ...]
    measure: str
    value: str | None
    sampling: str
    noise: str
    status: str  # SDMX CL_OBS_STATUS

    def __post_init__(self) -> None:
        errors = [error for error in (self.sampling, self.noise) if error]
        wrong = [error for error in errors if self.value is None or error.startswith("-") or not is_rounded(error)]
        if self.value is not None and not is_rounded(self.value):
            wrong.append(self.value)
        if wrong:
            raise ValueError(f"{wrong[0][:80]!r} is not a figure's number, such as 12.50, or not one that it can have")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What one member did in this study and period."""

    member: str
    area: str
    part: Part
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What a member had reserved of the norm when it answered: its figures are of another definition.

    Belongs to COMPARABILITY of the SDG metadata structure.
    """

    member: str
    leaf: int  # index of the reservation, whose text lies beside the log
    parts: tuple[str, ...]  # "<kind>:<id>" of the norm


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the sum gives away, at most: two epsilons at delta (SEAL), as decimal strings; None without noise."""

    delta: str
    colluding: int
    epsilon: str  # at most c others collude
    alone: str  # all others collude: the largest that a member stated; "" if one of them stated none
    sigma2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Members whose own table is an input of this release, and those of them that had to suppress a cell of it."""

    answered: int
    suppressed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`release.json`."""

    kind: Literal["joint", "national"]
    origin: str
    charter: Digest
    study: Digest
    norm: Digest
    period: str
    publisher: str  # "hub" or the member
    time: int  # POSIX seconds that the log told when the sum, or the member's table, was said in it
    inputs: tuple[int, ...]  # leaf indices, as in `release/published`
    layout: Layout
    figures: tuple[Figure, ...]
    takings: tuple[Taking, ...]  # empty for a national release
    privacy: Privacy | None
    alone: Alone | None  # None for a national release, and where no national table is an input
    notes: tuple[str, ...]  # codes, worded by `pages.words`
    files: tuple[File, ...]
    reserved: tuple[Reserved, ...] = ()  # by member

    def __post_init__(self) -> None:
        if wrong := [name for name in (self.charter, self.study, self.norm) if not is_digest(name)]:
            raise ValueError(f"{wrong[0][:80]!r} is not a digest")
        places = sorted(f"{file.path}/" for file in self.files)
        if doubled := [later for before, later in pairwise(places) if later.startswith(before)]:
            raise ValueError(f"two files at {doubled[0]!r}")
