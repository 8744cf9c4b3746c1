"""What the hub publishes: the joint release of each opened sum, and every release as a folder that a browser reads.

Decides when a joint release is made: once, as soon as an exchange is closed with a sum. What it says is
`stages.publish`; files are on disk, and public, before the statement that names them is logged. A member's record that
is false or no record is not shown, and keeps nothing else from being shown.
"""

from collections.abc import Callable
from pathlib import Path

from comity import canon
from comity.adapters import durable
from comity.errors import FormatError, NotVerified
from comity.model.member import HUB
from comity.model.release import Release
from comity.pages.assembly.sheet import HALL
from comity.services.hub.keeper import Keeper
from comity.services.hub.sequence import Sequencer
from comity.stages.publish import folder, record, release, site

RELEASES = "releases"


class Publisher:
    """Releases of one hub."""

    def __init__(self, sequencer: Sequencer, keeper: Keeper, public: Path, *, log: Callable[[str], None]) -> None:
        self._sequencer, self._keeper, self._public, self._log = sequencer, keeper, public, log
        self._shown: dict[int, Release] = {}  # leaf of a release whose folder is there -> its record
        self._false: set[int] = set()  # leaves of releases whose record is none, or says what the log does not

    def due(self) -> tuple[int, ...]:
        """Exchanges (leaf index of `exchange/opened`) that ended with a sum of which no release was said."""
        state = self._sequencer.state
        told = {index for facts in state.releases.values() if facts.publisher == HUB for index in facts.inputs}
        return tuple(
            index
            for index, facts in state.exchanges.items()
            if facts.closed is not None and facts.closed.sum is not None and facts.closed.ref.index not in told
        )

    def joint(self, exchange: int) -> None:
        """Make, show and say the joint release of an exchange."""
        files = release.joint(self._sequencer.state, exchange, leaf=self._sequencer.leaf, bodies=self._keeper)
        self._keeper.publish(files.values())
        ack = self._sequencer.say(release.published(files, self._sequencer.state, self._keeper))
        self._log(f"leaf {ack.index}: joint release of the exchange at leaf {exchange}")

    def hidden(self) -> tuple[int, ...]:
        """Releases (leaf index) whose folder is not there yet, and may come."""
        return tuple(i for i in self._sequencer.state.releases if i not in self._shown and i not in self._false)

    def show(self, index: int) -> None:
        """Write a release's folder, if all its files have come, the record last; and the page of all releases."""
        facts = self._sequencer.state.releases[index]
        if not self._keeper.has(facts.release.digest):
            return
        body = self._keeper.get(facts.release.digest)
        try:
            shown = record.read(self._sequencer.state, facts, body)
            record.rooted(facts, release.tree(shown, self._sequencer.state, self._keeper))
        except (FormatError, NotVerified) as e:
            self._false.add(index)
            self._log(f"release of leaf {index} by {facts.publisher} is not shown: {e}")
            return
        if all(self._keeper.has(file.digest) for file in shown.files):
            place = self._public / RELEASES / canon.hex_of(facts.release.digest)
            durable.write_all({place / file.path: self._keeper.get(file.digest) for file in shown.files})
            durable.write(place / folder.RELEASE, body)
            self._shown[index] = shown
            self._index()

    def first(self) -> None:
        """The page of all releases, once there are pages that link to it, though no release has made it yet."""
        if (self._public / HALL).is_file() and not (self._public / folder.PAGE).is_file():
            self._index()

    def _index(self) -> None:
        """The first page: every release that is shown."""
        state = self._sequencer.state
        listed = []
        for index, shown in sorted(self._shown.items()):
            place = canon.hex_of(state.releases[index].release.digest)
            listed.append((f"{RELEASES}/{place}", shown, release.texts(shown.study, self._keeper)[0]))
        if state.charter is not None:
            for path, data in site.index(listed, name=state.charter.name, origin=state.charter.origin).items():
                durable.write(self._public / path, data)
