"""The errors that a command ends with, each in one line that says what to do."""

from __future__ import annotations

from pydantic import ValidationError

from bot.model import TrainingFailed
from knowledge.checking import BadRows
from knowledge.database import DatabaseAddressInvalid, DatabaseUnavailable
from knowledge.formats.row import BrokenFile
from knowledge.matter import MatterNotFound
from knowledge.publishing import CatalogueChangedMeanwhile, NothingToPublish


class CommandFailed(Exception):
    """A command can't go on; the message is the line that is shown."""


NAMED: tuple[type[Exception], ...] = (
    CommandFailed,
    BadRows,
    BrokenFile,
    CatalogueChangedMeanwhile,
    DatabaseAddressInvalid,
    DatabaseUnavailable,
    MatterNotFound,
    NothingToPublish,
    OSError,
    TrainingFailed,
    ValidationError,
)


def explain(error: Exception) -> str:
    """The line for an error (a line for each bad row)."""
    match error:
        case ValidationError():
            first = error.errors()[0]
            return f"setting {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        case DatabaseUnavailable():
            return f"the database does not answer ({error}); check its address and that its place is writable"
        case DatabaseAddressInvalid():
            return f"the database's address is not usable ({error}); sqlite+aiosqlite:///FILE or postgresql+asyncpg://…"
        case BadRows():
            return f"{len(error.problems)} bad rows, nothing was imported\n{error}"
        case NothingToPublish():
            return "there is no draft to publish; import a file first"
        case CatalogueChangedMeanwhile():
            return "another process changed the catalogue at the same moment; run the command again"
        case TrainingFailed():
            return f"training failed:\n{error}"
        case FileNotFoundError():
            return f"there is no file {error.filename}"
    return str(error)
