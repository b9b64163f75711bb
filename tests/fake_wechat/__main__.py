"""`python -m tests.fake_wechat`: the platform on a port, calling a service on this machine (scripts/serve uses it)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.fake_wechat.platform import Account, FakeWechat
from tests.fake_wechat.web import serving


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--callback", default=Account.callback)
    told = parser.parse_args()
    platform = FakeWechat(Account(callback=told.callback))
    async with serving(platform, told.port) as address:
        print(f"WeChat (fake): {address}/?openid=oResident1", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
