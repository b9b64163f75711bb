"""Rasa's own files and the actions' words fit each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.emergency import KINDS
from actions.words import read, wording
from knowledge.starter import STARTER

ROOT = Path(__file__).parents[2]
ASSISTANT = ROOT / "bot" / "assistant"
DOMAIN = yaml.safe_load((ASSISTANT / "domain" / "domain.yml").read_text(encoding="utf-8"))
RESPONSES = {
    name: texts
    for file in (ASSISTANT / "domain").glob("*.yml")
    for name, texts in yaml.safe_load(file.read_text(encoding="utf-8")).get("responses", {}).items()
}
ONLY_CHOSEN = {
    "more_choices",
    "answer",
    "send_paper",
    "tell_reason",
    "leave_callback",
    "leave_person",
    "arrive",
    "allow_sms",
    "stop_sms",
    "carry_over",
}
"""Intents that no words are learnt for: a tapped choice, a file, a whole sentence of patterns.yml."""
RULES = yaml.safe_load((ASSISTANT / "rules.yml").read_text(encoding="utf-8"))["rules"]
EMOJI = re.compile("[\U0001f000-\U0001ffff\u2600-\u27bf]")
SAY_BY_INTENT = ("action_say",)
"""Actions that say the response that has the intent's name."""
PARTS = ("materials", "eligibility", "process", "duration", "fee", "amount", "place", "online", "result", "contact")


def intents_of(rule: dict[str, Any]) -> list[str]:
    first = rule["steps"][0]
    alternatives = first.get("or", [first])
    return [step["intent"] for step in alternatives if "intent" in step]


def intents_of_action(action: str) -> list[str]:
    return [intent for rule in RULES if {"action": action} in rule["steps"] for intent in intents_of(rule)]


def said_by_the_program() -> set[str]:
    sources = "".join(
        path.read_text(encoding="utf-8") for folder in ("actions", "bot") for path in ROOT.glob(f"{folder}/**/*.py")
    )
    named = set(re.findall(r'"(utter_[a-z_]+)"', sources))
    parts = {f"utter_{part}{ending}" for part in PARTS for ending in ("", "_unknown")}
    hours = {f"utter_hours_{state}" for state in ("open", "closed", "long_closed")}
    by_intent = {f"utter_{intent}" for action in SAY_BY_INTENT for intent in intents_of_action(action)}
    asked_by_forms = {"utter_ask_telephone"}  # application_form asks by an action
    emergencies = {f"utter_emergency_{kind}" for kind in KINDS}
    return named | parts | hours | by_intent | asked_by_forms | emergencies


def test_every_intent_has_exactly_one_rule() -> None:
    ruled = [intent for rule in RULES for intent in intents_of(rule)]
    assert sorted(ruled) == sorted(DOMAIN["intents"])


def test_every_intent_that_is_recognised_is_in_the_domain() -> None:
    recognised = {
        entry["intent"]
        for path in (ROOT / "nlu" / "data" / "intents").glob("*.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in entry
    }
    assert recognised == set(DOMAIN["intents"]) - ONLY_CHOSEN


def test_every_kind_of_emergency_that_is_recognised_has_its_own_number_first() -> None:
    patterns = (ROOT / "nlu" / "data" / "patterns.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"intent: emergency\n\s+value: (\w+)", patterns)) == KINDS
    first = {kind: re.search(r"1[12][0-9]", RESPONSES[f"utter_emergency_{kind}"][0]["text"]) for kind in KINDS}
    assert {kind: found and found[0] for kind, found in first.items()} == {
        "fire": "119",
        "gas": "119",
        "drowning": "110",
        "suicide": "120",
        "violence": "110",
        "illness": "120",
    }


def test_every_response_that_is_said_exists_and_no_other() -> None:
    assert said_by_the_program() == set(RESPONSES)


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_is_short_plain_and_asks_one_thing(name: str) -> None:
    for variation in RESPONSES[name]:
        text = variation["text"]
        assert len(text) <= 120
        assert text.count("？") <= 1
        assert not EMOJI.search(text)
        assert "你" not in text.replace("你们", "")


def test_the_choices_offered_lead_to_intents_and_matters_that_exist() -> None:
    assert set(wording("parts")) <= set(DOMAIN["intents"])
    assert {*wording("offered"), *wording("offered_for_benefit")} <= set(wording("parts"))
    assert set(wording("after_small_talk")) <= set(intents_of_action("action_say"))
    assert set(wording("asides")) <= set(DOMAIN["intents"])
    applying = read("applying")
    assert {*applying["asides"], *applying["never_answers"]} <= set(DOMAIN["intents"])
    situations = {situation["code"] for situation in yaml.safe_load((STARTER / "situations.yml").read_text("utf-8"))}
    matters = {path.stem for path in (STARTER / "matters").glob("*.yml")}
    assert {starter["code"] for starter in wording("starters")} <= situations | matters
