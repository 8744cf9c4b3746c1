"""Which checkpoints count (c2sp.org/tlog-policy): known logs, known witnesses, and how many of them must have cosigned.

Decides whether a note satisfies a quorum, and at what time the quorum saw it. A witness counts once, by its key; a
policy with one key under two names is refused. What a cosignature claims is in `cosignature`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError, NotVerified, QuorumShort
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import signed_by_one, time_of
from comity.tlog.note import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, Vkey
from comity.tlog.spelling import text_of

NONE = "none"  # the quorum that asks for no witness
MOST = 512  # lines of each kind that are read; the standard recommends 32 at least


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose checkpoints may count; its vkey's name is its origin."""

    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness under the name that groups and the quorum use."""

    name: str
    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as a witness when `least` of its members do."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """Witnesses, groups of them in the order of their definition, and the one name that must be satisfied."""

    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    name: str

    def __post_init__(self) -> None:
        _check_keys("witness", (COSIGNATURE, MLDSA_COSIGNATURE), [witness.vkey for witness in self.witnesses])
        known, listed = {NONE}, {NONE}
        for witness in self.witnesses:
            _define(witness.name, known)
        for group in self.groups:
            for member in group.members:
                if member not in known or member in listed:
                    raise _bad("a member is unknown, or is a member twice", f"{group.name}: {member}")
                listed.add(member)
            if not 1 <= group.least <= len(group.members):
                raise _bad("a group of n wants 1 to n", f"{group.name}: {group.least} of {len(group.members)}")
            _define(group.name, known)
        if self.name not in known:
            raise _bad("the quorum is not defined", self.name)

    def satisfied_by(self, names: Iterable[str]) -> bool:
        """Whether witnesses of these names, all of whose cosignatures hold, are enough."""
        seen = {witness.name for witness in self.witnesses} & set(names)
        for group in self.groups:
            if len(seen.intersection(group.members)) >= group.least:
                seen.add(group.name)
        return self.name == NONE or self.name in seen

    @property
    def rule(self) -> str:
        """The quorum in words, for messages."""
        group = next((group for group in self.groups if group.name == self.name), None)
        return f"{group.least} of {', '.join(group.members)}" if group else self.name


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that satisfied a quorum, and when each witness of the quorum cosigned it (POSIX seconds)."""

    checkpoint: Checkpoint
    times: tuple[tuple[str, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Witnesses that count, in the policy's order."""
        return tuple(name for name, _ in self.times)

    @property
    def time(self) -> int:
        """Median of the times, the lower of two in the middle: no minority can move it beyond an honest witness."""
        if not self.times:
            raise QuorumShort("no witness says when", where=self.checkpoint.origin, wanted="one cosignature at least")
        return sorted(time for _, time in self.times)[(len(self.times) - 1) // 2]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier trusts: a checkpoint of any of the logs, under the quorum."""

    logs: tuple[Log, ...]
    quorum: Quorum

    def __post_init__(self) -> None:
        _check_keys("log", (ED25519, MLDSA_COSIGNATURE), [log.vkey for log in self.logs])
        for url in [log.url for log in self.logs] + [witness.url for witness in self.quorum.witnesses]:
            if any(c in " \t\n" for c in url):
                raise _bad("an address with a space", url)

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read a policy file; comments and blanks are dropped, all else must be understood, and be UTF-8."""
        logs, witnesses, groups, quorums = [], [], [], []
        for line in _lines(data if isinstance(data, bytes) else data.encode(errors="surrogatepass")):
            match [word for word in line.split(" ") if word]:
                case ["log", vkey, *url] if len(url) < 2:
                    logs.append(Log(Vkey.parse(vkey), *url))
                case ["witness", name, vkey, *url] if len(url) < 2:
                    witnesses.append(Witness(name, Vkey.parse(vkey), *url))
                case ["group", name, least, *members] if members:
                    groups.append(Group(name, _least(least, len(members)), tuple(members)))
                    # Checked here already: a name may only be used below the line that defines it.
                    Quorum(tuple(witnesses), tuple(groups), name)
                case ["quorum", name]:
                    quorums.append(Quorum(tuple(witnesses), tuple(groups), name).name)
                case _:
                    raise _bad("a line that no policy has", line)
            if max(len(logs), len(witnesses), len(groups)) > MOST:
                raise _bad(f"more than {MOST} lines of one kind", line)
        if len(quorums) != 1:
            raise FormatError("not one quorum", where="policy", found=str(len(quorums)), wanted="one quorum line")
        return cls(tuple(logs), Quorum(tuple(witnesses), tuple(groups), quorums[0]))

    def __str__(self) -> str:
        rows = [f"log {log.vkey} {log.url}" for log in self.logs]
        rows += [f"witness {witness.name} {witness.vkey} {witness.url}" for witness in self.quorum.witnesses]
        rows += [f"group {g.name} {g.least} {' '.join(g.members)}" for g in self.quorum.groups]
        return "".join(f"{row.rstrip()}\n" for row in [*rows, f"quorum {self.quorum.name}"])

    def check(self, note: Note) -> Cosigned:
        """The checkpoint of a note that a known log signed under the quorum; NotVerified or QuorumShort otherwise."""
        checkpoint = Checkpoint.of(note)
        logs = [log.vkey for log in self.logs if log.vkey.name == checkpoint.origin]
        if not signed_by_one(note, logs):
            wanted = ", ".join(str(log.vkey) for log in self.logs)
            raise NotVerified(
                "the checkpoint is not signed by a known log",
                where=f"checkpoint of {checkpoint.origin}",
                found=", ".join(line.name for line in note.signatures),
                wanted=wanted,
                way_out="check the charter or policy that names the log's key",
            )
        return cosigned(note, self.quorum)


def cosigned(note: Note, quorum: Quorum) -> Cosigned:
    """The note's checkpoint with the witnesses that count; QuorumShort if they are too few.

    NotVerified if a line names a known witness but its signature does not hold (signed-note: reject the whole note).
    A witness that cosigned twice counts once, at its earlier time. The log's own signature is not looked at.
    """
    checkpoint = Checkpoint.of(note)
    times = []
    for witness in quorum.witnesses:
        found = [time_of(line, witness.vkey, note.text) for line in note.signatures if line.names(witness.vkey)]
        if None in found:
            what, where = "a cosignature does not hold", f"checkpoint {checkpoint.size} of {checkpoint.origin}"
            raise NotVerified(what, where=where, found=f"a line that names {witness.name}", wanted="its signature")
        if valid := [time for time in found if time is not None]:
            times.append((witness.name, min(valid)))
    if not quorum.satisfied_by(name for name, _ in times):
        raise QuorumShort(
            "too few witnesses cosigned",
            where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
            found=f"{len(times)}: {', '.join(name for name, _ in times) or 'none'}",
            wanted=quorum.rule,
            way_out="wait for further cosignatures, or ask another mirror",
        )
    return Cosigned(checkpoint, tuple(times))


def charter_quorum(vkeys: Sequence[Vkey], name: str = "charter-quorum") -> Quorum:
    """The quorum that a charter's witnesses make: of W, f = floor((W-1)/3) may be bad, more than (W+f)/2 must cosign.

    Then any two quorums share an honest witness, and the honest ones alone are a quorum.
    """
    if not vkeys:
        raise FormatError("a charter without witnesses", where="quorum", found="0", wanted="one at least")
    return least_quorum(vkeys, charter_least(len(vkeys)), name)


def charter_least(count: int) -> int:
    """How many of so many witnesses of a charter must have cosigned."""
    return (count + (count - 1) // 3) // 2 + 1


def least_quorum(vkeys: Sequence[Vkey], least: int, name: str = "charter-quorum") -> Quorum:
    """The quorum of any `least` of these witnesses, which are as many at least."""
    witnesses = tuple(Witness(vkey.name, vkey) for vkey in vkeys)
    return Quorum(witnesses, (Group(name, least, tuple(vkey.name for vkey in vkeys)),), name)


def _lines(data: bytes) -> Iterator[str]:
    """The lines that say something. Comments are octets; names and addresses must be text, to be shown to people."""
    if any((octet < 0x20 and octet not in b"\t\n") or octet == 0x7F for octet in data):
        raise _bad("a control character other than tab and newline", data[:60].decode(errors="replace"))
    for line in data.replace(b"\t", b" ").split(b"\n"):
        line = line.strip(b" ")
        if line and not line.startswith(b"#"):
            yield text_of(line, where="policy")


def _least(word: str, members: int) -> int:
    """Threshold of a group line."""
    number = {"any": 1, "all": members}.get(word)
    if number is None and word.isascii() and word.isdigit() and len(word) < 4:
        number = int(word)
    if number is None:
        raise _bad("not a threshold", word)
    return number


def _define(name: str, known: set[str]) -> None:
    """One namespace for witnesses and groups."""
    if not name or name in known or any(c in " \t\n" for c in name):
        raise _bad("a name is taken, reserved, or cannot be written", name)
    known.add(name)


def _check_keys(role: str, algorithms: Collection[int], vkeys: Sequence[Vkey]) -> None:
    """Keys of the role's algorithms, each once whatever its name."""
    for vkey in vkeys:
        if vkey.algorithm not in algorithms:
            raise _bad(f"not a key of a {role}", str(vkey))
    if len({vkey.key for vkey in vkeys}) != len(vkeys):
        raise _bad(f"one {role} key under two names", ", ".join(vkey.name for vkey in vkeys))


def _bad(what: str, found: str) -> FormatError:
    return FormatError(what, where="policy", found=repr(found), wanted="c2sp.org/tlog-policy")
