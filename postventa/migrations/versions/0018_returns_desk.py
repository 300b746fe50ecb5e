"""Returns by where they stand, and labels by what a scanner reads. Only indexes, which older code does not notice."""

import sqlalchemy as sa

from postventa.migrations.gently import index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_state", "return_case", ["state", "id"])
    index(engine, "ix_label_tracking_number", "label", ["tracking_number"])


def upgrade() -> None:
    """Nothing else."""
