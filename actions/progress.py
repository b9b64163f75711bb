"""我的事办到哪一步了: each case in plain words, what comes next and by when; and taking one back."""

from __future__ import annotations

from collections.abc import Sequence

from actions.choices import person, starters
from actions.services import Services
from actions.spoken import spoken_deadline
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.case import Case, CaseStep
from knowledge.working_days import CHINA

CASE = "case:"
"""The argument of a choice that names a case: withdraw_case:case:BB-1127-ABCD."""

NOT_OVER = frozenset({"queued", "received", "accepted", "supplement", "failed"})
MOST_TOLD = 4


class TellProgress(Capability):
    """By case number, or whatever this conversation or this resident has handed in."""

    label = "action_tell_progress"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Tell each case; of an unknown number say so."""
        number = (turn.argument or "").removeprefix(CASE) or _number(turn)
        cases = await cases_of(self._services, turn)
        if number:
            cases = [each for each in cases if number in (each.reference, each.platform_number)]
            if not cases:
                turn.say("utter_progress_unknown_number", [person()], number=number)
                return
        if not cases:
            turn.say("utter_progress_none", [person()])
            if not turn.is_aside:
                turn.await_yes("ask_person")
            return
        lines = "\n".join([await self._line(each) for each in cases[:MOST_TOLD]])
        data = {"cases": [{"reference": each.reference, "state": each.state} for each in cases[:MOST_TOLD]]}
        turn.say("utter_progress", [person()], kind="notice", data=data, lines=lines)

    async def _line(self, case: Case) -> str:
        words = read("applying")
        state, today = words["states"][case.state], self._clock().astimezone(CHINA).date()
        due = ""
        if case.due_on and case.state in NOT_OVER:
            due = words["case_overdue" if case.due_on < today else "case_due"].format(day=spoken_deadline(case.due_on))
        following = f"{state['next']}。" if state["next"] else ""
        steps = await self._services.cases.history(case.reference)
        line: str = words["case_line"].format(
            name=case.matter_name, reference=case.reference, now=_now(case, steps[-1:]), due=due, next=following
        ) + (words["case_clerk"].format(clerk=case.proxy_by) if case.proxy_by else "")
        return line


class WithdrawCase(Capability):
    """撤回申请: asks once whether that is meant, then tells the platform."""

    label = "action_withdraw_case"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, turn: Turn) -> None:
        """Withdraw the case that was chosen, else ask about the newest that is not over."""
        argument = turn.argument or ""
        if turn.entity("mend"):
            await self._mend(turn)
            return
        if argument == "no":
            turn.say("utter_withdraw_not")
            return
        running = [each for each in await cases_of(self._services, turn) if each.state in NOT_OVER]
        if not running:
            turn.say("utter_withdraw_none", starters())
            return
        chosen = next((each for each in running if argument == f"{CASE}{each.reference}"), None)
        if chosen is None:
            words, meant = read("applying")["choices"], running[0]
            choices = [
                Choice(f"withdraw_case:{CASE}{meant.reference}", words["yes_withdraw"]),
                Choice("withdraw_case:no", words["no_withdraw"]),
            ]
            turn.say("utter_withdraw_sure", choices, question=True, name=meant.matter_name, reference=meant.reference)
            turn.await_yes(choices[0].id)
            return
        reason = read("applying")["withdraw_reason"]
        await self._services.submissions.withdraw(chosen, reason, self._services.clock())
        turn.say("utter_withdrawn", name=chosen.matter_name, reference=chosen.reference)

    async def _mend(self, turn: Turn) -> None:
        """Something in what was handed in is wrong: the truth is that it can't be mended here any more."""
        running = [each for each in await cases_of(self._services, turn) if each.state in NOT_OVER]
        if not running:
            turn.say("utter_what_to_mend", () if turn.form else starters())
            return
        words, case = read("applying")["choices"], running[0]
        withdraw = Choice(f"withdraw_case:{CASE}{case.reference}", words["mend_withdraw"])
        turn.say("utter_mend_submitted", [withdraw, person()], name=case.matter_name, reference=case.reference)


def _now(case: Case, last: Sequence[CaseStep]) -> str:
    """How it stands; which papers it waits for and until when; what the platform said last."""
    words = read("applying")
    now: str = words["states"][case.state]["now"]
    for step in last:
        if case.state == "supplement" and step.materials:
            now += words["case_materials"].format(names="、".join(step.materials))
            now += words["case_until"].format(day=spoken_deadline(step.due_on)) if step.due_on else ""
        now += words["case_said"].format(text=step.text) if step.text else ""
    return now


def _number(turn: Turn) -> str:
    """The case number that the words name; "" for none."""
    return next((str(each["value"]) for each in turn.named("case_number") if not each["problem"]), "")


async def cases_of(services: Services, turn: Turn) -> Sequence[Case]:
    """What was handed in from this conversation and, once they said who they are, anywhere; the newest first."""
    here = await services.cases.of_conversation(turn.conversation)
    resident = await services.residents.of_conversation(turn.conversation)
    theirs = await services.cases.of_resident(resident.id) if resident else []
    known = {each.reference: each for each in [*here, *theirs]}
    return sorted(known.values(), key=lambda each: each.submitted_at, reverse=True)
