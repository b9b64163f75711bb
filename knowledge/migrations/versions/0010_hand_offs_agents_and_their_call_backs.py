"""Hand-offs, agents and their call-backs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json, UtcDateTime

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

STAFF = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("staff_id", STAFF, nullable=False),
        sa.Column("office_code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("skills", Json, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("hours", Json, nullable=True),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_agent_staff_id_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_agent")),
        sa.UniqueConstraint("office_code", "number", name=op.f("uq_agent_office_code_number")),
    )
    op.create_table(
        "handoff",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("matter_code", sa.String(length=100), nullable=True),
        sa.Column("skills", Json, nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("office_code", sa.String(length=40), nullable=True),
        sa.Column("packet", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("offered_to", STAFF, nullable=True),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("offer_due_at", UtcDateTime(), nullable=True),
        sa.Column("declined", Json, nullable=False),
        sa.Column("tier_due_at", UtcDateTime(), nullable=True),
        sa.Column("taken_by", STAFF, nullable=True),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("last_agent_at", UtcDateTime(), nullable=True),
        sa.Column("last_resident_at", UtcDateTime(), nullable=True),
        sa.Column("silence_due_at", UtcDateTime(), nullable=True),
        sa.Column("warned_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_handoff_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["offered_to"], ["staff.id"], name=op.f("fk_handoff_offered_to_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["staff.id"], name=op.f("fk_handoff_taken_by_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
    )
    with op.batch_alter_table("handoff") as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handoff_office_code"), ["office_code"], unique=False)
        batch_op.create_index(
            "ix_handoff_open_conversation",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'ended'"),
            postgresql_where=sa.text("state <> 'ended'"),
        )
        batch_op.create_index("ix_handoff_state_entered", ["state", "entered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_handoff_taken_by"), ["taken_by"], unique=False)

    op.create_table(
        "handoff_aside",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("handoff_id", sa.String(length=26), nullable=False),
        sa.Column("asked_by", STAFF, nullable=True),
        sa.Column("office_code", sa.String(length=40), nullable=True),
        sa.Column("asked_of", STAFF, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_by", STAFF, nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["staff.id"], name=op.f("fk_handoff_aside_answered_by_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["staff.id"], name=op.f("fk_handoff_aside_asked_by_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["asked_of"], ["staff.id"], name=op.f("fk_handoff_aside_asked_of_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_handoff_aside_handoff_id_handoff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_aside")),
    )
    with op.batch_alter_table("handoff_aside") as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_aside_handoff_id"), ["handoff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handoff_aside_office_code"), ["office_code"], unique=False)

    op.create_table(
        "handoff_event",
        sa.Column("seq", STAFF, nullable=False),
        sa.Column("handoff_id", sa.String(length=26), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("staff_id", STAFF, nullable=True),
        sa.Column("details", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_handoff_event_handoff_id_handoff"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_handoff_event_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_handoff_event")),
    )
    with op.batch_alter_table("handoff_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_handoff_event_handoff_id"), ["handoff_id"], unique=False)

    op.create_table(
        "handoff_note",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("handoff_id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("aside_id", sa.String(length=26), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("staff_id", STAFF, nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["aside_id"], ["handoff_aside.id"], name=op.f("fk_handoff_note_aside_id_handoff_aside"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_handoff_note_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_handoff_note_handoff_id_handoff"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_handoff_note_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_note")),
    )
    with op.batch_alter_table("handoff_note") as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_note_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handoff_note_handoff_id"), ["handoff_id"], unique=False)

    with op.batch_alter_table("callback") as batch_op:
        batch_op.add_column(sa.Column("region_code", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("ended_by", STAFF, nullable=True))
        batch_op.add_column(sa.Column("ended_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("delivery", sa.String(length=10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_column("delivery")
    with op.batch_alter_table("callback") as batch_op:
        for column in ("ended_at", "ended_by", "reminded_at", "region_code"):
            batch_op.drop_column(column)
    for table in ("handoff_note", "handoff_event", "handoff_aside", "handoff", "agent"):
        op.drop_table(table)
