"""What a page about the assembly is made of: sections of sentences, facts, tables and quoted texts; and its bytes.

Holds words and links, no markup; the template decides how each part looks. A link names a page of the same set by its
path from the public files' root, and is written relative to the page that it stands on, so that it leads somewhere on
any server and in any folder.
"""

import posixpath
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from markupsafe import Markup

from comity import canon
from comity.canon import Digest
from comity.pages import render
from comity.pages.assembly.texts import Shown, label

ROOT: Final = "assembly"
HALL: Final = f"{ROOT}/index.html"
NORMS: Final = f"{ROOT}/norms.html"
RELEASES: Final = "index.html"  # the list of releases, beside the folder of these pages

Family = Literal["motions", "estimates", "audits"]


def member_path(id: str) -> str:
    """The page of an actor."""
    return f"{ROOT}/members/{id}.html"


def leaf_path(family: Family, leaf: int) -> str:
    """The page of a motion, an estimate or an audit."""
    return f"{ROOT}/{family}/{leaf}.html"


def list_path(family: Family, number: int) -> str:
    """A page that lists those of a family."""
    return f"{ROOT}/{family}/list-{number}.html"


def body_path(digest: Digest) -> str:
    """The file of a public body, beside the folder of these pages."""
    name = canon.hex_of(digest)
    return f"blobs/sha256/{name[:2]}/{name}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table or of a fact, and the page that it leads to; `code`: to be copied as it stands."""

    text: str
    to: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a caption; the first cell of a row is its heading. `none`: said where there is no row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    none: str = ""
    numbers: tuple[int, ...] = ()  # columns that hold numbers
    kind: str = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Pairs of a name and what it is."""

    caption: str
    rows: tuple[tuple[str, Cell], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A paragraph. `fine`: smaller, beside what matters more. `to`: the page that it leads to, whole."""

    text: str
    fine: bool = False
    to: str = ""
    kind: str = "sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a reader types."""

    line: str
    kind: str = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody said, word for word as far as it can be shown."""

    head: str
    said: Shown
    kind: str = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What somebody said, and beside it what was answered; None: nothing was."""

    left: Quote
    right: Quote | None
    missing: str  # said in the place of an answer
    kind: str = "pair"


Block = Table | Facts | Sentence | Command | Quote | Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Blocks under a heading."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page. `up`: the pages above it, the nearest last."""

    path: str
    title: str
    of: str  # what kind of page this is
    lead: str
    sections: tuple[Section, ...]
    up: tuple[Cell, ...] = ()


def cell(text: str, to: str = "") -> Cell:
    """A text of others, or of the catalogue, in one line."""
    return Cell(label(text), to)


def code(text: str) -> Cell:
    """A digest or an identifier."""
    return Cell(label(text), code=True)


def html(sheet: Sheet, *, name: str, origin: str) -> bytes:
    """The page's bytes. `name` and `origin`: of the assembly and of its log."""
    folder = posixpath.dirname(sheet.path)

    def to(path: str) -> str:
        return posixpath.relpath(path, folder)

    return render.page("sheet.html", sheet=sheet, name=label(name), origin=label(origin), to=to, own=_style())


@cache
def _style() -> Markup:
    return Markup((files("comity.pages") / "assets" / "assembly.css").read_text("utf-8"))
