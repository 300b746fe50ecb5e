"""Return labels that carriers are asked about. Only a table and an index that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations.gently import index
from postventa.models import types

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_label_shop_id_created_at", "label", ["shop_id", "created_at"])


def upgrade() -> None:
    op.create_table(
        "label_tracking",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("label_id", types.Id, nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("next_at", types.Moment(), nullable=False),
        sa.Column("asked_at", types.Moment(), nullable=True),
        sa.Column("heard_at", types.Moment(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("scanned_at", types.Moment(), nullable=True),
        sa.Column("delivered_at", types.Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("claimed_until", types.Moment(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_label_tracking_shop_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_label_tracking_order_id")),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_label_tracking_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_tracking")),
        sa.UniqueConstraint("label_id", name=op.f("uq_label_tracking_label_id")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    going_on = sa.text("ended_at IS NULL")
    op.create_index("ix_label_tracking_due", "label_tracking", ["shop_id", "next_at"], sqlite_where=going_on, postgresql_where=going_on)
    op.create_index("ix_label_tracking_order_id", "label_tracking", ["order_id"])
