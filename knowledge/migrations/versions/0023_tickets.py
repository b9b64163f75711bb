"""Tickets, the counters of their numbers, the windows that call"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'called')")
CALLED = sa.text("state = 'called'")


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("appointment_id", sa.String(length=26), nullable=True),
        sa.Column("matters", Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rank_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("window_name", sa.String(length=60), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("fallen", sa.Integer(), nullable=False),
        sa.Column("near_told", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_ticket_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_ticket_appointment_id_appointment"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["staff.id"], name=op.f("fk_ticket_changed_by_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        info={"forget": "delete", "retain": "conversations", "since": "taken_at"},
    )
    once, window = ["conversation_id", "office_code", "day"], ["office_code", "day", "window_name"]
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.create_index("uq_ticket_number", ["office_code", "day", "number"], unique=True)
        batch_op.create_index("uq_ticket_once", once, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
        batch_op.create_index("uq_ticket_at_window", window, unique=True, sqlite_where=CALLED, postgresql_where=CALLED)
        batch_op.create_index("ix_ticket_office_day_state", ["office_code", "day", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_appointment_id"), ["appointment_id"], unique=False)
    op.create_table(
        "ticket_counter",
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "day", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "ticket_window",
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("window_name", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "window_name", name=op.f("pk_ticket_window")),
    )


def downgrade() -> None:
    op.drop_table("ticket_window")
    op.drop_table("ticket_counter")
    op.drop_table("ticket")
