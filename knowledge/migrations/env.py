"""Alembic's entry: runs in the connection that `knowledge.schema` gives."""

from alembic import context

import knowledge.tables.catalogue
import knowledge.tables.conversation  # noqa: F401
from knowledge.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
