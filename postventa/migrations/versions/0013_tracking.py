"""What carriers tell of parcels, how long ways take, and labels that go back. Nothing that older code has to know."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations.gently import index
from postventa.models import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True, "sqlite_autoincrement": True}


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_parcel_shop_id_dispatched_at", "parcel", ["shop_id", "dispatched_at"])


def upgrade() -> None:
    op.add_column("label", sa.Column("given_back_at", types.Moment(), nullable=True))
    op.add_column("label", sa.Column("give_back_at", types.Moment(), nullable=True))
    op.add_column("label", sa.Column("give_back_trouble", sa.Text(), nullable=False, server_default=""))
    _accounts()
    _tracking()
    _scans()
    _lanes()


def _accounts() -> None:
    op.create_table(
        "carrier_account",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("next_call_at", types.Moment(), nullable=True),
        sa.Column("paused_until", types.Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_carrier_account_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_account")),
        sa.UniqueConstraint("shop_id", "carrier", name=op.f("uq_carrier_account_shop_id_carrier")),
        **STRICT,
    )


def _tracking() -> None:
    op.create_table(
        "tracking",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("parcel_id", types.Id, nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("next_at", types.Moment(), nullable=False),
        sa.Column("asked_at", types.Moment(), nullable=True),
        sa.Column("heard_at", types.Moment(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("claimed_until", types.Moment(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=False),
        *_of_a_parcel("tracking"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_tracking_parcel_id")),
        **STRICT,
    )
    going_on = sa.text("ended_at IS NULL")
    op.create_index("ix_tracking_due", "tracking", ["shop_id", "next_at"], sqlite_where=going_on, postgresql_where=going_on)
    op.create_index("ix_tracking_order_id", "tracking", ["order_id"])


def _scans() -> None:
    op.create_table(
        "scan",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("parcel_id", types.Id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("learned_at", types.Moment(), nullable=False),
        *_of_a_parcel("scan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("parcel_id", "source", "at", "word", name=op.f("uq_scan_parcel_id_source_at_word")),
        **STRICT,
    )
    op.create_index("ix_scan_order_id", "scan", ["order_id"])


def _of_a_parcel(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    targets = {"shop_id": "shop.id", "order_id": "orders.id", "parcel_id": "parcel.id"}
    return tuple(sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}")) for column, target in targets.items())


def _lanes() -> None:
    op.create_table(
        "lane",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("p50", sa.Integer(), nullable=False),
        sa.Column("p90", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("learned_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_lane_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane")),
        sa.UniqueConstraint(
            "shop_id", "carrier", "service", "origin", "destination", "area", "weekday",
            name=op.f("uq_lane_shop_id_carrier_service_origin_destination_area_weekday"),
        ),
        **STRICT,
    )  # fmt: skip
