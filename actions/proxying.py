"""Who may act for whom (帮代办), as the two see it: a yes or no with a code, what was done, and taking it back."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any

from actions.here import look_around
from actions.services import Services
from actions.spoken import spoken_date
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.catalogue import Catalogue
from knowledge.household import Identity
from knowledge.proxies import ACTIVE, ASKED, Authority, NotAuthorised, ProxyRefused
from knowledge.proxy_rules import proxy_rule
from knowledge.records import Records
from knowledge.residents import Residents
from knowledge.working_days import CHINA

CODE = re.compile(r"(?<!\d)(\d{4})[\s-]?(\d{4})(?!\d)")
MOST_TOLD = 5


class AnswerProxy(Capability):
    """委托码 1234 5678: what is asked for, and the principal's yes or no. The same yes twice is one."""

    label = "action_answer_proxy"

    def __init__(self, services: Services) -> None:
        self._proxies, self._residents = services.proxies, services.residents
        self._catalogue, self._clock = services.catalogue, services.clock
        self._records = Records(services.database, services.keyring)

    async def answer(self, turn: Turn) -> None:
        """Ask with a code; take a chosen answer."""
        what, _, id = (turn.argument or "").partition(".")
        try:
            if what in ("yes", "no") and id:
                await self._decide(turn, id, what == "yes")
            else:
                await self._ask(turn)
        except NotAuthorised:
            turn.say("utter_proxy_code_bad")
        except ProxyRefused as refused:
            turn.say("utter_proxy_refused", reason=read("proxying")["sorry"][str(refused)])

    async def _ask(self, turn: Turn) -> None:
        found = CODE.search(turn.text)
        if found is None:
            turn.say("utter_proxy_code_wanted")
            return
        asked = await self._proxies.by_code(found[1] + found[2], self._clock())
        if asked.conversation_id == turn.conversation:
            raise ProxyRefused("not_principal")
        words = read("proxying")["choices"]
        choices = [Choice(f"answer_proxy:{what}.{asked.id}", words[what]) for what in ("yes", "no")]
        turn.say("utter_ask_proxy_yes", choices, question=True, **await _told(self._catalogue, asked))

    async def _decide(self, turn: Turn, id: str, agreed: bool) -> None:
        now, asked = self._clock(), await self._proxies.find(id)
        if not agreed:
            await self._proxies.refuse(id, turn.conversation, now)
            await self._records.note(turn.conversation, "proxy_refused", now, authorisation=id)
            turn.say("utter_proxy_declined", proxy=asked.proxy)
            return
        rule = proxy_rule(asked.region)
        if rule is None:
            raise NotAuthorised(id)
        identity = await _identity(self._residents, turn)
        resident = await self._residents.of_conversation(turn.conversation)
        number = identity.id_number if identity else None
        given = await self._proxies.agree(id, turn.conversation, number, resident.id if resident else None, rule, now)
        if asked.state == ASKED:
            await self._records.note(turn.conversation, "proxy_agreed", now, authorisation=id)
        turn.say("utter_proxy_agreed", **await _told(self._catalogue, given))


class TellProxies(Capability):
    """谁替我办过事: all authorisations in which the one who talks is one of the two, and what was done by them."""

    label = "action_tell_proxies"

    def __init__(self, services: Services) -> None:
        self._proxies, self._residents = services.proxies, services.residents
        self._catalogue, self._clock = services.catalogue, services.clock

    async def answer(self, turn: Turn) -> None:
        """The newest first, each with its state and its cases."""
        identity, now = await _identity(self._residents, turn), self._clock()
        mine = (await self._proxies.of(turn.conversation, identity.id_number if identity else None))[:MOST_TOLD]
        if not mine:
            turn.say("utter_proxies_none")
            return
        lines = [await self._line(each, now) for each in mine]
        live = [each for each in mine if each.state == ASKED or each.holds(now)]
        turn.say("utter_proxies", _revoking(live), lines="\n".join(lines))

    async def _line(self, one: Authority, now: datetime) -> str:
        words = read("proxying")
        acts = words["acts"].format(cases="、".join(one.acts)) if one.acts else words["none"]
        told = await _told(self._catalogue, one)
        return str(words["line"].format(**told, state=state_of(one, now)[1], acts=acts))


class RevokeProxy(Capability):
    """撤回委托: by either of the two, at any time."""

    label = "action_revoke_proxy"

    def __init__(self, services: Services) -> None:
        self._proxies, self._residents = services.proxies, services.residents
        self._catalogue, self._clock = services.catalogue, services.clock
        self._records = Records(services.database, services.keyring)

    async def answer(self, turn: Turn) -> None:
        """The one that is meant; where there are several, ask which."""
        identity, now = await _identity(self._residents, turn), self._clock()
        mine = await self._proxies.of(turn.conversation, identity.id_number if identity else None)
        live = [each for each in mine if each.state == ASKED or each.holds(now)]
        meant = [each for each in live if each.id == turn.argument] if turn.argument else live
        if not meant:
            turn.say("utter_proxy_none_to_revoke")
            return
        if len(meant) > 1:
            turn.say("utter_ask_which_proxy", _revoking(meant[:MOST_TOLD]), question=True)
            return
        with suppress(NotAuthorised):  # the other was quicker: it is revoked all the same
            key = self._proxies.key(identity.id_number) if identity else None
            await self._proxies.revoke(meant[0].id, turn.conversation, now, key)
            await self._records.note(turn.conversation, "proxy_revoked", now, authorisation=meant[0].id)
        turn.say("utter_proxy_revoked", proxy=meant[0].proxy, principal=meant[0].principal)


async def _told(catalogue: Catalogue, one: Authority) -> dict[str, Any]:
    """Who, for whom, what and until when, as people are told."""
    here = await look_around(catalogue, one.region)
    names = [matter.name if (matter := await here.matter(code)) else code for code in one.matters]
    until = spoken_date(one.until.astimezone(CHINA).date())
    return {"proxy": one.proxy, "principal": one.principal, "matters": "、".join(names), "until": until}


def state_of(one: Authority, now: datetime) -> tuple[str, str]:
    """How an authorisation stands, `over` once its time is, and the words for it."""
    words: dict[str, str] = read("proxying")["states"]
    state = "over" if one.state in (ASKED, ACTIVE) and one.until <= now else one.state
    return state, words[state]


def _revoking(some: list[Authority]) -> list[Choice]:
    label = read("proxying")["choices"]["revoke"]
    return [
        Choice(f"revoke_proxy:{each.id}", label.format(proxy=each.proxy, principal=each.principal)) for each in some
    ]


async def _identity(residents: Residents, turn: Turn) -> Identity | None:
    """Who said who they are in this conversation."""
    resident = await residents.of_conversation(turn.conversation)
    return await residents.identity(resident.id) if resident else None
