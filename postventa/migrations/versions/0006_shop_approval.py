"""Approvals that merchants were sent for. Only a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_approval",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("plain", types.Flag(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("key_ref", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_approval")),
        sa.UniqueConstraint("ref", name=op.f("uq_shop_approval_ref")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_shop_approval_state_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
