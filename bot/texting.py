"""Short messages put together: the queue, its worker, the provider; and what is told by them, last of all.

What happened is said in the conversation first. A short message follows where the resident allowed it and has not seen
that line within the hours of the settings. Whoever delivers elsewhere calls `Sms.queue` in the same way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from actions.places import reach
from bot.foundation import Foundation
from bot.reaching import Push, Reaching, Short
from bot.settings import Settings
from bot.sms_worker import SmsWorker
from connectors.message import Reply
from connectors.sms.aliyun import AliyunSms, Templates
from connectors.sms.callbacks import SmsCallbacks
from connectors.sms.log import LogSms
from connectors.sms.service import SmsSender
from knowledge.callbacks import Callback
from knowledge.cases import Cases
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.sms import Sms
from knowledge.working_days import CHINA

TOLD = {"supplement": "case_supplement", "approved": "case_approved", "refused": "case_refused"}
"""The states of a case that are told by a short message, and its text."""


@dataclass(frozen=True, slots=True)
class Texting:
    """What the rest of the service has of short messages."""

    queue: Sms
    worker: SmsWorker
    cases: Cases
    catalogue: Catalogue
    database: Database
    settings: Settings
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, base: Foundation) -> Texting:
        """As the settings say. Raises TemplatesInvalid, OSError."""
        queue = Sms(base.database, base.keyring)
        sender = sender_of(base.settings, base.clock)
        worker = SmsWorker(base.database, queue, sender, base.clock, base.metrics, base.settings.sms_daily)
        queue.tell_on_queue(worker.wake)
        cases = Cases(base.database, base.keyring)
        return cls(queue, worker, cases, base.catalogue, base.database, base.settings, base.clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send in the background."""
        async with self.worker.running():
            yield

    def reaching(self, push: Push) -> Reaching:
        """What says something to a resident who is not here."""
        return Reaching(push, self.queue, self.clock, self.settings.sms_hours)

    def after(self, push: Push) -> Push:
        """That push, and a short message after it where it brings news of a case that is not seen."""

        follow = self.reaching(push).follow

        async def both(conversation: str, sender: str, reply: Reply) -> int:
            async with self.database.transaction():
                number = await push(conversation, sender, reply)
                if short := await self._of_case(reply):
                    await follow(conversation, number, short)
            return number

        return both

    async def _of_case(self, reply: Reply) -> Short | None:
        """What is sent in the place of news of a case; None: it is no such news."""
        state, reference = reply.data.get("state"), reply.data.get("case")
        if reply.kind == "file" or reference is None or state not in TOLD:
            return None
        values = {"matter": (await self.cases.find(reference)).matter_name, "reference": reference}
        what = f"{state}:{self.clock().astimezone(CHINA):%Y%m%d}"
        return Short(TOLD[state], values, f"case:{reference}", what)

    def missed(self, push: Push) -> Callable[[Callback], Awaitable[None]]:
        """Tells a resident who did not answer the telephone: in the chat, and by a short message at once."""

        say = self.reaching(push)

        async def tell(callback: Callback) -> None:
            offices = {office.code: office for office in await self.catalogue.offices()}
            telephone = reach(offices.get(callback.office_code or ""))["telephone"]
            values = {"telephone": telephone, "reference": callback.reference}
            reply = Reply(_words()["callback_missed"].format(**values), "notice", data={"callback": callback.reference})
            about = f"callback:{callback.reference}"
            short = Short("callback_missed", values, about, "missed", waits=timedelta())
            await say(callback.conversation, reply, short)

        return tell

    async def instead(self, conversation: str, lines: Collection[int], once: str) -> bool:
        """No channel reaches them: the short message of these lines goes now, else one that there is news.

        False: they allowed none, or had one under `once`.
        """
        now = self.clock()
        if await self.queue.hurry(lines, now):
            return True
        return await self.queue.queue(conversation, "news", {}, now, once=f"news:{once}") is not None

    def callbacks(self) -> SmsCallbacks:
        """The address that the provider calls."""
        return SmsCallbacks(self.settings.sms_callback.get_secret_value(), self)

    async def reached(self, id: str, failure: str) -> None:
        """The provider's receipt."""
        await self.queue.reached(id, self.clock(), failure)

    async def answered_stop(self, telephone: str) -> None:
        """退订 came by a short message."""
        await self.queue.contacts.opt_out(telephone.removeprefix("+86").removeprefix("86"), "reply", self.clock())


def sender_of(settings: Settings, clock: Callable[[], datetime]) -> SmsSender:
    """Who sends. Raises TemplatesInvalid, OSError."""
    if settings.sms == "log":
        return LogSms()
    key, secret = settings.sms_key.get_secret_value(), settings.sms_secret.get_secret_value()
    return AliyunSms(settings.sms_url, key, secret, Templates.read(Path(settings.sms_templates)), clock)


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(resources.files(__package__).joinpath("texting.yml").read_text("utf-8"))
    return loaded
