"""Call-backs to Bangban: kept, signed, and sent again until they are heard."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson
import structlog

from connectors.intake.signing import signed
from connectors.sandbox.store import Store
from connectors.sandbox.switches import Trouble

log = structlog.get_logger()

WAITING, HEARD, GIVEN_UP = "waiting", "heard", "given_up"
PAUSES = (0.3, 1, 3, 10, 30, 60, 300, 900, 1800, 3600)
"""Seconds after each failure; then it is given up."""

TIMEOUT = aiohttp.ClientTimeout(total=10)


class Callbacks:
    """The call-backs that wait, and the task that sends them to `url` (empty: kept, and sent once there is one)."""

    def __init__(self, store: Store, trouble: Trouble, secret: str, url: str, clock: Callable[[], datetime]) -> None:
        self.url = url
        self._store = store
        self._trouble = trouble
        self._secret = secret
        self._clock = clock
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, body: dict[str, Any]) -> None:
        """One more to send."""
        sql = "INSERT INTO callback (body, state, attempts, due) VALUES (?, ?, 0, 0)"
        self._store.rows(sql, orjson.dumps(body), WAITING)
        self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        self._news.set()

    def send_again(self) -> None:
        """All that wait or were given up, at once."""
        self._store.rows("UPDATE callback SET state = ?, attempts = 0, due = 0 WHERE state != ?", WAITING, HEARD)
        self.wake()

    def listed(self) -> list[dict[str, Any]]:
        """All of them, the newest first."""
        rows = self._store.rows("SELECT seq, state, attempts, body FROM callback ORDER BY seq DESC LIMIT 200")
        return [
            {"seq": seq, "state": state, "attempts": attempts, "body": orjson.loads(body)}
            for seq, state, attempts, body in rows
        ]

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is not heard is sent after the next start."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            while True:
                self._news.clear()
                if found := self._ready():
                    await self._send(session, *found)
                else:
                    await self._rest()

    async def _rest(self) -> None:
        """Until there is news, or the next one is due."""
        due = self._store.rows("SELECT min(due) FROM callback WHERE state = ?", WAITING)[0][0]
        pause = None if due is None or self._is_quiet() else max(due - time.time(), 0.01)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), pause)

    def _is_quiet(self) -> bool:
        return self._trouble.switches.hold_callbacks or not self.url

    def _ready(self) -> tuple[int, bytes, int] | None:
        """seq, body and attempts of what is to be sent now."""
        if self._is_quiet():
            return None
        order = "DESC" if self._trouble.switches.wrong_order else "ASC"
        sql = f"SELECT seq, body, attempts FROM callback WHERE state = ? AND due <= ? ORDER BY seq {order} LIMIT 1"
        return next(iter(self._store.rows(sql, WAITING, time.time())), None)

    async def _send(self, session: aiohttp.ClientSession, seq: int, body: bytes, attempts: int) -> None:
        heard = True
        for _ in range(1 + self._trouble.switches.repeat_callbacks):
            heard = await self._post(session, body) and heard
        over = not heard and attempts >= len(PAUSES)
        state = HEARD if heard else GIVEN_UP if over else WAITING
        due = time.time() + PAUSES[min(attempts, len(PAUSES) - 1)]
        sql = "UPDATE callback SET state = ?, attempts = attempts + 1, due = ? WHERE seq = ?"
        self._store.rows(sql, state, due, seq)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        headers = {"Content-Type": "application/json", **self._signed(body)}
        try:
            async with session.post(self.url, data=body, headers=headers) as response:
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("callback_not_heard", error=type(error).__name__)
            return False

    def _signed(self, body: bytes) -> dict[str, str]:
        """The headers, by the description of openapi.yml; as the switch says, forged or a day old."""
        kind = self._trouble.switches.signature
        at = self._clock() - (timedelta(days=1) if kind == "old" else timedelta())
        return signed("not the secret" if kind == "wrong" else self._secret, at, body)
