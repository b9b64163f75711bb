"""The errors that a command ends with, each in one line that says what to do."""

from __future__ import annotations

from pydantic import ValidationError

from bot.bench.environment import PeersMissing
from bot.keys import KeysFileMissing
from bot.model import TrainingFailed
from connectors.platforms.crypto import KeyInvalid
from knowledge.checking import BadRows
from knowledge.database import DatabaseAddressInvalid, DatabaseUnavailable
from knowledge.evidence import NoRecord, SubjectUnknown
from knowledge.formats.row import BrokenFile
from knowledge.holds import HoldSubjectUnknown, NotHeld
from knowledge.keyring import KeyMissing, KeysInvalid
from knowledge.matter import MatterNotFound
from knowledge.outbox import LetterNotDead, LetterNotFound
from knowledge.periods import PeriodsInvalid
from knowledge.publishing import CatalogueChangedMeanwhile, NothingToPublish
from knowledge.rating_rules import RatingRulesInvalid
from knowledge.reviewing import SayingDecided, SayingOpen
from knowledge.rotation import KeyInUse
from knowledge.sealing_keys import FingerprintsStale, KeysDiffer, KeysLacking
from knowledge.unsure import SayingNotFound
from nlu.embedding import EmbeddingUnavailable


class CommandFailed(Exception):
    """A command can't go on; the message is the line that is shown."""


SAID: dict[type[Exception], str] = {
    DatabaseUnavailable: "the database does not answer ({error}); check its address and that its place is writable",
    DatabaseAddressInvalid: (
        "the database's address is not usable ({error}); sqlite+aiosqlite:///FILE or postgresql+asyncpg://…"
    ),
    EmbeddingUnavailable: "the sentence model can't be asked ({error}); BANGBAN_MEANING=false does without it",
    KeysInvalid: "the keys can't be used ({error}); look at BANGBAN_KEYS, or at the file keys in the data directory",
    KeysFileMissing: "personal data is sealed here, and there is no {error}; put it back, or set BANGBAN_KEYS",
    KeysDiffer: "key {error} is not the key {error} of this database; put back the file keys, or set BANGBAN_KEYS",
    FingerprintsStale: "the oldest key was taken out, residents would not be found; `bangban keys rotate` mends it",
    KeyMissing: "there is no key {error}; `bangban keys list` shows them",
    NothingToPublish: "there is no draft to publish; import a file first",
    CatalogueChangedMeanwhile: "another process changed the catalogue at the same moment; run the command again",
    MatterNotFound: "there is no matter {error}",
    LetterNotFound: "there is no letter {error}; `bangban outbox list` shows their ids",
    LetterNotDead: "letter {error} is not dead: it waits, went or was dropped",
    SubjectUnknown: "there is no case and no conversation {error}",
    HoldSubjectUnknown: "there is no case and no conversation {error}",
    NotHeld: "{error} is not held; `bangban retention holds` shows what is",
    NoRecord: "this is no record that `bangban record export` wrote ({error})",
    SayingNotFound: "there is no saying {error}; `bangban review list` shows their numbers",
    SayingDecided: "saying {error} is decided already; `bangban review undo` takes it back",
    SayingOpen: "saying {error} is open already",
    TrainingFailed: "training failed:\n{error}",
}
"""What is said of an error, with the error's own text as `{error}`."""

NAMED: tuple[type[Exception], ...] = (
    *SAID,
    CommandFailed,
    BadRows,
    BrokenFile,
    KeyInUse,
    KeyInvalid,
    KeyMissing,
    KeysDiffer,
    KeysFileMissing,
    KeysInvalid,
    KeysLacking,
    OSError,
    PeersMissing,
    PeriodsInvalid,
    RatingRulesInvalid,
    ValidationError,
)
"""The errors that a person can mend."""


def explain(error: Exception) -> str:
    """The line for an error (a line for each bad row)."""
    match error:
        case ValidationError():
            first = error.errors()[0]
            return f"setting {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        case BadRows():
            return f"{len(error.problems)} bad rows, nothing was imported\n{error}"
        case KeysLacking(args=[lacking]):
            numbers = ", ".join(map(str, lacking))
            return f"{sum(lacking.values())} values are sealed with key {numbers}, which is not there; put it back"
        case KeyInUse(args=[number, values]):
            return f"key {number} still seals {values} values; `bangban keys rotate` first"
        case FileNotFoundError():
            return f"there is no file {error.filename}"
    said = next((text for kind, text in SAID.items() if isinstance(error, kind)), "{error}")
    return said.format(error=error)
