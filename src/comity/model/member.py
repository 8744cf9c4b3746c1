"""Who acts: the kinds of actors, the spelling of their ids, and their keys by purpose.

Who is a member in good standing is decided by `assembly.fold`, from the log alone.
"""

import re
from dataclasses import dataclass
from typing import Literal, NewType

from comity import keys
from comity.errors import FormatError

MemberId = NewType("MemberId", str)  # [a-z0-9-]{2,32}
Role = Literal["member", "custodian", "observer", "candidate", "producer"]
HUB = MemberId("hub")  # the hub operator: signs, sequences, never votes

_ID = re.compile(r"[a-z0-9-]{2,32}")


def member_id(text: str, *, where: str = "member") -> MemberId:
    """A member id in its one spelling, or FormatError; `hub` is nobody's."""
    if not _ID.fullmatch(text) or text == HUB:
        raise FormatError("not a member id", where=where, found=text, wanted="[a-z0-9-]{2,32}, and not 'hub'")
    return MemberId(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One actor's public keys, apart by purpose (texts of `comity.keys`)."""

    sign: str  # statements
    officer: str  # recovery, and what the officer alone may say
    witness: str  # cosignatures

    def registered(self, *, where: str) -> "Keys":
        """The same keys, after strict registration; FormatError for a degenerate or repeated one."""
        for purpose in ("sign", "officer", "witness"):
            keys.register(getattr(self, purpose), where=f"{where}.{purpose}", algorithm=keys.ED25519)
        if len({self.sign, self.officer, self.witness}) != 3:
            raise FormatError("one key for two purposes", where=where, wanted="three different keys")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An actor as the charter or a motion names it."""

    id: str
    area: str  # M49, three digits
    role: Role
    weight: int  # votes; 0 for all but members
    keys: Keys
