"""The import of a shop's past, products, privacy cases and blocked data. Tables that older code does not know, and two columns that may be empty."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True, "sqlite_autoincrement": True}


def upgrade() -> None:
    op.add_column("shop", sa.Column("next_call_at", types.Moment(), nullable=True))
    op.add_column("shop", sa.Column("gone_checked_at", types.Moment(), nullable=True))
    _imports()
    _products()
    _cases()
    _blocked()


def _imports() -> None:
    op.create_table(
        "shop_import",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("since", types.Moment(), nullable=False),
        sa.Column("until", types.Moment(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("begun_at", types.Moment(), nullable=False),
        sa.Column("stepped_at", types.Moment(), nullable=False),
        sa.Column("finished_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_import_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_import")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_shop_import_shop_id")),
        **STRICT,
    )


def _products() -> None:
    op.create_table(
        "product",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("categories", types.Json(), nullable=False),
        sa.Column("variants", types.Json(), nullable=False),
        sa.Column("gone", types.Flag(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_product_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("shop_id", "ref", name=op.f("uq_product_shop_id_ref")),
        **STRICT,
    )


def _cases() -> None:
    op.create_table(
        "privacy_case",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("result", types.Json(), nullable=False),
        sa.Column("export", sa.LargeBinary(), nullable=True),
        sa.Column("export_until", types.Moment(), nullable=True),
        sa.Column("asked_at", types.Moment(), nullable=False),
        sa.Column("due_at", types.Moment(), nullable=False),
        sa.Column("done_at", types.Moment(), nullable=True),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_privacy_case_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_case")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_privacy_case_shop_id_key")),
        **STRICT,
    )
    op.create_index("ix_privacy_case_state", "privacy_case", ["state", "due_at"])


def _blocked() -> None:
    op.create_table(
        "blocked_data",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("case_id", types.Id, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blocked_at", types.Moment(), nullable=False),
        sa.Column("until", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_blocked_data_shop_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_blocked_data_order_id")),
        sa.ForeignKeyConstraint(["case_id"], ["privacy_case.id"], name=op.f("fk_blocked_data_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_data")),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_blocked_data_shop_id_order_id")),
        **STRICT,
    )
    op.create_index("ix_blocked_data_until", "blocked_data", ["until"])
