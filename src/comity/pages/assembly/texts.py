"""Texts of others as a page shows them: what an office said in a body beside the log, and names that acts hold.

Anyone who has joined may say anything, in any bytes. Decides what of it stands on a page: no more than a reader can
take in, in lines, with whatever would turn the reading order or hide a part spelt out; and a note wherever something
is not shown. Escaping is the template's. Nothing is said of whether it is true.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from comity.acts.refs import Blob
from comity.canon import Digest
from comity.errors import ComityError, visible
from comity.model.language import is_tag
from comity.pages import words

LONGEST: Final = 4000  # characters of a text
LINES: Final = 80
LABEL: Final = 160  # characters of a name
LARGEST: Final = 1 << 20  # bytes of a body that is read at all
TAG: Final = 35  # characters of a language tag, as RFC 5646, 4.4.1 counts on


class Bodies(Protocol):
    """Public bodies by digest."""

    def has(self, name: Digest, /) -> bool:
        """Whether the body is at hand."""
        ...

    def get(self, name: Digest, /) -> bytes:
        """The body; ComityError if it is not at hand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text as it stands on a page. `language`: BCP 47, "" if none is known. `notes`: what is not shown, and why."""

    text: str
    language: str = ""
    notes: tuple[str, ...] = ()


def label(text: str) -> str:
    """A name, or another short text of others, in one line."""
    told = visible(text[: LABEL + 1])
    return told if len(told) <= LABEL else f"{told[: LABEL - 1]}…"


def body(bodies: Bodies, name: Digest, size: int) -> bytes | None:
    """A body, if it is at hand and small enough to be read."""
    if size > LARGEST or not bodies.has(name):
        return None
    try:
        data = bodies.get(name)
    except ComityError:
        return None
    return data if len(data) <= LARGEST else None


def shown(bodies: Bodies, blob: Blob | None, language: str = "") -> Shown:
    """The text of a body."""
    if blob is None:
        return Shown(text="", notes=(words.say("assembly.text.none"),))
    data = body(bodies, blob.digest, blob.size)
    if data is None:
        key = "assembly.text.large" if blob.size > LARGEST else "assembly.text.absent"
        return Shown(text="", notes=(words.say(key, size=words.number(str(blob.size)), digest=blob.digest),))
    return cut(data, language)


def cut(data: bytes, language: str = "") -> Shown:
    """Bytes as a text, cut where it is too long."""
    notes = []
    text = data[: 4 * LONGEST].decode("utf-8", "replace")
    try:
        data.decode()
    except UnicodeDecodeError:
        notes.append(words.say("assembly.text.broken"))
    lines = text[:LONGEST].replace("\t", "    ").splitlines()
    if len(text) > LONGEST or len(data) > 4 * LONGEST or len(lines) > LINES:
        notes.append(words.say("assembly.text.cut", size=words.number(str(len(data)))))
    told = "\n".join(visible(line) for line in lines[:LINES])
    if len(told) > 2 * LONGEST:  # nearly all of it was spelt out
        told = told[: 2 * LONGEST]
    if not told.strip() and not notes:
        notes.append(words.say("assembly.text.empty"))
    known = language if is_tag(language) and len(language) <= TAG else ""
    return Shown(text=told, language=known, notes=tuple(notes))
