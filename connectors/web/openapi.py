"""`/openapi.json`: the contract as it is written in `openapi.yml`."""

from __future__ import annotations

from importlib import resources
from typing import Any

import orjson
import yaml
from aiohttp import web

PARTS = ("connectors.web", "connectors.desk", "connectors.video")


def contract() -> dict[str, Any]:
    """The OpenAPI 3.1 description, put together of the residents', the desk's and the calls' part."""
    whole: dict[str, Any] = {}
    for part in PARTS:
        with resources.files(part).joinpath("openapi.yml").open(encoding="utf-8") as file:
            _join(whole, yaml.safe_load(file))
    return whole


def _join(whole: dict[str, Any], part: dict[str, Any]) -> None:
    """Put what a part says under what is there already."""
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(whole.get(name), dict):
            _join(whole[name], value)
        else:
            whole[name] = value


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
