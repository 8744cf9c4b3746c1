"""A member may publish anything under its own name: nothing of it stops the hub, leaves its folder or poses as others.

The hub's parts are the real ones, on a real log; no process and no socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.acts.motion import Motion
from comity.acts.refs import Blob, Head
from comity.acts.release import Figures
from comity.acts.statement import Act, Body, sign
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import witnesses
from comity.errors import NotAdmitted
from comity.model.member import HUB
from comity.services.hub.keeper import Keeper
from comity.services.hub.publish import RELEASES, Publisher
from comity.services.hub.sequence import Sequencer
from comity.services.hub.work import Work
from comity.stages.publish import folder, release
from comity.tlog.cosignature import cosign
from tests.builders.assembly import FIGURES
from tests.builders.release import Made, made, saying
from tests.builders.seal import CONSENT, PERIOD, World

LIAR = "m1"  # has a national answer, so it may publish


@dataclass
class Hub:
    """A hub on the log of a finished exchange; opened again on the same folder, it is the hub after a restart."""

    home: Path
    source: Made

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        path, assembly = self.home / "log.db", self.source.assembly
        if not path.exists():
            with LogStore.create(path) as store:
                store.append(assembly.leaves)
        self.lines: list[str] = []
        store = LogStore.open(path)
        public = self.home / "public"
        self.sequencer = Sequencer(
            store,
            StaticLog.open(public, store),
            sign=assembly.signers[HUB, "sign"],
            log=assembly.signers[HUB, "log"],
            now=lambda: self.source.world.now + 60,
        )
        files = Blobs(self.home / "blobs")
        self.keeper = Keeper(lambda: self.sequencer.state, Held(self.home, files), files, Blobs(public / "blobs"))
        self.keeper.publish([*self.source.world.store.bodies.values(), *self.source.files.values()])
        self.keeper.show()
        self.publisher = Publisher(self.sequencer, self.keeper, public, log=self.lines.append)
        self.work = Work(
            self.sequencer, self.keeper, self.publisher, now=lambda: self.source.world.now, log=self.lines.append
        )

    def say(self, actor: str, body: Body) -> None:
        state = self.sequencer.state
        head = Head(size=state.size, root=state.roots[state.size])
        act = Act(actor=actor, origin=self.source.assembly.charter.origin, head=head, body=body)
        self.sequencer.accept(sign(act, self.source.assembly.signers[actor, "sign"]))

    def lie(self, record: bytes, *files: bytes, figures: Figures | None = None) -> None:
        """The liar says that these bytes are its release, and puts them, and what they name."""
        state = self.sequencer.state
        answer = next(a.ref.index for c, a in state.nationals.items() if state.consents[c].member == LIAR)
        body = saying(record, (answer,), state, self.source.world.store)
        self.say(LIAR, replace(body, figures=figures) if figures else body)
        self.keeper.keep((record,))
        if files:
            self.keeper.keep(files)

    def shown(self) -> set[str]:
        """Names of release folders that are there."""
        return {path.name for path in (self.home / "public" / RELEASES).glob("*")}

    @property
    def true(self) -> str:
        return canon.hex_of(canon.digest(self.source.files[folder.RELEASE]))


def truth(source: Made, **changes: Any) -> bytes:
    """The liar's own true record, with these fields changed, canonically spelt."""
    state = source.assembly.state
    answer = next(a.ref.index for c, a in state.nationals.items() if state.consents[c].member == LIAR)
    files: Mapping[str, bytes] = release.national(state, answer, bodies=source.world.store)
    return canon.encode({**canon.plain(files[folder.RELEASE]), **changes})


def named(path: str, body: bytes) -> list[dict[str, object]]:
    return [{"path": path, "digest": canon.digest(body), "size": len(body)}]


