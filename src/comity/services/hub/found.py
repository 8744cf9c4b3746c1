"""How a hub begins: its keys and address, then its log, once, from a charter that names them.

Decides that a log is begun only by a charter that holds and names this hub; a log is never made by itself, because a
lost log must not look like a new one.
"""

from pathlib import Path

from comity import canon
from comity.acts import statement
from comity.acts.charter import Charter, Hub
from comity.adapters import durable, folder
from comity.adapters.keyring import HUB, Keyring
from comity.adapters.log import LogStore
from comity.assembly import fold
from comity.canon import Digest
from comity.errors import ConfigError, FormatError, NotAdmitted
from comity.services import config
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note

LOG = "log.db"
CARD = "hub.json"  # what the convenor puts into the charter


def init(home: Path, *, listen: str, address: str) -> Hub:
    """A new hub's folder and keys; gives what the charter must say of it."""
    config.address(listen, where="listen")
    with folder.Folder.new(home, "hub"):
        keyring = Keyring(home)
        sign, log = (keyring.make(purpose) for purpose in HUB)
        config.write(home, "hub", config.Hub(listen=listen))
        hub = Hub(sign=sign, log=log, address=address)
        durable.write(home / CARD, canon.encode(hub))
    return hub


def found(home: Path, leaf: bytes) -> Digest:
    """Begin the log with the convenor's signed charter; the charter's digest, which every office pins."""
    folder.Folder.open(home, "hub")
    if _is_unsigned(leaf):
        raise FormatError(
            "the charter is not signed yet",
            where="leaf 0",
            found="a charter as it was drafted",
            wanted="the file that its convenor signed",
            way_out="comity charter sign CHARTER.json --out CHARTER.leaf, at the convenor's office",
        )
    reasons = fold.admit(fold.start(), leaf)
    if reasons:
        raise NotAdmitted("the charter does not hold", where="leaf 0", found=", ".join(r.code for r in reasons))
    body = statement.read(leaf).act.body
    if not isinstance(body, Charter):
        raise FormatError("leaf 0 is no charter", where="leaf 0", wanted="a charter")
    keyring = Keyring(home)
    if (body.hub.sign, body.hub.log) != tuple(keyring.signer(purpose).public for purpose in HUB):
        raise ConfigError(
            "the charter names another hub",
            where=str(home),
            found=body.hub.address,
            wanted="the keys of this folder's hub.json",
        )
    # A log without a leaf is what a crash between the two lines below leaves behind.
    with LogStore.open(home / LOG) if (home / LOG).exists() else LogStore.create(home / LOG) as store:
        if store.size:
            raise ConfigError("this hub has its log already", where=str(home / LOG), found=f"{store.size} leaves")
        log = keyring.signer("log")

        def seal(size: int, root: bytes) -> str:
            text = str(Checkpoint(body.origin, size, root))
            return str(Note(text, (note.sign(text, body.origin, log),)))

        store.append([leaf], seal)
    return canon.digest(canon.encode(body))


def _is_unsigned(data: bytes) -> bool:
    """Whether this is the draft of a charter, as the convenor has it before it signs."""
    try:
        canon.decode(data, Charter, where="charter")
    except FormatError:
        return False
    return True
