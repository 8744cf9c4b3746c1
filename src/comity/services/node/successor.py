"""Where the log goes on: a node finds the hub that the members chose, and goes there by itself.

Asked only while a chosen hub has not taken the log over in what this node has read. Decides that its address is
believed for one thing alone: to show a succession that stands right behind this node's own log. Then `comity.toml`
names it, on disk before anything is said there. What the old hub had acknowledged, and the log does not hold, this
office says anew: it was said, and only its place is gone.
"""

from dataclasses import replace

from comity.acts import statement
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.statement import Body
from comity.adapters.client import Client, Rejected
from comity.adapters.journal import Journal
from comity.assembly import hosts
from comity.assembly.hosts import Awaited
from comity.assembly.state import State
from comity.errors import ComityError, Unreachable
from comity.services import config
from comity.services.node.office import Office
from comity.services.node.reader import parse
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note
from comity.tlog.receipt import Receipt

AGAIN = 2  # seconds between two looks at the chosen hub's address
SHOWN = ("checkpoint", "checkpoint.pending")
BY_OFFICER = KeyRegistered | KeyRevoked | Recovery


def seek(office: Office) -> str | None:
    """The address at which the log goes on, once it does, and this office with it; None while it does not.

    NotVerified if what is shown there is not this log: the office stays where it is.
    """
    chosen = hosts.awaited(office.follower.state)
    if chosen is None or office.client.address == chosen.host.hub.address.rstrip("/"):
        return None
    client = office.client.beside(chosen.host.hub.address)
    try:
        note = _shown(client, chosen)
        if note is None:
            client.close()
            return None
        office.follower.go_over(client, note)
        office.config = replace(office.config, hub=chosen.host.hub.address)
        config.write(office.home, "node", office.config)
    except Unreachable:
        client.close()
        return None
    except ComityError:
        client.close()
        raise
    office.client.close()
    office.client = client
    return chosen.host.hub.address


def lost(journal: Journal, state: State) -> tuple[Body, ...]:
    """What this office said, the old hub acknowledged, and the log lacks, in the order in which it was said.

    A statement that was never acknowledged is not among them: whoever said it was told so.
    """
    ends = {one.before: one.size for one in state.successions}
    promised = {
        promise.leaf
        for _, promise in journal.promises()
        if promise.index >= ends.get(Receipt.of(Note.parse(promise.note)).origin, state.size)
    }
    found = []
    for entry in journal.entries() if promised else ():
        body = journal.body(entry.number) if entry.kind == "statement" else None
        if body is not None and leaf_hash(body) in promised and entry.digest not in state.digests:
            found.append(statement.read(body).act.body)
    return tuple(found)


def say_again(office: Office, bodies: tuple[Body, ...]) -> list[str]:
    """Say them under the log's new name; a line for each that its rules do not take any more."""
    refused = []
    for body in bodies:
        try:
            office.say(body, purpose="officer" if isinstance(body, BY_OFFICER) else "sign")
        except Rejected as e:
            refused.append(f"said to the old hub, and not taken by the new one: {e}")
    return refused


def _shown(client: Client, chosen: Awaited) -> Note | None:
    """A head of the chosen hub's log, cosigned or not; None if it shows none under the name that was voted on."""
    for path in SHOWN:
        raw = client.moving(path)
        note = parse(raw, where=f"{client.address}/{path}") if raw is not None else None
        if note is not None and Checkpoint.of(note).origin == chosen.host.origin:
            return note
    return None
