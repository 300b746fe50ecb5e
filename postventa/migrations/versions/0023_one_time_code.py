"""Codes that are mailed to whoever wants to see or change personal data. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("effect_id", types.Id, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("used_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_one_time_code_shop_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_one_time_code_order_id")),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_one_time_code_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_one_time_code_order_id", "one_time_code", ["order_id", "purpose"])
    op.create_index("ix_one_time_code_effect_id", "one_time_code", ["effect_id"])
