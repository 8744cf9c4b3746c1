"""The running node: it follows, cosigns and works until it is told to stop; one process may host several offices.

Decides only when what is done. Each office has its own folder, lock, keys, books, connections and thread; nothing but
the newest states of the log is shared. A round costs two small requests while nothing happens.
"""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

from comity.adapters import clock
from comity.adapters.folder import Folder
from comity.adapters.shared import Shared
from comity.assembly.witnesses import awaited
from comity.errors import ComityError, ConfigError, QuorumShort
from comity.model.job import Silent, Tell
from comity.model.source import RASTERS
from comity.services.node import approval, conflict, cosign, drafts, restored, sources, successor, twin
from comity.services.node.office import Office
from comity.services.node.receipts import Watch
from comity.services.node.work import Worker

POLL: Final = 0.5  # seconds
STUCK: Final = 30.0  # seconds that a round may last before another thread looks after the secrets

RELEASE: Final = "comity.stages.publish.release"
TILING: Final = "comity.services.node.tiling"

Log = Callable[[str], None]


@dataclass(slots=True)
class Node:
    """One office's node. Every method is called by one thread, but for `watch`, which another one calls."""

    office: Office
    worker: Worker
    log: Log
    _next: int | None = None  # when there is work by time, POSIX seconds
    _seen: tuple[object, ...] = ()  # what was there when there was no more work
    _stamp: tuple[int, ...] = ()
    _asked: int = 0  # when the pending checkpoint was looked at, POSIX seconds
    _twin_asked: int = 0  # and that of the twin
    _search: successor.Search = field(default_factory=successor.Search)
    _again: int = 0  # successions behind which was said again what the old hub took with it
    _told: dict[str, str] = field(default_factory=dict)  # what was tried -> the line that was logged of it
    _reminded: set[int] = field(default_factory=set)  # estimates of whose waiting a line was logged
    _known: bool = False  # whether the log was asked what this node said
    _promises: Watch = field(default_factory=Watch)
    _since: float | None = None  # when the round began that is not over, monotonic

    @classmethod
    def open(
        cls, home: Path, log: Log, *, tell: Tell, now: Callable[[], int] = clock.now, shared: Shared | None = None
    ) -> "Node":
        """Open the office of a folder; ConfigError or StateVersion if it cannot be used."""
        office = Office.open(home, runs=True, now=now, shared=shared)
        if office.vault is None or office.growth is None:
            raise ConfigError("not opened to run", where=str(home))

        def line(text: str) -> None:
            with suppress(OSError):  # where lines go may be full as well; the node goes on
                log(f"{office.member}: {text}")

        return cls(office, Worker(office, office.vault, line, tell), line)

    def round(self) -> None:
        """Look at the log, cosign what grew, and do what there is to do. Never raises an error of ours."""
        self._since = time.monotonic()
        try:
            self._round()
        finally:
            self._since = None

    def watch(self) -> None:
        """Forget what is due while a round does not end: a hub that answers byte by byte keeps no secret alive."""
        if self._since is not None and time.monotonic() - self._since > STUCK:
            self._tried("secrets", self.worker.sweep)

    def _round(self) -> None:
        self._tried("successor", self._seek)
        if self._tried("log", self._follow):
            self._remind()
            settled = self._tried("restored", self._settle)
            self._tried("cosignature", self._cosign)
            if not settled:
                self._tried("secrets", self.worker.sweep)
                return
            self._tried("twin", self._cosign_twin)
            self._tried("said again", self._say_again)
            if self._tried("work", self._work):
                return
        self._tried("secrets", self.worker.sweep)  # they are forgotten in time, whatever else does not go

    def _tried(self, what: str, do: Callable[[], None]) -> bool:
        """Whether it went well; what stays wrong is one line, once."""
        try:
            do()
        except ComityError as e:
            if self._told.get(what) != str(e):
                self._told[what] = str(e)
                self.log(str(e))
            return False
        self._told.pop(what, None)
        return True

    def _seek(self) -> None:
        """Go to the hub that the members chose, as soon as it has taken the log over."""
        shown = self._search.found(self.office)
        if shown is not None and (address := successor.enter(self.office, shown)) is not None:
            self.log(f"the log goes on at {address}, by the members' decision; comity.toml names it from now on")

    def _say_again(self) -> None:
        """What the old hub acknowledged and the log lacks; once, when the new hub's log stands under the quorum."""
        state = self.office.follower.state
        if len(state.successions) == self._again:
            return
        for line in successor.say_again(self.office, successor.lost(self.office.journal, state)):
            self.log(line)
        self._again = len(state.successions)

    def _follow(self) -> None:
        """Anything that is wrong with log, hub or clock ends the round before anything is said."""
        if (stamp := _stamp(self.office.home)) != self._stamp:
            self.office.follower.ask(self.office.policy.sealed.witnesses)
            self._stamp = stamp
        self.office.follower.poll()
        if (broken := self._promises.broken(self.office.journal, self.office.follower.reader)) is not None:
            conflict.dropped(self.office.home, broken)
        self.office.follower.check_clock(self.office.now())

    def _settle(self) -> None:
        """QuorumShort while the books are older than what this node said, and the log has not told it all of that."""
        office = self.office
        if not self._known:
            if restored.marked(office.home) is None and restored.is_older(office, office.follower.state):
                self.log("this folder is older than what its node said in the log: it counts as restored")
                restored.mark(office.home, restored.Mark(taken=0, restored=office.now()))
            self._known = True
        if restored.settle(office):
            return
        raise QuorumShort(
            "this node was restored, and answers nothing before the log grew and the quorum cosigned it",
            where=office.client.address,
            wanted="a checkpoint that was cosigned after the restore",
            way_out="wait; in a log that rests, any act of any office brings one",
        )

    def _cosign(self) -> None:
        """A node whose cosignature no rule counts does not even ask, but now and then: most nodes are none."""
        office, now = self.office, self.office.now()
        counts = awaited(office.follower.state, office.member)
        if office.growth is None or (not counts and 0 <= now - self._asked < cosign.BESIDE):
            return
        self._asked = now
        follower, signer, second = office.follower, office.signer("witness"), office.second()
        cosign.answer(follower, office.growth, office.journal, office.client, signer, office.member, now, second=second)

    def _cosign_twin(self) -> None:
        """The hub's twin of the log's releases, when there may be one to cosign."""
        office, now = self.office, self.office.now()
        state, member = office.follower.state, office.member
        if office.growth is None or not twin.waits(state, office.growth, member, self._twin_asked, now):
            return
        self._twin_asked = now
        signer = office.signer("witness")
        twin.answer(office.home, state, office.growth, office.journal, office.client, signer, member, now)

    def _remind(self) -> None:
        """A line, once, for each estimate that waits for this office's answer: silence has a meaning of its own."""
        for index, line in drafts.waiting(self.office.follower.state, self.office.member).items():
            if index not in self._reminded:
                self._reminded.add(index)
                self.log(line)

    def _work(self) -> None:
        """Only if something changed, or its time has come."""
        office = self.office
        seen = (office.follower.state.size, approval.stamp(office.home), self._stamp)
        due = self._next is not None and office.now() >= self._next
        if office.follower.seen is None or (seen == self._seen and not due):
            return
        self._next = self.worker.step()
        self._seen = seen


