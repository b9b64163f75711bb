"""Codes of an official account for our links: whoever scans one in WeChat is in the account, at that point."""

from __future__ import annotations

from typing import Protocol

from knowledge.links import Links, scene_of


class AccountCodes(Protocol):
    """The account's `createqrcode` for lasting scenes in words (`QR_LIMIT_STR_SCENE`, 100,000 an account)."""

    async def address(self, scene: str) -> str:
        """What the QR code of that scene holds (`url` of the answer)."""
        ...


async def give_account_codes(links: Links, codes: AccountCodes, area: str = "") -> int:
    """Ask for a code for each link of the area that has none, and keep it: posters show it from now on. How many."""
    lacking = [link for link in await links.listed(area) if not link.account_url]
    for link in lacking:
        await links.keep_account_url(link.code, await codes.address(scene_of(link.code)))
    return len(lacking)
