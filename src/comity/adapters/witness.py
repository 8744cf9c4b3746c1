"""An outside witness as seen from a log: one call over HTTP, `add-checkpoint` (c2sp.org/tlog-witness).

Decides how long it may take and how much may be said; what is said is judged by `tlog.witness`.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from ssl import SSLContext
from typing import Final

import httpx2

from comity.errors import Unreachable

TIMEOUT: Final = 5.0  # seconds for each step of a call
LONGEST: Final = 10.0  # seconds for all of an answer: a witness that answers byte by byte is none
LARGEST: Final = 64 * 1024  # bytes of an answer: many lines by ML-DSA-44


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, content type and body of an answer, read to its end."""

    status: int
    kind: str
    body: bytes


class OutsideWitness:
    """One witness at its submission prefix, over a connection that stays open. For one thread."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.Client(
            timeout=TIMEOUT,
            trust_env=False,  # no environment variable decides where a hub's bytes go
            verify=_authorities(),
            headers={"user-agent": "comity", "accept-encoding": "identity"},
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def add(self, request: bytes) -> Reply:
        """Ask once; Unreachable if there is no answer, or one too long or too slow to be read."""
        end, parts, size = time.monotonic() + LONGEST, list[bytes](), 0
        try:
            with self._http.stream("POST", f"{self.url}/add-checkpoint", content=request) as answer:
                for part in answer.iter_raw():
                    parts.append(part)
                    size += len(part)
                    if size > LARGEST or time.monotonic() > end:
                        raise self._unreachable(f"{size} bytes and no end")
                return Reply(answer.status_code, answer.headers.get("content-type", ""), b"".join(parts))
        except (httpx2.HTTPError, httpx2.InvalidURL) as e:
            raise self._unreachable(str(e) or type(e).__name__) from None

    def _unreachable(self, found: str) -> Unreachable:
        return Unreachable(
            "an outside witness does not answer",
            where=self.url,
            found=found,
            way_out="nothing waits for it; it is asked again",
        )


@lru_cache(maxsize=1)
def _authorities() -> SSLContext:
    """Certificates that an address with https must be signed by."""
    return httpx2.create_ssl_context(trust_env=False)
