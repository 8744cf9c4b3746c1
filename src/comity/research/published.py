"""One release of a log: what the log says of it, its record held against that, and its figures, drawing and report.

Decides that a record which says another thing of itself than the log is not read. Figures come out of `frame`; what
they follow from is recomputed by `verify`, whose report this hands on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from comity import canon
from comity.assembly.facts import ReleaseFacts
from comity.canon import Digest
from comity.errors import FormatError, Unreachable, UsageError
from comity.model import area as areas
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import tables, words
from comity.research import frame as frames
from comity.research import listing, show, slim
from comity.research.frame import Frame, Through
from comity.research.place import OneRelease
from comity.research.plot import Plot
from comity.research.record import Archive, Standing
from comity.stages.publish import bundle, folder, record
from comity.stages.verify.check import verify
from comity.stages.verify.report import Report

LARGE: Final = 4 * 2**20  # bytes of a record: above, figures are read from Parquet


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Report):
    """The report of `comity verify`, shown in a notebook. `title`: of the release."""

    title: str

    def __str__(self) -> str:
        return "\n".join([*map(str, self.claims), self.last])

    def _repr_html_(self) -> str:
        rows = [("holds" if claim.holds else "FAILS", claim.name, claim.detail) for claim in self.claims]
        recomputed = show.note(f"{len(self.figures)} figures recomputed from the log; {words.say('note.truth')}")
        return show.whole(
            show.title(self.last), show.note(self.title), show.table(("", "claim", "found"), rows), recomputed
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Published:
    """A release that the log names.

    index: leaf of its `release/published`. digest: of its `release.json`. area: whom it is of, M49; _X of those who
    took part. study: as its motion named it. time: of the log. replaced, withdrawn: leaves that say so, if any.
    """

    archive: Archive
    facts: ReleaseFacts
    kind: str
    area: str
    study: str
    question: Digest  # of the study
    period: str
    time: int
    replaced: int | None
    withdrawn: int | None

    @property
    def index(self) -> int:
        """Leaf index."""
        return self.facts.ref.index

    @property
    def digest(self) -> Digest:
        """Digest of the record."""
        return self.facts.release.digest

    @property
    def publisher(self) -> str:
        """Whose release it is."""
        return self.facts.publisher

    @property
    def standing(self) -> Standing:
        """What was checked of its log."""
        return self.archive.log.standing

    @property
    def stands(self) -> bool:
        """Neither replaced nor taken back."""
        return self.replaced is None and self.withdrawn is None

    @property
    def state(self) -> str:
        """Whether it stands, in a word or two."""
        if self.withdrawn is not None:
            return f"taken back by leaf {self.withdrawn}"
        return "stands" if self.replaced is None else f"replaced by leaf {self.replaced}"

    @property
    def title(self) -> str:
        """Study, period, whose, leaf."""
        whose = "joint" if self.area == folder.NO_AREA else areas.name(self.area)
        return f"{self.study}, {self.period}, {whose}, leaf {self.index}"

    @property
    def record(self) -> Release:
        """`release.json`, whole: with every figure."""
        return record.read(self.archive.log.state, self.facts, self._record)

    @cached_property
    def summary(self) -> Release:
        """`release.json` without its figures, held against what the log says of it."""
        held = canon.encode(slim.read(self._record))
        return record.read(self.archive.log.state, self.facts, held)

    @cached_property
    def text(self) -> Study:
        """The study that it answers."""
        return self.archive.study(self.question)

    @cached_property
    def norm(self) -> Norm:
        """The norm that the study follows."""
        return self.archive.norm(self.text.norm)

    def file(self, path: str) -> bytes:
        """One of its own files, by the digest that its record gives; UsageError if it has none of this name."""
        named = {file.path: file for file in self.summary.files}
        if path not in named:
            raise UsageError("no such file", where=self.title, found=path, wanted=", ".join(named))
        return self.archive.body(named[path].digest, path)

    def frame(self, *, through: Through | None = None) -> Frame:
        """Its figures.

        Args:
            through: read from the record, or from Parquet; by itself from the record up to 4 MiB, else from Parquet.

        Raises:
            NotVerified: a digest does not fit, or the record says what the log does not. Unreachable: not here.
        """
        chosen = through or ("parquet" if len(self._record) > LARGE else "record")
        if chosen == "record":
            table = frames.from_record(self.record, self.norm, self.area)
        else:
            table = frames.from_parquet(self.file(folder.PARQUET), self.summary.layout, where=self.title)
        return frames.of(
            table,
            index=self.index,
            norm=self.norm,
            axes=tuple(axis.id for axis in self.summary.layout.dimensions),
            title=self.text.title,
            labels=tuple(text for _, text in tables.labels(self.summary, self.text)),
            notes=(
                *(_note(code, self.text) for code in self.summary.notes),
                *tables.reservations(self.summary.reserved),
            ),
            source=f"{folder.RELEASE if chosen == 'record' else folder.PARQUET} of leaf {self.index}",
            standing=self.standing,
        )

    def plot(self, **choices: Any) -> Plot:
        """Its figures, drawn: see `Frame.plot`."""
        return self.frame().plot(**choices)

    def verify(self) -> Verified:
        """Recompute everything from the log and the published vectors, as `comity verify` does.

        Never raises for what is wrong with the release: that is a claim that does not hold. Unreachable if a body that
        the release cannot be without is not here.
        """
        standing = self.standing
        report = verify(self.files(), pin=standing.charter if standing.pinned else None)
        return Verified(**{name: getattr(report, name) for name in Report.__dataclass_fields__}, title=self.title)

    def files(self) -> Mapping[str, bytes]:
        """The whole folder, with what proves it; of a release's own folder, as it lies there."""
        place = self.archive.place
        if isinstance(place, OneRelease) and place.about == self.digest:
            return place.files
        log, held = self.archive.log, _Held(self.archive)
        files = {folder.RELEASE: self._record, **bundle.log(log.leaves, str(log.note))}
        named = {file.path: file.digest for file in self.summary.files}
        named |= bundle.blobs(log.state, self.summary, log.leaves, held)
        files |= {path: held.get(digest) for path, digest in named.items()}
        view = bundle.view(log.state, self.summary, held)  # what nobody serves any more is a claim, not an error
        return files | {path: held.get(digest) for path, digest in view.items() if held.has(digest)}

    def __repr__(self) -> str:
        return show.lines(f"{self.title} ({self.state})", self.standing)

    def _repr_html_(self) -> str:
        facts = [
            ("published by", self.publisher),
            ("dated", listing.date(self.time)),
            ("state", self.state),
            ("release.json", self.digest),
            ("study", self.question),
        ]
        return show.whole(show.title(self.title), show.facts(facts), show.note(self.standing))

    @cached_property
    def _record(self) -> bytes:
        return self.archive.body(self.digest, folder.RELEASE)


class _Held:
    """The archive as `stages` asks for bodies."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def has(self, name: Digest, /) -> bool:
        """Whether a body is here."""
        try:
            self.get(name)
        except Unreachable:
            return False
        return True

    def get(self, name: Digest, /) -> bytes:
        """A body by digest."""
        return self._archive.body(name, "a body of the release")


def _note(code: str, study: Study) -> str:
    """A note in words; a code that the catalogue does not word as it stands."""
    try:
        return words.say(f"note.{code}", goal=study.goal, colluding=study.colluding)
    except FormatError:
        return code
