"""What all tests share: where the published test data lie, how hard Hypothesis searches, and what starts first.

The data (standards' own vectors, official files) are large and belong to others: they lie beside the repository and
are not part of it. Where they are absent, the tests that need them do not run, and the last lines say so aloud.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests import order

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "data"
ABSENT = pytest.StashKey[int]()

# No deadline: a machine with two busy cores is no bug. In CI the same examples every time: a red run means a change.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The published test data, a folder for each subject: sdmx, tlog, opensdg, methods, geo."""
    return CORPUS


def needs_corpus(item: pytest.Item) -> bool:
    """By folder, by mark or by fixture."""
    return (
        item.path.is_relative_to(ROOT / "tests" / "corpus")
        or item.get_closest_marker("corpus") is not None
        or "corpus" in getattr(item, "fixturenames", ())
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """How several processes share the tests, where files stay whole."""
    return order.Sharing(config, log) if config.getvalue("dist") == "loadfile" else None


def name_of(item: pytest.Item) -> str:
    """Its file, as seen from this folder."""
    return os.path.relpath(item.path, ROOT / "tests")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where several processes share the tests, those that tell no story make way for the one that does."""
    if hasattr(item.config, "workerinput") and name_of(item) not in order.STORIES:
        order.make_way()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several processes begin with what takes long. Skip what cannot run, and count it for the last lines."""
    if hasattr(config, "workerinput"):  # pytest-xdist: one process of several
        items.sort(key=lambda item: order.turn(name_of(item)))
    if CORPUS.is_dir():
        return
    waiting = [item for item in items if needs_corpus(item)]
    for item in waiting:
        item.add_marker(pytest.mark.skip(reason="the published test data are absent"))
    config.stash[ABSENT] = len(waiting)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One loud line instead of a silent skip."""
    if count := config.stash.get(ABSENT, 0):
        terminalreporter.write_line(
            f"CORPUS ABSENT: {count} tests in tests/corpus not run; wanted the published test data in "
            f"{os.path.relpath(CORPUS, ROOT)}, which are not part of the repository",
            red=True,
            bold=True,
        )
