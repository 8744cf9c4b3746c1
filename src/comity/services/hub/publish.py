"""What the hub publishes: the joint release of each opened sum, and every release as a folder that a browser reads.

Decides when a joint release is made: once, as soon as an exchange is closed with a sum. What it says is
`stages.publish`; files are on disk, and public, before the statement that names them is logged.
"""

from collections.abc import Callable
from pathlib import Path

from comity import canon
from comity.adapters import durable
from comity.assembly.state import ReleaseFacts
from comity.canon import Digest
from comity.model.member import HUB
from comity.model.release import Release
from comity.services.hub.keeper import Keeper
from comity.services.hub.sequence import Sequencer
from comity.stages.publish import folder, release, site

RELEASES = "releases"


class Publisher:
    """Releases of one hub."""

    def __init__(self, sequencer: Sequencer, keeper: Keeper, public: Path, *, log: Callable[[str], None]) -> None:
        self._sequencer, self._keeper, self._public, self._log = sequencer, keeper, public, log
        self._shown: set[int] = set()  # leaf indices of releases whose folder is there

    def once(self) -> None:
        """Publish what is due, and show what was published."""
        self._joint()
        state = self._sequencer.state
        new = [index for index in state.releases if index not in self._shown]
        if [index for index in new if self._show(index, state.releases[index])]:
            self._index()

    def _joint(self) -> None:
        state = self._sequencer.state
        told = {index for facts in state.releases.values() if facts.publisher == HUB for index in facts.inputs}
        for index, facts in state.exchanges.items():
            if facts.closed is None or facts.closed.sum is None or facts.closed.ref.index in told:
                continue
            files = release.joint(state, index, leaf=self._sequencer.leaf, bodies=self._keeper)
            self._keeper.publish(files.values())
            ack = self._sequencer.say(release.published(files))
            self._log(f"leaf {ack.index}: joint release of the exchange at leaf {index}")

    def _show(self, index: int, facts: ReleaseFacts) -> bool:
        """Write a release's folder, if all its files have come; the record last."""
        if not self._keeper.has(facts.release.digest):
            return False
        record = self._keeper.get(facts.release.digest)
        named = canon.decode(record, Release, where=folder.RELEASE).files
        if not all(self._keeper.has(file.digest) for file in named):
            return False
        place = self._public / RELEASES / canon.hex_of(facts.release.digest)
        durable.write_all({place / file.path: self._keeper.get(file.digest) for file in named})
        durable.write(place / folder.RELEASE, record)
        self._shown.add(index)
        return True

    def _index(self) -> None:
        """The first page: every release that is shown."""
        state = self._sequencer.state
        listed = []
        for index in sorted(self._shown):
            digest: Digest = state.releases[index].release.digest
            record = canon.decode(self._keeper.get(digest), Release, where=folder.RELEASE)
            study, _ = release.texts(record.study, self._keeper)
            listed.append((f"{RELEASES}/{canon.hex_of(digest)}", record, study))
        if state.charter is not None:
            for path, data in site.index(listed, name=state.charter.name, origin=state.charter.origin).items():
                durable.write(self._public / path, data)
