"""What will keep a node from taking part before long, or does already: room on its disk, versions, dates, deadlines.

Decides the limits from which on a line is a warning. Each check gives its line, or raises an error whose way out says
what to do; which checks there are, and their order, is `doctor`'s.
"""

import json
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Final

from comity import dsse
from comity.acts import statement
from comity.adapters.keyring import ACTOR
from comity.assembly import audits, queries
from comity.errors import ConfigError, DiskFull, FormatError, PolicyRefuses, Refused, StateVersion
from comity.model import moment
from comity.services.node import books, restored, sources
from comity.services.node.office import Office, read_policy
from comity.stages.protect.budget import ANY

ROOM: Final = 256 << 20  # bytes: less is too little for a node that goes on
DAYS: Final = 30 * 86400  # seconds before a policy ends in which it is said
ENGINES: Final = ("ibis-framework", "duckdb", "psycopg", "pyspark")
NAMED: Final = 4  # things that a line names


def disk(home: Path) -> str:
    """Room left beside what the log and the journal hold already: they may grow to twice that before anyone looks."""
    free = shutil.disk_usage(home).free
    held = sum(path.stat().st_size for path in home.glob("*.db*"))
    if free < max(ROOM, held):
        raise DiskFull(
            "little room is left",
            where=str(home),
            found=f"{free >> 20} MiB",
            wanted=f"{max(ROOM, held) >> 20} MiB at least: books and log take {held >> 20} MiB",
            way_out="make room, or move the folder to a larger disk with the node stopped",
        )
    return f"{free >> 20} MiB free; books and log take {held >> 20} MiB"


def versions() -> str:
    """Comity, Python, and the engines that are installed."""
    return ", ".join([f"comity {version('comity')}", f"Python {python_version()}", *_engines()])


def _engines() -> Iterator[str]:
    for name in ENGINES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def secrets(home: Path) -> str:
    """Files that hold the password of a source; ConfigError for one that others may read, or that is gone."""
    named = [Path(entry.source.secret) for entry in sources.read(home) if entry.source.secret]
    for path in named:
        if not path.is_file():
            raise ConfigError(
                "the file with a source's password is gone", where=str(path), way_out="comity source add, with --secret"
            )
        if path.stat().st_mode & 0o077:
            raise ConfigError(
                "others may read a source's password",
                where=str(path),
                wanted="0600",
                way_out=f"chmod 600 {path}; change the password if others did read it",
            )
    return (
        f"{len(named)} password file(s), read by the node's own user alone" if named else "no source needs a password"
    )


def dates(home: Path, now: int) -> str:
    """Whether the policy holds today; PolicyRefuses once it has ended, or before it begins."""
    policy = read_policy(home)
    if not policy.valid_from <= now < policy.valid_until:
        raise PolicyRefuses(
            "the policy does not hold today, so every study is refused",
            where=str(home / "policy.toml"),
            found=moment.iso(now),
            wanted=f"{moment.iso(policy.valid_from)} to {moment.iso(policy.valid_until)}",
            way_out="comity policy install, with other dates",
        )
    ends = f"holds until {moment.iso(policy.valid_until)}"
    return f"{ends}: soon (comity policy install)" if policy.valid_until - now < DAYS else ends


def budget(home: Path) -> str:
    """What is spent of the privacy budget, source by source."""
    left = (
        f"{_account(one)}: {_least(one)} of epsilon {one.budget.epsilon} spent"
        for one in books.windows(home, pld=False)
    )
    return "; ".join(left) or "no source, so nothing to spend"


def _account(one: books.Window) -> str:
    return one.source if one.unit == ANY else f"{one.source}, {one.unit}"


def _least(one: books.Window) -> str:
    least = one.reckoned.least
    return "all" if least is None else f"{least:f}"


