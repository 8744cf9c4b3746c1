"""One figure of a release as one file, out of a fetched folder or out of a hub's or mirror's public files.

Decides which figure is meant, and that nothing is handed out that does not hold by itself. What the file holds is
`stages.publish.kept`, what it shows `stages.verify.figure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity import canon
from comity.acts import statement
from comity.acts.charter import Succession
from comity.assembly import fold
from comity.assembly.facts import ReleaseFacts
from comity.assembly.state import State
from comity.errors import ComityError, NotVerified, UsageError
from comity.model.norm import Norm
from comity.model.release import Figure, Release
from comity.model.study import Study
from comity.stages.publish import folder, kept
from comity.stages.verify import figure, log, record
from comity.stages.verify.reading import Folder
from comity.tlog.note import Note

if TYPE_CHECKING:
    from comity.services.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A release, its texts, and the log that names it."""

    release: Release
    texts: tuple[Study, Norm]
    facts: ReleaseFacts
    state: State
    leaves: Sequence[bytes]
    note: Note


def in_folder(files: Mapping[str, bytes]) -> Source:
    """Out of the files of a release folder; no connection is opened.

    Raises:
        NotVerified, FormatError: a file is missing or broken, or the log of the folder names no such record.
    """
    given = Folder(files)
    read, made = log.read(given), record.read(given)
    said = record.published(read, given)
    if said is None:
        raise NotVerified("the log names no such record", where=folder.RELEASE, way_out="comity verify says more")
    texts = kept.texts(made, given.blob)
    state, leaves, note = published(read.state, read.leaves, read.note, said.ref.index)
    return Source(release=made, texts=texts, facts=said, state=state, leaves=leaves, note=note)


def in_log(reading: "Reading", index: int) -> Source:
    """Out of public files, by the leaf that published the release.

    Raises:
        Unreachable: a body is not served.
        NotVerified, FormatError: a body that is served is another one, or no record.
    """
    read = reading.log
    facts = read.state.releases[index]
    made = _release(reading, index)
    texts = kept.texts(made, reading.get)
    state, leaves, note = published(read.state, read.leaves, read.note, index)
    return Source(release=made, texts=texts, facts=facts, state=state, leaves=leaves, note=note)


def published(state: State, leaves: Sequence[bytes], note: Note, index: int) -> tuple[State, Sequence[bytes], Note]:
    """The log under whose name a leaf was said, up to a checkpoint of that name.

    Where the log went to another hub since, that is the final checkpoint of the old one: name, key and quorum of the
    file are then those of the time, as the leaf has it.
    """
    ended = next((one for one in state.successions if index < one.size), None)
    if ended is None:
        return state, leaves, note
    body = statement.read(leaves[ended.ref.index]).act.body
    if not isinstance(body, Succession):
        raise NotVerified("no succession stands here", where=f"leaf {ended.ref.index}")
    return fold.replay(leaves[: ended.size]), leaves[: ended.size], Note.parse(body.final)


def place(release: Release, cell: str | None, measure: str | None) -> int:
    """Where the figure of these codes (`1,F`) and this measure stands; UsageError says which there are."""
    measures = tuple(dict.fromkeys(figure.measure for figure in release.figures))
    if measure is None and len(measures) == 1:
        measure = measures[0]
    if measure not in measures:
        wanted = f"one of {', '.join(measures)}"
        raise UsageError("which measure?", where="--measure", found=measure or "none", wanted=wanted)
    key = tuple(code.strip() for code in cell.split(",")) if cell is not None else ()
    found = [i for i, one in enumerate(release.figures) if (one.key, one.measure) == (key, measure)]
    if not found:
        what = "no figure has these codes" if cell is not None else "which figure?"
        raise UsageError(what, where="--cell", found=cell or "none", wanted=_cells(release, measure))
    return found[0]


def figure_at(reading: "Reading", release: int, place: int) -> Figure | None:
    """A figure by its place; None if the release has fewer, or is not kept as it was published."""
    try:
        made = _release(reading, release)
    except ComityError:
        return None
    return made.figures[place] if place < len(made.figures) else None


def _release(reading: "Reading", index: int) -> Release:
    digest = reading.log.state.releases[index].release.digest
    return canon.decode(reading.get(digest), Release, where=f"release at leaf {index}")


def checked(source: Source, place: int) -> bytes:
    """The file, after it was checked as its reader will check it; NotVerified if anything in it does not hold."""
    data = kept.keep(
        place,
        source.release,
        source.texts,
        state=source.state,
        facts=source.facts,
        leaves=source.leaves,
        note=source.note,
    )
    for claim in figure.verify(data).claims:
        if not claim.holds:
            raise NotVerified("the file would not hold", where=claim.name, found=claim.detail)
    return data


def _cells(release: Release, measure: str) -> str:
    """The codes that figures of a measure have, by dimension."""
    keys = [one.key for one in release.figures if one.measure == measure]
    codes = [tuple(dict.fromkeys(found)) for found in zip(*keys, strict=True)]
    shown = [
        f"{axis.id} of {', '.join(found[:20])}{', ...' if len(found) > 20 else ''}"
        for axis, found in zip(release.layout.dimensions, codes, strict=True)
    ]
    return f"a code for each, with a comma between: {'; '.join(shown)}"
