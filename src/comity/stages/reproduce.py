"""A release reproduced: each part of it made again from what is public, and held against what lies in the folder.

Parts are what a reader would ask about: the opened sum, recomputed from the published vectors; the figures that the
method makes of it; each file; the page, and the drawings on it. Decides when parts are equal and says so in one line;
making the files is `replay`'s, the sum is `verify`'s. What is taken and not made (the log's leaves, a member's own
table, the parts of a raster's blocks) is no part: `verify` checks it, and `adapters.rasters` counts blocks again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import ComityError
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import words
from comity.stages import replay
from comity.stages.publish import folder
from comity.stages.replay import GOOD, Outcome
from comity.stages.verify import exchange, log, opening, record
from comity.stages.verify.reading import Folder

SUM, FIGURES, CHARTS, TABLE = "sum", "figures", "charts", "table"
_DRAWING: Final = re.compile(rb"<svg\b.*?</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a release, made again.

    part: its name; for a file its path.
    outcome: the same bytes, equal content in other bytes, other content, or not in the folder.
    what: what it was made from, as one line.
    found, made: digests, where it has bytes of its own.
    """

    part: str
    outcome: Outcome
    what: str
    found: Digest | None = None
    made: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """All parts, and the files that were made. `files`: the release's own, by path."""

    parts: tuple[Part, ...]
    files: Mapping[str, bytes]

    @property
    def equal(self) -> bool:
        """Whether every part is."""
        return bool(self.parts) and all(part.outcome in GOOD for part in self.parts)

    @property
    def last(self) -> str:
        """The line that sums up."""
        wrong = [part.part for part in self.parts if part.outcome not in GOOD]
        other = [part.part for part in self.parts if part.outcome == "equal"]
        n, join = len(self.parts), words.say("list.comma")
        if not self.equal:
            return words.say("again.last.differs", wrong=len(wrong), n=n, names=join.join(wrong))
        if other:
            return words.say("again.last.equal", n=n, names=join.join(other))
        return words.say("again.last.same", n=n)


def reproduce(files: Mapping[str, bytes]) -> Reproduced:
    """Make a release again from its folder, and compare.

    Args:
        files: every file of the folder, by path with "/".

    Raises:
        NotVerified: the log names no release with this record, or what it was made from is missing.
    """
    made = replay.again(files)
    # Compared before anything is decided: a folder of another's making may hold anything.
    compared = {one.path: one for one in replay.compare(files, made)}
    parts = [*_opened(Folder(files)), _figures(files, made)]
    for path, one in compared.items():
        if path in folder.GROUNDS:
            continue
        if path == folder.PAGE:
            parts += _page(files.get(path), made[path])
            continue
        parts.append(
            Part(part=path, outcome=one.outcome, what=words.say(f"file.{path}"), found=one.found, made=one.made)
        )
    return Reproduced(parts=tuple(parts), files=made)


def _opened(files: Folder) -> list[Part]:
    """The sum again from the vectors; a member's own release has none, that of areas has blocks that add up."""
    read = log.read(files)
    said = record.published(read, files)
    inputs = said.inputs if said else ()
    facts = next((x for x in read.state.exchanges.values() if x.closed and x.closed.ref.index in inputs), None)
    if facts is None:
        # `replay.again` has made the table of the blocks' parts, and raised where it is not the one in the log.
        return [Part(part=TABLE, outcome="same", what=words.say("again.table"))] if folder.BLOCKS in files else []
    study = canon.decode(files.blob(facts.study), Study, where="study")
    claim = exchange.check(read, facts, study, files).claims[-1]
    stated = facts.closed.sum.digest if facts.closed and facts.closed.sum else None
    outcome: Outcome = "same" if claim.holds else "missing" if opening.gone(facts, files) else "differs"
    return [Part(part=SUM, outcome=outcome, what=claim.detail, found=stated, made=stated if claim.holds else None)]


def _figures(files: Mapping[str, bytes], made: Mapping[str, bytes]) -> Part:
    """The figures of the record, without the record's own spelling."""
    wanted = canon.decode(made[folder.RELEASE], Release, where=folder.RELEASE)
    what = words.count(f"again.figures.{wanted.kind}", len(wanted.figures))
    try:
        found = canon.decode(files[folder.RELEASE], Release, where=folder.RELEASE)
    except ComityError:
        return Part(part=FIGURES, outcome="differs", what=what)
    outcome: Outcome = "same" if canon.encode(found.figures) == canon.encode(wanted.figures) else "differs"
    return Part(part=FIGURES, outcome=outcome, what=what)


def _page(found: bytes | None, made: bytes) -> list[Part]:
    """The page without its drawings, and the drawings: another version of what draws them leaves the words alone."""
    drawings = _DRAWING.findall(made)
    told = words.say(f"file.{folder.PAGE}"), words.count("again.charts", len(drawings))
    if found is None:
        outcomes: tuple[Outcome, Outcome] = ("missing", "missing")
    else:
        text: Outcome = "same" if _DRAWING.sub(b"", found) == _DRAWING.sub(b"", made) else "differs"
        outcomes = (text, "same" if _DRAWING.findall(found) == drawings else "differs")
    page = Part(
        part=folder.PAGE,
        outcome=outcomes[0],
        what=told[0],
        found=None if found is None else canon.digest(found),
        made=canon.digest(made),
    )
    return [page, Part(part=CHARTS, outcome=outcomes[1], what=told[1])] if drawings else [page]
