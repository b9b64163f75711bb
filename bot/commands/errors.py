"""The errors that a command ends with, each in one line that says what to do."""

from __future__ import annotations

from pydantic import ValidationError

from bot.bench.environment import PeersMissing
from bot.model import TrainingFailed
from knowledge.checking import BadRows
from knowledge.database import DatabaseAddressInvalid, DatabaseUnavailable
from knowledge.formats.row import BrokenFile
from knowledge.matter import MatterNotFound
from knowledge.publishing import CatalogueChangedMeanwhile, NothingToPublish
from knowledge.reviewing import SayingDecided, SayingOpen
from knowledge.unsure import SayingNotFound
from nlu.embedding import EmbeddingUnavailable


class CommandFailed(Exception):
    """A command can't go on; the message is the line that is shown."""


NAMED: tuple[type[Exception], ...] = (
    CommandFailed,
    BadRows,
    BrokenFile,
    CatalogueChangedMeanwhile,
    DatabaseAddressInvalid,
    DatabaseUnavailable,
    EmbeddingUnavailable,
    MatterNotFound,
    NothingToPublish,
    OSError,
    PeersMissing,
    SayingDecided,
    SayingNotFound,
    SayingOpen,
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
        case EmbeddingUnavailable():
            return f"the sentence model can't be asked ({error}); BANGBAN_MEANING=false does without it"
        case NothingToPublish():
            return "there is no draft to publish; import a file first"
        case CatalogueChangedMeanwhile():
            return "another process changed the catalogue at the same moment; run the command again"
        case MatterNotFound():
            return f"there is no matter {error}"
        case SayingNotFound():
            return f"there is no saying {error}; `bangban review list` shows their numbers"
        case SayingDecided():
            return f"saying {error} is decided already; `bangban review undo` takes it back"
        case SayingOpen():
            return f"saying {error} is open already"
        case TrainingFailed():
            return f"training failed:\n{error}"
        case FileNotFoundError():
            return f"there is no file {error.filename}"
    return str(error)
