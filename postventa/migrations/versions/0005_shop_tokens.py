"""Tokens of shops that install our Shopify app, and installations under way. Only tables that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_token",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("scopes", types.Json(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("refresh_expires_at", types.Moment(), nullable=True),
        sa.Column("installed_at", types.Moment(), nullable=False),
        sa.Column("renewed_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_token_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_token")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_shop_token_shop_id")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "install_state",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_install_state")),
        sa.UniqueConstraint("hash", name=op.f("uq_install_state_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_install_state_expires_at"), "install_state", ["expires_at"])
