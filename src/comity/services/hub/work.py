"""What the hub does by itself: ask for cosignatures, log a tick when time is waited for, run exchanges, publish.

Decides only the order in which these are looked at. Each is asked of a pure function that says whether anything is to
be done now, so a hub that was killed goes on where the log and its bodies say it stood.
"""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from comity import canon
from comity.acts.tick import Tick
from comity.assembly import clock, queries
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError
from comity.methods import registry
from comity.model.study import Study
from comity.services.hub.keeper import Keeper
from comity.services.hub.publish import Publisher
from comity.services.hub.sequence import Sequencer
from comity.services.hub.twin import Twin
from comity.stages.seal import hub as seal
from comity.stages.seal.turn import Say
from comity.tlog.note import Note

REST: Final = 0.25  # seconds between two looks; a statement or cosignature ends it sooner
GATHER: Final = 0.15  # seconds after the first of many statements, so that one checkpoint serves them all


class Work:
    """The hub's loop over one log."""

    def __init__(
        self,
        sequencer: Sequencer,
        keeper: Keeper,
        publisher: Publisher,
        *,
        now: Callable[[], int],
        log: Callable[[str], None],
        twin: Twin | None = None,
    ) -> None:
        self._sequencer, self._keeper, self._publisher, self._twin = sequencer, keeper, publisher, twin
        self._now, self._log = now, log
        self._studies: dict[Digest, Study] = {}
        self._closed: set[int] = set()  # exchanges whose bodies were sorted into public and forgotten
        self._said: dict[str, str] = {}  # what was tried -> the line that was logged of it
        self._told = (sequencer.state.size, _size(sequencer))  # leaves, and those that a published head covers

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, or until the sequencer has stopped: then the hub ends, and its next start repairs.

        What fails once is said once and tried again: the log is the hub's only memory.
        """
        while not stop.is_set():
            if self._sequencer.changed.wait(REST):
                stop.wait(GATHER)
                self._sequencer.changed.clear()
            self.once()
            if self._sequencer.stopped:
                stop.set()

    def once(self) -> None:
        """Everything that is to be done now; what fails, whoever made it fail, keeps nothing else from being done."""
        for study, period in self._questions(self._sequencer.state):
            self._tried(f"{period} of {study.id}", partial(self._exchange, study, period))
        for index, facts in self._sequencer.state.exchanges.items():
            if facts.closed is not None and index not in self._closed:
                self._tried(f"bodies of exchange {index}", partial(self._sort, index))
        self._tried("boxes of estimates", self._keeper.forget)
        for index in self._publisher.due():
            self._tried(f"release of exchange {index}", partial(self._publisher.joint, index))
        for index in self._publisher.hidden():
            self._tried(f"release of leaf {index}", partial(self._publisher.show, index))
        self._tried("tick", self._tick)
        self._tried("checkpoint", self._ask)
        self._tried("late cosignatures", self._sequencer.settle)
        if self._twin is not None:
            self._tried("twin", self._twin.once)
        self._tried("page of all releases", self._publisher.first)
        self._news()

    def _news(self) -> None:
        """A line for what was admitted, and for what was published, since the last look."""
        (leaves, covered), now = self._told, (self._sequencer.state.size, _size(self._sequencer))
        if now[0] > leaves:
            self._log(f"admitted: leaf {leaves}" + (f" to {now[0] - 1}" if now[0] - leaves > 1 else ""))
        if now[1] > covered:
            self._log(f"published: the head of {now[1]} leaves, under the quorum")
        self._told = now

    def _tried(self, what: str, do: Callable[[], None]) -> None:
        """Do it; one line, once, for what stays wrong."""
        try:
            do()
        except ComityError as e:
            self._tell(what, f"{e.code}: {e}")
        except Exception as e:  # the doors go on; what cannot be done is said, and tried again
            self._tell(what, f"our bug, please report: {type(e).__name__}: {e}")
        else:
            self._said.pop(what, None)

    def _tell(self, what: str, line: str) -> None:
        if line != self._said.get(what):
            self._said[what] = line
            self._log(f"{what}: {line}")

    def _sort(self, index: int) -> None:
        """The bodies of a closed exchange: into public, or forgotten."""
        self._keeper.close(index)
        self._closed.add(index)

    def _ask(self) -> None:
        if self._wants_cosignatures():
            self._sequencer.ask()

    def _exchange(self, study: Study, period: str) -> None:
        """Carry out the turns of one study in one period until it waits."""
        while turns := seal.next(self._sequencer.state, study, period, self._now(), self._keeper):
            for turn in turns:
                if not isinstance(turn, Say):
                    return
                self._keeper.publish(turn.bodies)
                ack = self._sequencer.say(turn.body)
                self._log(f"leaf {ack.index}: {type(turn.body).__name__} of {study.id} {period}")
        if not registry.is_summed(study.method):
            return
        if (lack := seal.lacks(self._sequencer.state, study, period, self._now())) is not None:
            found, wanted = lack
            self._tell(f"opening of {period} of {study.id}", f"too few sealed consents; found {found}; wanted {wanted}")

    def _tick(self) -> None:
        """Log the published checkpoint as the time, if something waits for it and it serves."""
        found = self._sequencer.cosigned()
        state = self._sequencer.state
        if found is not None and clock.serves(state, found[1].checkpoint.size, found[1].time, Note.parse(found[0])):
            self._sequencer.say(Tick(checkpoint=found[0]))

    def _wants_cosignatures(self) -> bool:
        """Leaves that no published checkpoint covers, or a time that only a newer checkpoint can tell."""
        published = self._sequencer.published
        state = self._sequencer.state
        return published is None or published.size < state.size or clock.wants_tick(state, self._now())

    def _questions(self, state: State) -> Iterator[tuple[Study, str]]:
        """Studies in force, and their periods, whose text is here; what the members adopted may be no study."""
        for thing in queries.standing(state, "study"):
            digest = thing.thing.digest
            if digest not in self._studies and self._keeper.has(digest):
                self._tried(f"study {digest}", partial(self._read, digest))
            if (study := self._studies.get(digest)) is not None:
                yield from ((study, period.id) for period in study.periods)

    def _read(self, digest: Digest) -> None:
        self._studies[digest] = canon.decode(self._keeper.get(digest), Study, where=f"study {digest}")


def _size(sequencer: Sequencer) -> int:
    """Leaves under the published head; 0 before there is one."""
    published = sequencer.published
    return published.size if published else 0
