"""A worker as a process of its own, for a test that kills it. Arguments: database, schema, address of the platform."""

from __future__ import annotations

import asyncio
import sys

from connectors.intake.client import IntakeClient
from tests.conftest import Place
from tests.intake.conftest import Service
from tests.sandbox.conftest import KEY
from tests.store.cases import Clock


async def main(url: str, schema: str, address: str) -> None:
    """Deliver what is there."""
    database = Place(url, schema or None).open()
    await Service(database, IntakeClient(address, KEY), Clock()).worker.round()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
