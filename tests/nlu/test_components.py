"""The pipeline's components on real Rasa classes: trained, stored, loaded and asked."""

import warnings

import pytest

from bot.standins import install
from nlu.entities.places import Places
from nlu.entities.published import publish_places
from nlu.files import HERE
from nlu.linking import publish_matcher
from tests.nlu.starter import starter_matcher

install()
with warnings.catch_warnings():  # Rasa 3.6 and what it imports warn of their own age
    warnings.simplefilter("ignore")
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.importers.rasa import RasaFileImporter
    from rasa.shared.nlu.training_data.message import Message

    from nlu.components import ChineseTokenizer, EntityFinder, IntentRecogniserComponent, MatterLinker


CONTEXT = ExecutionContext(GraphSchema({}))


@pytest.fixture(scope="module")
def understand(tmp_path_factory):
    """A text through the whole pipeline, as Rasa runs it after `rasa train` and a restart."""
    storage, resource = LocalModelStorage.create(tmp_path_factory.mktemp("model")), Resource("intents")
    files = sorted(map(str, (HERE / "data" / "intents").glob("*.yml")))
    IntentRecogniserComponent.create({}, storage, resource, CONTEXT).train(
        RasaFileImporter(training_data_paths=files).get_nlu_data()
    )
    components = [
        ChineseTokenizer.create(ChineseTokenizer.get_default_config(), storage, Resource("tokens"), CONTEXT),
        IntentRecogniserComponent.load({}, storage, resource, CONTEXT),
        EntityFinder.create({}, storage, Resource("entities"), CONTEXT),
        MatterLinker.create({}, storage, Resource("matters"), CONTEXT),
    ]
    publish_matcher(starter_matcher())

    def parse(text):
        messages = [Message.build(text)]
        for component in components:
            messages = component.process(messages)
        return messages[0].as_dict(only_output_properties=True)

    yield parse
    publish_matcher(None)


def test_an_aspect_and_a_matter_are_both_understood(understand):
    parsed = understand("低保要带什么材料")
    assert parsed["intent"]["name"] == "ask_materials"
    assert (parsed["matters"]["decision"], parsed["matters"]["candidates"][0]["code"]) == ("answer", "M001")


def test_an_ordinal_is_an_entity_in_the_words_of_the_resident(understand):
    parsed = understand("后面那个")
    assert parsed["intent"]["name"] == "choose"
    assert [(each["entity"], each["value"]) for each in parsed["entities"]] == [("ordinal", "后面那个")]


def test_an_emergency_says_which(understand):
    parsed = understand("老公打我")
    named = [(each["entity"], each["value"]) for each in parsed["entities"]]
    assert named == [("emergency", "violence"), ("relation", "husband")]


def test_what_is_named_carries_its_place_in_the_text_and_why_it_cannot_be(understand):
    (found,) = understand("2月30号能办低保吗")["entities"]
    assert (found["entity"], found["start"], found["end"]) == ("date", 0, 5)
    assert (found["problem"], found["also"]["month"], found["also"]["day"]) == ("no_such_date", 2, 30)


def test_published_places_are_found(understand):
    publish_places(Places([("430423000000", "衡山县", ""), ("430423101000", "白果镇", "430423000000")]))
    found = understand("我是白果镇的，低保怎么办")["entities"]
    publish_places(None)
    assert [(each["entity"], each["value"]) for each in found] == [("place", "430423101000")]


def test_a_vague_need_carries_its_situation(understand):
    parsed = understand("我要修房子")
    assert (parsed["intent"]["name"], parsed["matters"]["situation"]) == ("find_matter", "S01")


@pytest.mark.parametrize("text", ["", "😀", " "])
def test_a_blank_text_passes_the_pipeline(understand, text):
    assert understand(text)["matters"]["decision"] == "none"


def test_without_a_catalogue_nothing_is_linked(understand):
    publish_matcher(None)
    nothing = {"situation": None, "then": None, "namesakes": False, "wanted": ""}
    assert understand("低保")["matters"] == {"decision": "none", "candidates": [], **nothing}
    publish_matcher(starter_matcher())


def test_an_edited_dictionary_changes_the_fingerprint(monkeypatch, tmp_path):
    before = ChineseTokenizer.fingerprint_addon({})
    (tmp_path / "dictionary.txt").write_text("新词", encoding="utf-8")
    monkeypatch.setattr("nlu.components.USER_WORDS", tmp_path / "dictionary.txt")
    assert ChineseTokenizer.fingerprint_addon({}) != before
