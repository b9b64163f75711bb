"""`bangban outbox …`: what waits to be handed in to the platform, and what could not be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import orjson
import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from bot.outbox_desk import OutboxDesk
    from connectors.message import Reply
    from knowledge.database import Database
    from knowledge.outbox import Letter, Outbox

Result = TypeVar("Result")

app = typer.Typer(help="What waits to be handed in to the platform, and what could not be.", no_args_is_help=True)

Letters = Annotated[list[str], typer.Argument(help="the letters' ids, as `outbox list` shows them")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON a line")]
BY = "command line"


@app.command("list")
def list_(data_dir: DataDir = None, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Show the dead letters and those that wait, the oldest first; never what is in them."""

    async def work(outbox: Outbox, _: OutboxDesk) -> list[Letter]:
        return [*await outbox.dead_letters(), *await outbox.waiting_letters()]

    letters = _on_outbox(data_dir, database, work)
    for letter in letters:
        typer.echo(orjson.dumps(asdict(letter)).decode() if as_json else _in_words(letter))
    if not letters and not as_json:
        typer.echo("nothing waits")


@app.command("retry")
def retry(letters: Letters, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Let dead letters go again; a running service delivers them within seconds."""
    _on_outbox(data_dir, database, lambda _, desk: desk.send_again(letters, BY))
    typer.echo(f"waiting again: {len(letters)}")


@app.command("drop")
def drop(
    letters: Letters,
    reason: Annotated[str, typer.Option(help="why, for those who ask later")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Give dead letters up: those after them go on, the resident is told."""
    if not reason.strip():
        raise CommandFailed("--reason is empty; somebody will ask")
    _on_outbox(data_dir, database, lambda _, desk: desk.drop(letters, BY, reason.strip()))
    typer.echo(f"dropped: {len(letters)}")


def _in_words(letter: Letter) -> str:
    words = [letter.id, letter.state, letter.kind, letter.subject, f"since {letter.created_at:%Y-%m-%d %H:%M}"]
    tried = [f"tried {letter.attempts} times: {letter.error}"] if letter.attempts else []
    return "\t".join(words + tried)


def _on_outbox(
    data_dir: DataDir, database: DatabaseUrl, work: Callable[[Outbox, OutboxDesk], Awaitable[Result]]
) -> Result:
    settings = settings_from(data_dir=data_dir, database_url=database)

    async def on_outbox(opened: Database) -> Result:
        from bot.clock import now
        from bot.keys import keyring_for
        from bot.outbox_desk import OutboxDesk
        from knowledge.cases import Cases
        from knowledge.conversations import Conversations
        from knowledge.outbox import Outbox

        keyring = await keyring_for(settings, opened)
        outbox, cases = Outbox(opened, keyring), Cases(opened, keyring)
        conversations = Conversations(opened)

        async def push(conversation: str, sender: str, reply: Reply) -> int:
            return await conversations.push(conversation, sender, reply.as_dict(), now())

        return await work(outbox, OutboxDesk(opened, outbox, cases, push, now))

    return on_database(settings, on_outbox)
