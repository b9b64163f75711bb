"""One page's line in a call: a WebSocket that relays between pages and tells each how the call stands.

What must hold (who is in it, the consent, the end) is stored first; other lines are then only told that something
changed, and look for themselves. Descriptions and candidates pass through: a page that misses one offers again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from connectors.video.ice import IceServers
from connectors.video.messages import (
    MOST_BYTES,
    AnswerRecording,
    AskPhoto,
    AskRecording,
    HangUp,
    Said,
    Signal,
    State,
    read,
)
from connectors.video.service import VideoDesk, Wire
from connectors.video.showing import state_of
from connectors.web.problems import Problem
from knowledge.call import RESIDENT, CallEnded, CallFull, CallNotFound, NotAsked, NotInCall, Seat
from knowledge.calls import Calls
from knowledge.database import DatabaseUnavailable

log = structlog.get_logger()

PROTOCOL = "bangban-call"
BEAT_SECONDS = 10.0
"""How often a line says that its page is there, and looks for what Redis may have lost."""

ENDED, REPLACED, REFUSED, NOT_UNDERSTOOD = 4000, 4001, 4002, 4003
"""Close codes: the call is over; another page has this seat; you may not (any more); what was that."""

Join = Callable[[str | None], Awaitable[Seat]]
Check = Callable[[], Coroutine[Any, Any, object]]


class LineOver(Exception):
    """The line ends, and with that code the page knows why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Lines:
    """All lines of this process."""

    def __init__(
        self, desk: VideoDesk, calls: Calls, wire: Wire, ice: IceServers, clock: Callable[[], datetime]
    ) -> None:
        self.desk = desk
        self.calls = calls
        self.wire = wire
        self.ice = ice
        self.clock = clock
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, call: str, join: Join, still_allowed: Check) -> web.WebSocketResponse:
        """Keep a page's line until it or the call ends. `still_allowed` raises Problem once the page may no more."""
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=MOST_BYTES, protocols=(PROTOCOL,))
        await socket.prepare(request)
        self._open.add(socket)
        try:
            async with self.wire.listening(call) as heard:
                seat = await join(request.query.get("peer"))
                await Line(self, socket, seat, heard, still_allowed).run()
        except (CallEnded, CallNotFound):
            await socket.close(code=ENDED, message=b"ended")
        except CallFull:
            await socket.close(code=REFUSED, message=b"full")
        finally:
            self._open.discard(socket)
        return socket

    async def changed(self, call: str) -> None:
        """Tell all lines of a call to look."""
        await self.wire.tell(call, orjson.dumps({"changed": True}))

    async def close(self, _: web.Application) -> None:
        """The process ends: pages connect again, to another one."""
        await asyncio.gather(*(socket.close(code=1012) for socket in list(self._open)), return_exceptions=True)


