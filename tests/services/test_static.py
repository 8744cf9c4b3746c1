"""Public files over HTTP: whole, from a byte on, or not at all; what is asked for again, and what a large one costs."""

import asyncio
import os
import tracemalloc
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from comity.services.static import PIECE, Static

TILE = bytes(range(256)) * 32
LARGE = os.urandom(4096) * (5 * PIECE // 8192) + b"end"  # two pieces and a half


@pytest.fixture
def public(tmp_path: Path) -> Path:
    public = tmp_path / "public"
    (public / "tile").mkdir(parents=True)
    (public / "tile" / "000").write_bytes(TILE)
    (public / "tile" / "large").write_bytes(LARGE)
    (public / "checkpoint").write_bytes(b"first\n")
    (tmp_path / "secret").write_text("a key")
    return public


def get(public: Path, path: str, **headers: str) -> httpx2.Response:
    async def asked() -> httpx2.Response:
        app = Starlette(routes=[Route("/{path:path}", Static(public).answer, methods=["GET"])])
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://hub.example") as caller:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await caller.get(f"/{path}", headers=named)

    return asyncio.run(asked())


@pytest.mark.parametrize(("path", "expected"), [("tile/000", TILE), ("tile/large", LARGE), ("checkpoint", b"first\n")])
def test_a_file_is_served_as_it_lies_there(public: Path, path: str, expected: bytes) -> None:
    answer = get(public, path)
    assert (200, str(len(expected))) == (answer.status_code, answer.headers["content-length"])
    assert expected == answer.content


@pytest.mark.parametrize(("path", "whole"), [("tile/000", TILE), ("tile/large", LARGE)])
@pytest.mark.parametrize("since", [1, 100, -1])
def test_the_rest_of_a_file_is_served_from_a_byte_on(public: Path, path: str, whole: bytes, since: int) -> None:
    since %= len(whole)
    answer = get(public, path, range=f"bytes={since}-")
    assert (206, whole[since:]) == (answer.status_code, answer.content)
    assert f"bytes {since}-{len(whole) - 1}/{len(whole)}" == answer.headers["content-range"]


@pytest.mark.parametrize(
    "asked", ["bytes=" + "9" * 5000 + "-", f"bytes={len(TILE)}-", "bytes=-5", "bytes=0-1", "x", ""]
)
def test_all_other_ranges_are_the_whole_file(public: Path, asked: str) -> None:
    """A server may leave a range out of account (RFC 9110, 14.2)."""
    answer = get(public, "tile/000", range=asked)
    assert (200, TILE) == (answer.status_code, answer.content)


@pytest.mark.parametrize("path", ["tile/000", "tile/large", "checkpoint"])
def test_who_has_a_file_gets_it_once(public: Path, path: str) -> None:
    tag = get(public, path).headers["etag"]
    answer = get(public, path, if_none_match=tag)
    assert (304, b"", tag) == (answer.status_code, answer.content, answer.headers["etag"])


def test_a_checkpoint_is_known_by_its_digest_and_by_nothing_else(public: Path) -> None:
    """Two that are written in one tick of the clock have one length, and may have one time."""
    path, tag = public / "checkpoint", get(public, "checkpoint").headers["etag"]
    assert f'"{sha256(b"first" + bytes([10])).hexdigest()[:32]}"' == tag
    before = path.stat()
    path.write_bytes(b"other\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    answer = get(public, "checkpoint", if_none_match=tag)
    assert (200, b"other\n") == (answer.status_code, answer.content)


@pytest.mark.parametrize("path", ["tile/huge", "huge"])
def test_one_byte_of_a_large_file_costs_one_byte(public: Path, path: str) -> None:
    size = 64 * 2**20
    with (public / path).open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    answer = get(public, path, range=f"bytes={size - 1}-")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert b"\0" == answer.content
    assert peak < 4 * PIECE


@pytest.mark.parametrize("path", ["..%2fsecret", "%2fetc%2fpasswd", "none", "tile", "a" * 300, "%00"])
def test_what_is_no_public_file_is_not_found(public: Path, path: str) -> None:
    assert 404 == get(public, path).status_code
