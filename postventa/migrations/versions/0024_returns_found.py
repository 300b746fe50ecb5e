"""Returns by the day on which somebody comes for them, and by when their exchange is looked at. Indexes only, built gently, which comes before a
revision's own columns.
"""

import sqlalchemy as sa

from postventa.migrations.gently import index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_pickup_on", "return_case", ["pickup_on"], "pickup_on <> ''")
    index(engine, "ix_return_case_swap", "return_case", ["swap_at"], "swap_at IS NOT NULL")


def upgrade() -> None:
    """Nothing else."""
