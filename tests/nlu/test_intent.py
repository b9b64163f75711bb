from collections import Counter

import pytest

from nlu.intent import Classifier, Intent, IntentRecogniser
from nlu.intent_evaluation import is_right
from nlu.intent_training import collected_examples, cross_validate_intents, examples, learn_intents
from nlu.understanding import with_matter


@pytest.fixture(scope="module")
def taught():
    told = examples()
    return [*told, *collected_examples(told)]


@pytest.fixture(scope="module")
def recogniser(taught):
    return IntentRecogniser(learn_intents(taught))


def test_every_intent_has_at_least_25_examples_and_no_text_two_intents():
    told = examples()
    assert min(Counter(intent for _, intent in told).values()) >= 25
    texts = Counter(text for text, _ in told)
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("低保要带么子", "ask_materials"),
        ("几天能办好", "ask_duration"),
        ("要不要钱", "ask_fee"),
        ("一个月能领好多", "ask_amount"),
        ("到何里办", "ask_place"),
        ("周末开门不", "ask_hours"),
        ("我够不够条件", "ask_eligibility"),
        ("怎么走流程", "ask_process"),
        ("网上能办不", "ask_online"),
        ("电话好多", "ask_contact"),
        ("办到哪一步了", "ask_progress"),
        ("第二个", "choose"),
        ("2", "choose"),
        ("转人公", "ask_person"),
        ("着火了", "emergency"),
        ("人工授精能报销吗", "ask_eligibility"),
        ("房子烧了想领救助款", "find_matter"),
        ("", "out_of_scope"),
        ("😀", "out_of_scope"),
        ("你会泄露我的信息吗", "ask_privacy"),
    ],
)
def test_people_are_understood(recogniser, said, intent):
    assert recogniser.recognise(said).name == intent


def test_an_emergency_carries_its_kind(recogniser):
    assert recogniser.recognise("老公打我").entity == ("emergency", "violence")


def test_a_ranking_is_best_first_and_at_most_certain(recogniser):
    intent = recogniser.recognise("要带什么材料呢")
    confidences = [confidence for _, confidence in intent.ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.001


def test_a_classifier_survives_being_written_and_read_without_pickle(recogniser, taught, tmp_path):
    classifier = learn_intents(taught[:200])
    classifier.save(tmp_path)
    again = Classifier.load(tmp_path)
    assert (again.probabilities("要多久") == classifier.probabilities("要多久")).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["intents.json", "intents.npz"]


@pytest.mark.parametrize("damage", [b"", b"{", b"PK\x03\x04 broken"])
def test_a_damaged_classifier_is_named_by_an_error(taught, tmp_path, damage):
    learn_intents(taught[:200]).save(tmp_path)
    (tmp_path / "intents.json").write_bytes(damage)
    with pytest.raises(ValueError):
        Classifier.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "confidence", "decision", "becomes"),
    [
        ("out_of_scope", 0.9, "answer", "find_matter"),
        ("thank", 0.2, "clarify", "find_matter"),
        ("ask_fee", 0.8, "answer", "ask_fee"),
        ("ask_privacy", 0.6, "answer", "find_matter"),
        ("ask_privacy", 0.6, "clarify", "ask_privacy"),
        ("out_of_scope", 0.9, "none", "out_of_scope"),
        ("ask_person", 1.0, "answer", "ask_person"),
        ("find_matter", 0.9, "none", "find_matter"),
    ],
)
def test_a_matter_that_was_named_outweighs_a_guess(name, confidence, decision, becomes):
    assert with_matter(Intent(name, confidence, ((name, confidence),)), decision).name == becomes


def test_a_matter_at_the_end_of_a_story_outweighs_what_is_scolded_before():
    scolds, wants_person = Intent("complain", 0.99, ()), Intent("ask_person", 1.0, ())
    assert with_matter(scolds, "answer", asked_last=True).name == "find_matter"
    assert with_matter(scolds, "clarify", asked_last=True).name == "complain"
    assert with_matter(wants_person, "answer", asked_last=True).name == "ask_person"


def test_cross_validated_intents_are_right_in_at_least_five_of_six(taught):
    said = cross_validate_intents(taught, folds=3)
    assert sum(is_right(heard, intent) for _, intent, heard in said) / len(said) >= 5 / 6
