"""Whether the principal lets the one who talks act for them; asked only where the region's rule demands it."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from actions.applying.draft import Draft
from actions.applying.step import choice, chosen, is_yes
from actions.choices import person
from actions.services import Services
from actions.spoken import spoken_date
from actions.turn import Turn
from actions.words import read
from knowledge.division import division_code
from knowledge.proxies import ACTIVE, ASKED, Authority, NotAuthorised, Party, ProxyRefused
from knowledge.proxy_rules import ProxyRule, proxy_rule
from knowledge.records import Records
from knowledge.working_days import CHINA


class Permission:
    """本人同不同意您替办？ The draft's note `proxy` is the authorisation, `proxy_given` the ID number of who agreed."""

    name: ClassVar[str] = "permission"

    def __init__(self, services: Services) -> None:
        self._proxies = services.proxies
        self._clock = services.clock
        self._records = Records(services.database, services.keyring)

    def is_open(self, draft: Draft) -> bool:
        """While the rule demands a yes that is not known yet."""
        return _rule(draft) is not None and not _is_given(draft)

    async def take_up(self, turn: Turn, draft: Draft) -> None:
        """A yes that is there already is not asked for again."""
        identity, applicant = draft.identity, draft.applicant
        if not self.is_open(draft) or identity is None or applicant is None:
            return
        held = await self._proxies.holding(identity.id_number, applicant.id_number, _codes(draft), self._clock())
        if held:
            draft.remember(proxy={"id": held.id}, proxy_given=applicant.id_number)
            turn.say("utter_proxy_held", principal=held.principal, until=_day(held))

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The code for the principal, and what they say with it; a yes that is there already is not asked for."""
        rule = _rule(draft)
        assert rule is not None
        words = read("proxying")["choices"]
        choices = [choice(self.name, what, words[what]) for what in ("done", "later")]
        try:
            asked = await self._asked(turn, draft, rule)
        except ProxyRefused as refused:
            reason = read("proxying")["sorry"][str(refused)]
            turn.say("utter_proxy_refused", [choices[1], person()], question=True, reason=reason)
            return
        code = draft.note("proxy")["code"]
        told = {"principal": asked.principal, "until": _day(asked), "code": f"{code[:4]} {code[4:]}"}
        turn.say("utter_ask_permission", [*choices, person()], question=True, data=None, kind=None, **told)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """好了 looks whether the principal has agreed."""
        if chosen(turn, self.name) == "later" or (turn.intent == "save_application" and turn.caught):
            turn.put_aside()
            return True
        done = chosen(turn, self.name) == "done" or turn.intent == "continue_application"
        if not (done or is_yes(turn, self.name) or turn.is_one_of("done_words")):
            return False
        await self._look(turn, draft)
        return True

    async def is_kept(self, turn: Turn, draft: Draft) -> bool:
        """Act by it, in the transaction that hands the case in. False: it is over; the form is kept, and told so."""
        if _rule(draft) is None:
            return True
        try:
            if not _is_given(draft):
                raise NotAuthorised
            await self._proxies.use(draft.note("proxy")["id"], self._clock(), _codes(draft))
        except NotAuthorised:
            draft.remember(proxy=None, proxy_given=None, looked=None)
            turn.say("utter_proxy_stopped", name=draft.name)
            turn.put_aside()
            return False
        return True

    async def note(self, turn: Turn, draft: Draft, reference: str) -> None:
        """Record the case as handed in by … for … ."""
        if _rule(draft) is None:
            return
        id, now = draft.note("proxy")["id"], self._clock()
        await self._proxies.note(id, reference, now)
        by = await self._proxies.find(id)
        told = {"by": by.proxy, "for": by.principal, "case": reference, "authorisation": id}
        await self._records.note(turn.conversation, "acted_for", now, **told)

    async def _look(self, turn: Turn, draft: Draft) -> None:
        try:
            found = await self._proxies.find((draft.note("proxy") or {}).get("id", ""))
        except NotAuthorised:
            draft.remember(proxy=None)
            return
        if found.holds(self._clock()):
            draft.remember(proxy={"id": found.id}, proxy_given=draft.applicant.id_number if draft.applicant else None)
            turn.say("utter_proxy_given", principal=found.principal)
        elif found.state == ASKED:
            turn.say("utter_proxy_pending", principal=found.principal)
        else:
            draft.remember(proxy=None)
            turn.say("utter_proxy_no" if found.state != ACTIVE else "utter_proxy_over", principal=found.principal)
            turn.put_aside()

    async def _asked(self, turn: Turn, draft: Draft, rule: ProxyRule) -> Authority:
        """What is asked for in this form: the one that waits, or a new one. Raises ProxyRefused."""
        kept, identity, applicant = draft.note("proxy") or {}, draft.identity, draft.applicant
        assert identity is not None
        assert applicant is not None
        if "code" in kept and kept["for"] == applicant.id_number:
            with suppress(NotAuthorised):
                return await self._proxies.by_code(kept["code"], self._clock())
        by, principal = (Party(each.name, each.id_number) for each in (identity, applicant))
        region = division_code(draft.household.region) if draft.household else ""
        told = (_codes(draft), rule, self._clock(), region)
        asked, code = await self._proxies.ask(turn.conversation, by, principal, *told)
        draft.remember(proxy={"id": asked.id, "code": code, "for": applicant.id_number})
        return asked


def _codes(draft: Draft) -> list[str]:
    return [each.code for each in draft.matters]


def _is_given(draft: Draft) -> bool:
    """Whether the one whom it is for now has agreed: it may have been for another before."""
    return bool(draft.applicant and draft.note("proxy_given") == draft.applicant.id_number)


def _day(one: Authority) -> str:
    return spoken_date(one.until.astimezone(CHINA).date())


def _rule(draft: Draft) -> ProxyRule | None:
    """The rule that demands a yes here; None: it is their own matter, or none is demanded."""
    identity, applicant = draft.identity, draft.applicant
    if identity is None or applicant is None or identity.id_number == applicant.id_number:
        return None
    rule = proxy_rule(draft.household.region if draft.household else None)
    return rule if rule and rule.asks_for(_codes(draft)) else None
