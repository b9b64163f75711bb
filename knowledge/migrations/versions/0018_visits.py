"""Offices with windows, closures and market days; appointments, their places, the waiting list"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_wait",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("matters", Json, nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("goes_first", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("declined", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_appointment_wait_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_wait")),
        info={"forget": "delete", "retain": "conversations", "since": "asked_at"},
    )
    with op.batch_alter_table("appointment_wait") as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_wait_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_appointment_wait_state", ["state", "office_code"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("window_name", sa.String(length=60), nullable=False),
        sa.Column("matters", Json, nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("goes_first", sa.Boolean(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("wait_id", sa.String(length=26), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["staff.id"], name=op.f("fk_appointment_changed_by_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_appointment_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wait_id"],
            ["appointment_wait.id"],
            name=op.f("fk_appointment_wait_id_appointment_wait"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("reference", name=op.f("uq_appointment_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_appointment_token")),
        info={"forget": "delete", "retain": "conversations", "since": "ends_at"},
    )
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_appointment_office_starts", ["office_code", "starts_at"], unique=False)
        batch_op.create_index("ix_appointment_state_starts", ["state", "starts_at"], unique=False)
        batch_op.create_index(
            "uq_appointment_once",
            ["conversation_id", "starts_at", "whom"],
            unique=True,
            sqlite_where=sa.text("state IN ('booked', 'held')"),
            postgresql_where=sa.text("state IN ('booked', 'held')"),
        )

    op.create_table(
        "appointment_place",
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("window_name", sa.String(length=60), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("appointment_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_place_appointment_id_appointment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("office_code", "starts_at", "window_name", "seat", name=op.f("pk_appointment_place")),
    )
    with op.batch_alter_table("appointment_place") as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_place_appointment_id"), ["appointment_id"], unique=False)

    with op.batch_alter_table("office") as batch_op:
        batch_op.add_column(sa.Column("late_hours", Json, nullable=True))
        batch_op.add_column(sa.Column("windows", Json, nullable=True))
        batch_op.add_column(sa.Column("minutes", Json, nullable=True))
        batch_op.add_column(sa.Column("closures", Json, nullable=True))
        batch_op.add_column(sa.Column("market", Json, nullable=True))
        batch_op.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("directions", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("office") as batch_op:
        for column in (
            *("directions", "longitude", "latitude", "market"),
            *("closures", "minutes", "windows", "late_hours"),
        ):
            batch_op.drop_column(column)
    op.drop_table("appointment_place")
    op.drop_table("appointment")
    op.drop_table("appointment_wait")
