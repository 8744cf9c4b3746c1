"""The language of a text, by its tag (BCP 47, RFC 5646): `en`, `pt-BR`, `sr-Latn-RS`.

Decides the form alone: letters and digits in places, no registry. Whether a language is meant, nobody here knows.
"""

import re
from typing import Final

_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def is_tag(text: str) -> bool:
    """Whether a text has the form of a tag.

    >>> is_tag("sr-Latn-RS"), is_tag("English"), is_tag("")
    (True, False, False)
    """
    return _TAG.fullmatch(text) is not None
