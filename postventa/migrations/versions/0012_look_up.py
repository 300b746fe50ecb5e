"""Customers who ask for a link to their order. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_up",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("asked_at", types.Moment(), nullable=False),
        sa.Column("due_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_look_up_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_up")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_look_up_due_at", "look_up", ["due_at"])
