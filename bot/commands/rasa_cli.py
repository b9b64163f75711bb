"""`bangban rasa …`: Rasa's own command line on our files, for `data validate` and `test`."""

from __future__ import annotations

import sys

import typer


def rasa(context: typer.Context) -> None:
    """Run Rasa's own command line, e.g. `bangban rasa data validate` or `bangban rasa test nlu`."""
    from bot.standins import install

    install()
    from rasa.__main__ import main

    from bot.model import rasa_arguments

    sys.argv = ["rasa", *rasa_arguments(context.args)]
    main()
