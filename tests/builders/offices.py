"""A small assembly of real processes for tests: a hub and offices with their own folders, keys and microdata.

Nothing is mocked but the people: each office's file is made up from its place in the list. The hub is a process of its
own; the nodes run where the test wants them.

    with Offices(tmp_path, members=6) as offices:
        offices.start("m1", "m2")          # each in a process of its own
        offices.stop("m1")                 # SIGTERM; `kill` is SIGKILL
"""

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, get_args

import httpx2

from comity import canon
from comity.acts.charter import Matter, Rule
from comity.assembly import founding
from comity.assembly.state import State
from comity.model.study import Study, Timing
from comity.services.hub import found
from comity.services.node import floor, intake, setup
from comity.services.node.office import Office
from tests import sample
from tests.builders.ports import free_address

ORIGIN = "example.org/offices"
BUSY = 60.0  # seconds in which a hub on a machine that is busy with other things ticks for the first time
RULE = Rule(method="majority", share=50, quorum=50, objections=0, seconds=1)
POLICY = """\
version = "1"
valid_from = 0
valid_until = 4102444800
officer = false

[[allow]]
method = "table"
goals = ["16"]
movers = ["*"]

[national]
publish = true
threshold = 5

[sealed]
noise_floor = 16
rate = 100
colluding = 1
survivors = 0
witnesses = 0

[budget]
epsilon = "6"
delta = "0.001"
"""
BINDING = """\
id = "home"
version = "1"
norm = "TRUST/1.0.0"

[[maps]]
variable = "PERSON"
column = "uid"

[[maps]]
variable = "WAVE"
column = "wave"

[[maps]]
variable = "Q1"
column = "q42"
missing = ["-1"]

[[maps]]
variable = "Q2"
column = "sex"
codes = { 1 = "M", 2 = "F" }
"""
# A child ends with the test that started it, even if that is killed: nobody holds the other end of its pipe then.
ORPHAN = "import os, sys, threading\n"
ORPHAN += "threading.Thread(target=lambda: (sys.stdin.read(), os._exit(9)), daemon=True).start()\n"
RUN_HUB = ORPHAN + "from pathlib import Path; from comity.services.hub.run import run\n"
RUN_HUB += "run(Path(sys.argv[1]), log=lambda line: print(line, flush=True))"
RUN_NODES = ORPHAN + "from pathlib import Path; from comity.services.node.run import run\n"
RUN_NODES += "run([Path(a) for a in sys.argv[1:]], poll=0.1, log=lambda line: print(line, flush=True))"


