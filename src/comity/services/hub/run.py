"""The hub as a process: its folder, one log, its doors, its work; until it is told to stop.

Decides the order of start and stop. The log is opened, its root recomputed and its files repaired before a door opens;
on the way out the doors close first.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from comity.adapters import clock
from comity.adapters.blobs import Blobs
from comity.adapters.folder import Folder
from comity.adapters.held import Held
from comity.adapters.keyring import HUB, Keyring
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.services import config, serve
from comity.services.hub import outside, pages
from comity.services.hub.door import door
from comity.services.hub.found import LOG
from comity.services.hub.keeper import Keeper
from comity.services.hub.publish import Publisher
from comity.services.hub.sequence import Sequencer
from comity.services.hub.twin import Twin
from comity.services.hub.work import Work
from comity.services.static import Static

PUBLIC = "public"
PUBLIC_FILE = 0o644


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        log: told one line for each thing that an operator wants to read.

    Raises:
        ConfigError, Locked, StateVersion: the folder cannot be used.
        NotVerified: log.db, or what is published, is damaged; nothing is served.
        PortTaken: another process listens at the address.
        WorldError, Locked: the outcome of a commit is unknown, or another process moved the head; start it again.
    """
    folder = Folder.open(home, "hub")
    settings = config.hub(home)
    listen, witnesses = settings.listen, outside.read(settings.witnesses)
    with ExitStack() as open_:
        open_.enter_context(folder.lock())
        bound = open_.enter_context(serve.bind(listen, where="hub.listen"))
        store = open_.enter_context(LogStore.open(home / LOG))
        files = Blobs(home / "blobs")
        held = Held(home, files)
        open_.callback(held.close)
        keyring = Keyring(home)
        sign, log_key = (keyring.signer(purpose) for purpose in HUB)
        static = StaticLog.open(home / PUBLIC, store)
        known = [vkey for one in witnesses for vkey in one.vkeys]
        sequencer = Sequencer(store, static, sign=sign, log=log_key, now=clock.now, outside=known)
        twin = Twin.open(home, home / PUBLIC, sequencer, sign=sign, log=log_key, now=clock.now)
        open_.callback(twin.close)
        keeper = Keeper(lambda: sequencer.state, held, files, Blobs(home / PUBLIC / "blobs", mode=PUBLIC_FILE))
        keeper.show()
        publisher = Publisher(sequencer, keeper, home / PUBLIC, log=log)
        work = Work(sequencer, keeper, publisher, now=clock.now, log=log, twin=twin)
        log(f"hub of {sequencer.origin}: {store.size} leaves, listening at {listen}")
        open_.enter_context(outside.asked(sequencer, witnesses, log))
        open_.enter_context(pages.made(sequencer, home / PUBLIC, log))
        serve.until_told(door(sequencer, keeper, Static(home / PUBLIC), twin=twin), bound, work.run)
        log("hub stopped")
        if sequencer.stopped:
            raise sequencer.stopped
