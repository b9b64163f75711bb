"""Authorisations (帮代办) as supervisors see them: who may act for whom, what was done by it, and ending one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from actions.here import look_around
from actions.proxying import state_of
from actions.words import read
from bot.desk_cards import masked_name
from bot.reaching import Push
from connectors.message import Reply
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.proxies import Act, Authority, NotAuthorised, Proxies, last_day
from knowledge.records import Records
from knowledge.staff import Staff


class ProxiesDesk:
    """`/desk/api/proxies`. Names are masked, numbers are not there at all."""

    def __init__(
        self,
        database: Database,
        proxies: Proxies,
        catalogue: Catalogue,
        records: Records,
        push: Push,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._proxies = proxies
        self._catalogue = catalogue
        self._records = records
        self._push = push
        self._clock = clock

    async def listed(self, area: str) -> dict[str, Any]:
        """Those of an area, the newest first."""
        return {"proxies": await self._shown(await self._proxies.listed(area))}

    async def end(self, id: str, staff: Staff, reason: str, sees: Callable[[str], bool]) -> dict[str, Any]:
        """End one; its two hear it where they talk. Raises NotAuthorised, also for another area's."""
        found, now = await self._proxies.find(id), self._clock()
        if not sees(found.region):
            raise NotAuthorised(id)
        theirs = [each for each in (found.principal_conversation, found.conversation_id) if each]
        said = read("proxying")["ended"].format(proxy=found.proxy, principal=found.principal)
        async with self._database.transaction():
            ended = await self._proxies.end(id, reason, now)
            for conversation in theirs:
                about = {"authorisation": id, "reason": reason}
                await self._records.note(conversation, "proxy_ended", now, staff.id, **about)
                await self._push(conversation, "bot", Reply(said, "notice"))
        [shown] = await self._shown([ended])
        return shown

    async def _shown(self, some: Sequence[Authority]) -> list[dict[str, Any]]:
        acts = await self._proxies.acts_of([each.id for each in some])
        return [await self._one(each, acts.get(each.id, [])) for each in some]

    async def _one(self, one: Authority, acts: Sequence[Act]) -> dict[str, Any]:
        here = await look_around(self._catalogue, one.region)
        names = [matter.name if (matter := await here.matter(code)) else code for code in one.matters]
        state, stands = state_of(one, self._clock())
        kept = (
            "id",
            "by",
            "of",
            "relation",
            "region",
            "how",
            "reason",
            "asked_at",
            "decided_at",
            "ended_at",
            "ended_by",
        )
        told = {name: getattr(one, name) for name in kept}
        told |= {name: masked_name(getattr(one, name)) for name in ("proxy", "principal", "witness")}
        told |= {"state": state, "stands": stands, "region_name": await here.region_name(one.region)}
        told |= {"until": last_day(one.until), "matters": names}
        return told | {"acts": [{"case": act.case, "matter": act.matter, "at": act.at} for act in acts]}