def caught_up(home: Path) -> str:
    """Whether a restored folder has read what it said since its backup; Refused while it has not."""
    found = restored.marked(home)
    if found is None:
        return "not restored, or caught up with the log since"
    raise Refused(
        "restored, and answers nothing before the log grew and was cosigned",
        where=str(home / restored.FILE),
        found=f"restored {moment.iso(found.restored)}",
        way_out="run the node; in a log that rests, any act of any office brings a new checkpoint",
    )


def registered(office: Office) -> str:
    """Whether the keys in the folder are those that the log has for this office."""
    actor = office.follower.state.actors.get(office.member)
    if actor is None:
        return "the log names no keys of this office yet"
    try:
        here = office.keyring.public()
    except ConfigError:  # told already
        return "not known while the keys cannot be read"
    wrong = [purpose for purpose in ACTOR if getattr(here, purpose) != getattr(actor.keys, purpose)]
    if wrong:
        raise ConfigError(
            "keys in this folder are not those that the log has",
            where=str(office.home / "keys"),
            found=", ".join(wrong),
            way_out="restore keys/ from a newer backup; or comity node register-key, or comity node recover",
        )
    made = min((office.home / "keys" / purpose).stat().st_mtime for purpose in ACTOR)
    return f"those that the log has; the oldest file is of {moment.iso(int(made))}"


def understood(office: Office) -> str:
    """Whether this version reads every leaf; StateVersion for kinds of acts that it does not know."""
    state = office.follower.state
    strange = [index for index in state.breached if _is_strange(office, index)]
    if strange:
        raise StateVersion(
            "acts in the log that this Comity does not read",
            where=f"leaf {', '.join(map(str, strange[:NAMED]))}",
            found=f"{len(strange)}",
            wanted="acts of kinds that this version knows",
            way_out="ask the other offices what they run; take that version",
        )
    return f"all {state.size} leaves are of kinds that this version knows"


def _is_strange(office: Office, index: int) -> bool:
    """Whether a leaf says of itself that it is an act of Comity, of a kind or version that is none of ours."""
    try:
        envelope = dsse.parse(office.follower.reader.leaves(index, index + 1)[0], dsse.IN_TOTO)
        kind = json.loads(envelope.payload)["predicateType"]
    except (FormatError, ValueError, KeyError, TypeError):
        return False
    known = {statement.PREDICATE.format(kind=one) for one in statement.KINDS}
    return isinstance(kind, str) and kind.startswith(statement.PREDICATE.partition("{")[0]) and kind not in known


def overdue(office: Office) -> str:
    """What waits for this office's word, with its deadline; Refused once a deadline passed in silence."""
    state, now, late, open_ = office.follower.state, office.now(), list[str](), list[str]()
    for facts in (state.exchanges[index] for index in state.running):
        if office.member in queries.members_of(state, facts) and office.member not in facts.left:
            said = (facts.shares, facts.answers, facts.unmask)
            step = next((i for i, one in enumerate(said) if office.member not in one), None)
            if step is not None:
                line = f"exchange {facts.opened.ref.index}, {('shares', 'answer', 'unmask')[step]}"
                line += f" until {moment.iso(facts.deadlines[step])}"
                (late if now > facts.deadlines[step] else open_).append(line)
    for audit in (one for one in state.audits.values() if one.asked == office.member and one.answer is None):
        line = f"audit {audit.ref.index} until {moment.iso(audit.deadline)}"
        (late if audits.standing(audit, state.time) == "silent" else open_).append(line)
    if late:
        raise Refused(
            "deadlines passed without this office's word",
            where=office.member,
            found="; ".join(late[:NAMED]),
            way_out="exchanges: is the node running, and its clock right? audits: comity audit answer",
        )
    return "; ".join(open_[:NAMED]) or "no exchange and no audit waits for this office"


def age(office: Office) -> str:
    """How old the newest checkpoint under the quorum is; a log that rests may be old."""
    seen = office.follower.seen
    if seen is None or not seen.times:
        return "no checkpoint under the quorum was read yet"
    hours = max(0, office.now() - seen.time) // 3600
    return f"cosigned {moment.iso(seen.time)}" + (f", {hours} hours ago: is the log at rest?" if hours >= 24 else "")
