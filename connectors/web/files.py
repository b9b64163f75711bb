"""`/api/v1/conversations/{id}/files/{file}`: what a resident sent, and what was made or came for them."""

from __future__ import annotations

import re
from urllib.parse import quote

from aiohttp import web

from connectors.web.conversations import token_of
from connectors.web.service import Conversations, Files
from knowledge.files import StoredFile

SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"}
"""Kinds that a browser shows and that run nothing in our page's name. Any other is for saving (SVG, HTML)."""

MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class FileRoutes:
    """The files of a conversation, for whoever has its token."""

    def __init__(self, conversations: Conversations, files: Files) -> None:
        self._conversations = conversations
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/api/v1/conversations/{id}/files/{file}", self.file)]

    async def file(self, request: web.Request) -> web.Response:
        """GET: the file as it is, under its own name."""
        conversation = request.match_info["id"]
        await self._conversations.admit(conversation, token_of(request))
        file, content = await self._files.get(conversation, request.match_info["file"])
        return web.Response(body=content, headers=file_headers(file))


def file_headers(file: StoredFile) -> dict[str, str]:
    """How a stored file is answered: shown only where it runs nothing, kept by nobody."""
    shown = file.media_type in SHOWN
    return {
        "Content-Type": file.media_type if MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream",
        "Content-Disposition": _disposition("inline" if shown else "attachment", file.name),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",  # the address may hold the token
    }


def _disposition(how: str, name: str) -> str:
    """RFC 6266: the name in UTF-8 for all browsers of today, its ending in ASCII for the rest."""
    ending = re.search(r"\.\w{1,8}$", name, re.ASCII)
    plain = f"file{ending[0] if ending else ''}"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name or plain, safe='')}"
