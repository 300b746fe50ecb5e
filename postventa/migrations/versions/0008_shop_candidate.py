"""Keys that were typed in and not tried yet. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_candidate",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("told", types.Json(), nullable=False),
        sa.Column("shop_id", types.Id, nullable=True),
        sa.Column("asked_at", types.Moment(), nullable=True),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_candidate_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_candidate")),
        sa.UniqueConstraint("ref", name=op.f("uq_shop_candidate_ref")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
