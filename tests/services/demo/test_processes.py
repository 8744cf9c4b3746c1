"""None of the demonstration's processes outlives it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.errors import DemoFailed
from comity.services.demo.processes import Processes, spelt

SLEEP = ("sleep", "60")
# A process that ignores the request to stop, and has a child of its own.
STUBBORN = ("sh", "-c", "trap '' TERM; sleep 60 & echo child $!; wait; sleep 60")


def lives(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def child_of(log: Path) -> int:
    """The pid that a stubborn process wrote."""
    assert eventually(lambda: "child" in log.read_text())
    return int(log.read_text().split()[1])


def test_whatever_was_started_has_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.services.demo.processes.GRACE", 0.3)
    with Processes(tmp_path, tmp_path) as processes:
        started = [processes.start("plain", SLEEP), processes.start("stubborn", STUBBORN)]
        child = child_of(started[1].log)
        assert lives(child)
    assert [] == [one.name for one in started if lives(one.popen.pid)]
    assert eventually(lambda: not lives(child))  # the kernel ends a killed group, but not before kill() returns


def test_a_failure_ends_them_too(tmp_path: Path) -> None:
    processes = Processes(tmp_path, tmp_path)

    def fail() -> None:
        with processes:
            processes.start("plain", SLEEP)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not lives(processes.services["plain"].popen.pid)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_the_requests_to_stop_are_a_clean_end(tmp_path: Path, told: signal.Signals) -> None:
    processes = Processes(tmp_path, tmp_path)

    def interrupted() -> None:
        with processes:
            processes.start("plain", SLEEP)
            os.kill(os.getpid(), told)
            processes.run([SLEEP])

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not lives(processes.services["plain"].popen.pid)


def test_killed_itself_it_leaves_nothing_behind(tmp_path: Path) -> None:
    """Nobody tidies up after SIGKILL but the kernel."""
    script = f"""
import pathlib, time
from comity.services.demo.processes import Processes
path = pathlib.Path({str(tmp_path)!r})
with Processes(path, path) as processes:
    print(processes.start("plain", {SLEEP!r}).popen.pid, flush=True)
    time.sleep(60)
"""
    demo = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    with demo.stdout as said:
        pid = int(said.readline())
        assert lives(pid)
        demo.kill()
        demo.wait()
    assert eventually(lambda: not lives(pid))


def test_a_service_that_ends_by_itself_is_a_failure_that_shows_what_it_said(tmp_path: Path) -> None:
    with Processes(tmp_path, tmp_path) as processes:
        processes.start("hub", ("sh", "-c", "echo no room; exit 4"))
        with pytest.raises(DemoFailed, match=r"hub\.log.*ended by itself.*found exit 4") as failed:
            processes.run([SLEEP])
    assert "no room" == failed.value.tail


def test_a_kill_that_the_story_wants_is_no_failure(tmp_path: Path) -> None:
    with Processes(tmp_path, tmp_path) as processes:
        killed = processes.start("node", SLEEP)
        processes.kill("node")
        processes.check()
        assert -signal.SIGKILL == killed.popen.returncode


def test_commands_run_a_few_at_a_time_and_come_back_in_order(tmp_path: Path) -> None:
    with Processes(tmp_path, tmp_path) as processes:
        done = processes.run([("sh", "-c", f"sleep 0.{3 - n}; echo {n}") for n in range(3)], at_once=3)
    assert ["0", "1", "2"] == [one.out.strip() for one in done]
    assert {0} == {one.exit for one in done}
    assert 3 == len((tmp_path / "commands.log").read_text().splitlines())


def test_a_failed_command_says_itself_its_exit_and_its_last_lines(tmp_path: Path) -> None:
    with Processes(tmp_path, tmp_path) as processes:
        (done,) = processes.run([("sh", "-c", "seq 100; echo not so >&2; exit 3")])
    error = done.failed()
    assert "exit 3" in str(error)
    assert "sh -c" in str(error)
    assert ["99", "100", "not so"] == error.tail.splitlines()[-3:]


def test_a_long_command_is_shortened_in_the_middle() -> None:
    line = spelt(("/usr/bin/comity", *("--home", "x" * 20) * 100))
    assert line.startswith("comity --home")
    assert len(line) < 310
