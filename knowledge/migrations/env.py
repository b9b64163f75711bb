"""Alembic's entry: runs in the connection that `knowledge.schema` gives."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, TypeDecorator

import knowledge.tables.after
import knowledge.tables.call
import knowledge.tables.case
import knowledge.tables.catalogue
import knowledge.tables.channel
import knowledge.tables.conversation
import knowledge.tables.handoff
import knowledge.tables.home_visit
import knowledge.tables.link
import knowledge.tables.paper
import knowledge.tables.proxy
import knowledge.tables.resident
import knowledge.tables.review
import knowledge.tables.sms
import knowledge.tables.staff
import knowledge.tables.ticket
import knowledge.tables.visit
import knowledge.tables.window  # noqa: F401
from knowledge.tables import Base


def render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column types by their names, so that a migration reads like the tables."""
    if kind == "type" and isinstance(thing, JSON):
        autogen.imports.add("from knowledge.tables import Json")
        return "Json"
    if kind == "type" and isinstance(thing, TypeDecorator):
        name = type(thing).__name__
        autogen.imports.add(f"from {type(thing).__module__} import {name}")
        return f"{name}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
