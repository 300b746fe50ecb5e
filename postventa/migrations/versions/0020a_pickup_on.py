"""Returns by the day on which somebody comes for them. Only an index, which older code does not notice."""

import sqlalchemy as sa

from postventa.migrations.gently import index

revision = "0020a"
down_revision = "0020"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_pickup_on", "return_case", ["pickup_on"], "pickup_on <> ''")


def upgrade() -> None:
    """Nothing else."""
