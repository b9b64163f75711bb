"""A form's fields are one value: they have items, and nobody looks for a single one"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORDS = ("key", "label", "type", "question", "example", "reason")
FORM = sa.table("form", sa.column("id", sa.Integer), sa.column("fields", Json))
FIELD = sa.table(
    "form_field",
    *(sa.column(name) for name in ("form_id", "position", "required", *WORDS)),
    sa.column("choices", Json),
    sa.column("rule", Json),
)


def upgrade() -> None:
    fields = _fields()
    with op.batch_alter_table("form") as batch_op:
        batch_op.add_column(sa.Column("fields", Json, nullable=True))
    op.execute(FORM.update().values(fields=sa.literal([], Json)))
    for form, of_form in fields.items():
        op.execute(FORM.update().where(FORM.c.id == form).values(fields=sa.literal(of_form, Json)))
    with op.batch_alter_table("form") as batch_op:
        batch_op.alter_column("fields", existing_type=Json, nullable=False)
    op.drop_table("form_field")


def downgrade() -> None:
    """The fields are lost: import the catalogue again."""
    op.create_table(
        "form_field",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("form_id", sa.Integer(), sa.ForeignKey("form.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*WORDS, "source")),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("rule", Json, nullable=False),
    )
    with op.batch_alter_table("form") as batch_op:
        batch_op.drop_column("fields")


def _fields() -> dict[int, list[dict[str, Any]]]:
    rows = op.get_bind().execute(sa.select(FIELD).order_by(FIELD.c.form_id, FIELD.c.position)).mappings()
    fields: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        record = {name: row[name] for name in (*WORDS, "choices", "rule") if row[name]}
        fields[row["form_id"]].append({**record, "required": bool(row["required"])})
    return fields
