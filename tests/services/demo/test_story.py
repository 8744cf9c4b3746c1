"""The story's order, its end, and what a reader is told when it goes wrong."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.errors import DemoFailed
from comity.services.demo import deciding, story

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "world_values"


class Told:
    """A show that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, number: int, title: str) -> None:
        self.lines.append(f"[{number}] {title}")

    def say(self, line: str) -> None:
        self.lines.append(line)

    def loud(self, line: str) -> None:
        self.lines.append(line)

    def tell(self, done: int, total: int, what: str) -> None:
        """Progress is not remembered."""


def test_steps_are_numbered_as_the_story_is() -> None:
    """0 is what happens before: the people come to their offices."""
    assert list(range(9)) == [step.number for step in story.steps("wvs")]


def test_a_failure_names_step_command_exit_log_and_last_lines(tmp_path: Path) -> None:
    example = tmp_path / "plays" / "broken"
    example.mkdir(parents=True)
    (example / "roles.toml").write_text("")
    (example / "split.py").write_text("import sys\nprint('no people today')\nsys.exit(3)\n")
    with pytest.raises(DemoFailed) as failed:
        story.run(tmp_path / "demo", members=12, data="synthetic", example=example, show=Told())
    error = str(failed.value)
    for part in ("step 0", "plays.broken.split", "exit 3", str(tmp_path / "demo" / "logs")):
        assert part in error
    assert "no people today" == failed.value.tail


@pytest.mark.parametrize(
    ("seconds", "slower"), [(0.2, 1), (0.4, 1), (0.5, 2), (0.7, 2), (1.6, 4), (60, deciding.SLOWEST)]
)
def test_a_busy_machine_is_given_longer_steps(seconds: float, slower: int) -> None:
    text = (EXAMPLE / "study.toml").read_text("utf-8")
    found, times = deciding.timed(text, seconds)
    assert slower == times
    assert f"\nstep = {6 * slower}\n" in found
    assert "\nsend = 2\n" in found
    assert 2 * (slower > 1) == sum(a != b for a, b in zip(text.splitlines(), found.splitlines(), strict=True))


def processes_of(folder: Path) -> list[int]:
    """Every process whose command line names the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in words and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_stopped_among_its_nodes_it_leaves_no_process_behind(tmp_path: Path, told: signal.Signals) -> None:
    """The whole command, with hub and nodes running."""
    out = tmp_path / "demo"
    argv = ["demo", "run", "--out", str(out), "--members", "12", "--data", "synthetic"]
    # A background process of some shells ignores SIGINT, and its children do too.
    demo = subprocess.Popen(
        [sys.executable, "-m", "comity", *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    end = time.monotonic() + 90
    while len(list((out / "logs").glob("node-*.log"))) < 12 and time.monotonic() < end and demo.poll() is None:
        time.sleep(0.05)
    assert len(processes_of(out)) > 12, demo.communicate(timeout=10)[0] if demo.poll() is not None else "too slow"
    demo.send_signal(told)
    said, _ = demo.communicate(timeout=30)
    assert 130 == demo.returncode
    assert "interrupted" in said
    assert [] == processes_of(out)
