"""Recordings over HTTP: an agent's browser brings the parts of what it records, a supervisor looks at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import structlog
from aiohttp import web
from pydantic import Field

from connectors.desk.session import Sessions
from connectors.video.service import VideoDesk
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem
from knowledge.recordings import MOST_PARTS, Recording, Recordings
from knowledge.reveals import Reveals

log = structlog.get_logger()

MOST_BYTES = 8 * 1024 * 1024
"""One part: some seconds of video are about 1 MB."""

SHORTEST_REASON = 2


class BeginRequest(Strict):
    """What the browser records."""

    media_type: Annotated[str, Field(pattern=r"^video/(webm|mp4)(; ?codecs=[\w.,\" ]{1,60})?\Z")]


class EndRequest(Strict):
    """How many parts there are."""

    parts: Annotated[int, Field(ge=0, le=MOST_PARTS)]


class RecordingRoutes:
    """`/desk/api/calls/{id}/recordings` and `/desk/api/recordings/{id}…`."""

    def __init__(
        self,
        sessions: Sessions,
        desk: VideoDesk,
        recordings: Recordings,
        reveals: Reveals,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._desk = desk
        self._recordings = recordings
        self._reveals = reveals
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/calls/{id}/recordings", self.listed),
            web.post("/desk/api/calls/{id}/recordings", self.begin),
            web.get("/desk/api/recordings/{id}", self.state),
            web.put("/desk/api/recordings/{id}/parts/{number}", self.put),
            web.post("/desk/api/recordings/{id}/end", self.end),
            web.get("/desk/api/recordings/{id}/content", self.content),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """GET: the recordings of a call, without their content."""
        call = await self._desk.admit(request.match_info["id"], await self._sessions.staff(request))
        return _json({"recordings": [_shown(each) for each in await self._recordings.of_call(call.id)]})

    async def begin(self, request: web.Request) -> web.Response:
        """POST: a new recording, once the other side has agreed."""
        staff = await self._sessions.staff(request)
        wanted = await read_json(request, BeginRequest)
        call = await self._desk.admit(request.match_info["id"], staff)
        recording = await self._recordings.begin(call.id, staff.id, wanted.media_type, self._clock())
        log.info("recording_begun", call=call.number, recording=recording.id)
        return _json(_shown(recording), status=201)

    async def state(self, request: web.Request) -> web.Response:
        """GET: which of the first `?upto=` parts are missing: where an upload goes on."""
        staff = await self._sessions.staff(request)
        recording = await self._recordings.find(request.match_info["id"], staff.id)
        upto = min(_number(request.query.get("upto", "0")), MOST_PARTS)
        return _json({**_shown(recording), "missing": await self._recordings.missing(recording.id, upto)})

    async def put(self, request: web.Request) -> web.Response:
        """PUT: one part as it is; the same again changes nothing."""
        staff = await self._sessions.staff(request)
        content = await _part(request)
        number = _number(request.match_info["number"])
        await self._recordings.put(request.match_info["id"], staff.id, number, content)
        return web.Response(status=204)

    async def end(self, request: web.Request) -> web.Response:
        """POST: nothing more is recorded."""
        staff = await self._sessions.staff(request)
        wanted = await read_json(request, EndRequest)
        id = request.match_info["id"]
        return _json(_shown(await self._recordings.finish(id, staff.id, wanted.parts, self._clock())))

    async def content(self, request: web.Request) -> web.StreamResponse:
        """GET: the recording, for supervisors; the `?reason=` is written down first."""
        staff = await self._sessions.staff(request, "supervise")
        reason = request.query.get("reason", "").strip()[:200]
        if len(reason) < SHORTEST_REASON:
            raise Problem("reason_needed")
        recording = await self._recordings.find(request.match_info["id"])
        call = await self._desk.admit(recording.call_id, staff)
        now = self._clock()
        await self._reveals.note(staff.id, call.handoff_id, recording.conversation_id, "recording", reason, now)
        log.info("recording_watched", recording=recording.id, staff=staff.id)
        return await self._streamed(request, recording)

    async def _streamed(self, request: web.Request, recording: Recording) -> web.StreamResponse:
        ending = "mp4" if recording.media_type.startswith("video/mp4") else "webm"
        headers = {
            "Content-Type": recording.media_type.partition(";")[0],
            "Content-Disposition": f'inline; filename="{recording.id}.{ending}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for part in self._recordings.content(recording.id):
            await response.write(part)
        await response.write_eof()
        return response


async def _part(request: web.Request) -> bytes:
    content = bytearray()
    async for chunk in request.content.iter_chunked(256 * 1024):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Problem("too_large")
    if not content:
        raise Problem("wrong_fields", reason="body: empty")
    return bytes(content)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Problem("not_found")
    return int(text)


def _shown(recording: Recording) -> dict[str, Any]:
    return {
        "id": recording.id,
        "call": recording.call_id,
        "media_type": recording.media_type,
        "started_at": recording.started_at.astimezone(UTC).isoformat(),
        "ended_at": recording.ended_at.astimezone(UTC).isoformat() if recording.ended_at else None,
        "parts": recording.parts,
        "stored": recording.stored,
        "size": recording.size,
        "whole": recording.is_whole,
    }


def _json(body: Any, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)
