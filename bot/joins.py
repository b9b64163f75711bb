"""The channels there are; each gives no routes where its settings are not set."""

from __future__ import annotations

from bot.channels import Join
from bot.miniprogram import miniprogram
from bot.wechat import wechat
from bot.wecom import wecom

JOINS: tuple[Join, ...] = (wechat, miniprogram, wecom)
