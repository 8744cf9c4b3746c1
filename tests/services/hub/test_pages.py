"""The hub's pages of the assembly: of the published head, from public bodies, and the same that anyone makes."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from comity import canon
from comity.adapters.blobs import Blobs
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.cli import main
from comity.errors import ConfigError, NotVerified, WorldError
from comity.model.member import HUB
from comity.pages.assembly.sheet import HALL
from comity.services import pages as own
from comity.services import reading
from comity.services.hub.pages import BATCH, Pages, Stopped, made
from comity.services.hub.sequence import Sequencer
from comity.services.node import floor
from comity.tlog.cosignature import cosign
from tests import sample
from tests.builders.assembly import ORIGIN, Assembly, signer
from tests.builders.offices import Offices
from tests.builders.pages import Full, Page, pages


class Impatient(threading.Event):
    """Tells a thread to stop at its last rest, and lets it rest at none; remembers how long it wanted to."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.rests = most, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.rests.append(timeout or 0)
        return len(self.rests) > self.most


class Hub:
    """The parts of a hub that pages need, on a real log and real files; its head waits until it is cosigned."""

    def __init__(self, home: Path, assembly: Assembly) -> None:
        self.assembly, self.public = assembly, home / "public"
        with LogStore.create(home / "log.db") as store:
            store.append(assembly.leaves)
        self.store = LogStore.open(home / "log.db")
        self.blobs = Blobs(self.public / "blobs", mode=0o644)
        self.sequencer = self._sequencer()
        self.pages = Pages(self.sequencer, self.public)

    def _sequencer(self) -> Sequencer:
        static = StaticLog.open(self.public, self.store)
        sign, log = (self.assembly.signers[HUB, purpose] for purpose in ("sign", "log"))
        return Sequencer(self.store, static, sign=sign, log=log, now=lambda: self.assembly.time + 5)

    def show(self) -> None:
        """Every body that leaves name and that is in no box becomes public."""
        for name, body in self.assembly.bodies.items():
            if name not in self.assembly.state.boxes:
                path = self.blobs.path(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)

    def cosign(self) -> None:
        """The witnesses cosign what waits, and it is published."""
        self.sequencer.ask()
        assert self.sequencer.asking
        text = str(self.sequencer.asking)
        for id in self.assembly.charter.witnesses:
            line = cosign(text, f"{ORIGIN}/{id}", self.assembly.time + 5, signer(id, "witness"))
            self.sequencer.cosign(str(line))

    def say(self, leaf: bytes) -> None:
        self.assembly.append(leaf)
        self.sequencer.accept(leaf)

    def work(self) -> int:
        """Looks until all pages are made; how many looks."""
        looks = 1
        while not self.pages.once():
            looks += 1
            assert looks < 100
        return looks

    def files(self) -> dict[str, bytes]:
        return files(self.public)


def files(root: Path) -> dict[str, bytes]:
    """The pages below a folder of public files."""
    return {str(p.relative_to(root)): p.read_bytes() for p in (root / "assembly").rglob("*.html")}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path, Full())
    yield made
    made.store.close()


def test_nothing_is_shown_that_no_quorum_has_cosigned(hub: Hub) -> None:
    hub.show()
    assert not hub.pages.once()
    assert {} == hub.files()


