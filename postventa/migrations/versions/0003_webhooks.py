"""Since when a shop's webhooks are known to be all right. Only an addition: older code runs on it."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop", sa.Column("subscriptions_well_at", types.Moment(), nullable=True))
