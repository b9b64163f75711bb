"""`python -m tests.fake_wechat`: the platform on a port, calling a service on this machine (scripts/serve uses it)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

import yaml

from tests.fake_wechat.platform import Account, FakeWechat
from tests.fake_wechat.web import serving


def environment(api: str, account: Account = Account()) -> dict[str, str]:  # noqa: B008 - it is frozen
    """The settings of a service that is connected to the platform at that address."""
    return {
        "BANGBAN_WECHAT_APPID": account.appid,
        "BANGBAN_WECHAT_SECRET": account.secret,
        "BANGBAN_WECHAT_TOKEN": account.token,
        "BANGBAN_WECHAT_AES_KEY": account.aes_key,
        "BANGBAN_WECHAT_URL": api,
    }


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--callback", default=Account.callback)
    parser.add_argument("--environment", action="store_true", help="only print the settings that connect a service")
    told = parser.parse_args()
    if told.environment:
        print(
            "\n".join(f"export {name}={value}" for name, value in environment(f"http://127.0.0.1:{told.port}").items())
        )
        return
    platform = FakeWechat(Account(callback=told.callback))
    platform.menu = yaml.safe_load(Path("connectors/wechat/menu.yml").read_text("utf-8"))
    async with serving(platform, told.port) as address:
        print(f"WeChat (fake): {address}/?openid=oResident1", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
