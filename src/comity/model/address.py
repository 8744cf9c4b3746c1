"""Where a hub says that it answers: an address by its form alone, before anybody asks there.

Decides what may stand in a motion that moves the log: one spelling that every program reads alike, so that no node is
sent to something that its machine cannot even ask. Whether a hub answers there is for whoever asks.
"""

import re
from typing import Final

LONGEST: Final = 512  # characters of an address
LONGEST_HOST: Final = 253  # RFC 1035, 2.3.4, without the last dot
LAST_PORT: Final = 65535
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1123, 2.1; other scripts as their xn-- form
_ADDRESS: Final = re.compile(
    rf"https?://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]{{2,39}}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?:/[A-Za-z0-9._~/-]*)?"
)


def is_address(text: str) -> bool:
    """Whether it is `http` or `https`, a host of sound labels, a port if any, and a plain path; no user, no query.

    >>> is_address("https://hub.example.org:8443/assembly"), is_address("https://hub..example.org")
    (True, False)
    """
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    return found is not None and len(found["host"]) <= LONGEST_HOST and int(found["port"] or 1) <= LAST_PORT
