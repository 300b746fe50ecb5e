"""Alarms, the audit log, each shop's API, and finding each shop's turn quickly. Only additions: older code runs on it."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations.gently import index
from postventa.models import append_only, types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_inbound_unread", "inbound", ["shop_id", "id"], where="state = 'new'")
    rest = "state = 'planned' AND (kind != 'mail' OR legal_basis != 'transactional')"
    index(engine, "ix_effect_rest", "effect", ["shop_id", "due_at"], where=rest)
    urgent = "state = 'planned' AND kind = 'mail' AND legal_basis = 'transactional'"
    index(engine, "ix_effect_given_up", "effect", ["done_at"], where="state IN ('dead', 'unknown')")
    index(engine, "ix_inbound_unreadable", "inbound", ["done_at"], where="state IN ('poison', 'dead')")
    index(engine, "ix_effect_urgent", "effect", ["shop_id", "due_at"], where=urgent)


def upgrade() -> None:
    for name in ("trace", "failure"):
        op.add_column("inbound", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("inbound", sa.Column("failed_at", types.Moment(), nullable=True))
    for name in ("api_paused_until", "api_refused_at", "polled_until", "subscriptions_checked_at"):
        op.add_column("shop", sa.Column(name, types.Moment(), nullable=True))
    op.add_column("shop", sa.Column("api_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("shop", sa.Column("api_failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("shop", sa.Column("found_by_poll", sa.Integer(), nullable=False, server_default="0"))
    _alarm()
    _audit()


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_at", types.Moment(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=False),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.Column("told_at", types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index("uq_alarm_open", "alarm", ["name", "subject"], unique=True, sqlite_where=still_open, postgresql_where=still_open)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("shop_id", types.Id, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", types.Json(), nullable=False),
        sa.Column("after", types.Json(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_audit_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_shop_id"), "audit", ["shop_id"])
    for statement in append_only.statements(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
