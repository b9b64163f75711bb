"""Whether what the settings name answers: accounts at WeChat and WeCom, speech. Tried one by one, changing nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from bot.platforms import Account, Shared, client_of
from bot.settings import Settings
from bot.wechat import account_of
from bot.wecom import service_of
from connectors.platforms.client import stable_token
from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.speech.decoding import RATE, as_wav
from connectors.speech.reading import SpeechReader
from connectors.speech.recognition import SpeechRecogniser
from connectors.speech.service import SpeechUnavailable, VoiceRefused

CODE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """One of them: what it said, or why it does not work."""

    name: str
    answer: str = ""
    problem: str = ""


async def tried(settings: Settings, shared: Shared) -> AsyncIterator[Tried]:
    """Each that is set, in turn. Raises DatabaseUnavailable."""
    checks: tuple[tuple[str, object, Callable[[Settings, Shared], Awaitable[str]]], ...] = (
        ("official account", settings.wechat_appid, _official_account),
        ("mini program", settings.miniprogram_appid, _mini_program),
        ("WeCom", settings.wecom_corpid, _wecom),
        ("speech, listening", settings.speech_url, _listening),
        ("speech, reading", settings.reading_url, _reading),
    )
    for name, is_set, check in checks:
        if is_set:
            yield await _tried(name, check(settings, shared))


async def _tried(name: str, check: Awaitable[str]) -> Tried:
    try:
        return Tried(name, await check)
    except ApiRefused as error:
        return Tried(name, problem=f"the platform refuses: {error.code} ({error.kind}); see docs/wechat.md")
    except (ApiUnavailable, SpeechUnavailable) as error:
        return Tried(name, problem=f"no answer: {error}")


async def _official_account(settings: Settings, shared: Shared) -> str:
    async with account_of(settings, shared) as account:
        await account.code("check", CODE_SECONDS)
    return "the account answers: AppID, AppSecret and this machine's address are accepted"


async def _mini_program(settings: Settings, shared: Shared) -> str:
    account = Account("check", settings.miniprogram_appid, settings.miniprogram_secret, settings.wechat_url, 5.0, {})
    async with client_of(account, stable_token, shared) as client:
        await stable_token(client, account.id, account.secret.get_secret_value())
    return "it answers: AppID, AppSecret and this machine's address are accepted"


async def _wecom(settings: Settings, shared: Shared) -> str:
    async with service_of(settings, shared) as service:
        names = await service.accounts()
    return f"it answers; accounts of 微信客服: {'、'.join(names) or 'none yet'}"


async def _listening(settings: Settings, _: Shared) -> str:
    key = settings.speech_key.get_secret_value()
    asked = SpeechRecogniser(settings.speech_url, settings.speech_model, key, settings.speech_timeout)
    async with aclosing(asked):
        try:
            await asked.recognise(as_wav(bytes(2 * RATE)))
        except VoiceRefused:
            return "it answers (and hears nothing in a second of silence, as it should)"
    return "it answers"


async def _reading(settings: Settings, _: Shared) -> str:
    key = settings.reading_key.get_secret_value()
    reader = SpeechReader(settings.reading_url, settings.reading_model, settings.reading_voice, key)
    async with aclosing(reader):
        made = await reader.read("您好", settings.reading_speed)
    return f"it answers with a recording of {len(made)} bytes"
