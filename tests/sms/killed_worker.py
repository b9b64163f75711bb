"""A worker as a process of its own, for a test that kills it. Arguments: database, schema, the provider's address."""

from __future__ import annotations

import asyncio
import sys

from tests.conftest import Place
from tests.sms.conftest import NOON, Out
from tests.store.cases import Clock


async def main(url: str, schema: str, address: str) -> None:
    """Send what is there."""
    clock = Clock()
    clock.time = NOON
    await Out(Place(url, schema or None).open(), address, clock).worker.round()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
