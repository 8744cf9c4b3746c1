"""Public files over HTTP, as they lie on disk: what hub and mirror serve, and nothing that is not a file.

Decides caching and what a path may name; knows nothing of what the files mean. Tiles, blobs and releases never change
under one name; a checkpoint, what stands in the first folder or in the twin's, and side files of cosignatures do, and
are asked for with their digest (ETag).
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comity.tlog import sigsum
from comity.tlog.beside import FOLDER

FOREVER: Final = "public, max-age=31536000, immutable"
GUARD: Final = {  # a member's own page lies under the hub's name: it shows, and runs nothing
    "Content-Security-Policy": "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}
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
        self._moving = (self._public, self._public / FOLDER, self._public / sigsum.FOLDER)

    async def answer(self, request: Request) -> Response:
        """The file, the rest of it (206), 304 if the reader has it already, or 404."""
        path = self._file(request.path_params.get("path", ""))
        if path is None:
            return Response("no such file\n", 404, headers=GUARD, media_type="text/plain")
        data = path.read_bytes()
        tag = f'"{sha256(data).hexdigest()[:32]}"'
        moving = path.name in MOVING or path.parent in self._moving
        headers = {"ETag": tag, "Cache-Control": "no-cache" if moving else FOREVER} | GUARD
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if (since := _since(request.headers.get("range", ""))) and since < len(data):
            headers["Content-Range"] = f"bytes {since}-{len(data) - 1}/{len(data)}"
            return Response(data[since:], 206, headers=headers, media_type="application/octet-stream")
        kind = TYPES.get(path.suffix, "text/plain; charset=utf-8" if moving else "application/octet-stream")
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


def _since(header: str) -> int:
    """The first byte asked for by `bytes=N-` (RFC 9110, 14.1.2): a reader has the beginning already; 0 for all else."""
    first = header.removeprefix("bytes=").removesuffix("-")
    return int(first) if header == f"bytes={first}-" and first.isascii() and first.isdecimal() else 0
