"""The errors that a command ends with, each in one line that says what to do."""

from __future__ import annotations

from pydantic import ValidationError

from bot.model import TrainingFailed
from knowledge.catalogue import MatterNotFound
from knowledge.database import DatabaseUnavailable


class CommandFailed(Exception):
    """A command can't go on; the message is the line that is shown."""


NAMED: tuple[type[Exception], ...] = (CommandFailed, DatabaseUnavailable, TrainingFailed, MatterNotFound)


def explain(error: Exception) -> str:
    """The line for an error."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"setting {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if isinstance(error, DatabaseUnavailable):
        return f"the database does not answer ({error}); check BANGBAN_DATABASE_URL and that its place is writable"
    if isinstance(error, TrainingFailed):
        return f"training failed:\n{error}"
    return str(error)
