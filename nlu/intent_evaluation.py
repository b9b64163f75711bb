"""How well intents are recognised: on the sayings kept apart, and by cross-validation on what is learnt from.

The sayings kept apart (`data/intents_test.tsv`, 690 by a writer who saw no other) are only counted. What is confused
is shown of the training part alone, so that nobody tunes to the sentences that are to be the judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.files import HERE
from nlu.intent import Intent, IntentRecogniser
from nlu.intent_training import Example, collected_examples, cross_validate_intents, examples, learn_intents

GOAL = 0.95
TEST = HERE / "data" / "intents_test.tsv"
ELDER = {"elder_on": "on", "elder_off": "off"}
"""Labels of the test part that are one intent with two values."""
MOST_CONFUSIONS = 12


@dataclass(frozen=True, slots=True)
class IntentEvaluation:
    """`accuracy` and `by_intent` (right, all) of the test part. `unseen`: its accuracy without the `verbatim` sayings
    that training has too (你好, 谢谢). `cross_validated` and `confusions` (meant, heard, times) of training."""

    accuracy: float
    unseen: float
    sayings: int
    verbatim: int
    by_intent: dict[str, tuple[int, int]]
    cross_validated: float
    confusions: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        goal = "reached" if self.accuracy >= GOAL else "not reached"
        weak = [f"  {intent:<16}{right:>4} of {of}" for intent, (right, of) in self.by_intent.items() if right < of]
        confused = [f"  {meant} heard as {heard}: {times}" for meant, heard, times in self.confusions]
        return "\n".join([
            f"intents of {self.sayings} sayings kept apart: {self.accuracy:.1%} right (goal {GOAL:.0%}, {goal})",
            f"without the {self.verbatim} that training has word for word: {self.unseen:.1%}",
            "not all right:", *weak,
            f"cross-validated on training: {self.cross_validated:.1%}; most confused there:", *confused,
        ])  # fmt: skip


def evaluate_intents(folds: int = 5) -> IntentEvaluation:
    """Learn from all of training and count the test part; cross-validate training. Takes a minute or two."""
    taught = examples()
    collected = collected_examples(taught)
    heard = hear(IntentRecogniser(learn_intents(taught, collected)), kept_apart())
    known = {text for text, _ in taught}
    unseen = [right for text, _, right in heard if text not in known]
    validated = cross_validate_intents(taught, collected, folds)
    return IntentEvaluation(
        accuracy=_share(right for _, _, right in heard),
        unseen=_share(unseen),
        sayings=len(heard),
        verbatim=len(heard) - len(unseen),
        by_intent=_by_intent(heard),
        cross_validated=_share(meant == intent.name for _, meant, intent in validated),
        confusions=_confusions(validated),
    )


def kept_apart() -> list[Example]:
    """The test part: text and label. Raises FileNotFoundError; ValueError when a line has not two columns."""
    rows = (line.split("\t") for line in TEST.read_text(encoding="utf-8").splitlines())
    return [(text, label) for label, text in rows]


def hear(recogniser: IntentRecogniser, sayings: Iterable[Example]) -> list[tuple[str, str, bool]]:
    """Each saying with its label and whether it was understood: (text, label, right)."""
    return [(text, label, is_right(recogniser.recognise(text), label)) for text, label in sayings]


def is_right(intent: Intent, label: str) -> bool:
    """Whether the intent is the one of the label, for larger and smaller letters with its value."""
    if label in ELDER:
        return intent.name == "set_elder" and intent.entity == ("elder", ELDER[label])
    if label == "distress" and intent.entity == ("emergency", "suicide"):
        return True  # 不想活了: told as a feeling, and answered with the numbers that help
    return intent.name == label


def _by_intent(heard: Sequence[tuple[str, str, bool]]) -> dict[str, tuple[int, int]]:
    right, of = Counter(label for _, label, good in heard if good), Counter(label for _, label, _ in heard)
    return {label: (right[label], of[label]) for label in sorted(of)}


def _confusions(validated: Iterable[tuple[str, str, Intent]]) -> tuple[tuple[str, str, int], ...]:
    wrong = Counter((meant, said.name) for _, meant, said in validated if meant != said.name)
    return tuple((meant, heard, times) for (meant, heard), times in wrong.most_common(MOST_CONFUSIONS))


def _share(rights: Iterable[bool]) -> float:
    judged = list(rights)
    return sum(judged) / len(judged) if judged else 0.0
