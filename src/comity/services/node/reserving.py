"""An office applies a norm but for some of its parts, and says so before it answers; or applies it whole again.

Reads the log first, by the same rules as the running node. What the log cannot tell is checked here: that the parts
are parts of the norm's text. Of a recognised outside norm nobody here has the text, so its parts are taken as said.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.charter import NORMS
from comity.acts.motion import Reservation
from comity.acts.refs import Blob
from comity.assembly import queries
from comity.assembly.facts import InForce
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import NotAdmitted, UsageError
from comity.model.norm import Norm
from comity.services.node import floor
from comity.services.node.floor import PATIENCE, Said
from comity.services.node.office import Office

SHOWN: Final = 24  # parts of a norm that an error lists


def enter(
    home: Path,
    norm: str,
    parts: Sequence[str],
    *,
    text: str = "",
    language: str = "en",
    patience: float = PATIENCE,
) -> Said:
    """Reserve parts of a norm in force (digest, id or id/version); the same again is the same reservation.

    Args:
        text: why, and what is done instead; kept beside the log.

    Raises:
        UsageError: no such norm, no part, or a part that the norm does not have.
    """
    if not parts:
        raise UsageError(
            "no part is named", where=norm, wanted="such as question:Q7", way_out="comity reservation lift"
        )
    with Office.open(home, runs=False) as office:
        state = floor.until(office, lambda state: bool(_named(state, norm)), patience)
        thing = norm_of(state, norm)
        wanted = tuple(sorted(set(parts)))
        if thing.matter == "norm":
            _of_the_norm(canon.decode(office.text(thing.thing.digest), Norm, where="norm"), wanted)
        data = text.encode()
        body = Reservation(
            norm=thing.thing.digest,
            parts=wanted,
            text=Blob(digest=canon.digest(data), size=len(data)) if data else None,
            language=language if data else "",
        )
        stands = queries.reservation(state, body.norm, office.member)
        if stands and (stands.parts, stands.text, stands.language) == (body.parts, body.text, body.language):
            said = Said(kind="reservation", index=stands.ref.index, leaf=stands.ref.digest)
        else:
            said = _say(office, body)
        if data:
            office.send((data,))
        return said


def lift(home: Path, norm: str) -> Said:
    """Apply a norm whole again; NotAdmitted if nothing of it is reserved."""
    with Office.open(home, runs=False) as office:
        held = _held(floor.until(office, lambda state: True, 0), norm, office.member)
        if not held:
            raise NotAdmitted("this office reserves nothing of it", where=norm, way_out="comity reservation list")
        return _say(office, Reservation(norm=held[-1], parts=(), text=None, language=""))


def norm_of(state: State, word: str) -> InForce:
    """A norm in force by digest, id or id/version; UsageError if there is none."""
    named = _named(state, word)
    if not named:
        known = ", ".join(thing.name for matter in NORMS for thing in queries.standing(state, matter)) or "none"
        raise UsageError("no such norm is in force", where=word, wanted=known, way_out="comity norm list")
    return named[-1]


def _named(state: State, word: str) -> list[InForce]:
    standing = [thing for matter in NORMS for thing in queries.standing(state, matter)]
    return [thing for thing in standing if word in (thing.thing.digest, thing.name, thing.name.partition("/")[0])]


def _held(state: State, word: str, member: str) -> list[Digest]:
    """Norms with this name of which the member reserves parts, in force or not."""
    found = []
    for norm, who in state.reservations:
        names = {motion.name for motion in queries.motions_about(state, norm)}
        known = {norm, *names, *(name.partition("/")[0] for name in names)}
        if who == member and word in known and queries.reservation(state, norm, member):
            found.append(norm)
    return found


def _of_the_norm(norm: Norm, parts: Sequence[str]) -> None:
    """UsageError if a part is none of the norm."""
    known = list(norm.parts())
    if wrong := [part for part in parts if part not in known]:
        listed = ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
        raise UsageError("the norm has no such part", where=norm.name, found=", ".join(wrong), wanted=listed)


def _say(office: Office, body: Reservation) -> Said:
    """What was said before and then lifted may be said again."""
    spoken = office.say(body, again=True)
    return Said(kind="reservation", index=spoken.index, leaf=canon.digest(spoken.leaf))
