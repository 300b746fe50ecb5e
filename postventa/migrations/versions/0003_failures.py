"""Finding what failed lately: an index on a column that 0002 brought, so it cannot be built before it."""

import sqlalchemy as sa

from postventa.migrations.gently import index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_inbound_failed", "inbound", ["shop_id", "failed_at"], where="failed_at IS NOT NULL")


def upgrade() -> None:
    """The index is all."""
