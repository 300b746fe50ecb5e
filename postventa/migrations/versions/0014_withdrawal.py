"""Statements of withdrawal. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import evidence, types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("submitted_at", types.Moment(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("blocked_at", types.Moment(), nullable=True),
        sa.Column("keep_until", types.Moment(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("ip_hash", sa.Text(), nullable=False),
        sa.Column("order_hint", types.Id, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", types.Id, nullable=True),
        sa.Column("return_case_id", types.Id, nullable=True),
        sa.Column("refunded_before", sa.Text(), nullable=False),
        sa.Column("tried_at", types.Moment(), nullable=True),
        sa.Column("matched_at", types.Moment(), nullable=True),
        sa.Column("matched_how", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("receipt_at", types.Moment(), nullable=True),
        sa.Column("receipt_how", sa.Text(), nullable=False),
        sa.Column("receipt_trouble", sa.Text(), nullable=False),
        sa.Column("released_at", types.Moment(), nullable=True),
        sa.Column("released_how", sa.Text(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("settled_at", types.Moment(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_withdrawal_shop_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_withdrawal_order_id")),
        sa.ForeignKeyConstraint(["return_case_id"], ["return_case.id"], name=op.f("fk_withdrawal_return_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("ref", name=op.f("uq_withdrawal_ref")),
        sa.UniqueConstraint("shop_id", "form_key", name=op.f("uq_withdrawal_shop_id_form_key")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_withdrawal_shop_id_submitted_at", "withdrawal", ["shop_id", "submitted_at"])
    op.create_index("ix_withdrawal_ip_hash_created_at", "withdrawal", ["ip_hash", "created_at"])
    op.create_index("ix_withdrawal_email_created_at", "withdrawal", ["email", "created_at"])
    op.create_index("ix_withdrawal_order_id", "withdrawal", ["order_id"])
    op.create_index("ix_withdrawal_keep_until", "withdrawal", ["keep_until"])
    still_open = sa.text("state = 'open' OR receipt_at IS NULL")
    op.create_index("ix_withdrawal_open", "withdrawal", ["shop_id"], sqlite_where=still_open, postgresql_where=still_open)
    for statement in evidence.statements(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