class Offices:
    """Offices m1..mN under one charter, all witnesses; the hub runs, the nodes do not yet.

    Producers and custodians are founders without a vote and without a source. `terms`: fields of the charter's text
    that differ.
    """

    def __init__(
        self,
        folder: Path,
        *,
        members: int = 6,
        policy: str = POLICY,
        producers: Mapping[str, str] = MappingProxyType({}),
        custodians: Sequence[str] = (),
        terms: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.folder, self.ids = folder, tuple(f"m{i}" for i in range(1, members + 1))
        self.producers, self.custodians = tuple(producers), tuple(custodians)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        address = free_address()
        hub = found.init(folder / "hub", listen=address, address=f"http://{address}")
        parties = [setup.init(self.home(id), id=id, area="001", policy=policy) for id in self.ids]
        for id, own in producers.items():
            parties.append(setup.init(self.home(id), id=id, area="002", role="producer", policy=own))
        parties += [setup.init(self.home(id), id=id, area="001", role="custodian") for id in custodians]
        rules = dict.fromkeys(get_args(Matter), RULE)
        draft = founding.Draft(name="Assembly of offices", origin=ORIGIN, challenge_seconds=3600, rules=rules)
        draft = replace(draft, **terms)
        self.charter = founding.charter(draft, hub, parties, convenor="m1", witnesses=self.ids[:15])
        self.digest = found.found(folder / "hub", setup.convene(self.home("m1"), self.charter))
        for id in (*self.producers, *self.custodians):
            setup.pin(self.home(id), hub=hub.address, charter=self.digest)
        for place, id in enumerate(self.ids):
            setup.pin(self.home(id), hub=hub.address, charter=self.digest)
            _people(folder / f"{id}.csv", place)
            intake.add_source(self.home(id), "survey", folder / f"{id}.csv")
            intake.bind(self.home(id), "survey", BINDING, where="binding.toml")
        self.address = hub.address

    def __enter__(self) -> Self:
        self.start_hub()
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        for name in list(self.processes):
            self.kill(name)

    def home(self, id: str) -> Path:
        return self.folder / id

    def start_hub(self) -> None:
        self._start("hub", [sys.executable, "-c", RUN_HUB, str(self.folder / "hub")])
        for _ in range(200):
            try:
                httpx2.get(f"{self.address}/checkpoint", trust_env=False)
                return
            except httpx2.HTTPError:
                time.sleep(0.05)
        raise AssertionError(self.output("hub"))

    def start(self, *ids: str, together: bool = False) -> None:
        """Run these nodes, or all: each in a process of its own, or together in one."""
        ids = ids or self.ids
        for group in [ids] if together else [(id,) for id in ids]:
            homes = [str(self.home(id)) for id in group]
            self._start(group[0], [sys.executable, "-c", RUN_NODES, *homes])
        for group in [ids] if together else [(id,) for id in ids]:
            self.wait(group[0], "ready:")

    def wait(self, name: str, text: str, *, patience: float = 120) -> None:
        """Until a process has printed this."""
        end = time.monotonic() + patience
        while text not in self.output(name):
            assert time.monotonic() < end, f"{name} never said {text}:\n{self.output(name)[-2000:]}"
            assert self.processes[name].poll() is None, self.output(name)[-2000:]
            time.sleep(0.05)

    def stop(self, name: str) -> int:
        """SIGTERM; the exit status."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait(60)

    def output(self, name: str) -> str:
        """What a process printed so far, over all its starts."""
        path = self.folder / f"{name}.out"
        return path.read_text() if path.exists() else ""

    def adopt(self, study: Study, *, voters: Sequence[str] = (), seconds: int = 8) -> None:
        """All accede, then norm and study are moved and voted for by these members, or by all."""
        self.accede()
        self.decide("norm", sample.norm(), voters=voters, seconds=seconds)
        self.decide("study", study, voters=voters, seconds=seconds)

    def accede(self) -> None:
        for id in (*self.ids, *self.producers, *self.custodians):
            floor.accede(self.home(id), patience=BUSY)

    def decide(self, matter: Matter, thing: object, *, voters: Sequence[str] = (), seconds: int = 8) -> None:
        """m1 moves a thing; these members, or all, vote for it."""
        motion = floor.move(self.home("m1"), matter, canon.encode(thing), seconds=seconds, patience=BUSY)
        for id in voters or self.ids:
            floor.vote(self.home(id), motion.index, "yes", patience=BUSY)

    def until(self, holds: Callable[[State], bool], *, patience: float = 60) -> State:
        """The state as m1's office reads it, once something holds in it."""
        with Office.open(self.home("m1"), runs=False) as office:
            state = floor.until(office, holds, patience)
        told = "\n".join(f"--- {name}\n{self.output(name)[-2000:]}" for name in self.processes)
        assert holds(state), told
        return state

    def state(self) -> State:
        return self.until(lambda state: True)

    def _start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.out").open("ab") as out:
            self.processes[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)


def study(*, step: int = 3, send: int = 1, consent: int = 2) -> Study:
    """The sample's study with short steps, of one wave, tolerating one colluder."""
    periods = sample.study().periods[:1]
    return sample.study(colluding=1, bound=1000, periods=periods, timing=Timing(consent=consent, step=step, send=send))


def counts(place: int) -> dict[tuple[str, str], int]:
    """Persons of wave 6 in an office's file, by answer and sex: what the files are made from."""
    return {(answer, sex): (place + 1) * int(answer) + (sex == "M") for answer in "1234" for sex in "FM"}


def _people(path: Path, place: int) -> None:
    """An office's microdata: wave 6 as `counts` says, two persons without an answer, and some of wave 5."""
    rows, sexes = [], {"M": "1", "F": "2"}
    for (answer, sex), persons in counts(place).items():
        rows += [("6", answer, sexes[sex])] * persons + [("5", answer, sexes[sex])] * 3
    rows += [("6", "-1", "1"), ("6", "", "2")]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["uid", "wave", "q42", "sex"])
        writer.writerows([str(uid), *row] for uid, row in enumerate(rows))
