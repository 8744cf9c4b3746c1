"""A release made again in a notebook, from what is public alone, and compared part by part.

What is made again, and when parts are equal, is `stages.reproduce`, as for `comity reproduce`; here one part more: that
the frame a reader works with, and so the data of every drawing of it, is the same out of the record and out of Parquet.
"""

from dataclasses import dataclass, fields
from pathlib import Path

from comity.pages import words
from comity.research import show
from comity.research.connect import Connection, connect
from comity.research.published import Published
from comity.research.record import Standing
from comity.stages import reproduce as again
from comity.stages.reproduce import Part

FRAME = "frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced(again.Reproduced):
    """The parts of a release, made again. `title`: of the release. `standing`: of the log that it was made from."""

    title: str
    standing: Standing

    def __repr__(self) -> str:
        return f"{self.title}\n{show.columns(self._head(), self._rows())}\n\n{self.last}\n{self.standing}"

    def _repr_html_(self) -> str:
        table = show.table(self._head(), self._rows())
        return show.whole(show.title(self.last), show.note(self.title), table, show.note(self.standing))

    def _head(self) -> tuple[str, ...]:
        return tuple(words.say(f"again.{name}") for name in ("part", "result", "what"))

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(one.part, words.say(f"again.outcome.{one.outcome}"), one.what) for one in self.parts]


def reproduce(release: Published | Connection | str | Path, *, charter: str | None = None) -> Reproduced:
    """Make a release again from its log, vectors and texts, and compare it part by part with what was published.

    Args:
        release: one of `connection.releases`; or a connection, folder or address, of which `release()` is meant.
        charter: for a folder or address, the digest that its log must begin with: see `connect`.

    Raises:
        UsageError: nothing to reproduce there. NotVerified: the log does not hold, names no such release, or what it
            was made from is missing or not what its digest says. Unreachable: a body is not here.
    """
    if isinstance(release, str | Path):
        with connect(release, charter=charter) as connection:
            return reproduce(connection)
    one = release.release() if isinstance(release, Connection) else release
    found = again.reproduce(one.files())
    named = {field.name: getattr(found, field.name) for field in fields(again.Reproduced)}
    return Reproduced(**named | {"parts": (*found.parts, _frame(one))}, title=one.title, standing=one.standing)


def _frame(release: Published) -> Part:
    """Figures read twice, by other code."""
    record, parquet = (release.frame(through=through).table for through in ("record", "parquet"))
    return Part(
        part=FRAME,
        outcome="same" if record.equals(parquet) else "differs",
        what=words.say("again.frame"),
    )
