"""Carriers that tell by themselves, and their codes for returns without a label. Only columns that may be null."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("carrier_account", sa.Column("told_at", types.Moment(), nullable=True))
    op.add_column("tracking", sa.Column("told_at", types.Moment(), nullable=True))
    op.add_column("label_tracking", sa.Column("told_at", types.Moment(), nullable=True))
    op.add_column("label", sa.Column("qr", sa.LargeBinary(), nullable=True))