@dataclass(slots=True)
class Process:
    """All offices that one process hosts, each in a thread of its own."""

    nodes: list[Node]
    stop: threading.Event
    log: Log
    poll: float = POLL
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start the threads; each begins at its own part of the interval, so that the hub is asked evenly."""
        self._warm()
        for place, node in enumerate(self.nodes):
            offset = self.poll * place / len(self.nodes)
            thread = threading.Thread(target=self._loop, args=(node, offset), name=node.office.member)
            thread.start()
            self._threads.append(thread)
        watch = threading.Thread(target=self._watch, name="watch")
        watch.start()
        self._threads.append(watch)
        self.log(f"ready: {', '.join(node.office.member for node in self.nodes)}")

    def join(self) -> None:
        """Until all threads have ended, which they do after `stop`."""
        for thread in self._threads:
            thread.join()

    def _warm(self) -> None:
        """Load what a question needs, before there are threads: engines of compiled code are not all safe to load
        beside others (a process of twelve offices once died of it). Those without a source need nothing."""
        entries = [entry for node in self.nodes for entry in sources.read(node.office.home)]
        if entries:
            warm(rasters=any(entry.source.format == RASTERS for entry in entries))

    def _watch(self) -> None:
        while not self.stop.wait(1.0):
            for node in self.nodes:
                try:
                    node.watch()
                except Exception as e:
                    node.log(f"our bug, please report: {type(e).__name__}: {e}")

    def _loop(self, node: Node, offset: float) -> None:
        self.stop.wait(offset)
        while not self.stop.is_set():
            try:
                node.round()
            except Exception as e:  # a bug must not silence the other offices of this process, nor this one for good
                node.log(f"our bug, please report: {type(e).__name__}: {e}")
            self.stop.wait(self.poll)


def warm(*, rasters: bool = False) -> None:
    """Load what counting and releases need, before a question is asked: a step of an exchange may be shorter
    than the seconds that it takes to load them."""
    modules = ["duckdb", "ibis.backends.duckdb", "comity.services.node.counting", RELEASE, "altair", "vl_convert"]
    for module in [*modules, TILING] if rasters else modules:
        with suppress(ImportError):  # whoever needs it says that it is missing
            import_module(module)


def run(
    homes: Sequence[Path],
    *,
    poll: float = POLL,
    stop: threading.Event | None = None,
    log: Log = print,
    tell: Tell | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Run the nodes of these folders until SIGTERM, SIGINT or `stop`.

    Args:
        log: takes one line for each failure, with the office's id before it.
        ready: called once all folders are locked and all threads run.

    Raises:
        Locked: another process works on one of the folders.
        ConfigError, StateVersion: one of the folders cannot be used; none is run then.
    """
    ending = stop or threading.Event()
    with ExitStack() as stack:
        shared, nodes = Shared(fresh=poll / 2) if len(homes) > 1 else None, []
        for home in homes:
            stack.enter_context(Folder.open(home, "node").lock())
            node = Node.open(home, log, tell=tell or Silent(), shared=shared)
            node.worker.stop = ending.is_set
            stack.callback(node.office.close)
            nodes.append(node)
        process = Process(nodes, ending, log, poll)
        with ExitStack() as signals:
            if threading.current_thread() is threading.main_thread():
                for number in (signal.SIGTERM, signal.SIGINT):
                    signals.callback(signal.signal, number, signal.signal(number, lambda *_: ending.set()))
            process.start()
            ready()
            try:
                ending.wait()
            finally:
                ending.set()
                process.join()


def _stamp(home: Path) -> tuple[int, ...]:
    """Changes when the office edits its policy, sources or bindings."""
    paths = (home / "policy.toml", home / "sources.toml", home / "bindings")
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
