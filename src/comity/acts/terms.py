"""What a motion must say in the leaf itself, since the log acts on it: rules, offices, the hub, witnesses.

The thing of a motion on one of these matters is the canonical JSON of `Terms`; the motion holds it whole beside its
digest (`acts.motion.Motion.terms`), so that whoever votes reads what will hold, and no body can be missing.
"""

from dataclasses import dataclass

from comity.acts.charter import Hub, Matter, Office, Rule, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What becomes of the charter; None, or no entry, leaves it as it is."""

    rules: dict[str, Rule]  # Matter -> Rule, of those that change
    recused: tuple[Matter, ...] | None = None
    groups: dict[str, tuple[str, ...]] | None = None
    offices: tuple[Office, ...] | None = None
    challenge_seconds: int | None = None
    estimate_seconds: int | None = None
    silence: Silence | None = None
    audit_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Who fills an office: by the member that nominates, never by a person."""

    office: str
    member: str
    starts: int  # POSIX seconds
    until: int  # POSIX seconds, the first at which it is held no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where the log goes: a hub of other keys, which show by themselves that it holds them, under another name.

    proofs: by the keys `sign` and `log`, over `acts.key.possession` of the hub in the log of this origin.
    """

    origin: str  # of the log from then on, a URL without scheme, never used before
    hub: Hub
    host: str  # the member whose state hosts it, "" if none does
    proofs: tuple[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Exactly one of these: the motion's matter says which."""

    charter: Amendment | None = None
    office: Appointment | None = None
    hub: Host | None = None
    witnesses: tuple[str, ...] | None = None  # ids of members, sorted: the charter's whole set from then on
