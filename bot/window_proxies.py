"""What a resident at the window lets somebody do for them (帮代办): signed, witnessed, shown, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from actions import Services
from actions.here import look_around
from actions.proxying import state_of
from bot.uploads import Uploads
from bot.window_view import words
from connectors.desk.chat_service import Shown
from connectors.desk.window_service import AuthorityRefused, CardFirst, Entrusting
from connectors.message import Media
from connectors.ocr.service import FileRefused
from knowledge import id_number as id_numbers
from knowledge.forms.formats import is_name
from knowledge.household import Identity
from knowledge.proxies import Authority, NotAuthorised, Party, ProxyRefused, Seen, end_of_day, last_day, last_of
from knowledge.proxy_rules import ProxyRule, proxy_rule
from knowledge.records import Records
from knowledge.staff import Staff
from knowledge.working_days import CHINA


class WindowProxies:
    """The authorisations of the resident beside the clerk, who is their principal."""

    def __init__(self, services: Services, uploads: Uploads, records: Records, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._proxies = services.proxies
        self._uploads = uploads
        self._records = records
        self._clock = clock

    async def shown(self, conversation: str, region: str) -> Shown | None:
        """Theirs, the newest first, and until when a new one may hold; None: nobody is known yet, or no rule holds."""
        resident, rule = await self._services.residents.of_conversation(conversation), proxy_rule(region)
        if resident is None or rule is None:
            return None
        identity, now = await self._services.residents.identity(resident.id), self._clock()
        given = await self._proxies.given_by(identity.id_number)
        return {"last_day": last_day(last_of(rule, now)), "given": [await self._one(each, now) for each in given]}

    async def sign(self, conversation: str, media: Media) -> Shown:
        """Keep a photo of the signature; its id. Raises AuthorityRefused."""
        try:
            reading = await self._uploads.look(media)
        except FileRefused as refused:
            raise AuthorityRefused(refused.text) from refused
        media_type = reading.media_type if reading else media.media_type
        name, now = words()["proxies"]["signature"], self._clock()
        stored = await self._services.files.put(conversation, name, media_type, media.content, now)
        return {"signature": stored.id}

    async def entrust(self, conversation: str, region: str, staff: Staff, told: Entrusting) -> None:
        """Record what they signed: a new authorisation, or the yes to one that was asked for.

        Raises CardFirst, AuthorityRefused, NotAuthorised, FileMissing.
        """
        resident, rule = await self._services.residents.of_conversation(conversation), proxy_rule(region)
        if resident is None or rule is None:
            raise CardFirst(conversation)
        principal, now = await self._services.residents.identity(resident.id), self._clock()
        await self._services.files.get(conversation, told.signature)
        if not is_name(witness := _name(told.witness)):
            raise AuthorityRefused(words()["proxies"]["witness"])
        seen = Seen(staff.id, told.signature, witness, conversation, resident.id)
        async with self._services.database.transaction():
            try:
                given = await self._given(told, principal, seen, rule, region, now)
            except ProxyRefused as refused:
                raise AuthorityRefused(words()["proxies"]["sorry"][str(refused)].format(days=rule.days)) from refused
            about = {"authorisation": given.id, "signature": told.signature, "witness": witness}
            await self._records.note(conversation, "proxy_witnessed", now, staff.id, **about)

    async def withdraw(self, conversation: str, staff: Staff, id: str) -> None:
        """They take one back. Raises CardFirst, NotAuthorised."""
        resident, now = await self._services.residents.of_conversation(conversation), self._clock()
        if resident is None:
            raise CardFirst(conversation)
        identity = await self._services.residents.identity(resident.id)
        async with self._services.database.transaction():
            await self._proxies.revoke(id, conversation, now, self._proxies.key(identity.id_number))
            await self._records.note(conversation, "proxy_revoked", now, staff.id, authorisation=id)

    async def _given(
        self, told: Entrusting, principal: Identity, seen: Seen, rule: ProxyRule, region: str, now: datetime
    ) -> Authority:
        if told.authorisation:
            theirs = await self._proxies.given_by(principal.id_number)
            if told.authorisation not in {each.id for each in theirs}:
                raise NotAuthorised(told.authorisation)
            return await self._proxies.witness(told.authorisation, seen, rule, now)
        codes = list(dict.fromkeys(told.matters))
        known = {each.code for each in await self._services.catalogue.matters(codes, region)}
        if not codes or set(codes) - known:
            raise AuthorityRefused(words()["proxies"]["matters"])
        who = self._party(told)
        by = Party(principal.name, principal.id_number)
        return await self._proxies.entrust(
            *(who, told.relation, by, codes, end_of_day(told.until), seen, rule, region, now)
        )

    def _party(self, told: Entrusting) -> Party:
        """Who is to act, as their card says it. Raises AuthorityRefused."""
        name, number, said = _name(told.name), id_numbers.standard(told.id_number), words()["card"]
        if not is_name(name):
            raise AuthorityRefused(said["name"])
        if problem := id_numbers.problem(number, self._clock().astimezone(CHINA).date()):
            raise AuthorityRefused(said[problem])
        return Party(name, number)

    async def _one(self, one: Authority, now: datetime) -> Shown:
        here = await look_around(self._services.catalogue, one.region)
        names = [matter.name if (matter := await here.matter(code)) else code for code in one.matters]
        state, said = state_of(one, now)
        told = {
            name: getattr(one, name) for name in ("id", "proxy", "relation", "how", "witness", "signature", "reason")
        }
        told |= {"state": state, "stands": said, "until": last_day(one.until), "acts": list(one.acts)}
        return told | {"matters": [{"code": code, "name": name} for code, name in zip(one.matters, names, strict=True)]}


def _name(text: str) -> str:
    return text.strip().replace(" ", "")
