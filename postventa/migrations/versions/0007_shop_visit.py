"""What somebody waits for while a shop is looked at or connected. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_visit",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("plain", types.Flag(), nullable=False),
        sa.Column("shop_id", types.Id, nullable=True),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("result", types.Json(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", types.Moment(), nullable=False),
        sa.Column("begun_at", types.Moment(), nullable=True),
        sa.Column("done_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_visit_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_visit")),
        sa.UniqueConstraint("ref", name=op.f("uq_shop_visit_ref")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_visit_shop_id", "shop_visit", ["shop_id"])
