"""`bangban`: what the command line knows, and how it says that something is wrong."""

from __future__ import annotations

import os
import sys
import warnings

import typer

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
# Rasa 3.6's own imports: SQLAlchemy's old names, pkg_resources; nothing that we or a user could mend
warnings.filterwarnings("ignore")

from bot.commands import (  # noqa: E402
    bench,
    catalogue,
    chat,
    database,
    evaluate,
    keys,
    links,
    match,
    outbox,
    rasa_cli,
    record,
    retention,
    review,
    sandbox,
    serve,
    staff,
    train,
    wechat,
)
from bot.commands.errors import NAMED, explain  # noqa: E402

app = typer.Typer(
    help="帮办: government services for residents, in their own words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("chat")(chat.chat)
app.command("match")(match.match)
app.command("train")(train.train)
app.command("eval")(evaluate.evaluate)
app.add_typer(bench.app, name="bench")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(links.app, name="links")
app.add_typer(outbox.app, name="outbox")
app.add_typer(record.app, name="record")
app.add_typer(retention.app, name="retention")
app.add_typer(review.app, name="review")
app.add_typer(staff.app, name="staff")
app.add_typer(wechat.app, name="wechat")
app.command("rasa", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(rasa_cli.rasa)


def main() -> None:
    """Run a command. An error that has a name ends it with one line and exit code 1."""
    try:
        app()
    except NAMED as error:
        print(f"bangban: {explain(error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
