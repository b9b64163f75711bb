"""`bangban rasa …`: Rasa's own command line on our files, for `data validate` and `test`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from bot.model import CONFIG, DOMAIN, INTENTS, RULES, STORIES
from bot.settings import Settings


def with_our_files(given: Sequence[str]) -> list[str]:
    """Rasa's arguments, completed with where our files are when they don't say."""
    files: list[object]
    tested: list[object] = ["--model", Settings().model, "--no-plot"]
    match list(given):
        case ["data", "validate", *_]:
            files = ["--domain", DOMAIN, "--config", CONFIG, "--data", RULES, INTENTS]
        case ["test", "nlu", *_]:
            files = ["--nlu", INTENTS, *tested]
        case ["test", "core", *_]:
            files = ["--stories", STORIES, *tested]
        case ["test", *_]:
            files = ["--stories", STORIES, "--nlu", INTENTS, *tested]
        case _:
            files = []
    return [*given[:2], *map(str, files), *given[2:]]  # what is given comes last and so counts


def rasa(context: typer.Context) -> None:
    """Run Rasa's own command line, e.g. `bangban rasa data validate` or `bangban rasa test nlu`."""
    from bot.standins import install

    install()
    import rasa.core.test
    from rasa.__main__ import main

    # no policy of ours extracts entities; Rasa would score an empty list, which today's scikit-learn refuses
    rasa.core.test.POLICIES_THAT_EXTRACT_ENTITIES = frozenset()
    sys.argv = ["rasa", *with_our_files(context.args)]
    main()
