"""What an officer should look at before saying yes: a key of the catalogue and what fills its places.

For the office's own eyes, unlike a reason (`model.reason`): it may tell what the data hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning; `pages.words` words it. key: "warning.…"."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
