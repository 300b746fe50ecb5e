"""Rules for returns, and what is known of a return that was opened with us. Tables and columns that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations.gently import index
from postventa.models import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True, "sqlite_autoincrement": True}
TEXTS = ("resolution", "method", "decided_by", "refund_when")
LISTS = ("accepted", "decision", "arrivals", "inspection")
OBJECTS = ("wish", "quoted", "destination")
MOMENTS = ("scanned_at", "inspected_at", "credited_at", "settled_at")


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_received", "return_case", ["shop_id", "received_at"])
    index(engine, "ix_orders_customer_id", "orders", ["customer_id"])


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("return_case", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for names, empty in ((LISTS, "[]"), (OBJECTS, "{}")):
        for name in names:
            op.add_column("return_case", sa.Column(name, types.Json(), nullable=False, server_default=empty))
    op.add_column("return_case", sa.Column("policy_version", sa.Integer(), nullable=True))
    for name in MOMENTS:
        op.add_column("return_case", sa.Column(name, types.Moment(), nullable=True))
    _photos()
    _policies()


def _photos() -> None:
    op.create_table(
        "return_photo",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("return_case_id", types.Id, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_photo_shop_id")),
        sa.ForeignKeyConstraint(["return_case_id"], ["return_case.id"], name=op.f("fk_return_photo_return_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_return_photo_name")),
        **STRICT,
    )
    op.create_index("ix_return_photo_return_case_id", "return_photo", ["return_case_id"])


def _policies() -> None:
    op.create_table(
        "return_policy",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", types.Json(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_policy_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_policy")),
        sa.UniqueConstraint("shop_id", "version", name=op.f("uq_return_policy_shop_id_version")),
        **STRICT,
    )