class Line:
    """One page in its seat."""

    def __init__(
        self,
        lines: Lines,
        socket: web.WebSocketResponse,
        seat: Seat,
        heard: asyncio.Queue[bytes],
        still_allowed: Check,
    ) -> None:
        self._lines = lines
        self._socket = socket
        self._seat = seat
        self._heard = heard
        self._still_allowed = still_allowed
        self._shown: dict[str, Any] = {}

    async def run(self) -> None:
        """Until either side closes."""
        await self._welcome()
        tasks = [asyncio.create_task(work()) for work in (self._listen, self._relay, self._beat)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            await self._left()
        await self._close(end for end in ends if isinstance(end, Exception))

    async def _close(self, ends: Iterable[Exception]) -> None:
        """With the code that tells the page why; it connects again when there is none."""
        code = int(WSCloseCode.OK)
        for end in ends:
            if isinstance(end, LineOver):
                code = end.code
            elif not isinstance(end, ConnectionError | DatabaseUnavailable):
                raise end
        await self._socket.close(code=code)

    async def _welcome(self) -> None:
        call = await self._lines.calls.find(self._seat.call_id)
        now = self._lines.clock()
        await self._send(
            type="welcome",
            peer=self._seat.peer,
            seat=self._seat.seat,
            ice=self._lines.ice.told(self._seat.peer, now),
            watermark=await self._lines.desk.watermark(self._seat, call),
            now=now.isoformat(),
        )
        await self._lines.changed(self._seat.call_id)

    async def _left(self) -> None:
        """The socket is gone; whoever hung up has left already."""
        with suppress(DatabaseUnavailable):
            seat = self._seat
            await self._lines.calls.dropped(seat.call_id, seat.seat, seat.peer, self._lines.clock())
            await self._lines.changed(seat.call_id)
            await self._lines.desk.look_after(seat.call_id)

    async def _listen(self) -> None:
        """What the page says."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            said = read(message.data)
            if said is None:
                raise LineOver(NOT_UNDERSTOOD)
            await asyncio.shield(self._take_quietly(said))  # begun, it is done, also when the line ends meanwhile

    async def _take_quietly(self, said: Said) -> None:
        with suppress(CallEnded, NotAsked, NotInCall):
            await self._take(said)

    async def _take(self, said: Said) -> None:
        calls, seat, now = self._lines.calls, self._seat, self._lines.clock()
        match said:
            case Signal():
                body = said.model_dump(exclude={"to", "type"}, exclude_none=True)
                await self._pass_on(said.to, {"type": "signal", "from": seat.peer, **body})
                return
            case AskPhoto():
                if seat.seat != RESIDENT:
                    await self._pass_on(said.to, {"type": "ask_photo", "title": seat.title, "words": said.words})
                return
            case State():
                state = said.model_dump(exclude={"type"})
                state["sharing"] = said.sharing and not seat.is_resident
                await calls.seen(seat.call_id, seat.seat, seat.peer, now, **state)
            case AskRecording():
                if not seat.is_resident:
                    await calls.ask_to_record(seat.call_id, seat.seat, now)
            case AnswerRecording():
                await calls.answer_recording(seat.call_id, seat.seat, said.agreed, now)
            case HangUp():
                await self._lines.desk.hang_up(seat.call_id, seat.seat)
        await self._lines.changed(seat.call_id)

    async def _pass_on(self, to: str, body: dict[str, Any]) -> None:
        await self._lines.wire.tell(self._seat.call_id, orjson.dumps({"to": to, "body": body}))

    async def _relay(self) -> None:
        """How the call stands, and what other lines say, to the page."""
        await self._show()
        while not self._socket.closed:
            message = orjson.loads(await self._heard.get())
            if message.get("changed"):
                await self._show()
            elif message["to"] == self._seat.peer:
                await self._send(**message["body"])

    async def _beat(self) -> None:
        while not self._socket.closed:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await asyncio.shield(self._still_allowed())
            except Problem as refused:  # the account was disabled, the session has ended
                with suppress(NotInCall):
                    await self._lines.desk.hang_up(self._seat.call_id, self._seat.seat)
                raise LineOver(REFUSED) from refused
            with suppress(DatabaseUnavailable):  # it will be there again at the next beat
                seat = self._seat
                seen = self._lines.calls.seen(seat.call_id, seat.seat, seat.peer, self._lines.clock())
                await asyncio.shield(seen)
                await self._show()

    async def _show(self) -> None:
        """Tell the page how the call stands, if that is news. Raises LineOver where it has no seat any more."""
        calls, now = self._lines.calls, self._lines.clock()
        seats = await calls.seats(
            self._seat.call_id
        )  # before the call: one that ends meanwhile has no seats, and is over
        state = state_of(await calls.find(self._seat.call_id), seats, now)
        if state != self._shown:
            self._shown = state
            await self._send(**state)
        if state["over"]:
            raise LineOver(ENDED)
        if self._seat.peer not in {seat["peer"] for seat in state["seats"]}:
            raise LineOver(REPLACED)

    async def _send(self, **message: Any) -> None:
        if not self._socket.closed:
            await self._socket.send_str(orjson.dumps(message).decode())
