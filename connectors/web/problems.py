"""Errors as `application/problem+json` (RFC 9457), each with a sentence that a person can act on."""

from __future__ import annotations

import http
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any

import orjson
import structlog
import yaml
from aiohttp import web

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """An answer that is an error: `name` is a key of `problems.yml`, which has the status and the sentence."""

    def __init__(self, name: str, more: dict[str, Any] | None = None, **values: Any) -> None:
        """`values` stand in the sentence, `more` beside it."""
        super().__init__(name)
        self.name = name
        self.more = more or {}
        self.values = values


@cache
def _problems() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        resources.files(__package__).joinpath("problems.yml").read_text("utf-8")
    )
    return loaded


def problem_response(problem: Problem) -> web.Response:
    """The response for a problem, with Retry-After where trying again helps."""
    known = _problems()[problem.name]
    status = known["status"]
    body = {
        "type": f"urn:bangban:problem:{problem.name}",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": known["detail"].format(**problem.values),
    } | problem.more
    headers = {"Retry-After": str(known["retry_after"])} if "retry_after" in known else {}
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/problem+json", headers=headers
    )


def problems_middleware(named: dict[type[Exception], str]) -> Any:
    """A middleware that turns `Problem`, the errors in `named`, aiohttp's own and any other into problems."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return problem_response(problem)
        except web.HTTPException as error:
            return _of_aiohttp(error)
        except tuple(named) as error:
            name = next(name for kind, name in named.items() if isinstance(error, kind))
            log.warning(name, error=str(error))
            return problem_response(Problem(name))
        except Exception:
            log.exception(
                "request_failed", path=request.match_info.route.resource and request.match_info.route.resource.canonical
            )
            return problem_response(Problem("failed"))

    return middleware


def _of_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    names = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    if error.status < 400:
        raise error
    return problem_response(Problem(names.get(error.status, "bad_request")))
