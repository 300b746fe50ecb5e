"""A value for every row, and an index over it."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations import gently as slowly

revision, down_revision, branch_labels, depends_on = "9002", "9001", None, None


def gently(engine: sa.Engine) -> None:
    slowly.fill(engine, "inbound", "weight = length(topic)", "weight IS NULL")
    slowly.index(engine, "ix_inbound_weight", "inbound", ["weight"])


def upgrade() -> None:
    op.add_column("shop", sa.Column("hats", sa.Integer(), nullable=False, server_default="0"))
