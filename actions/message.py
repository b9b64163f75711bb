"""One message of a resident, as it was understood: intent, matters, and what is named in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.understood import Understood
from actions.words import read, wording
from nlu.entities.ages import bare_age
from nlu.text import is_blank, mask_personal, normalise

LONGEST_QUOTED = 16
"""Characters of a resident's words that are said back to them; of longer ones they know what they said."""

GUESSED = 0.4
"""Below it the intent of words that name no matter is only a guess."""


class Message:
    """What Rasa hands over of a message."""

    def __init__(self, parsed: Mapping[str, Any]) -> None:
        """`parsed`: what the pipeline of nlu/components.py made of it."""
        self._message = parsed
        self._understood = Understood.of(parsed.get("matters") or {})

    @property
    def intent(self) -> str:
        """What the resident does with this message."""
        return str(self._message["intent"]["name"])

    @property
    def caught(self) -> bool:
        """Whether the intent is certain: a whole sentence of nlu/data/patterns.yml, or a choice."""
        return self.certainty >= 1.0

    @property
    def certainty(self) -> float:
        """How sure the intent is, 0..1."""
        return float(self._message["intent"].get("confidence") or 0.0)

    @property
    def text(self) -> str:
        """What the resident said, as they said it; a tapped choice's id."""
        return self._message.get("text") or ""

    @property
    def elder(self) -> bool:
        """Whether the conversation is in 长辈版."""
        return bool((self._message.get("metadata") or {}).get("elder"))

    @property
    def channel(self) -> str:
        """Where it was said (wecom); "": on the page."""
        return str((self._message.get("metadata") or {}).get("channel") or "")

    @property
    def argument(self) -> str | None:
        """What a choice names: the part of its id after the colon."""
        return self.entity("argument")

    @property
    def said(self) -> str:
        """The resident's own words; "" for a choice."""
        return "" if self.argument else self.text

    @property
    def quoted(self) -> str:
        """What was taken as what they want, in quotes, to say it back; "" where it is long or has their numbers."""
        words = (self.understood.wanted or self.said).strip(" ，。！？、,.!?;；:：")
        fit = 0 < len(words) <= LONGEST_QUOTED and mask_personal(words) == words
        return wording("quoted").format(words=words) if fit else ""

    def is_one_of(self, kind: str, *, intent: bool = False) -> bool:
        """Whether the words (or with `intent` what is done with them) are among those of applying.yml there."""
        known: list[str] = read("applying")[kind]
        return self.intent in known if intent else normalise(self.said).strip(" ,.!?了啊吧咯") in known

    def entity(self, name: str) -> str | None:
        """The value of the message's first entity of that name."""
        entities = self._message.get("entities") or ()
        return next((found["value"] for found in entities if found["entity"] == name), None)

    def named(self, kind: str | None = None) -> list[Mapping[str, Any]]:
        """What the words name (nlu/entities): of that kind, or of every kind. A tapped choice names nothing."""
        found = [each for each in self._message.get("entities") or () if "also" in each]
        return [each for each in found if kind in (None, each["entity"])]

    @property
    def age(self) -> int | None:
        """The age in years (周岁) that the words tell, to somebody who asked for one."""
        told = [each["value"] for each in self.named("age") if not (each["problem"] or each["also"].get("nominal"))]
        return int(told[0]) if told else bare_age(self.said)

    @property
    def asks_nothing(self) -> bool:
        """Whether no intent and no matter is understood: what the words name is all there is to answer."""
        if self.caught or self.argument or self.understood.decision == "answer":
            return False
        if self._is_only_named():
            return True
        guessed = self.intent in wording("guessed_intents") or self.certainty < GUESSED
        return guessed and self.understood.decision == "none"

    def _is_only_named(self) -> bool:
        """Whether what is named, and words that say nothing (我是 … 的), are the whole text."""
        rest = self.text
        for found in reversed(self.named()):
            rest = rest[: found["start"]] + " " + rest[found["end"] :]
        for filler in wording("fillers"):
            rest = rest.replace(filler, "")
        return bool(self.named()) and is_blank(rest)

    @property
    def understood(self) -> Understood:
        """The matters of the message itself."""
        return self._understood

    def take_as_understood(self, understood: Understood) -> None:
        """Go on with this instead: the resident's region tells matters of one name apart."""
        self._understood = understood
