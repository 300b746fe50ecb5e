"""Those returns are found by an index, in a revision of its own: it is built gently, which comes before a revision's columns."""

import sqlalchemy as sa

from postventa.migrations.gently import index

revision = "0021b"
down_revision = "0021"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_swap", "return_case", ["swap_at"], "swap_at IS NOT NULL")


def upgrade() -> None:
    """Nothing else."""
