"""The resident's page: a few static files, compressed once at start."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from aiohttp import web

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page, plain and compressed."""

    body: bytes
    compressed: bytes
    content_type: str
    etag: str


class PageFiles:
    """The files of a page, read and compressed once."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in folder.iterdir() if path.is_file()}

    def send(self, request: web.Request, name: str) -> web.Response:
        """One of them, or 304 for whoever has it already. Raises HTTPNotFound."""
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound
        headers = {**SECURITY_HEADERS, "ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == file.etag:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(
                body=file.compressed, headers={**headers, "Content-Encoding": "gzip", "Content-Type": file.content_type}
            )
        return web.Response(body=file.body, headers={**headers, "Content-Type": file.content_type})


class PageRoutes:
    """`/` and the files that it loads."""

    def __init__(self) -> None:
        self._files = PageFiles(Path(str(resources.files(__package__).joinpath("page"))))

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/", self.index), web.get("/page/{name}", self.file), web.get("/favicon.ico", self.icon)]

    async def index(self, request: web.Request) -> web.Response:
        """The page itself."""
        return self._files.send(request, "index.html")

    async def file(self, request: web.Request) -> web.Response:
        """One of its files."""
        return self._files.send(request, request.match_info["name"])

    async def icon(self, request: web.Request) -> web.Response:
        """No icon of that old name: the page names its own."""
        return web.Response(status=204)


def _read(path: Path) -> PageFile:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml", "application/manifest+json")
    digest = hashlib.sha256(body).hexdigest()[:16]
    return PageFile(body, gzip.compress(body, 9, mtime=0), f"{kind}; charset=utf-8" if text else kind, f'"{digest}"')
