"""The built files of the pages, read once: a server goes on with the build that it was started with.

Whoever builds anew under a running server takes no files from it; with several workers, restart all of them then.
"""

import gzip
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
_FOREVER = "public, max-age=31536000, immutable"  # names carry a hash of what is in them
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


class Asset(NamedTuple):
    type: str
    body: bytes
    packed: bool
    """Whether `body` is gzipped; nothing is kept twice."""


def assets(folder: Path) -> dict[str, Asset]:
    """By name; empty where nothing was built."""
    found = {file.name: file for file in sorted(folder.iterdir()) if file.is_file()} if folder.is_dir() else {}
    return {name: _asset(file, found.get(f"{name}.gz")) for name, file in found.items() if file.suffix != ".gz"}


def _asset(file: Path, packed: Path | None) -> Asset:
    type = _TYPES.get(file.suffix, "application/octet-stream")
    return Asset(type, (packed or file).read_bytes(), packed is not None)


def serve(files: Mapping[str, Asset], more: Mapping[str, str]) -> Callable[[Request], Response]:
    """Answers with the file that the path calls `name`, under `more` headers too."""
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding", **more}

    def answer(request: Request) -> Response:
        asset = files.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        told = {**headers, "content-type": asset.type}
        if not asset.packed:
            return Response(asset.body, headers=told)
        if _TAKES_GZIP.search(request.headers.get("accept-encoding", "")):
            return Response(asset.body, headers={**told, "content-encoding": "gzip"})
        return Response(gzip.decompress(asset.body), headers=told)

    return answer
