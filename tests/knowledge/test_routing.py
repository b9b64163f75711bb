"""Who is offered a chat: by office, skills, work and hours; a tier up; a call-back when nobody works."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from knowledge.agents import Agent
from knowledge.handoff import Handoff
from knowledge.routing import decide, expected_wait, tier_of, within_reach

MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)  # Monday, 10:00 in China
LUNCH = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
HOLIDAY = datetime(2026, 10, 1, 2, tzinfo=UTC)
HOURS = {"mon-fri": ["09:00-12:00", "13:30-17:00"]}
LONG_HOURS = {"mon-fri": ["09:00-20:00"], "sat": ["09:00-12:00"]}

WAITING = Handoff(
    id="H",
    conversation_id="C",
    reason="asked",
    region_code="430423101218",
    matter_code="M005",
    skills=[],
    language="",
    tier="村",
    office_code="O-430423101218",
    state="waiting",
    entered_at=MORNING,
    declined=[],
    tier_due_at=MORNING + timedelta(seconds=120),
    **dict.fromkeys(("offered_to", "offered_at", "offer_due_at", "taken_by", "taken_at", "last_agent_at")),
    **dict.fromkeys(("last_resident_at", "silence_due_at", "warned_at", "ended_at")),
    ended_by="",
    outcome="",
)  # fmt: skip


def agent(staff_id: int, region: str = "430423101218", at: datetime = MORNING, **more: object) -> Agent:
    told = {"skills": [], "capacity": 3, "on_duty": True, "seen_at": at, "hours": HOURS} | more
    return Agent(staff_id, f"a{staff_id}", f"O-{region}", "站", region, staff_id, **told)  # type: ignore[arg-type]


VILLAGE, NEIGHBOUR = agent(1), agent(2, "430423101203")
TOWN, OTHER_TOWN, COUNTY = agent(3, "430423101000"), agent(4, "430423100000"), agent(5, "430423000000")
ELSEWHERE = agent(6, "430406100207")


def offered(handoff: Handoff, *agents: Agent, at: datetime = MORNING) -> int | None:
    decision = decide(handoff, agents, at)
    return decision.agent.staff_id if decision.agent else None


def test_the_own_office_comes_first_then_others_of_the_tier_nearby() -> None:
    assert offered(WAITING, COUNTY, TOWN, NEIGHBOUR, VILLAGE) == 1
    assert offered(WAITING, NEIGHBOUR, replace(VILLAGE, load=3)) == 2
    assert offered(replace(WAITING, declined=[1]), COUNTY, NEIGHBOUR, VILLAGE) == 2
    assert within_reach(WAITING, "村", [ELSEWHERE, TOWN], MORNING) == []
    assert within_reach(WAITING, "镇", [ELSEWHERE, TOWN, OTHER_TOWN, COUNTY], MORNING) == [TOWN, OTHER_TOWN]


def test_the_least_busy_is_offered_it_and_whoever_knows_the_matter_before_them() -> None:
    busy, idle = replace(VILLAGE, load=1), replace(VILLAGE, staff_id=9)
    assert offered(WAITING, busy, idle) == 9
    assert offered(WAITING, replace(busy, skills=["M005"]), idle) == 1
    assert offered(replace(WAITING, language="手语"), replace(busy, skills=["手语"]), idle) == 1
    assert offered(replace(WAITING, skills=["民政局"]), idle) == 9, "nobody waits for a skill that nobody has"


def test_a_tier_up_comes_when_it_is_late_or_nobody_works_here() -> None:
    late = MORNING + timedelta(seconds=120)
    assert decide(WAITING, [replace(VILLAGE, seen_at=late), TOWN], late).tier == "镇"
    assert decide(WAITING, [TOWN, COUNTY], MORNING).tier == "镇"
    assert decide(WAITING, [COUNTY], MORNING).tier == "县"
    assert decide(WAITING, [VILLAGE], late).step == "wait", (
        "nobody is above, and here nobody's desk was heard of lately"
    )
    assert offered(WAITING, replace(VILLAGE, seen_at=late), at=late) == 1


def test_who_let_it_pass_is_asked_again_only_when_there_is_nobody_above() -> None:
    declined = replace(WAITING, declined=[1])
    assert decide(declined, [VILLAGE, TOWN], MORNING).step == "wait"
    assert offered(declined, VILLAGE) == 1


def test_at_lunch_on_a_holiday_and_off_duty_nobody_works_and_it_is_called_back() -> None:
    assert decide(WAITING, [replace(VILLAGE, seen_at=LUNCH)], LUNCH).step == "call_back"
    assert decide(WAITING, [replace(VILLAGE, seen_at=HOLIDAY, hours=LONG_HOURS)], HOLIDAY).step == "call_back"
    assert decide(WAITING, [replace(VILLAGE, on_duty=False)], MORNING).step == "call_back"
    assert decide(WAITING, [ELSEWHERE], MORNING).step == "call_back"
    assert offered(WAITING, replace(VILLAGE, seen_at=LUNCH, hours=LONG_HOURS), at=LUNCH) == 1, "延时服务"


def test_what_is_above_a_county_counts_as_one() -> None:
    assert [tier_of(code) for code in ("430423101218", "430423101000", "430423000000", "430400000000", "")] == [
        "村",
        "镇",
        "县",
        "县",
        "县",
    ]


def test_the_wait_is_told_by_those_who_work_now() -> None:
    six = timedelta(minutes=6)
    assert expected_wait(WAITING, 1, [VILLAGE], six, MORNING) == timedelta(0)
    assert expected_wait(WAITING, 1, [replace(VILLAGE, load=3)], six, MORNING) == timedelta(minutes=2)
    assert expected_wait(WAITING, 1, [VILLAGE], six, LUNCH) is None
