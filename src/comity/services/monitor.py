"""A reader that follows a log, checks all of it, and writes what happens into feeds, by topic.

Every leaf is read and hashed, every checkpoint must stand under the charter's quorum, with the keys as the log's own
acts left them. A view that contradicts what was read before is kept as `split-view.evidence`, and from then on nothing
more is written. The feeds follow from the leaves alone: `monitor.db` is a cache of them, and may be removed.

Decides what is dated how: a leaf by the last tick before it, a tick by itself, what came before the first tick by that.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, Self

from comity.adapters import durable, evidence
from comity.adapters.client import Client
from comity.adapters.folder import refuse_state
from comity.adapters.leaves import Leaves
from comity.assembly import explain, fold, hosts, witnesses
from comity.assembly.explain import Explained
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotVerified, Unreachable
from comity.pages import feed
from comity.pages.feed import ALL, TOPICS, Channel, Entry
from comity.services.node import conflict
from comity.services.node.reader import Reader, parse
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned

NEWEST: Final = 500  # entries of a feed; the log has them all
CACHE: Final = "monitor.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look found: the head, and how many leaves and breaches were new."""

    seen: Cosigned
    new: int
    breaches: int


@dataclass(slots=True)
class _Feeds:
    """The newest entries of each topic. `waiting`: leaves before the first tick, which nothing dates yet."""

    topics: dict[str, deque[Entry]] = field(default_factory=lambda: {topic: deque(maxlen=NEWEST) for topic in TOPICS})
    waiting: list[Explained] = field(default_factory=list)
    since: int = 0  # what the first tick told

    def copy(self) -> Self:
        """The same entries, to go on from without changing these."""
        topics = {topic: deque(entries, NEWEST) for topic, entries in self.topics.items()}
        return type(self)(topics, list(self.waiting), self.since)

    def take(self, leaf: Explained, state: State) -> None:
        """One leaf more, behind which the log is in this state."""
        self.waiting.append(leaf)
        time = leaf.after or state.time
        if time:
            self.since = self.since or time
            for one in self.waiting:
                self._put(entry(one, time))
            self.waiting.clear()

    def _put(self, entry: Entry) -> None:
        for topic in (ALL, *entry.topics):
            self.topics[topic].append(entry)


def entry(leaf: Explained, time: int) -> Entry:
    """A leaf as an entry. What it holds is for others to choose: where words fail, it is told as such a leaf."""
    try:
        return feed.entry(leaf, time)
    except Exception:
        return feed.entry(explain.untold(leaf), time)


class Monitor:
    """One log, followed into one folder; closed once."""

    def __init__(self, address: str, charter: Digest | None, out: Path, *, url: str = "") -> None:
        """Go on from what the folder holds.

        Raises:
            ConfigError: another service's folder.
            NotVerified: it holds evidence of a split view.

        url: the address at which the folder will be served, for the feeds to name themselves by.
        """
        refuse_state(out)
        if found := evidence.kept(out, evidence.SPLIT):
            raise NotVerified(
                "the log's key signed two views that cannot both be true; nothing more is written",
                where=str(found[0]),
                way_out="show the file to others: comity log evidence FILE --log VKEY; remove it to begin again",
            )
        out.mkdir(parents=True, exist_ok=True)
        self.out, self._client, self._url = out, Client(address), url.rstrip("/")
        self._cache = Leaves(out / CACHE)
        self._reader = Reader(self._client, charter, self._cache, keep=True)
        self._state, self._feeds, self._raw = fold.start(), _Feeds(), b""
        followed = self._cache.followed()
        self._known = Checkpoint.of(Note.parse(followed)).size if followed else 0  # leaves that the feeds have told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self._cache.close()
        self._client.close()

    @property
    def state(self) -> State:
        """What follows from the leaves that are in the feeds."""
        return self._state

    @property
    def split(self) -> bool:
        """Whether a split view is proven: then nothing more may be written."""
        return bool(evidence.kept(self.out, evidence.SPLIT))

    def look(self) -> Looked | None:
        """Read on to the newest checkpoint and write the feeds; None if nothing is new.

        Raises:
            NotVerified: leaves left out, a log that shrank, or a split view, whose evidence is kept.
            QuorumShort: too few witnesses stand under the checkpoint.
            Unreachable: the hub does not answer, or has published nothing yet.
        """
        raw = self._client.moving("checkpoint")
        if raw is None:
            raise Unreachable("no checkpoint was published yet", where=f"{self._client.address}/checkpoint")
        if raw == self._raw:
            return None
        note = parse(raw, where="checkpoint")
        size = self._read(note).size
        if size < self._known:
            raise NotVerified(
                "the log shrank",
                where=f"{self._client.address}/checkpoint",
                found=f"{size} leaves",
                wanted=f"{self._known} at least",
                way_out="ask again later, or another mirror",
            )
        return self._follow(note, raw)

    def _read(self, note: Note) -> Checkpoint:
        try:
            return self._reader.read(note, self._state if self._state.size else None)
        except NotVerified:
            conflict.keep(self.out, self._reader, self._client, note)
            raise

    def _follow(self, note: Note, raw: bytes) -> Looked:
        """The feeds up to a checkpoint whose leaves were read, if the quorum stands under it."""
        size, before, feeds, breaches = Checkpoint.of(note).size, self._state, self._feeds.copy(), 0
        state = before
        for state, leaf in explain.each(before, self._reader.leaves(before.size, size)):
            feeds.take(leaf, state)
            breaches += not leaf.effective and leaf.index >= self._known
        seen = witnesses.policy(state).check(note)
        self._feeds = feeds
        self._state, self._raw = state, raw
        self._write(TOPICS)
        told, self._known = self._known, size
        self._cache.follow(str(note))
        return Looked(seen=seen, new=size - told, breaches=breaches)

    def _write(self, topics: Iterable[str]) -> None:
        """The feeds whose bytes are others than before, each whole or as it was."""
        charter = witnesses.charter_of(self._state)
        told = Channel(
            origin=hosts.origin_at(self._state, 0),  # entries keep their names wherever the log goes
            name=charter.name,
            since=self._feeds.since,
            home=self._client.address,
            url=self._url,
        )
        files = {}
        for topic in topics:
            entries = tuple(self._feeds.topics[topic])
            files[self.out / f"{topic}.atom"] = feed.atom(entries, told, topic)
            files[self.out / f"{topic}.json"] = feed.json_feed(entries, told, topic)
        durable.write_all(
            {path: data for path, data in files.items() if not path.is_file() or path.read_bytes() != data}
        )


def run(monitor: Monitor, *, every: float, stop: Event, say: Callable[[str], None]) -> None:
    """Look again and again until told to stop. What fails is said and tried again, but for a proven split view."""
    while not stop.is_set():
        try:
            looked = monitor.look()
        except ComityError as e:
            if monitor.split:
                raise
            say(f"{e.code}: {e}")
        else:
            if looked is not None:
                breaches = f", {looked.breaches} without effect" if looked.breaches else ""
                say(f"{looked.seen.checkpoint.size} leaves, {looked.new} new{breaches}")
        stop.wait(every)