FIGURE = {"key": ["1", "F"], "measure": "n", "noise": "", "sampling": "1", "status": "A", "value": "7"}
OWN_LAYOUT = {
    "dimensions": [{"codes": ["1"], "id": "AGE"}],
    "measures": [{"bound": 1, "decimals": 0, "id": "n", "name": "Persons"}],
}
LIES = {
    "no record": lambda source: b"not a record",
    "another format": lambda source: b'{"kind":"joint"}',
    "a path out of the folder": lambda source: truth(source, files=named("../../../../stolen", b"x")),
    "an absolute path": lambda source: truth(source, files=named("/tmp/stolen", b"x")),
    "a digest that is none": lambda source: truth(source, files=[{"path": "a.csv", "digest": "nonsense", "size": 1}]),
    "a size that is none": lambda source: truth(source, files=[{**named("a.csv", b"x")[0], "size": -1}]),
    "a norm that is none": lambda source: truth(source, norm="nonsense"),
    "a file in the place of a folder": lambda source: truth(source, files=named("a/b", b"x") + named("a", b"x")),
    "poses as the hub's": lambda source: source.files[folder.RELEASE],
    "poses as joint": lambda source: truth(source, kind="joint"),
    "another member's": lambda source: truth(source, publisher="m2"),
    "another period": lambda source: truth(source, period="1999"),
    "a key that fits no dimension": lambda source: truth(source, figures=[{**FIGURE, "key": ["1"]}]),
    "a dimension of its own": lambda source: truth(source, layout=OWN_LAYOUT),
    "a study that is none": lambda source: truth(source, study=canon.digest(b"?")),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_false_release_stops_nothing_and_is_not_shown(tmp_path: Path, lie: str) -> None:
    """The true release is shown, the log goes on, bodies are taken as before; after a restart too."""
    source = made()
    hub = Hub(tmp_path / "hub", source)
    hub.lie(LIES[lie](source))
    for again in (hub, Hub(tmp_path / "hub", source)):
        again.work.once()
        assert {hub.true} == again.shown()
        assert 1 == (tmp_path / "hub" / "public" / folder.PAGE).read_text().count(f"{RELEASES}/")
        assert again.sequencer.asking, again.lines
        assert 1 == sum("is not shown" in line for line in again.lines), again.lines
        with pytest.raises(NotAdmitted):
            again.keeper.keep((b"x",))
    assert not (tmp_path / "stolen").exists()
    assert not Path("/tmp/stolen").exists()


def test_a_release_whose_leaf_names_another_tree_of_figures_is_not_shown(tmp_path: Path) -> None:
    """Whoever kept one of its figures could never show that it is one of them."""
    source = made()
    hub = Hub(tmp_path / "hub", source)
    hub.lie(truth(source), figures=FIGURES)
    hub.work.once()
    assert {hub.true} == hub.shown()
    assert any("not those that the leaf names" in line for line in hub.lines), hub.lines


def test_a_members_own_true_release_is_shown(tmp_path: Path) -> None:
    source = made()
    state = source.assembly.state
    answer = next(a.ref.index for c, a in state.nationals.items() if state.consents[c].member == LIAR)
    files = dict(release.national(state, answer, bodies=source.world.store))
    hub, record = Hub(tmp_path / "hub", source), files.pop(folder.RELEASE)
    hub.lie(record, *files.values())
    hub.work.once()
    assert {hub.true, canon.hex_of(canon.digest(record))} == hub.shown()
    assert [] == [line for line in hub.lines if "not shown" in line]


def test_a_hub_that_lost_a_view_shows_all_else_and_starts(tmp_path: Path) -> None:
    """The work says what is not here; the log goes on."""
    source = made()
    state, files = source.assembly.state, Blobs(tmp_path / "blobs")
    norm = next(name for name in state.bodies if source.world.store.has(name))
    files.put(source.world.store.get(norm))
    assert any(facts.closed and facts.closed.view for facts in state.exchanges.values())
    keeper = Keeper(lambda: state, Held(tmp_path, files), files, Blobs(tmp_path / "public"))
    keeper.show()
    assert Blobs(tmp_path / "public").has(norm)


def test_the_operator_reads_what_was_admitted_and_what_was_published(tmp_path: Path) -> None:
    """Once each, with where it stands."""
    hub = Hub(tmp_path / "hub", made())
    size, assembly = hub.sequencer.state.size, hub.source.assembly
    thing = Blob(digest=canon.digest(b"thing"), size=5)
    closes = assembly.time + 1000
    for name in ("one", "two"):
        hub.say("m1", Motion(matter="norm", thing=thing, name=name, replaces=None, closes=closes))
    hub.work.once()
    assert 1 == hub.lines.count(f"admitted: leaf {size} to {size + 1}")
    hub.say("m1", Motion(matter="norm", thing=thing, name="three", replaces=None, closes=closes))
    hub.work.once()
    assert f"admitted: leaf {size + 2}" in hub.lines
    assert not any(line.startswith("published: ") for line in hub.lines)
    text, time = hub.sequencer.asking, hub.source.world.now + 60
    assert text
    for id in assembly.charter.witnesses:
        name = witnesses.key_name(assembly.charter.origin, id)
        hub.sequencer.cosign(str(cosign(str(text), name, time, assembly.signers[id, "witness"])))
    for _ in range(2):
        hub.work.once()
    assert 1 == hub.lines.count(f"published: the head of {text.size} leaves, under the quorum")


def test_why_no_exchange_is_opened_is_said_once(tmp_path: Path) -> None:
    """Three of five consented and nobody else does in time; with one colluding, four must."""
    world = World(5)
    for id in ("m1", "m2", "m3"):
        world.act(world.office(id))
    hub = Hub(tmp_path, Made(world=world, study=world.study, exchange=-1, files={}, note=""))
    hub.keeper.keep((canon.encode(world.study),))
    told = f"opening of {PERIOD} of {world.study.id}: too few sealed consents; found 3; wanted 4"
    hub.work.once()
    assert told not in hub.lines
    world.now += 10 * CONSENT
    for _ in range(2):
        hub.work.once()
    assert 1 == hub.lines.count(told)
