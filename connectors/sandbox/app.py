"""The sandbox is wired here: the platform's API, its pages, and the way to steer it from a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from connectors.sandbox.api import Api
from connectors.sandbox.authorisations import Authorisations
from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.case_record import CHINA
from connectors.sandbox.cases import Cases
from connectors.sandbox.control import Control
from connectors.sandbox.earlier import put_earlier_cases
from connectors.sandbox.matters import matters
from connectors.sandbox.pages import Pages
from connectors.sandbox.people import People
from connectors.sandbox.refusing import Refused, problem
from connectors.sandbox.seeds import read_seeds
from connectors.sandbox.store import Store
from connectors.sandbox.switches import Trouble

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST = 10 * 1024 * 1024 + 64 * 1024


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def create_sandbox(
    path: Path | str,
    secret: str,
    callback_url: str = "",
    clock: Callable[[], datetime] = now,
    *,
    key: str = "sandbox",
    public_url: str = "",
) -> web.Application:
    """The stand-in for the province's platform.

    `path`: its SQLite (":memory:" forgets); `secret`: signs call-backs to `callback_url` (may be set later over HTTP);
    `key`: the bearer key that Bangban has to show; `public_url`: where residents reach it, if not where Bangban does.
    """
    store = Store(path)
    people = People(read_seeds(clock().astimezone(CHINA).date()))
    trouble = Trouble()
    callbacks = Callbacks(store, trouble, secret, callback_url, clock)
    authorisations = Authorisations(store, people, callbacks, clock)
    cases = Cases(store, authorisations, callbacks, clock)
    put_earlier_cases(store, people, clock())
    app = web.Application(client_max_size=LARGEST, middlewares=[_problems])
    app.add_routes(Api(store, people, authorisations, cases, trouble, key, clock, public_url).routes())
    app.add_routes(Control(people, authorisations, cases, callbacks, trouble).routes())
    app.add_routes(Pages(people, authorisations, cases, callbacks, trouble, clock).routes())
    app.cleanup_ctx.append(_sending(callbacks, store))
    return app


def _sending(callbacks: Callbacks, store: Store) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(matters)  # half a second that nobody shall wait for later
        await callbacks.start()
        yield
        await callbacks.stop()
        store.close()

    return run


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors of aiohttp's own and ours, as problems."""
    try:
        return await handler(request)
    except Refused as refused:
        return problem(refused.reason, refused.said, **refused.more)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        names = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
        answer = problem(names.get(error.status, "bad_request"))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