def test_pages_are_those_of_the_state_and_the_public_bodies(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    looks = hub.work()
    wanted = pages(hub.assembly)
    assert wanted == hub.files()
    assert looks >= len(wanted) / BATCH


def test_anyone_makes_the_same_pages_from_the_public_files(hub: Hub, tmp_path: Path) -> None:
    hub.show()
    hub.cosign()
    hub.work()
    with reading.in_folder(hub.public, hub.assembly.state.charter_digest) as read:
        told = own.write(read, tmp_path / "mine")
        assert (len(hub.files()), len(hub.files())) == (told.pages, told.written)
        assert 0 == own.write(read, tmp_path / "mine").written
    mine = {path: (tmp_path / "mine" / path).read_bytes() for path in hub.files()}
    assert hub.files() == mine


def test_a_busy_hub_shows_what_is_published_and_not_what_waits(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    wanted = pages(hub.assembly)
    hub.say(hub.assembly.leaf("m3", hub.assembly.remark(hub.assembly.open, b"A remark.")))
    hub.work()
    assert wanted == hub.files()


def test_pages_are_made_while_the_log_is_held_by_somebody_else(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    making = threading.Thread(target=hub.work, daemon=True)
    with hub.sequencer._lock:
        making.start()
        making.join(60)
        assert not making.is_alive()
    assert pages(hub.assembly) == hub.files()


def test_a_thread_makes_them_says_what_fails_once_and_ends_with_the_hub(hub: Hub) -> None:
    hub.show()
    in_the_way = hub.public / "assembly"
    in_the_way.write_text("in the way")
    lines: list[str] = []
    with made(hub.sequencer, hub.public, lines.append):
        for remark in (b"One.", b"Two."):
            hub.say(hub.assembly.leaf("m3", hub.assembly.remark(hub.assembly.open, remark)))
            hub.cosign()
            _until(lambda: bool(lines))
        in_the_way.unlink()
        hub.show()
        wanted = pages(hub.assembly)
        _until(lambda: wanted == hub.files())
    assert 1 == len(lines), lines
    assert [] == [thread for thread in threading.enumerate() if thread.name == "pages"]


def test_a_hub_that_stops_does_not_wait_for_a_whole_edition(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    stop = threading.Event()
    begun = Pages(hub.sequencer, hub.public, stop=stop)
    stop.set()
    with pytest.raises(Stopped):
        begun.once()
    assert {} == hub.files()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_comment_rewrites_a_few_files(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    hub.work()
    before = {path: (hub.public / path).stat().st_mtime_ns for path in hub.files()}
    hub.say(hub.assembly.leaf("m3", hub.assembly.remark(hub.assembly.open, b"A remark.")))
    hub.cosign()
    hub.work()
    touched = {path for path, time in before.items() if (hub.public / path).stat().st_mtime_ns != time}
    assert {HALL, f"assembly/motions/{hub.assembly.open.index}.html", "assembly/motions/list-1.html"} >= touched
    assert HALL in touched


def test_a_body_that_comes_later_is_shown_without_a_new_head(hub: Hub) -> None:
    hub.cosign()
    hub.work()
    assert not hub.pages.once()
    hub.show()
    hub.work()
    assert pages(hub.assembly) == hub.files()


def test_lost_pages_come_back_with_the_next_start(hub: Hub) -> None:
    hub.show()
    hub.cosign()
    hub.work()
    wanted = hub.files()
    for path in wanted:
        (hub.public / path).unlink()
    hub.pages = Pages(hub.sequencer, hub.public)
    hub.work()
    assert wanted == hub.files()


def test_what_could_not_be_written_is_made_again_without_a_new_head(hub: Hub) -> None:
    """It is an error, not a page that stays as it was; and a log may rest for months."""
    hub.show()
    (hub.public / "assembly").write_text("in the way")
    hub.cosign()
    for _ in range(2):
        with pytest.raises(WorldError):
            hub.work()
    (hub.public / "assembly").unlink()
    hub.work()
    assert pages(hub.assembly) == hub.files()


def test_a_thread_whose_write_failed_tries_again_ever_more_rarely(hub: Hub) -> None:
    """GNU bc: 0.25 doubled again and again is 0.5, 1, 2, 4, 8, 16, 32, 64; never more than 60 seconds."""
    hub.show()
    (hub.public / "assembly").write_text("in the way")
    hub.cosign()
    stop = Impatient(9)
    Pages(hub.sequencer, hub.public, stop=stop).run(lambda line: None)
    assert [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60] == stop.rests


def test_a_body_that_only_the_hub_holds_is_on_no_page(hub: Hub) -> None:
    """A remark may name any digest: that of a box, of a masked vector. What is not public is not at hand."""
    secret = b"held for one member alone"
    hub.show()
    motion = hub.assembly.open
    hub.say(hub.assembly.leaf("m3", hub.assembly.remark(motion, secret)))
    hub.cosign()
    hub.work()
    assert [] == [path for path, data in hub.files().items() if secret in data]
    assert b"The text is not at hand." in hub.files()[f"assembly/motions/{motion.index}.html"]


def test_the_command_makes_them_from_a_folder(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub.show()
    hub.cosign()
    hub.work()
    out = tmp_path / "out"
    assert 0 == main.run(["assembly", "pages", str(hub.public), "--out", str(out)])
    said = capsys.readouterr()
    assert "under a charter you did not pin" in said.err
    assert hub.files()[HALL] == (out / HALL).read_bytes()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nowhere", "--out", "out"], "no public files of a log"),
        (["nowhere", "--hub", "http://127.0.0.1:1", "--out", "out"], "two logs are named"),
        (["--out", "out"], "no log is named"),
    ],
)
def test_a_log_that_is_not_named_well_is_one_clear_line(
    words: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    assert 2 == main.run(["assembly", "pages", *words])
    assert line in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_services_folder_is_never_written_into(hub: Hub, tmp_path: Path) -> None:
    hub.cosign()
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "VERSION").write_text("comity-state/1 node\n")
    with reading.in_folder(hub.public, None) as read, pytest.raises(ConfigError):
        own.write(read, tmp_path / "node")


def test_another_body_under_a_digest_ends_the_work(hub: Hub, tmp_path: Path) -> None:
    """A page that says less than its source would be another page."""
    hub.show()
    hub.cosign()
    hub.blobs.path(canon.digest(b"Why is it so high?")).write_bytes(b"All is well.")
    with reading.in_folder(hub.public, None) as read, pytest.raises(NotVerified):
        own.write(read, tmp_path / "mine")


@pytest.mark.long
def test_a_running_hub_shows_what_anyone_makes_from_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Readers ask again whether a page is still the newest: it is no file that never changes."""
    with Offices(tmp_path, members=4) as offices:
        offices.start(together=True)
        offices.accede()
        motion = floor.move(offices.home("m1"), "norm", canon.encode(sample.norm()), seconds=600)
        floor.vote(offices.home("m2"), motion.index, "yes")
        out = tmp_path / "mine"
        page = f"assembly/motions/{motion.index}.html"
        made, end = dict[str, bytes](), time.monotonic() + 60
        while page not in made or made != files(tmp_path / "hub" / "public"):
            assert time.monotonic() < end, offices.output("hub")
            time.sleep(0.2)
            assert 0 == main.run(["assembly", "pages", "--hub", offices.address, "--out", str(out)])
            made = files(out)
        answer = httpx2.get(f"{offices.address}/{page}", trust_env=False)
        assert (200, "no-cache") == (answer.status_code, answer.headers["cache-control"])
    assert answer.content == made[page]
    assert "m2 001 1 yes" in Page(made[page]).text
    assert (tmp_path / "hub" / "public" / "index.html").is_file()
