"""The pages of an assembly of the tests, as bytes by path, and a reader that is as strict as a page must bear."""

from html.parser import HTMLParser

from comity.assembly.state import State
from comity.canon import Digest
from comity.stages.publish.assembly import Edition
from tests.builders.assembly import Assembly

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Kept:
    """Bodies in a dict (`pages.assembly.texts.Bodies`)."""

    def __init__(self, bodies: dict[Digest, bytes]) -> None:
        self.bodies = bodies

    def has(self, name: Digest, /) -> bool:
        return name in self.bodies

    def get(self, name: Digest, /) -> bytes:
        return self.bodies[name]


def pages(assembly: Assembly, edition: Edition | None = None, state: State | None = None) -> dict[str, bytes]:
    """Pages that an edition would write now; all of them, unless it has made some before."""
    edition = edition or Edition()
    leaf = assembly.leaves.__getitem__
    return dict(edition.changed(state or assembly.state, leaf, Kept(assembly.bodies)))


class Page(HTMLParser):
    """A page read strictly: every tag is closed where it must be, no id stands twice; its text, tables and links."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.heads: list[tuple[str, str | None]] = []  # th -> its scope
        self.captions = self.tables = 0
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(data.decode())
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    @property
    def text(self) -> str:
        """All words of the page, with one space between."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert not [name for name in named if name.startswith("on")]
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.heads += [("th", named.get("scope"))] if tag == "th" else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)
