"""Kill -9 of a node between any two steps: what it sent before is what it sends after, or it sent nothing.

One office of six is killed, again and again, while it goes through a whole exchange: at each point where something
becomes durable or leaves. Whatever it was doing, the log ends as if it had never died.
"""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from comity import canon
from comity.acts import statement
from comity.acts.exchange import Answer
from comity.adapters.blobs import Blobs
from comity.adapters.client import Rejected
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger
from comity.assembly.state import State
from comity.services.node.office import EXTRACTS, Office
from tests.builders.offices import Offices, counts, study

VICTIM = "m6"
CLOSED = "act.closed"
FEW = [  # one a step: secrets kept and not said; sent and not known to be; charged and not drawn; said and not sent
    "before journal ConsentGiven",
    "after put 6 bodies",
    "after charge",
    "after post Unmask",
]


class Mortal:
    """The victim's process, started anew whenever it has died."""

    def __init__(self, offices: Offices, plan: list[str]) -> None:
        self.offices, self.deaths, self._ending = offices, 0, threading.Event()
        self.done = offices.folder / "done"
        plan_file = offices.folder / "plan"
        plan_file.write_text("\n".join(plan) + "\n")
        script = Path(__file__).parent / "mortal.py"
        self._command = [sys.executable, str(script), str(plan_file), str(self.done), str(offices.home(VICTIM))]
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    def _live(self) -> None:
        while not self._ending.is_set():
            with (self.offices.folder / f"{VICTIM}.out").open("ab") as out:
                process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=out, stderr=out)
                while process.poll() is None and not self._ending.is_set():
                    time.sleep(0.05)
                if self._ending.is_set():
                    process.kill()
                process.wait()
                self.deaths += process.returncode == -9 and not self._ending.is_set()

    def ready(self) -> None:
        """Until it has once got as far as waiting for questions."""
        while "ready:" not in self.offices.output(VICTIM):
            time.sleep(0.1)

    def end(self) -> None:
        self._ending.set()
        self._thread.join()


def over(state: State) -> bool:
    """The sum is open, and everyone has released its own table."""
    return any(facts.closed and facts.closed.sum for facts in state.exchanges.values()) and len(state.releases) == 7


def killed_through(tmp_path: Path, plan: list[str], *, step: int, send: int) -> list[str]:
    """A whole exchange with the victim dying by plan; the points at which it died.

    A machine that is busy with other things votes after the motion is closed, or starts a node too slowly for the
    steps, and the hub goes on without it: rightly so, but nothing is shown then. It is given more time for both.
    """
    for patience in (1, 3, 9):
        folder = tmp_path / f"slower-{patience}"
        folder.mkdir()
        with Offices(folder, members=6) as offices:
            offices.start(*offices.ids[:5], together=True)
            mortal = Mortal(offices, plan)
            try:
                mortal.ready()
                offices.adopt(study(step=step * patience, send=send, consent=step * patience), seconds=8 * patience)
                state = offices.until(over, patience=8 * step * patience + 60)
            except Rejected as e:
                if [CLOSED] != [reason.code for reason in e.reasons]:
                    raise
                continue
            finally:
                mortal.end()
            if set(offices.ids) <= set(list(state.exchanges.values())[-1].unmask):
                check(offices, state)
                points = mortal.done.read_text().splitlines()
                assert len(points) == mortal.deaths, offices.output(VICTIM)
                return points
    raise AssertionError("this machine is too slow to show anything")


def check(offices: Offices, state: State) -> None:
    """The log and the books are those of a node that never died."""
    *failed, facts = state.exchanges.values()  # a machine that is busy with other things may be late for the first
    assert () == state.breaches
    assert set(offices.ids) == set(facts.unmask)
    with Office.open(offices.home("m1"), runs=False) as office:
        office.follower.poll()
        acts = [statement.read(leaf).act for leaf in office.follower.reader.leaves(0, office.follower.state.size)]
        assert facts.closed
        assert facts.closed.sum
        opened = office.client.blob(facts.closed.sum.digest)
    said = Counter((act.kind, canon.encode(act.body)) for act in acts if act.actor == VICTIM)
    assert {1} == set(said.values())
    wanted = {"accession": 1, "vote": 2, "consent/given": 1, "shares": 1, "answer": 2, "unmask": 1}
    assert failed or wanted | {"release/published": 1} == Counter(kind for kind, _ in said)
    journal, ledger = Journal(offices.home(VICTIM) / "journal.db"), Ledger(offices.home(VICTIM) / "ledger.db")
    sent = Counter(entry.digest for entry in journal.entries() if entry.kind == "body")
    assert 1 == sent[facts.answers[VICTIM].body.digest]
    assert 1 == len(ledger.lines())
    kept = Blobs(offices.home(VICTIM) / EXTRACTS)
    answers = [act.body.extract for act in acts if act.actor == VICTIM and isinstance(act.body, Answer)]
    assert all(extract is not None and kept.has(extract.commitment) for extract in answers)
    assert opened is not None
    near(opened)


def near(opened: bytes) -> None:
    """The sum is the truth and noise: six parts of variance 36 / (4 - 1), and never ten standard deviations of it."""
    truth = [sum(counts(place)[key] for place in range(6)) for key in counts(0)]
    found = np.frombuffer(opened, "<i8")
    assert np.abs(found - truth).max() < 10 * (6 * 36 / 3) ** 0.5


@pytest.mark.timeout(900)
def test_a_node_killed_at_a_few_points_says_and_sends_once(tmp_path: Path) -> None:
    assert sorted(FEW) == sorted(killed_through(tmp_path, FEW, step=10, send=1))


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_node_killed_at_every_point_says_and_sends_once(tmp_path: Path) -> None:
    """Some sixty deaths: before and after every write and every call."""
    points = killed_through(tmp_path, [""], step=90, send=2)
    steps = (
        "journal ConsentGiven",
        "post Shares",
        "charge",
        "fetch",
        "record",
        "post Answer",
        "post Unmask",
        "cosignature",
    )
    assert {f"{when} {step}" for when in ("before", "after") for step in steps} <= set(points)
    assert len(points) > 50
