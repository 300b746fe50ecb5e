"""The day that a shop promised for a parcel, and what it tags its products with. Columns that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parcel", sa.Column("promised_on", sa.Text(), nullable=False, server_default=""))
    op.add_column("product", sa.Column("tags", types.Json(), nullable=True))
