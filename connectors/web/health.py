"""For those who run the service: alive, ready, and the figures."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from connectors.web.service import Check


class HealthRoutes:
    """`/healthz`, `/readyz`, `/metrics`."""

    def __init__(self, ready: Check, registry: CollectorRegistry) -> None:
        self._ready = ready
        self._registry = registry

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def alive(self, request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """The model is loaded and the database answers; else a problem with 503."""
        await self._ready()
        return web.json_response({"status": "ready"})

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format."""
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": "text/plain; version=0.0.4"})
