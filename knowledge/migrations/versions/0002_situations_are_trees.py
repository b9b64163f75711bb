"""Situations are trees: the options of each are one value, as deep as they are"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEADS = ("label", "means", "matter", "outcome")
SITUATION = sa.table("situation", sa.column("code", sa.String), sa.column("options", Json))
OPTION = sa.table(
    "situation_option", sa.column("situation"), sa.column("position"), *(sa.column(name) for name in LEADS)
)


def upgrade() -> None:
    options = _flat_options()
    with op.batch_alter_table("situation") as batch_op:
        batch_op.add_column(sa.Column("options", Json, nullable=True))
    op.execute(SITUATION.update().values(options=sa.literal([], Json)))
    for code, of_situation in options.items():
        op.execute(SITUATION.update().where(SITUATION.c.code == code).values(options=sa.literal(of_situation, Json)))
    with op.batch_alter_table("situation") as batch_op:
        batch_op.alter_column("options", existing_type=Json, nullable=False)
    op.drop_table("situation_option")


def downgrade() -> None:
    op.create_table(
        "situation_option",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("situation", sa.String(20), sa.ForeignKey("situation.code", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in LEADS),
        sa.UniqueConstraint("situation", "position"),
    )
    with op.batch_alter_table("situation") as batch_op:
        batch_op.drop_column("options")


def _flat_options() -> dict[str, list[dict[str, Any]]]:
    rows = op.get_bind().execute(sa.select(OPTION).order_by(OPTION.c.situation, OPTION.c.position)).mappings()
    options: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        options[row["situation"]].append({name: row[name] for name in LEADS if row[name]})
    return options
