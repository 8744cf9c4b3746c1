"""Outside witnesses: those that are no member, and are called (c2sp.org/tlog-witness) instead of calling.

Decides that they are asked for every head that waits for cosignatures, or else for the published one, each by a thread
of its own that nothing waits for: one that is dead, slow or lying costs a line in the hub's output. What holds under a
key that the operator named goes into the side file. No rule counts it; readers may, by a policy of their own.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from comity.adapters.folder import Folder
from comity.adapters.witness import OutsideWitness, Reply
from comity.errors import ComityError, ConfigError, FormatError, NotVerified, Unreachable
from comity.services import config
from comity.services.hub.sequence import Sequencer
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import ED25519, Note, Vkey
from comity.tlog.spelling import decimal, text_of
from comity.tlog.witness import SIZE, Request, taken

REST: Final = 0.25  # seconds between two looks for a new head
PAUSE: Final = 2.0  # seconds after a failure, doubled after each further one
LONGEST: Final = 300.0  # seconds: the longest pause
TRIES: Final = 3  # requests for one head: one to learn the witness's size, and two if others ask it as well


@dataclass(frozen=True, slots=True)
class Outside:
    """A witness by its submission prefix, and the keys by which its lines are known."""

    url: str
    vkeys: tuple[Vkey, ...]


def read(texts: Sequence[str]) -> tuple[Outside, ...]:
    """Witnesses of texts `VKEY URL`: one that has two keys is named twice. ConfigError for anything else."""
    found: dict[str, Outside] = {}
    for text in texts:
        first, _, url = text.partition(" ")
        try:
            vkey = Vkey.parse(first)
        except FormatError as e:
            raise ConfigError(e.what, where="hub.witnesses", found=first, wanted="VKEY URL") from None
        config.url(url, where="hub.witnesses")
        if vkey.algorithm == ED25519:
            wanted = "a vkey of type 0x04 or 0x06"
            raise ConfigError("not a witness's key", where="hub.witnesses", found=first, wanted=wanted)
        if any(vkey in one.vkeys for one in found.values()):
            named = f"{vkey.name}+{vkey.id.hex()}"
            raise ConfigError(
                "this witness is asked already", where="hub.witnesses", found=named, wanted="each key once"
            )
        before = found.get(url, Outside(url, ()))
        found[url] = replace(before, vkeys=(*before.vkeys, vkey))
    return tuple(found.values())


def add(home: Path, vkey: str, url: str) -> tuple[Outside, ...]:
    """Ask one witness more, or know a witness by a further key, from the next start on; all as they are now."""
    Folder.open(home, "hub")
    settings = config.hub(home)
    changed = replace(settings, witnesses=(*settings.witnesses, f"{vkey} {url}"))
    found = read(changed.witnesses)
    config.write(home, "hub", changed)
    return found


class Asking:
    """What one hub asks one outside witness, and how far that has cosigned. For one thread."""

    def __init__(
        self, sequencer: Sequencer, outside: Outside, client: OutsideWitness, log: Callable[[str], None]
    ) -> None:
        self._sequencer, self._outside, self._client, self._log = sequencer, outside, client, log
        self._size = 0  # of the log, as far as the witness is known to have cosigned it
        self._done = ""  # the text that it cosigned last
        self._said = ""

    def run(self, stop: threading.Event) -> None:
        """Ask for each new head until told to stop; what stays wrong is one line, once."""
        pause = PAUSE
        while not stop.wait(REST):
            try:
                self.once()
            except ComityError as e:
                self._tell(str(e))
            except Exception as e:  # the other witnesses, and the hub, go on
                if stop.is_set():  # the log was closed under this thread: nobody waited for it
                    return
                self._tell(f"our bug, please report: {type(e).__name__}: {e}")
            else:
                self._said, pause = "", PAUSE
                continue
            stop.wait(pause)
            pause = min(pause * 2, LONGEST)

    def once(self) -> bool:
        """Ask for the newest head; True if it was cosigned now.

        Raises:
            Unreachable: no answer, or another one than the standard has.
            NotVerified: the witness has seen a longer log, or cosigned by no key that is known of it.
            FormatError: what it says is no cosignature of what it was asked for.
        """
        note = self._sequencer.newest
        if note is None or note.text == self._done:
            return False
        size = Checkpoint.of(note).size
        for _ in range(TRIES):
            reply = self._ask(note, size)
            if reply.status != 409 or reply.kind != SIZE:
                self._take(note, reply)
                self._size, self._done = size, note.text
                return True
            self._size = _told(reply, self._outside.url)
        raise self._strange(reply)

    def _ask(self, note: Note, size: int) -> Reply:
        """One request, from the size that the witness is thought to have."""
        if self._size > size:
            seen, self._size = self._size, 0
            raise NotVerified(
                "an outside witness has cosigned a longer log than this one",
                where=self._outside.url,
                found=f"{seen} leaves",
                wanted=f"{size} at most",
                way_out="if this hub was restored from a backup, stop it: it is older than what was published",
            )
        proof = self._sequencer.consistency(self._size, size) if 0 < self._size < size else ()
        return self._client.add(str(Request(self._size, proof, note)).encode())

    def _take(self, note: Note, reply: Reply) -> None:
        """Its lines, as far as they are by keys that are known of it."""
        if reply.status != 200:
            raise self._strange(reply)
        lines = taken(reply.body, note.text, self._outside.vkeys)
        if not lines:
            wanted = ", ".join(str(vkey) for vkey in self._outside.vkeys)
            raise NotVerified("cosigned by no key that is known", where=self._outside.url, wanted=wanted)
        for line in lines:
            self._sequencer.cosign(str(line))

    def _strange(self, reply: Reply) -> Unreachable:
        said = reply.body[:120].decode(errors="replace").strip()
        return Unreachable(
            "an outside witness does not cosign",
            where=self._outside.url,
            found=f"{reply.status} {said}",
            way_out="ask its operator whether it knows this log's key",
        )

    def _tell(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._log(line)


@contextmanager
def asked(sequencer: Sequencer, witnesses: Sequence[Outside], log: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, each witness is asked for each head, by a thread that nobody waits for at the end."""
    stop = threading.Event()
    for outside in witnesses:
        asking = Asking(sequencer, outside, OutsideWitness(outside.url), log)
        threading.Thread(target=asking.run, args=(stop,), name=f"witness {outside.url}", daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def _told(reply: Reply, url: str) -> int:
    """The size in a 409; FormatError for what is none."""
    text = text_of(reply.body[:64], where=url)
    return decimal(text.removesuffix("\n"), where=url)
