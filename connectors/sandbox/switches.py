"""What can be made to go wrong, for whoever wants to see how Bangban takes it."""

from __future__ import annotations

import asyncio
import random
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.sandbox.refusing import problem, wrong_fields

Count = Annotated[int, Field(ge=0, le=1000)]


class Switches(BaseModel):
    """All of them; as they are at the start, nothing goes wrong. Counts go down as they are used up."""

    model_config = ConfigDict(extra="forbid")

    down: bool = Field(default=False, description="关机：不回话，直接断开")
    delay_ms: int = Field(default=0, ge=0, le=60_000, description="每次先等多少毫秒")
    error_rate: float = Field(default=0.0, ge=0, le=1, description="出错的比例，0 到 1")
    errors: Count = Field(default=0, description="接下来几次出错")
    error_code: int = Field(default=503, ge=429, le=504, description="出错时的状态码")
    timeouts: Count = Field(default=0, description="接下来几次不回话，一直等")
    accept_then_500: Count = Field(default=0, description="接下来几次提交：收下了，却回 500")
    hold_callbacks: bool = Field(default=False, description="通知先扣住不发")
    wrong_order: bool = Field(default=False, description="通知倒着发，后发生的先到")
    repeat_callbacks: int = Field(default=0, ge=0, le=5, description="每条通知多发几遍")
    signature: Literal["right", "wrong", "old"] = Field(
        default="right", description="通知的签名：right 对，wrong 伪造，old 一天前的"
    )


class Trouble:
    """The switches as they are now, and what they do to requests."""

    def __init__(self) -> None:
        self.switches = Switches()

    def change(self, given: Any) -> Switches:
        """Set those that are named, leave the rest. Raises Refused (wrong_fields)."""
        try:
            self.switches = Switches.model_validate({**self.switches.model_dump(), **dict(given)})
        except ValidationError as error:
            raise wrong_fields((".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()) from error
        return self.switches

    async def before(self, request: web.Request) -> web.Response | None:
        """The trouble of this request, if there is any: it happens before anything is done."""
        now = self.switches
        if now.delay_ms:
            await asyncio.sleep(now.delay_ms / 1000)
        if now.down:
            _hang_up(request)
        if self._uses("timeouts"):
            await _never_answer(request)
        if self._uses("errors") or random.random() < now.error_rate:
            return problem("down", status=now.error_code)
        return None

    def after(self, done: web.Response, creates: bool) -> web.Response:
        """What is answered instead, though it was done."""
        if creates and done.status < 300 and self._uses("accept_then_500"):
            return problem("failed")
        return done

    def _uses(self, name: str) -> bool:
        left = getattr(self.switches, name)
        if left:
            setattr(self.switches, name, left - 1)
        return bool(left)


def _hang_up(request: web.Request) -> None:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("the sandbox is switched to be down")


async def _never_answer(request: web.Request) -> None:
    """Wait until the client has gone."""
    # there is no event for it: aiohttp tells nobody that a client has gone
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    raise ConnectionResetError("the client has gone")
