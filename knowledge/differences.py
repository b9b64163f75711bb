"""What the next publication would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge.database import Database
from knowledge.matter import Matter
from knowledge.matter_store import DRAFT, PUBLISHED, load
from knowledge.national import label_of
from knowledge.record import record_of
from knowledge.tables.catalogue import MatterRow


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a changed matter: values as in its file, None where it has none."""

    key: str
    label: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class MatterChange:
    """A matter whose draft differs from the published version."""

    old: Matter
    new: Matter
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """The drafts and marks, against what is published."""

    added: tuple[Matter, ...]
    changed: tuple[MatterChange, ...]
    retired: tuple[Matter, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired)


async def differences(database: Database) -> Differences:
    """Added, changed field by field, and retired matters, in the order of their codes."""
    async with database.reading() as session:
        drafts = [stored.matter for stored in await load(session, MatterRow.status == DRAFT)]
        published = await load(session, MatterRow.status == PUBLISHED)
    heads = {stored.matter.key: stored.matter for stored in published}
    return Differences(
        added=tuple(draft for draft in drafts if draft.key not in heads),
        changed=tuple(_change(heads[draft.key], draft) for draft in drafts if draft.key in heads),
        retired=tuple(stored.matter for stored in published if stored.retiring),
    )


def _change(old: Matter, new: Matter) -> MatterChange:
    before, after = record_of(old), record_of(new)
    if new.effective_from is None:
        before.pop("effective_from", None)  # the draft has no day of its own, so the day is no change
    keys = [key for key in Matter.__dataclass_fields__ if before.get(key) != after.get(key)]
    changes = (FieldChange(key, label_of(key), before.get(key), after.get(key)) for key in keys)
    return MatterChange(old, new, tuple(changes))
