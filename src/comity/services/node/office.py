"""One office's node, open: its folder, configuration, policy, books, keys, its hub and what it follows.

Decides what is opened and in which order, and that one office's things are never another's, although one process may
host several. The lock is the runner's: the desk works beside a running node, on the same books.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from comity.acts.key import WITNESS_ML_DSA
from comity.acts.statement import Body
from comity.adapters import clock
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.folder import Folder
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.adapters.keyring import Keyring
from comity.adapters.leaves import Leaves
from comity.adapters.ledger import Ledger
from comity.adapters.shared import Shared
from comity.adapters.vault import Vault
from comity.assembly.witnesses import mldsa_cosigner
from comity.canon import Digest
from comity.errors import ConfigError, NotVerified, Unreachable
from comity.keys import Signer
from comity.model import policy as policies
from comity.model.policy import Policy
from comity.services import config
from comity.services.node import say
from comity.services.node.follow import Follower
from comity.services.node.say import Spoken

POLICY: Final = "policy.toml"
EXTRACTS: Final = "extracts"  # what each answer was computed from, named by its commitment; belongs into every backup


@dataclass(slots=True)
class Office:
    """Everything of one office. For one thread; closed once."""

    home: Path
    folder: Folder
    config: config.Node
    keyring: Keyring
    blobs: Blobs
    extracts: Blobs
    journal: Journal
    ledger: Ledger
    client: Client
    follower: Follower
    now: Callable[[], int]
    growth: Growth | None = None  # the runner's alone
    vault: Vault | None = None
    leaves: Leaves | None = None

    @classmethod
    def open(
        cls, home: Path, *, runs: bool, now: Callable[[], int] = clock.now, shared: Shared | None = None
    ) -> "Office":
        """Open what the desk needs; with `runs` also what the running node alone may touch.

        Args:
            shared: what the offices of this process read alike.

        Raises:
            ConfigError, StateVersion: the folder, configuration or policy cannot be used.
        """
        folder = Folder.open(home, "node")
        settings = config.node(home)
        journal = Journal(home / "journal.db")
        client = Client(settings.hub, shared, egress=journal.at(now))
        leaves = Leaves(home / "cache.db") if runs or (home / "cache.db").exists() else None
        asked = read_policy(home).sealed.witnesses
        follower = Follower.open(home, client, settings.charter, leaves, keep=runs, witnesses=asked)
        return cls(
            home=home,
            folder=folder,
            config=settings,
            keyring=Keyring(home),
            blobs=Blobs(home / "blobs"),
            extracts=Blobs(home / EXTRACTS),
            journal=journal,
            ledger=Ledger(home / "ledger.db"),
            client=client,
            follower=follower,
            now=now,
            growth=Growth(home / "witness.db") if runs else None,
            vault=Vault(home / "seal.db") if runs else None,
            leaves=leaves,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every file and connection."""
        for thing in (self.client, self.journal, self.ledger, self.growth, self.vault, self.leaves):
            if thing is not None:
                thing.close()

    @property
    def member(self) -> str:
        """The office's id."""
        return self.config.id

    def glance(self, address: str) -> Client:
        """Another hub, which need not be there; what is asked of it stands in this office's journal too."""
        return Client(address, brief=True, egress=self.journal.at(self.now))

    @property
    def policy(self) -> Policy:
        """The national policy, as it stands on disk now."""
        return read_policy(self.home)

    def signer(self, purpose: str) -> Signer:
        """The signer of a purpose: `sign`, `officer`, `witness` or `witness-ml-dsa`."""
        return self.keyring.signer(purpose)

    def second(self) -> Signer | None:
        """The signer of ML-DSA-44 cosignatures, if its key is here and is the one that the log has."""
        vkey = mldsa_cosigner(self.follower.state, self.member) if self.follower.state.charter else None
        if vkey is None or not self.keyring.has(WITNESS_ML_DSA):
            return None
        signer = self.signer(WITNESS_ML_DSA)
        return signer if signer.public == vkey.key else None

    def say(self, body: Body, *, purpose: str = "sign", again: bool = False) -> Spoken:
        """Sign, journal and post a statement; `again`: one that the log may hold from before."""
        state, signer = self.follower.state, self.signer(purpose)
        return say.say(body, self.member, state, signer, self.journal, self.client, self.now(), again=again)

    def send(self, bodies: tuple[bytes, ...]) -> None:
        """Journal, then put bodies that a logged statement names."""
        say.send(bodies, self.journal, self.client, self.now())

    def text(self, digest: Digest) -> bytes:
        """A public body that a leaf names (a norm, a study, a comment), kept here once it was checked.

        Raises:
            Unreachable: the hub does not serve it, or does not answer.
            NotVerified: what it serves is something else.
        """
        shown = self.shown(digest)
        if shown is None:
            raise Unreachable("the hub does not serve this body", where=digest, way_out="ask again later")
        return shown

    def shown(self, digest: Digest) -> bytes | None:
        """`text`, or None if the hub answers that it serves no such body."""
        known = self.blobs.get(digest)
        if known is None:
            known = self.client.blob(digest)
            if known is not None and self.blobs.put(known) != digest:
                raise NotVerified("the hub serves another body under this digest", where=digest)
        return known


def read_policy(home: Path) -> Policy:
    """The policy of a state folder; ConfigError if it is absent or not understood in full."""
    path = home / POLICY
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigError(
            "no policy can be read",
            where=str(path),
            found=e.strerror if isinstance(e, OSError) and e.strerror else str(e),
            wanted="a text in UTF-8 that the node's own user may read",
            way_out="comity policy install FILE; see docs/policy.md",
        ) from None
    return policies.read(text, where=str(path))
