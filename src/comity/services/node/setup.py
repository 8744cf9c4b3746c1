"""How an office begins: its folder and keys, what the convenor needs of it, the charter that it pins.

Decides that a new node answers nothing: its policy denies everything until the office writes its own. The convenor
signs the charter here, because the key that must sign it never leaves its office.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.charter import Charter
from comity.acts.statement import Act, sign
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER, Folder
from comity.adapters.keyring import ACTOR, Keyring
from comity.assembly import fold
from comity.canon import Digest
from comity.errors import ConfigError, FormatError
from comity.model import policy as policies
from comity.model.member import Party, Role, member_id
from comity.model.policy import Policy
from comity.services import config
from comity.services.node import say
from comity.services.node.office import POLICY

CARD: Final = "party.json"  # what the convenor puts into the charter
DENIES: Final = """\
# What this node may answer. Whatever is not allowed here is refused; so far that is everything.

version = "1"
valid_from = 0  # POSIX seconds
valid_until = 4102444800  # 2100-01-01
allow = []  # [[allow]] with method, goals and movers: see docs/policy.md
officer = true  # an officer approves each study

# The office's own table: published or not, and the least number of persons in a cell that is shown.
[national]
publish = false
threshold = 10

# Joint sums: what a study must offer before this office takes part.
[sealed]
noise_floor = 0
rate = 100
colluding = 1
survivors = 0
witnesses = 0

# A year's privacy budget of one source.
[budget]
epsilon = "0"
delta = "0.000000001"
"""


def init(
    home: Path,
    *,
    id: str,
    area: str,
    role: Role = "member",
    hub: str = "",
    charter: str = "",
    policy: str = DENIES,
) -> Party:
    """A new node's folder and keys; the party that the convenor puts into the charter.

    Raises:
        ConfigError: the folder is not empty, or a field or the policy cannot be read; then nothing is left behind.
    """
    try:
        member_id(id)
    except FormatError as e:
        raise ConfigError(e.what, where="id", found=id, wanted=e.wanted, way_out="choose another id") from None
    config.area(area, where="area")
    if hub:
        config.url(hub, where="hub")
    policies.read(policy)
    with Folder.new(home, "node"):
        (home / "bindings").mkdir(mode=PRIVATE_FOLDER)
        settings = config.Node(id=id, area=area, hub=hub, charter=Digest(charter), console="", role=role)
        config.write(home, "node", settings)
        config.node(home, pinned=False)
        durable.write(home / POLICY, policy.encode(), mode=PRIVATE_FILE)
        keyring = Keyring(home)
        for purpose in ACTOR:
            keyring.make(purpose)
        made = party(home)
        durable.write(home / CARD, canon.encode(made))
    return made


def install(home: Path, data: bytes, *, where: str) -> Policy:
    """Make a policy (its TOML text) the office's own; ConfigError, and the old one stays, if it is not understood."""
    Folder.open(home, "node")
    try:
        policy = policies.read(data.decode(), where=where)
    except UnicodeDecodeError as e:
        raise ConfigError("not a text in UTF-8", where=where, found=str(e), wanted="TOML") from None
    durable.write(home / POLICY, data, mode=PRIVATE_FILE)
    return policy


def party(home: Path) -> Party:
    """This office as a charter or motion names it: a member with one vote, any other actor without one."""
    Folder.open(home, "node")
    settings = config.node(home, pinned=False)
    weight = 1 if settings.role == "member" else 0
    return Party(id=settings.id, area=settings.area, role=settings.role, weight=weight, keys=Keyring(home).public())


def pin(home: Path, *, hub: str, charter: str) -> config.Node:
    """Name the hub and the one charter under which this node takes part; ConfigError if another is pinned."""
    Folder.open(home, "node")
    known = config.node(home, pinned=False)
    if known.charter not in ("", charter):
        raise ConfigError(
            "another charter is pinned",
            where=str(home / config.FILE),
            found=known.charter,
            way_out="a node serves one assembly: make another folder for another charter",
        )
    config.url(hub, where="hub")
    try:
        canon.hex_of(charter)
    except FormatError as e:
        raise ConfigError(e.what, where="charter", found=charter, wanted=e.wanted) from None
    config.write(home, "node", replace(known, hub=hub, charter=Digest(charter)))
    return config.node(home)


def convene(home: Path, charter: Charter) -> bytes:
    """Leaf 0, signed by this office as convenor; ConfigError if the charter names another, or does not hold."""
    settings = config.node(home, pinned=False)
    if charter.convenor != settings.id:
        raise ConfigError(
            "another office convenes",
            where=str(home),
            found=settings.id,
            wanted=charter.convenor,
            way_out=f"{charter.convenor} signs it, in its own folder",
        )
    act = Act(actor=settings.id, origin=charter.origin, head=say.head(fold.start()), body=charter)
    leaf = sign(act, Keyring(home).signer("sign"))
    if reasons := fold.admit(fold.start(), leaf):
        raise ConfigError(
            "the charter does not hold",
            where="leaf 0",
            found=", ".join(f"{reason.code} {reason.params or ''}".strip() for reason in reasons),
            way_out="correct the draft, or ask the founders for their keys again",
        )
    return leaf
