"""When the exchange of a return is looked at next."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("return_case", sa.Column("swap_at", types.Moment(), nullable=True))
