"""Public files over HTTP, as they lie on disk: what hub and mirror serve, and nothing that is not a file.

Decides caching and what a path may name; knows nothing of what the files mean. Tiles, blobs and releases never change
under one name; a checkpoint, what stands in the first folder or in the twin's, pages of the assembly, and side files of
cosignatures do, and are asked for with their digest (ETag); they are small, and served whole. Files are read in a
thread, large ones piece by piece: whatever one reader asks for, the others are served.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from comity.tlog import sigsum
from comity.tlog.beside import FOLDER

FOREVER: Final = "public, max-age=31536000, immutable"
GUARD: Final = {  # a member's own page lies under the hub's name: it shows, and runs nothing
    "Content-Security-Policy": "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}
PIECE: Final = 2**20  # bytes of a file that are in memory at once
PAGES: Final = "assembly"  # folder of `pages.assembly`
MOVING: Final = ("checkpoint", "checkpoint.pending")
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".csv": "application/vnd.sdmx.data+csv;version=2.0.0; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}


class Static:
    """Answers GET with files below one folder."""

    def __init__(self, public: Path) -> None:
        self._public = public.resolve()
        self._pages = self._public / PAGES
        self._moving = (self._public, self._public / FOLDER, self._public / sigsum.FOLDER)

    async def answer(self, request: Request) -> Response:
        """The file, the rest of it (206), 304 if the reader has it already, or 404."""
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        path = self._file(request.path_params.get("path", ""))
        try:
            file = path.open("rb") if path else None
        except OSError:  # gone since
            file = None
        if path is None or file is None:
            return Response("no such file\n", 404, headers=GUARD, media_type="text/plain")
        moving = path.name in MOVING or path.parent in self._moving or self._pages in path.parents
        kind = TYPES.get(path.suffix, "text/plain; charset=utf-8" if moving else "application/octet-stream")
        headers = {"Cache-Control": "no-cache" if moving else FOREVER} | GUARD
        if not moving or os.fstat(file.fileno()).st_size > PIECE:
            return _lasting(file, request, headers, kind)
        with file:
            data = file.read()
        headers["ETag"] = f'"{sha256(data).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(data, headers=headers, media_type=kind)

    def _file(self, name: str) -> Path | None:
        """The file a path names, if it lies below the folder; links that lead out do not."""
        try:
            path = (self._public / (name or "index.html")).resolve()
            if path.is_dir():
                path = path / "index.html"
            return path if path.is_relative_to(self._public) and path.is_file() else None
        except (OSError, ValueError):  # longer than any name, or with a zero byte in it
            return None


def _lasting(file: BinaryIO, request: Request, headers: dict[str, str], kind: str) -> Response:
    """A file that never changes under its name, or is large: known by size and time, read no further than is sent."""
    with ExitStack() as opened:
        opened.enter_context(file)
        stat = os.fstat(file.fileno())
        headers["ETag"] = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        status, since = 200, _since(request.headers.get("range", ""))
        if 0 < since < stat.st_size:
            headers["Content-Range"] = f"bytes {since}-{stat.st_size - 1}/{stat.st_size}"
            status, kind = 206, "application/octet-stream"
            file.seek(since)
        left = stat.st_size - file.tell()
        if left <= PIECE:
            return Response(file.read(left), status, headers=headers, media_type=kind)
        opened.pop_all()  # whoever sends the pieces closes the file
    headers["Content-Length"] = str(left)
    return StreamingResponse(_pieces(file), status, headers=headers, media_type=kind)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file, never much of it in memory: a slow reader costs one piece."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def _since(header: str) -> int:
    """The first byte asked for by `bytes=N-` (RFC 9110, 14.1.2): a reader has the beginning already; 0 for all else."""
    first = header.removeprefix("bytes=").removesuffix("-")
    return (
        int(first) if header == f"bytes={first}-" and len(first) < 16 and first.isascii() and first.isdecimal() else 0
    )
