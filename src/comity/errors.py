"""One tree of errors. Each says what, where, found, wanted, and the way out.

    ComityError
    ├── Refused        1   the answer is no: not verified, not admitted, spent, too few witnesses
    │   ├── NotVerified, NotAdmitted, BudgetSpent, QuorumShort, SealBroken, PolicyRefuses, DemoFailed
    ├── UsageError     2   a command, configuration or state folder that cannot be used as given
    │   ├── ConfigError, StateVersion, Locked
    ├── BadInput       3   bytes or data that no specification of ours allows
    │   ├── FormatError, SourceError
    └── WorldError     4   the world did not answer; the same call may work later
        ├── Unreachable, PortTaken, DiskFull, ClockOff

Exit 70 is any other exception: our bug. Decides nothing about wording in other languages: see `pages.words`.
"""

from typing import ClassVar


class ComityError(Exception):
    """Root of the tree; one line, whatever it is made of.

    Args:
        what: what happened, as a statement.
        where: file, field, leaf or address it happened at.
        found: what was there.
        wanted: what would have been accepted.
        way_out: what the reader can do now.
    """

    code: ClassVar[str] = "comity"
    exit: ClassVar[int] = 70

    def __init__(self, what: str, *, where: str = "", found: str = "", wanted: str = "", way_out: str = "") -> None:
        self.what, self.where, self.found, self.wanted, self.way_out = what, where, found, wanted, way_out
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        tail = [f"found {_line(self.found)}"] * bool(self.found) + [f"wanted {self.wanted}"] * bool(self.wanted)
        text = "; ".join([head, *tail]) + (f"; way out: {self.way_out}" if self.way_out else "")
        return visible(" ".join(text.split()))


def visible(text: str) -> str:
    r"""Text of others as it may be shown: what would steer a terminal, or turn the reading order, is spelt out.

    >>> visible("\x1b[2K\u202everified"), visible("Côte d’Ivoire")
    ('\\x1b[2K\\u202everified', 'Côte d’Ivoire')
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    """Joiners, which some scripts need, and spaces of any width are shown as they are."""
    if character.isprintable() or character in "\u200c\u200d\u00a0\u202f":
        return character
    return character.encode("unicode_escape").decode()


def _line(text: str) -> str:
    """What was found may be a megabyte: the reader needs its beginning."""
    return text if len(text) <= 160 else text[:157] + "..."


class Refused(ComityError):
    """The answer is no, and the reason can be said in public."""

    code, exit = "refused", 1


class NotVerified(Refused):
    """A proof, signature, digest or figure does not hold."""

    code = "verify.failed"


class NotAdmitted(Refused):
    """The log's rules speak against an act (`assembly.fold.admit`)."""

    code = "act.not-admitted"


class BudgetSpent(Refused):
    """The privacy budget does not allow this release."""

    code = "budget.spent"


class QuorumShort(Refused):
    """A checkpoint carries too few cosignatures of the witnesses that count."""

    code = "quorum.short"


class SealBroken(Refused):
    """A box, share, seed, vector or view of an exchange is not what the log says it is."""

    code = "seal.broken"


class PolicyRefuses(Refused):
    """National policy does not allow what was asked."""

    code = "policy.refuses"


class DemoFailed(Refused):
    """A command of the demonstration did not do what its story says. `tail`: the last lines that it wrote."""

    code = "demo.failed"
    tail = ""


class UsageError(ComityError):
    """A command that cannot be carried out as it was given."""

    code, exit = "usage", 2


class ConfigError(UsageError):
    """A configuration or policy file that is not what this version reads."""

    code = "config.bad"


class StateVersion(UsageError):
    """A state folder written by an older or newer Comity."""

    code = "state.version"


class Locked(UsageError):
    """Another process works on this state folder."""

    code = "state.locked"


class BadInput(ComityError):
    """Input that no specification of ours allows."""

    code, exit = "input.bad", 3


class FormatError(BadInput):
    """Bytes that no specification of ours allows."""

    code = "format.bad"


class SourceError(BadInput):
    """National data that do not fit the binding: a missing column, a code outside the list, a broken file."""

    code = "source.bad"


class WorldError(ComityError):
    """The world did not answer; the same call may work later."""

    code, exit = "world", 4


class Unreachable(WorldError):
    """An address did not answer, or answered something else."""

    code = "world.unreachable"


class PortTaken(WorldError):
    """A port that a service wants is in use."""

    code = "world.port-taken"


class DiskFull(WorldError):
    """A file could not be written in full; nothing half-written was left."""

    code = "world.disk-full"


class ClockOff(WorldError):
    """This machine's clock is too far from the time that the witnesses agree on."""

    code = "world.clock-off"
