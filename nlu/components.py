"""The pipeline that Rasa runs: tokens, intent, entities, matters. Thin: what they do is in plain functions beside."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.jieba_tokenizer import JiebaTokenizer
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.entities.found import Found, entities
from nlu.entities.published import current_places, today_in_china
from nlu.files import HERE
from nlu.intent import Classifier, Intent, IntentRecogniser
from nlu.intent_training import collected_examples, learn_intents
from nlu.linking import as_property, link
from nlu.ordinal import names_choice
from nlu.patterns import patterns
from nlu.understanding import with_matter
from nlu.words import USER_WORDS, tokenizer

MATTERS = "matters"
WARMING = "我娘腊月二十三上午九点满八十，三亩，两块，1"
"""A sentence that has every finder read its words."""

MEANING_FILES = (
    "dialect.yml", "aspects.yml", "concepts.yml", "data/cues.yml", "data/sayings/training.tsv",
)  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ChineseTokenizer(JiebaTokenizer):
    """Rasa's tokens from our one jieba dictionary; an edited dictionary is noticed without `--force`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChineseTokenizer:
        """See GraphComponent. The dictionary is read now, not at the first message."""
        tokenizer()
        return cls(config, model_storage, resource)

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """See GraphComponent."""
        return _fingerprint(USER_WORDS)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """See Tokenizer."""
        return [Token(word, start) for word, start in tokenizer().spans(message.get(attribute)) if word.strip()]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRecogniserComponent(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking`."""

    def __init__(self, storage: ModelStorage, resource: Resource, recogniser: IntentRecogniser | None = None) -> None:
        self._storage, self._resource, self._recogniser = storage, resource, recogniser

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentRecogniserComponent:
        """See GraphComponent."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> IntentRecogniserComponent:  # fmt: skip
        """See GraphComponent. Raises FileNotFoundError or ValueError when the model is damaged."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, IntentRecogniser(Classifier.load(folder)))

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """See GraphComponent. Patterns are read at start, not learnt; all that is learnt from counts here."""
        return _fingerprint(*(HERE / name for name in MEANING_FILES))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from Rasa's examples and from our collected sayings."""
        taught = [(message.get(TEXT), message.get(INTENT)) for message in training_data.intent_examples]
        classifier = learn_intents(taught, collected_examples(taught))
        with self._storage.write_to(self._resource) as folder:
            classifier.save(folder)
        self._recogniser = IntentRecogniser(classifier)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """See IntentClassifier."""
        for message in messages:
            if self._recogniser:
                _set_intent(message, self._recogniser.recognise(message.get(TEXT) or ""))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityFinder(GraphComponent, EntityExtractorMixin):
    """Entities: `ordinal` (the words, for `nlu.ordinal.chosen`), `emergency` (fire, gas …), `elder` (on, off).

    And what is named, with its place in the text: see `nlu.entities.entity.Found`.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFinder:
        """See GraphComponent. Words and calendar are read now, not at the first message."""
        entities(WARMING, today_in_china(), None)
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """See EntityExtractorMixin."""
        for message in messages:
            text = message.get(TEXT) or ""
            carried = [_entity(message, name, value) for name, value in _carried(text, _name_of(message))]
            named = map(_named, entities(text, today_in_china(), current_places()))
            message.set(ENTITIES, [*message.get(ENTITIES, []), *carried, *named], add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class MatterLinker(GraphComponent, IntentClassifier):
    """Sets `matters` (see `nlu.linking.as_property`) and lets a matter that was named outweigh a weak intent."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MatterLinker:
        """See GraphComponent."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """See IntentClassifier."""
        for message in messages:
            match = link(text := message.get(TEXT) or "")
            message.set(MATTERS, as_property(match), add_to_output=True)
            asked_last = bool(match.wanted) and text.endswith(match.wanted)
            intent = _intent(message)
            if intent and (better := with_matter(intent, match.decision, asked_last=asked_last)) != intent:
                _set_intent(message, better)
        return messages


def _carried(text: str, intent: str) -> list[tuple[str, str]]:
    caught = patterns().recognise(text)
    ordinal = [("ordinal", text.strip())] if names_choice(text) else []
    carried = (caught.entity if caught else None) or patterns().carried(intent, text)
    return [*ordinal, carried] if carried else ordinal


def _name_of(message: Message) -> str:
    return str((message.get(INTENT) or {}).get("name") or "")


def _entity(message: Message, name: str, value: str) -> dict[str, Any]:
    whole = len(message.get(TEXT))
    return {"entity": name, "value": value, "start": 0, "end": whole, "extractor": EntityFinder.__name__}


def _named(found: Found) -> dict[str, Any]:
    """An entity in Rasa's form, with what is more than Rasa has: problem, also."""
    return {
        "entity": found.kind,
        "value": found.value,
        "start": found.start,
        "end": found.end,
        "extractor": EntityFinder.__name__,
        "problem": found.problem,
        "also": dict(found.also),
    }


def _intent(message: Message) -> Intent | None:
    named = message.get(INTENT)
    ranking = tuple((each["name"], each["confidence"]) for each in message.get("intent_ranking", []))
    return Intent(named["name"], named["confidence"], ranking) if named and named.get("name") else None


def _set_intent(message: Message, intent: Intent) -> None:
    ranking = [{"name": name, "confidence": confidence} for name, confidence in intent.ranking]
    message.set(INTENT, {"name": intent.name, "confidence": intent.confidence}, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)


def _fingerprint(*files: Path) -> str:
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
