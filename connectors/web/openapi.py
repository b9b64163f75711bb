"""`/openapi.json`: the contract as it is written in `openapi.yml`."""

from __future__ import annotations

from importlib import resources
from typing import Any

import orjson
import yaml
from aiohttp import web


def contract() -> dict[str, Any]:
    """The OpenAPI 3.1 description."""
    loaded: dict[str, Any] = yaml.safe_load(resources.files(__package__).joinpath("openapi.yml").read_text("utf-8"))
    return loaded


class OpenApiRoutes:
    """`/openapi.json`."""

    def __init__(self) -> None:
        self._body = orjson.dumps(contract())

    def routes(self) -> list[web.RouteDef]:
        """The route as data."""
        return [web.get("/openapi.json", self.describe)]

    async def describe(self, request: web.Request) -> web.Response:
        """The description."""
        return web.Response(body=self._body, content_type="application/json")
